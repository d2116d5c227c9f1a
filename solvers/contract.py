"""Contraction: small nodes are joined into clusters where single ones make too many groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np
from numba import njit

from .columns import Columns
from .graphs import adjacency, number_by_first
from .problem import BoolArray, IntArray, Problem
from .value import figures

THRESHOLDS = (15, 25, 40, 60, 80, 110, 150)  # mass below which a node is joined, tried in turn


@dataclass(frozen=True, eq=False)
class Contraction:
    """A smaller problem, the cluster of every node, and the cost inside the clusters."""

    problem: Problem
    cluster: IntArray
    inner_cost: float

    def expand(self, groups: Columns, problem: Problem) -> Columns:
        """Return groups of clusters as groups of the nodes of ``problem``, with what they cost."""
        order = np.argsort(self.cluster, kind="stable")
        first = np.searchsorted(self.cluster[order], np.arange(self.problem.n + 1))
        size = np.diff(first)[groups.member]
        end = np.concatenate([[0], np.cumsum(size)])
        at = np.repeat(first[groups.member] - end[:-1], size) + np.arange(end[-1])
        start = end[groups.start]
        violation, cost = figures(problem, order[at], start)
        return Columns(start, order[at].astype(np.int32), cost, violation)


def contract(problem: Problem, threshold: int, *, among: BoolArray | None = None) -> Contraction:
    """Join nodes lighter than ``threshold`` (column 0) to a near neighbour, lightest first.

    A cluster stays within the upper limits, twice the threshold and the span; the neighbour
    that adds the least inertia is taken, and one that is itself light before a heavy one. Nodes
    of different old groups and pairs that are to be kept apart are never joined. ``among``, bool
    (n,): only these nodes are joined.
    """
    asked = problem
    if among is not None:  # every other node is as if it had an old group of its own
        old = np.zeros(problem.n, np.int64) if problem.old is None else problem.old
        asked = replace(problem, old=np.where(among, old, old.max() + 1 + np.arange(problem.n)))
    return join(problem, number_by_first(clusters(asked, threshold)))


def clusters(problem: Problem, threshold: int) -> IntArray:
    """Return a node of its cluster for every node, int64 (n,): see ``contract``."""
    n = problem.n
    graph = adjacency(n, problem.edges)
    apart = problem.apart
    tail, head = np.concatenate([apart, apart[:, ::-1]]).T
    order = np.argsort(tail, kind="stable")
    return np.asarray(
        _join_light(
            threshold,
            graph.start,
            graph.neighbour,
            problem.weights.astype(np.int64),  # copies: the kernel counts in them
            problem.xy.astype(np.float64),
            problem.bands[:, 1].copy(),
            problem.xy.copy(),
            # Spans are later measured between cluster centres: keep clusters small beside the rule.
            float(problem.max_span_m) / 4,
            np.zeros(n, np.int64) if problem.old is None else problem.old.copy(),
            np.searchsorted(tail[order], np.arange(n + 1)),
            head[order].copy(),
        )
    )


@njit(cache=True)
def _root(parent, i):  # fmt: skip
    """Return the root of a node's cluster, and shorten the way there."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def _fit_together(i, j, xy, after, box, most_m):  # fmt: skip
    """Return whether all nodes of two clusters lie within ``most_m`` of one another."""
    wide = max(box[i, 1], box[j, 1]) - min(box[i, 0], box[j, 0])
    high = max(box[i, 3], box[j, 3]) - min(box[i, 2], box[j, 2])
    if wide * wide + high * high <= most_m * most_m:
        return True
    if max(wide, high) > most_m:
        return False
    a = i
    while a >= 0:
        b = j
        while b >= 0:
            if np.hypot(xy[a, 0] - xy[b, 0], xy[a, 1] - xy[b, 1]) > most_m:
                return False
            b = after[b]
        a = after[a]
    return True


@njit(cache=True)
def _keep_apart(i, j, parent, after, apart_start, apart_other):  # fmt: skip
    """Return whether some node of cluster ``i`` is locked away from one of ``j``."""
    a = i
    while a >= 0:
        for e in range(apart_start[a], apart_start[a + 1]):
            if _root(parent, apart_other[e]) == j:
                return True
        a = after[a]
    return False


