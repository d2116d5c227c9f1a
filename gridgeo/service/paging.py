"""Lists in pages: so many rows at once, and where the next ones are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse, Response

from .schemas import Told

# One less than the store gives at once: one more tells whether there is a next page.
MOST_AT_ONCE = 500

Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="Most rows at once")]
Cursor = Annotated[
    str,
    Query(
        max_length=64,
        pattern=r"^[A-Za-z0-9-]*$",
        description="Id that the page before ended with; follow `next` instead of making it up",
    ),
]


def page_of(
    request: Request, rows: Sequence[Any], told_as: type[Told], limit: int, *, word: str = "after"
) -> Response:
    """Return a page of a list, and where the next one is.

    ``rows``: ``limit`` and one more, where there are more. ``word``: the parameter that the id of
    the last row goes into.
    """
    following = None
    shown = rows[:limit]
    if len(rows) > limit:
        said = {**request.query_params, word: shown[-1].id}
        base = request.app.state.public.base(request)
        following = f"{base}{request.url.path}?{urlencode(said)}"
    items = [told_as.model_validate(row) for row in shown]
    headers = {"cache-control": "private, no-cache"}
    if following:
        headers["link"] = f'<{following}>; rel="next"'
    return JSONResponse({"items": jsonable_encoder(items), "next": following}, headers=headers)
