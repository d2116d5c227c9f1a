"""A territory as one GeoPackage that QGIS opens: cells, edges, forbidden contacts, notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .edge_tables import contact_layers
from .errors import PlanFileError
from .gpkg import write_layers
from .ground import Territory
from .model import Buildings

Array = np.ndarray[Any, Any]


def write_territory(territory: Territory, buildings: Buildings, path: str | Path) -> Path:
    """Write a territory as a GeoPackage and return its path; an old file there is replaced.

    Layers in the metric CRS: ``cells`` (one polygon a building, with its area, the number of
    its neighbours and the part of the territory it lies in), ``edges`` and ``forbidden``
    (lines from building to building, with border, barrier and reason), ``territory``; table
    ``findings``. The same territory gives the same bytes.

    Raises:
        PlanFileError: the file could not be written; an old one stays what it was.
    """
    crs = buildings.table.crs
    cells = gpd.GeoDataFrame(
        {
            "building_id": pd.array(buildings.ids, dtype="str"),
            "community": pd.array(buildings.communities, dtype="str"),
            "area_m2": np.asarray(shapely.area(territory.cells), np.float64),
            "neighbours": np.bincount(territory.edges.ravel(), minlength=len(buildings)),
            "part": parts_of(territory, len(buildings)) + 1,
        },
        geometry=territory.cells,
        crs=crs,
    )
    findings = [
        (told.code, told.severity.value, told.message, told.fix, told.count, told.first)
        for told in territory.findings or ()
    ]
    names = ("code", "severity", "message", "fix", "count", "first")
    table = pd.DataFrame(findings, columns=names)
    for name in names:
        table[name] = table[name].astype("int64" if name == "count" else "str")
    layers = {
        "cells": cells,
        **contact_layers(buildings, territory),
        "territory": gpd.GeoDataFrame(geometry=[territory.area], crs=crs),
        "findings": table,
    }
    try:
        return write_layers(layers, Path(path))
    except OSError as fault:
        raise PlanFileError(f"{path}: the territory could not be written ({fault})") from fault


def parts_of(territory: Territory, n: int) -> Array:
    """Return the part of the graph that each building is in, the largest 0, int64 (n,)."""
    ends = tuple(territory.edges.T)
    graph = coo_array((np.ones(len(territory.edges), np.int8), ends), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    _, first, which, size = np.unique(
        part, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(len(first))
    return rank[which.reshape(-1)]
