"""The solver's plan is the best of all divisions, and its proof is true."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from brute_force import Best, brute_best, brute_front, divisions, groups_of, least_cost_at
from small_graphs import (
    all_light,
    clique_edges,
    cycle_edges,
    path_edges,
    problem_of,
    random_problem,
    star_edges,
    unhurried,
)

import solvers.pool
import solvers.relax
import solvers.run
from solvers import Problem, Solution, Status, components, solve, verify

SEEDS = 160
BLOCK = 20
# what a cost may differ by: 0.1 household m2, or a millionth of it
COST = {"rel": 1e-6, "abs": 1e-7}


@cache
def known_best(seed: int) -> Best:
    return brute_best(random_problem(seed))


def assert_best(problem: Problem, best: Best, name: object = "") -> None:
    """Solve, and hold the answer, recomputed, against the brute force's."""
    solution = solve(problem, unhurried())
    verdict = verify(problem, solution.labels)
    off = abs(verdict.violation - best.violation)
    assert verdict.faults == (), name
    assert off <= Fraction(len(verdict.costs), 1_000_000), (name, verdict.violation, best)
    assert verdict.cost == pytest.approx(best.cost, **COST), (name, best)
    assert_proved(solution, best, name)


def assert_proved(solution: Solution, best: Best, name: object) -> None:
    proved = Status.INFEASIBLE if best.violation else Status.OPTIMAL
    assert solution.status is proved, name
    assert round(solution.violation * 1e6) == best.millionths, (name, best)
    assert solution.violation_bound == solution.violation, name
    assert solution.objective == pytest.approx(best.cost, **COST), name
    assert solution.bound == pytest.approx(solution.objective, **COST), name
    assert solution.bound <= solution.objective, name
    assert not solution.stopped, name
    assert solution.covers == "", name


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_exact_equals_brute_force_on_random_graphs(first):
    for seed in range(first, first + BLOCK):
        assert_best(random_problem(seed), known_best(seed), f"seed {seed}")


def test_the_random_graphs_are_of_every_kind():
    problems = [random_problem(seed) for seed in range(SEEDS)]
    bests = [known_best(seed) for seed in range(SEEDS)]
    lone = [(p.weights > p.bands[:, 1]).any() and p.n > 1 for p in problems]
    pieces = [components(p.n, p.edges).max() > 0 for p in problems]
    at_one_point = [len(np.unique(p.xy, axis=0)) < p.n for p in problems]
    nobody = [(p.weights[:, 0] == 0).any() for p in problems]
    tight = [np.isfinite(p.max_span_m) for p in problems]
    in_band = [b.violation == 0 and b.cost > 0 for b in bests]
    out_of_band = [b.violation > 0 and b.cost > 0 for b in bests]
    for kind in (lone, pieces, at_one_point, nobody, tight, in_band, out_of_band):
        assert sum(kind) >= 10
    assert {p.n for p in problems} == set(range(1, 10))


def test_two_brute_forces_agree():
    """The memory of the one is proved by the other, which writes every division out."""
    for seed in range(40):
        problem = random_problem(seed, most_nodes=6)
        worths = [
            (sum(g.millionths for g in groups), sum(g.cost for g in groups))
            for groups in divisions(problem)
        ]
        least, cost = min(worths)
        best, front = brute_best(problem), brute_front(problem)
        assert (best.millionths, best.cost) == (least, pytest.approx(cost)), seed
        assert min(front) == least, seed
        for level, _ in worths[:20]:
            cheapest = min(c for m, c in worths if m <= level)
            assert least_cost_at(front, level) == pytest.approx(cheapest), seed


def test_a_clique_of_four_divides_in_fifteen_ways():
    assert sum(1 for _ in divisions(problem_of(clique_edges(4), [1, 1, 1, 1]))) == 15


def solved(problem: Problem) -> tuple[Fraction, float, list[int]]:
    """Return violation and cost as verified, and the labels, of a plan that brute force matches."""
    assert_best(problem, brute_best(problem))
    labels = solve(problem, unhurried()).labels
    verdict = verify(problem, labels)
    return verdict.violation, pytest.approx(verdict.cost), labels.tolist()


def test_a_path_of_equals_falls_into_pairs():
    """2 2 | 2 2 | 2 2 households, 100 m apart: each pair has 2 * 2 / 4 * 100^2 household m2."""
    assert solved(problem_of(path_edges(6), [2] * 6)) == (0, 0.03, [0, 0, 1, 1, 2, 2])


