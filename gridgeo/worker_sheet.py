"""A table of persons as text, read from CSV or Excel, and how its faults are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, InputError
from .intake.tables import EXCEL_ENDINGS, read_csv, read_excel
from .intake.telling import Rows, error
from .intake.tiers import Header

Array = np.ndarray[Any, Any]

_YES = frozenset({"yes", "y", "true", "1", "是", "同意", "已同意", "√", "✓"})
_NO = frozenset({"no", "n", "false", "0", "否", "不同意", "未同意"})
# what stands in brackets stays whole
_PARTS = re.compile(r"[;；、,，|\n\r](?![^(（]*[)）])")


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table of text, how its rows are called, and which names stand twice in its header."""

    path: Path
    table: pd.DataFrame
    row_names: Array
    repeated: tuple[str, ...]

    @classmethod
    def read(cls, path: str | Path, role: str) -> Sheet:
        """Read a file; ``role`` is the sheet of a workbook that holds several.

        Raises:
            InputError: there is no such file, or it is no table.
        """
        path = Path(path)
        if not path.is_file():
            raise InputError(
                [error("file-missing", f"{path}: no such file", "Check the path", first=str(path))]
            )
        excel = path.suffix.lower() in EXCEL_ENDINGS
        table, numbers, repeated = read_excel(path, None, role) if excel else read_csv(path)
        return cls(path, table, np.array([f"row {n}" for n in numbers], dtype=object), repeated)

    @property
    def names(self) -> list[str]:
        """The columns there are."""
        return [str(name) for name in self.table.columns]

    @property
    def header(self) -> Header:
        """The columns there are, for choosing among them."""
        return Header(self.names, str(self.path), self.repeated)

    @property
    def rows(self) -> Rows:
        """The rows as a planner knows them, for findings."""
        return Rows(self.row_names, "row", "rows", f"{self.path}: ")

    def cells(self, of: Mapping[str, str], roles: Iterable[str]) -> dict[str, Array]:
        """Return the text of every role, object (n,), "" where a cell or the column is not."""
        blank = np.full(len(self.table), "", dtype=object)
        return {
            role: np.array(
                ["" if c is None else str(c).strip() for c in self.table[of[role]]], dtype=object
            )
            if role in of
            else blank
            for role in roles
        }


def told(rows: Rows, checks: Sequence[tuple[str, Array, str, str]]) -> list[Finding]:
    """Return an error for each check that found rows; its words are "one|many"."""
    faults = []
    for code, bad, words, fix in checks:
        if bad.any():
            one, _, rest = words.partition("|")
            verb, _, what = rest.partition(" ")
            faults.append(rows.fault(code, bad, (f"{one} {what}", f"{verb} {what}"), fix))
    return faults


def agreed(word: str) -> bool | None:
    """Return whether a cell says yes, a blank one being no; None where it cannot be told."""
    known = word.casefold()
    return True if known in _YES else False if not known or known in _NO else None


def several(text: str) -> tuple[str, ...]:
    """Return the parts of a cell that lists several things."""
    return tuple(part.strip() for part in _PARTS.split(text) if part.strip())
