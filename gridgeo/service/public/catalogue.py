"""What is published of which community, and its versions in memory as they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from .directory import Directory
from .layers import Layer, Life, read_layers


@dataclass(frozen=True)
class Publication:
    """A version that was published: ``key`` names it in the source.

    ``bounds``: west, south, east, north in degrees. ``epsg``: the CRS of the plan, None where it
    has no code.
    """

    key: str
    slug: str
    name: str
    life: Life
    bounds: tuple[float, float, float, float]
    epsg: int | None = None


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


@dataclass(frozen=True, eq=False)
class Held:
    """A version in memory."""

    layers: Mapping[str, Layer]
    directory: Directory


@dataclass
class Catalogue:
    """The published communities; ``refresh`` takes up what changed. Threads may share it.

    ``most_held``: versions kept in memory; of more, those asked for longest ago are read again.
    ``generation`` grows when anything changed, so that what was made of it can be thrown away.
    """

    source: Source
    most_held: int = 64
    generation: int = 0
    _mark: object = None
    _next_turn: datetime | None = None
    _communities: Mapping[str, tuple[Publication, ...]] = field(default_factory=dict)
    _held: dict[str, Held] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reading: dict[str, threading.Lock] = field(default_factory=dict)

    def refresh(self) -> bool:
        """Look at the source again; return whether anything changed, be it by time alone."""
        mark, now = self.source.mark(), datetime.now(UTC)
        turned = self._next_turn is not None and now >= self._next_turn
        if mark == self._mark and not turned:
            return False
        found: dict[str, list[Publication]] = {}
        for one in self.source.publications():
            found.setdefault(one.slug, []).append(one)
        communities = {
            slug: tuple(sorted(found[slug], key=lambda one: one.life.version))
            for slug in sorted(found)
        }
        with self._lock:
            every = [one for each in communities.values() for one in each]
            turns = [turn for one in every for turn in (one.life.begins, one.life.ends) if turn]
            self._next_turn = min((turn for turn in turns if turn > now), default=None)
            self._mark, self._communities = mark, communities
            keys = {one.key for one in every}
            self._held = {key: held for key, held in self._held.items() if key in keys}
            self.generation += 1
        return True

    @property
    def communities(self) -> Mapping[str, tuple[Publication, ...]]:
        """The versions of every community by its slug, the newest last."""
        return self._communities

    def valid(
        self, slug: str, first: datetime | None, last: datetime | None
    ) -> tuple[Publication, ...]:
        """Return the versions valid at some moment from first to last, the newest last."""
        versions = self._communities.get(slug, ())
        return tuple(one for one in versions if one.life.meets(first, last))

    def current(self, slug: str) -> Publication | None:
        """Return the version that is valid now, None where there is none."""
        now = datetime.now(UTC)
        valid = self.valid(slug, now, now)
        return valid[-1] if valid else None

    def is_held(self, publication: Publication) -> bool:
        """Return whether a version is in memory: to read one takes a moment."""
        return publication.key in self._held

    def held(self, publication: Publication) -> Held:
        """Return a version's layers and directory, read now if they are not in memory.

        Who reads one holds nobody up who asks for another.

        Raises:
            StoreError: the store cannot be read.
        """
        key = publication.key
        known = self._touched(key)
        if known is not None:
            return known
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:
            known = self._touched(key)  # another may have read it while we waited
            if known is None:
                known = self._read(publication)
                with self._lock:
                    self._held[key] = known
                    self._reading.pop(key, None)
                    while len(self._held) > self.most_held:
                        del self._held[next(iter(self._held))]
        return known

    def warm(self) -> None:
        """Read what is valid now of every community, as far as half the room goes."""
        for slug in list(self.communities)[: self.most_held // 2]:
            current = self.current(slug)
            if current is not None:
                self.held(current)

    def _touched(self, key: str) -> Held | None:
        """Return a version from memory, and let it be the one asked for last."""
        if 2 * len(self._held) <= self.most_held:
            return self._held.get(key)  # there is room, so that no order is needed
        with self._lock:
            known = self._held.pop(key, None)
            if known is not None:
                self._held[key] = known
        return known

    def _read(self, publication: Publication) -> Held:
        def read(name: str) -> bytes:
            return self.source.file(publication.key, name)

        layers = read_layers(read, publication.life, publication.name)
        return Held(layers, Directory.of(read("directory.json"), layers["grids"]))
