"""The web page is built by Folium, asks for nothing, repeats itself, and holds no live words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import folium
import pytest
from shapely.geometry import LineString, Point, box

from maps import (
    BuildingShape,
    GridShape,
    LineShape,
    OnlineLinkError,
    Sheet,
    SheetError,
    Worker,
    render_web,
    web_map,
)
from maps.escape import html_text, script_json
from maps.offline import inline_assets, require_offline

NASTY = "</script><img src=x onerror=1>`${1}`{{7*7}}{%\\'\"&\u2028\ud800\x00"


def sheet(word="Lotus", *, buildings=2):
    west = GridShape("G-1", word, box(113, 30, 113.01, 30.01), 1, 310, 1200, True, "")
    east = GridShape(
        "G-2", word, box(113.01, 30, 113.02, 30.01), 1, 12, 30, False, word, worker=Worker(word)
    )
    shapes = [Point(113.005, 30.005), box(113.015, 30.005, 113.016, 30.006)]
    return Sheet(
        word,
        (east, west),
        tuple(
            BuildingShape(f"B{n}{word}", word, f"G-{n + 1}", shapes[n]) for n in range(buildings)
        ),
        (LineShape("river", word, LineString([(113, 30), (113.02, 30.01)])),),
        (word,),
    )


class Tags(HTMLParser):
    """Every tag of a page, and the text of its words block."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words, self.inside = [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("id") == "sheet-words"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.words += data


def test_page_names_no_file_to_load():
    for tag, attrs in Tags(render_web(sheet())).tags:
        assert "src" not in attrs, tag
        assert tag != "link" or attrs["href"].startswith("data:")
    assert "cdn" not in render_web(sheet())


def test_page_forbids_loading_before_anything_else():
    head = render_web(sheet()).split("<script", 1)[0]
    assert "default-src 'none'" in head
    assert 'lang="en"' in head
    assert "width=device-width" in head


def test_page_does_not_lock_zoom():
    assert "user-scalable" not in render_web(sheet())


def test_same_sheet_gives_the_same_bytes():
    assert render_web(sheet()) == render_web(sheet())


def test_folium_lists_shared_by_all_maps_are_left_alone():
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    chart = web_map(sheet())
    chart.add_js_link("leaflet", "other.js")
    render_web(sheet())
    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert "other.js" not in render_web(sheet())
    assert "cdn.jsdelivr.net" in folium.Map().get_root().render()


def test_notebook_gets_a_folium_map_that_shows_offline():
    chart = web_map(sheet())
    assert isinstance(chart, folium.Map)
    shown = chart._repr_html_()
    assert "<iframe srcdoc=" in shown
    assert "Leaflet 1.9.4" in shown
    assert "cdn.jsdelivr.net" not in shown


def test_figures_of_a_map_drawn_twice_are_the_same():
    chart = web_map(sheet())
    assert chart.get_root().render() == chart.get_root().render()


def test_sheet_without_buildings_or_lines_is_drawn():
    bare = Sheet("T", sheet().grids, (), (), ())
    words = json.loads(Tags(render_web(bare)).words)
    assert words["buildings"]["ids"] == []
    assert "gridgeoBuildings(gridgeoWords()" not in render_web(bare)
    assert "geo_json_grids" in render_web(bare)


def test_words_reach_the_page_whole_and_only_in_the_words_block():
    page = render_web(sheet(NASTY))
    seen = NASTY.replace("\ud800", "\ufffd").replace("\x00", "\ufffd")
    words = json.loads(Tags(page).words)
    assert words["title"] == seen
    assert words["grids"][1]["reasons"] == seen
    assert words["buildings"]["ids"][0] == f"B0{seen}"
    assert words["buildings"]["names"][0] == seen
    assert words["workers"][0]["name"] == seen
    assert words["ways"][0][1] == seen
    assert "onerror=1>" not in page
    assert page.count("onerror=1") == page.count("\\u003cimg src=x onerror=1") + 1  # the title
    assert "{{" not in Tags(page).words
    page.encode("utf-8")


def test_a_grid_too_thin_to_draw_is_named_by_the_page_too():
    speck = GridShape("G-9", "", box(0, 0, 1e-9, 1e-9), 0, 0, 0, False, "")
    with pytest.raises(SheetError, match="G-9"):
        render_web(Sheet("T", (speck,), (), (), ()))


def test_household_figures_are_of_grids_only():
    words = json.loads(Tags(render_web(sheet())).words)
    assert set(words["buildings"]) == {"ids", "names", "grids", "nearZoom", "shapes"}
    assert [grid["households"] for grid in words["grids"]] == ["310", "12"]


def test_figures_that_are_not_published_are_nowhere_on_the_page():
    whole = sheet()
    grids = tuple(
        replace(grid, buildings=None, households=None, population=None) for grid in whole.grids
    )
    words = json.loads(Tags(render_web(replace(whole, grids=grids))).words)
    assert words["counts"] == "2 grids"
    assert {grid[key] for grid in words["grids"] for key in ("households", "population")} == {""}


def test_coordinates_have_at_most_seven_decimals():
    data = re.findall(r"_add\((\{.*?\})\);", render_web(sheet()), re.DOTALL)
    assert len(data) == 2
    assert not any(re.search(r"\d\.\d{8}", block) for block in data)


@pytest.mark.parametrize(
    "link",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        "<img src=x.png>",
        '<img srcset="a.png 2x">',
        '<div style="background:url(a.png)"></div>',
        "<style>@import 'x.css';</style>",
        "<style>b{background:url( 'http://x/y.png' )}</style>",
        '<meta http-equiv="refresh" content="0;url=http://x">',
        '<iframe src="http://x"></iframe>',
        '<form action="http://x"></form>',
        '<base href="http://x">',
        '<object data="x.swf"></object>',
        '<svg><use xlink:href="x.svg#a"/></svg>',
    ],
)
def test_whatever_loads_is_caught(link):
    with pytest.raises(OnlineLinkError, match="would load 1 "):
        require_offline(f"<p>{link}</p>")


def test_what_a_reader_may_click_is_fine():
    require_offline('<a href="https://example.org">x</a><img src="data:,"><a href="#top">y</a>')


def test_missing_asset_is_an_error():
    with pytest.raises(FileNotFoundError):
        inline_assets('<script src="page/none.js"></script>')


def test_escaped_text_has_no_live_sign():
    assert not set("<>\"'`$\\{}\x00") & set(html_text(NASTY))


def test_json_in_a_script_has_no_live_sign_and_means_the_same():
    text = script_json({"a": [NASTY, 1.5, True, None]})
    strings = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    assert not set("<>&'`${}\u2028\u2029") & set(strings)
    assert json.loads(text)["a"][1:] == [1.5, True, None]
    assert json.loads(text)["a"][0].startswith("</script><img")
    with pytest.raises(ValueError, match="JSON"):
        script_json({"a": float("nan")})
