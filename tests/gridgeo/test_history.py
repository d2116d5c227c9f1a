"""The history of a plan as it is told: every step, every id, nothing left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from small_plans import block_plan, street_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.coding import code_plan
from gridgeo.history import history_facts, history_lines
from gridgeo.lineage import Issued, Regrouping, carry_on, with_version
from gridgeo.plan_file import write_plan
from gridgeo.record import Record, Staff, Version
from gridgeo.waivers import waive, withdraw_waivers


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def a_life() -> Any:
    """Made, waived, coded, redrawn: the eastern grid is split, one household's house moves."""
    plan = with_version(street_plan(), Version("partition", "", "2025-01-01"))
    plan = waive(plan, "1-002", reason="a corner", person="Chen", day="2025-02-01")
    prefixes = {"1": "110101001001", "E": "110101001002"}
    plan = code_plan(plan, "db11t2157", prefixes, day="2025-03-01", person="陈")
    labels = np.array([0, 0, 1, 2, 3, 3])
    old = plan.grid_ids
    drawn = Regrouping(
        labels, old, [old[0], old[2], "", old[5]], plan.buildings.communities,
        plan.buildings.households, plan.territory.cells,
    )  # fmt: skip
    ids, codes = carry_on(Issued.of_plan(plan), drawn, day="2026-01-01", reason="grown")
    results = tuple(replace(r, moved=m) for r, m in zip(plan.results, (0, 3), strict=True))
    record = replace(plan.record, codes=codes, staff=(Staff(ids[0], "Ann"),))
    plan = replace(plan, grid_ids=ids, was=old, results=results, record=record)
    return with_version(plan, Version("redraw", "", "2026-01-01", "Li", "grown"))


def test_every_step_is_told_with_who_why_and_what_changed() -> None:
    lines = history_lines(a_life())
    digests = [line.rpartition(" Digest ")[2] for line in lines[:4]]
    assert [line.rpartition(" Digest ")[0] for line in lines[:4]] == [
        "1. partition, 2025-01-01.",
        "2. waive, 2025-02-01 by Chen: a corner. grids waived: 1.",
        "3. code, 2025-03-01 by 陈. grids coded: 3, grids kept: 0.",
        "4. redraw, 2026-01-01 by Li: grown. households with another owner: 3, "
        "buildings that are new: 0.",
    ]
    assert digests[0] == digests[1] != digests[2] != digests[3]
    assert all(len(digest) == 13 for digest in digests)


def test_every_id_ever_given_out_is_told_with_where_it_went() -> None:
    lines = history_lines(a_life())
    at = lines.index("7 ids given out, 3 of them no longer in use:")
    assert lines[at + 1 :] == [
        "1-001 (1): from 2025-01-01; ended 2025-03-01; coded by db11t2157; "
        "gave to 110101001001001.",
        "1-002 (1): from 2025-01-01; ended 2025-03-01; coded by db11t2157; "
        "gave to 110101001001002.",
        "E-001 (E): from 2025-01-01; ended 2025-03-01; coded by db11t2157; "
        "gave to 110101001002001.",
        "110101001001001 (1, db11t2157): from 2025-03-01; took over from 1-001.",
        "110101001001002 (1, db11t2157): from 2025-03-01; took over from 1-002.",
        "110101001002001 (E, db11t2157): from 2025-03-01; took over from E-001; "
        "gave to 110101001002002.",
        "110101001002002 (E, db11t2157): from 2026-01-01; took over from 110101001002001.",
    ]


def test_a_withdrawn_waiver_stays_in_the_history() -> None:
    plan = withdraw_waivers(
        waive(street_plan(), "1-002", reason="a", person="b", day="2025-02-01"),
        "1-002", person="c", day="2025-03-01",
    )  # fmt: skip
    lines = history_lines(plan)
    assert lines[1].startswith("2. waive, 2025-03-01 by c. waivers withdrawn: 1.")


def test_a_plan_of_before_there_was_a_history_says_so() -> None:
    lines = history_lines(block_plan())
    assert lines[0] == "The plan keeps no history: it is of before plans did."
    assert lines[2] == "G-001 (G): start not known."
    assert history_facts(block_plan())["as_recorded"] is None


def test_a_plan_that_was_changed_by_hand_says_so() -> None:
    plan = a_life()
    ids = plan.grid_ids.copy()
    ids[0] = ids[2]
    assert "The plan is not what its newest step led to: it was changed since." in history_lines(
        replace(plan, grid_ids=ids)
    )


def test_odd_numbers_in_a_recipe_are_passed_over() -> None:
    recipe = {"changed": {"a": "x", "b": True, "c": 2}}
    record = Record(
        (Version("owners", "d", recipe=recipe), Version("owners", "d", recipe={"changed": 3}))
    )
    lines = history_lines(replace(block_plan(), record=record))
    assert lines[0] == "1. owners, no day. c: 2. Digest d."
    assert lines[1] == "2. owners, no day. Digest d."


def test_the_command_prints_the_same_facts_as_json(tmp_path: Path) -> None:
    path = write_plan(a_life(), tmp_path / "plan.gpkg")
    told = run("log", path)
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines() == history_lines(a_life())
    facts = json.loads(run("log", path, "--json").stdout)
    assert facts == json.loads(json.dumps(history_facts(a_life())))
    assert facts["steps"][2]["recipe"]["prefixes"] == {"1": "110101-001-001", "E": "110101-001-002"}
    assert [entry["living"] for entry in facts["ids"]] == [False] * 3 + [True] * 4


def test_what_is_no_plan_ends_with_2(tmp_path: Path) -> None:
    assert run("log", tmp_path / "none.gpkg").exit_code == 2
