"""Many small houses: divided soundly, all in band, the same for a seed, whatever is asked."""

from __future__ import annotations

import time
from dataclasses import replace

import numba
import numpy as np
import pytest
from small_graphs import (
    every_term,
    jittered_lattice,
    path_edges,
    problem_of,
    random_problem,
    unhurried,
)

import solvers.houses
from solvers import Budget, Problem, Terms, components, solve, verify
from solvers.anneal import REGION, anneal, regions
from solvers.graphs import number_by_first
from solvers.grow import grow
from solvers.houses import are_small, divide_houses
from solvers.parts import parts
from solvers.value import worth

PENALTY = Terms(1.0, balance=(2e-4, 3.2e-5), target=(400.0, 1250.0), penalty=(5.0, 0.05, 0.02))


def town(side: int = 55, *, terms: Terms | None = None, span: float = np.inf) -> Problem:
    """Return houses of 1-3 households, 20 m apart on a lattice with one diagonal a mesh.

    0 - 1 - 2
    | / | / |      about 200 houses a group
    3 - 4 - 5
    """
    rng = np.random.default_rng(0)
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:]), (at[:-1, 1:], at[1:, :-1])]
    edges = np.concatenate([np.column_stack([a.ravel(), b.ravel()]) for a, b in pairs])
    row, column = np.divmod(np.arange(side * side), side)
    xy = 20.0 * np.column_stack([column, row]) + rng.uniform(-4, 4, (side * side, 2))
    households = rng.integers(1, 4, side * side)
    people = households + rng.poisson(2.1 * households)
    bands = [[300, 500], [1000, 1500]]
    problem = problem_of(edges, households, people, bands=bands, xy=xy, span=span)
    return replace(problem, terms=terms or Terms())


def cancelled_after(most: int) -> Budget:
    """Return a budget that is cancelled at the ``most``-th question."""
    asked = [0]

    def cancelled() -> bool:
        asked[0] += 1
        return asked[0] > most

    return Budget(None, clock=time.monotonic, cancelled=cancelled)


@pytest.mark.parametrize("terms", [Terms(), PENALTY, Terms(0.5, border=0.001)])
def test_every_group_of_a_town_of_houses_is_in_band(terms):
    problem = town(terms=terms)
    if terms.border:
        problem = replace(problem, border_m=np.full(len(problem.edges), 15.0))
    solution = solve(problem, unhurried())
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert not solution.stopped
    low, high = problem.bands.T
    assert ((verdict.totals >= low) & (verdict.totals <= high)).all()
    assert verdict.cost == pytest.approx(solution.objective, rel=1e-9)


@pytest.mark.parametrize("weight", [0, 1])
def test_a_piece_without_households_or_people_is_divided_all_the_same(weight):
    whole = town(12)
    weights = whole.weights.copy()
    weights[:, weight] = 0
    problem = replace(whole, weights=weights)
    assert are_small(problem)
    answer = solve(problem, Budget(None, clock=time.monotonic), seed=0)
    assert not verify(problem, answer.labels).faults


def test_the_plan_costs_far_less_than_one_that_is_only_grown():
    problem = town(terms=PENALTY)
    labels = divide_houses(problem, unhurried(), seed=0)
    assert verify(problem, labels).cost < 0.85 * verify(problem, grow(problem)).cost


def test_the_same_seed_gives_the_same_plan_on_any_number_of_cores():
    problem = town(40, terms=PENALTY)
    first = divide_houses(problem, unhurried(), seed=3)
    cores = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = divide_houses(problem, unhurried(), seed=3)
    finally:
        numba.set_num_threads(cores)
    assert first.tolist() == alone.tolist()


def test_numbering_the_houses_otherwise_changes_nothing():
    problem = town(40, terms=PENALTY)
    order = np.random.default_rng(0).permutation(problem.n)
    position = np.argsort(order)
    other = replace(
        problem,
        weights=problem.weights[order],
        xy=problem.xy[order],
        edges=np.sort(position[problem.edges], axis=1),
        bands=problem.bands.copy(),
    )
    labels = divide_houses(problem, unhurried(), seed=0)
    others = divide_houses(other, unhurried(), seed=0)
    assert number_by_first(others[position]).tolist() == labels.tolist()


