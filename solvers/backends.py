"""The one file that knows HiGHS: options, status, warm start, cancel, the truth about bounds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np
import pulp

from .problem import Budget, FloatArray, IntArray

INF = highspy.kHighsInf
# One thread: HiGHS repeats exactly for a given number of threads, and changing the number
# within a process has been seen to return without solving.
_QUIET = {"output_flag": False, "threads": 1}


class SolverError(RuntimeError):
    """The solver ended in a way that gives neither a solution nor a bound."""


def _silent(make: Callable[[], None]) -> None:
    """Call ``make`` with the process's standard output shut.

    HiGHS prints a banner from its constructor, before any option can be set, and to the C
    stream: whoever reads our output, or a notebook, would find it there.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # no standard output at all: nothing to keep clean
        make()
        return
    shut = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(shut, 1)
        make()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(shut)


@cache
def _greeted() -> bool:
    """Let HiGHS greet, once a process, unheard."""

    def greet() -> None:
        highspy.Highs()

    _silent(greet)
    return True


def _highs(**options: object) -> Any:
    _greeted()
    highs = highspy.Highs()
    for name, value in {**_QUIET, **options}.items():
        highs.setOptionValue(name, value)
    return highs


@dataclass(frozen=True, eq=False)
class LpAnswer:
    """Optimum of a linear program: ``objective``, ``x`` (columns), ``dual`` (rows)."""

    objective: float
    x: FloatArray
    dual: FloatArray


class LinearProgram:
    """A linear program that grows: minimise cost x, low <= A x <= high, x >= 0."""

    def __init__(self, low: FloatArray, high: FloatArray) -> None:
        self._highs = _highs()
        m = len(low)
        empty = np.zeros(0)
        self._highs.addRows(m, low, high, 0, np.zeros(m, np.int32), empty.astype(np.int32), empty)

    def add_columns(
        self, cost: FloatArray, start: IntArray, row: IntArray, value: FloatArray
    ) -> None:
        """Append columns; column j has ``value`` at ``row[start[j]:start[j + 1]]``."""
        count = len(cost)
        self._highs.addCols(
            count, cost, np.zeros(count), np.full(count, INF), len(row),
            start[:-1].astype(np.int32), row.astype(np.int32), value.astype(np.float64),
        )  # fmt: skip

    def add_row(self, low: float, high: float, column: IntArray, value: FloatArray) -> None:
        """Append a row over the columns there are."""
        self._highs.addRow(low, high, len(column), column.astype(np.int32), value)

    def set_bounds(self, column: int, low: float, high: float) -> None:
        """Set the bounds of one column."""
        self._highs.changeColBounds(column, low, high)

    def solve(self) -> LpAnswer | None:
        """Return the optimum, None where there is no solution.

        Raises:
            SolverError: HiGHS gave up.
        """
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            # A rare numerical stall from a warm basis: once more from scratch, then give up.
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return None
            if status != highspy.HighsModelStatus.kOptimal:
                raise SolverError(f"HiGHS ended an LP with {status}")
        answer = self._highs.getSolution()
        objective = self._highs.getInfo().objective_function_value
        return LpAnswer(objective, np.array(answer.col_value), np.array(answer.row_dual))


@dataclass(frozen=True, eq=False)
class MipAnswer:
    """Answer of a 0-1 program: values (None without a solution), a valid bound, what is known."""

    x: FloatArray | None
    bound: float
    optimal: bool
    infeasible: bool


def solve_binary(
    model: pulp.LpProblem,
    variables: Sequence[pulp.LpVariable],
    budget: Budget,
    *,
    on_progress: Callable[[float, float], None] = lambda best, bound: None,
) -> MipAnswer:
    """Solve a PuLP model of 0-1 variables with HiGHS and report what HiGHS itself knows.

    PuLP reports "Optimal" where a time limit struck, so the model is built by PuLP, and
    interrupted and read here. No known solution is given to start from: so started, HiGHS 1.16
    has told a wrong optimum, and has handed back the start for it (both stand in the tests).
    ``on_progress`` gets (best, bound).
    """
    options: dict[str, object] = {**_QUIET, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9}
    if np.isfinite(budget.left_s()):
        options["time_limit"] = max(0.01, budget.left_s())
    _greeted()
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(model)
    highs = model.solverModel
    for name, value in options.items():
        highs.setOptionValue(name, value)
    solver.buildSolverModel(model)
    index = np.array([v.index for v in variables], np.int64)

    def watch(event: Any) -> None:
        on_progress(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
        if budget.over():
            event.interrupt()

    highs.HandleUserInterrupt = True
    highs.cbMipInterrupt.subscribe(watch)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    has_solution = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return MipAnswer(
        x=np.array(highs.getSolution().col_value)[index] if has_solution else None,
        bound=float(info.mip_dual_bound),
        optimal=status == highspy.HighsModelStatus.kOptimal,
        infeasible=status == highspy.HighsModelStatus.kInfeasible,
    )
