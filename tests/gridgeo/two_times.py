"""Houses of now and of before, made up in a line, in EPSG:4547."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely import Point

from gridgeo.model import Buildings
from gridgeo.old_grids import OldGrids

CRS = pyproj.CRS.from_epsg(4547)
EAST, NORTH = 536_000.0, 3_318_000.0


def at(x_m: float, y_m: float = 0.0) -> Point:
    return Point(EAST + x_m, NORTH + y_m)


def objects(held: Iterable[Any]) -> np.ndarray:
    listed = list(held)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out


def houses(shape_of: dict[str, Any], **columns: list[Any]) -> Buildings:
    """Buildings of 10 households each by their ids, which must be sorted."""
    assert list(shape_of) == sorted(shape_of)
    n = len(shape_of)
    table = gpd.GeoDataFrame(
        {
            "building_id": pd.array(list(shape_of), dtype="str"),
            "households": np.full(n, 10),
            "population": np.full(n, 30),
            "community": pd.array(columns.pop("community", ["G"] * n), dtype="str"),
            **columns,
        },
        geometry=list(shape_of.values()),
        crs=CRS,
    )
    return Buildings(table)


def before(
    grid_of: dict[str, str], shape_of: dict[str, Any] | None = None, **more: Any
) -> OldGrids:
    """Old buildings by their ids, with the grid of each, and where it has one the place."""
    shapes = None if shape_of is None else objects(shape_of.get(name) for name in grid_of)
    return OldGrids(
        name="old.csv",
        ids=objects(grid_of),
        grid_ids=objects(grid_of.values()),
        names=objects(grid_of),
        geometry=shapes,
        crs=more.pop("crs", CRS if shapes is not None else None),
        wholes=more.pop("wholes", objects([""] * len(grid_of))),
        **more,
    )
