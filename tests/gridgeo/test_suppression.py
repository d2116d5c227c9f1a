"""Small counts, and counts that give small ones away, are not published."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.suppression import Earlier, hidden_grids


def hidden(grids: str, households: list[int], **more) -> set[str]:
    """One letter a building for its grid; twice as many people as households."""
    names = np.array(list(grids), dtype=object)
    counts = np.column_stack([households, np.array(households) * 2])
    places = np.array(list(more.pop("communities", "x" * len(names))), dtype=object)
    return hidden_grids(names, counts, communities=places, **more)


def test_counts_of_ordinary_grids_are_shown() -> None:
    assert hidden("AABBCC", [20, 20, 30, 30, 25, 25]) == set()


def test_a_small_grid_takes_the_next_smallest_with_it_since_the_total_is_known() -> None:
    assert hidden("AABBCC", [2, 3, 30, 30, 25, 25]) == {"A", "C"}


def test_two_small_grids_whose_sum_tells_nearly_all_take_a_third() -> None:
    assert hidden("AABBCCDD", [1, 1, 2, 2, 30, 30, 25, 25]) == {"A", "B", "D"}


def test_two_small_grids_that_cover_each_other_are_enough() -> None:
    assert hidden("AABBCC", [4, 5, 4, 5, 30, 30]) == {"A", "B"}


def test_few_people_hide_a_grid_of_households_enough_and_the_other_way_round() -> None:
    grids = np.array(list("AABB"), dtype=object)
    counts = np.array([[20, 4], [20, 4], [30, 90], [30, 90]])
    assert "A" in hidden_grids(grids, counts, communities=np.full(4, "x", dtype=object))


def test_a_grid_of_one_building_is_that_buildings_count_and_never_shown() -> None:
    assert "A" in hidden("ABBCC", [400, 30, 30, 25, 25])


def test_a_community_of_one_small_grid_shows_nothing_and_leaves_others_alone() -> None:
    assert hidden("AABB", [2, 2, 30, 30], communities="xxyy") == {"A"}


def test_a_building_that_changed_its_grid_is_not_told_by_the_difference() -> None:
    # B3 moved from A to B: without suppression 70 - 40 tells what it holds
    ids = ["B1", "B2", "B3", "B4", "B5", "B6", "B7"]
    now, counts = "AABBBCC", [20, 20, 30, 25, 25, 40, 40]
    was = dict(zip(ids, "AAABBCC", strict=True))
    told = {"A": (70, 140), "B": (50, 100), "C": (80, 160)}
    assert hidden(now, counts, ids=ids, earlier=Earlier(was, told)) == {"A", "B"}
    # had the old counts not been told, nothing would follow from the new
    assert hidden(now, counts, ids=ids, earlier=Earlier(was, {})) == set()


def test_a_plan_published_again_unchanged_hides_what_it_hid() -> None:
    ids = [f"B{k}" for k in range(6)]
    now, counts = "AABBCC", [2, 3, 30, 30, 25, 25]
    first = hidden(now, counts)
    told = {"B": (60, 120)}
    again = hidden(now, counts, ids=ids, earlier=Earlier(dict(zip(ids, now, strict=True)), told))
    assert again == first


def test_many_grids_take_no_time_to_speak_of() -> None:
    rng = np.random.default_rng(3)
    grids = np.repeat([f"G{k:04d}" for k in range(2000)], 3).astype(object)
    counts = np.column_stack([rng.integers(20, 90, 6000), rng.integers(40, 200, 6000)])
    counts[:3] = 1
    found = hidden_grids(grids, counts, communities=np.full(6000, "x", dtype=object))
    assert "G0000" in found
    assert len(found) == 2


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 3, 1, 4, 2, 0]])
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    grids, counts = np.array(list("AABBCC")), np.array([2, 3, 30, 30, 25, 25])
    assert hidden("".join(grids[order]), counts[order].tolist()) == {"A", "C"}
