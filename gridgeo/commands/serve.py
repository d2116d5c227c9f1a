"""gridgeo serve: the service with everything it needs, on the embedded database or another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def serve(  # noqa: PLR0913, PLR0917  # each one an option of the command
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A PostgreSQL with PostGIS in place of that folder."),
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
) -> None:
    """Serve plans to planners and published grids to everybody.

    Prints the address, and where there is no admin yet a link that makes one, once. Settings
    also come from the environment, see GRIDGEO_... in the README; what is said here goes before
    it. Ctrl-C stops it: requests under way are answered, jobs are begun again at the next start.

    Exit status: 0 stopped; 1 it could not go on; 2 a setting cannot be used.
    """
    with told() as screen:
        from pydantic import ValidationError

        from ..errors import Finding, InputError, Severity
        from ..service import Settings
        from ..service.serving import serve_until_stopped

        said = {
            name: value
            for name, value in (
                ("data", data), ("database", database), ("host", host), ("port", port),
                ("workers", workers), ("jobs", jobs),
            )
            if value is not None
        }  # fmt: skip
        try:
            settings = Settings.model_validate(said)
        except ValidationError as fault:
            raise InputError(
                [
                    Finding(
                        "setting-unusable",
                        Severity.ERROR,
                        f"{'.'.join(map(str, one['loc']))}: {one['msg']}",
                        "Correct the option, or GRIDGEO_... in the environment",
                    )
                    for one in fault.errors()
                ]
            ) from fault
        raise typer.Exit(serve_until_stopped(settings, say=screen.say, demo=demo))
