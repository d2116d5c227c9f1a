"""Volunteers of grids: by grid, building or place, of two roles, every fault told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_plans import block_plan

import gridgeo as gg
from gridgeo.grid_places import GridPlaces
from gridgeo.record import Staff
from gridgeo.volunteers import few_volunteers, read_volunteers

PLACES = GridPlaces.of_plan(block_plan())


def table(folder: Path, text: str) -> Path:
    path = folder / "volunteers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_grid_a_building_or_a_place_says_where(tmp_path: Path) -> None:
    text = (
        "name,role,kind,grid_id,building,x,y\n"
        "An,Information Officer,Property firm,G-002,,,\n"
        "Bo,supervisor,students,,b00,,\n"
        "Cy,information officer,,,,150,150\n"
    )
    found = read_volunteers(table(tmp_path, text), PLACES)
    assert found == (
        Staff("G-002", "An", role="information officer", kind="property firm"),
        Staff("G-003", "Bo", role="supervisor", kind="students"),
        Staff("G-004", "Cy", role="information officer"),
    )


def test_chinese_roles_and_kinds(tmp_path: Path) -> None:
    text = "姓名,角色,类别,网格编号\n李,信息员,楼道长,G-001\n王,网格监督员,离退休党员,G-001\n"
    li, wang = read_volunteers(table(tmp_path, text), PLACES)
    assert (li.role, li.kind) == ("information officer", "corridor leader")
    assert (wang.role, wang.kind) == ("supervisor", "retired member")


def test_a_name_of_buildings_in_two_grids_is_a_question_and_in_one_grid_none(
    tmp_path: Path,
) -> None:
    plan = block_plan()
    frame = plan.buildings.table.copy()
    frame["name"] = ["Mill"] * 2 + ["Lane"] * 2 + [""] * 8  # B00, B01 in G-003; B02, B03 not
    plan = replace(plan, buildings=replace(plan.buildings, table=frame))
    places = GridPlaces.of_plan(plan)
    path = table(tmp_path, "name,role,building\nAn,supervisor,Mill\n")
    assert read_volunteers(path, places)[0].grid_id == "G-003"
    with pytest.raises(gg.InputError, match="buildings of several grids are called"):
        read_volunteers(table(tmp_path, "name,role,building\nAn,supervisor,Lane\n"), places)
    text = "name,role,building,grid_id\nAn,supervisor,Lane,G-002\n"
    assert read_volunteers(table(tmp_path, text), places)[0].grid_id == "G-002"


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "volunteer_id,name,role,grid_id,building,x,y\n"
        "1,,supervisor,G-001,,,\n"
        "2,Bo,boss,G-001,,,\n"
        "3,Cy,supervisor,G-9,,,\n"
        "4,Di,supervisor,,B99,,\n"
        "5,Ed,supervisor,,,9000,9000\n"
        "6,Fa,supervisor,,,,\n"
        "7,Gu,supervisor,G-001,B00,,\n"
        "7,Ha,supervisor,G-001,,,\n"
        "8,Iv,supervisor,,,1,\n"
    )
    with pytest.raises(gg.InputError) as said:
        read_volunteers(table(tmp_path, text), PLACES)
    assert {finding.code: finding.first for finding in said.value.findings} == {
        "volunteer-without-name": "row 2",
        "role-unknown": "row 3",
        "grid-unknown": "row 4",
        "building-unknown": "row 5",
        "place-outside": "row 6",
        "volunteer-nowhere": "row 7",
        "places-differ": "row 8",
        "volunteer-twice": "row 8",
        "place-half": "row 10",
    }


def test_grids_without_are_told_by_role() -> None:
    found = few_volunteers((Staff("G-001", "An", role="supervisor"),), PLACES.grid_ids)
    assert [f.message for f in found] == [
        "4 grids have no information officer among the volunteers (first: G-001)",
        "3 grids have no supervisor among the volunteers (first: G-002)",
    ]
