"""python -m tests.bench.load --json out.json: the service under load, beside a bare FastAPI route.

A town of 500 grids and 12,000 buildings is made, divided and published; then /locate (a new
place every time), /items (pages and boxes that come again) and /items of boxes that are asked for
once are driven in turn with a bare route in a process of its own, on the same uvicorn; again
while a partition of the town runs. All on the loopback, in bounded runs.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from gridgeo.store import JobState, Store

from .drive import Run, clients, drive
from .machine import describe, in_words
from .published_town import BUILDINGS, GRIDS, SLUG, publish_town, queue_solve

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fastapi", "starlette", "uvicorn", "httptools", "uvloop", "shapely")
LEAST_SHARE, AIM_SHARE, MOST_P95, LEAST_SOLVING = 0.6, 0.8, 2.0, 0.5
_MANY = 20_000
_START_S = 120.0
# The solve outlasts the runs beside it, and is cancelled after them.
_SOLVE_S = 600.0
TARGETS = ("locate", "items", "new boxes")


def main(words: list[str]) -> int:
    """Measure; 1 where a goal is missed."""
    asked = _parser().parse_args(words)
    machine = describe(PACKAGES)
    client = asked.client or clients()[0]
    print(in_words(machine))
    print(
        f"{asked.buildings:,} buildings, {asked.grids} grids asked for, seed {asked.seed}; client "
        f"{client}, {asked.connections} connections, {asked.rounds} rounds of {asked.seconds:g} s, "
        f"{asked.workers} web process"
    )
    with tempfile.TemporaryDirectory(prefix="gridgeo-load-") as made:
        data = asked.data or Path(made) / "data"
        store = Store.open(data)
        building_set = publish_town(store, asked.buildings, asked.grids, seed=asked.seed)
        with bare() as (bare_port, bare_pid), service(data, asked.workers) as (port, pid):
            town = json.loads(_read(port, f"/collections/{SLUG}.grids/items?limit=1"))
            print(f"{town['numberMatched']} grids published", flush=True)
            paths = paths_of(_bounds(port), asked.buildings, seed=asked.seed)

            def run(name: str) -> dict[str, Any]:
                where, who = (bare_port, bare_pid) if name == "bare" else (port, pid)
                before_s = cpu_s(who)
                done = drive(where, paths[name], seconds=asked.seconds, client=client,
                             connections=asked.connections)  # fmt: skip
                used_s = cpu_s(who) - before_s
                return told(name, done, used_s)

            for name in paths:
                run(name)  # everything is warm before it counts
            quiet = rounds(run, asked.rounds)
            with solving(store, building_set, asked.grids):
                busy = rounds(run, asked.rounds)
        store.close()
    text = {
        "machine": machine, "client": client, "seed": asked.seed, "buildings": asked.buildings,
        "grids": town["numberMatched"], "connections": asked.connections,
        "workers": asked.workers, "quiet": summary(quiet, quiet),
        "while solving": summary(busy, quiet), "runs": {"quiet": quiet, "while solving": busy},
    }  # fmt: skip
    missed = goals_missed(text)
    text["missed"] = missed
    for words_ in lines(text):
        print(words_)
    if asked.json:
        asked.json.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    return int(bool(missed))


def rounds(run: Callable[[str], dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return the runs of all targets and the bare route, the order turned round each time."""
    out = []
    for number in range(count):
        names = ("bare", *TARGETS)
        for name in names if number % 2 == 0 else reversed(names):
            out.append({"round": number, **run(name)})
    return out


def told(name: str, done: Run, used_s: float) -> dict[str, Any]:
    """Return a run as it is kept: CPU of the server a request besides, which noise moves less."""
    us = 1e6 * used_s / done.requests if done.requests else 0.0
    return {"target": name, "per_s": round(done.per_s, 1), "cpu_us": round(us, 1), **asdict(done)}


def summary(runs: Sequence[Mapping[str, Any]], quiet: Sequence[Mapping[str, Any]]) -> dict:
    """Return medians of each target, and shares of the bare route of the same round.

    ``of_quiet``: requests a second as a share of those while nothing else ran.
    """
    out = {}
    for name in ("bare", *TARGETS):
        mine = [one for one in runs if one["target"] == name]
        base = {one["round"]: one for one in runs if one["target"] == "bare"}
        before = median(one["per_s"] for one in quiet if one["target"] == name)
        out[name] = {
            "per_s": median(one["per_s"] for one in mine),
            "p95_ms": median(one["p95_ms"] for one in mine),
            "cpu_us": median(one["cpu_us"] for one in mine),
            "share": round(median(one["per_s"] / base[one["round"]]["per_s"] for one in mine), 3),
            "p95_times": round(
                median(one["p95_ms"] / base[one["round"]]["p95_ms"] for one in mine), 3
            ),
            "of_quiet": round(median(one["per_s"] for one in mine) / before, 3),
            "failed": sum(one["failed"] for one in mine),
        }
    return out


def goals_missed(text: Mapping[str, Any]) -> list[str]:
    """Return which goals are missed, in words."""
    out = []
    for name in ("locate", "items"):
        here = text["quiet"][name]
        if here["share"] < LEAST_SHARE:
            out.append(f"{name}: {here['share']:.0%} of the bare route, under {LEAST_SHARE:.0%}")
        if here["p95_times"] > MOST_P95:
            out.append(f"{name}: its p95 is {here['p95_times']:.2f} times the bare route's")
        while_solving = text["while solving"][name]["of_quiet"]
        if while_solving < LEAST_SOLVING:
            out.append(f"{name}: {while_solving:.0%} of its own rate while a solve runs")
    for when in ("quiet", "while solving"):
        out += [
            f"{name}: {facts['failed']} requests failed ({when})"
            for name, facts in text[when].items()
            if facts["failed"]
        ]
    return out


