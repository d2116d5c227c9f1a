"""Name every fault of a plan: on the ground, in its claims, and in the tables of its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import shapely

from .edge_faults import faults_of_edge_layers, faults_of_edges
from .errors import Finding, Severity
from .intake.telling import Rows
from .kinds import exclusive_pieces, kinds_of
from .model import CommunityResult, Limits, Plan, Status
from .scorecard import (
    TERM_COLUMNS,
    GridRows,
    contact_m,
    grid_figures,
    grid_polygons,
    grid_rows,
    grid_violations,
    is_contact,
    joined_by_hand,
    limits_of_grids,
    objective_of,
    pieces_of_grids,
)
from .territory import CoverageFaults, coverage_faults

Array = np.ndarray[Any, Any]

# Solvers add the same numbers in another order.
_SHARE = 1e-9
# A solver rounds each broken limit to whole millionths; a grid has two limits.
_VIOLATION = 1e-6
# A solver calls each piece of a community proved below a gap of 1e-7.
_PROVED_SHARE = 1e-6
_SLACK_M = 1e-6
_SLACK_M2 = 0.01
_DRAW_AGAIN = "partition again"
_COMPARED = ("community", "buildings", "households", "population", "in_band")


@dataclass(frozen=True, eq=False)
class Facts:
    """What was recomputed of a plan, once for all checks.

    ``border_m``: float64 (m,), the border of every edge. ``real``: bool (m,), which of the
    edges have their metre of border or were made by hand. ``table``: the scorecard. ``limits``: of
    every grid, None where it is exclusive. ``violations``: exact, one a grid. ``grounds``: the
    union of the cells of
    each grid, (g,).
    """

    plan: Plan
    grids: GridRows
    border_m: Array
    real: Array
    table: pd.DataFrame
    limits: list[Limits | None]
    violations: list[Fraction]
    cover: CoverageFaults
    grounds: Array


def facts_of(plan: Plan) -> Facts:
    """Recompute everything that is checked.

    Raises:
        ValueError: not one grid id or not one cell a building.
    """
    grids = grid_rows(plan)
    land = plan.territory
    border_m = contact_m(land)
    real = is_contact(border_m) | land.by_hand
    table = grid_figures(plan, grids, border_m)
    limits = limits_of_grids(plan, table)
    cover = coverage_faults(land.cells, land.area)
    exact = not cover.mismatched and cover.invalid == 0
    return Facts(
        plan=plan,
        grids=grids,
        border_m=border_m,
        real=real,
        table=table,
        limits=limits,
        violations=grid_violations(table, limits),
        cover=cover,
        grounds=grid_polygons(land.cells, grids, exact=exact),
    )


def faults_of_ground(facts: Facts) -> list[Finding]:
    """Faults of the division itself.

    Each building in exactly one grid, grids in one piece and one community, no wider than asked,
    too large buildings alone, exclusive kinds apart, neighbours with a border, cells without
    gaps and overlaps.
    """
    plan, grids = facts.plan, facts.grids
    houses = Rows(plan.buildings.ids, "building", "buildings")
    of_grid = Rows(grids.ids, "grid", "grids")
    found: list[Finding] = []

    twice = np.asarray(pd.Series(plan.buildings.ids).duplicated())
    what = ("occurs again", "occur again")
    found += _told(houses, "building-twice", twice, what, "list each building once")
    what = ("is in no grid", "are in no grid")
    found += _told(houses, "building-without-grid", grids.of < 0, what, _DRAW_AGAIN)

    pieces = pieces_of_grids(grids, plan.territory.edges[facts.real])
    what = ("is not contiguous", "are not contiguous")
    fix = "neighbours must lead from each of its buildings to every other"
    found += _told(of_grid, "grid-not-contiguous", pieces != 1, what, fix)
    single = (shapely.get_type_id(facts.grounds) == 3) & ~shapely.is_empty(facts.grounds)
    what = ("is more than one polygon", "are more than one polygon")
    joined = joined_by_hand(plan.territory, grids, facts.border_m)
    found += _told(of_grid, "grid-in-parts", ~single & ~joined, what, _DRAW_AGAIN)

    held = grids.of >= 0
    lives = pd.DataFrame({"grid": grids.of[held], "in": plan.buildings.communities[held]})
    kinds = lives.groupby("grid")["in"].nunique().to_numpy()
    what = ("crosses the border of its community", "cross the border of their community")
    found += _told(of_grid, "grid-crosses-community", kinds > 1, what, _DRAW_AGAIN)

    asked_m = np.array(
        [np.inf if of is None or of.max_span_m is None else of.max_span_m for of in facts.limits]
    )
    for widest_m in sorted(set(asked_m) - {np.inf}):
        wide = (asked_m == widest_m) & (facts.table["span_m"].to_numpy() > widest_m + _SLACK_M)
        width = f"wider than {widest_m:g} m"
        what = (f"is {width}", f"are {width}")
        found += _told(of_grid, "grid-too-wide", wide, what, _DRAW_AGAIN)

    most = np.array([_most(of) for of in facts.limits])[grids.of]
    large = (plan.buildings.households > most[:, 0]) | (plan.buildings.population > most[:, 1])
    shared = held & (facts.table["buildings"].to_numpy()[grids.of] > 1)
    what = (
        "is larger than a grid and does not stand alone",
        "are larger than a grid and do not stand alone",
    )
    found += _told(houses, "large-building-not-alone", large & shared, what, _DRAW_AGAIN)
    found += _faults_of_exclusive(facts)

    ends = plan.territory.edges[~facts.real]
    pairs = [f"{a} and {b}" for a, b in plan.buildings.ids[ends].reshape(-1, 2)]
    rows = Rows(np.array(pairs, dtype=object), "pair of neighbours", "pairs of neighbours")
    what = ("shares less than a metre of border", "share less than a metre of border")
    fix = "the cells or their neighbours were changed; build the territory again"
    found += _told(rows, "neighbours-without-border", ~facts.real[~facts.real], what, fix)
    found += faults_of_edges(plan.buildings, plan.territory, facts.border_m)
    return found + _faults_of_cover(facts.cover)


def _most(limits: Limits | None) -> tuple[float, float]:
    """Return the most households and people of a grid."""
    return (np.inf, np.inf) if limits is None else (limits.households.high, limits.population.high)


def _faults_of_exclusive(facts: Facts) -> list[Finding]:
    """Find buildings of exclusive kinds that share a grid with others, or not with their own."""
    plan, of = facts.plan, facts.grids.of
    if plan.book is None or not plan.book.kind_column:
        return []
    kinds = kinds_of(plan.buildings, plan.book.kind_column)
    piece = exclusive_pieces(plan.buildings, plan.book, kinds, plan.territory.edges)
    held = pd.DataFrame({"piece": piece, "grid": of})[(of >= 0)]
    pieces = held.groupby("grid")["piece"].transform("nunique")
    grids = held.groupby("piece")["grid"].transform("nunique")
    mixed, torn = np.zeros(len(of), np.bool_), np.zeros(len(of), np.bool_)
    rows = held.index.to_numpy()
    mixed[rows], torn[rows] = pieces > 1, grids > 1
    houses = Rows(plan.buildings.ids, "building", "buildings")
    alone = "of an exclusive kind and"
    what = (f"is {alone} shares a grid with others", f"are {alone} share a grid with others")
    found = _told(houses, "exclusive-mixed", mixed & (piece >= 0), what, _DRAW_AGAIN)
    what = (f"is {alone} parted from its neighbours", f"are {alone} parted from their neighbours")
    return found + _told(houses, "exclusive-parted", torn & (piece >= 0), what, _DRAW_AGAIN)


def faults_of_claims(facts: Facts) -> list[Finding]:
    """Faults of what the plan says of itself: reasons, objective, violation, bounds, status."""
    plan, table = facts.plan, facts.table
    of_grid = Rows(facts.grids.ids, "grid", "grids")
    in_band = table["in_band"].to_numpy(bool)
    silent = (table["reasons"] == "").to_numpy(bool)
    what = ("is out of band without a reason", "are out of band without a reason")
    found = _told(of_grid, "reason-missing", ~in_band & silent, what, _DRAW_AGAIN)
    what = ("is in band and has reasons not to be", "are in band and have reasons not to be")
    found += _told(of_grid, "reason-without-cause", in_band & ~silent, what, _DRAW_AGAIN)
    lost = sorted(set(plan.reasons) - set(facts.grids.ids.tolist()))
    if lost:
        text = f"{len(lost)} reasons are of grids that are not there (first: {lost[0]})"
        found.append(_fault("reason-of-no-grid", text, count=len(lost), first=lost[0]))

    there, told = set(plan.buildings.communities), [r.community for r in plan.results]
    if sorted(told) != sorted(there):
        odd = sorted((there ^ set(told)) | {name for name in told if told.count(name) > 1})
        text = f"{len(odd)} communities do not have exactly one result (first: {odd[0]})"
        found.append(_fault("community-without-result", text, count=len(odd), first=odd[0]))
    for result in plan.results:
        mine = (table["community"] == result.community).to_numpy(bool)
        objective = objective_of(table[mine], plan.aim)
        violation = sum((v for v, m in zip(facts.violations, mine, strict=True) if m), Fraction(0))
        out = int((mine & ~in_band).sum())
        found += _faults_of_result(result, objective, violation, out)
    return found


def faults_of_tables(facts: Facts, tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Faults of the layers ``grids``, ``cells`` and ``edges`` against what is recomputed."""
    stored = tables["grids"]
    names = stored["grid_id"].tolist()
    odd = sorted(
        set(names) ^ set(facts.grids.ids.tolist()) | {n for n in names if names.count(n) > 1}
    )
    found: list[Finding] = []
    if odd:
        text = f"{len(odd)} grids are not once in 'grids' and in 'buildings' (first: {odd[0]})"
        found.append(_fault("stored-grids", text, count=len(odd), first=odd[0]))
    both = facts.table.assign(row=range(len(facts.table))).merge(
        stored.drop_duplicates("grid_id"), on="grid_id", suffixes=("", "_stored")
    )
    rows = Rows(np.asarray(both["grid_id"], dtype=object), "grid", "grids", "layer 'grids': ")
    fix = "do not change a plan's figures by hand; partition again"
    asked = (name for name in ("kind", *TERM_COLUMNS) if name in facts.table)
    for name in (*_COMPARED, *asked):
        if name not in stored:
            text = f"layer 'grids' has no column {name!r}, which the plan asks for"
            found.append(_fault(f"stored-{name}".replace("_", "-"), text, first=name))
            continue
        differs = _differs(both[name], both[f"{name}_stored"])
        what = (
            f"has another {name!r} than its buildings give",
            f"have another {name!r} than their buildings give",
        )
        found += _told(rows, f"stored-{name}".replace("_", "-"), differs, what, fix)
    mine = facts.grounds[both["row"].to_numpy()]
    theirs = np.asarray(both["geometry"].values, dtype=object)
    what = ("is not the union of its cells", "are not the union of their cells")
    found += _told(rows, "stored-polygon", ~_same_ground(mine, theirs), what, fix)

    cells = tables["cells"].sort_values("building_id", kind="stable")["grid_id"].to_numpy(object)
    houses = Rows(facts.plan.buildings.ids, "building", "buildings", "layer 'cells': ")
    what = ("is in another grid than its cell", "are in another grid than their cells")
    found += _told(houses, "stored-cell", cells != facts.plan.grid_ids, what, fix)
    return found + faults_of_edge_layers(facts.plan.buildings, facts.plan.territory, tables)


