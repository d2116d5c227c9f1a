"""Uploads and jobs: files come in, work is queued, watched while it runs, cancelled."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ...jobs.arguments import RowId
from ...jobs.housekeeping import DRAFTS
from ...store import NewJob, NotFound, Store, Unit, blob_of
from ...store.tables import ENDS, Job
from ..access import Actor, GuardedRoute, Role, needs
from ..forms import FileName, Slug
from ..paging import Cursor, Limit, page_of
from ..problems import BadRequestError, ClashError, NotSignedInError
from ..schemas import JobTold, NewJobTaken, Page, UploadTold
from ..settings import Settings
from ..sign_in import find_actor
from ..streams import Streams
from ..writing import Done, check_match, told, write

router = APIRouter(route_class=GuardedRoute)
Viewer = Annotated[Actor, needs(Role.VIEWER)]
Planner = Annotated[Actor, needs(Role.PLANNER, "write")]
_KEPT = timedelta(days=7)
_LOOK_S = 0.5
_GRACE_S = 2.0
_BODY = {"requestBody": {"required": True, "content": {
    "application/octet-stream": {
        "schema": {"type": "string", "format": "binary", "minLength": 1}}}}}  # fmt: skip


@router.post(
    "/communities/{slug}/uploads",
    tags=["Jobs"],
    status_code=201,
    response_model=UploadTold,
    openapi_extra=_BODY,
)
async def upload(
    request: Request,
    slug: Slug,
    actor: Planner,
    name: Annotated[FileName, Query(description="Name of the file, with its ending")],
) -> Response:
    """Send a file as the body of the request; it waits a week for a job that reads it."""
    handle, draft = tempfile.mkstemp(prefix=DRAFTS)
    try:
        with os.fdopen(handle, "wb") as stream:
            size = 0
            # how much is taken is minded before, by the doorman
            async for piece in request.stream():
                size += len(piece)
                await run_in_threadpool(stream.write, piece)
        if not size:
            raise BadRequestError("The file is empty")

        def keep() -> Response:
            blob = blob_of(Path(draft))

            def do(unit: Unit) -> Done:
                held = unit.communities.by_slug(slug)
                row = unit.uploads.add(
                    blob,
                    name=name,
                    media_type=request.headers.get("content-type", "")[:100],
                    user_id=actor.user_id or None,
                    community_id=held.id,
                    expires_at=datetime.now(UTC) + _KEPT,
                )
                return Done(UploadTold.model_validate(row), 201, revision=row.revision)

            return write(request, actor, do, content=blob.sha256)

        return await run_in_threadpool(keep)
    finally:
        Path(draft).unlink(missing_ok=True)


@router.post("/communities/{slug}/jobs", tags=["Jobs"], status_code=202, response_model=JobTold)
def add_job(request: Request, slug: Slug, actor: Planner, body: NewJobTaken) -> Response:
    """Queue a job: check uploaded files, partition buildings, redraw or publish a plan."""
    settings: Settings = request.app.state.settings
    arguments = body.arguments.model_dump(mode="json")
    if body.kind == "publish" and not arguments["base_url"] and settings.base_url:
        # where it will stand, for the codes on boards and cards
        arguments["base_url"] = f"{settings.base_url.rstrip('/')}/sites/{slug}/"

    def do(unit: Unit) -> Done:
        held = unit.communities.by_slug(slug)
        _check_own(unit, held.id, arguments)
        row = unit.jobs.add(
            NewJob(
                body.kind,
                arguments,
                community_id=held.id,
                user_id=actor.user_id or None,
            ),
            most_waiting=settings.queue_limit,
        )
        return Done(JobTold.model_validate(row), 202, f"/jobs/{row.id}", row.revision)

    return write(request, actor, do, body=body)


@router.get("/communities/{slug}/jobs", tags=["Jobs"], response_model=Page[JobTold])
def jobs(
    request: Request,
    slug: Slug,
    _actor: Viewer,
    before: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Return the jobs of a community, newest first."""
    with _store(request).read() as unit:
        held = unit.communities.by_slug(slug)
        rows = unit.jobs.newest(before=before, limit=limit + 1, community_id=held.id)
    return page_of(request, rows, JobTold, limit, word="before")


