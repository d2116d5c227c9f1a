"""What is said of why the bands cannot be kept: true, short, and it names what to look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import gridgeo as gg
from gridgeo.cli import app
from gridgeo.errors import Finding

# of one block, where nothing else is said: four make a grid
HOUSEHOLDS, PEOPLE = 100, 300
HEAD = "building_id,households,population,community,compound,x,y"


def row(
    first: int, count: int, *, households: int = HOUSEHOLDS, people: int = PEOPLE, east_m: int = 0,
    north_m: int = 0, community: str = "T", compound: str = "",
) -> list[str]:  # fmt: skip
    """Blocks 60 m apart in a row, west to east: o-o-o-o-...-o."""
    return [
        f"B{first + i:02d},{households},{people},{community},{compound},"
        f"{500_000 + east_m + 60 * i},{3_000_000 + north_m}"
        for i in range(count)
    ]


def divided(folder: Path, lines: list[str], **how: Any) -> gg.Plan:
    blocks = folder / "blocks.csv"
    blocks.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    town = gg.read_community(blocks, crs="EPSG:4547", community="community")
    return gg.partition(town, **how)


def notes(plan: gg.Plan) -> dict[str, Finding]:
    found = {note.code: note for note in plan.findings.notes}
    assert len(found) == len(plan.findings.notes)
    return found


def test_where_every_grid_is_in_band_nothing_is_explained(tmp_path: Path) -> None:
    plan = divided(tmp_path, row(0, 12))
    assert notes(plan) == {}
    assert plan.reasons == {}


def test_a_building_over_a_limit_is_named_with_what_is_too_much(tmp_path: Path) -> None:
    lines = row(0, 4) + row(4, 1, households=510, people=1400, east_m=240) + row(5, 4, east_m=300)
    plan = divided(tmp_path, lines)
    note = notes(plan)["building-over-limit"]
    assert note.message == (
        "1 building is more than a grid may hold and stands alone: B04 with 510 households"
    )
    assert (note.count, note.first) == (1, "B04")
    assert "stands alone" in plan.reasons["T-002"]


def test_parts_less_than_a_grid_are_told_together_with_where_they_are(tmp_path: Path) -> None:
    """Twelve blocks in a row; two 1 km north of its east end, one 1 km north of its west end."""
    lines = row(0, 12) + row(12, 2, east_m=600, north_m=1000) + row(14, 1, north_m=1000)
    plan = divided(tmp_path, lines)
    note = notes(plan)["part-under-limit"]
    assert note.message == (
        "2 parts cut off from the rest are less than one grid, which needs 300 households and "
        "1,000 people: B12 and B13 in the north-east (200 households, 600 people) and B14 in the "
        "north-west (100 households, 300 people)"
    )
    assert note.count == 3
    # they are not told again as buildings that fit in no grid
    assert "building-in-no-grid" not in notes(plan)


def test_totals_that_no_number_of_grids_can_share_are_told_with_what_would_do(
    tmp_path: Path,
) -> None:
    """Six blocks of 310 people: 1,860 people are too many for one grid and too few for two."""
    plan = divided(tmp_path, row(0, 6, people=310))
    note = notes(plan)["part-without-number"]
    assert note.message == (
        "All 6 buildings together cannot be shared by any number of grids: 600 households make "
        "2 grids, 1,860 people are too many for 1 grid and too few for 2"
    )
    assert note.fix == "By their totals population 930:1500 would allow 2 grids"
    wide = gg.Limits(population=gg.Band(930, 1500))
    assert divided(tmp_path, row(0, 6, people=310), limits=wide).reasons == {}
    assert all("no number of grids" in said for said in plan.reasons.values())


def test_a_part_of_too_few_people_for_its_households_is_told_by_the_ratio(tmp_path: Path) -> None:
    note = notes(divided(tmp_path, row(0, 12, people=150)))["part-without-number"]
    assert note.message == (
        "All 12 buildings together have 1.50 people a household, where both bands together need "
        "2.00 to 5.00"
    )
    assert note.fix == "By their totals population 600:1500 would allow 3 grids"


def test_buildings_in_no_grid_are_told_with_grid_place_and_the_least_wider_band(
    tmp_path: Path,
) -> None:
    """Eight common blocks, and at the east end two of 250 households and 300 people."""
    lines = row(0, 8) + row(8, 2, households=250, people=300, east_m=480)
    plan = divided(tmp_path, lines)
    note = notes(plan)["building-in-no-grid"]
    # B08 with two common blocks and as much of B09 as leaves 500 households
    assert note.message.startswith(
        "2 buildings in the east (B08 and B09) fit in no grid within both bands, however it is "
        "drawn: under the upper limits a grid with one of them holds at most 960 people, not 1,000"
    )
    assert "1.20 people a household, where both bands together need 2.00 to 5.00" in note.message
    assert note.message.endswith(f"; grid {plan.grid_ids[9]})")
    assert note.fix == (
        "With households 300:700 or population 600:1500 each of them would fit in some grid"
    )
    assert (
        "buildings B08 and B09 fit in no grid within both bands" in plan.reasons[plan.grid_ids[9]]
    )


def test_the_wider_band_that_is_offered_is_counted_on_the_plan(tmp_path: Path) -> None:
    lines = row(0, 4) + row(4, 1, households=510, people=1400, east_m=240) + row(5, 4, east_m=300)
    plan = divided(tmp_path, lines)
    note = notes(plan)["band-wider"]
    assert note.message == (
        "2 of the 3 grids of this plan are in band; it would be all 3 with households 300:510"
    )
    assert (note.count, note.first) == (1, "T-002")
    assert divided(tmp_path, lines, limits=gg.Limits(gg.Band(300, 510))).reasons == {}


def test_a_proof_without_a_single_cause_says_so(tmp_path: Path) -> None:
    """150 - 300 - 150 households: the middle does for either end, and not for both."""
    lines = row(0, 1, households=150, people=450) + row(1, 1, households=300, people=900, east_m=60)
    lines += row(2, 1, households=150, people=450, east_m=120)
    plan = divided(tmp_path, lines, limits=gg.Limits(population=gg.Band(900, 1500)))
    assert list(notes(plan)) == ["no-single-cause", "band-wider"]
    assert all(said.endswith("violates the bands less") for said in plan.reasons.values())


def test_many_parts_are_told_in_a_few_notes(tmp_path: Path) -> None:
    """Ten rows of six blocks of 310 people, 2 km apart; and ten of two."""
    lines: list[str] = []
    for i in range(10):
        lines += row(10 * i, 6, people=310, north_m=2000 * i)
        lines += row(10 * i + 6, 2, east_m=3000, north_m=2000 * i)
    plan = divided(tmp_path, lines)
    told = [(note.code, note.count) for note in plan.findings.notes]
    assert told[0] == ("part-under-limit", 20)
    assert told[1:4] == [("part-without-number", n) for n in (6, 6, 48)]
    assert len(told) <= 6
    assert "and 6 more. " in plan.findings.notes[0].sentence()
    assert plan.findings.notes[3].message == (
        "8 more parts (B20, B21, B22, B23 and 44 more) cannot be shared by any number of grids "
        "within both bands"
    )


def test_a_community_of_one_part_that_is_too_small_is_not_said_to_be_cut_off(
    tmp_path: Path,
) -> None:
    note = notes(divided(tmp_path, row(0, 2)))["part-under-limit"]
    assert note.message.startswith("The community is less than one grid, which needs 300")
    assert note.fix == ""


def test_what_is_proved_of_whole_compounds_says_so(tmp_path: Path) -> None:
    """Two blocks of 240 households that must stay together, between common ones: 480 and 960."""
    pair = row(4, 2, households=240, people=480, east_m=240, compound="court")
    lines = row(0, 4) + pair + row(6, 4, east_m=360)
    kept = notes(divided(tmp_path, lines, whole="compound"))["building-in-no-grid"]
    assert "B04 and B05" in kept.message
    assert "however it is drawn with compounds kept whole" in kept.message
    free = notes(divided(tmp_path, lines))
    assert "building-in-no-grid" not in free


def test_a_rule_on_the_span_is_part_of_what_is_said(tmp_path: Path) -> None:
    limits = gg.Limits(max_span_m=130)
    note = notes(divided(tmp_path, row(0, 8), limits=limits))["building-in-no-grid"]
    assert "fit in no grid within both bands and 130 m, however it is drawn" in note.message


def test_many_areas_are_told_in_a_few_notes(tmp_path: Path) -> None:
    """Seven blocks of 400 households and 500 people, five common blocks between each."""
    lines: list[str] = []
    for i in range(7):
        at = {"east_m": 360 * i}
        lines += row(6 * i, 1, households=400, people=500, **at)
        lines += row(6 * i + 1, 5, people=260, east_m=360 * i + 60)
    plan = divided(tmp_path, lines)
    told = [note for note in plan.findings.notes if note.code == "building-in-no-grid"]
    assert sum(note.count for note in told) == 7
    assert len(told) == 3
    assert "5 more buildings (B12, B18, B24, B30 and B36)" in told[-1].message
    assert len(plan.findings.notes) <= 6


def test_of_several_communities_each_note_names_its_own(tmp_path: Path) -> None:
    lines = row(0, 4, community="A") + row(4, 2, community="B", north_m=3000)
    plan = divided(tmp_path, lines)
    assert plan.findings.notes
    assert all(note.message.startswith("B: ") for note in plan.findings.notes)


def test_a_plan_at_the_bound_of_the_certificates_is_proved_without_a_search(tmp_path: Path) -> None:
    plan = divided(tmp_path, row(0, 2), time_limit_s=0)
    (result,) = plan.results
    assert (result.violation, result.violation_bound) == pytest.approx((1.733333, 1.733333))
    assert plan.status is gg.Status.INFEASIBLE
    assert gg.evaluate(plan).sound


def test_what_is_certain_is_told_also_where_time_ran_out(tmp_path: Path) -> None:
    plan = divided(tmp_path, row(0, 12, people=150), time_limit_s=0)
    (result,) = plan.results
    assert 0 < result.violation_bound < result.violation
    assert "part-without-number" in notes(plan)
    for said in plan.reasons.values():
        assert "proved: every division has a grid out of band here" in said
        assert "proved: no division" not in said


@pytest.mark.parametrize("people", [150, 310])
def test_notes_are_shown_and_kept_in_plan_and_report(tmp_path: Path, people: int) -> None:
    blocks, plan, report = (tmp_path / name for name in ("b.csv", "p.gpkg", "r.json"))
    blocks.write_text("\n".join([HEAD, *row(0, 6, people=people)]) + "\n", encoding="utf-8")
    words = ("partition", blocks, "-o", plan, "--report", report, "--crs", "EPSG:4547")
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 3, done.output
    kept = gg.read_plan(plan).findings.notes
    assert kept
    facts = json.loads(report.read_text(encoding="utf-8"))
    noted = [f for f in facts["findings"] if f["severity"] == "note"]
    assert [f["code"] for f in noted] == [note.code for note in kept]
    for note in kept:
        assert f"Why: {note.sentence()}\n" in done.stdout
