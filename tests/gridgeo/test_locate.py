"""Which grid a place is in: always one answer, the same one on borders, and none outside."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small_plans import block_plan, street_plan

import gridgeo as gg
from gridgeo.crs import lonlat_of
from gridgeo.scorecard import grid_polygons, grid_rows

CRS = pyproj.CRS.from_epsg(3414)


@pytest.fixture(scope="module")
def index() -> gg.GridIndex:
    return gg.GridIndex.of(block_plan())


def test_every_building_is_found_in_its_own_grid(index) -> None:
    plan = block_plan()
    assert list(index.locate_xy(plan.buildings.xy)) == list(plan.grid_ids)
    assert list(index.locate(lonlat_of(plan.buildings.xy, CRS))) == list(plan.grid_ids)


@pytest.mark.parametrize(
    ("place", "grid"),
    [
        ((300, 250), "G-001"),  # G-001 and G-002 meet
        ((300, 150), "G-002"),  # G-002 and G-004
        ((100, 200), "G-001"),  # G-001, G-003 and G-004
        ((200, 100), "G-003"),  # G-003 and G-004
        ((300, 200), "G-001"),  # G-001, G-002 and G-004
        ((0, 0), "G-003"),  # a corner of the territory
        ((400, 150), "G-002"),  # its rim
    ],
)
def test_a_place_on_a_border_is_in_the_grid_whose_id_comes_first(index, place, grid) -> None:
    assert index.grid_at_xy(*place) == grid
    assert list(index.locate_xy(np.array([place, place], dtype=float))) == [grid, grid]


@pytest.mark.parametrize(
    "place", [(-0.001, 50), (400.001, 10), (1e9, 1e9), (np.nan, 3), (3, np.inf)]
)
def test_outside_nothing_is_found(index, place) -> None:
    assert index.grid_at_xy(*place) == ""
    assert list(index.locate_xy(np.array([place], dtype=float))) == [""]


def test_places_that_are_not_on_earth_are_in_no_grid(index) -> None:
    odd = np.array([[500.0, 95.0], [np.nan, np.nan], [0.0, 0.0]])
    assert list(index.locate(odd)) == ["", "", ""]
    assert index.grid_at(500, 95) == ""


def test_no_place_gives_no_answer(index) -> None:
    assert index.locate(np.empty((0, 2))).shape == (0,)


def test_places_of_the_wrong_shape_are_refused(index) -> None:
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        index.locate_xy(np.array([1.0, 2.0]))


@given(st.lists(st.tuples(st.integers(-20, 420), st.integers(-20, 320)), max_size=30))
def test_one_by_one_or_all_at_once_and_by_hand_is_the_same(places) -> None:
    plan = block_plan()
    index = gg.GridIndex.of(plan)
    xy = np.array(places, dtype=float).reshape(-1, 2)
    grounds = grid_polygons(plan.territory.cells, grid_rows(plan))
    by_hand = [
        min(
            (g for g, s in zip(index.ids, grounds, strict=True) if s.covers(shapely.Point(p))),
            default="",
        )
        for p in xy
    ]
    assert list(index.locate_xy(xy)) == by_hand
    assert [index.grid_at_xy(*place) for place in xy.tolist()] == by_hand


def test_many_places_are_all_answered_in_their_order() -> None:
    index = gg.GridIndex.of(street_plan())
    west = np.linspace(0, 599.9, 450_001)  # more than are in work at once
    found = index.locate_xy(np.column_stack([west, np.full(len(west), 50.0)]))
    assert list(found[[0, 200_000, 450_000]]) == ["1-001", "1-002", "E-001"]
    assert (found[west < 200] == "1-001").all()
    assert (found[west > 300] == "E-001").all()
