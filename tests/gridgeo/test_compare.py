"""Comparing two plans: what moves, what is the same grid, what is split, merged, new or gone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from divided_twice import divided, owned, renamed, without

import gridgeo as gg
from gridgeo.grid_matching import match_grids
from gridgeo.model import Band, Limits
from gridgeo.record import Staff

THREE = "aaaabbbbcccc"


def changes(told: gg.Comparison) -> dict[tuple[str, str], str]:
    pairs = zip(told.grids["grid_before"], told.grids["grid_after"], strict=True)
    return dict(zip(pairs, told.grids["change"], strict=True))


def test_a_plan_beside_itself_is_no_change() -> None:
    told = gg.compare(divided(THREE), divided(THREE))
    assert told.is_empty
    assert (told.buildings_moved, told.households_moved, told.share_moved) == (0, 0, 0.0)
    assert len(told.moves) == len(told.flows) == len(told.new_buildings) == 0
    assert set(told.grids["change"]) == {"same"}
    assert told.lineage == type(told.lineage)()
    assert list(told.findings) == []


def test_a_building_that_changes_grid_is_told_with_its_households() -> None:
    counts = [5, 7, 11, 13, *[10] * 8]
    told = gg.compare(divided(THREE, counts), divided("aaabbbbbcccc", counts))
    assert told.moves.to_dict("records") == [
        {"building_id": "B03", "from_grid": "G-a", "to_grid": "G-b", "from_owner": "",
         "to_owner": "", "households": 13}
    ]  # fmt: skip
    assert told.households_moved == 13
    assert told.share_moved == pytest.approx(13 / 116)
    grid = told.grids.set_index("grid_after").loc["G-b"]
    assert (grid["households_before"], grid["households_after"]) == (40, 53)
    assert (grid["buildings_gained"], grid["households_gained"]) == (1, 13)
    assert (grid["in_band_before"], grid["in_band_after"]) == (False, False)


def test_grids_are_the_same_by_their_households_and_not_by_their_ids() -> None:
    told = gg.compare(divided(THREE), divided("bbbbaaaacccc"))
    assert told.buildings_moved == 0
    assert changes(told) == {
        ("G-a", "G-b"): "renamed", ("G-b", "G-a"): "renamed", ("G-c", "G-c"): "same",
    }  # fmt: skip
    assert not told.is_empty


def test_of_equal_shares_the_grid_that_keeps_its_id_carries_on() -> None:
    for letters in ("aazzbbbbcccc", "zzaabbbbcccc"):
        told = gg.compare(divided(THREE), divided(letters))
        assert changes(told)["G-a", "G-a"] == "split"
        assert told.buildings_moved == 2


def test_buildings_without_households_decide_where_there_are_no_others() -> None:
    nobody = [0] * 4 + [10] * 8
    told = gg.compare(divided(THREE, nobody), divided("xxxybbbbcccc", nobody))
    assert changes(told)["G-a", "G-x"] == "split"
    assert told.moves["building_id"].tolist() == ["B03"]
    assert told.households_moved == 0


def test_the_fewest_households_move_over_all_grids_together() -> None:
    # a gives most to b's ground, but then b's own households would have nowhere to stay
    before = np.array(list("aaaabbbb"), dtype=object)
    after = np.array(list("xxxyxxxx"), dtype=object)
    overlap = match_grids(before, after, np.array([10] * 8))
    assert overlap.heirs() == {"a": "y", "b": "x"}


def test_a_split_and_a_merger_are_told_as_such() -> None:
    told = gg.compare(divided("aaaaaaaabbcc"), divided("aaaaddddbbbb"))
    assert told.lineage.splits == (("G-a", ("G-a", "G-d")),)
    assert told.lineage.merges == ((("G-b", "G-c"), "G-b"),)
    assert changes(told) == {
        ("G-a", "G-a"): "split", ("", "G-d"): "split", ("G-b", "G-b"): "merged",
        ("G-c", ""): "merged",
    }  # fmt: skip
    assert told.households_moved == 60


def test_a_border_that_shifts_is_no_split() -> None:
    told = gg.compare(divided(THREE), divided("aabbbbbbcccc"))
    assert told.lineage.splits == told.lineage.merges == ()
    assert changes(told)["G-a", "G-a"] == "changed"


def test_new_and_gone_buildings_do_not_move_and_are_told() -> None:
    before = without(divided(THREE), {"B11"})
    after = without(divided(THREE), {"B00", "B01"})
    told = gg.compare(before, after)
    assert told.buildings_moved == 0
    assert told.new_buildings.to_dict("records") == [
        {"building_id": "B11", "to_grid": "G-c", "to_owner": "", "households": 10}
    ]
    assert told.gone_buildings["building_id"].tolist() == ["B00", "B01"]
    assert told.gone_buildings["from_grid"].tolist() == ["G-a", "G-a"]
    assert changes(told) == {
        ("G-a", "G-a"): "changed", ("G-b", "G-b"): "same", ("G-c", "G-c"): "changed",
    }  # fmt: skip
    assert not told.is_empty


def test_a_grid_of_new_buildings_is_new_and_one_of_gone_buildings_is_gone() -> None:
    told = gg.compare(
        without(divided("aaaabbbbcccc"), {"B08", "B09", "B10", "B11"}),
        without(divided("aaaabbbbcccc"), {"B00", "B01", "B02", "B03"}),
    )
    assert changes(told) == {
        ("G-a", ""): "gone", ("G-b", "G-b"): "same", ("", "G-c"): "new",
    }  # fmt: skip
    gone = told.grids.set_index("grid_before").loc["G-a"]
    assert gone["households_gone"] == 40
    assert gone.isna()["households_after"]
    assert told.as_dict()["grids"][0]["in_band_after"] is None


def test_buildings_with_other_ids_are_found_by_their_places() -> None:
    told = gg.compare(divided(THREE), renamed(divided("aaabbbbbcccc"), {"B03": "North 3"}))
    assert told.moves["building_id"].tolist() == ["North 3"]
    row = told.buildings.set_index("building_id").loc["North 3"]
    assert (row["was_building_id"], row["match"]) == ("B03", "place")
    assert len(told.gone_buildings) == 0
    assert any("place" in finding.sentence() for finding in told.findings)


def test_plans_of_other_ground_are_refused() -> None:
    far = divided(THREE)
    table = far.buildings.table.copy()
    table["geometry"] = table.geometry.translate(5000, 5000)
    far = replace(far, buildings=type(far.buildings)(table))
    other = renamed(far, {f"B{k:02d}": f"X{k}" for k in range(12)})
    with pytest.raises(gg.InputError, match="none of its 12 buildings is here"):
        gg.compare(divided(THREE), other)


def test_owners_are_those_of_the_record() -> None:
    before = owned(divided(THREE), {"G-a": "Lin", "G-b": "Wang", "G-c": "Zhao"})
    after = owned(divided("aaabbbbbcccc"), {"G-a": "Lin", "G-b": "Wang", "G-c": "Chen"})
    told = gg.compare(before, after)
    move = told.moves.iloc[0]
    assert (move["from_owner"], move["to_owner"]) == ("Lin", "Wang")
    assert told.grids["owner_changes"].tolist() == [False, False, True]
    # the house that moves, and the four of the grid that is Chen's now
    assert told.households_with_another_owner == 50
    assert gg.compare(divided(THREE), after).households_with_another_owner is None


def test_owners_are_told_apart_by_their_ids_and_not_by_their_names() -> None:
    names = {"G-a": "Li Wei", "G-b": "Li Wei", "G-c": "Zhao"}
    before = owned(divided(THREE), names, {"G-a": "W1", "G-b": "W2"})
    after = owned(divided("aaabbbbbcccc"), names, {"G-a": "W1", "G-b": "W2"})
    assert gg.compare(before, after).households_with_another_owner == 10


def test_only_owners_own_and_not_those_who_help() -> None:
    plan = owned(divided(THREE), {"G-a": "Lin"})
    helper = Staff("G-b", "Sun", role="supervisor")
    plan = replace(plan, record=replace(plan.record, staff=(*plan.record.staff, helper)))
    told = gg.compare(plan, plan)
    assert told.buildings["from_owner"].tolist() == ["Lin"] * 4 + [""] * 8


def test_households_are_those_of_now_and_other_counts_are_told() -> None:
    before, after = divided(THREE, [10] * 12), divided("aaabbbbbcccc", [10] * 3 + [25] + [10] * 8)
    told = gg.compare(before, after)
    assert told.households_moved == 25
    (finding,) = told.findings
    assert (finding.code, finding.count, finding.first) == ("households-recounted", 1, "B03")


def test_each_plan_is_judged_by_its_own_limits_and_that_is_told() -> None:
    before = divided(THREE)
    after = replace(before, limits=Limits(Band(30, 50), Band(90, 150)))
    told = gg.compare(before, after)
    assert [finding.code for finding in told.findings] == ["limits-differ"]
    assert (told.standing[0].in_band, told.standing[1].in_band) == (0, 3)
    assert told.standing[0].violation > told.standing[1].violation == 0


def test_everything_can_be_said_in_json() -> None:
    told = gg.compare(without(divided(THREE), {"B11"}), divided("aaabbbbbcdcc"))
    facts = json.loads(json.dumps(told.as_dict(), allow_nan=False))
    assert facts["same"] is False
    assert facts["households_moved"] == sum(move["households"] for move in facts["moves"])
    assert facts["before"]["buildings"] == 11
    assert [row["building_id"] for row in facts["new_buildings"]] == ["B11"]