def _faults_of_result(
    result: CommunityResult, objective: float, violation: Fraction, out: int
) -> list[Finding]:
    """Compare the claims about one community with what was recomputed of its grids."""
    slack = _SHARE * max(1.0, objective)
    said = f"community {result.community}: "
    faults = []
    if abs(result.objective - objective) > slack:
        text = f"the objective is {objective:.9g}, not {result.objective:.9g}"
        faults.append(("objective-differs", text))
    if abs(result.violation - float(violation)) > _VIOLATION * out + _SHARE:
        text = f"the violation is {float(violation):.9g}, not {result.violation:.9g}"
        faults.append(("violation-differs", text))
    if result.bound is not None and result.bound > objective + slack:
        text = f"the bound {result.bound:.9g} is above the objective {objective:.9g}"
        faults.append(("bound-above-objective", text))
    if result.violation_bound > float(violation) + _VIOLATION * out + _SHARE:
        text = f"the violation's bound {result.violation_bound:.9g} is above it"
        faults.append(("violation-bound-above", f"{text}, {float(violation):.9g}"))
    if result.status is Status.OPTIMAL:
        if out:
            faults.append(("status-not-so", f"called optimal, with {out} grids out of band"))
        near = max(1.0, objective) * _PROVED_SHARE
        if result.bound is None or objective - result.bound > near:
            faults.append(("status-not-so", "called optimal, and the bound does not prove it"))
    if result.status is Status.INFEASIBLE:
        if not out:
            faults.append(("status-not-so", "called infeasible, with every grid in band"))
        elif result.violation_bound < float(violation) - _VIOLATION * out - _SHARE:
            faults.append(("status-not-so", "called infeasible, and the bound does not prove it"))
    return [_fault(code, said + text, first=result.community) for code, text in faults]


