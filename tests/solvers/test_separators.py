"""What separators and reach rule out is in no group, counted over all connected sets."""

from __future__ import annotations

import numpy as np
from brute_force import connected_sets, nodes_of
from small_graphs import path_edges, problem_of, random_problem

from solvers import components
from solvers.graphs import adjacency
from solvers.separators import (
    lightest_paths,
    minimal_separator,
    strengthen,
    too_light_last,
    within_reach,
)

SEEDS = range(60)


def sets_under_caps(problem) -> list[set[int]]:
    """Return the connected sets within both upper limits."""
    sets = [nodes_of(bits) for bits in connected_sets(problem.n, problem.edges)]
    high = problem.bands[:, 1]
    return [set(s) for s in sets if (problem.weights[s].sum(axis=0) <= high).all()]


def random_cases(seed: int):
    """Yield a root and a connected piece that it does not touch, on a random graph."""
    problem = random_problem(seed)
    graph = adjacency(problem.n, problem.edges)
    for bits in connected_sets(problem.n, problem.edges)[:: 1 + problem.n // 3]:
        piece = nodes_of(bits)
        near = {o for i in piece for o in graph.neighbour[graph.start[i] : graph.start[i + 1]]}
        for root in set(range(problem.n)) - near - set(piece):
            yield problem, graph, int(root), np.array(piece)


def is_cut(problem, without: list[int], root: int, node: int) -> bool:
    """Return whether no path from root to node avoids the nodes."""
    kept = ~np.isin(problem.edges, without).any(axis=1)
    piece = components(problem.n, problem.edges[kept])
    return bool(piece[root] != piece[node])


def test_a_separator_parts_and_no_node_of_it_is_idle():
    seen = 0
    for seed in SEEDS:
        for problem, graph, root, piece in random_cases(seed):
            inside = np.ones(problem.n, np.bool_)
            found = minimal_separator(graph, root, piece, inside=inside)
            assert all(is_cut(problem, found, root, i) for i in piece), seed
            for c in found:
                fewer = [other for other in found if other != c]
                assert not all(is_cut(problem, fewer, root, i) for i in piece), seed
            seen += len(found) > 1
    assert seen > 100


def test_a_strengthened_separator_is_in_every_group_under_the_caps():
    shorter = 0
    for seed in SEEDS:
        sets = sets_under_caps(random_problem(seed))
        for problem, graph, root, piece in random_cases(seed):
            inside = np.ones(problem.n, np.bool_)
            rim = minimal_separator(graph, root, piece, inside=inside)
            node = int(piece[0])
            few = strengthen(
                graph,
                rim,
                (root, node),
                inside=inside,
                weights=problem.weights,
                caps=problem.bands[:, 1].astype(float),
            )
            assert set(few) <= set(rim), seed
            assert all(s & set(few) for s in sets if {root, node} <= s), seed
            shorter += 0 < len(few) < len(rim)
    assert shorter > 20


def test_who_shares_a_group_under_the_caps_is_within_reach():
    out = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        graph = adjacency(problem.n, problem.edges)
        sets = sets_under_caps(problem)
        for source in range(problem.n):
            inside = np.ones(problem.n, np.bool_)
            caps = problem.bands[:, 1].astype(float)
            reach = within_reach(graph, source, inside, weights=problem.weights, caps=caps)
            partners = {i for s in sets if source in s for i in s}
            assert partners <= set(np.flatnonzero(reach).tolist()), seed
            out += int((~reach).sum())
    assert out > 100


def test_a_path_weighs_both_its_ends_and_keeps_inside():
    """1 - 2 - 4 - 8, and without the 4 there is no way to the 8; nothing weighs nothing."""
    graph = adjacency(4, np.array(path_edges(4)))
    weight = np.array([1, 2, 4, 8])
    everywhere = np.ones(4, np.bool_)
    assert lightest_paths(graph, 0, everywhere, weight).tolist() == [1, 3, 7, 15]
    assert lightest_paths(graph, 0, everywhere, weight * 0).tolist() == [0, 0, 0, 0]
    inside = np.array([True, True, False, True])
    assert lightest_paths(graph, 0, inside, weight).tolist() == [1, 3, np.inf, np.inf]


def test_what_comes_last_forms_no_group():
    """2 - 2 - 2 - 2 - 2 - 2 in bands from 5: pairs may come last, with one of three between."""
    problem = problem_of(path_edges(6), [2] * 6)
    rank = too_light_last(adjacency(6, problem.edges), problem.weights, np.array([5, 0]))
    first = np.argsort(rank)[:2]
    assert sorted(rank.tolist()) == list(range(6))
    assert first.tolist() == [2, 5]
