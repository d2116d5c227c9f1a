"""The web map in a real browser: offline, silent, usable by mouse and keyboard, and inert."""

from __future__ import annotations

import pytest
from shapely.geometry import Point, box

from maps import (
    Around,
    BuildingShape,
    GridShape,
    LineShape,
    Service,
    Sheet,
    Worker,
    render_web,
    web_map,
)

pytestmark = pytest.mark.browser

WEST, SOUTH = 113.2, 30.1
SIDE = 0.002

HOSTILE = [
    "<img src=x onerror=\"window.pwned='img'\">",
    "${window.pwned='template'}",
    "</script><script>window.pwned='script'</script>",
    "`;window.pwned='backtick';`",
    "\";window.pwned='double';\"",
    "';window.pwned='single';'",
    "line\u2028window.pwned='separator'",
    "{{7*7}}{% raw %}",
    "<svg onload=window.pwned='svg'><b>\\u003cimg src=x onerror=window.pwned=1\\u003e",
]


def corner(row: int) -> tuple[float, float]:
    return WEST + SIDE * (row % 3), SOUTH + SIDE * (row // 3)


def sheet_of(words: list[str]) -> Sheet:
    """Nine squares, three by three, a dot in the south-west of each; words wherever words go.

    6 7 8
    3 4 5
    0 1 2
    """
    grids, buildings = [], []
    for row, word in enumerate(words):
        west, south = corner(row)
        grids.append(
            GridShape(
                f"{row}{word}",
                word,
                box(west, south, west + SIDE, south + SIDE),
                buildings=1,
                households=310 + row,
                population=1200 + row,
                in_band=row != 4,
                reasons=word if row == 4 else "",
                worker=Worker(word, word, None, (word,), (word,), word),
            )
        )
        dot = Point(west + SIDE / 5, south + SIDE / 5)
        buildings.append(BuildingShape(f"B{row}{word}", word, f"{row}{word}", dot))
    street = box(WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 3 * SIDE).exterior
    lines = tuple(LineShape("street", word, street) for word in words)
    return Sheet(
        words[0],
        tuple(grids),
        tuple(buildings),
        lines,
        credits=tuple(words),
        notes=tuple(words),
        proof=words[0],
        bands=words[0],
    )


PLAIN = [f"Lotus Court {row}" for row in range(9)]


def test_page_asks_for_nothing_and_complains_of_nothing(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(400)
    assert opened.requests == []
    assert opened.complaints == []
    assert opened.page.title() == "Lotus Court 0"


def test_a_click_on_a_grid_shows_its_figures(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    west, south = corner(4)
    # Beside the label and the dot: on the ground of the grid itself.
    opened.page.mouse.click(*opened.screen(west + SIDE * 0.8, south + SIDE * 0.2))
    card = opened.page.locator(".gg-card").inner_text()
    assert "4Lotus Court 4" in card
    assert "314" in card
    assert "1,204" in card
    assert "Outside the limits" in card


def test_a_click_on_a_label_shows_the_figures_of_its_grid(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    opened.page.locator(".gg-label").get_by_text("7Lotus Court 7", exact=True).click()
    card = opened.page.locator(".gg-card").inner_text()
    assert "317" in card
    assert "Within the limits" in card
    opened.page.keyboard.press("Escape")
    opened.page.locator(".gg-card").wait_for(state="detached")


def test_a_building_is_found_from_the_keyboard_alone(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.id") == "gg-search"
    opened.page.keyboard.type("lotus court 2")
    # a grid, its worker, then the building
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    assert "B2Lotus Court 2" in opened.page.locator(".gg-card").inner_text()
    west, south = corner(2)
    x, y = opened.screen(west + SIDE / 5, south + SIDE / 5)
    assert 0 < x < 1280
    assert 0 < y < 800
    assert opened.complaints == []


def test_a_building_that_is_not_there_is_said_so(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    opened.page.locator("#gg-search").fill("nowhere")
    assert opened.page.locator("#gg-search-said").inner_text().startswith("Nothing here")


def test_layers_are_switched_off_and_on_and_buildings_stay_on_top(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    page = opened.page
    page.locator(".leaflet-control-layers").hover()
    switches = page.locator(".leaflet-control-layers-overlays")
    for name in ("Grids", "Buildings", "Streets and water"):
        switches.get_by_text(name, exact=True).click()
    assert page.locator(".gg-label").count() == 0
    switches.get_by_text("Buildings", exact=True).click()
    switches.get_by_text("Grids", exact=True).click()
    assert page.locator(".gg-label").count() == 9
    west, south = corner(0)
    page.mouse.click(*opened.screen(west + SIDE / 5, south + SIDE / 5))
    assert "B0Lotus Court 0" in page.locator(".gg-card").inner_text()
    assert opened.complaints == []


def test_page_fits_a_phone(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)), width=390, height=844)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    panel = opened.page.locator("#gg-panel").bounding_box()
    assert panel["height"] < 844 / 3
    for row in range(9):
        west, south = corner(row)
        x, y = opened.screen(west + SIDE / 2, south + SIDE / 2)
        assert 0 < x < 390
        assert panel["y"] + panel["height"] < y < 844


def test_a_notebook_shows_the_map_without_a_network(open_offline):
    cell = web_map(sheet_of(PLAIN))._repr_html_()
    opened = open_offline(f'<!DOCTYPE html><meta charset="utf-8"><link rel=icon href=data:,>{cell}')
    inside = opened.page.frame_locator("iframe")
    inside.locator(".gg-label").get_by_text("7Lotus Court 7", exact=True).click()
    assert "1,207" in inside.locator(".gg-card").inner_text()
    assert [url for url in opened.requests if url != "about:srcdoc"] == []
    assert opened.complaints == []


def test_a_grid_out_of_band_is_reached_from_the_legend(open_offline):
    opened = open_offline(render_web(sheet_of(PLAIN)))
    opened.page.locator(".gg-out button").click()
    card = opened.page.locator(".gg-card").inner_text()
    assert "314" in card
    assert "Outside the limits" in card


def test_an_id_without_room_is_cut_to_its_number_and_whole_again_from_near(open_offline):
    strips = tuple(
        GridShape(f"RV-{k:03d}", "", box(WEST + k * SIDE, SOUTH, WEST + (k + 1) * SIDE,
                  SOUTH + 4 * SIDE), None, None, None, True, "")
        for k in range(1, 10)
    )  # fmt: skip
    opened = open_offline(render_web(Sheet("T", strips, (), (), ())), width=375, height=740)
    labels = opened.page.locator(".gg-label:not(.gg-hidden)")
    shown = labels.all_inner_texts()
    assert len(shown) == 9
    assert "2" in shown
    assert labels.first.get_attribute("aria-label").startswith("Grid RV-")
    opened.page.evaluate("map_sheet.setZoom(map_sheet.getZoom() + 2, { animate: false })")
    assert {len(text) for text in labels.all_inner_texts()} == {len("RV-001")}


def visit_everything(opened, *, rows: int) -> list[str]:
    """Hover and click every grid and building with the mouse; return what was shown."""
    page, said = opened.page, []
    for row in range(rows):
        west, south = corner(row)
        for x, y in ((0.2, 0.2), (0.8, 0.2), (0.5, 0.5)):
            # a tall card has pushed the map aside
            page.evaluate(
                "at => map_sheet.panTo(at, { animate: false })", [south + SIDE * y, west + SIDE * x]
            )
            at = opened.screen(west + SIDE * x, south + SIDE * y)
            page.mouse.move(at[0] + 3, at[1] + 1)
            page.mouse.move(*at)
            page.locator(".gg-tip").wait_for(state="visible")
            said.append(page.locator(".gg-tip").text_content())
            page.mouse.click(*at)
            page.locator(".gg-card").wait_for(state="visible")
            said.append(page.locator(".gg-card").text_content())
            page.keyboard.press("Escape")
            page.locator(".gg-card").wait_for(state="detached")
    page.locator("#gg-search").fill("B")
    said.extend(page.locator("#gg-hits li").all_text_contents())
    page.locator("#gg-hits li").first.click()
    page.wait_for_timeout(300)
    return said


def test_hostile_words_are_shown_and_never_run(open_offline):
    sheet = sheet_of(HOSTILE)
    services = {
        grid.grid_id: (Service(word, word), Service("Police", word))
        for grid, word in zip(sheet.grids, HOSTILE, strict=True)
    }
    pages = {grid.grid_id: f"{grid.grid_id}.html" for grid in sheet.grids}
    opened = open_offline(render_web(sheet, around=Around(pages, services)))
    said = "\n".join(visit_everything(opened, rows=9))
    assert opened.page.evaluate("window.pwned") is None
    assert opened.dialogs == []
    assert opened.requests == []
    assert opened.complaints == []
    assert opened.page.title() == HOSTILE[0]
    assert opened.page.locator("#gg-title").text_content() == HOSTILE[0]
    legend = opened.page.locator("#gg-legend-body").text_content()
    labels = opened.page.locator(".gg-label").all_text_contents()
    ways = opened.page.locator(".gg-way").all_text_contents()
    for row, word in enumerate(HOSTILE):
        assert word in said
        assert f"B{row}{word}" in said
        assert word in legend
        assert any(f"{row}{word}" in label for label in labels)
        assert word in ways


def test_the_canary_sings_when_words_are_taken_as_html(open_offline):
    """The proof above would fail if the page were careless: here it is made so."""
    page = render_web(sheet_of(HOSTILE))
    careless = page.replace("node.textContent = text;", "node.innerHTML = text;")
    assert careless != page
    opened = open_offline(careless)
    visit_everything(opened, rows=1)
    assert opened.page.evaluate("window.pwned") is not None
