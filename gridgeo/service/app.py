"""The application: settings in, everything put together, nothing done on import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any

import anyio
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from ..store import Store
from .documents import openapi_of
from .doorman import Doorman
from .observe import Observe
from .oidc import Provider
from .problems import answer_problems
from .public.answers import Answers
from .public.catalogue import Catalogue
from .public.stored import StoredPublications
from .routes import routers
from .routes.locate import Places
from .settings import Settings
from .sign_in import PASSWORDS_AT_ONCE, find_actor

# So soon a publication of another process is seen.
_LOOK_AGAIN_S = 1.0


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service as an ASGI application; without settings those of the environment.

    The store is opened, and its schema brought up to date, before the first request.
    """
    settings = settings or Settings()
    store = Store.open(settings.store)
    catalogue = Catalogue(StoredPublications(store))

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(catalogue.refresh)
        looking = asyncio.create_task(_keep_looking(catalogue))
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            store.close()

    app = FastAPI(
        title="GridGeo",
        version=version("gridgeo"),
        description="Grids of communities: published ones for all, plans for those who may.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings, app.state.store = settings, store
    app.state.find_actor = find_actor
    app.state.provider = Provider.of(settings)
    app.state.passwords = anyio.CapacityLimiter(PASSWORDS_AT_ONCE)
    app.state.public = Answers(catalogue, settings.base_url)
    app.state.places = Places(catalogue)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    answer_problems(app)
    for router in routers():
        # flat, so that app.routes names every route, and each is found at the first look
        app.router.routes.extend(router.routes)
    app.add_middleware(
        Doorman,
        most_bytes=settings.max_body_kb << 10,
        upload_bytes=settings.max_upload_mb << 20,
    )
    app.add_middleware(Observe, seen=_unseen)
    return app


async def _keep_looking(catalogue: Catalogue) -> None:
    while True:
        await asyncio.sleep(_LOOK_AGAIN_S)
        await run_in_threadpool(catalogue.refresh)


def _unseen(_scope: dict[str, Any], _status: int, _seconds: float, _request_id: str) -> None:
    pass