def _faults_of_cover(cover: CoverageFaults) -> list[Finding]:
    worst = cover.tolerance_m2
    found = []
    for code, bad, text in (
        ("cells-gap", cover.gap_m2 > worst, f"cells leave {cover.gap_m2:,.2f} m2 uncovered"),
        ("cells-outside", cover.outside_m2 > worst,
         f"cells reach {cover.outside_m2:,.2f} m2 beyond the territory"),
        ("cells-overlap", cover.overlap_m2 > worst, f"cells overlap by {cover.overlap_m2:,.2f} m2"),
        ("cells-invalid", cover.invalid > 0, f"{cover.invalid} cells are no valid polygon"),
        ("cells-broken", cover.broken > 0, f"{cover.broken} cells are not one polygon"),
        ("cells-mismatched", cover.mismatched, "cells do not share the vertices of their borders"),
    ):  # fmt: skip
        if bad:
            found.append(_fault(code, text, fix="Build the territory again"))
    return found


def _differs(ours: pd.Series, theirs: pd.Series) -> Array:
    if not pd.api.types.is_float_dtype(ours):
        return np.asarray((ours != theirs).to_numpy(bool))
    near = np.isclose(ours, theirs.astype(float), rtol=_SHARE, atol=_SLACK_M)
    return np.asarray(~near)


def _same_ground(first: Array, second: Array) -> Array:
    same = np.asarray(shapely.equals(first, second))
    for row in np.flatnonzero(~same):
        apart = shapely.symmetric_difference(
            shapely.make_valid(first[row]), shapely.make_valid(second[row])
        )
        same[row] = shapely.area(apart) <= _SLACK_M2
    return same


def _told(
    rows: Rows, code: str, bad: Iterable[Any], what: tuple[str, str], fix: str
) -> list[Finding]:
    mask = np.asarray(bad, dtype=bool)
    return [rows.fault(code, mask, what, fix)] if mask.any() else []


def _fault(
    code: str, message: str, *, fix: str = "Partition again", count: int = 1, first: str = ""
) -> Finding:
    return Finding(code, Severity.ERROR, message, fix, count, first)
