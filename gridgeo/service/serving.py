"""Everything the service is made of, started and stopped together."""

from __future__ import annotations

import errno
import logging
import math
import os
import resource
import signal
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from uvicorn.config import STARTUP_FAILURE

from ..errors import GridGeoError
from ..jobs.housekeeping import FIGURES, held_folder
from ..jobs.parent import when_parent_is_gone
from ..logs import set_up_logs
from ..store import Actor, Role, Store
from .metrics import FOLDER
from .settings import PREFIX, Settings
from .slow_clients import Config, Patience

_LOG = logging.getLogger("gridgeo.service")
_FIRST_LINK = timedelta(days=1)
# A process that has a large town to read may be silent for a while.
_SILENT_S = 60


class UnusableError(GridGeoError):
    """The service cannot be started as it was told to."""


def serve_until_stopped(
    settings: Settings, *, say: Callable[[str], None], demo: bool = False
) -> int:
    """Serve until a signal says stop; return the exit status, 1 where it could not go on.

    Port and store are tried first, so that what is wrong with them is told here.

    Raises:
        UnusableError: the address cannot be listened at.
        StoreError: the data folder or the database cannot be used.
    """
    set_up_logs(settings.log_format, settings.log_level)
    with _listening(settings) as listener, _figures_folder(settings):
        store = Store.open(settings.store)
        try:
            if demo:
                from .demo import load_riverside

                load_riverside(store, say)
            link = first_link(store)
        finally:
            store.close()
        base = settings.base_url.rstrip("/") or _address(settings, listener)
        say(f"Serving at {base}/")
        if link:
            say(f"No admin yet. This link makes one, once, within a day: {base}/join/{link}")
        return _supervised(settings, listener)


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


def app() -> object:
    """Return the application of one web process, with the settings of the environment.

    What keeps it from being made would do so again: the process ends with a status that says so.
    """
    settings = Settings()
    set_up_logs(settings.log_format, settings.log_level)
    # the orderly way out, as if the parent had said so
    when_parent_is_gone(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        from .app import create_app

        return create_app(settings)
    except Exception:  # noqa: BLE001  # it is logged, and this process ends
        _LOG.exception("a web process cannot be started")
        sys.exit(STARTUP_FAILURE)


def environment_of(settings: Settings) -> dict[str, str | None]:
    """Return settings as the environment says them to processes of our own; None: not at all."""
    out: dict[str, str | None] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        out[f"{PREFIX}{name.upper()}"] = None if value is None else str(value)
    return out


def _supervised(settings: Settings, listener: socket.socket) -> int:
    from .supervisor import Supervisor

    config = Config(
        "gridgeo.service.serving:app",
        factory=True,
        workers=settings.workers,
        http="gridgeo.service.slow_clients:PatientProtocol",
        ws="none",
        log_config=None,
        access_log=False,  # our own lines say more
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1" if settings.behind_proxy else "",
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_s),
        timeout_keep_alive=settings.keep_alive_s,
        timeout_worker_healthcheck=_SILENT_S,
    )
    config.patience = Patience(settings.head_timeout_s, settings.slow_client_s)
    # the processes that answer read the same settings
    for name, value in environment_of(settings).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _allow_many_files()
    supervisor = Supervisor(config, listener, settings)
    supervisor.run()
    return 1 if supervisor.failed else 0


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Give a socket at the address of the settings."""
    where = f"{settings.host} port {settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        made = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as fault:
        advice = "Name another with --host"
        if fault.errno == errno.EADDRINUSE:
            advice = "Another program listens there: end it, or name another port with --port"
        elif fault.errno == errno.EACCES:
            advice = "Name a port from 1024 on with --port, and put a proxy before it"
        raise UnusableError(f"Cannot listen at {where}: {_why(fault)}. {advice}.") from fault
    with made:
        yield made


@contextmanager
def _figures_folder(settings: Settings) -> Iterator[None]:
    """Give several processes a folder where they gather their figures."""
    if settings.workers == 1:
        os.environ.pop(FOLDER, None)
        yield
        return
    with held_folder(FIGURES, uuid.uuid4().hex[:8]) as folder:
        os.environ[FOLDER] = str(folder)
        yield


def _allow_many_files() -> None:
    """Take as many open files as may be had: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _address(settings: Settings, listener: socket.socket) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why(fault: OSError) -> str:
    return fault.strerror or str(fault)
