"""Whatever form a roster has, its households and persons come out on the right buildings."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from small_rosters import HEADER, write_buildings, write_csv, write_xlsx

from gridgeo.intake import read_community
from gridgeo.model import Community

ROWS = [
    ("007", "B1", "1", 3, "registered"),
    ("008", "B1", "2", 2, "floating"),
    ("009", "B2", "", 4, "registered"),
    ("010", "B3", "", 1, "floating"),
]


def figures(town: Community, *more: str) -> list[tuple]:
    table = town.buildings.table
    columns = ["households", "population", *more, "source_rows"]
    return [tuple(row) for row in table[columns].itertuples(index=False)]


def codes(town: Community) -> list[str]:
    return [finding.code for finding in town.check()]


@pytest.fixture
def buildings(tmp_path: Path) -> Path:
    return write_buildings(tmp_path / "buildings.gpkg")


@pytest.mark.parametrize("ending", ["csv", "gb18030.csv", "xlsx", "gpkg"])
def test_every_format_gives_the_same_sums(tmp_path: Path, buildings: Path, ending: str) -> None:
    path = tmp_path / f"roster.{ending}"
    if ending == "xlsx":
        write_xlsx(path, ROWS)
    elif ending == "gpkg":
        pyogrio.write_dataframe(pd.DataFrame(ROWS, columns=HEADER), path, layer="roster")
    else:
        write_csv(path, ROWS, encoding="gb18030" if ending.startswith("gb") else "utf-8-sig")
    town = read_community(buildings, roster=path)
    # a spreadsheet's rows begin below its header, a layer's have none
    first = 1 if ending == "gpkg" else 2
    rows = (f"{first}-{first + 1}", str(first + 2), str(first + 3))
    assert figures(town, "registered", "floating") == [
        (2, 5, 3, 2, rows[0]), (1, 4, 4, 0, rows[1]), (1, 1, 0, 1, rows[2]),
    ]  # fmt: skip
    assert town.columns["roster"] == f"{path.name}, one row a household"
    assert codes(town) == []


def test_chinese_columns_and_names_are_understood(tmp_path: Path, buildings: Path) -> None:
    rows = [("1", "１幢", "1单元", 3, "户籍"), ("2", "01 号楼", "2单元", 2, "流动人口"),
            ("3", "2栋", "", 1, "户籍")]  # fmt: skip
    header = ("户编号", "楼栋名称", "门洞", "家庭人口", "人口类型")
    town = read_community(buildings, roster=write_csv(tmp_path / "r.csv", rows, header))
    assert figures(town, "registered", "floating") == [
        (2, 5, 3, 2, "2-3"), (1, 1, 1, 0, "4"), (0, 0, 0, 0, ""),
    ]  # fmt: skip
    assert codes(town) == ["roster-building-alike", "building-without-households"]
    near, empty = town.check()
    assert "'2栋' as B2" in near.message
    assert "3 rows name" in near.message
    assert empty.first == "B3"


def test_a_row_a_person_is_found_out_and_summed(tmp_path: Path, buildings: Path) -> None:
    rows = [("H1", "B1", "甲"), ("H1", "B1", "乙"), ("H2", "B1", "丙"), ("H3", "B2", "丁")]
    path = write_csv(tmp_path / "people.csv", rows, ("户号", "楼栋", "姓名"))
    town = read_community(buildings, roster=path)
    assert figures(town) == [(2, 3, "2-4"), (1, 1, "5"), (0, 0, "")]
    assert town.columns["roster"] == "people.csv, one row a person"
    assert "registered" not in town.buildings.table


def test_a_list_of_persons_that_repeats_the_size_is_no_list_of_households(
    tmp_path: Path, buildings: Path
) -> None:
    rows = [("H1", "B1", 3, "a"), ("H1", "B1", 3, "b"), ("H1", "B1", 3, "c"),
            ("H2", "B2", 2, "d"), ("H2", "B2", 2, "e"), ("H3", "B2", 1, "f"),
            ("H4", "B3", 3, "g"), ("H4", "B3", 3, "h")]  # fmt: skip
    path = write_csv(tmp_path / "p.csv", rows, ("household", "building", "persons", "name"))
    town = read_community(buildings, roster=path)
    assert figures(town)[:2] == [(1, 3, "2-4"), (2, 3, "5-7")]
    assert codes(town) == ["roster-of-persons", "persons-differ"]
    assert "1 household has another number of rows" in town.check().items[1].message


def test_a_doubled_row_does_not_make_a_list_of_persons(tmp_path: Path, buildings: Path) -> None:
    rows = [("H1", "B1", "", 2, ""), ("H2", "B2", "", 3, ""), ("H3", "B3", "", 4, ""),
            ("H1", "B1", "", 2, "")]  # fmt: skip
    town = read_community(buildings, roster=write_csv(tmp_path / "r.csv", rows))
    assert figures(town) == [(1, 2, "2"), (1, 3, "3"), (1, 4, "4")]
    told = town.check().items[0]
    assert told.code == "roster-row-twice"
    assert "row 5" in told.message


def test_persons_alike_are_twins_unless_the_roster_names_them(
    tmp_path: Path, buildings: Path
) -> None:
    homes = [(f"H{k}", f"B{k % 3 + 1}") for k in range(6)]
    aged = [(*home, age) for home in homes for age in ("40", "12", "12")]
    header = ("household", "building", "age")
    town = read_community(buildings, roster=write_csv(tmp_path / "a.csv", aged, header))
    assert [row[1] for row in figures(town)] == [6, 6, 6]
    assert codes(town) == []
    named = [(*row[:2], f"name {k}") for k, row in enumerate(aged)]
    path = write_csv(tmp_path / "b.csv", [*named, named[0]], (*header[:2], "name"))
    town = read_community(buildings, roster=path)
    assert [row[1] for row in figures(town)] == [6, 6, 6]
    assert codes(town) == ["roster-row-twice"]


def test_door_numbers_begin_anew_in_every_entrance(tmp_path: Path, buildings: Path) -> None:
    rows = [(door, building, entrance, 2, "") for building in ("B1", "B2") for entrance in "12"
            for door in ("101", "102", "201")]  # fmt: skip
    header = ("房号", "building", "单元", "persons", "note")
    town = read_community(buildings, roster=write_csv(tmp_path / "r.csv", rows, header))
    assert figures(town)[:2] == [(6, 12, "2-7"), (6, 12, "8-13")]
    assert codes(town) == ["household-door-numbers", "building-without-households"]


def test_entrances_written_otherwise_are_one_and_sort_as_numbers(
    tmp_path: Path, buildings: Path
) -> None:
    words = ["10", "1单元", "2", "01", "1", "", "２单元"]
    rows = [(f"H{k}", "B1", word, 1, "") for k, word in enumerate(words)]
    town = read_community(buildings, roster=write_csv(tmp_path / "r.csv", rows))
    assert town.entrances is not None
    assert town.entrances[["entrance", "households", "source_rows"]].to_numpy().tolist() == [
        ["1", 3, "3, 5-6"], ["2", 2, "4, 8"], ["10", 1, "2"], ["", 1, "7"],
    ]  # fmt: skip


def test_the_order_of_rows_changes_nothing_but_their_numbers(
    tmp_path: Path, buildings: Path
) -> None:
    one = read_community(buildings, roster=write_csv(tmp_path / "a.csv", ROWS))
    other = read_community(buildings, roster=write_csv(tmp_path / "b.csv", ROWS[::-1]))
    assert one.input_hash == other.input_hash
    assert [row[:-1] for row in figures(one)] == [row[:-1] for row in figures(other)]
    moved = [("007", "B1", "2", 3, "registered"), *ROWS[1:]]
    third = read_community(buildings, roster=write_csv(tmp_path / "c.csv", moved))
    assert third.input_hash != one.input_hash  # another entrance may give another plan


def test_counts_of_the_buildings_are_compared_and_the_roster_used(tmp_path: Path) -> None:
    path = write_buildings(
        tmp_path / "b.gpkg", households=[2, 5, None], population=[5, 4, 9], registered=[1, 1, 1]
    )
    town = read_community(path, roster=write_csv(tmp_path / "r.csv", ROWS))
    assert figures(town, "registered")[1] == (1, 4, 4, "4")
    kept = town.buildings.table
    assert kept["population_source"].tolist() == [5, 4, 9]
    assert kept["registered_source"].tolist() == [1, 1, 1]
    fewer, other = town.check()
    assert (fewer.code, fewer.count, fewer.first) == ("roster-households-differ", 1, "B2")
    assert "5 there and 1 in the roster" in fewer.message
    assert (other.code, other.count, other.first) == ("roster-population-differ", 1, "B3")


def test_rows_of_buildings_left_out_are_told_and_not_unknown(
    tmp_path: Path, buildings: Path
) -> None:
    path = write_csv(tmp_path / "r.csv", ROWS)
    town = read_community(buildings, roster=path, where="building_id <> 'B1'")
    assert figures(town) == [(1, 4, "4"), (1, 1, "5")]
    (told,) = town.check()
    assert told.code == "roster-left-out"
    assert "rows 2-3" in told.message


def test_columns_can_be_named(tmp_path: Path, buildings: Path) -> None:
    rows = [("H1", "x", "B1", 2), ("H2", "y", "B2", 3)]
    path = write_csv(tmp_path / "r.csv", rows, ("who", "building", "wherein", "howmany"))
    roles = {"household": "who", "building": "wherein", "persons": "howmany"}
    assert figures(read_community(buildings, roster=path, columns=roles))[:2] == [
        (1, 2, "2"), (1, 3, "3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cells", "registered", "floating"),
    [
        (("status",), [("常住",), ("流动",), ("",)], [3, 0, 0], [0, 2, 0]),
        (("是否户籍",), [("是",), ("否",), ("是",)], [3, 0, 4], [0, 2, 0]),
        (("流动人口",), [("是",), ("否",), ("否",)], [0, 2, 4], [3, 0, 0]),
        (("户籍人数", "流动人数"), [(2, 1), (0, 2), (3, 1)], [2, 0, 3], [1, 2, 1]),
        (("户籍人数",), [(2,), (0,), (4,)], [2, 0, 4], [1, 2, 0]),
        (("户籍人数", "流动人数"), [(2, 1), (0, 2), (3, 3)], [2, 0, 0], [1, 2, 0]),
    ],
)
def test_registered_and_floating_are_read_from_words_and_figures(
    tmp_path: Path, buildings: Path, header, cells, registered, floating
) -> None:
    people = [("H1", "B1", 3), ("H2", "B2", 2), ("H3", "B3", 4)]
    rows = [(*one, *more) for one, more in zip(people, cells, strict=True)]
    path = write_csv(tmp_path / "r.csv", rows, ("household", "building", "persons", *header))
    town = read_community(buildings, roster=path)
    table = town.buildings.table
    assert table["registered"].tolist() == registered
    assert table["floating"].tolist() == floating
    known = sum(registered) + sum(floating)
    assert (known == 9) or any(code.startswith("status") for code in codes(town))


def test_the_files_are_named_with_their_hash_and_not_their_folder(
    tmp_path: Path, buildings: Path
) -> None:
    path = write_csv(tmp_path / "roster.csv", ROWS)
    town = read_community(buildings, roster=path)
    assert [source.role for source in town.sources] == ["buildings", "roster"]
    assert town.sources[1].name == "roster.csv"
    assert town.sources[1].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_roster_of_riverside_agrees_with_its_buildings() -> None:
    folder = Path(__file__).resolve().parents[2] / "data" / "riverside"
    town = read_community(folder / "buildings.gpkg", roster=folder / "households.csv")
    plain = read_community(folder / "buildings.gpkg")
    assert town.buildings.households.tolist() == plain.buildings.households.tolist()
    assert town.buildings.population.tolist() == plain.buildings.population.tolist()
    # nobody lives in the school, the market, the office and the shops
    assert [(f.code, f.count) for f in town.check()] == [("building-without-households", 6)]
