"""What a redraw keeps of an earlier plan, as arrays over the buildings of the town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


LOCK_KINDS = ("building", "grid", "together", "apart", "border")


@dataclass(frozen=True)
class Lock:
    """What a redraw may not change; grids are called by their old ids.

    ``kind``: "building", building ``a`` is in the grid that carries on grid ``b``; "grid", no
    building enters or leaves grid ``a``; "together" and "apart", buildings ``a`` and ``b`` share
    a grid, or do not; "border", no grid has buildings of both old grids ``a`` and ``b``.
    ``place``: where it stands in a file, "row 7".
    """

    kind: str
    a: str
    b: str = ""
    reason: str = ""
    place: str = ""

    def __str__(self) -> str:
        said = {
            "building": f"building {self.a} in grid {self.b}",
            "grid": f"grid {self.a} as it is",
            "together": f"{self.a} and {self.b} together",
            "apart": f"{self.a} and {self.b} apart",
            "border": f"the border between {self.a} and {self.b}",
        }.get(self.kind, f"{self.kind} {self.a} {self.b}".strip())
        return f"{self.place}: {said}" if self.place else said

    @property
    def buildings(self) -> tuple[str, ...]:
        """The ids of the buildings that it names."""
        return {"building": (self.a,), "together": (self.a, self.b), "apart": (self.a, self.b)}.get(
            self.kind, ()
        )

    @property
    def grids(self) -> tuple[str, ...]:
        """The ids of the old grids that it names."""
        return {"building": (self.b,), "grid": (self.a,), "border": (self.a, self.b)}.get(
            self.kind, ()
        )


@dataclass(frozen=True, eq=False)
class Keep:
    """The old grids by number, the locks, and how many households may move.

    All int64. ``old``: (n,), the old grid that a building is to stay with, -1 for none.
    ``pinned``: (n,), the old grid that a lock ties it to, -1 for none. ``frozen``: (n,), the old
    grid that a lock keeps as it is, -1 for none. ``together``, ``apart``: (k, 2), pairs i < j.
    ``caps``: how many households may move, by community and kind; ``spend``: whether they may do
    so for the objective too; ``binding``: where it is known that the least violation needs more.
    ``rule``: in words, over which plans a proof holds. ``names``: the ids
    of the old grids by number.
    """

    old: Array
    pinned: Array
    frozen: Array
    together: Array
    apart: Array
    caps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spend: bool = False
    binding: frozenset[tuple[str, str]] = frozenset()
    rule: str = ""
    names: tuple[str, ...] = ()

    def among(self, rows: Array, position: Array) -> Keep:
        """Return what holds among ``rows``; ``position``: int64 (n,), their places, -1 for others.

        A pair of which one is elsewhere is left out.
        """
        together, apart = (self._within(pairs, position) for pairs in (self.together, self.apart))
        return Keep(self.old[rows], self.pinned[rows], self.frozen[rows], together, apart)

    @staticmethod
    def _within(pairs: Array, position: Array) -> Array:
        ends = np.sort(position[pairs].reshape(-1, 2), axis=1)
        return np.asarray(ends[ends[:, 0] >= 0])
