"""Cuts hold for every division into groups, cut off the point given, and price as they read."""

from __future__ import annotations

import numpy as np
import pytest
from brute_force import bits_of, divisions
from small_graphs import clique_edges, cycle_edges, problem_of, random_problem, unhurried

from solvers import Problem
from solvers.columns import Columns
from solvers.master import Aim, Master
from solvers.rank1 import LEAST_EXCESS, MULTIPLIERS, Cuts, reduce_with_cuts, separate
from solvers.sweep import sweep

OPEN = [[0, 1000], [0, 1000]]


def all_groups(problem: Problem) -> Columns:
    return sweep(problem, max_span_m=problem.max_span_m, most_columns=1_000_000).columns


def naive_coefficient(cuts: Cuts, k: int, nodes: set[int]) -> int:
    """Return the sum of the factors of the nodes in the cut, over the divisor, rounded down."""
    pairs = zip(cuts.node[k].tolist(), cuts.factor[k].tolist(), strict=True)
    return sum(factor for node, factor in pairs if node in nodes) // int(cuts.divisor[k])


def lp_and_cuts(problem: Problem, seed: int) -> tuple[Columns, np.ndarray, Cuts]:
    """Return the groups, a fractional optimum of dividing by random values, and cuts of it."""
    pool = all_groups(problem)
    size = np.diff(pool.start)
    cost = np.random.default_rng(seed).random(len(pool)) + (size - 2.5) ** 2
    pool = Columns(pool.start, pool.member, cost, np.zeros(len(pool), np.int64))
    master = Master(pool, problem.n, Aim(cost=1.0))
    answer = master.solve(unhurried())
    assert answer is not None
    columns = pool.take(master.inside)
    return columns, answer.x, separate(columns, answer.x, problem.n, set(), seed)


def fractional_cases() -> list[tuple[Problem, Columns, np.ndarray, Cuts]]:
    cases = []
    for seed in range(12):
        edges = clique_edges(7) if seed % 2 else [*cycle_edges(7), (0, 3), (1, 5), (2, 6)]
        problem = problem_of(edges, [1] * 7, bands=OPEN)
        columns, x, cuts = lp_and_cuts(problem, seed)
        if len(cuts):
            cases.append((problem, columns, x, cuts))
    return cases


@pytest.fixture(scope="module")
def cases():
    found = fractional_cases()
    assert len(found) >= 4
    return found


def test_half_of_each_side_of_a_triangle_is_cut_off():
    """Three pairs of three nodes, each taken by half: only one pair fits.

      0
     / \\
    1 - 2
    """
    pairs = Columns(
        np.array([0, 2, 4, 6]),
        np.array([0, 1, 1, 2, 0, 2], np.int32),
        np.ones(3),
        np.zeros(3, np.int64),
    )
    cuts = separate(pairs, np.full(3, 0.5), 3, set(), 0)
    assert len(cuts) == 1
    assert sorted(cuts.node[0].tolist()) == [-1, -1, 0, 1, 2]
    assert (cuts.divisor[0], cuts.most[0]) == (2, 1)
    assert cuts.coefficients(pairs, 3).toarray().tolist() == [[1], [1], [1]]


def test_a_whole_point_is_not_cut():
    problem = problem_of(clique_edges(4), [1] * 4, bands=OPEN)
    pool = all_groups(problem)
    x = np.zeros(len(pool))
    x[0] = 1.0
    assert len(separate(pool, x, 4, set(), 0)) == 0


def test_every_cut_holds_for_every_division(cases):
    for problem, _, _, cuts in cases:
        pool = all_groups(problem)
        table = cuts.coefficients(pool, problem.n).toarray()
        row = {bits_of(pool.of(j)): j for j in range(len(pool))}
        for groups in divisions(problem):
            used = table[[row[g.bits] for g in groups]].sum(axis=0)
            assert (used <= cuts.most).all()


def test_every_cut_is_tight_for_some_division(cases):
    """Rounded down no further than divisions allow: a cut that none meets would be too weak."""
    for problem, _, _, cuts in cases:
        pool = all_groups(problem)
        table = cuts.coefficients(pool, problem.n).toarray()
        row = {bits_of(pool.of(j)): j for j in range(len(pool))}
        met = np.zeros(len(cuts), np.bool_)
        for groups in divisions(problem):
            met |= table[[row[g.bits] for g in groups]].sum(axis=0) == cuts.most
        assert met.any()


