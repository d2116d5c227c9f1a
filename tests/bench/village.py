"""python -m tests.bench.village FILE.gpkg -o OUT/: a village with made-up households, divided.

FILE.gpkg holds the layers buildings, boundary, streets and others of lines, as an extract of
OpenStreetMap does. It has no households: a footprint of A m2 and L levels (``building:levels``,
else 2) is given A x L / 110 of them, rounded, none under 40 m2 or in what is no dwelling
(glasshouse, roof, church, garage, ...), at most 40; and 2.6 people a household, rounded up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gridgeo.commands.told import BAD_INPUT
from gridgeo.errors import GridGeoError
from gridgeo.evaluate import evaluate_file
from gridgeo.intake import read_community, read_ground
from gridgeo.model import Band, Limits
from gridgeo.partition import partition
from gridgeo.publish import publish

from .street_town import StreetTown

M2_A_HOUSEHOLD = 110.0
LEVELS = 2.0
SMALLEST_M2 = 40.0
MOST_HOUSEHOLDS = 40
PEOPLE_A_HOUSEHOLD = 2.6
NO_DWELLING = (
    "glasshouse", "greenhouse", "roof", "church", "chapel", "garage", "garages", "shed", "barn",
    "carport", "industrial", "warehouse", "school", "hangar", "farm_auxiliary",
)  # fmt: skip


def read_village(path: str) -> StreetTown:
    """Read the places alone, for the bench of cells and graph."""
    town = read_ground(f"{path}:buildings", f"{path}:boundary", path)
    assert town.boundary is not None
    assert town.barriers is not None
    return StreetTown(town.buildings, town.boundary, town.barriers)


def made_up_households(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the footprints with ``households`` and ``population`` as the head of this says."""
    none = pd.Series(np.nan, index=table.index)
    levels = pd.to_numeric(table.get("building:levels", none), errors="coerce").fillna(LEVELS)
    use = table.get("building", none).astype(str).str.casefold()
    area_m2 = table.geometry.area
    households = (area_m2 * levels / M2_A_HOUSEHOLD).round().clip(1, MOST_HOUSEHOLDS)
    households[(area_m2 < SMALLEST_M2) | use.isin(NO_DWELLING)] = 0
    return table.assign(
        households=households.astype("int64"),
        population=np.ceil(households * PEOPLE_A_HOUSEHOLD).astype("int64"),
    )


def main(words: list[str]) -> int:
    """Divide, evaluate, publish, and check the rivers; 1 where anything is at fault."""
    asked = _parser().parse_args(words)
    asked.output.mkdir(parents=True, exist_ok=True)
    frame = made_up_households(pyogrio.read_dataframe(asked.file, layer="buildings"))
    with tempfile.TemporaryDirectory() as beside:
        source = Path(beside) / "buildings.gpkg"
        pyogrio.write_dataframe(frame, source)
        try:
            town = read_community(source, f"{asked.file}:boundary", asked.file)
        except GridGeoError as fault:
            print(fault)
            return BAD_INPUT
    print(f"{len(town.buildings):,} buildings, {town.buildings.households.sum():,} households")
    limits = Limits(Band.parse(asked.households), Band.parse(asked.population))
    plan = partition(town, limits, time_limit_s=asked.time_limit, seed=asked.seed)
    path = plan.save(asked.output / "plan.gpkg")
    for told in plan.findings.warnings:
        print(f"warning: {told.sentence()}")
    card = evaluate_file(path)
    print(card.table[["grid_id", "buildings", "households", "population", "in_band"]].to_string())
    publish(plan, asked.output / "site", title=Path(asked.file).stem)
    faults = [fault.sentence() for fault in card.faults]
    crossing = grids_across_rivers(plan)
    for fault in (*faults, *crossing):
        print(f"FAULT: {fault}")
    print(f"wrote {path} and {asked.output / 'site'}; {len(faults) + len(crossing)} faults")
    return int(bool(faults or crossing))


def grids_across_rivers(plan) -> list[str]:
    """Grids whose buildings fall apart when every edge over a hard barrier is taken away.

    Each such grid must hold an edge whose reason is a bridge or an underpass: told which do
    not, straight from the lines of the barriers and not from the labels of the edges.
    """
    land, lines = plan.territory, plan.barriers
    hard = shapely.union_all(
        lines.geometry[(lines["kind"] != "street") & ~lines["tunnel"]].to_numpy()
    )
    shapely.prepare(hard)
    inside = plan.grid_ids[land.edges[:, 0]] == plan.grid_ids[land.edges[:, 1]]
    faults = []
    for (a, b), reason in zip(land.edges[inside], land.reason[inside], strict=True):
        border = shapely.intersection(land.cells[a], land.cells[b])
        along_m = shapely.intersection(border, shapely.buffer(hard, 0.05)).length
        if along_m >= border.length / 2 and reason == "shared border":
            faults.append(
                f"{plan.buildings.ids[a]} and {plan.buildings.ids[b]} of {plan.grid_ids[a]} "
                "are neighbours across a hard barrier without a crossing"
            )
    return faults


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.village")
    parser.add_argument("file", metavar="FILE.gpkg")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT/")
    parser.add_argument("--households", default="300:500", metavar="LOW:HIGH")
    parser.add_argument("--population", default="700:1500", metavar="LOW:HIGH")
    parser.add_argument("--time-limit", type=float, default=120.0, metavar="S")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
