"""Which rows of two lists of buildings bear the same id, also where one has lost its zeros."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def rows_of_ids(ids: Array, others: Array) -> Array:
    """Return the row in ``others`` of every id, int64 (n,), -1 where it is not there.

    Both are object arrays of text; ids are unique in each, but "" is the id of nobody.
    """
    row_of = {str(name): row for row, name in enumerate(others.tolist()) if name}
    return np.array([row_of.get(str(name), -1) for name in ids.tolist()], dtype=np.int64)


def rows_of_like_ids(ids: Array, others: Array) -> Array:
    """Return the row in ``others`` of the id that is the same but for how it is written.

    Case, width and spaces do not count, nor do leading zeros of an id that is all digits: what a
    spreadsheet does to 007. -1 where none is alike, or more than one in either list is.
    """
    mine, theirs = _by_key(ids), _by_key(others)
    out = np.full(len(ids), -1, dtype=np.int64)
    for key, rows in mine.items():
        found = theirs.get(key, [])
        if len(rows) == len(found) == 1:
            out[rows[0]] = found[0]
    return out


def _by_key(ids: Array) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for row, name in enumerate(ids.tolist()):
        if name:
            out.setdefault(_key(str(name)), []).append(row)
    return out


def _key(name: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return (text.lstrip("0") or "0") if text.isdecimal() else text
