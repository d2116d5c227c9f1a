"""Buildings at the same place: footprints by the ground they share, points by their distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gridgeo.same_place import LEAST_SHARE, couples_of, likeliest, made_up, unclear


def shapes(*held) -> np.ndarray:
    out = np.empty(len(held), dtype=object)
    out[:] = held
    return out


def house(x: float, y: float = 0, side: float = 10):
    return box(x, y, x + side, y + side)


def partners(now, old, near_m: float = 10) -> list[int]:
    return likeliest(couples_of(now, old, near_m), len(now), len(old)).tolist()


def test_a_footprint_drawn_a_little_off_is_the_same() -> None:
    assert partners(shapes(house(2, 2)), shapes(house(0), house(15))) == [0]


def test_a_tower_on_the_ground_of_a_house_is_not_that_house() -> None:
    tower = box(0, 0, 27, 25)
    found = couples_of(shapes(tower), shapes(house(2, 2), house(14, 2)), 10)
    assert len(found.now) == 0


def test_a_point_is_the_footprint_it_lies_in_and_the_point_beside_it() -> None:
    assert partners(shapes(Point(3, 3)), shapes(house(0))) == [0]
    assert partners(shapes(house(0)), shapes(Point(15, 5))) == [0]
    assert partners(shapes(Point(0, 0)), shapes(Point(9, 0))) == [0]
    assert partners(shapes(Point(0, 0)), shapes(Point(11, 0))) == [-1]


def test_a_shape_without_a_place_is_nowhere() -> None:
    assert partners(shapes(None, Point(0, 0)), shapes(Point(0, 0), None)) == [-1, 0]


def test_where_several_compete_all_are_matched_as_well_as_can_be() -> None:
    """0 is nearest to the old 3, but then 4 would go without.

    now     0  4
    old  -5  3
    """
    now, old = shapes(Point(0, 0), Point(4, 0)), shapes(Point(-5, 0), Point(3, 0))
    assert partners(now, old) == [0, 1]


def test_a_worse_match_is_not_made_to_match_more() -> None:
    # one stands on its own place; that another, far off, would go without does not move it
    now, old = shapes(Point(0, 0), Point(8, 0)), shapes(Point(0, 0), Point(-9, 0))
    assert partners(now, old) == [0, -1]


def test_two_old_places_as_near_are_unclear_only_if_their_grids_differ() -> None:
    now, old = shapes(Point(0, 0)), shapes(Point(-4, 0), Point(4.5, 0))
    couples = couples_of(now, old, 10)
    partner = likeliest(couples, 1, 2)
    assert partner.tolist() == [0]
    assert unclear(couples, partner, np.array(["A", "B"], dtype=object)).tolist() == [True]
    assert unclear(couples, partner, np.array(["A", "A"], dtype=object)).tolist() == [False]


def test_two_that_may_as_well_be_swapped_are_both_unclear() -> None:
    now, old = shapes(Point(0, 3), Point(0, -3)), shapes(Point(-3, 0), Point(3, 0))
    couples = couples_of(now, old, 10)
    partner = likeliest(couples, 2, 2)
    assert sorted(partner.tolist()) == [0, 1]
    assert unclear(couples, partner, np.array(["A", "B"], dtype=object)).tolist() == [True, True]


def test_a_place_that_another_needs_leaves_nothing_unclear() -> None:
    # the old 4 is as near to 0 as the old -4, but it alone is near 12
    now, old = shapes(Point(0, 0), Point(12, 0)), shapes(Point(-4, 0), Point(4, 0))
    couples = couples_of(now, old, 10)
    partner = likeliest(couples, 2, 2)
    assert partner.tolist() == [0, 1]
    assert not unclear(couples, partner, np.array(["A", "B"], dtype=object)).any()


def test_two_halves_make_up_a_slab_and_two_houses_make_up_no_tower() -> None:
    slab = box(0, 0, 40, 10)
    halves = shapes(box(0, 0, 20, 10), box(20, 0, 40, 10), house(100))
    found = made_up(shapes(house(200), slab), halves)
    assert [(whole, pieces.tolist()) for whole, pieces in found] == [(1, [0, 1])]
    tower = box(0, 0, 27, 25)
    assert made_up(shapes(tower), shapes(house(2, 2), house(14, 2))) == []


def test_one_shape_alone_makes_up_nothing() -> None:
    assert made_up(shapes(house(0)), shapes(house(0))) == []
    assert made_up(shapes(house(0)), shapes(Point(5, 5))) == []
    assert made_up(shapes(), shapes()) == []


def test_points_of_entrances_make_up_the_building_they_lie_in() -> None:
    found = made_up(shapes(box(0, 0, 40, 10)), shapes(Point(5, 5), Point(20, 5), Point(90, 5)))
    assert [(whole, pieces.tolist()) for whole, pieces in found] == [(0, [0, 1])]


coordinate = st.integers(0, 60).map(lambda number: number / 2)
points = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(now=points, old=points)
def test_no_other_match_is_more_alike(now, old) -> None:
    from itertools import permutations

    n, m = len(now), len(old)
    first, second = shapes(*map(Point, now)), shapes(*map(Point, old))
    couples = couples_of(first, second, 10)
    like = np.zeros((n, m + n))
    like[couples.now, couples.old] = couples.likeness
    partner = likeliest(couples, n, m)
    held = partner[partner >= 0]
    assert len(set(held)) == len(held)
    ours = sum(like[row, old_row] for row, old_row in enumerate(partner) if old_row >= 0)
    best = (
        max(
            sum(like[row, column] for row, column in enumerate(chosen))
            for chosen in permutations(range(m + n), n)
        )
        if n + m <= 7
        else None
    )
    if best is not None:
        assert ours == pytest.approx(best)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(x=st.floats(0, 30), y=st.floats(0, 30), side=st.floats(1, 30))
def test_likeness_of_footprints_is_their_share_and_the_same_both_ways(x, y, side) -> None:
    one, other = shapes(house(0, 0)), shapes(house(x, y, side))
    there, back = couples_of(one, other, 10), couples_of(other, one, 10)
    assert there.likeness.tolist() == pytest.approx(back.likeness.tolist())
    share = one[0].intersection(other[0]).area / one[0].union(other[0]).area
    if abs(share - LEAST_SHARE) > 1e-6:
        assert (len(there.now) == 1) == (share > LEAST_SHARE)
