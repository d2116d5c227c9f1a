"""Prices about discs never exceed what a division costs, and on even ground come near it."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from brute_force import brute_front, cost_of_nodes, least_cost_at, violation_of_sums
from small_graphs import king_edges, path_edges, problem_of, random_problem, unhurried

from solvers import Budget, Problem, Terms
from solvers.disc_town import town_of
from solvers.discs import bound_by_discs, repair
from solvers.grow import grow
from solvers.sweep import oversize
from solvers.value import worth
from solvers.verify import verify


def with_random_terms(problem: Problem, rng: np.random.Generator) -> Problem:
    """Return it with and without balance and penalty, now and then without compactness."""
    if rng.random() < 0.3:
        return problem
    balanced = rng.random() < 0.5
    terms = Terms(
        compactness=float(rng.choice([1.0, 1.0, 0.3, 4.0, 0.0])),
        balance=tuple(rng.uniform(0, 0.1, 2)) if balanced else (),
        target=(4.0, 12.0) if balanced else (),
        penalty=tuple(rng.uniform(0, 1, 3)) if rng.random() < 0.4 else None,
    )
    return replace(problem, terms=terms)


def bound_of(problem: Problem, budget: Budget | None = None) -> tuple[float, int]:
    """Return the bound from a grown plan, and that plan's violation."""
    labels = grow(problem)
    level, _ = worth(problem, labels)
    return bound_by_discs(problem, labels, budget or unhurried(), level=level), level


def even_ground(side: int, *, low: int, step_m: float = 15.0, far_m: float = 0.0) -> Problem:
    """Return a chessboard of houses of two households; the last may lie far off to the right."""
    r, c = np.divmod(np.arange(side * side), side)
    xy = np.column_stack([c, r]) * step_m
    xy[-1, 0] += far_m
    bands = [[low, 2 * low], [0, 10**6]]
    return problem_of(king_edges(side, side), [2] * side * side, bands=bands, xy=xy)


def test_no_division_costs_less_than_the_bound():
    bounded = violated = 0
    for seed in range(500, 640):
        problem = with_random_terms(random_problem(seed, most_nodes=7), np.random.default_rng(seed))
        bound, level = bound_of(problem)
        best = least_cost_at(brute_front(problem), level)
        assert 0.0 <= bound <= best * (1 + 1e-9) + 1e-12, seed
        bounded += bound > 0.1 * best
        violated += bound > 0.1 * best and level > 0
    assert bounded >= 25
    assert violated >= 5


def test_any_prices_once_repaired_are_no_more_than_any_set_costs():
    """All sets, connected or not, of any prices, negative ones too, on triangles of any size."""
    tight = 0
    for seed in range(700, 800):
        rng = np.random.default_rng(seed)
        problem = with_random_terms(random_problem(seed, most_nodes=8), rng)
        problem = replace(problem, max_span_m=np.inf)
        town = town_of(problem, grow(problem), 0)
        if town is None:
            continue
        spread = rng.uniform(0, 2)
        price = town.price.mean() * rng.normal(1.0, spread, len(town.price))
        side_m = float(rng.uniform(0.05, 1.0) * np.sqrt(town.mean_price / town.dues.square_m))
        held = repair(town, price, side_m, unhurried())
        worst = most_overpaid(problem, of_nodes(problem, town.places, held))
        assert worst <= 1e-9 * np.abs(held).sum(), seed
        tight += worst > -0.1 * np.abs(held).sum()
    assert tight >= 12


def of_nodes(problem: Problem, places, held: np.ndarray) -> np.ndarray:
    """Return prices per node of the problem; nodes without households and those alone have 0."""
    out = np.zeros(problem.n)
    middle = problem.xy.mean(axis=0)
    left = np.flatnonzero(~oversize(problem) & (problem.weights[:, 0] > 0)).tolist()
    for x, y, mass, price in zip(places.x, places.y, places.mass, held, strict=True):
        node = next(
            i
            for i in left
            if np.allclose(problem.xy[i] - middle, (x, y)) and (problem.weights[i] == mass).all()
        )
        left.remove(node)
        out[node] = price
    return out


def most_overpaid(problem: Problem, price: np.ndarray) -> float:
    """Return the largest surplus of prices over costs of any set that a plan may use."""
    free = np.flatnonzero(~oversize(problem)).tolist()
    worst = -np.inf
    for bits in range(1, 1 << len(free)):
        nodes = [node for k, node in enumerate(free) if bits >> k & 1]
        sums = problem.weights[nodes].sum(axis=0).tolist()
        if sums[0] == 0:
            continue
        is_out = violation_of_sums(sums, problem.bands.tolist())[1] > 0
        if problem.terms.penalty is None and is_out:
            continue
        worst = max(worst, price[nodes].sum() - cost_of_nodes(problem, nodes))
    return worst


