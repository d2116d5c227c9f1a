"""A service over a store with something published, and a client of it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal
from small_plans import block_plan
from small_stores import ANN, a_plan

import gridgeo as gg
from gridgeo.jobs.published import read_published
from gridgeo.publish import Edition
from gridgeo.service import Settings, create_app
from gridgeo.store import NewBuildingSet, Store, blob_of

WORKERS = """grid_id,name,office_phone
G-001,Ann Lee,010-1111
G-002,<b>Bo</b>,010-2222
"""


def publish_blocks(store: Store, folder: Path, *, slug: str = "blocks", moments: Any = None) -> str:
    """Publish the plan of twelve blocks, once for every moment; return the community's id."""
    plan = block_plan()
    folder.mkdir(parents=True)
    (folder / "workers.csv").write_text(WORKERS, encoding="utf-8")
    site = folder / "site"
    gg.publish(plan, site, owners=folder / "workers.csv", edition=Edition(prints=False))
    with store.write(ANN) as unit:
        community = unit.communities.add(slug=slug, name=f"Blocks of {slug}")
        buildings = unit.building_sets.add(
            community.id,
            NewBuildingSet(blob_of(slug.encode()), "b.gpkg", findings=[], counts={}),
        )
        for moment in moments or [datetime(2026, 1, 1, tzinfo=UTC)]:
            row = unit.plans.add(community.id, a_plan(buildings.id))
            new = read_published(site, plan_id=row.id, edition={"epsg": 3414}, valid_from=moment)
            unit.publications.add(community.id, new)
    return str(community.id)


class Client:
    """A client without a network; the service runs in an event loop of its own."""

    def __init__(self, app: Any, portal: Any) -> None:
        self.app, self.portal = app, portal
        self.jar = httpx.Cookies()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://testserver", cookies=self.jar
            ) as client:
                answer = await client.request(method, path, **more)
                self.jar = httpx.Cookies(client.cookies)  # what was deleted is gone from it
                return answer

        answer: httpx.Response = self.portal.call(ask)
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    @property
    def store(self) -> Store:
        store: Store = self.app.state.store
        return store

    def another(self) -> Client:
        """A client that has nothing of this one's cookies."""
        return Client(self.app, self.portal)


@contextmanager
def running(settings: Settings) -> Iterator[Client]:
    """Run a service's lifespan, and give a client of it."""
    app = create_app(settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        yield Client(app, portal)
