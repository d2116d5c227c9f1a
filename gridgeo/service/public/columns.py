"""Columns of a layer: what features tell, kept once each, ready to be compared as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# As much as a text and its place in a column take, about.
_TEXT_BYTES = 80


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts of rows: each different one in ``said``; ``codes``: int32 (n,), -1 for none."""

    said: tuple[str, ...]
    codes: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> Texts:
        """Return the column of some values, None for none."""
        known: dict[str, int] = {}
        codes = [-1 if v is None else known.setdefault(str(v), len(known)) for v in values]
        return cls(tuple(known), np.array(codes, dtype=np.int32))

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        letters = sum(map(len, self.said))
        return len(self.said) * _TEXT_BYTES + 2 * letters + self.codes.nbytes

    def at(self, row: int) -> str | None:
        """Return the text of a row."""
        code = int(self.codes[row])
        return None if code < 0 else self.said[code]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of rows, float64 (n,), NaN for none; ``whole``: whether they are told without .0."""

    values: Array
    whole: bool = True

    @classmethod
    def of(cls, values: Sequence[Any]) -> Numbers:
        """Return the column of some values, None for none."""
        told = np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
        return cls(told, not any(isinstance(v, float) and not v.is_integer() for v in values))

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return int(self.values.nbytes)

    def at(self, row: int) -> float | int | None:
        """Return the number of a row."""
        value = float(self.values[row])
        if np.isnan(value):
            return None
        return int(value) if self.whole else value


@dataclass(frozen=True, eq=False)
class Truths:
    """Whether something holds, row by row: ``yes`` and ``no``, bool (n,); neither: unknown."""

    yes: Array
    no: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> Truths:
        """Return the column of some values, None for unknown."""
        return cls(np.array([v is True for v in values]), np.array([v is False for v in values]))

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return int(self.yes.nbytes + self.no.nbytes)

    def at(self, row: int) -> bool | None:
        """Return what is known of a row."""
        return True if self.yes[row] else False if self.no[row] else None


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of rows in UTC, datetime64[us] (n,), NaT for none."""

    values: Array

    @classmethod
    def all(cls, moment: datetime | None, count: int) -> Moments:
        """Return the column of one moment for all rows."""
        return cls(np.full(count, instant(moment)))


Column = Texts | Numbers | Truths
_KINDS: dict[str, type[Texts] | type[Numbers] | type[Truths]] = {
    "string": Texts,
    "integer": Numbers,
    "number": Numbers,
    "boolean": Truths,
}


def column(values: Sequence[Any], kind: str) -> Column:
    """Return values as a column; ``kind``: their type as JSON Schema names it."""
    return _KINDS[kind].of(values)


def instant(moment: datetime | None) -> np.datetime64:
    """Return a moment as numpy has it, NaT for none."""
    if moment is None:
        return np.datetime64("NaT", "us")
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
