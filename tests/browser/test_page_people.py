"""A resident finds the grid and its worker: by search, by place, by ear, on a phone, on paper."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely.affinity
from screens import SIZES
from shapely.geometry import Point, box

from maps import BuildingShape, GridShape, LineShape, Sheet, Words, Worker, basemap, render_web

pytestmark = pytest.mark.browser

WEST, SOUTH = 113.2, 30.1
SIDE = 0.002
# The least a JPEG is known by; it need not be one to be embedded.
PHOTO = b"\xff\xd8\xff\xe0" + bytes(32)


def sheet() -> Sheet:
    """Four grids in a row, a square building in each; the third has no worker, the fourth is out.

    0 1 2 3
    """
    workers = (
        Worker(
            "Lin Mei",
            "0000-5550101 ext. 7",
            None,
            ("Visits homes",),
            ("Answers within a day",),
            "https://example.org/chat/1",
        ),
        Worker("陈波", "0000-5550102", PHOTO),
        Worker(),
        Worker("Wang Fang", "office", None, (), (), "javascript:window.pwned=1"),
    )
    grids, buildings = [], []
    for k, worker in enumerate(workers):
        west = WEST + k * SIDE
        grids.append(
            GridShape(
                f"RV-{k + 1}",
                "Riverside",
                box(west, SOUTH, west + SIDE, SOUTH + SIDE),
                1,
                310 + k,
                1200 + k,
                in_band=k != 3,
                reasons="too few" if k == 3 else "",
                worker=worker,
            )
        )
        home = box(west + SIDE * 0.1, SOUTH + SIDE * 0.1, west + SIDE * 0.2, SOUTH + SIDE * 0.2)
        buildings.append(BuildingShape(f"B{k}", f"Court {k}", f"RV-{k + 1}", home, f"{k} Mill St"))
    rim = LineShape("boundary", "", box(WEST, SOUTH, WEST + 4 * SIDE, SOUTH + SIDE).exterior)
    return Sheet("Riverside", tuple(grids), tuple(buildings), (rim,), ("Made up",))


def find(opened, typed: str) -> str:
    opened.page.locator("#gg-search").fill(typed)
    opened.page.locator("#gg-search").press("Enter")
    return opened.page.locator(".gg-card").inner_text()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ("lin mei", "RV-1"),
        ("陈波", "RV-2"),
        ("0000-5550102", "RV-2"),
        ("rv-3", "RV-3"),
        ("Court 1", "Court 1"),
        ("2 mill st", "Court 2"),
        ("b3", "Court 3"),
        ("mill 3", "Court 3"),
    ],
)
def test_a_grid_is_found_by_whatever_a_resident_knows(open_offline, size, typed, heading):
    width, height = SIZES[size]
    opened = open_offline(render_web(sheet()), width=width, height=height)
    assert find(opened, typed).startswith(heading)
    card = opened.page.locator(".leaflet-popup").bounding_box()
    panel = opened.page.locator("#gg-panel").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= width
    beside = card["x"] >= panel["x"] + panel["width"]
    below = card["y"] >= panel["y"] + panel["height"]
    assert beside or below
    assert opened.complaints == opened.requests == []


def test_a_number_is_not_found_within_a_longer_number_first(open_offline):
    first = sheet()
    homes = (replace(first.buildings[0], building_id="A", name="Court 12"), *first.buildings[1:])
    opened = open_offline(render_web(replace(first, buildings=homes)))
    opened.page.locator("#gg-search").fill("2")
    assert opened.page.locator("#gg-hits li span").all_inner_texts()[-1] == "Court 12"


def test_a_building_shows_the_worker_of_its_grid_and_how_to_call(open_offline):
    opened = open_offline(render_web(sheet()))
    card = find(opened, "Court 0")
    for said in ("RV-1", "Lin Mei", "Visits homes", "Answers within a day", "0 Mill St"):
        assert said in card
    # a pause before the extension
    call = opened.page.locator(".gg-card .gg-tel")
    assert call.inner_text() == "0000-5550101 ext. 7"
    assert call.get_attribute("href") == "tel:00005550101,7"
    assert opened.page.locator(".gg-card .gg-photo").get_attribute("src").startswith("data:image")
    code = opened.page.locator(".gg-card .gg-qr")
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")
    link = opened.page.locator(".gg-chat-id a")
    assert link.get_attribute("href") == "https://example.org/chat/1"


def test_a_grid_without_a_worker_says_so_and_a_phone_that_is_none_is_no_link(open_offline):
    opened = open_offline(render_web(sheet()))
    assert "No grid owner is named yet." in find(opened, "RV-3")
    assert "office" in find(opened, "RV-4")
    assert opened.page.locator(".gg-card a[href^='tel:']").count() == 0


def test_a_chat_that_would_run_is_no_link(open_offline):
    opened = open_offline(render_web(sheet()))
    find(opened, "RV-4")
    assert opened.page.locator(".gg-qr").count() == 1
    assert "javascript:window.pwned=1" in opened.page.locator(".gg-chat-id").inner_text()
    assert opened.page.locator(".gg-chat-id a").count() == 0


def test_a_photo_is_embedded(open_offline):
    opened = open_offline(render_web(sheet()))
    find(opened, "RV-2")
    photo = opened.page.locator(".gg-card .gg-photo").get_attribute("src")
    assert photo.startswith("data:image/jpeg;base64,/9j/4A")


def place(east: float, north: float, *, accuracy: float = 5) -> dict[str, object]:
    at = {"longitude": WEST + east * SIDE, "latitude": SOUTH + north * SIDE, "accuracy": accuracy}
    return {"geolocation": at, "permissions": ["geolocation"]}


def ask_where(opened) -> str:
    opened.page.locator("#gg-where").click()
    said = opened.page.locator("#gg-where-said")
    opened.page.locator("#gg-where:enabled").wait_for()
    return said.inner_text()


def test_where_am_i_names_the_grid_and_opens_its_card(open_offline):
    opened = open_offline(render_web(sheet()), **place(1.5, 0.5))
    assert ask_where(opened) == "You are in grid RV-2."
    assert "陈波" in opened.page.locator(".gg-card").inner_text()
    assert opened.complaints == opened.requests == []


def test_where_am_i_admits_that_a_border_is_near(open_offline):
    opened = open_offline(render_web(sheet()), **place(1.95, 0.5, accuracy=40))
    assert ask_where(opened).startswith("You are near the border of grid RV-2")


def test_where_am_i_says_when_one_is_elsewhere(open_offline):
    opened = open_offline(render_web(sheet()), **place(9, 9))
    assert ask_where(opened) == "You are outside of these grids."
    assert opened.page.locator(".gg-card").count() == 0


def test_where_am_i_takes_a_refusal_with_grace(open_offline):
    opened = open_offline(render_web(sheet()))
    assert "Search for your building instead." in ask_where(opened)
    assert opened.dialogs == []


def test_where_am_i_says_that_a_browser_cannot_tell(open_offline):
    opened = open_offline(render_web(sheet()))
    opened.page.evaluate("Object.defineProperty(navigator, 'geolocation', { value: undefined })")
    assert ask_where(opened).startswith("This browser cannot tell")


def test_where_am_i_follows_the_shift_of_a_basemap(open_offline):
    """The page is drawn a grid's width to the east; the browser tells the true place."""
    tiles = basemap("http://127.0.0.1:9/{z}/{x}/{y}.png", datum="GCJ-02")
    page = render_web(sheet(), basemap=tiles, shift=lambda lonlat: lonlat + np.array([SIDE, 0.0]))
    opened = open_offline(page, **place(1.5, 0.5))
    assert ask_where(opened) == "You are in grid RV-2."


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_violations(open_offline, size, language):
    width, height = SIZES[size]
    opened = open_offline(render_web(sheet(), Words.of(language)), width=width, height=height)
    page = opened.page
    violations = opened.violations
    assert violations(passes=20) == []
    page.locator("#gg-list summary").click()
    page.locator("#gg-search").fill("o")
    assert violations() == []
    find(opened, "RV-1")
    assert violations() == []
    find(opened, "RV-4")
    assert violations() == []


