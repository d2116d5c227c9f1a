"""Workers to grids: what counts, what is told, what the plan remembers; nothing of homes in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import block_plan

import gridgeo as gg
from gridgeo.lineage import plan_digest, with_version
from gridgeo.model import Plan
from gridgeo.record import Record, Staff, Version
from gridgeo.staffing_aims import StaffingAims

BOUNDED = settings(max_examples=25, deadline=None, derandomize=True)


def table(folder: Path, text: str, name: str = "workers.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def pairs(done: gg.Staffing) -> dict[str, str]:
    return dict(zip(done.table["grid_id"], done.table["name"], strict=True))


def told(done: gg.Staffing) -> dict[str, str]:
    return {finding.code: finding.sentence() for finding in done.findings}


def faults(plan: Plan, path: Path, aims: StaffingAims | None = None) -> dict[str, str]:
    with pytest.raises(gg.InputError) as said:
        gg.assign_owners(plan, path, aims=aims)
    return {finding.code: finding.sentence() for finding in said.value.findings}


def with_column(plan: Plan, name: str, values: list) -> Plan:
    frame = plan.buildings.table.copy()
    frame[name] = values
    return replace(plan, buildings=replace(plan.buildings, table=frame))


FOUR = "worker_id,name\nW1,An\nW2,Bo\nW3,Cy\nW4,Di\n"


def test_where_nothing_tells_them_apart_the_first_worker_serves_the_first_grid(
    tmp_path: Path,
) -> None:
    done = gg.assign_owners(block_plan(), table(tmp_path, FOUR))
    assert pairs(done) == {"G-001": "An", "G-002": "Bo", "G-003": "Cy", "G-004": "Di"}
    assert done.table["points"].sum() == 0
    assert done.proof == (
        "4 of 4 grids have an owner. Proved: no other choice costs fewer points (0.00).",
    )


def test_points_are_what_the_aims_say_to_the_thousandth(tmp_path: Path) -> None:
    """An lives at B03, in G-002 (B03, B07, B11), Bo serves G-001; loads 30, mean 30."""
    path = table(
        tmp_path,
        "worker_id,name,home_x,home_y,grid_id,capacity,experience\n"
        "W1,An,350,50,,20,1\nW2,Bo,,,G-001,40,6\nW3,Cy,,,,,\nW4,Di,,,,,\n",
    )
    done = gg.assign_owners(block_plan(), path)
    assert pairs(done)["G-002"] == "An"
    assert pairs(done)["G-001"] == "Bo"
    row = done.table.set_index("name").loc["An"]
    # 0, 100 and 200 m to its three houses; 30 households new; 10 over 20; 1 of 5 years
    assert row["way_km"] == pytest.approx(0.1)
    assert row["near_points"] == pytest.approx(1.0 * 0.1)
    assert row["known_points"] == pytest.approx(0.30)
    assert row["capacity_points"] == pytest.approx(0.10)
    assert row["experience_points"] == pytest.approx(0.8)
    assert row["points"] == pytest.approx(1.3)
    assert "new here; lives 0.1 km away; 10 over capacity; 1 of 5 years" in row["why"]
    bo = done.table.set_index("name").loc["Bo"]
    assert (bo["known"], bo["known_points"], bo["experience_points"]) == (30, 0.0, 0.0)
    assert "serves all its 30 households today" in bo["why"]
    # nothing is known of Cy and Di: they count as the mean of the others
    cy = done.table.set_index("name").loc["Cy"]
    assert (cy["experience_points"], cy["capacity_points"]) == pytest.approx((0.4, 0.05))


def test_weights_change_who_gets_what(tmp_path: Path) -> None:
    """An serves G-001 today and lives in G-004; Bo the other way round."""
    path = table(tmp_path, "name,grid_id,x,y\nAn,G-001,250,50\nBo,G-004,50,250\n")
    plan = block_plan()
    stay = gg.assign_owners(plan, path, aims=StaffingAims(near=0.0))
    assert {pairs(stay)["G-001"], pairs(stay)["G-004"]} == {"An", "Bo"}
    assert pairs(stay)["G-001"] == "An"
    near = gg.assign_owners(plan, path, aims=StaffingAims(known=0.0))
    assert pairs(near)["G-001"] == "Bo"
    assert pairs(near)["G-004"] == "An"


def test_too_few_workers_leave_the_fewest_households_without_one(tmp_path: Path) -> None:
    plan = block_plan()
    frame = plan.buildings.table.copy()
    frame["households"] = np.where(plan.grid_ids == "G-003", 1, 10)
    plan = replace(plan, buildings=replace(plan.buildings, table=frame))
    done = gg.assign_owners(plan, table(tmp_path, "name\nAn\nBo\n"))
    assert pairs(done)["G-003"] == ""
    assert (done.table["name"] == "").sum() == 2
    said = told(done)["grid-without-owner"]
    assert "2 grids stay without an owner" in said
    assert "33 households" in said
    assert "there are only 2 workers" in said
    assert "Find 2 more workers" in said
    assert "leaves fewer households without one (33)" in done.proof[0]


def test_too_many_workers_are_idle_and_why_is_told(tmp_path: Path) -> None:
    text = FOUR + "W5,Eve\nW6,Flo\n"
    path = table(tmp_path, text.replace("name\n", "name,experience\n").replace("o\n", "o,\n"))
    path = table(
        tmp_path,
        "name,experience,not_in\nAn,9,\nBo,9,\nCy,9,\nDi,9,\nEve,0,\n"
        'Flo,9,"G-001 (aunt, uncle); G-002; G-003; G-004"\n',
    )
    done = gg.assign_owners(block_plan(), path)
    assert set(pairs(done).values()) == {"An", "Bo", "Cy", "Di"}
    why = dict(zip(done.idle["name"], done.idle["why"], strict=True))
    assert why["Eve"] == "comes nearest in G-001, where An suits by 1.00 more"
    assert why["Flo"] == "may serve no grid: aunt, uncle and excluded"


def test_fixed_pairs_hold_whatever_they_cost(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "name,grid_id,fixed,home_x,home_y\nAn,G-002,yes,50,250\nBo,,G-001,350,50\nCy,,,,\nDi,,no,,\n",
    )
    done = gg.assign_owners(block_plan(), path)
    assert (pairs(done)["G-002"], pairs(done)["G-001"]) == ("An", "Bo")
    assert done.table.set_index("name").loc["An"]["why"].startswith("fixed")


def test_every_contradiction_is_named_at_once(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "worker_id,name,fixed,not_in\nW1,An,G-001,\nW1,An,G-002,\nW2,Bo,G-001,\n"
        "W3,Cy,G-003,B04 (mother)\n",
    )
    said = faults(block_plan(), path)
    assert set(said) == {"worker-fixed-twice", "grid-fixed-twice", "fixed-and-excluded"}
    assert "An (W1): G-001, G-002" in said["worker-fixed-twice"]
    assert "G-001: An (W1), Bo (W2)" in said["grid-fixed-twice"]
    assert "Cy (W3), G-003, mother" in said["fixed-and-excluded"]


def test_nobody_serves_where_they_live_if_so_asked(tmp_path: Path) -> None:
    path = table(tmp_path, "name,home\nAn,B08\nBo,B03\nCy,B00\nDi,B05\n")
    at_home = gg.assign_owners(block_plan(), path)
    assert pairs(at_home) == {"G-001": "An", "G-002": "Bo", "G-003": "Cy", "G-004": "Di"}
    away = gg.assign_owners(block_plan(), path, aims=StaffingAims(not_at_home=True))
    assert not set(pairs(away).items()) & set(pairs(at_home).items())
    assert all(pairs(away).values())


def test_a_grid_nobody_may_serve_is_told_with_the_reasons(tmp_path: Path) -> None:
    path = table(tmp_path, "name,not_in\nAn,G-004 (sister)\nBo,B05\n")
    said = [f.message for f in gg.assign_owners(block_plan(), path).findings]
    assert len(said) == 2  # the other is that two workers are too few for three grids
    assert "G-004, 30 households; nobody may serve it (An: sister and Bo: excluded)" in said[1]
    assert "there are only 2 workers" in said[0]
    assert "(2 for 3 grids, proved)" in said[0]


def test_grids_that_compete_for_the_same_workers_are_named(tmp_path: Path) -> None:
    """G-001 and G-002 can be served by An alone; there are workers enough for all four."""
    path = table(
        tmp_path, "name,not_in\nAn,\n" + "".join(f"{n},G-001;G-002\n" for n in ("Bo", "Cy", "Di"))
    )
    done = gg.assign_owners(block_plan(), path)
    said = told(done)["grid-without-owner"]
    assert "1 grid stays without an owner: G-002" in said
    assert "only An may serve G-001 and G-002" in said
    assert "Find one more worker for G-002" in said


def test_languages_come_before_points_and_what_is_lacking_is_explained(tmp_path: Path) -> None:
    plan = with_column(block_plan(), "speaks", ["Hakka" if g in ("G-001", "G-004") else ""
                                                for g in block_plan().grid_ids])  # fmt: skip
    path = table(
        tmp_path,
        "name,grid_id,languages\nAn,G-001,Mandarin\nBo,G-002,ＨＡＫＫＡ/Mandarin\nCy,G-003,\nDi,G-004,\n",
    )
    done = gg.assign_owners(plan, path, aims=StaffingAims(language="speaks"))
    assert "Bo" in (pairs(done)["G-001"], pairs(done)["G-004"])
    said = told(done)["language-unmet"]
    assert "1 grid needs Hakka and has an owner who does not speak it" in said
    assert "Bo serves G-00" in said
    assert "which needs it too" in said
    assert "leaves fewer without their language (30)" in done.proof[0]
    nobody = table(tmp_path, "name\nAn\nBo\nCy\nDi\n")
    none = gg.assign_owners(plan, nobody, aims=StaffingAims(language="speaks"))
    assert "2 grids need Hakka" in told(none)["language-unmet"]
    assert "no worker speaks it" in told(none)["language-unmet"]


def test_a_language_of_few_is_no_need_and_is_told(tmp_path: Path) -> None:
    plan = block_plan()
    frame = plan.buildings.table.copy()
    frame["households"] = [1, 100, 10, 10, 100, 10, 10, 10, 10, 10, 10, 10]
    frame["speaks"] = ["Hakka", *[None] * 11]
    plan = replace(plan, buildings=replace(plan.buildings, table=frame))
    done = gg.assign_owners(plan, table(tmp_path, FOUR), aims=StaffingAims(language="speaks"))
    assert "first: G-003, Hakka, 1 of 201 households" in told(done)["language-of-few"]
    needs = table(tmp_path, "grid_id,language\nB00,Hakka\n", "needs.csv")
    done = gg.assign_owners(plan, table(tmp_path, FOUR), aims=StaffingAims(needs=needs))
    assert "201 households" in told(done)["language-unmet"]


def test_staff_of_before_a_redraw_counts_by_the_grids_of_before(tmp_path: Path) -> None:
    """G-001 and G-002 change names in the redraw: An goes with the households."""
    before = block_plan()
    other = {"G-001": "G-002", "G-002": "G-001"}
    now = np.array([other.get(g, g) for g in before.grid_ids], dtype=object)
    record = Record(
        versions=(Version("partition", ""), Version("owners", ""), Version("redraw", "")),
        staff=(Staff("G-001", "An", "W1", since="2020-01-01"), Staff("G-002", "Bo", "W2")),
    )
    plan = replace(before, grid_ids=now, was=before.grid_ids, record=record)
    done = gg.assign_owners(plan, table(tmp_path, FOUR), made="2026-02-03")
    assert (pairs(done)["G-002"], pairs(done)["G-001"]) == ("An", "Bo")
    assert done.table.set_index("name").loc["An"]["known"] == 30
    # and once staffed, the next time by the grids of now
    again = gg.assign_owners(done.plan, table(tmp_path, FOUR))
    assert pairs(again) == pairs(done)


def test_grids_of_today_may_be_those_of_a_column(tmp_path: Path) -> None:
    plan = with_column(block_plan(), "old", ["X" if g == "G-003" else "Y" for g in
                                             block_plan().grid_ids])  # fmt: skip
    path = table(tmp_path, "name,grid_id\nZed,X\nAn,Q\n")
    done = gg.assign_owners(plan, path, aims=StaffingAims(today="OLD"))
    assert pairs(done)["G-003"] == "Zed"
    assert "first: An, Q" in told(done)["today-unknown"]


def test_the_record_dates_who_came_and_keeps_who_stayed(tmp_path: Path) -> None:
    first = gg.assign_owners(block_plan(), table(tmp_path, FOUR), made="2025-01-01").plan
    path = table(tmp_path, FOUR.replace("W2,Bo", "W9,Eve"))
    second = gg.assign_owners(first, path, made="2026-01-01").plan
    since = {one.name: one.since for one in second.record.staff}
    assert since == {"An": "2025-01-01", "Cy": "2025-01-01", "Di": "2025-01-01",
                     "Eve": "2026-01-01"}  # fmt: skip
    versions = second.record.versions
    assert [(v.action, v.made) for v in versions] == [
        ("owners", "2025-01-01"), ("owners", "2026-01-01"),
    ]  # fmt: skip
    assert versions[-1].digest == plan_digest(second)
    assert ["G-001", "owner", "W1", "An", "", "2025-01-01"] in versions[-1].recipe["staff"]


def test_volunteers_stay_where_no_table_is_given_and_go_with_their_grid(tmp_path: Path) -> None:
    staff = (Staff("G-001", "Vi", role="supervisor"), Staff("G-9", "Wu", role="supervisor"))
    plan = with_version(replace(block_plan(), record=Record(staff=staff)), Version("redraw", ""))
    done = gg.assign_owners(plan, table(tmp_path, FOUR))
    assert [one.name for one in done.volunteers] == ["Vi"]
    assert "first: Wu, G-9" in told(done)["volunteer-without-grid"]


def test_the_plan_file_keeps_staff_in_a_table_of_its_own(tmp_path: Path) -> None:
    import pyogrio

    done = gg.assign_owners(block_plan(), table(tmp_path, FOUR), made="2026-01-01")
    path = done.plan.save(tmp_path / "plan.gpkg")
    kept = pyogrio.read_dataframe(path, layer="staff", read_geometry=False)
    assert kept["name"].tolist() == ["An", "Bo", "Cy", "Di"]
    assert kept["grid_id"].tolist() == ["G-001", "G-002", "G-003", "G-004"]
    assert gg.read_plan(path).record == done.plan.record


@pytest.mark.parametrize("aims", [
    StaffingAims(workload="nothing"), StaffingAims(today="gone"), StaffingAims(language="gone"),
])  # fmt: skip
def test_columns_that_are_not_there_are_told_with_those_there_are(
    tmp_path: Path, aims: StaffingAims
) -> None:
    said = faults(block_plan(), table(tmp_path, FOUR), aims)
    assert len(said) == 1
    assert "households" in next(iter(said.values()))


def test_faults_of_several_files_come_in_one_message(tmp_path: Path) -> None:
    needs = table(tmp_path, "grid_id,language\nG-9,Hakka\nG-001,\n", "needs.csv")
    aims = StaffingAims(needs=needs, today="gone")
    said = faults(block_plan(), table(tmp_path, "name,fixed\nAn,maybe\n"), aims)
    assert set(said) == {
        "fixed-unreadable", "need-without-grid", "need-without-language", "column-missing",
    }  # fmt: skip


@BOUNDED
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "G-001", "G-002", "G-003"]),
            st.sampled_from(["", "yes", "no"]),
            st.sampled_from(["", "0", "2", "9"]),
            st.sampled_from(["", "20", "50%"]),
            st.sampled_from(["", "B00", "B11", "B06"]),
            st.sampled_from(["", "G-002", "G-004"]),
        ),
        min_size=0,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_row_order_changes_nothing_and_fixed_and_excluded_hold(
    tmp_path_factory: pytest.TempPathFactory, rows, random
) -> None:
    folder = tmp_path_factory.mktemp("any")
    head = "worker_id,name,grid_id,fixed,experience,capacity,home,not_in\n"
    lines = [f"W{k},N{k},{','.join(row)}\n" for k, row in enumerate(rows)]
    plan = block_plan()
    outcomes = []
    for _ in range(2):
        path = table(folder, head + "".join(lines))
        try:
            outcomes.append(gg.assign_owners(plan, path))
        except gg.InputError as fault:
            outcomes.append({finding.code for finding in fault.findings})
        random.shuffle(lines)
    one, other = outcomes
    if isinstance(one, set):
        assert one == other
        return
    assert one.table.equals(other.table)
    assert one.plan.record.staff == other.plan.record.staff
    owners = {name: grid for grid, name in pairs(one).items() if name}
    for k, (grid, fixed, *_, excluded) in enumerate(rows):
        if fixed == "yes":
            assert owners[f"N{k}"] == grid
        assert not excluded or owners.get(f"N{k}") != excluded


@settings(max_examples=4, deadline=None, derandomize=True)
@given(st.integers(0, 1000))
def test_the_pairs_cost_the_least_of_all_pairs_by_the_table_itself(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Every order of four workers, its points got by fixing it: none has fewer."""
    folder = tmp_path_factory.mktemp("all")
    rng = np.random.default_rng(seed)
    rows = [
        (f"N{k}", *rng.integers(0, 400, 2), rng.integers(0, 7), rng.integers(10, 40))
        for k in range(4)
    ]
    head = "name,x,y,experience,capacity,fixed\n"
    text = "".join(",".join(map(str, row)) + ",\n" for row in rows)
    plan = block_plan()
    best = gg.assign_owners(plan, table(folder, head + text)).table["points"].sum()
    for order in list(permutations(range(4)))[::3]:
        lines = "".join(
            ",".join(map(str, row)) + f",G-00{order[k] + 1}\n" for k, row in enumerate(rows)
        )
        other = gg.assign_owners(plan, table(folder, head + lines)).table["points"].sum()
        assert best <= other + 1e-9


def test_a_weight_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="near"):
        StaffingAims(near=-1.0)
    with pytest.raises(ValueError, match="'far=1' is not one of near="):
        StaffingAims.parse_weights("far=1")
