"""Towns of blocks on a chessboard, made up in a line: what stands where, and of which kind."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point

from gridgeo.model import Buildings, Community, Territory

CRS = 4547
SIDE_M = 100.0


def board(
    households: list[list[int]], *, people: int = 3, **columns: list[str]
) -> tuple[Community, Territory]:
    """A chessboard of blocks, told from north to south; 0 people where 0 households.

    ``columns``: of every row a string of letters, one a block, as ``kind=["AAB", "AAB"]``; "."
    is nothing. Block 0-0 is the north-western one.
    """
    deep, wide = len(households), len(households[0])
    mass = np.array(households, np.int64)
    places = [(r, c) for r in range(deep) for c in range(wide)]
    table: dict[str, Any] = {
        "building_id": pd.array([f"{r}-{c}" for r, c in places], dtype="str"),
        "households": mass.ravel(),
        "population": people * mass.ravel(),
        "community": pd.array(["T"] * len(places), dtype="str"),
    }
    for name, rows in columns.items():
        letters = "".join(rows)
        table[name] = pd.array(["" if c == "." else c for c in letters], dtype="str")
    south = np.array([(deep - 1 - r) * SIDE_M for r, _ in places])
    west = np.array([c * SIDE_M for _, c in places])
    points = [
        Point(500_000 + x + SIDE_M / 2, 3_000_000 + y + SIDE_M / 2)
        for x, y in zip(west, south, strict=True)
    ]
    at = {place: row for row, place in enumerate(places)}
    edges = sorted(
        (at[r, c], at[other])
        for r, c in places
        for other in ((r, c + 1), (r + 1, c))
        if other in at
    )
    frame = gpd.GeoDataFrame(table, geometry=points, crs=CRS)
    first = [*("building_id", "households", "population", "community", "geometry"), *columns]
    frame = frame[first]
    land = Territory(
        cells=shapely.box(
            500_000 + west, 3_000_000 + south,
            500_000 + west + SIDE_M, 3_000_000 + south + SIDE_M,
        ),
        edges=np.array(edges, np.int64).reshape(-1, 2),
        border_m=np.full(len(edges), SIDE_M),
        barrier=np.full(len(edges), "", dtype=object),
        area=shapely.box(
            500_000, 3_000_000, 500_000 + wide * SIDE_M, 3_000_000 + deep * SIDE_M
        ),
    )  # fmt: skip
    return Community(buildings=Buildings(frame), input_hash="made"), land
