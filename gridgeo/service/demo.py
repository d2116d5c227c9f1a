"""Riverside loaded, divided and published, as an office would do it, once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ..intake import read_community
from ..jobs.published import read_published
from ..jobs.task import Task
from ..jobs.work import epsg_of, keep_buildings, keep_plan, keep_publication
from ..partition import partition
from ..publish import Edition, publish
from ..riverside_files import riverside_folder
from ..store import Actor, NotFound, Store

SLUG = "riverside"
_ACTOR = Actor("demo")


def load_riverside(store: Store, say: Callable[[str], None]) -> None:
    """Load and publish Riverside, unless it is there."""
    try:
        with store.read() as unit:
            unit.communities.by_slug(SLUG)
        return
    except NotFound:
        pass
    say("Loading, dividing and publishing Riverside; this takes half a minute")
    data = riverside_folder()
    town = read_community(
        data / "buildings.gpkg",
        boundary=data / "boundary.gpkg",
        barriers=data / "barriers.gpkg",
        community="community",
    )
    plan = partition(town, whole="compound", time_limit_s=120.0)
    with tempfile.TemporaryDirectory(prefix="gridgeo-demo-") as folder:
        site = Path(folder) / "site"
        workers = data / "workers.csv"
        publish(plan, site, owners=workers, title="Riverside", edition=Edition(prints=False))
        with store.write(_ACTOR) as unit:
            community_id = unit.communities.add(slug=SLUG, name="Riverside").id
        task = Task(store, "", "", _ACTOR, community_id, Path(folder))
        kept = keep_buildings(task, town, "riverside.gpkg", findings=[])
        row = keep_plan(task, plan, kept["building_set_id"], reason="the first plan")
        edition = {"epsg": epsg_of(plan)}
        keep_publication(task, read_published(site, plan_id=row["plan_id"], edition=edition))
