"""The last step in two: first among the columns of least reduced cost, then among all that may be.

A cover that uses a column of reduced cost r costs at least the LP's bound + r. So the best cover
of the columns up to r is the best of all, if it costs no more than the bound + r.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Columns
from .finish import Goal, finish
from .master import TOLERANCE, Master
from .problem import Budget, IntArray, Recipe

FEW = 8_000  # columns of the first step


@dataclass(frozen=True, eq=False)
class Sifted:
    """The columns that may still be used, the best cover of them, and a bound on its value."""

    columns: Columns
    chosen: IntArray
    bound: float


def sift(master: Master, chosen: IntArray, budget: Budget, goal: Goal, recipe: Recipe) -> Sifted:
    """Improve the cover ``chosen`` of the master's pool to the best there is.

    ``bound`` holds over the pool and over whatever else the master's bound speaks of and every
    column of which has too large a reduced cost to be in a better cover.
    """
    values, base = master.values, master.bound
    reduced = master.reduce(master.pool)
    edge = float(np.partition(reduced, FEW)[FEW]) if len(reduced) > FEW else np.inf
    best, bound = float(values[chosen].sum()), base
    for reach in (edge, np.inf):
        width = min(reach, best - base) + TOLERANCE
        kept = np.union1d(np.flatnonzero(reduced <= width), chosen)
        part, known = master.pool.take(kept), np.searchsorted(kept, chosen)
        done = finish(part, master.n, known, budget, goal=goal, solver=recipe.solver)
        chosen = kept[done.chosen]
        best = float(values[chosen].sum())
        bound = max(bound, min(done.bound, base + reach))
        if best - base <= reach or budget.over():
            break
    kept = np.union1d(np.flatnonzero(reduced <= best - base + TOLERANCE), chosen)
    return Sifted(master.pool.take(kept), np.searchsorted(kept, chosen), min(bound, best))
