"""Whether the service on this machine is ready, asked without loading any of it."""

from __future__ import annotations

import os
from http.client import HTTPConnection, HTTPException

_PATIENCE_S = 4.0
# An address to listen at, and the one that leads there.
_NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def what_lacks(host: str | None, port: int | None) -> str:
    """Return "" where the service answers that it is ready, else what is wrong.

    ``host`` and ``port``: as the service was told; else as the environment tells them both.
    """
    host = host or os.environ.get("GRIDGEO_HOST", "127.0.0.1")
    said = str(port) if port is not None else os.environ.get("GRIDGEO_PORT", "8000")
    try:
        connection = HTTPConnection(_NEAR.get(host, host), int(said), timeout=_PATIENCE_S)
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        told = answer.read(2000).decode(errors="replace")
    except (OSError, HTTPException, ValueError) as fault:
        return f"Nothing answers at {host} port {said}: {fault}"
    return "" if answer.status == 200 else f"Not ready: {told}"