@router.get("/jobs/{row_id}", tags=["Jobs"], response_model=JobTold)
def job(request: Request, row_id: RowId, _actor: Viewer) -> Response:
    """Return a job."""
    with _store(request).read() as unit:
        row = unit.jobs.get(row_id)
    return told(request, row, JobTold.model_validate(row))


@router.post("/jobs/{row_id}/cancellation", tags=["Jobs"], status_code=202, response_model=JobTold)
def cancel(request: Request, row_id: RowId, actor: Planner) -> Response:
    """Cancel a job: one that waits ends, one that divides ends with its best plan."""

    def do(unit: Unit) -> Done:
        check_match(request, unit.jobs.locked(row_id))
        row = unit.jobs.cancel(row_id)
        return Done(JobTold.model_validate(row), 202, f"/jobs/{row_id}", row.revision)

    return write(request, actor, do)


@router.get(
    "/jobs/{row_id}/events",
    tags=["Jobs"],
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "The job has ended, and the reader knows how: do not ask again."},
    },
)
async def events(
    request: Request,
    row_id: RowId,
    _actor: Viewer,
    last_event_id: Annotated[str, Header(max_length=100)] = "",
) -> Response:
    """Tell where a job stands whenever that changes, until it ends (server-sent events).

    Each event says all of it, so who comes again with the id of the last one misses nothing.
    """
    streams: Streams = request.app.state.streams
    streams.check()
    first = await run_in_threadpool(_job, _store(request), row_id)
    if first.state in ENDS and last_event_id == str(first.revision):
        return Response(None, 204)  # a browser would ask again for ever

    stopping = anyio.Event()

    async def tell() -> AsyncIterator[dict[str, Any]]:
        last, row = "", first
        with streams.place():
            while True:
                body = JobTold.model_validate(row).model_dump_json()
                if body != last:
                    last = body
                    yield {"event": row.state, "data": body, "id": str(row.revision)}
                if row.state in ENDS:
                    return
                with anyio.move_on_after(_LOOK_S):
                    await stopping.wait()
                    return  # the service stops, and ends the stream in order
                try:
                    if (await find_actor(request)).role < Role.VIEWER:
                        return  # who is shut out meanwhile hears no more
                    row = await run_in_threadpool(_job, _store(request), row_id)
                except (NotFound, NotSignedInError):
                    return

    return EventSourceResponse(
        tell(), ping=15, shutdown_event=stopping, shutdown_grace_period=_GRACE_S
    )


def _job(store: Store, row_id: str) -> Job:
    with store.read() as unit:
        return unit.jobs.get(row_id)


def _check_own(unit: Unit, community_id: str, arguments: dict[str, Any]) -> None:
    """Refuse what is of another community: one job has one community.

    Raises:
        ClashError: an upload, building set or plan that is not there, or of another.
    """
    homes = {
        "building_set_id": unit.building_sets,
        "plan_id": unit.plans,
        "start_plan_id": unit.plans,
    }
    uploads = (
        "buildings",
        "boundary",
        "barriers",
        "roster",
        "edges",
        "locks",
        "owners",
        "photos",
        "services",
    )
    faults = []
    for name, value in sorted(arguments.items()):
        home: Any = homes.get(name, unit.uploads if name in uploads else None)
        if home is None or value is None:
            continue
        try:
            if home.get(value).community_id == community_id:
                continue
        except NotFound:
            pass
        faults.append({"where": f"body.arguments.{name}", "message": "not in this community"})
    if faults:
        first = f"{faults[0]['where']}: {faults[0]['message']}"
        told = first if len(faults) == 1 else f"{len(faults)} faults (first: {first})"
        raise ClashError(told, faults=faults)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
