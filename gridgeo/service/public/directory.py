"""Buildings by what people call them: words of an address to the buildings they may mean."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from ...intake.building_names import alike, parts_of
from .layers import Layer

MOST_FOUND = 20
MOST_LETTERS = 200
# More words than an address has; each is looked for in every building.
_MOST_PARTS = 20
_ENTRY_BYTES = 700
_CLOSE = 4  # so far from a text at most are those that hold all of it
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s+(?=\d)")


@dataclass(frozen=True, eq=False)
class Directory:
    """The buildings of a version by what they are called.

    ``buildings``: id, grid, name, address. ``called``: of each its name and its address, and
    ``ids`` its id, as ``alike`` spells them, each between line breaks.
    """

    buildings: tuple[Mapping[str, str], ...]
    called: tuple[str, ...]
    ids: tuple[str, ...]

    @classmethod
    def of(cls, content: bytes) -> Directory:
        """Read a published directory."""
        buildings = tuple(json.loads(content)["buildings"])
        called = tuple(
            f"\n{_spelled(one['name'])}\n{_spelled(one['address'])}\n" for one in buildings
        )
        ids = tuple(f"\n{_spelled(one['building_id'])}\n" for one in buildings)
        return cls(buildings, called, ids)

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return _ENTRY_BYTES * len(self.buildings)

    def look_up(self, text: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the buildings a text may mean, each with how far it is from that.

        Spelling does not matter: 3幢, 3栋 and ０3 号楼 are the same. 0: the text is its name, its
        address or its id; 1: its name ends with it, as 3栋 ends 桂园3栋; 2: its name or address
        begins with it; 3: they hold its words and whole numbers; 4: its id holds it; 5: the text
        goes on after the name, as 桂园3栋501室 does; 6: they hold its parts anyhow, as 12 holds 1.
        The nearest come first, of several as near the shortest; at most ``MOST_FOUND``.
        """
        asked, parts = _spelled(text[:MOST_LETTERS]), parts_of(text[:MOST_LETTERS])[:_MOST_PARTS]
        if not asked or not parts:
            return []
        near = heapq.nsmallest(MOST_FOUND, self._holding(asked, parts))
        if not near or near[0][0] > _CLOSE:
            within = heapq.nsmallest(MOST_FOUND, self._within(asked))
            known = {row for _, _, row in within}
            near = [*within, *(one for one in near if one[2] not in known)][:MOST_FOUND]
        return [(distance, self.buildings[row]) for distance, _, row in near]

    def _holding(self, asked: str, parts: tuple[str, ...]) -> Iterator[tuple[int, int, int]]:
        distance = _distance_from(asked, parts)
        for row, (called, own) in enumerate(zip(self.called, self.ids, strict=True)):
            if asked in own or all(part in called for part in parts):
                yield distance(called, own), len(called), row

    def _within(self, asked: str) -> Iterator[tuple[int, int, int]]:
        """Yield the buildings whose name or address a text holds, the longest first."""
        for row, called in enumerate(self.called):
            longest = 0
            for name in called.split("\n"):
                # a single letter or number says too little
                if len(name) > max(longest, 1) and _stands_in(name, asked):
                    longest = len(name)
            if longest:
                yield 5, -longest, row


def read_answers(content: bytes) -> dict[str, Mapping[str, str]]:
    """Return what a published directory tells of each grid, by its id."""
    return {one["grid_id"]: one for one in json.loads(content)["grids"]}


def grid_at(grids: Layer, place: shapely.Point) -> str:
    """Return the id of the grid at a place in degrees, "" for none; of several the first."""
    inside = grids.tree.query(place, predicate="intersects")
    return grids.ids[int(inside.min())] if len(inside) else ""


def _spelled(text: str) -> str:
    """Return a text as all that means the same is spelled; "12 3" is not 123."""
    return alike(_BETWEEN_NUMBERS.sub("-", text))


def _distance_from(asked: str, parts: tuple[str, ...]) -> Callable[[str, str], int]:
    """Return what tells how far the spelling of a building is from what is asked for."""
    whole = f"\n{asked}\n"
    ends = re.compile(r"\n[^\n]*" + _edged(asked) + r"\n")  # the name, which stands first
    begins = re.compile(r"\n" + _edged(asked))
    inner = re.compile(_edged(asked))
    numbers = [re.compile(_edged(part)) for part in parts if part.isdigit()]

    def distance(called: str, own: str) -> int:
        if whole in called or whole in own:
            return 0
        if ends.match(called):
            return 1
        if begins.search(called):
            return 2
        here = all(part in called for part in parts)
        if here and all(number.search(called) for number in numbers):
            return 3
        return 4 if inner.search(own) else 6

    return distance


def _edged(text: str) -> str:
    """Return a pattern of a text that begins and ends in no middle of a number."""
    before = r"(?<!\d)" if text[0].isdigit() else ""
    after = r"(?!\d)" if text[-1].isdigit() else ""
    return before + re.escape(text) + after


def _stands_in(name: str, asked: str) -> bool:
    at = asked.find(name)
    if at < 0:
        return False
    cut_before = at > 0 and name[0].isdigit() and asked[at - 1].isdigit()
    after = asked[at + len(name) : at + len(name) + 1]
    return not cut_before and not (name[-1].isdigit() and after.isdigit())
