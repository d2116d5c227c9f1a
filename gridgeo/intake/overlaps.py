"""Which footprints share ground with which, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]

# Neighbours drawn from one another's walls overlap by less.
WIDE_M2 = 1.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows that overlap, ``left < right``, sorted, and the ground they share.

    ``left``, ``right``: int64 (p,); ``shared_m2``: float64 (p,), above 0.
    """

    left: Array
    right: Array
    shared_m2: Array


def overlapping_pairs(shapes: Array) -> Pairs:
    """Return the pairs of polygons that share ground.

    Args:
        shapes: object array (n,) in a metric CRS; None, points and lines are passed over.
    """
    areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    left, right = shapely.STRtree(shapes[areal]).query(shapes[areal], predicate="intersects")
    once = left < right
    return shared_ground(shapes, areal[left[once]], areal[right[once]])


def shared_ground(shapes: Array, left: Array, right: Array) -> Pairs:
    """Return those of the pairs that share ground, in order."""
    # most neighbours only touch, and to see that is far cheaper than to cut them
    meet = ~shapely.touches(shapes[left], shapes[right])
    left, right = left[meet], right[meet]
    shared_m2 = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    order = np.lexsort((right, left))
    order = order[shared_m2[order] > 0]
    return Pairs(left[order].astype(np.int64), right[order].astype(np.int64), shared_m2[order])
