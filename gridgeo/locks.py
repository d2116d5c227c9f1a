"""Locks against a town: what they forbid, which cannot hold, and which did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from scipy.spatial.distance import pdist

from .errors import Finding, InputError, Severity
from .keeping import Keep, Lock
from .lock_ground import Ground, Settler, over_limits
from .lock_sets import Tied, tied_grids, tied_sets
from .wording import count, some

Array = np.ndarray[Any, Any]

__all__ = ["Ground", "broken_locks", "settle_locks"]


def settle_locks(ground: Ground, locks: Sequence[Lock]) -> tuple[Keep, list[Finding]]:
    """Return what a redraw keeps under these locks, and what should be told of them.

    Raises:
        InputError: every lock that cannot hold: of a building or grid that is not there, one that
            contradicts others, or the ground, or the size of a building.
    """
    settler = Settler(ground, locks)
    known = settler.named()
    frozen = _frozen(settler, [lock for lock in known if lock.kind == "grid"])
    sets = tied_sets(settler, known, frozen)
    if settler.faults:
        raise InputError(settler.faults)
    numbers = {grid: k for k, grid in enumerate(sorted(settler.rows_in.keys() | tied_grids(known)))}
    old = np.array([numbers.get(grid, -1) for grid in ground.was.tolist()], np.int64)
    pinned = np.full(len(old), -1, np.int64)
    ice = np.full(len(old), -1, np.int64)
    for grid in frozen:
        ice[settler.rows_in[grid]] = numbers[grid]
    together = []
    for one in sets:
        rows = [row for row in one.rows if ice[row] < 0]
        together += list(pairwise(rows))
        if one.grid and rows:
            pinned[rows] = numbers[one.grid]
    old = np.where(pinned >= 0, pinned, old)
    keep = Keep(
        old=old,
        pinned=pinned,
        frozen=ice,
        together=_pairs(together),
        apart=_pairs(_apart(settler, known, sets, ice)),
        rule=f"over plans that keep {count(len(locks), 'lock')}" if locks else "",
        names=tuple(numbers),
    )
    return keep, _told(ground, settler, sets, frozen)


def _pairs(pairs: Iterable[tuple[int, int]]) -> Array:
    held = sorted({(min(pair), max(pair)) for pair in pairs})
    return np.array(held, np.int64).reshape(-1, 2)


def _frozen(settler: Settler, locks: Sequence[Lock]) -> dict[str, Lock]:
    """Return the grids to be left as they are; note those that cannot stand as they are."""
    ground, out = settler.ground, {}
    for lock in locks:
        rows = np.array(settler.rows_in[lock.a])
        mine = np.zeros(len(ground.was), np.bool_)
        mine[rows] = True
        towns = {str(name) for name in ground.buildings.communities[rows]}
        limits = ground.limits_of(int(rows[0]))
        over = [] if limits is None else over_limits(ground, rows, limits)
        if len(towns) > 1:
            settler.contradict([lock], f"its buildings lie in {some(sorted(towns))} now")
        elif len(np.unique(ground.pieces(mine)[rows])) > 1:
            settler.contradict([lock], "its buildings do not hold together now")
        elif (ground.alone[rows] >= 0).any() and len(np.unique(ground.alone[rows])) > 1:
            settler.contradict([lock], "it holds buildings of an exclusive kind and others")
        elif over and len(rows) > 1:
            settler.contradict(
                [lock], f"building {over[0]} is more than a grid may hold now and stands alone"
            )
        elif limits is not None and limits.max_span_m is not None and len(rows) > 1:
            span_m = float(pdist(ground.buildings.xy[rows]).max())
            if span_m > limits.max_span_m:
                settler.contradict(
                    [lock],
                    f"it is {span_m:,.0f} m wide, and {limits.max_span_m:,.0f} m are allowed",
                )
            else:
                out[lock.a] = lock
        else:
            out[lock.a] = lock
    return out


def _apart(
    settler: Settler, locks: Sequence[Lock], sets: Sequence[Tied], ice: Array
) -> list[tuple[int, int]]:
    """Return the pairs of buildings that may not share a grid; frozen ones share with none."""
    out = []
    for lock in locks:
        if lock.kind == "apart":
            out.append((settler.row_of[lock.a], settler.row_of[lock.b]))
        elif lock.kind == "border":
            sides = [[r for r in settler.rows_in[grid] if ice[r] < 0] for grid in lock.grids]
            out += [(a, b) for a in sides[0] for b in sides[1]]
    tied = [one.rows[0] for one in sets if one.grid and ice[one.rows[0]] < 0]
    out += list(combinations(tied, 2))
    return [pair for pair in out if ice[pair[0]] < 0 and ice[pair[1]] < 0]


def _told(
    ground: Ground, settler: Settler, sets: Sequence[Tied], frozen: Mapping[str, Lock]
) -> list[Finding]:
    """Name the locks that by themselves keep a grid from the bands."""
    out = []
    for grid, lock in frozen.items():
        rows = np.array(settler.rows_in[grid])
        said = _outside(ground, rows, both=True)
        if said:
            out.append(
                _impossible(lock, f"grid {grid} has {said}", "Take it out, or waive the grid")
            )
    for one in sets:
        said = _outside(ground, np.array(one.rows), both=False)
        if said and not (set(ground.was[list(one.rows)]) & set(frozen)):
            names = some([str(lock) for lock in one.locks], between="; ")
            held = f"the buildings they hold together have {said}"
            out.append(_impossible(one.locks[0], held, "Take one of them out", names=names))
    return out


def _outside(ground: Ground, rows: Array, *, both: bool) -> str:
    """Return what buildings have too much of for a grid, and with ``both`` also too little."""
    limits = ground.limits_of(int(rows[0]))
    if limits is None:
        return ""
    b, said = ground.buildings, []
    for noun, band, figures in (
        ("household", limits.households, b.households),
        ("person", limits.population, b.population),
    ):
        total = int(figures[rows].sum())
        if total > band.high:
            said.append(f"{count(total, noun)}, {total - band.high:,} over {band.high:,}")
        elif both and total < band.low:
            said.append(f"{count(total, noun)}, {band.low - total:,} under {band.low:,}")
    return " and ".join(said)


def _impossible(lock: Lock, why: str, fix: str, *, names: str = "") -> Finding:
    said = f"Within the bands a lock cannot hold ({names or lock}): {why}"
    return Finding("lock-against-bands", Severity.WARNING, said, fix, 1, str(lock))


def broken_locks(
    locks: Sequence[Lock], ids: Array, was: Array, grids: Array, carries: Array
) -> list[Lock]:
    """Return the locks that do not hold in a plan.

    All object (n,): ``ids`` of buildings, ``was`` their old grids, ``grids`` their new ones in
    whatever words, ``carries`` the old grid that the new one carries on, "" for none.
    """
    row_of = {str(name): row for row, name in enumerate(ids)}
    mates: dict[Any, set[str]] = {}
    for grid, old in zip(grids.tolist(), was.tolist(), strict=True):
        mates.setdefault(grid, set()).add(old)
    out = []
    for lock in locks:
        if lock.kind == "building":
            holds = carries[row_of[lock.a]] == lock.b
        elif lock.kind == "grid":
            mine = was == lock.a
            held = set(grids[mine].tolist())
            holds = len(held) == 1 and mates[held.pop()] == {lock.a}
        elif lock.kind == "border":
            holds = not any({lock.a, lock.b} <= olds for olds in mates.values())
        else:
            a, b = (grids[row_of[name]] for name in lock.buildings)
            holds = (a == b) == (lock.kind == "together")
        if not holds:
            out.append(lock)
    return out
