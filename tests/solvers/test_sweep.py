"""Every connected group once; of the priced ones all that are cheap enough, none other."""

from __future__ import annotations

import time
from functools import cache
from itertools import count
from math import inf

import numba
import numpy as np
import pytest
from brute_force import Group, bits_of, groups_of, nodes_of
from small_graphs import (
    clique_edges,
    cycle_edges,
    king_edges,
    path_edges,
    problem_of,
    random_problem,
    star_edges,
)

import solvers.sweep as sweep_of
from solvers import Problem
from solvers.columns import Columns
from solvers.pruning import Kind, Search
from solvers.rank1 import Cuts
from solvers.sweep import Found, sweep

PLENTY = 1_000_000
OPEN = [[0, 1000], [0, 1000]]


def sets_of(columns: Columns) -> list[int]:
    return [bits_of(columns.of(j)) for j in range(len(columns))]


def swept(problem: Problem, search: Search | None = None, **limits) -> Found:
    limits = {"most_columns": PLENTY, "max_span_m": problem.max_span_m} | limits
    return sweep(problem, search, **limits)


def over_caps(problem: Problem, bits: int) -> bool:
    return bool((problem.weights[nodes_of(bits)].sum(axis=0) > problem.bands[:, 1]).any())


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_connected_groups_are_as_many_as_the_formulas_say(n):
    def count(edges):
        return len(swept(problem_of(edges, [1] * n, bands=OPEN)).columns)

    assert count(path_edges(n)) == n * (n + 1) // 2
    assert count(clique_edges(n)) == 2**n - 1
    assert count(star_edges(n)) == 2 ** (n - 1) + n - 1
    assert count([]) == n
    if n >= 3:
        assert count(cycle_edges(n)) == n * (n - 1) + 1


def test_a_chessboard_of_twelve_gives_every_connected_group_once():
    problem = problem_of(king_edges(3, 4), [1] * 12, bands=OPEN)
    sets = sets_of(swept(problem).columns)
    assert len(set(sets)) == len(sets)
    assert set(sets) == {group.bits for group in groups_of(problem)}


def test_groups_come_once_and_with_the_figures_of_a_naive_count():
    for seed in range(60):
        problem = random_problem(seed)
        found = swept(problem)
        naive = {
            g.bits: g
            for g in known_groups(seed)
            if not over_caps(problem, g.bits) or len(nodes_of(g.bits)) == 1
        }
        sets = sets_of(found.columns)
        assert found.complete, seed
        assert sorted(sets) == sorted(naive), seed
        assert found.columns.violation.tolist() == [naive[b].millionths for b in sets], seed
        costs = [naive[b].cost for b in sets]
        assert found.columns.cost == pytest.approx(np.array(costs), abs=1e-9), seed


def test_the_root_comes_first_and_is_the_smallest():
    columns = swept(problem_of(clique_edges(6), [1] * 6, bands=OPEN)).columns
    for j in range(len(columns)):
        assert columns.of(j)[0] == columns.of(j).min()


def naive_priced(problem: Problem, groups: list[Group], search: Search) -> dict[int, float]:
    """Return the value of every group of the kind that a search asks for, by its bits."""
    out = {}
    for group in groups:
        nodes = nodes_of(group.bits)
        over = over_caps(problem, group.bits)
        if search.kind is Kind.UNDER_CAPS and over and len(nodes) > 1:
            continue
        if search.kind is Kind.IN_BAND and group.millionths:
            continue
        if search.kind is Kind.OVER_CAPS and not over:
            continue
        violation = search.violation_weight * group.millionths / 1e6
        out[group.bits] = (
            violation + search.cost_weight * group.cost - float(search.price[nodes].sum())
        )
    return out


@cache
def known_groups(seed: int) -> list[Group]:
    return groups_of(random_problem(seed))


