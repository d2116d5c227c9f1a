"""Where things stand on a board's page: header, map, panel, footer; laid out for A3, enlarged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from .furniture import BAR_M
from .scale import View, fit, paper_mm

# Everything but the map is laid out for this paper and enlarged for others.
BASE, ENTRANCE_BASE = "A3", "A4"
# A scale bar over that share of the map's width has its own line.
_LONG_BAR = 0.32
# So many cards go beside the map of a lying page, or below that of a standing one.
_MOST_CARDS = {False: 39, True: 28}


@dataclass(frozen=True)
class Layout:
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

    @property
    def upright(self) -> bool:
        """Whether the page stands."""
        return self.paper_mm[1] > self.paper_mm[0]

    def said(self) -> dict[str, Any]:
        """Return what the template reads."""
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
            "upright": self.upright,
        }


def fitted(
    ground: BaseGeometry,
    paper: str,
    panels: Sequence[tuple[float, float]],
    *,
    padding_mm: float,
) -> tuple[Layout, View]:
    """Let the page lie or stand, whichever gives the larger map; a long bar has its own line."""
    found = []
    for upright, panel in zip((False, True), panels, strict=True):
        for tall in (False, True):
            layout = lay_out(paper, upright=upright, panel=panel, tall_strip=tall)
            view = fit(ground, layout.map_mm, padding_mm=padding_mm)
            if tall or view.mm(BAR_M) < _LONG_BAR * layout.map_mm[0]:
                found.append((layout, view))
                break
    return min(found, key=lambda both: both[1].scale)


def lay_out(
    paper: str,
    *,
    upright: bool,
    panel: tuple[float, float],
    tall_strip: bool,
    base: str = BASE,
) -> Layout:
    """Lay a page out: header, map with its strip, panel beside it or below, footer."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(base)[0]
    small = base != BASE
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
    return Layout((width, height), unit, margin, header, footer, strip, tall_strip,
                   panel_mm, map_mm)  # fmt: skip


def card_columns(count: int, *, upright: bool) -> int:
    """Return in how many columns the cards of so many owners stand."""
    if upright:
        return 2 if count <= 6 else 3 if count <= 12 else 4
    return 1 if count <= 8 else 2 if count <= 26 else 3


def has_room_for_cards(count: int, *, upright: bool) -> bool:
    """Tell whether the cards of so many owners can stand beside or below the map."""
    return count <= _MOST_CARDS[upright]


def community_panel(count: int, *, upright: bool) -> tuple[float, float]:
    """Return the width beside the map and the height below it that so many owners need, on A3."""
    if not has_room_for_cards(count, upright=upright):
        return 104.0, 84.0
    rows = -(-count // card_columns(count, upright=True))
    width = {1: 104.0, 2: 124.0, 3: 156.0}[card_columns(count, upright=False)]
    return width, min(76.0 + 17.0 * rows, 190.0)
