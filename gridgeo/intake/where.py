"""An SQL condition over the attributes, one semantics for every format, and nothing but that."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .telling import error, listed

TABLE = "buildings"
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
# What a condition may call: nothing random, nothing that opens files, nothing that can be
# asked for a gigabyte.
_FUNCTIONS = (
    "abs coalesce glob ifnull iif instr length like lower ltrim max min nullif replace round "
    "rtrim substr substring trim typeof upper"
)


def rows_where(attributes: pd.DataFrame, condition: str) -> np.ndarray[Any, Any]:
    """Return which rows of ``attributes`` meet ``condition``, bool, shape (n,).

    Columns of text that hold numbers throughout compare as numbers, unless they look like
    codes (a leading zero, more than 15 digits); a blank is NULL. Names of columns do not
    heed case. The condition runs in an empty house: a table in memory, one SELECT, a short
    list of functions.

    Raises:
        InputError: not a condition over these columns, or no row meets it.
    """
    read: list[str] = []
    with closing(sqlite3.connect(":memory:")) as connection:
        marker = _fill(connection, attributes)
        connection.set_authorizer(_only_reading(read))
        try:
            # the line break keeps a trailing "--" from swallowing the bracket
            found = connection.execute(
                f'SELECT "{marker}" FROM "{TABLE}" WHERE (\n{condition}\n)'
            ).fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as fault:
            raise InputError([_refused(condition, attributes, fault)]) from fault
    keep = np.zeros(len(attributes), dtype=bool)
    keep[[row for (row,) in found]] = True
    if not keep.any():
        raise InputError([_nothing_left(condition, attributes, read)])
    return keep


def _fill(connection: sqlite3.Connection, attributes: pd.DataFrame) -> str:
    """Load the table and return the name of the column that numbers its rows from 0."""
    taken = {str(name).casefold() for name in attributes.columns}
    marker = "row"
    while marker in taken:  # SQLite's own rowid would give way to a column of that name
        marker += "_"
    names = [f'"{marker}" INTEGER']
    columns: list[Any] = [range(len(attributes))]
    for name in attributes.columns:
        values, kind = _typed(attributes[name])
        # quoting by doubling is all that SQLite needs; a NUL cannot be in a name
        quoted = str(name).replace("\0", "").replace('"', '""')
        names.append(f'"{quoted}" {kind}')
        columns.append(values)
    connection.execute(f'CREATE TABLE "{TABLE}" ({", ".join(names)})')
    marks = ", ".join("?" * len(names))
    connection.executemany(f'INSERT INTO "{TABLE}" VALUES ({marks})', zip(*columns, strict=True))
    return marker


def _typed(column: pd.Series) -> tuple[list[Any], str]:
    """Values for SQLite and the affinity that makes 12 = '12' true as a planner expects."""
    plain: list[Any] = [
        None if missing else value
        for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        # beyond 63 bits SQLite knows no whole numbers
        return [float(v) if v is not None and abs(v) >= 2**63 else v for v in plain], "NUMERIC"
    texts = [None if value is None else str(value) for value in plain]
    filled = [text for text in texts if text is not None]
    if filled and all(_NUMBER.fullmatch(text) for text in filled):
        numbers = [None if t is None else (float(t) if "." in t else int(t)) for t in texts]
        return numbers, "NUMERIC"
    return texts, "TEXT"


def _only_reading(read: list[str]) -> Any:
    """Return an authorizer that lets one plain SELECT over the table pass, noting columns."""
    functions = set(_FUNCTIONS.split())
    selects: list[int] = []

    def allow(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_SELECT:
            selects.append(action)
            fine = len(selects) == 1  # a second one is a subquery, and may never end
        elif action == sqlite3.SQLITE_READ:
            fine = first == TABLE
            if second and second not in read:
                read.append(second)
        elif action == sqlite3.SQLITE_FUNCTION:
            fine = (second or "").lower() in functions
        else:
            fine = False
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    return allow


def _refused(condition: str, attributes: pd.DataFrame, fault: Exception) -> Any:
    said = str(fault)
    if "not authorized" in said or "prohibited" in said:
        said = "only a plain condition is allowed: no subqueries, no other tables"
    return error(
        "where-refused",
        f"the condition {condition!r} cannot be used ({said}); "
        f"columns there are: {listed(attributes.columns)}",
        "write it as \"town = 'TG'\" or \"floors > 10 AND town IN ('MP', 'TG')\"",
        first=condition,
    )


def _nothing_left(condition: str, attributes: pd.DataFrame, read: list[str]) -> Any:
    by_name = {str(name).casefold(): name for name in attributes.columns}
    used = [by_name[name.casefold()] for name in read if name.casefold() in by_name]
    hints = []
    for name in used[:3]:
        values = sorted({str(value) for value in attributes[name].dropna()}, key=_numbers_first)
        some = ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
        hints.append(f"{name!r} holds {some or 'nothing'}")
    there = "; ".join(hints) or f"columns there are: {listed(attributes.columns)}"
    return error(
        "where-empty",
        f"the condition {condition!r} leaves none of {len(attributes)} rows ({there})",
        "check its values",
        first=condition,
    )


def _numbers_first(text: str) -> tuple[bool, float, str]:
    is_number = _NUMBER.fullmatch(text) is not None
    return not is_number, float(text) if is_number else 0.0, text
