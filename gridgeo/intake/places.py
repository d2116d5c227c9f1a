"""Shapes and coordinates to valid shapes in one metric CRS, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from ..crs import LONLAT, finite, metric_crs_for, misfit_deg, to_metric
from ..errors import Finding, InputError
from .telling import Rows, error
from .values import coordinates

# A neighbour's zone is often used a little outside its own; a wrong CRS is much farther off.
MISFIT_DEG = 6.0
# A footprint that loses more than half of itself was not mended but guessed.
KEPT_SHARE = 0.5
_POINT, _LINE, _RING, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON, _COLLECTION = range(8)
POINTS_AND_POLYGONS = (_POINT, _POLYGON, _MULTIPOLYGON)
POLYGONS = (_POLYGON, _MULTIPOLYGON)
LINES = (_LINE, _RING, _MULTILINE)
_WORDS = {
    POINTS_AND_POLYGONS: "points or polygons",
    POLYGONS: "polygons",
    LINES: "lines",
}
_TYPE_WORDS = (
    "a point",
    "a line",
    "a line",
    "a polygon",
    "points",
    "lines",
    "polygons",
    "a mixture",
)
# Chinese zones come in twos, with the zone number before the easting and without it: EPSG
# codes of the first, and how much further on the second stands. 3 degrees, then 6 degrees.
_ZONES = (
    (range(4513, 4534), 21),  # CGCS2000
    (range(4491, 4502), 11),
    (range(2349, 2370), 21),  # Xian 1980
    (range(2327, 2338), 11),
    (range(2401, 2422), 21),  # Beijing 1954
    (range(21413, 21424), 40),
)
_FIRST_ZONE = {4513: 25, 4491: 13, 2349: 25, 2327: 13, 2401: 25, 21413: 13}


@dataclass(frozen=True, eq=False)
class Placed:
    """Shapes (object array, None where at fault) in a metric ``crs``; None where none was found."""

    shapes: np.ndarray[Any, Any]
    crs: pyproj.CRS | None
    findings: tuple[Finding, ...] = ()


def points_from(
    first: Any, second: Any, *, degrees: bool, crs: pyproj.CRS | None
) -> tuple[np.ndarray[Any, Any], pyproj.CRS | None]:
    """Make points of two columns of a table: lon and lat, or x and y.

    Returns:
        Points, None where a coordinate is not a number, and the CRS they are taken to be in:
        for degrees ``crs`` if that is in degrees too, else WGS 84; for x and y ``crs`` alone.
    """
    xy = np.column_stack([coordinates(column, degrees=degrees) for column in (first, second)])
    known = np.isfinite(xy).all(axis=1)
    shapes = np.full(len(xy), None, dtype=object)
    shapes[known] = shapely.points(xy[known])
    if degrees and (crs is None or not crs.is_geographic):
        return shapes, pyproj.CRS.from_user_input(LONLAT)
    return shapes, crs


def place(
    shapes: np.ndarray[Any, Any],
    claims: Sequence[pyproj.CRS | None],
    rows: Rows,
    *,
    kinds: tuple[int, ...],
    target: pyproj.CRS | None,
) -> Placed:
    """Check, reproject and mend the shapes of one file.

    Args:
        shapes: geometries as read, object array (n,).
        claims: what their CRS may be, the likeliest first, None where unknown; the first
            that the coordinates can be in is taken.
        rows: the rows, for messages.
        kinds: ``POINTS_AND_POLYGONS``, ``POLYGONS`` or ``LINES``.
        target: the metric CRS to come to; None to choose one here.
    """
    flat: np.ndarray[Any, Any] = np.array(shapely.force_2d(shapes), dtype=object)
    findings: list[Finding] = []
    nowhere = shapely.is_missing(flat) | shapely.is_empty(flat) | ~finite(flat)
    flat = without(flat, nowhere)
    flat, wrong = of_kind(flat, kinds)
    if wrong.any():
        found = _TYPE_WORDS[min(int(shapely.get_type_id(shapes[int(np.argmax(wrong))])), 7)]
        fix = f"give a layer of {_WORDS[kinds]}"
        what = f"{found} where {_WORDS[kinds]} are needed"
        findings.append(
            rows.fault(
                "shape-kind",
                wrong,
                (f"is {what}", f"are not {_WORDS[kinds]} but, as the first, {found}"),
                fix,
            )
        )
    crs, fault = _fitting(flat, claims, rows)
    if crs is not None and crs.is_geographic:
        # 0, 0 lies in the sea off Africa: it is what an empty coordinate turns into
        nowhere |= np.asarray(shapely.equals(flat, shapely.Point(0, 0)))
        flat = without(flat, nowhere)
    if nowhere.any():
        findings.append(
            rows.fault(
                "place-missing",
                nowhere,
                ("has no place", "have no place"),
                "fill in the coordinates or draw the shape, or leave them out",
            )
        )
    if fault is not None:
        return Placed(flat, None, (*findings, fault))
    if crs is None or not np.any(~shapely.is_missing(flat)):
        return Placed(flat, None, tuple(findings))
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(flat, crs=crs))
    try:
        metric = target if target is not None else metric_crs_for(frame)
        moved = np.asarray(to_metric(frame, metric).geometry.values, dtype=object)
    except InputError as lost:
        return Placed(flat, None, (*findings, *lost.findings))
    mended, told = make_valid(moved, rows)
    return Placed(mended, metric, (*findings, *told))


def without(shapes: np.ndarray[Any, Any], gone: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the shapes with None for those that are ``gone``, bool (n,)."""
    kept = shapes.copy()
    kept[gone] = None
    return kept


