"""A grid's page in a real browser: on a phone, offline, without script, and inert."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely.geometry import box
from test_index_offline import HOSTILE, PLAIN, sheet_of

from maps import Service, Sheet, Words, page_files, render_grid_pages

pytestmark = pytest.mark.browser


def page_of(sheet: Sheet, row: int = 4, language: str = "en") -> str:
    ids = [grid.grid_id for grid in sheet.ordered_grids()]
    services = {grid_id: (Service("Police", "110"),) for grid_id in ids}
    drawn = render_grid_pages(
        sheet, words=Words.of(language), files=page_files(ids), services=services
    )
    return dict(drawn)[ids[row]]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_page_fits_its_screen_and_asks_for_nothing(open_offline, width, language):
    opened = open_offline(page_of(sheet_of(PLAIN), language=language), width=width)
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.requests == []
    assert opened.complaints == []


def test_the_number_to_call_is_large_enough_for_a_thumb_and_on_the_first_screen(open_offline):
    sheet = sheet_of(PLAIN)
    workers = (
        replace(grid, worker=replace(grid.worker, phone="010-6555 1234")) for grid in sheet.grids
    )
    opened = open_offline(page_of(replace(sheet, grids=tuple(workers))), width=375, height=667)
    call = opened.page.locator("a.call")
    assert call.get_attribute("href") == "tel:01065551234"
    at = call.bounding_box()
    assert at["height"] >= 44
    assert at["y"] + at["height"] < 667


@pytest.mark.parametrize("row", range(len(HOSTILE)))
def test_hostile_words_never_run(open_offline, row):
    opened = open_offline(page_of(sheet_of(HOSTILE), row))
    assert opened.page.evaluate("window.pwned") is None
    assert opened.dialogs == []
    assert opened.requests == []
    assert opened.page.locator("bdi", has_text=HOSTILE[row].strip()).count() >= 1


def test_a_long_name_without_a_space_breaks_and_the_map_stays_in_its_box(open_offline):
    sheet = sheet_of(["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2] * 9)
    grids = tuple(
        replace(grid, polygon=box(113 + k / 100, 30, 113.0001 + k / 100, 30.05))
        for k, grid in enumerate(sheet.grids)
    )
    opened = open_offline(page_of(replace(sheet, grids=grids)), width=320)
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.page.locator("svg.map").bounding_box()["width"] <= 320
