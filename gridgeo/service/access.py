"""Who may do what: roles, and the mark that every route must bear that is not open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from .problems import NotAllowedError, NotSignedInError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN = "This came from a page of another site; it was not done"
_UNSAID = (
    "Nothing says that this came from no page of another site; it was not done. A program sends a "
    "token in place of the cookie, or the header Origin with the address of this service"
)


class Role(IntEnum):
    """What a person may do; each may do what those before may."""

    PUBLIC = 0  # anybody, without a sign-in
    VIEWER = 1  # see plans that are not published
    WORKER = 2  # work in a grid
    PLANNER = 3  # upload, divide, publish
    ADMIN = 4  # people and tokens


@dataclass(frozen=True)
class Actor:
    """Who asks: ``name`` for the audit log; ``scopes`` of a token, None where all of the role.

    ``until``: when the token expires, None where it does not.
    """

    name: str = "anybody"
    role: Role = Role.PUBLIC
    user_id: str = ""
    scopes: frozenset[str] | None = None
    by_cookie: bool = field(default=False, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Needs:
    """A dependency: the role, and of tokens the scope, that a route asks for."""

    role: Role
    scope: str

    async def __call__(self, request: Request) -> Actor:
        """Return who asks, or refuse."""
        if self.role is Role.PUBLIC:
            return Actor()
        known: Actor | None = getattr(request.state, "actor", None)
        return known or await self.check(request)

    async def check(self, request: Request) -> Actor:
        """Return who asks, found in the store; or refuse."""
        # set by create_app, so that this file knows no store
        find: Callable[[Request], Awaitable[Actor]] = request.app.state.find_actor
        actor = await find(request)
        if actor.role < self.role:
            if actor.role is Role.PUBLIC:
                raise NotSignedInError("This needs a sign-in or a token")
            raise NotAllowedError(f"This needs the role {self.role.name.lower()}")
        if actor.scopes is not None and self.scope not in actor.scopes:
            raise NotAllowedError(f"The token lacks the scope {self.scope!r}")
        if actor.by_cookie and request.method not in _SAFE:
            check_same_site(request)
        return actor


def needs(role: Role, scope: str = "read") -> Any:
    """Return the dependency of a route that only ``role`` and above may call.

    ``scope``: "read", "write" or "admin"; a token must bear it.
    """
    return Depends(Needs(role, scope))


def needs_of(route: Any) -> list[Needs]:
    """Return what a route asks for: one thing, or none where it is open."""
    asked = [one.call for one in route.dependant.dependencies]
    return [one for one in asked if isinstance(one, Needs)]


class GuardedRoute(APIRoute):
    """A route that finds out who asks before it reads what they sent.

    FastAPI reads the body first: a stranger whose JSON is broken would hear of that.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        inner = super().get_route_handler()
        asked = [one for one in needs_of(self) if one.role is not Role.PUBLIC]

        async def answer(request: Request) -> Response:
            for one in asked:
                request.state.actor = await one.check(request)
            return await inner(request)

        return answer


def check_same_site(request: Request) -> None:
    """Refuse a write that another site made a browser send with our cookie.

    Raises:
        NotAllowedError: the browser says, or cannot say, that it is not from a page of ours.
    """
    own = _is_own(request)
    if own is not True:
        raise NotAllowedError(_UNSAID if own is None else _FOREIGN)


def check_not_foreign(request: Request) -> None:
    """Refuse a write of a browser that says it comes from another site; a program says nothing.

    Raises:
        NotAllowedError: it says so.
    """
    if _is_own(request) is False:
        raise NotAllowedError(_FOREIGN)


def _is_own(request: Request) -> bool | None:
    """Return whether a request comes from a page of ours; None where nothing says."""
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        return told in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return None
    own = {request.url.netloc, urlsplit(request.app.state.settings.base_url).netloc}
    try:
        return urlsplit(origin).netloc in own - {""}
    except ValueError:
        return False
