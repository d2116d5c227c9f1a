"""An old plan mended in place: what violates the bands is divided anew with what lies around.

All else stays as it is. It is how many small houses are redrawn, and a quick plan for any town.
There is no proof in it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .contract import contract
from .cover import cover
from .flips import descend
from .graphs import adjacency, components, group_components, number_by_first
from .moves import as_was
from .parts import parts
from .problem import VIOLATION_UNIT, Budget, IntArray, Problem, Progress, Recipe
from .starts import order, rank
from .sweep import oversize
from .value import figures
from .verify import verify

RINGS = (1, 2, 3)  # how many groups around one that violates the bands are divided with it
CLUSTER = 0.16  # mass below which a node is joined to its neighbours in a region, in groups
MOST_COLUMNS = 300_000  # of a region
ROUNDS = 3  # over all that still violate the bands


def mend(problem: Problem, budget: Budget, recipe: Recipe) -> IntArray:
    """Return the old plan with what violates the bands mended, int64 (n,), groups from 0.

    Groups are connected and within the span. At most ``problem.most_moved`` households move, where
    that can be. The result depends on the seed alone unless the budget strikes.
    """
    labels = _settled(problem, as_was(problem))
    for _ in range(ROUNDS):
        before = labels
        for rings in RINGS:
            for region in _regions(problem, labels, rings):
                if budget.over():
                    return labels
                labels = _mended(problem, labels, region, budget, recipe)
        labels = _downhill(problem, labels)
        if (labels == before).all() or not _violated(problem, labels).any():
            break
    violation, moved, cost = rank(problem, labels)
    budget.report(Progress("mended", cost, violation=violation / VIOLATION_UNIT, moved=moved))
    return labels


def _settled(problem: Problem, labels: IntArray) -> IntArray:
    """Join what had no old group, or was cut off its own, to the neighbour that bears it best."""
    graph, closed = adjacency(problem.n, problem.edges), oversize(problem)
    low = problem.bands[:, 0]
    labels = labels.copy()
    names, first = np.unique(labels, return_index=True)
    for group in names[np.argsort(first, kind="stable")].tolist():
        mine = np.flatnonzero(labels == group)
        if closed[mine].any() or (problem.weights[mine].sum(axis=0) >= low).all():
            continue
        if not _is_loose(problem, mine):
            continue  # an old group as it was: regions see to it
        near = np.concatenate([graph.neighbour[graph.start[i] : graph.start[i + 1]] for i in mine])
        best = (0, np.inf)
        into = -1
        for other in np.unique(labels[near[~closed[near]]]).tolist():
            if other == group:
                continue
            theirs = np.flatnonzero(labels == other)
            added = _added(problem, mine, theirs)
            if added is not None and added < best:
                best, into = added, other
        if into >= 0:
            labels[mine] = into
    return _downhill(problem, number_by_first(labels))


def _is_loose(problem: Problem, nodes: IntArray) -> bool:
    """Return whether nodes are new, or less than half of the one old group that they are of."""
    assert problem.old is not None
    old = problem.old[nodes]
    if (old < 0).all():
        return True
    whole = problem.weights[problem.old == old.max(), 0].sum()
    return bool(2 * problem.weights[nodes, 0].sum() < whole)


def _added(problem: Problem, mine: IntArray, theirs: IntArray) -> tuple[int, float] | None:
    """Return what joining two groups adds to violation and cost, None where it may not be."""
    both = np.concatenate([mine, theirs])
    if np.isfinite(problem.max_span_m):
        away = problem.xy[mine][:, None, :] - problem.xy[theirs][None, :, :]
        if np.hypot(away[..., 0], away[..., 1]).max() > problem.max_span_m:
            return None
    nodes = np.concatenate([both, mine, theirs])
    first = np.cumsum([0, len(both), len(mine), len(theirs)])
    violation, cost = figures(problem, nodes, first)
    return int(violation[0] - violation[1:].sum()), float(cost[0] - cost[1:].sum())


def _violated(problem: Problem, labels: IntArray) -> IntArray:
    """Return the violation of every group, in millionths; 0 for one of a node over a limit."""
    order_ = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[order_], np.arange(int(labels.max()) + 2))
    violation, _ = figures(problem, order_, first)
    violation[labels[oversize(problem)]] = 0
    return violation


def _regions(problem: Problem, labels: IntArray, rings: int) -> list[IntArray]:
    """Return the nodes of every region: groups that violate the bands, with rings around them."""
    groups = int(labels.max()) + 1
    ends = labels[problem.edges]
    ends = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)
    inside = _violated(problem, labels) > 0
    if not inside.any():
        return []
    shut = np.zeros(groups, np.bool_)
    shut[labels[oversize(problem)]] = True
    for _ in range(rings):
        touched = ends[inside[ends].any(axis=1)]
        inside[touched.ravel()] = True
    inside &= ~shut
    piece = components(groups, ends[inside[ends].all(axis=1)])
    return [np.flatnonzero(inside[labels] & (piece[labels] == p)) for p in np.unique(piece[inside])]


def _mended(
    problem: Problem, labels: IntArray, region: IntArray, budget: Budget, recipe: Recipe
) -> IntArray:
    """Divide a region anew, if that makes the whole better."""
    apart = np.zeros(problem.n, np.int64)
    apart[region] = 1
    if not apart.all():
        part = next(one for nodes, one in parts(problem, apart) if np.array_equal(nodes, region))
    else:
        part = problem
    if not _violated(part, number_by_first(labels[region])).any():
        return labels
    mass = part.weights[:, 0].sum()
    groups = len(np.unique(labels[region]))
    smaller = contract(part, max(1, int(CLUSTER * mass / groups)))
    now = rank(problem, labels)
    cap = problem.most_moved
    if cap is not None:
        mine = rank(part, number_by_first(labels[region]))[1]
        cap = max(0, cap - (now[1] - mine))
    coarse = replace(smaller.problem, most_moved=cap, spend_moves=False)
    start = group_components(coarse.n, coarse.edges, _of_clusters(labels[region], smaller.cluster))
    if verify(coarse, number_by_first(start)).faults:
        return labels
    silent = Budget(
        None if not np.isfinite(budget.left_s()) else budget.left_s(),
        clock=budget.clock,
        cancelled=budget.over,
    )
    answer = cover(coarse, number_by_first(start), silent, recipe=recipe, most_held=MOST_COLUMNS)
    if answer is None:
        return labels
    found = _downhill(part, number_by_first(answer.labels[smaller.cluster]))
    out = labels.copy()
    out[region] = int(labels.max()) + 1 + found
    out = number_by_first(out)
    if verify(part, found).faults or order(problem, out) >= order(problem, labels):
        return labels
    return out


def _of_clusters(labels: IntArray, cluster: IntArray) -> IntArray:
    """Return a label of a node of every cluster, int64 (c,)."""
    out = np.empty(int(cluster.max()) + 1, np.int64)
    out[cluster[::-1]] = labels[::-1]
    return out


def _downhill(problem: Problem, labels: IntArray) -> IntArray:
    graph = adjacency(problem.n, problem.edges)
    return number_by_first(descend(problem, labels, graph, oversize(problem)))
