"""A plan's record when its grids become others: codes end and begin, none is given out twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .errors import Finding
from .intake.telling import error, listed, warning
from .model import Plan
from .record import CodeEntry, Record

Array = np.ndarray[Any, Any]


def carried_record(
    plan: Plan, grid_ids: Array, made: str, *, source: str
) -> tuple[Record, list[Finding]]:
    """Return the record of ``plan`` for other grids, and what has to be told.

    Where codes were given out, those of grids that are gone end and new ones begin, each with the
    codes whose buildings it took over; one that had ended may not come back. Waivers and staff of
    grids that are gone are left out and told.

    Args:
        plan: of before.
        grid_ids: the new grid of every building, object (n,) of text.
        made: ISO day, "" where not said.
        source: the file that names the new grids.
    """
    now = {str(grid) for grid in grid_ids if grid}
    record = plan.record
    told: list[Finding] = []
    codes = record.codes
    if codes:
        codes, told = _codes(plan, grid_ids, made, source)
    waivers = tuple(waiver for waiver in record.waivers if waiver.grid_id in now)
    staff = tuple(person for person in record.staff if person.grid_id in now)
    gone = sorted({waiver.grid_id for waiver in record.waivers} - now)
    if gone:
        said = f"waivers of grids that are no longer there are left out: {listed(gone)}"
        told.append(warning("import-waiver-gone", said, "", count=len(gone), first=gone[0]))
    gone = sorted({person.grid_id for person in record.staff} - now)
    if gone:
        said = f"staff of grids that are no longer there is left out: {listed(gone)}"
        fix = "give them grids again"
        told.append(warning("import-staff-gone", said, fix, count=len(gone), first=gone[0]))
    return replace(record, codes=codes, waivers=waivers, staff=staff), told


def _codes(
    plan: Plan, grid_ids: Array, made: str, source: str
) -> tuple[tuple[CodeEntry, ...], list[Finding]]:
    now = {str(grid) for grid in grid_ids if grid}
    pairs = {(str(a), str(b)) for a, b in zip(plan.grid_ids, grid_ids, strict=True) if b and a != b}
    standing = {entry.code for entry in plan.record.codes if not entry.ended}
    ended = {entry.code for entry in plan.record.codes} - standing
    faults = []
    again = sorted(now & ended)
    if again:
        said = f"{source}: codes that ended may not be given out again: {listed(again)}"
        fix = "give these grids other ids"
        faults.append(error("code-again", said, fix, count=len(again), first=again[0]))
    gone, new = sorted(standing - now), sorted(now - standing - ended)
    if (gone or new) and not made:
        said = f"codes end or begin ({listed([*gone, *new])}), and no day is said"
        faults.append(error("day-missing", said, "say it with --date YYYY-MM-DD"))
    lives = dict(zip(map(str, grid_ids), map(str, plan.buildings.communities), strict=True))
    why = f"imported from {source}"
    out = [
        replace(
            entry,
            ended=made,
            reason=why,
            successors=tuple(sorted(b for a, b in pairs if a == entry.code)),
        )
        if entry.code in gone
        else entry
        for entry in plan.record.codes
    ]
    out += [
        CodeEntry(
            code=code,
            community=lives[code],
            started=made,
            reason=why,
            predecessors=tuple(sorted(a for a, b in pairs if b == code)),
        )
        for code in new
    ]
    return tuple(out), faults
