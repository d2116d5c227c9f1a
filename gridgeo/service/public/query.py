"""What a client asks of a collection: its words to a query, every fault told at once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .axes import CRS84, is_in_degrees, north_first, told_uri
from .cql import LANGUAGES, Filter
from .cql_parts import FilterError
from .layers import SCHEMAS

DEFAULT_LIMIT = 10
MOST_AT_ONCE = 10_000
# More is no fault, and means no more than this.
_WHOLE_MOST = 10**15
_OWN = frozenset({
    "f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
    "filter-crs", "version", "from-version",
})  # fmt: skip


class QueryError(ValueError):
    """A query that cannot be answered; the message names every fault."""


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked; ``bbox`` in ``bbox_crs``, longitude or easting first whatever its axes.

    ``crs`` and ``bbox_crs``: URIs. ``from_version``: where a page goes on, 0 for the first.
    ``first`` and ``last``: moments in UTC, None for open; ``dated`` tells whether any was asked
    for. ``equal``: properties and the value each must have.
    """

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    bbox: tuple[float, float, float, float] | None = None
    bbox_crs: str = CRS84
    crs: str = CRS84
    dated: bool = False
    first: datetime | None = None
    last: datetime | None = None
    version: int | None = None
    from_version: int = 0
    filter: Filter | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)


def read_query(
    words: Iterable[tuple[str, str]], *, kind: str, crs: Iterable[str], single: bool = False
) -> Query:
    """Return the query in the parameters of a request.

    Args:
        words: names and values.
        kind: of the layer, for what it may be filtered by.
        crs: URIs that are known for it.
        single: whether one feature is asked for, where only some parameters make sense.

    Raises:
        QueryError: what cannot be read or is not known, all of it.
    """
    said: dict[str, str] = {}
    faults: list[str] = []
    own = frozenset({"f", "crs", "datetime", "version"}) if single else _OWN
    for name, value in words:
        if name in said:
            faults.append(f"{name} stands twice")
        elif name not in own and (single or name not in SCHEMAS[kind]):
            faults.append(f"{name} is no parameter here")
        said[name] = value
    known = [CRS84, *crs]
    reader = _Reader(said, faults)
    first, last = reader.interval("datetime")
    bbox_crs = reader.crs("bbox-crs", known)
    query = Query(
        limit=min(reader.whole("limit", DEFAULT_LIMIT, least=1), MOST_AT_ONCE),
        offset=reader.whole("offset", 0, least=0),
        bbox=reader.bbox("bbox", bbox_crs),
        bbox_crs=bbox_crs,
        crs=reader.crs("crs", known),
        dated="datetime" in said,
        first=first,
        last=last,
        version=reader.whole("version", 0, least=1) if "version" in said else None,
        from_version=reader.whole("from-version", 0, least=1),
        filter=reader.filter(kind, reader.crs("filter-crs", known)),
        equal={
            name: reader.value(name, fact)
            for name, fact in SCHEMAS[kind].items()
            if name in said and name not in own
        },
    )
    if faults:
        raise QueryError("; ".join(dict.fromkeys(faults)))
    return query


@dataclass(frozen=True)
class _Reader:
    said: Mapping[str, str]
    faults: list[str]

    def whole(self, name: str, default: int, *, least: int) -> int:
        text = self.said.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\+?[0-9]{1,99}", text) or int(text) < least:
            self.faults.append(f"{name}={text[:40]} is no whole number of {least} or more")
            return default
        return min(int(text), _WHOLE_MOST)

    def value(self, name: str, fact: Mapping[str, Any]) -> Any:
        """Return the value of a property that must be equal, of the type of its schema."""
        text = self.said[name]
        if fact["type"] == "integer":
            if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
                return int(text)
            self.faults.append(f"{name}={text[:40]} is no whole number")
        elif fact["type"] == "boolean":
            if text in ("true", "false", "1", "0"):  # GDAL counts
                return text in ("true", "1")
            self.faults.append(f"{name}={text[:40]} is neither true nor false")
        elif fact.get("format") == "date-time":
            return self._moment(name, text, last=False)
        return text

    def bbox(self, name: str, crs: str) -> tuple[float, float, float, float] | None:
        text = self.said.get(name)
        if text is None:
            return None
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) == 6:  # heights are passed over
            numbers = [*numbers[:2], *numbers[3:5]]
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            self.faults.append(f"{name}={text[:60]} is not four numbers, or six")
            return None
        x0, y0, x1, y1 = numbers
        if north_first(crs):
            x0, y0, x1, y1 = y0, x0, y1, x1
        # in degrees a box may reach across the date line
        if y0 > y1 or (x0 > x1 and not is_in_degrees(crs)):
            self.faults.append(f"{name}={text[:60]} has its upper side below its lower")
        return x0, y0, x1, y1

    def crs(self, name: str, known: list[str]) -> str:
        text = self.said.get(name)
        if text is None:
            return CRS84
        uri = told_uri(text)
        if uri not in known:
            self.faults.append(f"{name}={text[:80]} is not one of the collection's")
            return CRS84
        return uri

    def interval(self, name: str) -> tuple[datetime | None, datetime | None]:
        text = self.said.get(name)
        if text is None:
            return None, None
        parts = text.split("/")
        if len(parts) > 2 or (len(parts) == 2 and set(parts) <= {"", ".."}):
            self.faults.append(f"{name}={text[:60]} is neither a moment nor an interval")
            return None, None
        open_ended = len(parts) == 2
        moments = [
            None if open_ended and part in ("", "..") else self._moment(name, part, last=k == 1)
            for k, part in enumerate(parts if open_ended else parts * 2)
        ]
        first, last = moments
        if first is not None and last is not None and first > last:
            self.faults.append(f"{name}={text[:60]} ends before it begins")
        return first, last

    def _moment(self, name: str, text: str, *, last: bool) -> datetime | None:
        """Return a moment; of a day its first, or its last where it ends an interval."""
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                text += "T23:59:59Z" if last else "T00:00:00Z"
            text = text.replace(" ", "+")  # a sign that was not encoded
            if not re.fullmatch(r"[0-9-]{10}[Tt][0-9:.]{8,}([Zz]|[+-][0-9:]{5})", text):
                raise ValueError
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.faults.append(f"{name}: {text[:40]!r} is no moment as 2026-03-01T00:00:00Z")
            return None

    def filter(self, kind: str, crs: str) -> Filter | None:
        language = self.said.get("filter-lang", LANGUAGES[0])
        if language not in LANGUAGES:
            self.faults.append(f"filter-lang={language[:40]} is none of {', '.join(LANGUAGES)}")
            return None
        if "filter" not in self.said:
            return None
        try:
            return Filter.read(self.said["filter"], language, kind=kind, crs=crs)
        except FilterError as fault:
            self.faults.append(str(fault))
            return None
