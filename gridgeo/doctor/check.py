"""Every fault of a file of buildings, one family of checks after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj

from ..errors import Finding, InputError
from ..intake.barriers import read_barriers
from ..intake.boundary import read_boundary
from ..intake.buildings import BuildingsFile, Wishes, open_buildings, settle_buildings
from ..intake.read import parse_crs
from ..intake.telling import warning
from .case import Sheet, Town, fault_of
from .counts import check_counts_as_written, check_counts_together, settled_counts
from .diagnosis import Diagnosis, Fault
from .ground import check_boundary, check_neighbours
from .ids import check_ids_as_written, drop_doubled_rows
from .mend import mended_layers
from .names import check_names
from .overlaps import check_overlaps
from .placing import check_places
from .roster import ROSTER_CHECKS
from .shapes import (
    check_parts,
    close_rings,
    flatten,
    keep_polygons,
    mend_polygons,
    without_told_in_reading,
)
from .spelling import check_spelling

# What is mended before buildings are placed. The order counts: rows that stand twice are the
# same only once their ids are written alike, and a shape can be judged only once it is in place.
SHEET_CHECKS: tuple[Callable[[Sheet], Sheet], ...] = (
    check_spelling,
    check_ids_as_written,
    check_counts_as_written,
    flatten,
    close_rings,
    keep_polygons,
    check_places,
    mend_polygons,
    drop_doubled_rows,
    check_names,
    without_told_in_reading,
)
# What is judged in metres, with boundary and barriers at hand.
# SEAM: the check of a wrong datum (GCJ-02, BD-09, Beijing 1954, Xian 1980; gridgeo/datum.py)
# goes first in this list, a function of Town that moves ``town.shapes`` and tells a MENDABLE
# fault with a change a building (or one of row 0 for all): everything after it sees them moved.
TOWN_CHECKS: tuple[Callable[[Town], Town], ...] = (
    check_parts,
    check_counts_together,
    check_overlaps,
    check_neighbours,
    check_boundary,
)


def check_files(  # noqa: PLR0913  # the public door: each one a word of the planner's
    buildings: str | Path,
    boundary: str | Path | None = None,
    barriers: str | Path | None = None,
    *,
    roster: str | Path | None = None,
    where: str | None = None,
    community: str | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
) -> Diagnosis:
    """Name every fault of a file of buildings, and mend what can be mended with certainty.

    Nothing is raised for what is wrong with the files. What ``partition`` refuses is told here
    under the same code; what is mended here it accepts.

    Args:
        buildings, boundary, barriers, where, community, columns, crs: as ``read_community``.
        roster: a list of households by building.

    Returns:
        The faults by what can be done about them; ``save("mended.gpkg")`` writes the mended
        buildings, a point for each fault, and a table of each change made.
    """
    named = str(buildings)
    named_crs, findings = parse_crs(crs)
    wishes = Wishes(where=where, community=community, columns=columns, crs=named_crs)
    beside = _Beside(
        None if boundary is None else str(boundary), None if barriers is None else str(barriers)
    )
    edge, _ = beside.boundary(wishes, None)
    try:
        opened = open_buildings(named, wishes)
    except InputError as unreadable:
        findings = [*findings, *unreadable.findings, *beside.findings(wishes, None)]
        return Diagnosis(named, tuple(map(fault_of, findings)))
    sheet = Sheet(opened, wishes, np.arange(len(opened.raw.attributes)), edge)
    everyone = tuple(sheet.rows().names.tolist())
    for check in SHEET_CHECKS:
        sheet = check(sheet)
    settled = settle_buildings(sheet.opened, wishes)
    town = _town(sheet, settled, wishes, beside)
    town = replace(town, may_merge=roster is None)
    town = town.told(*map(fault_of, findings), *_unmendable(sheet, settled))
    for look in TOWN_CHECKS:
        town = look(town)
    town = town.told(*beside.faults)
    if roster is not None:
        told = [finding for look in ROSTER_CHECKS for finding in look(str(roster), town)]
        town = town.told(*map(fault_of, told))
    faults = (*sheet.faults, *town.faults)
    return Diagnosis(
        named, faults, everyone, settled.columns, mended_layers(town, faults, everyone)
    )


class _Beside:
    """The files beside the buildings, read once more where the metric CRS turns out another."""

    def __init__(self, boundary: str | None, barriers: str | None) -> None:
        self._boundary, self._barriers = boundary, barriers
        self.faults: tuple[Fault, ...] = ()

    def boundary(
        self, wishes: Wishes, target: pyproj.CRS | None
    ) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
        if self._boundary is None:
            return None, ()
        return read_boundary(
            self._boundary, community=wishes.community, crs=wishes.crs, target=target
        )

    def barriers(
        self, wishes: Wishes, target: pyproj.CRS | None
    ) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
        if self._barriers is None:
            return None, ()
        return read_barriers(self._barriers, crs=wishes.crs, target=target)

    def findings(self, wishes: Wishes, target: pyproj.CRS | None) -> list[Finding]:
        return [*self.boundary(wishes, target)[1], *self.barriers(wishes, target)[1]]


def _town(sheet: Sheet, settled: BuildingsFile, wishes: Wishes, beside: _Beside) -> Town:
    """Lay buildings, boundary and barriers over each other."""
    rows = settled.settled
    assert rows is not None
    edge, edge_told = beside.boundary(wishes, settled.crs)
    lines, lines_told = beside.barriers(wishes, settled.crs)
    # rows of other files are no rows of this one
    beside.faults = tuple(
        replace(fault_of(finding), rows=()) for finding in (*edge_told, *lines_told)
    )
    counts, shapes = rows.counts, rows.shapes
    if settled.crs is None:
        edge = lines = None
    return Town(
        sheet=sheet,
        rows=replace(rows.rows, at=sheet.at),
        shapes=shapes,
        crs=settled.crs,
        community=rows.community,
        households=counts.get("households"),
        population=counts.get("population"),
        counted=~_uncounted(sheet, counts),
        gone=np.zeros(len(shapes), dtype=bool),
        edge=edge,
        lines=lines,
    )


def _uncounted(sheet: Sheet, counts: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Rows whose households or people are not known."""
    bad = np.zeros(len(sheet.at), dtype=bool)
    for role in counts:
        bad |= settled_counts(sheet, sheet.of[role])[2] if role in sheet.of else False
    return bad


def _unmendable(sheet: Sheet, settled: BuildingsFile) -> list[Fault]:
    """Return what is left after mending, and what could not be looked at because of it."""
    faults = []
    for finding in settled.findings:
        told = finding
        if finding.rows:
            rows = sheet.at[list(finding.rows)]
            told = replace(finding, rows=tuple(rows.tolist()))
        faults.append(fault_of(told))
    if settled.crs is None:
        message = "distances and the boundary were not checked, as the places are not known"
        faults.append(
            fault_of(warning("not-checked", message, "mend the places first, then check again"))
        )
    return faults
