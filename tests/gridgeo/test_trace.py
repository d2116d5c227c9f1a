"""Any grid's figures are led back to the rows of the file they came from."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from small_rosters import giant
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.evaluate import evaluate
from gridgeo.plan_file import read_plan
from gridgeo.sources import rows_of, rows_text, sources_of, sources_text
from gridgeo.territory import coverage_faults
from gridgeo.trace import trace

BANDS = ("--households", "300:500", "--population", "900:1500")


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("giant")
    buildings, roster = giant(folder)
    done = run("partition", buildings, "--roster", roster, "-o", folder / "plan.gpkg", *BANDS)
    assert done.exit_code == 0, done.output
    assert "split into 4 parts, one an entrance (B1)" in done.stdout
    assert "roster from 'roster.csv, one row a household'" in done.stdout
    return folder


def test_a_giant_of_1400_households_is_in_several_grids_all_in_band(town: Path) -> None:
    plan = read_plan(town / "plan.gpkg")
    card = evaluate(plan)
    assert card.sound, card.faults
    assert card.in_band == card.grids
    table = plan.buildings.table
    parts = (table["building"] == "B1").to_numpy()
    assert table.loc[parts, "entrance"].tolist() == ["1单元", "2单元", "3单元", "4单元"]
    assert len(set(plan.grid_ids[parts])) >= 3
    assert plan.buildings.households.sum() == 1400 + 8 * 45
    assert (table["registered"] + table["floating"]).tolist() == plan.buildings.population.tolist()
    assert coverage_faults(plan.territory.cells, plan.territory.area).none
    edges = {tuple(edge) for edge in plan.territory.edges.tolist()}
    rows = [int(row) for row in parts.nonzero()[0]]
    assert set(pairwise(rows)) <= edges


def test_the_workload_may_count_floating_persons(town: Path, tmp_path: Path) -> None:
    done = run(
        "partition", town / "buildings.gpkg", "--roster", town / "roster.csv",
        "-o", tmp_path / "plan.gpkg", *BANDS, "--weights", "balance=0.0001",
        "--workload", "households + 2*floating + elderly",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    card = evaluate(read_plan(tmp_path / "plan.gpkg"))
    assert card.sound, card.faults
    floating = 4 * 70 * 3
    assert card.table["workload"].sum() == 1760 + 2 * floating + 401 + 8 * 7


def test_the_same_files_give_the_same_bytes(town: Path, tmp_path: Path) -> None:
    again = tmp_path / "plan.gpkg"
    words = (town / "buildings.gpkg", "--roster", town / "roster.csv", "-o", again, *BANDS)
    assert run("partition", *words).exit_code == 0
    assert again.read_bytes() == (town / "plan.gpkg").read_bytes()


def test_the_plan_holds_nothing_of_the_households(town: Path) -> None:
    with closing(sqlite3.connect(town / "plan.gpkg")) as base:
        dump = "\n".join(base.iterdump())
    assert "roster.csv" in dump
    assert "H1-17" not in dump
    assert "KB3-9" not in dump
    assert str(town) not in dump


def test_a_grid_adds_up_from_the_rows_that_are_named(town: Path) -> None:
    plan = read_plan(town / "plan.gpkg")
    lines = (town / "roster.csv").read_text(encoding="utf-8-sig").splitlines()
    for grid in sorted(set(plan.grid_ids)):
        traced = trace(plan, grid, roster=str(town / "roster.csv"))
        assert traced.findings == ()
        rows = [row for building in traced.buildings for row in rows_of(building.rows)]
        assert len(rows) == len(set(rows)) == traced.households
        assert sum(int(lines[row - 1].split(",")[3]) for row in rows) == traced.population
        card = evaluate(plan).table.set_index("grid_id").loc[grid]
        assert (card["households"], card["population"]) == (traced.households, traced.population)


def test_the_trace_is_printed_for_people_and_for_programs(town: Path) -> None:
    plan = town / "plan.gpkg"
    done = run("evaluate", plan, "--trace", "G-001", "--roster", town / "roster.csv")
    assert done.exit_code == 0, done.output
    assert "Rows of roster.csv" in done.stdout
    assert "sha256" in done.stdout
    facts = json.loads(
        run("evaluate", plan, "--trace", "G-001", "--roster", town / "roster.csv", "--json").stdout
    )
    assert facts["sound"]
    traced = facts["trace"]
    assert traced["source"]["name"] == "roster.csv"
    assert traced["households"] == sum(b["households"] for b in traced["buildings"])
    assert traced["findings"] == []


def test_a_roster_that_changed_is_told_and_its_difference_a_fault(
    town: Path, tmp_path: Path
) -> None:
    lines = (town / "roster.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    moved = tmp_path / "moved.csv"
    moved.write_text("".join([lines[0], *lines[:0:-1]]), encoding="utf-8")
    plan = read_plan(town / "plan.gpkg")
    # the same rows in another order: another file, the same figures
    assert [f.code for f in trace(plan, roster=str(moved)).findings] == ["roster-other-file"]
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    done = run("evaluate", town / "plan.gpkg", "--roster", fewer)
    assert done.exit_code == 1, done.output
    assert "349 households and 1,047 people, not 350 and 1,050" in done.stdout
    assert "is not the file the plan was made of" in done.stdout
    mine = plan.grid_ids[plan.buildings.ids == "B1/1单元"][0]
    others = sorted(set(plan.grid_ids) - {mine})
    assert [f.code for f in trace(plan, mine, roster=str(fewer)).findings][-1] == "roster-differs"
    assert [f.code for f in trace(plan, others[0], roster=str(fewer)).findings] == [
        "roster-other-file"
    ]


def test_rows_of_another_roster_that_no_sum_holds_are_told(town: Path, tmp_path: Path) -> None:
    text = (town / "roster.csv").read_text(encoding="utf-8-sig")
    more = tmp_path / "more.csv"
    more.write_text(f"{text}H-new,B99,,3,\n", encoding="utf-8")
    found = {f.code: f for f in trace(read_plan(town / "plan.gpkg"), roster=str(more)).findings}
    assert found["roster-building-unknown"].severity == "warning"
    assert "'B99'" in found["roster-building-unknown"].message
    assert "--where" in found["roster-building-unknown"].fix
    more.write_text(f"{text}H-new,B2,,many,\n", encoding="utf-8")
    done = run("evaluate", town / "plan.gpkg", "--roster", more)
    assert done.exit_code == 1, done.output
    assert "something else than a number" in done.stdout


def test_a_roster_of_other_columns_is_refused_with_what_can_be_done(
    town: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("household,building\nH1,B2\n", encoding="utf-8")
    done = run("evaluate", town / "plan.gpkg", "--roster", other)
    assert done.exit_code == 2
    assert "no column 'persons'" in done.stderr
    assert "--column" not in done.stderr


def test_a_grid_that_is_not_there_and_a_roster_that_is_not_are_bad_input(town: Path) -> None:
    done = run("evaluate", town / "plan.gpkg", "--trace", "G-099")
    assert done.exit_code == 2
    assert "there is no such grid; grids there are: G-001, " in done.stderr
    done = run("evaluate", town / "plan.gpkg", "--roster", town / "none.csv")
    assert done.exit_code == 2
    assert "no such file" in done.stderr


def test_without_a_roster_the_rows_are_those_of_the_buildings(tmp_path: Path) -> None:
    path = tmp_path / "row.csv"
    lines = ["building_id,households,population,x,y"]
    lines += [f"B{i},100,300,{500_000 + 60 * i},3000000" for i in (3, 2, 1, 0)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = tmp_path / "plan.gpkg"
    assert run("partition", path, "-o", plan, "--crs", "EPSG:4547").exit_code == 0
    traced = trace(read_plan(plan), "G-001")
    assert traced.source is not None
    assert (traced.source.role, traced.source.name) == ("buildings", "row.csv")
    assert [b.rows for b in traced.buildings] == ["5", "4", "3", "2"]
    done = run("evaluate", plan, "--trace", "G-001", "--roster", path)
    assert done.exit_code == 2
    assert "made without a roster" in done.stderr


def test_a_plan_of_before_there_were_traces_is_read_and_says_so(town: Path) -> None:
    from small_plans import block_plan

    traced = trace(block_plan(), "G-001")
    assert [f.code for f in traced.findings] == ["trace-without-rows"]
    assert traced.households == 30


def test_ranges_and_sources_come_back_as_they_were(town: Path) -> None:
    assert rows_text([40, 2, 3, 4]) == "2-4, 40"
    assert rows_of("2-4, 40") == [2, 3, 4, 40]
    assert rows_text([]) == ""
    assert rows_of("") == []
    plan = read_plan(town / "plan.gpkg")
    assert sources_of(sources_text(plan.sources)) == plan.sources
    assert sources_of(None) == ()
