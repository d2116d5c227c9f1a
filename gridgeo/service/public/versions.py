"""Which versions a query is about, and a page of their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .catalogue import Catalogue, Publication
from .query import Query, QueryError
from .select import features_text, rows_of

# A page looks into so many versions; where there are more, the next page goes on.
MOST_READ = 32


@dataclass(frozen=True)
class Page:
    """Features as GeoJSON texts; ``matched``: how many there are in all, None if not all were
    looked at. ``following``: the words that ask for the next page, {} where there is none.
    """

    texts: list[str]
    matched: int | None
    following: dict[str, int] = field(default_factory=dict)


def versions_of(catalogue: Catalogue, slug: str, query: Query) -> tuple[Publication, ...]:
    """Return the versions a query is about: one by its number, those valid then, or now."""
    standing = catalogue.standing
    if query.dated:
        versions = standing.valid(slug, query.first, query.last)
    elif query.version is not None:
        versions = standing.communities.get(slug, ())
    else:
        current = standing.current.get(slug)
        versions = () if current is None else (current,)
    return tuple(
        one
        for one in versions
        if query.version in (None, one.life.version) and one.life.version >= query.from_version
    )


def page_of(catalogue: Catalogue, versions: Sequence[Publication], kind: str, query: Query) -> Page:
    """Return a page of the features of some versions, one after the other.

    Raises:
        FilterError: the filter takes too long.
        NoLongerPublicError: a version was withdrawn meanwhile.
    """
    is_all = query.bbox is None and query.filter is None and not query.equal
    texts: list[str] = []
    matched = read = 0
    goes_on: tuple[int, int] | None = None  # the version, and how many of it were passed
    for version in versions:
        passed = max(0, query.offset - matched)
        room = query.limit - len(texts)
        known = version.counts.get(kind) if is_all else None
        if known is not None and (room == 0 or passed >= known):
            matched += known  # nothing of it is on this page
            continue
        if read == MOST_READ:
            number, passed = goes_on or (version.life.version, passed)
            return Page(texts, None, {"from-version": number, "offset": passed})
        read += 1
        layer = catalogue.layer(version, kind)
        rows = np.arange(len(layer)) if is_all else rows_of(layer, query)
        wanted = rows[passed : passed + room]
        texts += features_text(layer, wanted.tolist(), query.crs)
        if goes_on is None and len(texts) == query.limit:
            goes_on = version.life.version, passed + len(wanted)
        matched += len(rows)
    after = query.offset + query.limit
    return Page(texts, matched, {"offset": after} if after < matched else {})


def find_feature(
    catalogue: Catalogue, versions: Sequence[Publication], kind: str, feature_id: str
) -> tuple[Publication, int] | None:
    """Return the newest version that has a feature, and its row there; None where none has.

    Raises:
        QueryError: there are too many versions to look into.
        NoLongerPublicError: a version was withdrawn meanwhile.
    """
    for version in list(reversed(versions))[:MOST_READ]:
        at = catalogue.layer(version, kind).row_of.get(feature_id)
        if at is not None:
            return version, at
    if len(versions) > MOST_READ:
        raise QueryError(f"the {MOST_READ} newest versions of then have no such feature; "
                         "ask for a shorter time, or for a version")  # fmt: skip
    return None
