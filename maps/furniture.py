"""What stands around a map: scale bar, north arrow, legend; all vector, the bar true to scale."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import shapely

from . import inks, svg
from .scale import View
from .words import Words

BAR_M = 100.0
# Where a bar of 100 m is wider than the map, as on small paper at 1:500.
_SHORTER_M = (50.0, 20.0)
_BAR_HEIGHT_MM = 2.0
# A bar shorter than that on A3 is joined by further bars of 100 m, five in all.
_BAR_WANTED_MM, _MOST_BARS = 48.0, 5
# Marks closer than that on A3 would run into each other.
_MARK_MM = 10.0
SWATCH_MM = (8.0, 5.0)
ARROW_MM = (10.0, 15.0)


@dataclass(frozen=True)
class ScaleBar:
    """A bar as SVG, its size on paper, and its marks: how far along in millimetres, and words."""

    drawing: bytes
    width_mm: float
    height_mm: float
    marks: tuple[tuple[float, str], ...]


def scale_bar(view: View, words: Words, *, unit: float) -> ScaleBar:
    """Return bars of 100 m each, chequered; each is exactly 100 m long at the view's scale.

    A map narrower than that has bars of 50 or 20 m.
    """
    lengths = (BAR_M, *_SHORTER_M)
    bar_m = next((m for m in lengths if view.mm(m) <= view.width_mm), lengths[-1])
    bar_mm, height = view.mm(bar_m), _BAR_HEIGHT_MM * unit
    count = max(1, min(_MOST_BARS, int(_BAR_WANTED_MM * unit / bar_mm)))
    parts = []
    rim = 0.22 * unit
    for row in range(count):
        left = row * bar_mm
        parts.append(svg.path([shapely.box(left, 0, left + bar_mm, height)], fill=inks.BAR))
        for half, (top, bottom) in enumerate(((height / 2, height - rim), (rim, height / 2))):
            start = left + half * bar_mm / 2
            hole = shapely.box(start + rim, top, start + bar_mm / 2 - rim, bottom)
            parts.append(svg.path([hole], fill=inks.PAPER))
    steps = [0.0, bar_m / 2, bar_m] if count == 1 else [bar_m * row for row in range(count + 1)]
    last = words("{length} m", length=words.number(round(steps[-1])))
    if count > 1 and bar_mm < _MARK_MM * unit:
        steps = [steps[0], steps[-1]]
    marks = [(view.mm(at), words.number(round(at))) for at in steps[:-1]]
    marks.append((view.mm(steps[-1]), last))
    width = count * bar_mm
    return ScaleBar(svg.drawing(width, height, parts), width, height, tuple(marks))


def north_arrow(unit: float) -> bytes:
    """Return an arrow that points up, half dark and half light; its letter is set beside it."""
    w, h = ARROW_MM[0] * unit, ARROW_MM[1] * unit
    tip, notch, foot = (w / 2, 0.3 * unit), (w / 2, h * 0.74), h * 0.97
    left = shapely.Polygon([tip, notch, (w * 0.16, foot)])
    right = shapely.Polygon([tip, notch, (w * 0.84, foot)])
    thin = round(0.3 * unit, 3)
    style = {"stroke": inks.NAVY, "stroke_width": thin, "stroke_linejoin": "round"}
    return svg.drawing(w, h, [svg.path([left], fill=inks.NAVY, **style),
                              svg.path([right], fill=inks.PAPER, **style)])  # fmt: skip


def legend(
    words: Words, kinds: Collection[str], *, unit: float, pale: bool, here: bool
) -> list[tuple[bytes, str]]:
    """Return a swatch and its words for each kind of thing on the map.

    Args:
        words: the reader's language.
        kinds: "street", "river", "rail", "wall", "building", "rim": what the map shows of them.
        unit: how much larger than on A3 swatches are drawn.
        pale: whether neighbouring grids are shown pale.
        here: whether a spot is marked.
    """
    said = {
        "border": words("Grid border"),
        "rim": words("Community boundary"),
        "pale": words("Neighbouring grid"),
        "building": words("Building"),
        "street": words("Street"),
        "river": words("River"),
        "rail": words("Railway"),
        "wall": words("Wall"),
        "here": words("You are here"),
    }
    there = {"border", *kinds, *(["pale"] if pale else []), *(["here"] if here else [])}
    return [(_swatch(kind, unit), said[kind]) for kind in said if kind in there]


def _swatch(kind: str, unit: float) -> bytes:
    w, h = (side * unit for side in SWATCH_MM)
    box = shapely.box(0.3 * unit, 0.5 * unit, w - 0.3 * unit, h - 0.5 * unit)
    middle = shapely.linestrings([(0.2 * unit, h / 2), (w - 0.2 * unit, h / 2)])
    thin = 0.15 * unit
    band = middle.buffer(1.3 * unit, cap_style="flat")
    house = shapely.box(w * 0.22, h * 0.2, w * 0.78, h * 0.8)
    here = shapely.Point(w / 2, h / 2).buffer(h * 0.34)

    def line(ink: str, width_mm: float, **more: object) -> str:
        return svg.path([middle], fill="none", stroke=ink, stroke_width=f"{width_mm:.3g}", **more)

    parts = {
        "border": [svg.path([box], fill=inks.tint(0)), line(inks.PAPER, 1.3 * unit),
                   line(inks.BORDER, 0.55 * unit)],
        "rim": [line(inks.NAVY, 1.1 * unit)],
        "pale": [svg.path([box], fill=inks.PALE, stroke=inks.PALE_INK, stroke_width=f"{thin:.3g}",
                          stroke_dasharray=f"{2 * unit:.3g} {unit:.3g}")],
        "building": [svg.path([house], fill=inks.building_fill(0), stroke=inks.deep(0),
                              stroke_width=f"{thin:.3g}")],
        "street": [svg.path([band], fill=inks.STREET, stroke=inks.STREET_EDGE,
                            stroke_width=f"{2 * thin:.3g}")],
        "river": [svg.path([band], fill=inks.WATER)],
        "rail": [line(inks.RAIL, 1.05 * unit),
                 line(inks.PAPER, 0.63 * unit, stroke_dasharray=f"{1.75 * unit:.3g}")],
        "wall": [line(inks.WALL, 0.35 * unit)],
        "here": [svg.path([here], fill=inks.HERE)],
    }  # fmt: skip
    return svg.drawing(w, h, parts[kind])
