"""Routes that anybody may call: they read their request themselves, and fast."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match


class OpenRoute(APIRoute):
    """A route without a role: its endpoint takes the request and the texts of its path.

    FastAPI's own way through validation and dependencies takes longer than most of these
    answers do. Nothing that a role guards may be put here: a dependency is a fault.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        if self.dependencies:
            raise TypeError(f"{self.path}: an open route asks for no role")
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            made: Response = await endpoint(request=request, **request.path_params)
            return made

        return answer


def open_router(*, tags: list[str], include_in_schema: bool = True) -> APIRouter:
    """Return a router of open routes."""
    return APIRouter(tags=list(tags), route_class=OpenRoute, include_in_schema=include_in_schema)


def methods_at(scope: dict[str, Any]) -> tuple[list[str], bool]:
    """Return the methods that the path of a request has, none for an unknown path.

    And whether all its routes are open: then a page of another site may read it too.
    """
    found: set[str] = set()
    public = True
    path = None
    for route in scope["app"].routes:
        if route.matches(scope)[0] is not Match.NONE:
            # /users/me is found before /users/{row_id}, and is no user of that id
            path = path or route.path
            if route.path == path:
                found |= route.methods
                public = public and isinstance(route, OpenRoute)
    if not found:
        return [], False
    return sorted({*found, "OPTIONS", *(("HEAD",) if "GET" in found else ())}), public
