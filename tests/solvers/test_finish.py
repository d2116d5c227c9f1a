"""The closing 0-1 program finds and proves the least there is."""

from __future__ import annotations

import numpy as np
import pytest
from brute_force import brute_best
from small_graphs import random_problem, unhurried

from solvers.finish import Goal, finish
from solvers.master import Aim
from solvers.sweep import sweep


def test_the_least_cost_at_a_level_is_found_and_proved():
    """All groups under the limits, the level of the best: cost and bound as brute force says."""
    compared = 0
    for seed in range(60):
        problem, best = random_problem(seed), brute_best(random_problem(seed))
        pool = sweep(problem, max_span_m=problem.max_span_m, most_columns=1_000_000).columns
        singles = np.flatnonzero(np.diff(pool.start) == 1)
        if best.violation or not len(pool.take(np.flatnonzero(pool.violation == 0))):
            continue
        goal = Goal(Aim(violation=1e3, cost=1.0, level=0))  # what is out of band never pays
        done = finish(pool, problem.n, singles, unhurried(), goal=goal)
        if (pool.violation[done.chosen] == 0).all():
            assert pool.cost[done.chosen].sum() == pytest.approx(best.cost, rel=1e-6, abs=1e-7)
            assert done.bound == pytest.approx(best.cost, rel=1e-6, abs=1e-6)
            compared += 1
    assert compared >= 10
