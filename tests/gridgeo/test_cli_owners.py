"""gridgeo owners: pairs and reasons in the terminal, staff in the plan, exit statuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from small_plans import block_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.plan_file import read_plan

TEXT = "worker_id,name,home\nW1,An,B08\nW2,Bo,B03\nW3,Cy,B00\nW4,Di,B05\nW5,Eve,B11\n"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return block_plan().save(tmp_path / "plan.gpkg")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_pairs_reasons_idle_volunteers_and_the_proof_are_told(plan: Path, tmp_path: Path) -> None:
    workers = write(tmp_path / "w.csv", TEXT)
    helpers = write(tmp_path / "v.csv", "name,role,building\nVi,信息员,B00\n")
    out, report = tmp_path / "new.gpkg", tmp_path / "r.json"
    done = run(
        "owners", plan, workers, "-o", out, "--volunteers", helpers, "--report", report,
        "--date", "2026-02-03",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    row = next(line for line in lines if line.startswith("G-001"))
    assert re.split(r"  +", row)[:4] == ["G-001", "30", "An (W1)", "0.10"]
    assert "lives 0.1 km away" in row
    assert "1 without a grid:" in lines
    assert any(line.startswith("Eve (W5)  comes nearest in G-002") for line in lines)
    assert "G-003  information officer  Vi" in lines
    assert any("Proved: no other choice costs fewer points" in line for line in lines)
    staff = read_plan(out).record.staff
    assert [(one.grid_id, one.name, one.role, one.since) for one in staff] == [
        ("G-001", "An", "owner", "2026-02-03"),
        ("G-002", "Bo", "owner", "2026-02-03"),
        ("G-003", "Cy", "owner", "2026-02-03"),
        ("G-004", "Di", "owner", "2026-02-03"),
        ("G-003", "Vi", "information officer", "2026-02-03"),
    ]
    assert [version.action for version in read_plan(out).record.versions] == ["owners"]
    facts = json.loads(report.read_text(encoding="utf-8"))
    assert facts["grids"][0]["way_km"] == pytest.approx(0.1)
    again = tmp_path / "again.gpkg"
    run("owners", plan, workers, "-o", again, "--volunteers", helpers, "--date", "2026-02-03")
    assert again.read_bytes() == out.read_bytes()
    sound = run("evaluate", out)
    assert sound.exit_code == 0, sound.output


def test_a_grid_without_an_owner_ends_with_1_and_the_plan_is_written(
    plan: Path, tmp_path: Path
) -> None:
    done = run("owners", plan, write(tmp_path / "w.csv", "name\nAn\n"), "-o", tmp_path / "n.gpkg")
    assert done.exit_code == 1, done.output
    assert "3 grids stay without an owner" in done.stdout
    assert (tmp_path / "n.gpkg").exists()


def test_faults_of_arguments_and_tables_come_together_and_nothing_is_written(
    plan: Path, tmp_path: Path
) -> None:
    workers = write(tmp_path / "w.csv", "name,capacity\nAn,lots\n")
    helpers = write(tmp_path / "v.csv", "name,role\nVi,boss\n")
    out = tmp_path / "n.gpkg"
    done = run(
        "owners", plan, workers, "-o", out, "--volunteers", helpers, "--weights", "far=1",
        "--date", "soon", "--today", "gone", "--solver", "abacus",
    )  # fmt: skip
    assert done.exit_code == 2
    assert not out.exists()
    for part in (
        "'far=1' is not one of near=", "--date soon", "--solver abacus", "no amount",
        "no column 'gone'", "neither information officer nor supervisor", "nothing was written",
    ):  # fmt: skip
        assert part in done.output, part
    assert done.output.count("--solver abacus") == 1


def test_the_plan_that_is_read_is_not_overwritten(plan: Path, tmp_path: Path) -> None:
    before = plan.read_bytes()
    done = run("owners", plan, write(tmp_path / "w.csv", TEXT), "-o", plan)
    assert done.exit_code == 2
    assert "this run has another use for it" in done.output
    assert plan.read_bytes() == before


def test_a_staffed_plan_is_published_with_a_table_without_grids(plan: Path, tmp_path: Path) -> None:
    workers = write(
        tmp_path / "w.csv", TEXT.replace("home\n", "home,office_phone\n").replace(
            "B08\n", "B08,010-5550101\n").replace("B03\n", "B03,\n").replace("B00\n", "B00,\n")
        .replace("B05\n", "B05,\n").replace("B11\n", "B11,\n")
    )  # fmt: skip
    out, site = tmp_path / "n.gpkg", tmp_path / "site"
    assert run("owners", plan, workers, "-o", out).exit_code == 0
    done = run("publish", out, "-o", site, "--owners", workers, "--no-print")
    assert done.exit_code == 0, done.output
    page = (site / "grids" / "G-001.html").read_text(encoding="utf-8")
    assert "An" in page
    assert "010-5550101" in page
