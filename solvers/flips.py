"""Single moves across the borders of groups that keep both sides connected, downhill only."""

from __future__ import annotations

import numpy as np
from numba import njit

from .graphs import Adjacency
from .problem import BoolArray, IntArray, Problem
from .value import inertia, violation_of

SWEEPS = 200


@njit(cache=True)
def _stays_connected(node, group, label, start, neighbour, mark, stamp, queue):  # fmt: skip
    """Return whether ``group`` without ``node`` is not empty and still in one piece."""
    first = -1
    needed = 0
    for e in range(start[node], start[node + 1]):
        other = neighbour[e]
        if label[other] == group:
            needed += 1
            first = other
            mark[other] = -stamp  # a neighbour of the node, not reached yet
    if needed == 0:
        return False
    mark[node] = stamp
    mark[first] = stamp
    needed -= 1
    queue[0] = first
    head, end = 0, 1
    while head < end and needed > 0:
        at = queue[head]
        head += 1
        for e in range(start[at], start[at + 1]):
            other = neighbour[e]
            if label[other] == group and mark[other] != stamp:
                if mark[other] == -stamp:
                    needed -= 1
                mark[other] = stamp
                queue[end] = other
                end += 1
    return needed == 0


@njit(cache=True)
def _fits_span(node, group, label, xy, span2):  # fmt: skip
    if span2 == np.inf:
        return True
    for other in range(len(label)):
        if label[other] == group:
            dx = xy[node, 0] - xy[other, 0]
            dy = xy[node, 1] - xy[other, 1]
            if dx * dx + dy * dy > span2:
                return False
    return True


@njit(cache=True)
def _descend(
    label, groups, start, neighbour, weights, bands, closed, xy, span2, sweeps,
):  # fmt: skip
    """Move nodes of ``label`` in place until no move helps; return the number of moves."""
    n, kinds = weights.shape
    total = np.zeros((groups, kinds), np.int64)
    moment = np.zeros((groups, 3))
    for i in range(n):
        g = label[i]
        for k in range(kinds):
            total[g, k] += weights[i, k]
        mass = weights[i, 0]
        moment[g, 0] += mass * xy[i, 0]
        moment[g, 1] += mass * xy[i, 1]
        moment[g, 2] += mass * (xy[i, 0] ** 2 + xy[i, 1] ** 2)
    violation = np.empty(groups, np.int64)
    cost = np.empty(groups)
    shut = np.zeros(groups, np.bool_)
    for g in range(groups):
        violation[g] = violation_of(total[g], bands)
        cost[g] = inertia(total[g, 0], moment[g, 0], moment[g, 1], moment[g, 2])
    for i in range(n):
        if closed[i]:
            shut[label[i]] = True
    mark = np.zeros(n, np.int64)
    queue = np.empty(n, np.int64)
    stamp = 0
    moves = 0
    step = np.empty(3)
    for _sweep in range(sweeps):
        moved = 0
        for i in range(n):
            a = label[i]
            if shut[a]:
                continue
            mass = weights[i, 0]
            step[0] = mass * xy[i, 0]
            step[1] = mass * xy[i, 1]
            step[2] = mass * (xy[i, 0] ** 2 + xy[i, 1] ** 2)
            less = total[a] - weights[i]
            a_violation = violation_of(less, bands)
            left = moment[a] - step
            a_cost = inertia(less[0], left[0], left[1], left[2])
            best_v = 0
            best_c = -1e-9
            best = -1
            for e in range(start[i], start[i + 1]):
                b = label[neighbour[e]]
                if shut[b] or b in (a, best):
                    continue
                more = total[b] + weights[i]
                b_violation = violation_of(more, bands)
                dv = a_violation + b_violation - violation[a] - violation[b]
                if dv > best_v:
                    continue
                right = moment[b] + step
                dc = a_cost + inertia(more[0], right[0], right[1], right[2]) - cost[a] - cost[b]
                if (dv < best_v or dc < best_c) and _fits_span(i, b, label, xy, span2):
                    best_v = dv
                    best_c = dc
                    best = b
            if best < 0:
                continue
            stamp += 1
            if not _stays_connected(i, a, label, start, neighbour, mark, stamp, queue):
                continue
            label[i] = best
            for g, sign in ((a, -1), (best, 1)):
                for k in range(kinds):
                    total[g, k] += sign * weights[i, k]
                for k in range(3):
                    moment[g, k] += sign * step[k]
                violation[g] = violation_of(total[g], bands)
                cost[g] = inertia(total[g, 0], moment[g, 0], moment[g, 1], moment[g, 2])
            moved += 1
        moves += moved
        if moved == 0:
            break
    return moves


def descend(problem: Problem, labels: IntArray, graph: Adjacency, closed: BoolArray) -> IntArray:
    """Return labels no worse in violation and cost, groups still connected and within the span.

    ``closed``: bool (n,), nodes that stand alone.
    """
    labels = labels.astype(np.int64).copy()
    _descend(
        labels, int(labels.max()) + 1, graph.start, graph.neighbour,
        np.ascontiguousarray(problem.weights), np.ascontiguousarray(problem.bands), closed,
        problem.xy - problem.xy.mean(axis=0), problem.max_span_m**2, SWEEPS,
    )  # fmt: skip
    return labels
