"""Two plans small enough to draw, and a way to let SQL loose on their files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point, box

from gridgeo.errors import Finding, Findings, Severity
from gridgeo.model import Band, Buildings, CommunityResult, Limits, Plan, Status, Territory

CRS = 3414


IDS = ["007", "08", "B1", "B2", "B3", "B4"]


def street_plan(attributes: dict | None = None, *, seconds: float = 12.3, barriers=None) -> Plan:
    """Six houses in a street, 100 m cells from west to east, two communities.

    007 08 | B1 | B2 B3 B4        1-001 (2 houses), 1-002 (B1, too small), E-001
    """
    n = len(IDS)
    west = 100.0 * np.arange(n)
    table = gpd.GeoDataFrame(
        {
            "building_id": pd.array(IDS, dtype="str"),
            "households": np.array([5, 5, 2, 3, 3, 4]),
            "population": np.array([15, 15, 6, 9, 9, 12]),
            "community": pd.array(["1"] * 3 + ["E"] * 3, dtype="str"),
        },
        geometry=[Point(x + 50.125, 50.1) for x in west],
        crs=CRS,
    )
    for name, values in (attributes or {}).items():
        table[name] = values
    territory = Territory(
        cells=shapely.box(west, 0, west + 100, 100),
        edges=np.array([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]),
        border_m=np.array([100.0, 100.0, 100.0, 0.1 + 0.2 + 99, 100.0]),
        barrier=np.array(["", "street", "", "", "river"], dtype=object),
        area=box(0, 0, 100 * n, 100),
    )
    inertia = (2 * 5 * 50**2) / 1e6, 19850 * 6 / 1e6
    return Plan(
        buildings=Buildings(table),
        territory=territory,
        grid_ids=np.array(["1-001", "1-001", "1-002", *["E-001"] * 3], dtype=object),
        limits=Limits(Band(4, 10), Band(10, 30), 350.5),
        seed=7,
        results=(
            CommunityResult(
                "1", Status.INFEASIBLE, inertia[0], None, 1.9, 1.9, 200.0, seconds, "", False
            ),
            CommunityResult(
                "E", Status.FEASIBLE, inertia[1], 0.01, 0.0, 0.0, None, seconds / 9, "half", True
            ),
        ),
        reasons={"1-002": "2 households, 2 under 4; 6 people, 4 under 10"},
        versions={"solver": "2", "gridgeo": "0.1"},
        input_hash="abc",
        findings=Findings((Finding("odd", Severity.WARNING, "one is odd", "Look", 1, "007"),)),
        barriers=barriers,
    )


def barrier_lines() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": ["river", "street"], "bridge": [False, True]},
        geometry=[LineString([(500, 0), (500, 100)]), LineString([(0, 5), (600, 5)])],
        crs=CRS,
    )


def block_plan() -> Plan:
    """Twelve houses, four to a row, 100 m apart, each of 10 households and 30 people.

    B08 B09 B10 B11      north: G-001 G-001 G-001 G-002
    B04 B05 B06 B07             G-003 G-004 G-004 G-002
    B00 B01 B02 B03      south: G-003 G-003 G-004 G-002
    """
    east, north = (
        np.array(axis) for axis in zip(*[(k % 4, k // 4) for k in range(12)], strict=True)
    )
    table = gpd.GeoDataFrame(
        {
            "building_id": pd.array([f"B{k:02d}" for k in range(12)], dtype="str"),
            "households": np.full(12, 10),
            "population": np.full(12, 30),
            "community": pd.array(["G"] * 12, dtype="str"),
        },
        geometry=[Point(100 * e + 50, 100 * n + 50) for e, n in zip(east, north, strict=True)],
        crs=CRS,
    )
    edges = sorted([(k, k + 1) for k in range(12) if k % 4 < 3] + [(k, k + 4) for k in range(8)])
    # three in a row: 2 x 10 x 100^2; an L: 10 x (2 x 100^2 - 2 x 100^2 / 3)
    objective = (2 * 200_000 + 2 * 400_000 / 3) / 1e6
    return Plan(
        buildings=Buildings(table),
        territory=Territory(
            cells=shapely.box(100 * east, 100 * north, 100 * east + 100, 100 * north + 100),
            edges=np.array(edges),
            border_m=np.full(len(edges), 100.0),
            barrier=np.full(len(edges), "", dtype=object),
            area=box(0, 0, 400, 300),
        ),
        grid_ids=np.array([f"G-00{k}" for k in "334234421112"], dtype=object),
        limits=Limits(Band(25, 35), Band(75, 105)),
        seed=0,
        results=(CommunityResult("G", Status.OPTIMAL, objective, objective, 0.0, 0.0, None, 1.0),),
        reasons={},
        versions={},
        input_hash="",
        findings=Findings(),
    )


def execute(path: Path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as base, base:
        # the triggers of the spatial index call functions that only GDAL has
        for (name,) in base.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            base.execute(f'drop trigger "{name}"')
        return base.execute(statement).fetchall()
