"""The application: settings in, everything put together, nothing done on import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version
from typing import Any

import anyio
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

from ..store import Busy, Store
from ..store.engine import open_engine, url_of
from .access import Actor
from .documents import openapi_of
from .doorman import Doorman
from .freshness import Freshness, Readiness
from .metrics import Metrics
from .observe import Observe
from .oidc import Provider
from .problems import answer_problems, fault
from .public.answers import Answers
from .public.catalogue import Catalogue
from .public.stored import StoredPublications
from .request_log import RequestLog
from .routes import routers
from .routes.locate import Places
from .settings import Settings
from .shortcut import Shortcut
from .sign_in import PASSWORDS_AT_ONCE, find_actor
from .streams import Streams

_LOG = logging.getLogger("gridgeo.service")
# What is asked for so often that the way to it counts.
_SHORT = ("/locate", "/collections/{collectionId}/items", "/health")


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service as an ASGI application; without settings those of the environment.

    The store is opened, and its schema brought up to date. Where the database is away, that is
    logged, and /ready tells until it is there.
    """
    settings = settings or Settings()
    store = _opened(settings)
    catalogue = Catalogue(StoredPublications(store))
    freshness = Freshness(catalogue)
    metrics = Metrics(store)
    log = RequestLog(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        log.start()
        await run_in_threadpool(freshness.look)
        looking = asyncio.create_task(freshness.keep_looking())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            store.close()
            log.stop()

    app = FastAPI(
        title="GridGeo",
        version=version("gridgeo"),
        description="Grids of communities: published ones for all, plans for those who may.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # ``problems`` does, to the address the service is known by
    )
    app.state.settings, app.state.store = settings, store
    app.state.find_actor = _find_actor
    app.state.provider = Provider.of(settings)
    app.state.passwords = anyio.CapacityLimiter(PASSWORDS_AT_ONCE)
    app.state.public = Answers(catalogue, settings.base_url)
    app.state.places = Places(catalogue)
    app.state.readiness = Readiness(store, freshness)
    app.state.metrics = metrics
    app.state.streams = Streams(settings.streams, metrics.streams)
    # made once: routes do not change, and anybody may ask
    app.openapi = cache(lambda: openapi_of(app))  # type: ignore[method-assign]
    answer_problems(app)
    for router in routers():
        # flat, so that app.routes names every route, and each is found at the first look
        app.router.routes.extend(router.routes)
    app.add_middleware(
        Doorman,
        most_bytes=settings.max_body_kb << 10,
        upload_bytes=settings.max_upload_mb << 20,
    )
    app.add_middleware(Shortcut, routes=app.routes, paths=_SHORT)

    def seen(scope: dict[str, Any], status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", "")
        method = scope["method"]
        metrics.count(method, route, status, took_s)
        log.tell(route=route, method=method, status=status, took_s=took_s, scope=scope)

    def failed(scope: dict[str, Any], error: Exception) -> Any:
        route = getattr(scope.get("route"), "path", "")
        _LOG.error("a fault while answering %s %s", scope["method"], route, exc_info=error)
        return fault(Request(scope), error)

    app.add_middleware(Observe, seen=seen, fault=failed, https=settings.https)
    return app


def _opened(settings: Settings) -> Store:
    try:
        return Store.open(settings.store)
    except Busy as fault:
        _LOG.warning("%s", fault)
        return Store(open_engine(url_of(settings.store)))


async def _find_actor(request: Request) -> Actor:
    """Return who asks, and note it for the log."""
    actor = await find_actor(request)
    request.state.user = actor.name if actor.user_id else ""
    return actor
