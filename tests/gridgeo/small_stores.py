"""What tests put into a store: a community with buildings, plans, people and a publication."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import shapely

from gridgeo.store import (
    Actor,
    Feature,
    NewBuildingSet,
    NewJob,
    NewPlan,
    NewPublication,
    PublicFile,
    Role,
    Store,
    Unit,
    blob_of,
)
from gridgeo.store.tables import now

ANN = Actor("ann", user_id="u-1", request_id="r-1")


class Town(NamedTuple):
    community_id: str
    building_set_id: str
    plan_id: str


def add_town(unit: Unit, slug: str = "riverside") -> Town:
    """A community with one set of buildings and one plan."""
    community = unit.communities.add(slug=slug, name=slug.title())
    buildings = unit.building_sets.add(
        community.id,
        NewBuildingSet(
            file=blob_of(b"the buildings of " + slug.encode()),
            file_name="buildings.gpkg",
            findings=[{"code": "no-households", "count": 2}],
            counts={"buildings": 120, "households": 2400},
        ),
    )
    plan = unit.plans.add(community.id, a_plan(buildings.id))
    return Town(community.id, buildings.id, plan.id)


def a_plan(building_set_id: str, *, parent_id: str = "", words: bytes = b"a plan") -> NewPlan:
    return NewPlan(
        building_set_id=building_set_id,
        file=blob_of(words),
        digest="0" * 64,
        status="feasible",
        action="redraw" if parent_id else "partition",
        parent_id=parent_id,
        recipe={"seed": 7, "share": 0.1},
        objective=12.5,
        bound=12.25,
        gap=0.02,
        counts={"grids": 6},
        reason="the first one",
    )


def a_publication(plan_id: str, *, grids: int = 2) -> NewPublication:
    """A page, ``grids`` squares beside each other, one building in each, and their ground."""
    squares = [shapely.box(-74 + i, 4, -73 + i, 5) for i in range(grids)]
    return NewPublication(
        plan_id=plan_id,
        edition={"number": "1", "words": "第一版"},
        files={
            "index.html": PublicFile("text/html", blob_of(b"<p>page</p>")),
            "grids.geojson": PublicFile("application/geo+json", blob_of(b"{}")),
        },
        grids=[Feature(f"G{i}", shapely.to_wkb(s), {"owner": "W1"}) for i, s in enumerate(squares)],
        buildings=[
            Feature(f"B{i}", shapely.to_wkb(s.centroid), grid_id=f"G{i}")
            for i, s in enumerate(squares)
        ],
        boundaries=[Feature("ground", shapely.to_wkb(shapely.union_all(squares)))],
    )


def fill(store: Store) -> Town:
    """Put something into every table of the store."""
    with store.write(ANN) as unit:
        town = add_town(unit)
        worker = unit.workers.add(town.community_id, code="W1", name="李雷", details={"phone": "1"})
        user = unit.users.add(name="Ann", role=Role.ADMIN, password_hash="argon2", email="a@b")
        unit.users.add(name="ben", role=Role.WORKER, worker_id=worker.id)
        unit.plans.add(town.community_id, a_plan(town.building_set_id, parent_id=town.plan_id))
        unit.publications.add(town.community_id, a_publication(town.plan_id))
        unit.publications.add(town.community_id, a_publication(town.plan_id, grids=3))
        tomorrow = now() + timedelta(days=1)
        unit.sessions.add(user.id, expires_at=tomorrow)
        unit.tokens.add(user.id, name="for QGIS", scopes=["read"])
        unit.invitations.add(role=Role.ADMIN, expires_at=tomorrow)
        unit.sign_in_attempts.add("ann")
        job = unit.jobs.add(NewJob("partition", {"seed": 7}, community_id=town.community_id))
        unit.jobs.claim("worker 1")
        unit.jobs.beat(job.id, "worker 1", progress={"gap": 0.25, "bound": 1e-7})
        # more than one piece, and the last one not full
        long = bytes(range(256)) * (1 << 13) + b"tail"
        unit.uploads.add(blob_of(long), name="b.gpkg", media_type="application/octet-stream")
        unit.idempotency_keys.begin(
            user.id, route="POST /plans", key="k", request_hash="h", expires_at=tomorrow
        )
        unit.idempotency_keys.finish(
            user.id, route="POST /plans", key="k", status=201, response={"id": town.plan_id}
        )
    return town
