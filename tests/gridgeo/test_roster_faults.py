"""Everything wrong with a roster is told at once: what, how many, which row first, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_rosters import HEADER, NAMES, write_buildings, write_csv

from gridgeo.errors import InputError, Severity
from gridgeo.intake import read_community, roster_findings

CALLED = tuple(NAMES.values())
GOOD = [("H1", "B1", "", 3, ""), ("H2", "B2", "", 2, ""), ("H3", "B3", "", 4, "")]


def findings(tmp_path: Path, rows, header=HEADER, names=CALLED):
    path = write_csv(tmp_path / "r.csv", rows, header)
    return {f.code: f for f in roster_findings(str(path), list(NAMES), names)}


def test_a_good_roster_has_no_fault(tmp_path: Path) -> None:
    assert findings(tmp_path, GOOD) == {}


@pytest.mark.parametrize(
    ("row", "code", "severity", "words"),
    [
        (("", "B1", "", 3, ""), "households-missing", "error", "row 5"),
        (("H4", "", "", 3, ""), "buildings-missing", "error", "row 5"),
        (("H4", "B1", "", -1, ""), "count-negative", "error", "row 5"),
        (("H4", "B1", "", 1.5, ""), "count-fractional", "error", "row 5"),
        (("H4", "B1", "", "NaN", ""), "count-missing", "error", "delete these rows"),
        (("H4", "B1", "", "four", ""), "count-not-number", "error", "'four'"),
        (("H4", "B1", "", 0, ""), "household-of-nobody", "warning", "row 5"),
        (("H4", "B9", "", 3, ""), "roster-building-unknown", "error", "'B9' (first: row 5)"),
        (("H4", "1-3幢", "", 3, ""), "roster-building-range", "error", "'1-3幢' (first: row 5)"),
        (("H4", "3栋", "", 3, ""), "roster-building-alike", "warning", "'3栋' as B3"),
        (("H1", "B2", "", 3, ""), "household-in-two-buildings", "error", "rows 2, 5"),
        (("H1", "B1", "2", 3, ""), "household-in-two-entrances", "error", "rows 2, 5"),
        (("H1", "B1", "", 9, ""), "household-twice", "error", "rows 2, 5"),
        (("H1", "B1", "", 3, ""), "roster-row-twice", "warning", "(row 5)"),
        (("1.2E+17", "B1", "", 3, ""), "ids-shortened", "error", "the column 'household' as text"),
    ],
)
def test_each_fault_is_told_by_the_number_of_its_row(
    tmp_path: Path, row, code: str, severity: str, words: str
) -> None:
    found = findings(tmp_path, [*GOOD, row])
    assert list(found) == [code]
    assert found[code].severity is Severity(severity)
    assert words in found[code].sentence()
    assert "H1" not in found[code].sentence()  # who lives where is nobody's business


def test_a_name_of_two_buildings_and_an_id_that_is_a_name_are_told(tmp_path: Path) -> None:
    found = findings(tmp_path, [*GOOD, ("H4", "桂园", "", 1, "")], names=("桂园", "桂园", "B1"))
    assert found["roster-building-unclear"].message.endswith("'桂园' (B1, B2) (first: row 5)")
    assert "'B1' is also the name of B3" in found["roster-id-or-name"].message


def test_all_faults_come_at_once_with_those_of_the_buildings(tmp_path: Path) -> None:
    buildings = write_buildings(tmp_path / "b.gpkg")
    rows = [*GOOD, ("", "B1", "", -1, ""), ("H5", "B9", "", 2.5, ""), ("H6", "X", "", 1, "")]
    with pytest.raises(InputError) as caught:
        read_community(
            buildings,
            boundary=tmp_path / "none.gpkg",
            roster=write_csv(tmp_path / "r.csv", rows),
            columns={"houses": "x"},
        )
    codes = [finding.code for finding in caught.value.findings]
    assert {
        "households-missing", "count-negative", "count-fractional", "roster-building-unknown",
        "file-missing", "column-role-unknown",
    } <= set(codes)  # fmt: skip
    unknown = caught.value.findings[codes.index("roster-building-unknown")]
    assert unknown.count == 2
    assert "'B9', 'X'" in unknown.message


def test_a_roster_without_its_columns_names_those_there_are(tmp_path: Path) -> None:
    found = findings(tmp_path, [("a", "b")], ("who", "where"))
    told = found["columns-missing"].sentence()
    assert "no column for household, building" in told
    assert "户号" in told
    assert "楼栋" in told
    assert "Columns there are: who, where" in told
    assert "--column household=NAME --column building=NAME" in told


def test_two_columns_that_may_be_it_are_a_question(tmp_path: Path) -> None:
    header = ("户号", "户编号", "building")
    assert list(findings(tmp_path, [("1", "2", "B1")], header)) == ["column-unclear"]


def test_a_roster_that_is_missing_or_empty_is_one_message(tmp_path: Path) -> None:
    (lost,) = roster_findings(str(tmp_path / "none.csv"), ["B1"])
    assert lost.code == "file-missing"
    empty = write_csv(tmp_path / "e.csv", [])
    (told,) = roster_findings(str(empty), ["B1"])
    assert told.code == "file-empty"


def test_counts_of_the_buildings_need_not_be_whole_where_a_roster_counts(tmp_path: Path) -> None:
    buildings = write_buildings(tmp_path / "b.gpkg", households=[1.5, -3, None], hh=[1, 2, 3])
    town = read_community(buildings, roster=write_csv(tmp_path / "r.csv", GOOD))
    assert town.buildings.households.tolist() == [1, 1, 1]
    with pytest.raises(InputError):
        read_community(buildings)
