"""A backup of a store that goes on working: its file copied, or an export where a server has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .errors import Damaged, Failed, Refused
from .exporting import export_store
from .opening import Store
from .shelves import beside, sync


def back_up(store: Store, path: Path) -> Path:
    """Write a backup, of one moment, to a new file; it is checked before it stands there.

    Of SQLite it is a database: put it in an empty folder under the name ``gridgeo.sqlite`` and
    that is the store again. Of PostgreSQL it is an export, a .zip for ``import_store``.

    Raises:
        Conflict: something stands at ``path``.
        Refused: the export of PostgreSQL is not to be a .zip.
        Damaged: the database is damaged, and so would be its backup.
        Failed: the backup cannot be written, as where the disk is full.
        OSError: the folder cannot be written.
    """
    if store.engine.dialect.name == "postgresql":
        if path.suffix.lower() != ".zip":
            raise Refused(f"A backup of PostgreSQL is a .zip, and {path.name} is none. Rename it.")
        export_store(store, path)
        return path
    with beside(path) as draft:
        draft.touch(mode=0o600)
        with _in_words(path), closing(sqlite3.connect(draft)) as copy:
            raw = store.engine.raw_connection()
            try:
                # all pages in one step: who writes meanwhile is not waited for, nor copied
                raw.driver_connection.backup(copy)  # type: ignore[union-attr]
            finally:
                raw.close()
            # a file alone, with no log beside it that could be left behind
            copy.execute("PRAGMA journal_mode = DELETE")
            told = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if told != "ok":
            raise Damaged(f"The database is damaged: {told}. Go back to an earlier backup.")
        sync(draft)
    return path


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise Failed(
            f"The backup cannot be written to {path.parent}: {fault}. Make room there, or name "
            "another place."
        ) from fault
