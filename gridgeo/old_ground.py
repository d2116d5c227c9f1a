"""The ground of an old plan under the buildings of now: its outline, lines, edges by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from .crs import to_metric
from .edge_edits import ADD, REMOVE
from .errors import Finding, Severity
from .ground import BY_HAND
from .model import DEFAULT_REACH_M, Community, Plan, Territory
from .territory.by_hand import edit_edges
from .wording import count, some

Array = np.ndarray[Any, Any]


def on_old_ground(
    town: Community, plan: Plan, *, name: str, reach_m: float = DEFAULT_REACH_M
) -> tuple[Community, list[Finding]]:
    """Return the town with what it was read without: boundary and barriers of the old plan.

    The boundary is the old territory, each community its own, and what lies within ``reach_m``
    of buildings that stand outside. ``name``: of the old plan, for what is told.
    """
    crs = pyproj.CRS.from_user_input(town.buildings.table.crs)
    taken, told = [], []
    if town.boundary is None:
        boundary, outside = _boundary(town, plan, crs, reach_m)
        town = replace(town, boundary=boundary)
        taken.append("the territory")
        if len(outside):
            ids = some([str(one) for one in town.buildings.ids[outside]])
            stands = "stands" if len(outside) == 1 else "stand"
            said = (
                f"{count(len(outside), 'building')} {stands} outside the territory of {name} "
                f"({ids}), which now reaches {reach_m:g} m around"
            )
            fix = "Give the boundary of now with --boundary if that is not so"
            first = str(town.buildings.ids[outside[0]])
            told.append(
                Finding("outside-old-ground", Severity.WARNING, said, fix, len(outside), first)
            )
    if town.barriers is None and plan.barriers is not None:
        town = replace(town, barriers=to_metric(plan.barriers, crs))
        taken.append("streets and rivers")
    if taken:
        lead = some(taken).capitalize()
        said = f"{lead} {'is' if taken == ['the territory'] else 'are'} as in {name}"
        fix = "Name others with --boundary and --barriers"
        told.append(Finding("ground-as-in-old-plan", Severity.NOTE, said, fix, len(taken)))
    return town, told


def _boundary(
    town: Community, plan: Plan, crs: pyproj.CRS, reach_m: float
) -> tuple[gpd.GeoDataFrame, Array]:
    """Return the old outline with the discs of the buildings outside it, and their rows."""
    names = sorted(set(plan.buildings.communities))
    cells, homes = plan.territory.cells, plan.buildings.communities
    if set(town.buildings.communities) <= set(names) and len(names) > 1:
        areas = [shapely.coverage_union_all(cells[homes == name]) for name in names]
        frame = gpd.GeoDataFrame({"community": names}, geometry=areas, crs=plan.buildings.table.crs)
        frame = to_metric(frame, crs)
        mine = dict(zip(names, frame.geometry, strict=True))
        outside = _outside(town, lambda home: mine[home])
        if not len(outside):
            return frame, outside
    frame = gpd.GeoDataFrame(geometry=[plan.territory.area], crs=plan.buildings.table.crs)
    area = to_metric(frame, crs).geometry.iloc[0]
    outside = _outside(town, lambda _: area)
    shapes = np.asarray(town.buildings.table.geometry.values, dtype=object)[outside]
    wide = shapely.union_all([area, *shapely.buffer(shapes, reach_m)])
    return gpd.GeoDataFrame(geometry=[wide], crs=crs), outside


def _outside(town: Community, area_of: Callable[[str], Any]) -> Array:
    """Return the rows of the buildings that do not touch their area, int64."""
    shapes = np.asarray(town.buildings.table.geometry.values, dtype=object)
    homes = town.buildings.communities
    out = np.zeros(len(shapes), np.bool_)
    for home in sorted(set(homes)):
        rows = np.flatnonzero(homes == home)
        area = area_of(str(home))
        shapely.prepare(area)
        out[rows] = ~shapely.intersects(area, shapes[rows])
    return np.flatnonzero(out)


def with_old_edges(
    territory: Territory, town: Community, plan: Plan, *, name: str
) -> tuple[Territory, list[Finding]]:
    """Return the territory with the edges that were added and removed by hand in the old plan.

    An edge is passed over where a building of it is gone, or what it asks for is so by now.
    """
    land, ids = plan.territory, plan.buildings.ids
    row_of = {str(one): row for row, one in enumerate(town.buildings.ids)}
    homes = town.buildings.communities
    there = set(map(tuple, territory.edges.tolist()))
    groups: list[tuple[str, Array, Array]] = []
    if land.reason is not None:
        groups.append((ADD, land.edges, land.reason))
    if land.forbidden is not None:
        groups.append((REMOVE, land.forbidden.pairs, land.forbidden.reason))
    rows, passed = [], []
    for action, pairs, reasons in groups:
        for (a, b), reason in zip(ids[pairs].reshape(-1, 2).tolist(), reasons, strict=True):
            if not str(reason).startswith(BY_HAND):
                continue
            ends = row_of.get(a, -1), row_of.get(b, -1)
            pair = min(ends), max(ends)
            wanted = (pair in there) == (action == REMOVE)
            if pair[0] >= 0 and wanted and homes[pair[0]] == homes[pair[1]]:
                rows.append((a, b, action, str(reason).removeprefix(BY_HAND)))
            else:
                passed.append(f"{a} and {b}")
    told = []
    if rows:
        said = (
            f"{count(len(rows), 'edge')} by hand {'is' if len(rows) == 1 else 'are'} as in {name}"
        )
        first = f"{rows[0][0]} and {rows[0][1]}"
        told.append(Finding("edges-as-in-old-plan", Severity.NOTE, said, "", len(rows), first))
    if passed:
        one = len(passed) == 1
        said = (
            f"{count(len(passed), 'edge')} by hand of {name} {'is' if one else 'are'} passed over "
            f"({some(passed)}): a building of {'it' if one else 'each'} is gone, or what it asks "
            "for is so by now"
        )
        fix = "Give the edges of now with --edges"
        told.append(
            Finding("edges-passed-over", Severity.WARNING, said, fix, len(passed), passed[0])
        )
    if not rows:
        return territory, told
    edits = pd.DataFrame(rows, columns=["a", "b", "action", "reason"], dtype=object)
    return edit_edges(territory, town.buildings, edits), told