def lines(text: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table for people."""
    for when in ("quiet", "while solving"):
        yield f"{when:<15}{'per s':>9}{'of bare':>9}{'p95 ms':>9}{'of bare':>9}{'CPU us':>9}" + (
            f"{'of quiet':>10}"
        )
        for name, facts in text[when].items():
            yield (
                f"  {name:<13}{facts['per_s']:>9,.0f}{facts['share']:>9.0%}"
                f"{facts['p95_ms']:>9.2f}{facts['p95_times']:>9.2f}{facts['cpu_us']:>9.0f}"
                f"{facts['of_quiet']:>10.0%}"
            )
    yield from (f"MISSED: {one}" for one in text["missed"])


def paths_of(bounds: Sequence[float], buildings: int, *, seed: int = 0) -> dict[str, Sequence[str]]:
    """Return what is asked for: places all over the town; pages and boxes; boxes asked for once."""
    west, south, east, north = bounds
    rng = np.random.default_rng(seed)

    def spots(count: int) -> list[list[float]]:
        return (rng.random((count, 2)) * [east - west, north - south] + [west, south]).tolist()

    items = f"/collections/{SLUG}.buildings/items"

    def boxes(count: int) -> list[str]:
        across = (east - west) / 40
        return [
            f"{items}?bbox={x:.6f},{y:.6f},{x + across:.6f},{y + across:.6f}&limit=20"
            for x, y in spots(count)
        ]

    pages = [
        f"{items}?limit={n}&offset={k}" for n in (10, 100) for k in range(0, buildings, 10 * n)
    ]
    mixed = [*pages, *boxes(len(pages))]
    return {
        "bare": ["/bare"],
        "locate": [f"/locate?lon={x:.7f}&lat={y:.7f}" for x, y in spots(_MANY)],
        "items": [mixed[k] for k in rng.permutation(len(mixed))],
        "new boxes": boxes(10 * _MANY),
    }


@contextmanager
def bare() -> Iterator[tuple[int, int]]:
    """Run the bare route; give its port and process."""
    port = _free_port()
    words = [sys.executable, "-m", "tests.bench.bare_route", str(port)]
    with _running(words, port, "/bare") as process:
        yield port, process.pid


@contextmanager
def service(data: Path, workers: int) -> Iterator[tuple[int, int]]:
    """Run the service as one would; give its port and process."""
    port = _free_port()
    words = [sys.executable, "-c", "from gridgeo.cli import main; main()", "serve", "--data",
             str(data), "--port", str(port), "--workers", str(workers), "--jobs", "1"]  # fmt: skip
    with _running(words, port, "/ready") as process:
        yield port, process.pid


@contextmanager
def solving(store: Store, building_set: str, grids: int) -> Iterator[None]:
    """Have a partition run in the service as long as the block lasts."""
    job_id = queue_solve(store, building_set, time_limit_s=_SOLVE_S, grids=grids)
    until_s = time.monotonic() + _START_S
    while True:
        with store.read() as unit:
            job = unit.jobs.get(job_id)
        if job.state == JobState.RUNNING and job.progress.get("best") is not None:
            break
        if job.state not in (JobState.QUEUED, JobState.RUNNING) or time.monotonic() > until_s:
            raise SystemExit(f"the solve did not run beside the load: {job.state}, {job.error}")
        time.sleep(0.2)
    yield
    with store.read() as unit:
        job = unit.jobs.get(job_id)
    if job.state != JobState.RUNNING:
        raise SystemExit(f"the solve ended before the load did: {job.state}, {job.error}")
    from gridgeo.store import Actor

    with store.write(Actor("bench")) as unit:
        unit.jobs.cancel(job_id)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and those it began, but for jobs."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for one in _family(pid):
        try:
            facts = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(facts[11]) + int(facts[12])) / ticks
    return total


def _family(pid: int) -> Iterator[int]:
    try:
        if "gridgeo.jobs.child" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            return
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return
    yield pid
    for child in children:
        yield from _family(int(child))


@contextmanager
def _running(words: list[str], port: int, path: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)
        try:
            until_s = time.monotonic() + _START_S
            while True:
                try:
                    _read(port, path)
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > until_s:
                        log.seek(0)
                        told_ = log.read().decode(errors="replace")[-2000:]
                        raise SystemExit(f"{words[2]} did not start:\n{told_}") from None
                    time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(60)


def _read(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        content: bytes = answer.read()
    return content


def _bounds(port: int) -> list[float]:
    told_ = json.loads(_read(port, f"/collections/{SLUG}.grids"))
    bounds: list[float] = told_["extent"]["spatial"]["bbox"][0]
    return bounds


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--buildings", type=int, default=BUILDINGS, metavar="N")
    parser.add_argument("--grids", type=int, default=GRIDS, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of each run")
    parser.add_argument("--connections", type=int, default=16, metavar="N")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="web processes")
    parser.add_argument("--client", choices=("wrk", "own"), help="the one that is here")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the town, and use it again")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
