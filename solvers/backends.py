"""The one file that knows HiGHS and CBC: options, status, start, cancel, the truth about bounds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import highspy
import numpy as np
import pulp

from .problem import Budget, FloatArray, IntArray

INF = highspy.kHighsInf
# One thread: HiGHS repeats exactly for a given number of threads, and changing the number
# within a process has been seen to return without solving.
_QUIET = {"output_flag": False, "threads": 1}
LOOK_S = 0.05  # between two looks at CBC's log
GRACE_S = 3.0  # that CBC has to hand over its solution once it was told to stop


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


@dataclass(frozen=True, eq=False)
class Ask:
    """How to solve a 0-1 program.

    ``solver``: "" for CBC, or HiGHS where CBC is not there; "cbc", "highs", or a name that PuLP
    knows. ``start``: values to start from, float64, () for none. ``step``: objectives differ by at
    least so much. ``most_nodes`` ends the branching. ``on_progress`` gets (best, bound).
    """

    budget: Budget
    solver: str = ""
    start: FloatArray | tuple[()] = ()
    step: float = 0.0
    most_nodes: int | None = None
    on_progress: Callable[[float, float], None] = lambda best, bound: None

    @property
    def gap(self) -> float:
        """How far from the bound a solution may be and still be the best."""
        return max(1e-9, 0.999 * self.step)


def solve_binary(
    model: pulp.LpProblem, variables: Sequence[pulp.LpVariable], ask: Ask
) -> MipAnswer:
    """Solve a PuLP model of 0-1 variables, to minimise, and report what the solver itself knows.

    PuLP reports "Optimal" where a time limit struck: so HiGHS and CBC are interrupted and read
    here, and any other is believed only where it ended well before its limit.

    Raises:
        SolverError: a solver of that name is not there.
    """
    name = ask.solver.lower()
    if name in ("", "cbc") and _cbc_solver():
        answer = _solve_with_cbc(model, variables, ask)
        if not (answer.infeasible and len(ask.start)):
            return answer
        # CBC calls infeasible what a known solution solves: ask the other one.
        return _solve_with_highs(model, variables, ask)
    if name in ("", "highs"):
        return _solve_with_highs(model, variables, ask)
    return _solve_with_any(model, variables, ask)


def _solve_with_highs(
    model: pulp.LpProblem, variables: Sequence[pulp.LpVariable], ask: Ask
) -> MipAnswer:
    """Solve with HiGHS, which is given no known solution to start from.

    So started, HiGHS 1.16 has told a wrong optimum, and has handed back the start for it (both
    stand in the tests).
    """
    budget = ask.budget
    options: dict[str, object] = {**_QUIET, "mip_rel_gap": 0.0, "mip_abs_gap": ask.gap}
    if np.isfinite(budget.left_s()):
        options["time_limit"] = max(0.01, budget.left_s())
    if ask.most_nodes is not None:
        options["mip_max_nodes"] = ask.most_nodes
    _greeted()
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(model)
    highs = model.solverModel
    for name, value in options.items():
        highs.setOptionValue(name, value)
    solver.buildSolverModel(model)
    index = np.array([v.index for v in variables], np.int64)

    def watch(event: Any) -> None:
        ask.on_progress(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
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


@cache
def _cbc_solver() -> Any:
    """Return PuLP's interface to CBC: the one it bundles, else one that is installed, else None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 4 bundles it elsewhere
        for name in ("PULP_CBC_CMD", "COIN_CMD"):
            make = getattr(pulp, name, None)
            solver = make(msg=False) if make else None
            if solver is not None and solver.available():
                return solver
    return None


