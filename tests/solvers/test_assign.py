"""The assignment model agrees with brute force and with set partitioning, and is itself exact."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from brute_force import Best, brute_best, divisions, inertia_by_pairs
from small_graphs import (
    clique_edges,
    path_edges,
    problem_of,
    random_problem,
    star_edges,
    unhurried,
)

from solvers import (
    Assigned,
    Bands,
    Budget,
    Contiguity,
    Problem,
    Status,
    Terms,
    assign,
    solve,
    verify,
)

SEEDS = 200
BLOCK = 40
COST = {"rel": 1e-6, "abs": 1e-6}


def with_border(problem: Problem, seed: int, **terms) -> Problem:
    """Return the problem with random metres on its edges, and cut metres as its cost."""
    metres = np.random.default_rng(seed + 1_000_000).integers(1, 200, len(problem.edges))
    terms = {"compactness": 0.0, "border": 1.0, **terms}
    return replace(
        problem, bands=problem.bands.copy(), border_m=metres.astype(float), terms=Terms(**terms)
    )


def with_locks(problem: Problem, seed: int) -> Problem:
    """Return the problem with two random locks."""
    rng = np.random.default_rng(seed + 2_000_000)
    pairs = np.array(clique_edges(problem.n), np.int64).reshape(-1, 2)
    one, other = (np.sort(rng.permutation(pairs)[:1], axis=1) for _ in range(2))
    return replace(problem, bands=problem.bands.copy(), together=one, apart=other)


@cache
def bordered(seed: int) -> Problem:
    return with_border(random_problem(seed), seed)


@cache
def known_best(seed: int) -> Best:
    return brute_best(bordered(seed))


def assert_best(problem: Problem, answer: Assigned, best: Best, *, name: object) -> None:
    """Hold an answer of elastic bands, recomputed, against the brute force's."""
    verdict = verify(problem, answer.labels)
    assert verdict.faults == (), name
    assert verdict.violation == best.violation, name
    assert verdict.cost == pytest.approx(best.cost, **COST), name
    assert answer.violation == answer.violation_bound == float(best.violation), name
    assert answer.objective == pytest.approx(best.cost, **COST), name
    assert answer.bound == pytest.approx(best.cost, **COST), name
    assert answer.status is (Status.INFEASIBLE if best.violation else Status.OPTIMAL), name
    assert (answer.covers, answer.stopped) == ("", False), name


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_violation_and_border_equal_brute_force_on_random_graphs(first):
    for seed in range(first, first + BLOCK):
        # half of them by cuts, half by flow
        contiguity = (Contiguity.CUTS, Contiguity.FLOW)[seed % 2]
        problem = bordered(seed)
        answer = assign(problem, unhurried(), bands=Bands.ELASTIC, contiguity=contiguity)
        assert_best(problem, answer, known_best(seed), name=f"seed {seed}")


@pytest.mark.parametrize("first", range(SEEDS, SEEDS + 80, BLOCK))
def test_two_models_agree_on_random_graphs(first):
    """Set partitioning over groups and assignment to nodes share no line of a model."""
    for seed in range(first, first + BLOCK):
        problem = bordered(seed)
        one = assign(problem, unhurried(), bands=Bands.ELASTIC)
        other = solve(problem, unhurried())
        assert verify(problem, other.labels).faults == (), seed
        assert one.violation == pytest.approx(other.violation, abs=1e-5), seed
        assert one.objective == pytest.approx(other.objective, **COST), seed
        assert one.status is other.status, seed


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_hard_bands_hold_or_are_proved_not_to(first):
    in_band = 0
    for seed in range(first, first + BLOCK):
        problem, best = bordered(seed), known_best(seed)
        answer = assign(problem, unhurried())
        if best.violation:
            assert (answer.status, answer.labels) == (Status.INFEASIBLE, None), seed
            continue
        in_band += 1
        assert_best(problem, answer, best, name=f"seed {seed}")
    assert in_band > 5


def test_a_penalty_is_a_cost_and_no_violation():
    dear = 0
    for seed in range(30):
        problem = with_border(random_problem(seed), seed, penalty=(50.0, 7.0, 3.0))
        best = brute_best(problem)
        answer = assign(problem, unhurried(), bands=Bands.ELASTIC)
        assert_best(problem, answer, best, name=f"seed {seed}")
        dear += verify(problem, answer.labels).cost > best.cost - 1e-6 > 50
    assert dear > 5


def test_locks_outweigh_bands_and_hard_ones_hold():
    broken = kept = 0
    for seed in range(60):
        contiguity = (Contiguity.CUTS, Contiguity.FLOW)[seed % 2]
        problem = bordered(seed)
        if problem.n < 3:
            continue
        problem = with_locks(problem, seed)
        best = brute_best(problem)
        answer = assign(problem, unhurried(), bands=Bands.ELASTIC, contiguity=contiguity)
        assert_best(problem, answer, best, name=f"seed {seed}")
        hard = assign(problem, unhurried(), contiguity=contiguity)
        if best.violation:
            assert hard.status is Status.INFEASIBLE, seed
        else:
            assert_best(problem, hard, best, name=f"seed {seed}")
        broken += best.violation >= 1000
        kept += best.violation < 1000
    assert broken > 3
    assert kept > 20


