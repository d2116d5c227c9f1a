"""The whole store as files: one JSON object a row, and each content under its hash."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from .errors import StoreError
from .migrating import revision_of
from .opening import Store
from .shelves import Shelf, new_shelf
from .tables import Table
from .unit import Unit

FORMAT = 1
MANIFEST = "manifest.json"
# where the pieces of files go, as whole files
_PIECES = "file_chunks"
# rows that name rows of their own table come after these
_ORDERS = {"plans": ("community_id", "number")}


def export_store(store: Store, path: Path) -> dict[str, int]:
    """Write all that a store holds, of one moment, while others go on writing.

    ``path``: a new folder, or a new .zip. It holds ``manifest.json`` (format, revision of the
    schema, program, and of each table its rows and hash), ``tables/NAME.jsonl``, and
    ``files/ab/SHA256``. Equal stores give equal bytes. It holds the hashes of passwords: keep it
    as the store is kept.

    Returns:
        How many rows there are, by table.

    Raises:
        Conflict: something stands at ``path``.
        Damaged: a content is not what was put in.
        OSError: the folder cannot be written.
    """
    from importlib.metadata import version

    with new_shelf(path) as shelf, store.read() as unit:
        tables = {
            table.name: _write_table(unit, table, shelf)
            for table in Table.metadata.sorted_tables
            if table.name != _PIECES
        }
        _write_files(unit, shelf)
        manifest = {
            "format": FORMAT,
            "schema": revision_of(unit.session.connection()),
            "program": f"gridgeo {version('gridgeo')}",
            "tables": tables,
        }
        with shelf.writing(MANIFEST) as stream:
            stream.write(json.dumps(manifest, indent=2).encode())
    return {name: int(told["rows"]) for name, told in tables.items()}


def _write_table(unit: Unit, table: sa.Table, shelf: Shelf) -> dict[str, Any]:
    total = hashlib.sha256()
    rows = 0
    with shelf.writing(table_name(table.name)) as stream:
        for line in _lines(unit, table):
            stream.write(line)
            total.update(line)
            rows += 1
    return {"rows": rows, "sha256": total.hexdigest()}


def _lines(unit: Unit, table: sa.Table) -> Iterator[bytes]:
    order = _ORDERS.get(table.name, tuple(column.name for column in table.primary_key))
    chosen = sa.select(table).order_by(*(table.c[name] for name in order))
    rows = unit.session.connection().execute(chosen, execution_options={"yield_per": 1000})
    for row in rows.mappings():
        plain = {column.name: _plain(row[column.name]) for column in table.columns}
        yield json.dumps(plain, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _write_files(unit: Unit, shelf: Shelf) -> None:
    for sha256 in unit.files.all_names():
        with shelf.writing(file_name(sha256)) as stream:
            _copy(unit, sha256, stream)


def _copy(unit: Unit, sha256: str, stream: BinaryIO) -> None:
    for piece in unit.files.pieces(sha256):
        stream.write(piece)


def table_name(table: str) -> str:
    """Return the name of the file that the rows of a table are in."""
    return f"tables/{table}.jsonl"


def file_name(sha256: str) -> str:
    """Return the name of the file that a content is in.

    Raises:
        StoreError: it is no hash, and might name a place elsewhere.
    """
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise StoreError(f"{sha256[:80]!r} is no SHA-256 in hex.")
    return f"files/{sha256[:2]}/{sha256}"