def _solve_with_cbc(
    model: pulp.LpProblem, variables: Sequence[pulp.LpVariable], ask: Ask
) -> MipAnswer:
    """Solve with CBC: model, start and solution as PuLP writes and reads them, the run our own.

    PuLP waits for the end and tells no bound; here the log is read while CBC runs.
    """
    cbc, budget = _cbc_solver(), ask.budget
    with TemporaryDirectory(prefix="gridgeo-") as folder:
        mps, start, solution, log = (Path(folder) / name for name in ("m.mps", "s.mst", "a", "log"))
        order, names, rows, _ = model.writeMPS(str(mps), rename=True)
        command = [cbc.path, str(mps)]
        if len(ask.start):
            for variable, value in zip(variables, ask.start, strict=True):
                variable.setInitialValue(float(value))
            cbc.writesol(str(start), model, order, names, rows)
            command += ["-mips", str(start)]
        if np.isfinite(budget.left_s()):
            command += ["-sec", f"{max(0.01, budget.left_s()):.2f}", "-timeMode", "elapsed"]
        if ask.most_nodes is not None:
            command += ["-maxNodes", str(ask.most_nodes)]
        command += ["-ratio", "0", "-allow", f"{ask.gap}", "-increment", "1e-9", "-solve"]
        command += ["-printingOptions", "all", "-solution", str(solution)]
        with log.open("wb") as out:
            # A session of its own: Ctrl-C is ours to hear, and CBC is told by us.
            run = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            try:
                known = _watch_cbc(run, log, ask)
            finally:
                if run.poll() is None:
                    run.kill()
                    run.wait()
        if not solution.exists():
            return MipAnswer(None, known, optimal=False, infeasible=False)
        status = solution.read_text().split(maxsplit=1)[0]
        values = cbc.readsol_MPS(str(solution), model, order, names, rows)[1]
    x = np.array([values[v.name] for v in variables], float)
    optimal = status == "Optimal"
    worth = float(sum(c * values[v.name] for v, c in model.objective.items()))
    return MipAnswer(
        x=x,
        bound=worth - (ask.gap if ask.step else 0.0) if optimal else known,
        optimal=optimal,
        infeasible=status == "Infeasible",
    )


_CBC_TELLS = (
    (re.compile(r"Continuous objective value is (\S+)"), 0),
    (re.compile(r"cuts changed objective from \S+ to (\S+)"), 0),
    (re.compile(r"on tree, (\S+) best solution, best possible (\S+) "), 2),
    (re.compile(r"Integer solution of (\S+) found"), 1),
    (re.compile(r"Lower bound: +(\S+)"), 0),
)


def surely_below(told: float) -> float:
    """Return what a bound is at least, of which CBC's log has told the first six digits."""
    return told - 1e-5 * abs(told)


def _watch_cbc(run: subprocess.Popen[bytes], log: Path, ask: Ask) -> float:
    """Follow CBC's log to the end, stop it when the budget is over; return the bound it told."""
    best, bound = np.inf, -np.inf
    end_s: float | None = None
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            ended = run.poll() is not None
            for line in lines:
                for pattern, kind in _CBC_TELLS:
                    if told := pattern.search(line):
                        figures = [float(figure) for figure in told.groups()]
                        best = min(best, figures[0]) if kind else best
                        bound = bound if kind == 1 else max(bound, surely_below(figures[-1]))
                        ask.on_progress(best, bound)
            if ended:
                return bound
            if ask.budget.over():
                now_s = time.monotonic()
                if end_s is None:
                    end_s = now_s + GRACE_S
                    run.send_signal(signal.SIGINT)  # CBC then hands over what it has
                elif now_s > end_s:
                    run.kill()
            try:
                run.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                continue


def _solve_with_any(
    model: pulp.LpProblem, variables: Sequence[pulp.LpVariable], ask: Ask
) -> MipAnswer:
    """Solve with whatever PuLP knows by that name; its bound is the optimum, or nothing."""
    names = {name.lower(): name for name in pulp.listSolvers(onlyAvailable=True)}
    if ask.solver.lower() not in names:
        raise SolverError(f"there is no solver {ask.solver!r} here; PuLP finds {sorted(names)}")
    limit_s = ask.budget.left_s()
    options = {} if np.isinf(limit_s) else {"timeLimit": max(1.0, limit_s)}
    solver = pulp.getSolver(names[ask.solver.lower()], msg=False, **options)
    status = model.solve(solver)
    struck = ask.budget.left_s() < 0.02 * limit_s if np.isfinite(limit_s) else False
    has_solution = model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    optimal = model.sol_status == pulp.LpSolutionOptimal and not struck
    worth = pulp.value(model.objective) if has_solution else None
    return MipAnswer(
        x=np.array([v.value() or 0.0 for v in variables]) if has_solution else None,
        bound=float(worth) if optimal and worth is not None else -np.inf,
        optimal=optimal,
        infeasible=status == pulp.LpStatusInfeasible,
    )