def test_every_cut_cuts_the_point_off(cases):
    for problem, columns, x, cuts in cases:
        left = cuts.coefficients(columns, problem.n).T @ x
        assert (left > cuts.most + LEAST_EXCESS / 2).all()


def test_coefficients_are_the_sums_of_multipliers_rounded_down(cases):
    for problem, _, _, cuts in cases:
        pool = all_groups(problem)
        table = cuts.coefficients(pool, problem.n).toarray()
        for j in range(len(pool)):
            nodes = set(pool.of(j).tolist())
            naive = [naive_coefficient(cuts, k, nodes) for k in range(len(cuts))]
            assert table[j].tolist() == naive
        everyone = set(range(problem.n))
        most = [naive_coefficient(cuts, k, everyone) for k in range(len(cuts))]
        assert cuts.most.tolist() == most


def test_multipliers_are_those_of_the_table(cases):
    table = {(tuple(sorted(numerators)), divisor) for numerators, divisor in MULTIPLIERS}
    for _, _, _, cuts in cases:
        for k in range(len(cuts)):
            held = cuts.node[k] >= 0
            assert (tuple(sorted(cuts.factor[k][held].tolist())), int(cuts.divisor[k])) in table
            assert len(set(cuts.node[k][held].tolist())) == held.sum()


def test_reduced_costs_subtract_prices_and_cut_duals(cases):
    rng = np.random.default_rng(3)
    for problem, _, _, cuts in cases:
        pool = all_groups(problem)
        value, price = rng.random(len(pool)), rng.random(problem.n)
        dual = -rng.random(len(cuts))
        out = np.empty(len(pool))
        reduce_with_cuts(
            pool.start, pool.member, value, price, *cuts.by_node(problem.n), dual,
            cuts.divisor, out,
        )  # fmt: skip
        for j in range(len(pool)):
            nodes = set(pool.of(j).tolist())
            spent = sum(dual[k] * naive_coefficient(cuts, k, nodes) for k in range(len(cuts)))
            assert out[j] == pytest.approx(value[j] - price[sorted(nodes)].sum() - spent)


def test_known_cuts_do_not_come_again():
    problem = problem_of(clique_edges(7), [1] * 7, bands=OPEN)
    columns, x, first = lp_and_cuts(problem, 1)
    known: set[tuple[int, ...]] = set()
    again = separate(columns, x, 7, known, 1)
    assert len(again) == len(first) > 0
    keys = set(known)
    more = separate(columns, x, 7, known, 1)
    assert len(known) == len(keys) + len(more)


def test_the_bound_with_cuts_stays_below_every_division():
    """Cut and solve again: the bound rises, and never above the best division."""
    raised = 0
    for seed in range(12):
        edges = clique_edges(6) if seed % 2 else cycle_edges(6)
        problem = problem_of(edges, [1] * 6, bands=OPEN)
        pool = all_groups(problem)
        cost = np.random.default_rng(seed).random(len(pool)) + (np.diff(pool.start) - 2.5) ** 2
        pool = Columns(pool.start, pool.member, cost, np.zeros(len(pool), np.int64))
        of = {bits_of(pool.of(j)): cost[j] for j in range(len(pool))}
        best = min(sum(of[g.bits] for g in groups) for groups in divisions(problem))
        master = Master(pool, 6, Aim(cost=1.0))
        answer = master.solve(unhurried())
        before = master.bound
        cuts = separate(pool.take(master.inside), answer.x, 6, set(), seed)
        if len(cuts):
            master.cut(cuts)
            master.solve(unhurried())
        assert before - 1e-9 <= master.bound <= best + 1e-6
        # What cuts and prices leave of a group's value never exceeds what the best leaves open.
        assert master.reduced.min() >= -1e-6
        raised += master.bound > before + 1e-6
    assert raised >= 2


def test_cuts_of_random_problems_hold_as_well():
    found = 0
    for seed in range(30):
        problem = random_problem(seed, most_nodes=7)
        _, _, cuts = lp_and_cuts(problem, seed)
        found += len(cuts)
        for groups in divisions(problem) if len(cuts) else ():
            nodes = [{i for i in range(problem.n) if g.bits >> i & 1} for g in groups]
            for k in range(len(cuts)):
                assert sum(naive_coefficient(cuts, k, held) for held in nodes) <= cuts.most[k]
    assert found > 0
