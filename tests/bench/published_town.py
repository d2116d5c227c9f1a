"""A made-up town of 12,000 buildings in 500 grids, published into a store as an office would."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np

from gridgeo.jobs.published import read_published
from gridgeo.jobs.task import Task
from gridgeo.jobs.work import epsg_of, keep_buildings, keep_plan, keep_publication
from gridgeo.model import Band, Community, Limits, Plan
from gridgeo.partition import partition
from gridgeo.publish import Edition, publish
from gridgeo.store import Actor, NewJob, NotFound, Store

from .street_town import street_town

SLUG = "bench"
BUILDINGS, GRIDS = 12_000, 500
_ACTOR = Actor("bench")
_SOLVE_S = 60.0


def publish_town(
    store: Store, buildings: int = BUILDINGS, grids: int = GRIDS, *, seed: int = 0
) -> str:
    """Divide and publish a town, unless it is there; return the id of its building set."""
    try:
        with store.read() as unit:
            held = unit.communities.by_slug(SLUG)
            return unit.building_sets.page(community_id=held.id)[0].id
    except NotFound:
        pass
    made = street_town(buildings, seed, footprints=True)
    town = Community(made.buildings, made.boundary, made.barriers)
    plan = partition(town, _limits(town, grids), time_limit_s=_SOLVE_S, seed=seed)
    with tempfile.TemporaryDirectory(prefix="gridgeo-bench-") as folder:
        site = Path(folder) / "site"
        owners = _owners(plan, Path(folder) / "owners.csv")
        publish(plan, site, owners=owners, title="Bench", edition=Edition(prints=False))
        with store.write(_ACTOR) as unit:
            community_id = unit.communities.add(slug=SLUG, name="Bench").id
        task = Task(store, "", "", _ACTOR, community_id, Path(folder))
        kept = keep_buildings(task, town, "bench.gpkg", findings=[])
        row = keep_plan(task, plan, kept["building_set_id"], reason="for the bench")
        edition = {"epsg": epsg_of(plan)}
        keep_publication(task, read_published(site, plan_id=row["plan_id"], edition=edition))
    return str(kept["building_set_id"])


def queue_solve(store: Store, building_set_id: str, *, time_limit_s: float, grids: int) -> str:
    """Queue a partition of the town; return the id of the job."""
    with store.read() as unit:
        held = unit.building_sets.get(building_set_id)
    each = held.counts["households"] / grids
    arguments = {
        "building_set_id": building_set_id,
        "households": f"{int(0.88 * each)}:{int(1.32 * each)}",
        "population": f"{int(2 * each)}:{int(8 * each)}",
        "time_limit_s": time_limit_s,
    }
    with store.write(_ACTOR) as unit:
        return unit.jobs.add(NewJob("partition", arguments, community_id=held.community_id)).id


def _limits(town: Community, grids: int) -> Limits:
    """Bands about the mean of so many grids."""
    each = town.buildings.households.sum() / grids
    return Limits(Band(int(0.88 * each), int(1.32 * each)), Band(int(2 * each), int(8 * each)))


def _owners(plan: Plan, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["grid_id", "name", "office_phone"])
        for number, grid_id in enumerate(np.unique(plan.grid_ids.astype(str)).tolist()):
            table.writerow([grid_id, f"Worker {number}", f"010-{number:04d}"])
    return path
