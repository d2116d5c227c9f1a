"""Load on a server of this machine: by wrk where it is, else by a small client of our own."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MOST_S = 60.0  # a run is never longer
_SCRIPT = """
local paths = {}
for line in io.lines("PATHS") do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, _)
  local e = summary.errors
  local out = io.open("OUT", "w")
  out:write(string.format(
    '{"requests":%d,"seconds":%.6f,"failed":%d,"p50_ms":%.4f,"p95_ms":%.4f,"p99_ms":%.4f}',
    summary.requests, summary.duration / 1e6,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
  out:close()
end
"""


@dataclass(frozen=True)
class Run:
    """What came of a run: ``failed``: no answer, or one of 400 and above."""

    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0


def clients() -> tuple[str, ...]:
    """Return the clients that are here, the better first."""
    return ("wrk", "own") if shutil.which("wrk") else ("own",)


def drive(
    port: int, paths: Sequence[str], *, seconds: float, connections: int, client: str = ""
) -> Run:
    """Ask for the paths again and again, in their order; only ever of this machine."""
    seconds = min(seconds, MOST_S)
    if (client or clients()[0]) == "wrk":
        return _by_wrk(port, paths, seconds, connections)
    return asyncio.run(_by_own(port, paths, seconds, connections))


def _by_wrk(port: int, paths: Sequence[str], seconds: float, connections: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="gridgeo-wrk-") as folder:
        listed, out, script = (Path(folder) / name for name in ("paths", "out", "load.lua"))
        listed.write_text("\n".join(paths) + "\n", encoding="utf-8")
        text = _SCRIPT.replace("PATHS", str(listed)).replace("OUT", str(out))
        script.write_text(text, encoding="utf-8")
        subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency",
             "-s", script, f"http://127.0.0.1:{port}"],
            check=True, capture_output=True, timeout=MOST_S + 30,
        )  # fmt: skip
        return Run(**json.loads(out.read_text(encoding="utf-8")))


async def _by_own(port: int, paths: Sequence[str], seconds: float, connections: int) -> Run:
    took_s: list[float] = []
    failed = 0
    until_s = time.perf_counter() + seconds

    async def ask(first: int) -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        at = first
        try:
            while (began_s := time.perf_counter()) < until_s:
                path = paths[at % len(paths)]
                writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
                await reader.readexactly(size)
                failed += int(head[9:12]) >= 400
                took_s.append(time.perf_counter() - began_s)
                at += connections
        finally:
            writer.close()

    began_s = time.perf_counter()
    await asyncio.gather(*(ask(first) for first in range(connections)))
    ms = np.percentile(np.array(took_s) * 1000, [50, 95, 99]).tolist()
    return Run(len(took_s), time.perf_counter() - began_s, failed, *ms)
