"""The ground of every grid as the public sees it: fewer corners, and still no gap between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from .crs import to_lonlat
from .model import Plan
from .scorecard import GridRows, grid_polygons, grid_rows

Array = np.ndarray[Any, Any]

# Half of the corners of a border are those of Voronoi cells, a metre or two off a smooth line.
# At 3 m the files of Riverside are a fifth as large as without, at 5 m a sixth; and on a screen
# that shows a whole community 3 m are less than a pixel.
TOLERANCE_M = 3.0
# Where a border would harm a building it is tried again with half the tolerance, to this one.
_LEAST_M = 0.25
# A footprint may lose so much: less is rounding.
_SLACK_M2 = 0.01
_DECIMALS = 7  # of published degrees: what is valid before may not be once rounded


@dataclass(frozen=True, eq=False)
class _Homes:
    """The buildings and the grids they are in; rows as in the plan.

    ``inner``: a point on each building; ``within`` whether its grid held it before;
    ``outside_m2``: how much of a footprint lay outside its grid before.
    """

    shapes: Array
    inner: Array
    of: Array
    within: Array
    outside_m2: Array

    @classmethod
    def of_plan(cls, plan: Plan, grids: GridRows, grounds: Array) -> _Homes:
        shapes = np.asarray(plan.buildings.table.geometry.values, dtype=object)
        inner = shapely.point_on_surface(shapes)
        homes = cls(shapes, inner, grids.of, np.ones(len(shapes), bool), np.zeros(len(shapes)))
        within, outside_m2 = homes._standing(grounds, np.arange(len(shapes)))
        return cls(shapes, inner, grids.of, within, outside_m2)

    def harmed(self, grounds: Array, rows: Array) -> Array:
        """Return which of the buildings ``rows`` lie worse in ``grounds`` than before."""
        within, outside_m2 = self._standing(grounds, rows)
        worse = outside_m2 > self.outside_m2[rows] + _SLACK_M2
        return rows[(self.within[rows] & ~within) | worse]

    def _standing(self, grounds: Array, rows: Array) -> tuple[Array, Array]:
        own = grounds[self.of[rows]]
        shapely.prepare(grounds[np.unique(self.of[rows])])
        within = shapely.covers(own, self.inner[rows])
        outside_m2 = np.zeros(len(rows))
        # most footprints lie well within: only the rest is cut
        over = np.flatnonzero(~shapely.covers(own, self.shapes[rows]))
        cut = shapely.difference(self.shapes[rows[over]], own[over])
        outside_m2[over] = shapely.area(cut)
        return within, outside_m2


def public_grounds(plan: Plan, *, tolerance_m: float = TOLERANCE_M) -> tuple[Array, Array]:
    """Return the ids of the grids and their simplified ground, in the order of the ids.

    All borders are simplified together, so that grids still meet without gap or overlap, and
    the rim of the territory stays as it is: the ground covered is the same, and a neighbouring
    community published apart still fits. (Simplified too it would save another 2 to 5 % only.)
    No building changes grid: its point stays inside, and its footprint reaches no further over
    the border than before. Where a border would do that it is simplified less, alone.

    Args:
        plan: its grids are read from the cells, which stay what they are.
        tolerance_m: about how far a border may move, in metres; 0 leaves all as it is.

    Returns:
        Ids, object (g,) of text, and Polygons, object (g,), in the metric CRS of the plan. They
        are a valid coverage also in degrees of 7 decimals if the cells are one; on cells that
        are none nothing is simplified, since that would return nonsense.
    """
    grids = grid_rows(plan)
    exact = bool(shapely.coverage_is_valid(plan.territory.cells))
    before = grid_polygons(plan.territory.cells, grids, exact=exact)
    if tolerance_m <= 0 or not exact or not _is_sound(before, before):
        return grids.ids, before
    homes = _Homes.of_plan(plan, grids, before)
    crs = plan.buildings.table.crs
    while tolerance_m >= _LEAST_M:
        after = _simplified(before, homes, tolerance_m)
        if _is_sound(after, before) and _is_sound(_published(after, crs)):
            return grids.ids, after
        tolerance_m /= 2
    return grids.ids, before


def _simplified(before: Array, homes: _Homes, tolerance_m: float) -> Array:
    """Simplify all borders at once; those of grids with a harmed building one by one."""
    everyone = np.flatnonzero(homes.of >= 0)
    after = before.copy()
    calm = np.ones(len(before), dtype=bool)
    while calm.any():
        after[:] = before
        after[calm] = _simplify(before[calm], tolerance_m)
        harmed = homes.harmed(after, everyone)
        if not len(harmed):
            break
        calm[homes.of[harmed]] = False
    order = everyone[np.argsort(homes.of[everyone], kind="stable")]
    begin = np.searchsorted(homes.of[order], np.arange(len(before) + 1))
    for pair in _pairs(before, ~calm):
        theirs = np.concatenate([order[begin[grid] : begin[grid + 1]] for grid in pair])
        _simplify_pair(after, pair, homes, theirs=theirs, tolerance_m=tolerance_m)
    return after


def _simplify(grounds: Array, tolerance_m: float) -> Array:
    """Simplify the borders between ``grounds``; where they border on nothing they stay."""
    out: Array = shapely.coverage_simplify(grounds, tolerance_m, simplify_boundary=False)
    return out


def _simplify_pair(
    after: Array, pair: Array, homes: _Homes, *, theirs: Array, tolerance_m: float
) -> None:
    """Simplify the border of two grids as far as ``theirs``, their buildings, allow, in place."""
    as_was = after[pair]
    while tolerance_m >= _LEAST_M:
        after[pair] = _simplify(as_was, tolerance_m)
        if not len(homes.harmed(after, theirs)):
            return
        tolerance_m /= 2
    after[pair] = as_was


def _pairs(grounds: Array, picked: Array) -> Iterable[Array]:
    """Return the pairs of touching grids of which one at least is picked, in order."""
    rows = np.flatnonzero(picked)
    found = shapely.STRtree(grounds).query(grounds[rows], predicate="intersects")
    pairs = np.sort(np.column_stack([rows[found[0]], found[1]]), axis=1)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    return np.unique(pairs, axis=0) if len(pairs) else pairs


def _is_sound(grounds: Array, like: Array | None = None) -> bool:
    """Whether ``grounds`` are polygons that form a coverage, of the same ground as ``like``."""
    if (shapely.get_type_id(grounds) != 3).any() or not shapely.is_valid(grounds).all():
        return False
    if not shapely.coverage_is_valid(grounds):
        return False
    if like is None:
        return True
    area_m2 = float(shapely.area(like).sum())
    return abs(float(shapely.area(grounds).sum()) - area_m2) <= _SLACK_M2 + 1e-9 * area_m2


def _published(grounds: Array, crs: Any) -> Array:
    rounded: Array = shapely.transform(
        to_lonlat(grounds, crs), lambda lonlat: np.round(lonlat, _DECIMALS)
    )
    return rounded
