"""Where entrance boards hang: at low-rises, at high-rise entrances, between bungalows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding
from ..intake.telling import warning
from ..intake.tiers import plain
from ..model import Plan

Array = np.ndarray[Any, Any]

# A building of more entrances is a slip of the pen; one board then stands for all.
_MOST_ENTRANCES = 40
# Floors of a bungalow at most, and of a high-rise at least: from seven on a house has a lift.
_BUNGALOW_FLOORS, _HIGH_FLOORS = 1.0, 7.0
_FLOORS = ("floors", "floor", "levels", "storeys", "stories", "num_floors", "building_levels",
           "building:levels", "层数", "楼层", "楼层数", "总层数", "地上层数")  # fmt: skip
_ENTRANCES = ("entrances", "单元数", "单元数量")
# What a board among bungalows is for: about so many households. How many houses that is is one of
# these steps, by the average of all bungalows of the plan and never by those at hand: what hangs
# where tells of no house how many live there. Of few houses even the average would tell.
_HOMES = 10.0
_STEPS = (1, 2, 3, 5, 10)
_FEWEST, _WITHOUT_AVERAGE = 10, 3


@dataclass(frozen=True)
class Hanging:
    """Where boards hang, by building id.

    ``doors``: of each building that has boards the labels of the doors that have one each, () for
    a single board. ``serves``: of a board that stands for several buildings their ids, its own
    among them. ``unknown``: the buildings of which nobody knows how high they are.
    """

    doors: Mapping[str, tuple[str, ...]]
    serves: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]

    def findings(self) -> list[Finding]:
        """Return what a planner should know of it."""
        if not self.unknown:
            return []
        count, first = len(self.unknown), self.unknown[0]
        are = "building has" if count == 1 else "buildings have"
        message = (
            f"{count} {are} no number of floors (first: {first}): entrance boards were made for "
            "each entrance that is known"
        )
        fix = "add a column floors: low-rises then get one board each, bungalows one in common"
        return [warning("floors-unknown", message, fix, count=count, first=first)]


def hanging(plan: Plan) -> Hanging:
    """Return where entrance boards hang.

    One a building of two to six floors, one for each entrance of a higher one, and one for about
    ten households of bungalows that stand together in a grid. Floors are read from the column
    ``floors`` (层数). Parts of a building that was split have a board each: another grid may
    begin there.
    """
    table = plan.buildings.table
    ids = [str(name) for name in plan.buildings.ids]
    floors, doors = _floors(table), entrances(plan)
    part = {name for name, own in zip(ids, _own(table), strict=True) if own}
    flat = floors <= _BUNGALOW_FLOORS
    out: dict[str, tuple[str, ...]] = {}
    for name, high in zip(ids, floors, strict=True):
        known = doors[name]
        if name in part or np.isnan(high):
            out[name] = known
        elif high > _BUNGALOW_FLOORS:
            out[name] = known if high >= _HIGH_FLOORS and len(known) > 1 else ()
    serves = {}
    points = plan.buildings.xy
    for rows in _together(plan, np.flatnonzero(flat & ~np.isin(ids, sorted(part)))):
        far = np.hypot(*(points[rows] - points[rows].mean(axis=0)).T)
        at = ids[rows[int(np.lexsort((rows, far.round(2)))[0])]]
        out[at] = ()
        if len(rows) > 1:
            serves[at] = tuple(ids[row] for row in rows)
    unknown = tuple(name for name, high in zip(ids, floors, strict=True) if np.isnan(high))
    return Hanging(out, serves, unknown)


def entrances(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the labels of the doors of each building by its id, () where none are known.

    A part of a building that was split by its entrances has its own; else the column
    ``entrances`` (单元数) counts them.
    """
    table = plan.buildings.table
    counts = _numbers(table, _ENTRANCES)
    return {
        building_id: (label,) if label else _counted(count)
        for building_id, label, count in zip(plan.buildings.ids, _own(table), counts, strict=True)
    }


def _own(table: pd.DataFrame) -> list[str]:
    """The entrance that each row is, "" for a whole building."""
    if "entrance" not in table.columns:
        return [""] * len(table)
    return [own if isinstance(own, str) and own != "?" else "" for own in table["entrance"]]


def _counted(count: float) -> tuple[str, ...]:
    if not 1 <= count <= _MOST_ENTRANCES:  # NaN is neither
        return ()
    return tuple(str(k) for k in range(1, int(count) + 1))


def _floors(table: pd.DataFrame) -> Array:
    floors = _numbers(table, _FLOORS)
    floors[~(floors > 0)] = np.nan
    return floors


def _numbers(table: pd.DataFrame, usual: tuple[str, ...]) -> Array:
    """Return the numbers of the first column of a usual name, float64 (n,), NaN for none."""
    known = {plain(name) for name in usual}
    column = next((name for name in table.columns if plain(str(name)) in known), None)
    if column is None:
        return np.full(len(table), np.nan)
    return np.array(pd.to_numeric(table[column], errors="coerce"), dtype=np.float64)


def _together(plan: Plan, rows: Array) -> Iterator[Array]:
    """Yield the bungalows that share a board: neighbours of one grid, about as many each time."""
    if not len(rows):
        return
    most = _WITHOUT_AVERAGE
    if len(rows) >= _FEWEST:
        average = max(float(np.asarray(plan.buildings.households)[rows].mean()), 0.1)
        most = min(_STEPS, key=lambda step: abs(np.log(step * average / _HOMES)))
    of, points = plan.grid_ids[rows], plan.buildings.xy
    for grid_id in sorted(set(of.tolist())):
        here = rows[of == grid_id]
        yield from _halved(points, here, max(round(len(here) / most), 1))


def _halved(points: Array, rows: Array, groups: int) -> Iterator[Array]:
    """Cut a crowd of points across its longer side until there are so many groups."""
    if groups == 1:
        yield np.sort(rows)
        return
    xy = points[rows]
    axis = int(np.ptp(xy, axis=0).argmax())
    order = rows[np.lexsort((rows, xy[:, 1 - axis], xy[:, axis]))]
    first = groups // 2
    cut = round(len(rows) * first / groups)
    yield from _halved(points, order[:cut], first)
    yield from _halved(points, order[cut:], groups - first)
