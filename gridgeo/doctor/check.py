"""Every fault of a file of buildings, one family of checks after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import Finding, InputError
from ..intake.building_names import KnownBuildings
from ..intake.buildings import BuildingsFile, Opened, Wishes, open_buildings, settle_buildings
from ..intake.counted import RosterFile, counted_by, read_roster
from ..intake.households import homes_of
from ..intake.read import parse_crs
from ..intake.source import layer_size
from ..intake.telling import warning
from ..intake.values import texts
from .beside import Beside, read_beside
from .case import Sheet, Town, fault_of
from .counts import check_counts_as_written, check_counts_together, uncounted
from .datums import check_datum
from .diagnosis import Diagnosis, Fault
from .ground import check_boundary, check_neighbours
from .ids import check_ids_as_written, drop_doubled_rows
from .large import check_large
from .mend import mended_layers
from .names import check_names
from .overlaps import check_overlaps
from .placing import check_places
from .shapes import (
    check_parts,
    close_rings,
    flatten,
    keep_polygons,
    mend_polygons,
    without_told_in_reading,
)
from .spelling import check_spelling

# Layers of more buildings than this are checked with their shapes in pieces of as many.
MOST_AT_ONCE = 1_000_000

# What needs no shapes, in the order that mending wants: ids are the same only once written alike.
ROW_CHECKS: tuple[Callable[[Sheet], Sheet], ...] = (
    check_spelling,
    check_ids_as_written,
    check_counts_as_written,
)
# Each shape by itself; it can be judged only once it is in place.
SHAPE_CHECKS: tuple[Callable[[Sheet], Sheet], ...] = (
    flatten,
    close_rings,
    keep_polygons,
    check_places,
    mend_polygons,
)
# What compares rows, once they are written and drawn as they are meant.
ALIKE_CHECKS: tuple[Callable[[Sheet], Sheet], ...] = (
    drop_doubled_rows,
    check_names,
    without_told_in_reading,
)
# What is judged in metres, with boundary and barriers at hand.
# The datum comes first: everything after it sees the buildings where they belong.
TOWN_CHECKS: tuple[Callable[[Town], Town], ...] = (
    check_datum,
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
    under the same code; what is mended here it accepts. A layer of more than a million buildings
    is checked with its shapes in pieces; it is not mended in one go.

    Args:
        buildings, boundary, barriers, where, community, columns, crs: as ``read_community``.
        roster: a table of households or of persons, each with its building.

    Returns:
        The faults by what can be done about them; ``save("mended.gpkg")`` writes the mended
        buildings, a point for each fault, and a table of each change made.
    """
    named = str(buildings)
    named_crs, findings = parse_crs(crs)
    asked = Wishes(where=where, community=community, columns=columns, crs=named_crs)
    homes, wishes = read_roster(roster, asked)
    others = tuple(None if path is None else str(path) for path in (boundary, barriers))
    own = read_beside(*others, wishes=wishes, target=None)
    try:
        size = layer_size(named, "buildings")
        whole = size is None or size <= MOST_AT_ONCE
        opened = open_buildings(named, wishes, with_shapes=whole)
    except InputError as unreadable:
        unread = map(fault_of, [*findings, *unreadable.findings])
        return Diagnosis(named, (*unread, *own.faults))
    sheet = _sheet(opened, wishes, own)
    names = sheet.rows().names.copy()
    # rows that are there twice must not weigh twice where what most rows have decides
    sheet = _checked(sheet, (drop_doubled_rows, *ROW_CHECKS) if whole else ROW_CHECKS)
    names[sheet.at] = sheet.rows().names
    everyone = tuple(names.tolist())
    if not whole:
        sheet = _checked(sheet, (check_names,))
        faults, used = check_large(
            sheet, SHAPE_CHECKS, lambda target: read_beside(*others, wishes=wishes, target=target),
            at_once=MOST_AT_ONCE,
        )  # fmt: skip
        findings = [*findings, *_of_roster(homes, sheet)]
        return Diagnosis(named, (*map(fault_of, findings), *faults), everyone, used)
    sheet = _checked(sheet, (drop_doubled_rows, *SHAPE_CHECKS, *ALIKE_CHECKS))
    settled, _, told = counted_by(homes, settle_buildings(sheet.opened, wishes))
    beside = read_beside(*others, wishes=wishes, target=settled.crs)
    town = replace(_town(sheet, settled, beside), streets=own.lines, may_merge=roster is None)
    town = town.told(*map(fault_of, [*findings, *told]), *_unmendable(sheet, settled))
    for look in TOWN_CHECKS:
        town = look(town)
    faults = (*sheet.faults, *town.faults, *beside.faults)
    return Diagnosis(
        named, faults, everyone, settled.columns, lambda: mended_layers(town, faults, everyone)
    )


def _of_roster(homes: RosterFile | None, sheet: Sheet) -> tuple[Finding, ...]:
    """Return what is wrong with a roster of buildings that are checked in pieces, by their ids."""
    if homes is None:
        return ()
    column = sheet.of.get("building_id")
    ids = np.zeros(0, dtype=object) if column is None else texts(sheet.raw.attributes[column])
    ids = np.unique(ids[ids != ""].astype(str)).astype(object)
    if homes.rows is None or not len(ids):
        return homes.findings
    return homes_of(homes.rows, KnownBuildings(ids)).findings


def _sheet(opened: Opened, wishes: Wishes, own: Beside) -> Sheet:
    return Sheet(opened, wishes, np.arange(len(opened.raw.attributes)), own.edge)


def _checked(sheet: Sheet, checks: tuple[Callable[[Sheet], Sheet], ...]) -> Sheet:
    for check in checks:
        sheet = check(sheet)
    return sheet


def _town(sheet: Sheet, settled: BuildingsFile, beside: Beside) -> Town:
    """Lay buildings, boundary and barriers over each other."""
    rows = settled.settled
    assert rows is not None
    placed = settled.crs is not None
    return Town(
        sheet=sheet,
        rows=replace(rows.rows, at=sheet.at),
        shapes=rows.shapes,
        crs=settled.crs,
        community=rows.community,
        households=rows.counts.get("households"),
        population=rows.counts.get("population"),
        counted=~uncounted(sheet),
        gone=np.zeros(len(rows.shapes), dtype=bool),
        edge=beside.edge if placed else None,
        lines=beside.lines if placed else None,
    )


def _unmendable(sheet: Sheet, settled: BuildingsFile) -> list[Fault]:
    """Return what is left after mending, and what could not be looked at because of it."""
    faults = [fault_of(sheet.as_read(finding)) for finding in settled.findings]
    if settled.crs is None and len(sheet.at):
        message = "distances and the boundary were not checked, as the places are not known"
        fix = "mend the places first, then check again"
        faults.append(fault_of(warning("not-checked", message, fix)))
    return faults
