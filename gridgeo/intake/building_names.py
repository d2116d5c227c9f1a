"""Which building a roster means: by id, by name, or by a name written a little otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# What marks a number as that of a building: 3幢, 3栋, 3号, 3号楼, 3座, 3#.
_MARKS = "幢栋棟号楼座#"
_MARK = re.compile(rf"(?<=[0-9a-z])[{_MARKS}]+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_BEFORE_MARK = re.compile(rf"(?<=[0-9a-z]) (?=[{_MARKS}])")
_PART = re.compile(r"\d+|[^\W\d_]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~～〜至到", "-"))
_RANGE = re.compile(rf"(.*?)(\d+)[{_MARKS}]*-(\d+)[{_MARKS}]*")
_ENGLISH_RANGE = re.compile(r"(?:blocks?|blks?\.?|buildings?|nos?\.?|houses?)(\d+)-(\d+)\b.*")
_SEVERAL = re.compile(rf"[^\d]*\d+[{_MARKS}]*([、,;，；和及&+/]\d+[{_MARKS}]*)+")


class How(StrEnum):
    """How a text was taken for a building, or why for none."""

    ID = "id"
    NAME = "name"
    ALIKE = "alike"  # but for marks, zeros, spaces and width
    OUTSIDE = "outside"  # a building that --where left out
    TWO_OF_A_NAME = "two-of-a-name"
    RANGE = "range"  # names several buildings at once
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """What a text means.

    ``row``: of the building, -1 for none. ``others``: ids of the buildings it may mean, of
    ``row`` apart. ``by_name``: the id of another building that bears it as its name, "" for none.
    """

    how: How
    row: int = -1
    others: tuple[str, ...] = ()
    by_name: str = ""


@dataclass(frozen=True, eq=False)
class KnownBuildings:
    """The buildings a roster may name.

    ``ids``: object (n,), text, unique. ``names``: object (n,), text, "" for none; None where
    the file has no column of names. ``left_out`` and ``names_left_out``: those of buildings that
    a condition left out. ``own``: figures of the file itself by role, float64 (n,), NaN where
    none stands. ``named_by``: the column of the names.
    """

    ids: Array
    names: Array | None = None
    left_out: Array = field(default_factory=lambda: np.empty(0, dtype=object))
    names_left_out: Array | None = None
    own: dict[str, Array] = field(default_factory=dict)
    named_by: str = ""


def alike(text: str) -> str:
    """Return what is left of a name without marks, leading zeros, spaces and full width.

    "０3 号楼", "3幢" and "3#" are "3"; "桂园3栋2" is "桂园3#2".
    """
    plain = "".join(_narrow(text).split())
    plain = _LEADING_ZEROS.sub("", plain.removeprefix("第"))
    return _MARK.sub("#", plain).rstrip("#")


def parts_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a name without marks, leading zeros and full width.

    "桂园０3 号楼" is "桂园", "3"; "Willow Court 12" is "willow", "court", "12".
    """
    plain = _BEFORE_MARK.sub("", " ".join(_narrow(text).split()))
    plain = _MARK.sub(" ", _LEADING_ZEROS.sub("", plain.removeprefix("第")))
    return tuple(_PART.findall(plain))


def names_several(text: str) -> bool:
    """Return whether a text names several buildings: "1-10幢", "3栋至5栋", "1、2号楼"."""
    plain = "".join(_narrow(text).split())
    if _SEVERAL.fullmatch(plain):
        return True
    # "3-2" may be building 3, entrance 2: only a mark or a word makes it a range
    worded = any(mark in text for mark in (*_MARKS, "至", "到", "~", "～"))
    found = _RANGE.fullmatch(plain) if worded else _ENGLISH_RANGE.fullmatch(plain)
    if found is None:
        return False
    low, high = found.groups()[-2:]
    return int(low) < int(high)


class Finder:
    """Finds buildings by text; ids come before names, exact before alike."""

    def __init__(self, known: KnownBuildings) -> None:
        n = len(known.ids)
        self._ids = [*map(str, known.ids.tolist()), *map(str, known.left_out.tolist())]
        names = [*_texts(known.names, n), *_texts(known.names_left_out, len(known.left_out))]
        self._inside = n
        # those left out come last and give way
        self._by_id = {self._ids[row]: row for row in reversed(range(len(self._ids)))}
        self._by_name = _index(names, lambda name: name)
        self._alike = _index(self._ids, alike)
        for key, rows in _index(names, alike).items():
            self._alike.setdefault(key, set()).update(rows)
        self._alike_names = _index(names, alike)
        self._ranges = [
            (found[1], int(found[2]), int(found[3]), row)
            for row, name in enumerate(names)
            if names_several(name)
            and (found := _RANGE.fullmatch("".join(_narrow(name).split()))) is not None
        ]

    def find(self, text: str) -> Match:
        """Return what a text, stripped and not empty, means."""
        row = self._by_id.get(text)
        if row is not None:
            named = self._by_name.get(text) or self._alike_names.get(alike(text), set())
            other = self._ids[min(named)] if named and row not in named else ""
            return self._of(row, How.ID, other)
        named = self._by_name.get(text, set())
        if len(named) == 1:
            return self._of(min(named), How.NAME)
        if named:
            return Match(How.TWO_OF_A_NAME, others=self._named(named))
        near = self._alike.get(alike(text), set())
        if len(near) == 1:
            return self._of(min(near), How.ALIKE)
        if near:
            return Match(How.TWO_OF_A_NAME, others=self._named(near))
        if names_several(text):
            return Match(How.RANGE)
        return Match(How.UNKNOWN, others=self._named(self._in_range(text)))

    def _of(self, row: int, how: How, by_name: str = "") -> Match:
        if row >= self._inside:
            return Match(How.OUTSIDE)
        return Match(how, row, by_name=by_name)

    def _named(self, rows: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted(self._ids[row] for row in rows))

    def _in_range(self, text: str) -> set[int]:
        """Buildings whose name is a range that holds the number of ``text``."""
        found = re.fullmatch(r"(.*?)(\d+)", alike(text))
        if found is None:
            return set()
        number = int(found[2])
        return {
            row for front, low, high, row in self._ranges
            if front == found[1] and low <= number <= high
        }  # fmt: skip


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_DASHES)


def _texts(names: Array | None, n: int) -> list[str]:
    return [""] * n if names is None else [str(name) for name in names.tolist()]


def _index(texts: list[str], key: Any) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    for row, text in enumerate(texts):
        if text and key(text):
            out.setdefault(key(text), set()).add(row)
    return out
