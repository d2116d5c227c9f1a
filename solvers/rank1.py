"""Rank-1 Chvatal-Gomory cuts on three to five cover rows, found by local search.

Multiply the rows "every node once" of a few nodes by fractions, add them up and round down:
sum over columns of floor(sum of multipliers of its nodes) <= floor(sum of multipliers). The
multiplier vectors are those of Pecin, Pessoa, Poggi, Uchoa and Santos (Operations Research
Letters 45, 2017), table of facets for up to five rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit, prange
from scipy.sparse import csr_matrix

from .columns import Columns
from .problem import FloatArray, IntArray

MOST_ROWS = 5
# (numerators, denominator)
MULTIPLIERS = (
    ((1, 1, 1), 2),
    ((2, 1, 1, 1), 3),
    ((1, 1, 1, 1, 1), 2),
    ((1, 1, 1, 1, 1), 3),
    ((2, 2, 1, 1, 1), 3),
    ((2, 2, 1, 1, 1), 4),
    ((3, 1, 1, 1, 1), 4),
    ((3, 3, 2, 2, 1), 4),
    ((3, 2, 2, 1, 1), 5),
)
STARTS = 3  # local searches per node and vector
LEAST_EXCESS = 0.02  # a cut violated by less is not worth a row
MOST_A_ROUND = 300
MOST_A_NODE = 6


@dataclass(frozen=True, eq=False)
class Cuts:
    """Cuts: ``node`` (-1 pads) and ``factor``, int64 (k, 5); ``divisor`` and ``most``, (k,)."""

    node: IntArray = field(default_factory=lambda: np.zeros((0, MOST_ROWS), np.int64))
    factor: IntArray = field(default_factory=lambda: np.zeros((0, MOST_ROWS), np.int64))
    divisor: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    most: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.divisor)

    def with_more(self, more: Cuts) -> Cuts:
        """Return these cuts followed by ``more``."""
        return Cuts(
            np.concatenate([self.node, more.node]),
            np.concatenate([self.factor, more.factor]),
            np.concatenate([self.divisor, more.divisor]),
            np.concatenate([self.most, more.most]),
        )

    def coefficients(self, columns: Columns, n: int) -> csr_matrix:
        """Return the coefficient of every column in every cut, (c, k), sparse."""
        used = self.node >= 0
        cut = np.repeat(np.arange(len(self)), used.sum(axis=1))
        rows = csr_matrix((self.factor[used], (self.node[used], cut)), shape=(n, len(self)))
        ones = np.ones(len(columns.member), np.int64)
        held = csr_matrix((ones, columns.member, columns.start), shape=(len(columns), n))
        sums = (held @ rows).tocsr()
        sums.sort_indices()
        sums.data = sums.data // self.divisor[sums.indices]
        sums.eliminate_zeros()
        return sums

    def by_node(self, n: int) -> tuple[IntArray, IntArray, IntArray]:
        """Return start (n + 1,), cut and factor: the cuts each node takes part in."""
        used = self.node >= 0
        cut = np.repeat(np.arange(len(self)), used.sum(axis=1))
        node, factor = self.node[used], self.factor[used]
        order = np.lexsort((cut, node))
        start = np.searchsorted(node[order], np.arange(n + 1))
        return start.astype(np.int64), cut[order], factor[order]


@njit(cache=True, parallel=True)
def reduce_with_cuts(
    start, member, value, price, cut_start, cut_of, factor_of, dual, divisor, out
):  # fmt: skip
    """Write ``value`` less node prices and cut duals for every group; duals are at most 0."""
    lanes = 8
    groups = len(value)
    for lane in prange(lanes):
        count = np.zeros(len(dual), np.int64)
        for j in range(lane * groups // lanes, (lane + 1) * groups // lanes):
            left = value[j]
            for e in range(start[j], start[j + 1]):
                node = member[e]
                left -= price[node]
                for q in range(cut_start[node], cut_start[node + 1]):
                    count[cut_of[q]] += factor_of[q]
            for e in range(start[j], start[j + 1]):
                node = member[e]
                for q in range(cut_start[node], cut_start[node + 1]):
                    k = cut_of[q]
                    if count[k] > 0:
                        left -= dual[k] * (count[k] // divisor[k])
                        count[k] = 0
            out[j] = left


@njit(cache=True)
def _left_side(rows, size, factor, divisor, at, column, x, count, touched):  # fmt: skip
    """Return the left side of a cut over the rows at the point x."""
    seen = 0
    for i in range(size):
        for e in range(at[rows[i]], at[rows[i] + 1]):
            j = column[e]
            if count[j] == 0:
                touched[seen] = j
                seen += 1
            count[j] += factor[i]
    total = 0.0
    for q in range(seen):
        j = touched[q]
        total += x[j] * (count[j] // divisor)
        count[j] = 0
    return total


@njit(cache=True)
def _search(
    at, column, x, near, mate, factors, sizes, divisors, starts, rng, out, excess,
):  # fmt: skip
    """Fill ``out`` (m, 6: rows, vector) with violated cuts; return how many."""
    n = len(at) - 1
    count = np.zeros(len(x), np.int64)
    touched = np.empty(len(x) + 1, np.int64)
    rows = np.empty(MOST_ROWS, np.int64)
    found = 0
    for node in range(n):
        if near[node + 1] - near[node] < 2:
            continue
        for v in range(len(sizes)):
            size = sizes[v]
            most = np.sum(factors[v, :size]) // divisors[v]
            for _ in range(starts):
                rows[0] = node
                filled = 1
                for _attempt in range(12 * size):
                    if filled == size:
                        break
                    anchor = rows[rng.integers(0, filled)]
                    degree = near[anchor + 1] - near[anchor]
                    other = mate[near[anchor] + rng.integers(0, degree)]
                    fresh = True
                    for i in range(filled):
                        if rows[i] == other:
                            fresh = False
                    if fresh:
                        rows[filled] = other
                        filled += 1
                if filled < size:
                    continue
                best = _left_side(
                    rows, size, factors[v], divisors[v], at, column, x, count, touched
                )
                for _pass in range(4):
                    better = False
                    for i in range(size):
                        anchor = rows[rng.integers(0, size)]
                        keep = rows[i]
                        top = keep
                        for e in range(near[anchor], near[anchor + 1]):
                            other = mate[e]
                            fresh = True
                            for q in range(size):
                                if rows[q] == other:
                                    fresh = False
                            if not fresh:
                                continue
                            rows[i] = other
                            side = _left_side(
                                rows, size, factors[v], divisors[v], at, column, x, count, touched
                            )
                            if side > best + 1e-9:
                                best = side
                                top = other
                                better = True
                        rows[i] = top
                    if not better:
                        break
                if best > most + LEAST_EXCESS and found < len(out):
                    for i in range(size):
                        out[found, i] = rows[i]
                    out[found, MOST_ROWS] = v
                    excess[found] = best - most
                    found += 1
    return found


def separate(
    columns: Columns, x: FloatArray, n: int, known: set[tuple[int, ...]], seed: int
) -> Cuts:
    """Return cuts that the point ``x`` over ``columns`` violates, the most violated first.

    ``known`` holds cuts found before and is added to.
    """
    fractional = np.flatnonzero((x > 1e-6) & (x < 1 - 1e-6))
    if not len(fractional):
        return Cuts()
    part = columns.take(fractional)
    held = csr_matrix((np.ones(len(part.member)), part.member, part.start), shape=(len(part), n))
    of_node = held.T.tocsr()
    of_node.sort_indices()
    mates = (of_node @ held).tocsr()
    mates.setdiag(0)
    mates.eliminate_zeros()
    mates.sort_indices()
    factors = np.zeros((len(MULTIPLIERS), MOST_ROWS), np.int64)
    for v, (numerators, _) in enumerate(MULTIPLIERS):
        factors[v, : len(numerators)] = numerators
    sizes = np.array([len(numerators) for numerators, _ in MULTIPLIERS])
    divisors = np.array([divisor for _, divisor in MULTIPLIERS])
    out = np.zeros((len(MULTIPLIERS) * STARTS * n + 1, MOST_ROWS + 1), np.int64)
    excess = np.zeros(len(out))
    found = _search(
        of_node.indptr.astype(np.int64), of_node.indices.astype(np.int64), x[fractional],
        mates.indptr.astype(np.int64), mates.indices.astype(np.int64), factors, sizes, divisors,
        STARTS, np.random.default_rng(seed), out, excess,
    )  # fmt: skip
    return _pick(out[:found], excess[:found], factors, sizes, divisors, n, known)


def _pick(  # tables of the multiplier vectors come along
    out: IntArray,
    excess: FloatArray,
    factors: IntArray,
    sizes: IntArray,
    divisors: IntArray,
    n: int,
    known: set[tuple[int, ...]],
) -> Cuts:
    """Keep the most violated new cuts, not too many on any node."""
    used = np.zeros(n, np.int64)
    node, factor, divisor, most = [], [], [], []
    for q in np.argsort(-excess, kind="stable"):
        v = int(out[q, MOST_ROWS])
        size = int(sizes[v])
        pairs = sorted(zip(out[q, :size].tolist(), factors[v, :size].tolist(), strict=True))
        key = (v, *(item for pair in pairs for item in pair))
        rows = out[q, :size]
        if key in known or used[rows].max() >= MOST_A_NODE:
            continue
        known.add(key)
        used[rows] += 1
        padded = np.full(MOST_ROWS, -1, np.int64)
        padded[:size] = rows
        node.append(padded)
        factor.append(factors[v])
        divisor.append(divisors[v])
        most.append(factors[v, :size].sum() // divisors[v])
        if len(node) == MOST_A_ROUND:
            break
    if not node:
        return Cuts()
    return Cuts(np.array(node), np.array(factor), np.array(divisor), np.array(most))
