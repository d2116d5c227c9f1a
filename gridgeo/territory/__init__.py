"""Buildings, boundary and barriers to seamless cells and the graph of which touch."""

from __future__ import annotations

from .contacts import Contacts, coverage_contacts
from .faults import CoverageFaults, coverage_faults
from .parts import build_territory

__all__ = ["Contacts", "CoverageFaults", "build_territory", "coverage_contacts", "coverage_faults"]
