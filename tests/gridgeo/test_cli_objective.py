"""gridgeo partition: what is minimised, which solver finishes, and from which plan to start."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pulp
import pytest
from small_plans import block_plan
from test_cli_partition import CRS, row_of_blocks, run

from gridgeo.earlier_plan import heaviest_of, start_labels
from gridgeo.errors import InputError
from gridgeo.plan_file import read_plan
from gridgeo.solver_choice import chosen_solver


def row_with_columns(path: Path, count: int, **columns: str) -> Path:
    """Blocks in a row, with columns of numbers or words, one value for each block."""
    row_of_blocks(path, count)
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    values = [columns[name].split() for name in columns]
    lines = [",".join([line, *cells]) for line, *cells in zip(lines, *values, strict=True)]
    path.write_text("\n".join([",".join([head, *columns]), *lines]) + "\n", encoding="utf-8")
    return path


def test_a_weighed_plan_says_what_was_weighed(tmp_path: Path) -> None:
    blocks = row_with_columns(
        tmp_path / "row.csv", 9, elderly="0 0 0 0 0 0 0 0.5 9", court="a b b c c d d e e"
    )
    plan, report = tmp_path / "plan.gpkg", tmp_path / "report.json"
    done = run(
        "partition", blocks, "-o", plan, *CRS, "--report", report, "--population", "900:1500",
        "--weights", "border=0.5,quarter=2,balance=0.001", "--quarter", "court",
        "--workload", "households + 3*elderly", "--target", "330",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    facts = json.loads(report.read_text(encoding="utf-8"))
    assert facts["aim"] == {
        "weights": {"compactness": 1.0, "balance": 0.001, "border": 0.5, "quarter": 2.0},
        "workload": "households + 3*elderly",
        "target": 330.0,
        "compounds": "court",
    }
    terms = facts["terms"]
    assert terms == facts["communities"][0]["terms"]
    weights = facts["aim"]["weights"]
    assert facts["objective"] == pytest.approx(sum(weights[k] * terms[k] for k in terms))
    assert sum(row["workload"] for row in facts["grids_table"]) == 900 + 3 * 9.5
    assert sum(row["border_m"] for row in facts["grids_table"]) == pytest.approx(
        2 * terms["border"]
    )
    assert sum(row["cut_off"] for row in facts["grids_table"]) == 2 * terms["quarter"]
    assert "no plan has a lower objective" in done.stdout
    assert f"{terms['border']:,.0f} m of border that follow no street or river" in done.stdout
    assert "Workload" in done.stdout
    assert "lines" in done.stdout
    assert "Cut off" in done.stdout
    told = run("evaluate", plan)
    assert told.exit_code == 0, told.output
    assert "sound" in told.stdout
    assert "Cut off" in told.stdout


def test_every_fault_of_the_objective_is_told_with_the_others(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 4)
    done = run(
        "partition", blocks, "-o", tmp_path / "plan.gpkg", *CRS, "--weights", "colour=1",
        "--workload", "households + elderly", "--target", "much", "--quarter", "court",
        "--solver", "abacus", "--start", tmp_path / "none.gpkg", "--seed", "x",
    )  # fmt: skip
    assert done.exit_code == 2
    assert done.stderr.startswith("7 faults in the input; nothing was written:")
    for said in (
        "--weights colour=1: 'colour=1' is not one of compactness=, balance=, border=, quarter=",
        "--workload 'households + elderly': 'elderly' is not a column of the buildings",
        "--target much", "--quarter court: the buildings have no such column",
        "--solver abacus: is no solver that PuLP knows; available are: auto,",
        "--start", "none.gpkg: no such file", "--seed x",
    ):  # fmt: skip
        assert said in done.stderr, said
    assert "Traceback" not in done.stderr


def test_a_weight_on_compounds_needs_their_column(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 4)
    done = run("partition", blocks, "-o", tmp_path / "p.gpkg", *CRS, "--weights", "quarter=1")
    assert done.exit_code == 2
    assert "needs the column that names the compounds. Name it with --quarter" in done.stderr


def test_a_negative_workload_names_its_first_building(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 4)
    done = run("partition", blocks, "-o", tmp_path / "p.gpkg", *CRS, "--workload", "50-households")
    assert done.exit_code == 2
    assert "4 buildings have a negative workload (--workload 50-households) (first: B00)" in (
        done.stderr
    )


def test_solvers_are_found_by_their_usual_names_or_those_of_pulp() -> None:
    assert chosen_solver("auto") == chosen_solver("") == ""
    assert chosen_solver("highs") == chosen_solver(" HiGHS ") == "highs"
    for name in pulp.listSolvers(onlyAvailable=True):
        assert chosen_solver(name.upper()) in {name, "highs"}


def test_a_solver_that_is_not_there_is_told_with_those_that_are(monkeypatch) -> None:
    there = ["GLPK_CMD", "HiGHS"]
    every = ["GLPK_CMD", "PULP_CBC_CMD", "COIN_CMD", "HiGHS", "GUROBI"]
    monkeypatch.setattr(
        pulp, "listSolvers", lambda onlyAvailable=False: there if onlyAvailable else every
    )
    assert chosen_solver("glpk_cmd") == "GLPK_CMD"
    for name in ("cbc", "gurobi", "PULP_CBC_CMD"):
        with pytest.raises(InputError, match=rf"--solver {name}: is not installed here; available "
                           r"are: auto, highs, GLPK_CMD, HiGHS\. Name one of them"):  # fmt: skip
            chosen_solver(name)


def test_a_plan_can_start_from_an_earlier_one(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 12)
    first, second = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    assert run("partition", blocks, "-o", first, *CRS).exit_code == 0
    fewer = row_of_blocks(tmp_path / "fewer.csv", 8)
    with fewer.open("a", encoding="utf-8") as file:
        file.write("NEW,100,300,T,500500,3000000\n")
    done = run("partition", fewer, "-o", second, *CRS, "--start", first, "--population", "900:1500")
    assert done.exit_code == 0, done.output
    assert "1 building is not in the plan to start from (NEW)" in done.stdout
    assert "the plan to start from: 4 buildings are no longer there (first: B08)" in done.stdout
    assert len(read_plan(second).grid_ids) == 9
    done = run("partition", fewer, "-o", first, *CRS, "--start", first)
    assert done.exit_code == 2
    assert "this run has another use for it" in done.stderr


def test_a_start_is_the_same_buildings_by_id() -> None:
    plan = block_plan()
    labels, told = start_labels(plan.buildings, plan)
    assert [f"G-00{k + 1}" for k in labels] == plan.grid_ids.tolist()
    assert told == []
    other = block_plan()
    other.buildings.table["building_id"] = [f"X{k}" for k in range(12)]
    with pytest.raises(InputError, match="none of its buildings is here"):
        start_labels(plan.buildings, other)


def test_a_cluster_starts_where_most_of_its_households_were() -> None:
    labels = np.array([0, 1, 1, -1, 2, -1, 3, 2])
    cluster = np.array([0, 0, 0, 1, 2, 2, 3, 3])
    households = np.array([9, 3, 4, 5, 0, 7, 6, 6])
    assert heaviest_of(labels, cluster, households).tolist() == [0, -1, 2, 2]
    none = np.full(2, -1)
    assert heaviest_of(none, np.array([0, 1]), np.array([1, 1])).tolist() == [-1, -1]
