"""What is printed for the wall: a board of the community, one a grid, and one an entrance."""

from __future__ import annotations

import hashlib

import numpy as np
import shapely

import maps

from ..model import Plan
from ..public_shapes import public_grounds
from .naming import LINE_NAMES, names_in
from .publication import Files, Publication

# A building of more entrances is a slip of the pen; one board then stands for all.
_MOST_ENTRANCES = 40


def board_sheet(told: Publication) -> maps.BoardSheet:
    """Return all that boards show, in the plan's own metres."""
    ids, grounds = public_grounds(told.plan)
    shapes = np.asarray(told.plan.buildings.table.geometry.values, dtype=object)
    shape_of = dict(zip(told.plan.buildings.ids, shapes, strict=True))
    doors = entrances(told.plan)
    common = told.people.common
    return maps.BoardSheet(
        title=told.sheet.title,
        grids=tuple(
            maps.BoardGrid(
                grid_id,
                ground,
                services=tuple(
                    line for line in told.people.services.get(grid_id, ()) if line not in common
                ),
            )
            for grid_id, ground in zip(ids, grounds, strict=True)
        ),
        buildings=tuple(
            maps.BoardBuilding(
                building.building_id,
                building.grid_id,
                shape_of[building.building_id],
                name=building.name,
                entrances=tuple(maps.Entrance(label) for label in doors[building.building_id]),
            )
            for building in told.sheet.buildings
        ),
        lines=_lines(told.plan, told.words.language),
        workers={g.grid_id: g.worker for g in told.sheet.grids if g.worker != maps.Worker()},
        services=common,
        map_number=told.edition.map_number,
        day=told.edition.day,
        version=version(told.plan),
        credits=told.sheet.credits,
        base_url=told.edition.base_url,
        language=told.words.language,
        colours=maps.colour_grids(told.sheet.grids),
    )


def boards(told: Publication, sheet: maps.BoardSheet) -> Files:
    """Return the boards as PDF: of the community, of each grid, and of entrances if asked."""
    paper = told.edition.paper
    files: Files = {"board-community.pdf": maps.board_community(sheet, paper=paper)}
    for grid_id, page in told.pages.items():
        name = f"board-{page.removesuffix('.html')}.pdf"
        files[name] = maps.board_grid(sheet, grid_id, paper=paper)
    if told.edition.entrances:
        files["board-entrances.pdf"] = maps.board_entrances(sheet)
    return files


def entrances(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the labels of the doors of each building by its id, () where none are known.

    A part of a building that was split by its entrances has its own; else the column
    ``entrances`` (单元数) counts them.
    """
    table = plan.buildings.table
    own = table["entrance"] if "entrance" in table.columns else [None] * len(table)
    column = next((c for c in ("entrances", "单元数", "单元数量") if c in table.columns), None)
    counts = table[column] if column else [None] * len(table)
    return {
        building_id: _doors(label, count)
        for building_id, label, count in zip(plan.buildings.ids, own, counts, strict=True)
    }


def _doors(label: object, count: object) -> tuple[str, ...]:
    if isinstance(label, str) and label not in ("", "?"):
        return (label,)
    try:
        number = int(float(str(count)))
    except ValueError:  # NaN is one too, and text
        return ()
    return tuple(str(k) for k in range(1, number + 1)) if number <= _MOST_ENTRANCES else ()


def version(plan: Plan) -> str:
    """Return eight letters that tell one division of the buildings from another."""
    pairs = sorted(zip(plan.buildings.ids.tolist(), plan.grid_ids.tolist(), strict=True))
    return hashlib.sha256(repr(pairs).encode()).hexdigest()[:8]


def _lines(plan: Plan, language: str) -> tuple[maps.BoardLine, ...]:
    """Return streets and rivers on and around the territory."""
    if plan.barriers is None or not len(plan.barriers):
        return ()
    names = names_in(plan.barriers, LINE_NAMES, language)
    out = []
    shapes = np.asarray(plan.barriers.geometry.values, dtype=object)
    for kind, name, shape in zip(plan.barriers["kind"], names, shapes, strict=True):
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "LineString"]
        if parts and not shape.is_empty:
            out.append(maps.BoardLine(str(kind), name, shapely.multilinestrings(parts)))
    return tuple(out)
