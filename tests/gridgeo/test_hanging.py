"""Entrance boards hang as densely as houses are high, and tell of no house who lives there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_plans import block_plan

from gridgeo.model import Plan
from gridgeo.publish.hanging import entrances, hanging


def with_columns(plan: Plan, **columns) -> Plan:
    table = plan.buildings.table.copy()
    for name, values in columns.items():
        table[name] = values
    return replace(plan, buildings=replace(plan.buildings, table=table))


def ids(plan: Plan) -> list[str]:
    return [str(name) for name in plan.buildings.ids]


@pytest.mark.parametrize("column", ["floors", "层数", "building:levels"])
def test_a_low_rise_has_one_board_and_a_high_rise_one_an_entrance(column):
    plan = with_columns(block_plan(), entrances=3, **{column: [6, 7] * 6})
    doors = hanging(plan).doors
    assert [len(doors[name]) for name in ids(plan)] == [0, 3] * 6
    assert hanging(plan).findings() == []


def test_a_high_rise_of_unknown_or_of_one_entrance_has_one_board():
    plan = with_columns(block_plan(), floors=20, entrances=[1, np.nan, 0, -2, 99, "x"] * 2)
    assert set(hanging(plan).doors.values()) == {()}


def test_bungalows_share_boards_each_in_its_own_grid():
    plan = with_columns(block_plan(), floors=1, households=3)
    hangs = hanging(plan)
    grid_of = dict(zip(ids(plan), plan.grid_ids, strict=True))
    served = [hangs.serves.get(at, (at,)) for at in hangs.doors]
    assert sorted(name for group in served for name in group) == sorted(ids(plan))
    for at, group in zip(hangs.doors, served, strict=True):
        assert at in group
        assert {grid_of[name] for name in group} == {grid_of[at]}
    # about ten households are three houses here, as many as each grid has
    assert len(hangs.doors) == len(set(plan.grid_ids))


def test_what_hangs_where_does_not_change_with_what_single_bungalows_hold():
    """The same total spread in other ways over the houses: nobody can read it off the boards."""
    seen = set()
    for row in range(12):
        households = np.zeros(12, dtype=int)
        households[row] = 36
        hangs = hanging(with_columns(block_plan(), floors=1, households=households))
        seen.add((tuple(hangs.doors), tuple(sorted(hangs.serves.items()))))
    assert len(seen) == 1


def test_of_a_few_bungalows_not_even_their_average_can_be_read():
    floors = [1] * 9 + [6] * 3
    seen = {
        tuple(hanging(with_columns(block_plan(), floors=floors, households=count)).doors)
        for count in (0, 1, 7, 60)
    }
    assert len(seen) == 1


def test_buildings_of_unknown_height_have_a_board_a_known_entrance_and_are_told():
    plan = with_columns(block_plan(), floors=[np.nan, 6, 0] * 4, entrances=[2, 2, None] * 4)
    hangs = hanging(plan)
    assert [len(hangs.doors[name]) for name in ids(plan)] == [2, 0, 0] * 4
    (finding,) = hangs.findings()
    assert (finding.code, finding.count, finding.first) == ("floors-unknown", 8, ids(plan)[0])


def test_parts_of_a_split_building_have_a_board_each():
    plan = with_columns(block_plan(), floors=6, entrance=["1", "2", "?"] + [None] * 9)
    doors = hanging(plan).doors
    assert [doors[name] for name in ids(plan)[:4]] == [("1",), ("2",), (), ()]
    assert entrances(plan)[ids(plan)[0]] == ("1",)


def test_the_order_of_rows_changes_nothing():
    plan = with_columns(block_plan(), floors=1, households=1)
    assert hanging(plan) == hanging(plan)
