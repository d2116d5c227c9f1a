"""Communities, their building sets, plans, publications and workers: read, added, changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from ...jobs.arguments import RowId
from ...store import Store, Unit
from ..access import Actor, GuardedRoute, Role, needs
from ..forms import Slug
from ..paging import Cursor, Limit, page_of
from ..schemas import (
    BuildingSetTold,
    CommunityChange,
    CommunityTold,
    NewCommunity,
    NewWorker,
    Page,
    PlanTold,
    PublicationTold,
    Withdrawal,
    WorkerChange,
    WorkerTold,
)
from ..writing import Done, check_match, is_known, told, write

router = APIRouter(route_class=GuardedRoute)
Viewer = Annotated[Actor, needs(Role.VIEWER)]
Planner = Annotated[Actor, needs(Role.PLANNER, "write")]
_GEOPACKAGE = "application/geopackage+sqlite3"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_GEOPACKAGE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/communities", tags=["Communities"], response_model=Page[CommunityTold])
def communities(
    request: Request, _actor: Viewer, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the communities, oldest first."""
    with _store(request).read() as unit:
        rows = unit.communities.page(after=after, limit=limit + 1)
    return page_of(request, rows, CommunityTold, limit)


@router.post("/communities", tags=["Communities"], status_code=201, response_model=CommunityTold)
def add_community(request: Request, actor: Planner, body: NewCommunity) -> Response:
    """Add a community."""

    def do(unit: Unit) -> Done:
        row = unit.communities.add(slug=body.slug, name=body.name)
        told_row = CommunityTold.model_validate(row)
        return Done(told_row, 201, f"/communities/{row.slug}", row.revision)

    return write(request, actor, do, body=body)


@router.get("/communities/{slug}", tags=["Communities"], response_model=CommunityTold)
def community(request: Request, slug: Slug, _actor: Viewer) -> Response:
    """Return a community."""
    with _store(request).read() as unit:
        row = unit.communities.by_slug(slug)
    return told(request, row, CommunityTold.model_validate(row))


@router.patch("/communities/{slug}", tags=["Communities"], response_model=CommunityTold)
def change_community(
    request: Request, slug: Slug, actor: Planner, body: CommunityChange
) -> Response:
    """Change the name of a community; with If-Match only if it is as it was read."""

    def do(unit: Unit) -> Done:
        row = unit.communities.locked(unit.communities.by_slug(slug).id)
        check_match(request, row)
        row = unit.communities.change(row.id, name=body.name)
        return Done(CommunityTold.model_validate(row), revision=row.revision)

    return write(request, actor, do, body=body)


