"""The linear relaxation of the cover, solved by pricing over an explicit pool of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix, hstack

from .backends import INF, LinearProgram, LpAnswer
from .columns import Columns
from .problem import VIOLATION_UNIT, Budget, FloatArray, IntArray
from .rank1 import Cuts, reduce_with_cuts

TOLERANCE = 1e-7  # a reduced cost above -TOLERANCE counts as none
PER_NODE = 4  # how many priced columns one node may bring into the master a round
LEVEL_SCALE = 1e3  # the level row in thousands: HiGHS' tolerance stays far below a millionth


@njit(cache=True)
def spread(start, member, order, per_node, n):  # fmt: skip
    """Return the first of ``order`` such that no node brings more than ``per_node`` groups."""
    used = np.zeros(n, np.int64)
    kept = np.empty(len(order), np.int64)
    count = 0
    for j in order:
        fresh = False
        for e in range(start[j], start[j + 1]):
            if used[member[e]] < per_node:
                fresh = True
                break
        if fresh:
            for e in range(start[j], start[j + 1]):
                used[member[e]] += 1
            kept[count] = j
            count += 1
    return kept[:count]


@njit(cache=True)
def _least_by_root(start, member, reduced, n):  # fmt: skip
    """Return per node the least reduced cost (at most 0) of the groups whose first node it is."""
    least = np.zeros(n)
    for j in range(len(reduced)):
        root = member[start[j]]
        least[root] = min(least[root], reduced[j])
    return least


@dataclass(frozen=True)
class Aim:
    """What an LP lowers, and what it may not exceed.

    Value of a column = ``violation`` x violation + ``moved`` x households moved + ``cost`` x cost.
    ``level`` (millionths) caps the total violation, ``most_moved`` the households; None: no cap.
    """

    violation: float = 0.0
    moved: float = 0.0
    cost: float = 0.0
    level: int | None = None
    most_moved: int | None = None

    def values(self, columns: Columns) -> FloatArray:
        """Return the value of every column, float64 (c,)."""
        out = self.violation * columns.violation / VIOLATION_UNIT + self.cost * columns.cost
        if self.moved and columns.moved is not None:
            out = out + self.moved * columns.moved
        return np.asarray(out, float)

    @property
    def tops(self) -> FloatArray:
        """What the capped figures may come to."""
        tops = [] if self.level is None else [self.level / VIOLATION_UNIT * LEVEL_SCALE]
        return np.array(tops if self.most_moved is None else [*tops, float(self.most_moved)])

    def shares(self, columns: Columns) -> FloatArray:
        """Return what every column takes of the tops, float64 (c, caps)."""
        out = []
        if self.level is not None:
            out.append(columns.violation / VIOLATION_UNIT * LEVEL_SCALE)
        if self.most_moved is not None:
            out.append(np.asarray(columns.moved, float))
        return np.column_stack(out) if out else np.zeros((len(columns), 0))


class Master:
    """Choose columns of a pool that cover every node once, at least value, as an LP.

    ``bound`` is a valid lower bound over the pool at any moment; ``price``, ``cap_price`` and
    ``cut_price`` are the duals that gave it, ``reduced`` the reduced costs under them.
    """

    def __init__(self, pool: Columns, n: int, aim: Aim, *, first: IntArray | None = None) -> None:
        self.pool, self.n, self.aim = pool, n, aim
        self.tops = aim.tops
        ones = np.ones(n)
        self._lp = LinearProgram(ones, ones)
        for top in self.tops:
            self._lp.add_row(-INF, top, np.zeros(0, np.int64), np.zeros(0))
        self.cuts = Cuts()
        self.inside = np.zeros(0, np.int64)
        self._has = np.zeros(len(pool), np.bool_)
        self.bound = -np.inf
        self.price: FloatArray = np.zeros(n)
        self.cap_price: FloatArray = np.zeros(len(self.tops))
        self.cut_price: FloatArray = np.zeros(0)
        self.values = aim.values(pool)
        self.reduced: FloatArray = self.values
        singles = np.flatnonzero(np.diff(pool.start) == 1)
        self._add(np.union1d(singles, first) if first is not None else singles)
        self._add(self._cheapest())

    def _cheapest(self) -> IntArray:
        """Return a few columns per node that cost least per node: something to start from."""
        per = self.values / np.diff(self.pool.start)
        order = np.argsort(per, kind="stable")[: 40 * self.n]
        few: IntArray = spread(self.pool.start, self.pool.member, order, PER_NODE, self.n)
        return few

    def _add(self, which: IntArray) -> None:
        which = which[~self._has[which]]
        if not len(which):
            return
        part = self.pool.take(which)
        ones = np.ones(len(part.member))
        rows = [csr_matrix((ones, part.member, part.start), shape=(len(part), self.n))]
        if len(self.tops):
            rows.append(csr_matrix(self.aim.shares(part)))
        if len(self.cuts):
            rows.append(self.cuts.coefficients(part, self.n))
        table = hstack(rows, format="csr") if len(rows) > 1 else rows[0]
        self._lp.add_columns(
            self.values[which], table.indptr, table.indices, table.data.astype(np.float64)
        )
        self.inside = np.concatenate([self.inside, which])
        self._has[which] = True

    def grow(self, more: Columns) -> bool:
        """Take the columns of ``more`` that are new into pool and master; return if any were."""
        new = ~np.isin(more.keys(self.n), self.pool.keys(self.n))
        if not new.any():
            return False
        more = more.take(np.flatnonzero(new))
        old = len(self.pool)
        self.pool = self.pool.with_more(more)
        self.values = self.aim.values(self.pool)
        self._has = np.concatenate([self._has, np.zeros(len(more), np.bool_)])
        self.bound = -np.inf  # what was proved over the smaller pool holds no more
        self.reduced = self.reduce(self.pool)
        self._add(np.arange(old, len(self.pool)))
        return True

    def cut(self, more: Cuts) -> None:
        """Add cuts as rows."""
        table = more.coefficients(self.pool.take(self.inside), self.n).tocsc()
        for k in range(len(more)):
            at = slice(table.indptr[k], table.indptr[k + 1])
            held, value = table.indices[at], table.data[at].astype(np.float64)
            self._lp.add_row(-INF, float(more.most[k]), held.astype(np.int64), value)
        self.cuts = self.cuts.with_more(more)
        self.cut_price = np.concatenate([self.cut_price, np.zeros(len(more))])

    @property
    def level_weight(self) -> float:
        """What a unit of violation costs under the dual of its cap, at most 0."""
        return 0.0 if self.aim.level is None else float(self.cap_price[0]) * LEVEL_SCALE

    def reduce(self, columns: Columns) -> FloatArray:
        """Return the reduced costs of any columns under the duals of the bound."""
        return self._reduce(columns, self.price, self.cap_price, self.cut_price)

    def _reduce(
        self, columns: Columns, price: FloatArray, cap_price: FloatArray, cut_price: FloatArray
    ) -> FloatArray:
        value = self.values if columns is self.pool else self.aim.values(columns)
        if len(self.tops):
            value = value - self.aim.shares(columns) @ cap_price
        out = np.empty(len(value))
        reduce_with_cuts(
            columns.start, columns.member, value, price, *self.cuts.by_node(self.n), cut_price,
            self.cuts.divisor, out,
        )  # fmt: skip
        return out

    def solve(self, budget: Budget, *, free: np.ndarray | None = None) -> LpAnswer | None:
        """Price until no column of the pool improves, or the budget is over.

        ``free`` (bool (n,)) keeps columns that touch other nodes out, for dives; the bound is
        then left as it is. Returns None where the rows cannot be met.
        """
        fixed = self.n + len(self.tops)
        while True:
            answer = self._lp.solve()
            if answer is None:
                return None
            price = answer.dual[: self.n]
            cap_price = np.minimum(answer.dual[self.n : fixed], 0.0)
            cut_price = np.minimum(answer.dual[fixed:], 0.0)
            if free is None:
                reduced = self._reduce(self.pool, price, cap_price, cut_price)
                self._note_bound(price, cap_price, cut_price, reduced)
            else:
                shut = np.where(free, price, -1e12)
                reduced = self._reduce(self.pool, shut, cap_price, cut_price)
            candidates = np.flatnonzero((reduced < -TOLERANCE) & ~self._has)
            if not len(candidates) or budget.over():
                return answer
            order = candidates[np.argsort(reduced[candidates], kind="stable")]
            self._add(spread(self.pool.start, self.pool.member, order, PER_NODE, self.n))

    def _note_bound(
        self, price: FloatArray, cap_price: FloatArray, cut_price: FloatArray, reduced: FloatArray
    ) -> None:
        """Keep the best Lagrangian bound: duals times rows, and the least column of every root."""
        least = _least_by_root(self.pool.start, self.pool.member, reduced, self.n)
        rows = price.sum() + (cut_price * self.cuts.most).sum() + cap_price @ self.tops
        bound = float(rows + least.sum())
        if bound > self.bound:
            self.bound, self.reduced = bound, reduced
            self.price, self.cap_price = price.copy(), cap_price.copy()
            self.cut_price = cut_price.copy()

    def hold_over(self, columns: Columns) -> None:
        """Lower the bound to what its duals prove over more columns."""
        least = _least_by_root(columns.start, columns.member, self.reduce(columns), self.n)
        rows = self.price.sum() + (self.cut_price * self.cuts.most).sum()
        rows += self.cap_price @ self.tops
        self.bound = min(self.bound, float(rows + least.sum()))

    def fix(self, position: int) -> None:
        """Demand the master's column at ``position``."""
        self._lp.set_bounds(position, 1.0, INF)

    def unfix(self, position: int) -> None:
        """Take a demand back."""
        self._lp.set_bounds(position, 0.0, INF)
