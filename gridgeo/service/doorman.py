"""Every request before its route: bodies bounded, HEAD answered as GET, OPTIONS told."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .open_route import methods_at
from .problems import BadRequestError, MissingError, TooLargeError, problem

# What a page of another site may ask of the public routes.
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Accept, If-None-Match",
    "access-control-max-age": "86400",
}
_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
# A length of more digits is too long to be read as a number.
_MOST_DIGITS = 15


class Doorman:
    """ASGI middleware without the cost of Starlette's own base class.

    ``most_bytes``: the largest body; ``upload_bytes``: of a path that ends with ``/uploads``.
    A body is refused by its Content-Length, or as soon as more of it has come.
    """

    def __init__(self, app: Any, *, most_bytes: int, upload_bytes: int) -> None:
        self.app, self.most_bytes, self.upload_bytes = app, most_bytes, upload_bytes

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request; other kinds of connection pass through."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._head(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await _options(scope)(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    async def _head(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        # a copy: the server looks into its own to know that no body will come
        inner = {**scope, "method": "GET"}
        over = False

        async def heads(message: dict[str, Any]) -> None:
            nonlocal over
            if message["type"] == "http.response.start":
                await send(message)
            elif not over:
                over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(inner, receive, heads)
        scope.update({name: inner[name] for name in ("route", "path_params") if name in inner})

    async def _bounded(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        is_upload = scope["path"].endswith("/uploads")
        most = self.upload_bytes if is_upload else self.most_bytes
        words = f"At most {_size(most)} are taken here"
        for name, value in scope["headers"]:
            if name != b"content-length":
                continue
            if not value.isdigit():
                request, kind = Request(scope), BadRequestError.kind
                await problem(request, kind, "Content-Length is no number")(scope, receive, send)
                return
            if len(value) > _MOST_DIGITS or int(value) > most:
                request, kind = Request(scope), TooLargeError.kind
                await problem(request, kind, words)(scope, receive, send)
                return
        held = 0

        async def counted() -> Any:
            nonlocal held
            message = await receive()
            held += len(message.get("body", b""))
            if held > most:
                # the one kind of exception that FastAPI hands through while it reads a body
                raise HTTPException(TooLargeError.kind.status, words)
            return message

        await self.app(scope, counted, send)


def _options(scope: dict[str, Any]) -> Response:
    """Return what may be done at a path; pages of other sites may read what is public."""
    methods, public = methods_at(scope)
    if not methods:
        return problem(Request(scope), MissingError.kind, "There is nothing at this address")
    return Response(None, 204, {"allow": ", ".join(methods), **(_PREFLIGHT if public else {})})


def _size(most_bytes: int) -> str:
    mb, rest = divmod(most_bytes, 1 << 20)
    return f"{mb} MB" if not rest else f"{most_bytes >> 10} KB"
