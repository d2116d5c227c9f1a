"""What a plan remembers: kept in its file, back unchanged, and refused where it is damaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyogrio
import pytest
from small_plans import IDS, execute, street_plan

from gridgeo.errors import PlanFileError
from gridgeo.lineage import plan_digest, with_version
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.record import CodeEntry, Record, Staff, Version, Waiver

FULL = Record(
    versions=(
        Version("partition", "ab", recipe={"whole": None, "seed": 7}),
        Version("waive", "ab", "2026-03-01", "Chen", "a corner", {"grids": ["1-002"]}),
    ),
    codes=(
        CodeEntry("1-001", "1", started="2026-01-01", successors=("1-003", "1-004")),
        CodeEntry("007", "1", "cjt349", ended="2026-01-01", reason="split"),
    ),
    waivers=(Waiver("1-002", "只有一栋楼", "陈", "2026-03-01"),),
    staff=(Staff("1-001", "Ann", "007"), Staff("1-001", "Bo", role="supervisor")),
)


def test_a_record_comes_back_as_it_was(tmp_path):
    plan = replace(street_plan(), record=FULL)
    again = read_plan(write_plan(plan, tmp_path / "plan.gpkg"))
    assert again.record == FULL
    twice = write_plan(again, tmp_path / "again.gpkg")
    assert twice.read_bytes() == (tmp_path / "plan.gpkg").read_bytes()


def test_a_plan_without_a_record_has_no_tables_of_it(tmp_path):
    path = write_plan(street_plan(), tmp_path / "plan.gpkg")
    assert not {"history", "codes", "waivers", "staff"} & {*pyogrio.list_layers(path)[:, 0]}
    assert read_plan(path).record == Record()


def test_where_a_building_was_comes_back(tmp_path):
    was = np.array(["1-001", "", "1-002", "E-001", "E-001", "E-001"], dtype=object)
    again = read_plan(write_plan(replace(street_plan(), was=was), tmp_path / "plan.gpkg"))
    assert again.was is not None
    assert again.was.tolist() == was.tolist()
    assert "was_grid_id" not in again.buildings.table


def test_a_column_of_the_input_is_not_taken_for_where_a_building_was(tmp_path):
    plan = street_plan({"was_grid_id": list("abcdef")})
    again = read_plan(write_plan(plan, tmp_path / "plan.gpkg"))
    assert again.was is None
    assert again.buildings.table["was_grid_id_source"].tolist() == list("abcdef")


def test_how_many_moved_comes_back(tmp_path):
    plan = street_plan()
    one, other = plan.results
    moved = replace(plan, results=(replace(one, moved=5, moved_bound=2), other))
    again = read_plan(write_plan(moved, tmp_path / "plan.gpkg"))
    assert [(r.moved, r.moved_bound) for r in again.results] == [(5, 2), (None, None)]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update history set recipe = '[1]'", "recipe holds"),
        ("update codes set successors = '{'", "table 'codes' cannot be read"),
        ("update staff set role = 'king'", "'king' is not one of"),
        ("alter table waivers drop column person", "table 'waivers' has no person"),
    ],
)
def test_a_damaged_record_is_refused(tmp_path, sql, told):
    path = write_plan(replace(street_plan(), record=FULL), tmp_path / "plan.gpkg")
    execute(path, sql)
    with pytest.raises(PlanFileError, match=told):
        read_plan(path)


def test_a_digest_tells_who_is_where_and_nothing_else():
    plan = street_plan()
    other = plan.grid_ids.copy()
    other[IDS.index("B1")] = "E-001"
    assert plan_digest(plan) == plan_digest(with_version(plan, Version("code", "")))
    assert plan_digest(plan) == plan_digest(replace(plan, seed=8))
    assert plan_digest(plan) != plan_digest(replace(plan, grid_ids=other))
    assert plan_digest(plan) != plan_digest(replace(plan, input_hash="x"))
    newest = with_version(plan, Version("code", "")).record.versions[-1]
    assert newest.digest == plan_digest(plan)
