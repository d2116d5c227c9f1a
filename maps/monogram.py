"""A drawn stand-in for a worker's photo: a disc of the worker's own colour, with initials."""

from __future__ import annotations

import hashlib
import unicodedata

from .escape import html_text

# White letters stand out from each by 6.3 to 1 or more, and each prints as a plain dark grey.
DISC_COLOURS: tuple[str, ...] = (
    "#1f5f8b",
    "#8a3b12",
    "#2d6a4f",
    "#7b2d5e",
    "#4a4e9b",
    "#8b2635",
    "#0b6670",
    "#5c5320",
)
# Scripts whose names are told apart by their first sign, and whose words are not capitalised.
_ONE_SIGN = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO")


def initials(name: str) -> str:
    """Return one surname sign of a Chinese name, one or two capitals of others, "" without letters.

    The script of the first letter decides: "李伟" gives 李, "Li Wei" LW, "Zhang San 张三" ZS.
    """
    words = [letters for word in _clear(name).split() if (letters := _letters(word))]
    if not words:
        return ""
    if _is_one_sign(words[0][0]):
        return words[0][0]
    heads = [word[0] for word in words if not _is_one_sign(word[0])]
    ends = heads[:1] if len(heads) == 1 else [heads[0], heads[-1]]
    # A letter may have no single capital, and letters that join must not: then one of them.
    capitals = [letter.upper() if len(letter.upper()) == 1 else letter for letter in ends]
    joined = "".join(capitals)
    return joined if joined.isupper() else capitals[0]


def disc_colour(name: str) -> str:
    """Return the colour of a name's disc as "#rrggbb": the same in every document and version."""
    digest = hashlib.sha256(_clear(name).strip().encode()).digest()
    return DISC_COLOURS[digest[0] % len(DISC_COLOURS)]


def monogram(name: str) -> str:
    """Return the disc of a name as SVG text; a head and shoulders where the name has no letters.

    A square of 100 units without a size of its own: give it one where it is shown. The letters
    are text, in the reader's own fonts. It is hidden from screen readers: the name stands beside.
    """
    letters = initials(name)
    if letters:
        size = 52 if len(letters) == 1 else 40
        # Capitals and Chinese signs stand about 0.72 and 0.88 em high: centred by eye.
        rise = 0.35 if letters.isupper() else 0.36
        # The family that has the letter comes first: a stand-in may draw it the Japanese way.
        family = "Noto Sans CJK SC, Noto Sans SC" if _is_one_sign(letters[0]) else "Noto Sans"
        figure = (
            f'<text x="50" y="50" dy="{size * rise:.1f}" text-anchor="middle" fill="#fff"'
            f' font-family="{family}, sans-serif"'
            f' font-weight="500" font-size="{size}">{html_text(letters)}</text>'
        )
    else:
        figure = (
            '<circle cx="50" cy="39" r="16" fill="#fff"/>'
            '<path fill="#fff" d="M20 81a30 24 0 0 1 60 0a47 47 0 0 1-60 0z"/>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" aria-hidden="true">'
        f'<circle cx="50" cy="50" r="50" fill="{disc_colour(name)}"/>{figure}</svg>'
    )


def _clear(name: str) -> str:
    """One spelling a name: accents composed, lone surrogates out of the way."""
    return unicodedata.normalize("NFC", name).encode("utf-8", "ignore").decode()


def _letters(word: str) -> str:
    return "".join(sign for sign in word if unicodedata.category(sign).startswith("L"))


def _is_one_sign(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_ONE_SIGN)
