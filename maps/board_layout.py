"""Where things stand on a board's page: header, map, panel, footer; laid out for A3, enlarged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from .furniture import BAR_M
from .scale import SMALLEST_SCALE, View, fit, paper_mm

# Everything but the map is laid out for this paper and enlarged for others.
BASE, ENTRANCE_BASE = "A3", "A4"
# A scale bar over that share of the map's width has its own line; so has any on a map so narrow.
_LONG_BAR, _NARROW_MM = 0.32, 190.0
# So many cards go beside the map, below it, or in the column beside a map as high as the page;
# and so many lines anywhere.
_MOST_CARDS = {"beside": 39, "below": 28}
_COLUMN_ROWS, _CARD_MM, _MOST_CARD_COLUMNS = 15, 40.0, 3
_MOST_LINES = 72
_LEAST_COLUMN_MM, _COLUMN_STEP_MM = 88.0, 4.0
_GAP_MM = 6.0
# The panel of a grid's board, and how much of paper is left around what a map shows; on A3.
GRID_PANEL = (118.0, 116.0)
PADDING_MM, GRID_PADDING_MM = 5.0, 14.0


@dataclass(frozen=True)
class Layout:
    """Where things are on a page, in millimetres of the paper itself.

    ``form``: the panel is "beside" the map or "below" it under a header; the map is as high as
    the page and all else in a "column"; or the map has the "whole" page.
    """

    paper_mm: tuple[float, float]
    unit: float
    form: str
    margin_mm: float
    header_mm: float
    footer_mm: float
    strip_mm: float
    tall_strip: bool
    panel_mm: tuple[float, float]
    map_mm: tuple[float, float]

    def said(self) -> dict[str, Any]:
        """Return what the template reads."""
        return {
            "width": self.paper_mm[0],
            "height": self.paper_mm[1],
            "unit": self.unit,
            "form": self.form,
            "margin": self.margin_mm,
            "header": self.header_mm,
            "footer": self.footer_mm,
            "strip": self.strip_mm,
            "tall-strip": self.tall_strip,
            "panel": list(self.panel_mm),
            "map": list(self.map_mm),
        }


def fitted(
    ground: BaseGeometry, paper: str, panel: tuple[float, float], *, padding_mm: float
) -> tuple[Layout, View]:
    """Return the layout of the largest map: page lying or standing, panel beside it or below.

    ``panel`` is the width the panel wants beside the map and the height below it, on A3. A long
    scale bar has its own line.
    """
    return _largest(
        _viewed(ground, [lay_out(paper, form, upright=upright, panel=panel, tall_strip=tall)
                         for tall in (False, True)], padding_mm)
        for upright, form in ((False, "beside"), (True, "below"), (True, "beside"))
    )  # fmt: skip


def fitted_community(
    ground: BaseGeometry, paper: str, count: int, *, padding_mm: float
) -> tuple[Layout, View]:
    """Return the layout of a community's board, at a planner's scale wherever the paper allows.

    The largest map with its owners beside or below it. Where even that is too small, the map has
    the page for itself if that helps, and its ``count`` owners the next.
    """
    panel = community_panel(count)
    found = [fitted(ground, paper, panel, padding_mm=padding_mm)]
    width = panel[0]
    while width > _LEAST_COLUMN_MM - _COLUMN_STEP_MM:
        narrow = (max(width, _LEAST_COLUMN_MM), 0.0)
        found.append(_viewed(ground, [lay_out(paper, "column", upright=False, panel=narrow,
                                              tall_strip=tall) for tall in (False, True)],
                             padding_mm))  # fmt: skip
        width -= _COLUMN_STEP_MM
    best = _largest(found)
    if best[1].scale <= SMALLEST_SCALE:
        return best
    alone = fitted_alone(ground, paper, padding_mm=padding_mm)
    return alone if alone[1].scale <= SMALLEST_SCALE else best


def fitted_alone(ground: BaseGeometry, paper: str, *, padding_mm: float) -> tuple[Layout, View]:
    """Return the layout of a page that holds nothing but the map, lying or standing."""
    return _largest(
        _viewed(ground, [alone(paper, upright=upright)], padding_mm) for upright in (False, True)
    )


def alone(paper: str, *, upright: bool) -> Layout:
    """Lay out a page for the map alone."""
    return lay_out(paper, "whole", upright=upright, panel=(0.0, 0.0), tall_strip=False)


def _viewed(
    ground: BaseGeometry, layouts: Iterable[Layout], padding_mm: float
) -> tuple[Layout, View]:
    """Return the first layout whose strip has room for the scale bar, else the last; its view."""
    for layout in layouts:
        view = fit(ground, layout.map_mm, padding_mm=padding_mm)
        wide_mm = layout.map_mm[0]
        if view.mm(BAR_M) < _LONG_BAR * wide_mm and wide_mm >= _NARROW_MM * layout.unit:
            break
    return layout, view


def _largest(found: Iterable[tuple[Layout, View]]) -> tuple[Layout, View]:
    return min(found, key=lambda both: both[1].scale)


def lay_out(
    paper: str, form: str, *, upright: bool, panel: tuple[float, float], tall_strip: bool
) -> Layout:
    """Lay a page out: header, map with its strip, panel, footer; sizes are those on A3."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(BASE)[0]
    return _placed((short, long) if upright else (long, short), unit, form, panel, tall_strip)


