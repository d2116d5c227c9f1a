"""Every request once over: its id, security headers, faults, and what is noted of it."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect

from ..logs import REQUEST_ID

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
# What a page that says nothing else may load: the style of our own pages.
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), payment=()",
    "content-security-policy": CSP,
}
_RAW = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
# Where browsers are to come over HTTPS alone.
_STRICT = (b"strict-transport-security", b"max-age=31536000")
# As nginx has it: the client went away before it had its answer.
GONE = 499

Scope = dict[str, Any]
Seen = Callable[[Scope, int, float], None]
Fault = Callable[[Scope, Exception], Any]


class Observe:
    """ASGI middleware without the cost of Starlette's own base class.

    ``seen(scope, status, seconds)`` is called once an answer is complete; ``fault(scope, error)``
    logs what nothing else has taken, and returns the answer.
    """

    def __init__(self, app: Any, *, seen: Seen, fault: Fault, https: bool = False) -> None:
        self.app, self.seen, self.fault = app, seen, fault
        self.guards = (*_RAW, *([_STRICT] if https else []))
        # Ids need to differ, not to be secret: one draw a process, and a count.
        self.prefix, self.count = os.urandom(12).hex(), itertools.count()

    async def __call__(
        self, scope: Scope, receive: Any, send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Answer a request; other kinds of connection pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_s = time.perf_counter()
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        REQUEST_ID.set(request_id)  # every request has a task, and so a context, of its own
        status = 0

        async def sending(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                names = {name for name, _ in given}
                headers = [*given, *(pair for pair in self.guards if pair[0] not in names)]
                headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except ClientDisconnect:
            status = status or GONE
        except Exception as error:  # noqa: BLE001  # the last one that can take it
            answer = self.fault(scope, error)
            if status:  # begun already: it breaks off, which the client can see
                status = 500
            else:
                await answer(scope, receive, sending)
        finally:
            self.seen(scope, status or GONE, time.perf_counter() - began_s)

    def _request_id(self, scope: Scope) -> str:
        """Return the id a proxy gave the request, if it is one, else a new one."""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return str(value.decode("ascii"))
        return f"{self.prefix}{next(self.count):08x}"
