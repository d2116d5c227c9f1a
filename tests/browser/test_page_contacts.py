"""From the map to help: numbers to call and the page of the grid, on a screen and on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from screens import SIZES
from test_page_people import find, sheet

from maps import Around, Service, Sheet, Words, page_files, render_grid_pages, render_web

pytestmark = pytest.mark.browser

POLICE, PROPERTY = Service("Police", "0000-5550902"), Service("Property", "ask at the gate")
OFFICE = Service("Office of the grid owner", "0000-5550101 ext. 7")


def around(drawn: Sheet) -> Around:
    ids = [grid.grid_id for grid in drawn.grids]
    pages = {grid_id: f"grids/{file}" for grid_id, file in page_files(ids).items()}
    services = dict.fromkeys(ids, (POLICE, PROPERTY)) | {ids[0]: (OFFICE, POLICE, PROPERTY)}
    return Around(pages, services)


def index(language: str = "en") -> str:
    return render_web(sheet(), Words.of(language), around=around(sheet()))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("typed", ["RV-1", "Court 0"])
def test_a_card_tells_the_nearest_contacts_and_calls_them(open_offline, size, typed):
    width, height = SIZES[size]
    opened = open_offline(index(), width=width, height=height)
    card = find(opened, typed)
    for text in ("Nearest contacts", "Office of the grid owner", "Police", "ask at the gate"):
        assert text in card
    numbers = opened.page.locator(".gg-card .gg-numbers a")
    assert [one.get_attribute("href") for one in numbers.all()] == [
        "tel:00005550101,7",
        "tel:00005550902",
    ]
    assert opened.complaints == opened.requests == []


def test_a_grid_without_a_worker_has_numbers_to_call_all_the_same(open_offline):
    opened = open_offline(index())
    card = find(opened, "RV-3")
    assert "No grid owner is named yet." in card
    assert "0000-5550902" in card
    assert "Office of the grid owner" not in card


def test_the_panel_lists_the_numbers_that_all_grids_share(open_offline):
    opened = open_offline(index())
    fold = opened.page.locator("#gg-common")
    fold.locator("summary").click()
    assert fold.locator("li").all_inner_texts() == [
        "Police\n0000-5550902",
        "Property\nask at the gate",
    ]


def test_a_map_without_numbers_and_pages_does_not_speak_of_them(open_offline):
    opened = open_offline(render_web(sheet()))
    assert not opened.page.locator("#gg-common").is_visible()
    card = find(opened, "RV-1")
    assert "Nearest contacts" not in card
    assert "Page of this grid" not in card


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("typed", ["RV-3", "Court 2"])
def test_a_card_leads_to_the_page_of_its_grid_and_that_one_back(
    open_offline, tmp_path, size, typed
):
    drawn = sheet()
    odd = replace(drawn.grids[2], grid_id="RV-3 #?")
    homes = tuple(
        replace(home, grid_id=odd.grid_id) if home.grid_id == "RV-3" else home
        for home in drawn.buildings
    )
    drawn = replace(drawn, grids=(*drawn.grids[:2], odd, drawn.grids[3]), buildings=homes)
    links = around(drawn)
    folder = tmp_path / "grids"
    folder.mkdir()
    files = page_files(grid.grid_id for grid in drawn.grids)
    for grid_id, page in render_grid_pages(
        drawn, words=Words.of("en"), files=files, services=links.services
    ):
        (folder / files[grid_id]).write_text(page, encoding="utf-8")
    width, height = SIZES[size]
    whole = render_web(drawn, around=links)
    opened = open_offline(whole, width=width, height=height)
    (tmp_path / "index.html").write_text(whole, encoding="utf-8")
    find(opened, typed)
    opened.page.locator(".gg-page a").click()
    assert opened.page.locator("h1").inner_text() == "Grid RV-3 #?"
    assert opened.page.locator("h2", has_text="Four ways to get help").is_visible()
    opened.page.locator(".back a").click()
    opened.page.locator("#gg-search").wait_for()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_violations_beside_numbers_and_links(open_offline, size, language):
    width, height = SIZES[size]
    opened = open_offline(index(language), width=width, height=height)
    opened.page.locator("#gg-common summary").click()
    assert opened.violations(passes=20) == []
    find(opened, "RV-1")
    assert opened.violations(passes=20) == []


def test_the_card_covers_no_control_and_no_control_the_card_on_a_phone(open_offline):
    width, height = SIZES["phone"]
    opened = open_offline(index(), width=width, height=height)
    scale = opened.page.locator(".leaflet-control-scale")
    assert scale.is_visible()
    find(opened, "RV-1")
    assert not scale.is_visible()
    opened.page.keyboard.press("Escape")
    assert scale.is_visible()


def test_paper_shows_the_numbers_and_folds_them_again(open_offline):
    opened = open_offline(index())
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert "0000-5550902" in page.locator("#gg-common").inner_text()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not page.locator("#gg-common li").first.is_visible()
