"""A comparison as tables of text, for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from .compare import Comparison

# Of more flows, or grids, than this the largest are told; the files have all of them.
MOST_TOLD = 30


@dataclass(frozen=True)
class TextTable:
    """A table of texts under its heads: the first ``words`` columns are no figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


def standing_table(told: Comparison) -> TextTable:
    """Return what both plans come to, side by side."""
    before, after = told.standing
    rows = [
        ("Grids", f"{before.grids:,}", f"{after.grids:,}"),
        ("In band", f"{before.in_band:,}", f"{after.in_band:,}"),
        ("Violation", f"{before.violation:.3f}", f"{after.violation:.3f}"),
        ("Compactness (10⁶ household m²)", f"{before.compactness:.3f}",
         f"{after.compactness:.3f}"),
        ("Buildings", f"{before.buildings:,}", f"{after.buildings:,}"),
        ("Households", f"{before.households:,}", f"{after.households:,}"),
        ("Population", f"{before.population:,}", f"{after.population:,}"),
    ]  # fmt: skip
    return TextTable("", ("", "Before", "After"), tuple(rows))


def flow_table(told: Comparison) -> TextTable:
    """Return who gives how much to whom, the most first, with owners where any are named."""
    flows = told.flows
    owned = bool((flows["from_owner"] != "").any() or (flows["to_owner"] != "").any())
    now = dict(_carried(told.grids))
    was = {b: a for a, b in now.items()}
    rows = []
    for flow in flows.head(MOST_TOLD).to_dict("records"):
        old, new = flow["from_grid"], flow["to_grid"]
        row = [
            _told(old, now.get(old), "now", "gone"),
            *([flow["from_owner"]] if owned else []),
            _told(new, was.get(new), "was", "new"),
            *([flow["to_owner"]] if owned else []),
            f"{flow['buildings']:,}",
            f"{flow['households']:,}",
        ]
        rows.append(tuple(row))
    title = "Who gives to whom" + _of(len(flows))
    heads = ("From", "Owner", "To", "Owner") if owned else ("From", "To")
    return TextTable(title, (*heads, "Buildings", "Households"), tuple(rows), len(heads))


def grid_table(told: Comparison) -> TextTable:
    """Return the grids that differ, before and after."""
    differing = told.grids[(told.grids["change"] != "same") | told.grids["owner_changes"]]
    rows = []
    for grid in differing.head(MOST_TOLD).to_dict("records"):
        names = [grid["grid_before"] or "–", grid["grid_after"] or "–"]
        figures = [
            _both(grid, name) for name in ("buildings", "households", "population")
        ]  # fmt: skip
        band = " → ".join(_band(grid[f"in_band_{side}"]) for side in ("before", "after"))
        change = grid["change"] + (", other owner" if grid["owner_changes"] else "")
        rows.append((*names, change, *figures, band))
    title = "Grids that differ" + _of(len(differing))
    heads = ("Before", "After", "Change", "Buildings", "Households", "Population", "In band")
    return TextTable(title, heads, tuple(rows), 3)


def _carried(grids: pd.DataFrame) -> list[tuple[str, str]]:
    pairs = zip(grids["grid_before"], grids["grid_after"], strict=True)
    return [(old, new) for old, new in pairs if old and new]


def _told(grid: str, other: str | None, word: str, alone: str) -> str:
    """Return a grid by its id, and its other id where it has one."""
    if other is None:
        return f"{grid} ({alone})"
    return grid if other == grid else f"{grid} ({word} {other})"


def _both(grid: dict[Any, Any], name: str) -> str:
    before, after = (grid[f"{name}_{side}"] for side in ("before", "after"))
    if pd.isna(before) or pd.isna(after):
        return f"{after if pd.isna(before) else before:,}"
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _band(value: Any) -> str:
    return "–" if pd.isna(value) else "yes" if value else "no"


def _of(total: int) -> str:
    return f", the first {MOST_TOLD} of {total:,}:" if total > MOST_TOLD else ":"
