"""Better plans where only clusters could be enumerated: groups of nodes, priced in as wanted.

There is no proof in it: what pricing leaves out is not shown to be useless.
"""

from __future__ import annotations

import numpy as np

from .columns import Columns
from .dive import dive
from .finish import Goal, finish
from .flips import descend
from .graphs import adjacency, number_by_first
from .incumbent import polish, violation_outweighs
from .master import TOLERANCE, Aim, Master
from .pool import MOST_STARTED, PRICED, PRICED_VISITS, SPANS_M, search_of
from .problem import Budget, IntArray, Problem, Recipe
from .pruning import Kind
from .starts import rank
from .sweep import oversize, sweep
from .value import figures
from .verify import verify

NARROW_M = (200.0, 150.0, 100.0, 70.0, 50.0)  # spans for where even those of a pool hold too many
TURNS = 4
ROUNDS = 12
FEW = 6_000  # columns of least reduced cost that are searched through in the end
MOST_NODES = 100
SHARE = 0.001  # of the value: a round of pricing that lowers it by less is the last


def refine(problem: Problem, labels: IntArray, budget: Budget, recipe: Recipe) -> IntArray:
    """Return labels no worse than ``labels`` in violation and cost; connected, within the span.

    Covers of priced groups and single moves take turns for as long as they help.
    """
    if problem.old is not None:  # neither knows whom it would move
        return labels
    graph, closed = adjacency(problem.n, problem.edges), oversize(problem)
    for _ in range(TURNS):
        covered = _cover(problem, labels, budget, recipe)
        found = number_by_first(descend(problem, covered, graph, closed))
        if verify(problem, found).faults or rank(problem, found) >= rank(problem, labels):
            break
        labels = found
    return labels


def _cover(problem: Problem, labels: IntArray, budget: Budget, recipe: Recipe) -> IntArray:
    groups = Columns.of_groups(labels)
    violation, cost = figures(problem, groups.member.astype(np.int64), groups.start)
    mine = Columns(groups.start, groups.member, cost, violation)
    columns = _narrow(problem, budget)
    if columns is None:
        return labels
    new = ~np.isin(mine.keys(problem.n), columns.keys(problem.n))
    columns = columns.with_more(mine.take(np.flatnonzero(new)))
    chosen = columns.find(mine, problem.n)
    weight = violation_outweighs(columns, problem.n)
    master = Master(columns, problem.n, Aim(violation=weight, cost=1.0), first=chosen)
    master.solve(budget)
    for _ in range(ROUNDS):
        before = master.bound
        if budget.over() or not _price(problem, master):
            break
        master.solve(budget)
        if before - master.bound < SHARE * abs(before):
            break
    dived = dive(master, budget)
    plans = [chosen] if dived is None else [chosen, dived]
    best = min(plans, key=lambda c: float(master.values[c].sum()))
    best = polish(problem, master, best, budget, seed=recipe.seed)
    if not budget.over():
        few = np.argsort(master.reduced, kind="stable")[:FEW]
        kept = np.union1d(few, best)
        goal = Goal(master.aim, most_nodes=MOST_NODES)
        part, known = master.pool.take(kept), np.searchsorted(kept, best)
        best = kept[finish(part, problem.n, known, budget, goal=goal, solver=recipe.solver).chosen]
    return master.pool.labels(best, problem.n)


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


def _price(problem: Problem, master: Master) -> bool:
    """Add some groups that lower the master's LP; return whether there were any."""
    found = sweep(
        problem,
        search_of(master, Kind.UNDER_CAPS, -TOLERANCE),
        max_span_m=problem.max_span_m,
        most_columns=PRICED,
        most_visits=PRICED_VISITS,
        spread=True,
    )
    cheap = np.flatnonzero(master.reduce(found.columns) < -TOLERANCE)
    return master.grow(found.columns.take(cheap))
