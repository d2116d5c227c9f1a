"""Which counts of grids may be published: none small, and none that would give one away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

Array = np.ndarray[Any, Any]

# A count below it is not shown; and what is not shown may not be known to less than that.
SMALL = 10
# With more unknowns the linear programs take too long: then they all count as given away.
_MOST_PIECES = 600
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Earlier:
    """What an earlier publication told: the grid of each building, and counts by grid.

    ``grid_of``: earlier grid by building id. ``counts``: households and population by earlier
    grid, those that were published only.
    """

    grid_of: Mapping[str, str]
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Sets of buildings that share their grid now and before: what an attacker may solve for.

    ``counts``: int64 (p, 2), households and people; ``now`` and ``community`` int64 (p,);
    ``before`` int64 (p,), -1 where an earlier map tells nothing. ``tender``: those that may not
    become known: small ones, and single buildings.
    """

    counts: Array
    now: Array
    before: Array
    community: Array
    tender: Array


def hidden_grids(
    grids: Array,
    counts: Array,
    *,
    communities: Array,
    ids: Sequence[str] = (),
    earlier: Earlier | None = None,
) -> set[str]:
    """Return the grids whose counts may not be published, households and people alike.

    Hidden are grids of under 10 households or people and grids of one building. Then grids are
    added, the smallest first, until nobody who knows all that is published, the total of every
    community, and what ``earlier`` told can tell any of these, or any small set of buildings or
    single building that changed its grid since, to less than 10. What can be told is computed by
    linear programs: the least and the most that a set may hold.

    Args:
        grids: the grid of each building, object (n,) of text.
        counts: households and population of each building, int64 (n, 2).
        communities: object (n,) of text.
        ids: the id of each building, needed with ``earlier``.
        earlier: what was published before; it is taken to hold for today's buildings.
    """
    names, now = np.unique(grids, return_inverse=True)
    places, community = np.unique(communities, return_inverse=True)
    before = np.full(len(grids), -1, dtype=np.int64)
    if earlier is not None:
        known = {name: row for row, name in enumerate(sorted(earlier.counts))}
        before = np.array([known.get(earlier.grid_of.get(i, ""), -1) for i in ids], dtype=np.int64)
    sums = np.zeros((len(names), 2), dtype=np.int64)
    np.add.at(sums, now, counts)
    size = np.bincount(now, minlength=len(names))
    hidden = (sums.min(axis=1) < SMALL) | (size < 2)
    for place in range(len(places)):
        rows = np.flatnonzero(community == place)
        pieces = _pieces(counts[rows], now[rows], before[rows], community[rows])
        _hide_more(pieces, sums, hidden)
    return set(names[hidden].tolist())


def _pieces(counts: Array, now: Array, before: Array, community: Array) -> _Pieces:
    keys, of = np.unique(np.column_stack([now, before]), axis=0, return_inverse=True)
    of = of.ravel()
    sums = np.zeros((len(keys), 2), dtype=np.int64)
    np.add.at(sums, of, counts)
    size = np.bincount(of, minlength=len(keys))
    tender = (sums.min(axis=1) < SMALL) | (size < 2)
    return _Pieces(sums, keys[:, 0], keys[:, 1], np.repeat(community[:1], len(keys)), tender)


def _hide_more(pieces: _Pieces, sums: Array, hidden: Array) -> None:
    """Hide grids of one community, in place, until every tender piece is safe."""
    own = np.unique(pieces.now)
    added: list[int] = []
    while (exposed := _exposed(pieces, hidden)).any():
        open_grids = own[~hidden[own]]
        if not len(open_grids):
            return  # nothing is published of this community any more
        # all grids the exposed pieces lie in or came from at once, else the smallest
        more = np.intersect1d(open_grids, _around(pieces, exposed))
        if not len(more):
            more = open_grids[np.lexsort((open_grids, sums[open_grids, 0]))][:1]
        hidden[more] = True
        added += more.tolist()
    for grid in sorted(added, key=lambda g: (-sums[g, 0], g)):
        hidden[grid] = False  # was it needed in the end?
        if _exposed(pieces, hidden, first=True).any():
            hidden[grid] = True


def _around(pieces: _Pieces, exposed: Array) -> Array:
    """Return the grids of today that share an earlier or a present grid with exposed pieces."""
    olds = np.unique(pieces.before[exposed & (pieces.before >= 0)])
    return np.unique(pieces.now[exposed | np.isin(pieces.before, olds)])


def _exposed(pieces: _Pieces, hidden: Array, *, first: bool = False) -> Array:
    """Return which tender pieces what is published pins down to less than 10, bool (p,).

    With ``first`` only whether there are any is certain.
    """
    count = len(pieces.now)
    told = ~hidden[pieces.now]
    sets = [_incidence(pieces.now, told), _incidence(pieces.before, pieces.before >= 0)]
    # the total of the community is known to many, published or not
    sets.append(scipy.sparse.csr_array(np.ones((1, count))))
    known = scipy.sparse.vstack(sets, format="csr")
    sure = _solved(known)
    out = pieces.tender & sure
    open_pieces = np.flatnonzero(~sure)
    if len(open_pieces) > _MOST_PIECES:
        return out | pieces.tender
    left = known[:, open_pieces]
    left = left[np.diff(left.indptr) > 0]
    for at in np.flatnonzero(pieces.tender[open_pieces]).tolist():
        if first and out.any():
            break
        truth = pieces.counts[open_pieces]
        out[open_pieces[at]] = any(_width(left, truth[:, k], at) < SMALL for k in (0, 1))
    return out


def _incidence(of: Array, used: Array) -> Any:
    """Return which sums (rows) hold which pieces, one row a value of ``of`` among ``used``."""
    columns = np.flatnonzero(used)
    values, rows = np.unique(of[columns], return_inverse=True)
    shape = (len(values), len(of))
    return scipy.sparse.csr_array((np.ones(len(columns)), (rows.ravel(), columns)), shape=shape)


def _solved(known: Any) -> Array:
    """Return which pieces follow one after another from sums with one unknown left, bool (p,)."""
    sure = np.zeros(known.shape[1], dtype=bool)
    while True:
        unknown = known @ (~sure).astype(float)
        single = known[unknown == 1].tocoo()
        new = np.zeros(len(sure), dtype=bool)
        new[single.col] = True
        if not (new & ~sure).any():
            return sure
        sure |= new


def _width(known: Any, truth: Array, piece: int) -> float:
    """Return how far apart the least and the most are that a piece may hold."""
    goal = np.zeros(len(truth))
    goal[piece] = 1.0
    sums = known @ truth.astype(float)
    ends = []
    for sign in (1.0, -1.0):
        done = scipy.optimize.linprog(
            sign * goal, A_eq=known, b_eq=sums, bounds=(0, None), method="highs"
        )
        if done.status == 3:  # unbounded: nothing is known
            return float("inf")
        ends.append(float(done.fun) * sign)
    return ends[1] - ends[0] + _ROUNDING
