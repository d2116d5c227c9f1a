"""What locks are held against, and how those that cannot hold are gathered and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .errors import Finding
from .intake.telling import error
from .keeping import Lock
from .limits import LimitBook, Limits
from .model import Buildings
from .wording import count, some

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Ground:
    """What locks are held against; arrays have a row a building of the town.

    ``was``: object, the old grid of a building, "" for a new one. ``kinds``: object of text.
    ``alone``: int64, the exclusive grid of a building, -1 for none. ``edges``: int64 (m, 2).
    ``whole``: int64, the same for buildings that are kept whole together as asked, -1 for others.
    ``grids``: the ids of all old grids. ``vanished``: the ids of buildings that are gone.
    """

    buildings: Buildings
    was: Array
    kinds: Array
    alone: Array
    edges: Array
    book: LimitBook
    grids: frozenset[str]
    vanished: frozenset[str]
    whole: Array

    def limits_of(self, row: int) -> Limits | None:
        """Return the limits of a grid of the kind of a building."""
        return self.book.limits_of(str(self.buildings.communities[row]), str(self.kinds[row]))

    def pieces(self, kept: Array) -> Array:
        """Return the connected piece of every building among ``kept``, bool (n,); int64 (n,)."""
        return components(len(kept), self.edges[kept[self.edges].all(axis=1)])


def components(n: int, pairs: Array) -> Array:
    """Return the connected piece of every one of ``n``, int64 (n,); ``pairs``: int64 (k, 2)."""
    ends = np.asarray(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def over_limits(ground: Ground, rows: Array, limits: Limits) -> list[str]:
    """Return the buildings that are more than a grid may hold by themselves."""
    b = ground.buildings
    most = (b.households[rows] > limits.households.high) | (
        b.population[rows] > limits.population.high
    )
    return [str(name) for name in b.ids[rows[most]]]


@dataclass
class Settler:
    """Holds one lock after another against the ground, and gathers what cannot be."""

    ground: Ground
    locks: Sequence[Lock]
    faults: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.row_of = {str(name): row for row, name in enumerate(self.ground.buildings.ids)}
        self.by_kind: dict[str, list[Lock]] = {}
        self.rows_in: dict[str, list[int]] = {}
        for row, grid in enumerate(self.ground.was.tolist()):
            if grid:
                self.rows_in.setdefault(grid, []).append(row)

    def tell(self, code: str, bad: Iterable[Lock], said: tuple[str, str], fix: str) -> None:
        """Note one fault over some locks; ``said``: of one, of many."""
        found = list(bad)
        if found:
            one = len(found) == 1
            lead = count(len(found), "lock")
            first = "" if one else "first: "
            message = f"{lead} {said[0] if one else said[1]} ({first}{found[0]})"
            self.faults.append(error(code, message, fix, count=len(found), first=str(found[0])))

    def contradict(self, locks: Sequence[Lock], why: str) -> None:
        """Note that some locks cannot hold together."""
        names = some([str(lock) for lock in locks], between="; ")
        alone = len(locks) == 1
        lead = "A lock cannot hold" if alone else f"{len(locks)} locks contradict one another"
        fix = "take it out" if alone else "take one of them out"
        self.faults.append(
            error(
                "lock-contradiction",
                f"{lead} ({names}): {why}",
                fix,
                count=len(locks),
                first=str(locks[0]),
            )
        )

    def named(self) -> list[Lock]:
        """Return the locks whose buildings and grids are there; note the others."""
        ground, gone = self.ground, self.ground.vanished
        lost = [
            k for k in self.locks if any(b in gone for b in k.buildings if b not in self.row_of)
        ]
        strange = [
            k for k in self.locks
            if any(b not in self.row_of and b not in gone for b in k.buildings)
        ]  # fmt: skip
        unknown = [k for k in self.locks if any(g not in ground.grids for g in k.grids)]
        empty = [
            k for k in self.locks
            if k.kind in ("grid", "border")
            and any(g in ground.grids and g not in self.rows_in for g in k.grids)
        ]  # fmt: skip
        self.tell("lock-building-vanished", lost,
                  ("names a building that is no longer there",
                   "name buildings that are no longer there"), "take it out")  # fmt: skip
        self.tell("lock-building-unknown", strange,
                  ("names a building that is not there", "name buildings that are not there"),
                  "correct the id, or take the row out")  # fmt: skip
        self.tell("lock-grid-unknown", unknown,
                  ("names a grid that the old plan has not",
                   "name grids that the old plan has not"),
                  "correct the id; grids are called as in the old plan")  # fmt: skip
        self.tell("lock-grid-empty", empty,
                  ("names an old grid of which no building is left",
                   "name old grids of which no building is left"), "take it out")  # fmt: skip
        bad = {*lost, *strange, *unknown, *empty}
        return [lock for lock in self.locks if lock not in bad]
