"""Who owns a grid where the plan says so: joined by id, else by name; what contradicts is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import gridgeo as gg
from gridgeo.owners import read_owners
from gridgeo.record import Staff

STAFF = (
    Staff("G-001", "An", "W1"),
    Staff("G-002", "Bo"),
    Staff("G-003", "Cy", role="supervisor"),
)


def table(folder: Path, text: str) -> Path:
    path = folder / "workers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, language: str = "en"):
    owners, findings = read_owners(path, language=language, staff=STAFF)
    return owners, {finding.code: finding.message for finding in findings}


def test_a_table_without_grids_is_joined_by_id_else_by_name(tmp_path: Path) -> None:
    path = table(tmp_path, "worker_id,name,office_phone\nW2,Bo,010-2222222\nW1,An,010-1111111\n")
    owners, said = read(path)
    assert {grid: one.office_phone for grid, one in owners.items()} == {
        "G-001": "010-1111111", "G-002": "010-2222222",
    }  # fmt: skip
    assert not said


def test_without_staff_in_the_plan_a_column_of_grids_is_needed(tmp_path: Path) -> None:
    with pytest.raises(gg.InputError, match="no column for grid_id"):
        read_owners(table(tmp_path, "name\nAn\n"), staff=STAFF[2:])


def test_a_column_of_grids_that_says_otherwise_is_told_and_the_plan_counts(
    tmp_path: Path,
) -> None:
    path = table(tmp_path, "worker_id,name,grid_id\nW1,An,G-002\nW2,Bo,G-001\nW9,Ed,G-004\n")
    owners, said = read(path)
    assert {grid: one.name for grid, one in owners.items()} == {
        "G-001": "An", "G-002": "Bo", "G-004": "Ed",
    }  # fmt: skip
    assert "2 rows name another grid than the plan" in said["owner-elsewhere"]
    assert "G-002 for G-001" in said["owner-elsewhere"]


def test_a_worker_whose_grid_the_plan_gave_away_is_told(tmp_path: Path) -> None:
    path = table(tmp_path, "worker_id,name,grid_id\nW1,An,\nW2,Bo,\nW9,Ed,G-001\n")
    owners, said = read(path)
    assert owners["G-001"].name == "An"
    assert "(row 4)" in said["owner-elsewhere"]
    assert "(row 4)" in said["worker-without-grid"]


def test_owners_without_a_row_are_shown_by_name_alone_and_told(tmp_path: Path) -> None:
    owners, said = read(table(tmp_path, "worker_id,name,phone\nW1,An,13800138000\n"))
    assert (owners["G-002"].name, owners["G-002"].phone) == ("Bo", "")
    assert "first: Bo, G-002" in said["owner-without-row"]


def test_two_rows_of_the_name_that_is_looked_for_are_a_fault(tmp_path: Path) -> None:
    path = table(tmp_path, "worker_id,name\nW1,An\nW2,Bo\nW3,Bo\n")
    with pytest.raises(gg.InputError, match="have a name that several rows bear"):
        read(path)


def test_an_id_that_now_bears_another_name_is_told(tmp_path: Path) -> None:
    owners, said = read(table(tmp_path, "worker_id,name\nW1,Zed\nW2,Bo\n"))
    assert owners["G-001"].name == "Zed"
    assert "(row 2)" in said["owner-renamed"]


def test_names_of_another_language_are_the_same_person(tmp_path: Path) -> None:
    path = table(tmp_path, "name,name_zh\nAn,安\nBo,博\n")
    owners, said = read(path, "zh")
    assert {grid: one.name for grid, one in owners.items()} == {"G-001": "安", "G-002": "博"}
    assert not said


def test_somebody_else_of_that_name_is_not_taken_for_the_owner(tmp_path: Path) -> None:
    owners, said = read(table(tmp_path, "worker_id,name,phone\nW7,An,13800138000\nW2,Bo,\n"))
    assert owners["G-001"].phone == ""
    assert "first: An, G-001" in said["owner-without-row"]
