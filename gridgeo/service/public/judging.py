"""How CQL2 compares columns: every row at once; what is unknown of a row stays unknown.

Source: OGC 21-065r2, clauses 6 and 7. Comparisons give ``Truths``.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from .columns import Array, Texts, Truths
from .layers import Layer

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_COUNT: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "div": lambda a, b: np.trunc(np.divide(a, b)),
    "^": np.power,
}
# The ends of time: an interval that is open has one of them.
FIRST = np.datetime64(np.iinfo(np.int64).min + 1, "us")
LAST = np.datetime64(np.iinfo(np.int64).max, "us")
_DAY = np.timedelta64(86_400_000_000 - 1, "us")

Span = tuple[Any, Any]
# Of the first operand begin and end, then of the second; both ends belong to an interval.
_INSTANTS_TOO: Mapping[str, Callable[[Any, Any, Any, Any], Any]] = {
    "t_after": lambda s, _e, _s2, e2: s > e2,
    "t_before": lambda _s, e, s2, _e2: e < s2,
    "t_disjoint": lambda s, e, s2, e2: (e < s2) | (s > e2),
    "t_equals": lambda s, e, s2, e2: (s == s2) & (e == e2),
    "t_intersects": lambda s, e, s2, e2: ~((e < s2) | (s > e2)),
}
_INTERVALS_ONLY: Mapping[str, Callable[[Any, Any, Any, Any], Any]] = {
    "t_contains": lambda s, e, s2, e2: (s < s2) & (e > e2),
    "t_during": lambda s, e, s2, e2: (s > s2) & (e < e2),
    "t_finishedby": lambda s, e, s2, e2: (s < s2) & (e == e2),
    "t_finishes": lambda s, e, s2, e2: (s > s2) & (e == e2),
    "t_meets": lambda _s, e, s2, _e2: e == s2,
    "t_metby": lambda s, _e, _s2, e2: s == e2,
    "t_overlappedby": lambda s, e, s2, e2: (s > s2) & (s < e2) & (e > e2),
    "t_overlaps": lambda s, e, s2, e2: (s < s2) & (e > s2) & (e < e2),
    "t_startedby": lambda s, e, s2, e2: (s == s2) & (e > e2),
    "t_starts": lambda s, e, s2, e2: (s == s2) & (e < e2),
}
TEMPORAL = {**_INSTANTS_TOO, **_INTERVALS_ONLY}
INTERVALS_ONLY = frozenset(_INTERVALS_ONLY)
# For the tree: what the literal is to the feature, where the feature is this to the literal.
_TURNED = {
    "s_intersects": "intersects",
    "s_within": "contains",
    "s_contains": "within",
    "s_touches": "touches",
    "s_crosses": "crosses",
    "s_overlaps": "overlaps",
}
_SWAPPED = {"s_within": "s_contains", "s_contains": "s_within"}
SPATIAL = frozenset({*_TURNED, "s_disjoint", "s_equals"})
COMPARISONS = frozenset(_COMPARE)
ARITHMETIC = frozenset(_COUNT)


def both(parts: Sequence[Truths]) -> Truths:
    """Return where all hold; no where any does not, unknown otherwise."""
    return Truths(
        np.logical_and.reduce([one.yes for one in parts]),
        np.logical_or.reduce([one.no for one in parts]),
    )


def either(parts: Sequence[Truths]) -> Truths:
    """Return where any holds; no where none does, unknown otherwise."""
    return turned(both([turned(one) for one in parts]))


def turned(part: Truths) -> Truths:
    """Return the contrary; of what is unknown it is unknown too."""
    return Truths(part.no, part.yes)


def numbers_compared(sign: str, left: Any, right: Any, count: int) -> Truths:
    """Compare numbers, or moments, by =, <>, <, >, <=, >=; NaN and NaT are unknown."""
    known = ~(np.isnan(left) | np.isnan(right))
    return known_where(_COMPARE[sign](left, right), known, count)


def truths_compared(sign: str, left: Truths, right: Truths) -> Truths:
    """Compare what may hold with what may hold, by = or <>."""
    known = (left.yes | left.no) & (right.yes | right.no)
    return known_where(_COMPARE[sign](left.yes, right.yes), known, len(left.yes))


def texts_compared(sign: str, left: Texts | str, right: Texts | str, count: int) -> Truths:
    """Compare texts by their signs' places in Unicode; no text is unknown."""
    compare = _COMPARE[sign]
    if isinstance(left, str):
        word = left
        if isinstance(right, str):
            return known_where(compare(left, right), True, count)
        return _each_text(right, lambda text: compare(word, text))
    if isinstance(right, str):
        return _each_text(left, lambda text: compare(text, right))
    places = {text: at for at, text in enumerate(sorted({*left.said, *right.said}))}
    one, other = (_places(held, places) for held in (left, right))
    return known_where(compare(one, other), (one >= 0) & (other >= 0), count)


def texts_among(held: Texts | str, listed: frozenset[str], count: int) -> Truths:
    """Return whether a text is one of a list."""
    if isinstance(held, str):
        return known_where(held in listed, True, count)
    return _each_text(held, listed.__contains__)


