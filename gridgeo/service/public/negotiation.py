"""JSON or HTML: as ``f`` says, else what the client would rather have, by its Accept header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from starlette.requests import Request

FORMS = ("json", "html")
_JSON_KINDS = frozenset({
    "application/json", "application/geo+json", "application/schema+json",
    "application/vnd.oai.openapi+json", "application/problem+json",
})  # fmt: skip
_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)


def wanted_form(request: Request) -> str:
    """Return "json" or "html", or whatever else ``f`` asks for; "" where nothing would do."""
    asked = request.query_params.get("f")
    if asked is not None:
        return asked
    # of several lines each is a part of one list
    return form_of(",".join(request.headers.getlist("accept")))


@lru_cache(maxsize=512)
def form_of(accept: str) -> str:
    """Return the form that an Accept header likes best, JSON where it likes both the same.

    "" where it likes neither. Source: RFC 9110, 12.5.1.
    """
    if not accept.strip():
        return FORMS[0]
    liked = {"json": _liking(accept, _JSON_KINDS), "html": _liking(accept, {"text/html"})}
    best = max(FORMS, key=lambda form: (liked[form], form == FORMS[0]))
    return best if liked[best] > 0 else ""


def _liking(accept: str, kinds: frozenset[str] | set[str]) -> float:
    """Return how much the best of some media types is liked, by what fits each most closely."""
    said = list(_ranges(accept))
    liked = [0.0]
    for kind in kinds:
        fits = [(_closeness(told, kind), quality) for told, quality in said]
        closest = max((fit for fit in fits if fit[0]), default=(0, 0.0))
        liked.append(closest[1])
    return max(liked)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept[:4000].split(","):
        kind, *words = part.split(";")
        quality = next((float(f[1]) for f in map(_QUALITY.fullmatch, words) if f), 1.0)
        yield kind.strip().lower(), quality


def _closeness(told: str, kind: str) -> int:
    if told == kind:
        return 3
    if told == kind.partition("/")[0] + "/*":
        return 2
    return 1 if told == "*/*" else 0
