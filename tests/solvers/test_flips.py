"""Single moves go downhill only, and never break a group, the span or the rule of lone nodes."""

from __future__ import annotations

import numpy as np
import pytest
from small_graphs import every_term, jittered_lattice, path_edges, problem_of, random_problem

from solvers import Problem, verify
from solvers.flips import Heat, descend, move
from solvers.graphs import adjacency
from solvers.grow import grow
from solvers.sums import ground_of
from solvers.sweep import oversize
from solvers.value import worth


def descended(problem: Problem, labels) -> np.ndarray:
    graph = adjacency(problem.n, problem.edges)
    return descend(problem, np.asarray(labels, np.int64), graph, oversize(problem))


def random_plan(problem: Problem, seed: int) -> np.ndarray:
    """Return a sound plan of no merit: join across random edges while that stays sound."""
    rng = np.random.default_rng(seed)
    labels = np.arange(problem.n)
    for i, j in rng.permutation(problem.edges)[: problem.n // 2]:
        joined = np.where(labels == labels[j], labels[i], labels)
        if verify(problem, np.unique(joined, return_inverse=True)[1]).faults == ():
            labels = joined
    return np.unique(labels, return_inverse=True)[1]


def test_moves_never_make_a_plan_worse_or_unsound():
    moved = better = 0
    for seed in range(150):
        problem = random_problem(seed)
        labels = random_plan(problem, seed)
        before = verify(problem, labels)
        assert before.faults == ()
        after_labels = descended(problem, labels)
        after = verify(problem, after_labels)
        rounding = len(after.costs) / 1e6  # the moves count violations in whole millionths
        assert after.faults == (), seed
        assert len(after.costs) == len(before.costs), seed
        assert float(after.violation) <= float(before.violation) + rounding, seed
        assert worth(problem, after_labels) <= (
            worth(problem, labels)[0],
            before.cost + 1e-9 if after.violation >= before.violation else np.inf,
        ), seed
        moved += (after_labels != labels).any()
        better += after.violation < before.violation
    assert moved >= 30
    assert better >= 20


def test_lone_nodes_stay_alone_and_are_left_alone():
    """2 [9] 2 2: nothing moves into the nine's group, nor the nine out of it."""
    problem = problem_of(path_edges(4), [2, 9, 2, 2], [6, 12, 6, 6])
    assert descended(problem, [0, 1, 2, 2]).tolist() == [0, 1, 2, 2]


def test_a_border_node_moves_to_where_it_belongs():
    """2 2 2 | 2: three are too many, two and two are in band."""
    problem = problem_of(path_edges(4), [2] * 4)
    assert descended(problem, [0, 0, 0, 1]).tolist() == [0, 0, 1, 1]


def test_a_cut_vertex_does_not_leave_its_group():
    """0 - 1 - 2 with 3 at the middle node: 1 may not go to 3, or 0 and 2 come apart.

    0 - 1 - 2
        |
        3        households 1 2 1 1: by weight alone 1 would go, for 3 is below its limit
    """
    problem = problem_of(
        [(0, 1), (1, 2), (1, 3)],
        [1, 2, 1, 1],
        [3, 6, 3, 3],
        bands=[[2, 3], [6, 9]],
        xy=[(0, 0), (100, 0), (200, 0), (100, -100)],
    )
    labels = descended(problem, [0, 0, 0, 1])
    assert verify(problem, labels).faults == ()
    assert labels[1] == labels[0] or labels[1] == labels[2]


def test_the_last_node_does_not_leave_its_group():
    """1 | 1: together they would violate less, but a plan keeps its number of groups here."""
    problem = problem_of(path_edges(2), [2, 2])
    assert sorted(descended(problem, [0, 1]).tolist()) == [0, 1]


def test_the_span_stops_a_move():
    """2 2 2 | 2 again, but the last two are 100 m apart and 99 is the most."""
    problem = problem_of(path_edges(4), [2] * 4, xy=[(0, 0), (50, 0), (99, 0), (199, 0)], span=99.0)
    assert descended(problem, [0, 0, 0, 1]).tolist() == [0, 0, 0, 1]


def test_labels_given_are_not_written_to():
    problem = problem_of(path_edges(4), [2] * 4)
    labels = np.array([0, 0, 0, 1])
    descended(problem, labels)
    assert labels.tolist() == [0, 0, 0, 1]


def test_worth_is_what_the_checker_counts():
    for seed in range(100):
        problem = random_problem(seed)
        labels = random_plan(problem, seed)
        verdict = verify(problem, labels)
        violation, cost = worth(problem, labels)
        assert violation / 1e6 == pytest.approx(
            float(verdict.violation), abs=len(verdict.costs) / 1e6
        )
        assert cost == pytest.approx(verdict.cost, rel=1e-9, abs=1e-9)


def test_a_grown_plan_is_sound():
    problems = [random_problem(seed) for seed in range(100)] + [jittered_lattice(12, 36)]
    for k, problem in enumerate(problems):
        labels = grow(problem)
        assert verify(problem, labels).faults == (), k
        assert labels.tolist() == grow(problem).tolist(), k


def test_a_grown_plan_of_a_chessboard_is_mostly_in_band():
    problem = jittered_lattice(12, 36)
    verdict = verify(problem, grow(problem))
    assert verdict.in_band >= 0.7 * len(verdict.costs)


def in_turn(problem: Problem, labels, **how):
    """Move nodes of all groups but those of lone nodes; return the labels and what was added."""
    labels = np.asarray(labels, np.int64).copy()
    region = np.zeros(labels.max() + 1, np.int64)
    region[labels[oversize(problem)]] = -1
    place = ground_of(problem, adjacency(problem.n, problem.edges))
    return labels, move(place, labels, region, **how)


@pytest.mark.parametrize("heat", [Heat(0.0, 0.0, 0.0), Heat(3.0, 1.0, 10.0), Heat(1e9, 1e9, 0.0)])
def test_what_moves_add_is_what_recomputation_finds(heat):
    moved = 0
    for seed in range(100):
        problem = every_term(random_problem(seed, most_nodes=14), seed)
        before = random_plan(problem, seed)
        after, (moves, violation, cost) = in_turn(problem, before, heat=heat, sweeps=9, seed=seed)
        (v0, c0), (v1, c1) = worth(problem, before), worth(problem, after)
        assert verify(problem, after).faults == (), seed
        assert after.max() == before.max(), seed
        assert v1 - v0 == violation, seed
        assert c1 - c0 == pytest.approx(cost, rel=1e-9, abs=1e-9), seed
        moved += moves
    assert moved >= 50