def texts_like(held: Texts | str, pattern: str, count: int) -> Truths:
    """Return whether a text is like a pattern, where % is any text and _ any sign."""
    fits = like(pattern)
    if isinstance(held, str):
        return known_where(fits(held), True, count)
    return _each_text(held, fits)


def like(pattern: str) -> Callable[[str], bool]:
    r"""Return what tells whether a text is like a pattern; ``\`` before % or _ means the sign.

    From the left, each piece between two % at its first place: no pattern makes it go back.
    """
    pieces = [_piece(piece) for piece in _pieces(pattern)]
    if len(pieces) == 1:
        (only, length) = pieces[0]
        return lambda text: len(text) == length and only(text, 0) == 0
    (first, ahead), *rest, (last, behind) = pieces
    middle = [piece for piece in rest if piece[1]]

    def fits(text: str) -> bool:
        end = len(text) - behind
        if ahead > end or first(text[:ahead], 0) != 0:
            return False
        at = ahead
        for find, length in middle:
            found = find(text, at)
            if found < 0:
                return False
            at = found + length
        return at <= end and last(text[end:], 0) == 0

    return fits


def folded(held: Texts | str, fold: Callable[[str], str]) -> Texts | str:
    """Return texts, each as ``fold`` makes it."""
    if isinstance(held, str):
        return fold(held)
    return Texts(tuple(map(fold, held.said)), held.codes)


def without_case(text: str) -> str:
    """Return a text as all that differ from it in case alone become."""
    return unicodedata.normalize("NFC", text.casefold())


def without_accents(text: str) -> str:
    """Return a text as all that differ from it in accents alone become."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(s for s in apart if not unicodedata.combining(s)))


def counted(sign: str, left: Any, right: Any) -> Any:
    """Return a number of two; what has no finite value is unknown, NaN."""
    with np.errstate(all="ignore"):
        made = _COUNT[sign](np.asarray(left, float), np.asarray(right, float))
    return np.where(np.isfinite(made), made, np.nan)


def spans_compared(word: str, one: Span, other: Span, count: int) -> Truths:
    """Compare two spans of time, begin and end of each, by a function of CQL2; NaT is unknown."""
    known = ~(np.isnan(one[0]) | np.isnan(one[1]) | np.isnan(other[0]) | np.isnan(other[1]))
    return known_where(TEMPORAL[word](*one, *other), known, count)


def span_of(moment: Any) -> Span:
    """Return the span of a moment, or of a day: datetime64 in microseconds, or in days."""
    moment = np.asarray(moment)
    begin = moment.astype("datetime64[us]")
    return begin, begin + _DAY if moment.dtype == np.dtype("datetime64[D]") else begin


def shapes_compared(word: str, layer: Layer, literal: Any, *, literal_first: bool) -> Truths:
    """Compare the shape of every feature with one in the same CRS, by a function of CQL2."""
    word = _SWAPPED.get(word, word) if literal_first else word
    yes = np.zeros(len(layer), dtype=bool)
    if word == "s_equals":
        near = layer.tree.query(literal, predicate="intersects")
        yes[near[shapely.equals(layer.shapes[near], literal)]] = True
    elif word == "s_disjoint":
        yes[:] = True
        yes[layer.tree.query(literal, predicate="intersects")] = False
    else:
        yes[layer.tree.query(literal, predicate=_TURNED[word])] = True
    return Truths(yes, ~yes)


def two_shapes(word: str, one: Any, other: Any, count: int) -> Truths:
    """Compare two shapes, or rows of shapes, that are told both."""
    fits: Callable[[Any, Any], Any] = getattr(shapely, word.removeprefix("s_"))
    return known_where(fits(one, other), True, count)


def known_where(holds: Any, known: Any, count: int) -> Truths:
    """Return what holds where it is known, for every row."""
    holds, known = (np.broadcast_to(np.asarray(one, dtype=bool), count) for one in (holds, known))
    return Truths(holds & known, ~holds & known)


def _each_text(held: Texts, holds: Callable[[str], bool]) -> Truths:
    # one look for each different text; the last place is that of none
    flags = np.array([*map(holds, held.said), False], dtype=bool)
    return known_where(flags[held.codes], held.codes >= 0, len(held.codes))


def _places(held: Texts, places: Mapping[str, int]) -> Array:
    return np.array([*(places[text] for text in held.said), -1], dtype=np.int64)[held.codes]


def _pieces(pattern: str) -> list[list[str | None]]:
    """Return what stands between the % of a pattern: signs, None for any."""
    pieces: list[list[str | None]] = [[]]
    signs = iter(pattern)
    for sign in signs:
        if sign == "\\":
            pieces[-1].append(next(signs, "\\"))
        elif sign == "%":
            pieces.append([])
        else:
            pieces[-1].append(None if sign == "_" else sign)
    return pieces


def _piece(signs: list[str | None]) -> tuple[Callable[[str, int], int], int]:
    """Return what finds a piece in a text from a place on, -1 for nowhere; and its length."""
    told = [sign for sign in signs if sign is not None]
    if len(told) == len(signs):
        plain = "".join(told)
        return (lambda text, at: text.find(plain, at)), len(signs)
    fits = re.compile("".join("." if s is None else re.escape(s) for s in signs), re.DOTALL)

    def find(text: str, at: int) -> int:
        found = fits.search(text, at)
        return -1 if found is None else found.start()

    return find, len(signs)