@njit(cache=True)
def _join_light(
    threshold, start, neighbour, weights, centre, most, xy, most_m, old, apart_start, apart_other,
):  # fmt: skip
    """Return the root of every node's cluster; see ``contract``.

    A cluster is the list ``i, after[i], ...`` from its root to ``last``; its edges are those of its
    nodes, and those that have come to lie within are dropped when they are met.
    """
    n, kinds = weights.shape
    parent = np.arange(n)
    after = np.full(n, -1)
    last = np.arange(n)
    stamp = np.zeros(n, np.int64)
    end = start[1:].copy()  # of the edges that a node still has
    edge = neighbour.copy()
    box = np.empty((n, 4))
    for i in range(n):
        box[i, 0] = box[i, 1] = xy[i, 0]
        box[i, 2] = box[i, 3] = xy[i, 1]
    queue = [(weights[i, 0], i, stamp[i]) for i in range(n) if weights[i, 0] < threshold]
    heapify(queue)
    while queue:
        _, i, when = heappop(queue)
        if parent[i] != i or stamp[i] != when:
            continue
        best, best_heavy, best_added = -1, True, np.inf
        a = i
        while a >= 0:
            e = start[a]
            while e < end[a]:
                j = _root(parent, edge[e])
                if j == i:
                    end[a] -= 1
                    edge[e] = edge[end[a]]
                    continue
                e += 1
                if j == best or old[j] != old[i] or weights[i, 0] + weights[j, 0] > 2 * threshold:
                    continue
                fits = True
                for k in range(kinds):
                    fits = fits and weights[i, k] + weights[j, k] <= most[k]
                if not fits:
                    continue
                heavy = weights[j, 0] >= threshold
                # By distance alone where a mass is 0.
                p, q = float(max(weights[i, 0], 1)), float(max(weights[j, 0], 1))
                dx, dy = centre[i, 0] - centre[j, 0], centre[i, 1] - centre[j, 1]
                added = p * q / (p + q) * (dx * dx + dy * dy)
                if (heavy, added, j) >= (best_heavy, best_added, best) and best >= 0:
                    continue
                if most_m < np.inf and not _fit_together(i, j, xy, after, box, most_m):
                    continue
                if len(apart_other) and _keep_apart(i, j, parent, after, apart_start, apart_other):
                    continue
                best, best_heavy, best_added = j, heavy, added
            a = after[a]
        if best < 0:
            continue
        j = best
        both = weights[i, 0] + weights[j, 0]
        if both > 0:
            for k in range(2):
                centre[j, k] = (weights[i, 0] * centre[i, k] + weights[j, 0] * centre[j, k]) / both
        for k in range(kinds):
            weights[j, k] += weights[i, k]
        for k in (0, 2):
            box[j, k] = min(box[i, k], box[j, k])
            box[j, k + 1] = max(box[i, k + 1], box[j, k + 1])
        parent[i] = j
        after[last[j]] = i
        last[j] = last[i]
        stamp[j] += 1
        if weights[j, 0] < threshold:
            heappush(queue, (weights[j, 0], j, stamp[j]))
    for i in range(n):
        parent[i] = _root(parent, i)
    return parent


def join(problem: Problem, cluster: IntArray) -> Contraction:
    """Return the problem whose nodes are the clusters, int64 (n,), numbered by their first node."""
    count = int(cluster.max()) + 1
    weights = np.zeros((count, problem.weights.shape[1]), np.int64)
    np.add.at(weights, cluster, problem.weights)
    mass = problem.weights[:, 0].astype(float)
    share = np.where(weights[cluster, 0] > 0, mass, 1.0)  # a massless cluster: plain mean
    whole = np.bincount(cluster, share, count)
    xy = np.column_stack([np.bincount(cluster, share * c, count) / whole for c in problem.xy.T])
    inner = float((mass * ((problem.xy - xy[cluster]) ** 2).sum(axis=1)).sum() / 1e6)
    ends = np.sort(cluster[problem.edges], axis=1)
    crossing = ends[:, 0] != ends[:, 1]
    edges, which = np.unique(ends[crossing], axis=0, return_inverse=True)
    border_m = None
    if problem.border_m is not None:
        metres = np.bincount(which.ravel(), problem.border_m[crossing], len(edges))
        border_m = metres.astype(np.float64)
    smaller = replace(
        problem,
        weights=weights,
        bands=problem.bands.copy(),
        xy=xy,
        edges=edges.reshape(-1, 2),
        border_m=border_m,
        quarter=_of_all(problem.quarter, cluster),
        old=None if problem.old is None else _main(problem, cluster),
        owned=None if problem.old is None else _owned(problem, cluster),
        pinned=_most(problem.pinned, cluster),
        together=_pairs(problem.together, cluster),
        apart=_pairs(problem.apart, cluster),
    )
    return Contraction(smaller, cluster, problem.terms.compactness * inner)


def _of_all(label: IntArray | None, cluster: IntArray) -> IntArray | None:
    """Return the label that all nodes of a cluster have, -1 where they differ.

    Households without a quarter are torn off none: what the clusters cost is never too much.
    """
    if label is None:
        return None
    count = int(cluster.max()) + 1
    least = np.full(count, np.iinfo(np.int64).max)
    most = np.full(count, -1, np.int64)
    np.minimum.at(least, cluster, label)
    np.maximum.at(most, cluster, label)
    return np.where(least == most, most, -1)


def _owned(problem: Problem, cluster: IntArray) -> IntArray:
    """Return the shares of old groups that every cluster holds."""
    stakes = problem.stakes
    pairs = np.column_stack([cluster[stakes[:, 0]], stakes[:, 1]])
    both, which = np.unique(pairs, axis=0, return_inverse=True)
    mass = np.zeros(len(both), np.int64)
    np.add.at(mass, which.ravel(), stakes[:, 2])
    return np.column_stack([both, mass])


def _main(problem: Problem, cluster: IntArray) -> IntArray:
    """Return the old group that most of every cluster is of, -1 where none; of equals the first."""
    owned = _owned(problem, cluster)
    owned = owned[np.lexsort((owned[:, 1], -owned[:, 2], owned[:, 0]))]
    clusters, first = np.unique(owned[:, 0], return_index=True)
    out = np.full(int(cluster.max()) + 1, -1, np.int64)
    out[clusters] = owned[first, 1]
    return out


def _most(label: IntArray | None, cluster: IntArray) -> IntArray | None:
    """Return the largest label in every cluster: one that is pinned pins all."""
    if label is None:
        return None
    out = np.full(int(cluster.max()) + 1, -1, np.int64)
    np.maximum.at(out, cluster, label)
    return out


def _pairs(pairs: IntArray, cluster: IntArray) -> IntArray:
    ends = np.sort(cluster[pairs], axis=1)
    return np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).reshape(-1, 2)
