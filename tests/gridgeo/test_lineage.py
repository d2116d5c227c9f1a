"""Ids from plan to plan: carried on, never given twice, and who took over from whom."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import block_plan

from gridgeo.errors import InputError
from gridgeo.lineage import Issued, Regrouping, carry_on
from gridgeo.numbering import Numbering, numbering_like
from gridgeo.record import CodeEntry

DAY = "2026-03-01"


def row_of(labels, was, carries, households=None, communities="G") -> Regrouping:
    """Houses in a row from west to east, 100 m cells."""
    n = len(labels)
    west = 100.0 * np.arange(n)
    return Regrouping(
        np.array(labels),
        np.array(was, dtype=object),
        carries,
        np.array([communities] * n, dtype=object),
        np.full(n, 10) if households is None else np.array(households),
        shapely.box(west, 0, west + 100, 100),
    )


def carried(issued, drawn, **said):
    ids, ledger = carry_on(issued, drawn, **{"day": DAY, "reason": "redrawn"} | said)
    return ids.tolist(), {entry.code: entry for entry in ledger}


def test_carried_grids_keep_their_ids_and_new_ones_go_on_in_reading_order() -> None:
    issued = Issued({"G-001": "G", "G-002": "G"}, (CodeEntry("G-007", "G", ended="2020-01-01"),))
    drawn = row_of([2, 2, 1, 0, 0], ["G-001"] * 3 + ["G-002"] * 2, ["", "G-001", ""])
    ids, ledger = carried(issued, drawn)
    assert ids == ["G-008", "G-008", "G-001", "G-009", "G-009"]
    assert ledger["G-002"].ended == DAY
    assert ledger["G-002"].reason == "redrawn"
    assert ledger["G-002"].successors == ("G-009",)
    assert ledger["G-009"] == CodeEntry("G-009", "G", started=DAY, predecessors=("G-002",))
    assert ledger["G-008"].predecessors == ("G-001",)
    assert ledger["G-001"].successors == ("G-008",)
    assert ledger["G-007"].ended == "2020-01-01"


def test_a_merged_grid_and_the_one_that_took_it_in_know_each_other() -> None:
    issued = Issued({"G-001": "G", "G-002": "G"})
    ids, ledger = carried(issued, row_of([0] * 4, ["G-001"] * 3 + ["G-002"], ["G-001"]))
    assert ids == ["G-001"] * 4
    assert ledger["G-002"].successors == ("G-001",)
    assert ledger["G-001"].predecessors == ("G-002",)
    assert ledger["G-001"].ended == ""


def test_a_few_households_over_a_border_make_nobody_a_predecessor() -> None:
    issued = Issued({"G-001": "G", "G-002": "G"})
    drawn = row_of([0] * 4 + [1] * 4, ["G-001"] * 3 + ["G-002"] * 5, ["G-001", "G-002"])
    _, ledger = carried(issued, drawn)
    assert not any(e.predecessors or e.successors or e.ended for e in ledger.values())


def test_a_grid_that_only_buildings_without_households_were_in_has_a_successor() -> None:
    issued = Issued({"G-001": "G", "G-002": "G"})
    drawn = row_of([0, 0], ["G-001", "G-002"], ["G-001"], households=[10, 0])
    assert carried(issued, drawn)[1]["G-002"].successors == ("G-001",)


def test_a_grid_all_of_whose_buildings_vanished_ends_without_successors() -> None:
    issued = Issued({"G-001": "G", "G-009": "G"})
    ids, ledger = carried(issued, row_of([0, 1], ["G-001", ""], ["G-001", ""]))
    assert ids == ["G-001", "G-010"]
    assert (ledger["G-009"].ended, ledger["G-009"].successors) == (DAY, ())
    assert ledger["G-010"].predecessors == ()


def test_the_households_of_now_decide_who_took_over() -> None:
    issued = Issued({"G-001": "G", "G-002": "G"})
    drawn = row_of([0, 1, 1, 2], ["G-001"] * 3 + ["G-002"], ["G-001", "", "G-002"], [90, 1, 1, 5])
    _, ledger = carried(issued, drawn)
    assert ledger["G-003"].predecessors == ("G-001",)


def test_an_issued_number_in_another_community_is_not_taken_either() -> None:
    issued = Issued({"A-1-001": "A-1", "A-002": "B"})
    ids, _ = carried(issued, row_of([0, 1], ["A-002"] * 2, ["A-002", ""], communities="A"))
    assert ids == ["A-002", "A-003"]


def test_a_retired_code_on_a_living_grid_is_named() -> None:
    issued = Issued({"G-001": "G"}, (CodeEntry("G-001", "G", ended="2020-01-01"),))
    with pytest.raises(InputError, match="1 grids bear codes that were retired: G-001"):
        carried(issued, row_of([0], ["G-001"], ["G-001"]))


@pytest.mark.parametrize("carries", [["G-001", "G-001"], ["G-001", "G-003"]])
def test_what_cannot_be_carried_on_is_refused(carries) -> None:
    with pytest.raises(ValueError, match="carried on once"):
        carried(Issued({"G-001": "G"}), row_of([0, 1], ["G-001"] * 2, carries))


def test_a_full_sequence_is_an_error_that_says_so() -> None:
    numbering = {"G": Numbering("1101", 2, last=99, scheme="cjt349")}
    issued = Issued({"110198": "G"}, (CodeEntry("110190", "G", ended=DAY),), numbering)
    drawn = row_of([0, 1, 2], ["110198"] * 3, ["110198", "", ""])
    with pytest.raises(InputError) as full:
        carried(issued, drawn)
    (finding,) = full.value.findings
    assert finding.code == "codes-full"
    assert "2 new grids need an id, 1 are left up to 110199" in finding.message
    assert "cjt349 in G" in finding.message


def test_an_undivided_community_has_a_number_of_its_own() -> None:
    numbering = {"G": Numbering("1101", 2, last=99, alone=0, scheme="cjt349")}
    one = Issued({"110100": "G"}, (), numbering)
    ids, ledger = carried(one, row_of([0, 1], ["110100"] * 2, ["110100", ""]))
    assert ids == ["110101", "110102"]
    assert ledger["110100"].ended == DAY
    assert ledger["110100"].successors == ("110101", "110102")
    two = Issued({"110101": "G", "110102": "G"}, tuple(ledger.values()), numbering)
    assert carried(two, row_of([0, 0], ["110101", "110102"], ["110102"]))[0] == ["110102"] * 2
    assert carried(two, row_of([0, 0], ["110101", "110102"], [""]))[0] == ["110103"] * 2
    new = Issued({}, (), numbering)
    assert carried(new, row_of([0, 0], ["", ""], [""]))[0] == ["110100"] * 2


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        (["G-001", "G-002"], "G-003"),
        (["G-001", "G-1000"], "G-1001"),
        (["W1", "W9"], "W10"),
        (["W01", "W09"], "W10"),
        (["7", "12"], "13"),
        (["Mill Lane", "Church"], "G-001"),
        (["W1", "E1"], "G-001"),
        (["110101001001001", "110101001001002"], "110101001001003"),
        (["110101001001001", "110101001002002"], "G-001"),
        ([], "G-001"),
    ],
)
def test_ids_of_another_hand_go_on_as_they_began(ids, wanted) -> None:
    assert numbering_like("G", ids).next_ids(1, ids, community="G") == [wanted]


def test_a_plan_of_before_there_was_a_record_has_issued_its_ids() -> None:
    plan = block_plan()
    issued = Issued.of_plan(plan)
    assert issued.living == {f"G-00{k}": "G" for k in range(1, 5)}
    assert [e.code for e in issued.full_ledger().values()] == sorted(set(plan.grid_ids))


STEPS = st.lists(
    st.tuples(st.lists(st.integers(0, 4), min_size=8, max_size=8), st.integers(0, 2**5 - 1)),
    min_size=1,
    max_size=6,
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(STEPS)
def test_no_id_is_ever_given_twice_over_any_sequence_of_redraws(steps) -> None:
    ids = np.array(["G-001"] * 4 + ["G-002"] * 4, dtype=object)
    ledger: tuple[CodeEntry, ...] = ()
    seen, dead = set(ids), set()
    for day, (drawn, keep) in enumerate(steps):
        labels = np.unique(drawn, return_inverse=True)[1]
        living = sorted(set(ids))
        free = [name for bit, name in enumerate(living) if keep >> bit & 1]
        carries = [free.pop() if free else "" for _ in range(labels.max() + 1)]
        before = set(ids)
        issued = Issued(dict.fromkeys(living, "G"), ledger)
        made = row_of(labels, ids, carries)
        ids, ledger = carry_on(issued, made, day=f"2026-01-{day + 1:02d}", reason="again")
        assert len(set(ids)) == labels.max() + 1
        assert not (set(ids) - before) & seen
        seen |= set(ids)
        dead |= before - set(ids)
        book = {entry.code: entry for entry in ledger}
        assert len(book) == len(ledger)
        assert set(book) == seen
        assert {code for code, entry in book.items() if entry.ended} == dead
        for code, entry in book.items():
            assert code not in entry.predecessors + entry.successors
            assert all(code in book[other].predecessors for other in entry.successors)
            assert all(code in book[other].successors for other in entry.predecessors)
            # every building was in a grid before, so nothing ends or starts out of nothing
            assert not entry.ended or entry.successors
            assert code in ("G-001", "G-002") or entry.predecessors
