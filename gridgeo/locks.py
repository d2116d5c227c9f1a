"""Locks against a town: what they forbid, which cannot hold, and which did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist

from .errors import Finding, InputError, Severity
from .intake.telling import error
from .keeping import Keep, Lock
from .limits import LimitBook, Limits
from .model import Buildings
from .wording import count, some

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Ground:
    """What locks are held against; arrays have a row a building of the town.

    ``was``: object, the old grid of a building, "" for a new one. ``kinds``: object of text.
    ``alone``: int64, the exclusive grid of a building, -1 for none. ``edges``: int64 (m, 2).
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

    def limits_of(self, row: int) -> Limits | None:
        """Return the limits of a grid of the kind of a building."""
        return self.book.limits_of(str(self.buildings.communities[row]), str(self.kinds[row]))

    def pieces(self, kept: Array) -> Array:
        """Return the connected piece of every building among ``kept``, bool (n,); int64 (n,)."""
        n = len(kept)
        inside = self.edges[kept[self.edges].all(axis=1)].reshape(-1, 2)
        ones = np.ones(len(inside), np.int8)
        graph = coo_array((ones, (inside[:, 0], inside[:, 1])), shape=(n, n))
        return np.asarray(connected_components(graph, directed=False)[1])


@dataclass
class _Settler:
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


def settle_locks(ground: Ground, locks: Sequence[Lock]) -> tuple[Keep, list[Finding]]:
    """Return what a redraw keeps under these locks, and what should be told of them.

    Raises:
        InputError: every lock that cannot hold: of a building or grid that is not there, one that
            contradicts others, or the ground, or the size of a building.
    """
    settler = _Settler(ground, locks)
    known = settler.named()
    frozen = _frozen(settler, [lock for lock in known if lock.kind == "grid"])
    sets = _sets(settler, known, frozen)
    if settler.faults:
        raise InputError(settler.faults)
    numbers = {grid: k for k, grid in enumerate(sorted(settler.rows_in.keys() | _tied(known)))}
    old = np.array([numbers.get(grid, -1) for grid in ground.was.tolist()], np.int64)
    pinned = np.full(len(old), -1, np.int64)
    ice = np.full(len(old), -1, np.int64)
    for grid in frozen:
        ice[settler.rows_in[grid]] = numbers[grid]
    together = []
    for one in sets:
        rows = [row for row in one.rows if ice[row] < 0]
        together += list(pairwise(rows))
        if one.grid and rows:
            pinned[rows] = numbers[one.grid]
    old = np.where(pinned >= 0, pinned, old)
    keep = Keep(
        old=old,
        pinned=pinned,
        frozen=ice,
        together=_pairs(together),
        apart=_pairs(_apart(settler, known, sets, ice)),
        rule=f"over plans that keep {count(len(locks), 'lock')}" if locks else "",
        names=tuple(numbers),
    )
    return keep, _told(ground, settler, sets, frozen)


@dataclass(frozen=True)
class _Set:
    """Buildings that share a grid, by the locks that say so; ``grid``: "" for any."""

    rows: tuple[int, ...]
    locks: tuple[Lock, ...]
    grid: str = ""


def _tied(locks: Sequence[Lock]) -> set[str]:
    return {lock.b for lock in locks if lock.kind == "building"}


def _pairs(pairs: Iterable[tuple[int, int]]) -> Array:
    held = sorted({(min(pair), max(pair)) for pair in pairs})
    return np.array(held, np.int64).reshape(-1, 2)


def _frozen(settler: _Settler, locks: Sequence[Lock]) -> dict[str, Lock]:
    """Return the grids to be left as they are; note those that cannot stand as they are."""
    ground, out = settler.ground, {}
    for lock in locks:
        rows = np.array(settler.rows_in[lock.a])
        mine = np.zeros(len(ground.was), np.bool_)
        mine[rows] = True
        towns = {str(name) for name in ground.buildings.communities[rows]}
        limits = ground.limits_of(int(rows[0]))
        over = [] if limits is None else _over(ground, rows, limits)
        if len(towns) > 1:
            settler.contradict([lock], f"its buildings lie in {some(sorted(towns))} now")
        elif len(np.unique(ground.pieces(mine)[rows])) > 1:
            settler.contradict([lock], "its buildings do not hold together now")
        elif (ground.alone[rows] >= 0).any() and len(np.unique(ground.alone[rows])) > 1:
            settler.contradict([lock], "it holds buildings of an exclusive kind and others")
        elif over and len(rows) > 1:
            settler.contradict(
                [lock], f"building {over[0]} is more than a grid may hold now and stands alone"
            )
        elif limits is not None and limits.max_span_m is not None and len(rows) > 1:
            span_m = float(pdist(ground.buildings.xy[rows]).max())
            if span_m > limits.max_span_m:
                settler.contradict(
                    [lock],
                    f"it is {span_m:,.0f} m wide, and {limits.max_span_m:,.0f} m are allowed",
                )
            else:
                out[lock.a] = lock
        else:
            out[lock.a] = lock
    return out