@router.get(
    "/communities/{slug}/building-sets",
    tags=["Building sets"],
    response_model=Page[BuildingSetTold],
)
def building_sets(
    request: Request, slug: Slug, _actor: Viewer, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the building sets of a community, oldest first."""
    with _store(request).read() as unit:
        held = unit.communities.by_slug(slug)
        rows = unit.building_sets.page(after=after, limit=limit + 1, community_id=held.id)
    return page_of(request, rows, BuildingSetTold, limit)


@router.get("/building-sets/{row_id}", tags=["Building sets"], response_model=BuildingSetTold)
def building_set(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return a building set."""
    with _store(request).read() as unit:
        row = unit.building_sets.get(row_id)
    return told(request, row, BuildingSetTold.model_validate(row))


@router.get("/building-sets/{row_id}/file", tags=["Building sets"], responses=_FILE,
            response_class=Response)  # fmt: skip
def building_set_file(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return the buildings as a GeoPackage."""
    with _store(request).read() as unit:
        row = unit.building_sets.get(row_id)
    return _file(request, row.file_sha256, f"buildings-{row.number}.gpkg")


@router.get("/communities/{slug}/plans", tags=["Plans"], response_model=Page[PlanTold])
def plans(
    request: Request, slug: Slug, _actor: Viewer, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the plans of a community, oldest first."""
    with _store(request).read() as unit:
        held = unit.communities.by_slug(slug)
        rows = unit.plans.page(after=after, limit=limit + 1, community_id=held.id)
    return page_of(request, rows, PlanTold, limit)


@router.get("/plans/{row_id}", tags=["Plans"], response_model=PlanTold)
def plan(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return what is known of a plan."""
    with _store(request).read() as unit:
        row = unit.plans.get(row_id)
    return told(request, row, PlanTold.model_validate(row))


@router.get("/plans/{row_id}/file", tags=["Plans"], responses=_FILE, response_class=Response)
def plan_file(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return a plan as the GeoPackage that QGIS opens."""
    with _store(request).read() as unit:
        row = unit.plans.get(row_id)
    return _file(request, row.file_sha256, f"plan-{row.number}.gpkg")


@router.get(
    "/communities/{slug}/publications", tags=["Publications"], response_model=Page[PublicationTold]
)
def publications(
    request: Request, slug: Slug, _actor: Viewer, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the publications of a community, oldest first."""
    with _store(request).read() as unit:
        held = unit.communities.by_slug(slug)
        rows = unit.publications.page(after=after, limit=limit + 1, community_id=held.id)
    return page_of(request, rows, PublicationTold, limit)


@router.get("/publications/{row_id}", tags=["Publications"], response_model=PublicationTold)
def publication(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return a publication."""
    with _store(request).read() as unit:
        row = unit.publications.get(row_id)
    return told(request, row, PublicationTold.model_validate(row))


@router.post(
    "/publications/{row_id}/withdrawal", tags=["Publications"], response_model=PublicationTold
)
def withdraw(request: Request, row_id: RowId, actor: Planner, body: Withdrawal) -> Response:
    """Take a publication back: the public reads it no more, the store keeps it.

    The one before does not come back by itself; publish its plan again.
    """

    def do(unit: Unit) -> Done:
        check_match(request, unit.publications.locked(row_id))
        row = unit.publications.withdraw(row_id, reason=body.reason)
        return Done(PublicationTold.model_validate(row), revision=row.revision)

    return write(request, actor, do, body=body)


@router.get("/communities/{slug}/workers", tags=["Workers"], response_model=Page[WorkerTold])
def workers(
    request: Request, slug: Slug, _actor: Viewer, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the workers of a community."""
    with _store(request).read() as unit:
        held = unit.communities.by_slug(slug)
        rows = unit.workers.page(after=after, limit=limit + 1, community_id=held.id)
    return page_of(request, rows, WorkerTold, limit)


@router.post(
    "/communities/{slug}/workers", tags=["Workers"], status_code=201, response_model=WorkerTold
)
def add_worker(request: Request, slug: Slug, actor: Planner, body: NewWorker) -> Response:
    """Add a worker."""

    def do(unit: Unit) -> Done:
        held = unit.communities.by_slug(slug)
        row = unit.workers.add(held.id, code=body.code, name=body.name)
        return Done(WorkerTold.model_validate(row), 201, f"/workers/{row.id}", row.revision)

    return write(request, actor, do, body=body)


@router.get("/workers/{row_id}", tags=["Workers"], response_model=WorkerTold)
def worker(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return a worker."""
    with _store(request).read() as unit:
        row = unit.workers.get(row_id)
    return told(request, row, WorkerTold.model_validate(row))


@router.patch("/workers/{row_id}", tags=["Workers"], response_model=WorkerTold)
def change_worker(request: Request, row_id: RowId, actor: Planner, body: WorkerChange) -> Response:
    """Change a worker's name, or whether they are at work."""

    def do(unit: Unit) -> Done:
        values = body.model_dump(exclude_none=True)
        check_match(request, unit.workers.locked(row_id))
        row = unit.workers.change(row_id, **values)
        return Done(WorkerTold.model_validate(row), revision=row.revision)

    return write(request, actor, do, body=body)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _file(request: Request, sha256: str, name: str) -> Response:
    """Return a file of the store as it is read, piece by piece."""
    tag = f'"{sha256}"'
    if is_known(request, tag):
        return Response(None, 304, {"etag": tag})
    store = _store(request)
    with store.read() as unit:
        size = unit.files.size_bytes(sha256)
    headers = {
        "etag": tag,
        "content-length": str(size),
        "cache-control": "private, no-cache",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    pieces: Iterator[bytes] = store.pieces(sha256)
    return StreamingResponse(pieces, headers=headers, media_type=_GEOPACKAGE)
