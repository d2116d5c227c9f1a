"""The metric CRS of a community, and the only place that reprojects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from .errors import Finding, InputError, Severity

LONLAT = "EPSG:4326"
# A CRS whose metre on the map differs from a metre on the ground by more than this share is
# not metric to us: Web Mercator is 31 % too long in Beijing, UTM never 0.2 %.
_MAX_SCALE_ERROR = 0.01
_SINGAPORE = 3414
_MERCATOR_RADIUS_M, _MERCATOR_EDGE_DEG = 6_378_137.0, 85.0511287798066
# CGCS2000 / 3-degree Gauss-Kruger by central meridian, 75 E to 135 E, easting 500,000 at each.
_CGCS2000_FIRST_EPSG, _CGCS2000_FIRST_DEG, _CGCS2000_LAST_DEG = 4534, 75, 135


def metric_crs_for(gdf: gpd.GeoDataFrame) -> pyproj.CRS:
    """Choose the CRS, in metres, in which distances and areas of ``gdf`` are measured.

    The CRS of ``gdf`` itself where it is projected, in metres and true to scale within 1 %;
    else a local one for the median of its coordinates: SVY21 (EPSG:3414) in Singapore, the
    CGCS2000 3-degree zone by central meridian (EPSG:4534 to 4554) inside that zone's own area
    of use, and the UTM zone on WGS 84 elsewhere. The same coordinates always choose the same.

    Args:
        gdf: shapes in any known CRS, degrees or not; missing and empty shapes are passed over.

    Raises:
        InputError: ``gdf`` has no CRS, or none of its coordinates can be placed on the earth.
    """
    crs = flat_crs(gdf.crs)
    if crs is None:
        raise InputError([_fault("crs-missing", "the shapes have no CRS", "name it with --crs")])
    lon, lat = _median_lonlat(np.asarray(gdf.geometry.values, dtype=object), crs)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise InputError(
            [_fault("crs-no-place", f"no coordinate has a place in {crs.to_string()}", "")]
        )
    if _is_true_to_scale(crs, lon, lat):
        return crs
    return _local_crs(lon, lat)


def to_metric(gdf: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Reproject ``gdf`` to ``crs``; missing and empty shapes stay what they are.

    Raises:
        InputError: ``gdf`` has no CRS, or some of its shapes have no place in ``crs``.
    """
    source = flat_crs(gdf.crs)
    if source is None:
        raise InputError([_fault("crs-missing", "the shapes have no CRS", "name it with --crs")])
    moved = gdf.set_crs(source, allow_override=True).to_crs(crs)
    lost = ~finite(np.asarray(moved.geometry.values, dtype=object))
    if lost.any():
        raise InputError(
            [
                _fault(
                    "crs-no-place",
                    f"{int(lost.sum())} shapes have no place in {crs.to_string()} "
                    f"(first: row {int(np.argmax(lost)) + 1})",
                    "check their coordinates and their CRS",
                    count=int(lost.sum()),
                    first=f"row {int(np.argmax(lost)) + 1}",
                )
            ]
        )
    return moved


def to_lonlat(shapes: np.ndarray[Any, Any], crs: pyproj.CRS) -> np.ndarray[Any, Any]:
    """Return ``shapes`` (object array, any shape) in WGS 84, longitude first, in degrees.

    For display and RFC 7946 only: degrees never reach arithmetic.
    """
    mover = pyproj.Transformer.from_crs(crs, LONLAT, always_xy=True)
    moved: np.ndarray[Any, Any] = shapely.transform(shapes, mover.transform, interleaved=False)
    return moved


def from_lonlat(shapes: np.ndarray[Any, Any], crs: pyproj.CRS) -> np.ndarray[Any, Any]:
    """Return ``shapes`` (object array, any shape) in WGS 84 degrees as shapes in ``crs``."""
    mover = pyproj.Transformer.from_crs(LONLAT, crs, always_xy=True)
    moved: np.ndarray[Any, Any] = shapely.transform(shapes, mover.transform, interleaved=False)
    return moved


