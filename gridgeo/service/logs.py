"""Log lines by structlog: one shape for our own and for those of libraries, with request ids."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from .observe import REQUEST_ID
from .settings import Settings

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_DUMP = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
# Lines of requests wait so long for each other, and at most so many; what comes on top is
# dropped, and counted: a log that nobody reads holds no request up.
_GATHERED_S = 0.2
_MOST_WAITING = 50_000


def set_up_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Let every logger of this process write lines to stderr, in the form that was asked for."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_request_id,
        _stamp,
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _renderer(settings.log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(LEVELS[settings.log_level])
    # what libraries tell of their own working, as every query, is for nobody's everyday
    for name in ("sqlalchemy", "alembic", "httpx", "httpcore", "asyncio", "sse_starlette"):
        logging.getLogger(name).setLevel(max(LEVELS[settings.log_level], logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


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
            processors=[_stamp, _renderer(settings.log_format)],
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


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


class _Stamp:
    """Puts the time before an event; the date is made anew once a second."""

    def __init__(self) -> None:
        self.second, self.text = 0, ""

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        now_s = time.time()
        second = int(now_s)
        if second != self.second:
            self.text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self.second = second
        event["timestamp"] = f"{self.text}.{int((now_s - second) * 1000):03d}Z"
        return event


_stamp = _Stamp()


def _renderer(form: str) -> Processor:
    return _as_json if form == "json" else _as_text


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _DUMP(_in_order(event))


def _as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Return a line for people: time, level, what, and name=value for the rest."""
    told = _in_order(event)
    exception = told.pop("exception", "")
    head = f"{told.pop('timestamp')} {told.pop('level'):<7} {_plain(told.pop('event'))}"
    tail = "".join(f" {name}={_plain(value)}" for name, value in told.items() if value != "")
    return f"{head}{tail}\n{exception}" if exception else head + tail


def _in_order(event: MutableMapping[str, Any]) -> dict[str, Any]:
    first = ("timestamp", "level", "logger", "event")
    return {name: event.pop(name, "") for name in first} | dict(event)


def _plain(value: Any) -> str:
    """Return a value on one line: what was sent to us cannot make lines of its own."""
    text = value if isinstance(value, str) else str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
