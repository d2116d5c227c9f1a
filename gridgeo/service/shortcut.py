"""Open routes found before FastAPI's routers are asked, which takes longer than their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute

from .open_route import OpenRoute


class Shortcut:
    """ASGI middleware: answers what it knows, and hands everything else on.

    Only ``paths`` take it; a route is found exactly where FastAPI would find it. What goes wrong
    goes the long way, and is told there.
    """

    def __init__(self, app: Any, *, routes: Iterable[BaseRoute], paths: Iterable[str]) -> None:
        self.app = app
        wanted = set(paths)
        known = [one for one in routes if isinstance(one, OpenRoute) and one.path in wanted]
        if len(known) != len(wanted):
            raise ValueError(f"of {sorted(wanted)} not all are open routes, once each")
        self.plain = {route.path: route for route in known if "{" not in route.path}
        self.patterns = [
            (re.compile(route.path_regex.pattern), route) for route in known if "{" in route.path
        ]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request for one of the paths."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["root_path"]:
            route, words = self._find(scope["path"])
            if route is not None:
                scope["route"], scope["path_params"] = route, words
                try:
                    answer = await route.endpoint(request=Request(scope, receive), **words)
                except ClientDisconnect:
                    raise
                except Exception:  # noqa: BLE001  # told on the long way
                    pass
                else:
                    await answer(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    def _find(self, path: str) -> tuple[OpenRoute | None, dict[str, str]]:
        route = self.plain.get(path)
        if route is not None:
            return route, {}
        for pattern, one in self.patterns:
            found = pattern.fullmatch(path)
            if found is not None:
                return one, found.groupdict()
        return None, {}
