"""With every option on, terms, locks and a redraw, the plan is the best of all divisions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from brute_force import brute_best, divisions, nodes_of
from small_graphs import path_edges, problem_of, random_problem, unhurried

from solvers import Problem, Status, Terms, components, solve, verify

COST = {"rel": 1e-6, "abs": 1e-6}


def with_terms(seed: int, *, most_nodes: int = 9) -> Problem:
    """Return a random problem with a random mix of terms and locks."""
    problem = random_problem(seed, most_nodes=most_nodes)
    rng = np.random.default_rng([7, seed])
    n = problem.n

    def some(share: float, value: float) -> float:
        return value if rng.random() < share else 0.0

    terms = Terms(
        compactness=float(rng.choice([1.0, 0.3, 0.0])),
        balance=(some(0.5, 0.02), some(0.3, 0.001)),
        target=(4.0, 12.0),
        border=some(0.5, 0.01),
        quarter=some(0.5, 0.5),
    )
    return replace(
        problem,
        terms=terms,
        border_m=rng.integers(0, 200, len(problem.edges)).astype(float),
        quarter=rng.integers(-1, 3, n),
        together=pairs(rng, n, 0.3),
        apart=pairs(rng, n, 0.3),
    )


def pairs(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    if n < 2 or rng.random() > share:
        return np.zeros((0, 2), np.int64)
    return np.sort(rng.choice(n, 2, replace=False))[None].astype(np.int64)


@pytest.mark.parametrize("first", range(0, 200, 25))
def test_with_every_term_and_lock_exact_equals_brute_force(first):
    for seed in range(first, first + 25):
        problem = with_terms(seed)
        best = brute_best(problem)
        solution = solve(problem, unhurried())
        verdict = verify(problem, solution.labels)
        assert verdict.faults == (), seed
        assert round(solution.violation * 1e6) == best.millionths, seed
        assert solution.violation_bound == solution.violation, seed
        assert abs(verdict.violation - best.violation) <= Fraction(9, 10**6), seed
        assert verdict.cost == pytest.approx(best.cost, **COST), seed
        assert solution.bound == pytest.approx(best.cost, **COST), seed
        assert solution.bound <= solution.objective, seed
        assert solution.status is (Status.INFEASIBLE if best.violation else Status.OPTIMAL), seed


def only_singles_are_over(problem: Problem, bits: int) -> bool:
    sums = problem.weights[nodes_of(bits)].sum(axis=0)
    return bits.bit_count() == 1 or bool((sums <= problem.bands[:, 1]).all())


def test_a_penalty_is_paid_where_it_is_cheaper_than_the_bands():
    """Priced, being out of band is no violation: the best over plans that only singles break."""
    paid = 0
    for seed in range(60):
        terms = Terms(penalty=(0.4, 0.05, 0.02))
        problem = replace(random_problem(seed), terms=terms)
        if problem.n > 7:
            continue
        best = min(
            sum(g.cost for g in groups)
            for groups in divisions(problem)
            if all(only_singles_are_over(problem, g.bits) for g in groups)
        )
        solution = solve(problem, unhurried())
        verdict = verify(problem, solution.labels)
        assert verdict.faults == (), seed
        assert solution.violation == 0, seed
        assert "upper limit" in solution.covers, seed
        assert verdict.cost == pytest.approx(solution.objective, **COST), seed
        assert solution.bound <= best * (1 + 1e-6) + 1e-6, seed
        assert verdict.cost <= best * (1 + 1e-6) + 1e-6, seed
        low, high = problem.bands.T
        paid += ((verdict.totals < low) | (verdict.totals > high)).any()
    assert paid >= 5


def fewest_moved(problem: Problem, groups: list[int]) -> int:
    """Return the households that move if every old group goes on as one new one at most.

    By trying all ways of carrying on, for the few groups there are.
    """
    old = [g for g in sorted(set(problem.old.tolist())) if g >= 0]
    stay = [
        [
            sum(int(problem.weights[i, 0]) for i in nodes_of(bits) if problem.old[i] == g)
            for bits in groups
        ]
        for g in old
    ]
    whole = int(problem.weights[problem.old >= 0, 0].sum())
    seats = [*range(len(groups)), *[-1] * len(old)]
    most = max(
        sum(stay[k][seat] for k, seat in enumerate(way) if seat >= 0)
        for way in permutations(seats, len(old))
    )
    return whole - most


def redrawn(seed: int) -> Problem:
    """Return a problem of at most five nodes and three old groups; some nodes are new."""
    problem = random_problem(seed, most_nodes=5)
    rng = np.random.default_rng([11, seed])
    return replace(problem, old=rng.integers(-1, 3, problem.n))


def old_groups_lie_in_one_piece(problem: Problem) -> bool:
    piece = components(problem.n, problem.edges)
    groups = set(problem.old.tolist()) - {-1}
    return all(len(set(piece[problem.old == g].tolist())) == 1 for g in groups)


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_a_redraw_violates_least_then_moves_fewest_then_costs_least(first):
    for seed in range(first, first + 20):
        problem = redrawn(seed)
        if (problem.old < 0).all():
            continue
        best = min(
            (
                sum(g.millionths for g in groups),
                fewest_moved(problem, [g.bits for g in groups]),
                sum(g.cost for g in groups),
            )
            for groups in divisions(problem)
        )
        solution = solve(problem, unhurried())
        verdict = verify(problem, solution.labels)
        assert verdict.faults == (), seed
        assert round(solution.violation * 1e6) == best[0], seed
        assert (verdict.moved, solution.moved) == (best[1], best[1]), seed
        assert solution.moved_bound <= best[1], seed
        pieces = components(problem.n, problem.edges)
        one_piece = all(
            len(set(pieces[problem.old == g].tolist())) == 1
            for g in set(problem.old.tolist()) - {-1}
        )
        if one_piece:
            assert solution.moved_bound == best[1], seed
            assert verdict.cost == pytest.approx(best[2], **COST), seed
            assert solution.bound == pytest.approx(best[2], **COST), seed


def test_a_plan_that_is_still_good_stays_as_it_is():
    """2 2 | 2 2 | 2 2 was the plan; any other pairing would be as compact."""
    problem = problem_of(path_edges(6), [2] * 6)
    problem = replace(problem, old=np.array([5, 5, 0, 0, 3, 3]))
    solution = solve(problem, unhurried())
    assert (solution.moved, solution.status) == (0, Status.OPTIMAL)
    assert solution.labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_two_groups_do_not_carry_on_the_same_old_one():
    """Eight households were one grid and must be two now: one half has a new owner."""
    problem = replace(problem_of(path_edges(4), [2] * 4), old=np.zeros(4, np.int64))
    solution = solve(problem, unhurried())
    assert (solution.moved, solution.moved_bound) == (4, 4)


def test_a_lock_that_cannot_be_kept_is_counted_before_the_bands():
    """2 - 2 - 2 - 2, the ends locked together: all four are over the limit, the lock is kept."""
    ends = np.array([[0, 3]])
    problem = replace(problem_of(path_edges(4), [2] * 4), together=ends)
    solution = solve(problem, unhurried())
    assert solution.labels.tolist() == [0, 0, 0, 0]
    assert 0 < solution.violation < 1000
    apart = replace(problem_of([(0, 1), (2, 3)], [2] * 4), together=ends)
    torn = solve(apart, unhurried())
    assert torn.violation == torn.violation_bound == 1000
    assert verify(apart, torn.labels).violation == 1000
