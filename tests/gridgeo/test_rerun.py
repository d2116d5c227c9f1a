"""A plan run again from its own file: the same bytes, or it is said why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_towns import board
from small_plans import execute, street_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.coding import code_plan
from gridgeo.errors import InputError
from gridgeo.limits import Rule
from gridgeo.lineage import plan_digest
from gridgeo.model import Band, LimitBook, Limits, Objective
from gridgeo.partition import partition
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.record import Record, Version
from gridgeo.rerun import rerun
from gridgeo.waivers import waive

LIMITS = Limits(Band(30, 50), Band(80, 160))
MASS = [[10, 12, 9, 11], [8, 10, 12, 10], [11, 9, 10, 13]]


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def drawn(tmp_path: Path, limits=LIMITS, columns=None, **asked) -> Path:
    town, land = board(MASS, **(columns or {}))
    asked = {"time_limit_s": None} | asked  # the first run compiles, which takes its time
    plan = partition(town, limits, territory=land, made="2026-01-05", **asked)
    return write_plan(plan, tmp_path / "plan.gpkg")


LANES = {"lane": ["AABB", "AACC", "DDCC"]}
KINDS = LimitBook(
    LIMITS, "kind", {"S": Rule(households=Band(8, 30), population=Band(20, 90))}, {}, {}
)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"seed": 5, "solver": "cbc"},
        {"columns": LANES, "whole": "lane"},
        {"columns": {"grid_id": LANES["lane"]}, "whole": "grid_id"},
        {"columns": {"kind": ["AAAA", "ASSA", "AAAA"]}, "limits": KINDS},
        {"objective": Objective(balance=0.01, border=0.01, workload="households")},
        {"columns": LANES, "objective": Objective(compounds="lane")},
        {"limits": replace(LIMITS, max_span_m=250.0)},
        {"limits": replace(LIMITS, households=Band(47, 50))},
    ],
    ids=["plain", "cbc", "whole", "renamed", "kinds", "weights", "quarter", "span", "infeasible"],
)  # fmt: skip
def test_a_plan_is_made_again_byte_for_byte_from_its_file(tmp_path, asked) -> None:
    path = drawn(tmp_path, **asked)
    found = rerun(read_plan(path))
    assert found.same
    assert found.told == ()
    assert found.digest == read_plan(path).record.versions[0].digest
    again = write_plan(found.plan, tmp_path / "again.gpkg")
    assert again.read_bytes() == path.read_bytes()


def test_edges_by_hand_are_kept(tmp_path: Path) -> None:
    edges = tmp_path / "edges.csv"
    edges.write_text("a,b,action,reason\nB03,B04,remove,a fence\nB00,B11,add,a ferry\n")
    blocks = tmp_path / "row.csv"
    rows = [f"B{i:02d},100,300,{500_000 + 60 * i},3000000\n" for i in range(12)]
    blocks.write_text("building_id,households,population,x,y\n" + "".join(rows))
    plan, same = tmp_path / "plan.gpkg", tmp_path / "same.gpkg"
    made = run("partition", blocks, "-o", plan, "--crs", "EPSG:4547", "--edges", edges)
    assert made.exit_code in (0, 3), made.output
    done = run("rerun", plan, "-o", same)
    assert done.exit_code == 0, done.output
    assert same.read_bytes() == plan.read_bytes()
    reasons = [reason for (reason,) in execute(same, "select reason from edges")]
    assert any("a ferry" in reason for reason in reasons)


def test_what_it_was_started_from_is_in_the_plan(tmp_path: Path) -> None:
    town, land = board(MASS)
    first = partition(town, LIMITS, territory=land, seed=3)
    some = first.buildings.table.iloc[:9].reset_index(drop=True)
    before = replace(
        first, buildings=replace(first.buildings, table=some), grid_ids=first.grid_ids[:9]
    )
    path = drawn(tmp_path, start=before)
    version = read_plan(path).record.versions[0]
    assert version.recipe["start_grids"][9:] == [-1] * 3
    found = rerun(read_plan(path))
    assert found.same
    assert write_plan(found.plan, tmp_path / "b.gpkg").read_bytes() == path.read_bytes()


def test_later_steps_stay_as_they_are(tmp_path: Path) -> None:
    path = drawn(tmp_path, replace(LIMITS, households=Band(47, 50)))
    plan = read_plan(path)
    waived = waive(plan, sorted(plan.reasons)[0], reason="a", person="b", day="2026-02-01")
    coded = code_plan(waived, "db11t2157", {"T": "110101001001"}, day="2026-03-01")
    write_plan(coded, path)
    found = rerun(read_plan(path))
    assert found.same
    assert found.step == 1
    assert found.plan.record == coded.record
    assert found.plan.grid_ids.tolist() == coded.grid_ids.tolist()
    again = write_plan(found.plan, tmp_path / "again.gpkg")
    assert again.read_bytes() == path.read_bytes()


def test_a_building_moved_by_hand_is_another_plan_and_nothing_is_lost(tmp_path: Path) -> None:
    path = drawn(tmp_path)
    plan = read_plan(path)
    ids = plan.grid_ids.copy()
    # of two neighbours in different grids one goes over
    at, to = next((a, b) for a, b in plan.territory.edges if ids[a] != ids[b])
    ids[at] = ids[to]
    moved = replace(plan, grid_ids=ids)
    found = rerun(moved)
    assert not found.same
    assert found.elsewhere > 0
    assert "plan-changed" in {finding.code for finding in found.told}
    assert plan_digest(found.plan) == plan.record.versions[0].digest
    assert found.plan.record.versions == plan.record.versions


def test_a_run_cut_by_the_clock_says_so(tmp_path: Path) -> None:
    path = drawn(tmp_path, time_limit_s=0.0)
    assert any(result.stopped for result in read_plan(path).results)
    assert "clock-then" in {finding.code for finding in rerun(read_plan(path)).told}
    whole = tmp_path / "whole"
    whole.mkdir()
    found = rerun(read_plan(drawn(whole)), time_limit_s=0.0)
    assert "clock-now" in {finding.code for finding in found.told}


def test_other_programs_are_named(tmp_path: Path) -> None:
    plan = read_plan(drawn(tmp_path))
    old = replace(plan, versions={**plan.versions, "highspy": "1.0"})
    (told,) = rerun(old).told
    assert told.code == "programs-differ"
    assert "highspy 1.0 then" in told.message


def test_a_plan_of_before_there_was_a_history_is_run_with_the_usual_options(tmp_path) -> None:
    plan = replace(read_plan(drawn(tmp_path)), record=Record())
    found = rerun(plan)
    assert (found.same, found.step, found.told) == (True, 0, ())
    kept = read_plan(drawn(tmp_path, columns=LANES, whole="lane"))
    with pytest.raises(InputError, match="nobody knows by which column"):
        rerun(replace(kept, record=Record()))


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"whole": 7}, "does not tell whole"),
        ({"start": "ab"}, "does not tell start"),
        ({"start": "ab", "start_grids": [1, "x"]}, "does not tell start_grids"),
        ({"time_limit_s": "long"}, "does not tell time_limit_s"),
    ],
)
def test_a_recipe_that_does_not_tell_is_refused(recipe, said) -> None:
    record = Record((Version("partition", "x", recipe=recipe),))
    with pytest.raises(InputError, match=said):
        rerun(replace(street_plan(), record=record))


def test_what_is_no_partition_cannot_be_run_again() -> None:
    record = Record((Version("partition", "x"), Version("import", "y"), Version("code", "z")))
    with pytest.raises(InputError, match="come from 'import'"):
        rerun(replace(street_plan(), record=record))


def test_the_command_tells_and_writes_and_never_spoils_the_plan(tmp_path: Path) -> None:
    path = drawn(tmp_path)
    before = path.read_bytes()
    done = run("rerun", path, "-o", path)
    assert done.exit_code == 0, done.output
    assert "the same plan" in done.stdout
    assert path.read_bytes() == before
    facts = json.loads(run("rerun", path, "--json").stdout)
    assert (facts["same"], facts["step"], facts["buildings_elsewhere"]) == (True, 1, 0)
    execute(path, "update history set digest = 'x'")
    spoilt = path.read_bytes()
    other = run("rerun", path, "-o", path)
    assert other.exit_code == 1
    assert "another plan" in other.stdout
    assert "the plan itself stays as it is" in other.stdout
    assert path.read_bytes() == spoilt
    elsewhere = run("rerun", path, "-o", tmp_path / "new.gpkg")
    assert elsewhere.exit_code == 1
    assert (tmp_path / "new.gpkg").exists()


def test_the_command_tells_every_fault_of_its_words(tmp_path: Path) -> None:
    done = run("rerun", tmp_path / "no.gpkg", "-o", tmp_path / "x.txt", "--time-limit", "soon")
    assert done.exit_code == 2
    for said in ("no such file", "suffix .gpkg", "not a time"):
        assert said in done.stderr
