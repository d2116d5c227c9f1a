"""`gridgeo serve` as a process on a free port of the loopback, and what its family looks like."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from gridgeo.cli import main; main()", "serve"]
LONG_S = 120.0


class Served:
    """A running service: ``base`` its address, ``said`` what it printed, ``log`` its log."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
        self.process, self.port = process, port
        self.out, self.err = folder / "out", folder / "err"
        self.base = f"http://127.0.0.1:{port}"

    @property
    def said(self) -> str:
        return self.out.read_text(encoding="utf-8")

    @property
    def log(self) -> str:
        return self.err.read_text(encoding="utf-8")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask over a new connection, which any of the processes may take."""
        return httpx.get(self.base + path, timeout=30, **more)

    def children(self) -> list[int]:
        """The processes that the service began, in the order it began them."""
        return children_of(self.process.pid)

    def web_processes(self) -> list[int]:
        """Those that answer and are there, the newest last."""
        return self._told("Started server process")

    def foreman(self) -> int:
        """The newest one that minds jobs."""
        return until(lambda: self._told("Started foreman process"), "a foreman")[-1]

    def _told(self, words: str) -> list[int]:
        pids = [int(one) for one in re.findall(rf"{words} \[(\d+)\]", self.log)]
        return [pid for pid in pids if is_there(pid)]

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Tell the parent to stop; return its exit status."""
        self.process.send_signal(how)
        return self.process.wait(60)


def children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(one) for one in text.split()]


def of_kind(pid: int, words: str) -> bool:
    try:
        return words in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return False


def jobs(pid: int) -> list[int]:
    """The processes of jobs that a foreman runs."""
    return [child for child in children_of(pid) if of_kind(child, "gridgeo.jobs.child")]


def is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(true: Callable[[], Any], why: str) -> Any:
    """Return what is asked for as soon as it is true."""
    give_up_s = time.monotonic() + LONG_S
    while time.monotonic() < give_up_s:
        value = true()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {LONG_S:g} seconds: {why}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: object) -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and with these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRIDGEO_", "PROMETHEUS_"))}
    named = {f"GRIDGEO_{name.upper()}": str(value) for name, value in settings.items()}
    return {**kept, "PYTHONPATH": str(ROOT), **named}


@contextmanager
def serving(folder: Path, where: str | Path, *words: str, **settings: object) -> Iterator[Served]:
    """Run the command until the block ends, ready from its beginning; then nothing is left."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    place = {"database": where} if "://" in str(where) else {"data": where}
    # a group of its own, as a terminal makes it: a Ctrl-C reaches all of it
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [*COMMAND, "--port", str(port), *words], cwd=folder, stdout=out, stderr=err,
            env=environment(**place, **settings), start_new_session=True,
        )  # fmt: skip
    served = Served(process, folder, port)
    try:
        until(lambda: is_ready(served) or process.poll() is not None, f"ready: {served.log}")
        assert process.poll() is None, served.log
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def is_ready(served: Served) -> bool:
    try:
        return served.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


def refused(*words: str, **settings: object) -> tuple[int, str]:
    """Run the command where it cannot begin; return its exit status and what it complained of."""
    done = subprocess.run(
        [*COMMAND, *words], env=environment(**settings), cwd=ROOT, capture_output=True, text=True,
        timeout=LONG_S, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, re.sub(r"\s+", " ", done.stderr)
