"""What is wrong with edges added or removed by hand, whoever wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, Severity

Array = np.ndarray[Any, Any]
ADD, REMOVE = "add", "remove"
# The verbs of the messages where one row is meant.
_ONE = {"have": "has", "are": "is"}
COLUMNS = ("a", "b", "action", "reason")


def edit_faults(edits: pd.DataFrame, ids: Array) -> list[Finding]:
    """Name everything wrong with a table of edits, without knowing the territory.

    Args:
        edits: one row an edge: ``a`` and ``b``, ids of buildings, ``action``, "add" or
            "remove", and ``reason``; all text. The index may name the rows, as "row 7".
        ids: of the buildings, object (n,) of text.
    """
    lacking = [name for name in COLUMNS if name not in edits.columns]
    if lacking:
        text = f"edges: no column for {', '.join(lacking)}"
        fix = "Give the columns a, b, action (add or remove) and reason"
        return [Finding("edges-columns", Severity.ERROR, text, fix, len(lacking), lacking[0])]
    a, b, action, reason = (_texts(edits[name]) for name in COLUMNS)
    said = names_of_edits(edits)
    blank = (a == "") | (b == "")
    unknown = (~np.isin(a.astype(str), ids.astype(str)) & (a != "")) | (
        ~np.isin(b.astype(str), ids.astype(str)) & (b != "")
    )
    low, high = np.minimum(a, b), np.maximum(a, b)
    pair = pd.DataFrame({"low": low, "high": high, "action": action})
    twice = pair.duplicated(["low", "high"], keep=False).to_numpy() & ~blank & (a != b)
    actions = pair.groupby(["low", "high"])["action"].transform("nunique").to_numpy()
    checks = (
        (blank, "edge-without-building", "name only one building", "Fill a and b"),
        (
            unknown, "edge-building-unknown", "name a building that is not there",
            "Correct the id, or take the row out; buildings that --where leaves out are not there",
        ),
        ((a == b) & ~blank, "edge-to-itself", "join a building with itself", "Name two buildings"),
        (
            ~np.isin(action.astype(str), (ADD, REMOVE)), "edge-action",
            "have an action that is neither add nor remove", "Write add or remove",
        ),
        (reason == "", "edge-without-reason", "have no reason", "Say why; it stays in the plan"),
        (
            twice & (actions > 1), "edge-contradicted", "are both added and removed",
            "Keep one of the rows",
        ),
        (twice & (actions == 1), "edge-twice", "stand more than once", "Keep one of the rows"),
    )  # fmt: skip
    return [told(said, *check) for check in checks if check[0].any()]


def told(said: Array, bad: Array, code: str, what: str, fix: str) -> Finding:
    """One fault over the rows ``bad``, bool (k,), of which ``said`` are the names."""
    count, first = int(bad.sum()), str(said[bad][0])
    text = f"edges: {count} rows {what} (first: {first})"
    if count == 1:
        verb, _, rest = what.partition(" ")
        text = f"edges: 1 row {_ONE.get(verb, verb + 's')} {rest} ({first})"
    return Finding(code, Severity.ERROR, text, fix, count, first)


def names_of_edits(edits: pd.DataFrame) -> Array:
    """How a planner knows each row: where it stands, if the index says so, and its two ends."""
    at = [f"{name}: " if isinstance(name, str) else "" for name in edits.index]
    ends = zip(at, _texts(edits["a"]), _texts(edits["b"]), strict=True)
    return np.array([f"{place}{a} and {b}" for place, a, b in ends], dtype=object)


def _texts(column: pd.Series) -> Array:
    return np.array(
        ["" if pd.isna(value) else str(value).strip() for value in column], dtype=object
    )
