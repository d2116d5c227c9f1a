"""HiGHS and CBC say the same, start and stop as they are told, and claim no more than they know."""

from __future__ import annotations

import time

import numpy as np
import pulp
import pytest

from solvers import Budget, SolverError
from solvers.backends import Ask, solve_binary, surely_below

SOLVERS = ["cbc", "highs", "HiGHS"]


def unhurried() -> Budget:
    return Budget(None, clock=time.monotonic)


def cover_of(
    seed: int, rows: int = 12, columns: int = 60
) -> tuple[pulp.LpProblem, list, np.ndarray]:
    """Return a random exact cover with its singles, dear ones, so that a cover there is."""
    rng = np.random.default_rng(seed)
    holds = np.concatenate([np.eye(rows, dtype=bool), rng.random((columns, rows)) < 0.25])
    cost = np.concatenate([np.full(rows, 10.0), rng.integers(1, 20, columns) + rng.random(columns)])
    model = pulp.LpProblem("cover", pulp.LpMinimize)
    take = [model.add_variable(f"x{j}", cat=pulp.LpBinary) for j in range(len(cost))]
    model.setObjective(pulp.LpAffineExpression(zip(take, cost.tolist(), strict=True)))
    for i in range(rows):
        once = pulp.LpAffineExpression({take[j]: 1 for j in np.flatnonzero(holds[:, i])})
        model.addConstraint(pulp.LpConstraint(once, pulp.LpConstraintEQ, f"r{i}", 1))
    return model, take, cost


def hard_knapsack(items: int) -> tuple[pulp.LpProblem, list]:
    """Return equal-looking items under several equations: hours of branching for anyone."""
    rng = np.random.default_rng(3)
    model = pulp.LpProblem("market_split", pulp.LpMinimize)
    take = [model.add_variable(f"x{j}", cat=pulp.LpBinary) for j in range(items)]
    slack = [model.add_variable(f"s{i}", lowBound=0) for i in range(12)]
    model.setObjective(pulp.lpSum(slack))
    for i in range(6):
        weight = rng.integers(0, 100, items)
        half = int(weight.sum()) // 2
        row = pulp.lpSum(int(w) * v for w, v in zip(weight, take, strict=True))
        model.addConstraint(row + slack[2 * i] - slack[2 * i + 1] == half, f"r{i}")
    return model, take


@pytest.mark.parametrize("solver", SOLVERS)
def test_all_solvers_find_and_prove_the_same_optimum(solver):
    for seed in range(6):
        model, take, cost = cover_of(seed)
        best = solve_binary(*cover_of(seed)[:2], Ask(unhurried(), solver="highs"))
        answer = solve_binary(model, take, Ask(unhurried(), solver=solver))
        assert answer.optimal, (solver, seed)
        assert answer.x @ cost == pytest.approx(best.x @ cost), (solver, seed)
        assert answer.bound == pytest.approx(answer.x @ cost), (solver, seed)


def test_cbc_takes_a_start_and_is_never_worse():
    model, take, cost = cover_of(9)
    start = np.zeros(len(cost))
    start[:12] = 1.0
    answer = solve_binary(model, take, Ask(unhurried(), solver="cbc", start=start))
    assert answer.optimal
    assert answer.x @ cost < start @ cost


@pytest.mark.parametrize("solver", ["cbc", "highs"])
def test_a_solver_that_is_cancelled_stops_and_claims_only_its_bound(solver):
    model, take = hard_knapsack(50)
    end_s = time.monotonic() + 2.0
    budget = Budget(None, clock=time.monotonic, cancelled=lambda: time.monotonic() > end_s)
    answer = solve_binary(model, take, Ask(budget, solver=solver))
    assert budget.struck
    assert not answer.optimal
    assert not answer.infeasible
    assert answer.bound <= 1e-6  # nothing is below zero, and the optimum may be there


@pytest.mark.parametrize("solver", ["cbc", "highs"])
def test_a_time_limit_that_strikes_is_no_proof(solver):
    model, take = hard_knapsack(50)
    answer = solve_binary(model, take, Ask(Budget(1.0, clock=time.monotonic), solver=solver))
    assert not answer.optimal
    assert not answer.infeasible


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_has_no_solution_is_called_so(solver):
    model = pulp.LpProblem("none", pulp.LpMinimize)
    take = [model.add_variable(f"x{j}", cat=pulp.LpBinary) for j in range(3)]
    model.setObjective(pulp.lpSum(take))
    model.addConstraint(pulp.lpSum(take) >= 4, "four")
    answer = solve_binary(model, take, Ask(unhurried(), solver=solver))
    assert answer.infeasible
    assert not answer.optimal


def test_a_bound_read_from_a_log_is_not_rounded_up():
    """CBC writes six digits: 206.5675001 stands there as 206.568."""
    for bound in (206.5675001, 95.80925001, 6217.475001, -3.14159499, 0.0):
        assert surely_below(float(f"{bound:.6g}")) <= bound


def test_a_solver_that_is_not_there_is_an_error():
    model, take, _ = cover_of(0)
    with pytest.raises(SolverError, match="no solver 'nonesuch'"):
        solve_binary(model, take, Ask(unhurried(), solver="nonesuch"))