def _over(ground: Ground, rows: Array, limits: Limits) -> list[str]:
    """Return the buildings that are more than a grid may hold by themselves."""
    b = ground.buildings
    most = (b.households[rows] > limits.households.high) | (
        b.population[rows] > limits.population.high
    )
    return [str(name) for name in b.ids[rows[most]]]


def _sets(settler: _Settler, locks: Sequence[Lock], frozen: Mapping[str, Lock]) -> list[_Set]:
    """Join buildings that locks hold together; note what contradicts it."""
    ground = settler.ground
    ties = [lock for lock in locks if lock.kind in ("together", "building")]
    names = sorted({name for lock in ties for name in lock.buildings})
    grids = sorted(_tied(locks))
    place = {("building", name): k for k, name in enumerate(names)}
    place |= {("grid", name): len(names) + k for k, name in enumerate(grids)}
    ends = [
        (place["building", k.a],
         place["grid", k.b] if k.kind == "building" else place["building", k.b])
        for k in ties
    ]  # fmt: skip
    tails, heads = np.array(ends, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(ends)), (tails, heads)), shape=(len(place), len(place)))
    label = connected_components(graph, directed=False)[1]
    out = []
    for group in np.unique(label):
        own = [name for name, k in zip(names, label[: len(names)], strict=True) if k == group]
        tied = [name for name, k in zip(grids, label[len(names) :], strict=True) if k == group]
        mine = [lock for lock in ties if lock.a in own]
        one = _Set(tuple(settler.row_of[name] for name in own), tuple(mine), (*tied, "")[0])
        if len(tied) > 1:
            settler.contradict(mine, f"they would make one grid of {some(tied)}")
            continue
        _check_set(settler, one, locks, frozen)
        out.append(one)
    held = {row: one for one in out for row in one.rows}
    for lock in (k for k in locks if k.kind == "apart"):
        a, b = (settler.row_of[name] for name in lock.buildings)
        if a in held and b in held[a].rows:
            settler.contradict([lock, *held[a].locks], "the others hold the two together")
        elif ground.was[a] == ground.was[b] and ground.was[a] in frozen:
            settler.contradict([lock, frozen[ground.was[a]]], "both are in that grid")
    return out


def _check_set(
    settler: _Settler, one: _Set, locks: Sequence[Lock], frozen: Mapping[str, Lock]
) -> None:
    """Note why the buildings of a set cannot share a grid."""
    ground, rows = settler.ground, np.array(one.rows)
    own, ids = list(one.locks), ground.buildings.ids
    were = {str(grid) for grid in ground.was[rows]}
    for grid in sorted((were | {one.grid}) & set(frozen)):
        outside = rows[ground.was[rows] != grid]
        if len(outside) or one.grid not in ("", grid):
            other = f"building {ids[outside[0]]} is not" if len(outside) else "the other is not"
            settler.contradict([*own, frozen[grid]], f"{other} in grid {grid}, which none enters")
            return
    for lock in (k for k in locks if k.kind == "border"):
        if {lock.a, lock.b} <= were | ({one.grid} if one.grid else set()):
            settler.contradict([*own, lock], f"a building would cross from {lock.a} to {lock.b}")
            return
    free = ~np.isin(ground.was.astype(str), list(frozen))
    pieces = ground.pieces(free)
    home = rows[:1]
    if one.grid in settler.rows_in and one.grid not in frozen:
        home = np.array(settler.rows_in[one.grid])
    towns = {str(name) for name in ground.buildings.communities[[*rows, *home]]}
    exclusive = np.unique(ground.alone[[*rows, *home]])
    if not set(were) <= set(frozen) and not np.isin(pieces[rows], pieces[home]).all():
        why = "no ground that buildings may be joined over lies between them"
        settler.contradict(
            own, f"{why}, but for grids that are left as they are" if frozen else why
        )
    elif len({str(name) for name in ground.buildings.communities[rows]}) > 1:
        settler.contradict(own, f"they lie in {some(sorted(towns))}, and no grid crosses")
    elif len(exclusive) > 1:
        settler.contradict(own, "some of them are of an exclusive kind and are a grid of their own")
    elif len(rows) > 1:
        limits = ground.limits_of(int(rows[0]))
        over = [] if limits is None else _over(ground, rows, limits)
        if over:
            said = f"building {over[0]} is more than a grid may hold and stands alone"
            settler.contradict(own, said)
        elif limits is not None and limits.max_span_m is not None:
            span_m = float(pdist(ground.buildings.xy[rows]).max())
            if span_m > limits.max_span_m:
                most = f"{limits.max_span_m:,.0f} m"
                settler.contradict(own, f"they lie {span_m:,.0f} m apart, and a grid spans {most}")


