"""The last step: the columns that are left, as a 0-1 program in PuLP, to optimality."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pulp

from .backends import solve_binary
from .columns import Columns
from .master import LEVEL_SCALE
from .problem import VIOLATION_UNIT, Budget, FloatArray, IntArray, Progress


@dataclass(frozen=True, eq=False)
class Finished:
    """Best cover found (positions in the pool) and a valid bound on its value over the pool."""

    chosen: IntArray
    bound: float


def finish(
    pool: Columns,
    n: int,
    chosen: IntArray,
    budget: Budget,
    *,
    value: FloatArray,
    level: int | None = None,
) -> Finished:
    """Cover every node once at least ``value``; the answer is no worse than the cover ``chosen``.

    ``level`` (millionths) caps the total violation. The cuts that led here are not given: HiGHS
    is 1.1 to 6 times faster without (BP, Riverside). The answer is recomputed from the columns:
    the solver's own objective is not used.
    """
    model = pulp.LpProblem("cover", pulp.LpMinimize)
    take = [model.add_variable(f"x{j}", cat=pulp.LpBinary) for j in range(len(pool))]
    model.setObjective(pulp.LpAffineExpression(zip(take, value.tolist(), strict=True)))
    holds: list[list[pulp.LpVariable]] = [[] for _ in range(n)]
    for j, variable in enumerate(take):
        for node in pool.of(j):
            holds[node].append(variable)
    for node, variables in enumerate(holds):
        once = pulp.LpAffineExpression(dict.fromkeys(variables, 1))
        model.addConstraint(pulp.LpConstraint(once, pulp.LpConstraintEQ, f"once{node}", 1))
    if level is not None:
        share = pool.violation / VIOLATION_UNIT * LEVEL_SCALE
        spent = pulp.LpAffineExpression(
            {v: s for v, s in zip(take, share.tolist(), strict=True) if s > 0}
        )
        top = (level + 0.4) / VIOLATION_UNIT * LEVEL_SCALE
        model.addConstraint(pulp.LpConstraint(spent, pulp.LpConstraintLE, "level", top))
    answer = solve_binary(
        model,
        take,
        budget,
        on_progress=partial(_tell, budget, level=level, is_cost=value is pool.cost),
    )
    best = float(value[chosen].sum())
    bound = answer.bound
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        covered = np.bincount(pool.take(found).member, minlength=n)
        within = level is None or int(pool.violation[found].sum()) <= level
        if (covered == 1).all() and within and float(value[found].sum()) < best:
            chosen, best = found, float(value[found].sum())
    return Finished(chosen, min(bound, best))


def _tell(budget: Budget, best: float, bound: float, *, level: int | None, is_cost: bool) -> None:
    """Report costs; of a search for the least violation there is nothing to show in cost."""
    if is_cost and np.isfinite(best):
        known = bound if np.isfinite(bound) else None
        budget.report(Progress("finish", best, known, (level or 0) / VIOLATION_UNIT))
