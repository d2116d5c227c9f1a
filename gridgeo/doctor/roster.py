"""What a roster says of buildings that the file does not know; the check is plugged in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import Finding
from .case import Town

# SEAM: whoever reads rosters (gridgeo/intake/households.py) adds a function here. It takes
# the path as given with --roster and the town, and returns its findings: an error needs a
# person, a warning is a note.
ROSTER_CHECKS: tuple[Callable[[str, Town], Sequence[Finding]], ...] = ()
