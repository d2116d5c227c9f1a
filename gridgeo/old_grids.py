"""The grids of before: what a redraw starts from, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj

from .errors import Finding
from .model import Plan
from .record import Record

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class OldGrids:
    """Buildings of before, each with its grid; or the ground of the grids alone.

    ``name``: the file as the planner named it. ``ids``: object (m,) of text, sorted, unique but
    for "" where a row had none. ``grid_ids``: object (m,) of text, "" for a building that was in
    no grid. ``names``: object (m,), how to call each row: its id, or "row 7". ``geometry``:
    shapes, object (m,), None where one has no place; None as a whole where none is known.
    ``crs``: of all shapes, metric; None where the file names none: then the shapes are as they
    were read. ``plan``: where it was a plan of GridGeo. ``polygons`` and ``polygon_ids``: the
    ground of grids, object (g,), and whose it is; then there are no buildings (m = 0).
    ``homes``: the community of every old grid by its id, and ``record``: what was remembered, where
    that is known without a plan.
    ``wholes``: object (m,), the id of the building that a row was a part of (one entrance), "" for
    none. ``findings``: what was odd in the file, none an error.
    """

    name: str
    ids: Array
    grid_ids: Array
    names: Array
    geometry: Array | None = None
    crs: pyproj.CRS | None = None
    plan: Plan | None = None
    polygons: Array | None = None
    polygon_ids: Array = field(default_factory=lambda: np.empty(0, dtype=object))
    homes: Mapping[str, str] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    wholes: Array = field(default_factory=lambda: np.empty(0, dtype=object))
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def all_grids(self) -> list[str]:
        """The ids of all grids there were, sorted."""
        held = self.grid_ids if self.polygons is None else self.polygon_ids
        return sorted({str(grid) for grid in held if grid})

    @property
    def community_column(self) -> str | None:
        """The column that told communities apart in the file a plan was made of, if one did."""
        if self.plan is None:
            return None
        named = [file.columns.get("community") for file in self.plan.sources]
        return next((name for name in named if name), None)

    @classmethod
    def of_plan(cls, plan: Plan, name: str = "the old plan") -> OldGrids:
        """Return the grids of a plan."""
        table = plan.buildings.table
        return cls(
            name=name,
            ids=plan.buildings.ids,
            grid_ids=np.asarray(plan.grid_ids, dtype=object),
            names=plan.buildings.ids,
            geometry=np.asarray(table.geometry.values, dtype=object),
            crs=None if table.crs is None else pyproj.CRS.from_user_input(table.crs),
            plan=plan,
            wholes=wholes_of(plan.buildings.table),
        )


def wholes_of(table: Any) -> Array:
    """Return the building that each row is an entrance of, "" for none; object (n,).

    As ``gridgeo.entrances`` calls them: ``B1/2`` with its ``building`` and ``entrance``.
    """
    out = np.full(len(table), "", dtype=object)
    if not {"building", "entrance"} <= set(table.columns):
        return out
    rows = zip(table["building_id"], table["building"], table["entrance"], strict=True)
    for at, (own, whole, entrance) in enumerate(rows):
        if isinstance(whole, str) and str(own).rstrip("/") == f"{whole}/{entrance}":
            out[at] = whole
    return out
