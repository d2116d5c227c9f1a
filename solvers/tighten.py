"""Rounds of cuts: raise the bound of a master's LP while each still closes some of the gap."""

from __future__ import annotations

from .master import Master
from .problem import VIOLATION_UNIT, Budget, Problem, Progress
from .rank1 import separate

PROVED = 1e-7  # relative: a smaller gap is rounding
ROUNDS = 60
SHARE = 0.02  # of the gap: a round that closes less is slow
PATIENCE = 3  # slow rounds in a row that end the cutting


def tighten(problem: Problem, master: Master, best: float, budget: Budget) -> None:
    """Cut the LP until it meets ``best`` (the value of a known cover) or cutting grows slow."""
    known: set[tuple[int, ...]] = set()
    answer = master.solve(budget)
    slow = 0
    for seed in range(ROUNDS):
        gap = best - master.bound
        if answer is None or gap <= PROVED * max(1.0, best) or budget.over():
            return
        cuts = separate(master.pool.take(master.inside), answer.x, problem.n, known, seed)
        if not len(cuts):
            return
        before = master.bound
        master.cut(cuts)
        answer = master.solve(budget)
        if master.aim.cost:  # of a bound on the violation there is nothing to show in cost
            budget.report(
                Progress("cuts", best, master.bound, (master.aim.level or 0) / VIOLATION_UNIT)
            )
        slow = slow + 1 if master.bound - before < SHARE * gap else 0
        if slow == PATIENCE:
            return
