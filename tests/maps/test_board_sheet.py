"""A board's sheet names all its faults, and reads numbers and places from names."""

from __future__ import annotations

import pytest
from shapely import box
from shapely.geometry import LineString, Point, Polygon

from maps import BoardBuilding, BoardGrid, BoardLine, BoardSheet, SheetError, Worker
from maps.board_sheet import gathered, place_and_number, short_numbers

SQUARE = box(0, 0, 10, 10)


def test_all_faults_are_told_at_once():
    with pytest.raises(SheetError) as caught:
        BoardSheet(
            "x",
            (BoardGrid("a", SQUARE), BoardGrid("a", Point(0, 0))),
            (
                BoardBuilding("1", "b", SQUARE),
                BoardBuilding("2", "a", Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])),
                BoardBuilding("3", "a", Point(1e12, 0)),
            ),
            (BoardLine("street", "s", Point(1, 1)), BoardLine("street", "t", LineString())),
            {"c": Worker("Ada")},
        )
    said = str(caught.value)
    for fault in (
        "8 faults", "grid id 'a' is told 2 times", "grid 'a' is a Point",
        "building '1' is in grid 'b'", "building '2': Self-intersection",
        "building '3' has coordinates that are no place", "line 1 ('s') is a Point",
        "line 2 ('t') has an empty shape", "worker is named for grid 'c'",
    ):  # fmt: skip
        assert fault in said


def test_a_sheet_needs_a_grid():
    with pytest.raises(SheetError, match="there is no grid"):
        BoardSheet("x", ())


@pytest.mark.parametrize(
    ("ids", "short"),
    [
        (["RV-001", "RV-002", "RV-012"], ["1", "2", "12"]),
        (["A-10", "A-12"], ["10", "12"]),
        (["110101001001001", "110101001001002", "110101001001010"], ["1", "2", "10"]),
        (["110101001001000", "110101001001001"], ["0", "1"]),
        (["110101001001001", "110101001002001"], ["1001", "2001"]),
        (["RV-007"], ["7"]),
        (["East", "West"], ["East", "West"]),
        (["A1", "A01"], ["A1", "A01"]),  # both 1: then in full
        # more than a disc can hold: the grids of several communities, or names
        (["RV-001", "RV-012", "TG-001"], ["RV1", "RV12", "TG1"]),
        (["朝阳社区-001", "朝阳社区-012", "和平社区-001"], ["朝1", "朝12", "和1"]),
        (["北京路-01", "北京里-01"], ["路1", "里1"]),
        (["Lotus / North-001", "Lotus / South-001"], ["N1", "S1"]),
        (["Mill-001", "Milton-001", "Oak-001"], ["1", "2", "3"]),
        (["1区东-001", "2区东-003"], ["1-1", "2-3"]),
        (["Old Market", "Riverbank"], ["1", "2"]),
        (["7"], ["7"]),
    ],
)
def test_numbers_on_the_map_are_what_tells_ids_apart(ids, short):
    assert short_numbers(ids) == dict(zip(ids, short, strict=True))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Willow Court 12", ("Willow Court", "12")),
        ("Willow Court No. 12", ("Willow Court", "12")),
        ("Elm Lane 7a", ("Elm Lane", "7a")),
        ("幸福里12号楼", ("幸福里", "12")),
        ("3-5幢", ("", "3-5")),
        ("12", ("", "12")),
        ("Riverside School", ("", "")),
        ("第2小学", ("", "")),
        ("", ("", "")),
    ],
)
def test_place_and_number_are_read_from_a_name(name, said):
    assert place_and_number(BoardBuilding("b", "g", SQUARE, name=name)) == said


def test_place_and_number_that_are_given_stand():
    building = BoardBuilding("b", "g", SQUARE, name="Tower 9", place="East", number="B")
    assert place_and_number(building) == ("East", "B")


def test_addresses_of_pages_are_those_of_their_files():
    sheet = BoardSheet("x", (BoardGrid("a/b 1", SQUARE),), base_url="https://x.example/s/")
    assert sheet.page_url("a/b 1") == "https://x.example/s/grids/a~2fb~201.html"
    assert sheet.page_url() == "https://x.example/s/"
    assert BoardSheet("x", (BoardGrid("a", SQUARE),)).page_url("a") == ""


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Well Lane 3", "Well Lane 1", "Well Lane 2", "Well Lane 10"], "Well Lane 1–3, 10"),
        (["Well Lane 2", "Kiln Lane 7", "Well Lane 1"], "Kiln Lane 7 · Well Lane 1, 2"),
        (["幸福里12号楼", "幸福里13号楼", "幸福里14号楼"], "幸福里 12–14"),
        (["Mill House", "Mill House", "Well Lane 1A"], "Mill House · Well Lane 1A"),
        (["3-5幢", "B00"], "3-5幢 · B 00"),
        ([], ""),
    ],
)
def test_names_are_gathered_by_their_place(names, said):
    assert gathered(names) == said
