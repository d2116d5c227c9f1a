"""A first cover: dive from the LP by demanding its largest columns, a few at a time."""

from __future__ import annotations

import numpy as np

from .master import Master
from .problem import Budget, IntArray

SURE = 0.7  # a column at least so full in the LP is taken without counting
SHARE = 0.04  # of the nodes: how many less sure columns are taken before solving again


def dive(master: Master, budget: Budget) -> IntArray | None:
    """Return columns of the pool that cover every node once, None where the dive got stuck.

    The master is left as it was found, apart from the columns priced on the way.
    """
    free = np.ones(master.n, np.bool_)
    chosen: list[int] = []
    demanded: list[int] = []
    answer = master.solve(budget, free=free)
    while answer is not None and free.any() and not budget.over():
        taken = _largest(master, answer.x, free)
        if not taken:
            answer = None
            break
        for position in taken:
            column = int(master.inside[position])
            chosen.append(column)
            free[master.pool.of(column)] = False
            demanded.append(position)
            master.fix(position)
        if free.any():
            answer = master.solve(budget, free=free)
    for position in demanded:
        master.unfix(position)
    if answer is None or free.any():
        return None
    return np.array(sorted(chosen), np.int64)


def _largest(master: Master, x: np.ndarray, free: np.ndarray) -> list[int]:
    """Return positions of disjoint columns of free nodes, largest in the LP first."""
    taken: list[int] = []
    unsure = 0
    open_ = free.copy()
    for position in np.lexsort((master.inside, -x)):
        if x[position] < 1e-6:
            break
        nodes = master.pool.of(int(master.inside[position]))
        if not open_[nodes].all():
            continue
        if x[position] < SURE:
            if unsure >= max(2, SHARE * master.n):
                break
            unsure += 1
        open_[nodes] = False
        taken.append(int(position))
    return taken
