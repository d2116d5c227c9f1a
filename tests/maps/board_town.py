"""A small town for board tests, and what its printed boards show, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any

import pdfplumber
from shapely import box
from shapely.geometry import LineString, Point

from maps import (
    BoardBuilding,
    BoardGrid,
    BoardLine,
    BoardSheet,
    Entrance,
    Service,
    Worker,
)

MM_PER_PT = 25.4 / 72
WORK = ("Visits homes", "Settles small problems")
PROMISES = ("Answers the same day",)
PHONES = {"T-001": "0000-555101", "T-002": "0000-555102", "T-003": "0000-555103"}
NAMES = {
    "en": {"T-001": "Ada Lin", "T-002": "Bo Chen", "T-003": "Cy Zhao"},
    "zh": {"T-001": "林梅", "T-002": "王喆", "T-003": "欧阳堃"},
}
# A building like no other: 40 m by 20 m.
HALL_M = (40.0, 20.0)


def town(language: str = "en") -> BoardSheet:
    """Three grids of 200 m by 150 m in a row, far from the origin; a hall and houses in each."""
    x0, y0 = 40_500_000.0, 3_400_000.0
    grids, buildings = [], []
    for row, grid_id in enumerate(PHONES):
        x = x0 + 200 * row
        grids.append(BoardGrid(grid_id, box(x, y0, x + 200, y0 + 150)))
        hall = box(x + 30, y0 + 20, x + 30 + HALL_M[0], y0 + 20 + HALL_M[1])
        buildings.append(BoardBuilding(f"H{row}", grid_id, hall, name=f"Hall of Grid {grid_id}"))
        for house in range(5):
            left = x + 20 + house * 32
            shape = box(left, y0 + 95, left + 14, y0 + 107)
            doors = (Entrance("1"), Entrance("2")) if house == 0 else ()
            name = f"Elm Court {house + 1}"
            buildings.append(
                BoardBuilding(f"E{row}{house}", grid_id, shape, name=name, entrances=doors)
            )
    buildings.append(BoardBuilding("P", "T-002", Point(x0 + 350, y0 + 40), name="Kiosk"))
    return BoardSheet(
        "Elmside" if language == "en" else "榆园社区",
        tuple(grids),
        tuple(buildings),
        (
            BoardLine(
                "street", "High Street", LineString([(x0 - 9, y0 + 70), (x0 + 609, y0 + 70)])
            ),
            BoardLine("river", "Elm River", LineString([(x0, y0 + 130), (x0 + 600, y0 + 130)])),
        ),
        {
            grid_id: Worker(NAMES[language][grid_id], phone, None, WORK, PROMISES)
            for grid_id, phone in PHONES.items()
        },
        (Service("Police", "0000-555110"), Service("Water", "0000-555120")),
        map_number="MAP-42",
        day=date(2026, 11, 25),
        version="7",
        credits=("Survey office",),
        base_url="https://grids.example.org/elm",
        language=language,
    )


def with_worker(sheet: BoardSheet, grid_id: str, **changes: Any) -> BoardSheet:
    """The sheet with one worker changed."""
    return replace(
        sheet,
        workers={**sheet.workers, grid_id: replace(sheet.workers[grid_id], **changes)},
    )


@dataclass(frozen=True)
class Shape:
    """A filled shape on paper: its colour as "#rrggbb", and its sides in millimetres."""

    colour: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Printed:
    """One page: its text, its filled shapes and its size in millimetres."""

    text: str
    shapes: tuple[Shape, ...]
    size_mm: tuple[float, float]
    fonts: frozenset[str]

    def of_colour(self, colour: str) -> list[Shape]:
        """The shapes filled with a colour."""
        return [shape for shape in self.shapes if shape.colour == colour]


def read_back(pdf: bytes) -> list[Printed]:
    """Read the pages of a PDF from its own drawing operators."""
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return [_page(page) for page in opened.pages]


def _page(page: Any) -> Printed:
    shapes = [
        Shape(
            _hex(thing["non_stroking_color"]),
            thing["x0"] * MM_PER_PT,
            thing["top"] * MM_PER_PT,
            thing["width"] * MM_PER_PT,
            thing["height"] * MM_PER_PT,
        )
        for thing in (*page.rects, *page.curves, *page.lines)
        if thing["fill"]
    ]
    size = (float(page.width) * MM_PER_PT, float(page.height) * MM_PER_PT)
    text = page.extract_text(x_tolerance_ratio=0.15) or ""
    return Printed(text, tuple(shapes), size, frozenset(c["fontname"] for c in page.chars))


def _hex(colour: Any) -> str:
    parts = list(colour) if isinstance(colour, (tuple, list)) else [colour]
    parts = parts * 3 if len(parts) == 1 else parts
    return "#" + "".join(f"{round(float(part) * 255):02x}" for part in parts[:3])
