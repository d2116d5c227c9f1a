"""Answers to the public: made once a generation, kept while there is room, told by ETag."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .catalogue import Catalogue

# What the public reads is for every page in the world to read.
_OPEN = {"access-control-allow-origin": "*", "cache-control": "public, max-age=30"}
_ROOM_BYTES = 64 << 20
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html; charset=utf-8"


@dataclass(frozen=True)
class Made:
    """The content of an answer."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Answers:
    """Answers by what was asked, thrown away when anything published changes."""

    catalogue: Catalogue
    base_url: str = ""
    _kept: OrderedDict[Any, Made] = field(default_factory=OrderedDict)
    _generation: int = -1
    _bytes: int = 0

    def base(self, request: Request) -> str:
        """Return the address that links begin with, without a slash at its end."""
        return self.base_url.rstrip("/") or str(request.base_url).rstrip("/")

    async def answer(self, request: Request, make: Callable[[str], Made], *, form: str) -> Response:
        """Return what ``make`` makes of the base address, or what it made before.

        It runs in a thread of its own: the first answer from a large layer takes a moment.
        """
        if self._generation != self.catalogue.generation:
            self._kept.clear()
            self._generation, self._bytes = self.catalogue.generation, 0
        base = self.base(request)
        key = (base, request.scope["path"], request.scope["query_string"], form)
        made = self._kept.get(key)
        if made is None:
            generation = self._generation
            made = await run_in_threadpool(make, base)
            made = _with_etag(made)
            if generation == self.catalogue.generation:
                self._keep(key, made)
        else:
            self._kept.move_to_end(key)
        asked = request.headers.get("if-none-match")
        if asked is not None and _is_known(asked, made.headers["etag"]):
            return Response(None, 304, headers=dict(made.headers))
        return Response(made.content, headers=dict(made.headers), media_type=made.media_type)

    def _keep(self, key: Any, made: Made) -> None:
        size = len(made.content)
        if size > _ROOM_BYTES // 4 or key in self._kept:
            return
        self._kept[key] = made
        self._bytes += size
        while self._bytes > _ROOM_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1].content)


def _is_known(asked: str, etag: str) -> bool:
    """Return whether a client has what it asks for already, by the tags it names."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in asked.split(","))


def wanted_form(request: Request, *, default: str = "json") -> str:
    """Return "json" or "html": as ``f`` says, else what the client would rather have."""
    asked = request.query_params.get("f")
    if asked is not None:
        return asked
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return "html"
    return default


def _with_etag(made: Made) -> Made:
    digest = hashlib.sha256(made.content)
    digest.update(repr(sorted(made.headers.items())).encode())
    etag = f'"{digest.hexdigest()[:32]}"'
    return Made(made.content, made.media_type, {**_OPEN, **made.headers, "etag": etag})
