"""Writes: one unit of the store each, done once however often they are sent, told with a tag."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from .. import store as stores
from ..store import Store, Unit
from .access import Actor
from .problems import BadRequestError, ClashError

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT = timedelta(days=1)
_TAG = re.compile(r'(?:W/)?"r(\d+)"')
MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Done:
    """What came of a write: what is told, under which status, and where it now is."""

    body: Any
    status: int = 200
    location: str = ""
    revision: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


def write(
    request: Request, actor: Actor, do: Callable[[Unit], Done], *, body: BaseModel | None = None
) -> Response:
    """Do a write in one unit of the store; with an Idempotency-Key only once.

    Raises:
        ClashError: the key is used for another request, or the first is still under way.
        StoreError: what the store refuses.
    """
    store: Store = request.app.state.store
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadRequestError("Idempotency-Key must be 1 to 200 visible signs")
    route = f"{request.method} {request.url.path}"
    said = "" if body is None else body.model_dump_json()
    with store.write(store_actor(request, actor)) as unit:
        if key is not None:
            first = unit.idempotency_keys.begin(
                actor.user_id,
                route=route,
                key=key,
                request_hash=hashlib.sha256(f"{route}\n{said}".encode()).hexdigest(),
                expires_at=datetime.now(UTC) + _KEPT,
            )
            if first is not None:
                if first.status is None or first.response is None:
                    raise ClashError("The first request of this key is still under way")
                return _answer(Done(**first.response), repeated=True)
        done = do(unit)
        told = jsonable_encoder(done.body)
        done = Done(told, done.status, done.location, done.revision, done.headers)
        if key is not None:
            unit.idempotency_keys.finish(
                actor.user_id, route=route, key=key, status=done.status, response=vars(done)
            )
    return _answer(done)


def store_actor(request: Request, actor: Actor) -> stores.Actor:
    """Return who writes, for the audit log."""
    return stores.Actor(actor.name, actor.user_id, getattr(request.state, "request_id", ""))


def expected(request: Request) -> int | None:
    """Return the revision that If-Match names, None where it names none.

    Raises:
        BadRequestError: it is no tag of ours.
    """
    said = request.headers.get("if-match")
    if said is None or said.strip() == "*":
        return None
    found = _TAG.fullmatch(said.strip())
    if found is None:
        raise BadRequestError('If-Match must be a tag as this service gives it, "r3"')
    return int(found[1])


def told(request: Request, row: Any, body: Any) -> Response:
    """Return one row with its tag, or that the reader has it already."""
    revision = getattr(row, "revision", None)
    tag = f'"r{revision}"' if revision is not None else f'"{row.id}"'
    if tag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
        return Response(None, 304, {"etag": tag})
    return JSONResponse(jsonable_encoder(body), headers={"etag": tag, "cache-control": "private"})


def page_of(request: Request, items: Sequence[Any], bodies: Sequence[Any], limit: int, *,
            after: str = "after") -> Response:  # fmt: skip
    """Return a page of a list, and where the next one is."""
    following = None
    if len(items) == limit:
        following = str(request.url.include_query_params(**{after: items[-1].id}))
        base = request.app.state.public.base(request)
        following = base + following.partition(request.url.netloc)[2]
    body = {"items": jsonable_encoder(list(bodies)), "next": following}
    headers = {"cache-control": "private"}
    if following:
        headers["link"] = f'<{following}>; rel="next"'
    return JSONResponse(body, headers=headers)


def _answer(done: Done, *, repeated: bool = False) -> Response:
    headers = dict(done.headers)
    if done.location:
        headers["location"] = done.location
    if done.revision is not None:
        headers["etag"] = f'"r{done.revision}"'
    if repeated:
        headers["idempotent-replayed"] = "true"
    if done.status == 204:
        return Response(None, 204, headers)
    return JSONResponse(done.body, done.status, headers)
