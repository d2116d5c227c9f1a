"""The checker catches labels that were tampered with, and counts exactly."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from brute_force import bits_of, groups_of
from small_graphs import path_edges, problem_of, random_problem, unhurried

from solvers import Problem, solve, verify


def pairs(span: float = inf) -> Problem:
    """2 - 2 - 2 - 2 in a row, 100 m apart."""
    return problem_of(path_edges(4), [2] * 4, span=span)


def faults(problem: Problem, labels: list[int]) -> tuple[str, ...]:
    return verify(problem, np.array(labels)).faults


def test_a_sound_plan_has_no_faults():
    verdict = verify(pairs(), np.array([0, 0, 1, 1]))
    assert verdict.faults == ()
    assert verdict.totals.tolist() == [[4, 12], [4, 12]]
    assert (verdict.violation, verdict.in_band) == (0, 2)
    assert verdict.costs == pytest.approx([0.01, 0.01])


def test_a_group_in_two_pieces_is_caught():
    assert faults(pairs(), [0, 1, 0, 1]) == ("group 0 is in 2 pieces", "group 1 is in 2 pieces")


def test_a_group_that_spans_too_much_is_caught():
    assert faults(pairs(span=100.0), [0, 0, 1, 1]) == ()
    assert faults(pairs(span=99.0), [0, 0, 1, 2]) == ("group 0 spans 100.00 m",)
    assert faults(pairs(span=250.0), [0, 0, 0, 0]) == ("group 0 spans 300.00 m",)


@pytest.mark.parametrize("labels", [[0, 0, -1, 1], [0, 0, 1], [0, 0, 1, 1, 1], []])
def test_a_node_without_a_group_is_caught(labels):
    assert faults(pairs(), labels) == ("a node has no group",)


def test_a_number_left_out_is_caught():
    assert "group numbers have holes" in faults(pairs(), [0, 0, 2, 2])


def test_a_node_over_a_limit_in_company_is_caught():
    """2 - 9 - 2: the nine must stand alone, by households or by people."""
    by_households = problem_of(path_edges(3), [2, 9, 2], [6, 6, 6])
    by_people = problem_of(path_edges(3), [2, 2, 2], [6, 17, 6])
    for problem in (by_households, by_people):
        assert faults(problem, [0, 0, 1]) == ("group 0 holds node 1, which must stand alone",)
        assert faults(problem, [0, 1, 2]) == ()


def test_violation_is_one_and_the_shares_of_the_limits_broken():
    """6 of 5 households and 18 of 16 people; 1 of 3 and 3 of 8; 3 of 3 and 17 of 16."""
    problem = problem_of([(0, 1)], [3, 3, 1, 3], [9, 9, 3, 17])
    verdict = verify(problem, np.array([0, 0, 1, 2]))
    assert verdict.violations == (
        1 + Fraction(1, 5) + Fraction(2, 16),
        1 + Fraction(2, 3) + Fraction(5, 8),
        1 + Fraction(1, 16),
    )
    assert verdict.violation == sum(verdict.violations)
    assert verdict.in_band == 0


def test_the_limits_themselves_are_within():
    problem = problem_of([], [3, 5], [8, 16])
    assert verify(problem, np.array([0, 1])).violation == 0


def test_a_limit_of_nothing_counts_as_one_share():
    problem = problem_of([], [2], [0], bands=[[0, 0], [0, 0]])
    assert verify(problem, np.array([0])).violation == 3


def test_cost_is_the_same_by_huygens():
    """The checker sums about the centroid; pairs of masses must give the same."""
    for seed in range(15):
        problem = random_problem(seed)
        labels = solve(problem, unhurried()).labels
        costs = {g.bits: g.cost for g in groups_of(problem)}
        expected = [
            costs[bits_of(np.flatnonzero(labels == g))] for g in range(int(labels.max()) + 1)
        ]
        assert verify(problem, labels).costs == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_every_single_move_of_a_sound_plan_is_judged_as_a_naive_check_does():
    """Move each node to each other group: sound only if every group is one that may be."""
    caught = passed = 0
    for seed in range(20):
        problem = random_problem(seed)
        labels = solve(problem, unhurried()).labels
        may_be = {g.bits for g in groups_of(problem)}
        for node in range(problem.n):
            for group in range(int(labels.max()) + 1):
                moved = labels.copy()
                moved[node] = group
                if len(np.unique(moved)) <= labels.max():
                    continue  # an empty group is another fault
                sets = [bits_of(np.flatnonzero(moved == g)) for g in range(labels.max() + 1)]
                sound = all(bits in may_be for bits in sets)
                assert (verify(problem, moved).faults == ()) == sound, (seed, node, group)
                caught += not sound
                passed += sound
    assert caught > 50
    assert passed > 50
