"""The last step: the columns that are left, as a 0-1 program in PuLP, to optimality."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pulp

from .backends import Ask, solve_binary
from .columns import Columns
from .master import LEVEL_SCALE, Aim
from .problem import VIOLATION_UNIT, Budget, IntArray, Progress
from .rank1 import Cuts

MOST_CUT_ENTRIES = 2_000_000
# Less than half a millionth of violation, or half a household, above a solver's tolerance.
SLACK = 0.4 * LEVEL_SCALE / VIOLATION_UNIT


@dataclass(frozen=True, eq=False)
class Finished:
    """Best cover found (positions in the pool) and a valid bound on its value over the pool."""

    chosen: IntArray
    bound: float


@dataclass(frozen=True, eq=False)
class Goal:
    """What to lower and what not to exceed, and the cuts that the LP before found worth having.

    ``step``: values of covers differ by at least so much, 0 where that is not known. ``most_nodes``
    ends the branching, which then proves nothing.
    """

    aim: Aim
    cuts: Cuts = field(default_factory=Cuts)
    step: float = 0.0
    most_nodes: int | None = None


def finish(
    pool: Columns, n: int, chosen: IntArray, budget: Budget, *, goal: Goal, solver: str = ""
) -> Finished:
    """Cover every node once at least value; the answer is no worse than the cover ``chosen``.

    The answer is recomputed from the columns: the solver's own objective is not used.
    """
    aim = goal.aim
    value, shares, tops = aim.values(pool), aim.shares(pool), aim.tops
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
    for k, top in enumerate(tops):
        spent = pulp.LpAffineExpression(
            {v: s for v, s in zip(take, shares[:, k].tolist(), strict=True) if s > 0}
        )
        model.addConstraint(pulp.LpConstraint(spent, pulp.LpConstraintLE, f"top{k}", top + SLACK))
    _add_cuts(model, take, goal.cuts, pool, n)
    start = np.zeros(len(pool))
    start[chosen] = 1.0
    tell = partial(_tell, budget, aim=aim, known=best)
    ask = Ask(
        budget,
        solver=solver,
        start=start,
        step=goal.step,
        most_nodes=goal.most_nodes,
        on_progress=tell,
    )
    answer = solve_binary(model, take, ask)
    bound = answer.bound
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        covered = np.bincount(pool.take(found).member, minlength=n)
        within = (shares[found].sum(axis=0) <= tops + SLACK).all()
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


def _tell(budget: Budget, best: float, bound: float, *, aim: Aim, known: float) -> None:
    """Report costs; of a search for what comes before them there is nothing to show."""
    if aim.cost:
        bound_now = bound if np.isfinite(bound) else None
        at = (aim.level or 0) / VIOLATION_UNIT
        budget.report(Progress("finish", min(best, known), bound_now, at, aim.most_moved))
