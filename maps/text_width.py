"""How wide a text is on paper: what label placement needs to know before anything is set."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from .fonts import font_paths

MM_PER_PT = 25.4 / 72
# Letters that the Latin font lacks: Chinese signs fill a square; others are guessed wide.
_SQUARE_EM = 1.0
_UNKNOWN_EM = 0.75
# Bold letters are that much wider than those measured, and a hair of room does no harm.
_BOLD = 1.09


def text_mm(text: str, size_pt: float) -> float:
    """Return how wide one line of text is at most, in millimetres."""
    return sum(map(_advance_em, text)) * _BOLD * size_pt * MM_PER_PT


def _advance_em(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return _SQUARE_EM
    return _advances().get(ord(sign), 0.0 if unicodedata.combining(sign) else _UNKNOWN_EM)


@cache
def _advances() -> dict[int, float]:
    """Advance of each letter of the upright Latin font, in em, by code point."""
    for folder in font_paths():
        for path in sorted(Path(folder).rglob("*.ttf")):
            if "italic" in path.name.lower():
                continue
            with TTFont(path, lazy=True) as font:
                size = font["head"].unitsPerEm
                widths = font["hmtx"].metrics
                return {code: widths[name][0] / size for code, name in font.getBestCmap().items()}
    raise FileNotFoundError("the Latin font's file is missing: pip install gridgeo")
