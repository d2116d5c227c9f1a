"""A redraw moves few, keeps ids, tells what is new and gone, and takes the old plan's rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_towns import board
from shapely import Point

from gridgeo.carrying import carried_on
from gridgeo.errors import InputError
from gridgeo.evaluate import evaluate
from gridgeo.keeping import Lock
from gridgeo.limits import Band, LimitBook, Limits, Rule
from gridgeo.model import Community, Objective, Plan
from gridgeo.partition import partition
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.price_list import price_list
from gridgeo.proof import proof_lines
from gridgeo.publish import write_prices
from gridgeo.record import Staff
from gridgeo.redraw import redraw, settle_redraw
from gridgeo.report import plan_facts
from gridgeo.rerun import rerun

LIMITS = Limits(Band(300, 500), Band(900, 1500))
DAY = {"made": "2026-03-01"}


def town(*rows: list[int], **columns) -> tuple[Community, object]:
    return board(list(rows), **columns)


def changed(community: Community, households: dict[str, int]) -> Community:
    """Return the town with other figures in some blocks, three people a household."""
    table = community.buildings.table.copy()
    for name, number in households.items():
        mine = table["building_id"] == name
        table.loc[mine, "households"] = number
        table.loc[mine, "population"] = 3 * number
    return replace(community, buildings=replace(community.buildings, table=table))


def grids_of(plan: Plan) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for building, grid in zip(plan.buildings.ids, plan.grid_ids, strict=True):
        out.setdefault(str(grid), set()).add(str(building))
    return out


@pytest.fixture(scope="module")
def old() -> tuple[Community, object, Plan]:
    """Six rows of four blocks of 100 households: eight grids of three, or six of four."""
    community, land = town(*[[100] * 4] * 6)
    return community, land, partition(community, LIMITS, territory=land)


def test_a_town_that_has_not_changed_redraws_to_itself(old):
    community, land, plan = old
    again = redraw(plan, community, territory=land, **DAY)
    assert grids_of(again) == grids_of(plan)
    assert [(r.moved, r.moved_bound) for r in again.results] == [(0, 0)]
    assert again.status == plan.status
    assert (again.was == plan.grid_ids).all()
    assert evaluate(again).sound


def test_so_does_a_town_of_kinds_and_communities_under_a_book_of_limits():
    community, land = board([[100] * 6] * 4, kind=["AAABBB"] * 2 + ["AAACCC"] * 2)
    table = community.buildings.table.copy()
    table["community"] = ["N" if name[0] in "01" else "S" for name in table["building_id"]]
    community = replace(community, buildings=replace(community.buildings, table=table))
    book = LimitBook(LIMITS, "kind", {"B": Rule(Band(200, 300), Band(600, 900)),
                                      "C": Rule(exclusive=True)})  # fmt: skip
    plan = partition(community, book, territory=land)
    again = redraw(plan, community, territory=land, **DAY)
    assert grids_of(again) == grids_of(plan)
    assert {r.community: r.moved for r in again.results} == {"N": 0, "S": 0}
    assert again.book == plan.book


def test_grown_blocks_move_as_few_as_can_be_and_grids_keep_their_ids(old):
    community, land, plan = old
    now = changed(community, {"0-0": 330, "5-3": 260})
    again = redraw(plan, now, territory=land, **DAY)
    fresh = partition(now, LIMITS, territory=land)
    assert again.results[0].violation == fresh.results[0].violation
    assert again.results[0].moved == again.results[0].moved_bound > 0
    moves = again.was != again.grid_ids
    assert int(again.buildings.households[moves].sum()) == again.results[0].moved
    kept = set(grids_of(again)) & set(grids_of(plan))
    assert len(kept) >= len(grids_of(plan)) - 1
    assert evaluate(again).sound


def test_new_grids_take_numbers_that_were_never_given(old):
    community, land, plan = old
    now = changed(community, dict.fromkeys(community.buildings.ids, 240))
    again = redraw(plan, now, territory=land, **DAY)
    new = set(grids_of(again)) - set(grids_of(plan))
    highest = max(int(grid.rpartition("-")[2]) for grid in grids_of(plan))
    assert new
    assert min(int(grid.rpartition("-")[2]) for grid in new) == highest + 1
    assert {entry.code for entry in again.record.codes} >= set(grids_of(plan)) | new


def test_new_and_vanished_buildings_are_told_and_do_not_count_as_moved():
    community, land = town(*[[100] * 4] * 4)
    plan = partition(community, LIMITS, territory=land)
    gone = community.buildings.table.drop(index=[15]).reset_index(drop=True)
    gone.loc[0, "building_id"] = "Z9"
    # further from where 0-0 was than two surveys of one place differ
    gone.loc[0, "geometry"] = Point(gone.geometry.iloc[0].x, gone.geometry.iloc[0].y + 45)
    now = replace(community, buildings=replace(community.buildings, table=gone.sort_values(
        "building_id", ignore_index=True)))  # fmt: skip
    again = redraw(plan, now, **DAY)
    codes = {finding.code: finding for finding in again.findings}
    assert codes["old-new"].first == "Z9"
    assert codes["old-vanished"].count == 2
    row = again.buildings.ids.tolist().index("Z9")
    assert again.was[row] == ""
    moves = (again.was != "") & (again.was != again.grid_ids)
    assert again.results[0].moved == int(again.buildings.households[moves].sum())
    assert evaluate(again).sound


def test_rules_are_those_of_the_old_plan_unless_others_are_given(old):
    community, land, plan = old
    again = redraw(plan, community, territory=land, **DAY)
    assert again.limits == LIMITS
    assert "as-in-old-plan" in {finding.code for finding in again.findings}
    other = Limits(Band(500, 700), Band(1500, 2100))
    again = redraw(plan, community, other, objective=Objective(), territory=land, **DAY)
    assert again.limits == other
    assert again.results[0].violation == 0


def test_what_was_kept_whole_stays_whole():
    community, land = board([[100] * 4] * 4, lane=["AABB", "CCDD", "EEFF", "GGHH"])
    plan = partition(community, LIMITS, territory=land, whole="lane")
    again = redraw(plan, changed(community, {"0-0": 190, "3-3": 30}), territory=land, **DAY)
    lanes = {}
    for lane, grid in zip(community.buildings.table["lane"], again.grid_ids, strict=True):
        lanes.setdefault(lane, set()).add(grid)
    assert all(len(grids) == 1 for grids in lanes.values())
    assert again.record.versions[-1].recipe["whole"] == "lane"


def test_a_cap_is_kept_and_its_price_told(old):
    community, land, plan = old
    now = changed(community, {"0-0": 330, "5-3": 260, "2-1": 290})
    free = redraw(plan, now, territory=land, **DAY)
    needed = free.results[0].moved
    assert needed > 0
    capped = redraw(plan, now, territory=land, max_moved=needed - 1, **DAY)
    result = capped.results[0]
    assert result.moved < needed
    assert result.violation > free.results[0].violation
    assert result.violation_bound == free.results[0].violation_bound
    told = next(f for f in capped.findings if f.code == "cap-costs")
    assert f"moving {needed}" in told.message
    assert evaluate(capped).sound
    still = redraw(plan, now, territory=land, max_moved=0.0, **DAY)
    assert still.results[0].moved == 0
    loose = redraw(plan, now, territory=land, max_moved=needed, **DAY)
    assert grids_of(loose) == grids_of(free)


def test_a_cap_is_shared_where_there_are_several_communities():
    community, land = board([[100] * 4] * 6)
    table = community.buildings.table.copy()
    table["community"] = ["N" if name[0] in "012" else "S" for name in table["building_id"]]
    community = replace(community, buildings=replace(community.buildings, table=table))
    plan = partition(community, LIMITS, territory=land)
    now = changed(community, {"0-0": 330, "5-3": 330})
    free = redraw(plan, now, territory=land, **DAY)
    needed = sum(r.moved for r in free.results)
    assert min(r.moved for r in free.results) > 0
    capped = redraw(plan, now, territory=land, max_moved=needed - 1, **DAY)
    assert 0 < sum(r.moved for r in capped.results) < needed
    assert any(r.violation == 0 for r in capped.results)


def test_a_price_list_goes_from_nothing_moved_to_all_drawn_afresh(old, tmp_path):
    community, land, plan = old
    now = changed(community, {"0-0": 330, "5-3": 260, "2-1": 290})
    ready = settle_redraw(plan, now, territory=land, **DAY)
    redrawn, least = ready.drawn()
    prices = price_list(ready, least)
    table = prices.table
    assert table["moved"].iloc[0] == 0
    assert table["moved"].is_monotonic_increasing
    worth = list(zip(table["violation"], table["objective"], strict=True))
    assert worth == sorted(worth, reverse=True)
    assert redrawn.results[0].moved in set(table["moved"])
    written = write_prices(prices, tmp_path / "prices")
    assert all(path.stat().st_size > 0 for path in written)
    for name, moved in zip(table["plan"], table["moved"], strict=True):
        kept = read_plan(tmp_path / "prices" / name)
        assert evaluate(kept).sound
        assert sum(r.moved for r in kept.results) == moved
    first = {path.name: path.read_bytes() for path in written}
    (tmp_path / "prices" / "mine.txt").write_text("kept")
    again = write_prices(prices, tmp_path / "prices")
    assert {path.name: path.read_bytes() for path in again} == first
    assert (tmp_path / "prices" / "mine.txt").exists()


def test_moves_are_told_in_words_in_the_file_and_in_the_report(old, tmp_path):
    community, land, plan = old
    again = redraw(plan, changed(community, {"0-0": 330}), territory=land, **DAY)
    moved = again.results[0].moved
    line = proof_lines(again)[0]
    assert f"{moved} of 2,630 households" in line
    assert "proved: at so low a violation fewer cannot" in line
    assert "that moves so few" in line
    back = read_plan(write_plan(again, tmp_path / "plan.gpkg"))
    assert (back.results[0].moved, back.results[0].moved_bound) == (moved, moved)
    assert (back.was == again.was).all()
    facts = plan_facts(again, evaluate(again).table, columns={})
    assert (facts["moved"], facts["communities"][0]["moved_bound"]) == (moved, moved)


def test_a_redraw_runs_again_from_its_own_file(old, tmp_path):
    """Locks, cap and all, twice over: what was redrawn once is redrawn once more."""
    community, land, plan = old
    now = changed(community, {"0-0": 330, "5-3": 260})
    grid = sorted(set(plan.grid_ids))[0]
    locks = [Lock("together", "0-2", "0-3"), Lock("grid", grid)]
    asked = {"territory": land, "time_limit_s": None, **DAY}
    for max_moved, held in ((None, ()), (0.02, ()), (300, locks)):
        path = tmp_path / f"{len(held)}-{max_moved}.gpkg"
        first = redraw(plan, now, max_moved=max_moved, locks=held, **asked)
        back = read_plan(write_plan(first, path))
        again = rerun(back)
        assert (again.same, again.told) == (True, ()), max_moved
        later = redraw(back, changed(now, {"2-2": 240}), max_moved=max_moved, **asked)
        back = read_plan(write_plan(later, path))
        assert rerun(back).same, max_moved
        assert len(back.record.versions) == 3


def test_a_redraw_whose_old_grids_are_lost_is_not_run_again(old):
    community, land, plan = old
    again = redraw(plan, community, territory=land, **DAY)
    with pytest.raises(InputError, match="was_grid_id"):
        rerun(replace(again, was=None))


def test_owners_stay_with_the_grids_that_go_on(old):
    community, land, plan = old
    staffed = replace(plan, record=replace(plan.record, staff=tuple(
        Staff(grid, f"Worker {k}") for k, grid in enumerate(sorted(set(plan.grid_ids)))
    )))  # fmt: skip
    now = changed(community, dict.fromkeys(community.buildings.ids, 240))
    again = redraw(staffed, now, territory=land, **DAY)
    kept = set(plan.grid_ids) & set(again.grid_ids)
    assert {staff.grid_id for staff in again.record.staff} == kept


def test_the_ground_is_that_of_the_old_plan_where_none_is_given():
    community, _ = town(*[[100] * 4] * 4)
    plan = partition(community, LIMITS)
    again = redraw(plan, community, **DAY)
    assert again.territory.area.symmetric_difference(plan.territory.area).area < 0.01
    assert again.results[0].moved == 0
    told = {finding.code for finding in again.findings}
    assert "ground-as-in-old-plan" in told
    far = community.buildings.table.copy()
    place = far.geometry.iloc[15]
    far.loc[15, "geometry"] = Point(place.x + 250, place.y)
    moved = replace(community, buildings=replace(community.buildings, table=far))
    wider = redraw(plan, moved, **DAY)
    assert "outside-old-ground" in {finding.code for finding in wider.findings}
    assert evaluate(wider).sound


def test_every_old_grid_goes_on_once_where_most_households_stay():
    labels = np.array([0, 0, 1, 1, 2])
    old = np.array([0, 0, 0, 1, -1])
    free = np.full(5, -1)
    households = np.array([5, 5, 20, 1, 9])
    assert carried_on(labels, old, free, households, count=2).tolist() == [-1, 0, -1]
    tied = np.array([0, -1, -1, -1, -1])
    assert carried_on(labels, old, tied, households, count=2).tolist() == [0, 1, -1]


def test_buildings_without_households_keep_their_grid_too():
    """Three empty blocks stay one grid: of equals most buildings count."""
    labels, old = np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0])
    none = np.full(4, -1)
    carried = carried_on(labels, old, none, np.zeros(4, np.int64), count=2)
    assert carried.tolist() == [1, 0]