def test_the_number_of_groups_is_kept():
    """Every k that a graph has divisions for, and one more, against all divisions."""
    none = 0
    for seed in range(25):
        problem = with_border(random_problem(seed, most_nodes=6), seed)
        worths: dict[int, list[tuple]] = {}
        for groups in divisions(problem):
            cost = sum(g.cost for g in groups)
            worths.setdefault(len(groups), []).append((sum(g.violation for g in groups), cost))
        for k in range(problem.n + 2):
            answer = assign(problem, unhurried(), k=k, bands=Bands.ELASTIC)
            if k not in worths:
                none += 1
                assert (answer.status, answer.labels) == (Status.INFEASIBLE, None), (seed, k)
                continue
            violation, cost = min(worths[k])
            verdict = verify(problem, answer.labels)
            assert len(verdict.totals) == k, (seed, k)
            assert verdict.violation == violation, (seed, k)
            assert verdict.cost == pytest.approx(cost, **COST), (seed, k)
    assert none > 25


def test_inertia_about_a_node_is_the_best_there_is_and_the_bound_is_true():
    """Out of all divisions in band the model's is the least about nodes, and at most twice true."""
    seen = 0
    for seed in range(60):
        problem = random_problem(seed, most_nodes=7)
        plans = [groups for groups in divisions(problem) if not any(g.violation for g in groups)]
        answer = assign(problem, unhurried())
        if not plans:
            assert answer.status is Status.INFEASIBLE, seed
            continue
        seen += 1
        true = min(sum(g.cost for g in groups) for groups in plans)
        about_nodes = min(sum(about_best_node(problem, g.bits) for g in p) for p in plans)
        verdict = verify(problem, answer.labels)
        assert (verdict.faults, verdict.violation) == ((), 0), seed
        assert answer.bound <= true + 1e-6 <= verdict.cost + 2e-6, seed
        assert answer.bound == pytest.approx(min(about_nodes / 2, verdict.cost), **COST), seed
        assert true - 1e-6 <= about_nodes <= 2 * true + 1e-6, seed
        assert answer.status is Status.FEASIBLE, seed
        assert "about the best node" in answer.covers, seed
    assert seen > 15


def about_best_node(problem: Problem, bits: int) -> float:
    """Return the inertia of a group about the member for which it is least."""
    nodes = [i for i in range(problem.n) if bits >> i & 1]
    mass, xy = problem.weights[nodes, 0].astype(float), problem.xy[nodes]
    moments = [(mass * ((xy - centre) ** 2).sum(axis=1)).sum() / 1e6 for centre in xy]
    assert min(moments) >= inertia_by_pairs(problem, nodes) - 1e-9
    return min(moments)


def hard(edges, households, metres=None, *, bands=None, k=None, contiguity=Contiguity.CUTS):
    """Return answer and verified cost of a small problem with hard bands, a metre an edge."""
    problem = problem_of(edges, households, bands=bands)
    metres = np.ones(len(edges)) if metres is None else np.array(metres, float)
    problem = replace(
        problem,
        bands=problem.bands.copy(),
        border_m=metres,
        terms=Terms(compactness=0.0, border=1.0),
    )
    answer = assign(problem, unhurried(), k=k, contiguity=contiguity)
    if answer.labels is None:
        return answer, None
    verdict = verify(problem, answer.labels)
    assert (verdict.faults, verdict.violation) == ((), 0)
    return answer, verdict.cost


@pytest.mark.parametrize("contiguity", Contiguity)
def test_a_path_is_cut_where_it_is_thin(contiguity):
    """2 =9= 2 -1- 2 =9= 2: one cut in the middle."""
    answer, cost = hard(path_edges(4), [2] * 4, [9, 1, 9], contiguity=contiguity)
    assert (answer.labels.tolist(), cost) == ([0, 0, 1, 1], 1.0)


@pytest.mark.parametrize("contiguity", Contiguity)
def test_a_star_has_one_group_with_more_than_a_leaf(contiguity):
    """Leaves of 3 about a middle of 2: the middle keeps the dearest edge, the rest stand alone."""
    answer, cost = hard(star_edges(4), [2, 3, 3, 3], [1, 5, 2], contiguity=contiguity)
    assert (answer.labels.tolist(), cost) == ([0, 1, 0, 2], 3.0)


@pytest.mark.parametrize("contiguity", Contiguity)
def test_a_clique_of_four_falls_into_pairs(contiguity):
    """Two pairs cut four of the six edges, and keep the two dear ones."""
    answer, cost = hard(clique_edges(4), [2] * 4, [1, 1, 9, 9, 1, 1], contiguity=contiguity)
    assert (answer.labels.tolist(), cost) == ([0, 1, 1, 0], 4.0)