def of_kind(
    shapes: np.ndarray[Any, Any], kinds: tuple[int, ...]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the shapes of the kinds asked for, None for others, and which were others.

    What holds shapes of such a kind among others comes down to them.
    """
    kept = shapes.copy()
    for at in np.flatnonzero(np.isin(shapely.get_type_id(shapes), (_MULTIPOINT, _COLLECTION))):
        parts = shapely.get_parts(shapes[at])
        if len(parts) == 1:
            kept[at] = parts[0]
        elif set(kinds) <= set(POINTS_AND_POLYGONS):
            kept[at] = polygonal(shapes[at]) or shapes[at]
    wrong = ~np.isin(shapely.get_type_id(kept), (-1, *kinds))
    return without(kept, wrong), wrong


def _fitting(
    shapes: np.ndarray[Any, Any], claims: Sequence[pyproj.CRS | None], rows: Rows
) -> tuple[pyproj.CRS | None, Finding | None]:
    """Return the first claim the coordinates can be in, or the fault of the first claim."""
    there = np.flatnonzero(~shapely.is_missing(shapes))
    known = [crs for crs in claims if crs is not None]
    bounds = shapely.bounds(shapes)
    if not known:
        return None, _no_crs(bounds[there], rows)
    if not len(there):
        return known[0], None
    faults = []
    for crs in known:
        fault = (_degrees_fault if crs.is_geographic else _metres_fault)(bounds, crs, rows)
        if fault is None:
            return crs, None
        faults.append(fault)
    return None, faults[0]


def _no_crs(bounds: np.ndarray[Any, Any], rows: Rows) -> Finding:
    as_degrees = len(bounds) and np.all(np.abs(bounds) <= [180, 90, 180, 90])
    example = "EPSG:4326" if as_degrees else "EPSG:4548"
    hint = " (they look like degrees)" if as_degrees else ""
    return error(
        "crs-missing",
        f"{rows.prefix}nothing says in which CRS the coordinates are{hint}",
        f"name it with --crs, as --crs {example}",
    )


def _degrees_fault(bounds: np.ndarray[Any, Any], crs: pyproj.CRS, rows: Rows) -> Finding | None:
    with np.errstate(invalid="ignore"):
        out = (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1)
        turned = (np.abs(bounds) <= [90, 180, 90, 180]).all(axis=1)
    if not out.any():
        return None
    x, y = bounds[int(np.argmax(out)), :2]
    where = f"longitude {x:.10g}, latitude {y:.10g}"
    if turned[out].all():
        return rows.fault(
            "coordinates-swapped",
            out,
            (
                f"has latitude and longitude swapped: {where}",
                f"have latitude and longitude swapped: {where}",
            ),
            "swap them, in a table with --column lon=NAME --column lat=NAME",
        )
    return rows.fault(
        "coordinates-out-of-range",
        out,
        (
            f"lies outside the range of degrees: {where}",
            f"lie outside the range of degrees, as {where}",
        ),
        f"mend the coordinates; if they are metres ({crs.to_string()} was assumed), name their "
        "CRS with --crs",
    )


def _metres_fault(bounds: np.ndarray[Any, Any], crs: pyproj.CRS, rows: Rows) -> Finding | None:
    xy = bounds[np.isfinite(bounds).all(axis=1)][:, :2]
    if misfit_deg(xy, crs) <= MISFIT_DEG:
        return None
    x, y = np.median(xy, axis=0)
    fix = "name the right CRS with --crs"
    if (np.abs(xy) <= [180, 90]).all():
        fix = "they look like degrees: name their CRS with --crs, as --crs EPSG:4326"
    elif misfit_deg(xy[:, ::-1], crs) <= MISFIT_DEG:
        fix = (
            "the two look swapped (x is the easting): swap them, in a table with "
            "--column x=NAME --column y=NAME"
        )
    else:
        other = other_zone(xy, crs)
        if other is not None and misfit_deg(xy, pyproj.CRS.from_epsg(other)) <= MISFIT_DEG:
            fix = f"they fit EPSG:{other}: name it with --crs EPSG:{other}"
    return error(
        "coordinates-off-crs",
        f"{rows.prefix}the coordinates (about x {x:.10g}, y {y:.10g}) lie outside the area of "
        f"{crs.to_string()} ({crs.name})",
        fix,
    )


def other_zone(xy: np.ndarray[Any, Any], crs: pyproj.CRS) -> int | None:
    """Return the Chinese zone that the same numbers fit with or without a zone number."""
    code = crs.to_epsg() or 0
    number = int(np.median(xy[:, 0]) // 1_000_000)
    for prefixed, step in _ZONES:
        # the zones of a family are numbered on, as their codes are
        first = _FIRST_ZONE[prefixed.start]
        if code in prefixed and number == 0:
            return code + step
        at = prefixed.start + number - first
        if code - step in prefixed and at in prefixed:
            return at
    return None


def make_valid(
    shapes: np.ndarray[Any, Any], rows: Rows
) -> tuple[np.ndarray[Any, Any], list[Finding]]:
    """Make polygons valid, None where they cannot be; lines and points are let be."""
    broken = ~shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), POLYGONS)
    if not broken.any():
        return shapes, []
    mended = shapes.copy()
    beyond = np.zeros(len(shapes), dtype=bool)
    for at in np.flatnonzero(broken):
        parts = shapely.get_parts(shapes[at])
        # each part by itself: make_valid leaves out the ground that two of them share
        sound = [polygonal(part) for part in shapely.make_valid(parts)]
        shape = polygonal(shapely.union_all([part for part in sound if part is not None]))
        # a bow-tie has no area by its own count; make_valid finds both halves
        if shape is None or shape.area < KEPT_SHARE * shapely.area(parts).max():
            beyond[at] = True
            mended[at] = None
        else:
            mended[at] = shape
    findings = []
    if beyond.any():
        findings.append(
            rows.fault(
                "shape-broken",
                beyond,
                ("has a broken shape", "have broken shapes that cannot be mended"),
                "draw it again",
            )
        )
    healed = broken & ~beyond
    if healed.any():
        findings.append(
            rows.warning(
                "shape-mended",
                healed,
                ("had an invalid shape, mended", "had invalid shapes, mended"),
                "look at them on the map",
            )
        )
    return mended, findings


def polygonal(shape: Any) -> Any:
    """Return the polygonal parts of a shape as one polygon or multipolygon, None without."""
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), POLYGONS)])
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
