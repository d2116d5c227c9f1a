"""What the print fonts can draw of a text: pictures they lack are left out, letters are told."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from .fonts import font_paths

# Nearly all text is of these, which both fonts share out between them: no look into the files.
_PLAIN = re.compile(
    r"[\t\n\r -~\u00a0-\u024f\u2010-\u2027\u3000-\u303f\u3041-\u30ff\u4e00-\u9fa5\uff01-\uff5e]*"
)
# Signs that only change the look of the one before, or join it to the next: of emoji too.
_JOINTS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
# Scripts whose letters typst's own fonts draw, as a last resort.
_LENT = ("ARABIC", "HEBREW", "ARMENIAN", "GEORGIAN")


def printable(text: str) -> str:
    """Return a text without emoji and other pictures that the fonts lack; letters all stay."""
    if _PLAIN.fullmatch(text):
        return text
    known = _drawn()
    kept = []
    for at, sign in enumerate(text):
        if sign in _JOINTS:
            # a joiner between letters of Arabic or Indian scripts is part of the spelling
            before = text[at - 1] if at else sign
            if sign == "\u200d" and before not in _JOINTS and _is_spelling(before):
                kept.append(sign)
        elif ord(sign) in known or not _is_picture(sign):
            kept.append(sign)
    return "".join(kept)


def missing_letters(text: str) -> str:
    """Return the letters of a text that would be printed as empty boxes, each once, in order."""
    if _PLAIN.fullmatch(text):
        return ""
    known = _drawn()
    return "".join(
        dict.fromkeys(
            sign
            for sign in text
            if ord(sign) not in known
            and (_is_letter(sign) or unicodedata.category(sign) == "Co")
            and not unicodedata.name(sign, "").startswith(_LENT)
        )
    )


def _is_picture(sign: str) -> bool:
    # Sk holds the skin tones; Cn and tags what is younger than this Python
    return unicodedata.category(sign) in {"So", "Sk", "Cn"} or 0xE0000 <= ord(sign) <= 0xE007F


def _is_spelling(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "L"


@cache
def _drawn() -> frozenset[int]:
    """The code points that our fonts have."""
    codes: set[int] = set()
    for folder in font_paths():
        for path in sorted(Path(folder).rglob("*.[to]t[fc]")):
            if path.suffix == ".ttc":
                # the fonts of the collection draw some signs in other ways, but the same ones
                with TTCollection(path, lazy=True) as all_:
                    codes.update(all_.fonts[0].getBestCmap())
            else:
                with TTFont(path, lazy=True) as font:
                    codes.update(font.getBestCmap())
    return frozenset(codes)
