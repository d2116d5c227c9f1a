"""Features as a small picture in SVG, for those who would rather look."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

_WIDE, _HIGH = 640.0, 420.0
_RIM = 8.0
# So many shapes bear their names; of more the names would lie on each other.
_MOST_LABELS = 40
# A letter of a label is about so wide, and a label stands where its shape is wider.
_LETTER = 7.4
_COLOURS = 6


@dataclass(frozen=True)
class Drawn:
    """A feature in a picture: ``path`` of SVG, row of the palette, label ("" for none) and where.

    ``words``: what asks for it again behind ``?f=html``.
    """

    name: str
    path: str
    colour: int
    is_dot: bool
    label: str
    x: float
    y: float
    words: str = ""


@dataclass(frozen=True)
class Drawing:
    """Shapes in a view of ``width`` by ``height``."""

    width: float
    height: float
    shapes: tuple[Drawn, ...]


def drawing(features: Sequence[dict[str, Any]], *, dated: bool = False) -> Drawing | None:
    """Return features of GeoJSON in degrees as a picture, north up; None where there are none.

    ``dated``: whether they may be of a version that is not the one valid now.
    """
    if not features:
        return None
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((_WIDE - 2 * _RIM) / wide, (_HIGH - 2 * _RIM) / high)
    corner = np.array([west, north])

    def placed(xy: Any) -> Any:
        return np.abs(xy - corner) * [squeeze * scale, scale] + _RIM

    moved = shapely.transform(shapes, placed)
    named = len(features) <= _MOST_LABELS
    return Drawing(
        round(wide * scale + 2 * _RIM, 1),
        round(high * scale + 2 * _RIM, 1),
        tuple(
            _drawn(one, shape, named=named, dated=dated)
            for one, shape in zip(features, moved, strict=True)
        ),
    )


def _drawn(feature: dict[str, Any], shape: Any, *, named: bool, dated: bool) -> Drawn:
    name = str(feature["id"])
    middle = shape.representative_point()
    room = _chord(shape, middle) if named else 0.0
    label = name if len(name) * _LETTER <= room else name.rpartition("-")[2]
    if len(label) * _LETTER > room:
        label = ""
    facts = feature["properties"]
    return Drawn(
        name,
        "".join(map(_path, shapely.get_parts(shape))),
        int(facts.get("colour") or 0) % _COLOURS,
        shape.geom_type in ("Point", "MultiPoint"),
        label,
        round(middle.x, 1),
        round(middle.y, 1),
        f"&version={facts.get('version')}" if dated else "",
    )


def _chord(shape: Any, place: Any) -> float:
    """Return how far a shape reaches to both sides of a place within it."""
    line = shapely.LineString([(-_WIDE, place.y), (2 * _WIDE, place.y)])
    parts = shapely.get_parts(shapely.intersection(shape, line))
    near = parts[shapely.dwithin(parts, place, 1e-6)]
    return float(shapely.length(near).max(initial=0.0))


def _path(shape: Any) -> str:
    if shape.geom_type == "Point":
        return f"M{_place(shape.coords[0])}h.01"
    rings = [shape.exterior, *shape.interiors] if shape.geom_type == "Polygon" else [shape]
    return "".join("M" + "L".join(map(_place, ring.coords)) + "Z" for ring in rings)


def _place(xy: Any) -> str:
    return f"{xy[0]:.1f} {xy[1]:.1f}"
