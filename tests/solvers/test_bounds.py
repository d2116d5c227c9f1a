"""Bounds for plans whose nodes were clustered never exceed what the best division costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brute_force import brute_front, least_cost_at
from small_graphs import all_light, path_edges, problem_of, random_problem, unhurried

import solvers.relax
from solvers import Problem, Terms, solve
from solvers.grow import grow
from solvers.relax import Known, bound_without_light
from solvers.value import worth


def known_of(problem: Problem, labels: np.ndarray) -> Known:
    return Known(labels, *worth(problem, labels))


def plans_of(problem: Problem) -> list[Known]:
    """Return a plan that is only fair, and the best."""
    return [
        known_of(problem, grow(problem)),
        known_of(problem, solve(problem, unhurried()).labels),
    ]


@pytest.mark.parametrize("thresholds", [(2, 3), (3,), (1,)])
def test_what_is_bounded_without_light_nodes_is_below_every_division(monkeypatch, thresholds):
    """A threshold of 1 leaves out the empty nodes alone, of 3 most."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", thresholds)
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    violations = costs = 0
    for seed in range(500, 520):
        problem = random_problem(seed, most_nodes=8)
        front = brute_front(problem)
        for known in plans_of(problem):
            least, bound = bound_without_light(problem, known, unhurried())
            assert least <= min(front), seed
            assert bound <= least_cost_at(front, known.violation) * (1 + 1e-6) + 1e-7, seed
            violations += least > 0
            costs += bound > 0
    assert violations >= 3
    assert costs >= 3


@pytest.mark.parametrize("thresholds", [(2,), (3,)])
def test_light_nodes_shared_out_cost_no_more_than_whole_ones(monkeypatch, thresholds):
    """With a penalty every division counts; the bound is met by some, and passed by none."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", thresholds)
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    close = 0
    for seed in range(700, 740):
        problem = random_problem(seed, most_nodes=8)
        terms = Terms(penalty=(0.02, 0.003, 0.001) if seed % 2 else (5.0, 0.5, 0.2))
        problem = replace(problem, terms=terms)
        least = least_cost_at(brute_front(problem), 0)
        for known in plans_of(problem):
            _, bound = bound_without_light(problem, known, unhurried())
            assert bound <= least * (1 + 1e-6) + 1e-7, seed
            close += 0.8 * least <= bound
    assert close >= 20


def test_without_any_light_node_the_bound_is_that_of_the_whole(monkeypatch):
    """2 2 2 2 in a row: nothing is left out, and the LP of a path has a whole optimum."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2,))
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    problem = problem_of(path_edges(4), [2] * 4)
    known = known_of(problem, np.array([0, 0, 1, 1]))
    assert bound_without_light(problem, known, unhurried()) == (0, pytest.approx(0.02))


def test_heavy_nodes_reach_each_other_through_light_ones(monkeypatch):
    """2 - 1 - 2, at least 4: only the twos together reach it, neighbours over 200 m."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2,))
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    problem = problem_of(path_edges(3), [2, 1, 2], bands=[[4, 5], [8, 16]])
    known = known_of(problem, np.array([0, 0, 0]))
    assert known.violation == 0
    assert bound_without_light(problem, known, unhurried()) == (0, pytest.approx(0.04))


def test_what_light_nodes_may_mend_is_no_violation(monkeypatch):
    """2 - 1 - 2 - - - far: each two could have the one, so neither is surely out of band."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2,))
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    problem = problem_of(path_edges(3), [2, 1, 2], [7, 1, 7], bands=[[3, 4], [7, 9]])
    known = known_of(problem, np.array([0, 0, 1]))
    assert known.violation > 0
    least, _ = bound_without_light(problem, known, unhurried())
    assert least == 0


def test_what_no_light_node_can_mend_is_proved(monkeypatch):
    """2 - 1 - 9: the nine is over 5 by 4, whatever becomes of the others."""
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2,))
    monkeypatch.setattr(solvers.relax, "crowded", all_light)
    problem = problem_of(path_edges(3), [2, 1, 9], [6, 3, 12])
    known = known_of(problem, np.array([0, 0, 1]))
    assert known.violation == 1_800_000
    assert bound_without_light(problem, known, unhurried())[0] == 1_800_000
