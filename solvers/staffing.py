"""One worker a grid as an assignment model in PuLP: least cost level by level, and a proof."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pulp

from .backends import Ask, SolverError, solve_binary
from .problem import BoolArray, Budget, IntArray
from .staffing_proof import NOBODY, Duals, first_of_equals, one_level, proof_of


@dataclass(frozen=True, eq=False)
class StaffingProblem:
    """Who may serve which grid, and what it costs: w workers, g grids, k levels of cost.

    ``allowed``: bool (w, g). ``pair``: int64 (k, w, g), the cost of a worker in a grid; only what
    is allowed counts. ``nobody``: int64 (k, g), the cost of a grid without a worker. Level 0 comes
    first; a later level decides only among what is best in all before it.

    Raises:
        ValueError: shapes that do not agree, or a negative cost.
    """

    allowed: BoolArray
    pair: IntArray
    nobody: IntArray

    def __post_init__(self) -> None:
        w, g = self.allowed.shape
        k = len(self.nobody)
        if self.pair.shape != (k, w, g) or self.nobody.shape != (k, g) or k < 1:
            raise ValueError("allowed (w, g), pair (k, w, g) and nobody (k, g) do not agree")
        if (self.pair < 0).any() or (self.nobody < 0).any():
            raise ValueError("costs must not be negative")
        for array in (self.allowed, self.pair, self.nobody):
            array.flags.writeable = False

    def costs(self, worker: IntArray) -> tuple[int, ...]:
        """Return what an assignment costs at every level; ``worker``: int64 (g,), -1 for none."""
        grid = np.arange(len(worker))
        held = worker != NOBODY
        return tuple(
            int(pair[worker[held], grid[held]].sum()) + int(nobody[~held].sum())
            for pair, nobody in zip(self.pair, self.nobody, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Staffed:
    """``worker``: int64 (g,), who serves a grid, -1 for nobody. ``costs``: one a level.

    ``duals``: prices that prove in whole numbers that no assignment costs less, see ``Duals``.
    """

    worker: IntArray
    costs: tuple[int, ...]
    duals: Duals = field(repr=False)


def staff(problem: StaffingProblem, budget: Budget, *, solver: str = "") -> Staffed:
    """Give every grid at most one worker and every worker at most one grid, at the least cost.

    The levels are solved one after the other, each with what those before came to as a row. The
    answer is then proved in whole numbers, by prices that do not come from the solver; and of
    equally good answers the one is taken in which the first grid has the first worker it can
    have, then the second grid, and so on: whatever the solver chose, and in whatever version.

    Raises:
        SolverError: time ran out, or the answer does not stand the proof.
    """
    worker = _solved(problem, budget, solver)
    cost, nobody = one_level(problem.pair, problem.nobody)
    duals = proof_of(problem.allowed, cost, nobody, worker)
    if duals is None:
        raise SolverError("the solver gave workers to grids, and a cheaper way is there")
    worker = first_of_equals(problem.allowed, cost, nobody, worker=worker, duals=duals)
    return Staffed(worker, problem.costs(worker), duals)


def _solved(problem: StaffingProblem, budget: Budget, solver: str) -> IntArray:
    """Return an answer of the solver, as it says the best, int64 (g,)."""
    w, g = problem.allowed.shape
    model = pulp.LpProblem("staffing", pulp.LpMinimize)
    pairs = np.argwhere(problem.allowed)
    serves = [model.add_variable(f"x_{i}_{j}", cat=pulp.LpBinary) for i, j in pairs.tolist()]
    alone = [model.add_variable(f"nobody_{j}", cat=pulp.LpBinary) for j in range(g)]
    of_worker: list[list[pulp.LpVariable]] = [[] for _ in range(w)]
    of_grid: list[list[pulp.LpVariable]] = [[] for _ in range(g)]
    for (i, j), variable in zip(pairs.tolist(), serves, strict=True):
        of_worker[i].append(variable)
        of_grid[j].append(variable)
    for j, variables in enumerate(of_grid):
        model += pulp.lpSum([*variables, alone[j]]) == 1, f"one_worker_{j}"
    for i, variables in enumerate(of_worker):
        if variables:
            model += pulp.lpSum(variables) <= 1, f"one_grid_{i}"
    variables = [*serves, *alone]
    levels = [
        np.concatenate([pair[tuple(pairs.T)], nobody])
        for pair, nobody in zip(problem.pair, problem.nobody, strict=True)
    ]
    asked = [k for k, level in enumerate(levels) if level.any()] or [0]
    answer = np.zeros(0)
    for k in asked:
        level = pulp.LpAffineExpression(zip(variables, levels[k].tolist(), strict=True))
        model.setObjective(level)
        found = solve_binary(model, variables, Ask(budget, solver=solver, step=1.0))
        if found.x is None or not found.optimal:
            raise SolverError("time ran out before it was known who serves which grid")
        answer = np.round(found.x)
        if k != asked[-1]:
            # half a unit: costs are whole, and a solver has its tolerance
            model += level <= float(levels[k] @ answer) + 0.5, f"level_{k}"
    worker = np.full(g, NOBODY, np.int64)
    taken = answer[: len(pairs)] > 0.5
    worker[pairs[taken, 1]] = pairs[taken, 0]
    return worker
