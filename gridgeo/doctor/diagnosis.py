"""What the doctor found: faults by what can be done about them, and the changes of a mending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import Finding

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

CLEAN, MENDABLE, NOT_MENDABLE = 0, 1, 2
# So many buildings of a fault are named in a report; all of them stand in the layer of faults.
_MOST_NAMED = 100


class Remedy(StrEnum):
    """What can be done about a fault."""

    NOTE = "note"  # may well be right: partition takes it as it is
    MENDABLE = "mendable"  # mended with certainty
    BY_HAND = "by hand"  # only a person knows


@dataclass(frozen=True)
class Change:
    """One change to one building.

    ``row``: of the file, as a planner counts, 0 where the whole layer changed; ``what``: the
    column, "shape", "row" or "crs"; ``was``, ``now``: before and after; ``code``: of the fault.
    """

    code: str
    building: str
    row: int
    what: str
    was: str
    now: str
    why: str


@dataclass(frozen=True)
class Fault:
    """A finding, what can be done about it, where it is, and what mending it changes.

    ``rows``: positions from 0 among the buildings checked; none for a fault of the whole file.
    ``partners``: for each row the building it is at odds with, where there is one.
    """

    finding: Finding
    remedy: Remedy
    rows: tuple[int, ...] = field(default=(), repr=False)
    partners: tuple[str, ...] = field(default=(), repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)

    @property
    def code(self) -> str:
        """The stable word of the finding."""
        return self.finding.code


@dataclass(frozen=True, eq=False)
class Mended:
    """Layers of a mended file: ``buildings`` in a metric CRS, and a point for each fault."""

    buildings: gpd.GeoDataFrame
    faults: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Every fault of a file of buildings and of the files beside it.

    ``buildings``: ids or row numbers of those checked; ``columns``: the column used for each
    role; ``mend``: makes the mended layers, None where the file cannot be read, or not at once.
    """

    source: str
    faults: tuple[Fault, ...]
    buildings: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    mend: Callable[[], Mended] | None = None

    def mended(self) -> Mended | None:
        """Return what could be mended, None where there is nothing to mend with certainty."""
        return None if self.mend is None else self.mend()

    @property
    def exit_status(self) -> int:
        """0 clean (there may be notes), 1 all faults can be mended, 2 some need a person."""
        found = {fault.remedy for fault in self.faults}
        if Remedy.BY_HAND in found:
            return NOT_MENDABLE
        return MENDABLE if Remedy.MENDABLE in found else CLEAN

    @property
    def status(self) -> str:
        """The exit status as a word."""
        return ("clean", "mendable", "not mendable")[self.exit_status]

    def of(self, remedy: Remedy | str) -> tuple[Fault, ...]:
        """The faults with one remedy, as found."""
        return tuple(fault for fault in self.faults if fault.remedy == remedy)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change that mending makes, by the order of the faults."""
        return tuple(change for fault in self.faults for change in fault.changes)

    def table(self) -> pd.DataFrame:
        """Return the faults, one row each, those that need a person first."""
        import pandas as pd

        columns = ["remedy", "code", "count", "first", "message", "fix"]
        rows = [
            [f.remedy.value, f.code, f.finding.count, f.finding.first, f.finding.message,
             f.finding.fix]
            for f in self.by_weight()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def by_weight(self) -> list[Fault]:
        """The faults, those that need a person first, then the mendable ones, then notes."""
        order = (Remedy.BY_HAND, Remedy.MENDABLE, Remedy.NOTE)
        return [fault for remedy in order for fault in self.of(remedy)]

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, ready for JSON."""
        return {
            "source": self.source,
            "status": self.status,
            "exit_status": self.exit_status,
            "buildings": len(self.buildings),
            "columns": dict(self.columns),
            "faults": [
                {
                    "code": fault.code,
                    "remedy": fault.remedy.value,
                    "severity": fault.finding.severity.value,
                    "message": fault.finding.message,
                    "fix": fault.finding.fix,
                    "count": fault.finding.count,
                    "first": fault.finding.first,
                    "buildings": [self.buildings[row] for row in fault.rows[:_MOST_NAMED]],
                }
                for fault in self.by_weight()
            ],
            "changes": dict(sorted(Counter(change.code for change in self.changes).items())),
        }

    def save(self, path: str | Path) -> Path:
        """Write the mended layer, the faults and the changes: see ``gridgeo.doctor.mend``.

        Raises:
            InputError: there is nothing that could be written, or not at that path.
        """
        from .mend import write_mended

        return write_mended(self, path)
