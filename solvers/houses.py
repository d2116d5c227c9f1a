"""Many small houses: clusters are grouped exactly, district by district, then houses annealed.

The cover of the clusters chooses how many groups there are and how they lie; single moves
hardly change either, but find where the borders run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.distance import pdist

from .anneal import anneal
from .columns import Columns
from .contract import contract
from .graphs import number_by_first
from .grow import grow
from .incumbent import better_cover
from .master import spread
from .parts import parts, side_by_side
from .problem import Budget, IntArray, Problem, Progress, Terms
from .sweep import oversize, sweep
from .value import worth

NODES_A_GROUP = 20  # where the least group holds as many nodes on average, they are small
CLUSTER = 0.16  # mass below which a cluster is joined, in groups; most become half as heavy again
FEW, MOST_EXACT = 5_000, 100_000  # nodes and groups that are worth a look at an exact solution
ROOM = 4 / 3  # how heavy a group is taken to be, in lower limits
DISTRICT = 2_500  # clusters covered at once
MOST_COLUMNS = 3_000_000  # of a district
KEPT = 40  # columns a cluster brings into the cover at least
VISITS = 40_000_000  # of nodes while annealing
LEAST_SWEEPS, MOST_SWEEPS = 60, 1_000
PRICE_OF_LACK = 2.0  # of a household that a group of clusters lacks, in costs of one
REPAIRS = 5  # times that groups under a limit are dissolved and all annealed again


def are_small(problem: Problem) -> bool:
    """Return whether nodes are so light that their groups are too many to enumerate."""
    if problem.n < NODES_A_GROUP * max(2.0, _most_groups(problem)):
        return False
    if problem.n > FEW:
        return True
    # Along a lone street there are few groups of however many houses: look.
    span_m = problem.max_span_m
    return not sweep(problem, max_span_m=span_m, most_columns=MOST_EXACT).complete


def _most_groups(problem: Problem) -> float:
    """Return how many groups the lower limits leave room for, inf where there are none."""
    low = problem.bands[:, 0]
    limits = np.flatnonzero(low > 0)
    whole = problem.weights[:, limits].sum(axis=0)
    return float((whole / low[limits]).min(initial=np.inf))


def divide_houses(problem: Problem, budget: Budget, *, seed: int, whole: int = 0) -> IntArray:
    """Return labels of a connected piece of small nodes: connected groups within the span.

    ``whole``: nodes of all the pieces, among which the moves are shared out. There is no bound.
    The result depends on the seed unless the budget strikes.
    """
    order, problem = side_by_side(problem)
    sweeps = int(np.clip(VISITS // max(whole, problem.n), LEAST_SWEEPS, MOST_SWEEPS))
    labels = anneal(problem, _first(problem, budget, seed=seed), budget, sweeps=sweeps, seed=seed)
    for again in range(1, REPAIRS + 1):
        short = _short(problem, labels)
        if budget.over() or not len(short):
            break
        fewer = _dissolve(problem, labels, short)
        fewer = anneal(problem, fewer, budget, sweeps=LEAST_SWEEPS, seed=seed + again)
        if worth(problem, fewer) >= worth(problem, labels):
            break
        labels = fewer
    out = np.empty(problem.n, np.int64)
    out[order] = labels
    return number_by_first(out)


def _first(problem: Problem, budget: Budget, *, seed: int) -> IntArray:
    """Return groups of clusters as groups of nodes."""
    # where nobody lives at all there is no group to leave room for
    most = _most_groups(problem) or 1.0
    a_group = ROOM * float(problem.weights[:, 0].sum()) / most
    smaller = contract(problem, max(1, int(CLUSTER * a_group)))
    budget.report(Progress(f"{smaller.problem.n} clusters"))
    centre = smaller.problem.xy[smaller.cluster]
    reach_m = float(np.hypot(*(problem.xy - centre).T).max())
    # Groups of clusters are measured between centres: leave room for what lies around those.
    coarse = replace(smaller.problem, max_span_m=max(0.0, problem.max_span_m - 2 * reach_m))
    return _cover(_forgiving(coarse), budget, seed=seed)[smaller.cluster]


def _forgiving(problem: Problem) -> Problem:
    """Return the problem with a price for being out of band, where that is ruled out.

    Clusters hardly add up to just enough, houses do: a group of clusters may lack what single
    moves can fetch from its neighbours, at a price that keeps the average above the limits.
    """
    if problem.terms.penalty is not None:
        return problem
    whole = problem.weights.sum(axis=0)
    cost = worth(problem, grow(problem))[1]
    dear = tuple(PRICE_OF_LACK * cost / np.maximum(whole, 1))
    return replace(problem, terms=replace(problem.terms, penalty=(0.0, *dear)))


def _short(problem: Problem, labels: IntArray) -> IntArray:
    """Return the groups that are under a limit, where that is a violation."""
    if problem.terms.penalty is not None:
        return np.zeros(0, np.int64)
    total = np.column_stack([np.bincount(labels, w) for w in problem.weights.T])
    return np.flatnonzero((total < problem.bands[:, 0]).any(axis=1))


def _dissolve(problem: Problem, labels: IntArray, short: IntArray) -> IntArray:
    """Join every group of ``short`` to its lightest neighbour: there was one group too many."""
    groups = int(labels.max()) + 1
    mass = np.bincount(labels, problem.weights[:, 0])
    shut = np.zeros(groups, np.bool_)
    shut[labels[oversize(problem)]] = True
    ends = np.unique(labels[problem.edges], axis=0)
    ends = np.concatenate([ends, ends[:, ::-1]])
    ends = ends[(ends[:, 0] != ends[:, 1]) & ~shut[ends].any(axis=1)]
    ends = ends[np.lexsort((mass[ends[:, 1]], ends[:, 0]))]
    into = np.arange(groups)
    used = np.zeros(groups, np.bool_)
    for g in short:
        for other in ends[ends[:, 0] == g, 1]:
            joint = problem.xy[(labels == g) | (labels == other)]
            fits = np.isinf(problem.max_span_m) or pdist(joint).max() <= problem.max_span_m
            if not used[g] and not used[other] and fits:
                into[g] = other
                used[g] = used[other] = True
                break
    return number_by_first(into[labels])


def _cover(problem: Problem, budget: Budget, *, seed: int) -> IntArray:
    """Return groups of clusters, district by district."""
    district = _districts(problem)
    labels = np.empty(problem.n, np.int64)
    groups = 0
    for nodes, part in parts(problem, district):
        labels[nodes] = groups + _cover_district(part, budget, seed=seed)
        groups = int(labels[nodes].max()) + 1
        budget.report(Progress(f"groups of clusters, {groups} so far"))
    return labels


def _districts(problem: Problem) -> IntArray:
    """Return compact connected districts of about ``DISTRICT`` nodes, int64 (n,)."""
    whole = problem.weights.sum(axis=0)
    share = DISTRICT / problem.n
    if share >= 0.7:
        return np.zeros(problem.n, np.int64)
    bands = np.column_stack([np.zeros_like(whole), whole])
    bands[0] = (0.7 * share * whole[0], 1.4 * share * whole[0])
    wide = Problem(problem.weights, bands, problem.xy, problem.edges, terms=Terms())
    return grow(wide)


def _cover_district(problem: Problem, budget: Budget, *, seed: int) -> IntArray:
    """Return the best groups found among the compact ones; a plan grown where that is cut short."""
    if budget.over():
        return grow(problem)
    found = sweep(
        problem, max_span_m=problem.max_span_m, most_columns=MOST_COLUMNS, stop=budget.over
    )
    if not found.complete:
        return grow(problem)
    columns = _compact(problem, found.columns)
    left_s = budget.left_s()
    # What a district costs is no news of the whole: stop as the budget does, but say nothing.
    silent = Budget(
        left_s if np.isfinite(left_s) else None, clock=budget.clock, cancelled=budget.over
    )
    chosen = better_cover(problem, columns, None, silent, seed=seed)
    return columns.labels(chosen, problem.n)


def _compact(problem: Problem, columns: Columns) -> Columns:
    """Return the single nodes, and for every node the groups that cost least for their mass."""
    size = np.diff(columns.start)
    mass = np.add.reduceat(problem.weights[columns.member, 0], columns.start[:-1])
    fit = (columns.violation == 0) & (mass > 0) & (size > 1)
    if not fit.any():
        return columns
    rate = np.where(fit, columns.cost / np.maximum(mass, 1), np.inf)
    least = np.full(problem.n, np.inf)
    np.minimum.at(least, columns.member[columns.start[:-1]], rate)
    fair = float(np.median(least[np.isfinite(least)]))
    order = np.argsort(columns.cost - fair * mass, kind="stable")
    order = order[fit[order]]
    kept = spread(columns.start, columns.member, order, KEPT, problem.n)
    return columns.take(np.union1d(kept, np.flatnonzero(size == 1)))
