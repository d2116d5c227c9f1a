"""Codes of a plan's grids: in reading order, everywhere, kept, never given again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import block_plan, street_plan

from gridgeo.coding import code_plan
from gridgeo.errors import Finding, Findings, InputError, Severity
from gridgeo.evaluate import evaluate, evaluate_file
from gridgeo.ground import Territory
from gridgeo.lineage import Issued, Regrouping, carry_on
from gridgeo.model import Buildings, Plan
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.record import CodeEntry, Record, Staff, Version, Waiver

DAY = "2026-03-01"
P = "110101001001"


def coded(plan, **said) -> Plan:
    words = {"scheme": "db11t2157", "prefixes": {"G": P}, "day": DAY} | said
    return code_plan(plan, **words)


def test_codes_stand_wherever_the_ids_stood() -> None:
    plan = street_plan()
    note = Finding(
        "odd", Severity.NOTE, "1-002 is of one kind, B1 and 1-0021 are not", "", 1, "1-002"
    )
    staff = (Staff("1-001", "Ann"), Staff("E-001", "Bo"))
    waivers = (Waiver("1-002", "a corner", "Chen", DAY),)
    was = plan.grid_ids.copy()
    full = replace(
        plan, findings=Findings((note,)), record=Record(staff=staff, waivers=waivers), was=was
    )
    after = coded(full, prefixes={"1": P, "E": "110101001002"})
    assert after.grid_ids.tolist() == [f"{P}001"] * 2 + [f"{P}002"] + ["110101001002001"] * 3
    assert after.reasons == {f"{P}002": plan.reasons["1-002"]}
    assert [s.grid_id for s in after.record.staff] == [f"{P}001", "110101001002001"]
    assert [w.grid_id for w in after.record.waivers] == [f"{P}002"]
    assert after.was is was
    (told,) = after.findings
    assert told.message == f"{P}002 is of one kind, B1 and 1-0021 are not"
    assert told.first == f"{P}002"
    assert evaluate(after).faults == evaluate(plan).faults


def test_the_ledger_tells_which_id_a_code_replaces() -> None:
    after = coded(block_plan())
    book = {entry.code: entry for entry in after.record.codes}
    assert book["G-003"] == CodeEntry(
        "G-003", "G", "", "", DAY, "coded by db11t2157", (), (f"{P}002",)
    )
    assert book[f"{P}002"] == CodeEntry(f"{P}002", "G", "db11t2157", DAY, predecessors=("G-003",))
    (version,) = after.record.versions
    assert (version.action, version.made) == ("code", DAY)
    assert version.recipe["codes"]["G-003"] == f"{P}002"


def test_a_coded_plan_comes_back_from_its_file_and_is_sound(tmp_path) -> None:
    after = coded(block_plan(), person="Chen", reason="new standard")
    path = write_plan(after, tmp_path / "plan.gpkg")
    again = read_plan(path)
    assert again.record == after.record
    assert again.grid_ids.tolist() == after.grid_ids.tolist()
    assert evaluate_file(path).sound
    assert coded(again) is again


def test_reading_order_is_that_of_the_map() -> None:
    ids = coded(block_plan()).grid_ids.tolist()
    # the northern three; then what is less than 87 m further south than the eastern column
    assert [i[-1] for i in ids] == [*"223423341114"]


def test_columns_are_numbered_from_west_to_east_first(tmp_path) -> None:
    from gridgeo.schemes import known_schemes

    scheme = replace(known_schemes()["db11t2157"], order="columns")
    ids = coded(block_plan(), scheme=scheme).grid_ids.tolist()
    numbers = {old: new[-1] for old, new in zip(block_plan().grid_ids, ids, strict=True)}
    assert numbers == {"G-001": "1", "G-003": "2", "G-004": "3", "G-002": "4"}


def rows_shuffled(plan: Plan, order: list[int]) -> Plan:
    table = plan.buildings.table.iloc[order].reset_index(drop=True)
    at = np.argsort(order)
    edges = np.sort(at[plan.territory.edges], axis=1)
    land = plan.territory
    return replace(
        plan,
        buildings=Buildings(table),
        territory=Territory(land.cells[order], edges, land.border_m, land.barrier, land.area),
        grid_ids=plan.grid_ids[order],
    )


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.permutations(range(12)), st.permutations(["a", "b", "c", "d"]))
def test_codes_do_not_depend_on_the_order_of_rows_nor_on_the_ids_before(order, names) -> None:
    plan = block_plan()
    by_old = dict(zip(["G-001", "G-002", "G-003", "G-004"], names, strict=True))
    other = replace(plan, grid_ids=np.array([by_old[g] for g in plan.grid_ids], dtype=object))
    ids = coded(rows_shuffled(other, list(order))).grid_ids
    assert ids[np.argsort(order)].tolist() == coded(plan).grid_ids.tolist()


def test_a_code_that_was_given_is_kept_and_new_grids_go_on() -> None:
    after = coded(block_plan())
    split = after.grid_ids.copy()
    split[11] = "new one"
    again = coded(replace(after, grid_ids=split))
    assert again.grid_ids[11] == f"{P}005"
    assert again.grid_ids[:11].tolist() == after.grid_ids[:11].tolist()
    assert again.record.versions[-1].recipe["changed"] == {"grids coded": 1, "grids kept": 4}


def test_afresh_retires_every_code_and_gives_none_again() -> None:
    after = coded(block_plan())
    with pytest.raises(InputError, match="no reason is given"):
        coded(after, afresh=True, reason=" ")
    again = coded(after, afresh=True, reason="borders of 2026")
    assert sorted(set(again.grid_ids)) == [f"{P}00{k}" for k in range(5, 9)]
    book = {entry.code: entry for entry in again.record.codes}
    assert book[f"{P}002"].ended == DAY
    assert book[f"{P}002"].reason == "borders of 2026"
    assert book[f"{P}002"].successors == (f"{P}006",)
    third = coded(again, afresh=True, reason="once more")
    assert sorted(set(third.grid_ids)) == [f"{P}0{k:02d}" for k in range(9, 13)]


@pytest.mark.parametrize(
    "other",
    [
        {"prefixes": {"G": "110101001002"}},
        {"scheme": "gbt30428-street4", "prefixes": {"G": "1101010001001"}},
    ],
)
def test_codes_of_another_prefix_or_scheme_are_never_changed_in_silence(other) -> None:
    after = coded(block_plan())
    with pytest.raises(InputError, match="4 grids bear codes of db11t2157 that"):
        coded(after, **other)
    moved = coded(after, **other, afresh=True, reason="another street")
    first = other["prefixes"]["G"] + "001"
    assert min(moved.grid_ids) == first


def test_codes_of_another_hand_are_taken_for_what_they_are() -> None:
    plan = block_plan()
    names = {"G-001": f"{P}017", "G-002": f"{P}003", "G-003": "x", "G-004": "y"}
    brought = replace(plan, grid_ids=np.array([names[g] for g in plan.grid_ids], dtype=object))
    after = coded(brought)
    assert sorted(set(after.grid_ids)) == [f"{P}003", f"{P}017", f"{P}018", f"{P}019"]
    book = {entry.code: entry for entry in after.record.codes}
    assert book[f"{P}017"].scheme == "db11t2157"


def test_a_community_named_before_need_not_be_named_again() -> None:
    after = coded(street_plan(), prefixes={"1": P, "E": "110101001002"})
    new = replace(after, grid_ids=np.where(after.grid_ids == f"{P}002", "z", after.grid_ids))
    assert coded(new, prefixes={}).grid_ids[2] == f"{P}003"
    with pytest.raises(InputError, match="2 communities have no prefix"):
        coded(street_plan(), prefixes={})


def test_an_undivided_community_of_cjt349_is_00() -> None:
    said = {"scheme": "cjt349", "prefixes": {"1": "010203110101001601", "E": "010203110101001002"}}
    after = coded(street_plan(), **said)
    assert after.grid_ids.tolist() == [
        *["01020311010100160101"] * 2, "01020311010100160102", *["01020311010100100200"] * 3,
    ]  # fmt: skip


def test_a_sequence_that_does_not_do_is_told_of_every_community(monkeypatch) -> None:
    from gridgeo.schemes import known_schemes

    few = replace(known_schemes()["db11t2157"], sequence=(1, 9, 9))
    both = street_plan()
    grids = np.array(["a", "b", "c", "d", "e", "f"], dtype=object)
    with pytest.raises(InputError) as told:
        coded(replace(both, grid_ids=grids), scheme=few, prefixes={"1": P, "E": "110101001002"})
    assert [f.first for f in told.value.findings] == ["1", "E"]
    assert "3 new grids need an id, 1 are left up to 1101010010019" in str(told.value)


def test_words_that_could_drive_a_terminal_are_refused() -> None:
    with pytest.raises(InputError, match=r"the reason holds a letter that cannot be shown"):
        coded(block_plan(), reason="a\x1b[31m")


def test_a_numbering_that_cannot_be_read_is_told() -> None:
    bad = Record((Version("code", "x", recipe={"numbering": {"G": {"prefix": 3}}}),))
    with pytest.raises(InputError, match="numbering that cannot be read"):
        coded(replace(block_plan(), record=bad))


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.lists(st.integers(0, 5), min_size=12, max_size=12), st.booleans()),
                min_size=1, max_size=5))  # fmt: skip
def test_no_code_is_given_twice_over_redraws_and_codings(steps) -> None:
    plan = coded(block_plan())
    ever = set(plan.grid_ids)
    for day, (drawn, afresh) in enumerate(steps):
        labels = np.unique(drawn, return_inverse=True)[1].ravel()
        free = sorted(set(plan.grid_ids))[::2]
        carries = [free.pop() if free else "" for _ in range(labels.max() + 1)]
        made = Regrouping(
            labels, plan.grid_ids, carries, plan.buildings.communities,
            plan.buildings.households, plan.territory.cells,
        )  # fmt: skip
        ids, codes = carry_on(Issued.of_plan(plan), made, day=f"2026-02-{day + 1:02d}")
        assert not (set(ids) - set(plan.grid_ids)) & ever
        ever |= set(ids)
        plan = replace(plan, grid_ids=ids, record=replace(plan.record, codes=codes))
        before = set(plan.grid_ids)
        plan = coded(plan, prefixes={}, afresh=afresh, reason="again", day=f"2026-03-{day + 1:02d}")
        assert all(code.startswith(P) for code in plan.grid_ids)
        assert afresh or set(plan.grid_ids) == before
        assert not afresh or not set(plan.grid_ids) & ever
        ever |= set(plan.grid_ids)
        living = {e.code for e in plan.record.codes if not e.ended}
        assert living == set(plan.grid_ids)
