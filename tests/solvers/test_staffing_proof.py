"""One worker a grid: least cost level by level, proved, and the same whatever the solver took."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

import solvers
from solvers import Budget, StaffingProblem, staff
from solvers.backends import MipAnswer
from solvers.staffing_proof import Duals, one_level, proof_of

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True)


def budget(time_limit_s: float | None = None) -> Budget:
    return Budget(time_limit_s, clock=time.monotonic)


@st.composite
def problems(draw: st.DrawFn) -> StaffingProblem:
    """Up to five workers and four grids; few different costs, so that many are equally good."""
    w, g, k = draw(st.integers(0, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    most = draw(st.sampled_from([1, 3, 40]))
    share = draw(st.sampled_from([0.3, 0.7, 1.0]))
    return StaffingProblem(
        rng.random((w, g)) < share,
        rng.integers(0, most + 1, (k, w, g)),
        rng.integers(0, most + 2, (k, g)),
    )


def best_of_all(problem: StaffingProblem) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Every assignment there is: the least costs, and the first in order of those that have it."""
    w, g = problem.allowed.shape
    found = []
    for choice in itertools.product([*range(w), -1], repeat=g):
        busy = [one for one in choice if one >= 0]
        if len(set(busy)) < len(busy):
            continue
        if all(one < 0 or problem.allowed[one, grid] for grid, one in enumerate(choice)):
            order = tuple(w if one < 0 else one for one in choice)
            found.append((problem.costs(np.array(choice)), order))
    return min(found)


@BOUNDED
@given(problems())
def test_it_is_the_first_of_the_cheapest_of_all_assignments(problem: StaffingProblem) -> None:
    done = staff(problem, budget())
    order = tuple(len(problem.allowed) if one < 0 else one for one in done.worker.tolist())
    assert (done.costs, order) == best_of_all(problem)


@BOUNDED
@given(problems())
def test_the_prices_prove_the_costs_to_whoever_adds_them_up(problem: StaffingProblem) -> None:
    done = staff(problem, budget())
    cost, nobody = one_level(problem.pair, problem.nobody)
    held = done.worker >= 0
    spent = cost[done.worker[held], np.flatnonzero(held)].sum() + nobody[~held].sum()
    assert done.duals.bound(problem.allowed, cost, nobody) == spent


@BOUNDED
@given(problems(), st.randoms(use_true_random=False))
def test_no_proof_is_found_for_a_dearer_assignment(problem: StaffingProblem, random) -> None:
    w, g = problem.allowed.shape
    best = best_of_all(problem)[0]
    free = list(range(w))
    other = np.full(g, -1, np.int64)
    for grid in range(g):
        may = [one for one in free if problem.allowed[one, grid]]
        if may and random.random() < 0.7:
            other[grid] = random.choice(may)
            free.remove(int(other[grid]))
    cost, nobody = one_level(problem.pair, problem.nobody)
    proof = proof_of(problem.allowed, cost, nobody, other)
    assert (proof is not None) == (problem.costs(other) == best)


def test_prices_that_overcharge_prove_nothing() -> None:
    allowed, cost, nobody = np.ones((1, 1), bool), np.array([[5]]), np.array([9])
    assert Duals(np.array([-5]), np.array([0]), 0).bound(allowed, cost, nobody) == 5
    assert Duals(np.array([-6]), np.array([0]), 0).bound(allowed, cost, nobody) is None


def test_sixty_workers_agree_with_another_method() -> None:
    rng = np.random.default_rng(3)
    cost = rng.integers(0, 5_000, (1, 60, 50))
    problem = StaffingProblem(np.ones((60, 50), bool), cost, np.full((1, 50), 1_000_000))
    row, column = linear_sum_assignment(cost[0])
    assert staff(problem, budget()).costs == (int(cost[0][row, column].sum()),)


def test_levels_too_large_for_64_bits_are_kept_apart_all_the_same() -> None:
    """Three levels near 10^9 each: as one number they would need some 100 bits."""
    big = 10**9
    pair = np.array([[[big, 0], [0, big]], [[big, 0], [0, 0]], [[0, 7], [big, 3]]])
    problem = StaffingProblem(np.ones((2, 2), bool), pair, np.full((3, 2), big))
    assert one_level(problem.pair, problem.nobody)[0].dtype == object
    done = staff(problem, budget())
    assert (done.costs, done.worker.tolist()) == ((0, 0, big + 7), [1, 0])


@pytest.mark.parametrize("solver", ["cbc", "highs"])
def test_every_solver_gives_the_same_of_many_equally_good(solver: str) -> None:
    problem = StaffingProblem(
        np.ones((7, 6), bool), np.zeros((1, 7, 6), np.int64), np.ones((1, 6), np.int64)
    )
    assert staff(problem, budget(), solver=solver).worker.tolist() == [0, 1, 2, 3, 4, 5]


def test_without_workers_every_grid_has_nobody() -> None:
    problem = StaffingProblem(
        np.zeros((0, 3), bool), np.zeros((1, 0, 3), np.int64), np.array([[4, 0, 2]])
    )
    done = staff(problem, budget())
    assert (done.worker.tolist(), done.costs) == ([-1, -1, -1], (6,))


def test_an_answer_that_is_not_the_best_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = StaffingProblem(
        np.ones((2, 2), bool), np.array([[[1, 9], [9, 1]]]), np.array([[50, 50]])
    )
    monkeypatch.setattr("solvers.staffing._solved", lambda *_: np.array([1, 0]))
    with pytest.raises(solvers.SolverError, match="cheaper"):
        staff(problem, budget())


def test_no_time_is_told_and_not_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = StaffingProblem(np.ones((2, 2), bool), np.ones((1, 2, 2), int), np.ones((1, 2), int))
    struck = MipAnswer(np.array([1.0, 0, 0, 1, 0, 0]), 0.0, optimal=False, infeasible=False)
    monkeypatch.setattr("solvers.staffing.solve_binary", lambda *_: struck)
    with pytest.raises(solvers.SolverError, match="time ran out"):
        staff(problem, budget(0.0))


def test_shapes_that_do_not_agree_are_refused() -> None:
    with pytest.raises(ValueError, match="do not agree"):
        StaffingProblem(np.ones((2, 2), bool), np.zeros((1, 2, 3), int), np.zeros((1, 2), int))
    with pytest.raises(ValueError, match="negative"):
        StaffingProblem(np.ones((1, 1), bool), np.full((1, 1, 1), -1), np.zeros((1, 1), int))
