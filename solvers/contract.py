"""Contraction: small nodes are joined into clusters where single ones make too many groups."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

from .graphs import adjacency, number_by_first
from .problem import FloatArray, IntArray, Problem

THRESHOLDS = (15, 25, 40, 60, 80, 110, 150)  # mass below which a node is joined, tried in turn


@dataclass(frozen=True, eq=False)
class Contraction:
    """A smaller problem, the cluster of every node, and the cost inside the clusters."""

    problem: Problem
    cluster: IntArray
    inner_cost: float


def contract(problem: Problem, threshold: int) -> Contraction:
    """Join nodes lighter than ``threshold`` (column 0) to a near neighbour, lightest first.

    A cluster stays within the upper limits, twice the threshold and the span; the neighbour
    that adds the least inertia is taken, and one that is itself light before a heavy one.
    """
    n = problem.n
    graph = adjacency(n, problem.edges)
    weights = problem.weights.copy()
    centre = problem.xy.copy()
    near: list[set[int]] = [
        set(graph.neighbour[graph.start[i] : graph.start[i + 1]].tolist()) for i in range(n)
    ]
    members: list[list[int]] = [[i] for i in range(n)]
    alive = np.ones(n, np.bool_)
    stamp = np.zeros(n, np.int64)
    queue = [(int(weights[i, 0]), i, 0) for i in range(n) if weights[i, 0] < threshold]
    heapq.heapify(queue)
    while queue:
        mass, i, when = heapq.heappop(queue)
        if not alive[i] or stamp[i] != when or mass >= threshold:
            continue
        best = None
        for j in near[i]:
            joint = weights[i] + weights[j]
            if (joint > problem.bands[:, 1]).any() or joint[0] > 2 * threshold:
                continue
            rank = (weights[j, 0] >= threshold, _added(weights, centre, i, j), j)
            if (best is None or rank < best) and _within(problem, members[i] + members[j]):
                best = rank
        if best is None:
            continue
        j = best[2]
        total = weights[i, 0] + weights[j, 0]
        if total > 0:
            centre[j] = (weights[i, 0] * centre[i] + weights[j, 0] * centre[j]) / total
        weights[j] += weights[i]
        members[j] += members[i]
        alive[i] = False
        for k in near[i]:
            near[k].discard(i)
            if k != j:
                near[k].add(j)
                near[j].add(k)
        stamp[j] += 1
        if weights[j, 0] < threshold:
            heapq.heappush(queue, (int(weights[j, 0]), j, int(stamp[j])))
    cluster = np.empty(n, np.int64)
    for root in np.flatnonzero(alive):
        cluster[members[root]] = root
    return join(problem, number_by_first(cluster))


def _added(weights: IntArray, centre: FloatArray, i: int, j: int) -> float:
    """Return the inertia that joining adds; by distance alone where a mass is 0."""
    a, b = float(max(weights[i, 0], 1)), float(max(weights[j, 0], 1))
    return a * b / (a + b) * float(((centre[i] - centre[j]) ** 2).sum())


def _within(problem: Problem, nodes: list[int]) -> bool:
    if not np.isfinite(problem.max_span_m):
        return True
    xy = problem.xy[nodes]
    span = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2)).max()
    # Spans are later measured between cluster centres: keep clusters small beside the rule.
    return bool(span <= problem.max_span_m / 4)


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
        old=_of_all(problem.old, cluster),
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


def _pairs(pairs: IntArray, cluster: IntArray) -> IntArray:
    ends = np.sort(cluster[pairs], axis=1)
    return np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).reshape(-1, 2)
