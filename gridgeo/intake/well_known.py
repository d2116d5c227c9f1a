"""A column of well-known text in a CSV or Excel table, as PostGIS and QGIS write it, to shapes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from .tiers import plain

_NAMES = frozenset(("wkt", "ewkt", "wktgeom", "geometry", "geom", "thegeom", "shape", "几何"))
_TEXT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*"
    r"((?:MULTI)?(?:POINT|POLYGON|LINESTRING)|GEOMETRYCOLLECTION)\b.*",
    re.IGNORECASE | re.DOTALL,
)


def wkt_column(table: pd.DataFrame) -> str | None:
    """Return the column that holds shapes as text: by its name and by its first filled cell."""
    for name in table.columns:
        if plain(str(name)) in _NAMES:
            filled = table[name].dropna()
            if len(filled) and _TEXT.fullmatch(str(filled.iloc[0])):
                return str(name)
    return None


def shapes_of(column: pd.Series) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Any]:
    """Return shapes (object (n,), None where a cell is no shape), which had rings closed, CRS.

    The CRS is the one that all cells name before their text ("SRID=4548;POINT ..."), else None.
    """
    matches = [_TEXT.fullmatch(cell) if isinstance(cell, str) else None for cell in column]
    bodies = [None if match is None else match[0].rpartition(";")[2] for match in matches]
    cells = np.array(bodies, dtype=object)
    closed = shapely.from_wkt(cells, on_invalid="fix")
    without = shapely.from_wkt(cells, on_invalid="ignore")
    named = {match[1] for match in matches if match is not None}
    crs = None
    if len(named) == 1 and None not in named:
        try:
            crs = pyproj.CRS.from_epsg(int(named.pop() or 0))
        except CRSError:
            crs = None
    return closed, shapely.is_missing(without) & ~shapely.is_missing(closed), crs
