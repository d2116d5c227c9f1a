"""Answers to the public: made once a generation, kept while there is room, told by ETag."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .catalogue import Catalogue

# What the public reads is for every page in the world to read.
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Crs, ETag, Link",
    "cache-control": "public, max-age=30",
}
_ROOM_BYTES = 64 << 20
_SIZE, _TYPE = b"content-length", b"content-type"
_EACH_BYTES = 2000  # its headers and places in tables
# Less fits into one packet as it is.
_WORTH_BYTES = 1400
_PACKABLE = re.compile(r"text/|application/(?:[a-z.]+\+)?json|application/vnd\.mapbox|image/svg")
_TAKES_GZIP = re.compile(rb"\bgzip\b(?!\s*;\s*q\s*=\s*0(?:\.0{0,3})?\s*(?:,|$))", re.IGNORECASE)
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html; charset=utf-8"


@dataclass(frozen=True)
class Made:
    """The content of an answer; ``but_for``: what in it only says when it was made."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    but_for: bytes = b""


Quick = Callable[[], bool]


def never() -> bool:
    """Tell that an answer takes its time."""
    return False


class Prepared(Response):
    """An answer whose headers were made before, so that it costs no more than to send it."""

    def __init__(
        self, content: bytes, raw_headers: list[tuple[bytes, bytes]], status: int = 200
    ) -> None:
        self.body, self.raw_headers, self.status_code = content, raw_headers, status
        self.background = None


@dataclass(frozen=True)
class _Kept:
    """What was made, ready to be sent as often as it is asked for."""

    content: bytes
    etag: str
    raw_headers: list[tuple[bytes, bytes]]
    raw_tag: list[tuple[bytes, bytes]]

    @classmethod
    def of(cls, made: Made, *, packed: bool) -> _Kept:
        before, _, after = made.content.partition(made.but_for) if made.but_for else (
            made.content, b"", b"")  # fmt: skip
        digest = hashlib.sha256(before)
        digest.update(after)
        digest.update(repr(sorted(made.headers.items())).encode())
        etag = f'"{digest.hexdigest()[:32]}"'
        # another process says the same, at another moment
        told = f"W/{etag}" if made.but_for else etag
        headers = {**_OPEN, **made.headers, "etag": told}
        content = made.content
        if _PACKABLE.match(made.media_type) and len(content) >= _WORTH_BYTES:
            headers["vary"] = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
            if packed:
                content = gzip.compress(content, 5, mtime=0)
                # other bytes, of the same meaning
                headers |= {"content-encoding": "gzip", "etag": f"W/{etag}"}
        tag = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        size = b"%d" % len(content)
        kind = made.media_type.encode()
        return cls(content, etag, [*tag, (_SIZE, size), (_TYPE, kind)], tag)


@dataclass
class Answers:
    """Answers by what was asked, thrown away when anything published changes."""

    catalogue: Catalogue
    base_url: str = ""
    _kept: OrderedDict[Any, _Kept] = field(default_factory=OrderedDict)
    _generation: int = -1
    _bytes: int = 0
    _coming: dict[Any, asyncio.Task[_Kept]] = field(default_factory=dict)

    def base(self, request: Request) -> str:
        """Return the address that links begin with, without a slash at its end."""
        return self.base_url.rstrip("/") or str(request.base_url).rstrip("/")

    async def answer(
        self, request: Request, make: Callable[[str], Made], *, form: str, quick: Quick = never
    ) -> Response:
        """Return what ``make`` makes of the base address, or what it made before.

        It runs in a thread of its own unless it is ``quick``: the first answer from a large
        layer takes a moment.
        """
        if self._generation != self.catalogue.generation:
            self._kept.clear()
            self._generation, self._bytes = self.catalogue.generation, 0
        scope = request.scope
        asked = host = packing = b""
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                asked = value
            elif name == b"host":
                host = value
            elif name == b"accept-encoding":
                packing = value
        packed = bool(packing) and _TAKES_GZIP.search(packing) is not None
        # what the base address is made of
        place = "" if self.base_url else (host, scope["scheme"], scope.get("root_path", ""))
        key = place, scope["path"], scope["query_string"], form, packed
        kept = self._kept.get(key)
        if kept is None:
            generation = self._generation
            base = self.base(request)
            if quick():
                kept = _Kept.of(make(base), packed=packed)
            else:
                kept = await self._made_once(
                    (generation, key), lambda: _Kept.of(make(base), packed=packed)
                )
            if generation == self.catalogue.generation:
                self._keep(key, kept)
        else:
            self._kept.move_to_end(key)
        if asked and _is_known(asked.decode("latin-1"), kept.etag):
            return Prepared(b"", kept.raw_tag, 304)
        return Prepared(kept.content, kept.raw_headers)

    async def _made_once(self, at: Any, make: Callable[[], _Kept]) -> _Kept:
        """Return what ``make`` makes in a thread; who asks for the same meanwhile waits for it."""
        coming = self._coming.get(at)
        if coming is None:
            coming = self._coming[at] = asyncio.ensure_future(run_in_threadpool(make))
            coming.add_done_callback(lambda done: (self._coming.pop(at), done.exception()))
        # whoever goes away leaves the others theirs
        return await asyncio.shield(coming)

    def _keep(self, key: Any, kept: _Kept) -> None:
        size = _size(key, kept)
        if size > _ROOM_BYTES // 4 or key in self._kept:
            return
        self._kept[key] = kept
        self._bytes += size
        while self._bytes > _ROOM_BYTES:
            self._bytes -= _size(*self._kept.popitem(last=False))


def _size(key: Any, kept: _Kept) -> int:
    """Return about how many bytes an answer takes here: what was asked may be long as well."""
    place, path, query, *_ = key
    return len(kept.content) + len(path) + len(query) + sum(map(len, place)) + _EACH_BYTES


def _is_known(asked: str, etag: str) -> bool:
    """Return whether a client has what it asks for already, by the tags it names."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in asked.split(","))
