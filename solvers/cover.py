"""Set partitioning of one connected piece: least violation, then least cost, each with a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Columns
from .finish import Goal, finish
from .incumbent import better_cover, polish
from .level import least_violation
from .master import TOLERANCE, Master
from .pool import fill, price_in, priced_below
from .problem import Budget, IntArray, Problem
from .pruning import Kind
from .tighten import PROVED, tighten


@dataclass(frozen=True, eq=False)
class Cover:
    """Labels of one piece and what is proved of them.

    ``violation`` and ``violation_bound`` in millionths; ``bound`` on the cost at that
    violation, None where there is none. ``span_m``: the span over which the bounds hold.
    """

    labels: IntArray
    violation: int
    violation_bound: int
    cost: float
    bound: float | None
    span_m: float

    @property
    def proved(self) -> bool:
        """Whether nothing better exists within the span."""
        if self.bound is None or self.violation > self.violation_bound:
            return False
        return self.cost - self.bound <= PROVED * max(1.0, self.cost)


def cover(problem: Problem, start: IntArray, budget: Budget, *, seed: int) -> Cover | None:
    """Divide a connected piece; None where there are too many groups to choose from.

    ``start``: labels of some plan, which the answer is never worse than.

    The bounds hold for the span asked for, or, where pricing beyond the held pool was cut
    short, for the span of the pool.
    """
    pool = fill(problem, budget)
    if pool is None:
        return None
    groups = Columns.of_groups(start)
    known = pool.columns.find(groups, problem.n)
    first = known if len(known) == len(groups) else None  # a wide group may be outside the span
    chosen = better_cover(problem, pool.columns, first, budget, seed=seed)
    level = least_violation(problem, pool, chosen, budget, seed=seed)
    master = Master(
        level.columns,
        problem.n,
        violation_weight=0.0,
        cost_weight=1.0,
        level=level.violation or None,
        first=level.chosen,
    )
    master.solve(budget)
    kind = Kind.UNDER_CAPS if level.violation else Kind.IN_BAND
    whole = pool.whole or price_in(problem, master, pool, kind, budget)
    chosen = polish(problem, master, level.chosen, budget, seed=seed)
    best = float(master.pool.cost[chosen].sum())
    tighten(problem, master, best, budget)
    if whole and not pool.whole:
        whole = price_in(problem, master, pool, kind, budget)
    span_m = pool.max_span_m if whole else pool.span_m
    columns, bound = master.pool, master.bound
    gap = best - bound
    provable = True
    if gap > PROVED * max(1.0, best) and not budget.over():
        if whole and not pool.whole:
            more = priced_below(problem, master, pool, kind, gap + TOLERANCE, budget)
            if more is None:
                # Too many to hold: the last step searches the pool, and the bound stays that of
                # the LP, which holds for all.
                provable = False
            else:
                master.grow(more)
                columns = master.pool
        kept = np.union1d(np.flatnonzero(master.reduce(columns) <= gap + TOLERANCE), chosen)
        columns, chosen = columns.take(kept), np.searchsorted(kept, chosen)
        done = finish(
            columns,
            problem.n,
            chosen,
            budget,
            goal=Goal(columns.cost, level.violation or None, master.cuts),
        )
        chosen = done.chosen
        bound = max(bound, done.bound) if provable else bound
        best = float(columns.cost[chosen].sum())
    exact = level.violation == level.bound
    return Cover(
        labels=columns.labels(chosen, problem.n),
        violation=int(columns.violation[chosen].sum()),
        violation_bound=level.bound,
        cost=best,
        bound=min(best, max(bound, 0.0)) if exact and np.isfinite(bound) else None,
        span_m=span_m,
    )
