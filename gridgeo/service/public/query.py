"""What a client asks of a collection: its words to a query, every fault told at once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyproj

from ...crs import LONLAT
from .cql import LANGUAGES, Filter, FilterError
from .layers import SCHEMAS

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/(?:0|[\d.]+)/(\d+)")
_CURIE = re.compile(r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|\[?EPSG:)(\d+)\]?", re.IGNORECASE)
DEFAULT_LIMIT = 10
MOST_AT_ONCE = 10_000
_OWN = frozenset({
    "f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
    "filter-crs", "version",
})  # fmt: skip


class QueryError(ValueError):
    """A query that cannot be answered; the message names every fault."""


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked; ``bbox`` in the order of ``bbox_crs``'s CRS, longitude or easting first.

    ``crs`` and ``bbox_crs``: URIs. ``first`` and ``last``: moments in UTC, None for open;
    ``dated`` tells whether any was asked for. ``equal``: properties and the text each must have.
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
    filter: Filter | None = None
    filter_crs: str = CRS84
    equal: Mapping[str, str] = field(default_factory=dict)


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
    query = Query(
        limit=min(reader.whole("limit", DEFAULT_LIMIT, least=1), MOST_AT_ONCE),
        offset=reader.whole("offset", 0, least=0),
        bbox=reader.bbox("bbox"),
        bbox_crs=reader.crs("bbox-crs", known),
        crs=reader.crs("crs", known),
        dated="datetime" in said,
        first=first,
        last=last,
        version=reader.whole("version", 0, least=1) if "version" in said else None,
        filter=reader.filter(kind),
        filter_crs=reader.crs("filter-crs", known),
        equal={name: said[name] for name in SCHEMAS[kind] if name in said and name not in own},
    )
    if faults:
        raise QueryError("; ".join(faults))
    return query


def crs_of(uri: str) -> pyproj.CRS:
    """Return the CRS of a URI that was taken before."""
    found = _EPSG.fullmatch(uri)
    return pyproj.CRS.from_user_input(LONLAT if found is None else f"EPSG:{found[1]}")


def crs_uri(code: int) -> str:
    """Return the URI of an EPSG code."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


@dataclass(frozen=True)
class _Reader:
    said: Mapping[str, str]
    faults: list[str]

    def whole(self, name: str, default: int, *, least: int) -> int:
        text = self.said.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\+?\d{1,15}", text) or int(text) < least:
            self.faults.append(f"{name}={text[:40]} is no whole number of {least} or more")
            return default
        return int(text)

    def bbox(self, name: str) -> tuple[float, float, float, float] | None:
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
        if y0 > y1:
            self.faults.append(f"{name}={text[:60]} has its upper side below its lower")
        return x0, y0, x1, y1

    def crs(self, name: str, known: list[str]) -> str:
        text = self.said.get(name)
        if text is None:
            return CRS84
        uri = text.strip("[]")
        curie = _CURIE.fullmatch(text)
        if curie:
            uri = crs_uri(int(curie[1]))
        elif uri.upper() in ("OGC:CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84"):
            uri = CRS84
        elif found := _EPSG.fullmatch(uri):
            uri = crs_uri(int(found[1]))
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
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                text += "T23:59:59Z" if last else "T00:00:00Z"
            if not re.fullmatch(r"[\d-]{10}[Tt][\d:.]{8,}([Zz]|[+-]\d\d:\d\d)", text):
                raise ValueError
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.faults.append(f"{name}: {text[:40]!r} is no moment as 2026-03-01T00:00:00Z")
            return None

    def filter(self, kind: str) -> Filter | None:
        language = self.said.get("filter-lang", LANGUAGES[0])
        if language not in LANGUAGES:
            self.faults.append(f"filter-lang={language[:40]} is none of {', '.join(LANGUAGES)}")
            return None
        if "filter" not in self.said:
            return None
        try:
            return Filter.read(self.said["filter"], language, ("geometry", *SCHEMAS[kind]))
        except FilterError as fault:
            self.faults.append(str(fault))
            return None
