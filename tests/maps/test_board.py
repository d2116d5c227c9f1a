"""Boards are true to scale, say who is who, and keep everything they are told."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from board_town import HALL_M, NAMES, PHONES, PROMISES, WORK, Printed, read_back, town, with_worker
from PIL import Image
from shapely import box

from maps import (
    BoardBuilding,
    BoardGrid,
    BoardSheet,
    PaperError,
    PhotoError,
    Service,
    SheetError,
    UnknownLanguageError,
    Worker,
    board_community,
    board_entrances,
    board_grid,
)
from maps.board_map import Territory
from maps.inks import BAR, HERE, PALE_BUILDING, building_fill
from maps.scale import PAPERS_MM, ROUND_SCALES

HOSTILE = '#panic("x") *b* _i_ $x$ [a] @b <c> \\ `r` "q" </text><script>alert(1)</script>'


def _printed_scale(page: Printed) -> int:
    found = re.search(r"1:([\d,]+)", page.text)
    assert found, page.text
    return int(found[1].replace(",", ""))


def _halls(page: Printed, scale: int) -> list[float]:
    """Widths on paper of the shapes that are about as large as a hall at that scale."""
    wide, high = (1000 * side / scale for side in HALL_M)
    return [
        s.width for s in page.shapes if abs(s.width - wide) < 0.2 and abs(s.height - high) < 0.2
    ]


def _colour_of(sheet: BoardSheet, grid_id: str) -> str:
    return building_fill(Territory.of(sheet).sheet.colours[grid_id])


@pytest.mark.parametrize("paper", ["A3", "A1", "A0"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_bar_and_buildings_measure_what_the_printed_scale_says(paper, language):
    page = read_back(board_community(town(language), paper=paper))[0]
    scale = _printed_scale(page)
    bars = page.of_colour(BAR)
    assert scale in ROUND_SCALES
    assert bars, "no bar"
    assert {round(bar.width * scale / 1000, 1) for bar in bars} == {100.0}
    # the same PDF's halls, whose true size is known, agree with the bar to 5 cm on the ground
    halls = _halls(page, scale)
    assert len(halls) == 3
    assert all(hall / bars[0].width == pytest.approx(HALL_M[0] / 100, abs=5e-4) for hall in halls)


def test_bars_of_grid_and_entrance_boards_are_true_too():
    for pdf in (board_grid(town(), "T-002"), board_entrances(town(), buildings={"H1"})):
        page = read_back(pdf)[0]
        scale = _printed_scale(page)
        assert [round(b.width * scale / 1000, 1) for b in page.of_colour(BAR)] == [100.0]
        assert any(
            hall == pytest.approx(1000 * 40 / scale, abs=0.01) for hall in _halls(page, scale)
        )


@pytest.mark.parametrize("paper", ["A4", "A3", "A1", "A0"])
def test_page_has_the_size_of_its_paper(paper):
    page = read_back(board_community(town(), paper=paper))[0]
    assert sorted(page.size_mm) == pytest.approx(sorted(PAPERS_MM[paper]), abs=0.01)


def test_larger_paper_shows_more_of_it_or_larger():
    scales = [_printed_scale(read_back(board_community(town(), paper=p))[0]) for p in ("A3", "A0")]
    assert scales[0] > scales[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_of_each_owner_can_be_taken_from_the_pdf(language):
    page = read_back(board_community(town(language)))[0]
    for grid_id, phone in PHONES.items():
        assert NAMES[language][grid_id] in page.text
        assert phone in page.text
    for said in (*WORK, *PROMISES, "MAP-42", "Survey office", "0000-555110", "Police"):
        assert said in page.text
    assert ("Elmside" if language == "en" else "榆园社区") in page.text
    assert ("November 25, 2026" if language == "en" else "年") in page.text
    assert all("Noto" in font for font in page.fonts), page.fonts


def test_every_word_of_a_chinese_board_is_chinese_but_for_what_it_was_told():
    sheet = town("zh")
    bare = replace(
        sheet, buildings=(), lines=(), services=(), credits=(), base_url="", map_number=""
    )
    bare = replace(bare, workers={})
    text = "".join(page.text for page in read_back(board_community(bare)))
    assert re.findall(r"[A-Za-z]{2,}", text) == []
    assert "网格员一览" in text


def test_work_is_told_once_where_all_do_the_same():
    pages = read_back(board_community(town()))
    assert len(pages) == 1
    assert pages[0].text.count(WORK[0]) == 1


def test_work_that_differs_is_told_in_a_table_on_further_pages():
    sheet = with_worker(town(), "T-002", duties=("Feeds the ducks",))
    first, table = read_back(board_community(sheet))
    assert "Feeds the ducks" in table.text
    assert table.text.count(WORK[0]) == 2
    assert all(name in first.text and name in table.text for name in NAMES["en"].values())


@pytest.mark.parametrize("count", [8, 39, 72, 110])
def test_no_owner_is_left_out_however_many_there_are(count):
    grids = tuple(
        BoardGrid(f"G-{row:03d}", box(row % 12 * 100, row // 12 * 90, row % 12 * 100 + 100,
                                      row // 12 * 90 + 90)) for row in range(count)
    )  # fmt: skip
    workers = {g.grid_id: Worker(f"Worker{row}x", f"0000-{row:04d}") for row, g in enumerate(grids)}
    pages = read_back(board_community(BoardSheet("Many", grids, workers=workers)))
    text = " ".join(page.text for page in pages)
    assert [row for row in range(count) if f"Worker{row}x" not in text] == []
    assert [row for row in range(count) if f"0000-{row:04d}" not in text] == []
    assert len(pages) == 1 or count > 28
    assert len(pages) > 1 or count < 40


def test_what_has_no_room_goes_on_the_next_page():
    lines = tuple(f"Duty number {row}: " + "and so on " * 12 for row in range(30))
    calls = tuple(
        Service(f"Line {row} " + "of some length " * 4, f"0000-9{row:03d}") for row in range(40)
    )
    sheet = replace(with_worker(town(), "T-001", duties=lines), services=calls)
    for pdf in (board_grid(sheet, "T-001"), board_entrances(sheet, buildings={"H0"})):
        pages = read_back(pdf)
        assert len(pages) > 1
        text = " ".join(page.text for page in pages)
        assert all(f"Duty number {row}:" in text for row in range(30))
        assert all(f"0000-9{row:03d}" in text for row in range(40))


def test_neighbours_are_pale_on_the_board_of_a_grid():
    sheet = town()
    page = read_back(board_grid(sheet, "T-002"))[0]
    assert len(page.of_colour(PALE_BUILDING)) > 1
    others = {_colour_of(sheet, "T-001"), _colour_of(sheet, "T-003")} - {_colour_of(sheet, "T-002")}
    legend = 1  # the swatch of a building
    assert sum(len(page.of_colour(colour)) for colour in others) <= legend
    assert len(page.of_colour(_colour_of(sheet, "T-002"))) >= 7
    assert "Bo Chen" in page.text
    assert "Ada Lin" not in page.text


def test_lines_of_a_grid_alone_stand_on_its_board_only():
    sheet = town()
    own = replace(sheet.grids[0], services=(Service("Doctor", "0000-555999"),), name="The Elms")
    sheet = replace(sheet, grids=(own, *sheet.grids[1:]))
    assert "0000-555999" in read_back(board_grid(sheet, "T-001"))[0].text
    assert "The Elms" in read_back(board_grid(sheet, "T-001"))[0].text
    assert "0000-555999" not in read_back(board_grid(sheet, "T-002"))[0].text


def test_each_entrance_has_its_page_and_its_building_is_marked():
    sheet = town()
    pages = read_back(board_entrances(sheet, buildings={"E10", "E11", "H1"}))
    assert len(pages) == 4
    assert [("Entrance 1" in p.text, "Entrance 2" in p.text) for p in pages] == [
        (True, False), (False, True), (False, False), (False, False)
    ]  # fmt: skip
    for page in pages:
        assert "You are here" in page.text
        assert "Bo Chen" in page.text
        scale = _printed_scale(page)
        wide = max(shape.width for shape in page.of_colour(HERE))
        assert wide * scale / 1000 in (pytest.approx(14, abs=0.1), pytest.approx(40, abs=0.1))


def test_all_buildings_get_a_page_where_none_is_chosen():
    sheet = town()
    doors = sum(max(len(building.entrances), 1) for building in sheet.buildings)
    assert len(read_back(board_entrances(sheet))) == doors


def test_same_sheet_in_any_order_gives_the_same_bytes():
    sheet = town("zh")
    turned = replace(sheet, grids=sheet.grids[::-1], buildings=sheet.buildings[::-1],
                     workers=dict(reversed(sheet.workers.items())))  # fmt: skip
    assert board_community(sheet) == board_community(turned)
    assert board_grid(sheet, "T-002") == board_grid(turned, "T-002")
    assert board_entrances(sheet, buildings={"H0"}) == board_entrances(turned, buildings={"H0"})


def test_a_given_colour_is_kept():
    sheet = replace(town(), colours={"T-002": 4})
    assert Territory.of(sheet).sheet.colours["T-002"] == 4
    page = read_back(board_grid(sheet, "T-002"))[0]
    assert len(page.of_colour(building_fill(4))) >= 7


def test_without_a_site_there_is_no_code():
    with_code, without = (
        read_back(board_grid(replace(town(), base_url=url), "T-001"))[0]
        for url in ("https://x.example", "")
    )
    assert "Scan" in with_code.text
    assert "Scan" not in without.text
    assert len(without.of_colour("#000000")) < len(with_code.of_colour("#000000"))


def test_hostile_words_are_shown_and_do_nothing():
    sheet = town()
    worker = Worker(HOSTILE[:40], HOSTILE[:20], None, (HOSTILE,), (HOSTILE,))
    sheet = replace(
        sheet,
        title=HOSTILE,
        version=HOSTILE,
        map_number=HOSTILE,
        credits=(HOSTILE,),
        services=(Service(HOSTILE, HOSTILE),),
        workers=dict.fromkeys(PHONES, worker),
        lines=tuple(replace(line, name=HOSTILE) for line in sheet.lines),
        buildings=tuple(replace(b, name=HOSTILE[:30]) for b in sheet.buildings),
        grids=tuple(replace(grid, name=HOSTILE) for grid in sheet.grids),
    )
    for pdf in (
        board_community(sheet),
        board_grid(sheet, "T-001"),
        board_entrances(sheet, buildings={"H0"}),
    ):
        text = " ".join(page.text for page in read_back(pdf)).replace("\u200b", "")
        assert '#panic("x") *b*' in text
        assert b"/JavaScript" not in pdf


def test_signs_that_steer_text_do_not_reach_the_page():
    sheet = with_worker(town(), "T-001", name="Ada\u202e\nLin\t\u2066x")
    assert "Ada Lin x" in read_back(board_grid(sheet, "T-001"))[0].text


def test_photos_that_cannot_be_shown_are_all_named():
    sheet = with_worker(
        with_worker(town(), "T-001", photo=b"GIF89a"), "T-003", photo=b"\xff\xd8\xff"
    )
    with pytest.raises(PhotoError, match=r"2 photos.*T-001 \(Ada Lin\).*T-003 \(Cy Zhao\)"):
        board_community(sheet)
    assert board_grid(sheet, "T-002").startswith(b"%PDF")  # its own owner has no such photo


def test_a_photo_is_shown_and_a_monogram_without():
    out = BytesIO()
    Image.new("RGB", (80, 100), "teal").save(out, "PNG")
    plain = read_back(board_grid(town(), "T-001"))[0]
    assert "AL" in plain.text  # drawn initials
    shown = board_grid(with_worker(town(), "T-001", photo=out.getvalue()), "T-001")
    assert b"/DCTDecode" in shown
    assert "AL" not in read_back(shown)[0].text


def test_a_grid_without_an_owner_says_so():
    sheet = replace(town(), workers={})
    assert read_back(board_community(sheet))[0].text.count("No owner is named yet") == 3


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda s: board_community(s, paper="A9"), PaperError, "A9.*A0"),
        (lambda s: board_grid(s, "X"), SheetError, "no grid 'X'.*T-001"),
        (lambda s: board_entrances(s, buildings={"X", "H0"}), SheetError, "1 buildings.*'X'"),
        (lambda s: board_entrances(s, buildings=()), SheetError, "no building"),
        (lambda s: board_grid(replace(s, language="xx"), "T-001"), UnknownLanguageError, "xx"),
    ],
)
def test_what_cannot_be_drawn_is_named(draw, error, words):
    with pytest.raises(error, match=words):
        draw(town())


def test_a_long_narrow_community_gets_a_page_that_stands():
    grids = tuple(
        BoardGrid(f"N-{row}", box(0, row * 300, 150, row * 300 + 300)) for row in range(5)
    )
    house = BoardBuilding("h", "N-0", box(10, 10, 30, 30))
    page = read_back(board_community(BoardSheet("Long", grids, (house,))))[0]
    assert page.size_mm[1] > page.size_mm[0]
