"""Makes ``data/store_0001.*``: a store of the first schema with something in every table.

Made once, with the GridGeo that brought the first schema, and kept as it was. A later GridGeo
would write its own schema: there is no need to run this again.

    PYTHONPATH=. python tests/gridgeo/first_store.py
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import tempfile
from pathlib import Path

from small_stores import fill

from gridgeo.store import Store
from gridgeo.store.exporting import export_store

DATA = Path(__file__).parent / "data"


def make() -> None:
    """Write the database, and the export of it."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        fill(store)
        export_store(store, Path(folder) / "export.zip")
        store.close()
        database = Path(folder) / "gridgeo.sqlite"
        raw = sqlite3.connect(database)
        raw.execute("PRAGMA journal_mode = DELETE")
        raw.execute("PRAGMA page_size = 512")
        raw.execute("VACUUM")
        raw.close()
        (DATA / "store_0001.sqlite.gz").write_bytes(gzip.compress(database.read_bytes(), mtime=0))
        shutil.copyfile(Path(folder) / "export.zip", DATA / "store_0001.zip")


if __name__ == "__main__":
    make()
