"""Vector tiles of a collection: each tile, and what maps need to know to ask for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from ..answering import (
    answered,
    catalogue_of,
    dumped,
    found_collection,
    in_form,
    refuse_forms,
    refuse_others,
)
from ..documents import parameter, told_as
from ..open_route import open_router
from ..problems import MissingError
from ..public.answers import JSON, Made
from ..public.collections import Collection
from ..public.query import read_query
from ..public.tiles import MEDIA_TYPE, MOST_ZOOM, tile
from ..public.tilesets import SCHEME, tilejson, tileset, tilesets, tiling_scheme
from ..public.versions import versions_of

router = open_router(tags=["OGC API"])
_FORM = told_as(parameter("f"))
_WHEN = told_as(*map(parameter, ("datetime", "version")))


@router.get(f"/tileMatrixSets/{SCHEME}", summary="How the world is cut into tiles")
async def tile_matrix_set(request: Request) -> Response:
    """Return the one tile matrix set there is: it is the one that maps on the web use."""
    refuse_forms(request)

    def make(base: str) -> Made:
        return Made((dumped(tiling_scheme(base)) + "\n").encode(), JSON)

    return await answered(request, make, "json")


@router.get(
    "/collections/{collectionId}/tiles", summary="The tilesets of a collection", openapi_extra=_FORM
)
async def tilesets_of_collection(collectionId: str, request: Request) -> Response:
    """Return the tilesets of a collection; there is one, in Web Mercator."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        found = found_collection(request, collectionId)
        return tilesets(found, base, form=form), "tiles.html", {"collection": found}

    return await in_form(request, make)


@router.get(
    "/collections/{collectionId}/tiles/tilejson.json",
    summary="The tiles of a collection, as MapLibre reads it",
    openapi_extra=_WHEN,
)
async def tilejson_of_collection(collectionId: str, request: Request) -> Response:
    """Return where the tiles of a collection are and what is in them, as TileJSON 3.0."""

    def make(base: str) -> Made:
        found = found_collection(request, collectionId)
        _version(request, found)
        said = request.scope["query_string"].decode("ascii", "replace")
        return Made((dumped(tilejson(found, base, said)) + "\n").encode(), JSON)

    return await answered(request, make, "json")


@router.get(
    f"/collections/{{collectionId}}/tiles/{SCHEME}",
    summary="A tileset of a collection",
    openapi_extra=_FORM,
)
async def tileset_of_collection(collectionId: str, request: Request) -> Response:
    """Return where the tiles of a collection are, as OGC API - Tiles has it."""

    def make(base: str, form: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        found = found_collection(request, collectionId)
        return tileset(found, base, form=form), "tiles.html", {"collection": found}

    return await in_form(request, make)


@router.get(
    f"/collections/{{collectionId}}/tiles/{SCHEME}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
    summary="A vector tile",
    openapi_extra=_WHEN,
    response_class=Response,
)
async def tile_of_matrix(
    collectionId: str, tileMatrix: str, tileRow: str, tileCol: str, request: Request
) -> Response:
    """Return a vector tile of what is valid now, or then, in Web Mercator."""
    return await _tile(request, collectionId, (tileMatrix, tileCol, tileRow))


@router.get(
    "/collections/{collectionId}/tiles/{z}/{x}/{y}.mvt",
    summary="A vector tile, by zoom, column and row",
    openapi_extra=_WHEN,
    response_class=Response,
)
async def vector_tile(collectionId: str, z: str, x: str, y: str, request: Request) -> Response:
    """Return a vector tile of what is valid now, or then, in Web Mercator."""
    return await _tile(request, collectionId, (z, x, y))


async def _tile(request: Request, name: str, at: tuple[str, str, str]) -> Response:
    if not all(one.isdecimal() and one.isascii() and len(one) < 9 for one in at):
        raise MissingError(f"there is no tile {'/'.join(at)[:60]}")
    zoom, column, row = map(int, at)
    if zoom > MOST_ZOOM or max(column, row) >= 2**zoom:
        raise MissingError(f"there is no tile {zoom}/{column}/{row}")

    def make(_base: str) -> Made:
        found = found_collection(request, name)
        version = _version(request, found)
        layer = catalogue_of(request).layer(version, found.kind)
        return Made(tile(layer, zoom, column, row), MEDIA_TYPE)

    return await answered(request, make, "mvt")


def _version(request: Request, found: Collection) -> Any:
    """Return the version that tiles are cut from: the newest of those valid now, or then."""
    refuse_others(request, ("datetime", "version"))
    words = request.query_params.multi_items()
    query = read_query(words, kind=found.kind, crs=found.crs, single=True)
    versions = versions_of(catalogue_of(request), found.newest.slug, query)
    if not versions:
        raise MissingError(f"nothing of {quote(found.name)} is valid then")
    return versions[-1]
