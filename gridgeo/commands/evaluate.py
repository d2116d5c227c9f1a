"""gridgeo evaluate: recompute a plan, tell what is wrong with it, trace figures to rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def evaluate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    grid: Annotated[
        str | None,
        typer.Option(
            "--trace", metavar="GRID", help="Tell from which rows the figures of a grid come."
        ),
    ] = None,
    roster: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Sum this roster again and tell what differs."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures and faults as JSON only.")
    ] = False,
) -> None:
    """Recompute the figures of a plan and tell what is wrong.

    Exit status: 0 sound; 1 unsound or other than its roster, each fault told; 2 not a plan, no
    such grid, or no readable roster.
    """
    with told() as screen:
        from ..errors import Severity
        from ..evaluate import evaluate_file
        from ..plan_file import read_plan
        from ..report import UNSOUND, in_plain_types
        from ..trace import trace

        asked = grid is not None or roster is not None
        traced = trace(read_plan(plan), grid, roster=roster) if asked else None
        card = evaluate_file(plan)
        if as_json:
            import json

            facts = card.as_dict() | ({} if traced is None else {"trace": traced.as_dict()})
            # letters beyond ASCII are escaped: no code page of a console can spoil them
            typer.echo(json.dumps(in_plain_types(facts), indent=2, allow_nan=False))
        else:
            if grid is None:
                screen.grids(card.table, waivers=card.waivers)
            if traced is not None:
                screen.trace(traced)
            screen.verdict(plan, [fault.sentence() for fault in card.faults])
        differs = traced is not None and any(
            finding.severity is Severity.ERROR for finding in traced.findings
        )
        if differs or not card.sound:
            raise typer.Exit(UNSOUND)