def assert_finds_all_below(
    problem: Problem, groups: list[Group], search: Search, name: object
) -> int:
    """Put the threshold between two values, sweep, and compare with all of them."""
    values = naive_priced(problem, groups, search)
    ranked = sorted(values.values())
    tops = {ranked[k] for k in (0, len(ranked) // 3, len(ranked) - 1)} if ranked else {0.0}
    kept = 0
    for top in tops:
        above = min((v for v in ranked if v > top + 1e-6), default=top + 1)
        most = top + min(0.5 * (above - top), 0.3)
        asked = Search(search.price, search.violation_weight, search.cost_weight, most, search.kind)
        found = swept(problem, asked)
        wanted = {bits: value for bits, value in values.items() if value <= most}
        sets = sets_of(found.columns)
        assert found.complete, name
        assert sorted(sets) == sorted(wanted), name
        least = np.zeros(problem.n)
        for bits, value in wanted.items():
            root = nodes_of(bits)[0]
            least[root] = min(least[root], value)
        assert found.least == pytest.approx(least, abs=1e-9), name
        kept += len(sets)
    return kept


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("weights", [(1.0, 0.0), (2.5, 0.7), (0.0, 1.0), (0.0, 0.0)])
def test_a_priced_sweep_finds_what_a_naive_filter_finds(kind, weights):
    """Prices of every sign and size: a few rich nodes, many rich ones, nearly none."""
    kept = 0
    for seed in range(20):
        problem = random_problem(seed)
        rng = np.random.default_rng(seed)
        size = rng.choice([0.1, 1.0, 5.0])
        price = rng.uniform(-1.0, rng.choice([0.1, 1.0]), problem.n) * size
        price[rng.random(problem.n) < 0.2] = 0.0
        kept += assert_finds_all_below(
            problem, known_groups(seed), Search(price, *weights, 0.0, kind), seed
        )
    assert kept > 150


def test_cuts_make_groups_dearer_in_a_priced_sweep():
    """Half of three nodes, rounded down, at a price: as the master reckons it."""
    kept = 0
    for seed in range(20):
        problem = random_problem(seed)
        if problem.n < 4:
            continue
        rng = np.random.default_rng(seed)
        nodes = [np.sort(rng.choice(problem.n, 3, replace=False)) for _ in range(3)]
        cuts = Cuts(
            node=np.array([[*three, -1, -1] for three in nodes]),
            factor=np.array([[1, 1, 1, 0, 0]] * 3),
            divisor=np.full(3, 2),
            most=np.ones(3, np.int64),
        )
        cut_price = -rng.uniform(0, 0.5, 3)
        price = rng.uniform(0, 0.5, problem.n)
        everything = swept(problem).columns
        held = cuts.coefficients(everything, problem.n).toarray()
        value = everything.cost - everything.prices(price) - held @ cut_price
        most = float(np.median(value))
        below = [bits for bits, v in zip(sets_of(everything), value, strict=True) if v <= most]
        asked = Search(price, 0.0, 1.0, most + 1e-9, Kind.UNDER_CAPS, cuts, cut_price)
        assert sorted(sets_of(swept(problem, asked).columns)) == sorted(below), seed
        kept += int((held[value <= most] > 0).any())
    assert kept >= 10


def test_the_pruning_of_groups_over_the_limits_loses_nothing_on_a_chessboard():
    """Twelve nodes, a rich one in each corner, and dear ground between them."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        households = rng.integers(0, 4, 12)
        problem = problem_of(
            king_edges(3, 4), households, 3 * households, xy=rng.integers(0, 900, (12, 2))
        )
        groups = groups_of(problem)
        price = rng.uniform(-0.5, 0.3, 12)
        price[[0, 3, 8, 11]] += rng.uniform(0.0, 3.0, 4)
        for kind in Kind:
            search = Search(price, 1.0, 0.0, 0.0, kind)
            assert_finds_all_below(problem, groups, search, (seed, kind))


def test_a_sweep_cut_short_says_so_and_holds_only_true_groups():
    problem = problem_of(clique_edges(9), [1] * 9, bands=OPEN)
    everything = set(sets_of(swept(problem).columns))
    assert len(everything) == 511
    for limits in (
        {"most_columns": 100},
        {"most_columns": 1},
        {"most_visits": 100},
        {"most_columns": 100, "spread": True},
        {"most_visits": 20, "spread": True},
        {"stop": lambda: True},
    ):
        found = swept(problem, **limits)
        sets = sets_of(found.columns)
        assert not found.complete, limits
        assert len(set(sets)) == len(sets) < 511, limits
        assert set(sets) <= everything, limits
        assert found.columns.start[-1] == len(found.columns.member), limits


def test_a_sweep_told_to_stop_midway_keeps_what_it_visited():
    n = 100  # roots are visited in slices, and between slices it looks up
    calls = iter(range(1000))
    found = swept(problem_of(path_edges(n), [3] * n), stop=lambda: next(calls) >= 1)
    assert not found.complete
    assert 0 < len(found.columns) < n


def test_limits_that_are_not_reached_change_nothing():
    problem = problem_of(clique_edges(6), [1] * 6, bands=OPEN)
    free, limited = swept(problem), swept(problem, most_columns=8 * 63, most_visits=8 * 64)
    assert limited.complete
    assert sets_of(limited.columns) == sets_of(free.columns)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="there is only one core")
def test_what_a_limited_sweep_finds_does_not_depend_on_the_cores():
    problem = problem_of(clique_edges(9), [1] * 9, bands=OPEN)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = sets_of(swept(problem, most_columns=120).columns)
        numba.set_num_threads(2)
        two = sets_of(swept(problem, most_columns=120).columns)
    finally:
        numba.set_num_threads(before)
    assert one == two


def pool_of_path() -> Columns:
    """0 - 1 - 2, all six groups."""
    return swept(problem_of(path_edges(3), [1, 1, 1], bands=OPEN)).columns


def test_taking_and_joining_pools_keeps_groups_and_figures():
    pool = pool_of_path()
    which = np.array([4, 0, 2])
    part = pool.take(which)
    assert sets_of(part) == [sets_of(pool)[j] for j in which]
    assert part.cost.tolist() == pool.cost[which].tolist()
    both = part.with_more(pool.take(np.array([1])))
    assert sets_of(both) == [sets_of(pool)[j] for j in (4, 0, 2, 1)]
    assert len(pool.take(np.array([], np.int64))) == 0


def test_prices_and_labels_of_groups():
    pool = pool_of_path()
    price = np.array([1.0, 10.0, 100.0])
    assert pool.prices(price).tolist() == [price[nodes_of(b)].sum() for b in sets_of(pool)]
    pair, last = sets_of(pool).index(0b011), sets_of(pool).index(0b100)
    assert pool.labels(np.array([pair, last]), 3).tolist() == [0, 0, 1]
    assert pool.labels(np.array([last]), 3).tolist() == [-1, -1, 0]


def test_groups_of_labels_are_found_in_a_pool_whatever_their_order():
    pool = pool_of_path()
    groups = Columns.of_groups(np.array([7, 2, 7]))  # 0 and 2 without 1: in no pool of the path
    assert sorted(sets_of(groups)) == [0b010, 0b101]
    assert [sets_of(pool)[j] for j in pool.find(groups, 3)] == [0b010]
    left_out = Columns.of_groups(np.array([0, 0, -1]))
    assert sets_of(left_out) == [0b011]
    assert [sets_of(pool)[j] for j in pool.find(left_out, 3)] == [0b011]


def test_keys_tell_sets_apart_and_nothing_else():
    pool = swept(problem_of(clique_edges(9), [1] * 9, bands=OPEN)).columns
    assert len(np.unique(pool.keys(9))) == 511
    backwards = Columns(np.array([0, 3]), np.array([2, 1, 0], np.int32), np.zeros(1), np.zeros(1))
    forwards = Columns(np.array([0, 3]), np.array([0, 1, 2], np.int32), np.zeros(1), np.zeros(1))
    assert backwards.keys(9) == forwards.keys(9)


def test_a_span_of_nothing_leaves_the_nodes_at_one_point_together():
    """0 and 1 at one point, 2 elsewhere."""
    where = [(5, 5), (5, 5), (6, 5)]
    problem = problem_of(clique_edges(3), [1] * 3, bands=OPEN, xy=where, span=0.0)
    assert sorted(sets_of(swept(problem).columns)) == [0b001, 0b010, 0b011, 0b100]
    assert len(swept(problem, max_span_m=inf).columns) == 7


def test_a_sweep_told_to_stop_as_its_last_roots_end_is_not_complete(monkeypatch):
    compute = sweep_of._sweep

    def slow(*slice_):
        compute(*slice_)
        time.sleep(0.1)

    monkeypatch.setattr(sweep_of, "_sweep", slow)
    monkeypatch.setattr(sweep_of, "WAIT_S", 0.01)
    calls = count()  # it is told while it waits for the only slice
    found = swept(problem_of(path_edges(5), [3] * 5), stop=lambda: next(calls) >= 1)
    assert len(found.columns) == 0
    assert not found.complete
