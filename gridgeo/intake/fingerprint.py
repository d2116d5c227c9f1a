"""A hash of what was read, by its values: a plan can be traced to its input years later."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

# Reprojection differs in the last digits from one machine to the next; a millimetre does not.
_DECIMALS = 3


def input_hash(
    table: gpd.GeoDataFrame,
    boundary: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
    entrances: pd.DataFrame | None = None,
    edges: pd.DataFrame | None = None,
) -> str:
    """Return a sha256 in hex over the content, the same whatever the format and row order.

    It covers the metric CRS, and of buildings their ids, households, population, community
    and shape; of the boundary shapes and communities; of barriers shapes, kinds, bridges and
    tunnels; and edges made by hand. Coordinates count to the millimetre. Other attributes do
    not change a plan and do not count.

    Args:
        table: the table of ``Buildings``, sorted by id.
        boundary: polygons or None.
        barriers: lines or None.
        entrances: what a roster counts by building and entrance, or None without one.
        edges: made by hand, see ``edge_edits``, or None.
    """
    digest = hashlib.sha256()
    _add(digest, table, ("building_id", "households", "population", "community"))
    _add(digest, boundary, ("community",))
    sunk = barriers is not None and "tunnel" in barriers and bool(barriers["tunnel"].any())
    # a file without tunnels, and one without edges by hand, keep the hash they always had
    _add(digest, barriers, ("kind", "bridge", "tunnel") if sunk else ("kind", "bridge"))
    if entrances is not None:
        columns = ["building_id", "entrance", "households", "population"]
        lines = [json.dumps(row) for row in entrances[columns].to_numpy(object).tolist()]
        digest.update("\n".join(["entrances", *sorted(lines)]).encode())
    if edges is not None:
        rows = sorted(json.dumps([str(v) for v in row]) for row in edges.to_numpy().tolist())
        digest.update("\n".join(["edges", *rows]).encode())
    return digest.hexdigest()


def _add(digest: Any, frame: gpd.GeoDataFrame | None, columns: tuple[str, ...]) -> None:
    if frame is None:
        digest.update(b"none\n")
        return
    shapes = np.asarray(frame.geometry.values, dtype=object)
    held = [frame[name].tolist() for name in columns if name in frame.columns]
    # adding 0.0 turns the -0.0 that rounding leaves into 0.0
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, _DECIMALS) + 0.0)
    # formats differ in where a ring begins and which way it runs
    rounded = shapely.normalize(rounded)
    lines = [
        json.dumps([shape, *values], ensure_ascii=True)
        for shape, *values in zip(
            shapely.to_wkb(rounded, hex=True, byte_order=1), *held, strict=True
        )
    ]
    digest.update(f"{len(lines)} {frame.crs.to_string()}\n".encode())
    digest.update("\n".join(sorted(lines)).encode())
