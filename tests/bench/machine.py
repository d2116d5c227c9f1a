"""What the numbers were measured on: cores, CPU, Python, versions, load."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OURS = ("numpy", "scipy", "numba", "highspy", "PuLP")


def describe(packages: tuple[str, ...] = OURS) -> dict[str, object]:
    """Return the machine and the versions of ``packages``; "-" for one that is not installed."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        "cpu": _cpu(),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
    }


def in_words(machine: dict[str, object]) -> str:
    """Return the machine in two lines."""
    versions = machine["versions"]
    assert isinstance(versions, dict)
    return (
        f"{machine['cores']} cores, {machine['cpu']}, {machine['system']}, "
        f"load {machine['load']} before, Python {machine['python']}\n"
        + ", ".join(f"{name} {number}" for name, number in versions.items())
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown CPU"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"