def test_axe_hears_a_page_without_names(open_offline):
    """The proof above would fail if the page were careless: here it is made so."""
    page = render_web(sheet()).replace('<label for="gg-search">', "<label>")
    careless = page.replace(' placeholder="Building, address or worker"', "")
    opened = open_offline(careless)
    found = opened.violations()
    assert any(said.startswith(("label:", "aria-input-field-name:")) for said in found)


def test_keyboard_alone_opens_a_grid_and_comes_back(open_offline):
    opened = open_offline(render_web(sheet()))
    page = opened.page
    page.locator("#gg-list summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".gg-card h2").inner_text() == "RV-1"
    assert page.evaluate("document.activeElement.textContent") == "RV-1"
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Escape")
    page.locator(".gg-card").wait_for(state="detached")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.locator(".gg-label").nth(1).focus()
    page.keyboard.press("Enter")
    assert "陈波" in page.locator(".gg-card").inner_text()


def test_the_search_stays_shut_when_its_card_is_closed_and_opens_again_by_arrow(open_offline):
    opened = open_offline(render_web(sheet()))
    find(opened, "court")
    opened.page.keyboard.press("Escape")
    assert opened.page.evaluate("document.activeElement.id") == "gg-search"
    assert not opened.page.locator("#gg-hits").is_visible()
    opened.page.keyboard.press("ArrowDown")
    assert opened.page.locator("#gg-hits").is_visible()
    assert opened.page.locator("#gg-hits li").count() == 4


def test_a_link_may_name_a_grid(open_offline):
    opened = open_offline(render_web(sheet()))
    opened.page.goto(opened.page.url + "#RV-2")
    opened.page.reload()
    assert "陈波" in opened.page.locator(".gg-card").inner_text()


def test_chinese_page_has_no_english_left(open_offline):
    opened = open_offline(render_web(sheet(), Words.of("zh")))
    page = opened.page
    assert page.evaluate("document.documentElement.lang") == "zh"
    find(opened, "RV-1")
    own = {"Riverside", "RV", "Lin", "Mei", "Wang", "Fang", "ext", "Visits", "homes", "Answers"}
    own |= {"within", "a", "day", "Court", "Mill", "St", "office", "too", "few", "Made", "up", "m"}
    seen = page.evaluate(
        "[document.body.innerText, ...[...document.querySelectorAll('*')].flatMap(node =>"
        " ['aria-label', 'title', 'placeholder', 'alt'].map(name => node.getAttribute(name)))"
        "].join(' ').match(/[A-Za-z]+/g)"
    )
    assert set(seen) - own <= {"B", "https", "example", "org", "chat"}


def test_paper_shows_the_map_and_who_is_who(open_offline):
    opened = open_offline(render_web(sheet()))
    page = opened.page
    find(opened, "Court 0")
    before = page.evaluate("[map_sheet.getCenter().lat, map_sheet.getCenter().lng]")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#gg-search").is_visible()
    assert not page.locator(".leaflet-control-zoom").is_visible()
    assert page.locator(".leaflet-control-scale").is_visible()
    assert page.locator(".gg-card").count() == 0
    shown = page.locator("#gg-list-body").inner_text()
    assert "Lin Mei" in shown
    assert "0000-5550102" in shown
    # as vectors: four grids, a hatch and its clip, a rim, and all buildings in one path
    assert page.locator(".leaflet-overlay-pane svg path").count() == 7
    assert page.locator(".leaflet-gg-buildings-pane svg path").count() == 1
    assert page.locator(".leaflet-overlay-pane path[clip-path]").count() == 1
    assert not any(one.is_visible() for one in page.locator(".leaflet-pane canvas").all())
    for row in range(4):
        x, _ = opened.screen(WEST + (row + 0.5) * SIDE, SOUTH + SIDE / 2)
        assert 0 < x < page.locator(".folium-map").bounding_box()["width"]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    after = page.evaluate("[map_sheet.getCenter().lat, map_sheet.getCenter().lng]")
    assert after == pytest.approx(before, abs=1e-5)
    assert page.locator(".leaflet-overlay-pane svg path").count() == 0
    assert opened.complaints == opened.requests == []


def test_printed_bytes_are_vectors_with_the_names(open_offline):
    opened = open_offline(render_web(sheet()))
    printed = opened.page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    # a canvas would have come as a picture of hundreds of pixels; a sign of a font may be small
    pictures = re.findall(rb"/Subtype\s*/Image\b[^>]*?/Width (\d+)", printed, re.DOTALL)
    assert all(int(width) < 200 for width in pictures)


def test_many_buildings_show_from_near_only_and_are_found_from_afar(open_offline):
    few = sheet()
    homes = []
    for k in range(20_100):
        x, y = WEST + SIDE * 4 * (k % 201 + 0.3) / 201, SOUTH + SIDE * (k // 201 + 0.3) / 101
        grid = f"RV-{min(int((x - WEST) / SIDE), 3) + 1}"
        homes.append(BuildingShape(f"N{k:05d}", "", grid, Point(x, y)))
    wide = tuple(
        replace(grid, polygon=shapely.affinity.scale(grid.polygon, 20, 20, origin=(WEST, SOUTH)))
        for grid in few.grids
    )
    opened = open_offline(render_web(replace(few, grids=wide, buildings=tuple(homes))))
    drawn = (
        "(() => { const c = document.querySelector('canvas.gg-buildings');"
        " return c.getContext('2d').getImageData(0, 0, c.width, c.height)"
        ".data.some(value => value > 0); })()"
    )
    assert opened.page.evaluate("map_sheet.getZoom()") < 16
    assert opened.page.evaluate(drawn) is False
    assert "zoom in" in opened.page.locator("#gg-legend-body").inner_text()
    assert "N12345" in find(opened, "N12345")
    assert opened.page.evaluate(drawn) is True
    # paper cannot be zoomed: it shows them all, and does not ask to come nearer
    opened.page.emulate_media(media="print")
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paths = opened.page.locator(".leaflet-gg-buildings-pane svg path")
    assert paths.get_attribute("d").count("M") == 20_100
    assert "zoom in" not in opened.page.locator("#gg-legend-body").inner_text()
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert paths.count() == 0


def test_a_basemap_is_asked_for_tiles_and_nobody_else_for_anything(open_offline):
    tiles = basemap("http://127.0.0.1:9/{z}/{x}/{y}.png", attribution="<b>Me</b> & others")
    opened = open_offline(render_web(sheet(), basemap=tiles))
    opened.page.wait_for_timeout(300)
    assert opened.requests
    assert all(url.startswith("http://127.0.0.1:9/") for url in opened.requests)
    assert opened.page.locator(".gg-tiles").inner_text() == "<b>Me</b> & others"
    opened.page.evaluate("new Image().src = 'http://127.0.0.1:8/x.png'")
    opened.page.wait_for_timeout(200)
    refused = [said for said in opened.complaints if "Content Security Policy" in said]
    assert len(refused) == 1
    assert "http://127.0.0.1:8/x.png" in refused[0]
