"""gridgeo serve: the service with everything it needs, on the embedded database or another."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .told import told

if TYPE_CHECKING:
    from ..console import Screen
    from ..service import Settings


def serve(  # noqa: PLR0913, PLR0917  # each one an option of the command
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A PostgreSQL with PostGIS in place of that folder; "
            "with a password better as GRIDGEO_DATABASE.",
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="H", help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port; 0 for any free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that answer requests.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", help="Jobs that run at once; 0 for none here.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load and publish Riverside first.")] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="Print all settings as they are here, and end.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Ask the service here whether it is ready, and end.")
    ] = False,
    unit: Annotated[
        bool, typer.Option("--unit", help="Print a unit for systemd, and end.")
    ] = False,
) -> None:
    """Serve plans to planners and published grids to everybody.

    Prints the address, and where there is no admin yet a link that makes one, once. Settings
    also come from the environment, see --settings; what is said here goes before it. Ctrl-C
    stops it: requests under way are answered, jobs are begun again at the next start.

    Exit status: 0 stopped; 1 it could not go on, or (--check) is not ready; 2 a setting, the
    port or the store cannot be used.
    """
    if check:
        from .ready import what_lacks

        lacking = what_lacks(host, port)
        if lacking:
            typer.echo(lacking, err=True)
        raise typer.Exit(int(bool(lacking)))
    with told() as screen:
        if unit:
            from ..service.deploy import unit as unit_of

            typer.echo(unit_of(_program()), nl=False)
            return
        said: dict[str, Any] = {
            name: value
            for name, value in (
                ("data", data), ("database", database), ("host", host), ("port", port),
                ("workers", workers), ("jobs", jobs),
            )
            if value is not None
        }  # fmt: skip
        if data is not None and database is None:
            said["database"] = None  # what is said here goes before the environment
        _warn(screen, data, database)
        here = _settings(said)
        if settings:
            from ..service.settings_table import settings_table

            typer.echo(settings_table(here), nl=False)
            return
        from ..service.serving import serve_until_stopped

        raise typer.Exit(serve_until_stopped(here, say=screen.say, demo=demo))


def _settings(said: dict[str, Any]) -> Settings:
    """Return the settings.

    Raises:
        InputError: some cannot be used; every one is told, and no value.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from ..errors import Finding, InputError, Severity
    from ..service import Settings
    from ..service.settings import PREFIX

    def finding(name: str, why: str) -> Finding:
        option = f"--{name.replace('_', '-')}"
        where = option if name in said else f"{PREFIX}{name.upper()}"
        return Finding(
            "setting-unusable", Severity.ERROR, f"{where}: {why}",
            "Correct it; gridgeo serve --settings tells what there is",
        )  # fmt: skip

    try:
        return Settings.model_validate(said)
    except ValidationError as fault:
        faults = [finding(".".join(map(str, one["loc"])), one["msg"]) for one in fault.errors()]
    except SettingsError as fault:
        faults = [finding("", str(fault))]
    raise InputError(faults)


def _warn(screen: Screen, data: Path | None, database: str | None) -> None:
    from ..service.settings import PREFIX
    from ..service.settings_table import strange_names
    from ..store import has_password

    for sentence in strange_names(os.environ):
        screen.complain([f"Warning: {sentence}."])
    names = {name.upper() for name, value in os.environ.items() if value}
    if data is not None and database is None and f"{PREFIX}DATABASE" in names:
        screen.complain(
            [
                f"Warning: --data {data} is taken, and the database in GRIDGEO_DATABASE is not. "
                "To take that, leave --data out."
            ]
        )
    if database is not None and has_password(database):
        screen.complain(
            [
                "Warning: the password in --database stands in the list of processes, for all on "
                "this machine to see. Set GRIDGEO_DATABASE in the environment instead."
            ]
        )


def _program() -> Path:
    """Return the program that was called, or the one beside this Python."""
    called = shutil.which(sys.argv[0]) or ""
    beside = Path(sys.executable).with_name("gridgeo")
    return Path(called).resolve() if Path(called).name == "gridgeo" else beside
