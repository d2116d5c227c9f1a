"""What is published of which community, and its versions in memory as they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from .directory import Directory, read_answers
from .layers import KINDS, Layer, Life, boundary_of, read_buildings, read_grids

# A part that is kept takes so much beside what it says itself.
_PART_BYTES = 2_000


class NoLongerPublicError(LookupError):
    """A publication, or a file of it, that is not public, or not any more."""


@dataclass(frozen=True)
class Publication:
    """A version that was published: ``key`` names it in the source.

    ``bounds``: west, south, east, north in degrees. ``epsg``: the CRS of the plan, None where it
    has no code. ``counts``: how many features of a kind it has, where that is known unread.
    """

    key: str
    slug: str
    name: str
    life: Life
    bounds: tuple[float, float, float, float]
    epsg: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """Where publications come from: the store, or a folder in a test."""

    def mark(self) -> object:
        """Return what differs, and is soon told, whenever the publications do."""
        ...

    def publications(self) -> Sequence[Publication]:
        """Return all that are public, in any order."""
        ...

    def file(self, key: str, name: str) -> bytes:
        """Return a file of a publication; KeyError where there is none."""
        ...


@dataclass(frozen=True)
class Standing:
    """What was public at a look at the source, told together: nobody sees half of a change.

    ``communities``: the versions of each by its slug, the newest last. ``current``: the one of
    each that was valid then. ``generation`` grows with every change.
    """

    generation: int = 0
    communities: Mapping[str, tuple[Publication, ...]] = field(default_factory=dict)
    current: Mapping[str, Publication] = field(default_factory=dict)

    def valid(
        self, slug: str, first: datetime | None, last: datetime | None
    ) -> tuple[Publication, ...]:
        """Return the versions valid at some moment from first to last, the newest last."""
        versions = self.communities.get(slug, ())
        return tuple(one for one in versions if one.life.meets(first, last))


@dataclass
class Catalogue:
    """The published communities; ``refresh`` takes up what changed. Threads may share it.

    ``room_bytes``: about as much memory as parts of versions may take; of more, those asked
    for longest ago are read again when they are asked for next.
    """

    source: Source
    room_bytes: int = 512 << 20
    standing: Standing = field(default_factory=Standing)
    _mark: object = None
    _next_turn: datetime | None = None
    _kept: OrderedDict[tuple[str, str], Any] = field(default_factory=OrderedDict)
    _coming: dict[tuple[str, str], Future[Any]] = field(default_factory=dict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def generation(self) -> int:
        """A number that grows when anything changed, so that what was made of it can go."""
        return self.standing.generation

    @property
    def communities(self) -> Mapping[str, tuple[Publication, ...]]:
        """The versions of every community by its slug, the newest last."""
        return self.standing.communities

    def current(self, slug: str) -> Publication | None:
        """Return the version that is valid now, None where there is none."""
        return self.standing.current.get(slug)

    def refresh(self) -> bool:
        """Look at the source again; return whether anything changed, be it by time alone."""
        with self._looking:
            mark, now = self.source.mark(), datetime.now(UTC)
            turned = self._next_turn is not None and now >= self._next_turn
            if mark == self._mark and not turned:
                return False
            every = list(self.source.publications())
            # what comes into force later is not public before
            found: dict[str, list[Publication]] = {}
            for one in every:
                if one.life.begins <= now:
                    found.setdefault(one.slug, []).append(one)
            standing = _standing(found, now, self.generation + 1)
            turns = [turn for one in every for turn in (one.life.begins, one.life.ends) if turn]
            self._next_turn = min((turn for turn in turns if turn > now), default=None)
            self._mark = mark
            keys = {one.key for one in every}
            with self._lock:
                for at in [at for at in self._kept if at[0] not in keys]:
                    self._bytes -= _weight(self._kept.pop(at))
                self.standing = standing
        return True

    def layer(self, publication: Publication, kind: str) -> Layer:
        """Return the features of one kind of a version, read now if they are not in memory.

        Raises:
            NoLongerPublicError: it was withdrawn in between.
        """
        read = self._reader(publication)
        life = publication.life
        makers: dict[str, Callable[[], Layer]] = {
            "grids": lambda: read_grids(read, life),
            "buildings": lambda: read_buildings(read, life),
            "boundary": lambda: boundary_of(self.layer(publication, "grids"), publication.name),
        }
        found: Layer = self._part(publication, kind, makers[kind])
        return found

    def answers(self, publication: Publication) -> Mapping[str, Mapping[str, str]]:
        """Return what is told of each grid of a version, by its id; errors as ``layer``."""
        read = self._reader(publication)
        found: Mapping[str, Mapping[str, str]] = self._part(
            publication, "answers", lambda: read_answers(read("directory.json"))
        )
        return found

    def directory(self, publication: Publication) -> Directory:
        """Return the buildings of a version by what they are called; errors as ``layer``."""
        read = self._reader(publication)
        found: Directory = self._part(
            publication, "names", lambda: Directory.of(read("directory.json"))
        )
        return found

    def at_hand(self, publication: Publication, part: str) -> Any:
        """Return a part of a version if it is in memory, else None; it never waits for a file."""
        at = (publication.key, part)
        with self._lock:
            found = self._kept.get(at)
            if found is not None:
                self._kept.move_to_end(at)
        return found

    def warm(self) -> None:
        """Read what is valid now of every community, as far as half the room goes."""
        for publication in self.standing.current.values():
            if self._bytes > self.room_bytes // 2:
                return
            with suppress(NoLongerPublicError):
                self.answers(publication)
                for kind in KINDS:
                    self.layer(publication, kind)

    @property
    def weight(self) -> int:
        """About how many bytes the parts in memory take."""
        return self._bytes

    def _reader(self, publication: Publication) -> Callable[[str], bytes]:
        def read(name: str) -> bytes:
            try:
                return self.source.file(publication.key, name)
            except KeyError as fault:
                raise NoLongerPublicError(f"{publication.name}: no longer public") from fault

        return read

    def _part(self, publication: Publication, part: str, make: Callable[[], Any]) -> Any:
        """Return a part, made once by the first thread that asks; the others wait for it."""
        at = (publication.key, part)
        with self._lock:
            if at in self._kept:
                self._kept.move_to_end(at)
                return self._kept[at]
            coming = self._coming.get(at)
            mine = coming is None
            if coming is None:
                coming = self._coming[at] = Future()
        if not mine:
            return coming.result()
        try:
            made = make()
        except BaseException as fault:
            with self._lock:
                del self._coming[at]
            coming.set_exception(fault)
            raise
        weight = _weight(made)
        with self._lock:
            del self._coming[at]
            self._kept[at] = made
            self._bytes += weight
            while self._bytes > self.room_bytes and len(self._kept) > 1:
                self._bytes -= _weight(self._kept.popitem(last=False)[1])
        coming.set_result(made)
        return made


def _standing(found: Mapping[str, list[Publication]], now: datetime, generation: int) -> Standing:
    communities = {
        slug: tuple(sorted(found[slug], key=lambda one: one.life.version)) for slug in sorted(found)
    }
    current = {}
    for slug, versions in communities.items():
        valid = [one for one in versions if one.life.meets(now, now)]
        if valid:
            current[slug] = valid[-1]
    return Standing(generation, communities, current)


def _weight(part: Any) -> int:
    if isinstance(part, Mapping):
        return _PART_BYTES + sum(_PART_BYTES for _ in part)
    return _PART_BYTES + int(part.weight)
