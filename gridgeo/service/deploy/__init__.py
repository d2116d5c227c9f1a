"""What an administrator is given: the unit of systemd, and the table of the settings."""

from __future__ import annotations

from pathlib import Path

_UNIT = Path(__file__).with_name("gridgeo.service")
_PROGRAM = "/opt/gridgeo/bin/gridgeo"


def unit(program: Path) -> str:
    """Return the unit of systemd that starts a program; ``program``: an absolute path."""
    return _UNIT.read_text(encoding="utf-8").replace(_PROGRAM, str(program))
