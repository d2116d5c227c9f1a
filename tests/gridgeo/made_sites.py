"""A published folder of a made-up town of any size, as the gate writes it, without any solving."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from small_stores import ANN, a_plan

from gridgeo.crs import to_lonlat
from gridgeo.jobs.published import read_published
from gridgeo.publish.previous import MANIFEST
from gridgeo.store import NewBuildingSet, Store, blob_of

EPSG = 4547  # CGCS2000 / 3-degree Gauss-Kruger CM 114E, northing first
SPRING, SUMMER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
_CORNER_M = np.array([536_000.0, 3_318_000.0])
_STEP_M = 40.0


@dataclass(frozen=True)
class MadeSite:
    """A folder, and what is in it: ids, shapes in metres, and the grid of every building."""

    folder: Path
    ids: list[str]
    shapes_m: Any
    grid_of: list[str]
    grids_m: dict[str, Any]


def made_site(folder: Path, count: int, *, a_side: int = 5, corner_m: Any = _CORNER_M) -> MadeSite:
    """Write the published folder of a square town; grids hold ``a_side`` buildings a side."""
    wide = int(np.ceil(np.sqrt(count)))
    at = np.arange(count)
    west, south = (corner_m[:, None] + _STEP_M * np.array([at % wide, at // wide])).tolist()
    west, south = np.array(west), np.array(south)
    shapes_m = shapely.box(west + 10, south + 10, west + 30.5, south + 22.25)
    ids = [f"B{number:05d}" for number in at]
    cells = list(zip((at // wide // a_side).tolist(), (at % wide // a_side).tolist(), strict=True))
    names = {cell: f"T-{k + 1:03d}" for k, cell in enumerate(sorted(set(cells)))}
    side = a_side * _STEP_M
    grids_m = {
        name: shapely.box(*(corner_m + side * np.array([x, y])),
                          *(corner_m + side * np.array([x + 1, y + 1])))
        for (y, x), name in names.items()
    }  # fmt: skip
    grid_of = [names[cell] for cell in cells]
    folder.mkdir(parents=True)
    _write(folder, "grids.geojson", grids_m.values(), [
        {"grid_id": name, "community": "Town", "in_band": k % 3 > 0, "households": 100 + k,
         "population": None if k == 0 else 300 + k, "colour": k % 4}
        for k, name in enumerate(grids_m)
    ])  # fmt: skip
    _write(folder, "buildings.geojson", shapes_m, [
        {"building_id": building, "grid_id": grid}
        for building, grid in zip(ids, grid_of, strict=True)
    ])  # fmt: skip
    people = {name: (f"Owner {k}", f"010-{k:04d}") for k, name in enumerate(grids_m)}
    with (folder / "grids.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["grid_id", "community", "in_band", "owner_name", "owner_phone"])
        table.writerows([name, "Town", "True", *people[name]] for name in grids_m)
    book = {
        "grids": [
            {"grid_id": name, "community": "Town", "page": f"grids/{name}.html",
             "owner_name": people[name][0], "owner_phone": people[name][1]}
            for name in grids_m
        ],
        "buildings": [
            {"building_id": building, "grid_id": grid, "name": f"桂园{k + 1}栋",
             "address": f"阳光路{k + 1}号" if k % 2 else ""}
            for k, (building, grid) in enumerate(zip(ids, grid_of, strict=True))
        ],
    }  # fmt: skip
    _say(folder, "directory.json", book)
    (folder / "index.html").write_text("<!doctype html><title>Town</title>", encoding="utf-8")
    files = sorted(path.name for path in folder.iterdir())
    _say(folder, MANIFEST, {"files": files})
    return MadeSite(folder, ids, shapes_m, grid_of, grids_m)


def publish_site(
    store: Store,
    site: MadeSite,
    *,
    slug: str = "town",
    name: str = "Town",
    moments: Any = (SPRING,),
) -> list[str]:
    """Take a folder into a store, once for every moment; return the ids of the publications."""
    out = []
    with store.write(ANN) as unit:
        community = unit.communities.add(slug=slug, name=name)
        blob = blob_of(slug.encode())
        buildings = unit.building_sets.add(
            community.id, NewBuildingSet(blob, "b.gpkg", findings=[], counts={})
        )
        plan = unit.plans.add(community.id, a_plan(buildings.id))
        for moment in moments:
            new = read_published(
                site.folder, plan_id=plan.id, edition={"epsg": EPSG}, valid_from=moment
            )
            out.append(unit.publications.add(community.id, new).id)
    return out


def _write(folder: Path, name: str, shapes_m: Any, told: list[dict[str, Any]]) -> None:
    placed = to_lonlat(np.array(list(shapes_m), dtype=object), f"EPSG:{EPSG}")
    rounded = shapely.transform(placed, lambda xy: np.round(xy, 7))
    features = [
        {"type": "Feature", "properties": facts, "geometry": json.loads(shapely.to_geojson(shape))}
        for facts, shape in zip(told, rounded, strict=True)
    ]
    _say(folder, name, {"type": "FeatureCollection", "features": features})


def _say(folder: Path, name: str, value: Any) -> None:
    (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
