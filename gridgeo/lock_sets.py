"""Buildings that locks hold together, and why some cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial.distance import pdist

from .keeping import Lock
from .lock_ground import Settler, components, over_limits
from .wording import some


@dataclass(frozen=True)
class Tied:
    """Buildings that share a grid, by the locks that say so; ``grid``: "" for any."""

    rows: tuple[int, ...]
    locks: tuple[Lock, ...]
    grid: str = ""


def tied_grids(locks: Sequence[Lock]) -> set[str]:
    """Return the old grids that locks tie buildings to."""
    return {lock.b for lock in locks if lock.kind == "building"}


def tied_sets(settler: Settler, locks: Sequence[Lock], frozen: Mapping[str, Lock]) -> list[Tied]:
    """Join buildings that locks and wholes hold together; note what contradicts that."""
    ground = settler.ground
    n = len(ground.was)
    ties = [lock for lock in locks if lock.kind in ("together", "building")]
    grids = sorted(tied_grids(locks))
    place = {name: n + k for k, name in enumerate(grids)}
    ends = []
    for lock in ties:
        other = place[lock.b] if lock.kind == "building" else settler.row_of[lock.b]
        ends.append((settler.row_of[lock.a], other))
    loose = np.flatnonzero((ground.whole >= 0) & ~np.isin(ground.was.astype(str), list(frozen)))
    order = loose[np.argsort(ground.whole[loose], kind="stable")].tolist()
    ends += [(a, b) for a, b in pairwise(order) if ground.whole[a] == ground.whole[b]]
    label = components(n + len(grids), np.array(ends, np.int64))
    rows_of: dict[int, list[int]] = {}
    for row, group in enumerate(label[:n].tolist()):
        rows_of.setdefault(group, []).append(row)
    out = []
    for group, rows in rows_of.items():
        mine = [lock for lock in ties if label[settler.row_of[lock.a]] == group]
        if not mine and len(rows) < 2:
            continue
        tied = [name for name in grids if label[place[name]] == group]
        one = Tied(tuple(rows), tuple(mine), (*tied, "")[0])
        if len(tied) > 1:
            settler.contradict(mine, f"they would make one grid of {some(tied)}")
        elif _crosses(settler, one, locks):
            continue
        elif mine:
            _check(settler, one, frozen)
        out.append(one)
    for lock in (k for k in locks if k.kind == "apart"):
        a, b = (settler.row_of[name] for name in lock.buildings)
        if label[a] == label[b]:
            mine = [k for k in ties if label[settler.row_of[k.a]] == label[a]]
            why = "the others hold the two together" if mine else "they are kept whole as asked"
            settler.contradict([lock, *mine], why)
        elif ground.was[a] == ground.was[b] and ground.was[a] in frozen:
            settler.contradict([lock, frozen[ground.was[a]]], "both are in that grid")
    return [one for one in out if one.locks]


def _crosses(settler: Settler, one: Tied, locks: Sequence[Lock]) -> bool:
    """Note the borders that stay and that buildings held together lie on both sides of."""
    were = {str(grid) for grid in settler.ground.was[list(one.rows)]} | ({one.grid} - {""})
    for lock in (k for k in locks if k.kind == "border"):
        if {lock.a, lock.b} <= were:
            why = f"a building would cross from {lock.a} to {lock.b}"
            if not one.locks:
                ids = settler.ground.buildings.ids[list(one.rows)]
                why = f"{some([str(name) for name in ids])} are kept whole across it, as asked"
            settler.contradict([*one.locks, lock], why)
            return True
    return False


def _check(settler: Settler, one: Tied, frozen: Mapping[str, Lock]) -> None:
    """Note why the buildings of a set cannot share a grid."""
    ground, rows = settler.ground, np.array(one.rows)
    own, ids = list(one.locks), ground.buildings.ids
    were = {str(grid) for grid in ground.was[rows]}
    for grid in sorted((were | {one.grid}) & set(frozen)):
        outside = rows[ground.was[rows] != grid]
        if len(outside) or one.grid not in ("", grid):
            other = f"building {ids[outside[0]]} is not" if len(outside) else "the other is not"
            settler.contradict([*own, frozen[grid]], f"{other} in grid {grid}, which none enters")
            return
    free = ~np.isin(ground.was.astype(str), list(frozen))
    pieces = ground.pieces(free)
    home = rows[:1]
    if one.grid in settler.rows_in and one.grid not in frozen:
        home = np.array(settler.rows_in[one.grid])
    towns = {str(name) for name in ground.buildings.communities[[*rows, *home]]}
    exclusive = np.unique(ground.alone[[*rows, *home]])
    if not set(were) <= set(frozen) and not np.isin(pieces[rows], pieces[home]).all():
        why = "no ground that buildings may be joined over lies between them"
        settler.contradict(
            own, f"{why}, but for grids that are left as they are" if frozen else why
        )
    elif len({str(name) for name in ground.buildings.communities[rows]}) > 1:
        settler.contradict(own, f"they lie in {some(sorted(towns))}, and no grid crosses")
    elif len(exclusive) > 1:
        settler.contradict(own, "some of them are of an exclusive kind and are a grid of their own")
    elif len(rows) > 1:
        limits = ground.limits_of(int(rows[0]))
        over = [] if limits is None else over_limits(ground, rows, limits)
        if over:
            said = f"building {over[0]} is more than a grid may hold and stands alone"
            settler.contradict(own, said)
        elif limits is not None and limits.max_span_m is not None:
            span_m = float(pdist(ground.buildings.xy[rows]).max())
            if span_m > limits.max_span_m:
                most = f"{limits.max_span_m:,.0f} m"
                settler.contradict(own, f"they lie {span_m:,.0f} m apart, and a grid spans {most}")
