"""Which grid of a later plan carries on which grid of an earlier one: the most they can share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, hstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Overlap:
    """What two divisions of the same buildings have in common, pair by pair of their grids.

    ``before`` and ``after``: ids, object (p,), each pair once and sharing a building at least.
    ``households`` and ``buildings``: int64 (p,), what they share. ``carried``: bool (p,), whether
    the grid of ``after`` carries on that of ``before``: each grid is in one such pair at most.
    """

    before: Array
    after: Array
    households: Array
    buildings: Array
    carried: Array

    def heirs(self) -> dict[str, str]:
        """Return the grid that carries on each grid, by the id before; no entry for one gone."""
        kept = np.flatnonzero(self.carried)
        return {str(self.before[row]): str(self.after[row]) for row in kept}


def match_grids(before: Array, after: Array, households: Array) -> Overlap:
    """Find the grids that carry on others so that the fewest households change theirs.

    An assignment problem over the grids that share a building. What counts is households that
    stay; of equals, buildings that stay; of equals, grids that keep their id. Ids alone make no
    grids the same. Where even that leaves a choice the order of the buildings makes it, never a
    grid's name.

    Args:
        before: the grid of each building in the earlier plan, object (n,) of text, "" for none.
        after: the same in the later one.
        households: of each building, int64 (n,), 0 or more.
    """
    held = np.flatnonzero((before != "") & (after != ""))
    old_ids, old = _numbered(before[held])
    new_ids, new = _numbered(after[held])
    pairs, of = np.unique(np.column_stack([old, new]).reshape(-1, 2), axis=0, return_inverse=True)
    mass = np.zeros(len(pairs), np.int64)
    np.add.at(mass, of.ravel(), households[held].astype(np.int64))
    count = np.bincount(of.ravel(), minlength=len(pairs)).astype(np.int64)
    names = old_ids[pairs[:, 0]], new_ids[pairs[:, 1]]
    same = (names[0] == names[1]).astype(np.int64)
    carried = _assigned(pairs, mass, count, same=same) if len(pairs) else np.zeros(0, bool)
    return Overlap(*names, households=mass, buildings=count, carried=carried)


def _numbered(names: Array) -> tuple[Array, Array]:
    """Return the names in the order they are met, and the number of each row, int64 (n,)."""
    ids, first, of = np.unique(names.astype(str), return_index=True, return_inverse=True)
    place = np.empty(len(ids), np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(ids))
    ordered = np.empty(len(ids), dtype=object)
    ordered[place] = ids
    return ordered, place[of.ravel()]


def _assigned(pairs: Array, mass: Array, count: Array, *, same: Array) -> Array:
    """Return which pairs are chosen: no grid twice, most mass, then count, then same ids.

    Every grid of before may also stay alone, for which it has a column of its own: so the sparse
    solver, which wants all of them paired, always finds an answer.
    """
    olds, news = (int(side.max()) + 1 for side in pairs.T)
    most = min(olds, news)
    # One number says all three: each counts more than the lesser ones in all pairs together.
    worth = (mass * (int(count.sum()) + 1) + count) * (most + 1) + same
    # SciPy takes 0 for no edge: all are raised by 1, which changes no comparison, since each
    # grid of before is in one chosen pair exactly, be it the one with its own column.
    real = coo_array((worth + 1.0, (pairs[:, 0], pairs[:, 1])), shape=(olds, news))
    alone = coo_array((np.ones(olds), (np.arange(olds), np.arange(olds))), shape=(olds, olds))
    graph = hstack([real, alone], format="csr")
    chosen = np.full(olds, -1, np.int64)
    rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
    chosen[rows] = columns
    return np.asarray(chosen[pairs[:, 0]] == pairs[:, 1], dtype=np.bool_)
