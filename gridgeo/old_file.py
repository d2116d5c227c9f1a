"""Read the grids of before: a plan, a table of buildings and their grids, or the grids' ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from .errors import Finding, InputError, PlanFileError, Severity
from .intake.assignment_columns import AssignmentColumns, choose_assignment_columns
from .intake.overlaps import WIDE_M2, overlapping_pairs
from .intake.places import POINTS_AND_POLYGONS, POLYGONS, of_kind, place, points_from
from .intake.read import parse_crs
from .intake.source import Raw, read_source
from .intake.telling import Rows, error, errors_in, warning
from .intake.tiers import Header
from .intake.values import SHORTENED, texts
from .old_grids import OldGrids
from .plan_file import read_plan

Array = np.ndarray[Any, Any]

# The layers by which a plan of ours is known.
_PLAN_LAYERS = {"grids", "cells", "plan"}


def read_old(
    path: str | Path, *, columns: Mapping[str, str] | None = None, crs: str | None = None
) -> OldGrids:
    """Read what a redraw starts from.

    Args:
        path: a plan of GridGeo; or any layer or table (GeoPackage, shapefile, GeoJSON,
            GeoParquet, CSV, Excel; "file:layer") with a column of building ids and one of their
            grids, and where it has them places, to find buildings whose ids have changed; or
            polygons with a column of grid ids, or points.
        columns: the column by role where it is not called as usual, ``{"grid_id": "WG_BH"}``;
            roles are building_id, grid_id, lon, lat, x, y.
        crs: of a file that names none, "EPSG:4490".

    Raises:
        InputError: every fault of the file at once: no such file or columns, a building in two
            grids, no grid in it at all, ids that a spreadsheet shortened.
    """
    named = str(path)
    if _is_plan(named):
        try:
            old = OldGrids.of_plan(read_plan(named), named)
        except PlanFileError as fault:
            fix = "name a plan that gridgeo wrote, or a layer of it, as plan.gpkg:buildings"
            raise InputError([error("plan-unreadable", str(fault), fix, first=named)]) from fault
        return replace(old, findings=_unused(columns or {}, named))
    told_crs, findings = parse_crs(crs)
    raw = read_source(named, "buildings")
    findings += raw.findings
    header = _header(raw)
    chosen = choose_assignment_columns(header, columns or {})
    findings += chosen.findings
    findings += chosen.lacking(("grid_id",), header)
    if not len(raw.attributes):
        findings.append(error("file-empty", f"{named}: no row in it", "check the file"))
    if errors_in(findings):
        raise InputError([f for f in findings if f.severity is Severity.ERROR])
    if _is_ground(raw, chosen):
        return _ground(raw, chosen, told_crs, findings)
    return _assigned(raw, chosen, told_crs, findings)


def _header(raw: Raw) -> Header:
    return Header([str(name) for name in raw.attributes.columns], raw.name, raw.repeated)


def _unused(columns: Mapping[str, str], named: str) -> tuple[Finding, ...]:
    """Tell columns that were named for a plan, which has its own."""
    if not columns:
        return ()
    roles = ", ".join(f"{role}={name}" for role, name in sorted(columns.items()))
    message = f"{named} is a plan of GridGeo, which has columns of its own; {roles} was not used"
    return (warning("old-column-unused", message, "name a layer of it, as plan.gpkg:buildings"),)


def _is_plan(named: str) -> bool:
    path = Path(named)
    if path.suffix.casefold() != ".gpkg" or not path.is_file():
        return False
    try:
        return {str(name) for name in pyogrio.list_layers(path)[:, 0]} >= _PLAN_LAYERS
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False


def _is_ground(raw: Raw, chosen: AssignmentColumns) -> bool:
    """Return whether rows are the ground of grids, not buildings in them."""
    if raw.shapes is None or not (shapely.get_dimensions(raw.shapes) == 2).any():
        return False
    if "building_id" not in chosen.of:
        return True
    # "id" may be that of a grid: then no two rows are of one grid
    grids = texts(raw.attributes[chosen.of["grid_id"]])
    return chosen.bare_id and len(set(grids)) == len(grids)


def _ground(
    raw: Raw, chosen: AssignmentColumns, crs: pyproj.CRS | None, findings: list[Finding]
) -> OldGrids:
    """Return grids of which only the ground is known."""
    assert raw.shapes is not None
    grids, told = _grids(raw, chosen)
    findings += told
    rows = Rows(_named(raw, grids), "old grid", "old grids", f"{raw.name}: ")
    blank = grids == ""
    if blank.any():
        column = chosen.of["grid_id"]
        what = (f"has no id in {column!r}", f"have no id in {column!r}")
        findings.append(rows.fault("grid-missing", blank, what, f"fill {column!r}"))
    claims = [raw.crs, crs]
    if claims == [None, None]:
        shapes, wrong = of_kind(np.array(shapely.force_2d(raw.shapes), dtype=object), POLYGONS)
        if wrong.any():
            what = ("is not a polygon", "are not polygons")
            findings.append(rows.fault("shape-kind", wrong, what, "give a layer of polygons"))
        metric = None
    else:
        placed = place(raw.shapes, claims, rows, kinds=POLYGONS, target=None)
        findings += placed.findings
        shapes, metric = placed.shapes, placed.crs
    _raise_errors(findings)
    if metric is not None:
        findings += _overlaps(shapes, grids, rows)
    order = _order(grids, shapes)
    none = np.empty(0, dtype=object)
    return OldGrids(
        raw.name, none, none, none, crs=metric, polygons=shapes[order], polygon_ids=grids[order],
        wholes=none, findings=_warnings(findings),
    )  # fmt: skip


def _overlaps(shapes: Array, grids: Array, rows: Rows) -> list[Finding]:
    pairs = overlapping_pairs(shapes)
    wide = (pairs.shared_m2 > WIDE_M2) & (grids[pairs.left] != grids[pairs.right])
    if not wide.any():
        return []
    bad = np.zeros(len(shapes), dtype=bool)
    bad[np.concatenate([pairs.left[wide], pairs.right[wide]])] = True
    what = "overlap another by more than 1 m2"
    fix = "a building there counts to the one that holds most of it"
    return [rows.warning("old-grids-overlap", bad, (what, what), fix)]


def _assigned(
    raw: Raw, chosen: AssignmentColumns, crs: pyproj.CRS | None, findings: list[Finding]
) -> OldGrids:
    """Return buildings of which the grid is known."""
    grids, told = _grids(raw, chosen)
    findings += told
    blank_ids = np.full(len(grids), "", dtype=object)
    column = chosen.of.get("building_id")
    ids = blank_ids if column is None else texts(raw.attributes[column])
    rows = Rows(_named(raw, ids), "row", "rows", f"{raw.name}: ")
    findings += _shortened(ids, rows, column or "")
    shapes, metric, told = _placed(raw, chosen, rows, crs)
    findings += told
    has_place = np.zeros(len(ids), bool) if shapes is None else ~shapely.is_missing(shapes)
    lost = (ids == "") & ~has_place
    if column is None and shapes is None:
        findings += chosen.lacking(("building_id",), _header(raw))
    elif lost.any():
        what = ("has neither an id nor a place", "have neither an id nor a place")
        fix = f"fill {column!r}" if column else "fill in the coordinates"
        findings.append(rows.fault("ids-missing", lost, what, fix))
    keep, told = _once(ids, grids, rows)
    findings += told
    _raise_errors(findings)
    at = np.flatnonzero(keep)
    at = at[_order(ids[at], None if shapes is None else shapes[at])]
    return OldGrids(
        raw.name, ids[at], grids[at], rows.names[at],
        geometry=None if shapes is None else shapes[at], crs=metric,
        wholes=np.full(len(at), "", dtype=object), findings=_warnings(findings),
    )  # fmt: skip


def _grids(raw: Raw, chosen: AssignmentColumns) -> tuple[Array, list[Finding]]:
    column = chosen.of["grid_id"]
    grids = texts(raw.attributes[column])
    rows = Rows(_named(raw, np.full(len(grids), "", dtype=object)), "row", "rows", f"{raw.name}: ")
    if not (grids != "").any():
        message = f"{raw.name}: no row names a grid in {column!r}"
        return grids, [error("grid-missing", message, f"fill {column!r}", first=column)]
    return grids, _shortened(grids, rows, column)


def _shortened(ids: Array, rows: Rows, column: str) -> list[Finding]:
    bad = np.array([SHORTENED.fullmatch(text) is not None for text in ids], dtype=bool)
    if not bad.any():
        return []
    first = ids[int(np.argmax(bad))]
    what = (
        f"has in {column!r} a code that was shortened to a number, {first}",
        f"have in {column!r} codes that were shortened to numbers, as {first}",
    )
    fix = f"format the column {column!r} as text in the spreadsheet before filling it in"
    return [rows.fault("ids-shortened", bad, what, fix)]


def _placed(
    raw: Raw, chosen: AssignmentColumns, rows: Rows, crs: pyproj.CRS | None
) -> tuple[Array | None, pyproj.CRS | None, list[Finding]]:
    """Return the shapes of buildings in a metric CRS; what is wrong with them is no error.

    They only help to find buildings by their places. Shapes without a CRS come back as read.
    """
    shapes, claims = raw.shapes, [raw.crs, crs]
    if shapes is None:
        pair = next((p for p in (("lon", "lat"), ("x", "y")) if set(p) <= set(chosen.of)), None)
        if pair is None:
            return None, None, []
        first, second = (raw.attributes[chosen.of[role]] for role in pair)
        shapes, claim = points_from(first, second, degrees=pair[0] == "lon", crs=crs)
        claims = [claim]
    if not any(claim is not None for claim in claims):
        flat, _ = of_kind(np.array(shapely.force_2d(shapes), dtype=object), POINTS_AND_POLYGONS)
        return flat, None, []
    placed = place(shapes, claims, rows, kinds=POINTS_AND_POLYGONS, target=None)
    told = [
        replace(f, severity=Severity.WARNING, fix="Such a building can be found by its id alone")
        if f.severity is Severity.ERROR
        else f
        for f in placed.findings
    ]
    return (None if placed.crs is None else placed.shapes), placed.crs, told


def _once(ids: Array, grids: Array, rows: Rows) -> tuple[Array, list[Finding]]:
    """Return which rows to keep, one a building, and the buildings that are in two grids."""
    frame = pd.DataFrame({"id": ids, "grid": grids})
    named = frame["id"] != ""
    again = (frame.duplicated("id") & named).to_numpy()
    grids_of = frame[named].groupby("id")["grid"].transform("nunique")
    torn = np.zeros(len(ids), dtype=bool)
    torn[grids_of.index[grids_of > 1]] = True
    if torn.any():
        first = ids[int(np.argmax(torn))]
        held = sorted({str(grid) or "none" for grid in grids[ids == first]})
        said = f"more than one grid, {first} in {' and '.join(held)}"
        buildings = Rows(ids, "row", "rows", rows.prefix)
        what = (f"puts a building in {said}", f"put a building in {said}")
        return ~again, [buildings.fault("old-in-two-grids", torn, what, "leave one row a building")]
    if not again.any():
        return ~again, []
    what = ("repeats an earlier one", "repeat earlier ones")
    return ~again, [rows.warning("old-row-twice", again, what, "it counts once")]


def _named(raw: Raw, ids: Array) -> Array:
    numbered = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
    return np.where(ids == "", numbered, ids)


def _order(ids: Array, shapes: Array | None) -> Array:
    """Return the order by id and then by shape, so that the order of rows does not count."""
    wkb = [b""] * len(ids) if shapes is None else [s or b"" for s in shapely.to_wkb(shapes)]
    keys = list(zip(ids.tolist(), wkb, strict=True))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _raise_errors(findings: list[Finding]) -> None:
    faults = [finding for finding in findings if finding.severity is Severity.ERROR]
    if faults:
        raise InputError(faults)


def _warnings(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is not Severity.ERROR)
