"""Boards for the wall as PDF: of a community, of a grid, and of each entrance."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import shapely
from shapely.geometry import Point

from .board_layout import (
    BASE,
    GRID_PADDING_MM,
    GRID_PANEL,
    PADDING_MM,
    Layout,
    card_columns,
    entrance_layout,
    fitted,
    fitted_community,
    owners_as,
)
from .board_map import MapStyle, Territory
from .board_maps import maps_data, sheets_of
from .board_page import map_data, page_words
from .board_people import Pictures, call_lines, owner_card, same_work
from .board_sheet import BoardBuilding, BoardGrid, BoardSheet, Entrance, gathered, short_numbers
from .card_data import one_line
from .scale import View, fit, paper_mm
from .sheet import SheetError
from .typeset import typeset
from .words import Words

_TEMPLATE = "board.typ"
# Around an entrance at least that much is shown to each side.
_AROUND_M = 62.0


def board_community(sheet: BoardSheet, *, paper: str = "A3") -> bytes:
    """Return the board of a whole community: its map, its grid owners, and whom to call.

    The map is as large as a round scale lets it be; the page lies or stands, whichever gives the
    larger one. Where it would be smaller than 1:3,000 with its owners beside it, it has the page
    for itself; where that is not enough, the first page is an overview, and sheets at 1:3,000 or
    larger follow that join. What grid owners do is told once where all do the same. Where they
    do not, or where they are too many to stand beside the map, further pages of the same size
    hold the table of owners with all that is said of them.

    Args:
        sheet: what to show.
        paper: one of ``scale.PAPERS_MM``, as "A0", "A1" or "A3".

    Returns:
        A PDF of one page, or of that, the sheets that join, and those of the table.

    Raises:
        PaperError: no such paper.
        PhotoError: photos that cannot be shown, all of them named.
        UnknownLanguageError: no words in the sheet's language.
    """
    unit = paper_mm(paper)[0] / paper_mm(BASE)[0]
    land, words = Territory.of(sheet), Words.of(sheet.language)
    count = len(sheet.grids)
    layout, view = fitted_community(land.rim, paper, count, padding_mm=PADDING_MM * unit)
    numbers = short_numbers(grid.grid_id for grid in sheet.grids)
    pictures = Pictures(sheet, width_mm=26 * unit)
    owners = [
        owner_card(land.sheet, grid, numbers[grid.grid_id], words=words, pictures=pictures)
        for grid in land.sheet.ordered_grids()
    ]
    work = same_work(owners)
    panel_mm = layout.panel_mm[0] / unit
    form = owners_as(count, layout.form, panel_mm)
    summary = [words.plural("{n} grid", "{n} grids", count)]
    if sheet.buildings:
        houses = len(sheet.buildings)
        summary.append(words.plural("{n} building", "{n} buildings", houses))
    style = MapStyle(frozenset(numbers), numbers, unit)
    data = {
        "kind": "community",
        **page_words(land.sheet, words, layout, pictures),
        "heading": one_line(sheet.title),
        "subheading": words("Community grid map"),
        "summary": " · ".join(summary),
        "owners": owners if form else [],
        "owners_as": form,
        "columns": card_columns(count, layout.form, panel_mm) if form == "cards" else 2,
        "common": work,
        "table": owners if work is None or form != "cards" else [],
        "calls": call_lines(sheet.services),
        "qr": pictures.qr(sheet.page_url()),
        "qr_words": words("Scan: the map on your phone"),
        **maps_data(land, view, style, joined=sheets_of(land, view, land.rim, paper),
                    words=words, pictures=pictures),
    }  # fmt: skip
    return typeset(_TEMPLATE, data, pictures=pictures.files)


def board_grid(sheet: BoardSheet, grid_id: str, *, paper: str = "A3") -> bytes:
    """Return the board of one grid: its map with its neighbours pale, its owner, whom to call.

    A grid that would be smaller than 1:3,000 is followed by sheets that join, as a community is.

    Args:
        sheet: what to show.
        grid_id: which grid.
        paper: one of ``scale.PAPERS_MM``.

    Raises:
        SheetError: no such grid.
        PaperError: no such paper.
        PhotoError: a photo that cannot be shown.
        UnknownLanguageError: no words in the sheet's language.
    """
    unit = paper_mm(paper)[0] / paper_mm(BASE)[0]
    grid = sheet.grid(grid_id)
    land, words = Territory.of(sheet), Words.of(sheet.language)
    layout, view = fitted(grid.polygon, paper, GRID_PANEL, padding_mm=GRID_PADDING_MM * unit)
    numbers = short_numbers(other.grid_id for other in sheet.grids)
    pictures = Pictures(sheet, [grid_id], width_mm=40 * unit)
    title = one_line(sheet.title)
    style = MapStyle(frozenset([grid_id]), numbers, unit)
    data = {
        "kind": "grid",
        **page_words(land.sheet, words, layout, pictures),
        **_of_grid(land, grid, numbers[grid_id], words=words, pictures=pictures),
        "heading": words("Grid {number}", number=numbers[grid_id]),
        "subheading": one_line(grid.name) or title,
        "summary": title if one_line(grid.name) else "",
        **maps_data(land, view, style, joined=sheets_of(land, view, grid.polygon, paper),
                    words=words, pictures=pictures),
    }  # fmt: skip
    return typeset(_TEMPLATE, data, pictures=pictures.files)


def board_entrances(
    sheet: BoardSheet, *, buildings: Collection[str] | None = None, paper: str = "A4"
) -> bytes:
    """Return a small board for each entrance, "you are here", in one PDF: a page an entrance.

    A building without entrances gets one page. Pages go by grid, building and entrance. Where it
    is not known where an entrance is, its building is marked.

    Args:
        sheet: what to show.
        buildings: ids of the buildings that get boards, None for all.
        paper: one of ``scale.PAPERS_MM``; the page stands.

    Raises:
        SheetError: no building to make a board for, or ids that no building has.
        PaperError: no such paper.
        PhotoError: photos that cannot be shown, all of them named.
        UnknownLanguageError: no words in the sheet's language.
    """
    land, words = Territory.of(sheet), Words.of(sheet.language)
    layout = entrance_layout(paper)
    wanted = _wanted(land, buildings)
    numbers = short_numbers(grid.grid_id for grid in sheet.grids)
    pictures = Pictures(sheet, {b.grid_id for b in wanted}, width_mm=32 * layout.unit)
    of_grid = {
        grid.grid_id: _of_grid(land, grid, numbers[grid.grid_id], words=words, pictures=pictures)
        for grid in land.sheet.ordered_grids()
        if any(building.grid_id == grid.grid_id for building in wanted)
    }
    # Doors whose place is not known share the map of their building.
    drawn: dict[tuple[str, str], dict[str, Any]] = {}
    pages = []
    for building in wanted:
        key = building.grid_id
        served = words("For {names}", names=gathered(building.serves)) if building.serves else ""
        for entrance in building.entrances or (Entrance(""),):
            at = "" if entrance.at is None else entrance.at.wkt
            if (building.building_id, at) not in drawn:
                view, here = _around(building, entrance, land, layout)
                style = MapStyle(frozenset([key]), {}, layout.unit, building.building_id, here)
                drawn[building.building_id, at] = map_data(
                    land, view, style, words=words, pictures=pictures
                )
            door = one_line(entrance.label)
            page = {
                **of_grid[key],
                "heading": one_line(building.name) or building.building_id,
                "subheading": words("Entrance {label}", label=door) if door else served,
                "summary": words("Grid {number}", number=numbers[key]),
                "map": drawn[building.building_id, at],
            }
            pages.append(page)
    data = {
        "kind": "entrances",
        **page_words(land.sheet, words, layout, pictures),
        "heading": words("Entrance boards"),
        "pages": pages,
    }
    return typeset(_TEMPLATE, data, pictures=pictures.files)


def _of_grid(
    land: Territory, grid: BoardGrid, number: str, *, words: Words, pictures: Pictures
) -> dict[str, Any]:
    """What the board of a grid says of its people."""
    return {
        "owners": [owner_card(land.sheet, grid, number, words=words, pictures=pictures)],
        "calls": call_lines((*grid.services, *land.sheet.services)),
        "qr": pictures.qr(land.sheet.page_url(grid.grid_id)),
        "qr_words": words("Scan: this grid's page"),
    }


def _wanted(land: Territory, ids: Collection[str] | None) -> list[BoardBuilding]:
    known = {building.building_id for building in land.buildings}
    strangers = sorted(set(ids or ()) - known)
    if strangers:
        raise SheetError(
            f"{len(strangers)} buildings that get a board are not on the sheet "
            f"(first: {strangers[0]!r})"
        )
    wanted = [b for b in land.buildings if ids is None or b.building_id in ids]
    if not wanted:
        raise SheetError("there is no building to make an entrance board for")
    return sorted(wanted, key=lambda building: (building.grid_id, building.building_id))


def _around(
    building: BoardBuilding, entrance: Entrance, land: Territory, layout: Layout
) -> tuple[View, Point]:
    """The view around a door, or around its building where the door's place is not known."""
    here = entrance.at or building.shape.point_on_surface()
    ground = shapely.union_all([here.buffer(_AROUND_M), building.shape])
    view = fit(ground, layout.map_mm, padding_mm=0.0)
    return view.shifted_over(land.rim, beyond_mm=8 * layout.unit), here
