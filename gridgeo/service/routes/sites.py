"""The published pages and files of every community, as the gate let them out."""

from __future__ import annotations

import mimetypes
import re

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from ..open_route import open_router
from ..problems import MissingError
from ..public.answers import Made

router = open_router(tags=["Public"])
# The pages hold their scripts, styles and pictures within themselves, and load nothing.
PAGE_CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: https:; font-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_MEDIA = {".geojson": "application/geo+json", ".topojson": "application/json",
          ".json": "application/json", ".csv": "text/csv; charset=utf-8",
          ".html": "text/html; charset=utf-8", ".pdf": "application/pdf"}  # fmt: skip
_FILE = re.compile(r"[^/\\\x00]{1,200}(/[^/\\\x00]{1,200})?")


@router.get("/sites/{slug}", include_in_schema=False)
async def to_site(slug: str, request: Request) -> Response:
    """Send on to the folder, since its pages have relative links."""
    return RedirectResponse(f"{request.app.state.public.base(request)}/sites/{slug}/", 308)


@router.get(
    "/sites/{slug}/{name:path}",
    summary="A published file",
    response_class=Response,
    responses={200: {"content": {"text/html": {}, "application/pdf": {}}}},
)
async def site_file(slug: str, name: str, request: Request) -> Response:
    """Return a file of the version that is valid now; of a folder its index.html."""
    public = request.app.state.public
    wanted = name or "index.html"
    if not _FILE.fullmatch(wanted) or ".." in wanted:
        raise MissingError("there is no such file")

    def make(_base: str) -> Made:
        current = public.catalogue.current(slug)
        if current is None:
            raise MissingError("there is no such site")
        try:
            content = public.catalogue.source.file(current.key, wanted)
        except KeyError as fault:
            raise MissingError("there is no such file") from fault
        ending = "." + wanted.rpartition(".")[2]
        guessed = mimetypes.guess_type(wanted)[0] or "application/octet-stream"
        media = _MEDIA.get(ending, guessed)
        headers = {"content-security-policy": PAGE_CSP} if ending == ".html" else {}
        return Made(content, media, headers)

    answer: Response = await public.answer(request, make, form="file")
    return answer
