"""Shapes read although their rings are not closed, which stops every reader we have."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.errors import GEOSException


def closing(
    read: Callable[[str], pd.DataFrame],
) -> tuple[pd.DataFrame, np.ndarray[Any, Any] | None]:
    """Return what ``read`` gives, and which rows had their rings closed, None for none.

    Args:
        read: reads a file, and does with a ring that is not closed what it is told: "raise",
            "fix" (close it) or "ignore" (leave the shape out), as shapely has it. GDAL hands
            such rings over as they are in every format, and GEOS refuses them.
    """
    try:
        return read("raise"), None
    except GEOSException:
        frame, without = read("fix"), read("ignore")
    whole = np.asarray(frame.geometry.values, dtype=object)
    left = np.asarray(without.geometry.values, dtype=object)
    return frame, shapely.is_missing(left) & ~shapely.is_missing(whole)


def read_parquet(path: Path, on_invalid: str, types: Callable[[Any], Any]) -> gpd.GeoDataFrame:
    """Read GeoParquet whose WKB may hold rings that are not closed.

    Raises:
        ValueError: the file has no geo metadata.
    """
    if on_invalid == "raise":
        return gpd.read_parquet(path, to_pandas_kwargs={"types_mapper": types})
    table = pq.read_table(path)
    columns = json.loads(table.schema.metadata[b"geo"])["columns"]
    for name in columns:
        at = table.schema.get_field_index(name)
        cells = np.array(table.column(at).to_pylist(), dtype=object)
        shapes = shapely.to_wkb(shapely.from_wkb(cells, on_invalid=on_invalid))
        table = table.set_column(at, table.schema.field(at), pa.array(shapes, type=pa.binary()))
    mended = io.BytesIO()
    pq.write_table(table, mended)
    mended.seek(0)
    return gpd.read_parquet(mended, to_pandas_kwargs={"types_mapper": types})
