"""OGC API - Features over what is published: landing page, collections, items, tiles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.responses import Response

from ..documents import parameter, told_as
from ..open_route import open_router
from ..pages import page
from ..problems import BadRequestError, MissingError, NotAcceptableError
from ..public.answers import GEOJSON, HTML, JSON, Answers, Made, Quick, never, wanted_form
from ..public.catalogue import Catalogue, Publication
from ..public.collections import (
    CONFORMANCE,
    Collection,
    collection_facts,
    collections_of,
    find_collection,
    in_two_forms,
    link,
    queryables_facts,
)
from ..public.cql import FilterError
from ..public.drawing import drawing
from ..public.query import Query, QueryError, read_query
from ..public.select import features_text, rows_of
from ..public.tiles import MOST_ZOOM, tile

router = open_router(tags=["OGC API"])
# Items are found at once, in no thread of their own, where they are few, of what is valid now.
_QUICK_LETTERS, _QUICK_FEATURES, _QUICK_LAYER = 200, 100, 20_000
_SLOW_WORDS = (b"filter", b"crs", b"datetime", b"version")
_PLAIN = re.compile(rb"[A-Za-z0-9_.,:=&-]*")
_LIMIT = re.compile(rb"(?:^|&)limit=(\d{1,9})")
_OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


@router.get("/", summary="The landing page", openapi_extra=told_as(parameter("f")))
async def landing(request: Request) -> Response:
    """Return the links to everything there is."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        facts = {
            "title": request.app.title,
            "description": "The grids of communities, as they are published.",
            "links": [
                *in_two_forms(f"{base}/", "This page", form=form),
                link(f"{base}/openapi.json", "service-desc", kind=_OPENAPI, title="The API"),
                link(f"{base}/api", "service-doc", kind="text/html", title="The API, to read"),
                link(f"{base}/conformance", "conformance", title="What it conforms to"),
                link(f"{base}/collections", "data", title="The collections"),
            ],
        }
        return facts, "landing.html", {"communities": _newest(_catalogue(request))}

    return await _two_forms(request, make)


@router.get("/conformance", summary="What it conforms to", openapi_extra=told_as(parameter("f")))
async def conformance(request: Request) -> Response:
    """Return the conformance classes that are met."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        links = in_two_forms(f"{base}/conformance", "This page", form=form)
        facts = {"conformsTo": list(CONFORMANCE), "links": links}
        return facts, "conformance.html", {}

    return await _two_forms(request, make)


@router.get("/collections", summary="The collections", openapi_extra=told_as(parameter("f")))
async def collections(request: Request) -> Response:
    """Return all collections: grids, buildings and boundary of every community."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        each = collections_of(_catalogue(request))
        facts = {
            "collections": [collection_facts(one, base, form=form) for one in each],
            "links": in_two_forms(f"{base}/collections", "This page", form=form),
        }
        return facts, "collections.html", {}

    return await _two_forms(request, make)


