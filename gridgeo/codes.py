"""Grid ids: a prefix and a sequence, north to south in bands, west to east inside a band."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

# Half a grid: centroids closer in northing than this count as side by side.
BAND_SHARE = 0.5


def reading_order(
    centres: np.ndarray[Any, Any], area_m2: np.ndarray[Any, Any], *, by: str = "rows"
) -> np.ndarray[Any, Any]:
    """Return the order in which a reader meets the grids, int64 (g,).

    ``centres``: float64 (g, 2), easting and northing in metres; ``area_m2``: float64 (g,).
    A band starts at the northernmost grid left and takes every grid whose centre is less than
    half a grid (half the root of the median area) further south; inside it, west to east.
    Ties go to the more northern, then to the order given. ``by`` "columns": bands from west to
    east, and from north to south inside them. Source: "west to east, north to
    south within a community" (DB11/T 2157), read as bands.
    """
    if by == "columns":
        # the same page, turned: what was west is on top
        centres = -centres[:, ::-1]
    height_m = BAND_SHARE * float(np.sqrt(np.median(area_m2)))
    left = list(np.lexsort((centres[:, 0], -centres[:, 1])))
    order: list[int] = []
    while left:
        south_m = centres[left[0], 1] - height_m
        band = [g for g in left if centres[g, 1] > south_m or g == left[0]]
        order += sorted(band, key=lambda g: (centres[g, 0], -centres[g, 1], g))
        taken = set(band)
        left = [g for g in left if g not in taken]
    return np.array(order, np.int64)


def grid_ids(
    name: str, cells: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the grid id of every cell: the community's name and a number in reading order.

    ``cells``: polygons of a coverage, object (n,). ``labels``: int64 (n,), grids from 0.
    """
    order = order_of_grids(cells, labels)
    ids = np.empty(len(order), dtype=object)
    ids[order] = sequence_ids(name, len(order))
    return np.asarray(ids[labels], dtype=object)


def order_of_grids(
    cells: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], *, by: str = "rows"
) -> np.ndarray[Any, Any]:
    """Return the grids in reading order, int64 (g,); arguments as of ``grid_ids``.

    ``by``: see ``reading_order``.
    """
    count = int(labels.max()) + 1
    grounds = np.array(
        [shapely.coverage_union_all(cells[labels == g]) for g in range(count)], dtype=object
    )
    centres = shapely.get_coordinates(shapely.centroid(grounds))
    return reading_order(centres, shapely.area(grounds), by=by)


def sequence_ids(prefix: str, count: int) -> list[str]:
    """Return ``PREFIX-001`` and on, with more digits where three do not do."""
    width = max(3, len(str(count)))
    return [f"{prefix}-{number:0{width}d}" for number in range(1, count + 1)]
