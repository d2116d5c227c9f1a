"""A service in a process of its own, as an office starts it: at a free port of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONG_S = 60


@contextmanager
def served(data: Path, *words: str, **environment: str) -> Iterator[str]:
    """Run ``gridgeo serve`` over a store; its address. It must end well when it is told to."""
    log = data.with_suffix(".log")
    command = [sys.executable, "-c", "from gridgeo.cli import main; main()", "serve",
               "--data", str(data), "--port", "0", *words]  # fmt: skip
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    try:
        yield _address(process, log)
        process.terminate()
        assert process.wait(LONG_S) == 0, log.read_text(encoding="utf-8")[-2000:]
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(LONG_S * 10):
        found = re.search(r"Serving at (http://[\w.:]+)/", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(f"it does not begin: {log.read_text(encoding='utf-8')}")
