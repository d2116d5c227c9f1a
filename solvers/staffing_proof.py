"""Prices that prove an assignment of workers to grids, in whole numbers; and ties settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .problem import BoolArray, IntArray

NOBODY = -1
# Beyond this a sum could leave int64: Python's own whole numbers take over, which are slower.
_SAFE = 2**60

# int64, or object arrays of Python's whole numbers
Whole = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Duals:
    """Prices of grids (g,), of workers (w,) and of the pool that the idle are in.

    They are the dual solution of the assignment problem as a flow (Ahuja, Magnanti and Orlin
    1993, Network Flows, chapter 9): every grid sends one unit to a worker, or straight to the
    pool; every worker passes on at most one.
    """

    grid: Whole
    worker: Whole
    pool: int

    def bound(self, allowed: BoolArray, cost: Whole, nobody: Whole) -> int | None:
        """Return what no assignment costs less than, None where these prices prove nothing."""
        reduced = cost + self.grid[None, :] - self.worker[:, None]
        if (reduced[allowed] < 0).any() or (nobody + self.grid - self.pool < 0).any():
            return None
        rent = self.pool - self.worker
        return int((self.pool - self.grid).sum()) - int(rent[rent > 0].sum())


def one_level(pair: IntArray, nobody: IntArray) -> tuple[Whole, Whole]:
    """Return levels of cost as one, (w, g) and (g,), in which no later level outweighs a unit.

    ``pair``: (k, w, g); ``nobody``: (k, g).
    """
    g = nobody.shape[1]
    most = [
        g * max(int(p.max(initial=0)), int(n.max(initial=0)))
        for p, n in zip(pair, nobody, strict=True)
    ]
    size = 1
    for level in most:
        size *= level + 1
    # prices are sums over a path through all grids
    kind: Any = np.int64 if size * (g + 2) < _SAFE else object
    cost, alone = pair[0].astype(kind), nobody[0].astype(kind)
    for k in range(1, len(most)):
        cost = cost * (most[k] + 1) + pair[k].astype(kind)
        alone = alone * (most[k] + 1) + nobody[k].astype(kind)
    return cost, alone


def proof_of(allowed: BoolArray, cost: Whole, nobody: Whole, worker: IntArray) -> Duals | None:
    """Return prices that prove an assignment the cheapest, None where it is not.

    They are shortest ways in what is left of the flow (Bellman and Ford): if an assignment could
    be made cheaper, going round would be cheaper each time.
    """
    w, g = allowed.shape
    kind = cost.dtype
    of_grid, of_worker = np.zeros(g, kind), np.zeros(w, kind)
    pool: Any = 0
    held = np.flatnonzero(worker != NOBODY)
    bare = np.flatnonzero(worker == NOBODY)
    idle = np.setdiff1d(np.arange(w), worker[held])
    theirs = worker[held]
    back = cost[theirs, held]
    some = np.flatnonzero(allowed.any(axis=1))
    # what is not allowed is passed over, whatever it would cost
    far = int(cost.max(initial=0)) * (g + 2) + int(nobody.max(initial=0)) * (g + 2) + 1
    ways = np.where(allowed, cost, far)[some]
    for _ in range(w + g + 2):
        before = of_grid.copy(), of_worker.copy(), pool
        if len(some):
            near = (ways + of_grid[None, :]).min(axis=1)
            of_worker[some] = np.minimum(of_worker[some], near)
        pool = min([pool, *(of_grid + nobody).tolist(), *of_worker[idle].tolist()])
        of_worker[theirs] = np.minimum(of_worker[theirs], pool)
        of_grid[held] = np.minimum(of_grid[held], of_worker[theirs] - back)
        of_grid[bare] = np.minimum(of_grid[bare], pool - nobody[bare])
        if (of_grid == before[0]).all() and (of_worker == before[1]).all() and pool == before[2]:
            duals = Duals(of_grid, of_worker, int(pool))
            spent = int(back.sum()) + int(nobody[bare].sum())
            return duals if duals.bound(allowed, cost, nobody) == spent else None
    return None


def first_of_equals(
    allowed: BoolArray, cost: Whole, nobody: Whole, *, worker: IntArray, duals: Duals
) -> IntArray:
    """Return of all cheapest assignments the one that is first in order, int64 (g,).

    Grid by grid the first worker of those it can have in any; nobody comes last. Prices tell
    which pairs a cheapest assignment may hold: those whose cost is just what they differ by.
    """
    tight = allowed & (cost + duals.grid[None, :] - duals.worker[:, None] == 0)
    swap = _Swap(
        tight=tight,
        may_lack=nobody + duals.grid - duals.pool == 0,
        may_idle=duals.worker == duals.pool,
        worker=worker.copy(),
    )
    for grid in range(len(worker)):
        for wanted in np.flatnonzero(tight[:, grid]).tolist():
            if wanted == swap.worker[grid] or swap.give(grid, wanted):
                break
        swap.settled[grid] = True
    return swap.worker


class _Swap:
    """An assignment that is moved along pairs at no cost; what is settled stays."""

    def __init__(
        self, tight: BoolArray, may_lack: BoolArray, *, may_idle: BoolArray, worker: IntArray
    ) -> None:
        self.tight, self.may_lack, self.may_idle = tight, may_lack, may_idle
        self.worker = worker
        self.settled = np.zeros(len(worker), np.bool_)

    def give(self, grid: int, wanted: int) -> bool:
        """Give a grid the worker wanted, others moving up as far as they must; return if so.

        A way is looked for from the worker wanted to the grid: from a busy worker on to the grid
        that loses it, from a grid to another worker it may have; or by the pool, where a worker
        may be idle and another busy, or a grid may lack one. It closes at the grid's own worker,
        who is set free, or at the pool, if the grid had nobody.
        """
        w, g = self.tight.shape
        pool = w + g
        serves = np.full(w, NOBODY, np.int64)
        held = np.flatnonzero(self.worker != NOBODY)
        serves[self.worker[held]] = held
        came: dict[int, int] = {wanted: -1}
        queue = [wanted]
        goal = w + grid
        while queue and goal not in came:
            node = queue.pop(0)
            for following in self._from(node, serves, pool):
                if following not in came:
                    came[following] = node
                    queue.append(following)
        if goal not in came:
            return False
        self._move(came, goal, grid, wanted)
        return True

    def _from(self, node: int, serves: IntArray, pool: int) -> list[int]:
        """Return the nodes that one may go on to: workers, then grids, then the pool."""
        w = len(self.tight)
        if node < w:
            out = []
            if serves[node] != NOBODY:
                if not self.settled[serves[node]]:
                    out.append(w + int(serves[node]))
            elif self.may_idle[node]:
                out.append(pool)
            return out
        if node < pool:
            grid = node - w
            out = np.flatnonzero(self.tight[:, grid]).tolist()
            return [*out, pool] if self.may_lack[grid] else out
        bare = np.flatnonzero((self.worker == NOBODY) & ~self.settled)
        busy = np.flatnonzero((serves != NOBODY) & self.may_idle)
        return [*(w + bare).tolist(), *busy.tolist()]

    def _move(self, came: dict[int, int], goal: int, grid: int, wanted: int) -> None:
        """Move everyone along the way that was found, and give the grid its worker."""
        w, g = self.tight.shape
        pool, node = w + g, goal
        steps = []
        while came[node] != -1:
            steps.append((came[node], node))
            node = came[node]
        for before, after in steps:
            # only a step from a grid says who serves it from now on
            if w <= before < pool:
                self.worker[before - w] = after if after < w else NOBODY
        self.worker[grid] = wanted
