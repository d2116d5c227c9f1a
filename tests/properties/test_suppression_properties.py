"""Whoever tries every town that fits what was published cannot tell a small count or a building."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.suppression import SMALL, Earlier, hidden_grids

BOUNDED = settings(max_examples=120, deadline=None, derandomize=True)

towns = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from("ABC"),
        st.one_of(st.integers(0, 12), st.integers(10, 60)),
    ),
    min_size=2,
    max_size=7,
)


def reach(matrix: np.ndarray, truth: np.ndarray, piece: int) -> int:
    """How many more or fewer the piece may hold, by walking to every neighbouring town.

    Steps are small whole vectors that change no published sum; a town stays one while no piece
    holds less than nobody. This shares nothing with the linear programs of the product.
    """
    steps = [
        np.array(step)
        for step in itertools.product((-1, 0, 1), repeat=len(truth))
        if step[piece] == 1 and not (matrix @ np.array(step)).any()
    ]
    most = max((_far(truth, step) for step in steps), default=0)
    least = max((_far(truth, -step) for step in steps), default=0)
    return most + least


def _far(truth: np.ndarray, step: np.ndarray) -> int:
    down = step < 0
    return int(truth[down].min()) if down.any() else 10**6


@BOUNDED
@given(towns)
def test_what_is_hidden_cannot_be_told_from_what_is_published(town) -> None:
    now, was, households = (np.array(part) for part in zip(*town, strict=True))
    ids = [f"B{k}" for k in range(len(town))]
    counts = np.column_stack([households, households * 2])
    told = {g: (int(households[was == g].sum()),) * 2 for g in set(was.tolist())}
    told = {g: (a, 2 * a) for g, (a, _) in told.items() if a >= SMALL and (was == g).sum() > 1}
    hidden = hidden_grids(
        now.astype(object),
        counts,
        communities=np.full(len(town), "x", dtype=object),
        ids=ids,
        earlier=Earlier(dict(zip(ids, was.tolist(), strict=True)), told),
    )
    shown = [g for g in sorted(set(now.tolist())) if g not in hidden]
    for grid in shown:
        assert households[now == grid].sum() >= SMALL
        assert (now == grid).sum() >= 2
    keys = sorted({(a, b if b in told else "") for a, b in zip(now, was, strict=True)})
    inside = [(now == a) & ((was == b) if b else ~np.isin(was, list(told))) for a, b in keys]
    truth = np.array([households[rows].sum() for rows in inside])
    rows = [[a == g for a, _ in keys] for g in shown] + [[b == g for _, b in keys] for g in told]
    matrix = np.array([*rows, [True] * len(keys)], dtype=int)
    if not shown:
        return  # only the total is left, and what the earlier map told before us
    for at, mine in enumerate(inside):
        if truth[at] < SMALL or mine.sum() == 1:
            assert reach(matrix, truth, at) >= SMALL, (keys, truth, shown, told)