def test_on_even_ground_the_bound_is_near_that_of_hexagons():
    """40 x 40 houses, at least 200 households: sixteen squares of 10 x 10, a sixth of their area.

    A hexagon of area A has 5 / (18 sqrt 3) A about its middle, less for the houses being points.
    """
    problem = even_ground(40, low=200)
    r, c = np.divmod(np.arange(1600), 40)
    squares = (r // 10) * 4 + c // 10
    verdict = verify(problem, squares)
    assert verdict.faults == ()
    assert verdict.violation == 0
    bound = bound_by_discs(problem, squares, unhurried(), level=0)
    hexagons = 3200 * (5 / (18 * np.sqrt(3)) * 100 - 1 / 6) * 15.0**2 / 1e6
    assert 0.96 * hexagons <= bound <= verdict.cost


def test_connected_sets_of_a_whole_town_are_not_overpaid():
    """Two thousand sets that grow from a random house of 30 x 30 as they like."""
    rng = np.random.default_rng(5)
    problem = replace(
        even_ground(30, low=60),
        terms=Terms(balance=(2e-6, 1e-7), target=(100.0, 320.0), penalty=(0.002, 1e-5, 1e-5)),
    )
    town = town_of(problem, grow(problem), 0)
    price = town.price * rng.uniform(0.7, 1.4, len(town.price))
    held = of_raster(town.places, repair(town, price, 12.0, unhurried()))
    surplus = []
    for _ in range(2000):
        nodes = grown_set(30, int(rng.integers(5, 90)), rng)
        cost = cost_of_nodes(problem, nodes)
        surplus.append((held[nodes].sum() - cost) / cost)
    assert max(surplus) <= 0.0
    assert max(surplus) >= -0.2


def of_raster(places, held: np.ndarray) -> np.ndarray:
    """Return prices in the order of a chessboard's rows."""
    return held[np.lexsort((places.x.round(6), places.y.round(6)))]


def grown_set(side: int, size: int, rng: np.random.Generator) -> list[int]:
    """Return a connected set of a chessboard, compact or straggling."""
    at = rng.integers(0, side, 2)
    haste = rng.uniform(0, 3)
    members, rim = set(), {(int(at[0]), int(at[1]))}
    while len(members) < size:
        house = min(rim, key=lambda h: np.hypot(*(np.array(h) - at)) + rng.uniform(0, haste))
        rim.remove(house)
        members.add(house)
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            near = (house[0] + dr, house[1] + dc)
            if near not in members and min(near) >= 0 and max(near) < side:
                rim.add(near)
    return sorted(r * side + c for r, c in members)


def test_a_violation_is_let_off_and_the_rest_still_bounded():
    """A house four kilometres off joins whom it may, so a plan is out of band or dear."""
    near, far = even_ground(24, low=80), even_ground(24, low=80, far_m=4000.0)
    labels = grow(near)
    level, cost = worth(near, labels)
    assert level == 0
    apart = labels.copy()
    apart[-1] = labels.max() + 1
    level, cost = worth(far, apart)
    assert level > 1_000_000
    bound = bound_by_discs(far, apart, unhurried(), level=level)
    assert 0.5 * cost <= bound <= cost


def test_two_houses_by_hand():
    """2 - 2, 100 m apart, at least 4: together, 2 * 2 / 4 * 1e4 household m2."""
    bound, level = bound_of(problem_of([(0, 1)], [2, 2], bands=[[4, 5], [8, 16]]))
    assert level == 0
    assert 0.0095 <= bound <= 0.01


def test_what_stands_alone_pays_its_own_balance():
    """A 9 over the cap of 5 beside two that stand by themselves: 0.1 * (9 - 4)^2, twice 0.1."""
    far = [(0, 0), (3000, 0), (6000, 0)]
    problem = problem_of(path_edges(3), [9, 3, 3], bands=[[3, 5], [8, 50]], xy=far)
    problem = replace(problem, terms=Terms(balance=(0.1, 0.0), target=(4.0, 0.0)))
    bound, level = bound_of(problem)
    assert level == 1_800_000
    assert bound == pytest.approx(2.5 + 0.2, rel=0.02)
    assert bound <= 2.7


def test_nothing_is_shown_where_nothing_costs():
    assert bound_of(problem_of([(0, 1)], [2, 2], bands=[[0, 5], [8, 16]]))[0] == 0.0
    assert bound_of(problem_of([(0, 1)], [0, 0]))[0] == 0.0
    free = replace(problem_of([(0, 1)], [2, 2]), terms=Terms(compactness=0.0))
    assert bound_of(free)[0] == 0.0


def test_a_budget_that_strikes_leaves_a_smaller_bound():
    problem = even_ground(20, low=80)
    whole, _ = bound_of(problem)
    bounds = []
    for looks in (0, 4, 40):
        calls = iter(range(looks))
        budget = Budget(
            None, clock=time.monotonic, cancelled=lambda calls=calls: next(calls, None) is None
        )
        bounds.append(bound_of(problem, budget)[0])
        assert budget.struck
    assert bounds[0] == 0.0
    assert 0.0 < bounds[1] == bounds[2] < whole


def test_the_same_problem_has_the_same_bound():
    problem = even_ground(20, low=80)
    assert bound_of(problem) == bound_of(problem)
