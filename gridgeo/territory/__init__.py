"""Buildings, boundary and barriers to seamless cells and the graph of which touch."""

from __future__ import annotations

from .build import build_territory
from .contacts import Contacts, coverage_contacts
from .faults import CoverageFaults, coverage_faults

__all__ = ["Contacts", "CoverageFaults", "build_territory", "coverage_contacts", "coverage_faults"]
