"""The maps of a board: one, or where that is too small an overview and the sheets that join."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .board_joined import JoinedSheet, JoinedSheets, joined_sheets
from .board_map import MapStyle, Territory
from .board_page import map_data
from .board_people import Pictures
from .scale import SMALLEST_SCALE, View
from .text_width import text_mm
from .words import Words

# The plates that name a sheet on the overview, or the next sheet at an edge; on A3.
_PLATE_PT, _PLATE_MM, _EDGE_MM = 8.0, 5.4, 1.6


def sheets_of(land: Territory, view: View, ground: BaseGeometry, paper: str) -> JoinedSheets | None:
    """Return the sheets that follow a map that is smaller than 1:3,000; None where none do."""
    if view.scale <= SMALLEST_SCALE:
        return None
    return joined_sheets(ground, paper, land.shapes[np.sort(land.tree.query(ground, "intersects"))])


def maps_data(
    land: Territory,
    view: View,
    style: MapStyle,
    *,
    joined: JoinedSheets | None,
    words: Words,
    pictures: Pictures,
) -> dict[str, Any]:
    """Draw the map of a board and the sheets that follow it; return what the template reads."""
    index = []
    if joined is not None:
        index = [_indexed(each, joined, view, words) for each in joined.sheets]
    plates = [_plate_box(entry["at"], entry["size"]) for entry in index]
    first = map_data(land, view, style, words=words, pictures=pictures, reserved=plates)
    sheets = []
    if joined is not None:
        style = replace(style, unit=joined.layout.unit)
        for each in joined.sheets:
            joins = [_join(side, each, joined, words) for side in sorted(each.beside)]
            boxes = [_plate_box(join["at"], join["size"]) for join in joins]
            drawn = map_data(land, each.view, style, words=words, pictures=pictures,
                             reserved=boxes)  # fmt: skip
            count = len(joined.sheets)
            title = words("Sheet {number} of {count}", number=each.number, count=count)
            sheets.append({**drawn, "title": title, "joins": joins})
    return {
        "map": {**first, "index": index, "note": _note(view, joined, words)},
        "sheets": sheets,
        "sheets_layout": None if joined is None else joined.layout.said(),
    }


def _note(view: View, joined: JoinedSheets | None, words: Words) -> str:
    """Why a map is smaller than a planner's map is, "" where it is not."""
    if view.scale <= SMALLEST_SCALE:
        return ""
    if joined is None:
        scale = words.number(SMALLEST_SCALE)
        return words("Smaller than 1:{scale}, so that all of it is on one sheet", scale=scale)
    return words.plural(
        "Overview; {n} sheet at 1:{scale} follows",
        "Overview; {n} sheets at 1:{scale} follow",
        len(joined.sheets),
        scale=words.number(joined.scale),
    )


def _indexed(each: JoinedSheet, joined: JoinedSheets, view: View, words: Words) -> dict[str, Any]:
    """A sheet on the overview: its ground as far as no neighbour shows it, and its plate."""
    unit = joined.layout.unit
    half_m = joined.overlap_mm / 2 * joined.scale / 1000
    west, south, east, north = each.view.frame_m().bounds
    ground = shapely.box(
        west + half_m * ("left" in each.beside),
        south + half_m * ("down" in each.beside),
        east - half_m * ("right" in each.beside),
        north - half_m * ("up" in each.beside),
    )
    left, top, right, bottom = view.on_paper(ground).bounds
    left, right = max(left, 0.0), min(right, view.width_mm)
    top, bottom = max(top, 0.0), min(bottom, view.height_mm)
    text = words("Sheet {number}", number=each.number)
    size = _plate_size(text, unit)
    return {
        "box": [left, top, right - left, bottom - top],
        "words": text,
        "at": [left + size[0] / 2 + unit, top + size[1] / 2 + unit],
        "size": size,
    }


def _join(side: str, each: JoinedSheet, joined: JoinedSheets, words: Words) -> dict[str, Any]:
    """The line along which a sheet meets its neighbour, and a plate that names the neighbour."""
    unit, half = joined.layout.unit, joined.overlap_mm / 2
    w, h = each.view.width_mm, each.view.height_mm
    text = words("Sheet {number}", number=each.beside[side])
    size = _plate_size(text, unit)
    near_x, near_y = size[0] / 2 + _EDGE_MM * unit, size[1] / 2 + _EDGE_MM * unit
    line, at = {
        "left": ([half, 0, half, h], [near_x, h / 2]),
        "right": ([w - half, 0, w - half, h], [w - near_x, h / 2]),
        "up": ([0, half, w, half], [w / 2, near_y]),
        "down": ([0, h - half, w, h - half], [w / 2, h - near_y]),
    }[side]
    return {"line": line, "words": text, "at": at, "size": size}


def _plate_size(text: str, unit: float) -> list[float]:
    return [text_mm(text, _PLATE_PT * unit) + 3 * unit, _PLATE_MM * unit]


def _plate_box(at: list[float], size: list[float]) -> BaseGeometry:
    (x, y), (w, h) = at, size
    return shapely.box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
