"""A table of buildings and their grids to a plan: what it says, and nothing it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from .cut_off import told_in_pieces
from .errors import Finding, Findings, InputError, Severity
from .evaluate import evaluate
from .imported_record import carried_record
from .intake.source import split_layer
from .intake.telling import error, listed, warning
from .lineage import changed_by, with_version
from .matching import laid_beside
from .model import CommunityResult, Plan, Status
from .old_file import read_old
from .old_grids import OldGrids, wholes_of
from .reasons import figures_outside
from .record import Version
from .same_ground import INSIDE, NEAR, on_ground
from .same_id import rows_of_ids, rows_of_like_ids
from .scorecard import grid_violations, limits_of_grids, objective_of, scorecard
from .sources import sha256_of
from .touching import grids_beside

Array = np.ndarray[Any, Any]

# What findings about the grids of before are called.
_OF_GRIDS = ("import-", "old-", "start-", "redraw-", "unit-", "kind")
# The same told without names.
_IN_PIECES = ("grid-not-contiguous", "grid-in-parts")
_UNKNOWN = "import-id-unknown"
MISSING = ("error", "nearest", "keep")
# A building just outside of a drawn grid counts to it.
_NEAR_M = 10.0


def import_assignments(
    plan: Plan,
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    missing: str = "error",
    made: str = "",
) -> Plan:
    """Return the plan with the grids that a table gives its buildings.

    Ground, limits, objective and record stay those of ``plan``. Nothing is proved of the new
    grids: where they are in one piece their status is feasible, without a bound, else unknown;
    objective and violation are recomputed. Grids that are out of band or in pieces are told in
    the findings, as are ids of no building. The record gets a version "import".

    Args:
        plan: the buildings and their ground.
        path: as of ``gridgeo.read_old``: a table with a building id and a grid id, one row a
            building; or polygons with a grid id, drawn by hand.
        columns: the column by role, ``{"grid_id": "WG_BH"}``.
        crs: of a file that names none.
        missing: what becomes of a building that the table gives no grid: "error"; "nearest", the
            grid that it shares most border with; "keep", the one that it has.
        made: the day that the record is to bear, in ISO's form.

    Raises:
        InputError: every fault at once: the file cannot be used, buildings without a grid, a
            grid in two communities, an id that was given out before and ended.
    """
    Findings(tuple(missing_faults(missing))).raise_if_any()
    old = read_old(path, columns=columns, crs=crs)
    given, told = _given(plan, old)
    grid_ids, found = _filled(plan, given, missing, old.name)
    told += found
    told += _in_two_communities(plan, grid_ids, old.name)
    record, found = carried_record(plan, grid_ids, made, source=Path(old.name).name)
    told += found
    faults = Findings(tuple(told)).errors
    if faults:
        # an id that is not known and a building without a grid are often one slip
        raise InputError([*faults, *(f for f in told if f.code == _UNKNOWN)])
    drawn = replace(
        plan,
        grid_ids=grid_ids,
        results=tuple(_blank(result) for result in plan.results),
        reasons={},
        versions={"gridgeo": version("gridgeo")},
        findings=Findings(),
        record=record,
        was=None,
    )
    drawn, shape_faults = _judged(drawn)
    kept = [finding for finding in plan.findings if _is_of_ground(finding)]
    drawn = replace(drawn, findings=Findings((*kept, *told, *shape_faults)))
    file, layer = split_layer(str(path))
    recipe = {
        "file": file.name if layer is None else f"{file.name}:{layer}",
        "sha256": sha256_of(file),
        "columns": dict(columns or {}),
        "missing": missing,
        "changed": changed_by(drawn),
    }
    return with_version(drawn, Version("import", "", made, recipe=recipe))


def missing_faults(missing: str) -> list[Finding]:
    """Return what is wrong with a word for what becomes of buildings without a grid."""
    if missing in MISSING:
        return []
    fix = f"use one of {listed(MISSING)}"
    return [error("missing-unknown", f"--missing {missing}: not known", fix, first=missing)]


def _is_of_ground(finding: Finding) -> bool:
    """Return whether a finding of the plan is about its buildings and ground, not its grids."""
    return finding.severity is not Severity.NOTE and not finding.code.startswith(_OF_GRIDS)


def _given(plan: Plan, old: OldGrids) -> tuple[Array, list[Finding]]:
    """Return the grid that a file gives every building, "" for none, and what to tell."""
    ids = plan.buildings.ids
    told = list(old.findings)
    if old.polygons is not None:
        return _on_ground(plan, old, told)
    rows = rows_of_ids(ids, old.ids)
    # a table may name a building that is here in parts, one an entrance
    whole = rows_of_ids(wholes_of(plan.buildings.table), old.ids)
    rows = np.where(rows < 0, whole, rows)
    left, free = np.flatnonzero(rows < 0), np.flatnonzero(~np.isin(np.arange(len(old)), rows))
    like = rows_of_like_ids(ids[left], old.ids[free])
    rows[left[like >= 0]] = free[like[like >= 0]]
    if (rows < 0).all():
        message = f"{old.name}: none of its {len(old):,} buildings is in the plan"
        fix = "name a table of these buildings, or the column of their ids"
        raise InputError([error("import-foreign", message, fix)])
    if (like >= 0).any():
        at = left[like >= 0]
        pairs = [f"{old.ids[rows[row]]} for {ids[row]}" for row in at.tolist()]
        message = f"{old.name}: {_many(len(at), 'id is', 'ids are')} written otherwise than in the"
        message += f" plan: {listed(pairs)}"
        told.append(warning("import-id-alike", message, "check that they are the same",
                            count=len(at), first=str(ids[at[0]])))  # fmt: skip
    strange = ~np.isin(np.arange(len(old)), rows)
    if strange.any():
        names = old.names[strange].tolist()
        message = f"{old.name}: {_many(len(names), 'row is', 'rows are')} of no building of the "
        message += f"plan: {listed(names)}"
        told.append(warning(_UNKNOWN, message, "check these ids",
                            count=len(names), first=str(names[0])))  # fmt: skip
    given = np.full(len(ids), "", dtype=object)
    given[rows >= 0] = old.grid_ids[rows[rows >= 0]]
    return given, told


def _on_ground(plan: Plan, old: OldGrids, told: list[Finding]) -> tuple[Array, list[Finding]]:
    old, found = laid_beside(plan.buildings, old)
    assert old.polygons is not None
    shapes = np.asarray(plan.buildings.table.geometry.values, dtype=object)
    ground = on_ground(shapes, old.polygons, old.polygon_ids, _NEAR_M)
    near = ground.where == NEAR
    if near.any():
        names = plan.buildings.ids[near].tolist()
        message = f"{old.name}: {_many(len(names), 'building stands', 'buildings stand')} just "
        message += f"outside every grid and {'counts' if len(names) == 1 else 'count'} to the one "
        message += f"beside: {listed(names)}"
        told = [*told, warning("import-near", message, "", count=len(names), first=names[0])]
    if not (near | (ground.where == INSIDE)).any():
        message = f"{old.name}: no building of the plan stands in its grids"
        fix = "check that both are the same place, and their CRS"
        raise InputError([error("import-foreign", message, fix)])
    return ground.grid, [*told, *found]


def _filled(plan: Plan, given: Array, missing: str, name: str) -> tuple[Array, list[Finding]]:
    """Return the grid of every building, those without one treated as asked; and tell them."""
    without = np.asarray(given == "", dtype=bool)
    if not without.any():
        return given, []
    ids = plan.buildings.ids
    number, first = int(without.sum()), str(ids[without][0])
    lead = f"{name}: {_many(number, 'building of the plan has', 'buildings of the plan have')} no "
    lead += f"grid in it: {listed(ids[without])}"
    if missing == "error":
        fix = (
            "give each a grid; or --missing nearest puts each into the grid beside it, --missing "
            "keep leaves it in its own"
        )
        return given, [error("import-missing", lead, fix, count=number, first=first)]
    if missing == "keep":
        kept = np.where(without, plan.grid_ids, given).astype(object)
        said = f"{lead}; {'it stays' if number == 1 else 'they stay'} in the grid of before"
        return kept, [warning("import-kept", said, "", count=number, first=first)]
    filled = grids_beside(given, plan.territory, plan.buildings.communities)
    lost = np.asarray(filled == "", dtype=bool)
    if lost.any():
        number, first = int(lost.sum()), str(ids[lost][0])
        said = f"{name}: {_many(number, 'building', 'buildings')} without a grid "
        said += f"{'touches' if number == 1 else 'touch'} no building that has one: "
        said += listed(ids[lost])
        return given, [error("import-alone", said, "give each a grid", count=number, first=first)]
    pairs = [f"{ids[row]} to {filled[row]}" for row in np.flatnonzero(without).tolist()]
    said = f"{name}: {_many(number, 'building has', 'buildings have')} no grid in it and "
    said += f"{'goes' if number == 1 else 'go'} to the one beside: {listed(pairs)}"
    return filled, [warning("import-nearest", said, "", count=number, first=first)]


def _in_two_communities(plan: Plan, grid_ids: Array, name: str) -> list[Finding]:
    lives: dict[str, set[str]] = {}
    for grid, community in zip(grid_ids.tolist(), plan.buildings.communities, strict=True):
        if grid:
            lives.setdefault(grid, set()).add(str(community))
    torn = sorted(grid for grid, held in lives.items() if len(held) > 1)
    if not torn:
        return []
    said = f"{name}: {_many(len(torn), 'grid has', 'grids have')} buildings in two communities: "
    said += listed(f"{grid} in {' and '.join(sorted(lives[grid]))}" for grid in torn)
    fix = "a grid belongs to one community: give each part an id of its own"
    return [error("import-two-communities", said, fix, count=len(torn), first=torn[0])]


def _blank(result: CommunityResult) -> CommunityResult:
    """Return what is known of a community whose grids were drawn elsewhere."""
    return CommunityResult(
        community=result.community,
        status=Status.FEASIBLE,
        objective=0.0,
        bound=None,
        violation=0.0,
        violation_bound=0.0,
        max_span_m=None,
        seconds=0.0,
    )


def _judged(plan: Plan) -> tuple[Plan, list[Finding]]:
    """Return the plan with what its grids really come to, and what is wrong with their shape."""
    table = scorecard(plan)
    limits = limits_of_grids(plan, table)
    violations = grid_violations(table, limits)
    results = []
    for result in plan.results:
        mine = (table["community"] == result.community).to_numpy(bool)
        violation = sum((v for v, m in zip(violations, mine, strict=True) if m), Fraction(0))
        whole = bool(table.loc[mine, "contiguous"].all())
        results.append(
            replace(
                result,
                status=Status.FEASIBLE if whole else Status.UNKNOWN,
                objective=objective_of(table[mine], plan.aim),
                violation=float(violation),
            )
        )
    reasons = {}
    for row, of in zip(table.to_dict("records"), limits, strict=True):
        if not row["in_band"] and of is not None:
            said = figures_outside(int(row["households"]), int(row["population"]), of)
            reasons[str(row["grid_id"])] = f"{said}; the grid was imported as it is"
    plan = replace(plan, results=tuple(results), reasons=reasons)
    out = sorted(reasons)
    told = told_in_pieces(plan)
    told += [
        replace(
            fault,
            code=f"import-{fault.code}",
            severity=Severity.WARNING,
            fix="The grids are as they were imported; gridgeo redraw mends them",
        )
        for fault in evaluate(plan).faults
        if not (told and fault.code in _IN_PIECES)
    ]
    if out:
        said = f"{_many(len(out), 'grid is', 'grids are')} out of band: {listed(out)}"
        told.append(warning("import-out-of-band", said, "", count=len(out), first=out[0]))
    return plan, told


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
