"""gridgeo evaluate: recompute a plan and tell what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def evaluate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures and faults as JSON only.")
    ] = False,
) -> None:
    """Recompute the figures of a plan and tell what is wrong.

    Exit status: 0 sound; 1 unsound, each fault told; 2 not a plan.
    """
    with told() as screen:
        from ..evaluate import evaluate_file
        from ..report import UNSOUND, in_plain_types

        card = evaluate_file(plan)
        if as_json:
            import json

            # letters beyond ASCII are escaped: no code page of a console can spoil them
            typer.echo(json.dumps(in_plain_types(card.as_dict()), indent=2, allow_nan=False))
        else:
            screen.grids(card.table)
            screen.verdict(plan, [fault.sentence() for fault in card.faults])
        if not card.sound:
            raise typer.Exit(UNSOUND)
