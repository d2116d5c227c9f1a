"""A grid's page names owner, duties, contacts and ways to get help, and asks for nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from shapely.geometry import LineString, Point, box

from maps import (
    BuildingShape,
    GridShape,
    LineShape,
    Service,
    Sheet,
    Words,
    Worker,
    page_files,
    render_grid_pages,
)
from maps.grid_page import WAYS

HOSTILE = "</style></svg><script>x=1</script><img src=x onerror=x=1>{{7*7}}${1}'\"&\u2028\ud800\x00"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


def sheet(word: str = "Lotus", **worker) -> Sheet:
    """Two grids side by side, a house in each, a street through both."""
    facts = {"name": word, "phone": "010-6555 1234", "duties": (word,)} | worker
    grids = tuple(
        GridShape(f"G-{k}", word, box(113 + k / 100, 30, 113.01 + k / 100, 30.01), None, None, None,
                  True, "", worker=Worker(**facts, responsibilities=(f"promise {k}",)))
        for k in (1, 2)
    )  # fmt: skip
    houses = (
        BuildingShape("B1", f"{word} Court 10", "G-1", box(113.012, 30.002, 113.016, 30.006)),
        BuildingShape("B2", f"{word} Court 2", "G-1", Point(113.017, 30.008)),
        BuildingShape("B3", "Next door", "G-2", box(113.022, 30.002, 113.026, 30.006)),
    )
    street = LineShape("street", word, LineString([(113.0, 30.007), (113.04, 30.007)]))
    return Sheet(word, grids, houses, (street,), (word,))


def pages(drawn: Sheet, language: str = "en", services=()) -> dict[str, str]:
    ids = [grid.grid_id for grid in drawn.grids]
    return dict(
        render_grid_pages(
            drawn,
            words=Words.of(language),
            files=page_files(ids),
            services=dict.fromkeys(ids, services),
        )
    )


class Seen(HTMLParser):
    """The tags of a page, and the text a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        self.text += "" if self._hidden else data


def test_a_page_says_who_what_and_how() -> None:
    seen = Seen(pages(sheet(), services=(Service("Police", "110"),))["G-1"])
    for words in ("Grid G-1", "Lotus", "promise 1", "Police", "Grid owners next door", "Buildings"):
        assert words in seen.text
    for heading, text in WAYS:
        assert heading in seen.text
        assert text in seen.text
    links = [attrs["href"] for tag, attrs in seen.tags if tag == "a"]
    assert links[0] == "tel:01065551234"
    assert "tel:110" in links
    assert "../index.html" in links


def test_neighbours_are_linked_by_the_names_of_their_pages() -> None:
    drawn = sheet()
    other = Worker("Wu Min", "13900139000")
    drawn = Sheet("T", (drawn.grids[0], _with(drawn.grids[1], other)), drawn.buildings, (), ())
    page = pages(drawn)["G-1"]
    assert '<a href="G-2.html">' in page
    assert "tel:13900139000" in page


def _with(grid: GridShape, worker: Worker) -> GridShape:
    from dataclasses import replace

    return replace(grid, worker=worker)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_of_a_page_is_in_the_language(language: str) -> None:
    drawn = sheet("字" if language == "zh" else "Lotus", phone="1")
    text = Seen(pages(drawn, language, (Service("电话", "110"),))["G-1"]).text
    letters = re.sub(r"G-\d|Court|promise|\bm\b|Next door", "", text)
    if language == "zh":
        assert not re.search(r"[A-Za-z]{2,}", letters)
    else:
        assert not re.search(r"[\u4e00-\u9fff]", letters.replace("电话", ""))


def test_hostile_words_are_shown_and_never_run() -> None:
    drawn = sheet(HOSTILE, phone=HOSTILE, chat=HOSTILE)
    for page in pages(drawn, services=(Service(HOSTILE, HOSTILE),)).values():
        seen = Seen(page)
        assert {tag for tag, _ in seen.tags} <= {
            "html", "head", "meta", "title", "link", "style", "body", "header", "main", "section",
            "footer", "h1", "h2", "h3", "p", "ul", "ol", "li", "a", "b", "bdi", "span", "div",
            "details", "summary", "svg", "path", "rect", "text", "g", "circle",
        }  # fmt: skip
        assert not [key for _, attrs in seen.tags for key in attrs if key.startswith("on")]
        assert "{{7*7}}${1}" in seen.text
        assert "\x00" not in page
        page.encode("utf-8")


