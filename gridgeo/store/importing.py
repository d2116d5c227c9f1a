"""A store from the files of an export: every hash checked, all of it or nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from .engine import WRITING, is_busy, is_full, open_engine, url_of
from .errors import Busy, Conflict, Damaged, Full, Refused
from .exporting import FORMAT, MANIFEST, file_name, table_name
from .migrating import revision_of, upgrade
from .shelves import Shelf, open_shelf
from .tables import PIECE_BYTES

_ROWS_AT_ONCE = 500


def import_store(path: Path, where: str | Path) -> dict[str, int]:
    """Fill a new store with an export of any of the two databases; it is then as it was.

    ``where``: as for ``Store.open``. An export of an earlier program is read with the schema of
    its time, and migrated then.

    Returns:
        How many rows there are, by table.

    Raises:
        NotFound: nothing stands at ``path``.
        Damaged: a hash or a count differs, a file is missing or one too many.
        Refused: the export is of another format.
        Conflict: the store holds something already.
        Full, Busy: the disk of the database is full, or its server went away.
        StoreError: the export is of a later program.
    """
    with open_shelf(path) as shelf:
        manifest = _manifest(shelf)
        engine = open_engine(url_of(where))
        try:
            upgrade(engine, manifest["schema"])
            with engine.execution_options(**{WRITING: True}).begin() as connection:
                _Import(connection, shelf, manifest).run()
            upgrade(engine)
        except DBAPIError as fault:
            if is_full(fault):
                raise Full("The disk of the database is full. Make room for it.") from fault
            if is_busy(fault):
                raise Busy("The database went away meanwhile. Try again.") from fault
            raise Damaged(f"The export contradicts itself: {fault.orig}.") from fault
        finally:
            engine.dispose()
    return {name: int(told["rows"]) for name, told in manifest["tables"].items()}


def _manifest(shelf: Shelf) -> dict[str, Any]:
    with shelf.reading(MANIFEST) as stream:
        try:
            manifest = json.loads(stream.read())
        except ValueError as fault:
            raise Damaged(f"{MANIFEST} is no JSON: {fault}.") from fault
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refused(
            f"This is no export of format {FORMAT}. Name one, or install the program that wrote it."
        )
    if not isinstance(manifest.get("tables"), dict) or not isinstance(manifest.get("schema"), str):
        raise Damaged(f"{MANIFEST} does not say its tables and its schema.")
    return manifest


class _Import:
    """One import, within one transaction."""

    def __init__(self, connection: Connection, shelf: Shelf, manifest: dict[str, Any]) -> None:
        self.connection = connection
        self.shelf = shelf
        self.told = manifest["tables"]
        self.schema = manifest["schema"]
        # as the schema of the export was, which may be older than the tables of this program
        self.tables = sa.MetaData()

    def run(self) -> None:
        if revision_of(self.connection) != self.schema:
            raise Conflict("The store has a later schema than the export. Import into a new one.")
        self.tables.reflect(self.connection, only=self._ours)
        self._check_names()
        tables = [self.tables.tables[name] for name in self._in_order()]
        for table in tables:
            if self.connection.execute(sa.select(table).limit(1)).first() is not None:
                raise Conflict(f"The store holds {table.name} already. Import into a new one.")
        for table in tables:
            self._load(table)
        self._check_files()

    def _ours(self, name: str, _tables: object) -> bool:
        return name in self.told or name == "file_chunks"

    def _in_order(self) -> list[str]:
        ordered = [table.name for table in self.tables.sorted_tables]
        return [name for name in ordered if name in self.told]

    def _check_names(self) -> None:
        unknown = sorted(self.told.keys() - self.tables.tables.keys())
        if unknown or "files" not in self.told:
            raise Damaged(f"{MANIFEST} names tables that are none, or no files: {unknown[:3]}.")

    def _load(self, table: sa.Table) -> None:
        total = hashlib.sha256()
        rows = 0
        with self.shelf.reading(table_name(table.name)) as stream:
            while lines := list(islice(stream, _ROWS_AT_ONCE)):
                for line in lines:
                    total.update(line)
                values = [
                    _values(table, line, place=f"{table.name}, row {rows + i}")
                    for i, line in enumerate(lines, start=1)
                ]
                self.connection.execute(sa.insert(table), values)
                if table.name == "files":
                    for row in values:
                        self._load_content(row["sha256"], row["size_bytes"])
                rows += len(lines)
        told = self.told[table.name]
        if (rows, total.hexdigest()) != (told["rows"], told["sha256"]):
            raise Damaged(
                f"{table_name(table.name)} is not what was exported: it has {rows} rows, "
                f"{told['rows']} were told, and its hash is {total.hexdigest()[:12]}."
            )

    def _load_content(self, sha256: str, size_bytes: int) -> None:
        total = hashlib.sha256()
        read_bytes = 0
        chunks = sa.insert(self.tables.tables["file_chunks"])
        with self.shelf.reading(file_name(sha256)) as stream:
            for seq, piece in enumerate(iter(lambda: stream.read(PIECE_BYTES), b"")):
                values = {"sha256": sha256, "seq": seq, "content": piece}
                self.connection.execute(chunks, values)
                total.update(piece)
                read_bytes += len(piece)
        if (total.hexdigest(), read_bytes) != (sha256, size_bytes):
            raise Damaged(f"{file_name(sha256)} is not what was exported: its hash differs.")

    def _check_files(self) -> None:
        files = self.connection.scalars(sa.select(self.tables.tables["files"].c.sha256))
        wanted = {MANIFEST, *map(table_name, self.told), *map(file_name, files)}
        more = sorted(self.shelf.names() - wanted)
        if more:
            raise Damaged(
                f"{len(more)} files are no part of the export (first: {more[0]}). "
                "Take them out, or find out how they came there."
            )


def _values(table: sa.Table, line: bytes, *, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if row.keys() != set(table.columns.keys()):
            raise Damaged(f"{place}: its columns are not those of the table.")
        return {name: _value(table.columns[name].type, value) for name, value in row.items()}
    except (ValueError, TypeError, AttributeError) as fault:
        raise Damaged(f"{place}: cannot be read: {fault}.") from fault


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        # of a column of JSON, too, it is SQL's own NULL
        return sa.null() if isinstance(kind, sa.JSON) else None
    if isinstance(kind, sa.DateTime):
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value, validate=True)
    return value
