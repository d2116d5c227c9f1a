"""gridgeo log: the history of a plan and of the ids of its grids."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options
from .told import told


def log(
    plan: options.PlanFile,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the history as JSON only.")
    ] = False,
) -> None:
    """Print the history of a plan: every step, who, why, and what it changed.

    After the steps comes every grid id that was ever given out: since when, until when, and
    from which grids it took over and to which it gave. Ids are never given twice.

    Exit status: 0 told; 2 not a plan.
    """
    with told() as screen:
        from ..history import history_facts, history_lines
        from ..plan_file import read_plan
        from ..report import in_plain_types

        held = read_plan(plan)
        if as_json:
            import json

            # letters beyond ASCII are escaped: no code page of a console can spoil them
            facts = in_plain_types(history_facts(held))
            typer.echo(json.dumps(facts, indent=2, allow_nan=False))
        else:
            for line in history_lines(held):
                screen.say(line)
