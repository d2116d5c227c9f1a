"""Where things stand on a board's page: header, map, panel, footer; laid out for A3, enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from .furniture import BAR_M
from .scale import View, fit, paper_mm

# Everything but the map is laid out for this paper and enlarged for others.
BASE, ENTRANCE_BASE = "A3", "A4"
# A scale bar over that share of the map's width has its own line.
_LONG_BAR = 0.32
# So many cards go beside the map or, True, below it; and so many lines either way.
_MOST_CARDS = {False: 39, True: 28}
_MOST_LINES = 72


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
    below: bool
    panel_mm: tuple[float, float]
    map_mm: tuple[float, float]

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
            "below": self.below,
        }


def fitted(
    ground: BaseGeometry, paper: str, panel: tuple[float, float], *, padding_mm: float
) -> tuple[Layout, View]:
    """Return the layout of the largest map: page lying or standing, panel beside it or below.

    ``panel`` is the width the panel wants beside the map and the height below it, on A3. A long
    scale bar has its own line.
    """
    found = []
    for upright, below in ((False, False), (True, True), (True, False)):
        for tall in (False, True):
            layout = lay_out(paper, upright=upright, below=below, panel=panel, tall_strip=tall)
            view = fit(ground, layout.map_mm, padding_mm=padding_mm)
            if tall or view.mm(BAR_M) < _LONG_BAR * layout.map_mm[0]:
                found.append((layout, view))
                break
    return min(found, key=lambda both: both[1].scale)


def lay_out(
    paper: str, *, upright: bool, below: bool, panel: tuple[float, float], tall_strip: bool
) -> Layout:
    """Lay a page out: header, map with its strip, panel beside it or below, footer."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(BASE)[0]
    return _placed((short, long) if upright else (long, short), unit, panel, below, tall_strip)


def entrance_layout(paper: str) -> Layout:
    """Lay out the page of an entrance: it stands, small paper is enough, all is a size larger."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(ENTRANCE_BASE)[0]
    return _placed((short, long), unit, (0.0, 94.0), below=True, tall_strip=True)


def _placed(
    page_mm: tuple[float, float],
    unit: float,
    panel: tuple[float, float],
    below: bool,
    tall_strip: bool,
) -> Layout:
    margin, header, footer = 11.5 * unit, 25.0 * unit, 9.0 * unit
    strip, gap = (21.0 if tall_strip else 15.0) * unit, 6.0 * unit
    width, height = page_mm[0] - 2 * margin, page_mm[1] - 2 * margin - header - footer
    if below:
        panel_mm = (width, panel[1] * unit)
        map_mm = (width, height - panel_mm[1] - gap - strip)
    else:
        panel_mm = (panel[0] * unit, height)
        map_mm = (width - panel_mm[0] - gap, height - strip)
    return Layout(
        paper_mm=page_mm,
        unit=unit,
        margin_mm=margin,
        header_mm=header,
        footer_mm=footer,
        strip_mm=strip,
        tall_strip=tall_strip,
        below=below,
        panel_mm=panel_mm,
        map_mm=(round(map_mm[0], 2), round(map_mm[1], 2)),
    )


def card_columns(count: int, *, below: bool) -> int:
    """Return in how many columns the cards of so many owners stand."""
    if below:
        return 2 if count <= 6 else 3 if count <= 12 else 4
    return 1 if count <= 8 else 2 if count <= 26 else 3


def owners_as(count: int, *, below: bool) -> str:
    """Return how so many owners stand by the map: as "cards", as "lines", or "" for elsewhere."""
    if count <= _MOST_CARDS[below]:
        return "cards"
    return "lines" if count <= _MOST_LINES else ""


def community_panel(count: int) -> tuple[float, float]:
    """Return the width beside the map and the height below it that so many owners want, on A3."""
    rows = -(-count // card_columns(count, below=True))
    width = {1: 104.0, 2: 124.0, 3: 156.0}[card_columns(count, below=False)]
    if owners_as(count, below=False) != "cards":
        width = 124.0
    return width, min(76.0 + 17.0 * rows, 190.0)
