"""A community as one GeoPackage: read, checked and settled, for those who divide it later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from .attribute_columns import plain_columns, settled_names
from .gpkg import write_layers
from .intake import read_community
from .model import SOLE_COMMUNITY, Community
from .sources import ROWS_COLUMN, sources_of, sources_text

_CONTRACT = ("building_id", "households", "population", "community")
# Tables that are no input of their own; they come back as they were.
_TABLES = ("entrances", "edges")


def write_town(town: Community, path: Path) -> Path:
    """Write a community in its metric CRS; an old file there is replaced.

    Layers ``buildings`` (with the contract's columns, and the rest as it was), ``boundary`` and
    ``barriers`` where there are any; tables ``entrances`` and ``edges`` likewise. Nothing of a
    roster but its sums is in it.

    Raises:
        OSError: it cannot be written.
    """
    frame = town.buildings.table
    rest = pd.DataFrame(frame.drop(columns=[*_CONTRACT, frame.geometry.name]))
    columns = {
        **plain_columns(pd.DataFrame(frame[list(_CONTRACT)])),
        **plain_columns(settled_names(rest, _CONTRACT)),
    }
    layers: dict[str, pd.DataFrame] = {"buildings": _layer(columns, frame)}
    for name, lines in (("boundary", town.boundary), ("barriers", town.barriers)):
        if lines is not None and len(lines):
            attributes = pd.DataFrame(lines.drop(columns=lines.geometry.name))
            layers[name] = _layer(plain_columns(settled_names(attributes, ())), lines)
    for name in _TABLES:
        table = getattr(town, name)
        if table is not None and len(table):
            layers[name] = pd.DataFrame(plain_columns(table))
    layers["sources"] = pd.DataFrame({"files": pd.array([sources_text(town.sources)], "str")})
    return write_layers(layers, path)


def read_town(path: Path) -> Community:
    """Read a community that ``write_town`` wrote.

    Raises:
        InputError: it is none, or damaged.
    """
    names = set(pyogrio.list_layers(path)[:, 0].tolist())
    beside = [f"{path}:{name}" if name in names else None for name in ("boundary", "barriers")]
    columns = {role: role for role in _CONTRACT[:3]}
    several = _communities(path) != [SOLE_COMMUNITY]
    town = read_community(
        f"{path}:buildings",
        *beside,
        columns=columns,
        community="community" if several else None,
    )
    tables: dict[str, Any] = {
        name: pyogrio.read_dataframe(path, layer=name, read_geometry=False)
        for name in _TABLES
        if name in names
    }
    # the rows are those of the files handed in, not those of this one
    frame, own = town.buildings.table, f"{ROWS_COLUMN}_source"
    if own in frame:
        frame = frame.drop(columns=ROWS_COLUMN).rename(columns={own: ROWS_COLUMN})
    if "sources" in names:
        said = pyogrio.read_dataframe(path, layer="sources", read_geometry=False)
        tables["sources"] = sources_of(said["files"].iloc[0])
    return replace(town, buildings=replace(town.buildings, table=frame), **tables)


def _communities(path: Path) -> list[str]:
    frame = pyogrio.read_dataframe(
        path, layer="buildings", columns=["community"], read_geometry=False
    )
    return sorted(set(frame["community"].astype(str)))


def _layer(columns: dict[str, Any], frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = np.asarray(frame.geometry.values, dtype=object)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs)
