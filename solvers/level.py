"""The least total violation: proved first, so that cost is compared only among equals.

The LP over the groups under the upper limits is extended by the groups over them that its
prices can pay for; what remains between bound and best cover is closed by a 0-1 program over
the columns that reduced costs cannot rule out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Columns
from .finish import Goal, finish
from .incumbent import better_cover
from .master import TOLERANCE, Aim, Master
from .pool import Pool, price_in, priced_below
from .problem import VIOLATION_UNIT, Budget, IntArray, Problem, Progress, Recipe
from .pruning import Kind
from .tighten import tighten

MILLIONTH = 1.0 / VIOLATION_UNIT
MOST_KEPT = 60_000  # columns of the closing 0-1 program


@dataclass(frozen=True, eq=False)
class Level:
    """The least violation found and proved, in millionths.

    ``columns`` holds ``chosen``, a cover at ``violation``. Where ``bound`` equals it, the
    columns include every explicit one that a cover at this level can use.
    """

    columns: Columns
    chosen: IntArray
    violation: int
    bound: int


def least_violation(
    problem: Problem, pool: Pool, chosen: IntArray, budget: Budget, recipe: Recipe
) -> Level:
    """Lower the violation of the cover ``chosen`` of the pool, and bound it from below."""
    best = int(pool.columns.violation[chosen].sum())
    if best == 0:
        return _only_in_band(pool.columns, chosen)
    budget.report(Progress("least violation", violation=best * MILLIONTH))
    master = Master(pool.columns, problem.n, Aim(violation=1.0), first=chosen)
    master.solve(budget)
    valid = pool.whole or price_in(problem, master, pool, Kind.UNDER_CAPS, budget)
    valid = valid and price_in(problem, master, pool, Kind.OVER_CAPS, budget)
    chosen = better_cover(problem, master.pool, chosen, budget, seed=recipe.seed)
    best = int(master.pool.violation[chosen].sum())
    if best == 0:
        return _only_in_band(master.pool, chosen)
    bound = bound_violation(problem, master, pool, best, budget) if valid else None
    if bound is None:
        return Level(master.pool, chosen, best, 0)
    kept = _usable(master, best, chosen)
    columns, chosen = master.pool.take(kept), np.searchsorted(kept, chosen)
    if best > bound and pool.whole and len(kept) <= MOST_KEPT and not budget.over():
        # In thousandths, so that the solver's tolerances stay below a millionth.
        goal = Goal(Aim(violation=1000.0))
        done = finish(columns, problem.n, chosen, budget, goal=goal, solver=recipe.solver)
        chosen = done.chosen
        best = int(columns.violation[chosen].sum())
        bound = min(best, max(bound, int(np.ceil(done.bound * 1000.0 - 0.5))))
    return Level(columns, chosen, best, bound)


def bound_violation(
    problem: Problem, master: Master, pool: Pool, level: int, budget: Budget
) -> int | None:
    """Bound the total violation (millionths) from below; None where too many groups remain.

    ``master`` is priced out over groups under and over the limits. Afterwards its pool holds
    every explicit column that a cover of at most ``level`` can use: whatever such a cover uses
    has a reduced cost within the gap.
    """
    gap = max(level * MILLIONTH - master.bound, 0.0) + TOLERANCE
    over = priced_below(problem, master, pool, Kind.OVER_CAPS, gap, budget)
    if over is None:
        return None
    bound = _whole(master.bound)
    master.grow(over)
    tighten(problem, master, level * MILLIONTH, budget)
    return min(level, max(bound, _whole(master.bound)))


def _usable(master: Master, level: int, chosen: IntArray) -> IntArray:
    """Return the columns a cover of at most ``level`` can use, and those of ``chosen``."""
    gap = max(level * MILLIONTH - master.bound, 0.0) + TOLERANCE
    return np.union1d(np.flatnonzero(master.reduced <= gap), chosen)


def _only_in_band(columns: Columns, chosen: IntArray) -> Level:
    in_band = np.flatnonzero(columns.violation == 0)
    return Level(columns.take(in_band), np.searchsorted(in_band, chosen), 0, 0)


def _whole(bound: float) -> int:
    """Round a bound on the violation up to millionths, forgiving the solver's tolerance."""
    return max(0, int(np.ceil(bound * VIOLATION_UNIT - 0.5)))
