"""A layer too large for memory: its attributes at once, its shapes in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from ..intake.buildings import Judged, judge_rows, place_rows
from ..intake.places import Placed
from ..intake.source import read_shapes
from ..intake.telling import warning
from .beside import Beside
from .case import Sheet, Town, fault_of
from .counts import check_counts_together, uncounted
from .diagnosis import Fault
from .ground import check_boundary, neighbours
from .on_disk import ShapesOnDisk
from .overlaps import judge_overlaps
from .shapes import check_parts, without_told_in_reading

Array = np.ndarray[Any, Any]


def check_large(
    sheet: Sheet,
    shape_checks: Sequence[Callable[[Sheet], Sheet]],
    beside_in: Callable[[pyproj.CRS | None], Beside],
    *,
    at_once: int,
) -> tuple[tuple[Fault, ...], Mapping[str, str]]:
    """Return the faults of a layer that was opened without its shapes, and its columns.

    Attributes, a spot and a box for each building stay in memory, shapes only ``at_once``.
    It tells what the check in one go tells, but for two things: rows that are alike in every
    cell are left to a person, and each piece decides by itself on axes and CRS.

    Args:
        sheet: every row, its attributes checked.
        shape_checks: what each piece goes through before it is placed.
        beside_in: reads boundary and barriers into a CRS.
    """
    sheet = without_told_in_reading(sheet)
    judged = judge_rows(sheet.opened, sheet.wishes)
    beside, target = None, None
    faults: list[Fault] = []
    spots = _Spots(np.full((len(sheet.at), 2), np.nan), np.zeros(len(sheet.at), dtype=bool))
    with tempfile.TemporaryDirectory(prefix="gridgeo-") as folder:
        disk = ShapesOnDisk(Path(folder))
        try:
            for low in range(0, len(sheet.at), at_once):
                rows = np.arange(low, min(low + at_once, len(sheet.at)))
                piece, placed = _place(sheet, rows, shape_checks, judged, target)
                if beside is None or target is None:
                    target = placed.crs
                    beside = beside_in(target)
                town = _town(piece, rows, judged, placed, beside)
                town = check_boundary(check_parts(town))
                told = [fault_of(piece.as_read(finding)) for finding in placed.findings]
                faults += [*piece.faults, *told, *town.faults]
                if placed.crs is not None:
                    disk.add(rows, placed.shapes)
                    spots.note(rows, placed.shapes)
            pairs = disk.pairs(at_once)
            everyone = _everyone(sheet, judged, target)
            town = check_counts_together(everyone)
            involved = np.unique(np.concatenate([pairs.left, pairs.right]))
            if len(involved):
                some = town.only(involved, disk.shapes(involved))
                here = replace(
                    pairs,
                    left=np.searchsorted(involved, pairs.left),
                    right=np.searchsorted(involved, pairs.right),
                )
                town = town.told(*judge_overlaps(some, here).faults)
        finally:
            disk.close()
    if target is not None:
        town = town.noted(neighbours(spots.xy, spots.is_point, town.rows))
    judged_faults = [fault_of(sheet.as_read(finding)) for finding in judged.findings]
    last = (*town.faults, *(beside.faults if beside is not None else ()), _unmended(len(sheet.at)))
    return (*sheet.faults, *_merged(faults), *judged_faults, *last), judged.columns


@dataclass(frozen=True, eq=False)
class _Spots:
    """The middle of each building, float64 (n, 2), NaN for none, and whether it is a point."""

    xy: Array
    is_point: Array

    def note(self, rows: Array, shapes: Array) -> None:
        there = ~shapely.is_missing(shapes)
        self.xy[rows[there]] = shapely.get_coordinates(shapely.centroid(shapes[there]))
        self.is_point[rows] = shapely.get_type_id(shapes) == 0


def _place(
    sheet: Sheet,
    rows: Array,
    checks: Sequence[Callable[[Sheet], Sheet]],
    judged: Judged,
    target: pyproj.CRS | None,
) -> tuple[Sheet, Placed]:
    """Read the shapes of some rows, mend them, place them."""
    keep = np.zeros(len(sheet.at), dtype=bool)
    keep[rows] = True
    raw = sheet.raw.only(keep)
    # with a condition the rows that are meant have others between them
    first, last = int(raw.numbers[0]) - 1, int(raw.numbers[-1]) - 1
    shapes, closed = read_shapes(raw.name, "buildings", first=first, count=last - first + 1)
    meant = raw.numbers - 1 - first
    raw = replace(raw, shapes=shapes[meant], closed=closed[meant])
    opened = replace(sheet.opened, raw=raw)
    piece = Sheet(opened, sheet.wishes, sheet.at[rows], sheet.edge)
    for check in checks:
        piece = check(piece)
    named = replace(judged.rows, names=judged.rows.names[rows])
    return piece, place_rows(piece.opened, named, sheet.wishes, target)


def _town(piece: Sheet, rows: Array, judged: Judged, placed: Placed, beside: Beside) -> Town:
    """Return the town of one piece, for what is judged building by building."""
    whole = _everyone(piece, replace(judged, rows=piece.rows()), placed.crs)
    return replace(
        whole,
        shapes=placed.shapes,
        community=judged.community[rows],
        households=None,
        population=None,
        edge=beside.edge if placed.crs is not None else None,
    )


def _everyone(sheet: Sheet, judged: Judged, crs: pyproj.CRS | None) -> Town:
    """Return the town of all rows without their shapes, for what is judged by attributes."""
    count = len(sheet.at)
    return Town(
        sheet=sheet,
        rows=replace(judged.rows, at=sheet.at),
        shapes=np.full(count, None, dtype=object),
        crs=crs,
        community=judged.community,
        households=judged.counts.get("households"),
        population=judged.counts.get("population"),
        counted=~uncounted(sheet),
        gone=np.zeros(count, dtype=bool),
    )


def _merged(faults: Sequence[Fault]) -> list[Fault]:
    """Put the faults of all pieces together, one for each kind."""
    kinds: dict[tuple[str, ...], Fault] = {}
    for fault in faults:
        found = fault.finding
        key = (found.code, fault.remedy.value, found.fix if found.plural else found.message)
        if key not in kinds:
            kinds[key] = fault
        elif found.plural:
            kinds[key] = _and(kinds[key], fault)
    return list(kinds.values())


def _and(one: Fault, other: Fault) -> Fault:
    """Return two faults of one kind as one, which names the first of the first."""
    rows, partners = one.rows + other.rows, one.partners + other.partners
    count = one.finding.count + other.finding.count
    message = one.finding.plural.replace("\0", str(count))
    finding = replace(one.finding, message=message, count=count, rows=rows)
    return Fault(finding, one.remedy, rows, partners, one.changes + other.changes)


def _unmended(count: int) -> Fault:
    """Tell that a file of this size is not mended in one go."""
    message = f"{count:,} buildings are too many to mend at once; they were checked in pieces"
    fix = "take a part with --where, a community at a time, and give that --fix"
    return fault_of(warning("too-large-to-mend", message, fix))