def entrance_layout(paper: str) -> Layout:
    """Lay out the page of an entrance: it stands, small paper is enough, all is a size larger."""
    long, short = paper_mm(paper)
    unit = long / paper_mm(ENTRANCE_BASE)[0]
    return _placed((short, long), unit, "below", (0.0, 94.0), tall_strip=True)


def _placed(
    page_mm: tuple[float, float],
    unit: float,
    form: str,
    panel: tuple[float, float],
    tall_strip: bool,
) -> Layout:
    wide = form in ("column", "whole")
    margin, footer = (8.0 if wide else 11.5) * unit, (7.0 if wide else 9.0) * unit
    header = {"column": 27.0, "whole": 16.0}.get(form, 25.0) * unit
    strip, gap = (21.0 if tall_strip else 15.0) * unit, _GAP_MM * unit
    inner, tall = page_mm[0] - 2 * margin, page_mm[1] - 2 * margin
    height = tall - header - footer
    if form == "whole":
        panel_mm, map_mm = (0.0, 0.0), (inner, height - strip)
    elif form == "column":
        panel_mm = (panel[0] * unit, tall)
        map_mm = (inner - panel_mm[0] - gap, tall - strip)
    elif form == "below":
        panel_mm = (inner, panel[1] * unit)
        map_mm = (inner, height - panel_mm[1] - gap - strip)
    else:
        panel_mm = (panel[0] * unit, height)
        map_mm = (inner - panel_mm[0] - gap, height - strip)
    return Layout(
        paper_mm=page_mm,
        unit=unit,
        form=form,
        margin_mm=margin,
        header_mm=header,
        footer_mm=footer,
        strip_mm=strip,
        tall_strip=tall_strip,
        panel_mm=panel_mm,
        map_mm=(round(map_mm[0], 2), round(map_mm[1], 2)),
    )


def card_columns(count: int, form: str, panel_mm: float = 0.0) -> int:
    """Return in how many columns the cards of so many owners stand.

    ``panel_mm`` is how wide a column beside the map is on A3: its cards share that out.
    """
    if form == "below":
        return 2 if count <= 6 else 3 if count <= 12 else 4
    if form == "column":
        most = min(int(panel_mm // _CARD_MM), _MOST_CARD_COLUMNS)
        return 1 if count <= 8 else max(most, 1) if count > 2 * _COLUMN_ROWS else min(most, 2)
    return 1 if count <= 8 else 2 if count <= 26 else 3


def owners_as(count: int, form: str, panel_mm: float = 0.0) -> str:
    """Return how so many owners stand by the map: as "cards", as "lines", or "" for elsewhere.

    ``panel_mm``: see ``card_columns``.
    """
    if form == "whole" or count > _MOST_LINES:
        return ""
    if form == "column":
        most = _COLUMN_ROWS * card_columns(count, form, panel_mm)
    else:
        most = _MOST_CARDS[form]
    return "cards" if count <= most else "lines"


def community_panel(count: int) -> tuple[float, float]:
    """Return the width beside the map and the height below it that so many owners want, on A3."""
    rows = -(-count // card_columns(count, "below"))
    width = {1: 104.0, 2: 124.0, 3: 156.0}[card_columns(count, "beside")]
    if owners_as(count, "beside") != "cards":
        width = 124.0
    return width, min(76.0 + 17.0 * rows, 190.0)
