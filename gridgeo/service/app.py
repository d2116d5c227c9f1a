"""The application: settings in, everything put together, nothing done on import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from .observe import Observe
from .problems import answer_problems
from .routes import routers
from .settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service as an ASGI application; without settings those of the environment."""
    settings = settings or Settings()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(
        title="GridGeo",
        version=version("gridgeo"),
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    answer_problems(app)
    for router in routers():
        app.include_router(router)
    app.add_middleware(Observe, seen=_unseen)
    return app


def _unseen(_scope: dict[str, Any], _status: int, _seconds: float, _request_id: str) -> None:
    pass
