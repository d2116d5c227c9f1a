"""The pages of the service in a real browser, over HTTP: signed in and out, seen on any screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import serving
from service_client import publish_blocks
from service_people import PASSWORD, add_user, invited

from gridgeo.store import Store

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
PAGES = {
    "landing": "/",
    "collections": "/collections",
    "collection": "/collections/blocks.grids",
    "queryables": "/collections/blocks.grids/queryables",
    "items": "/collections/blocks.grids/items?limit=3",
    "buildings": "/collections/blocks.buildings/items",
    "feature": "/collections/blocks.grids/items/G-001",
    "schema": "/collections/blocks.grids/schema?f=html",
    "tiles": "/collections/blocks.grids/tiles",
    "filtered": "/collections/blocks.grids/items?filter=grid_id%3D%27G-001%27",
    "no-filter": "/collections/blocks.grids/items?filter=nothing",
    "no-collection": "/collections/none.grids",
    "find": "/find?q=b",
    "find-none": "/find?q=nothing+of+the+kind",
    "conformance": "/conformance",
    "api": "/api",
    "sign-in": "/sign-in",
    "join": "{join}",
    "no-join": "/join/none",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The address of a service with something published, and a link to join."""
    folder = tmp_path_factory.mktemp("pages")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks")
    add_user(store, "ann", "viewer")
    link = invited(store, "planner")
    store.close()
    with serving(folder / "run", folder / "data", "--jobs", "0") as served:
        yield served.base, link


@pytest.fixture
def opened(chromium, place):
    """Open a path: the page, and what the browser complained of."""
    contexts = []

    def open_page(path, *, size="desktop"):
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(place[0] + path.format(join=place[1]))
        return page

    yield open_page
    for context in contexts:
        context.close()


def violations(page):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(done => done.violations)")
    assert page.evaluate("axe.run().then(done => done.passes.length)") > 10
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_style_fits_the_screen_and_shuts_nobody_out(opened, name, size):
    page = opened(PAGES[name], size=size)
    # a problem is told in the console too
    assert page.complaints == [] or name.startswith("no-"), page.complaints
    styled = "getComputedStyle(document.querySelector('header')).borderBottomWidth"
    assert page.evaluate(styled) == "1px"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels of it are beyond the screen"
    assert page.locator("h1").count() == 1
    assert violations(page) == []


def test_on_paper_a_page_is_what_it_tells_and_nothing_to_press(opened):
    page = opened("/collections/blocks.grids/items?f=html", size="phone")
    seen = "getComputedStyle(document.querySelector('{}')).{}"
    assert page.evaluate(seen.format(".wide", "overflowX")) == "auto"
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert not page.locator("form").is_visible()
    assert page.locator("table").is_visible()
    # paper does not scroll
    assert page.evaluate(seen.format(".wide", "overflowX")) == "visible"
    assert page.evaluate(seen.format("td", "whiteSpace")) == "normal"
    page = opened("/sign-in")
    page.emulate_media(media="print")
    assert not page.locator("form").is_visible()


def test_a_picture_leaves_room_for_what_is_told_of_it(opened):
    page = opened("/collections/blocks.grids/items/G-001?f=html")
    # however narrow and high a grid is
    page.evaluate("document.querySelector('svg').setAttribute('viewBox', '0 0 40 420')")
    assert page.locator("svg").bounding_box()["height"] <= 422


def test_words_of_the_api_are_not_broken_on_a_phone(opened):
    page = opened("/api", size="phone")
    # the rows of letters that a cell of one word takes
    rows = page.evaluate(
        """[...document.querySelectorAll('.route tr > :nth-child(-n+2)')].map(cell => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            const tops = [...range.getClientRects()].map(rect => Math.round(rect.bottom / 12));
            return [cell.innerText, new Set(tops).size];
        })"""
    )
    words = [(text, count) for text, count in rows if text.isalpha()]
    assert len(words) > 50
    assert [word for word in words if word[1] > 1] == []


def test_a_person_signs_in_and_out_by_keyboard_alone(opened, place):
    page = opened("/?f=html")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text() == "Name or password is wrong."
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?f=html")
    assert page.evaluate("document.cookie") == ""  # not for scripts
    page.goto(f"{place[0]}/sign-in")
    assert "Signed in as ann." in page.locator("main").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/?f=html")
    page.goto(f"{place[0]}/sign-in")
    assert page.get_by_label("Password").is_visible()


def test_a_person_joins_by_a_link_once(opened, place):
    page = opened("{join}")
    page.get_by_label("Name to sign in with").fill("two words")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    assert "Mend name" in page.get_by_role("alert").inner_text()
    page.get_by_label("Name to sign in with").fill("pia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_url("**/?f=html")
    page.goto(f"{place[0]}/sign-in")
    assert "Signed in as pia" in page.locator("main").inner_text()
    page.goto(place[0] + place[1])
    assert "used before" in page.get_by_role("alert").inner_text()


def test_a_page_of_another_site_cannot_write_with_the_cookie(opened, place):
    page = opened("/sign-in")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?f=html")
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{place[0]}/sign-out"><button>Win!</button>')
    with page.expect_response("**/sign-out") as told:
        page.get_by_role("button").click()
    assert told.value.status == 403
    page.goto(f"{place[0]}/sign-in")
    assert "Signed in as ann" in page.locator("main").inner_text()


def test_features_are_walked_by_links(opened):
    page = opened("/?f=html")
    page.get_by_role("link", name="for GIS").first.click()
    page.get_by_role("link", name="Look at the features").click()
    page.get_by_role("link", name="G-001").click()
    page.wait_for_url("**/items/G-001?f=html")
    assert page.locator("h1").inner_text() == "G-001"
    assert page.locator("svg path").count() == 1
    page.get_by_role("link", name="Grids of").click()
    page.locator("svg a").first.click()  # a shape leads to its page
    page.wait_for_url("**/items/*?f=html")


def test_a_person_filters_and_looks_an_address_up_without_a_script(opened):
    page = opened("/collections/blocks.grids/items?f=html")
    page.get_by_label("Filter").fill("grid_id = 'G-002'")
    page.keyboard.press("Enter")
    page.wait_for_url("**filter=**")
    assert page.locator("tbody tr").count() == 1
    page.get_by_label("Filter").fill("grid_id ===")
    page.get_by_role("button", name="Filter").click()
    assert "sign 10" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="To the first page").click()
    page.get_by_label("Address or building").fill("nothing of the kind")
    page.get_by_role("button", name="Find my grid").click()
    assert "Nothing is called" in page.get_by_role("status").inner_text()
