"""A plan's record when its grids become others: ids end and begin, none is given out twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .errors import Finding
from .intake.telling import error, listed, warning
from .lineage import Issued, Regrouping, handed_over, only_living
from .model import Plan
from .record import CodeEntry, Record

Array = np.ndarray[Any, Any]


def carried_record(
    plan: Plan, grid_ids: Array, made: str, *, source: str
) -> tuple[Record, list[Finding]]:
    """Return the record of ``plan`` for other grids, and what has to be told.

    The ids of grids that are gone end and new ones begin, each with those it took over from, see
    ``gridgeo.lineage.carry_on``; one that had ended may not come back. Waivers and staff of grids
    that are gone are left out and told.

    Args:
        plan: of before.
        grid_ids: the new grid of every building, object (n,) of text.
        made: ISO day, "" where not said.
        source: the file that names the new grids.
    """
    now = {str(grid) for grid in grid_ids if grid}
    codes, told = _codes(plan, grid_ids, made, source)
    for what, held, fix in (
        ("waivers", {waiver.grid_id for waiver in plan.record.waivers}, ""),
        ("staff", {person.grid_id for person in plan.record.staff}, "give them grids again"),
    ):
        gone = sorted(held - now)
        if gone:
            said = f"{what} of grids that are no longer there: left out ({listed(gone)})"
            code = f"import-{what}-gone"
            told.append(warning(code, said, fix, count=len(gone), first=gone[0]))
    return replace(only_living(plan.record, now), codes=codes), told


def _codes(
    plan: Plan, grid_ids: Array, made: str, source: str
) -> tuple[tuple[CodeEntry, ...], list[Finding]]:
    """Return the ledger for other grids; where nothing ends or begins it stays what it was."""
    now = {str(grid) for grid in grid_ids if grid}
    issued = Issued.of_plan(plan)
    living = set(issued.living)
    again = sorted(now & {entry.code for entry in plan.record.codes} - living)
    if again:
        said = f"{source}: ids that ended may not be given out again: {listed(again)}"
        fix = "give these grids other ids"
        first = again[0]
        return plan.record.codes, [error("code-again", said, fix, count=len(again), first=first)]
    if now == living or not all(grid_ids):
        return plan.record.codes, []
    ids, labels = np.unique(grid_ids.astype(str), return_inverse=True)
    drawn = Regrouping(
        labels=labels.ravel(),
        was=plan.grid_ids,
        carries=[],
        communities=plan.buildings.communities,
        households=plan.buildings.households,
        cells=plan.territory.cells,
    )
    named = [str(name) for name in ids]
    return handed_over(issued, drawn, named, day=made, reason=f"imported from {source}"), []