def web_mercator_of(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return degrees, float64 (n, 2), longitude first, as metres of Web Mercator (EPSG:3857).

    By its formula, since many small tiles are cut: finding the way takes longer than the move.
    Beyond 85.06 degrees north or south is the edge. Source: EPSG guidance note 7-2, 1024.
    """
    lat = np.clip(lonlat[:, 1], -_MERCATOR_EDGE_DEG, _MERCATOR_EDGE_DEG)
    y = np.arctanh(np.sin(np.radians(lat)))
    return _MERCATOR_RADIUS_M * np.column_stack([np.radians(lonlat[:, 0]), y])


def mover_to(crs: pyproj.CRS) -> Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    """Return what moves degrees, float64 (n, 2), longitude first, to metres of ``crs``.

    For many look-ups of one place each: finding the way takes longer than the move. What has
    no place in ``crs`` comes back as infinity.
    """
    mover = pyproj.Transformer.from_crs(LONLAT, crs, always_xy=True)

    def move(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x, y = mover.transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([x, y])

    return move


def lonlat_of(xy: np.ndarray[Any, Any], crs: pyproj.CRS) -> np.ndarray[Any, Any]:
    """Return coordinates ``xy``, float64 (n, 2), as WGS 84 degrees, longitude first.

    What has no place on the earth comes back as infinity.
    """
    mover = pyproj.Transformer.from_crs(crs, LONLAT, always_xy=True)
    lon, lat = mover.transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def is_shift_known(source: pyproj.CRS, target: pyproj.CRS, xy: np.ndarray[Any, Any]) -> bool:
    """Return whether PROJ knows how the datums of two CRSs lie to each other at ``xy``.

    Where it does not it takes them for the same ("ballpark") and moves nothing.

    Args:
        source: the CRS of ``xy``.
        target: another one.
        xy: float64 (n, 2); their median counts.
    """
    mover = pyproj.Transformer.from_crs(source, target, always_xy=True)
    said = mover.description
    if said.startswith("unavailable"):
        # several operations may fit; only after a move PROJ tells which it took
        mover.transform(*np.median(xy, axis=0).tolist())
        said = mover.get_last_used_operation().description
    return "ballpark" not in str(said).casefold()


def misfit_deg(xy: np.ndarray[Any, Any], crs: pyproj.CRS) -> float:
    """Return how far the median of ``xy`` lies outside the area ``crs`` was made for.

    In degrees, 0 inside it and infinity where the coordinates have no place on the earth; 0
    also where the CRS names no area.
    """
    lon, lat = lonlat_of(np.median(xy, axis=0)[None, :], crs)[0]
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return float("inf")
    area = crs.area_of_use
    if area is None or area.west > area.east:  # across the date line: nothing to compare
        return 0.0
    beyond = (area.west - lon, lon - area.east, area.south - lat, lat - area.north)
    return float(max(0.0, *beyond))


def flat_crs(crs: Any) -> pyproj.CRS | None:
    """Return the horizontal part of ``crs``; None where it says nothing of the earth.

    Heights and local site grids ("Undefined Cartesian") cannot be laid on a map.
    """
    if crs is None:
        return None
    known = pyproj.CRS.from_user_input(crs)
    if known.is_compound:
        known = known.sub_crs_list[0]
    elif known.is_geographic and len(known.axis_info) > 2:
        known = known.to_2d()
    return known if known.is_geographic or known.is_projected else None


def finite(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return for each shape whether all its coordinates are finite; True for missing ones."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    fine = np.ones(len(shapes), dtype=bool)
    fine[owner[~np.isfinite(xy).all(axis=1)]] = False
    return fine


def _median_lonlat(shapes: np.ndarray[Any, Any], crs: pyproj.CRS) -> tuple[float, float]:
    # The median, not the middle of the bounds: one stray building must not move the zone.
    xy = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return float("nan"), float("nan")
    lon, lat = lonlat_of(np.median(xy, axis=0)[None, :], crs)[0]
    return float(lon), float(lat)


def _is_true_to_scale(crs: pyproj.CRS, lon: float, lat: float) -> bool:
    if not crs.is_projected or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info[:2]):
        return False
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool(np.all(np.abs(scales - 1) <= _MAX_SCALE_ERROR))


def _local_crs(lon: float, lat: float) -> pyproj.CRS:
    singapore = pyproj.CRS.from_epsg(_SINGAPORE)
    if _inside(singapore, lon, lat):
        return singapore
    meridian = int(np.clip(3 * np.floor(lon / 3 + 0.5), _CGCS2000_FIRST_DEG, _CGCS2000_LAST_DEG))
    zone = pyproj.CRS.from_epsg(_CGCS2000_FIRST_EPSG + (meridian - _CGCS2000_FIRST_DEG) // 3)
    if _inside(zone, lon, lat):
        return zone
    number = int(np.clip(np.floor((lon + 180) / 6) + 1, 1, 60))
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + number)


def _inside(crs: pyproj.CRS, lon: float, lat: float) -> bool:
    area = crs.area_of_use
    return area is not None and bool(
        area.west <= lon <= area.east and area.south <= lat <= area.north
    )


def _fault(code: str, message: str, fix: str, *, count: int = 1, first: str = "") -> Finding:
    return Finding(code, Severity.ERROR, message, fix, count, first)
