"""Whatever the graph, the plan is sound, its bounds hold, and names and maps do not matter."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers import Budget, Problem, Solution, Status, solve, verify

BOUNDED = settings(max_examples=25, deadline=None, derandomize=True)
COST = {"rel": 1e-6, "abs": 1e-7}

places = st.tuples(st.integers(0, 2000), st.integers(0, 2000))
nodes = st.tuples(st.integers(0, 6), st.integers(0, 20), places)
bands = st.sampled_from(
    [
        ((3, 5), (8, 16)),
        ((4, 8), (10, 25)),
        ((2, 8), (0, 40)),
        ((0, 6), (0, 20)),
        ((5, 5), (10, 12)),
        ((1, 90), (1, 300)),
    ]
)
spans = st.one_of(st.just(np.inf), st.integers(100, 2500).map(float))


@st.composite
def problems(draw, most_nodes: int = 10) -> Problem:
    rows = draw(st.lists(nodes, min_size=1, max_size=most_nodes))
    pairs = list(combinations(range(len(rows)), 2))
    held = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return Problem(
        np.array([row[:2] for row in rows], np.int64),
        np.array(draw(bands), np.int64),
        np.array([row[2] for row in rows], float),
        np.array([p for p, h in zip(pairs, held, strict=True) if h], np.int64).reshape(-1, 2),
        draw(spans),
    )


def solved(problem: Problem, seed: int = 0) -> Solution:
    return solve(problem, Budget(None, clock=time.monotonic), seed)


def changed(problem: Problem, **changes) -> Problem:
    fields = ("weights", "bands", "xy", "edges")
    kept = {name: getattr(problem, name).copy() for name in fields}
    return Problem(**(kept | {"max_span_m": problem.max_span_m} | changes))


@BOUNDED
@given(problems())
def test_every_plan_is_sound_and_its_bounds_hold(problem):
    solution = solved(problem)
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()  # every node once, groups connected, within the span
    assert verdict.totals.sum(axis=0).tolist() == problem.weights.sum(axis=0).tolist()
    rounding = 1e-6 * len(verdict.costs)
    assert float(verdict.violation) == pytest.approx(solution.violation, abs=rounding)
    assert verdict.cost == pytest.approx(solution.objective, rel=1e-9, abs=1e-9)
    assert solution.violation_bound <= solution.violation
    assert solution.bound is not None
    assert solution.bound <= solution.objective
    in_band = verdict.violation == 0
    assert solution.status is (Status.OPTIMAL if in_band else Status.INFEASIBLE)
    _, first = np.unique(solution.labels, return_index=True)
    assert (np.diff(first) > 0).all()  # numbered by their smallest node
    assert solution.max_span_m == problem.max_span_m
    assert not solution.stopped


@BOUNDED
@given(problems(), st.randoms(use_true_random=False))
def test_relabelling_changes_neither_violation_nor_cost(problem, random):
    order = list(range(problem.n))
    random.shuffle(order)
    place = np.argsort(order)
    other = changed(
        problem,
        weights=problem.weights[order],
        xy=problem.xy[order],
        edges=np.sort(place[problem.edges], axis=1).reshape(-1, 2),
    )
    here, there = solved(problem), solved(other)
    assert there.violation == here.violation
    assert there.objective == pytest.approx(here.objective, **COST)
    assert verify(problem, there.labels[place]).faults == ()


@BOUNDED
@given(problems(), st.integers(-4_000_000, 4_000_000), st.integers(-4_000_000, 4_000_000))
def test_moving_the_map_changes_nothing(problem, east_m, north_m):
    moved = changed(problem, xy=problem.xy + np.array([east_m, north_m], float))
    here, there = solved(problem), solved(moved)
    assert there.violation == here.violation
    assert there.objective == pytest.approx(here.objective, **COST)
    assert verify(problem, there.labels).faults == ()


@BOUNDED
@given(problems(), st.integers(2, 7))
def test_a_map_k_times_as_large_costs_k_squared_times_as_much(problem, k):
    larger = changed(problem, xy=problem.xy * k, max_span_m=problem.max_span_m * k)
    here, there = solved(problem), solved(larger)
    assert there.violation == here.violation
    assert there.objective == pytest.approx(k * k * here.objective, rel=1e-6, abs=k * k * 1e-7)


@BOUNDED
@given(problems(), st.integers(2, 5))
def test_households_counted_k_times_cost_k_times_as_much(problem, k):
    """Bands counted with them: shares of the limits stay what they are."""
    larger = changed(
        problem,
        weights=problem.weights * np.array([k, 1]),
        bands=problem.bands * np.array([[k], [1]]),
    )
    if (problem.bands == 0).any():
        larger = problem  # a limit of nothing counts as one, and one does not scale
        k = 1
    here, there = solved(problem), solved(larger)
    assert there.violation == pytest.approx(here.violation, abs=1e-6 * problem.n)
    if here.violation == 0:
        assert there.objective == pytest.approx(k * here.objective, rel=1e-6, abs=k * 1e-7)


@BOUNDED
@given(problems(), st.integers(0, 5))
def test_the_same_problem_and_seed_give_the_same_labels(problem, seed):
    first, second = solved(problem, seed), solved(problem, seed)
    assert first.labels.tolist() == second.labels.tolist()
    assert first.bound == second.bound


@BOUNDED
@given(problems())
def test_another_seed_finds_nothing_better(problem):
    first, second = solved(problem, 0), solved(problem, 1)
    assert first.violation == second.violation
    assert first.objective == pytest.approx(second.objective, **COST)


@BOUNDED
@given(problems())
def test_a_wider_span_is_never_worse(problem):
    free = solved(changed(problem, max_span_m=np.inf))
    tight = solved(problem)
    assert free.violation <= tight.violation
    if free.violation == tight.violation:
        assert free.objective <= tight.objective * (1 + 1e-6) + 1e-7
