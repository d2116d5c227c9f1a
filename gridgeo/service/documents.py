"""The OpenAPI document, in version 3.0 as the clients of OGC API - Features want it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .operations import complete
from .public.cql import LANGUAGES
from .public.layers import SCHEMAS
from .public.query import DEFAULT_LIMIT, MOST_AT_ONCE

_MERGED = ("description", "title", "default", "examples")
# So many letters of any kind fit into an address however they are encoded: a server reads 64 KB
# of it. Of plain ones more are taken.
_FITTING = 5_000
# What a reader of features may say; the words are parsed by ``public.query``.
_PARAMETERS: Mapping[str, tuple[str, dict[str, Any], Any]] = {
    "f": ("Form of the answer", {"type": "string", "enum": ["json", "html"]}, "json"),
    "limit": (
        # more is no fault, as the standard has it; clients look here for the size of a page
        "Most features at once; 10,000 come where more are asked for",
        {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": DEFAULT_LIMIT},
        10,
    ),
    "offset": ("Features to pass over", {"type": "integer", "minimum": 0, "default": 0}, 0),
    "bbox": (
        "Only what meets this box: west, south, east, north; or six numbers, with heights",
        {
            "type": "array",
            "items": {"type": "number"},
            "oneOf": [{"minItems": n, "maxItems": n} for n in (4, 6)],
        },
        [116.3, 39.8, 116.5, 40.0],
    ),
    "bbox-crs": ("CRS of bbox, a URI", {"type": "string", "format": "uri"}, None),
    "crs": ("CRS of the answer, a URI", {"type": "string", "format": "uri"}, None),
    "datetime": (
        "The versions valid then: a moment, or an interval as 2026-01-01T00:00:00Z/..",
        {"type": "string"},
        None,
    ),
    "version": ("The version of this number", {"type": "integer", "minimum": 1}, None),
    "from-version": (
        "Where a page goes on; follow the link `next` instead of making it up",
        {"type": "integer", "minimum": 1},
        None,
    ),
    "filter": (
        "A CQL2 filter on the queryables",
        {"type": "string", "maxLength": _FITTING},
        None,
    ),
    "filter-lang": (
        "Language of the filter",
        {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]},
        None,
    ),
    "filter-crs": ("CRS of shapes in the filter, a URI", {"type": "string"}, None),
    "lon": ("Longitude in degrees", {"type": "number", "minimum": -180, "maximum": 180}, 116.4),
    "lat": ("Latitude in degrees", {"type": "number", "minimum": -90, "maximum": 90}, 39.9),
    "q": ("Words of an address", {"type": "string", "minLength": 1, "maxLength": 200}, None),
    "community": ("Only there: its short name, as in its addresses", {"type": "string"}, None),
}


def parameter(name: str) -> dict[str, Any]:
    """Return a parameter of a query as OpenAPI has it: where it is told."""
    return {"$ref": f"#/components/parameters/{name}"}


def queryable_parameters() -> list[dict[str, Any]]:
    """Return a parameter for every queryable, of any collection, that must equal a value."""
    known = {name: fact for kind in SCHEMAS.values() for name, fact in kind.items()}
    return [
        _parameter(name, f"Only where it is this: {fact['title']}", _plain(fact))
        for name, fact in known.items()
        if name != "version"  # which stands among the parameters already
    ]


def _plain(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fact.items() if name in ("type", "format", "minimum")}


def _parameter(
    name: str, said: str, schema: Mapping[str, Any], example: Any = None
) -> dict[str, Any]:
    more = {} if example is None else {"example": example}
    return {"name": name, "in": "query", "required": False, "description": said,
            "style": "form", "explode": False, "schema": dict(schema), **more}  # fmt: skip


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
    parameters = {name: _parameter(name, *told) for name, told in _PARAMETERS.items()}
    whole = complete(document, app)
    whole["components"]["parameters"] = parameters
    return {name: _older(value) for name, value in whole.items()}


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
