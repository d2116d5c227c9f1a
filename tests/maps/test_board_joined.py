"""Ground too wide for its paper is shown on sheets that join, at a planner's scale."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from board_town import PHONES, read_back, town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import scale as stretched

from maps import BoardBuilding, BoardGrid, BoardSheet, board_community, board_grid, small_scales
from maps.board_joined import MOST_SHEETS, OVERLAP_MM, joined_sheets
from maps.inks import BAR
from maps.scale import PAPERS_MM, SMALLEST_SCALE

NOTHING = np.array([], dtype=object)


def wide_town(times: float, language: str = "en") -> BoardSheet:
    """The small town with its ground so many times as wide and high, houses and all."""
    sheet = town(language)
    corner = sheet.grids[0].polygon.bounds[:2]

    def larger(shape):
        return stretched(shape, times, times, origin=corner)

    return replace(
        sheet,
        grids=tuple(replace(g, polygon=larger(g.polygon)) for g in sheet.grids),
        buildings=tuple(replace(b, shape=larger(b.shape)) for b in sheet.buildings),
        lines=tuple(replace(line, line=larger(line.line)) for line in sheet.lines),
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.floats(200, 5000), st.floats(200, 5000), st.sampled_from(["A3", "A1", "A0"])
)  # fmt: skip
def test_sheets_cover_the_ground_and_share_the_same_strip_with_each_neighbour(wide, high, paper):
    ground = box(500_000, 3_400_000, 500_000 + wide, 3_400_000 + high)
    joined = joined_sheets(ground, paper, NOTHING)
    if joined is None:
        return
    assert 1 <= len(joined.sheets) <= MOST_SHEETS
    assert joined.scale <= SMALLEST_SCALE
    frames = {each.number: each.view.frame_m() for each in joined.sheets}
    assert shapely.union_all(list(frames.values())).buffer(1e-6).covers(ground)
    overlap_m = OVERLAP_MM * PAPERS_MM[paper][0] / 420 * joined.scale / 1000
    for each in joined.sheets:
        for side, number in each.beside.items():
            west, south, east, north = frames[each.number].intersection(frames[number]).bounds
            shared = east - west if side in ("left", "right") else north - south
            assert shared == pytest.approx(overlap_m, abs=1e-6)


def test_sheets_without_a_building_are_left_out():
    ground = box(0, 0, 4000, 3000)
    houses = np.array([box(10, 10, 30, 30), box(3900, 2900, 3930, 2930)], dtype=object)
    everything, built = joined_sheets(ground, "A1", NOTHING), joined_sheets(ground, "A1", houses)
    assert everything is not None
    assert built is not None
    assert len(built.sheets) == 2 < len(everything.sheets)


def test_a_whole_county_has_no_sheets():
    assert joined_sheets(box(0, 0, 90_000, 90_000), "A3", NOTHING) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_wide_community_has_an_overview_and_sheets_whose_bars_are_true(language):
    sheet = wide_town(4, language)
    pages = read_back(board_community(sheet))
    (small,) = (each for each in small_scales(sheet) if not each.grid_id)
    scales = [int(found[1].replace(",", "")) for page in pages
              if (found := re.search(r"1:([\d,]+)", page.text))]  # fmt: skip
    assert scales[0] == small.scale > SMALLEST_SCALE
    assert scales[1:] == [small.sheet_scale] * small.sheets
    assert small.sheet_scale <= SMALLEST_SCALE
    for page, scale in zip(pages[1:], scales[1:], strict=False):
        assert {round(bar.width * scale / 1000, 1) for bar in page.of_colour(BAR)} == {100.0}
    first = pages[0].text
    assert ("follow" if language == "en" else "分幅图") in first
    for number in range(1, small.sheets + 1):
        words = f"Sheet {number}" if language == "en" else f"第 {number} 幅"
        # named on the overview, on its own page, and at the edge of each neighbour
        named = sum(words.replace(" ", "") in page.text.replace(" ", "") for page in pages)
        assert named >= 3
    assert all(phone in first for phone in PHONES.values())


def test_larger_paper_that_would_hold_it_is_named():
    sheet = wide_town(4)
    (small,) = (each for each in small_scales(sheet) if not each.grid_id)
    assert small.paper in ("A1", "A0", "A2")
    assert [each for each in small_scales(sheet, paper=small.paper) if not each.grid_id] == []


def test_a_community_is_at_1_3000_on_a3_where_the_page_can_hold_it():
    """About 890 by 750 m and 22 owners: with a header above the map it would be 1:4,000."""
    grids = tuple(
        BoardGrid(
            f"R-{k:03d}", box(k % 6 * 148, k // 6 * 188, k % 6 * 148 + 148, k // 6 * 188 + 188)
        )
        for k in range(22)
    )
    page = read_back(board_community(BoardSheet("R", grids)))[0]
    assert "1:3,000" in page.text
    assert small_scales(BoardSheet("R", grids)) == ()


def test_a_map_that_has_the_page_for_itself_is_followed_by_its_owners():
    grids = tuple(
        BoardGrid(f"N-{row}", box(0, row * 115, 780, row * 115 + 115)) for row in range(9)
    )
    house = BoardBuilding("h", "N-0", box(10, 10, 30, 30))
    sheet = replace(town(), grids=grids, buildings=(house,), workers={}, lines=())
    pages = read_back(board_community(sheet))
    assert "1:3,000" in pages[0].text
    assert "No owner is named yet" not in pages[0].text
    assert pages[1].text.count("No owner is named yet") == 9
    assert "0000-555110" in pages[1].text


def test_a_wide_grid_has_sheets_too():
    pages = read_back(board_grid(wide_town(12), "T-002"))
    assert len(pages) > 2
    assert "Bo Chen" in pages[0].text
    assert "Sheet 1 of" in pages[1].text


def test_a_grid_too_wide_for_twelve_sheets_says_why_it_is_small():
    grid = BoardGrid("W", box(0, 0, 40_000, 30_000))
    page, *rest = read_back(board_grid(BoardSheet("Wide", (grid,)), "W"))
    assert rest == []
    assert "Smaller than 1:3,000" in page.text
    assert [each.sheets for each in small_scales(BoardSheet("Wide", (grid,)))] == [0, 0]