@router.get("/collections/{collection_id}", openapi_extra=told_as(parameter("f")))
async def collection(collection_id: str, request: Request) -> Response:
    """Return what is told of a collection."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        found = _find(request, collection_id)
        return collection_facts(found, base, form=form), "collection.html", {}

    return await _two_forms(request, make)


@router.get("/collections/{collection_id}/queryables", openapi_extra=told_as(parameter("f")))
async def queryables(collection_id: str, request: Request) -> Response:
    """Return what a collection can be filtered by."""

    def make(base: str, _form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        return queryables_facts(_find(request, collection_id), base), "queryables.html", {}

    return await _two_forms(request, make, kind="application/schema+json")


_ITEMS = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "version", "filter",
          "filter-lang", "filter-crs")  # fmt: skip


@router.get("/collections/{collection_id}/items", openapi_extra=told_as(*map(parameter, _ITEMS)))
async def items(collection_id: str, request: Request) -> Response:
    """Return features of a collection; those of the version that is valid now, or then."""
    form = _form(request)

    def make(base: str) -> Made:
        found = _find(request, collection_id)
        query = _query(request, found)
        features, matched = _selected(_catalogue(request), found, query)
        href = f"{base}/collections/{quote(found.name)}/items"
        links = _page_links(href, request, query, matched)
        if form == "html":
            read = [json.loads(text) for text in features]
            facts = {
                "features": read,
                "matched": matched,
                "offset": query.offset,
                "links": links,
                "title": found.title,
                "self": href,
            }
            facts["drawing"] = drawing(read) if query.crs.endswith("CRS84") else None
            return Made(page("items.html", base, facts), HTML, _crs_header(query))
        text = (
            '{"type":"FeatureCollection",'
            f'"numberMatched":{matched},"numberReturned":{len(features)},'
            f'"links":{json.dumps(links)},"features":[\n' + ",\n".join(features) + "\n]}\n"
        )
        return Made(text.encode(), GEOJSON, _crs_header(query))

    def quick() -> bool:
        return form == "json" and _is_quick(request, collection_id)

    return await _answered(request, make, form, quick=quick)


@router.get(
    "/collections/{collection_id}/items/{feature_id:path}",
    openapi_extra=told_as(*map(parameter, ("f", "crs", "datetime", "version"))),
)
async def item(collection_id: str, feature_id: str, request: Request) -> Response:
    """Return one feature."""
    form = _form(request)

    def make(base: str) -> Made:
        found = _find(request, collection_id)
        query = _query(request, found, single=True)
        for version in reversed(_versions(_catalogue(request), found, query)):
            layer = _catalogue(request).held(version).layers[found.kind]
            at = layer.row_of.get(feature_id)
            if at is not None:
                break
        else:
            raise MissingError(f"{found.name} has no feature {feature_id[:80]!r}")
        feature = json.loads(features_text(layer, [at], query.crs)[0])
        href = f"{base}/collections/{quote(found.name)}/items/{quote(feature_id)}"
        feature["links"] = [
            *in_two_forms(href, feature_id, form=form, kind=GEOJSON),
            link(f"{base}/collections/{quote(found.name)}", "collection", title=found.title),
        ]
        if form == "html":
            facts = {"features": [feature], "title": feature_id, "links": feature["links"]}
            facts["drawing"] = drawing([feature]) if query.crs.endswith("CRS84") else None
            return Made(page("feature.html", base, facts), HTML, _crs_header(query))
        return Made((_dump(feature) + "\n").encode(), GEOJSON, _crs_header(query))

    return await _answered(request, make, form)


@router.get(
    "/collections/{collection_id}/tiles/{zoom}/{column}/{row}.mvt",
    openapi_extra=told_as(),
    responses={200: {"content": {"application/vnd.mapbox-vector-tile": {}}}},
    response_class=Response,
)
async def vector_tile(
    collection_id: str, zoom: str, column: str, row: str, request: Request
) -> Response:
    """Return a vector tile of what is valid now, in Web Mercator."""
    at = zoom, column, row
    if not all(one.isdecimal() and one.isascii() and len(one) < 9 for one in at):
        raise MissingError(f"there is no tile {'/'.join(at)[:60]}")
    z, x, y = map(int, at)
    if z > MOST_ZOOM or max(x, y) >= 2**z:
        raise MissingError(f"there is no tile {z}/{x}/{y}")

    def make(_base: str) -> Made:
        found = _find(request, collection_id)
        current = _catalogue(request).current(found.newest.slug)
        if current is None:
            raise MissingError(f"nothing of {found.name} is valid now")
        layer = _catalogue(request).held(current).layers[found.kind]
        content = tile(layer, z, x, y)
        return Made(content, "application/vnd.mapbox-vector-tile")

    return await _answered(request, make, "mvt")


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.public.catalogue
    return catalogue


def _is_quick(request: Request, name: str) -> bool:
    """Tell whether features are found sooner than a thread would have begun to look for them."""
    asked = request.scope["query_string"]
    if len(asked) > _QUICK_LETTERS or any(word in asked for word in _SLOW_WORDS):
        return False
    limit = _LIMIT.search(asked)
    if limit is not None and int(limit[1]) > _QUICK_FEATURES:
        return False
    found = find_collection(_catalogue(request), name)
    current = None if found is None else _catalogue(request).current(found.newest.slug)
    if found is None or current is None or not _catalogue(request).is_held(current):
        return False
    return len(_catalogue(request).held(current).layers[found.kind]) <= _QUICK_LAYER


async def _answered(
    request: Request, make: Callable[[str], Made], form: str, *, quick: Quick = never
) -> Response:
    public: Answers = request.app.state.public
    try:
        answer = await public.answer(request, make, form=form, quick=quick)
    except (QueryError, FilterError) as fault:
        raise BadRequestError(str(fault)) from fault
    return answer


async def _two_forms(
    request: Request,
    make: Callable[[str, str], tuple[dict[str, Any], str, dict[str, Any]]],
    *,
    kind: str = JSON,
) -> Response:
    form = _form(request)
    strange = sorted(set(request.query_params) - {"f"})
    if strange:
        raise BadRequestError(f"{', '.join(strange)[:200]} is no parameter here")

    def made(base: str) -> Made:
        facts, template, more = make(base, form)
        if form == "html":
            return Made(page(template, base, {**facts, **more}), HTML)
        return Made((_dump(facts) + "\n").encode(), kind)

    return await _answered(request, made, form)


def _form(request: Request) -> str:
    form = wanted_form(request)
    if form not in ("json", "html"):
        raise NotAcceptableError(f"f={form[:40]}: there is json and html")
    return form


def _find(request: Request, name: str) -> Collection:
    found = find_collection(_catalogue(request), name)
    if found is None:
        raise MissingError(f"there is no collection {name[:80]!r}")
    return found


def _query(request: Request, found: Collection, *, single: bool = False) -> Query:
    words = request.query_params.multi_items()
    return read_query(words, kind=found.kind, crs=found.crs, single=single)


def _versions(catalogue: Catalogue, found: Collection, query: Query) -> tuple[Publication, ...]:
    """Return the versions a query is about: one by its number, those valid then, or now."""
    slug = found.newest.slug
    if query.dated:
        versions = catalogue.valid(slug, query.first, query.last)
    elif query.version is not None:
        versions = found.versions
    else:
        current = catalogue.current(slug)
        versions = () if current is None else (current,)
    if query.version is not None:
        versions = tuple(one for one in versions if one.life.version == query.version)
    return versions


def _selected(catalogue: Catalogue, found: Collection, query: Query) -> tuple[list[str], int]:
    """Return the features of one page as texts, and how many there are in all."""
    texts: list[str] = []
    matched = 0
    for version in _versions(catalogue, found, query):
        layer = catalogue.held(version).layers[found.kind]
        rows = rows_of(layer, query)
        first = max(0, query.offset - matched)
        wanted = rows[first : first + query.limit - len(texts)]
        texts += features_text(layer, wanted.tolist(), query.crs)
        matched += len(rows)
    return texts, matched


def _page_links(href: str, request: Request, query: Query, matched: int) -> list[dict[str, str]]:
    words = _words(request)

    def to(offset: int, **more: str) -> str:
        paged = [f"offset={offset}"] if offset else []
        said = "&".join([*words, *paged, *(f"{name}={value}" for name, value in more.items())])
        return f"{href}?{said}" if said else href

    form = wanted_form(request)
    media = "text/html" if form == "html" else GEOJSON
    links = in_two_forms(to(query.offset), "This page", form=form, kind=GEOJSON)
    if query.offset + query.limit < matched:
        following = to(query.offset + query.limit, f=form)
        links.append(link(following, "next", kind=media, title="Next page"))
    if query.offset > 0:
        preceding = to(max(0, query.offset - query.limit), f=form)
        links.append(link(preceding, "prev", kind=media, title="Page before"))
    links.append(link(href.removesuffix("/items"), "collection", title="The collection"))
    return links


def _words(request: Request) -> list[str]:
    """Return what was asked for, without form and page, as it stands in an address."""
    asked = request.scope["query_string"]
    if _PLAIN.fullmatch(asked):  # as it came: that is as it would be written again
        each = asked.decode("ascii").split("&")
        return [one for one in each if one and one.partition("=")[0] not in ("f", "offset")]
    pairs = request.query_params.multi_items()
    return [urlencode([pair]) for pair in pairs if pair[0] not in ("f", "offset")]


def _newest(catalogue: Catalogue) -> list[Publication]:
    return [one for slug in catalogue.communities if (one := catalogue.current(slug))]


def _crs_header(query: Query) -> dict[str, str]:
    return {"content-crs": f"<{query.crs}>"}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
