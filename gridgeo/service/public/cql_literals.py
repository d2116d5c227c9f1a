"""What a CQL2 filter says outright: moments, days and shapes, checked before they are used."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Any

import numpy as np
import shapely

from .axes import as_lonlat, is_in_degrees, known_box, north_first

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{1,9}))?([Zz]|[+-]00:00)?",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TYPES = frozenset({
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
})  # fmt: skip


class LiteralError(ValueError):
    """A literal that means nothing; the message tells which."""


def moment_of(said: Any) -> np.datetime64:
    """Return the moment of a text in UTC, as 2026-03-01T00:00:00Z.

    Raises:
        LiteralError: it is none.
    """
    found = _MOMENT.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise LiteralError(f"{_shown(said)} is no moment in UTC, as '2026-03-01T00:00:00Z'")
    day_of(found[1])
    fraction = f".{found[3][:6]}" if found[3] else ""
    return np.datetime64(said[:10] + "T" + said[11:19] + fraction, "us")


def day_of(said: Any) -> np.datetime64:
    """Return the day of a text as 2026-03-01.

    Raises:
        LiteralError: it is none.
    """
    try:
        if not (isinstance(said, str) and _DAY.fullmatch(said)):
            raise ValueError
        return np.datetime64(date.fromisoformat(said), "D")
    except ValueError as fault:
        raise LiteralError(f"{_shown(said)} is no day, as '2026-03-01'") from fault


def instant_of(said: Any) -> np.datetime64:
    """Return the moment or the day of a text; which of them, its unit tells.

    Raises:
        LiteralError: it is neither.
    """
    if isinstance(said, str) and len(said) == 11 and said.endswith("T"):
        said += "00:00:00Z"  # so GDAL says the day of its users, who mean its first moment
    return day_of(said) if isinstance(said, str) and len(said) == 10 else moment_of(said)


def shape_of(said: dict[str, Any], crs: str) -> Any:
    """Return a shape of GeoJSON, or a box, in longitude and latitude.

    Args:
        said: a geometry, or ``{"bbox": [...]}``; heights are passed over.
        crs: URI of the CRS its coordinates are in, in the order of its axes.

    Raises:
        LiteralError: it is no valid shape, or has no place in the CRS.
    """
    shape = _box(said["bbox"], crs) if "bbox" in said else _geometry(said)
    low, high = known_box(crs)
    xy = shapely.get_coordinates(shape)
    if not ((xy >= low) & (xy <= high)).all():
        raise LiteralError(f"{_shown(said)} lies outside of {crs}")
    try:
        placed = as_lonlat(shape, crs)
    except shapely.errors.GEOSException as fault:
        raise LiteralError(f"{_shown(said)} has no place in {crs}") from fault
    if not np.isfinite(shapely.get_coordinates(placed)).all():
        raise LiteralError(f"{_shown(said)} has no place in {crs}")
    if not shapely.is_valid(placed):
        raise LiteralError(f"{_shown(said)} is no valid shape: {shapely.is_valid_reason(placed)}")
    return placed


def _geometry(said: dict[str, Any]) -> Any:
    if said.get("type") not in _TYPES:
        raise LiteralError(f"{_shown(said)} is no shape")
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(said)))
    except (shapely.errors.GEOSException, ValueError, TypeError) as fault:
        raise LiteralError(f"{_shown(said)} is no {said['type']}") from fault
    if shape is None or shape.is_empty:
        raise LiteralError(f"{_shown(said)} is empty")
    return shape


def _box(said: Any, crs: str) -> Any:
    is_numbers = isinstance(said, list) and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in said
    )
    if not is_numbers or len(said) not in (4, 6):
        raise LiteralError(f"{_shown(said)} is no box of four numbers, or six")
    x0, y0, x1, y1 = map(float, said if len(said) == 4 else [*said[:2], *said[3:5]])
    east = int(north_first(crs))  # the axis that goes round
    if is_in_degrees(crs) and (x0, y0)[east] > (x1, y1)[east]:  # across the date line
        parts = [[x0, y0, x1, y1], [x0, y0, x1, y1]]
        parts[0][2 + east], parts[1][east] = 180.0, -180.0
        if x0 > x1 if east else y0 > y1:
            raise LiteralError(f"{_shown(said)} has its upper side below its lower")
        return shapely.multipolygons([shapely.box(*part) for part in parts])
    if x0 > x1 or y0 > y1:
        raise LiteralError(f"{_shown(said)} has its upper side below its lower")
    if x0 == x1 and y0 == y1:
        return shapely.Point(x0, y0)
    if x0 == x1 or y0 == y1:
        return shapely.LineString([(x0, y0), (x1, y1)])
    return shapely.box(x0, y0, x1, y1)


def _shown(said: Any) -> str:
    text = json.dumps(said, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
