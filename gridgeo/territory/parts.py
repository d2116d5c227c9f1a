"""Cells for the parts of one building: its own cell, cut so that each part touches the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from ..errors import Finding, Findings, InputError, Severity
from ..ground import ONE_BUILDING, Forbidden, Territory
from ..model import DEFAULT_REACH_M, Buildings
from .barriers import Barriers, kinds_along, read_barriers
from .build import NO_CROSSING, REASONS
from .build import build_territory as build_whole
from .contacts import coverage_contacts
from .crossing import LEAST_BORDER_M, Along, crossed_pairs, judge
from .strips import Cuts, area_cuts, cut_up, in_a_row, long_axis, with_vertices

if TYPE_CHECKING:
    import geopandas as gpd

Array = np.ndarray[Any, Any]

# Where the long axis of a building does not do for its cell, these turns of it are tried.
_TURNS_DEG = (0, 90, 30, 60, 120, 150, 15, 45, 75, 105, 135, 165)
# Lengths are summed in another order elsewhere.
_SLACK_M = 1e-6


def build_territory(
    buildings: Buildings,
    *,
    boundary: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    reach_m: float = DEFAULT_REACH_M,
    edges: pd.DataFrame | None = None,
) -> Territory:
    """Give every building a cell, so that the cells cover the territory without gaps.

    See ``gridgeo.territory.build.build_territory``, for arguments too. The parts of a building
    that was split (``Buildings.parts``) share the cell it would have as a whole, cut across its
    long axis: whatever crosses the building, each part touches the next along at least a metre.
    ``edges`` made by hand name the building as a whole.

    Raises:
        InputError: as there; or a cell has no room for all parts of its building.
        ValueError: no buildings, or a reach that is not positive.
    """
    ask: dict[str, Any] = {
        "boundary": boundary,
        "barriers": barriers,
        "reach_m": reach_m,
        "edges": edges,
    }
    if not buildings.parts:
        return build_whole(buildings, **ask)
    whole, whole_of = _rejoined(buildings)
    land = build_whole(whole, **ask)
    cells = _cut_cells(land, buildings, whole_of)
    cut = _with_edges(land, cells, buildings, whole_of, read_barriers(barriers))
    lost = _lost(land, cut, whole, whole_of)
    return replace(cut, findings=Findings((*(land.findings or ()), *lost)))


def _rejoined(buildings: Buildings) -> tuple[Buildings, Array]:
    """Return the buildings before they were split, and the row there of every part, int64 (n,)."""
    table = buildings.table
    shapes = np.array(table.geometry.values, dtype=object)
    ids = buildings.ids
    kept = np.ones(len(table), dtype=bool)
    lead = np.arange(len(table))
    for whole in buildings.parts:
        first, *others = whole.rows
        kept[others] = False
        lead[others] = first
        ids[first], shapes[first] = whole.id, whole.shape
    joined = table.assign(building_id=pd.array(ids, dtype="str")).set_geometry(
        shapes, crs=table.crs
    )
    order = np.flatnonzero(kept)[np.argsort(ids[kept].astype(str), kind="stable")]
    place = np.full(len(table), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return Buildings(joined.iloc[order].reset_index(drop=True)), place[lead]


def _cut_cells(land: Territory, buildings: Buildings, whole_of: Array) -> Array:
    """Return a cell for every row of the buildings, object (n,).

    Raises:
        InputError: every building whose cell has no room for its parts.
    """
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)
    cells = land.cells[whole_of].copy()
    waiting = np.zeros(len(cells), dtype=bool)  # all but one part of what is still one cell
    for whole in buildings.parts:
        waiting[list(whole.rows[1:])] = True
    tree = shapely.STRtree(land.cells)
    cramped = []
    for whole in buildings.parts:
        rows = list(whole.rows)
        cell = cells[rows[0]]
        near = tree.query(cell, predicate="intersects")
        beside = np.flatnonzero(np.isin(whole_of, near) & ~waiting)
        beside = beside[whole_of[beside] != whole_of[rows[0]]]
        found = _cut_cell(cell, whole.shape, shapes[rows], cells[beside])
        if found is None:
            cramped.append(whole.id)
            continue
        cells[rows], cells[beside] = found
        waiting[rows] = False
    if cramped:
        raise InputError(
            [
                Finding(
                    "building-without-room",
                    Severity.ERROR,
                    f"{len(cramped)} buildings have too little land for their entrances "
                    f"(first: {cramped[0]})",
                    "Move them apart from their neighbours, or leave out the column of entrances",
                    len(cramped),
                    cramped[0],
                )
            ]
        )
    return cells


def _cut_cell(cell: Any, building: Any, homes: Array, beside: Array) -> tuple[Array, Array] | None:
    """Return the parts of a cell and its neighbours with the new vertices; None without room.

    The first cuts that keep every neighbour a neighbour are taken, else the first at all.
    """
    least_m = LEAST_BORDER_M + _SLACK_M
    before = _touched(np.array([cell], dtype=object), beside, least_m)
    second = None
    for cuts in _cuts(cell, building, homes):
        slices = cut_up(cell, cuts)
        parts = in_a_row(slices, homes, least_m)
        if parts is None:
            continue
        mended = np.array([with_vertices(other, slices.added) for other in beside], dtype=object)
        mended = mended.reshape(len(beside))
        if before <= _touched(parts, mended, least_m):
            return parts, mended
        second = second or (parts, mended)
    return second


def _cuts(cell: Any, building: Any, homes: Array) -> Iterator[Cuts]:
    """Offer the cuts of the building itself, then others through its cell."""
    middles = shapely.get_coordinates(shapely.centroid(homes))
    if (shapely.get_dimensions(homes) == 2).all():
        shares = shapely.area(homes)
        along = long_axis(building)
        yield area_cuts(building, shares, along)
    else:
        shares = np.ones(len(homes))
        along = middles[-1] - middles[0]
        along = along / np.hypot(*along)
        own = Cuts(middles.mean(axis=0), along, np.empty(0))
        at_m = own.measure(middles)
        yield Cuts(own.origin, along, (at_m[1:] + at_m[:-1]) / 2)
    for turn in np.deg2rad(_TURNS_DEG):
        cos, sin = np.cos(turn), np.sin(turn)
        turned = np.array([cos * along[0] - sin * along[1], sin * along[0] + cos * along[1]])
        yield area_cuts(cell, shares, turned)


def _touched(parts: Array, beside: Array, least_m: float) -> set[int]:
    """Return which of the cells beside share enough border with some part."""
    contacts = coverage_contacts(np.concatenate([parts, beside]))
    first, second = contacts.pairs[contacts.length_m >= least_m].T
    crossing = (first < len(parts)) & (second >= len(parts))
    return {int(other) - len(parts) for other in second[crossing]}


def _with_edges(
    land: Territory, cells: Array, buildings: Buildings, whole_of: Array, lines: Barriers
) -> Territory:
    """Return the land with the cells of parts: edges of whole buildings as they were, those of
    parts anew, where the building as a whole has them.
    """
    is_part = np.zeros(len(cells), dtype=bool)
    is_part[[row for whole in buildings.parts for row in whole.rows]] = True
    row_of = np.full(len(land.cells), -1, dtype=np.int64)
    row_of[whole_of] = np.arange(len(cells))
    open_rows: list[tuple[int, int, float, str, str]] = []
    shut_rows: list[tuple[int, int, float, str, str]] = []
    of_wholes = {}
    for rows, (pairs, *columns) in ((open_rows, _open(land)), (shut_rows, _shut(land))):
        for (a, b), border_m, barrier, reason in zip(pairs.tolist(), *columns, strict=True):
            of_wholes[a, b] = rows is open_rows, barrier, reason
            ends = sorted((int(row_of[a]), int(row_of[b])))
            if not is_part[ends].any():
                rows.append((*ends, border_m, barrier, reason))
    joined = set()
    for ends, border_m, told in _between_parts(cells, is_part, buildings, lines):
        a, b = (int(whole_of[end]) for end in ends)
        passable, barrier, reason = told
        if a != b:
            key = (min(a, b), max(a, b))
            is_open, whole_barrier, whole_reason = of_wholes.get(key, told)
            by_hand = whole_reason not in (*REASONS, NO_CROSSING)
            if by_hand or not is_open:
                passable, barrier, reason = is_open, whole_barrier, whole_reason
            if passable:
                joined.add(key)
        (open_rows if passable else shut_rows).append((*ends, border_m, barrier, reason))
    for a, b in land.edges[land.by_hand].tolist():
        if (a, b) not in joined and is_part[[row_of[a], row_of[b]]].any():
            first, second = np.flatnonzero(whole_of == a), np.flatnonzero(whole_of == b)
            gap_m = shapely.distance(cells[first][:, None], cells[second][None, :])
            at = np.unravel_index(int(np.argmin(gap_m)), gap_m.shape)
            ends = sorted((int(first[at[0]]), int(second[at[1]])))
            _, barrier, reason = of_wholes[a, b]
            open_rows.append((*ends, 0.0, barrier, reason))
    pairs, border_m, barrier, reason = _columns(open_rows)
    return replace(
        land,
        cells=cells,
        edges=pairs,
        border_m=border_m,
        barrier=barrier,
        reason=reason,
        forbidden=Forbidden(*_columns(shut_rows)),
    )


def _open(land: Territory) -> tuple[Array, ...]:
    assert land.reason is not None
    return land.edges, land.border_m, land.barrier, land.reason


def _shut(land: Territory) -> tuple[Array, ...]:
    assert land.forbidden is not None
    shut = land.forbidden
    return shut.pairs, shut.border_m, shut.barrier, shut.reason


def _columns(rows: list[tuple[int, int, float, str, str]]) -> tuple[Array, Array, Array, Array]:
    """Return pairs, borders, barriers and reasons, sorted by pair."""
    rows = sorted(rows)
    return (
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        np.array([row[2] for row in rows], dtype=np.float64),
        np.array([row[3] for row in rows], dtype=object),
        np.array([row[4] for row in rows], dtype=object),
    )


def _between_parts(
    cells: Array, is_part: Array, buildings: Buildings, lines: Barriers
) -> Iterator[tuple[list[int], float, tuple[bool, str, str]]]:
    """Yield the contacts that a part has: its ends, the border, and whether one may cross,
    what lies between, and why.
    """
    near = shapely.STRtree(cells).query(cells[is_part], predicate="intersects")[1]
    some = np.unique(near)
    contacts = coverage_contacts(cells[some])
    code = kinds_along(lines, contacts.segments)
    none = np.zeros_like(code)
    anew = judge(contacts, Along(code, none, none, none), crossed_pairs(contacts, code, lines))
    # a building is one, whatever crosses it: what leads from part to part is never closed
    next_to = {tuple(sorted(two)) for whole in buildings.parts for two in pairwise(whole.rows)}
    for at, pair in enumerate(anew.pairs.tolist()):
        ends = sorted(int(some[end]) for end in pair)
        if not is_part[ends].any():
            continue
        barrier = str(anew.barrier[at])
        if tuple(ends) in next_to:
            told = (True, barrier, ONE_BUILDING)
        elif anew.passable[at]:
            told = (True, barrier, REASONS[anew.way[at]])
        else:
            told = (False, barrier, NO_CROSSING)
        yield ends, float(anew.border_m[at]), told


def _lost(land: Territory, cut: Territory, whole: Buildings, whole_of: Array) -> list[Finding]:
    """Tell neighbours of a whole building that none of its parts touches along a metre."""
    still = {(int(a), int(b)) for a, b in np.sort(whole_of[cut.edges], axis=1)}
    lost = [(int(a), int(b)) for a, b in land.edges if (int(a), int(b)) not in still]
    if not lost:
        return []
    a, b = (str(whole.ids[row]) for row in lost[0])
    return [
        Finding(
            "part-without-neighbour",
            Severity.WARNING,
            f"{len(lost)} pairs of neighbours touch no more where a building was split by its "
            f"entrances (first: {a} and {b})",
            "Nothing to do where other neighbours join them",
            len(lost),
            a,
        )
    ]
