"""Find a wrong datum by what it does to a town: its buildings come to lie on its streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from .crs import (
    LONLAT,
    finite,
    flat_crs,
    from_lonlat,
    is_shift_known,
    lonlat_of,
    metric_crs_for,
    to_lonlat,
    to_metric,
)
from .datum import Datum, in_china, to_wgs84
from .errors import Finding, InputError, Severity
from .street_fit import REACH_M, Fit, Streets, fit_of, shift_to_streets, solids_of

Array = np.ndarray[Any, Any]

# So many buildings decide; a town of more is sampled evenly, row by row.
_MOST_MEASURED = 4000
# Streets further away than any datum shifts are left out.
_SIGHT_M = 2500.0
# Under a hypothesis so many of the buildings must stand near a street.
_LEAST_REACHED = 0.8
_KNOWN_AS = {
    Datum.GCJ02: "the datum of Amap, Tencent and Google in China",
    Datum.BD09: "the datum of Baidu",
}
_COMPASS = (
    "north", "north-north-east", "north-east", "east-north-east", "east", "east-south-east",
    "south-east", "south-south-east", "south", "south-south-west", "south-west",
    "west-south-west", "west", "west-north-west", "north-west", "north-north-west",
)  # fmt: skip
# Datums of China that lie up to this far from CGCS2000 and WGS 84, by how they are named. The
# moves of map sheets usually quoted: from Beijing 1954 29 to 62 m south and -56 to 84 m east,
# from Xian 1980 -9 to 43 m north and 76 to 119 m east.
_OLD_DATUMS = {"beijing1954": "Beijing 1954", "xian1980": "Xian 1980", "newbeijing": "New Beijing"}
_OLD_SHIFT_M = 130
# What is left of their names in many a file: the ellipsoid, by its axis and flattening.
_OLD_ELLIPSOIDS = {(6378245, 298.3): "Beijing 1954", (6378140, 298.257): "Xian 1980"}
_NAMELESS = ("", "unknown", "unnamed", "undefined", "notspecified", "custom", "userdefined")


@dataclass(frozen=True)
class DatumCheck:
    """What was found, and what ``undo`` needs to put it right.

    ``buildings`` and ``lines``: the datums their coordinates are in. ``findings``: what to
    tell; none where nothing is wrong, or nothing can be known.
    """

    buildings: Datum = Datum.WGS84
    lines: Datum = Datum.WGS84
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, eq=False)
class _Town:
    """Buildings and the streets near them, both in one metric ``crs``."""

    shapes: Array
    lines: Array
    crs: pyproj.CRS

    def fit(self, buildings: Datum, lines: Datum, *, streets: dict[Datum, Streets]) -> Fit:
        if lines not in streets:
            streets[lines] = Streets.of(undo(self.lines, self.crs, lines))
        some = self.shapes[_sample(len(self.shapes))]
        return fit_of(streets[lines], solids_of(undo(some, self.crs, buildings)))


def datum_findings(shapes: Array, crs: Any, lines: Array, lines_crs: Any) -> tuple[Finding, ...]:
    """Return what ``check_datums`` finds, as findings alone."""
    return check_datums(shapes, crs, lines, lines_crs).findings


def check_datums(shapes: Array, crs: Any, lines: Array, lines_crs: Any) -> DatumCheck:
    """Tell whether buildings, or the streets beside them, are in another datum than they say.

    Where buildings stand beside their streets hardly one is crossed by a street; moved by some
    tens of metres many are. So is measured how they stand as they are, and how they would if the
    buildings, or the streets, were in GCJ-02 or BD-09 and that were undone. A datum is named
    only if the buildings clearly do not stand beside the streets as they are, clearly do under
    one assumption, and under no other. Without streets nothing can be known, and nothing is
    said; nor of a town outside China, where no such datum is used.

    In Beijing 1954 and Xian 1980, where PROJ knows no shift and applies none, that is told;
    with streets of another datum the shift is measured too.

    Args:
        shapes: buildings as read, Points, Polygons or MultiPolygons, object array (n,); what
            is missing, empty or invalid is passed over.
        crs: of ``shapes``; anything pyproj reads.
        lines: streets and rivers (not walls, along which buildings stand), object array (m,).
        lines_crs: of ``lines``.
    """
    crs, lines_crs = flat_crs(crs), flat_crs(lines_crs)
    try:
        town = None if crs is None else _town(shapes, crs, lines, lines_crs)
    except InputError:  # no place on earth: whoever asks has told that already
        town = None
    if crs is None or town is None:
        return DatumCheck()
    old = _old_datum_findings(town, crs, lines_crs)
    if old or not len(town.lines) or not in_china(_middle_lonlat(town)).all():
        return DatumCheck(findings=old)
    return _web_map_datum(town)


def undo(shapes: Array, crs: Any, datum: Datum) -> Array:
    """Return ``shapes``, whose coordinates are in ``datum``, where they belong, in ``crs``.

    Exact to less than a millimetre.

    Args:
        shapes: shapely geometries of any kind, object array; missing ones stay so.
        crs: of ``shapes``, in degrees or metres.
        datum: of their coordinates, as ``check_datums`` names it.
    """
    flat = flat_crs(crs)
    if datum is Datum.WGS84 or flat is None:
        return shapes
    degrees = to_lonlat(shapes, flat)
    righted = shapely.transform(degrees, lambda lonlat: to_wgs84(lonlat, datum))
    return from_lonlat(righted, flat)


def old_datum(crs: pyproj.CRS) -> str:
    """Return the name of the old Chinese datum of a CRS, "" if it has another one.

    A CRS that brings its own shift (towgs84) is none: the shift is known.
    """
    if crs.is_bound or crs.geodetic_crs is None:
        return ""
    datum = crs.geodetic_crs.datum
    name = "".join(c for c in str(datum.name if datum else "").casefold() if c.isalnum())
    for key, known in _OLD_DATUMS.items():
        if key in name:
            return known
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or not any(name.startswith(word) for word in _NAMELESS[1:]):
        return ""
    size = (round(ellipsoid.semi_major_metre), round(ellipsoid.inverse_flattening, 3))
    return _OLD_ELLIPSOIDS.get(size, "")


def _town(
    shapes: Array, crs: pyproj.CRS, lines: Array, lines_crs: pyproj.CRS | None
) -> _Town | None:
    buildings = _sound(shapes, (0, 3, 6))
    if not len(buildings):
        return None
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(buildings, crs=crs))
    metric = metric_crs_for(frame)
    moved = np.asarray(to_metric(frame, metric).geometry.values, dtype=object)
    streets = _sound(lines, (1, 2, 5)) if lines_crs is not None else np.empty(0, dtype=object)
    if len(streets):
        held = gpd.GeoDataFrame(geometry=gpd.GeoSeries(streets, crs=lines_crs))
        streets = np.asarray(to_metric(held, metric).geometry.values, dtype=object)
        sight = shapely.box(*shapely.total_bounds(moved)).buffer(_SIGHT_M)
        streets = shapely.get_parts(streets[shapely.intersects(streets, sight)])
    return _Town(moved, streets, metric)


def _sound(shapes: Array, kinds: tuple[int, ...]) -> Array:
    held = np.asarray(shapes, dtype=object)
    held = held[np.isin(shapely.get_type_id(held), kinds) & ~shapely.is_empty(held)]
    held = shapely.force_2d(held[finite(held)])
    return np.asarray(held[shapely.is_valid(held)], dtype=object)


def _web_map_datum(town: _Town) -> DatumCheck:
    streets: dict[Datum, Streets] = {}
    as_is = town.fit(Datum.WGS84, Datum.WGS84, streets=streets)
    if not as_is.is_strange:
        return DatumCheck()
    # both in one wrong datum lie to each other as they should: nothing can be seen
    fits = {
        (ours, theirs): town.fit(ours, theirs, streets=streets)
        for ours, theirs in product(Datum, Datum)
        if ours is not theirs
    }
    own = [pair for pair, fit in fits.items() if fit.is_own]
    if len(own) != 1 or fits[own[0]].reached < _LEAST_REACHED * as_is.buildings:
        return DatumCheck()
    ours, theirs = own[0]
    return DatumCheck(ours, theirs, _datum_findings(town, ours, theirs, streets=streets))


def _datum_findings(
    town: _Town, ours: Datum, theirs: Datum, *, streets: Mapping[Datum, Streets]
) -> tuple[Finding, ...]:
    before = solids_of(town.shapes)
    after = solids_of(undo(town.shapes, town.crs, ours))
    n = len(before)
    as_is, righted = streets[Datum.WGS84], streets[theirs]
    counts = [
        (int(beside.crossing(solids).sum()), n - int(beside.reaching(solids).sum()))
        for beside, solids in ((as_is, before), (righted, after))
    ]
    (on, far), (on_after, far_after) = counts
    measured = (
        f"{on:,} of {n:,} ({on / n:.1%}) lie on streets, {far:,} are over {REACH_M:.0f} m from "
        f"every street; with the shift undone {on_after:,} ({on_after / n:.1%}) and {far_after:,}"
    )
    found = []
    if ours is not Datum.WGS84:
        where = _words_of(_mean_move(undo(town.shapes, town.crs, ours), town.shapes))
        message = (
            f"The buildings are in {ours}, {_KNOWN_AS[ours]}: they are {where} of where they "
            f"belong. {measured}"
        )
        fix = "Undo it with gridgeo check --fix, or give them in WGS 84 or CGCS2000"
        found.append(_error(f"datum-{_slug(ours)}", message, fix, count=n))
    if theirs is not Datum.WGS84:
        where = _words_of(_mean_move(undo(town.lines, town.crs, theirs), town.lines))
        message = (
            f"The streets are in {theirs}, {_KNOWN_AS[theirs]} (or the buildings were corrected "
            f"once too often): they are {where} of where they belong. Of the buildings {measured}"
        )
        fix = "Give the streets in WGS 84 or CGCS2000, as OpenStreetMap has them"
        found.append(_error(f"datum-streets-{_slug(theirs)}", message, fix, count=len(town.lines)))
    return tuple(found)


def _old_datum_findings(
    town: _Town, crs: pyproj.CRS, lines_crs: pyproj.CRS | None
) -> tuple[Finding, ...]:
    beside = lines_crs if len(town.lines) else None
    named = [("buildings", crs, beside), ("streets", beside, crs)]
    old = [(who, own, other) for who, own, other in named if own is not None and old_datum(own)]
    if not old or not in_china(_middle_lonlat(town)).all():
        return ()
    measured = ""
    if beside is not None and old_datum(crs) != old_datum(beside):
        measured = _measured_shift(town, beside)
    elif len(old) == 2:
        old = old[:1]  # both lie to each other as they should
    world = pyproj.CRS.from_user_input(LONLAT)
    found = []
    for who, own, other in old:
        others = [world] if other is None or old_datum(other) == old_datum(own) else [world, other]
        if all(is_shift_known(own, to, _middle_in(own, town)) for to in others):
            continue
        name = own.to_string() if own.to_epsg() else own.name
        message = (
            f"The {who} are in {old_datum(own)} ({name}), and no shift from it to CGCS2000 or "
            "WGS 84 is known: none is applied, so on a web map and beside other files they can "
            f"be off by up to {_OLD_SHIFT_M} m{measured}"
        )
        fix = (
            "Have them transformed to CGCS2000 with the local parameters of the surveying "
            "office, or name a CRS that brings them (+towgs84)"
        )
        found.append(Finding("datum-unshifted", Severity.WARNING, message, fix))
        measured = ""
    return tuple(found)


def _measured_shift(town: _Town, lines_crs: pyproj.CRS) -> str:
    solids = solids_of(town.shapes[_sample(len(town.shapes))])
    found = shift_to_streets(Streets.of(town.lines), solids)
    if found is None:
        return ""
    back_m, within_m = found
    beside, within = f"Beside the streets in {lines_crs.name}", f"give or take {within_m:.0f} m"
    if np.hypot(*back_m) <= within_m:
        return f". {beside} the buildings fit as they stand, {within}: are both in one CRS"
    return f". {beside} the buildings are {_words_of(-back_m)} of where they fit, {within}"


def _sample(n: int) -> Array:
    return np.unique(np.linspace(0, n - 1, _MOST_MEASURED).astype(np.int64))


def _middle_lonlat(town: _Town) -> Array:
    xy = shapely.get_coordinates(town.shapes)
    return lonlat_of(np.median(xy, axis=0)[None, :], town.crs)


def _middle_in(crs: pyproj.CRS, town: _Town) -> Array:
    middle = from_lonlat(shapely.points(_middle_lonlat(town)), crs)
    return np.asarray(shapely.get_coordinates(middle))


def _mean_move(before: Array, after: Array) -> Array:
    move: Array = (shapely.get_coordinates(after) - shapely.get_coordinates(before)).mean(axis=0)
    return move


def _words_of(move_m: Array) -> str:
    """Return "560 m to the east-north-east"."""
    bearing_deg = np.degrees(np.arctan2(move_m[0], move_m[1])) % 360
    return f"{np.hypot(*move_m):.0f} m to the {_COMPASS[round(bearing_deg / 22.5) % 16]}"


def _slug(datum: Datum) -> str:
    return datum.casefold().replace("-", "").replace(" ", "")


def _error(code: str, message: str, fix: str, *, count: int) -> Finding:
    return Finding(code, Severity.ERROR, message, fix, count)
