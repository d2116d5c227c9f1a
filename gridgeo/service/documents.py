"""The OpenAPI document, in version 3.0 as the clients of OGC API - Features want it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .operations import complete

_MERGED = ("description", "title", "default", "examples")
# What a reader of features may say; the words are parsed by ``public.query``.
_PARAMETERS: Mapping[str, tuple[str, dict[str, Any], Any]] = {
    "f": ("Form of the answer", {"type": "string", "enum": ["json", "html"]}, "json"),
    "limit": (
        "Most features at once",
        {"type": "integer", "minimum": 1, "maximum": 10000, "default": 10},
        10,
    ),
    "offset": ("Features to pass over", {"type": "integer", "minimum": 0, "default": 0}, 0),
    "bbox": (
        "Only what meets this box: west, south, east, north",
        {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        [116.3, 39.8, 116.5, 40.0],
    ),
    "bbox-crs": ("CRS of bbox, a URI", {"type": "string", "format": "uri"}, None),
    "crs": ("CRS of the answer, a URI", {"type": "string", "format": "uri"}, None),
    "datetime": (
        "The version valid then: a moment, or an interval as 2026-01-01T00:00:00Z/..",
        {"type": "string"},
        None,
    ),
    "version": ("The version of this number", {"type": "integer", "minimum": 1}, None),
    "filter": ("A CQL2 filter on the queryables", {"type": "string"}, None),
    "filter-lang": (
        "Language of the filter",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        None,
    ),
    "filter-crs": ("CRS of shapes in the filter, a URI", {"type": "string"}, None),
    "lon": ("Longitude in degrees", {"type": "number", "minimum": -180, "maximum": 180}, 116.4),
    "lat": ("Latitude in degrees", {"type": "number", "minimum": -90, "maximum": 90}, 39.9),
    "q": ("Words of an address", {"type": "string", "maxLength": 200}, None),
}


def parameter(name: str) -> dict[str, Any]:
    """Return a parameter of a query as OpenAPI has it."""
    said, schema, example = _PARAMETERS[name]
    listed = {"style": "form", "explode": False} if schema["type"] == "array" else {}
    more = {} if example is None else {"example": example}
    return {"name": name, "in": "query", "required": False, "description": said,
            "schema": dict(schema), **listed, **more}  # fmt: skip


def told_as(*parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what a route adds to its entry: parameters it reads itself."""
    return {"parameters": list(parameters)} if parameters else {}


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application, in OpenAPI 3.0."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.0.3",
        summary=None,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    return {name: _older(value) for name, value in complete(document, app).items()}


def _older(value: Any) -> Any:
    """Return a part of OpenAPI 3.1 as 3.0 says the same."""
    if isinstance(value, list):
        return [_older(one) for one in value]
    if not isinstance(value, dict):
        return value
    out = {name: _older(inner) for name, inner in value.items()}
    kinds = out.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        rest = [kind for kind in kinds if kind != {"type": "null"}]
        out.pop("anyOf")
        if len(rest) == 1 and "$ref" not in rest[0]:
            out = {**rest[0], **{k: v for k, v in out.items() if k in _MERGED or k not in rest[0]}}
        else:
            out["allOf" if len(rest) == 1 else "anyOf"] = rest
        out["nullable"] = True
        if out.get("default", 0) is None:
            out.pop("default")
    if "const" in out and not isinstance(out["const"], dict):
        out["enum"] = [out.pop("const")]
    for bound, side in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(out.get(bound), int | float) and not isinstance(out.get(bound), bool):
            out[side] = out[bound]
            out[bound] = True
    if "contentMediaType" in out and out.get("type") == "string":
        out.pop("contentMediaType")
        out["format"] = "binary"
    if "type" in out and isinstance(out.get("examples"), list):
        examples = out.pop("examples")
        out.setdefault("example", examples[0])
    return out
