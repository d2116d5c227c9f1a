"""Give neighbours the border vertices they lack, so that pieces cut apart fit exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from .contacts import equal_rows, one_way

Array = np.ndarray[Any, Any]

# A border cut on one side only has vertices that lie off the other side by rounding alone.
ON_SEGMENT_M = 1e-7
# Coordinates of a national grid tell no places apart that are nearer than this.
SAME_PLACE_M = 1e-9


def stitch(polygons: Array) -> Array:
    """Add to every border the vertices that only the piece beyond has.

    Args:
        polygons: single-part Polygons whose borders lie on each other but for vertices that
            one side lacks (a T, where a border meets the rim of another face), object (n,).

    Returns:
        The same polygons, those that lacked a vertex drawn again; object (n,).
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = xy + 0.0  # -0.0 and 0.0 are one place
    start = np.flatnonzero(ring[1:] == ring[:-1])
    start = start[_lone(np.stack([xy[start], xy[start + 1]], axis=1))]
    segment, places = _places_within(xy[start], xy[start + 1])
    if len(segment) == 0:
        return polygons
    at, changed = start[segment], np.zeros(len(polygons), dtype=bool)
    changed[owner[ring[at]]] = True
    drawn = changed[owner[ring]]
    # the places within one segment come in the order they are met
    grown = np.insert(xy, at + 1, places, axis=0)
    grown_ring = np.insert(ring, at + 1, ring[at])
    kept = np.insert(drawn, at + 1, True)
    numbers, ring_number = np.unique(grown_ring[kept], return_inverse=True)
    redrawn = shapely.linearrings(grown[kept], indices=ring_number)
    _, polygon_number = np.unique(owner[numbers], return_inverse=True)
    out = polygons.copy()
    out[changed] = shapely.polygons(redrawn, indices=polygon_number)
    return out


def _lone(segments: Array) -> Array:
    """Which segments (s, 2, 2) no other equals, whichever way it runs; bool (s,)."""
    first, second = equal_rows(one_way(segments))
    lone = np.ones(len(segments), dtype=bool)
    lone[first] = lone[second] = False
    return lone


def _places_within(start: Array, end: Array) -> tuple[Array, Array]:
    """Ends of segments that lie within others: the segment and the place, in order along it."""
    ends = np.unique(np.concatenate([start, end]).view(np.complex128))
    places = np.column_stack([ends.real, ends.imag])
    tree = shapely.STRtree(shapely.linestrings(np.stack([start, end], axis=1)))
    place, segment = tree.query(shapely.points(places), predicate="dwithin", distance=ON_SEGMENT_M)
    run, away = end[segment] - start[segment], places[place] - start[segment]
    length_m = np.hypot(run[:, 0], run[:, 1])
    along_m = (run * away).sum(axis=1) / np.maximum(length_m, SAME_PLACE_M)
    within = (along_m > SAME_PLACE_M) & (along_m < length_m - SAME_PLACE_M)
    order = np.lexsort((along_m[within], segment[within]))
    return segment[within][order], places[place[within][order]]
