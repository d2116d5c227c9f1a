"""On the ground of which old grid a building stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]

# A building that lies in two grids is clearly in one if that holds so much more of it.
_CLEAR_SHARE = 0.9
INSIDE, NEAR, UNCLEAR, NOWHERE = "inside", "near", "unclear", "nowhere"


@dataclass(frozen=True, eq=False)
class OnGround:
    """``grid``: object (n,) of text, "" for none; ``where``: object (n,), one of the four words."""

    grid: Array
    where: Array


def on_ground(shapes: Array, polygons: Array, ids: Array, near_m: float) -> OnGround:
    """Look up the grid of every building by the point on it.

    One that lies in several, since they overlap or it is on their border, counts to the grid that
    holds most of it, a point on a common border to the first id; one in none to the nearest within
    ``near_m``.

    Args:
        shapes: buildings, object (n,), in a metric CRS; None for one without a place.
        polygons: of grids, object (g,), in the same CRS.
        ids: whose each polygon is, object (g,); a grid may have several.
        near_m: in metres.
    """
    n = len(shapes)
    grid, where = np.full(n, "", dtype=object), np.full(n, NOWHERE, dtype=object)
    spots = shapely.point_on_surface(shapes)
    tree = shapely.STRtree(polygons)
    spot, polygon = tree.query(spots, predicate="intersects")
    by_spot: dict[int, list[int]] = {}
    for at, which in sorted(zip(spot.tolist(), polygon.tolist(), strict=True)):
        by_spot.setdefault(at, []).append(which)
    for at, held in by_spot.items():
        grid[at], where[at] = str(ids[held[0]]), INSIDE
        if len({str(ids[which]) for which in held}) > 1:
            grid[at], clear = _heaviest(shapes[at], spots[at], polygons[held], ids[held])
            if not clear:
                grid[at], where[at] = "", UNCLEAR
    out = np.array([at for at in range(n) if at not in by_spot], dtype=np.int64)
    at, which = tree.query_nearest(spots[out], max_distance=near_m)
    # of several at the same distance the first id comes last, and stays
    pairs = zip(at.tolist(), [str(ids[one]) for one in which.tolist()], strict=True)
    for k, name in sorted(pairs, reverse=True):
        grid[out[k]], where[out[k]] = name, NEAR
    return OnGround(grid, where)


def _heaviest(shape: Any, spot: Any, polygons: Array, ids: Array) -> tuple[str, bool]:
    """Return the grid that most of a building lies in, and whether that is clear."""
    share: dict[str, float] = {}
    for polygon, name in zip(polygons, ids, strict=True):
        shared_m2 = float(shapely.area(shapely.intersection(shape, polygon)))
        share[str(name)] = share.get(str(name), 0.0) + shared_m2
    ranked = sorted(share, key=lambda name: (-share[name], name))
    if share[ranked[0]] == 0:
        # a point: inside two grids that overlap nothing tells which
        inside = shapely.contains_properly(polygons, spot)
        return ranked[0], len({str(name) for name in ids[inside]}) < 2
    return ranked[0], share[ranked[1]] <= _CLEAR_SHARE * share[ranked[0]]
