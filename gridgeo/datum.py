"""The datums of Chinese web maps: GCJ-02 and BD-09 to WGS 84 and back."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]

# Steps of the fixed point. One gains a factor of 50 or more (the distortion changes by less
# than 2 % of a move), so five of them leave less than a micrometre of the 1,200 m of BD-09.
_STEPS = 5
# Krasovsky 1940, on which GCJ-02 turns its metres into degrees.
_AXIS_M, _ECCENTRICITY2 = 6378245.0, 0.00669342162296594323
# Distances of the GCJ-02 polynomials are counted from here, in degrees.
_ORIGIN_DEG = np.array([105.0, 35.0])
# What Baidu adds to GCJ-02: longitude, latitude in degrees, and ripples of this frequency.
_BD_OFFSET_DEG = np.array([0.0065, 0.0060])
_BD_RIPPLE = np.pi * 3000 / 180
# Mainland China and its coast, coarsely and rather too large: longitude, latitude.
_OUTLINE_DEG = (
    (73.2, 38.5), (73.4, 39.9), (74.9, 41.0), (76.6, 41.0), (79.6, 42.3), (79.8, 45.3),
    (82.1, 45.4), (82.2, 47.1), (84.8, 47.5), (85.3, 48.5), (87.7, 49.5), (90.6, 48.2),
    (91.5, 45.7), (95.8, 44.7), (96.8, 43.2), (101.8, 43.0), (105.0, 42.1), (109.5, 42.9),
    (111.2, 43.7), (111.2, 45.4), (114.6, 45.6), (116.2, 46.8), (119.3, 47.3), (117.8, 48.1),
    (115.3, 47.8), (115.2, 48.3), (116.4, 50.2), (119.0, 50.5), (119.6, 52.8), (121.8, 53.8),
    (125.8, 53.4), (127.9, 50.2), (131.0, 49.2), (131.3, 48.1), (134.9, 48.8), (134.4, 47.2),
    (133.4, 45.0), (131.9, 45.1), (131.5, 43.6), (131.0, 42.2), (129.7, 41.9), (128.2, 41.7),
    (126.8, 41.3), (124.7, 40.0), (124.2, 39.2), (123.4, 37.3), (122.5, 35.0), (123.6, 31.5),
    (123.6, 29.0), (121.4, 26.3), (120.0, 24.9), (118.7, 23.7), (117.0, 22.6), (114.8, 21.6),
    (112.0, 20.8), (111.7, 19.3), (110.4, 17.8), (108.3, 17.9), (107.9, 19.8), (107.8, 21.3),
    (106.5, 21.7), (105.3, 22.9), (103.9, 22.3), (102.2, 22.2), (101.9, 20.9), (99.8, 21.2),
    (98.7, 22.0), (97.3, 23.7), (98.3, 27.3), (96.2, 27.9), (94.0, 28.7), (91.6, 27.5),
    (89.0, 27.1), (88.0, 27.6), (85.9, 27.7), (81.0, 29.8), (78.5, 31.2), (78.2, 33.0),
    (77.4, 35.3), (75.6, 36.5), (74.3, 37.0),
)  # fmt: skip


class Datum(StrEnum):
    """What longitude and latitude are counted from."""

    WGS84 = "WGS 84"  # and CGCS2000, which agrees within decimetres
    GCJ02 = "GCJ-02"  # Amap, Tencent, Google in China
    BD09 = "BD-09"  # Baidu


def from_wgs84(lonlat: Array, datum: Datum) -> Array:
    """Return WGS 84 degrees as a web map of the ``datum`` would draw them.

    GCJ-02 and BD-09 were never published by who made them; these are the formulas that the
    world has used since they became known: Artoria2e5/PRCoords (CC0) and googollee/eviltransform
    (MIT) on GitHub, for BD-09 also zxteloiv/pycoordtrans.

    Args:
        lonlat: float64 (n, 2), longitude first. What lies outside China stays as it is.
        datum: of the answer.
    """
    lonlat = np.asarray(lonlat, dtype=np.float64)
    return _within_china(lonlat, datum, {Datum.GCJ02: _gcj02, Datum.BD09: _bd09_of_wgs84})


def to_wgs84(lonlat: Array, datum: Datum) -> Array:
    """Return degrees of the ``datum`` in WGS 84: the exact inverse of ``from_wgs84``.

    The usual one-step inverse leaves metres; this one iterates to a fixed point and leaves
    less than a thousandth of a millimetre.

    Args:
        lonlat: float64 (n, 2), longitude first. What lies outside China stays as it is.
        datum: of ``lonlat``.
    """
    lonlat = np.asarray(lonlat, dtype=np.float64)
    return _within_china(lonlat, datum, {Datum.GCJ02: _wgs84_of_gcj02, Datum.BD09: _wgs84_of_bd09})


def in_china(lonlat: Array) -> Array:
    """Return which of the degrees (n, 2) lie in mainland China, where maps are distorted.

    The outline is coarse: some 50 km across a border may count as inside.
    """
    outline = shapely.Polygon(_OUTLINE_DEG)
    shapely.prepare(outline)
    with np.errstate(invalid="ignore"):  # infinity lies nowhere
        return np.asarray(shapely.contains_xy(outline, lonlat[:, 0], lonlat[:, 1]))


def _within_china(
    lonlat: Array, datum: Datum, movers: dict[Datum, Callable[[Array], Array]]
) -> Array:
    out = lonlat.copy()
    if datum in movers:
        inside = in_china(lonlat)
        out[inside] = movers[datum](lonlat[inside])
    return out


def _wgs84_of_gcj02(lonlat: Array) -> Array:
    return _fixed_point(_gcj02, lonlat)


def _bd09_of_wgs84(lonlat: Array) -> Array:
    return _bd09(_gcj02(lonlat))


def _wgs84_of_bd09(lonlat: Array) -> Array:
    return _wgs84_of_gcj02(_fixed_point(_bd09, lonlat))


def _fixed_point(forward: Callable[[Array], Array], image: Array) -> Array:
    """Return what ``forward`` moves to ``image``."""
    guess = image
    for _ in range(_STEPS):
        guess = guess - (forward(guess) - image)
    return guess


def _gcj02(lonlat: Array) -> Array:
    x, y = (lonlat - _ORIGIN_DEG).T
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = ripple + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)
    north += 160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)
    east = ripple + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)
    east += 150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)
    root = np.sqrt(np.abs(x))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + north * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2 / 3
    latitude = np.radians(lonlat[:, 1])
    bend = 1 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    # metres to degrees by the two radii of curvature of the ellipsoid
    along_meridian_m = np.radians(_AXIS_M * (1 - _ECCENTRICITY2) / bend**1.5)
    along_parallel_m = np.radians(_AXIS_M * np.cos(latitude) / np.sqrt(bend))
    moved: Array = lonlat + np.column_stack([east_m / along_parallel_m, north_m / along_meridian_m])
    return moved


def _bd09(lonlat: Array) -> Array:
    """BD-09 of GCJ-02: turned and stretched a little about 0, 0, then moved."""
    x, y = lonlat.T
    radius = np.hypot(x, y) + 0.00002 * np.sin(_BD_RIPPLE * y)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(_BD_RIPPLE * x)
    turned: Array = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    turned += _BD_OFFSET_DEG
    return turned
