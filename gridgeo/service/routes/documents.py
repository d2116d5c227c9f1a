"""What the API is, for programs and for people."""

from __future__ import annotations

import json

from fastapi import Request
from starlette.responses import Response

from ..answering import VARY, answered, form_asked, refuse_forms, refuse_others
from ..open_route import open_router
from ..pages import beside, page
from ..public.answers import HTML, Made

router = open_router(tags=["OGC API"], include_in_schema=False)
_MEDIA = "application/vnd.oai.openapi+json;version=3.0"


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    refuse_forms(request)

    def make(base: str) -> Made:
        return Made(_document(request, base), _MEDIA)

    return await answered(request, make, "openapi")


@router.get("/api")
async def api(request: Request) -> Response:
    """Return the document as a page, or as itself where a program asks."""
    form = form_asked(request)
    refuse_others(request, ("f",))

    def make(base: str) -> Made:
        if form == "json":
            return Made(_document(request, base), _MEDIA, VARY)
        document = request.app.openapi()
        parameters = document["components"]["parameters"]
        facts = {"api": document, "parameters": parameters}
        return Made(page("api.html", base, facts), HTML, VARY)

    return await answered(request, make, form)


def _document(request: Request, base: str) -> bytes:
    """Return the document, with the address that its paths go on from."""
    facts = {**request.app.openapi(), "servers": [{"url": base}]}
    return json.dumps(facts, ensure_ascii=False).encode()


@router.get("/static/service.css")
async def stylesheet(request: Request) -> Response:
    """Return the style of the pages."""
    return await _beside(request, "service.css", "text/css; charset=utf-8")


@router.get("/static/icon.svg")
async def icon(request: Request) -> Response:
    """Return the icon of the pages."""
    return await _beside(request, "icon.svg", "image/svg+xml")


async def _beside(request: Request, name: str, media_type: str) -> Response:
    def make(_base: str) -> Made:
        return Made(beside(name), media_type, {"cache-control": "public, max-age=3600"})

    return await answered(request, make, "file")
