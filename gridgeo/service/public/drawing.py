"""Features as a small picture in SVG, for those who would rather look."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

_WIDE, _HIGH = 640.0, 420.0
_RIM = 8.0


@dataclass(frozen=True)
class Drawing:
    """Paths of SVG, each with the feature's name, in a view of ``width`` by ``height``."""

    width: float
    height: float
    paths: tuple[tuple[str, str], ...]


def drawing(features: Sequence[dict[str, Any]]) -> Drawing | None:
    """Return features of GeoJSON in degrees as a picture, north up; None where there are none."""
    if not features:
        return None
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((_WIDE - 2 * _RIM) / wide, (_HIGH - 2 * _RIM) / high)

    def place(xy: Any) -> str:
        x, y = (xy[0] - west) * squeeze * scale + _RIM, (north - xy[1]) * scale + _RIM
        return f"{x:.1f} {y:.1f}"

    paths = tuple(
        (str(one["id"]), "".join(_path(part, place) for part in shapely.get_parts(shape)))
        for one, shape in zip(features, shapes, strict=True)
    )
    return Drawing(round(wide * scale + 2 * _RIM, 1), round(high * scale + 2 * _RIM, 1), paths)


def _path(shape: Any, place: Any) -> str:
    if shape.geom_type == "Point":
        return f"M{place(shape.coords[0])}h.01"
    rings = [shape.exterior, *shape.interiors] if shape.geom_type == "Polygon" else [shape]
    return "".join("M" + "L".join(map(place, ring.coords)) + "Z" for ring in rings)
