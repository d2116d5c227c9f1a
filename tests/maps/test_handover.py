"""Handover sheets: what is gained and lost, from and to whom, numbered on maps in grey."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pdfplumber
import pytest
from change_town import SIDE_M, town
from printed import PT_PER_MM
from shapely import STRtree
from shapely.geometry import Point, box

from maps import ChangedBuilding, ChangeSheet, OpenMatter, SheetError, Words, handover_pdfs
from maps.handover import handings_of
from maps.handover_map import ChangeGround, draw_change
from maps.scale import View

HOSTILE = '#panic("x") *b* _i_ $x$ [a] @b <c> \\ `r` "q" </text><script>'
NUMBER_PT = 6.3  # no other text of a sheet is as large
EN, ZH = Words.of("en"), Words.of("zh")


def pdf_of(*words, **more) -> bytes:
    (pdf,) = handover_pdfs(*words, **more)
    return pdf


def opened(pdf: bytes):
    return pdfplumber.open(BytesIO(pdf))


def texts(pdf: bytes) -> list[str]:
    with opened(pdf) as book:
        return [page.extract_text() for page in book.pages]


def test_gains_and_losses_are_those_of_the_grids():
    told = {one.code: one for one in handings_of(town())}
    found = {
        code: ([b.building_id for b in one.gained], [b.building_id for b in one.lost])
        for code, one in told.items()
    }
    assert found == {
        "G0": (["h1"], []), "G1": ([], ["h1"]), "G2": ([], ["h4"]), "G3": ([], ["h5"]),
        "G4": (["h4", "h5"], []),
    }  # fmt: skip
    assert (told["G3"].after, told["G4"].before) == (None, None)


def test_a_sheet_names_what_from_whom_to_whom_and_who_signs():
    pages = texts(pdf_of(town(), EN, day=date(2026, 3, 1)))
    assert len(pages) == 5
    new = pages[4]
    for word in ("Grid G4", "The grid is new", "Taken over", "2 buildings, 29 households",
                 "House 4", "Street 5", "G2 · Lin 2", "G3 (gone) · Lin 3", "Signatures",
                 "Handing over", "Taking over", "Witness", "Date", "Open matters",
                 "March 1, 2026", "Page 1 of 1", "Internal, not for display"):  # fmt: skip
        assert word in new, word
    assert "The grid is gone" in pages[3]


def test_chinese_sheets_are_chinese():
    (page, *_) = texts(pdf_of(town(), ZH, day=date(2026, 3, 1)))
    for word in ("网格交接单", "内部资料，请勿张贴", "移交人", "接收人", "监交人", "2026年3月1日"):
        assert word in page.replace(" ", ""), word


def test_every_building_that_moves_is_numbered_on_both_maps():
    with opened(pdf_of(town(), EN)) as book:
        signs = [sign for sign in book.pages[4].chars if abs(sign["size"] - NUMBER_PT) < 0.01]
    middle = 105 * PT_PER_MM
    left, right = (
        sorted(sign["text"] for sign in signs if (sign["x0"] > middle) is side)
        for side in (False, True)
    )
    assert left == right == ["1", "2"]


def test_the_map_is_true_to_the_scale_it_says():
    pdf = pdf_of(town(), EN)
    (page, *_) = texts(pdf)
    scale = int(re.search(r"Scale 1:([\d,]+)", page)[1].replace(",", ""))
    wide = 2 * SIDE_M * 1000 / scale * PT_PER_MM  # G0 after: two blocks
    with opened(pdf) as book:
        shapes = [*book.pages[0].rects, *book.pages[0].curves]
    grey = [s for s in shapes if s["fill"] and s["non_stroking_color"] is not None
            and abs(float(s["width"]) - wide) < 0.5]  # fmt: skip
    assert grey


def test_no_colour_is_needed_to_read_a_sheet():
    with opened(pdf_of(town(), EN)) as book:
        for page in book.pages:
            for shape in [*page.rects, *page.curves, *page.lines]:
                for ink in (shape["stroking_color"], shape["non_stroking_color"]):
                    if isinstance(ink, tuple) and len(ink) == 3:
                        assert max(ink) - min(ink) < 0.1, ink


def test_hostile_words_are_set_as_they_are():
    pages = texts(pdf_of(town([HOSTILE] * 6), EN, matters=(OpenMatter(HOSTILE),)))
    assert len(pages) >= 5
    flat = "".join("".join(pages).split())
    assert '#panic("x")*b*_i_$x$' in flat


def test_the_same_sheet_gives_the_same_bytes():
    assert pdf_of(town(), EN) == pdf_of(town(), EN)


def test_nothing_to_hand_over_gives_no_document():
    sheet = town()
    still = tuple(replace(b, to_grid=b.from_grid, moves=False) for b in sheet.buildings)
    same = replace(sheet, after=sheet.before, buildings=still,
                   heirs={grid.grid_id: grid.grid_id for grid in sheet.before})  # fmt: skip
    assert handover_pdfs(same, EN) == []


def crowd(houses: int) -> ChangeSheet:
    """A block with many houses in the west that all go to the east."""
    sheet = town(owners=False)
    many = tuple(
        ChangedBuilding(f"k{k:03d}", Point(105 + 8 * (k % 11), 8 + 8 * (k // 11)).buffer(2.5), 1,
                        "G1", "G0", moves=True)
        for k in range(houses)
    )  # fmt: skip
    return replace(sheet, buildings=many)


@pytest.mark.parametrize("houses", [20, 110])
def test_a_number_without_room_is_told_and_none_is_lost(houses):
    sheet = crowd(houses)
    numbers = {b.building_id: k for k, b in enumerate(sheet.ordered_buildings(), start=1)}
    view = View((150.0, 50.0), 1250, 180.0, 100.0)
    for side in ("before", "after"):
        drawn = draw_change(ChangeGround.of(sheet), view, side=side, grid_id="G0",
                            numbers=numbers, gained=set(numbers))  # fmt: skip
        shown = [int(text.text) for text in drawn.texts if text.style == "number"]
        assert sorted([*shown, *drawn.left_out]) == sorted(numbers.values())
        assert bool(drawn.left_out) == (houses > 50)
        boxes = [Point(t.x_mm, t.y_mm).buffer(1.7) for t in drawn.texts if t.style == "number"]
        assert len(STRtree(boxes).query(boxes, predicate="intersects")[0]) == len(boxes)
    text = " ".join(texts(pdf_of(sheet, EN)))
    assert ("Not numbered for want of room" in text) == (houses > 50)
    assert f"k{houses - 1:03d}" in text


def test_long_sheets_count_their_own_pages():
    pages = texts(pdf_of(crowd(110), EN))
    first = [page for page in pages if "Grid G0" in page]
    assert len(first) > 2
    for row, page in enumerate(first, start=1):
        assert f"Page {row} of {len(first)}" in page


def test_faults_of_a_sheet_are_told_all_at_once():
    sheet = town()
    with pytest.raises(SheetError, match="3 faults") as caught:
        replace(
            sheet,
            before=(*sheet.before, replace(sheet.before[0], polygon=box(0, 0, 0, 0))),
            buildings=(replace(sheet.buildings[0], to_grid="nowhere"), *sheet.buildings[1:]),
        )
    for word in ("'G0' is told 2 times", "nowhere"):
        assert word in str(caught.value)


def test_very_many_sheets_are_several_documents(monkeypatch):
    monkeypatch.setattr("maps.handover.MOST_SHEETS", 2)
    parts = handover_pdfs(town(), EN)
    assert len(parts) == 3
    assert sum(len(texts(part)) for part in parts) == 5
    assert texts(parts[2])[0].split("\n")[1] == "Grid G4"
