"""Each shape by itself: heights, mixtures, open rings, rings that cross, several parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from ..errors import Finding
from ..intake.places import POINTS_AND_POLYGONS, make_valid, of_kind, without
from ..intake.telling import Rows
from .case import Sheet, Town

Array = np.ndarray[Any, Any]

_LONGEST_WKT = 60


def flatten(sheet: Sheet) -> Sheet:
    """Leave out heights and measures."""
    shapes = sheet.raw.shapes
    if shapes is None:
        return sheet
    tall = shapely.has_z(shapes) | shapely.has_m(shapes)
    if not tall.any():
        return sheet
    flat = np.array(shapely.force_2d(shapes), dtype=object)
    finding = sheet.rows().warning(
        "shape-height",
        tall,
        ("has heights (Z) in its shape", "have heights (Z) in their shapes"),
        "--fix leaves them out; nothing here is measured in height",
    )
    fault = sheet.changes(
        finding,
        "shape",
        lambda row: _wkt(shapes[row]),
        lambda row: _wkt(flat[row]),
        "plans are flat",
    )
    return sheet.with_shapes(flat, sheet.raw.crs).told(fault)


def close_rings(sheet: Sheet) -> Sheet:
    """Tell rings that were closed in reading: their last point was not their first."""
    closed, shapes = sheet.raw.closed, sheet.raw.shapes
    if closed is None or shapes is None or not closed.any():
        return sheet
    what = ("has a ring that is not closed", "have rings that are not closed")
    finding = sheet.rows().warning("ring-closed", closed, what, "--fix closes them")
    fault = sheet.changes(
        finding,
        "shape",
        lambda _: "open ring",
        lambda row: _wkt(shapes[row]),
        "the last point of a ring is its first",
    )
    return sheet.told(fault)


def keep_polygons(sheet: Sheet) -> Sheet:
    """Take the polygons, or the one point, out of collections."""
    shapes = sheet.raw.shapes
    if shapes is None:
        return sheet
    kept, _ = of_kind(shapes, POINTS_AND_POLYGONS)
    mixed = ~shapely.is_missing(kept) & (shapely.get_type_id(kept) != shapely.get_type_id(shapes))
    if not mixed.any():
        return sheet
    kept = np.where(mixed, kept, shapes)
    what = ("is a collection of shapes", "are collections of shapes")
    fix = "--fix keeps the polygons of them, or their one point"
    finding = sheet.rows().warning("shape-collection", mixed, what, fix)
    fault = sheet.changes(
        finding,
        "shape",
        lambda row: _wkt(shapes[row]),
        lambda row: _wkt(kept[row]),
        "a building is a polygon or a point; lines beside it are not",
    )
    return sheet.with_shapes(kept, sheet.raw.crs).told(fault)


def mend_polygons(sheet: Sheet) -> Sheet:
    """Make polygons valid: bow-ties and the like keep all their ground (``make_valid``)."""
    shapes = sheet.raw.shapes
    if shapes is None:
        return sheet
    fine = shapely.is_missing(shapes) | np.isfinite(shapely.bounds(shapes)).all(axis=1)
    mended, findings = make_valid(without(shapes, ~fine), sheet.rows())
    mended = np.where(shapely.is_missing(mended), shapes, mended)
    # what cannot be mended is told when the rows are settled
    healed = [finding for finding in findings if finding.code == "shape-mended"]
    for found in healed:
        reasons = {row: shapely.is_valid_reason(shapes[row]) for row in _here(sheet, found)}
        example = next(iter(reasons.values()), "").partition("[")[0].casefold()
        told = sheet.rows().warning(
            "shape-mended",
            np.isin(sheet.at, found.rows),
            (f"has an invalid shape ({example})", f"have invalid shapes (the first: {example})"),
            "--fix keeps all ground that they enclose",
        )
        fault = sheet.changes(
            told,
            "shape",
            lambda row: f"{_wkt(shapes[row])}: {reasons[row]}",  # noqa: B023
            lambda row: _wkt(mended[row]),
            "made valid, all ground kept",
        )
        sheet = sheet.told(fault)
    return sheet.with_shapes(mended, sheet.raw.crs)


def check_parts(town: Town) -> Town:
    """Tell buildings in several parts."""
    several = shapely.get_num_geometries(town.shapes) > 1
    several &= ~town.gone
    if not several.any():
        return town
    what = ("is in several parts and counts once", "are in several parts and count once each")
    fix = "right for the wings of one building; else give each part a row of its own"
    return town.noted([town.rows.warning("building-parts", several, what, fix)])


def without_told_in_reading(sheet: Sheet) -> Sheet:
    """Leave out findings of reading that the doctor tells by building."""
    told = {fault.code for fault in sheet.faults}
    rest = tuple(finding for finding in sheet.opened.findings if finding.code not in told)
    return replace(sheet, opened=replace(sheet.opened, findings=rest))


def named_rows(rows: Rows, some: Array) -> Rows:
    """Return some of the rows, bool (n,), which still know where they stand."""
    at = np.arange(len(rows.names)) if rows.at is None else rows.at
    return replace(rows, names=rows.names[some], at=at[some])


def _here(sheet: Sheet, finding: Finding) -> list[int]:
    return np.flatnonzero(np.isin(sheet.at, finding.rows)).tolist()


def _wkt(shape: Any) -> str:
    if shape is None:
        return "none"
    text = str(shapely.to_wkt(shape, rounding_precision=3))
    short = text if len(text) <= _LONGEST_WKT else f"{text[:_LONGEST_WKT]}..."
    return f"{short} ({shapely.get_num_coordinates(shape)} points)"
