"""A comparison as the sheets of maps: shapes and words for its page and its papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

import maps

from ..compare import Comparison, owners_of
from ..crs import from_lonlat, to_lonlat
from ..grid_changes import person
from ..model import Plan
from ..scorecard import grid_polygons, grid_rows
from .boards import lines_in_metres
from .change_lines import change_sentences
from .naming import ADDRESSES, BUILDING_NAMES, names_in
from .sheet import lines_of

Array = np.ndarray[Any, Any]
Project = Callable[[Array, Any], Array]


def sheet_in_degrees(told: Comparison, words: maps.Words, title: str) -> maps.ChangeSheet:
    """Return what the page of a comparison shows, in WGS 84."""
    return _sheet(told, words, title, project=to_lonlat)


def sheet_in_metres(told: Comparison, words: maps.Words, title: str) -> maps.ChangeSheet:
    """Return what the papers of a comparison show, in the metres of the later plan."""
    crs = told.after.buildings.table.crs

    def project(shapes: Array, source: Any) -> Array:
        return shapes if source == crs else from_lonlat(to_lonlat(shapes, source), crs)

    return _sheet(told, words, title, project=project)


def _sheet(
    told: Comparison, words: maps.Words, title: str, *, project: Project
) -> maps.ChangeSheet:
    in_degrees = project is to_lonlat
    drawn = lines_of if in_degrees else lines_in_metres
    lines = tuple(
        maps.LineShape(line.kind, line.name, line.line)
        for line in drawn(told.after, words.language)
    )
    pairs = zip(told.grids["grid_before"], told.grids["grid_after"], strict=True)
    return maps.ChangeSheet(
        title=title,
        before=_states(told, "before", told.before, project=project),
        after=_states(told, "after", told.after, project=project),
        buildings=_buildings(told, project, words.language),
        lines=lines,
        heirs={old: new for old, new in pairs if old and new},
        other_owner=frozenset(told.grids.loc[told.grids["owner_changes"], "grid_after"]),
        summary=tuple(change_sentences(told, words)),
        in_degrees=in_degrees,
    )


def _states(
    told: Comparison, side: str, plan: Plan, *, project: Project
) -> tuple[maps.GridState, ...]:
    """Return the grids of a side, their borders as they are: what moves must be seen to move."""
    grids = grid_rows(plan)
    cells = plan.territory.cells
    exact = bool(shapely.coverage_is_valid(cells))
    grounds = project(grid_polygons(cells, grids, exact=exact), plan.buildings.table.crs)
    keys = {grid: repr(person(staff)) for grid, staff in owners_of(plan).items()}
    table = told.grids[told.grids[f"grid_{side}"] != ""].set_index(f"grid_{side}")
    return tuple(
        maps.GridState(
            grid_id=str(grid),
            polygon=ground,
            buildings=int(table.at[grid, f"buildings_{side}"]),
            households=int(table.at[grid, f"households_{side}"]),
            population=int(table.at[grid, f"population_{side}"]),
            in_band=bool(table.at[grid, f"in_band_{side}"]),
            owner=str(table.at[grid, f"owner_{side}"]),
            owner_key=keys.get(str(grid), ""),
        )
        for grid, ground in zip(grids.ids, grounds, strict=True)
    )


def _buildings(
    told: Comparison, project: Project, language: str
) -> tuple[maps.ChangedBuilding, ...]:
    """Return all buildings of either plan that are in a grid in one of them."""
    known = {}
    for side, plan in (("before", told.before), ("after", told.after)):
        table = plan.buildings.table
        shapes = project(np.asarray(table.geometry.values, dtype=object), table.crs)
        rows = zip(
            shapes,
            names_in(table, BUILDING_NAMES, language),
            names_in(table, ADDRESSES, language),
            strict=True,
        )
        known[side] = dict(zip(plan.buildings.ids, rows, strict=True))
    out = []
    for row in told.buildings.itertuples(index=False):
        if not row.from_grid and not row.to_grid:
            continue
        side, key = ("before", row.was_building_id) if row.match == "gone" else (
            "after", row.building_id)  # fmt: skip
        shape, name, address = known[side][key]
        out.append(
            maps.ChangedBuilding(
                building_id=row.building_id,
                shape=shape,
                households=int(row.households),
                from_grid=row.from_grid,
                to_grid=row.to_grid,
                moves=bool(row.moves),
                name=name,
                address=address,
            )
        )
    return tuple(out)
