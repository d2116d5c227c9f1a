"""Which locks keep a plan from the bands: it is drawn again without them, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .drawing import draw
from .errors import Finding, Severity
from .keeping import Lock
from .locks import Ground, settle_locks
from .model import Plan
from .solving import Asked
from .wording import count, some

MOST_TRIED = 12  # locks that are left out one by one
_LESS = 1e-6  # of violation: a smaller difference is rounding


def locks_in_the_way(
    asked: Asked, ground: Ground, locks: Sequence[Lock], plan: Plan, seconds: float | None
) -> list[Finding]:
    """Name the locks without which a plan was found that violates the bands less.

    ``plan``: drawn under all of them. ``seconds``: for all that is tried; what is not found in
    time is not named.
    """
    violation = sum(result.violation for result in plan.results)
    if not locks or violation <= 0 or asked.watch.cancelled():
        return []
    tried = _nearest(ground, locks, plan)
    share_s = None if seconds is None else seconds / (len(tried) + 1)
    free = _violation(asked, ground, (), share_s)
    if free >= violation - _LESS:
        return []
    named = []
    for lock in tried:
        if asked.watch.cancelled():
            break
        others = tuple(other for other in locks if other != lock)
        without = free if not others else _violation(asked, ground, others, share_s)
        if without < violation - _LESS:
            named.append((lock, without))
    lead = (
        f"{count(len(locks), 'lock')} {'keeps' if len(locks) == 1 else 'keep'} the violation at "
        f"{violation:.3f}; without {'it' if len(locks) == 1 else 'them'} a plan of {free:.3f} "
        "was found"
    )
    each = [f"{lock} ({without:.3f} without it)" for lock, without in named]
    said = f"{lead}: {some(each)}" if each else f"{lead}; no single one of those tried is to blame"
    fix = "Take one of them out, or accept the grids out of band"
    first = str(named[0][0]) if named else str(locks[0])
    finding = Finding("lock-in-the-way", Severity.WARNING, said, fix, len(named), first)
    return [finding]


def _violation(asked: Asked, ground: Ground, locks: Sequence[Lock], seconds: float | None) -> float:
    keep, _ = settle_locks(ground, locks)
    drawn = draw(replace(asked, keep=keep, naming=None), (), seconds)
    return float(sum(result.violation for result in drawn.plan.results))


def _nearest(ground: Ground, locks: Sequence[Lock], plan: Plan) -> list[Lock]:
    """Return the locks to try, those about grids out of band and their neighbours first."""
    grids = plan.grid_ids
    out = np.isin(grids.astype(str), list(plan.reasons))
    near = out.copy()
    for a, b in (ground.edges.T, ground.edges.T[::-1]):
        near[np.isin(grids.astype(str), grids[b[out[a]]].astype(str))] = True
    ids, was = ground.buildings.ids.astype(str), ground.was.astype(str)

    def apart(lock: Lock) -> int:
        mine = np.isin(ids, lock.buildings) | np.isin(was, lock.grids)
        return 0 if (mine & out).any() else 1 if (mine & near).any() else 2

    return sorted(locks, key=apart)[:MOST_TRIED]
