"""gridgeo waive: accept grids that are out of band, or withdraw that."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options
from .told import told


def waive(  # noqa: PLR0913, PLR0917  # each one an option of the command
    plan: options.PlanFile,
    grids: Annotated[list[str], typer.Argument(metavar="GRID...", help="Grids out of band.")],
    reason: options.Reason = "",
    person: options.Person = "",
    date: options.Day = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Withdraw the waivers of these grids.")
    ] = False,
    output: options.PlanAgain = None,
) -> None:
    """Accept grids that are out of band: say why and who.

    A waiver shows in gridgeo evaluate and in the layer grids of the plan, and is never published.
    It holds for the grid's id until it is withdrawn or the grid ends; evaluate tells when the
    figures have changed since. No figure, status or exit status is changed by it.

    Exit status: 0 done; 2 not a plan, no reason or person, a grid that is not there, that is in
    band, or that is waived already: then nothing was written.
    """
    with told("; nothing was written") as screen:
        from ..arguments import Arguments
        from ..errors import InputError
        from ..scorecard import scorecard
        from ..waivers import waive as waive_grids
        from ..waivers import waiver_cards, withdraw_waivers

        said = Arguments()
        target = plan if output is None else output
        said.plan_file("-o", target, sources=[])
        day = said.today("--date", date)
        held = said.plan("PLAN", str(plan))
        if said.faults or held is None:
            raise InputError(said.faults)
        act = withdraw_waivers if withdraw else waive_grids
        after = act(held, grids, reason=reason, person=person, day=day)
        for card in waiver_cards(after, scorecard(after)):
            screen.say(card.sentence())
        if not after.record.waivers:
            screen.say("No grid is waived.")
        screen.paths([after.save(target)])
