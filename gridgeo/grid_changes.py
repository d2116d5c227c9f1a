"""What becomes of every grid between two plans: kept, changed, split, merged, new or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .grid_matching import Overlap
from .record import Staff

Array = np.ndarray[Any, Any]

# A grid is a part of a split, or goes into a merger, with more than this share of its households.
HALF = 0.5
_FIGURES = ("buildings", "households", "population", "in_band", "inertia")
_TYPES = {"in_band": "boolean", "inertia": "Float64"}


@dataclass(frozen=True)
class Lineage:
    """Grids that came of one, and grids that became one; ids sorted.

    ``splits``: a grid of before, and the two or more of after that have most of their households
    from it. ``merges``: two or more grids of before, and the one of after that most of the
    households of each went to.
    """

    splits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    merges: tuple[tuple[tuple[str, ...], str], ...] = ()


def lineage_of(overlap: Overlap, before: pd.DataFrame, after: pd.DataFrame) -> Lineage:
    """Tell splits and merges from what the grids of two plans share.

    Args:
        overlap: the grids that share a building.
        before: the scorecard of the earlier plan.
        after: that of the later one.
    """
    into: dict[str, list[str]] = {}
    out_of: dict[str, list[str]] = {}
    old, new = _mass(before), _mass(after)
    for a, b, households, buildings in zip(
        overlap.before.tolist(), overlap.after.tolist(),
        overlap.households.tolist(), overlap.buildings.tolist(), strict=True,
    ):  # fmt: skip
        if _is_most(households, buildings, new[b]):
            into.setdefault(a, []).append(b)
        if _is_most(households, buildings, old[a]):
            out_of.setdefault(b, []).append(a)
    return Lineage(
        tuple((a, tuple(sorted(parts))) for a, parts in sorted(into.items()) if len(parts) > 1),
        tuple((tuple(sorted(olds)), b) for b, olds in sorted(out_of.items()) if len(olds) > 1),
    )


def grid_table(
    before: pd.DataFrame,
    after: pd.DataFrame,
    buildings: pd.DataFrame,
    *,
    heirs: dict[str, str],
    lineage: Lineage,
    owners: tuple[dict[str, Staff], dict[str, Staff]],
) -> pd.DataFrame:
    """Return one row a grid, one that is carried on being one row; see ``Comparison.grids``.

    Args:
        before: the scorecard of the earlier plan.
        after: that of the later one.
        buildings: see ``Comparison.buildings``.
        heirs: the grid that carries on each grid of before.
        lineage: see ``lineage_of``.
        owners: who serves each grid, before and after.
    """
    figures = [table.set_index("grid_id") for table in (before, after)]
    carried = {new: old for old, new in heirs.items()}
    rows: list[tuple[str, str]] = [(carried.get(new, ""), new) for new in figures[1].index]
    rows += [(old, "") for old in figures[0].index if old not in heirs]
    told = {side: _sums(buildings, side) for side in ("lost", "gained", "gone", "new")}
    out: dict[str, list[Any]] = {"change": []}
    for old, new in rows:
        lost, gone = told["lost"].get(old, (0, 0)), told["gone"].get(old, (0, 0))
        gained, fresh = told["gained"].get(new, (0, 0)), told["new"].get(new, (0, 0))
        moved = any((*lost, *gone, *gained, *fresh))
        out["change"].append(_change(old, new, moved=moved, lineage=lineage))
        for name, (count, households) in (
            ("gained", gained), ("lost", lost), ("new", fresh), ("gone", gone),
        ):  # fmt: skip
            out.setdefault(f"buildings_{name}", []).append(count)
            out.setdefault(f"households_{name}", []).append(households)
    sides = ("before", "after")
    ids = {f"grid_{side}": list(column) for side, column in zip(sides, zip(*rows, strict=True),
                                                               strict=True)}  # fmt: skip
    staffed = {
        f"owner_{side}": [who[grid].name if grid in who else "" for grid in ids[f"grid_{side}"]]
        for side, who in zip(sides, owners, strict=True)
    }
    other = [owner_changes(owners[0].get(old), owners[1].get(new)) for old, new in rows]
    table = pd.DataFrame(
        {
            **{name: pd.array(texts, dtype="str") for name, texts in (ids | staffed).items()},
            "change": pd.array(out.pop("change"), dtype="str"),
            "owner_changes": np.array(other, np.bool_),
            **{
                f"{name}_{side}": _column(table, name, ids[f"grid_{side}"])
                for name in _FIGURES
                for side, table in zip(sides, figures, strict=True)
            },
            **{name: np.array(values, np.int64) for name, values in out.items()},
        }
    )
    front = ["grid_before", "grid_after", "change", "owner_before", "owner_after", "owner_changes"]
    table = table[[*front, *(name for name in table.columns if name not in front)]]
    key = np.where(table["grid_after"] == "", table["grid_before"], table["grid_after"])
    return table.iloc[np.lexsort((table["grid_before"], key))].reset_index(drop=True)


def owner_changes(before: Staff | None, after: Staff | None) -> bool:
    """Whether both are known and are two persons."""
    return before is not None and after is not None and person(before) != person(after)


def person(staff: Staff) -> tuple[str, str]:
    """Return what tells persons apart: the id of a worker, the name where none is known."""
    return ("id", staff.worker_id) if staff.worker_id else ("name", staff.name)


def _change(old: str, new: str, *, moved: bool, lineage: Lineage) -> str:
    if any(old == a or new in parts for a, parts in lineage.splits):
        return "split"
    if any(new == b or old in olds for olds, b in lineage.merges):
        return "merged"
    if not old:
        return "new"
    if not new:
        return "gone"
    if moved:
        return "changed"
    return "same" if old == new else "renamed"


def _sums(buildings: pd.DataFrame, side: str) -> dict[str, tuple[int, int]]:
    """Return buildings and households that a grid loses, gains, or has new or no more."""
    chosen = {
        "lost": buildings["moves"], "gained": buildings["moves"],
        "gone": buildings["match"] == "gone", "new": buildings["match"] == "new",
    }[side]  # fmt: skip
    grid = "from_grid" if side in ("lost", "gone") else "to_grid"
    sums = buildings[chosen].groupby(grid)["households"].agg(["size", "sum"])
    return {str(one): (int(row["size"]), int(row["sum"])) for one, row in sums.iterrows()}


def _column(figures: pd.DataFrame, name: str, grids: list[str]) -> Any:
    found = [figures.at[grid, name] if grid else pd.NA for grid in grids]
    return pd.array(found, dtype=_TYPES.get(name, "Int64"))


def _mass(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return households and buildings of every grid of a scorecard."""
    return {
        str(grid): (int(households), int(buildings))
        for grid, households, buildings in zip(
            table["grid_id"], table["households"], table["buildings"], strict=True
        )
    }


def _is_most(households: int, buildings: int, of: tuple[int, int]) -> bool:
    """Whether they are over half of a grid's households, or of its buildings where it has none."""
    return households > HALF * of[0] if of[0] else buildings > HALF * of[1]
