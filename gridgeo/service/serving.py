"""Everything the service is made of, started and stopped together: web processes and foreman."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import uvicorn
from uvicorn.supervisors import Multiprocess

from ..jobs.foreman import Bounds, Foreman
from ..store import Actor, Role, Store
from .settings import Settings

_FIRST_LINK = timedelta(days=1)


def serve_until_stopped(
    settings: Settings, *, say: Callable[[str], None], demo: bool = False
) -> int:
    """Serve until a signal says stop; return the exit status.

    The store is opened and brought up to date first, so that what is wrong with it is told here.
    """
    store = Store.open(settings.store)
    try:
        if demo:
            from .demo import load_riverside

            load_riverside(store, say)
        link = first_link(store)
    finally:
        store.close()
    listener = socket.create_server((settings.host, settings.port), backlog=2048)
    port = listener.getsockname()[1]
    base = settings.base_url.rstrip("/") or f"http://{_shown(settings.host)}:{port}"
    say(f"Serving at {base}/")
    if link:
        say(f"No admin yet. This link makes one, once, within a day: {base}/join/{link}")
    foreman = None
    if settings.jobs:
        foreman = multiprocessing.get_context("spawn").Process(
            target=run_foreman, args=(settings,), name="foreman"
        )
        foreman.start()
    try:
        return _serve(settings, listener)
    finally:
        if foreman is not None:
            foreman.terminate()
            foreman.join(settings.shutdown_s)
            if foreman.is_alive():
                foreman.kill()
                foreman.join()
        listener.close()


def run_foreman(settings: Settings) -> None:
    """Do jobs until a signal says stop, or the process that began it is gone."""
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, who tells
    parent = os.getppid()
    bounds = Bounds(settings.job_time_limit_s, settings.job_memory_mb)
    foreman = Foreman(settings.store, settings.jobs, bounds)
    foreman.work(lambda: over.is_set() or os.getppid() != parent)


def first_link(store: Store) -> str:
    """Return the secret of a new invitation for the first admin; "" where there is one.

    Links of earlier starts that nobody has used are withdrawn: one is about at a time.
    """
    with store.read() as unit:
        if unit.users.count(role=Role.ADMIN.value, disabled_at=None):
            return ""
    with store.write(Actor("first start")) as unit:
        unit.invitations.withdraw_unused(Role.ADMIN)
        expires = datetime.now(UTC) + _FIRST_LINK
        return unit.invitations.add(role=Role.ADMIN, expires_at=expires)[1]


def _serve(settings: Settings, listener: socket.socket) -> int:
    config = uvicorn.Config(
        "gridgeo.service.serving:app",
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,  # our own lines say more
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1" if settings.behind_proxy else "",
        timeout_graceful_shutdown=int(settings.shutdown_s),
        timeout_keep_alive=15,
    )
    # the processes that answer read the same settings
    os.environ.update(environment_of(settings))
    if settings.workers == 1:
        server = uvicorn.Server(config)
        server.run([listener])
        return 0 if server.started else 1
    Multiprocess(config, [listener]).run()
    return 0


def app() -> object:
    """Return the application of one process, with the settings of the environment."""
    from .app import create_app

    return create_app(Settings())


def environment_of(settings: Settings) -> dict[str, str]:
    """Return settings as the environment says them, for processes of our own."""
    out = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            said = value.get_secret_value() if hasattr(value, "get_secret_value") else value
            out[f"GRIDGEO_{name.upper()}"] = str(said)
    return out


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
