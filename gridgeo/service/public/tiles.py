"""Vector tiles of a layer in Web Mercator: shapes cut to the tile, in its own whole numbers."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from ...crs import from_lonlat, to_lonlat
from .layers import Layer

MOST_ZOOM = 22
_EXTENT = 4096
# A tile shows a little of its neighbours, so that borders have no seam.
_RIM = 64 / _EXTENT
_HALF_M = 20_037_508.342789244
_MERCATOR: Any = "EPSG:3857"


def tile(layer: Layer, zoom: int, column: int, row: int) -> bytes:
    """Return a tile as Mapbox Vector Tile 2.1, columns from the west, rows from the north."""
    side_m = 2 * _HALF_M / 2**zoom
    west_m, north_m = -_HALF_M + column * side_m, _HALF_M - row * side_m
    box = (west_m, north_m - side_m, west_m + side_m, north_m)
    rim_m = _RIM * side_m
    rim = (box[0] - rim_m, box[1] - rim_m, box[2] + rim_m, box[3] + rim_m)
    wide = shapely.box(*np.clip(rim, -_HALF_M, _HALF_M))  # beyond, there is no place on earth
    seen = to_lonlat(np.array([wide], dtype=object), _MERCATOR)[0]
    rows = np.sort(layer.tree.query(seen, predicate="intersects"))
    shapes = from_lonlat(layer.shapes[rows], _MERCATOR)
    # what is smaller than half a unit of the tile cannot be seen in it
    shapes = shapely.simplify(shapes, side_m / _EXTENT / 2)
    shapes = shapely.intersection(shapely.make_valid(shapes), wide)
    # in units of the tile from its north-west corner, so that the encoder has nothing to move
    corner, down = np.array([west_m, north_m]), np.array([1.0, -1.0])
    units = shapely.transform(
        shapes, lambda xy: np.round((xy - corner) * down * (_EXTENT / side_m))
    )
    features = [
        {
            "geometry": shape,
            "id": int(at) + 1,
            "properties": {k: v for k, v in layer.properties[at].items() if v is not None},
        }
        for at, shape in zip(rows.tolist(), units, strict=True)
        if not shape.is_empty
    ]
    content: bytes = mapbox_vector_tile.encode(
        [{"name": layer.kind, "features": features}],
        default_options={"extents": _EXTENT, "y_coord_down": True},
    )
    return content
