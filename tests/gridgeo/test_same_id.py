"""Ids of two lists: the same, or the same but for what a spreadsheet made of them."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.same_id import rows_of_ids, rows_of_like_ids


def text(*names: str) -> np.ndarray:
    return np.array(names, dtype=object)


def test_the_same_id_is_the_same_text_and_nothing_else() -> None:
    rows = rows_of_ids(text("007", "7", "B1", "b1"), text("7", "B1", "8"))
    assert rows.tolist() == [-1, 0, 1, -1]


def test_no_id_is_nobody() -> None:
    assert rows_of_ids(text("", "A"), text("", "A")).tolist() == [-1, 1]
    assert rows_of_like_ids(text("", "A"), text("", "a")).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("now", "before"),
    [("007", "7"), ("7", "007"), ("000", "0"), ("b1", "B1"), ("Ｂ１", "B1"), ("B 1", "B1")],
)
def test_ids_alike_but_for_writing_are_found(now: str, before: str) -> None:
    assert rows_of_like_ids(text("X", now), text("Y", before)).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (["B07"], ["B7"]),  # zeros inside a name are part of it
        (["007", "7"], ["07"]),  # two of now for one
        (["07"], ["007", "7"]),  # one for two of before
        (["1.0"], ["1"]),
        (["-7"], ["7"]),
    ],
)
def test_ids_that_may_be_others_are_not_taken_for_alike(now: list[str], before: list[str]) -> None:
    assert (rows_of_like_ids(text(*now), text(*before)) == -1).all()
