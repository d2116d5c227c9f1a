"""A hundred nodes: proved where the groups can be held, verified where they cannot."""

from __future__ import annotations

import time

import numpy as np
import pytest
from small_graphs import jittered_lattice

from solvers import Budget, Status, solve, verify


def test_a_hundred_blocks_of_a_hundred_households_are_solved_with_a_proof():
    problem = jittered_lattice(10, 100)
    solution = solve(problem, Budget(None, clock=time.monotonic))
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert verdict.violation == 0
    assert verdict.in_band == len(verdict.costs) >= 20
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(verdict.cost, rel=1e-9)
    assert solution.bound == pytest.approx(verdict.cost, rel=1e-6)
    assert solution.gap <= 1e-6
    assert solution.labels[0] == 0  # groups are numbered by their smallest node
    _, first = np.unique(solution.labels, return_index=True)
    assert (np.diff(first) > 0).all()


def test_more_groups_than_can_be_held_still_give_a_sound_plan():
    """36 households a block: groups of about ten blocks, many millions of them."""
    problem = jittered_lattice(10, 36)
    solution = solve(problem, Budget(6.0, clock=time.monotonic))
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert float(verdict.violation) == pytest.approx(
        solution.violation, abs=1e-6 * len(verdict.costs)
    )
    assert solution.violation_bound <= solution.violation
    assert solution.objective == pytest.approx(verdict.cost, rel=1e-9)
    assert solution.bound is None or solution.bound < verdict.cost
    assert solution.status is Status.FEASIBLE
    assert solution.stopped or solution.covers
    assert verdict.in_band >= 0.7 * len(verdict.costs)


def test_a_lattice_that_cannot_be_in_band_is_proved_so():
    """One-person flats: no group of 300 households has 1000 people."""
    lonely = jittered_lattice(3, 100)
    weights = lonely.weights.copy()
    weights[:, 1] = weights[:, 0]
    problem = type(lonely)(weights, lonely.bands.copy(), lonely.xy.copy(), lonely.edges.copy())
    solution = solve(problem, Budget(None, clock=time.monotonic))
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert verdict.in_band == 0
    assert solution.status is Status.INFEASIBLE
    assert solution.violation == solution.violation_bound
    assert float(verdict.violation) == pytest.approx(solution.violation, abs=1e-4)
