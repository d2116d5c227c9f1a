"""gridgeo code: what it writes, what it keeps, and every fault of its words at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_plans import block_plan, execute, street_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.schemes import known_schemes

P = "110101001001"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write_plan(block_plan(), tmp_path / "plan.gpkg")


@pytest.fixture
def street(tmp_path: Path) -> Path:
    return write_plan(street_plan({"code": [P] * 3 + ["110101001002"] * 3}), tmp_path / "s.gpkg")


def test_a_plan_is_coded_in_place_and_once(plan: Path) -> None:
    done = run("code", plan, "--scheme", "db11t2157", "--prefix", P, "--date", "2026-03-01",
               "--person", "陈", "--reason", "new standard")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (
        f"G (county 110101, street 001, community 001): 4 grids, 4 coded now: {P}001 to {P}004."
        in done.stdout
    )
    assert "Check the standard before claiming conformity." in done.stdout
    held = read_plan(plan)
    (version,) = held.record.versions
    assert (version.made, version.person, version.reason) == ("2026-03-01", "陈", "new standard")
    before = plan.read_bytes()
    again = run("code", plan, "--scheme", "db11t2157")
    assert again.exit_code == 0, again.output
    assert "Every grid bears a code of db11t2157 already." in again.stdout
    assert plan.read_bytes() == before
    assert not [p for p in plan.parent.iterdir() if p != plan]


def test_the_old_file_stays_where_another_is_written(plan: Path, tmp_path: Path) -> None:
    before = plan.read_bytes()
    done = run("code", plan, "--scheme", "gbt30428", "--prefix", P, "-o", tmp_path / "new.gpkg")
    assert done.exit_code == 0, done.output
    assert "Not sure: the whole form, which is told from memory." in done.stdout
    assert plan.read_bytes() == before
    assert read_plan(tmp_path / "new.gpkg").grid_ids[0].startswith(P)
    assert run("evaluate", tmp_path / "new.gpkg").exit_code == 0


@pytest.mark.parametrize("source", ["options", "table", "column", "parts"])
def test_prefixes_come_from_options_tables_and_columns(street: Path, tmp_path, source) -> None:
    table = tmp_path / "prefixes.csv"
    table.write_text(f"社区,代码\n1,{P}\nE,110101001002\n别处,110101001009\n", encoding="utf-8")
    words = {
        "options": ["--prefix", f"1={P}", "--prefix", "E=110101-001-002"],
        "table": ["--prefixes", table],
        "column": ["--prefix-column", "code"],
        "parts": ["--prefix", "1=001", "--prefix", "E=002", "--part", "county=110101",
                  "--part", "street=001"],
    }[source]  # fmt: skip
    done = run("code", street, "--scheme", "db11t2157", *words)
    assert done.exit_code == 0, done.output
    ids = sorted(set(read_plan(street).grid_ids))
    assert ids == [f"{P}001", f"{P}002", "110101001002001"]


def test_a_scheme_of_the_office_is_taken_from_its_file(plan: Path, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(
        '[scheme.ours]\nparts = [{ name = "district", digits = 2 }]\nseparator = "-"\n'
        "sequence = { digits = 2, first = 11 }\n"
    )
    done = run("code", plan, "--scheme-file", file, "--prefix", "07")
    assert done.exit_code == 0, done.output
    assert sorted(set(read_plan(plan).grid_ids)) == ["07-11", "07-12", "07-13", "07-14"]


def test_every_fault_of_the_words_is_told_at_once(plan: Path, tmp_path: Path) -> None:
    done = run("code", plan, "--scheme", "db11t2175", "--prefix", "G=1", "--prefix", "G=2",
               "--prefix", "=3", "--part", "x", "--prefixes", tmp_path / "none.csv",
               "--prefix-column", "c", "--date", "soon", "-o", tmp_path / "no.txt")  # fmt: skip
    assert done.exit_code == 2
    for said in ("did you mean 'db11t2157'", "gives G twice", "=3: not a pair", "x: not a pair",
                 "no such file", "both --prefixes and", "not a day", "suffix .gpkg"):  # fmt: skip
        assert said in done.stderr, said
    assert "nothing was written" in done.stderr


def test_a_code_that_was_given_is_not_changed_unless_afresh(plan: Path) -> None:
    assert run("code", plan, "--scheme", "db11t2157", "--prefix", P).exit_code == 0
    before = plan.read_bytes()
    other = ("code", plan, "--scheme", "db11t2157", "--prefix", "110101001002")
    refused = run(*other)
    assert refused.exit_code == 2
    assert "4 grids bear codes of db11t2157" in refused.stderr
    assert run(*other, "--afresh").exit_code == 2
    assert plan.read_bytes() == before
    done = run(*other, "--afresh", "--reason", "moved")
    assert done.exit_code == 0, done.output
    assert "8 ids are retired in all" in done.stdout


def test_a_plan_of_before_there_was_a_record_can_be_coded(plan: Path) -> None:
    assert "history" not in [
        name for (name,) in execute(plan, "select table_name from gpkg_contents")
    ]
    assert run("code", plan, "--scheme", "db11t2157", "--prefix", P).exit_code == 0
    codes = execute(plan, "select code, scheme, predecessors from codes where ended = ''")
    assert codes[0] == (f"{P}001", "db11t2157", json.dumps(["G-001"]))


@pytest.mark.parametrize("damage", [b"", b"not a plan"])
def test_what_is_no_plan_is_refused(tmp_path: Path, damage) -> None:
    path = tmp_path / "plan.gpkg"
    path.write_bytes(damage)
    done = run("code", path, "--scheme", "db11t2157", "--prefix", P)
    assert done.exit_code == 2
    assert path.read_bytes() == damage


def test_the_help_names_every_scheme_and_says_to_check_the_standard() -> None:
    told = " ".join(run("code", "--help").stdout.split())
    assert all(name in told for name in known_schemes())
    assert "check the standard before claiming conformity" in told
