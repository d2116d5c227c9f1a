"""The colours of printed maps: calm tints of the palette, and a pattern each for grey printers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from .colours import PALETTE

NAVY = "#17324d"
INK = "#1b2430"
PAPER = "#ffffff"
OUTSIDE = "#f3f1ec"
WATER, WATER_INK = "#bcd9ea", "#2b5d80"
STREET, STREET_EDGE = "#ffffff", "#c9c5bb"
RAIL, WALL = "#6b6f76", "#8a6d58"
BORDER = "#3a3f4a"
HERE = "#c8102e"
PALE, PALE_BUILDING, PALE_INK = "#e9e7e1", "#d5d2ca", "#7d7b75"
# Nothing else on a board is quite this black: the scale bar is found by it, and measured.
BAR = "#0a0a0b"

# Turn of the hatch in degrees by palette row, None for none; spacing in millimetres on A3.
_HATCH: tuple[tuple[float, ...] | None, ...] = (
    (45.0,),
    None,
    (-45.0,),
    (0.0,),
    (90.0,),
    (0.0, 90.0),
)
_HATCH_MM = 1.9


def tint(row: int) -> str:
    """Return the ground of a grid on paper: its palette colour, much lighter."""
    return mix(PALETTE[row], PAPER, 0.58)


def building_fill(row: int) -> str:
    """Return the colour of a grid's buildings: the palette's own."""
    return mix(PALETTE[row], PAPER, 0.06)


def deep(row: int) -> str:
    """Return the dark relative of a palette colour, for outlines."""
    return mix(PALETTE[row], INK, 0.5)


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour with that share of another in it, each as "#rrggbb"."""
    pairs = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def hatch(ground: BaseGeometry, row: int, *, unit: float) -> BaseGeometry:
    """Return the lines of a palette row's pattern in a ground given in millimetres.

    Lines start from the corner of the paper, so that patterns of one kind meet across grids.
    """
    turns = _HATCH[row]
    if turns is None or ground.is_empty:
        return MultiLineString()
    step = _HATCH_MM * unit * (1.35 if len(turns) > 1 else 1.0)
    lines = [line for turn in turns for line in _lines(ground.bounds, turn, step)]
    return shapely.intersection(ground, MultiLineString(lines))


def _lines(bounds: tuple[float, ...], turn_deg: float, step_mm: float) -> list[Any]:
    along = np.array([math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))])
    across = np.array([-along[1], along[0]])
    left, top, right, bottom = bounds
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    (low_s, high_s), (low_t, high_t) = (
        ((corners @ way).min(), (corners @ way).max()) for way in (along, across)
    )
    offsets = np.arange(math.ceil(low_t / step_mm), math.floor(high_t / step_mm) + 1) * step_mm
    starts = along * low_s + across * offsets[:, None]
    ends = along * high_s + across * offsets[:, None]
    return list(shapely.linestrings(np.stack([starts, ends], axis=1)))
