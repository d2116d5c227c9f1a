"""Boards for the wall as PDF: of a community, of a grid, and of each entrance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from . import inks
from .board_map import BoardMap, MapStyle, Territory, draw_map
from .board_people import Pictures, call_lines, owner_card
from .board_sheet import BoardBuilding, BoardSheet, Entrance, short_numbers
from .furniture import ARROW_MM, BAR_M, legend, north_arrow, scale_bar
from .label_field import Label
from .scale import View, fit, paper_mm
from .typeset import typeset
from .words import Words

# Everything but the map is laid out for this paper and enlarged for others.
_BASE = "A3"
_LABEL_INKS = {
    "street": "#4a4a46",
    "river": inks.WATER_INK,
    "place": inks.NAVY,
    "building": inks.INK,
    "number": inks.INK,
    "here": inks.HERE,
}
_LABEL_WEIGHTS = {"street": 500, "river": 500, "place": 700, "building": 600, "number": 500, "here": 800}
# Around an entrance at least that much is shown to each side.
_AROUND_M = 62.0
# A scale bar over that share of the map's width has its own line.
_LONG_BAR = 0.32


@dataclass(frozen=True)
class _Layout:
    """Where things are on a page, in millimetres of the paper itself."""

    paper_mm: tuple[float, float]
    unit: float
    margin_mm: float
    header_mm: float
    footer_mm: float
    strip_mm: float
    tall_strip: bool
    panel_mm: tuple[float, float]
    map_mm: tuple[float, float]

    def said(self) -> dict[str, Any]:
        return {
            "width": self.paper_mm[0],
            "height": self.paper_mm[1],
            "unit": self.unit,
            "margin": self.margin_mm,
            "header": self.header_mm,
            "footer": self.footer_mm,
            "strip": self.strip_mm,
            "tall-strip": self.tall_strip,
            "panel": list(self.panel_mm),
            "map": list(self.map_mm),
            "upright": self.paper_mm[1] > self.paper_mm[0],
        }


def board_community(sheet: BoardSheet, *, paper: str = "A3") -> bytes:
    """Return the board of a whole community: its map, its grid owners, and whom to call.

    The map is as large as a round scale lets it be; the page lies or stands, whichever gives the
    larger one.

    Args:
        sheet: what to show.
        paper: one of ``scale.PAPERS_MM``, as "A0", "A1" or "A3".

    Returns:
        A PDF. Where owners' work cannot be told beside the map a second page tells it.

    Raises:
        PaperError: no such paper.
        PictureError: a photo that is no picture.
        UnknownLanguageError: no words in the sheet's language.
    """
    land, words = Territory.of(sheet), Words.of(sheet.language)
    unit = paper_mm(paper)[0] / paper_mm(_BASE)[0]
    count = len(sheet.grids)
    panels = [_community_panel(count, upright=upright) for upright in (False, True)]
    layout, view = _fitted(land.rim, paper, panels, padding_mm=5 * unit)
    numbers = short_numbers(grid.grid_id for grid in sheet.grids)
    style = MapStyle(frozenset(numbers), numbers, unit)
    pictures = Pictures(sheet)
    data = {
        "kind": "community",
        **_common(land.sheet, words, layout, pictures),
        "heading": sheet.title,
        "subheading": words("Community grid map"),
        "summary": " · ".join(
            [words.plural("{n} grid", "{n} grids", count)]
            + ([words.plural("{n} building", "{n} buildings", len(sheet.buildings))]
               if sheet.buildings else [])
        ),
        "owners": [
            owner_card(land.sheet, grid, numbers[grid.grid_id], words=words, pictures=pictures)
            for grid in land.sheet.ordered_grids()
        ],
        "columns": _columns(count, upright=layout.paper_mm[1] > layout.paper_mm[0]),
        "calls": call_lines(sheet.services),
        "qr": pictures.qr(sheet.page_url()),
        "qr_words": words("Scan: the map on your phone"),
        "pages": [],
    }  # fmt: skip
    data["map"] = _map(land, view, style, words=words, pictures=pictures)
    return typeset("board.typ", data, pictures=pictures.files)


def board_grid(sheet: BoardSheet, grid_id: str, *, paper: str = "A3") -> bytes:
    """Return the board of one grid: its map with its neighbours pale, its owner, whom to call.

    Raises:
        SheetError: no such grid.
        PaperError: no such paper.
        PictureError: a photo that is no picture.
        UnknownLanguageError: no words in the sheet's language.
    """
    grid = sheet.grid(grid_id)
    land, words = Territory.of(sheet), Words.of(sheet.language)
    unit = paper_mm(paper)[0] / paper_mm(_BASE)[0]
    layout, view = _fitted(grid.polygon, paper, [(118.0, 116.0)] * 2, padding_mm=14 * unit)
    numbers = short_numbers(other.grid_id for other in sheet.grids)
    pictures = Pictures(sheet)
    number = numbers[grid_id]
    data = {
        "kind": "grid",
        **_common(land.sheet, words, layout, pictures),
        "heading": words("Grid {number}", number=number),
        "subheading": grid.name or sheet.title,
        "summary": sheet.title if grid.name else "",
        "owners": [owner_card(land.sheet, grid, number, words=words, pictures=pictures)],
        "calls": call_lines((*grid.services, *sheet.services)),
        "qr": pictures.qr(sheet.page_url(grid_id)),
        "qr_words": words("Scan: this grid's page"),
        "pages": [],
    }
    style = MapStyle(frozenset([grid_id]), numbers, unit)
    data["map"] = _map(land, view, style, words=words, pictures=pictures)
    return typeset("board.typ", data, pictures=pictures.files)


def board_entrances(
    sheet: BoardSheet, *, buildings: Collection[str] | None = None, paper: str = "A4"
) -> bytes:
    """Return a small board for each entrance, "you are here", in one PDF: a page an entrance.

    A building without entrances gets one page. Pages go by grid, building and entrance.

    Args:
        sheet: what to show.
        buildings: ids of the buildings that get boards, None for all.
        paper: one of ``scale.PAPERS_MM``; the page stands.

    Raises:
        SheetError: no building to make a board for.
        PaperError: no such paper.
        PictureError: a photo that is no picture.
        UnknownLanguageError: no words in the sheet's language.
    """
    from .sheet import SheetError

    land, words = Territory.of(sheet), Words.of(sheet.language)
    layout = _layout(paper, upright=True, panel=(0.0, 94.0), tall_strip=True, base="A4")
    wanted = [b for b in land.buildings if buildings is None or b.building_id in buildings]
    if not wanted:
        raise SheetError("there is no building to make an entrance board for")
    numbers = short_numbers(grid.grid_id for grid in sheet.grids)
    pictures = Pictures(sheet)
    pages = []
    for building in sorted(wanted, key=lambda b: (b.grid_id, b.building_id)):
        grid = land.sheet.grid(building.grid_id)
        number = numbers[grid.grid_id]
        card = owner_card(land.sheet, grid, number, words=words, pictures=pictures)
        for entrance in building.entrances or (Entrance(""),):
            view, here = _here(building, entrance, land, layout)
            style = MapStyle(frozenset([grid.grid_id]), {}, layout.unit,
                             marked_building=building.building_id, here_m=here,
                             here_words=words("You are here"))  # fmt: skip
            door = words("Entrance {label}", label=entrance.label) if entrance.label else ""
            pages.append(
                {
                    "heading": building.name or building.building_id,
                    "subheading": door,
                    "summary": words("Grid {number}", number=number),
                    "owners": [card],
                    "calls": call_lines((*grid.services, *sheet.services)),
                    "qr": pictures.qr(sheet.page_url(grid.grid_id)),
                    "qr_words": words("Scan: this grid's page"),
                    "map": _map(land, view, style, words=words, pictures=pictures),
                }
            )
    data = {"kind": "entrances", **_common(land.sheet, words, layout, pictures), "pages": pages,
            "heading": words("Entrance boards")}  # fmt: skip
    return typeset("board.typ", data, pictures=pictures.files)


def _here(
    building: BoardBuilding, entrance: Entrance, land: Territory, layout: _Layout
) -> tuple[View, Point]:
    """The view around a door, or around its building where the door's place is not known."""
    here = entrance.at or building.shape.point_on_surface()
    around = shapely.union_all([here.buffer(_AROUND_M), building.shape])
    view = fit(around, layout.map_mm, padding_mm=0.0)
    return view.shifted_over(land.rim, beyond_mm=8 * layout.unit), here


