"""Where the coordinates are: axes that are swapped, zone numbers, a CRS that is not said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from ..crs import LONLAT, finite, lonlat_of, misfit_deg, to_lonlat
from ..intake.buildings import pair_of
from ..intake.places import MISFIT_DEG, POINTS_AND_POLYGONS, other_zone, points_from, without
from ..intake.telling import error, warning
from .case import Sheet, fault_of
from .diagnosis import Change, Fault, Remedy

Array = np.ndarray[Any, Any]

# A community with its surroundings: what stands farther off is not where it should be.
_NEAR_M, _FAR_M = 50_000.0, 100_000.0
_DEGREE_M = 111_320.0
_ZONE_M = 1_000_000.0
# More rows than this that are not where the others are, and it is not known who is right.
_MOST_ASTRAY = 0.2
# So many of the buildings must stand within the bounds of the boundary for it to bear witness.
_WITNESSED = 0.9


def check_places(sheet: Sheet) -> Sheet:
    """Bring the coordinates of every row to where they are meant, and tell the CRS they are in."""
    sheet, was_table = _as_shapes(sheet)
    if sheet.raw.shapes is None:
        return sheet
    for step in (_swapped_degrees, _swapped_metres, _astray):
        sheet = step(sheet)
    return _settle_crs(sheet, was_table)


def _as_shapes(sheet: Sheet) -> tuple[Sheet, bool]:
    """Make points of the columns of a table; whether that was done."""
    if sheet.raw.shapes is not None:
        return sheet, False
    pair = pair_of(sheet.of)
    if pair is None:
        return sheet, True
    first, second = (sheet.raw.attributes[sheet.of[role]] for role in pair)
    degrees = pair[0] == "lon"
    shapes, crs = points_from(first, second, degrees=degrees, crs=sheet.wishes.crs)
    return sheet.with_shapes(shapes, crs), True


@dataclass(frozen=True, eq=False)
class _Spots:
    """One spot for each row, float64 (n, 2), in the CRS of the file, and which rows have one."""

    xy: Array
    known: Array

    @classmethod
    def of(cls, shapes: Array) -> _Spots:
        known = np.isin(shapely.get_type_id(shapes), POINTS_AND_POLYGONS)
        known &= ~shapely.is_empty(shapes) & finite(shapes)
        bounds = shapely.bounds(without(shapes, ~known))
        return cls((bounds[:, :2] + bounds[:, 2:]) / 2, known)

    def median(self) -> Array:
        return np.asarray(np.median(self.xy[self.known], axis=0), dtype=float)


def _crs(sheet: Sheet) -> pyproj.CRS | None:
    return sheet.raw.crs if sheet.raw.crs is not None else sheet.wishes.crs


def _swapped_degrees(sheet: Sheet) -> Sheet:
    """Swap rows whose latitude lies beyond the poles, or all rows where the boundary says so."""
    crs = _crs(sheet)
    assert sheet.raw.shapes is not None
    spots = _Spots.of(sheet.raw.shapes)
    if crs is None or not crs.is_geographic or not spots.known.any():
        return sheet
    with np.errstate(invalid="ignore"):
        turned = spots.known & (np.abs(spots.xy) <= [90, 180]).all(axis=1)
        out = turned & (np.abs(spots.xy[:, 1]) > 90)
    if not out.any() and turned.all() and not _near_edge(sheet, spots, crs):
        out = turned & _near_edge(sheet, _Spots(spots.xy[:, ::-1], spots.known), crs)
    where = "" if not out.any() else _spot_text(spots.xy[int(np.argmax(out))], crs)
    what = f"latitude and longitude swapped: {where}"
    return _swap(sheet, out, what, stops="coordinates-swapped")


def _swapped_metres(sheet: Sheet) -> Sheet:
    """Swap rows far outside the area of their CRS that the other way round lie inside it."""
    crs = _crs(sheet)
    assert sheet.raw.shapes is not None
    spots = _Spots.of(sheet.raw.shapes)
    if crs is None or not crs.is_projected or not spots.known.any():
        return sheet
    xy = spots.xy[spots.known]
    swapped = np.zeros(len(spots.known), dtype=bool)
    swapped[spots.known] = _off_area(xy, crs) & ~_off_area(xy[:, ::-1], crs)
    if not swapped.any():
        return sheet
    where = _spot_text(spots.xy[int(np.argmax(swapped))], crs)
    # partition judges a file by the median of its coordinates
    stops = "coordinates-off-crs" if misfit_deg(xy, crs) > MISFIT_DEG else ""
    return _swap(sheet, swapped, f"easting and northing swapped: {where}", stops=stops)


def _off_area(xy: Array, crs: pyproj.CRS) -> Array:
    """Whether each spot, float64 (n, 2), lies far outside the area a CRS was made for."""
    area = crs.area_of_use
    lonlat = lonlat_of(xy, crs)
    off: Array = np.logical_not(np.isfinite(lonlat).all(axis=1))
    if area is None or area.west > area.east:  # across the date line: nothing to compare
        return off
    low = np.array([area.west, area.south]) - MISFIT_DEG
    high = np.array([area.east, area.north]) + MISFIT_DEG
    with np.errstate(invalid="ignore"):
        beyond = (lonlat < low) | (lonlat > high)
    off |= np.asarray(beyond).any(axis=1)
    return off


def _astray(sheet: Sheet) -> Sheet:
    """Bring single rows to the others: swapped, or with a zone number that the others lack."""
    crs = _crs(sheet)
    assert sheet.raw.shapes is not None
    spots = _Spots.of(sheet.raw.shapes)
    if crs is None or not spots.known.any():
        return sheet
    unit_m = _DEGREE_M if crs.is_geographic else 1.0
    middle = spots.median()
    xy = np.where(spots.known[:, None], spots.xy, middle)

    def off_m(places: Array) -> Array:
        return np.asarray(np.hypot(*((places - middle) * unit_m).T), dtype=float)

    far = off_m(xy) > _FAR_M
    if far.mean() > _MOST_ASTRAY:
        return _scattered(sheet, far)
    if not far.any():
        return sheet
    swapped = far & (off_m(xy[:, ::-1]) < _NEAR_M)
    zone = np.round((xy[:, 0] - middle[0]) / _ZONE_M)
    moved = xy - np.column_stack([zone * _ZONE_M, np.zeros(len(zone))])
    zoned = far & ~swapped & (zone != 0) & (off_m(moved) < _NEAR_M) & crs.is_projected
    sheet = _scattered(sheet, far & ~swapped & ~zoned)
    where = "" if not swapped.any() else _spot_text(xy[int(np.argmax(swapped))], crs)
    sheet = _swap(sheet, swapped, f"x and y the other way round than the others: {where}")
    if not zoned.any():
        return sheet
    assert sheet.raw.shapes is not None
    shapes = sheet.raw.shapes.copy()
    for row in np.flatnonzero(zoned):
        shapes[row] = shapely.transform(shapes[row], lambda p, k=zone[row]: p - [k * _ZONE_M, 0])
    where = _spot_text(xy[int(np.argmax(zoned))], crs)
    finding = sheet.rows().warning(
        "coordinates-zone",
        zoned,
        (f"has another zone number before its easting than the others: {where}",
         f"have another zone number before their eastings than the others, as {where}"),
        "--fix writes them as the others are",
    )  # fmt: skip
    fault = sheet.changes(
        finding,
        "shape",
        lambda row: _spot_text(xy[row], crs),
        lambda row: _spot_text(moved[row], crs),
        "a zone number more or less, and it stands among the others",
    )
    return sheet.with_shapes(shapes, sheet.raw.crs).told(fault)


def _scattered(sheet: Sheet, far: Array) -> Sheet:
    """Tell rows that are far from the others, and it is not known why."""
    if not far.any():
        return sheet
    from_all = f"more than {_FAR_M / 1000:.0f} km from the middle of all"
    what = (f"stands {from_all}", f"stand {from_all}")
    fix = "check that all coordinates are written alike, and in one CRS"
    return sheet.told(fault_of(sheet.rows().warning("places-scattered", far, what, fix)))


def _swap(sheet: Sheet, rows: Array, what: str, *, stops: str = "") -> Sheet:
    """Swap the axes of some rows and tell it, under the code that stops partition if any does."""
    if not rows.any():
        return sheet
    assert sheet.raw.shapes is not None
    before = sheet.raw.shapes
    after = before.copy()
    after[rows] = shapely.transform(before[rows], lambda xy: xy[:, ::-1])
    named = sheet.rows()
    finding = (named.fault if stops else named.warning)(
        stops or "coordinates-swapped",
        rows,
        (f"has {what}", f"have {what}"),
        "--fix swaps them back",
    )
    fault = sheet.changes(
        finding,
        "shape",
        lambda row: _spot_text(_Spots.of(before[[row]]).xy[0], None),
        lambda row: _spot_text(_Spots.of(after[[row]]).xy[0], None),
        "x is east, y is north",
    )
    return sheet.with_shapes(after, sheet.raw.crs).told(fault)


def _settle_crs(sheet: Sheet, was_table: bool) -> Sheet:
    """Give the layer the CRS its coordinates are in, where that is beyond doubt."""
    assert sheet.raw.shapes is not None
    spots = _Spots.of(sheet.raw.shapes)
    said = sheet.raw.crs
    if not spots.known.any() or (said is not None and _fits(spots, said)):
        return sheet
    for crs, why in _candidates(sheet, spots):
        if not _fits(spots, crs):
            continue
        name = _crs_text(crs)
        if said is None:
            if was_table:  # a table has no place to say it
                return sheet.with_shapes(sheet.raw.shapes, crs)
            message = f"{sheet.raw.name}: nothing says in which CRS the coordinates are; {why}"
            code, severe = "crs-missing", crs is not sheet.wishes.crs
        else:
            where = _spot_text(spots.median(), said)
            message = (
                f"{sheet.raw.name}: the coordinates (about {where}) cannot be in "
                f"{_crs_text(said)}, as the file says; {why}"
            )
            code, severe = "coordinates-off-crs", crs is not sheet.wishes.crs
        tell = error if severe else warning
        finding = tell(code, message, f"--fix writes that they are {name}")
        change = Change(code, "", 0, "crs", _crs_text(said), name, why)
        fault = Fault(finding, Remedy.MENDABLE, changes=(change,))
        return sheet.with_shapes(sheet.raw.shapes, crs).told(fault)
    return sheet


def _candidates(sheet: Sheet, spots: _Spots) -> Iterator[tuple[pyproj.CRS, str]]:
    """CRSs the coordinates may be in, with how that is known; the surest first."""
    said, asked = sheet.raw.crs, sheet.wishes.crs
    if asked is not None:
        yield asked, f"--crs says {_crs_text(asked)}"
    if said is not None and said.is_projected:
        zone = other_zone(spots.xy[spots.known], said)
        if zone is not None:
            crs = pyproj.CRS.from_epsg(zone)
            # the number before the easting must be that of the meridian the file names
            if _meridian(crs) == _meridian(said):
                word = "without" if zone > (said.to_epsg() or 0) else "with"
                yield crs, f"they are {word} the zone number before the easting: EPSG:{zone}"
        lonlat = pyproj.CRS.from_user_input(LONLAT)
        if _fits(spots, lonlat) and _in_area(spots, said):
            yield lonlat, "they are degrees within its area: EPSG:4326"
    if sheet.edge is not None:
        for crs in (sheet.edge.crs, pyproj.CRS.from_user_input(LONLAT)):
            if _near_edge(sheet, spots, crs):
                yield crs, f"in {_crs_text(crs)} they lie within the boundary"


def _fits(spots: _Spots, crs: pyproj.CRS) -> bool:
    xy = spots.xy[spots.known]
    if crs.is_geographic:
        return bool((np.abs(xy) <= [180, 90]).all())
    return misfit_deg(xy, crs) <= MISFIT_DEG


def _in_area(spots: _Spots, crs: pyproj.CRS) -> bool:
    """Whether spots in degrees lie, by their median, in the area a CRS was made for."""
    area = crs.area_of_use
    lon, lat = spots.median()
    return area is not None and bool(
        area.west <= lon <= area.east and area.south <= lat <= area.north
    )


def _near_edge(sheet: Sheet, spots: _Spots, crs: pyproj.CRS) -> bool:
    """Whether nearly all spots, taken to be in ``crs``, stand within the bounds of the boundary."""
    if sheet.edge is None or not _fits(spots, crs):
        return False
    west, south, east, north = shapely.total_bounds(
        to_lonlat(np.asarray(sheet.edge.geometry.values, dtype=object), sheet.edge.crs)
    )
    lonlat = lonlat_of(spots.xy[spots.known], crs)
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return bool(inside.mean() >= _WITNESSED)


def _meridian(crs: pyproj.CRS) -> float | None:
    operation = crs.coordinate_operation
    if operation is None:
        return None
    lines = [float(p.value) for p in operation.params if "longitude" in p.name.casefold()]
    return lines[0] if lines else None


def _crs_text(crs: pyproj.CRS | None) -> str:
    if crs is None:
        return "nothing"
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else str(crs.name)


def _spot_text(xy: Array, crs: pyproj.CRS | None) -> str:
    words = ("longitude", "latitude") if crs is not None and crs.is_geographic else ("x", "y")
    return f"{words[0]} {xy[0]:.10g}, {words[1]} {xy[1]:.10g}"
