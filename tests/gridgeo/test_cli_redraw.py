"""gridgeo redraw: the old plan in any form, exit status, what is written and told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.evaluate import evaluate_file
from gridgeo.plan_file import read_plan

CRS = ("--crs", "EPSG:4547")
# The first three blocks are too much for one grid by now: the third moves to the other one.
GROWN = [200, 200, 100, 100, 60, 80, *[100] * 6]


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def row(path: Path, households: list[int]) -> Path:
    """Blocks 60 m apart in one row; three people a household."""
    lines = ["building_id,households,population,quarter,x,y"]
    lines += [
        f"B{i:02d},{number},{3 * number},{'NS'[i < 6]},{500_000 + 60 * i},3000000"
        for i, number in enumerate(households)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    done = run(
        "partition", row(folder / "old.csv", [100] * 12), "-o", folder / "old.gpkg", *CRS,
        "--households", "300:450", "--population", "900:1350", "--community", "quarter",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return folder / "old.gpkg"


def test_a_plan_is_redrawn_by_its_own_rules(old, tmp_path):
    now = row(tmp_path / "now.csv", GROWN)
    done = run(
        "redraw", old, now, "-o", tmp_path / "new.gpkg", *CRS, "--report", tmp_path / "r.json",
        "--date", "2026-03-01", "--reason", "a year later",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    plan = read_plan(tmp_path / "new.gpkg")
    assert plan.limits.households.high == 450
    assert {r.community for r in plan.results} == {"N", "S"}
    assert evaluate_file(tmp_path / "new.gpkg").sound
    facts = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert facts["moved"] == sum(r.moved for r in plan.results)
    assert "change owner" in done.stdout
    version = plan.record.versions[-1]
    assert (version.action, version.made, version.reason) == (
        "redraw",
        "2026-03-01",
        "a year later",
    )
    with closing(sqlite3.connect(tmp_path / "new.gpkg")) as base:
        tables = {name for (name,) in base.execute("select table_name from gpkg_contents")}
    assert {"history", "codes"} <= tables


def test_the_same_redraw_gives_the_same_bytes(old, tmp_path):
    now = row(tmp_path / "now.csv", GROWN)
    for name in ("a", "b"):
        words = ("redraw", old, now, "-o", tmp_path / f"{name}.gpkg", *CRS, "--date", "2026-03-01")
        assert run(*words).exit_code == 0
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_a_table_of_buildings_and_grids_will_do(tmp_path):
    now = row(tmp_path / "now.csv", [100] * 12)
    table = tmp_path / "grids.csv"
    lines = [f"B{i:02d},Mill {i // 4 + 1}" for i in range(12)]
    table.write_text("building_id,grid\n" + "\n".join(lines) + "\n", encoding="utf-8")
    done = run("redraw", table, now, "-o", tmp_path / "new.gpkg", *CRS)
    assert done.exit_code == 0, done.stderr
    plan = read_plan(tmp_path / "new.gpkg")
    assert set(plan.grid_ids) == {"Mill 1", "Mill 2", "Mill 3"}
    assert sum(r.moved for r in plan.results) == 0


def test_every_fault_of_every_file_is_told_at_once(old, tmp_path):
    now = row(tmp_path / "now.csv", [100] * 12)
    locks = tmp_path / "locks.csv"
    locks.write_text("lock,a,b\nglue,1,2\n", encoding="utf-8")
    done = run(
        "redraw", old, now, "-o", tmp_path / "new.gpkg", *CRS, "--locks", locks,
        "--max-moved", "many", "--date", "soon",
    )  # fmt: skip
    assert done.exit_code == 2
    assert "3 faults in the input; nothing was written" in done.stderr
    for word in ("glue", "--max-moved many", "--date soon"):
        assert word in done.stderr
    assert not (tmp_path / "new.gpkg").exists()
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("building_id,grid\nX1,1\n", encoding="utf-8")
    done = run("redraw", foreign, now, "-o", tmp_path / "new.gpkg", *CRS)
    assert done.exit_code == 2
    assert "is here, to judge by id" in done.stderr


def test_a_cap_and_a_price_list_from_the_command_line(old, tmp_path):
    now = row(tmp_path / "now.csv", GROWN)
    done = run(
        "redraw", old, now, "-o", tmp_path / "new.gpkg", *CRS, "--max-moved", "0%",
        "--curve", tmp_path / "prices",
    )  # fmt: skip
    assert done.exit_code == 4, done.stderr
    assert sum(r.moved for r in read_plan(tmp_path / "new.gpkg").results) == 0
    assert "moving 100 brings it to 0.000" in " ".join(done.stdout.split())
    lines = (tmp_path / "prices" / "price_list.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("moved,moved_percent,violation")
    for line in lines[1:]:
        assert evaluate_file(tmp_path / "prices" / line.rpartition(",")[2]).sound
    assert (tmp_path / "prices" / "price_list.png").read_bytes()[:4] == b"\x89PNG"
    assert "Households moved" in done.stdout


def test_stopped_at_once_it_still_writes_a_plan(old, tmp_path):
    now = row(tmp_path / "now.csv", GROWN)
    done = run("redraw", old, now, "-o", tmp_path / "new.gpkg", *CRS, "--time-limit", "0")
    assert done.exit_code in (0, 4), done.stderr
    assert evaluate_file(tmp_path / "new.gpkg").sound
