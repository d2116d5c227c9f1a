"""What the API is, for programs and for people."""

from __future__ import annotations

import json

from fastapi import Request
from starlette.responses import Response

from ..answering import VARY, answered, form_asked, refuse_others
from ..open_route import open_router
from ..pages import page, style
from ..public.answers import HTML, Made

router = open_router(tags=["OGC API"], include_in_schema=False)
_MEDIA = "application/vnd.oai.openapi+json;version=3.0"


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    refuse_others(request, ("f",))

    def make(_base: str) -> Made:
        return Made(json.dumps(request.app.openapi(), ensure_ascii=False).encode(), _MEDIA)

    return await answered(request, make, "openapi")


@router.get("/api")
async def api(request: Request) -> Response:
    """Return the document as a page, or as itself where a program asks."""
    form = form_asked(request)
    refuse_others(request, ("f",))

    def make(base: str) -> Made:
        document = request.app.openapi()
        if form == "json":
            return Made(json.dumps(document, ensure_ascii=False).encode(), _MEDIA, VARY)
        parameters = document["components"]["parameters"]
        facts = {"api": document, "parameters": parameters}
        return Made(page("api.html", base, facts), HTML, VARY)

    return await answered(request, make, form)


@router.get("/static/service.css")
async def stylesheet(request: Request) -> Response:
    """Return the style of the pages."""
    return Response(style(), media_type="text/css", headers={"cache-control": "max-age=3600"})
