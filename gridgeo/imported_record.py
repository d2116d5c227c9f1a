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

# What gave grids the ids that they have.
_NAMING = ("partition", "import", "redraw", "code")


def carried_record(
    plan: Plan, grid_ids: Array, made: str, *, source: str
) -> tuple[Record, list[Finding]]:
    """Return the record of ``plan`` for other grids, and what has to be told.

    The ids of grids that are gone end and new ones begin, each with the grids whose buildings it
    took over; one that had ended may not come back. Waivers and staff of grids that are gone are
    left out and told.

    Args:
        plan: of before.
        grid_ids: the new grid of every building, object (n,) of text.
        made: ISO day, needed where ids end or begin.
        source: the file that names the new grids.
    """
    now = {str(grid) for grid in grid_ids if grid}
    record = plan.record
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
    ledger = {entry.code: entry for entry in plan.record.codes}
    now = {str(grid) for grid in grid_ids if grid}
    ended = {entry.code for entry in ledger.values() if entry.ended}
    living = set(map(str, plan.grid_ids)) | set(ledger) - ended
    again = sorted(now & ended)
    gone, new = sorted(living - now), sorted(now - living - ended)
    faults = []
    if again:
        said = f"{source}: ids that ended may not be given out again: {listed(again)}"
        fix = "give these grids other ids"
        faults.append(error("code-again", said, fix, count=len(again), first=again[0]))
    if (gone or new) and not made:
        said = f"{source}: ids end or begin ({listed([*gone, *new])}), and no day is said"
        faults.append(error("day-missing", said, "say it with --date YYYY-MM-DD"))
    if faults or not (gone or new):
        return plan.record.codes, faults
    lives = dict(zip(map(str, grid_ids), map(str, plan.buildings.communities), strict=True))
    lived = dict(zip(map(str, plan.grid_ids), map(str, plan.buildings.communities), strict=True))
    named = [v.made for v in plan.record.versions if v.action in _NAMING]
    for code in sorted(living - set(ledger)):
        # so that it is never given out again
        ledger[code] = CodeEntry(code, lived[code], started=named[-1] if named else "")
    pairs = {(str(a), str(b)) for a, b in zip(plan.grid_ids, grid_ids, strict=True)}
    why = f"imported from {source}"
    for code in gone:
        after = tuple(sorted(b for a, b in pairs if a == code))
        ledger[code] = replace(ledger[code], ended=made, reason=why, successors=after)
    for code in new:
        before = tuple(sorted(a for a, b in pairs if b == code))
        ledger[code] = CodeEntry(code, lives[code], started=made, predecessors=before)
    return tuple(ledger.values()), []
