"""What is printed for the wall: a board of the community, one a grid, and one an entrance."""

from __future__ import annotations

import hashlib

import numpy as np
import shapely

import maps

from ..errors import Finding
from ..intake.telling import warning
from ..model import Plan
from ..public_shapes import public_grounds
from .hanging import hanging
from .naming import LINE_NAMES, names_in
from .publication import Files, Publication


def board_sheet(told: Publication) -> maps.BoardSheet:
    """Return all that boards show, in the plan's own metres."""
    ids, grounds = public_grounds(told.plan)
    shapes = np.asarray(told.plan.buildings.table.geometry.values, dtype=object)
    shape_of = dict(zip(told.plan.buildings.ids, shapes, strict=True))
    hangs = hanging(told.plan)
    names = {building.building_id: building.name for building in told.sheet.buildings}
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
                entrances=tuple(
                    maps.Entrance(label) for label in hangs.doors.get(building.building_id, ())
                ),
                serves=tuple(
                    names[other] or other for other in hangs.serves.get(building.building_id, ())
                ),
            )
            for building in told.sheet.buildings
        ),
        lines=lines_in_metres(told.plan, told.words.language),
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
        places = hanging(told.plan).doors.keys()
        files["board-entrances.pdf"] = maps.board_entrances(sheet, buildings=places)
    return files


def findings(told: Publication, sheet: maps.BoardSheet) -> list[Finding]:
    """Return what a planner should know of the boards: small scales, floors that are unknown."""
    out = hanging(told.plan).findings() if told.edition.entrances else []
    out += _unprintable(sheet)
    small = maps.small_scales(sheet, paper=told.edition.paper)
    if small and not small[0].grid_id:
        out.append(_small(small[0], told.edition.paper))
    grids = [each for each in small if each.grid_id]
    if grids:
        are = "board of a grid is" if len(grids) == 1 else "boards of grids are"
        message = (
            f"{len(grids)} {are} at less than 1:3,000 on "
            f"{told.edition.paper} (first: {grids[0].grid_id}, 1:{grids[0].scale:,})"
        )
        fix = "sheets that join follow where 12 are enough; or take larger paper"
        out.append(warning("grid-board-scale-small", message, fix, count=len(grids),
                           first=grids[0].grid_id))  # fmt: skip
    return out


def _unprintable(sheet: maps.BoardSheet) -> list[Finding]:
    """Return a warning where letters would be printed as empty boxes."""
    people = sheet.workers.values()
    texts = [
        sheet.title,
        *(text for w in people for text in (w.name, *w.duties, *w.responsibilities)),
        *(line.label for line in sheet.services),
        *(line.label for grid in sheet.grids for line in grid.services),
        *(building.name for building in sheet.buildings),
        *(line.name for line in sheet.lines),
    ]
    lost = [text for text in dict.fromkeys(texts) if maps.missing_letters(text)]
    if not lost:
        return []
    one = "text has" if len(lost) == 1 else "texts have"
    message = (
        f"{len(lost)} {one} letters that the fonts of the prints lack (first: {lost[0]!r}, "
        f"letters {maps.missing_letters(lost[0])!r}): they are printed as empty boxes"
    )
    fix = "write it in Latin, Chinese, Cyrillic, Greek, Arabic or Hebrew letters"
    return [warning("letters-not-printable", message, fix, count=len(lost), first=lost[0])]


def _small(board: maps.SmallScale, paper: str) -> Finding:
    message = f"board-community.pdf: on {paper} the whole community is at 1:{board.scale:,} only"
    if board.sheets:
        each = "one sheet" if board.sheets == 1 else f"{board.sheets} sheets that join"
        message += f"; {each} at 1:{board.sheet_scale:,} follow the overview"
    fix = (
        f"use --paper {board.paper} to have it on one sheet"
        if board.paper
        else "no paper holds it on one sheet at 1:3,000"
    )
    return warning("board-scale-small", message, fix, first="board-community.pdf")


def version(plan: Plan) -> str:
    """Return eight letters that tell one division of the buildings from another."""
    pairs = sorted(zip(plan.buildings.ids.tolist(), plan.grid_ids.tolist(), strict=True))
    return hashlib.sha256(repr(pairs).encode()).hexdigest()[:8]


def lines_in_metres(plan: Plan, language: str) -> tuple[maps.BoardLine, ...]:
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
