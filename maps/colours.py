"""Colours for grids: neighbours differ, and differ for colour-blind readers too."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .sheet import GridShape

# Soft fills under dark text, after the "light" scheme of Paul Tol (Colour Schemes, SRON/EPS/TN/
# 09-002, issue 3.2), which stays apart under protan, deutan and tritan vision. Six are enough:
# the borders of polygons that do not overlap make a planar graph.
PALETTE: tuple[str, ...] = ("#77aadd", "#eedd88", "#44bb99", "#ffaabb", "#ee8866", "#bbcc33")

# About a centimetre: borders reprojected one by one may part by a rounding.
_TOUCH_DEG = 1e-7
# About thirty metres: across a corner, a street or a river alike colours still look joined.
_NEAR_DEG = 3e-4
# About ten centimetres of common border make neighbours; a corner does not.
_SHARED_DEG = 1e-6


def neighbours(polygons: Sequence[BaseGeometry]) -> NDArray[np.int64]:
    """Return which polygons share a border, as row pairs.

    Args:
        polygons: shapely Polygons in WGS 84 degrees, length n.

    Returns:
        int64 array, shape (m, 2), each row ``i < j``, rows sorted.
    """
    shapes = np.asarray(polygons, dtype=object)
    if len(shapes) < 2:
        return np.empty((0, 2), dtype=np.int64)
    left, right = _within(shapes, _TOUCH_DEG)
    # One rim against the other shape, thickened: robust where one of them lost a vertex.
    common = shapely.intersection(
        shapely.boundary(shapes[left]), shapely.buffer(shapes[right], 2 * _TOUCH_DEG, quad_segs=1)
    )
    pairs = np.column_stack([left, right])[shapely.length(common) > _SHARED_DEG]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int64)


def colour_grids(grids: Sequence[GridShape]) -> dict[str, int]:
    """Give each grid a row of PALETTE such that grids with a common border differ.

    Smallest-last greedy colouring (Matula and Beck 1983, J. ACM 30:417): on a planar graph it
    needs at most six colours. Among the colours free at a grid the one fewest of the grids near
    it have is taken, then the one used least so far. Ties fall to grid id and palette order:
    the same grids get the same colours in whatever order they come.

    Args:
        grids: grids with unique ids and polygons that do not overlap.

    Returns:
        Palette row by grid id. Where polygons overlap so wildly that six colours do not do,
        a grid takes the colour fewest of its neighbours have.
    """
    ordered = sorted(grids, key=lambda grid: grid.grid_id)
    polygons = [grid.polygon for grid in ordered]
    beside = _sets(neighbours(polygons).tolist(), len(ordered))
    near = _sets(zip(*_within(polygons, _NEAR_DEG), strict=True), len(ordered))
    colour: dict[int, int] = {}
    used = [0] * len(PALETTE)
    for row in _smallest_last(beside):
        taken, close = (
            Counter(colour[other] for other in around[row] if other in colour)
            for around in (beside, near)
        )
        best = min(range(len(PALETTE)), key=lambda k: (taken[k], close[k], used[k], k))
        colour[row] = best
        used[best] += 1
    return {grid.grid_id: colour[row] for row, grid in enumerate(ordered)}


def _within(
    polygons: Sequence[BaseGeometry] | NDArray[np.object_], distance_deg: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of each pair of polygons at most that far apart, the smaller row first."""
    shapes = np.asarray(polygons, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=distance_deg)
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
