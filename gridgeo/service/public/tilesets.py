"""What maps need to know to ask for tiles: TileJSON, and the tilesets of OGC API - Tiles."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .axes import crs_uri
from .collections import Collection, in_two_forms, link
from .layers import SCHEMAS
from .tiles import MEDIA_TYPE, MOST_ZOOM

SCHEME = "WebMercatorQuad"
_SCHEME_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{SCHEME}"
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
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
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north]},
        "layers": [{"id": collection.kind, "dataType": "vector"}],
        "links": [
            *in_two_forms(href, f"Tiles of {collection.name}", form=form),
            link(_SCHEME_URI, f"{_REL}tiling-scheme", title="How the world is cut into tiles"),
            link(f"{href}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", kind=MEDIA_TYPE,
                 title="Vector tiles") | {"templated": True},
        ],
    }  # fmt: skip


def tilesets(collection: Collection, base: str, *, form: str) -> dict[str, Any]:
    """Return the tilesets of a collection, and where TileJSON is."""
    href = _href(collection, base)
    told = tileset(collection, base)
    return {
        "title": f"Tiles of {collection.title}",
        "tilesets": [
            {name: told[name] for name in ("title", "dataType", "crs", "tileMatrixSetURI")}
            | {"links": [link(f"{href}/{SCHEME}", "self", title="The tileset"),
                         *(one for one in told["links"] if one["rel"] == "item")]}
        ],
        "links": [
            *in_two_forms(href, "This page", form=form),
            link(f"{href}/tilejson.json", "describedby", title="TileJSON, for MapLibre and others"),
        ],
    }  # fmt: skip


def _href(collection: Collection, base: str) -> str:
    return f"{base}/collections/{quote(collection.name)}/tiles"
