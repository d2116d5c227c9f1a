"""For those who run the service: is it alive, is it ready, and its figures."""

from __future__ import annotations

import hmac
import json

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ..documents import told_as
from ..freshness import Readiness
from ..metrics import Metrics
from ..open_route import open_router
from ..problems import NotAllowedError, NotSignedInError
from ..settings import Settings

router = open_router(tags=["Operations"])
_FRESH = {"cache-control": "no-store"}
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_FIGURES = "text/plain; version=1.0.0; charset=utf-8"


@router.get("/health", summary="Is it alive?", openapi_extra=told_as())
async def health(request: Request) -> Response:
    """Return that the process answers; it asks nothing else."""
    return Response(b'{"status":"ok"}', headers=_FRESH, media_type="application/json")


@router.get(
    "/ready",
    summary="Can it answer?",
    openapi_extra=told_as(),
    responses={503: {"description": "Not ready; the body tells what is missing."}},
)
async def ready(request: Request) -> Response:
    """Return whether database, schema and catalogue are as they must be."""
    readiness: Readiness = request.app.state.readiness
    facts = await readiness.facts()
    well = all(said == "ok" for said in facts.values())
    body = json.dumps({"ready": well, **facts}).encode()
    return Response(body, 200 if well else 503, _FRESH, "application/json")


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    openapi_extra=told_as(),
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def figures(request: Request) -> Response:
    """Return the figures of all processes together, to those who may read them."""
    check_reader(request)
    metrics: Metrics = request.app.state.metrics
    text = await run_in_threadpool(metrics.text)
    return Response(text, headers=_FRESH | {"content-type": _FIGURES})


def check_reader(request: Request) -> None:
    """Refuse figures to strangers.

    With a token in the settings: to all who do not bring it. Without one: to all but programs
    on this machine, and to everybody where a proxy on it may speak for others.

    Raises:
        NotSignedInError, NotAllowedError: it is a stranger.
    """
    settings: Settings = request.app.state.settings
    if settings.metrics_token is not None:
        said = request.headers.get("authorization", "")
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
        if not hmac.compare_digest(said.encode(), wanted.encode()):
            raise NotSignedInError("The figures need the token of GRIDGEO_METRICS_TOKEN")
        return
    near = request.client is not None and request.client.host in _LOOPBACK
    behind = settings.behind_proxy or settings.base_url
    if not near or behind or any(name in request.headers for name in _FORWARDED):
        raise NotAllowedError("The figures are for this machine; set GRIDGEO_METRICS_TOKEN")
