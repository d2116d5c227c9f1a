"""Writes: one unit of the store each, done once however often they are sent, told with a tag."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
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
from .problems import BadRequestError, ClashError, StaleError

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT = timedelta(days=1)
_TAG = re.compile(r'(?:^|,)\s*(?:W/)?"r(\d{1,15})"(?=\s*(?:,|$))')


@dataclass(frozen=True)
class Done:
    """What came of a write: what is told, under which status, and where it now is.

    ``secret``: what is told the first time only, and kept nowhere.
    """

    body: Any
    status: int = 200
    location: str = ""
    revision: int | None = None
    secret: Mapping[str, str] = field(default_factory=dict)


def write(
    request: Request,
    actor: Actor,
    do: Callable[[Unit], Done],
    *,
    body: BaseModel | None = None,
    content: str = "",
) -> Response:
    """Do a write in one unit of the store; with an Idempotency-Key only once.

    ``body`` and ``content``: what was sent, as a model or as the hash of a file; the key holds
    for just that.

    Raises:
        ClashError: the first request of the key told a secret, or is still under way.
        StoreError: what the store refuses; Conflict where the key is used for another request.
    """
    store: Store = request.app.state.store
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadRequestError("Idempotency-Key must be 1 to 200 visible signs")
    route = f"{request.method} {request.url.path}"
    told = "" if body is None else body.model_dump_json()
    said = "\n".join((request.url.query, request.headers.get("if-match", ""), content, told))
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
                if first.response.get("untold"):
                    raise ClashError("It was done, and its secret told then; it is told only once")
                return _answer(Done(**first.response), repeated=True)
        done = do(unit)
        done = Done(
            jsonable_encoder(done.body), done.status, done.location, done.revision, done.secret
        )
        if key is not None:
            kept: dict[str, Any] = {"untold": True}
            if not done.secret:
                kept = {name: getattr(done, name) for name in ("body", "status", "location",
                                                               "revision")}  # fmt: skip
            unit.idempotency_keys.finish(
                actor.user_id, route=route, key=key, status=done.status, response=kept
            )
    return _answer(done)


def store_actor(request: Request, actor: Actor) -> stores.Actor:
    """Return who writes, for the audit log."""
    return stores.Actor(actor.name, actor.user_id, getattr(request.state, "request_id", ""))


def check_match(request: Request, row: Any) -> None:
    """Refuse a write where If-Match names another state of a row; ``row`` is held for the write.

    A weak tag is taken as the strong one: proxies weaken tags when they compress.

    Raises:
        StaleError: no tag that it names is the row's.
    """
    said = request.headers.get("if-match")
    if said is None or said.strip() == "*":
        return
    if not any(found.strip() == str(row.revision) for found in _TAG.findall(said)):
        raise StaleError("It has changed since it was read. Read it again, then change it")


def told(request: Request, row: Any, body: Any) -> Response:
    """Return one row with its tag, or that the reader has it already."""
    revision = getattr(row, "revision", None)
    tag = f'"r{revision}"' if revision is not None else f'"{row.id}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if is_known(request, tag):
        return Response(None, 304, headers)
    return JSONResponse(jsonable_encoder(body), headers=headers)


def is_known(request: Request, tag: str) -> bool:
    """Return whether If-None-Match names a tag: then the reader has it already."""
    said = request.headers.get("if-none-match", "").split(",")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in said)


def _answer(done: Done, *, repeated: bool = False) -> Response:
    headers = {}
    if done.location:
        headers["location"] = done.location
    if done.revision is not None:
        headers["etag"] = f'"r{done.revision}"'
    if repeated:
        headers["idempotent-replayed"] = "true"
    if done.secret:
        headers["cache-control"] = "no-store"
    if done.status == 204:
        return Response(None, 204, headers)
    return JSONResponse({**done.body, **done.secret}, done.status, headers)
