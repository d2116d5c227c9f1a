"""Where a table of persons says that somebody is: a grid, a building, an address, coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from .crs import lonlat_of
from .errors import Finding
from .intake.building_names import Finder, How, KnownBuildings
from .intake.telling import Rows
from .intake.tiers import plain
from .intake.values import coordinates, texts
from .locate import GridIndex
from .model import Plan
from .worker_sheet import told

Array = np.ndarray[Any, Any]

# Nobody goes to work farther than this each day: what lies beyond is a slip.
MOST_AWAY_M = 100_000.0
_NAMES = frozenset(map(plain, ["name", "building_name", "名称", "楼栋名称", "楼名", "楼栋"]))
_ADDRESSES = frozenset(map(plain, ["address", "street_address", "地址", "详细地址", "楼栋地址"]))
_WHOLE = "building"  # of a building that was split, what its parts are called together


@dataclass(frozen=True, eq=False)
class GridPlaces:
    """The grids of a plan and its buildings, to be found by what people call them.

    ``grid_ids``: sorted, object (g,). ``of``: object (n,), the grid of every building row.
    """

    index: GridIndex
    grid_ids: Array
    of: Array
    xy: Array
    finders: tuple[tuple[Finder, Array], ...]

    @classmethod
    def of_plan(cls, plan: Plan) -> GridPlaces:
        """Return the places of a plan."""
        table, ids = plan.buildings.table, plan.buildings.ids
        named = [
            name
            for usual in ({plain(_WHOLE)} & {plain(str(c)) for c in table}, _NAMES, _ADDRESSES)
            for name in table.columns
            if plain(str(name)) in usual and name != "building_id"
        ]
        columns = [None, *(texts(table[name]) for name in dict.fromkeys(named))]
        return cls(
            index=GridIndex.of(plan),
            grid_ids=np.unique(plan.grid_ids.astype(object)),
            of=plan.grid_ids,
            xy=plan.buildings.xy,
            finders=tuple((Finder(KnownBuildings(ids, names)), ids) for names in columns),
        )

    def rows_of(self, text: str) -> tuple[int, ...]:
        """Return the rows of the buildings that a text may mean: none, one, or several of a name.

        By id, then by name, then by address, exact before alike: see ``Finder``.
        """
        several: tuple[int, ...] = ()
        for finder, ids in self.finders:
            found = finder.find(text)
            if found.row >= 0:
                return (found.row,)
            if found.how is How.TWO_OF_A_NAME and not several:
                several = tuple(np.flatnonzero(np.isin(ids.astype(str), found.others)).tolist())
        return several

    def grids_of(self, text: str) -> tuple[str, ...]:
        """Return the grids that a text may mean: the one of that id, else those of its building."""
        if text in self.grid_ids:
            return (text,)
        return tuple(sorted({str(self.of[row]) for row in self.rows_of(text)}))

    def grid_at(self, xy: Array) -> Array:
        """Return the grids of places, float64 (n, 2), in metres; "" where there is none."""
        return self.index.locate_xy(xy)

    def read_xy(
        self, cells: Mapping[str, Array], start: str, *, rows: Rows, crs: pyproj.CRS | None
    ) -> tuple[Array, list[Finding]]:
        """Read the coordinates of a table's rows, in metres of the plan's CRS.

        Args:
            cells: text by role; the roles are ``start`` and ``lon`` and ``lat``, or ``x`` and
                ``y``, which count where there are no degrees.
            start: "home_", say.
            rows: the rows, for messages.
            crs: of x and y; None for the plan's own.

        Returns:
            float64 (n, 2), NaN where a row says nothing; and every fault.
        """
        in_degrees = any((cells[f"{start}{axis}"] != "").any() for axis in ("lon", "lat"))
        axes = ("lon", "lat") if in_degrees else ("x", "y")
        said = np.column_stack([cells[f"{start}{axis}"] for axis in axes])
        values = np.column_stack(
            [coordinates(pd.Series(column), degrees=in_degrees) for column in said.T]
        ).reshape(-1, 2)
        blank = said == ""
        odd = (np.isnan(values) & ~blank).any(axis=1)
        half = blank.any(axis=1) & ~blank.all(axis=1)
        with np.errstate(invalid="ignore"):
            beyond = (np.abs(values) > [180, 90]).any(axis=1) & in_degrees
        good = ~(blank.any(axis=1) | odd | beyond)
        xy = np.full(values.shape, np.nan)
        if good.any():
            xy[good] = self._metric(values[good], in_degrees=in_degrees, crs=crs)
        far = good & ~(self._away_m(xy) <= MOST_AWAY_M)
        names = " and ".join(f"{start}{axis}" for axis in axes)
        faults = told(
            rows,
            [
                ("place-unreadable", odd, f"has|have no numbers in {names}", "Write degrees "
                 "as 116.4074, or leave both empty"),
                ("place-half", half & ~odd, f"has|have only one of {names}", "Fill the other"),
                ("place-out-of-range", beyond, f"has|have no degrees in {names}",
                 "Longitude is lon, latitude is lat; call metres x and y"),
                ("place-far", far, f"lies|lie more than {MOST_AWAY_M / 1000:.0f} km from the plan "
                 f"by {names}", "Check them and their CRS, or leave them empty"),
            ],
        )  # fmt: skip
        return xy, faults

    def _metric(self, values: Array, *, in_degrees: bool, crs: pyproj.CRS | None) -> Array:
        if in_degrees:
            return self.index.to_metric(values)
        return values if crs is None else self.index.to_metric(lonlat_of(values, crs))

    def _away_m(self, xy: Array) -> Array:
        """Return how far places lie from the box of the buildings, NaN or inf where nowhere."""
        low, high = self.xy.min(axis=0), self.xy.max(axis=0)
        with np.errstate(invalid="ignore"):
            beyond = np.maximum(0, np.maximum(low - xy, xy - high))
            return np.asarray(np.hypot(beyond[:, 0], beyond[:, 1]))
