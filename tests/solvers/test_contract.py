"""Clusters are connected, keep what they are made of, and stay under the upper limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_graphs import jittered_lattice, path_edges, problem_of, random_problem

from solvers import Problem, group_components, join, verify
from solvers.contract import contract
from solvers.value import worth

CASES = [random_problem(seed) for seed in range(60)] + [jittered_lattice(8, 36)]


def assert_sound(problem: Problem, threshold: int, name: object) -> int:
    smaller = contract(problem, threshold)
    cluster, weights = smaller.cluster, smaller.problem.weights
    size = np.bincount(cluster)
    pieces = group_components(problem.n, problem.edges, cluster)
    assert pieces.tolist() == cluster.tolist(), name  # both numbered by their first node
    for k in range(weights.shape[1]):
        assert np.bincount(cluster, problem.weights[:, k]).tolist() == weights[:, k].tolist(), name
    joined = size > 1
    assert (weights[joined] <= problem.bands[:, 1]).all(), name
    assert (weights[joined, 0] <= 2 * threshold).all(), name
    assert verify(problem, cluster).faults == (), name  # lone nodes alone, spans kept
    return int(joined.sum())


@pytest.mark.parametrize("threshold", [1, 2, 4, 60])
def test_clusters_are_connected_and_under_the_limits(threshold):
    joined = sum(assert_sound(problem, threshold, k) for k, problem in enumerate(CASES))
    assert joined >= 10


def test_a_threshold_of_nothing_joins_nothing():
    for problem in CASES:
        assert contract(problem, 0).cluster.tolist() == list(range(problem.n))


def test_every_light_node_found_a_partner_or_had_none():
    """2 - 2 - 2 - 2 below 3: pairs, as a third would be more than twice three or the limit."""
    smaller = contract(problem_of(path_edges(4), [2] * 4), 3)
    assert smaller.cluster.tolist() == [0, 0, 1, 1]
    assert smaller.problem.edges.tolist() == [[0, 1]]
    assert smaller.problem.weights.tolist() == [[4, 12], [4, 12]]
    assert smaller.problem.xy.tolist() == [[50.0, 0.0], [250.0, 0.0]]


def test_the_cost_of_a_plan_of_clusters_is_that_of_its_nodes_less_the_inner_cost():
    """Steiner: inertia about the whole = inertia inside the parts + that of their centres."""
    for k, problem in enumerate(CASES):
        smaller = contract(problem, 4)
        coarse = contract(smaller.problem, 8).cluster
        violation, cost = worth(smaller.problem, coarse)
        whole_violation, whole_cost = worth(problem, coarse[smaller.cluster])
        assert violation == whole_violation, k
        assert cost + smaller.inner_cost == pytest.approx(whole_cost, rel=1e-9, abs=1e-9), k


def test_edges_between_clusters_come_once_and_in_order():
    for k, problem in enumerate(CASES):
        smaller = contract(problem, 4)
        naive = {
            tuple(sorted((int(smaller.cluster[i]), int(smaller.cluster[j]))))
            for i, j in problem.edges.tolist()
            if smaller.cluster[i] != smaller.cluster[j]
        }
        assert [tuple(e) for e in smaller.problem.edges.tolist()] == sorted(naive), k


def test_joining_by_given_labels_keeps_bands_and_span():
    problem = problem_of(path_edges(4), [2, 0, 3, 1], span=250.0)
    smaller = join(problem, np.array([0, 0, 1, 1]))
    assert smaller.problem.weights.tolist() == [[2, 6], [4, 12]]
    assert smaller.problem.xy.tolist() == [[0.0, 0.0], [225.0, 0.0]]
    assert smaller.problem.max_span_m == 250.0
    assert smaller.problem.bands.tolist() == problem.bands.tolist()
    assert smaller.inner_cost == pytest.approx(0.75 * 1e4 / 1e6)


def test_a_cluster_without_households_lies_in_the_plain_middle():
    smaller = join(problem_of(path_edges(2), [0, 0], [1, 5]), np.array([0, 0]))
    assert smaller.problem.xy.tolist() == [[50.0, 0.0]]
    assert smaller.inner_cost == 0.0


def test_nodes_of_different_old_groups_are_not_joined():
    for k, problem in enumerate(CASES):
        old = np.random.default_rng(k).integers(-1, 3, problem.n)
        cluster = contract(replace(problem, old=old), 8).cluster
        for c in range(cluster.max() + 1):
            assert len(set(old[cluster == c].tolist())) == 1, k


def test_pairs_to_be_kept_apart_are_not_joined_by_any_way_round():
    kept = joined = 0
    for k, problem in enumerate(CASES):
        if not len(problem.edges):
            continue
        free = contract(problem, 8).cluster
        pairs = np.array([(i, j) for j in range(problem.n) for i in range(j)][:60], np.int64)
        pairs = pairs[free[pairs[:, 0]] == free[pairs[:, 1]]][::2]
        cluster = contract(replace(problem, apart=pairs), 8).cluster
        assert (cluster[pairs[:, 0]] != cluster[pairs[:, 1]]).all(), k
        kept += len(pairs)
        joined += cluster.max() + 1 < problem.n
    assert kept >= 50
    assert joined >= 20
