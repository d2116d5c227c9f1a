"""Engines: SQLite and PostgreSQL set up so that what was acknowledged survives a crash."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from .column_types import to_json
from .errors import Busy, Refused, StoreError

SQLITE_NAME = "gridgeo.sqlite"
# how long a writer waits for the ones before it; writes are short, so this is many of them
WAIT_S = 60
# what the write-ahead log of SQLite is cut to when it has grown
LOG_BYTES = 64 << 20

# what PostgreSQL says where trying again may do (None: it could not be reached): serialization,
# deadlock, too many connections, lock not available, and on its way down or up
_PASSING = {None, "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03"}

# the execution option that makes a transaction of SQLite take the write lock at its beginning
WRITING = "gridgeo_writing"


def url_of(where: str | Path) -> URL:
    """Return the address of a database: a URL, or the folder that the default one stands in.

    Raises:
        Refused: a URL of a database that is neither SQLite nor PostgreSQL, or no URL.
    """
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text) / SQLITE_NAME))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # the text may hold a password: it is not said again
        raise Refused(
            "The database URL cannot be read. Give postgresql://user@host/name."
        ) from None
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url
    raise Refused(
        f"A database of the kind {url.drivername!r} cannot hold the store. Give a folder, "
        "sqlite:///FILE or postgresql://user@host/name."
    )


def has_password(where: str) -> bool:
    """Tell whether the address of a database says its password, for all to see who see it."""
    try:
        return bool(make_url(where).password)
    except (ArgumentError, ValueError):
        return "@" in where


def open_engine(url: URL) -> Engine:
    """Return an engine for an address of ``url_of``; the file of SQLite is made where missing."""
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _postgresql(url: URL) -> Engine:
    return sa.create_engine(url, json_serializer=to_json, pool_pre_ping=True, pool_size=10)


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # hashes of passwords are in it: for its owner alone, and so what SQLite puts beside it
        path.touch(mode=0o600, exist_ok=True)
    except OSError as fault:
        raise StoreError(
            f"The store cannot stand in {path.parent}: {fault.strerror}. Name another folder, or "
            "let this user write there."
        ) from fault
    engine = sa.create_engine(
        url,
        json_serializer=to_json,
        pool_size=20,
        max_overflow=30,
        connect_args={"timeout": WAIT_S},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    _switch_to_wal(engine)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions when it sees fit; SQLAlchemy says when, see _begin
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: in WAL mode, NORMAL may lose the last commits when the power goes
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # after a large write the log beside the file would keep its size for good
    cursor.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    # without it REPLACE removes rows behind the back of the triggers that forbid it
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer that begins as a reader may find, at its first write, that another one has written
    # meanwhile: SQLite then fails at once, however long one would wait.
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _switch_to_wal(engine: Engine) -> None:
    # The mode stays with the file. While another process switches it too, SQLite says "locked"
    # without waiting, so the waiting is ours.
    until = time.monotonic() + WAIT_S
    while True:
        try:
            with closing(engine.raw_connection()) as raw:
                mode = raw.cursor().execute("PRAGMA journal_mode = WAL").fetchone()
            break
        except (sqlite3.DatabaseError, DBAPIError) as fault:
            told = str(getattr(fault, "orig", fault))
            if "locked" not in told:
                raise StoreError(
                    f"{engine.url.database} cannot be used: {told}. "
                    "If it is damaged, put a backup in its place."
                ) from fault
            if time.monotonic() > until:
                raise Busy("The database is locked by another program.") from fault
            time.sleep(0.01)
    if mode != ("wal",):
        raise Refused(
            f"SQLite cannot use write-ahead logging here (it says {mode}). "
            "Put the folder on a local disk."
        )


def is_busy(fault: DBAPIError) -> bool:
    """Tell whether a fault passes: a lock that did not come free, a server that is away."""
    if fault.connection_invalidated or "database is locked" in str(fault.orig):
        return True
    of_postgresql = type(fault.orig).__module__.startswith("psycopg")
    return of_postgresql and getattr(fault.orig, "sqlstate", None) in _PASSING


def is_full(fault: DBAPIError) -> bool:
    """Tell whether the disk of the database is full."""
    return "disk is full" in str(fault.orig) or getattr(fault.orig, "sqlstate", None) == "53100"
