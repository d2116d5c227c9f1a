"""What a certificate rules out, no division does; and what is ruled out is mostly told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from solvers import Terms, certificates
from solvers.dead import Proof
from tests.solvers.brute_force import bits_of, brute_best, groups_of
from tests.solvers.small_graphs import path_edges, problem_of, random_problem, star_edges

SEEDS = range(400)


def served_by(problem) -> int:
    """Return the nodes that are in some group within the bands, as bits."""
    served = 0
    for group in groups_of(problem):
        if group.violation == 0:
            served |= group.bits
    return served


def test_no_certificate_is_refuted_by_trying_every_division() -> None:
    told = infeasible = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        known, best = certificates(problem), brute_best(problem)
        assert known.violation <= best.violation, seed
        assert (known.violation > 0) == known.impossible, seed
        if best.violation > 0:
            infeasible += 1
            told += known.impossible
        else:
            assert not known.impossible, seed
    # what is left are pieces in which every node could be served, but not all at once
    assert infeasible > 200
    assert told >= 0.9 * infeasible


def test_dead_are_exactly_the_nodes_in_no_group_within_the_bands() -> None:
    dead = by_proof = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        known, served = certificates(problem), served_by(problem)
        assert known.complete
        told = bits_of([d.node for d in known.dead]) | bits_of(known.oversize)
        assert told == ((1 << problem.n) - 1) ^ served, seed
        assert sorted(np.concatenate([[], *known.areas]).tolist()) == [d.node for d in known.dead]
        dead += len(known.dead)
        by_proof += sum(d.proof is not Proof.SEARCH for d in known.dead)
    assert dead > 400
    assert by_proof > 200


def test_the_most_a_group_may_hold_is_never_exceeded() -> None:
    for seed in SEEDS:
        problem = random_problem(seed)
        groups = groups_of(problem)
        for d in certificates(problem).dead:
            if d.proof is Proof.SEARCH:
                continue
            for group in groups:
                total = problem.weights[[i for i in range(problem.n) if group.bits >> i & 1]].sum(0)
                under = (total <= problem.bands[:, 1]).all()
                if group.bits >> d.node & 1 and under:
                    assert total[d.weight] <= d.most < problem.bands[d.weight, 0]


def test_a_limit_moved_to_the_nearest_serves_the_node_and_moved_less_does_not() -> None:
    moved = 0
    for seed in range(200):
        problem = random_problem(seed)
        for d in certificates(problem).dead:
            for k, side in np.ndindex(d.nearest.shape):
                if d.nearest[k, side] < 0:
                    continue
                moved += 1
                wide = problem.bands.copy()
                wide[k, side] = d.nearest[k, side]
                assert served_by(replace(problem, bands=wide)) >> d.node & 1
                wide = wide.copy()
                wide[k, side] += 1 if side == 0 else -1
                assert not served_by(replace(problem, bands=wide)) >> d.node & 1
    assert moved > 100


def test_a_node_over_a_limit_cuts_the_graph_and_pays_its_own_violation() -> None:
    """Households 3 - 9 - 3, people 9 each: band 3 to 5 and 8 to 16."""
    problem = problem_of(path_edges(3), [3, 9, 3], [9, 9, 9])
    known = certificates(problem)
    assert known.oversize.tolist() == [1]
    assert [piece.nodes.tolist() for piece in known.pieces] == [[0], [2]]
    assert all(piece.fits for piece in known.pieces)
    assert known.violation == 1 + Fraction(4, 5)


def test_a_piece_whose_bands_ask_for_different_numbers_of_groups_is_told() -> None:
    """Households 3 - 3 and people 10 - 14 make two groups; 1 - 1 households do not make one."""
    edges = [(0, 1), (2, 3)]
    known = certificates(problem_of(edges, [3, 3, 1, 1], [10, 14, 4, 4]))
    first, second = known.pieces
    assert first.counts.tolist() == [[2, 2], [2, 2]]
    assert first.fits
    assert second.counts.tolist() == [[1, 0], [1, 1]]
    assert not second.fits
    assert second.violation == 1 + Fraction(1, 3)
    assert [d.node for d in known.dead] == [2, 3]


def test_a_piece_out_of_ratio_names_the_weights() -> None:
    """Eight people for five households at least; here there are as many as households."""
    known = certificates(problem_of(path_edges(9), [1] * 9, [1] * 9))
    (piece,) = known.pieces
    assert piece.out_of_ratio == (1, 0)
    assert {(d.proof, d.weight, d.beside, d.most) for d in known.dead} == {(Proof.SHARE, 1, 0, 5)}
    assert [area.tolist() for area in known.areas] == [list(range(9))]


def test_a_lean_corner_among_small_houses_lives_where_a_way_leads_out_of_it() -> None:
    """A chessboard of single households, 40 x 40, one person each in a corner of 12 x 12."""
    side, corner = 40, 12
    row, column = np.divmod(np.arange(side * side), side)
    people = np.where((row < corner) & (column < corner), 1, 3)
    edges = [(int(i), int(i) + 1) for i in np.flatnonzero(column < side - 1)]
    edges += [(i, i + side) for i in range(side * (side - 1))]
    bands = [[300, 500], [1000, 1500]]
    known = certificates(problem_of(edges, np.ones(side * side, int), people, bands=bands))
    assert known.complete
    assert not known.impossible


def test_a_span_can_make_a_node_dead() -> None:
    problem = problem_of(star_edges(3), [1, 1, 1], [3, 3, 3])
    assert not certificates(problem).impossible
    assert len(certificates(replace(problem, max_span_m=150.0)).dead) > 0


def test_priced_bands_are_no_violation() -> None:
    problem = problem_of(path_edges(2), [1, 1], [3, 3])
    assert certificates(problem).violation > 0
    soft = replace(problem, terms=Terms(penalty=(5.0, 1.0, 1.0)))
    assert certificates(soft).violation == 0
    assert certificates(soft).impossible


@pytest.mark.parametrize("visits", [1, 2, 4])
def test_what_the_counts_leave_open_is_never_called_dead(monkeypatch, visits: int) -> None:
    monkeypatch.setattr("solvers.dead.DIVE_VISITS", visits)
    monkeypatch.setattr("solvers.dead.SURE_VISITS", visits)
    left_open = 0
    for seed in range(300):
        problem = random_problem(seed)
        known, served = certificates(problem), served_by(problem)
        assert not bits_of([d.node for d in known.dead]) & served
        left = bits_of(known.undecided) | bits_of([d.node for d in known.dead])
        assert left | bits_of(known.oversize) | served == (1 << problem.n) - 1
        left_open += not known.complete
    assert left_open > 10
