"""Colours for grids: neighbours differ, and differ for colour-blind readers too."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .sheet import GridShape

# Soft fills under dark text, after the "light" scheme of Paul Tol (Colour Schemes, SRON/EPS/TN/
# 09-002, issue 3.2), which stays apart under protan, deutan and tritan vision. Six are enough:
# the borders of polygons that do not overlap make a planar graph.
PALETTE: tuple[str, ...] = ("#77aadd", "#eedd88", "#44bb99", "#ffaabb", "#ee8866", "#bbcc33")

# Borders reprojected one by one may part by a rounding.
_TOUCH_M = 0.01
# Across a corner, a street or a river alike colours still look joined.
_NEAR_M = 30.0
# That much common border makes neighbours; a corner does not.
_SHARED_M = 0.1
DEGREE_M = 1e5  # near enough for what is near


def neighbours(polygons: Sequence[BaseGeometry], *, unit_m: float = DEGREE_M) -> NDArray[np.int64]:
    """Return which polygons share a border, as row pairs.

    Args:
        polygons: shapely Polygons in WGS 84 degrees, or in another unit, length n.
        unit_m: how many metres a unit of the coordinates is.

    Returns:
        int64 array, shape (m, 2), each row ``i < j``, rows sorted.
    """
    shapes = np.asarray(polygons, dtype=object)
    if len(shapes) < 2:
        return np.empty((0, 2), dtype=np.int64)
    left, right = _within(shapes, _TOUCH_M / unit_m)
    # One rim against the other shape, thickened: robust where one of them lost a vertex.
    common = shapely.intersection(
        shapely.boundary(shapes[left]),
        shapely.buffer(shapes[right], 2 * _TOUCH_M / unit_m, quad_segs=1),
    )
    pairs = np.column_stack([left, right])[shapely.length(common) > _SHARED_M / unit_m]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int64)


def colour_grids(
    grids: Sequence[GridShape], previous: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Give each grid of a sheet a row of PALETTE; see ``colour_polygons``.

    Args:
        grids: grids with unique ids and polygons that do not overlap.
        previous: palette row by grid id in the version before; if None, what the grids carry in
            ``colour``. Where ids changed but the ground did not, see ``inherited_colours``.
    """
    if previous is None:
        previous = {grid.grid_id: grid.colour for grid in grids if grid.colour is not None}
    return colour_polygons({grid.grid_id: grid.polygon for grid in grids}, earlier=previous)


def inherited_colours(
    grids: Mapping[str, BaseGeometry], earlier: Sequence[tuple[BaseGeometry, int]]
) -> dict[str, int]:
    """Return the colours of a version before by the ground that grids share with it, not by id.

    Pairs are joined from the most ground shared downward, each grid once; a pair that shares less
    than half of the smaller one is no heir.

    Args:
        grids: polygon by grid id, in degrees or another unit.
        earlier: polygon and palette row of each grid before, in the same unit.

    Returns:
        Palette row by grid id, for ``previous`` of ``colour_grids``; only of grids with an heir.
    """
    ids = sorted(grids)
    if not ids or not earlier:
        return {}
    now = np.asarray([grids[grid_id] for grid_id in ids], dtype=object)
    then = np.asarray([polygon for polygon, _ in earlier], dtype=object)
    old, new = shapely.STRtree(now).query(then, predicate="intersects")
    shared = shapely.area(shapely.intersection(then[old], now[new]))
    least = np.minimum(shapely.area(then[old]), shapely.area(now[new])) / 2
    heirs: dict[str, int] = {}
    gone: set[int] = set()
    for k in np.lexsort((old, new, -shared)):
        grid_id, before = ids[new[k]], int(old[k])
        if shared[k] > least[k] and grid_id not in heirs and before not in gone:
            heirs[grid_id] = earlier[before][1]
            gone.add(before)
    return heirs