def test_pieces_are_divided_each_by_itself():
    """Two towns and a lone house, none in contact: every piece is cut out with its own edges."""
    one = town(30)
    n = one.n
    shift = np.array([5000.0, 0.0])
    problem = problem_of(
        np.concatenate([one.edges, one.edges + n]),
        np.concatenate([one.weights[:, 0], one.weights[:, 0], [2]]),
        np.concatenate([one.weights[:, 1], one.weights[:, 1], [6]]),
        bands=one.bands,
        xy=np.concatenate([one.xy, one.xy + shift, [[9000.0, 0.0]]]),
    )
    labels = solve(problem, unhurried()).labels
    verdict = verify(problem, labels)
    assert verdict.faults == ()
    assert len(verdict.costs) - verdict.in_band == 1
    assert not set(labels[:n]) & set(labels[n : 2 * n])


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 20, 100])
def test_a_cancel_at_any_moment_leaves_a_sound_plan(most):
    problem = town(40)
    budget = cancelled_after(most)
    solution = solve(problem, budget)
    assert solution.stopped
    verdict = verify(problem, solution.labels)
    assert verdict.faults == ()
    assert float(verdict.violation) == pytest.approx(solution.violation, abs=1e-4)


def test_the_span_is_kept():
    """A group of 200 houses is 280 m square: 400 m across at the least."""
    problem = town(40, span=430.0)
    solution = solve(problem, unhurried())
    assert verify(problem, solution.labels).faults == ()


def test_locks_and_quarters_are_kept_where_they_can_be():
    problem = town(40, terms=Terms(1.0, quarter=0.05))
    row, column = np.divmod(np.arange(problem.n), 40)
    rng = np.random.default_rng(1)
    edges = problem.edges[rng.choice(len(problem.edges), 30, replace=False)]
    problem = replace(
        problem, quarter=(row // 8) * 5 + column // 8, together=edges[:15], apart=edges[15:]
    )
    verdict = verify(problem, solve(problem, unhurried()).labels)
    assert verdict.faults == ()
    assert verdict.violation == 0


def test_a_house_over_a_limit_stands_alone():
    weights = town(40).weights.copy()
    weights[820] = (600, 1800)
    problem = replace(town(40), weights=weights)
    verdict = verify(problem, solve(problem, unhurried()).labels)
    assert verdict.faults == ()
    assert sum(v > 0 for v in verdict.violations) <= 2


def test_whatever_is_divided_like_houses_is_divided_soundly(monkeypatch):
    """Small problems of every kind, with every term, in districts of a few clusters."""
    monkeypatch.setattr(solvers.houses, "MOST_SWEEPS", 20)
    monkeypatch.setattr(solvers.houses, "LEAST_SWEEPS", 10)
    monkeypatch.setattr(solvers.houses, "DISTRICT", 8)
    better = worse = 0
    for seed in range(120):
        problem = random_problem(seed, most_nodes=30)
        if seed % 3:
            problem = every_term(problem, seed)
        for _, part in parts(problem, components(problem.n, problem.edges)):
            labels = divide_houses(part, unhurried(), seed=seed)
            verdict = verify(part, labels)
            assert verdict.faults == (), seed
            grown = worth(part, grow(part))
            assert worth(part, labels)[1] == pytest.approx(verdict.cost, rel=1e-9, abs=1e-9)
            better += worth(part, labels) < grown
            worse += worth(part, labels) > grown
    assert better >= 3 * worse > 0


def test_houses_are_small_where_their_groups_cannot_be_enumerated():
    """Blocks are not, nor a lone street, however long; nor is what has no lower limit."""
    assert are_small(town(40))
    assert not are_small(jittered_lattice(12, 36))
    bands = [[300, 500], [1000, 1500]]
    assert not are_small(problem_of(path_edges(300), [3] * 300, bands=bands))
    assert not are_small(replace(town(40), bands=np.array([[0, 500], [0, 1500]])))


def test_annealing_never_makes_a_plan_worse():
    problem = town(40)
    labels = grow(problem)
    for seed in range(3):
        after = anneal(problem, labels, unhurried(), sweeps=10, seed=seed)
        assert verify(problem, after).faults == ()
        assert after.max() == labels.max()
        assert worth(problem, after) <= worth(problem, labels)


def test_regions_part_all_groups_and_every_pair_of_neighbours_meets_in_one():
    problem = town(60)
    labels = np.arange(problem.n) // 6  # 600 groups, far more than a region holds
    rng = np.random.default_rng(0)
    ends = np.unique(labels[problem.edges], axis=0)
    met = np.zeros(len(ends), np.bool_)
    for _ in range(40):
        region = regions(problem, labels, rng)
        assert region.shape == (600,)
        assert np.unique(region).tolist() == list(range(region.max() + 1))
        assert np.bincount(region).max() <= REGION
        met |= region[ends[:, 0]] == region[ends[:, 1]]
    assert met.all()