def test_too_many_groups_or_too_few_are_infeasible():
    """2 - 2 - 2 - 2 in bands of 3 to 5: two groups, no more and no fewer."""
    for k, status in ((0, "infeasible"), (1, "infeasible"), (2, "optimal"), (3, "infeasible")):
        assert hard(path_edges(4), [2] * 4, k=k)[0].status == status
    for k in (5, 99):
        answer, _ = hard(path_edges(4), [2] * 4, k=k)
        assert (answer.status, answer.labels, answer.stopped) == (Status.INFEASIBLE, None, False)


@pytest.mark.parametrize("contiguity", Contiguity)
def test_two_ends_do_not_meet_over_the_middle(contiguity):
    """1 - 4 - 1 in bands of 2 to 4: the ones would be a group, but the four lies between."""
    bands = [[2, 4], [0, 99]]
    answer, _ = hard(path_edges(3), [1, 4, 1], bands=bands, contiguity=contiguity)
    assert answer.status is Status.INFEASIBLE


def test_a_cut_is_found_in_the_loop_where_two_blobs_hang_on_one_node():
    """Two blobs of 3 hang on one node, which belongs to a third.

    1 =9= 2 -1- 1 -1- 2 =9= 1    Bands of 3 to 7, two groups. Both blobs without the node would
                9                cut only the two thin edges. In one piece they need the node, and
                4                the four is cut off for 9.
    """
    edges, metres = [(0, 1), (1, 2), (2, 3), (2, 5), (3, 4)], [9, 1, 1, 9, 9]
    households, bands = [1, 2, 1, 2, 1, 4], [[3, 7], [0, 99]]
    for contiguity in Contiguity:
        answer, cost = hard(edges, households, metres, bands=bands, k=2, contiguity=contiguity)
        assert (answer.labels.tolist(), cost) == ([0, 0, 0, 0, 0, 1], 9.0)
        assert (answer.cuts > 0) is (contiguity is Contiguity.CUTS)
        assert (answer.rounds > 1) is (contiguity is Contiguity.CUTS)


def square(side: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Return edges and households of a square of ones, streets only."""
    node = np.arange(side * side).reshape(side, side)
    across = zip(node[:, :-1].ravel().tolist(), node[:, 1:].ravel().tolist(), strict=True)
    down = zip(node[:-1].ravel().tolist(), node[1:].ravel().tolist(), strict=True)
    return sorted([*across, *down]), [1] * side * side


@pytest.mark.parametrize(
    ("side", "contiguity"), [(6, Contiguity.CUTS), (4, Contiguity.CUTS), (4, Contiguity.FLOW)]
)
def test_few_large_districts_have_the_shortest_border(side, contiguity):
    """Four equal districts of a square: the quadrants, whose borders are twice the side."""
    edges, households = square(side)
    quarter = side * side // 4
    bands = [[quarter, quarter], [0, 999]]
    answer, cost = hard(edges, households, bands=bands, k=4, contiguity=contiguity)
    assert (answer.status, cost) == (Status.OPTIMAL, 2 * side)


def test_what_the_model_lacks_is_refused():
    plain = problem_of(path_edges(3), [4, 4, 4])
    bands = plain.bands.copy
    for problem in (
        replace(plain, bands=bands(), terms=Terms(balance=(1.0, 0.0), target=(4.0, 0.0))),
        replace(plain, bands=bands(), terms=Terms(quarter=1.0), quarter=np.array([0, 0, -1])),
        replace(plain, bands=bands(), old=np.array([0, 0, 1])),
    ):
        with pytest.raises(ValueError, match=r"does not know (balance|quarters|an old plan)"):
            assign(problem, unhurried())


def test_without_time_nothing_is_known():
    budget = Budget(0.0, clock=time.monotonic)
    answer = assign(bordered(3), budget)
    assert (answer.status, answer.labels, answer.bound) == (Status.UNKNOWN, None, None)
    assert answer.stopped


def test_a_cancel_between_rounds_claims_nothing_that_is_not_so():
    """Cancel after ever more looks: what is said then is true of the brute force's best."""
    for seed in (3, 5, 8, 13, 21):
        problem, best = bordered(seed), known_best(seed)
        for looks in range(8):
            left = iter(range(looks))
            budget = Budget(
                None, clock=time.monotonic, cancelled=lambda left=left: next(left, None) is None
            )
            answer = assign(problem, budget, bands=Bands.ELASTIC)
            assert answer.violation_bound <= float(best.violation) + 1e-6, (seed, looks)
            if answer.labels is None:
                assert answer.status is Status.UNKNOWN, (seed, looks)
                continue
            verdict = verify(problem, answer.labels)
            assert verdict.faults == (), (seed, looks)
            assert verdict.violation >= best.violation, (seed, looks)
            if answer.status is Status.OPTIMAL:
                assert verdict.cost == pytest.approx(best.cost, **COST), (seed, looks)
            if answer.status is Status.INFEASIBLE:
                assert verdict.violation == best.violation > 0, (seed, looks)
