"""gridgeo rerun: draw a plan again from its own file, and tell whether it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import options
from .told import told

ANOTHER = 1


def rerun(
    plan: options.PlanFile,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="SAME.gpkg", help="Write what came of it."),
    ] = None,
    time_limit: Annotated[
        str | None,
        typer.Option(metavar="SECONDS", help="Stop after this time.  [default: as then]"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what came of it as JSON only.")
    ] = False,
) -> None:
    """Draw the grids of a plan again, from nothing but its file, and compare.

    Its buildings, territory, limits, aim, seed and recipe give the same plan, unless a run was cut
    by the clock or other versions of the programs are at work; it is said where that is so.
    Codes, waivers and staff of the plan stay as they are.

    Exit status: 0 the same plan; 1 another plan (written where -o names another file); 2 not a
    plan, or one that does not tell how it was drawn: then nothing was written.
    """
    with told("; nothing was written") as screen:
        import json

        from ..arguments import Arguments
        from ..console import Progress, hushed, stopping
        from ..errors import InputError
        from ..rerun import rerun as run_again
        from ..solving import Watch

        said = Arguments()
        if output is not None:
            said.plan_file("-o", output, sources=[])
        limit_s = said.seconds("--time-limit", time_limit)
        held = said.plan("PLAN", str(plan))
        if said.faults or held is None:
            raise InputError(said.faults)
        with Progress(screen) as progress, hushed(), stopping(screen) as stopped:
            watch = Watch(on_progress=progress.standing, cancelled=stopped)
            found = run_again(held, time_limit_s=limit_s, watch=watch)
        in_place = output is not None and output.exists() and output.samefile(plan)
        written = None
        if output is not None and (found.same or not in_place):
            written = found.plan.save(output)
        if as_json:
            facts = {**found.as_dict(), "written": None if written is None else str(written)}
            # letters beyond ASCII are escaped: no code page of a console can spoil them
            typer.echo(json.dumps(facts, indent=2, allow_nan=False))
        else:
            screen.warnings(found.told)
            if found.same:
                screen.say(f"{plan}: the same plan; digest {found.digest[:12]}.", style="bold")
            else:
                lead = f"{plan}: another plan; {found.elsewhere:,} buildings are in other grids"
                screen.say(f"{lead}; digest {found.digest[:12]}.", style="bold red")
            if written is not None:
                screen.paths([written])
            elif output is not None:
                screen.say(f"{output} was not written: the plan itself stays as it is.")
        if not found.same:
            raise typer.Exit(ANOTHER)
