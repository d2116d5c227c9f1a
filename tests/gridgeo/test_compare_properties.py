"""Whatever two divisions are compared: nothing is lost, names do not matter, the fewest move."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from divided_twice import divided, without
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

import gridgeo as gg
from gridgeo.grid_matching import match_grids

BOUNDED = settings(max_examples=40, deadline=None, derandomize=True)
letters = st.text("abcd", min_size=12, max_size=12)
households = st.lists(st.integers(0, 30), min_size=12, max_size=12)


@BOUNDED
@given(letters, households)
def test_a_plan_beside_itself_is_empty(one, counts):
    told = gg.compare(divided(one, counts), divided(one, counts))
    assert told.is_empty
    assert told.households_moved == 0
    assert not told.buildings["moves"].any()


@BOUNDED
@given(letters, letters, households)
def test_what_moves_are_the_households_of_buildings_whose_grid_is_not_carried_on(
    one, other, counts
):
    before, after = divided(one, counts), divided(other, counts)
    told = gg.compare(before, after)
    pairs = zip(told.grids["grid_before"], told.grids["grid_after"], strict=True)
    heirs = {old: new for old, new in pairs if old and new}
    rows = zip(before.grid_ids, after.grid_ids, counts, strict=True)
    expected = sum(count for old, new, count in rows if heirs.get(old) != new)
    assert told.households_moved == expected == int(told.moves["households"].sum())
    assert int(told.flows["households"].sum()) == expected
    assert int(told.grids["households_gained"].sum()) == expected
    assert int(told.grids["households_lost"].sum()) == expected


@BOUNDED
@given(
    letters, letters, households, st.sets(st.integers(0, 11), max_size=4),
    st.sets(st.integers(0, 11), max_size=4),
)  # fmt: skip
def test_a_grid_holds_after_what_it_held_but_for_what_is_told(one, other, counts, fresh, gone):
    names = [{f"B{k:02d}" for k in rows} for rows in (fresh - gone, gone)]
    told = gg.compare(
        without(divided(one, counts), names[0]), without(divided(other, counts), names[1])
    )
    grids = told.grids.fillna({"households_before": 0, "households_after": 0})
    came = grids["households_gained"] + grids["households_new"]
    went = grids["households_lost"] + grids["households_gone"]
    assert (grids["households_after"] == grids["households_before"] + came - went).all()
    assert set(told.new_buildings["building_id"]) == names[0]
    assert set(told.gone_buildings["building_id"]) == names[1]


@BOUNDED
@given(letters, letters, households, st.permutations("wxyz"))
def test_relabelling_the_grids_of_the_later_plan_changes_nothing(one, other, counts, labels):
    before = divided(one, counts)
    first = other.translate(str.maketrans("abcd", "wxyz"))
    second = other.translate(str.maketrans("abcd", "".join(labels)))
    told, again = (gg.compare(before, divided(text, counts)) for text in (first, second))
    back = {f"G-{b}": f"G-{a}" for a, b in zip("wxyz", labels, strict=True)}
    moves, others = (set(one.moves[["building_id", "from_grid", "to_grid"]].itertuples(index=False,
                         name=None)) for one in (told, again))  # fmt: skip
    assert moves == {(name, old, back[new]) for name, old, new in others}
    assert sorted(told.grids["change"]) == sorted(again.grids["change"])
    # ids that are those of before settle ties alone: how much moves does not depend on them
    same = gg.compare(before, divided(other, counts))
    assert (same.households_moved, same.buildings_moved) == (
        told.households_moved, told.buildings_moved,
    )  # fmt: skip


@BOUNDED
@given(letters, letters, households)
def test_no_other_way_to_carry_grids_on_moves_fewer_households(one, other, counts):
    told = gg.compare(divided(one, counts), divided(other, counts))
    least = min(
        sum(count for old, new, count in zip(one, other, counts, strict=True)
            if order["abcd".index(old)] != new)
        for order in permutations("abcd")
    )  # fmt: skip
    assert told.households_moved == least


@BOUNDED
@given(letters, letters, households)
def test_as_much_moves_back_as_moved(one, other, counts):
    there = gg.compare(divided(one, counts), divided(other, counts))
    back = gg.compare(divided(other, counts), divided(one, counts))
    assert there.households_moved == back.households_moved
    assert there.buildings_moved == back.buildings_moved


@BOUNDED
@given(st.integers(0, 2**32 - 1))
def test_the_sparse_solver_agrees_with_the_dense_one(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    before, after = (
        np.array([f"g{k}" for k in rng.integers(0, 9, n)], dtype=object) for _ in range(2)
    )
    counts = rng.integers(0, 4, n)
    overlap = match_grids(before, after, counts)
    names = sorted({*before, *after})
    worth = np.zeros((len(names), len(names)))
    for old, new, count in zip(before, after, counts, strict=True):
        worth[names.index(old), names.index(new)] += (count * (n + 1) + 1) * 10
    worth[np.diag_indices(len(names))] += np.diag(worth) > 0
    rows, columns = linear_sum_assignment(worth, maximize=True)
    heirs = overlap.heirs()
    assert len(set(heirs.values())) == len(heirs)
    assert sum(worth[names.index(a), names.index(b)] for a, b in heirs.items()) == (
        worth[rows, columns].sum()
    )
