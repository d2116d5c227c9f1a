"""gridgeo partition: exit status, what is written, what is told, how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.plan_file import read_plan

HOSTILE = "[bold]x[/bold]"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def row_of_blocks(
    path: Path, count: int, *, households: int = 100, population: int = 300, ids: str = "B{:02d}"
) -> Path:
    """Blocks 60 m apart in one row, west to east: o-o-o-o-...-o."""
    lines = ["building_id,households,population,community,x,y"]
    lines += [
        f"{ids.format(i)},{households},{population},T,{500_000 + 60 * i},3000000"
        for i in range(count)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


CRS = ("--crs", "EPSG:4547")


def test_a_row_that_divides_evenly_is_proved_and_ends_with_0(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 12)
    plan, report = tmp_path / "plan.gpkg", tmp_path / "report.json"
    done = run("partition", blocks, "-o", plan, *CRS, "--report", report)
    assert done.exit_code == 0, done.output
    # three grids of four blocks: three blocks hold too few people, five too many households
    facts = json.loads(report.read_text(encoding="utf-8"))
    assert (facts["status"], facts["exit_status"]) == ("optimal", 0)
    assert (facts["grids"], facts["in_band"], facts["seed"]) == (3, 3, 0)
    assert facts["gap"] == pytest.approx(0.0, abs=1e-6)
    # four points 60 m apart of 100 households: 100 * 60^2 * (2.25 + 0.25) * 2, three times
    assert facts["objective"] == pytest.approx(3 * 1.8)
    assert [row["grid_id"] for row in facts["grids_table"]] == ["T-001", "T-002", "T-003"]
    assert [row["buildings"] for row in facts["grids_table"]] == [4, 4, 4]
    (one,) = facts["communities"]
    assert {
        "community", "status", "objective", "terms", "bound", "gap", "violation", "violation_bound",
        "max_span_m", "seconds", "grids", "in_band", "covers", "stopped",
    } == set(one)  # fmt: skip
    assert (
        sorted(read_plan(plan).grid_ids.tolist()) == ["T-001"] * 4 + ["T-002"] * 4 + ["T-003"] * 4
    )
    assert "households from 'households'" in done.stdout
    assert "Proved: every grid is in band and no plan is more compact" in done.stdout
    assert f"Wrote {plan}\nWrote {report}\n" in done.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.gpkg", "report.json", "row.csv"]


def test_flats_of_one_person_are_proved_impossible_and_end_with_3(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 8, population=100)
    plan, report = tmp_path / "plan.gpkg", tmp_path / "report.json"
    done = run("partition", blocks, "-o", plan, *CRS, "--report", report)
    assert done.exit_code == 3, done.output
    facts = json.loads(report.read_text(encoding="utf-8"))
    assert facts["exit_status"] == 3
    assert facts["in_band"] < facts["grids"]
    (one,) = facts["communities"]
    assert one["violation"] == one["violation_bound"] > 0
    assert plan.is_file()
    assert "Proved: no plan can meet the bands" in done.stdout
    assert "out of band" in done.stdout
    for row in facts["grids_table"]:
        assert row["in_band"] or f"{row['grid_id']} is out of band: {row['reasons']}" in done.stdout


def test_without_time_what_there_is_is_written_and_ends_with_4(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 8, population=100)
    plan, report = tmp_path / "plan.gpkg", tmp_path / "report.json"
    done = run("partition", blocks, "-o", plan, *CRS, "--report", report, "--time-limit", "0")
    facts = json.loads(report.read_text(encoding="utf-8"))
    (one,) = facts["communities"]
    assert one["violation"] > one["violation_bound"]
    assert (done.exit_code, facts["exit_status"]) == (4, 4), done.output
    assert len(read_plan(plan).grid_ids) == 8
    assert "Time ran out." in done.stdout


def test_every_fault_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    blocks = tmp_path / "row.csv"
    blocks.write_text("building_id,population,x,y\nB1,-3,500000,3000000\n", encoding="utf-8")
    done = run(
        "partition", blocks, "-o", tmp_path / "plan.gpkg", *CRS,
        "--households", "500:300", "--population", "many", "--time-limit", "-1", "--seed", "x",
        "--max-span", "0", "--reach", "-5", "--column", "population", "--column", "houses=HH",
        "--boundary", tmp_path / "none.gpkg", "--report", tmp_path / "no" / "report.json",
    )  # fmt: skip
    assert done.exit_code == 2
    assert done.stdout == ""
    for told in (
        "--households 500:300", "--population many", "--time-limit -1", "--seed x",
        "--max-span 0", "--reach -5", "--column population", "houses", "none.gpkg: no such file",
        "--report", "households", "a negative number in 'population'",
    ):  # fmt: skip
        assert told in done.stderr, told
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["row.csv"]


def test_a_file_without_households_is_one_clear_message(tmp_path: Path) -> None:
    blocks = tmp_path / "row.csv"
    blocks.write_text("building_id,population,x,y\nB1,3,500000,3000000\n", encoding="utf-8")
    done = run("partition", blocks, "-o", tmp_path / "plan.gpkg", *CRS)
    assert done.exit_code == 2
    assert done.stderr.startswith("1 fault in the input; nothing was written:")
    assert "households" in done.stderr
    assert not (tmp_path / "plan.gpkg").exists()


def test_a_plan_that_was_there_stays_when_the_input_is_bad(tmp_path: Path) -> None:
    plan = tmp_path / "plan.gpkg"
    assert run("partition", row_of_blocks(tmp_path / "a.csv", 4), "-o", plan, *CRS).exit_code == 0
    before = plan.read_bytes()
    assert run("partition", tmp_path / "none.csv", "-o", plan, *CRS).exit_code == 2
    assert plan.read_bytes() == before


def test_words_of_the_data_are_shown_as_they_are(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 2, ids="[/x]{}", households=900)
    text = blocks.read_text(encoding="utf-8").replace(",T,", f",{HOSTILE},")
    blocks.write_text(text, encoding="utf-8")
    done = run("partition", blocks, "-o", tmp_path / "p.gpkg", *CRS, "--community", "community")
    assert done.exit_code == 3, done.output
    assert f"{HOSTILE}-001 is out of band" in done.stdout
    assert "building [/x]0 is larger than a grid may be" in done.stdout
    assert f"{HOSTILE}: improve" in done.stderr or f"{HOSTILE}: " in done.stderr


def test_progress_without_a_terminal_is_plain_lines_on_stderr(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 12)
    done = run("partition", blocks, "-o", tmp_path / "plan.gpkg", *CRS)
    lines = done.stderr.splitlines()
    assert lines[0] == "Building the territory of 12 buildings"
    assert any("best" in line and line.startswith("T: ") for line in lines)
    assert "\x1b" not in done.output


def test_many_grids_are_told_as_a_summary_and_those_out_of_band(tmp_path: Path) -> None:
    lines = ["building_id,households,population,street,x,y"]
    for i in range(45):
        people = 100 if i == 7 else 1200
        lines.append(f"B{i:02d},400,{people},S{i:02d},{500_000 + 60 * i},3000000")
    blocks = tmp_path / "row.csv"
    blocks.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("partition", blocks, "-o", tmp_path / "plan.gpkg", *CRS, "--community", "street")
    assert done.exit_code == 3, done.output
    assert "Grids out of band:" in done.stdout
    assert "S07-001 is out of band: 100 people, 900 under 1,000" in done.stdout
    assert "S08-001" not in done.stdout
    assert "In 44 of 45 communities it is proved that every grid is in band" in done.stdout


SLOW_TOWN_S = 120


@pytest.mark.skipif(os.name == "nt", reason="SIGINT is sent otherwise on Windows")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_the_best_plan_and_a_second_one_aborts(tmp_path: Path, times: int) -> None:
    """A grid of 16 x 16 uneven blocks: far more work than the moment it is given."""
    lines = ["building_id,households,population,x,y"]
    for i in range(256):
        households = 20 + (i * 37) % 90
        x, y = 500_000 + 60 * (i % 16) + (i * 7) % 11, 3_000_000 + 60 * (i // 16) + (i * 5) % 13
        lines.append(f"B{i:03d},{households},{households * 3 - i % 17},{x},{y}")
    blocks, plan = tmp_path / "town.csv", tmp_path / "plan.gpkg"
    blocks.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code = "from gridgeo.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "partition", blocks, "-o", plan, *CRS, "--time-limit", "600"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as job:  # fmt: skip
        assert job.stderr is not None
        for line in job.stderr:
            if line.startswith("G: "):
                break
        job.send_signal(signal.SIGINT)
        if times == 2:
            for line in job.stderr:
                if line.startswith("Stopping"):
                    break
            job.send_signal(signal.SIGINT)
        began_s = time.monotonic()
        out, err = job.communicate(timeout=SLOW_TOWN_S)
    if times == 2:
        assert job.returncode == 130, err
        assert "Aborted." in err
        assert time.monotonic() - began_s < 20
        assert [p.name for p in tmp_path.iterdir()] == ["town.csv"]
        return
    assert job.returncode in {0, 4}, err
    assert "Stopped by hand." in out
    # libraries in C write past Python's stdout: only a process of its own shows it
    assert out.startswith("Columns used: ")
    assert "HiGHS" not in out
    assert len(read_plan(plan).grid_ids) == 256
