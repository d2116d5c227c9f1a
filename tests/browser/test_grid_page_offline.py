"""A grid's page in a real browser: on a phone, offline, without script, and inert."""

from __future__ import annotations

from dataclasses import replace

import pytest
from screens import SIZES
from shapely.geometry import box
from test_index_offline import HOSTILE, PLAIN, sheet_of

from maps import Service, Sheet, Words, Worker, page_files, render_grid_pages

pytestmark = pytest.mark.browser


def page_of(
    sheet: Sheet,
    row: int = 4,
    language: str = "en",
    numbers: tuple[Service, ...] = (Service("Police", "110"),),
) -> str:
    ids = [grid.grid_id for grid in sheet.ordered_grids()]
    services = dict.fromkeys(ids, numbers)
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


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bare", [False, True])
def test_no_accessibility_violations(open_offline, size, language, bare):
    """With an owner and numbers to call, and with neither."""
    sheet = sheet_of(PLAIN)
    if bare:
        grids = tuple(replace(grid, worker=Worker()) for grid in sheet.grids)
        sheet = replace(sheet, grids=grids)
    width, height = SIZES[size]
    page = page_of(sheet, language=language, numbers=() if bare else (Service("Police", "110"),))
    opened = open_offline(page, width=width, height=height)
    assert opened.violations(passes=15) == []
    opened.page.locator("summary").click()
    assert opened.page.locator(".names li").is_visible()
    assert opened.violations(passes=15) == []


def test_axe_hears_a_grid_page_whose_map_has_no_name(open_offline):
    """The proof above would fail if the page were careless: here it is made so."""
    page = page_of(sheet_of(PLAIN))
    careless = page.replace('role="img" aria-label=', 'role="img" data-label=')
    assert careless != page
    assert any(said.startswith("svg-img-alt") for said in open_offline(careless).violations())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_paper_shows_the_names_that_a_screen_folds(open_offline, language):
    opened = open_offline(page_of(sheet_of(PLAIN), language=language))
    assert not opened.page.locator(".names li").is_visible()
    opened.page.emulate_media(media="print")
    assert opened.page.locator(".names li").is_visible()
    assert not opened.page.locator(".back").is_visible()


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
