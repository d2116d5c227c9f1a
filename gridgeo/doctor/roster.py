"""What a roster says of buildings that the file does not know; the check is plugged in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import Finding
from ..intake.telling import error
from .case import Town

# SEAM: whoever reads rosters (gridgeo/intake/households.py) adds a function here. It takes
# the path as given with --roster and the town, and returns its findings: an error needs a
# person, a warning is a note.
# Once one is there, ``unread_roster`` can go.
ROSTER_CHECKS: tuple[Callable[[str, Town], Sequence[Finding]], ...] = ()


def unread_roster(roster: str) -> Finding:
    """Tell that a roster was not looked at: nothing is passed over in silence."""
    fix = "leave --roster out; fill households and people in the file of buildings"
    return error("roster-unread", f"{roster}: rosters cannot be checked yet", fix, first=roster)
