"""Columns: groups of nodes as a pool, with what each costs and violates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .problem import FloatArray, IntArray

MOST_MOVED = 1 << 20  # households of a piece that may change owner


@dataclass(frozen=True, eq=False)
class Columns:
    """A pool of groups: group j holds ``member[start[j]:start[j + 1]]``, its root first.

    ``start``: int64 (c + 1,). ``member``: int32, nodes. ``cost``: float64 (c,).
    ``violation``: int64 (c,), millionths. ``moved``: int64 (c,), of a redraw the households that
    change owner, None where nothing is redrawn.
    """

    start: IntArray
    member: np.ndarray[Any, np.dtype[np.int32]]
    cost: FloatArray
    violation: IntArray
    moved: IntArray | None = None

    def __len__(self) -> int:
        return len(self.cost)

    def of(self, j: int) -> np.ndarray[Any, np.dtype[np.int32]]:
        """Return the nodes of group j."""
        return self.member[self.start[j] : self.start[j + 1]]

    def take(self, which: IntArray) -> Columns:
        """Return the pool of the groups ``which``, int64, in that order."""
        length = self.start[which + 1] - self.start[which]
        start = np.zeros(len(which) + 1, np.int64)
        np.cumsum(length, out=start[1:])
        at = np.repeat(self.start[which] - start[:-1], length) + np.arange(start[-1])
        moved = None if self.moved is None else self.moved[which]
        return Columns(start, self.member[at], self.cost[which], self.violation[which], moved)

    def with_more(self, more: Columns) -> Columns:
        """Return this pool followed by ``more``; what moves is known where it is of both."""
        moved = None
        if self.moved is not None and more.moved is not None:
            moved = np.concatenate([self.moved, more.moved])
        return Columns(
            np.concatenate([self.start, self.start[-1] + more.start[1:]]),
            np.concatenate([self.member, more.member]),
            np.concatenate([self.cost, more.cost]),
            np.concatenate([self.violation, more.violation]),
            moved,
        )

    def rank(self) -> IntArray:
        """Return what comes before the cost in one number: the violation, then what is moved."""
        if self.moved is None:
            return self.violation
        return self.violation * MOST_MOVED + self.moved

    def labels(self, chosen: IntArray, n: int) -> IntArray:
        """Return the group of every node under an exact cover ``chosen``, -1 where none."""
        out = np.full(n, -1, np.int64)
        for group, j in enumerate(chosen):
            out[self.of(int(j))] = group
        return out

    def prices(self, price: FloatArray) -> FloatArray:
        """Return the sum of node prices per group, float64 (c,)."""
        return np.add.reduceat(price[self.member], self.start[:-1]) if len(self) else np.zeros(0)

    @classmethod
    def of_groups(cls, labels: IntArray) -> Columns:
        """Return groups as columns without figures; nodes labelled -1 are left out."""
        nodes = np.flatnonzero(labels >= 0)
        order = nodes[np.argsort(labels[nodes], kind="stable")]
        _, first = np.unique(labels[order], return_index=True)
        start = np.append(first, len(order)).astype(np.int64)
        empty = np.zeros(len(first))
        return cls(start, order.astype(np.int32), empty, empty.astype(np.int64))

    def find(self, others: Columns, n: int) -> IntArray:
        """Return where groups of ``others`` stand in this pool; those not in it are left out."""
        keys = self.keys(n)
        order = np.argsort(keys, kind="stable")
        wanted = others.keys(n)
        at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        found = order[at]
        return np.unique(found[keys[found] == wanted])

    def keys(self, n: int) -> IntArray:
        """Return a number per group that is the same for the same set of nodes, int64 (c,)."""
        signs = np.random.default_rng(n).integers(1, 2**62, n, dtype=np.int64)
        return np.add.reduceat(signs[self.member], self.start[:-1]) if len(self) else signs[:0]
