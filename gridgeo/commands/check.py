"""gridgeo check: every fault of the files, and a mended copy of the buildings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import options
from .told import told


def check(  # noqa: PLR0913, PLR0917  # each one an option of the command
    buildings: options.Buildings,
    boundary: options.Boundary = None,
    barriers: options.Barriers = None,
    roster: options.Roster = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.gpkg",
            help="Write the mended buildings, the places of the faults, each change made.",
        ),
    ] = None,
    where: options.Where = None,
    community: options.CommunityColumn = None,
    column: options.Column = None,
    crs: options.Crs = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found as JSON only.")
    ] = False,
) -> None:
    """Name every fault of the files at once, and mend what is certain.

    Exit status: 0 clean (there may be notes); 1 all faults can be mended, --fix does it; 2 some
    need a person. With --fix too it speaks of BUILDINGS, not of the mended file.
    """
    with told("; nothing was checked") as screen:
        from ..arguments import Arguments
        from ..doctor import check_files
        from ..errors import InputError

        said = Arguments()
        if fix is not None:
            said.layers_file("--fix", fix, sources=[buildings, boundary, barriers, roster])
        columns = said.columns("--column", column or [])
        if said.faults:
            raise InputError(said.faults)
        found = check_files(
            buildings, boundary, barriers,
            roster=roster, where=where, community=community, columns=columns, crs=crs,
        )  # fmt: skip
        written = found.save(fix) if fix is not None and found.mend is not None else None
        if as_json:
            import json

            facts = {**found.as_dict(), "written": None if written is None else str(written)}
            # letters beyond ASCII are escaped: no code page of a console can spoil them
            typer.echo(json.dumps(facts, indent=2, allow_nan=False))
        else:
            screen.columns(found.columns)
            screen.diagnosis(found)
            if written is not None:
                screen.paths([written])
                screen.say(f"{len(found.changes):,} changes are told in its table changes.")
            elif fix is not None:
                screen.say(
                    f"{fix} was not written: there is nothing that can be mended.", style="yellow"
                )
        raise typer.Exit(found.exit_status)