def test_a_star_that_cannot_be_cut_well_stays_whole():
    """Five nodes of 2 households: only one leaf can pair with the middle, and

    1   2      a single violates 1 + 1/3 + 2/8, three times that is more than the whole star,
      0        10 households and 30 people: 1 + 5/5 + 14/16.
    3   4
    """
    where = [(0, 0), (-100, 100), (100, 100), (-100, -100), (100, -100)]
    violation, _, labels = solved(problem_of(star_edges(5), [2] * 5, xy=where))
    assert (violation, labels) == (Fraction(23, 8), [0] * 5)


def test_a_group_over_the_limit_may_be_the_least_evil():
    """2 - 2 - 2: together 6 > 5 and 18 > 16; apart, one of them alone is worse."""
    violation, cost, labels = solved(problem_of(path_edges(3), [2, 2, 2]))
    assert violation == 1 + Fraction(1, 5) + Fraction(2, 16)
    assert (cost, labels) == (0.04, [0, 0, 0])


def test_a_node_over_a_limit_stands_alone_and_cuts_the_path():
    """2 2 [9] 2 2: the nine is 4 over 5, and nothing passes through it."""
    violation, cost, labels = solved(problem_of(path_edges(5), [2, 2, 9, 2, 2], [6, 6, 12, 6, 6]))
    assert (violation, cost, labels) == (1 + Fraction(4, 5), 0.02, [0, 0, 1, 2, 2])


def test_one_node_is_a_plan():
    assert solved(problem_of([], [4])) == (0, 0.0, [0])
    assert solved(problem_of([], [0])) == (3, 0.0, [0])


def test_nodes_without_contact_are_never_joined():
    """2 - 2   2 - 2, all at one point: two pieces, although all four lie together."""
    problem = problem_of([(0, 1), (2, 3)], [2] * 4, xy=np.zeros((4, 2)))
    assert solved(problem) == (0, 0.0, [0, 0, 1, 1])


def test_a_tie_by_a_millionth_is_proved():
    """Two plans violate by 43/12; counted in millionths the one is dearer by one.

    HiGHS 1.16, started from the dearer and presolving, called that optimal.
    """
    edges = ["01", "03", "06", "12", "13", "24", "25", "26", "35", "47"]
    where = [(2328, 898), (1912, 2810), (1887, 1980), (1616, 2748), (2582, 2714), (1973, 1798)]
    problem = problem_of(
        [(int(i), int(j)) for i, j in edges],
        [2, 2, 0, 0, 2, 1, 2, 2],
        [6, 7, 0, 1, 9, 4, 8, 5],
        bands=[[4, 4], [10, 12]],
        xy=[*where, (660, 2722), (2625, 753)],
    )
    assert solved(problem)[0] == Fraction(43, 12)


def test_the_plan_is_the_one_that_the_bound_speaks_of():
    """A clique of nine: HiGHS 1.16 told the optimum and handed back the plan it started from."""
    where = [(2093, 1341), (1230, 1620), (427, 2319), (1022, 2341), (1405, 778), (432, 1921)]
    problem = problem_of(
        clique_edges(9),
        [0, 0, 0, 1, 0, 4, 3, 1, 3],
        [0, 1, 0, 2, 1, 9, 12, 4, 9],
        bands=[[4, 5], [8, 16]],
        xy=[*where, (1597, 1157), (747, 2982), (1462, 243)],
        span=1246.0,
    )
    assert solved(problem)[0] == Fraction(37, 10)


def test_without_any_contact_everyone_stands_alone():
    assert solved(problem_of([], [4, 4, 2])) == (
        1 + Fraction(1, 3) + Fraction(2, 8),
        0.0,
        [0, 1, 2],
    )


def test_an_empty_node_joins_where_it_costs_nothing():
    """4 - 0 - 4: without households it weighs nothing in either group, alone it violates."""
    assert solved(problem_of(path_edges(3), [4, 0, 4]))[:2] == (0, 0.0)


def test_the_span_rules_pairs_out():
    """2 - 2 - - - 2 - 2 with the gap in the middle too wide for a group across it."""
    where = [(0, 0), (100, 0), (400, 0), (500, 0)]
    free = problem_of([(0, 2), (1, 2), (1, 3)], [2] * 4, xy=where)
    tight = problem_of([(0, 2), (1, 2), (1, 3)], [2] * 4, xy=where, span=399.0)
    assert solved(free)[0] == 0
    assert solved(tight)[2] == [0, 1, 1, 2]


