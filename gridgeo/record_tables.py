"""A plan's record as tables of its file, and these back to a record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import pandas as pd

from .record import ROLES, CodeEntry, Record, Staff, Version, Waiver

# The table of every part of a record, and what a row of it is; a plan has only those it fills.
TABLES: Mapping[str, tuple[str, type]] = {
    "history": ("versions", Version),
    "codes": ("codes", CodeEntry),
    "waivers": ("waivers", Waiver),
    "staff": ("staff", Staff),
}
_JSON = frozenset({"recipe", "predecessors", "successors"})


def record_tables(record: Record) -> dict[str, pd.DataFrame]:
    """Return the tables of a record, all columns text; the newest row comes last."""
    out = {}
    for table, (part, kind) in TABLES.items():
        rows = getattr(record, part)
        if rows:
            out[table] = pd.DataFrame(
                {
                    column.name: pd.array(
                        [_text(column.name, getattr(row, column.name)) for row in rows], "str"
                    )
                    for column in fields(kind)
                }
            )
    return out


def record_of(tables: Mapping[str, pd.DataFrame]) -> tuple[Record, list[str]]:
    """Return the record in a plan's tables, and what is wrong with them in words."""
    parts: dict[str, tuple[Any, ...]] = {}
    faults: list[str] = []
    for table, (part, kind) in TABLES.items():
        frame = tables.get(table)
        if frame is None:
            continue
        names = [column.name for column in fields(kind)]
        lost = [name for name in names if name not in frame]
        if lost:
            faults.append(f"table {table!r} has no {', '.join(lost)}")
            continue
        cells = frame[names].fillna("").astype(str).to_dict("records")
        try:
            parts[part] = tuple(
                kind(**{name: _value(name, text) for name, text in row.items()}) for row in cells
            )
        except (ValueError, TypeError) as fault:
            faults.append(f"table {table!r} cannot be read ({fault})")
    record = Record(**parts)
    odd = sorted({staff.role for staff in record.staff} - set(ROLES))
    if odd:
        faults.append(f"table 'staff': {odd[0]!r} is not one of {', '.join(ROLES)}")
    return record, faults


def waived_column(record: Record, grids: Iterable[str]) -> Any:
    """Return who accepted every grid and why, in a line, for whoever looks at the layer."""
    of = {w.grid_id: f"{w.made} {w.person}: {w.reason}".strip() for w in record.waivers}
    return pd.array([of.get(grid, "") for grid in grids], dtype="str")


def _text(name: str, value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if name in _JSON else value


def _value(name: str, text: str) -> Any:
    if name not in _JSON:
        return text
    value = json.loads(text) if text else {} if name == "recipe" else []
    wanted = dict if name == "recipe" else list
    if not isinstance(value, wanted):
        raise ValueError(f"{name} holds {text[:40]!r}")
    return value if name == "recipe" else tuple(map(str, value))
