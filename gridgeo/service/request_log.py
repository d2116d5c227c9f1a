"""A log line for every request, written without holding one up."""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import Any, TextIO

import structlog

from ..logs import LEVELS, renderer, stamp
from .settings import Settings

# Lines wait so long for each other, and at most so many; what comes on top is dropped, and
# counted: a log that nobody reads holds no request up.
_GATHERED_S = 0.2
_MOST_WAITING = 50_000


class RequestLog:
    """One line a request. Lines are gathered, and written by a thread of their own.

    Neither the path nor the query is told: an address may be asked for there, or a secret sent.
    """

    def __init__(self, settings: Settings, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.on = LEVELS[settings.log_level] <= LEVELS["info"]
        self.waiting: deque[str] = deque()
        self.dropped = 0
        self.logger = structlog.wrap_logger(
            _Gathering(self),
            processors=[stamp, renderer(settings.log_format)],
            wrapper_class=_Lines,
            cache_logger_on_first_use=True,
        ).bind(level="info", logger="gridgeo.request")
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._write, name="request-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def tell(self, *, route: str, method: str, status: int, took_s: float, scope: Any) -> None:
        """Note a request that has been answered."""
        if not self.on and status < 500:
            return
        state = scope["state"]
        self.logger.line(
            "request",
            level="error" if status >= 500 else "info",
            request_id=state["request_id"],
            method=method,
            route=route,
            status=status,
            ms=round(took_s * 1000, 2),
            user=state.get("user", ""),
        )

    def take(self, line: str) -> None:
        """Let a line wait to be written."""
        if len(self.waiting) >= _MOST_WAITING:
            self.dropped += 1
            return
        self.waiting.append(line)

    def _write(self) -> None:
        while not self._over.wait(_GATHERED_S):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Write what waits now."""
        lines = []
        while self.waiting:
            lines.append(self.waiting.popleft())
        if self.dropped:
            count, self.dropped = self.dropped, 0
            self.logger.line("lines were dropped", level="warning", count=count)
        if lines:
            try:
                self.stream.write("\n".join(lines) + "\n")
                self.stream.flush()
            except (OSError, ValueError):  # nobody reads any more: the service goes on
                self.on = False


class _Lines(structlog.BoundLoggerBase):
    """A logger with one method: the level is a fact like others."""

    def line(self, event: str, **facts: Any) -> None:
        """Write a line."""
        self._proxy_to_logger("line", event, **facts)


class _Gathering:
    """What structlog hands a finished line to."""

    def __init__(self, log: RequestLog) -> None:
        self.line = log.take