def test_a_span_is_kept_to_the_millimetre():
    pair = [(0, 0), (300, 400)]
    assert solved(problem_of([(0, 1)], [2, 2], xy=pair, span=500.0))[2] == [0, 0]
    assert solved(problem_of([(0, 1)], [2, 2], xy=pair, span=499.999))[2] == [0, 1]


def test_open_bands_leave_every_node_its_own():
    assert solved(problem_of(clique_edges(5), [1] * 5, bands=[[0, 99], [0, 99]]))[:2] == (0, 0.0)


def test_a_limit_of_nothing_counts_as_one():
    """Nobody may live here, 2 households do: 1 + 2 / 1 each, and joining saves nothing."""
    problem = problem_of([(0, 1)], [2, 0], [0, 0], bands=[[0, 0], [0, 9]])
    assert solved(problem)[0] == 3


def test_cycle_and_clique_equal_brute_force_at_nine_nodes():
    where = np.random.default_rng(5).integers(0, 500, (9, 2))
    for edges in (cycle_edges(9), clique_edges(9)):
        solved(problem_of(edges, [1, 2, 3, 1, 2, 3, 1, 2, 3], xy=where))


def narrow_pool(monkeypatch, *, most_held: int, most_started: int, spans_m) -> None:
    monkeypatch.setattr(solvers.pool, "MOST_HELD", most_held)
    monkeypatch.setattr(solvers.pool, "MOST_STARTED", most_started)
    monkeypatch.setattr(solvers.pool, "SPANS_M", spans_m)
    monkeypatch.setattr(solvers.pool, "SERVED", 0.0)  # however few it serves


def test_what_is_priced_from_a_narrow_pool_is_as_exact(monkeypatch):
    """Hold only groups of 1500 m at most; those wider have to be found by their price."""
    narrow_pool(monkeypatch, most_held=16, most_started=100_000, spans_m=(1500.0, 800.0, 1.0))
    priced = 0
    for seed in range(300, 340):
        problem, best = random_problem(seed), brute_best(random_problem(seed))
        pool = solvers.pool.fill(problem, unhurried())
        assert pool is not None, seed
        priced += not pool.whole
        assert_best(problem, best, f"seed {seed}")
    assert priced >= 10


def test_joined_nodes_never_let_the_proof_say_too_much(monkeypatch):
    """With room for few groups the nodes are clustered: bounds must hold for the nodes still."""
    narrow_pool(monkeypatch, most_held=8, most_started=8, spans_m=(1500.0, 800.0))
    monkeypatch.setattr(solvers.run, "THRESHOLDS", (2, 3))
    monkeypatch.setattr(solvers.relax, "THRESHOLDS", (2, 3))
    for room in (solvers.run, solvers.relax):
        monkeypatch.setattr(room, "crowded", all_light)
    joined = bounded = 0
    for seed in range(400, 440):
        problem = random_problem(seed)
        solution = solve(problem, unhurried())
        assert_claims_hold(problem, solution, f"seed {seed}")
        joined += solution.covers != ""
        bounded += solution.covers != "" and bool(solution.bound)
    assert joined >= 4
    assert bounded >= 2


def assert_claims_hold(problem: Problem, solution: Solution, name: object) -> None:
    """Check a plan that may not be the best: nothing it claims is more than is true."""
    verdict = verify(problem, solution.labels)
    assert verdict.faults == (), name
    assert round(solution.violation * 1e6) == pytest.approx(
        float(verdict.violation) * 1e6, abs=len(verdict.costs)
    ), name
    assert solution.objective == pytest.approx(verdict.cost, **COST), name
    front = brute_front(problem)
    level = round(solution.violation * 1e6)
    assert round(solution.violation_bound * 1e6) <= min(front) <= level, name
    cheapest = least_cost_at(front, level)
    if solution.bound is not None:
        assert solution.bound <= cheapest * (1 + 1e-6) + 1e-7, name
    if solution.status is Status.OPTIMAL:
        assert level == 0, name
        assert solution.objective == pytest.approx(cheapest, **COST), name
    if solution.status is Status.INFEASIBLE:
        assert level == min(front) > 0, name


def test_groups_that_may_be_are_few_on_a_path():
    """1 - 1 - 1 within 100 m: three singles, two pairs."""
    groups = groups_of(problem_of(path_edges(3), [1, 1, 1], span=100.0))
    assert sorted(group.bits for group in groups) == [0b001, 0b010, 0b011, 0b100, 0b110]