def colour_polygons(
    grids: Mapping[str, BaseGeometry],
    *,
    unit_m: float = DEGREE_M,
    earlier: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Give each grid a row of PALETTE such that grids with a common border differ.

    Smallest-last greedy colouring (Matula and Beck 1983, J. ACM 30:417): on a planar graph it
    needs at most six colours. Among the colours free at a grid the one fewest of the grids near
    it have is taken, then the one used least so far. Ties fall to grid id and palette order:
    the same grids get the same colours in whatever order they come.

    Args:
        grids: polygon by grid id; polygons that do not overlap, in degrees or another unit.
        unit_m: how many metres a unit of the coordinates is.
        earlier: palette row by grid id in the version before. A grid keeps its colour unless a
            new neighbour has it too; then the grid of the smaller id keeps it.

    Returns:
        Palette row by grid id. Where polygons overlap so wildly that six colours do not do,
        a grid takes the colour fewest of its neighbours have.
    """
    ids = sorted(grids)
    polygons = [grids[grid_id] for grid_id in ids]
    beside = _sets(neighbours(polygons, unit_m=unit_m).tolist(), len(ids))
    near = _sets(zip(*_within(polygons, _NEAR_M / unit_m), strict=True), len(ids))
    kept = _kept([(earlier or {}).get(grid_id) for grid_id in ids], beside)
    while True:
        colour = _greedy(beside, near, kept)
        # Colours kept may leave none to a grid among them: then those neighbours give theirs up
        # that have the colour it took, which are the fewest; if none of them kept it, all do.
        freed: set[int] = set()
        for row, others in enumerate(beside):
            alike = {other for other in others if colour[other] == colour[row]}
            if row not in kept and alike:
                freed |= (alike & kept.keys()) or (others & kept.keys())
        if not freed:
            return {grid_id: colour[row] for row, grid_id in enumerate(ids)}
        kept = {row: shade for row, shade in kept.items() if row not in freed}


def _kept(earlier: Sequence[int | None], beside: Sequence[set[int]]) -> dict[int, int]:
    """Return the rows that keep the colour they had: no two of them beside each other share one."""
    kept: dict[int, int] = {}
    for row, shade in enumerate(earlier):
        known = shade is not None and 0 <= shade < len(PALETTE)
        if known and all(kept.get(other) != shade for other in beside[row]):
            kept[row] = int(shade or 0)
    return kept


def _greedy(
    beside: Sequence[set[int]], near: Sequence[set[int]], kept: Mapping[int, int]
) -> dict[int, int]:
    colour = dict(kept)
    used = [0] * len(PALETTE)
    for shade in kept.values():
        used[shade] += 1
    for row in _smallest_last(beside):
        if row in kept:
            continue
        taken, close = (
            Counter(colour[other] for other in around[row] if other in colour)
            for around in (beside, near)
        )
        best = min(range(len(PALETTE)), key=lambda k: (taken[k], close[k], used[k], k))
        colour[row] = best
        used[best] += 1
    return colour


def _within(
    polygons: Sequence[BaseGeometry] | NDArray[np.object_], distance: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of each pair of polygons at most that far apart, the smaller row first."""
    shapes = np.asarray(polygons, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=distance)
    return left[left < right], right[left < right]


def _sets(pairs: Iterable[Sequence[int]], size: int) -> list[set[int]]:
    """For each row the rows it is paired with."""
    sets: list[set[int]] = [set() for _ in range(size)]
    for i, j in pairs:
        sets[i].add(j)
        sets[j].add(i)
    return sets


def _smallest_last(beside: Sequence[set[int]]) -> list[int]:
    """Order rows so that each has few neighbours before it: peel the least connected, reverse."""
    degree = [len(others) for others in beside]
    heap = [(degree[row], -row) for row in range(len(beside))]
    heapq.heapify(heap)
    peeled: list[int] = []
    gone = [False] * len(beside)
    while heap:
        count, minus = heapq.heappop(heap)
        row = -minus
        if gone[row] or count != degree[row]:
            continue  # an entry from before a neighbour was peeled
        gone[row] = True
        peeled.append(row)
        for other in beside[row]:
            if not gone[other]:
                degree[other] -= 1
                heapq.heappush(heap, (degree[other], -other))
    return peeled[::-1]
