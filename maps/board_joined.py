"""Sheets that join: for ground too wide to be shown on one paper at a planner's scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .board_layout import Layout, alone
from .scale import ROUND_SCALES, SMALLEST_SCALE, View

# Neighbouring sheets show so much of paper twice, on A3: enough to cut and glue.
OVERLAP_MM = 14.0
# More sheets nobody hangs; then the whole stays on one, at the scale that takes.
MOST_SHEETS = 12
_SIDES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True)
class JoinedSheet:
    """One sheet: its number, its view, and the number of the sheet at each side that has one."""

    number: int
    view: View
    beside: dict[str, int]


@dataclass(frozen=True)
class JoinedSheets:
    """The sheets of a ground, from the north-west, row by row; all at one scale and layout."""

    layout: Layout
    sheets: tuple[JoinedSheet, ...]

    @property
    def scale(self) -> int:
        """The scale of every sheet: 3000 for 1:3,000."""
        return self.sheets[0].view.scale

    @property
    def overlap_mm(self) -> float:
        """How much of a sheet its neighbour shows too."""
        return OVERLAP_MM * self.layout.unit


def joined_sheets(
    ground: BaseGeometry, paper: str, shown: np.ndarray[Any, Any]
) -> JoinedSheets | None:
    """Return the fewest sheets that show a ground at 1:3,000 or larger, None if over 12.

    Args:
        ground: in metres.
        paper: one of ``scale.PAPERS_MM``.
        shown: shapes in metres; a sheet that would show none of them is left out. If there are
            none, all of the ground is shown.
    """
    tree = shapely.STRtree(shown if len(shown) else [ground])
    layouts = [alone(paper, upright=upright) for upright in (False, True)]
    found = [
        JoinedSheets(layout, sheets)
        for scale in ROUND_SCALES
        if scale <= SMALLEST_SCALE
        for layout in layouts
        if (sheets := _sheets(ground, layout, scale, tree))
    ]
    # fewest sheets, and of those the largest scale
    best = min(found, key=lambda joined: (len(joined.sheets), joined.scale), default=None)
    return None if best is None or len(best.sheets) > MOST_SHEETS else best


def _sheets(
    ground: BaseGeometry, layout: Layout, scale: int, tree: shapely.STRtree
) -> tuple[JoinedSheet, ...]:
    west, south, east, north = ground.bounds
    m_per_mm = scale / 1000
    overlap, rim = OVERLAP_MM * layout.unit * m_per_mm, 5.0 * layout.unit * m_per_mm
    steps = [mm * m_per_mm - overlap for mm in layout.map_mm]
    sides = (east - west + 2 * rim, north - south + 2 * rim)
    counts = [max(math.ceil((side - overlap) / step), 1)
              for side, step in zip(sides, steps, strict=True)]  # fmt: skip
    if counts[0] * counts[1] > 40 * MOST_SHEETS:
        return ()
    views = {}
    for row in range(counts[1]):
        for column in range(counts[0]):
            x = (west + east) / 2 + (column - (counts[0] - 1) / 2) * steps[0]
            y = (south + north) / 2 - (row - (counts[1] - 1) / 2) * steps[1]
            view = View((x, y), scale, *layout.map_mm)
            if len(tree.query(view.frame_m(), predicate="intersects")):
                views[column, row] = view
    numbers = {place: number for number, place in enumerate(views, start=1)}
    return tuple(
        JoinedSheet(
            numbers[column, row],
            view,
            {side: numbers[column + dx, row + dy] for side, (dx, dy) in _SIDES.items()
             if (column + dx, row + dy) in numbers},
        )
        for (column, row), view in views.items()
    )  # fmt: skip
