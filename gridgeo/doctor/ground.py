"""Where buildings stand: outside the boundary or across it, at one point, far from all others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from ..errors import Finding
from ..intake.check import at_one_point, boundary_faults, lonely
from ..intake.telling import Rows
from .case import Town, fault_of

Array = np.ndarray[Any, Any]

# A wall on the line is drawn over it by less.
_ACROSS_M2, _ACROSS_SHARE = 1.0, 0.01
# The middles of two buildings are farther apart; what is within a millimetre is one point.
_NEARLY_M, _MILLIMETRE_M = 2.0, 0.001


def check_boundary(town: Town) -> Town:
    """Tell buildings outside their boundary, and those that stand on both sides of it."""
    edge = town.edge
    here = np.flatnonzero(~shapely.is_missing(town.shapes) & ~town.gone)
    if edge is None or not len(here):
        return town
    table = gpd.GeoDataFrame(
        {"building_id": town.rows.names[here], "community": town.community[here]},
        geometry=town.shapes[here],
        crs=edge.crs,
    )
    found = [_as_read(finding, town.rows, here) for finding in boundary_faults(table, edge)]
    town = town.told(*(fault_of(finding) for finding in found))
    return _across(town, here, edge)


def check_neighbours(town: Town) -> Town:
    """Tell buildings at one point, and those far from all others."""
    if town.crs is None:
        return town
    here = ~shapely.is_missing(town.shapes) & ~town.gone
    xy = np.full((len(here), 2), np.nan)
    xy[here] = shapely.get_coordinates(shapely.centroid(town.shapes[here]))
    return town.noted(neighbours(xy, shapely.get_type_id(town.shapes) == 0, town.rows))


def neighbours(xy: Array, is_point: Array, rows: Rows) -> list[Finding]:
    """Tell buildings at one point, nearly at one, and far from all others.

    Args:
        xy: the middle of each in metres, float64 (n, 2), NaN for one that has no place.
        is_point: bool (n,), whether that is all there is of it.
        rows: their names, with where they stood when read.
    """
    here = np.flatnonzero(np.isfinite(xy).all(axis=1))
    some = replace(rows, names=rows.names[here], at=_at(rows)[here])
    xy, is_point = xy[here], is_point[here]
    shapes = np.full(len(here), None, dtype=object)
    shapes[is_point] = shapely.points(xy[is_point])
    near = _nearly_one_point(xy, np.flatnonzero(is_point), some)
    return [*at_one_point(shapes, some), *near, *lonely(xy, some)]


def _nearly_one_point(xy: Array, points: Array, rows: Rows) -> list[Finding]:
    """Tell points nearer to each other than two buildings can be, other than at one point."""
    if len(points) < 2:
        return []
    pairs = cKDTree(xy[points]).query_pairs(_NEARLY_M, output_type="ndarray")
    apart_m = np.hypot(*(xy[points[pairs[:, 0]]] - xy[points[pairs[:, 1]]]).T)
    close = np.zeros(len(xy), dtype=bool)
    close[points[pairs[apart_m > 2 * _MILLIMETRE_M]].ravel()] = True
    if not close.any():
        return []
    what = f"within {_NEARLY_M:.0f} m of another building's point"
    fix = "check that they are two buildings, and where they stand"
    return [rows.warning("points-close", close, (f"stands {what}", f"stand {what}"), fix)]


def _across(town: Town, here: Array, edge: gpd.GeoDataFrame) -> Town:
    """Tell footprints that lie partly outside; half of one or more is told apart."""
    areal = here[shapely.get_dimensions(town.shapes[here]) == 2]
    outside_m2 = np.zeros(len(town.shapes))
    for rows, area in _areas(town, areal, edge):
        shapely.prepare(area)
        over = rows[
            shapely.intersects(area, town.shapes[rows]) & ~shapely.covers(area, town.shapes[rows])
        ]
        outside_m2[over] = shapely.area(shapely.difference(town.shapes[over], area))
    share = outside_m2 / np.maximum(shapely.area(town.shapes), 1e-9)
    across = (outside_m2 > _ACROSS_M2) & (share > _ACROSS_SHARE)
    if not across.any():
        return town
    first = int(np.argmax(across))
    what = f"on both sides of the boundary, {share[first]:.0%} of it outside"
    many = f"on both sides of the boundary, the first with {share[first]:.0%} of it outside"
    fix = "they count as inside; move the boundary or leave them out if they do not belong"
    finding = town.rows.warning("building-across", across, (f"stands {what}", f"stand {many}"), fix)
    return town.noted([finding])


def _areas(town: Town, rows: Array, edge: gpd.GeoDataFrame) -> list[tuple[Array, Any]]:
    """Rows with the ground they belong on: that of their own community where it is told."""
    shapes = np.asarray(edge.geometry.values, dtype=object)
    if "community" not in edge.columns:
        return [(rows, shapely.union_all(shapes))]
    theirs = np.asarray(edge["community"], dtype=object)
    mine = town.community[rows]
    return [
        (rows[mine == name], shapely.union_all(shapes[theirs == name]))
        for name in sorted(set(mine) & set(theirs))
    ]


def _as_read(finding: Finding, rows: Rows, here: Array) -> Finding:
    """Return a finding over some of the rows as one that knows where they stood when read."""
    if not finding.rows:
        return finding
    return replace(finding, rows=tuple(_at(rows)[here[list(finding.rows)]].tolist()))


def _at(rows: Rows) -> Array:
    return np.arange(len(rows.names)) if rows.at is None else rows.at
