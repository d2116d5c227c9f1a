"""Features that a query asks for, and these as GeoJSON text in the CRS asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from ...crs import from_lonlat
from .axes import CRS84, crs_of, east_first_as_lonlat, in_crs, is_in_degrees
from .columns import Array, Moments, Numbers, Texts, Truths, instant
from .layers import Layer
from .query import Query

_FAR_M = 500_000.0
_METRE_DECIMALS, _DEGREE_DECIMALS = 3, 7
# GEOS says some rounded numbers with 17 digits where fewer mean the same.
_LONG_NUMBER = re.compile(r"-?\d+\.\d{8,}")


def rows_of(layer: Layer, query: Query) -> Array:
    """Return the rows of a layer that a query asks for, ascending, before limit and offset.

    Raises:
        FilterError: the filter takes too long.
    """
    rows = np.arange(len(layer)) if query.bbox is None else _in_box(layer, query)
    for name, wanted in query.equal.items():
        rows = rows[_equal(layer, name, wanted)[rows]]
    if query.filter is not None and len(rows):
        rows = rows[query.filter.holds(layer)[rows]]
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
    decimals = _DEGREE_DECIMALS if is_in_degrees(crs) else _METRE_DECIMALS
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, decimals) + 0.0)
    return [
        feature_text(layer.ids[row], layer.facts(row), _shortened(text))
        for row, text in zip(rows, shapely.to_geojson(rounded), strict=True)
    ]


def feature_text(feature_id: str, properties: Mapping[str, Any], geometry: str) -> str:
    """Return one feature as a GeoJSON text; ``geometry`` is one already."""
    told = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    name = json.dumps(feature_id, ensure_ascii=False)
    return f'{{"type":"Feature","id":{name},"geometry":{geometry},"properties":{told}}}'


def _shortened(geometry: str) -> str:
    return _LONG_NUMBER.sub(lambda found: repr(float(found[0])), geometry)


def _in_box(layer: Layer, query: Query) -> Array:
    assert query.bbox is not None
    x0, y0, x1, y1 = query.bbox
    none = np.empty(0, dtype=np.int64)
    boxes: list[Any] = []
    if is_in_degrees(query.bbox_crs):
        # beyond the poles and the date line there is nothing
        y0, y1 = max(y0, -90.0), min(y1, 90.0)
        spans = [(x0, x1)] if x0 <= x1 else [(x0, 180.0), (-180.0, x1)]
        spans = [(max(west, -180.0), min(east, 180.0)) for west, east in spans]
        boxes = [_box(west, y0, east, y1) for west, east in spans if west <= east and y0 <= y1]
    else:
        box = _box(x0, y0, x1, y1)
        if max(x1 - x0, y1 - y0) <= _FAR_M:
            boxes = [east_first_as_lonlat(box, query.bbox_crs)]
        if not boxes or not np.isfinite(shapely.get_coordinates(boxes)).all():
            # so large a box may have no shape in degrees: the features go to it
            moved = from_lonlat(layer.shapes, crs_of(query.bbox_crs))
            return np.flatnonzero(shapely.intersects(moved, box))
    if len(boxes) == 1:
        return np.sort(layer.tree.query(boxes[0], predicate="intersects"))
    found = [layer.tree.query(box, predicate="intersects") for box in boxes]
    return np.unique(np.concatenate([*found, none]))


def _box(x0: float, y0: float, x1: float, y1: float) -> Any:
    """Return a box; a point or a line where it is that thin."""
    if x0 == x1 and y0 == y1:
        return shapely.Point(x0, y0)
    if x0 == x1 or y0 == y1:
        return shapely.LineString([(x0, y0), (x1, y1)])
    return shapely.box(x0, y0, x1, y1)


def _equal(layer: Layer, name: str, wanted: Any) -> Array:
    """Return for every row whether a property has a value, of the type of its schema."""
    held = layer.told(name)
    if isinstance(held, Texts):
        return np.asarray(held.codes == (held.said.index(wanted) if wanted in held.said else -2))
    if isinstance(held, Truths):
        return held.yes if wanted else held.no
    if isinstance(held, Numbers):
        return np.asarray(held.values == wanted)
    if isinstance(held, Moments):
        return np.asarray(held.values == instant(wanted))
    return np.zeros(len(layer), dtype=bool)
