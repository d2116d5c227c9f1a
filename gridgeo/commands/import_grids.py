"""gridgeo import: the grids that a table gives the buildings of a plan, as a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import options
from .told import told


def import_grids(  # noqa: PLR0913, PLR0917  # each one an option of the command
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo of these buildings.")
    ],
    assignments: Annotated[
        str,
        typer.Argument(
            metavar="ASSIGNMENTS",
            help="CSV, Excel or a layer with building_id and grid_id; or polygons with grid_id.",
        ),
    ],
    output: options.Output,
    missing: Annotated[
        str,
        typer.Option(
            metavar="error|nearest|keep",
            help="Buildings without a grid: refuse, put into the grid beside, leave as they are.",
        ),
    ] = "error",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="Column of building_id or grid_id; repeatable."),
    ] = None,
    crs: options.Crs = None,
    date: options.Made = None,
) -> None:
    """Make a plan of grids that were drawn elsewhere.

    Ids of no building, buildings without a grid, grids in pieces or out of band are told by name.

    Exit status: 0 every grid in band; 1 written, but grids are in pieces or break another rule;
    4 written, with grids out of band; 2 bad input, nothing written.
    """
    with told("; nothing was written") as screen:
        from datetime import date as calendar

        from ..arguments import Arguments
        from ..assignments import import_assignments, missing_faults
        from ..errors import InputError
        from ..evaluate import evaluate
        from ..plan_file import write_plan
        from ..proof import proof_lines
        from ..report import UNSOUND, exit_status

        said = Arguments()
        said.plan_file("-o", output, sources=[assignments])
        said.faults += missing_faults(missing)
        columns = said.columns("--column", column or [])
        day = said.day("--date", date) or calendar.today()
        held = said.plan("PLAN.gpkg", str(plan))
        if said.faults or held is None:
            raise InputError(said.faults)
        new = import_assignments(
            held, assignments, columns=columns, crs=crs, missing=missing, made=day.isoformat()
        )
        card = evaluate(new)
        written = write_plan(new, output)
        known = set(held.findings)
        screen.warnings(found for found in new.findings.warnings if found not in known)
        screen.grids(card.table)
        for line in proof_lines(new, table=card.table):
            screen.say(line, style="bold")
        screen.paths([written])
        raise typer.Exit(exit_status(new) if card.sound else UNSOUND)
