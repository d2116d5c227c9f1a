"""A board's page as its template reads it: the map with its furniture, and the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from . import inks
from .board_layout import Layout
from .board_map import MapStyle, Territory, draw_map
from .board_people import Pictures
from .board_sheet import BoardSheet
from .card_data import one_line
from .fonts import families
from .furniture import ARROW_MM, legend, north_arrow, scale_bar
from .label_field import Label
from .scale import View
from .words import Words

_BLANK = "_" * 12
_INKS = {
    "street": "#4a4a46",
    "river": inks.WATER_INK,
    "place": inks.NAVY,
    "building": inks.INK,
    "number": inks.INK,
    "here": inks.HERE,
}
_WEIGHTS = {"street": 500, "river": 500, "place": 700, "building": 600, "number": 500,
            "here": 800, "badge": 800}  # fmt: skip


def page_words(
    sheet: BoardSheet, words: Words, layout: Layout, pictures: Pictures
) -> dict[str, Any]:
    """Return what all pages of a sheet share."""
    # what is not known yet is written by hand: a map on a wall has a number and a day
    footer = [
        words("Map no. {number}", number=one_line(sheet.map_number) or _BLANK),
        words.date(sheet.day) if sheet.day else words("Date {day}", day=_BLANK),
        words("Version {version}", version=one_line(sheet.version)) if sheet.version else "",
    ]
    arrow = pictures.add("north", north_arrow(layout.unit))
    return {
        "language": sheet.language,
        "families": families(sheet.language),
        "layout": layout.said(),
        "footer": [part for part in footer if part],
        "credits": [one_line(said) for said in sheet.credits],
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
            "next": words("Continued on the next page"),
            "title": one_line(sheet.title),
        },
    }  # fmt: skip


def map_data(
    land: Territory,
    view: View,
    style: MapStyle,
    *,
    words: Words,
    pictures: Pictures,
    reserved: Sequence[BaseGeometry] = (),
) -> dict[str, Any]:
    """Draw a map, and return what the template reads of it; labels keep off what is reserved."""
    unit = style.unit
    corner = _quiet_corner(land, view, unit, reserved)
    here = words("You are here")
    drawn = draw_map(land, view, style, reserved=[corner, *reserved], here_words=here)
    bar = scale_bar(view, words, unit=unit)
    pale = len(style.in_colour) < len(land.sheet.grids)
    items = legend(words, drawn.kinds, unit=unit, pale=pale, here=style.here_m is not None)
    left, top, _, _ = corner.bounds
    return {
        "file": pictures.add("map", drawn.drawing),
        "alt": words("Map of {title} at 1:{scale}", title=one_line(land.sheet.title),
                     scale=words.number(view.scale)),
        "width": view.width_mm,
        "height": view.height_mm,
        "scale": words("Scale 1:{scale}", scale=words.number(view.scale)),
        "labels": [_label(label, style) for label in drawn.labels],
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


def _label(label: Label, style: MapStyle) -> dict[str, Any]:
    own = label.grid_id in style.in_colour
    ink = (inks.PAPER if own else inks.PALE_INK) if label.style == "badge" else (
        _INKS[label.style])  # fmt: skip
    return {
        "lines": list(label.lines),
        "x": round(label.x_mm, 3),
        "y": round(label.y_mm, 3),
        "turn": round(label.turn_deg, 2),
        "size": round(label.size_pt, 2),
        "ink": ink,
        "weight": _WEIGHTS[label.style],
    }


def _quiet_corner(
    land: Territory, view: View, unit: float, reserved: Sequence[BaseGeometry]
) -> BaseGeometry:
    """Where the north arrow stands: the free corner with the least of the community in it."""
    w, h, edge = (ARROW_MM[0] + 3) * unit, (ARROW_MM[1] + 8) * unit, 2 * unit
    right, low = view.width_mm - edge - w, view.height_mm - edge - h
    boxes = [shapely.box(x, y, x + w, y + h)
             for x, y in ((right, edge), (edge, edge), (edge, low), (right, low))]  # fmt: skip
    rim = view.on_paper(land.rim)
    taken = shapely.union_all(list(reserved))
    return min(boxes, key=lambda box: (box.intersects(taken),
                                       round(box.intersection(rim).area, 3)))  # fmt: skip
