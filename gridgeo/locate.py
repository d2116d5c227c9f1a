"""Which grid is this place in: one place or a million, ties decided the same way always."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from .crs import mover_to
from .model import Plan
from .scorecard import grid_polygons, grid_rows

Array = np.ndarray[Any, Any]

# Points in work at once: a million candidates and more in one array would only cost memory.
_BATCH = 200_000
NO_GRID = ""


@dataclass(frozen=True, eq=False)
class GridIndex:
    """The grids of a plan, ready to tell in which of them a place lies.

    A place on the border of several grids is in the one whose id comes first, on the rim of
    the territory in the grid inside it; outside every grid nothing is found. The borders are
    those of the plan, not the simpler ones that are published.

    It is a tree of shapely's over prepared polygons. For 500 grids that is built in 0.1 ms and
    for 10,000 in 2 ms (rtree: 2 and 40), so that it is made anew and not edited, nor kept; and
    it answers arrays: 900,000 places a second; one by one 100,000, and rtree 80,000 (2 cores,
    one of them busy, ``python -m tests.bench.lookups``). rtree keeps the buildings: see
    ``BuildingIndex``.

    ``ids``: object (g,) of text, sorted; ``grounds``: Polygons, object (g,), in ``crs``.
    """

    ids: Array
    grounds: Array
    crs: pyproj.CRS
    tree: shapely.STRtree
    to_metric: Callable[[Array], Array]

    @classmethod
    def of(cls, plan: Plan) -> GridIndex:
        """Return the index of the grids of ``plan``, their ground read from its cells."""
        grids = grid_rows(plan)
        cells = plan.territory.cells
        exact = bool(shapely.coverage_is_valid(cells))
        grounds = grid_polygons(cells, grids, exact=exact)
        shapely.prepare(grounds)
        crs = pyproj.CRS.from_user_input(plan.buildings.table.crs)
        return cls(grids.ids, grounds, crs, shapely.STRtree(grounds), mover_to(crs))

    def grid_at(self, lon: float, lat: float) -> str:
        """Return the id of the grid at a place in WGS 84 degrees, "" if it is in none."""
        x, y = self.to_metric(np.array([[lon, lat]], dtype=np.float64))[0]
        return self.grid_at_xy(float(x), float(y))

    def grid_at_xy(self, x: float, y: float) -> str:
        """Return the id of the grid at a place in metres of the plan's CRS, "" for none."""
        if not (np.isfinite(x) and np.isfinite(y)):
            return NO_GRID
        near = self.tree.query(shapely.Point(x, y))
        inside = near[shapely.intersects_xy(self.grounds[near], x, y)]
        return str(self.ids[inside.min()]) if len(inside) else NO_GRID

    def locate(self, lonlat: Array) -> Array:
        """Return the grid ids of places in WGS 84 degrees.

        Args:
            lonlat: float64 (n, 2), longitude first; a place that is NaN or not on earth is in
                no grid.

        Returns:
            Ids, object (n,) of text, "" where a place is in no grid.
        """
        with np.errstate(invalid="ignore"):
            return self.locate_xy(self.to_metric(np.asarray(lonlat, dtype=np.float64)))

    def locate_xy(self, xy: Array) -> Array:
        """Return the grid ids of places, float64 (n, 2), in metres of the plan's CRS."""
        xy = np.asarray(xy, dtype=np.float64)
        if xy.ndim != 2 or xy.shape[1] != 2:
            raise ValueError(f"places come as an array of shape (n, 2), not {xy.shape}")
        rows = [self._rows(xy[at : at + _BATCH]) for at in range(0, len(xy), _BATCH)]
        named = np.append(self.ids, NO_GRID)  # row -1 is the last one
        return np.asarray(named[np.concatenate(rows)] if rows else named[:0])

    def _rows(self, xy: Array) -> Array:
        """Return the row of the grid of each place, int64 (n,), -1 where there is none."""
        placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
        point, grid = self.tree.query(shapely.points(xy[placed]))  # by their boxes
        x, y = xy[placed[point]].T
        inside = shapely.intersects_xy(self.grounds[grid], x, y)  # the border counts
        first = np.full(len(xy), len(self.ids), dtype=np.int64)
        np.minimum.at(first, placed[point[inside]], grid[inside])
        return np.where(first < len(self.ids), first, -1)