@pytest.mark.parametrize("chat", ["javascript:alert(1)", "data:text/html,x", "liwei", "//x.org"])
def test_only_links_of_a_known_kind_are_links(chat: str) -> None:
    seen = Seen(pages(sheet(chat=chat))["G-1"])
    assert chat in seen.text
    assert not [1 for tag, attrs in seen.tags if tag == "a" and attrs["href"] == chat]


def test_a_photo_stands_in_the_page_itself_and_a_monogram_where_there_is_none() -> None:
    with_photo = Seen(pages(sheet(photo=PNG))["G-1"])
    (face,) = [attrs for tag, attrs in with_photo.tags if tag == "img"]
    assert str(face["src"]).startswith("data:image/png;base64,")
    assert face["alt"] == "Photo of Lotus"
    assert "circle" in [tag for tag, _ in Seen(pages(sheet())["G-1"]).tags]


def test_a_grid_without_owner_says_so() -> None:
    drawn = sheet(name="", phone="", duties=())
    assert "Not named yet" in Seen(pages(drawn)["G-1"]).text


def test_a_page_has_no_script_and_the_same_sheet_gives_the_same_pages() -> None:
    first = pages(sheet())
    assert first == pages(sheet())
    assert all("<script" not in page for page in first.values())
    assert all("default-src 'none'" in page for page in first.values())


def test_the_map_is_to_scale_and_holds_the_grid_and_its_buildings() -> None:
    page = pages(sheet())["G-1"]
    (own,) = re.findall(r'class="rim" d="([^"]+)"', page)
    points = [tuple(map(float, p.split())) for p in re.split("[MLz]", own) if p]
    east = max(x for x, _ in points) - min(x for x, _ in points)
    south = max(y for _, y in points) - min(y for _, y in points)
    # 0.01 degrees of longitude are 962.3 m at this latitude, of latitude 1,111.1 m
    assert east / south == pytest.approx(962.3 / 1111.1, rel=0.01)
    (bar,) = re.findall(r'd="M0 -6V0H([\d.]+)V-6"', page)
    (metres,) = re.findall(r'font-size="12">([\d.]+) m<', page)
    assert float(bar) / float(metres) == pytest.approx(east / 962.3, rel=0.01)
    assert ">10</text>" in page  # Lotus Court 10, on its building
    names = re.findall(r"<li><bdi>(Lotus Court \d+)", page)
    assert names == ["Lotus Court 2", "Lotus Court 10"]


def test_a_number_that_is_none_is_shown_and_not_dialled() -> None:
    page = pages(sheet(phone="ask at the gate"), services=(Service("Police", "see poster"),))["G-1"]
    seen = Seen(page)
    assert "ask at the gate" in seen.text
    assert "see poster" in seen.text
    assert not [a for tag, a in seen.tags if tag == "a" and str(a["href"]).startswith("tel:")]


def test_file_names_are_safe_and_apart_on_every_system() -> None:
    ids = ["RV-001", "rv-001", "a/b", "..", "CON", "网格-1", "x" * 3]
    files = page_files(ids)
    assert len({name.casefold() for name in files.values()}) == len(ids)
    assert files["RV-001"] == "RV-001.html"
    assert files["rv-001"] == "rv-001~2.html"
    assert all(re.fullmatch(r"[\w~-]+\.html", name) for name in files.values())
    assert files == page_files(reversed(ids))


def test_a_long_id_gives_a_name_that_fits_a_link_and_a_file_system() -> None:
    """Twenty Chinese letters are 180 signs of a link: no QR code of a card would hold them."""
    long = "广东省深圳市南山区粤海街道科技园社区居委会-00"
    files = page_files([f"{long}1", f"{long}2", "G " * 200, "百万庄社区-001"])
    assert len(set(files.values())) == 4
    assert files["百万庄社区-001"] == "百万庄社区-001.html"
    assert all(len(quote(name)) <= 65 for name in files.values())
    assert all(re.fullmatch(r"[\w~-]+\.html", name) for name in files.values())
