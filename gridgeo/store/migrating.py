"""The schema of a database brought up to date, by code, at opening."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from .engine import WRITING, is_busy, is_full
from .errors import Busy, Failed, Full, StoreError
from .tables import Table

_FOLDER = Path(__file__).parent / "migrations"
# any number that no other program on the same server uses for its locks
_LOCK = 0x67726964


def newest_revision() -> str:
    """Return the revision of the schema that this program writes."""
    head = ScriptDirectory(str(_FOLDER)).get_current_head()
    if head is None:  # pragma: no cover - the first one is kept forever
        raise StoreError("The migrations are missing from the installation. Install it again.")
    return head


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema of a database, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema of a database to a revision, whole or not at all.

    Of several processes that do so at once the first one works, and the others wait for it.

    Raises:
        StoreError: the schema is of a later program, or PostGIS is missing.
        Busy: the server is away.
        Full: its disk is full.
        Failed: the database refuses, as where the user may not make tables.
    """
    wanted = newest_revision() if revision == "head" else revision
    try:
        with engine.connect() as looking:
            if revision_of(looking) == wanted:
                return
        with engine.execution_options(**{WRITING: True}).begin() as connection:
            if connection.dialect.name == "postgresql":
                lock = sa.text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(lock, {"key": _LOCK})
            config = Config()
            config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as fault:
        raise StoreError(
            f"The store has a schema that this program does not know ({fault}). "
            "Install the program that wrote it, or a later one."
        ) from fault
    except DBAPIError as fault:
        if is_busy(fault):
            first = str(fault.orig).splitlines()[0]
            raise Busy(f"The database cannot be reached: {first}") from fault
        if is_full(fault):
            raise Full("The disk of the database is full. Make room for it.") from fault
        raise Failed(f"The schema could not be brought up to date: {fault.orig}") from fault


def differences(connection: Connection) -> list[Any]:
    """Return in what the schema of a database differs from the tables of this program."""
    context = MigrationContext.configure(
        connection,
        opts={
            "target_metadata": Table.metadata,
            "compare_type": True,
            "include_object": is_ours,
        },
    )
    return list(compare_metadata(context, Table.metadata))


def is_ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _against: object) -> bool:
    """Tell whether a thing of the database is for the tables to say: PostGIS has its own."""
    if kind == "table":
        return name != "spatial_ref_sys"
    # the indexes over geometry, which PostgreSQL alone has
    return not (kind == "index" and str(name).endswith("_shape"))
