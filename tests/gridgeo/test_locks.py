"""Locks hold in every plan; those that cannot are named, all at once, and so is what they cost."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_towns import board

from gridgeo.errors import InputError
from gridgeo.evaluate import evaluate
from gridgeo.intake import read_locks
from gridgeo.keeping import Lock
from gridgeo.limits import Band, Limits
from gridgeo.model import Plan
from gridgeo.partition import partition
from gridgeo.redraw import redraw

LIMITS = Limits(Band(300, 500), Band(900, 1500))
TOWN, LAND = board([[100, 140, 60, 100], [90, 110, 100, 120], [100] * 4, [130, 70, 100, 100]])


@pytest.fixture(scope="module")
def plan() -> Plan:
    return partition(TOWN, LIMITS, territory=LAND)


def again(plan: Plan, *locks: Lock) -> Plan:
    return redraw(plan, TOWN, territory=LAND, locks=locks, made="2026-03-01")


def grid(plan: Plan, building: str) -> str:
    return str(plan.grid_ids[plan.buildings.ids.tolist().index(building)])


def neighbours(plan: Plan) -> list[tuple[str, str]]:
    """Return pairs of blocks side by side in two grids."""
    ids, grids = plan.buildings.ids, plan.grid_ids
    return [(ids[a], ids[b]) for a, b in LAND.edges.tolist() if grids[a] != grids[b]]


def broken(new: Plan, old: Plan, lock: Lock) -> bool:
    """Whether a lock does not hold, by what the two plans say."""
    was = dict(zip(old.buildings.ids, old.grid_ids, strict=True))
    is_in = dict(zip(new.buildings.ids, new.grid_ids, strict=True))
    if lock.kind == "building":
        return is_in[lock.a] != lock.b
    if lock.kind == "grid":
        before = {b for b, g in was.items() if g == lock.a}
        return {b for b, g in is_in.items() if g == lock.a} != before
    if lock.kind == "border":
        mixed = [{was[b] for b, g in is_in.items() if g == one} for one in set(is_in.values())]
        return any({lock.a, lock.b} <= olds for olds in mixed)
    return (is_in[lock.a] == is_in[lock.b]) != (lock.kind == "together")


def test_each_kind_of_lock_holds(plan):
    a, b = neighbours(plan)[0]
    mate = next(
        other for other in plan.buildings.ids if grid(plan, other) == grid(plan, a) and other != a
    )
    for lock in (
        Lock("building", a, grid(plan, b)),
        Lock("together", a, b),
        Lock("apart", a, mate),
        Lock("grid", grid(plan, a)),
        Lock("border", grid(plan, a), grid(plan, b)),
    ):
        new = again(plan, lock)
        assert not broken(new, plan, lock), lock
        assert evaluate(new).sound, lock
        assert "lock-broken" not in {finding.code for finding in new.findings}
        assert "over plans that keep 1 lock" in new.results[0].covers


def test_a_building_moved_by_a_lock_counts_as_moved(plan):
    a, b = neighbours(plan)[0]
    new = again(plan, Lock("building", a, grid(plan, b)))
    row = plan.buildings.ids.tolist().index(a)
    assert new.results[0].moved >= int(TOWN.buildings.households[row])
    assert new.results[0].moved_bound >= int(TOWN.buildings.households[row])


def drawn_or_refused(plan: Plan, locks: list[Lock]) -> tuple[Plan | None, set[str]]:
    try:
        return again(plan, *locks), set()
    except InputError as fault:
        return None, {finding.code for finding in fault.findings}


IDS = TOWN.buildings.ids.tolist()
pairs = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(
    lambda pair: pair[0] != pair[1]
)
numbers = st.integers(0, 3)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(pairs, max_size=2), st.lists(pairs, max_size=2),
    st.lists(st.tuples(st.sampled_from(IDS), numbers), max_size=2),
    st.lists(numbers, max_size=1), st.lists(st.tuples(numbers, numbers), max_size=1),
)  # fmt: skip
def test_locks_hold_or_are_named(together, apart, ties, frozen, borders):
    old = partition(TOWN, LIMITS, territory=LAND)
    grids = sorted(set(old.grid_ids))
    locks = [Lock("together", a, b) for a, b in together]
    locks += [Lock("apart", a, b) for a, b in apart]
    locks += [Lock("building", a, grids[k % len(grids)]) for a, k in ties]
    locks += [Lock("grid", grids[k % len(grids)]) for k in frozen]
    locks += [Lock("border", grids[i], grids[j]) for i, j in borders
              if i != j and max(i, j) < len(grids)]  # fmt: skip
    new, codes = drawn_or_refused(old, locks)
    if new is None:
        assert codes == {"lock-contradiction"}
        return
    told = next((f.message for f in new.findings if f.code == "lock-broken"), "")
    for lock in locks:
        assert broken(new, old, lock) == (str(lock) in told), lock
    assert evaluate(new).sound


def faults(plan: Plan, *locks: Lock) -> list[str]:
    with pytest.raises(InputError) as caught:
        again(plan, *locks)
    return [finding.message for finding in caught.value.findings]


def test_what_is_not_there_is_named_all_at_once(plan):
    told = faults(
        plan, Lock("together", "0-0", "9-9"), Lock("grid", "T-099"), Lock("building", "0-0", "X")
    )
    assert len(told) == 2
    assert "9-9" in told[0]
    assert "2 locks" in told[1]
    assert "T-099" in told[1]


def test_locks_that_contradict_one_another_are_named(plan):
    a, b = neighbours(plan)[0]
    ours, theirs = grid(plan, a), grid(plan, b)
    for locks in (
        (Lock("together", a, b), Lock("apart", b, a)),
        (Lock("building", a, ours), Lock("together", a, b), Lock("building", b, theirs)),
        (Lock("together", a, b), Lock("grid", ours)),
        (Lock("building", b, ours), Lock("grid", ours)),
        (Lock("together", a, b), Lock("border", ours, theirs)),
    ):
        (told,) = faults(plan, *locks)
        assert "contradict" in told
        assert all(str(lock) in told for lock in locks)


def test_a_lock_the_ground_does_not_allow_is_named(plan):
    """A grid round a block that is frozen: nothing leads from the corner to the rest."""
    corner = [Lock("grid", g) for g in {grid(plan, "0-1"), grid(plan, "1-0")}]
    home = {b for b in IDS if grid(plan, b) in {lock.a for lock in corner}}
    outside = [b for b in IDS if b not in home]
    lone = Lock("together", outside[0], outside[-1])
    position = np.array([b not in home for b in IDS])
    inside = LAND.edges[position[LAND.edges].all(axis=1)]
    reached = {outside[0]}
    for _ in outside:
        for i, j in inside.tolist():
            if IDS[i] in reached or IDS[j] in reached:
                reached |= {IDS[i], IDS[j]}
    if outside[-1] in reached:
        assert not broken(again(plan, *corner, lone), plan, lone)
    else:
        assert "no ground" in faults(plan, *corner, lone)[0]


def test_a_lock_that_is_against_the_bands_is_named(plan):
    heavy = [b for b in IDS if b[0] in "01"][:6]
    ties = [Lock("together", a, b) for a, b in pairwise(heavy)]
    new = again(plan, *ties)
    assert not any(broken(new, plan, lock) for lock in ties)
    told = next(f for f in new.findings if f.code == "lock-against-bands")
    assert "over 500" in told.message
    assert new.results[0].violation > 0


def test_a_grid_frozen_out_of_band_says_so():
    now, land = board([[100, 100, 100, 100], [100, 100, 100, 30]])
    plan = partition(now, LIMITS, territory=land)
    small = min(
        set(plan.grid_ids), key=lambda g: now.buildings.households[plan.grid_ids == g].sum()
    )
    later, _ = board([[100, 100, 100, 100], [100, 100, 100, 30]])
    table = later.buildings.table
    mine = plan.grid_ids == small
    table.loc[mine, "households"] = 50
    table.loc[mine, "population"] = 150
    new = redraw(plan, later, territory=land, locks=[Lock("grid", small)], made="2026-03-01")
    assert "a lock keeps it as it was" in new.reasons[small]
    assert any(f.code == "lock-against-bands" and small in f.message for f in new.findings)
    assert set(new.buildings.ids[new.grid_ids == small]) == set(plan.buildings.ids[mine])
    assert evaluate(new).sound


def test_a_lock_in_the_way_of_the_bands_is_named_by_what_leaving_it_out_brings():
    """Two grids of 300; the end of one shrinks, and may take nothing over the border that stays."""
    now, land = board([[100] * 6])
    plan = partition(now, Limits(Band(300, 400), Band(900, 1200)), territory=land)
    later, _ = board([[100, 100, 60, 30, 200, 190]])
    west, east = grid_in(plan, "0-0"), grid_in(plan, "0-5")
    border, other = Lock("border", west, east), Lock("apart", "0-0", "0-5")
    limits = Limits(Band(290, 400), Band(870, 1200))
    new = redraw(plan, later, limits, territory=land, locks=[border, other], made="2026-03-01")
    assert new.results[0].violation > 0
    told = next(f for f in new.findings if f.code == "lock-in-the-way")
    assert str(border) in told.message
    assert str(other) not in told.message
    free = redraw(plan, later, limits, territory=land, locks=[other], made="2026-03-01")
    assert "lock-in-the-way" not in {finding.code for finding in free.findings}


def grid_in(plan: Plan, building: str) -> str:
    return str(plan.grid_ids[plan.buildings.ids.tolist().index(building)])


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_locks_is_read_in_english_and_chinese(tmp_path):
    english = write(
        tmp_path / "a.csv",
        "lock,a,b,reason\nbuilding,007,RV-01,asked for\ngrid,RV-02,,\ntogether,1,2,\n",
    )
    locks = read_locks(str(english))
    assert [(k.kind, k.a, k.b) for k in locks] == [
        ("building", "007", "RV-01"), ("grid", "RV-02", ""), ("together", "1", "2"),
    ]  # fmt: skip
    assert str(locks[0]) == "row 2: building 007 in grid RV-01"
    chinese = write(tmp_path / "b.csv", "锁定,甲,乙,原因\n分开,1,2,\n边界,A,B,河\n冻结,A,,\n")
    assert [lock.kind for lock in read_locks(str(chinese))] == ["apart", "border", "grid"]


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    path = write(
        tmp_path / "locks.csv",
        "lock,a,b\nglue,1,2\ntogether,1,\napart,1,1\ngrid,A,B\ntogether,3,4\ntogether,4,3\n",
    )
    with pytest.raises(InputError) as caught:
        read_locks(str(path))
    codes = [finding.code for finding in caught.value.findings]
    assert codes == ["lock-unknown", "lock-blank", "lock-overfull", "lock-of-one", "lock-twice"]
    assert all(str(path) in finding.message for finding in caught.value.findings)
    with pytest.raises(InputError, match="no column for lock"):
        read_locks(str(write(tmp_path / "none.csv", "a,b\n1,2\n")))


def test_what_is_kept_whole_counts_as_held_together():
    """A lane of two blocks: a lock on the one draws the other along, or contradicts it."""
    now, land = board([[100] * 6], lane=["AABBCC"])
    plan = partition(now, Limits(Band(200, 400), Band(600, 1200)), territory=land, whole="lane")
    asked = {"territory": land, "made": "2026-03-01"}
    mates = Lock("apart", "0-0", "0-1")
    with pytest.raises(InputError, match="they are kept whole as asked"):
        redraw(plan, now, locks=[mates], **asked)
    far = grid_in(plan, "0-5")
    ties = [Lock("building", "0-0", far), Lock("building", "0-1", grid_in(plan, "0-0"))]
    with pytest.raises(InputError, match="they would make one grid of"):
        redraw(plan, now, locks=ties, **asked)
    new = redraw(plan, now, locks=[Lock("building", "0-2", far)], **asked)
    assert grid_in(new, "0-2") == grid_in(new, "0-3") == far
