"""A service in a process of its own, on a free port of this machine, as clients find it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

_START_S = 60.0


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Serve a folder of data; give the address, without a slash at its end."""
    command = "from gridgeo.cli import main; main()"
    words = ["serve", "--data", str(data), "--port", "0", "--jobs", "0"]
    log = data.parent / "serve.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", command, *words], stdout=stream, stderr=stream,
            env={**os.environ, "GRIDGEO_LOG_LEVEL": "warning"},
        )  # fmt: skip
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until_s = time.monotonic() + _START_S
    while time.monotonic() < until_s and process.poll() is None:
        found = re.search(r"Serving at (http://\S+)/", log.read_text())
        if found is not None:
            try:
                if httpx.get(f"{found[1]}/health").status_code == 200:
                    return found[1]
            except httpx.TransportError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"it did not start: {log.read_text()}")
