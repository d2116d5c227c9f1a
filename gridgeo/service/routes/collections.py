"""OGC API: landing page, conformance, and what is told of each collection."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from ..answering import catalogue_of, found_collection, in_form
from ..documents import parameter, told_as
from ..open_route import open_router
from ..public.collections import (
    collection_facts,
    collections_of,
    feature_schema_facts,
    in_two_forms,
    link,
    queryables_facts,
    schema_facts,
)
from ..public.conformance import CONFORMANCE

router = open_router(tags=["OGC API"])
_OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_SCHEMA = "application/schema+json"
_FORM = told_as(parameter("f"))

Facts = tuple[dict[str, Any], str, dict[str, Any]]


@router.get("/", summary="The landing page", openapi_extra=_FORM)
async def landing(request: Request) -> Response:
    """Return the links to everything there is."""

    def make(base: str, form: str) -> Facts:
        facts = {
            "title": request.app.title,
            "description": "The grids of communities, as they are published.",
            "links": [
                *in_two_forms(f"{base}/", "This page", form=form),
                link(f"{base}/openapi.json", "service-desc", kind=_OPENAPI, title="The API"),
                link(f"{base}/api?f=html", "service-doc", kind="text/html", title="The API"),
                link(f"{base}/conformance", "conformance", title="What it conforms to"),
                link(f"{base}/collections", "data", title="The collections"),
                link(f"{base}/collections?f=html", "data", kind="text/html",
                     title="The collections, to read"),
            ],
        }  # fmt: skip
        newest = list(catalogue_of(request).standing.current.values())
        return facts, "landing.html", {"communities": newest}

    return await in_form(request, make)


@router.get("/conformance", summary="What it conforms to", openapi_extra=_FORM)
async def conformance(request: Request) -> Response:
    """Return the conformance classes that are met."""

    def make(base: str, form: str) -> Facts:
        links = in_two_forms(f"{base}/conformance", "This page", form=form)
        facts = {"conformsTo": list(CONFORMANCE), "links": links}
        return facts, "conformance.html", {}

    return await in_form(request, make)


@router.get("/collections", summary="The collections", openapi_extra=_FORM)
async def collections(request: Request) -> Response:
    """Return all collections: grids, buildings and boundary of every community."""

    def make(base: str, form: str) -> Facts:
        each = list(collections_of(catalogue_of(request)))
        facts = {
            "collections": [collection_facts(one, base, form=form) for one in each],
            "links": in_two_forms(f"{base}/collections", "This page", form=form),
        }
        return facts, "collections.html", {"by_community": _by_community(each)}

    return await in_form(request, make)


@router.get(
    "/collections/{collectionId}", summary="What is told of a collection", openapi_extra=_FORM
)
async def collection(collectionId: str, request: Request) -> Response:
    """Return what is told of a collection."""

    def make(base: str, form: str) -> Facts:
        found = found_collection(request, collectionId)
        return collection_facts(found, base, form=form), "collection.html", {}

    return await in_form(request, make)


@router.get(
    "/collections/{collectionId}/queryables",
    summary="What a collection can be filtered by",
    openapi_extra=_FORM,
)
async def queryables(collectionId: str, request: Request) -> Response:
    """Return what a collection can be filtered by, as a JSON Schema."""

    def make(base: str, _form: str) -> Facts:
        found = found_collection(request, collectionId)
        return queryables_facts(found, base), "schema.html", {"heading": "can be filtered by"}

    return await in_form(request, make, kind=_SCHEMA)


@router.get(
    "/collections/{collectionId}/schema",
    summary="What the features of a collection tell",
    openapi_extra=_FORM,
)
async def schema(collectionId: str, request: Request) -> Response:
    """Return what the features of a collection tell, as a JSON Schema."""

    def make(base: str, _form: str) -> Facts:
        found = found_collection(request, collectionId)
        return schema_facts(found, base), "schema.html", {"heading": "tell"}

    return await in_form(request, make, kind=_SCHEMA)


@router.get(
    "/collections/{collectionId}/feature-schema",
    summary="What a feature of a collection is in GeoJSON",
    openapi_extra=_FORM,
)
async def feature_schema(collectionId: str, request: Request) -> Response:
    """Return what a feature of a collection is in GeoJSON, as a JSON Schema."""

    def make(base: str, _form: str) -> Facts:
        found = found_collection(request, collectionId)
        facts = feature_schema_facts(found, base)
        told = facts["properties"]["properties"]["properties"]
        return facts, "schema.html", {"heading": "tell in GeoJSON", "properties": told}

    return await in_form(request, make, kind=_SCHEMA)


def _by_community(each: list[Any]) -> list[tuple[str, list[Any]]]:
    out: dict[str, list[Any]] = {}
    for one in each:
        out.setdefault(one.newest.name, []).append(one)
    return list(out.items())
