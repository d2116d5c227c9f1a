"""gridgeo compare: what it tells, what it writes for the office, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from divided_twice import divided, owned
from typer.testing import CliRunner

from gridgeo.cli import app

FILES = {"README.txt", "moves.csv", "compare.json", "compare.html", "handover.pdf"}


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Three rows of four, and the same with one house given from the south to the middle."""
    folder = tmp_path_factory.mktemp("twice")
    before = owned(divided("aaaabbbbcccc"), {"G-a": "Lin Mei", "G-b": "Wang Qiang"})
    after = owned(divided("aaabbbbbcccc"), {"G-a": "Lin Mei", "G-b": "Wang Qiang"})
    return before.save(folder / "a.gpkg"), after.save(folder / "b.gpkg")


def test_compare_tells_what_moves_from_whom_to_whom(plans) -> None:
    done = run("compare", *plans)
    assert done.exit_code == 0, done.output
    assert "1 of 12 buildings moves to another grid: 10 of 120 households (8.33%)." in done.stdout
    assert "10 households get another owner." in done.stdout
    flow = next(line for line in done.stdout.splitlines() if "Lin Mei" in line)
    assert flow.split() == ["G-a", "Lin", "Mei", "G-b", "Wang", "Qiang", "1", "10"]
    assert "Wrote" not in done.stdout


def test_a_plan_beside_itself_says_that_nothing_changes(plans, tmp_path: Path) -> None:
    done = run("compare", plans[0], plans[0], "-o", tmp_path / "same")
    assert done.exit_code == 0, done.output
    assert "Nothing changes" in done.stdout
    assert {path.name for path in (tmp_path / "same").iterdir()} == FILES - {"handover.pdf"}
    assert json.loads((tmp_path / "same" / "compare.json").read_text("utf-8"))["same"] is True


def test_the_files_say_the_same_and_are_marked_as_internal(plans, tmp_path: Path) -> None:
    done = run("compare", *plans, "-o", tmp_path)
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == FILES
    raw = (tmp_path / "moves.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    facts = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    assert [list(row.values()) for row in rows] == [
        ["B03", "G-a", "G-b", "Lin Mei", "Wang Qiang", "10"]
    ]
    assert facts["moves"] == [{**rows[0], "households": 10}]
    assert "INTERNAL" in (tmp_path / "README.txt").read_text("utf-8")
    assert "Internal, not for display" in (tmp_path / "compare.html").read_text("utf-8")


def test_the_same_plans_give_the_same_bytes_and_old_sheets_go(plans, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        assert run("compare", *plans, "-o", folder, "--date", "2026-03-01").exit_code == 0
    one, two = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert one == two
    (tmp_path / "one" / "notes.txt").write_text("mine", encoding="utf-8")
    assert run("compare", plans[0], plans[0], "-o", tmp_path / "one").exit_code == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == (
        FILES - {"handover.pdf"} | {"notes.txt"}
    )


def test_json_is_all_that_stands_on_stdout(plans) -> None:
    done = run("compare", *plans, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["households_moved"] == 10


def test_sheets_and_map_speak_chinese(plans, tmp_path: Path) -> None:
    assert run("compare", *plans, "-o", tmp_path, "--lang", "zh").exit_code == 0
    page = (tmp_path / "compare.html").read_text("utf-8")
    assert '<html lang="zh">' in page
    assert "内部资料，请勿张贴" in page
    assert "内部资料" in (tmp_path / "README.txt").read_text("utf-8")


def test_every_fault_is_told_at_once_and_nothing_is_written(plans, tmp_path: Path) -> None:
    other = tmp_path / "other.gpkg"
    other.write_text("not a plan")
    done = run("compare", other, tmp_path / "none.gpkg", "-o", tmp_path / "diff", "--lang", "xx",
               "--date", "soon")  # fmt: skip
    assert done.exit_code == 2
    for word in ("4 faults", "other.gpkg", "none.gpkg", "--lang xx", "--date soon"):
        assert word in done.stderr
    assert not (tmp_path / "diff").exists()


def test_plans_of_other_buildings_end_with_2(plans, tmp_path: Path) -> None:
    blocks = tmp_path / "row.csv"
    rows = [f"R{i:02d},100,300,{500_000 + 60 * i},3000000\n" for i in range(4)]
    blocks.write_text("id,户数,人口,x,y\n" + "".join(rows), encoding="utf-8")
    assert run("partition", blocks, "-o", tmp_path / "p.gpkg", "--crs", "EPSG:4547").exit_code == 0
    done = run("compare", plans[0], tmp_path / "p.gpkg", "-o", tmp_path / "diff")
    assert done.exit_code == 2
    assert "none of its 12 buildings is here" in done.stderr
    assert not (tmp_path / "diff").exists()


def test_what_is_internal_is_not_written_where_the_public_reads(plans, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert run("publish", plans[0], "-o", site, "--no-print").exit_code == 0
    before = sorted(site.rglob("*"))
    for folder in (site, site / "diff"):
        done = run("compare", *plans, "-o", folder)
        assert done.exit_code == 2
        assert "is published, and a comparison is for the office" in done.stderr
    assert sorted(site.rglob("*")) == before


def test_what_is_public_is_not_written_where_a_comparison_lies(plans, tmp_path: Path) -> None:
    assert run("compare", *plans, "-o", tmp_path).exit_code == 0
    done = run("publish", plans[0], "-o", tmp_path, "--no-print")
    assert done.exit_code == 2
    assert "which is for the office" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_a_name_that_is_a_formula_stays_text(tmp_path: Path) -> None:
    names = {"G-a": "=HYPERLINK(1)", "G-b": "+1"}
    a, b = (owned(divided(text), names) for text in ("aaaabbbbcccc", "aaabbbbbcccc"))
    paths = a.save(tmp_path / "a.gpkg"), b.save(tmp_path / "b.gpkg")
    assert run("compare", *paths, "-o", tmp_path / "diff").exit_code == 0
    row = (tmp_path / "diff" / "moves.csv").read_text("utf-8-sig").splitlines()[1]
    assert row == "B03,G-a,G-b,'=HYPERLINK(1),'+1,10"


def test_very_many_flows_are_told_in_part_and_so_it_is_said(monkeypatch) -> None:
    from gridgeo import changes_told
    from gridgeo.compare import compare

    told = compare(divided("aaaabbbbcccc"), divided("abcdbcdacdab"))
    monkeypatch.setattr(changes_told, "MOST_TOLD", 3)
    table = changes_told.flow_table(told)
    assert len(told.flows) > 3
    assert len(table.rows) == 3
    assert f"the first 3 of {len(told.flows)}" in table.title
