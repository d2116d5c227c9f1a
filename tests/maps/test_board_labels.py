"""Labels of a board overlap nowhere, stay in the frame and stand where they belong."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import LineString, Point

from maps import BoardBuilding, BoardGrid, BoardLine, BoardSheet
from maps.board_map import MapStyle, Territory, draw_map
from maps.board_sheet import place_and_number, short_numbers
from maps.scale import fit


def _town(seed: int, houses: int, slant: float = 0.0) -> BoardSheet:
    """Two grids with houses strewn about, some of them named the same, and crossing streets."""
    rng = np.random.default_rng(seed)
    names = ["Elm Court", "Oak Lane", "榆园", "A very long name of a place", ""]
    buildings = []
    for row in range(houses):
        x, y = rng.uniform(5, 480), rng.uniform(5, 380)
        name = f"{names[rng.integers(5)]} {rng.integers(1, 120)}"
        shape = box(x, y, x + rng.uniform(5, 40), y + rng.uniform(5, 25))
        single = rng.random() < 0.2
        buildings.append(
            BoardBuilding(f"B{row}", "L-1" if x < 250 else "L-2",
                          Point(x, y) if rng.random() < 0.1 else shape,
                          name="Some House" if single else name)
        )  # fmt: skip
    lines = (
        BoardLine("street", "High Street", LineString([(0, 200 - slant), (500, 200 + slant)])),
        BoardLine("street", "West Road", LineString([(120, 0), (130, 400)])),
        BoardLine("river", "Brook", LineString([(500, 0), (0, 390)])),
    )
    grids = (BoardGrid("L-1", box(0, 0, 250, 400)), BoardGrid("L-2", box(250, 0, 500, 400)))
    return BoardSheet("Strewn", grids, tuple(buildings), lines)


def _drawn(sheet: BoardSheet, frame=(240.0, 200.0), reserved=()):
    land = Territory.of(sheet)
    numbers = short_numbers(grid.grid_id for grid in sheet.grids)
    view = fit(land.rim, frame, padding_mm=5.0)
    style = MapStyle(frozenset(numbers), numbers, 1.0)
    return view, draw_map(land, view, style, reserved=reserved)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.floats(-150, 150))
def test_no_two_labels_overlap_and_all_are_in_the_frame(seed, houses, slant):
    corner = box(200, 5, 235, 30)
    view, drawn = _drawn(_town(seed, houses, slant), reserved=[corner])
    boxes = np.array([label.box for label in drawn.labels])
    tree = shapely.STRtree(boxes)
    one, other = tree.query(boxes, predicate="intersects")
    assert [(a, b) for a, b in zip(one, other, strict=True) if a < b] == []
    assert shapely.within(boxes, box(0, 0, view.width_mm, view.height_mm)).all()
    assert not shapely.intersects(boxes, corner).any()


@settings(max_examples=25, deadline=None)
@given(st.floats(-190, 190))
def test_a_street_s_name_runs_along_it_and_is_never_upside_down(slant):
    view, drawn = _drawn(_town(1, 0, slant))
    found = [label for label in drawn.labels if label.lines == ("High Street",)]
    street = view.on_paper(LineString([(0, 200 - slant), (500, 200 + slant)]))
    assert found
    for label in found:
        assert street.distance(Point(label.x_mm, label.y_mm)) < 0.01
        assert label.turn_deg == pytest.approx(-np.degrees(np.arctan2(slant, 250)), abs=0.1)
    assert all(-90.5 <= label.turn_deg <= 90 for label in drawn.labels)


def test_each_grid_has_its_number_inside_it():
    view, drawn = _drawn(_town(3, 60))
    badges = [label for label in drawn.labels if label.style == "badge"]
    assert [label.lines for label in badges] == [("1",), ("2",)]
    for label, ground in zip(badges, (box(0, 0, 250, 400), box(250, 0, 500, 400)), strict=True):
        assert view.on_paper(ground).contains(Point(label.x_mm, label.y_mm))


def test_a_number_stands_on_its_own_building():
    sheet = _town(5, 40)
    view, drawn = _drawn(sheet)
    numbers = [label for label in drawn.labels if label.style == "number"]
    assert len(numbers) > 10
    for label in numbers:
        spot = Point(label.x_mm, label.y_mm)
        at = [b for b in sheet.buildings if view.on_paper(b.shape).distance(spot) < 3.0]
        assert any(place_and_number(b)[1] == label.lines[0] for b in at), label


def test_a_place_is_named_once_for_buildings_that_stand_together():
    together = [
        BoardBuilding(
            f"B{row}", "g", box(40 * row, 100, 40 * row + 20, 120), name=f"Elm Court {row}"
        )
        for row in range(4)
    ]
    apart = BoardBuilding("far", "g", box(600, 100, 620, 120), name="Elm Court 9")
    sheet = BoardSheet("x", (BoardGrid("g", box(-50, 0, 700, 300)),), (*together, apart))
    _, drawn = _drawn(sheet)
    places = Counter(label.lines for label in drawn.labels if label.style == "place")
    assert sum(places.values()) == 2
    assert {"".join(lines).replace(" ", "") for lines in places} == {"ElmCourt"}


def test_a_pattern_keeps_clear_of_labels_and_buildings_are_drawn_whole():
    _, drawn = _drawn(_town(7, 30))
    assert drawn.drawing.count(b"<path") >= 30
    assert drawn.kinds == {"street", "river", "building", "rim"}


def test_a_hard_name_is_cut_short_and_not_left_to_run_over_the_map():
    house = BoardBuilding("b", "g", box(200, 200, 240, 220), name="x" * 500)
    sheet = BoardSheet("x", (BoardGrid("g", box(0, 0, 500, 400)),), (house,))
    _, drawn = _drawn(sheet)
    (label,) = [label for label in drawn.labels if label.style == "building"]
    assert label.lines[-1].endswith("…")
