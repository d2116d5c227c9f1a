"""Cells for the parts of one building: its own cell, cut so that each part touches the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from ..errors import Finding, Findings, InputError, Severity
from ..model import DEFAULT_REACH_M, Buildings, Territory
from .barriers import Barriers, kinds_along, read_barriers
from .build import build_territory as build_whole
from .contacts import coverage_contacts
from .crossing import LEAST_BORDER_M, Edges, bridged_pairs, passable
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
) -> Territory:
    """Give every building a cell, so that the cells cover the territory without gaps.

    See ``gridgeo.territory.build.build_territory``, for arguments too. The parts of a building
    that was split (``Buildings.parts``) share the cell it would have as a whole, cut across its
    long axis: whatever crosses the building, each part touches the next along at least a metre.

    Raises:
        InputError: as there; or a cell has no room for all parts of its building.
        ValueError: no buildings, or a reach that is not positive.
    """
    if not buildings.parts:
        return build_whole(buildings, boundary=boundary, barriers=barriers, reach_m=reach_m)
    whole, whole_of = _rejoined(buildings)
    land = build_whole(whole, boundary=boundary, barriers=barriers, reach_m=reach_m)
    cells = _cut_cells(land, buildings, whole_of)
    edges = _edges(land, cells, buildings, whole_of, read_barriers(barriers))
    lost = _lost(land, edges, whole, whole_of)
    return Territory(
        cells=cells,
        edges=edges.pairs,
        border_m=edges.border_m,
        barrier=edges.barrier,
        area=land.area,
        findings=Findings((*(land.findings or ()), *lost)),
    )


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


def _edges(
    land: Territory, cells: Array, buildings: Buildings, whole_of: Array, lines: Barriers
) -> Edges:
    """Return the edges: those of whole buildings as they were, those of parts anew."""
    n = len(cells)
    is_part = np.zeros(n, dtype=bool)
    is_part[[row for whole in buildings.parts for row in whole.rows]] = True
    row_of = np.full(len(land.cells), -1, dtype=np.int64)
    row_of[whole_of] = np.arange(n)
    kept = ~is_part[row_of[land.edges]].any(axis=1)
    tree = shapely.STRtree(cells)
    near = tree.query(cells[is_part], predicate="intersects")[1]
    some = np.unique(near)
    contacts = coverage_contacts(cells[some])
    ends = some[contacts.pairs].reshape(-1, 2)
    after = {(a, b) for whole in buildings.parts for a, b in pairwise(whole.rows)}
    next_to = np.array([(a, b) in after or (b, a) in after for a, b in ends.tolist()], dtype=bool)
    code = kinds_along(lines, contacts.segments)
    # a building is one, whatever crosses it: what leads from part to part is never closed
    bridged = bridged_pairs(contacts, code, lines.crossings) | next_to
    anew = passable(contacts, code, bridged)
    ends = some[anew.pairs].reshape(-1, 2)
    there = {(int(a), int(b)) for a, b in land.edges}
    wholes = np.sort(whole_of[ends], axis=1)
    allowed = np.array([a == b or (a, b) in there for a, b in wholes.tolist()], dtype=bool)
    allowed &= is_part[ends].any(axis=1)
    pairs = np.sort(
        np.concatenate([row_of[land.edges[kept]].reshape(-1, 2), ends[allowed]]), axis=1
    )
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Edges(
        pairs[order].astype(np.int64),
        np.concatenate([land.border_m[kept], anew.border_m[allowed]])[order],
        np.concatenate([land.barrier[kept], anew.barrier[allowed]])[order],
    )


def _lost(land: Territory, edges: Edges, whole: Buildings, whole_of: Array) -> list[Finding]:
    """Tell neighbours of a whole building that none of its parts touches along a metre."""
    still = {(int(a), int(b)) for a, b in np.sort(whole_of[edges.pairs], axis=1)}
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
