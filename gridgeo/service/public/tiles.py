"""Vector tiles of a layer in Web Mercator: shapes cut to the tile, in its own whole numbers."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from ...crs import web_mercator_of
from .columns import Array
from .layers import Layer

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
MOST_ZOOM = 22
# No tile holds more; of more the largest shapes are kept.
MOST_FEATURES = 8_000
_EXTENT = 4096
# A tile shows a little of its neighbours, so that borders have no seam.
_RIM = 64
HALF_M = 20_037_508.342789244
# A dot on the screen, where a tile is 512 wide: of what is smaller one a dot is enough.
_DOT = 8.0


def tile(layer: Layer, zoom: int, column: int, row: int) -> bytes:
    """Return a tile as Mapbox Vector Tile 2.1, columns from the west, rows from the north.

    Of shapes smaller than a dot on the screen only the largest in each dot is kept, and at most
    ``MOST_FEATURES`` in all, the largest: what a town of 100,000 buildings is at a low zoom.
    """
    side_m = 2 * HALF_M / 2**zoom
    corner = np.array([column * side_m - HALF_M, HALF_M - row * side_m])
    scale = np.array([_EXTENT, -_EXTENT]) / side_m
    rows = np.sort(layer.tree.query(_degrees(zoom, column, row), predicate="intersects"))

    def units(lonlat: Array) -> Array:
        """Return places in units of the tile from its north-west corner, y down."""
        placed: Array = (web_mercator_of(lonlat) - corner) * scale
        return placed

    rows = rows[_worth_showing(layer.boxes[rows], units)]
    shapes = shapely.transform(layer.shapes[rows], units)
    # corners go to whole units and no further: neighbours share theirs, so that no crack opens
    shapes = shapely.make_valid(shapes)
    rim = shapely.box(-_RIM, -_RIM, _EXTENT + _RIM, _EXTENT + _RIM)
    shapes = _rounded(shapely.intersection(shapes, rim), shapes)
    features = [
        {
            "geometry": shape,
            "id": at + 1,
            "properties": {k: v for k, v in layer.facts(at).items() if v is not None},
        }
        for at, shape in zip(rows.tolist(), shapes, strict=True)
        if not shape.is_empty
    ]
    if not features:
        return b""
    content: bytes = mapbox_vector_tile.encode(
        [{"name": layer.kind, "features": features}],
        default_options={"extents": _EXTENT, "y_coord_down": True},
    )
    return content


def _degrees(zoom: int, column: int, row: int) -> Any:
    """Return the box of a tile with its rim, in degrees."""

    def lon(x: Any) -> Any:
        return x / 2**zoom * 360 - 180

    def lat(y: Any) -> Any:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**zoom))))

    rim = _RIM / _EXTENT
    edges = lon(column - rim), lat(row + 1 + rim), lon(column + 1 + rim), lat(row - rim)
    return shapely.box(*edges)


def _worth_showing(boxes: Array, units: Any) -> Array:
    """Return which of some shapes a tile shows, ascending: by their boxes in degrees."""
    if not len(boxes):
        return np.empty(0, dtype=np.int64)
    low, high = units(boxes[:, [0, 3]]), units(boxes[:, [2, 1]])
    wide, high_by = np.abs(high - low).T
    size = np.maximum(wide, high_by)
    order = np.lexsort((np.arange(len(size)), -size))
    dots = np.floor((low + high) / 2 / _DOT).astype(np.int64)
    small = size[order] < _DOT
    _, firsts = np.unique(dots[order], axis=0, return_index=True)
    first = np.zeros(len(order), dtype=bool)
    first[firsts] = True
    kept = order[~small | first][:MOST_FEATURES]
    return np.sort(kept)


def _rounded(cut: Array, whole: Array) -> Array:
    """Return shapes in whole units; what would vanish becomes a square of one unit."""
    rounded: Array = shapely.set_precision(cut, 1.0)
    gone = shapely.is_empty(rounded) & ~shapely.is_empty(cut) & (shapely.get_dimensions(whole) == 2)
    if gone.any():
        x, y = np.floor(shapely.get_coordinates(shapely.centroid(cut[gone]))).T
        rounded[gone] = shapely.box(x, y, x + 1, y + 1)
    for at in np.flatnonzero(
        shapely.get_type_id(rounded) == shapely.GeometryType.GEOMETRYCOLLECTION
    ):
        # of an area with a spike the area is kept: a tile knows no mixed shapes
        parts = shapely.get_parts(rounded[at])
        size = shapely.get_dimensions(parts)
        rounded[at] = shapely.union_all(parts[size == size.max(initial=-1)])
    return rounded
