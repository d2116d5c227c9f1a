"""The fewest households that change owner, at the least violation: the middle of a redraw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .claims import Claimed
from .columns import Columns
from .dive import dive
from .finish import Goal
from .incumbent import polish
from .master import TOLERANCE, Aim, Master
from .problem import Budget, IntArray, Recipe
from .sift import sift
from .tighten import tighten


@dataclass(frozen=True, eq=False)
class Moves:
    """The fewest households moved, and a valid bound over the columns that were given.

    ``columns`` holds ``chosen``, and where ``bound`` equals ``moved`` every column that a cover
    which moves so few can use.
    """

    columns: Columns
    chosen: IntArray
    moved: int
    bound: int


def least_moved(claimed: Claimed, level: int | None, budget: Budget, recipe: Recipe) -> Moves:
    """Lower what the cover of ``claimed`` moves, at a violation of ``level`` (millionths)."""
    problem, columns, chosen = claimed.problem, claimed.columns, claimed.chosen
    assert columns.moved is not None
    aim = Aim(moved=1.0, level=level)
    master = Master(columns, problem.n, aim, first=chosen)
    master.solve(budget)
    dived = dive(master, budget)
    if dived is not None and _rank(columns, dived) < _rank(columns, chosen):
        chosen = dived
    chosen = polish(problem, master, chosen, budget, seed=recipe.seed)
    moved = int(columns.moved[chosen].sum())
    if _whole(master.bound) < moved:
        # A bound above the next whole number of households is all that is wanted.
        tighten(problem, master, moved - 1 + 1e-3, budget)
    bound = _whole(master.bound)
    if bound < moved and not budget.over():
        done = sift(master, chosen, budget, Goal(aim, master.cuts, step=1.0), recipe)
        columns, chosen, bound = done.columns, done.chosen, max(bound, _whole(done.bound))
    else:
        reach = moved - master.bound + TOLERANCE
        kept = np.union1d(np.flatnonzero(master.reduced <= reach), chosen)
        columns, chosen = columns.take(kept), np.searchsorted(kept, chosen)
    assert columns.moved is not None
    moved = int(columns.moved[chosen].sum())
    return Moves(columns, chosen, moved, min(bound, moved))


def _rank(columns: Columns, chosen: IntArray) -> int:
    return int(columns.rank()[chosen].sum())


def _whole(bound: float) -> int:
    """Round a bound up to whole households, forgiving the solver's tolerance."""
    return max(0, int(np.ceil(bound - 1e-4))) if np.isfinite(bound) else 0
