"""Features that a query asks for, and these as GeoJSON text in the CRS asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyproj
import shapely

from ...crs import from_lonlat, to_lonlat
from .layers import Layer
from .query import CRS84, Query, crs_of

Array = np.ndarray[Any, Any]

_METRE_DECIMALS, _DEGREE_DECIMALS = 3, 7
# A box in another CRS has bent sides in ours: so many points a side follow them.
_SIDE_POINTS = 16


def rows_of(layer: Layer, query: Query) -> Array:
    """Return the rows of a layer that a query asks for, ascending, before limit and offset.

    Raises:
        FilterError: the filter does not fit the features.
    """
    rows = np.arange(len(layer)) if query.bbox is None else _in_box(layer, query)
    for name, text in query.equal.items():
        rows = rows[[_text(layer.properties[row].get(name)) == text for row in rows]]
    if query.filter is not None:
        shapes = in_crs(layer.shapes[rows], query.filter_crs)
        held = [
            query.filter.holds(
                {
                    "type": "Feature",
                    "id": layer.ids[row],
                    "geometry": json.loads(shapely.to_geojson(shape)),
                    "properties": layer.properties[row],
                }
            )
            is True
            for row, shape in zip(rows.tolist(), shapes, strict=True)
        ]
        rows = rows[np.array(held, dtype=bool)]
    return rows


def features_text(layer: Layer, rows: Sequence[int], crs: str) -> list[str]:
    """Return the features of some rows as GeoJSON texts, their shapes in the axis order of a CRS.

    ``crs``: a URI. Degrees have 7 decimals, metres 3.
    """
    chosen = list(rows)
    if crs != CRS84:
        return _texts(layer, chosen, crs)
    # what nearly everybody asks for is said once, and kept with the layer
    said = layer.said
    new = [row for row in chosen if said[row] is None]
    for row, text in zip(new, _texts(layer, new, crs), strict=True):
        said[row] = text
    return [said[row] or "" for row in chosen]


def _texts(layer: Layer, rows: list[int], crs: str) -> list[str]:
    if not rows:
        return []
    shapes = in_crs(layer.shapes[rows], crs)
    decimals = _DEGREE_DECIMALS
    if crs != CRS84 and not crs_of(crs).is_geographic:
        decimals = _METRE_DECIMALS
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, decimals) + 0.0)
    return [
        feature_text(layer.ids[row], layer.properties[row], shapely.to_geojson(shape))
        for row, shape in zip(rows, rounded, strict=True)
    ]


def feature_text(feature_id: str, properties: Mapping[str, Any], geometry: str) -> str:
    """Return one feature as a GeoJSON text; ``geometry`` is one already."""
    told = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    name = json.dumps(feature_id, ensure_ascii=False)
    return f'{{"type":"Feature","id":{name},"geometry":{geometry},"properties":{told}}}'


def in_crs(shapes: Array, uri: str) -> Array:
    """Return shapes in WGS 84, longitude first, as a CRS has them, its own axis first."""
    if uri == CRS84 or not len(shapes):
        return shapes
    crs = crs_of(uri)
    moved = from_lonlat(shapes, crs)
    return _swapped(moved) if north_first(crs) else moved


def north_first(crs: pyproj.CRS) -> bool:
    """Return whether the first axis of a CRS points north."""
    return bool(crs.axis_info) and crs.axis_info[0].direction == "north"


def _in_box(layer: Layer, query: Query) -> Array:
    assert query.bbox is not None
    x0, y0, x1, y1 = query.bbox
    if query.bbox_crs != CRS84:
        crs = crs_of(query.bbox_crs)
        if north_first(crs):
            x0, y0, x1, y1 = y0, x0, y1, x1
        if x0 > x1:
            return np.empty(0, dtype=np.int64)
        boxes = to_lonlat(np.array([_box(x0, y0, x1, y1)], dtype=object), crs)
        if not np.isfinite(shapely.get_coordinates(boxes)).all():
            return np.empty(0, dtype=np.int64)
    elif x0 > x1:  # across the date line
        boxes = np.array([shapely.box(x0, y0, 180, y1), shapely.box(-180, y0, x1, y1)])
    else:
        boxes = np.array([shapely.box(x0, y0, x1, y1)])
    if len(boxes) == 1:
        return np.sort(layer.tree.query(boxes[0], predicate="intersects"))
    return np.unique(np.concatenate([layer.tree.query(b, predicate="intersects") for b in boxes]))


def _box(x0: float, y0: float, x1: float, y1: float) -> Any:
    """Return a box with points along its sides; a point or a line where it is that thin."""
    span = max(x1 - x0, y1 - y0)
    if span == 0:
        return shapely.Point(x0, y0)
    if x0 == x1 or y0 == y1:
        thin = shapely.LineString([(x0, y0), (x1, y1)])
        return shapely.segmentize(thin, span / _SIDE_POINTS)
    return shapely.segmentize(shapely.box(x0, y0, x1, y1), span / _SIDE_POINTS)


def _swapped(shapes: Array) -> Array:
    swapped: Array = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return swapped


def _text(value: Any) -> str | None:
    """Return a value as a client writes it in an address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
