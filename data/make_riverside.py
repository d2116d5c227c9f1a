"""Make Riverside, the made-up community GridGeo is tried on: same seed, same bytes.

Run as ``python data/make_riverside.py [--out DIR] [--seed N]``; see data/README.md.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from riverside_buildings import Site, build_sites
from riverside_people import Household, floating, settle, staff
from riverside_portraits import draw_portrait
from riverside_town import CRS, Ground, lay_ground

COMMUNITY = "RV"
DEFAULT_SEED = 7
# A GeoPackage notes when it was written: a fixed day keeps its bytes the same.
WRITTEN_ON = "2026-01-01T00:00:00.000Z"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every file of Riverside; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the files of Riverside.")
    default_out = Path(__file__).resolve().parent / "riverside"
    parser.add_argument("--out", type=Path, default=default_out, help="folder to write to")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the random draws")
    options = parser.parse_args(arguments)
    make(options.out, options.seed)
    return 0


@dataclass(frozen=True)
class Town:
    """Riverside as drawn: a roster and a row of ``buildings`` for every site, in their order."""

    ground: Ground
    sites: tuple[Site, ...]
    rosters: tuple[tuple[Household, ...], ...]
    buildings: gpd.GeoDataFrame


def draw(seed: int) -> Town:
    """Draw the community.

    Raises:
        ValueError: the drawing is faulty (footprints overlap, leave the town or stand in a
            street or in the river), which a change of the plans can bring about.
    """
    rng = np.random.default_rng(seed)
    ground = lay_ground()
    sites = build_sites(ground, rng)
    check(ground, sites)
    rosters = tuple(settle(site, rng) for site in sites)
    persons = [sum(h.persons for h in roster) for roster in rosters]
    elsewhere = [floating(site, n, rng) for site, n in zip(sites, persons, strict=True)]
    ids = [building_id(i) for i in range(len(sites))]
    return Town(ground, sites, rosters, building_table(ground, sites, ids, rosters, elsewhere))


def make(out: Path, seed: int) -> None:
    """Make the community and write its files into ``out``, which is created if missing.

    Raises:
        ValueError: as ``draw``.
    """
    town = draw(seed)
    ground = town.ground
    (out / "portraits").mkdir(parents=True, exist_ok=True)
    write_layer(town.buildings, out / "buildings.gpkg", "buildings")
    borders = _frame({"community": [COMMUNITY]}, [ground.boundary])
    write_layer(borders, out / "boundary.gpkg", "boundary")
    stretches: dict[str, list[object]] = {
        "kind": [b.kind for b in ground.barriers],
        "name": [b.name for b in ground.barriers],
        "bridge": [b.bridge for b in ground.barriers],
    }
    barriers = _frame(stretches, [b.line for b in ground.barriers])
    write_layer(barriers, out / "barriers.gpkg", "barriers")
    grid_ids = [f"RV-{i:03d}" for i in range(1, len(ground.grids) + 1)]
    today = {"grid_id": grid_ids, "community": [COMMUNITY] * len(grid_ids)}
    write_layer(_frame(today, ground.grids), out / "current_grids.gpkg", "grids")
    write_roster(out / "households.csv", town.rosters)
    write_workers(out, grid_ids)


def check(ground: Ground, sites: Sequence[Site]) -> None:
    """Refuse a faulty drawing.

    Raises:
        ValueError: which buildings, and what is wrong with them.
    """
    footprints = [site.footprint for site in sites]
    faults = []
    tree = shapely.STRtree(footprints)
    first, second = tree.query(footprints, predicate="intersects")
    faults += [
        f"{sites[a].name} touches {sites[b].name}"
        for a, b in zip(first, second, strict=True)
        if a < b
    ]
    clear = ground.clear(setback_m=4.0)
    faults += [f"{s.name} stands in the way" for s in sites if not clear.contains(s.footprint)]
    for site in sites:
        if sum(grid.contains(site.footprint) for grid in ground.grids) != 1:
            faults.append(f"{site.name} lies on a border of today's grids")
    if faults:
        raise ValueError(f"{len(faults)} faults in the drawing: " + "; ".join(faults))


def building_table(
    ground: Ground,
    sites: Sequence[Site],
    ids: Sequence[str],
    rosters: Sequence[Sequence[Household]],
    elsewhere: Sequence[int],
) -> gpd.GeoDataFrame:
    """Return one row a building, in the order given; ``elsewhere``: its floating persons."""
    persons = [sum(h.persons for h in roster) for roster in rosters]
    grids = [
        next(i for i, grid in enumerate(ground.grids, start=1) if grid.contains(s.footprint))
        for s in sites
    ]
    columns: dict[str, list[object]] = {
        "building_id": [*ids],
        "name": [s.name for s in sites],
        "kind": [s.kind for s in sites],
        "compound": [s.compound for s in sites],
        "community": [COMMUNITY] * len(sites),
        "floors": [s.floors for s in sites],
        "entrances": [s.entrances for s in sites],
        "households": [len(roster) for roster in rosters],
        "registered": [n - away for n, away in zip(persons, elsewhere, strict=True)],
        "floating": [*elsewhere],
        "current_grid": [f"RV-{i:03d}" for i in grids],
    }
    return _frame(columns, [s.footprint for s in sites])


def write_layer(table: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one GeoPackage of one layer; an older file of that name goes first."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_ON})
    # Two hundred rows need no spatial index, and a file without one is smaller by a quarter.
    options = {"SPATIAL_INDEX": "NO"}
    pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", layer_options=options)


def write_roster(path: Path, rosters: Sequence[Sequence[Household]]) -> None:
    """Write one row a household, in the order of buildings and entrances."""
    homes = [(building_id(i), home) for i, roster in enumerate(rosters) for home in roster]
    rows = [
        (f"RV-H{k:05d}", building, home.entrance, home.persons)
        for k, (building, home) in enumerate(homes, start=1)
    ]
    _write_csv(path, ("household_id", "building_id", "entrance", "persons"), rows)


def write_workers(out: Path, grid_ids: Sequence[str]) -> None:
    """Write the community workers, one a grid of today, and draw their portraits."""
    for old in sorted((out / "portraits").glob("W*.png")):
        old.unlink()
    rows = []
    for number, (grid, worker) in enumerate(
        zip(grid_ids, staff(len(grid_ids)), strict=True), start=1
    ):
        portrait = f"portraits/{worker.worker_id}.png"
        draw_portrait(number, out / portrait)
        consent = "yes" if worker.consent else "no"
        rows.append(
            (
                worker.worker_id,
                worker.name,
                worker.office_phone,
                worker.mobile,
                consent,
                portrait,
                grid,
            )
        )
    header = ("worker_id", "name", "office_phone", "mobile", "consent", "portrait", "grid_id")
    _write_csv(out / "workers.csv", header, rows)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _frame(
    columns: Mapping[str, Sequence[object]], shapes: Sequence[shapely.Geometry]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(dict(columns), geometry=list(shapes), crs=CRS)


def building_id(row: int) -> str:
    """Return the id of a building by its row, from 0."""
    return f"RV-B{row + 1:03d}"


if __name__ == "__main__":
    sys.exit(main())
