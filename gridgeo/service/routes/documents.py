"""What the API is, for programs and for people."""

from __future__ import annotations

import json

from fastapi import Request
from starlette.responses import Response

from ..open_route import open_router
from ..pages import page, style
from ..public.answers import HTML

router = open_router(tags=["OGC API"], include_in_schema=False)
_MEDIA = "application/vnd.oai.openapi+json;version=3.0"


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    content = json.dumps(request.app.openapi(), ensure_ascii=False)
    return Response(content, headers={"access-control-allow-origin": "*"}, media_type=_MEDIA)


@router.get("/api")
async def api(request: Request) -> Response:
    """Return the document as a page, or as itself where a program asks."""
    if request.query_params.get("f") == "json":
        return await openapi(request)
    base = request.app.state.public.base(request)
    return Response(page("api.html", base, {"api": request.app.openapi()}), media_type=HTML)


@router.get("/static/service.css")
async def stylesheet(request: Request) -> Response:
    """Return the style of the pages."""
    return Response(style(), media_type="text/css", headers={"cache-control": "max-age=3600"})
