"""gridgeo store: the database taken out, brought in, backed up and brought up to date."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .told import told

store = typer.Typer(
    help="Take the plans of the service out as files, bring them in, back them up.",
    no_args_is_help=True,
)

Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The folder of the service's data; else GRIDGEO_DATA."),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="postgresql://user@host/name; else, and with a password better, GRIDGEO_DATABASE.",
    ),
]


@store.command("export")
def export(
    path: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder, or a new .zip.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Write everything the store holds as files: JSON lines, and contents by their hash."""
    with told():
        from ..store import Store
        from ..store.exporting import export_store

        opened = Store.open(_existing(data, database))
        try:
            _say_rows(f"Exported to {path}", export_store(opened, path))
        finally:
            opened.close()


@store.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="IN", help="The folder or .zip of an export.")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Fill a new store with an export, of SQLite or of PostgreSQL; every hash is checked."""
    with told():
        from ..store.importing import import_store

        where = _place(data, database)
        _say_rows(f"Imported {path}", import_store(path, where))


@store.command("backup")
def backup(
    path: Annotated[
        Path, typer.Argument(metavar="OUT", help="A new file; a .zip where PostgreSQL is used.")
    ],
    data: Data = None,
    database: Database = None,
) -> None:
    """Write a backup while the service runs.

    Put it back: of SQLite as DIR/gridgeo.sqlite in an empty folder, of PostgreSQL with
    "gridgeo store import".
    """
    with told():
        from ..store import Store
        from ..store.backup import back_up

        opened = Store.open(_existing(data, database))
        try:
            typer.echo(f"Backed up to {back_up(opened, path)}")
        finally:
            opened.close()


@store.command("migrate")
def migrate(data: Data = None, database: Database = None) -> None:
    """Make a store, or bring its tables up to date; the service does so too when it starts."""
    with told():
        from ..store import Store
        from ..store.migrating import newest_revision

        Store.open(_place(data, database)).close()
        typer.echo(f"The store has schema {newest_revision()}")


@store.command("admin-link")
def admin_link(data: Data = None, database: Database = None) -> None:
    """Print a link that makes a new admin, once, within a day.

    For when no admin can sign in any more. The new one gives the others links for new passwords,
    or shuts them out. Earlier links that nobody has used work no more.
    """
    with told():
        from ..service.serving import admin_link as link_of
        from ..store import Actor, Store

        opened = Store.open(_existing(data, database))
        try:
            secret = link_of(opened, Actor("gridgeo store admin-link"))
        finally:
            opened.close()
        typer.echo(f"Open this at the address of the service, within a day: /join/{secret}")


def _place(data: Path | None, database: str | None) -> str:
    """Return where the store is: as said here or else, as for serve, in the environment."""
    from ..store import Refused

    said = [str(where) for where in (database, data) if where is not None]
    if not said:
        found = (os.environ.get(name) for name in ("GRIDGEO_DATABASE", "GRIDGEO_DATA"))
        said = [where for where in found if where][:1]
    if len(said) != 1:
        raise Refused("Say where the store is: --data DIR or --database URL, one of them.")
    return said[0]


def _existing(data: Path | None, database: str | None) -> str:
    """Return where the store is; a folder without one is not made into one."""
    from ..store import NotFound
    from ..store.engine import SQLITE_NAME

    where = _place(data, database)
    if "://" not in where and not (Path(where) / SQLITE_NAME).exists():
        raise NotFound(f"There is no store in {where}: it holds no {SQLITE_NAME}.")
    return where


def _say_rows(done: str, rows: dict[str, int]) -> None:
    full = ", ".join(f"{count} {name}" for name, count in sorted(rows.items()) if count)
    typer.echo(f"{done}: {full or 'an empty store'}")
