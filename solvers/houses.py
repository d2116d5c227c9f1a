"""Many small houses: clusters are grouped exactly, district by district, then houses annealed.

The cover of the clusters chooses how many groups there are and how they lie; single moves
hardly change either, but find where the borders run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .anneal import anneal
from .columns import Columns
from .contract import contract
from .graphs import number_by_first
from .grow import grow
from .incumbent import better_cover
from .master import spread
from .parts import part
from .problem import Budget, IntArray, Problem, Progress, Terms
from .sweep import sweep

NODES_A_GROUP = 20  # where the least group holds as many nodes on average, they are small
CLUSTER = 0.16  # mass below which a cluster is joined, in groups; most become half as heavy again
FEW, MOST_EXACT = 5_000, 100_000  # nodes and groups that are worth a look at an exact solution
ROOM = 4 / 3  # how heavy a group is taken to be, in lower limits
DISTRICT = 2_500  # clusters covered at once
MOST_COLUMNS = 3_000_000  # of a district
KEPT = 40  # columns a cluster brings into the cover at least
VISITS = 60_000_000  # of nodes while annealing
LEAST_SWEEPS, MOST_SWEEPS = 60, 1_000


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


def divide_houses(problem: Problem, budget: Budget, *, seed: int) -> IntArray:
    """Return labels of a connected piece of small nodes: connected groups within the span.

    There is no bound. The result depends on the seed unless the budget strikes.
    """
    a_group = ROOM * float(problem.weights[:, 0].sum()) / _most_groups(problem)
    smaller = contract(problem, max(1, int(CLUSTER * a_group)))
    budget.report(Progress(f"{smaller.problem.n} clusters"))
    centre = smaller.problem.xy[smaller.cluster]
    reach_m = float(np.hypot(*(problem.xy - centre).T).max())
    # Groups of clusters are measured between centres: leave room for what lies around those.
    coarse = replace(smaller.problem, max_span_m=max(0.0, problem.max_span_m - 2 * reach_m))
    labels = _cover(coarse, budget, seed=seed)[smaller.cluster]
    sweeps = int(np.clip(VISITS // problem.n, LEAST_SWEEPS, MOST_SWEEPS))
    return number_by_first(anneal(problem, labels, budget, sweeps=sweeps, seed=seed))


def _cover(problem: Problem, budget: Budget, *, seed: int) -> IntArray:
    """Return groups of clusters, district by district."""
    district = _districts(problem)
    labels = np.empty(problem.n, np.int64)
    groups = 0
    for d in range(int(district.max()) + 1):
        nodes = np.flatnonzero(district == d)
        labels[nodes] = groups + _cover_district(part(problem, nodes), budget, seed=seed)
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
    chosen = better_cover(problem, columns, None, budget, seed=seed)
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
