"""The last step: the columns that are left, as a 0-1 program in PuLP, to optimality."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pulp

from .backends import Ask, solve_binary
from .columns import Columns
from .master import LEVEL_SCALE
from .problem import VIOLATION_UNIT, Budget, FloatArray, IntArray, Progress
from .rank1 import Cuts

MOST_CUT_ENTRIES = 2_000_000


@dataclass(frozen=True, eq=False)
class Finished:
    """Best cover found (positions in the pool) and a valid bound on its value over the pool."""

    chosen: IntArray
    bound: float


@dataclass(frozen=True, eq=False)
class Goal:
    """What the columns are to be least in, float64 (c,), and the most violation.

    ``level`` in millionths, None where there is no limit. ``cuts`` are rows that the LP before it
    found worth having.
    """

    value: FloatArray
    level: int | None = None
    cuts: Cuts = field(default_factory=Cuts)


def finish(
    pool: Columns, n: int, chosen: IntArray, budget: Budget, *, goal: Goal, solver: str = ""
) -> Finished:
    """Cover every node once at least value; the answer is no worse than the cover ``chosen``.

    The answer is recomputed from the columns: the solver's own objective is not used.
    """
    value, level = goal.value, goal.level
    best = float(value[chosen].sum())
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
    _add_cuts(model, take, goal.cuts, pool, n)
    start = np.zeros(len(pool))
    start[chosen] = 1.0
    tell = partial(_tell, budget, level=level, is_cost=value is pool.cost, known=best)
    answer = solve_binary(model, take, Ask(budget, solver=solver, start=start, on_progress=tell))
    bound = answer.bound
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        covered = np.bincount(pool.take(found).member, minlength=n)
        within = level is None or int(pool.violation[found].sum()) <= level
        if (covered == 1).all() and within and float(value[found].sum()) < best:
            chosen, best = found, float(value[found].sum())
    return Finished(chosen, min(bound, best))


def _add_cuts(
    model: pulp.LpProblem, take: list[pulp.LpVariable], cuts: Cuts, pool: Columns, n: int
) -> None:
    """Add the cuts as rows, unless they are so full that they would only be in the way."""
    if not len(cuts):
        return
    table = cuts.coefficients(pool, n).tocsc()
    if table.nnz > MOST_CUT_ENTRIES:
        return
    for k in range(len(cuts)):
        at = slice(table.indptr[k], table.indptr[k + 1])
        terms = {
            take[j]: float(v)
            for j, v in zip(table.indices[at].tolist(), table.data[at].tolist(), strict=True)
        }
        left = pulp.LpAffineExpression(terms)
        model.addConstraint(
            pulp.LpConstraint(left, pulp.LpConstraintLE, f"cut{k}", float(cuts.most[k]))
        )


def _tell(
    budget: Budget, best: float, bound: float, *, level: int | None, is_cost: bool, known: float
) -> None:
    """Report costs; of a search for the least violation there is nothing to show in cost."""
    if is_cost:
        bound_now = bound if np.isfinite(bound) else None
        at = (level or 0) / VIOLATION_UNIT
        budget.report(Progress("finish", min(best, known), bound_now, at))