def _apart(
    settler: _Settler, locks: Sequence[Lock], sets: Sequence[_Set], ice: Array
) -> list[tuple[int, int]]:
    """Return the pairs of buildings that may not share a grid; frozen ones share with none."""
    out = []
    for lock in locks:
        if lock.kind == "apart":
            out.append((settler.row_of[lock.a], settler.row_of[lock.b]))
        elif lock.kind == "border":
            sides = [[r for r in settler.rows_in[grid] if ice[r] < 0] for grid in lock.grids]
            out += [(a, b) for a in sides[0] for b in sides[1]]
    tied = [one.rows[0] for one in sets if one.grid and ice[one.rows[0]] < 0]
    out += list(combinations(tied, 2))
    return [pair for pair in out if ice[pair[0]] < 0 and ice[pair[1]] < 0]


def _told(
    ground: Ground, settler: _Settler, sets: Sequence[_Set], frozen: Mapping[str, Lock]
) -> list[Finding]:
    """Name the locks that by themselves keep a grid from the bands."""
    out = []
    for grid, lock in frozen.items():
        rows = np.array(settler.rows_in[grid])
        said = _outside(ground, rows, both=True)
        if said:
            out.append(
                _impossible(lock, f"grid {grid} has {said}", "Take it out, or waive the grid")
            )
    for one in sets:
        said = _outside(ground, np.array(one.rows), both=False)
        if said and not (set(ground.was[list(one.rows)]) & set(frozen)):
            names = some([str(lock) for lock in one.locks], between="; ")
            held = f"the buildings they hold together have {said}"
            out.append(_impossible(one.locks[0], held, "Take one of them out", names=names))
    return out


def _outside(ground: Ground, rows: Array, *, both: bool) -> str:
    """Return what buildings have too much of for a grid, and with ``both`` also too little."""
    limits = ground.limits_of(int(rows[0]))
    if limits is None:
        return ""
    b, said = ground.buildings, []
    for noun, band, figures in (
        ("household", limits.households, b.households),
        ("person", limits.population, b.population),
    ):
        total = int(figures[rows].sum())
        if total > band.high:
            said.append(f"{count(total, noun)}, {total - band.high:,} over {band.high:,}")
        elif both and total < band.low:
            said.append(f"{count(total, noun)}, {band.low - total:,} under {band.low:,}")
    return " and ".join(said)


def _impossible(lock: Lock, why: str, fix: str, *, names: str = "") -> Finding:
    said = f"Within the bands a lock cannot hold ({names or lock}): {why}"
    return Finding("lock-against-bands", Severity.WARNING, said, fix, 1, str(lock))


def broken_locks(
    locks: Sequence[Lock], ids: Array, was: Array, grids: Array, carries: Array
) -> list[Lock]:
    """Return the locks that do not hold in a plan.

    All object (n,): ``ids`` of buildings, ``was`` their old grids, ``grids`` their new ones in
    whatever words, ``carries`` the old grid that the new one carries on, "" for none.
    """
    row_of = {str(name): row for row, name in enumerate(ids)}
    mates: dict[Any, set[str]] = {}
    for grid, old in zip(grids.tolist(), was.tolist(), strict=True):
        mates.setdefault(grid, set()).add(old)
    out = []
    for lock in locks:
        if lock.kind == "building":
            holds = carries[row_of[lock.a]] == lock.b
        elif lock.kind == "grid":
            mine = was == lock.a
            held = set(grids[mine].tolist())
            holds = len(held) == 1 and mates[held.pop()] == {lock.a}
        elif lock.kind == "border":
            holds = not any({lock.a, lock.b} <= olds for olds in mates.values())
        else:
            a, b = (grids[row_of[name]] for name in lock.buildings)
            holds = (a == b) == (lock.kind == "together")
        if not holds:
            out.append(lock)
    return out
