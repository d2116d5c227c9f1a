"""Work in a process of its own: its memory is its own, and its crash or hang is only a line."""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What came of it: a ``value``, or an ``error`` in words and None."""

    value: Any
    error: str
    seconds: float
    peak_mb: float


def run_apart(work: Callable[..., Any], *arguments: Any, limit_s: float) -> Outcome:
    """Call a module's function in a fresh process; after ``limit_s`` the process is ended."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, work, arguments), daemon=True)
    begun = time.monotonic()
    process.start()
    there.close()
    outcome = None
    if here.poll(limit_s):
        try:
            outcome = here.recv()
        except EOFError:  # it went without a word
            process.join()
            took = time.monotonic() - begun
            outcome = Outcome(None, f"died (exit {process.exitcode})", took, 0.0)
    else:
        outcome = Outcome(None, f"did not come back, ended after {limit_s:.0f} s", limit_s, 0.0)
        process.kill()
    process.join()
    return outcome


def _child(there: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    # Greetings and warnings of others have no place in a table.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    begun = time.monotonic()
    value, error = None, ""
    try:
        value = work(*arguments)
    except ModuleNotFoundError as missing:
        error = f"not installed: {missing.name}"
    except Exception as thrown:  # noqa: BLE001 - whatever a peer throws is its line in the table
        error = f"{type(thrown).__name__}: {' '.join(str(thrown).split())[:160]}"
    there.send(Outcome(value, error, time.monotonic() - begun, peak_mb()))


def peak_mb() -> float:
    """Return the most memory this process has held, in MB.

    Not ``ru_maxrss`` where there is better: on Linux a child inherits its parent's.
    """
    status = Path("/proc/self/status")
    if status.exists() and (held := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(held[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
