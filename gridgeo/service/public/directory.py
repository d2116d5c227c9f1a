"""My grid, my worker: a place or the words of an address to a grid and who owns it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from .layers import Layer

MOST_FOUND = 20
MOST_LETTERS = 200


@dataclass(frozen=True, eq=False)
class Directory:
    """The grids of a version, by place and by what its buildings are called.

    ``answers``: what is told of each grid, by its id. ``buildings``: id, grid, name, address.
    ``spelled``: of each building, all of it in small letters of one width, to look in.
    """

    grids: Layer
    answers: Mapping[str, Mapping[str, str]]
    buildings: tuple[Mapping[str, str], ...]
    spelled: tuple[str, ...]

    @classmethod
    def of(cls, content: bytes, grids: Layer) -> Directory:
        """Read a published directory."""
        book = json.loads(content)
        buildings = tuple(book["buildings"])
        spelled = tuple(
            _spelled(" ".join((one["building_id"], one["name"], one["address"])))
            for one in buildings
        )
        answers = {one["grid_id"]: one for one in book["grids"]}
        return cls(grids, answers, buildings, spelled)

    def grid_at(self, place: shapely.Point) -> str:
        """Return the id of the grid at a place in degrees, "" for none; of several the first."""
        inside = self.grids.tree.query(place, predicate="intersects")
        return self.grids.ids[int(inside.min())] if len(inside) else ""

    def look_up(self, text: str) -> list[Mapping[str, Any]]:
        """Return the buildings whose id, name or address holds every word of a text.

        The nearest to the whole text come first: those it equals, those that begin with it, then
        the shortest; at most ``MOST_FOUND``.
        """
        asked = _spelled(text[:MOST_LETTERS])
        words = asked.split()
        if not words:
            return []
        rows = [row for row, held in enumerate(self.spelled) if all(w in held for w in words)]
        rows.sort(key=lambda row: (*self._distance(row, asked), row))
        return [self.buildings[row] for row in rows[:MOST_FOUND]]

    def _distance(self, row: int, asked: str) -> tuple[bool, bool, int]:
        one = self.buildings[row]
        called = [_spelled(one[name]) for name in ("building_id", "name", "address")]
        return (
            asked not in called,
            not any(name.startswith(asked) for name in called),
            len(self.spelled[row]),
        )


def _spelled(text: str) -> str:
    """Return a text as it is looked in: one width, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
