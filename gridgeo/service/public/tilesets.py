"""What maps need to know to ask for tiles: TileJSON, and the tilesets of OGC API - Tiles."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import numpy as np

from ...crs import web_mercator_of
from .axes import CRS84, crs_uri
from .collections import Collection, in_two_forms, link
from .layers import SCHEMAS
from .tiles import HALF_M, MEDIA_TYPE, MOST_ZOOM

SCHEME = "WebMercatorQuad"
_SCHEME_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{SCHEME}"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_FORMS = ("self", "alternate")
# What the standard takes for a pixel of a screen.
_TILE_PIXELS, _PIXEL_M = 256, 0.00028
# TileJSON has words of its own for what a property is.
_TYPES = {"string": "String", "integer": "Number", "number": "Number", "boolean": "Boolean"}


def tilejson(collection: Collection, base: str, asked: str = "") -> dict[str, Any]:
    """Return the tiles of a collection as TileJSON 3.0; ``asked``: what was asked, to hand on."""
    west, south, east, north = collection.bounds
    ending = f"?{asked}" if asked else ""
    fields = {name: _TYPES[fact["type"]] for name, fact in SCHEMAS[collection.kind].items()}
    return {
        "tilejson": "3.0.0",
        "name": collection.title,
        "description": collection.description,
        "scheme": "xyz",
        "tiles": [f"{_href(collection, base)}/{{z}}/{{x}}/{{y}}.mvt{ending}"],
        "minzoom": 0,
        "maxzoom": MOST_ZOOM,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, 14],
        "vector_layers": [{"id": collection.kind, "fields": fields}],
    }


def tileset(collection: Collection, base: str, *, form: str = "json") -> dict[str, Any]:
    """Return the one tileset of a collection as OGC API - Tiles has it."""
    href = f"{_href(collection, base)}/{SCHEME}"
    west, south, east, north = collection.bounds
    return {
        "title": collection.title,
        "dataType": "vector",
        "crs": crs_uri(3857),
        "tileMatrixSetURI": _SCHEME_URI,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84},
        "tileMatrixSetLimits": [_limits(collection.bounds, zoom) for zoom in range(MOST_ZOOM + 1)],
        "layers": [{"id": collection.kind, "dataType": "vector"}],
        "links": [
            *in_two_forms(href, f"Tiles of {collection.name}", form=form),
            link(
                f"{base}/tileMatrixSets/{SCHEME}",
                f"{_REL}tiling-scheme",
                title="How the world is cut into tiles",
            ),
            link(f"{href}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", kind=MEDIA_TYPE,
                 title="Vector tiles") | {"templated": True},
        ],
    }  # fmt: skip


def tiling_scheme(base: str) -> dict[str, Any]:
    """Return how the world is cut into tiles, as OGC 17-083r4, annex D.1 has it."""
    side_m = 2 * HALF_M
    return {
        "id": SCHEME,
        "title": "Google Maps Compatible for the World",
        "uri": _SCHEME_URI,
        "crs": crs_uri(3857),
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(zoom),
                "scaleDenominator": side_m / (_TILE_PIXELS * 2**zoom) / _PIXEL_M,
                "cellSize": side_m / (_TILE_PIXELS * 2**zoom),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF_M, HALF_M],
                "tileWidth": _TILE_PIXELS,
                "tileHeight": _TILE_PIXELS,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
            for zoom in range(MOST_ZOOM + 1)
        ],
        "links": [link(f"{base}/tileMatrixSets/{SCHEME}", "self", title="This document")],
    }


def tilesets(collection: Collection, base: str, *, form: str) -> dict[str, Any]:
    """Return the tilesets of a collection, and where TileJSON is."""
    href = _href(collection, base)
    told = tileset(collection, base)
    return {
        "title": f"Tiles of {collection.title}",
        "tilesets": [
            {name: told[name] for name in ("title", "dataType", "crs", "tileMatrixSetURI")}
            | {"links": [link(f"{href}/{SCHEME}", "self", title="The tileset"),
                         *(one for one in told["links"] if one["rel"] not in _FORMS)]}
        ],
        "links": [
            *in_two_forms(href, "This page", form=form),
            link(f"{href}/tilejson.json", "describedby", title="TileJSON, for MapLibre and others"),
        ],
    }  # fmt: skip


def _limits(bounds: list[float], zoom: int) -> dict[str, Any]:
    """Return which tiles of a zoom hold anything: those that a box in degrees meets."""
    xy = web_mercator_of(np.array(bounds).reshape(2, 2))
    at = np.clip((xy * [1, -1] + HALF_M) / (2 * HALF_M) * 2**zoom, 0, 2**zoom - 1).astype(int)
    (west, south), (east, north) = at.tolist()
    return {"tileMatrix": str(zoom), "minTileRow": north, "maxTileRow": south,
            "minTileCol": west, "maxTileCol": east}  # fmt: skip


def _href(collection: Collection, base: str) -> str:
    return f"{base}/collections/{quote(collection.name)}/tiles"
