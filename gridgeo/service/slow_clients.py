"""The HTTP protocol with patience that ends: what a slow or silent client may hold, and for long.

uvicorn closes a connection that is idle between two requests, and no other one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

# Longer heads are no requests of ours: a filter may have 20,000 signs, and three bytes each.
MOST_HEAD_BYTES = 128 << 10
# Slower than any line: a body that trickles holds its connection no longer than it is worth.
LEAST_BODY_BYTES_PER_S = 500
_PROBLEM = b'{"type":"urn:gridgeo:problem:%s","title":"%s","status":%d}'


@dataclass(frozen=True)
class Patience:
    """How long a head may take, and how long nothing may move while more is to come.

    A body gets ``still_s`` in all, and a second more for each LEAST_BODY_BYTES_PER_S that came.
    """

    head_s: float = 10.0
    still_s: float = 60.0


class Config(uvicorn.Config):
    """A configuration that says how patient its protocol is."""

    patience = Patience()


class PatientProtocol(HttpToolsProtocol):
    """Ends connections whose client neither asks, nor sends, nor takes what was asked for.

    One timer a connection looks now and then; a request costs two assignments.
    """

    def __init__(self, config: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self.patience: Patience = getattr(config, "patience", Patience())
        self.head_began_s: float | None = None
        self.head_bytes = 0
        self.body_began_s, self.body_bytes = 0.0, 0
        self.moved_s = 0.0
        self.unsent = 0
        self.looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.head_began_s = self.moved_s = self.loop.time()
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        if self.looking is not None:
            self.looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that does not end is refused."""
        self.moved_s = self.loop.time()
        if self.head_began_s is None and (self.cycle is None or self.cycle.response_complete):
            self.head_began_s = self.moved_s  # of the next request of this connection
        if self.head_began_s is not None:
            self.head_bytes += len(data)
        super().data_received(data)
        # a body that came with its head is over, or was counted out, by now
        if self.head_began_s is not None and self.head_bytes > MOST_HEAD_BYTES:
            self._refuse(431, b"head-too-large", b"The head of the request is too large")

    def on_headers_complete(self) -> None:
        """Note that the head is here."""
        self.head_began_s, self.head_bytes = None, 0
        self.body_began_s, self.body_bytes = self.moved_s, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a piece of a body."""
        self.body_bytes += len(body)
        super().on_body(body)

    def _look_later(self) -> None:
        shortest_s = min(self.patience.head_s, self.patience.still_s)
        self.looking = self.loop.call_later(shortest_s / 2, self._look)

    def _look(self) -> None:
        now_s = self.loop.time()
        if self._is_still(now_s):
            self.transport.abort()
        elif (
            self.head_began_s is not None
            and now_s - self.head_began_s > self.patience.head_s
            and not self.transport.is_closing()
        ):
            self._refuse(408, b"too-slow", b"The request did not come in time")
            self._look_later()
        else:
            self._look_later()

    def _is_still(self, now_s: float) -> bool:
        """Tell whether the client sends no more of its body, or too slowly, or takes nothing."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self.unsent:
            self.unsent, self.moved_s = unsent, now_s
        body_lacks = (
            self.cycle is not None
            and self.cycle.more_body
            and not self.cycle.response_complete
            and not self.flow.read_paused  # then it is we who do not take it
        )
        still_s = self.patience.still_s
        if body_lacks and (
            now_s - self.body_began_s > still_s + self.body_bytes / LEAST_BODY_BYTES_PER_S
        ):
            return True
        return (unsent > 0 or body_lacks) and now_s - self.moved_s > still_s

    def _refuse(self, status: int, name: bytes, title: bytes) -> None:
        if not self.transport.is_closing():
            body = _PROBLEM % (name, title, status)
            head = STATUS_LINE[status] + b"content-type: application/problem+json\r\n"
            size = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
            self.transport.write(head + size + body)
            self.transport.close()