def _fitted(
    ground: BaseGeometry,
    paper: str,
    panels: Sequence[tuple[float, float]],
    *,
    padding_mm: float,
) -> tuple[_Layout, View]:
    """Let the page lie or stand, whichever gives the larger map; a long bar has its own line."""
    found = []
    for upright, panel in zip((False, True), panels, strict=True):
        for tall in (False, True):
            layout = _layout(paper, upright=upright, panel=panel, tall_strip=tall)
            view = fit(ground, layout.map_mm, padding_mm=padding_mm)
            if tall or view.mm(BAR_M) < _LONG_BAR * layout.map_mm[0]:
                found.append((layout, view))
                break
    return min(found, key=lambda both: both[1].scale)


def _layout(
    paper: str,
    *,
    upright: bool,
    panel: tuple[float, float],
    tall_strip: bool,
    base: str = _BASE,
) -> _Layout:
    """Lay a page out: header, map with its strip, panel beside it or below, footer."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(base)[0]
    small = base != _BASE
    margin, header, footer = (
        size * unit for size in ((10.0, 24.0, 8.0) if small else (12.0, 25.0, 9.0))
    )
    strip = (21.0 if tall_strip else 15.0) * unit
    gap = 6 * unit
    width, height = (short, long) if upright else (long, short)
    room = (width - 2 * margin, height - 2 * margin - header - footer)
    if upright:
        panel_mm = (room[0], panel[1] * unit)
        map_mm = (room[0], room[1] - panel_mm[1] - gap - strip)
    else:
        panel_mm = (panel[0] * unit, room[1])
        map_mm = (room[0] - panel_mm[0] - gap, room[1] - strip)
    map_mm = (round(map_mm[0], 2), round(map_mm[1], 2))
    return _Layout((width, height), unit, margin, header, footer, strip, tall_strip,
                   panel_mm, map_mm)  # fmt: skip


def _columns(count: int, *, upright: bool) -> int:
    if upright:
        return 2 if count <= 6 else 3 if count <= 12 else 4
    return 1 if count <= 8 else 2 if count <= 26 else 3


def _community_panel(count: int, *, upright: bool) -> tuple[float, float]:
    """Width beside the map and height below it that the cards of so many owners need."""
    rows = -(-count // _columns(count, upright=True)) if upright else 0
    return ({1: 104.0, 2: 124.0, 3: 156.0}[_columns(count, upright=False)],
            min(76.0 + 17.0 * rows, 190.0))  # fmt: skip


def _common(
    sheet: BoardSheet, words: Words, layout: _Layout, pictures: Pictures
) -> dict[str, Any]:
    footer = [
        words("Map no. {number}", number=sheet.map_number) if sheet.map_number else "",
        words.date(sheet.day) if sheet.day else "",
        words("Version {version}", version=sheet.version) if sheet.version else "",
    ]
    arrow = pictures.add("north", north_arrow(layout.unit))
    return {
        "language": sheet.language,
        "layout": layout.said(),
        "footer": [part for part in footer if part],
        "credits": list(sheet.credits),
        "arrow": {"file": arrow, "width": ARROW_MM[0] * layout.unit,
                  "height": ARROW_MM[1] * layout.unit},
        "words": {
            "owners": words("Grid owners"),
            "owner": words("Grid owner"),
            "your_owner": words("Your grid owner"),
            "phone": words("Phone"),
            "work": words("Work content"),
            "responsibilities": words("Service responsibilities"),
            "calls": words("Numbers to call"),
            "north": words("N"),
            "here": words("You are here"),
            "nobody": words("No owner is named yet"),
            "title": sheet.title,
        },
    }  # fmt: skip


def _map(
    land: Territory, view: View, style: MapStyle, *, words: Words, pictures: Pictures
) -> dict[str, Any]:
    unit = style.unit
    corner = _quiet_corner(land, view, unit)
    drawn = draw_map(land, view, style, reserved=[corner])
    bar = scale_bar(view, words, unit=unit)
    pale = len(style.in_colour) < len(land.sheet.grids)
    items = legend(words, drawn.kinds, unit=unit, pale=pale, here=style.here_m is not None)
    left, top, _, _ = corner.bounds
    return {
        "file": pictures.add("map", drawn.drawing),
        "alt": words("Map of {title} at 1:{scale}", title=land.sheet.title,
                     scale=words.number(view.scale)),
        "width": view.width_mm,
        "height": view.height_mm,
        "scale": words("Scale 1:{scale}", scale=words.number(view.scale)),
        "labels": [_label(label, style, drawn) for label in drawn.labels],
        "north": [left, top],
        "bar": {
            "file": pictures.add("bar", bar.drawing),
            "width": bar.width_mm,
            "height": bar.height_mm,
            "marks": [list(mark) for mark in bar.marks],
        },
        "legend": [
            {"file": pictures.add("legend", swatch), "text": text}
            for swatch, text in items
        ],
    }  # fmt: skip


def _label(label: Label, style: MapStyle, drawn: BoardMap) -> dict[str, Any]:
    own = label.grid_id in style.in_colour
    ink = (inks.PAPER if own else inks.PALE_INK) if label.style == "badge" else (
        _LABEL_INKS[label.style])  # fmt: skip
    return {
        "lines": list(label.lines),
        "x": round(label.x_mm, 3),
        "y": round(label.y_mm, 3),
        "turn": round(label.turn_deg, 2),
        "size": round(label.size_pt, 2),
        "ink": ink,
        "weight": 800 if label.style == "badge" else _LABEL_WEIGHTS[label.style],
    }


def _quiet_corner(land: Territory, view: View, unit: float) -> BaseGeometry:
    """Where the north arrow stands: the corner with the least of the community in it."""
    w, h, edge = (ARROW_MM[0] + 3) * unit, (ARROW_MM[1] + 8) * unit, 2 * unit
    right, low = view.width_mm - edge - w, view.height_mm - edge - h
    boxes = [shapely.box(x, y, x + w, y + h)
             for x, y in ((right, edge), (edge, edge), (edge, low), (right, low))]  # fmt: skip
    rim = view.on_paper(land.rim)
    return min(boxes, key=lambda box: round(box.intersection(rim).area, 3))

