"""The store: opened with its schema up to date, read and written in units."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from . import engine as engines
from .errors import Busy, Conflict, Failed, Full, Immutable, Stale
from .migrating import newest_revision, revision_of, upgrade
from .tables import PIECE_BYTES
from .trail import ACTOR, Actor, UnitSession
from .unit import Unit


class Store:
    """Plans, publications, people and jobs in a database; safe for threads and processes.

    A process that forks opens its own in the child.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{engines.WRITING: True})
        self._reading = engine
        if engine.dialect.name == "postgresql":
            # all that a unit reads is of one moment, as it is on SQLite
            self._reading = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @classmethod
    def open(cls, where: str | Path) -> Store:
        """Open a store, and bring its schema up to date; several processes may do so at once.

        ``where``: a folder, made where missing, for SQLite in it; or a URL of PostgreSQL
        (with PostGIS) or SQLite.

        Raises:
            StoreError: the URL is none, the folder cannot be written, the database is away, or
                has a schema of a later program.
        """
        engine = engines.open_engine(engines.url_of(where))
        try:
            upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @property
    def url(self) -> URL:
        """Where the database is; a password in it is hidden when printed."""
        return self.engine.url

    def close(self) -> None:
        """Close the connections; units that are open end first."""
        self.engine.dispose()

    def is_current(self) -> bool:
        """Tell whether the schema is the one of this program.

        Raises:
            StoreError: the database gives no answer.
        """
        with _in_words(), self.engine.connect() as connection:
            return revision_of(connection) == newest_revision()

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            Busy: it gives none.
        """
        with self.read() as unit:
            unit.session.connection()

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Give a unit that reads: all of one moment, whatever others write meanwhile.

        Raises:
            StoreError: it writes; Busy where the database is away.
        """
        with _in_words(), UnitSession(self._reading, expire_on_commit=False) as session:
            yield Unit(session)

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Unit]:
        """Give a unit that writes: all of it or, after an exception, nothing.

        What it changes lands in the audit log with it, as done by ``actor``. Once the block is
        left without an exception, it survives a crash. Keep it short: on SQLite one unit writes
        at a time, and the others wait.

        Raises:
            StoreError: one of its kinds, of ``gridgeo.store.errors``.
        """
        session = UnitSession(self._writing, expire_on_commit=False, info={ACTOR: actor})
        with _in_words(), session:
            # takes the lock before the first look, so that what it reads stays true
            session.connection()
            yield Unit(session)
            session.commit()

    def pieces(self, sha256: str, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a file from ``start`` to before ``stop``, in pieces.

        No transaction is open between two pieces: a slow reader holds nothing up.

        Raises:
            NotFound: no such file.
            Damaged: a piece is missing.
        """
        with self.read() as unit:
            size_bytes = unit.files.size_bytes(sha256)
        stop = size_bytes if stop is None else min(stop, size_bytes)
        for seq in range(start // PIECE_BYTES, -(-stop // PIECE_BYTES)):
            with self.read() as unit:
                piece = unit.files.piece(sha256, seq)
            at = seq * PIECE_BYTES
            yield piece[max(0, start - at) : stop - at]

    def save(self, sha256: str, path: Path) -> Path:
        """Write a file of the store to disk, checked, whole or not at all.

        Raises:
            NotFound: no such file.
            Damaged: it is not what was put in.
            OSError: the folder cannot be written.
        """
        with tempfile.TemporaryDirectory(prefix=".store-", dir=path.parent) as beside:
            draft = Path(beside) / "draft"
            with draft.open("wb") as stream, self.read() as unit:
                for piece in unit.files.pieces(sha256):
                    stream.write(piece)
            draft.replace(path)
        return path


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what the database refuses into errors of the store."""
    try:
        yield
    except StaleDataError as fault:
        raise Stale("Another one has changed the row meanwhile. Read it again.") from fault
    except IntegrityError as fault:
        if "append-only" in str(fault.orig):
            raise Immutable("This is kept for good: it is neither changed nor removed.") from fault
        raise Conflict(
            "The write contradicts what the store holds: a name or number is taken, or a row "
            "that it names is not there."
        ) from fault
    except PoolTimeoutError as fault:
        raise Busy("All connections to the database are in use. Try again.") from fault
    except DBAPIError as fault:
        if engines.is_busy(fault):
            raise Busy("The database is away or did not come free in time. Try again.") from fault
        if engines.is_full(fault):
            raise Full("The disk of the database is full. Make room for it.") from fault
        if "append-only" in str(fault.orig):
            raise Immutable("This is kept for good: it is neither changed nor removed.") from fault
        raise Failed(f"The database failed: {type(fault.orig).__name__}.") from fault
