"""gridgeo evaluate, publish and demo: what they tell of a plan that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.owners import read_owners
from gridgeo.plan_file import read_plan


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve equal blocks in a row: three grids of four."""
    folder = tmp_path_factory.mktemp("row")
    blocks = folder / "row.csv"
    rows = [f"B{i:02d},100,300,{500_000 + 60 * i},3000000\n" for i in range(12)]
    blocks.write_text("id,户数,人口,x,y\n" + "".join(rows), encoding="utf-8")
    done = run("partition", blocks, "-o", folder / "plan.gpkg", "--crs", "EPSG:4547")
    assert done.exit_code == 0, done.output
    assert "households from '户数'" in done.stdout
    return folder / "plan.gpkg"


def test_a_plan_as_written_is_sound(plan: Path) -> None:
    done = run("evaluate", plan)
    assert done.exit_code == 0, done.output
    assert "sound; every figure recomputed agrees." in done.stdout
    assert "G-003" in done.stdout


def test_json_is_all_that_stands_on_stdout(plan: Path) -> None:
    done = run("evaluate", plan, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["sound"], facts["grids"], facts["households"]) == (True, 3, 1200)


def test_an_altered_plan_is_unsound_and_ends_with_1(plan: Path, tmp_path: Path) -> None:
    import sqlite3

    altered = tmp_path / "altered.gpkg"
    altered.write_bytes(plan.read_bytes())
    file = sqlite3.connect(altered)
    file.execute("UPDATE plan SET objective = objective / 2")
    file.commit()
    file.close()
    done = run("evaluate", altered)
    assert done.exit_code == 1, done.output
    assert "unsound" in done.stdout
    assert run("evaluate", altered, "--json").exit_code == 1


@pytest.mark.parametrize("command", ["evaluate", "publish"])
def test_what_is_no_plan_ends_with_2_and_one_message(tmp_path: Path, command: str) -> None:
    other = tmp_path / "other.gpkg"
    other.write_text("not a plan")
    for path in (other, tmp_path / "none.gpkg"):
        words = [command, path] + (["-o", tmp_path / "site"] if command == "publish" else [])
        done = run(*words)
        assert done.exit_code == 2
        assert path.name in done.stderr
        assert "Traceback" not in done.output
    assert not (tmp_path / "site").exists()


def test_publish_tells_what_it_wrote(plan: Path, tmp_path: Path) -> None:
    owners = tmp_path / "workers.csv"
    owners.write_text("grid_id,name,consent\nG-001,Lin Mei,yes\n", encoding="utf-8")
    site = tmp_path / "new" / "site"
    done = run(
        "publish", plan, "-o", site, "--owners", owners, "--title", "A row of blocks", "--no-print"
    )
    assert done.exit_code == 0, done.output
    for name in ("index.html", "grids.geojson", "buildings.geojson", "grids.csv"):
        assert f"Wrote {site / name}\n" in done.stdout
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "A row of blocks" in page
    assert "Lin Mei" in page
    assert "2 of 3 grids have no owner" in done.stdout
    assert "Lin Mei" in (site / "grids" / "G-001.html").read_text(encoding="utf-8")


def test_every_choice_that_is_none_is_told_at_once_and_nothing_written(
    plan: Path, tmp_path: Path
) -> None:
    words = ["--lang", "xx", "--counts", "all", "--paper", "B4", "--per", "person"]
    words += ["--base-url", "example.org", "--previous", tmp_path / "nowhere"]
    done = run("publish", plan, "-o", tmp_path / "site", *words)
    assert done.exit_code == 2
    for option in words[::2]:
        assert str(option) in done.stderr
    assert "6 faults" in done.stderr
    assert not (tmp_path / "site").exists()


def test_counts_are_published_only_where_they_are_asked_for(plan: Path, tmp_path: Path) -> None:
    bare, counted = tmp_path / "bare", tmp_path / "counted"
    assert run("publish", plan, "-o", bare, "--no-print").exit_code == 0
    assert (
        run("publish", plan, "-o", counted, "--counts", "suppressed", "--no-print").exit_code == 0
    )
    for path in [p for p in bare.rglob("*") if p.is_file() and p.name != "index.html"]:
        assert "household" not in path.read_text(encoding="utf-8").lower(), path
    assert "G-001,,yes,400,1200,," in (counted / "grids.csv").read_text(encoding="utf-8-sig")


def test_owners_that_cannot_be_used_end_with_2_and_write_nothing(
    plan: Path, tmp_path: Path
) -> None:
    done = run("publish", plan, "-o", tmp_path / "site", "--owners", tmp_path / "none.csv")
    assert done.exit_code == 2
    assert "none.csv: no such file" in done.stderr
    assert not (tmp_path / "site").exists()


def test_the_demo_refuses_a_folder_it_cannot_make(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("demo", "-o", tmp_path / "file")
    assert done.exit_code == 2
    assert "is not a folder" in done.stderr


@pytest.mark.timeout(200)
def test_the_demo_writes_plan_report_and_map_and_tells_what_to_open(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = run("demo", "-o", folder)
    facts = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert done.exit_code == (4 if facts["exit_status"] == 4 else 0), done.output
    assert len(read_plan(folder / "plan.gpkg").grid_ids) == 200
    grids = np.unique(read_plan(folder / "plan.gpkg").grid_ids).tolist()
    assert facts["grids"] == len(grids)
    workers = Path(__file__).resolve().parents[2] / "data" / "workers.csv"
    assert list(read_owners(workers)[0]) == grids  # so that the README's command names them all
    last = done.stdout.splitlines()[-1]
    assert last == f"Open {folder / 'site' / 'index.html'} in a browser; it works offline."
    assert (folder / "site" / "index.html").is_file()
