"""OGC API - Features: features of a collection, in pages, and each of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..answering import (
    VARY,
    answered,
    catalogue_of,
    dumped,
    form_asked,
    found_collection,
    link_header,
)
from ..documents import parameter, queryable_parameters, told_as
from ..open_route import open_router
from ..pages import page
from ..problems import MissingError
from ..public.answers import GEOJSON, HTML, Made
from ..public.axes import CRS84
from ..public.collections import Collection, find_collection, in_two_forms, link
from ..public.drawing import drawing
from ..public.layers import ID_NAMES, SCHEMAS, moment_text
from ..public.query import Query, read_query
from ..public.select import features_text
from ..public.versions import Page, find_feature, page_of, versions_of

router = open_router(tags=["OGC API"])
# Items are found at once, in no thread of their own, where they are few, of what is valid now.
_QUICK_LETTERS, _QUICK_FEATURES, _QUICK_LAYER = 200, 100, 20_000
_SLOW_WORDS = (b"filter", b"crs", b"datetime", b"version")
_LIMIT = re.compile(rb"(?:^|&)limit=(\d{1,9})")
# A query of these letters stands in an address as it came.
_PLAIN = re.compile(rb"[A-Za-z0-9_.,:=&-]*")
# What an address of a page says anew.
_GONE = ("f", "offset", "from-version")
_ITEMS = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "version",
          "from-version", "filter", "filter-lang", "filter-crs")  # fmt: skip


@router.get(
    "/collections/{collectionId}/items",
    summary="Features of a collection",
    openapi_extra=told_as(*map(parameter, _ITEMS), *queryable_parameters()),
)
async def items(collectionId: str, request: Request) -> Response:
    """Return features of a collection; those of the version that is valid now, or then."""
    form = form_asked(request)

    def make(base: str) -> Made:
        found = found_collection(request, collectionId)
        query = _query(request, found)
        catalogue = catalogue_of(request)
        versions = versions_of(catalogue, found.newest.slug, query)
        told = page_of(catalogue, versions, found.kind, query)
        href = f"{base}/collections/{quote(found.name)}/items"
        links = _page_links(href, _kept_query(request), query, told, form=form)
        headers = _headers(query, links)
        if form == "html":
            read = [json.loads(text) for text in told.texts]
            dated = query.dated or query.version is not None
            facts = {
                "collection": found,
                "features": read,
                "matched": told.matched,
                "offset": query.offset,
                "links": links,
                "title": found.title,
                "drawing": drawing(read, dated=dated) if query.crs == CRS84 else None,
                "words": _kept_words(request),
                "filter": request.query_params.get("filter", ""),
                "id_name": ID_NAMES[found.kind],
                "names": _columns(found.kind, read),
                "of_a_time": dated,
            }
            return Made(page("items.html", base, facts), HTML, headers)
        stamp = f'"timeStamp":"{moment_text(datetime.now(UTC))}",'
        matched = "" if told.matched is None else f'"numberMatched":{told.matched},'
        text = (
            f'{{"type":"FeatureCollection",{stamp}{matched}"numberReturned":{len(told.texts)},'
            f'"links":{json.dumps(links)},"features":[\n' + ",\n".join(told.texts) + "\n]}\n"
        )
        return Made(text.encode(), GEOJSON, headers, stamp.encode())

    def quick() -> bool:
        return form == "json" and _is_quick(request, collectionId)

    return await answered(request, make, form, quick=quick)


@router.get(
    "/collections/{collectionId}/items/{featureId:path}",
    summary="One feature",
    openapi_extra=told_as(*map(parameter, ("f", "crs", "datetime", "version"))),
)
async def item(collectionId: str, featureId: str, request: Request) -> Response:
    """Return one feature."""
    if not featureId:
        raise HTTPException(404)  # the features are meant, and a slash is too much
    form = form_asked(request)

    def make(base: str) -> Made:
        found = found_collection(request, collectionId)
        query = _query(request, found, single=True)
        catalogue = catalogue_of(request)
        versions = versions_of(catalogue, found.newest.slug, query)
        held = find_feature(catalogue, versions, found.kind, featureId)
        if held is None:
            raise MissingError(f"{found.name} has no feature {featureId[:80]!r}")
        layer = catalogue.layer(held[0], found.kind)
        feature = json.loads(features_text(layer, [held[1]], query.crs)[0])
        href = f"{base}/collections/{quote(found.name)}"
        own = _asked_again(f"{href}/items/{quote(featureId, safe='')}", _kept_query(request))
        feature["links"] = [
            *in_two_forms(own, featureId, form=form, kind=GEOJSON),
            link(href, "collection", title=found.title),
        ]
        headers = _headers(query, feature["links"])
        if form == "html":
            facts = {
                "collection": found,
                "feature": feature,
                "title": featureId,
                "links": feature["links"],
                "drawing": drawing([feature]) if query.crs == CRS84 else None,
                "titles": {name: fact["title"] for name, fact in SCHEMAS[found.kind].items()},
            }
            return Made(page("feature.html", base, facts), HTML, headers)
        return Made((dumped(feature) + "\n").encode(), GEOJSON, headers)

    return await answered(request, make, form)


def _columns(kind: str, features: list[dict[str, Any]]) -> list[str]:
    """Return what a table of features tells of each, besides its id."""
    each = [pair for one in features for pair in one["properties"].items()]
    told = {name for name, value in each if value not in ("", None)}
    return [name for name in SCHEMAS[kind] if name in told and name != ID_NAMES[kind]]


def _is_quick(request: Request, name: str) -> bool:
    """Tell whether features are found sooner than a thread would have begun to look for them."""
    asked = request.scope["query_string"]
    if len(asked) > _QUICK_LETTERS or any(word in asked for word in _SLOW_WORDS):
        return False
    limit = _LIMIT.search(asked)
    if limit is not None and int(limit[1]) > _QUICK_FEATURES:
        return False
    catalogue = catalogue_of(request)
    found = find_collection(catalogue, name)
    current = None if found is None else catalogue.current(found.newest.slug)
    if found is None or current is None:
        return False
    layer = catalogue.at_hand(current, found.kind)
    return layer is not None and len(layer) <= _QUICK_LAYER


def _query(request: Request, found: Collection, *, single: bool = False) -> Query:
    words = request.query_params.multi_items()
    return read_query(words, kind=found.kind, crs=found.crs, single=single)


def _kept_words(request: Request) -> list[tuple[str, str]]:
    """Return what was asked, but for the form and the place of the page."""
    return [(k, v) for k, v in request.query_params.multi_items() if k not in _GONE]


def _kept_query(request: Request) -> list[str]:
    """Return the same as it stands in an address."""
    asked = request.scope["query_string"]
    if _PLAIN.fullmatch(asked):
        each = asked.decode("ascii").split("&")
        return [one for one in each if one and one.partition("=")[0] not in _GONE]
    return [urlencode([pair]) for pair in _kept_words(request)]


def _asked_again(href: str, said: list[str]) -> str:
    return f"{href}?{'&'.join(said)}" if said else href


def _page_links(
    href: str, said: list[str], query: Query, told: Page, *, form: str
) -> list[dict[str, Any]]:
    media = "text/html" if form == "html" else GEOJSON
    here = {"offset": query.offset, "from-version": query.from_version}

    def to(place: dict[str, int], *more: str) -> str:
        return _asked_again(href, [*said, *(f"{k}={v}" for k, v in place.items() if v), *more])

    links = in_two_forms(to(here), "This page", form=form, kind=GEOJSON)
    if told.following:
        following = to(here | told.following, f"f={form}")
        links.append(link(following, "next", kind=media, title="Next page"))
    if query.offset > 0:
        before = here | {"offset": max(0, query.offset - query.limit)}
        links.append(link(to(before, f"f={form}"), "prev", kind=media, title="Page before"))
    links.append(link(href.removesuffix("/items"), "collection", title="The collection"))
    return links


def _headers(query: Query, links: list[dict[str, Any]]) -> dict[str, str]:
    return {"content-crs": f"<{query.crs}>", **VARY, **link_header(links)}
