"""A good cover: dive once, then re-cover region after region."""

from __future__ import annotations

import numpy as np

from .columns import Columns
from .dive import dive
from .graphs import adjacency
from .improve import improve
from .master import Aim, Master
from .problem import VIOLATION_UNIT, Budget, IntArray, Problem, Progress

PATIENCE = 600  # rounds without improvement, plus PATIENCE_A_NODE for every node
PATIENCE_A_NODE = 4


def better_cover(
    problem: Problem, columns: Columns, chosen: IntArray | None, budget: Budget, *, seed: int
) -> IntArray:
    """Return a cover, no worse in violation than ``chosen``; violation weighs over any cost."""
    weight = violation_outweighs(columns, problem.n)
    master = Master(columns, problem.n, Aim(violation=weight, cost=1.0), first=chosen)
    master.solve(budget)
    found = dive(master, budget)
    if found is not None and (chosen is None or _worth(columns, found) < _worth(columns, chosen)):
        chosen = found
    if chosen is None:  # the dive was cut short: every node for itself is always a cover
        chosen = np.flatnonzero(np.diff(columns.start) == 1)
    return polish(problem, master, chosen, budget, seed=seed)


def violation_outweighs(columns: Columns, n: int) -> float:
    """Return what a violation of 1 must cost to outweigh what covers of n nodes may differ by."""
    return 1.0 + float(columns.cost.max(initial=0.0)) * max(1.0, float(np.sqrt(n)))


def polish(
    problem: Problem, master: Master, chosen: IntArray, budget: Budget, *, seed: int
) -> IntArray:
    """Improve a cover of the master's pool by regions, under the master's reduced costs."""
    pool = master.pool
    chosen = improve(
        pool,
        master.reduced,
        chosen,
        graph=adjacency(problem.n, problem.edges),
        xy=problem.xy,
        budget=budget,
        patience=PATIENCE + PATIENCE_A_NODE * problem.n,
        seed=seed,
        most_moved=master.aim.most_moved,
    )
    violation, cost = int(pool.violation[chosen].sum()), float(pool.cost[chosen].sum())
    moved = None if pool.moved is None else int(pool.moved[chosen].sum())
    budget.report(Progress("improve", cost, violation=violation / VIOLATION_UNIT, moved=moved))
    return chosen


def _worth(columns: Columns, chosen: IntArray) -> tuple[int, float]:
    return int(columns.rank()[chosen].sum()), float(columns.cost[chosen].sum())
