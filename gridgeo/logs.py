"""Log lines by structlog: one shape for our own and for those of libraries, with request ids."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_DUMP = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
# The request that is being answered, for every line that is logged meanwhile.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


def set_up_logs(form: str, level: str) -> None:
    """Let every logger of this process write lines to stderr: "json" or "text", from a level on."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_request_id,
        stamp,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(LEVELS[level])
    # what libraries tell of their own working, as every query, is for nobody's everyday
    for name in ("sqlalchemy", "alembic", "httpx", "httpcore", "asyncio", "sse_starlette"):
        logging.getLogger(name).setLevel(max(LEVELS[level], logging.WARNING))
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


stamp = _Stamp()


def renderer(form: str) -> Processor:
    """Return what makes a line of an event: "json" or "text"."""
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
