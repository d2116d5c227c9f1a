"""What a job began: its process and all below it, such as a solver with a session of its own."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return a process and all below it; no more than itself where the system does not tell."""
    out = [pid]
    for one in out:  # it grows as we go
        for told in _PROC.glob(f"{one}/task/*/children"):
            with contextlib.suppress(OSError):
                out += map(int, told.read_text(encoding="ascii").split())
    return out


def memory_mb(pid: int) -> int:
    """Return the memory that a process and all below it hold, in MB; 0 where that is not told."""
    pages = 0
    for one in family(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            told = (_PROC / str(one) / "statm").read_text(encoding="ascii")
            pages += int(told.split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def end_all_below(pid: int) -> None:
    """Kill all processes below one, and not itself."""
    for one in family(pid)[1:]:
        with contextlib.suppress(OSError):
            os.kill(one, signal.SIGKILL)


def end_all_of(folder: Path) -> None:
    """Kill the processes whose temporary files are in a folder.

    Those of a job are found by it when the job that began them is gone, and all else with it.
    """
    mark = f"TMPDIR={folder}".encode()
    for told in _PROC.glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in told.read_bytes().split(b"\0"):
                os.kill(int(told.parent.name), signal.SIGKILL)
