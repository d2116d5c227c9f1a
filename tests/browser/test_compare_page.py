"""The page of a comparison in a real browser: a slider for mouse and keyboard, offline, inert."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from change_town import town

from maps import Words, render_changes

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
HOSTILE = [
    "<img src=x onerror=\"window.pwned='img'\">",
    "${window.pwned='template'}",
    "</script><script>window.pwned='script'</script>",
    "`;window.pwned='backtick';`",
    "\";window.pwned='double';\"",
    "{{7*7}}<svg onload=window.pwned='svg'>",
]


def page_of(words=("",) * 6, language: str = "en") -> str:
    return render_changes(town(words, degrees=True), Words.of(language))


def value(opened) -> int:
    return int(opened.page.locator("#gg-slider").input_value())


def drag(opened, to_x: float) -> None:
    """Take the thumb of the slider by the mouse and move it to a place on the screen."""
    box = opened.page.locator("#gg-slider").bounding_box()
    share = value(opened) / 100
    x = box["x"] + 22 + share * (box["width"] - 44)
    y = box["y"] + box["height"] / 2
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move((x + to_x) / 2, y, steps=4)
    opened.page.mouse.move(to_x, y, steps=4)
    opened.page.mouse.up()


def side_at(opened, x: float, y: float) -> str:
    """Return which side is not cut off at a place of the screen."""
    return opened.page.evaluate(
        """([x, y]) => {
          const panes = ["before", "after"].filter((side) => {
            const clip = map_sheet.getPane("gg-" + side).style.clipPath;
            const corners = clip.match(/-?[\\d.]+px -?[\\d.]+px/g).map((c) => parseFloat(c));
            const at = map_sheet.containerPointToLayerPoint([x, y]).x;
            return Math.min(...corners) <= at && at < Math.max(...corners);
          });
          return panes.join();
        }""",
        [x, y],
    )


def colour_at(opened, lon: float, lat: float, scratch: Path) -> tuple[int, int, int]:
    from PIL import Image

    x, y = opened.screen(lon, lat)
    opened.page.screenshot(path=str(scratch))
    with Image.open(scratch) as shot:
        return shot.convert("RGB").getpixel((round(x), round(y)))


def block(k: int) -> tuple[float, float]:
    """A place on the ground of block k, beside its house, its name and the street."""
    return 113.2 + (k + 0.85) * 1e-3, 30.1 + 0.85e-3


def test_the_page_asks_for_nothing_and_complains_of_nothing(open_offline):
    opened = open_offline(page_of())
    opened.page.mouse.move(700, 400)
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(300)
    drag(opened, 1000)
    assert opened.requests == []
    assert opened.complaints == []
    assert opened.page.title() == "A street"


def test_the_slider_is_dragged_by_the_mouse_and_the_map_stays(open_offline):
    opened = open_offline(page_of())
    before = opened.screen(113.2, 30.1)
    assert value(opened) == 50
    drag(opened, 1100)
    assert value(opened) > 70
    assert opened.screen(113.2, 30.1) == before
    assert side_at(opened, 1000, 300) == "before"
    assert side_at(opened, 1200, 300) == "after"
    drag(opened, 500)
    assert value(opened) < 30
    assert side_at(opened, 1000, 300) == "after"


def test_the_slider_is_moved_by_the_keyboard(open_offline):
    opened = open_offline(page_of())
    for _ in range(40):
        opened.page.keyboard.press("Tab")
        if opened.page.evaluate("document.activeElement.id") == "gg-slider":
            break
    else:
        pytest.fail("the slider is not reached by Tab")
    opened.page.keyboard.press("ArrowRight")
    assert value(opened) == 51
    opened.page.keyboard.press("Home")
    assert value(opened) == 0
    assert side_at(opened, 400, 300) == side_at(opened, 1270, 300) == "after"
    opened.page.keyboard.press("End")
    assert value(opened) == 100
    assert side_at(opened, 10, 300) == side_at(opened, 1270, 300) == "before"
    said = opened.page.locator("#gg-slider").get_attribute("aria-valuetext")
    assert said == "100 % of the map show before"


def test_each_side_paints_its_own_grids(open_offline, tmp_path):
    opened = open_offline(page_of())
    # block 1 is G1's before and G0's after
    opened.page.get_by_role("button", name="Before", exact=True).click()
    before = colour_at(opened, *block(1), tmp_path / "a.png")
    same = colour_at(opened, *block(2), tmp_path / "a.png")
    assert before == same
    opened.page.get_by_role("button", name="After", exact=True).click()
    after = colour_at(opened, *block(1), tmp_path / "b.png")
    assert after != before
    assert after == colour_at(opened, *block(0), tmp_path / "b.png")


def test_a_click_tells_the_grid_of_the_side_it_is_on(open_offline):
    opened = open_offline(page_of())
    for button, grid, homes in (("Before", "G1", "23"), ("After", "G0", "21")):
        opened.page.get_by_role("button", name=button, exact=True).click()
        opened.page.mouse.click(*opened.screen(*block(1)))
        card = opened.page.locator(".gg-card").inner_text()
        assert card.startswith(f"{grid}\n")
        assert homes in card
        opened.page.keyboard.press("Escape")


def test_a_building_that_moves_is_found_by_keyboard_and_tells_from_whom_to_whom(open_offline):
    opened = open_offline(page_of())
    page = opened.page
    page.locator("#gg-flows summary").nth(1).focus()
    page.keyboard.press("Enter")
    house = page.locator(".gg-houses button").first
    house.focus()
    page.keyboard.press("Enter")
    card = page.locator(".gg-card").inner_text()
    assert "Building that moves" in card
    assert "h5" in card
    assert "G3 (gone) · Lin 3" in card
    assert "G4 (new) · Lin 4" in card
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Escape")
    page.locator(".gg-card").wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent").startswith("h5")


def test_a_building_that_moves_is_clicked_on_the_map(open_offline):
    opened = open_offline(page_of())
    opened.page.mouse.click(*opened.screen(113.2 + 1.5e-3, 30.1 + 0.45e-3))
    card = opened.page.locator(".gg-card").inner_text()
    assert "House 1" in card
    assert "Building that moves" in card
    opened.page.keyboard.press("Escape")
    opened.page.mouse.click(*opened.screen(113.2 + 0.5e-3, 30.1 + 0.45e-3))
    assert "Building that stays" in opened.page.locator(".gg-card").inner_text()


def test_the_slider_never_hides_under_the_panel(open_offline):
    for width, height in SIZES.values():
        opened = open_offline(page_of(), width=width, height=height)
        panel = opened.page.locator("#gg-panel").bounding_box()
        slider = opened.page.locator("#gg-slider").bounding_box()
        beside = slider["x"] >= panel["x"] + panel["width"]
        below = slider["y"] >= panel["y"] + panel["height"]
        assert beside or below
        assert slider["x"] + slider["width"] <= width
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_both_sides_as_lines_and_the_screen_comes_back(open_offline, tmp_path):
    opened = open_offline(page_of())
    page = opened.page
    state = "[map_sheet.getZoom(), map_sheet.getCenter().lat]"
    before = page.evaluate(state)
    ground = colour_at(opened, *block(0), tmp_path / "a.png")
    pdf = page.pdf(prefer_css_page_size=True)
    with pdfplumber.open(BytesIO(pdf)) as book:
        first = book.pages[0]
        text = first.extract_text()
        inks = {shape["non_stroking_color"] for shape in [*first.rects, *first.curves]}
        colours = {
            tuple(round(255 * part) for part in ink) for ink in inks if ink and len(ink) == 3
        }
        assert not [image for image in first.images if image["width"] > 100]
    for word in ("Internal, not for display", "Before", "After", "G0", "G4", "Three houses move."):
        assert word in text
    # fills of two grids at least, and the houses that move
    assert (240, 127, 46) in colours
    assert len(colours) > 5
    assert page.evaluate(state) == before
    assert colour_at(opened, *block(0), tmp_path / "a.png") == ground
    assert opened.complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_violations(open_offline, size, language):
    width, height = SIZES[size]
    opened = open_offline(page_of(language=language), width=width, height=height)
    page = opened.page
    page.evaluate(AXE.read_text(encoding="utf-8"))

    def violations() -> list[str]:
        found = page.evaluate("axe.run().then(done => done.violations)")
        return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]

    assert page.evaluate("axe.run().then(done => done.passes.length)") > 15
    assert violations() == []
    if size == "phone":
        page.locator("#gg-flows > summary").click()
    page.locator("#gg-legend > summary").click()
    page.locator(".gg-flow summary").first.click()
    page.locator(".gg-houses button").first.click()
    page.locator(".gg-card").wait_for(state="visible")
    assert violations() == []


def visit(opened) -> str:
    """Open every list and card, and hover over everything; return what was shown."""
    page, said = opened.page, []
    for k in range(6):
        for lat in (0.45e-3, 0.85e-3):
            x, y = opened.screen(113.2 + (k + 0.5) * 1e-3, 30.1 + lat)
            page.mouse.move(x + 2, y)
            page.mouse.move(x, y)
            said += page.locator(".gg-tip").all_text_contents()
            page.mouse.click(x, y)
            page.locator(".gg-card").wait_for(state="visible")
            said += page.locator(".gg-card").all_text_contents()
            page.keyboard.press("Escape")
            page.locator(".gg-card").wait_for(state="detached")
    for row in range(page.locator(".gg-flow").count()):
        page.locator(".gg-flow summary").nth(row).click()
    page.locator(".gg-houses button").first.click()
    said.append(page.locator("#gg-panel").text_content())
    said += page.locator(".gg-label").all_text_contents()
    return "\n".join(said)


def test_hostile_words_are_shown_and_never_run(open_offline):
    opened = open_offline(page_of(HOSTILE))
    said = visit(opened)
    assert opened.page.evaluate("window.pwned") is None
    assert opened.dialogs == opened.requests == opened.complaints == []
    for word in HOSTILE:
        assert word in said


def test_the_canary_sings_when_words_are_taken_as_html(open_offline):
    """The proof above would fail if the page were careless: here it is made so."""
    page = page_of(HOSTILE)
    careless = page.replace("node.textContent = text;", "node.innerHTML = text;")
    assert careless != page
    opened = open_offline(careless)
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.pwned") is not None


def test_a_notebook_shows_the_map_without_a_network(open_offline):
    from maps import changes_map

    cell = changes_map(town(degrees=True))._repr_html_()
    opened = open_offline(f'<!DOCTYPE html><meta charset="utf-8"><link rel=icon href=data:,>{cell}')
    inside = opened.page.frame_locator("iframe")
    inside.get_by_role("button", name="After", exact=True).click()
    assert inside.locator("#gg-slider").input_value() == "0"
    assert [url for url in opened.requests if url != "about:srcdoc"] == []
    assert opened.complaints == []
