"""Households and people: how they are written, and whether they go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..intake.check import fewer_people
from ..intake.values import counts, texts
from .case import Sheet, Town
from .diagnosis import Fault, Remedy

Array = np.ndarray[Any, Any]

ROLES = ("households", "population", "registered", "floating")
# More people than this in a household are not one household.
MOST_A_HOUSEHOLD = 20
# So few "households" may be a dormitory or a home, registered as one.
_COLLECTIVE = 2


def check_counts_as_written(sheet: Sheet) -> Sheet:
    """Write counts as plain numbers where text means one: "1,200", "０８", "7.0"."""
    for role in ROLES if sheet.wishes.counted else ():
        column = sheet.of.get(role)
        if column is None or pd.api.types.is_numeric_dtype(sheet.raw.attributes[column]):
            continue
        cells = texts(sheet.raw.attributes[column])
        numbers, _, bad = settled_counts(sheet, column)
        written = np.array([str(number) for number in numbers.tolist()], dtype=object)
        odd = ~bad & (cells != written)
        if not odd.any():
            continue
        example = repr(str(cells[int(np.argmax(odd))])[:40])
        what = f"{column!r} written otherwise than as a plain number, as {example}"
        finding = sheet.rows().warning(
            "count-written", odd, (f"has {what}", f"have {what}"), "--fix writes plain numbers"
        )
        fault = sheet.changes(
            finding,
            column,
            lambda row, cells=cells: str(cells[row]),  # type: ignore[misc]
            lambda row, written=written: str(written[row]),  # type: ignore[misc]
            "the same number, written plainly",
        )
        sheet = sheet.with_column(column, np.where(odd, written, _plain(cells))).told(fault)
    return sheet


def settled_counts(sheet: Sheet, column: str) -> tuple[Array, Array, Array]:
    """Return the counts of a column, int64 (n,), which cells are blank, and which at fault."""
    numbers, findings = counts(sheet.raw.attributes[column], sheet.rows(), column)
    bad = np.zeros(len(numbers), dtype=bool)
    blank = np.zeros(len(numbers), dtype=bool)
    for finding in findings:
        hit = np.isin(sheet.at, finding.rows)
        bad |= hit
        if finding.code == "count-missing":
            blank |= hit
    return numbers, blank, bad


def uncounted(sheet: Sheet) -> Array:
    """Return which rows have a count that is missing or at fault, bool (n,)."""
    bad = np.zeros(len(sheet.at), dtype=bool)
    for role in ROLES if sheet.wishes.counted else ():
        if role in sheet.of:
            bad |= settled_counts(sheet, sheet.of[role])[2]
    return bad


def check_counts_together(town: Town) -> Town:
    """Tell households without people, people without households, and too many in one."""
    households, people = town.households, town.population
    if households is None or people is None:
        return town
    known = town.counted & ~town.gone
    rows = town.rows
    empty = known & (households > 0) & (people == 0)
    if empty.any():
        what = ("has households but no people", "have households but no people")
        fix = "fill in the people, or write 0 households where nobody lives"
        town = _told(town, rows.warning("households-without-people", empty, what, fix), hand=True)
    full = known & ~empty
    fewer = fewer_people(np.where(full, households, 0), np.where(full, people, 0), rows)
    for finding in fewer:
        town = _told(town, finding, hand=True)
    homeless = known & (households == 0) & (people > 0)
    if homeless.any():
        what = ("has people but no households", "have people but no households")
        fix = "right for a dormitory or a home; else fill in the households"
        town = _told(town, rows.warning("people-without-households", homeless, what, fix))
    crowded = known & (households > 0) & (people > MOST_A_HOUSEHOLD * households)
    collective = crowded & (households <= _COLLECTIVE)
    crowded &= ~collective
    what = (f"has more than {MOST_A_HOUSEHOLD} people a household",
            f"have more than {MOST_A_HOUSEHOLD} people a household")  # fmt: skip
    if crowded.any():
        fix = "check both columns: so many people are no household"
        town = _told(town, rows.warning("households-crowded", crowded, what, fix), hand=True)
    if collective.any():
        fix = "right for a dormitory or a home that counts as one household"
        town = _told(town, rows.warning("households-collective", collective, what, fix))
    return town


def _told(town: Town, finding: Any, *, hand: bool = False) -> Town:
    return town.told(Fault(finding, Remedy.BY_HAND if hand else Remedy.NOTE, finding.rows))


def _plain(cells: Array) -> Array:
    """Cells as they were, None where blank."""
    plain = cells.copy()
    plain[cells == ""] = None
    return plain
