"""Whenever it is stopped, what is known is returned, verified, and claims no more than is true."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest
from brute_force import brute_front, least_cost_at
from small_graphs import (
    all_light,
    jittered_lattice,
    path_edges,
    problem_of,
    random_problem,
    unhurried,
)

import solvers.master
import solvers.pool
import solvers.relax
import solvers.run
from solvers import Budget, Problem, Progress, Solution, Status, components, solve, verify
from solvers.columns import Columns

CUTS = 25  # at how many moments a run is stopped


class Countdown:
    """Turns True after so many questions, and counts them."""

    def __init__(self, most: float) -> None:
        self.most, self.asked = most, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.most


def cancelled_after(most: float) -> tuple[Budget, Countdown]:
    countdown = Countdown(most)
    return Budget(None, clock=lambda: 0.0, cancelled=countdown), countdown


def a_seed(kind) -> int:
    """Return the first seed whose problem is of this kind, is large and has fractional LPs."""
    return next(seed for seed in range(1000) if kind(random_problem(seed), known_front(seed)))


@cache
def known_front(seed: int) -> dict[int, float]:
    return brute_front(random_problem(seed))


def is_in_band(problem: Problem, front: dict[int, float]) -> bool:
    return problem.n == 9 and 0 in front and front[0] > 0 and len(problem.edges) > 12


def is_out_of_band(problem: Problem, front: dict[int, float]) -> bool:
    return problem.n >= 8 and min(front) > 0 and len(front) > 3 and len(problem.edges) > 12


def has_pieces(problem: Problem, front: dict[int, float]) -> bool:
    return problem.n >= 8 and components(problem.n, problem.edges).max() > 1 and len(front) > 1


KINDS = [is_in_band, is_out_of_band, has_pieces]


def assert_true(problem: Problem, front: dict[int, float], solution: Solution, name: object):
    verdict = verify(problem, solution.labels)
    level = round(solution.violation * 1e6)
    cheapest = least_cost_at(front, level)
    assert verdict.faults == (), name
    assert float(verdict.violation) == pytest.approx(
        solution.violation, abs=1e-6 * len(verdict.costs)
    ), name
    assert verdict.cost == pytest.approx(solution.objective, rel=1e-9, abs=1e-9), name
    assert round(solution.violation_bound * 1e6) <= min(front), name
    assert solution.bound is None or solution.bound <= cheapest * (1 + 1e-6) + 1e-7, name
    if solution.status is Status.OPTIMAL:
        assert level == 0, name
        assert verdict.cost == pytest.approx(cheapest, rel=1e-6, abs=1e-7), name
    elif solution.status is Status.INFEASIBLE:
        assert level == min(front) > 0, name
    else:
        assert solution.status is Status.FEASIBLE, name
        assert solution.stopped or solution.covers, name


def cancel_everywhere(problem: Problem, front: dict[int, float]) -> set[Status]:
    """Cancel after 0, 1, 2, ... questions up to as many as a free run asks."""
    budget, countdown = cancelled_after(np.inf)
    free = solve(problem, budget)
    assert not free.stopped
    assert_true(problem, front, free, "free")
    moments = sorted(set(np.linspace(0, countdown.asked - 1, CUTS).astype(int).tolist()))
    seen = {free.status}
    for most in moments:
        budget, countdown = cancelled_after(most)
        solution = solve(problem, budget)
        # how often a solver beside us is looked after depends on the clock
        assert solution.stopped == (countdown.asked > most), most
        assert_true(problem, front, solution, most)
        seen.add(solution.status)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_at_any_moment_leaves_a_true_plan(kind):
    seed = a_seed(kind)
    assert Status.FEASIBLE in cancel_everywhere(random_problem(seed), known_front(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_while_pricing_from_a_narrow_pool_leaves_a_true_plan(monkeypatch, kind):
    monkeypatch.setattr(solvers.pool, "MOST_HELD", 16)
    monkeypatch.setattr(solvers.pool, "SPANS_M", (1500.0, 800.0, 1.0))
    monkeypatch.setattr(solvers.pool, "SERVED", 0.0)
    seed = a_seed(kind)
    cancel_everywhere(random_problem(seed), known_front(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_while_clusters_are_tried_leaves_a_true_plan(monkeypatch, kind):
    monkeypatch.setattr(solvers.pool, "MOST_HELD", 16)
    monkeypatch.setattr(solvers.pool, "MOST_STARTED", 16)
    monkeypatch.setattr(solvers.run, "THRESHOLDS", (2, 3))
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2, 3))
    for room in (solvers.run, solvers.relax):
        monkeypatch.setattr(room, "crowded", all_light)
    seed = a_seed(kind)
    cancel_everywhere(random_problem(seed), known_front(seed))


def test_a_time_limit_of_nothing_leaves_a_true_plan():
    for seed in range(40):
        solution = solve(random_problem(seed), Budget(0.0, clock=time.monotonic))
        assert solution.stopped, seed
        assert_true(random_problem(seed), known_front(seed), solution, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clock_that_strikes_at_any_moment_leaves_a_true_plan(kind):
    """The clock goes on by one second at every look."""
    seed = a_seed(kind)
    problem, front = random_problem(seed), known_front(seed)
    for limit_s in (1.5, 2.5, 4.5, 8.5, 16.5, 32.5, 64.5, 1e6):
        ticks = iter(range(10**6))
        solution = solve(problem, Budget(limit_s, clock=lambda t=ticks: float(next(t))))
        assert_true(problem, front, solution, limit_s)
        assert solution.stopped == (limit_s < 1e6) or solution.status is not Status.FEASIBLE


def test_a_large_problem_is_left_at_once_with_its_first_plan():
    """900 nodes and no time: the plan is the grown one, sound and mostly in band."""
    problem = jittered_lattice(30, 36)
    started_s = time.monotonic()
    solution = solve(problem, Budget(0.0, clock=time.monotonic))
    took_s = time.monotonic() - started_s
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert solution.stopped
    assert solution.status is Status.FEASIBLE
    assert verdict.in_band >= 0.5 * len(verdict.costs)
    assert took_s < 30


def test_the_budget_remembers_that_it_struck():
    now = [0.0]
    budget = Budget(10.0, clock=lambda: now[0])
    assert (budget.left_s(), budget.over(), budget.struck) == (10.0, False, False)
    now[0] = 10.0
    assert (budget.left_s(), budget.over(), budget.struck) == (0.0, True, True)
    now[0] = 5.0  # a clock put back does not undo it
    assert budget.over()


def test_a_budget_without_a_limit_never_strikes():
    budget = Budget(None, clock=time.monotonic)
    assert budget.left_s() == np.inf
    assert not budget.over()


def test_progress_ends_with_what_is_returned_and_never_passes_it():
    told: list[Progress] = []
    seed = a_seed(is_in_band)
    budget = Budget(None, clock=time.monotonic, report=told.append)
    solution = solve(random_problem(seed), budget)
    bests = [p.best for p in told if p.best is not None and not p.violation]
    bounds = [p.bound for p in told if p.bound is not None and not p.violation]
    assert min(bests) == pytest.approx(solution.objective)
    assert max(bounds, default=0.0) <= solution.objective * (1 + 1e-6) + 1e-7
    for step in told:
        assert step.gap is None or 0.0 <= step.gap <= 1.0


def test_the_same_problem_and_seed_give_the_same_labels():
    for seed in range(20):
        first, second = (solve(random_problem(seed), unhurried(), seed=7) for _ in range(2))
        assert first.labels.tolist() == second.labels.tolist(), seed
        assert (first.objective, first.bound) == (second.objective, second.bound), seed


def weights_and_edges(**changes):
    fields = {
        "weights": np.array([[2, 6], [2, 6]]),
        "bands": np.array([[3, 5], [8, 16]]),
        "xy": np.zeros((2, 2)),
        "edges": np.array([[0, 1]]),
    }
    return Problem(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"xy": np.zeros((3, 2))}, "do not agree"),
        ({"bands": np.array([[3, 5]])}, "do not agree"),
        ({"edges": np.array([[0, 1, 2]])}, "do not agree"),
        ({"weights": np.array([[2, 6], [2, -6]])}, "must not be negative"),
        ({"edges": np.array([[1, 0]])}, "edges must be pairs"),
        ({"edges": np.array([[0, 2]])}, "edges must be pairs"),
        ({"edges": np.array([[1, 1]])}, "edges must be pairs"),
    ],
)
def test_a_problem_that_does_not_fit_together_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        weights_and_edges(**changes)


def test_a_problem_without_nodes_is_refused():
    with pytest.raises(ValueError, match="at least one node"):
        problem_of([], [], xy=np.zeros((0, 2)))


def test_a_problem_cannot_be_changed():
    problem = problem_of(path_edges(2), [2, 2])
    for array in (problem.weights, problem.bands, problem.xy, problem.edges):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def singles(held: Columns) -> Columns:
    return held.take(np.flatnonzero(np.diff(held.start) == 1))


def test_pricing_that_is_out_of_time_takes_no_column_and_bounds_them_all():
    problem = random_problem(a_seed(is_in_band))
    held = solvers.pool.fill(problem, unhurried()).columns
    aim = solvers.master.Aim(violation=1000.0, cost=1.0)
    best, few = (solvers.master.Master(pool, problem.n, aim) for pool in (held, singles(held)))
    best.solve(unhurried())
    few.solve(unhurried())
    solvers.pool.price_from(held, few, 0.0, Budget(0.0, clock=time.monotonic))
    assert len(few.pool) == problem.n
    assert few.bound <= best.bound + 1e-6


def test_pricing_by_few_columns_at_once_comes_to_the_same_bound(monkeypatch):
    monkeypatch.setattr(solvers.pool, "PRICED", 3)
    problem = random_problem(a_seed(is_in_band))
    held = solvers.pool.fill(problem, unhurried()).columns
    aim = solvers.master.Aim(violation=1000.0, cost=1.0)
    best, few = (solvers.master.Master(pool, problem.n, aim) for pool in (held, singles(held)))
    best.solve(unhurried())
    few.solve(unhurried())
    solvers.pool.price_from(held, few, 0.0, unhurried())
    assert few.bound == pytest.approx(best.bound, abs=1e-6)
    assert problem.n < len(few.pool) < len(held)
