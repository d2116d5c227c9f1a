"""CRSs as OGC names and turns them: by URI, in the order of their own axes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from ...crs import LONLAT, from_lonlat, to_lonlat

Array = np.ndarray[Any, Any]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/(?:0|[\d.]+)/(\d{1,8})")
_CURIE = re.compile(r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|\[?EPSG:)(\d{1,8})\]?", re.IGNORECASE)
_CRS84 = frozenset({"OGC:CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84"})
# A straight side in one CRS is bent in another: 2 mm at this length, less than what is published.
_SIDE_M = 300.0
_MOST_PIECES = 64
# No place on earth has coordinates beyond; a zone number before the easting makes 4e7.
_FARTHEST_M = 1e9
_DECIMALS = 7  # of what is published, in degrees


def crs_uri(code: int) -> str:
    """Return the URI of an EPSG code."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


def told_uri(text: str) -> str:
    """Return the URI of a CRS however it was written; what is not understood comes back."""
    uri = text.strip("[]")
    if uri.upper() in _CRS84:
        return CRS84
    found = _CURIE.fullmatch(text) or _EPSG.fullmatch(uri)
    return uri if found is None else crs_uri(int(found[1]))


@lru_cache(maxsize=256)
def crs_of(uri: str) -> pyproj.CRS:
    """Return the CRS of a URI of ours."""
    found = _EPSG.fullmatch(uri)
    return pyproj.CRS.from_user_input(LONLAT if found is None else f"EPSG:{found[1]}")


def north_first(uri: str) -> bool:
    """Return whether the first axis of a CRS points north."""
    if uri == CRS84:
        return False
    axes = crs_of(uri).axis_info
    return bool(axes) and axes[0].direction == "north"


def is_in_degrees(uri: str) -> bool:
    """Return whether the coordinates of a CRS are degrees."""
    return uri == CRS84 or bool(crs_of(uri).is_geographic)


def known_box(uri: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the least and the most that coordinates of a CRS may be, by its axes."""
    if not is_in_degrees(uri):
        return (-_FARTHEST_M, -_FARTHEST_M), (_FARTHEST_M, _FARTHEST_M)
    most = (90.0, 180.0) if north_first(uri) else (180.0, 90.0)
    return (-most[0], -most[1]), most


def in_crs(shapes: Array, uri: str) -> Array:
    """Return shapes in WGS 84, longitude first, as a CRS has them, its own axis first."""
    if uri == CRS84 or not len(shapes):
        return shapes
    moved = from_lonlat(shapes, crs_of(uri))
    return _swapped(moved) if north_first(uri) else moved


def as_lonlat(shape: Any, uri: str) -> Any:
    """Return one shape of a CRS, its own axis first, in WGS 84, longitude first.

    Long sides get more corners, so that they stay where they were; corners are rounded as those
    published are, so that a shape that was read in another CRS is the same again.
    """
    return east_first_as_lonlat(_swapped(shape) if north_first(uri) else shape, uri)


def east_first_as_lonlat(shape: Any, uri: str) -> Any:
    """Return the same of a shape whose easting or longitude comes first, whatever its axes."""
    if uri == CRS84:
        return shape
    crs = crs_of(uri)
    if not crs.is_geographic:
        x0, y0, x1, y1 = shapely.bounds(shape).tolist()
        span = max(x1 - x0, y1 - y0)
        if span > 0:
            shape = shapely.segmentize(shape, max(_SIDE_M, span / _MOST_PIECES))
    moved = to_lonlat(np.array([shape], dtype=object), crs)[0]
    return shapely.transform(moved, lambda xy: np.round(xy, _DECIMALS))


def _swapped(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda xy: xy[:, ::-1])
