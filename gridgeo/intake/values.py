"""Ids, counts and names out of cells: text to clean text, text to whole numbers."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding
from .telling import Rows

# What spreadsheets and people write for "nothing here".
_BLANK = frozenset(("", "na", "n/a", "nan", "none", "null", "<na>", "#n/a"))
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.0*)?")
# What is left of a long code that a spreadsheet took for a number.
SHORTENED = re.compile(r"\d(\.\d+)?e\+\d{2}", re.IGNORECASE)
_MOST = 1_000_000  # people in one building: more is a slip, and would overflow a sum


def texts(column: pd.Series) -> np.ndarray[Any, Any]:
    """Return a column as stripped text, object array (n,), "" where missing.

    Whole numbers come without a decimal point: 12.0 is "12".
    """
    if pd.api.types.is_float_dtype(column) and not pd.api.types.is_extension_array_dtype(column):
        plain = [_float_text(value) for value in column.tolist()]
    else:
        plain = [
            "" if missing else _text(value)
            for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
        ]
    return np.array(plain, dtype=object)


def check_ids(ids: np.ndarray[Any, Any], rows: Rows, column: str) -> list[Finding]:
    """Tell ids that are missing, doubled or shortened; ``rows`` names rows by number."""
    findings = []
    missing = ids == ""
    if missing.any():
        findings.append(
            rows.fault("ids-missing", missing, ("has no id", "have no id"), f"fill {column!r}")
        )
    doubled = pd.Series(ids).duplicated(keep=False).to_numpy() & ~missing
    if doubled.any():
        named = Rows(ids, "row", "rows", rows.prefix)
        findings.append(
            named.fault(
                "ids-doubled",
                doubled,
                ("shares its id", "share their id with another row"),
                f"give each building its own {column!r}; rows of one building (its entrances, "
                "say) are to be added up first",
            )
        )
    shortened = np.array([bool(SHORTENED.fullmatch(text)) for text in ids], dtype=bool)
    if shortened.any():
        named = Rows(ids, "id", "ids", rows.prefix)
        findings.append(
            named.fault(
                "ids-shortened",
                shortened,
                ("was shortened to a number", "were shortened to numbers"),
                f"format the column {column!r} as text in the spreadsheet before filling it in",
            )
        )
    return findings


def counts(
    column: pd.Series, rows: Rows, name: str, *, fill: str = ""
) -> tuple[np.ndarray[Any, Any], list[Finding]]:
    """Return whole numbers >= 0, int64 (n,), 0 where a cell was at fault; and the faults.

    Args:
        column: numbers or text; "1,234" and "7.0" are whole numbers too.
        rows: the buildings, for messages.
        name: of the column in the file.
        fill: what to do where a cell is blank.
    """
    cells = texts(column)
    blank = np.array([cell.casefold() in _BLANK for cell in cells], dtype=bool)
    numbers = np.array(
        [np.nan if b else _number(c) for c, b in zip(cells, blank, strict=True)], dtype=float
    )
    strange = np.isnan(numbers) & ~blank
    with np.errstate(invalid="ignore"):
        negative = numbers < 0
        fractional = ~negative & (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        huge = numbers > _MOST
    words = sorted({str(cell) for cell in cells[blank] if cell})
    drop = f"fill {name!r}, or leave them out with --where '\"{name}\" IS NOT NULL'"
    if words:  # text, which is not NULL
        drop = f"fill {name!r}, in the place of {' and '.join(map(repr, words))} too"
    findings = [
        rows.fault(code, bad, (f"has {what}", f"have {what}"), fix)
        for code, bad, what, fix in (
            ("count-missing", blank, f"no {name}", fill or drop),
            ("count-not-number", strange, f"something else than a number in {name!r}"
             f"{_example(cells, strange)}", "write whole numbers"),
            ("count-negative", negative, f"a negative number in {name!r}"
             f"{_example(cells, negative)}", "write whole numbers, 0 or more"),
            ("count-fractional", fractional, f"a fraction in {name!r}"
             f"{_example(cells, fractional)}", "write whole numbers"),
            ("count-huge", huge, f"more than {_MOST:,} in {name!r}"
             f"{_example(cells, huge)}", "check the column and its units"),
        )
        if bad.any()
    ]  # fmt: skip
    good = ~(blank | strange | negative | fractional | huge)
    return np.where(good, numbers, 0).astype(np.int64), findings


def amounts(column: pd.Series) -> np.ndarray[Any, Any]:
    """Return numbers of any kind as float64 (n,), NaN where a cell holds none."""
    return np.array([_number(cell) if cell else np.nan for cell in texts(column)], dtype=float)


def coordinates(column: pd.Series, *, degrees: bool) -> np.ndarray[Any, Any]:
    """Return coordinates as float64 (n,), NaN where a cell holds no number.

    A comma in degrees is a decimal one ("116,407"); in metres it parts thousands.
    """
    cells = [cell.replace(",", ".") if degrees else cell for cell in texts(column)]
    return np.array([_number(cell) if cell else np.nan for cell in cells], dtype=float)


def _example(cells: np.ndarray[Any, Any], bad: np.ndarray[Any, Any]) -> str:
    return f", as {str(cells[int(np.argmax(bad))])[:40]!r}," if bad.any() else ""


def _number(text: str) -> float:
    narrow = unicodedata.normalize("NFKC", text)
    if _GROUPED.fullmatch(narrow):
        narrow = narrow.replace(",", "")
    try:
        value = float(narrow) if "_" not in narrow else np.nan
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return _float_text(value) if isinstance(value, float) else str(value).strip()


def _float_text(value: float) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if abs(value) < 2**53 and value == int(value) else repr(value)
