"""Better plans where only clusters could be enumerated: groups of nodes, priced in as wanted.

There is no proof in it: what pricing leaves out is not shown to be useless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Columns
from .contract import Contraction
from .dive import dive
from .finish import Goal
from .flips import descend
from .graphs import adjacency, number_by_first
from .incumbent import polish, violation_outweighs
from .master import TOLERANCE, Aim, Master
from .pool import MOST_STARTED, PRICED_VISITS, SPANS_M, Pool, price_in
from .problem import Budget, IntArray, Problem, Recipe
from .pruning import Kind
from .sift import sift
from .starts import rank
from .sweep import oversize, sweep
from .tighten import tighten
from .value import figures
from .verify import verify

NARROW_M = (200.0, 150.0, 100.0, 70.0, 50.0)  # spans for where even those of a pool hold too many
TURNS = 1
CUTTINGS = 2
MOST_NODES = 2_000  # of the branching in the end


@dataclass(frozen=True, eq=False)
class Refined:
    """Labels, and the groups (with their costs) that the last LP chose from."""

    labels: IntArray
    groups: Columns


def refine(
    problem: Problem, labels: IntArray, joined: Contraction, budget: Budget, recipe: Recipe
) -> Refined:
    """Return labels no worse than ``labels`` in violation and cost; connected, within the span.

    Covers of priced groups and single moves take turns for as long as they help. Pricing begins
    with the narrow groups of nodes and with those of ``joined`` clusters.
    """
    mine = _with_figures(problem, Columns.of_groups(labels))
    if problem.old is not None:  # neither knows whom it would move
        return Refined(labels, mine)
    graph, closed = adjacency(problem.n, problem.edges), oversize(problem)
    groups = _begun(problem, joined, budget)
    if groups is None:
        return Refined(labels, mine)
    for _ in range(TURNS):
        found = _cover(problem, labels, groups, budget, recipe)
        groups = found.groups
        moved = number_by_first(descend(problem, found.labels, graph, closed))
        if verify(problem, moved).faults or rank(problem, moved) >= rank(problem, labels):
            break
        labels = moved
        if (moved == number_by_first(found.labels)).all():
            break
    return Refined(labels, groups)


def _with_figures(problem: Problem, groups: Columns) -> Columns:
    violation, cost = figures(problem, groups.member.astype(np.int64), groups.start)
    return Columns(groups.start, groups.member, cost, violation)


def _joint(columns: Columns, more: Columns, n: int) -> Columns:
    new = ~np.isin(more.keys(n), columns.keys(n))
    return columns.with_more(more.take(np.flatnonzero(new)))


def _begun(problem: Problem, joined: Contraction, budget: Budget) -> Columns | None:
    """Return the groups to begin with, None where time ran out."""
    columns = _narrow(problem, budget)
    if columns is None:
        return None
    wide = sweep(
        joined.problem,
        max_span_m=joined.problem.max_span_m,
        most_columns=MOST_STARTED,
        stop=budget.over,
    )
    return _joint(columns, joined.expand(wide.columns, problem), problem.n)


def _cover(
    problem: Problem, labels: IntArray, columns: Columns, budget: Budget, recipe: Recipe
) -> Refined:
    """Cover the nodes anew from these groups and those that pricing finds."""
    mine = _with_figures(problem, Columns.of_groups(labels))
    columns = _joint(columns, mine, problem.n)
    chosen = columns.find(mine, problem.n)
    weight = violation_outweighs(columns, problem.n)
    master = Master(columns, problem.n, Aim(violation=weight, cost=1.0), first=chosen)
    master.solve(budget)
    _price(problem, master, budget)
    dived = dive(master, budget)
    plans = [chosen] if dived is None else [chosen, dived]
    chosen = min(plans, key=lambda c: float(master.values[c].sum()))
    chosen = polish(problem, master, chosen, budget, seed=recipe.seed)
    for _ in range(CUTTINGS):
        tighten(problem, master, float(master.values[chosen].sum()), budget)
        _price(problem, master, budget)
    if not budget.over():
        goal = Goal(master.aim, master.cuts, most_nodes=MOST_NODES)
        done = sift(master, chosen, budget, goal, recipe)
        best = done.columns.labels(done.chosen, problem.n)
    else:
        best = master.pool.labels(chosen, problem.n)
    inside = np.union1d(master.inside, np.flatnonzero(master.reduced <= TOLERANCE))
    return Refined(best, master.pool.take(inside))


def _narrow(problem: Problem, budget: Budget) -> Columns | None:
    """Return all groups within the widest span of which there are not too many."""
    for span_m in (*SPANS_M, *NARROW_M):
        if budget.over():
            return None
        if span_m <= problem.max_span_m:
            found = sweep(problem, max_span_m=span_m, most_columns=MOST_STARTED, stop=budget.over)
            if found.complete:
                return found.columns
    return None


def _price(problem: Problem, master: Master, budget: Budget) -> None:
    """Add groups that lower the master's LP for as long as short sweeps find any."""
    pool = Pool(master.pool, problem.max_span_m, problem.max_span_m)
    price_in(problem, master, pool, Kind.UNDER_CAPS, budget, sure_visits=PRICED_VISITS)
