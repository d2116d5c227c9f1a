"""Pockets of a kind that cannot be grids of their own: with which neighbours they share one.

A plan is changed only here and there, each time for less violation in all, every grid being
judged by the limits of the kind that most of its households are of. Original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist

from .kinds import main_kinds
from .limits import Band, Limits
from .wording import count

Array = np.ndarray[Any, Any]

# Tries in all, so that an end is in sight whatever the town: so many, and so many a pocket.
_TRIES, _TRIES_EACH = 40, 12


@dataclass(frozen=True, eq=False)
class Ground:
    """The buildings of a community that may share grids, row i always the same one.

    ``kind``: int64 (n,), numbers in ``names`` and ``limits``. ``edges``: int64 (m, 2), contacts
    between any two of them; ``border_m``: float64 (m,), their length.
    """

    households: Array
    population: Array
    xy: Array
    kind: Array
    edges: Array
    border_m: Array
    names: list[str]
    limits: list[Limits]


@dataclass(frozen=True, eq=False)
class Ask:
    """A few grids to be divided anew: rows of the ground, under limits of one kind.

    ``whole``: int64, a label a row; rows with the same one stay together. ``pocket``: bool, the
    rows that should be cut as little as can be, () for none.
    """

    rows: Array
    limits: Limits
    whole: Array
    pocket: Array


# Divides what is asked for: a label for every row, 0..g-1, None where time is over.
Divide = Callable[[Ask], "Array | None"]


@dataclass(frozen=True, eq=False)
class Pocket:
    """A grid that was out of band by itself and then shared one with others; rows of a ground.

    ``said``: how far it was out of band, in words.
    """

    rows: Array
    said: str


@dataclass(eq=False)
class _State:
    """The plan as it stands; grids are known by the label of their rows."""

    ground: Ground
    labels: Array
    kinds: dict[int, int] = field(default_factory=dict)
    violations: dict[int, Fraction] = field(default_factory=dict)
    rows: dict[int, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for grid in np.unique(self.labels).tolist():
            self._know(grid, np.flatnonzero(self.labels == grid))

    def _know(self, grid: int, rows: Array) -> None:
        verdict = judge(self.ground, rows)
        self.rows[grid], self.kinds[grid] = rows, verdict.kind
        self.violations[grid] = verdict.violation

    def replace(self, rows: Array, new: Array) -> None:
        """Put the rows of some whole grids into new ones."""
        for grid in np.unique(self.labels[rows]).tolist():
            del self.rows[grid], self.kinds[grid], self.violations[grid]
        first = int(self.labels.max()) + 1
        self.labels[rows] = first + new
        for grid in range(first, first + int(new.max()) + 1):
            self._know(grid, rows[new == grid - first])


@dataclass(frozen=True)
class Judged:
    """A grid's kind, and how far it is out of that kind's band.

    ``allowed``: whether its span is, and none of several buildings is over a limit.
    ``strangers``: its households of other kinds.
    """

    kind: int
    violation: Fraction
    allowed: bool
    strangers: int


def judge(ground: Ground, rows: Array) -> Judged:
    """Judge the grid of some rows by the limits of the kind of most of its households."""
    held, zero = ground.households[rows], np.zeros(len(rows), np.int64)
    kind = int(main_kinds(ground.kind[rows], zero, held, 1)[0])
    strangers = int(held[ground.kind[rows] != kind].sum())
    limits = ground.limits[kind]
    shares, allowed = Fraction(0), True
    for held, band in ((ground.households, limits.households),
                       (ground.population, limits.population)):  # fmt: skip
        shares += _outside(int(held[rows].sum()), band)
        allowed &= len(rows) == 1 or int(held[rows].max()) <= band.high
    if limits.max_span_m is not None and len(rows) > 1:
        allowed &= bool(pdist(ground.xy[rows]).max() <= limits.max_span_m)
    violation = shares + 1 if shares else shares
    return Judged(kind, violation, allowed, strangers)


def open_pockets(
    ground: Ground, labels: Array, divide: Divide, *, over: Callable[[], bool]
) -> tuple[Array, list[Pocket]]:
    """Let grids out of band share grids with neighbours of other kinds where that helps.

    ``labels``: int64 (n,), a plan whose grids are of one kind each. One grid out of band after
    another, the smallest first, is divided anew together with the grids of one kind around it:
    whole if it may be, else cut as little as can be. What comes of it is kept where the total
    violation falls, and of such answers the one that leaves the fewest households among another
    kind. Ends when none helps, or after a number of tries.
    """
    state = _State(ground, labels.copy())
    tried: set[bytes] = set()
    pockets: list[Pocket] = []
    outside = sum(v > 0 for v in state.violations.values())
    for _ in range(_TRIES + _TRIES_EACH * outside):
        grid = next((g for g in _worst(state) if _sign(state, g) not in tried), None)
        if grid is None or over():
            break
        pocket = Pocket(state.rows[grid], _said(state, grid))
        answer = _attempt(state, grid, divide, over)
        if answer is None:
            tried.add(_sign(state, grid))
        else:
            state.replace(*answer)
            pockets.append(pocket)
    return state.labels, pockets


def hosts_of(ground: Ground, labels: Array) -> Array:
    """Return the kind of the grid of every row, int64 (n,)."""
    grids, of = np.unique(labels, return_inverse=True)
    return main_kinds(ground.kind, of.ravel(), ground.households, len(grids))[of.ravel()]


def guest_units(ground: Ground, labels: Array) -> Array:
    """Return a label a row, int64 (n,): the same for guests of one kind joined within a grid."""
    n = len(labels)
    guest = ground.kind != hosts_of(ground, labels)
    a, b = ground.edges.T
    inside = guest[a] & guest[b] & (labels[a] == labels[b]) & (ground.kind[a] == ground.kind[b])
    return _joined(n, ground.edges[inside])


def _worst(state: _State) -> list[int]:
    """Return the grids out of band, those of the fewest households first."""
    bad = [grid for grid, violation in state.violations.items() if violation > 0]
    households = state.ground.households
    return sorted(bad, key=lambda g: (int(households[state.rows[g]].sum()), state.rows[g][0]))


def _sign(state: _State, grid: int) -> bytes:
    """Return a mark of a grid and all grids around it, to know what was tried in vain."""
    around = sorted(int(state.rows[g][0]) for g in _touching(state, state.rows[grid]))
    parts = [state.rows[grid], np.array([-1]), *(np.append(state.rows[state.labels[r]], -1)
             for r in around)]  # fmt: skip
    return np.concatenate(parts).astype(np.int64).tobytes()


def _touching(state: _State, rows: Array) -> dict[int, float]:
    """Return the grids that touch some rows, and how many metres."""
    ground = state.ground
    mine = np.zeros(len(ground.kind), np.bool_)
    mine[rows] = True
    ends = mine[ground.edges]
    out: dict[int, float] = {}
    for at in np.flatnonzero(ends[:, 0] != ends[:, 1]):
        other = int(ground.edges[at, 1] if ends[at, 0] else ground.edges[at, 0])
        grid = int(state.labels[other])
        out[grid] = out.get(grid, 0.0) + float(ground.border_m[at])
    return out


def _attempt(
    state: _State, grid: int, divide: Divide, over: Callable[[], bool]
) -> tuple[Array, Array] | None:
    """Return rows of grids and their new labels, the best found, None where nothing helps."""
    best: tuple[tuple[Fraction, Fraction, int, int], Array, Array] | None = None
    settled = 0  # how far one had to go for that
    for rank, (far, ask) in enumerate(_asks(state, grid)):
        if over() or (best is not None and best[0][1] == 0 and far > settled):
            break
        new = divide(ask)
        if new is None:
            continue
        before = np.unique(state.labels[ask.rows]).tolist()
        now = [judge(state.ground, ask.rows[new == g]) for g in range(int(new.max()) + 1)]
        if not all(one.allowed for one in now):
            continue
        was = sum((state.violations[g] for g in before), Fraction(0))
        left = sum((one.violation for one in now), Fraction(0))
        key = left - was, left, sum(one.strangers for one in now), rank
        if left < was and (best is None or key < best[0]):
            best, settled = (key, ask.rows, new), far
    return None if best is None else best[1:]


def _asks(state: _State, grid: int) -> Iterator[tuple[int, Ask]]:
    """Yield how far, and a question about a grid out of band and the grids of one kind around."""
    members = state.rows[grid]
    touching = _touching(state, members)
    metres: dict[int, float] = {}
    well: set[int] = set()  # kinds with a grid in band here
    for other, border_m in touching.items():
        kind = state.kinds[other]
        if kind != state.kinds[grid]:
            metres[kind] = metres.get(kind, 0.0) + border_m
            well |= {kind} if state.violations[other] == 0 else set()
    hosts = sorted(metres, key=lambda kind: (kind not in well, -metres[kind], kind))
    for far in (0, 1):
        for host in hosts:
            near = {g for g in touching if state.kinds[g] == host}
            ring = near | (_around(state, near, host) - {grid} if far else set())
            for unit in (True, False):
                if not far or ring != near:
                    yield from ((far, ask) for ask in _ask(state, members, ring, unit=unit))
    # at last whatever is near, whole or not
    ring = set(touching)
    for far in (2, 3):
        if any(state.kinds[g] != state.kinds[grid] for g in ring):
            asks = _ask(state, members, ring, unit=False, guests=False)
            yield from ((far, ask) for ask in asks)
        ring = (ring | _around(state, ring)) - {grid}


def _around(state: _State, grids: set[int], kind: int | None = None) -> set[int]:
    """Return the grids that touch some others, of a kind or of any."""
    if not grids:
        return set()
    rows = np.concatenate([state.rows[g] for g in sorted(grids)])
    return {g for g in _touching(state, rows) if kind in (None, state.kinds[g])}


def _ask(
    state: _State, members: Array, ring: set[int], *, unit: bool, guests: bool = True
) -> Iterator[Ask]:
    """Yield the question about some members and a ring of grids, under limits of each kind there.

    ``unit``: the members stay whole. ``guests``: so do those who were taken in before.
    """
    ground = state.ground
    rows = np.sort(np.concatenate([members, *(state.rows[g] for g in ring)]))
    pocket = np.isin(rows, members)
    whole = guest_units(ground, state.labels)[rows] if guests else rows.copy()
    if unit:
        whole[pocket] = whole[pocket][0]
    own = ground.limits[int(ground.kind[members[0]])]
    kinds = {state.kinds[g] for g in ring}
    for limits in dict.fromkeys([*(ground.limits[k] for k in sorted(kinds)), own]):
        fits = (
            int(ground.households[members].sum()) <= limits.households.high
            and int(ground.population[members].sum()) <= limits.population.high
        )
        if fits or not unit:
            yield Ask(rows, limits, whole, np.zeros(0, np.bool_) if unit else pocket)


def _joined(n: int, edges: Array) -> Array:
    graph = coo_array((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _outside(value: int, band: Band) -> Fraction:
    if value < band.low:
        return Fraction(band.low - value, band.low)
    return Fraction(max(0, value - band.high), max(band.high, 1))


def _said(state: _State, grid: int) -> str:
    """Return what a pocket holds and needs: "22 households where a grid needs 300 to 500"."""
    ground, rows = state.ground, state.rows[grid]
    limits = ground.limits[state.kinds[grid]]
    said = []
    for held, band, noun in ((ground.households, limits.households, "household"),
                             (ground.population, limits.population, "person")):  # fmt: skip
        value = int(held[rows].sum())
        if value not in band:
            said.append(f"{count(value, noun)} where a grid of theirs holds {band.low:,} to "
                        f"{band.high:,}")  # fmt: skip
    return " and ".join(said)
