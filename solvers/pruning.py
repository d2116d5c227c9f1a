"""What a sweep looks for, and when it may give up a group with everything below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .problem import FloatArray, IntArray, Problem
from .rank1 import Cuts

IN_BAND, OVER_CAPS = 1, 2  # of Kind, for the compiled code
NOT_AT_ALL, BY_COST, BY_ROOM, BY_SHARE = 0, 1, 2, 3  # how a sweep prunes


class Kind(IntEnum):
    """Which groups a sweep keeps."""

    UNDER_CAPS = 0
    IN_BAND = 1
    OVER_CAPS = 2


@dataclass(frozen=True, eq=False)
class Search:
    """What a sweep looks for: groups worth at most ``most_value``.

    Value of a group = ``violation_weight`` x violation + ``cost_weight`` x cost - its nodes'
    ``price`` (float64 (n,)) - ``cut_price`` (at most 0) x its coefficient, for each of ``cuts``.
    ``kind`` keeps the groups under the upper limits, only those in band, or only those over an
    upper limit, as far as the prices can pay for them.
    """

    price: FloatArray
    violation_weight: float
    cost_weight: float
    most_value: float
    kind: Kind = Kind.UNDER_CAPS
    cuts: Cuts = field(default_factory=Cuts)
    cut_price: FloatArray = field(default_factory=lambda: np.zeros(0))

    def cut_arrays(self, n: int) -> tuple[IntArray, IntArray, IntArray, FloatArray, IntArray]:
        """Return the cuts by node, their prices and divisors, for the compiled code."""
        return (*self.cuts.by_node(n), self.cut_price, self.cuts.divisor)


@njit(cache=True)
def cannot_pay(level, node, payers, spare, way, most_value):  # fmt: skip
    """Take ``node`` into account; return whether no group over a limit below is cheap enough.

    For every weight k, a group over a limit has a violation of at least its sum over the upper
    limit: 1 + (sum - limit) / limit. So its value is at least minus the sum of ``spare`` (price
    less share of the limit) of its nodes. What may still join has a positive sum only through
    payers, nodes of positive spare, and the way to the farthest of them has its own price.
    """
    node_spare, kind_of, gain_of, distance = payers
    for k in range(len(node_spare)):
        before = spare[level - 1, k] if level else 0.0
        spare[level, k] = before + node_spare[k, node]
    for p in range(len(gain_of)):
        way[level, p] = distance[p, node]
        if level:
            way[level, p] = min(way[level, p], way[level - 1, p])
    for k in range(len(node_spare)):
        most = 0.0
        for far in range(len(gain_of)):
            if kind_of[far] != k or way[level, far] < 0:
                continue  # of another weight, or in the group already
            gain = -way[level, far]
            for p in range(len(gain_of)):
                if kind_of[p] == k and 0 <= way[level, p] <= way[level, far]:
                    gain += gain_of[p]
            most = max(most, gain)
        if -(spare[level, k] + most) > most_value:
            return True
    return False


@njit(cache=True)
def within_reach(level, node, payers, way, room):  # fmt: skip
    """Take ``node`` into account; return the prices of the payers a group still has room for.

    The way to a payer is the least weight (column 0) of the nodes between.
    """
    _, weight_of, gain_of, distance = payers
    most = 0.0
    for p in range(len(gain_of)):
        way[level, p] = distance[p, node]
        if level:
            way[level, p] = min(way[level, p], way[level - 1, p])
        if way[level, p] >= 0 and way[level, p] + weight_of[p] <= room:
            most += gain_of[p]
    return most


def pruning_of(search: Search | None) -> int:
    """Return how a sweep may prune: by what costs, by room, by shares of a limit, or not."""
    if search is None:
        return NOT_AT_ALL
    if search.kind is Kind.OVER_CAPS:
        return BY_SHARE
    return BY_COST if search.cost_weight > 0 else BY_ROOM


def payers_of(
    problem: Problem, search: Search, prune: int
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Return what pruning must know of the nodes that can pay for others: see the kernels.

    ``spare`` (w, n): price less share of the limit; of the payers their weight (its number
    with BY_SHARE, its value with BY_ROOM), their gain, and the way to every node (p, n), -1 to
    themselves. The way is the cheapest path, the nodes between counted.
    """
    cap = np.maximum(problem.bands[:, 1], 1)
    spare = (search.price[:, None] - search.violation_weight * problem.weights / cap).T.copy()
    if prune == BY_SHARE:
        kinds, nodes = np.nonzero(spare > 1e-12)
        ways = np.empty((len(nodes), problem.n))
        for k in np.unique(kinds):
            ways[kinds == k] = _ways(problem, -spare[k], nodes[kinds == k])
        gain = spare[kinds, nodes]
    elif prune == BY_ROOM:
        nodes = np.flatnonzero(search.price > 1e-12)
        ways = _ways(problem, problem.weights[:, 0].astype(float), nodes)
        kinds, gain = problem.weights[nodes, 0], search.price[nodes]
    else:
        return spare, np.zeros(0, np.int64), np.zeros(0), np.zeros((0, problem.n))
    ways[np.arange(len(nodes)), nodes] = -1.0
    return spare, kinds.astype(np.int64), gain, ways


def _ways(problem: Problem, toll: FloatArray, sources: IntArray) -> FloatArray:
    """Return the least toll of the nodes between each source and every node, (s, n)."""
    tail = np.concatenate([problem.edges[:, 0], problem.edges[:, 1]])
    head = np.concatenate([problem.edges[:, 1], problem.edges[:, 0]])
    out = np.empty((len(sources), problem.n))
    for row, source in enumerate(sources):
        # A step costs the toll of the node it leaves, the source's own being waived; zeros
        # would be no edges to scipy, hence the tiny floor, taken back by the factor.
        leave = np.maximum(toll, 1e-15)
        leave[source] = 1e-15
        graph = csr_matrix((leave[tail], (tail, head)), shape=(problem.n, problem.n))
        out[row] = dijkstra(graph, indices=source)
    return np.asarray(np.maximum(out * (1 - 1e-9) - 1e-9, 0.0))
