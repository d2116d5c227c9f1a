"""Cross checks over a community that was read: what stops a partition, what is merely odd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from ..datum_check import datum_findings
from ..errors import Finding, Findings, Severity
from ..model import Buildings, Community
from .overlaps import WIDE_M2, overlapping_pairs
from .telling import Rows, error

# Farther than this from every other building, a building is more likely misplaced than remote.
_LONELY_M = 1000.0


def check_community(community: Community) -> Findings:
    """Return what is wrong or odd with a community, errors first.

    Errors: buildings outside the boundary, or outside that of their own community;
    communities that the boundary does not know. Warnings: those of reading, more households
    than people, buildings at one point, overlapping footprints, a building more than 1 km from
    all others, buildings or streets in the datum of a web map.
    """
    table = community.buildings.table
    found: list[Finding] = []
    if community.boundary is not None:
        found += boundary_faults(_as_wholes(community.buildings), community.boundary)
    reading = [] if community.reading is None else list(community.reading)
    found += reading
    shapes = np.asarray(table.geometry.values, dtype=object)
    rows = Rows(community.buildings.ids, "building", "buildings")
    found += _datums(shapes, community)
    found += fewer_people(community.buildings.households, community.buildings.population, rows)
    found += at_one_point(shapes, rows)
    found += _overlapping(shapes, rows)
    found += lonely(community.buildings.xy, rows)
    gathered = Findings(tuple(found))
    return Findings((*gathered.errors, *gathered.warnings))


def _datums(shapes: np.ndarray[Any, Any], community: Community) -> list[Finding]:
    """Tell a wrong datum, as a warning: it is seen by signs, and ``check --fix`` undoes it."""
    lines = community.barriers
    if lines is None:
        return []
    streets = lines[lines["kind"] != "wall"]
    at = np.asarray(streets.geometry.values, dtype=object)
    told = datum_findings(shapes, community.buildings.table.crs, at, lines.crs)
    return [replace(finding, severity=Severity.WARNING) for finding in told]


def _as_wholes(buildings: Buildings) -> gpd.GeoDataFrame:
    """Return the table with each part of a building in the shape of the whole of it."""
    shapes = np.array(buildings.table.geometry.values, dtype=object)
    for whole in buildings.parts:
        shapes[list(whole.rows)] = whole.shape
    return buildings.table.set_geometry(shapes, crs=buildings.table.crs)


def boundary_faults(table: gpd.GeoDataFrame, boundary: gpd.GeoDataFrame) -> list[Finding]:
    """Tell buildings that stand outside their boundary, with how far the first is, in metres.

    Both in one metric CRS. A building that the boundary touches is inside; one that it cuts is
    inside too. Where the boundary names communities, a building's own is meant.
    """
    shapes = np.asarray(table.geometry.values, dtype=object)
    ids = np.asarray(table["building_id"], dtype=object)
    rows = Rows(ids, "building", "buildings")
    if "community" not in boundary.columns:
        return _outside(shapes, shapely.union_all(boundary.geometry.values), rows, "the boundary")
    mine = np.asarray(table["community"], dtype=object)
    theirs = np.asarray(boundary["community"], dtype=object)
    findings: list[Finding] = []
    unknown = sorted(set(mine) - set(theirs))
    if unknown:
        findings.append(
            error(
                "community-without-boundary",
                f"{len(unknown)} communities have no boundary (first: {unknown[0]}); the boundary "
                f"file knows {', '.join(sorted(set(theirs))[:10])}",
                "write the names alike in both files, or add their boundaries",
                count=len(unknown),
                first=str(unknown[0]),
            )
        )
    for name in sorted(set(mine) & set(theirs)):
        own = np.flatnonzero(mine == name)
        area = shapely.union_all(boundary.geometry.values[theirs == name])
        some = Rows(ids[own], "building", "buildings", at=own)
        findings += _outside(shapes[own], area, some, f"the boundary of {name}")
    return findings


def _outside(shapes: np.ndarray[Any, Any], area: Any, rows: Rows, which: str) -> list[Finding]:
    shapely.prepare(area)
    out = ~shapely.intersects(area, shapes)
    if not out.any():
        return []
    far_m = shapely.distance(area, shapes[int(np.argmax(out))])
    where = f"outside {which}"
    return [
        rows.fault(
            "building-outside",
            out,
            (
                f"stands {where}, {far_m:,.0f} m from it",
                f"stand {where}, the first {far_m:,.0f} m from it",
            ),
            "check the boundary and the places, or leave these buildings out with --where",
        )
    ]


def fewer_people(
    households: np.ndarray[Any, Any], population: np.ndarray[Any, Any], rows: Rows
) -> list[Finding]:
    """Tell buildings with more households than people."""
    fewer = population < households
    if not fewer.any():
        return []
    what = ("has more households than people", "have more households than people")
    fix = "check that the two columns are not swapped"
    return [rows.warning("fewer-people", fewer, what, fix)]


def at_one_point(shapes: np.ndarray[Any, Any], rows: Rows) -> list[Finding]:
    """Tell points that stand within a millimetre of another; metric CRS, None is passed over."""
    points = np.flatnonzero(shapely.get_type_id(shapes) == 0)
    xy = np.round(shapely.get_coordinates(shapes[points]), 3)
    _, group, size = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    shared = np.zeros(len(shapes), dtype=bool)
    shared[points] = size[group.ravel()] > 1 if len(points) else False
    if not shared.any():
        return []
    what = "stand at one point with another"
    fix = "they are kept together in one grid; move them apart if they are two places"
    return [rows.warning("one-point", shared, (what, what), fix)]


def _overlapping(shapes: np.ndarray[Any, Any], rows: Rows) -> list[Finding]:
    pairs = overlapping_pairs(shapes)
    wide = pairs.shared_m2 > WIDE_M2
    if not wide.any():
        return []
    shared = np.zeros(len(shapes), dtype=bool)
    shared[pairs.left[wide]] = True
    shared[pairs.right[wide]] = True
    what = "overlap another by more than 1 m2"
    return [rows.warning("overlap", shared, (what, what), "check that none was drawn twice")]


def lonely(xy: np.ndarray[Any, Any], rows: Rows) -> list[Finding]:
    """Tell places, float64 (n, 2) in metres, that are far from all others."""
    if len(xy) < 2:
        return []
    nearest_m = cKDTree(xy).query(xy, k=2)[0][:, 1]
    lonely = nearest_m > _LONELY_M
    if not lonely.any():
        return []
    far_m = nearest_m[int(np.argmax(lonely))]
    what = (
        f"stands {far_m:,.0f} m from all others",
        f"stand more than {_LONELY_M:,.0f} m from all others",
    )
    return [rows.warning("lonely", lonely, what, "check their coordinates")]
