"""CQL2 JSON to parts that can be asked: every operator with operands that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import judging
from .columns import Column, Moments, Numbers, Texts, Truths
from .cql_literals import day_of, instant_of, moment_of, shape_of
from .cql_parts import Asked, Kind, Part
from .cql_text import CqlError
from .layers import SCHEMAS, Layer

_MOST_PARTS = 5_000
_DEEPEST = 130
_SHAPE_WORDS = frozenset({"type", "coordinates", "geometries", "bbox"})
_FOLDS = {"casei": judging.without_case, "accenti": judging.without_accents}
_INSTANTS = (Kind.MOMENT, Kind.DAY)
_TIMES = (*_INSTANTS, Kind.INTERVAL)


def read_tree(tree: Any, kind: str, crs: str) -> Part:
    """Return the part that a tree of CQL2 JSON is.

    Args:
        tree: plain JSON.
        kind: of the layer, whose queryables it may name.
        crs: URI of the CRS of the shapes in it.

    Raises:
        CqlError: it names what there is not, or compares what differs.
        LiteralError: a literal in it means nothing.
    """
    return _Reader(kind, crs).read(tree, 0)


class _Reader:
    def __init__(self, kind: str, crs: str) -> None:
        self.kind, self.crs, self.parts = kind, crs, 0
        self.operators: Mapping[str, Callable[[str, list[Part]], Part]] = {
            **dict.fromkeys(("and", "or"), _joined),
            "not": _negated,
            **dict.fromkeys(judging.COMPARISONS, _compared),
            "between": _between,
            "like": _like,
            "isNull": _is_null,
            **dict.fromkeys(judging.ARITHMETIC, _counted),
            **dict.fromkeys(_FOLDS, _folded),
            **dict.fromkeys(judging.SPATIAL, _spatial),
            **dict.fromkeys(judging.TEMPORAL, _temporal),
        }

    def read(self, tree: Any, depth: int) -> Part:
        self.parts += 1
        if self.parts > _MOST_PARTS or depth > _DEEPEST:
            raise CqlError("it has too many parts, or too deep ones")
        if isinstance(tree, bool | int | float | str):
            return _plain(tree)
        if not isinstance(tree, dict):
            raise CqlError("an array stands where none can be" if tree else "null is no operand")
        if "op" in tree:
            return self._operator(tree, depth)
        if set(tree) == {"property"}:
            return self._queryable(tree["property"])
        if set(tree) == {"date"}:
            return _fixed(Kind.DAY, day_of(tree["date"]))
        if set(tree) == {"timestamp"}:
            return _fixed(Kind.MOMENT, moment_of(tree["timestamp"]))
        if set(tree) == {"interval"}:
            return self._interval(tree["interval"], depth)
        if tree and set(tree) <= _SHAPE_WORDS:
            return _fixed(Kind.SHAPE, shape_of(tree, self.crs))
        raise CqlError(f"{{{', '.join(sorted(tree))[:60]}}} is nothing it can hold")

    def _operator(self, tree: Mapping[str, Any], depth: int) -> Part:
        word, args = tree["op"], tree.get("args")
        if set(tree) != {"op", "args"} or not isinstance(args, list):
            raise CqlError("an operator has op and args alone")
        if word == "in":
            return self._among(args, depth)
        make = self.operators.get(word) if isinstance(word, str) else None
        if make is None:
            raise CqlError(f"{str(word)[:60]!r} is not known here")
        return make(str(word), [self.read(arg, depth + 1) for arg in args])

    def _queryable(self, name: Any) -> Part:
        if name == "geometry":
            return Part(Kind.SHAPE, lambda asked: asked.layer.shapes)
        fact = SCHEMAS[self.kind].get(name) if isinstance(name, str) else None
        if fact is None:
            raise CqlError(f"{str(name)[:60]!r} is no queryable")
        if fact.get("format") == "date-time":
            return Part(Kind.MOMENT, lambda asked: _column(asked.layer, name, "moment").values)
        found = {"string": Kind.TEXT, "integer": Kind.NUMBER, "boolean": Kind.TRUTH}[fact["type"]]
        if found is Kind.NUMBER:
            return Part(found, lambda asked: _column(asked.layer, name, "integer").values)
        return Part(found, lambda asked: _column(asked.layer, name, fact["type"]))

    def _interval(self, ends: Any, depth: int) -> Part:
        if not isinstance(ends, list) or len(ends) != 2:
            raise CqlError("an interval has two ends")
        read = [None if end == ".." else self._end(end, depth) for end in ends]
        begin, end = (judging.FIRST if read[0] is None else read[0].literal,
                      judging.LAST if read[1] is None else read[1].literal)  # fmt: skip
        if begin is not None and end is not None:
            span = judging.span_of(begin)[0], judging.span_of(end)[1]
            if span[0] > span[1]:
                raise CqlError("an interval ends before it begins")
            return Part(Kind.INTERVAL, lambda _: span, span)

        def of(asked: Asked) -> judging.Span:
            first, last = (one.of(asked) if one else None for one in read)
            return (
                judging.FIRST if first is None else _open(judging.span_of(first)[0], judging.FIRST),
                judging.LAST if last is None else _open(judging.span_of(last)[1], judging.LAST),
            )

        return Part(Kind.INTERVAL, of)

    def _end(self, end: Any, depth: int) -> Part:
        if isinstance(end, str):
            found = instant_of(end)
            return _fixed(Kind.DAY if found.dtype == "datetime64[D]" else Kind.MOMENT, found)
        part = self.read(end, depth + 1)
        if part.kind not in _INSTANTS:
            raise CqlError(f"an interval ends with a moment, not with {part.kind}")
        return part

    def _among(self, args: list[Any], depth: int) -> Part:
        if len(args) != 2 or not isinstance(args[1], list) or not args[1]:
            raise CqlError("IN takes an operand and a list")
        held = self.read(args[0], depth + 1)
        listed = [self.read(arg, depth + 1) for arg in args[1]]
        texts = [part.literal for part in listed if part.kind is Kind.TEXT]
        if held.kind is Kind.TEXT and len(texts) == len(listed) and None not in texts:
            known = frozenset(texts)
            return _asked(lambda a: judging.texts_among(held.of(a), known, len(a.layer)))
        equal = [_compared("=", [held, one]) for one in listed]
        return equal[0] if len(equal) == 1 else _joined("or", equal)


def _joined(word: str, parts: list[Part]) -> Part:
    _only(word, parts, (Kind.TRUTH,), least=2)
    join = judging.both if word == "and" else judging.either
    return _asked(lambda asked: join([part.of(asked) for part in parts]))


def _negated(word: str, parts: list[Part]) -> Part:
    _only(word, parts, (Kind.TRUTH,), exactly=1)
    return _asked(lambda asked: judging.turned(parts[0].of(asked)))


def _compared(sign: str, parts: list[Part]) -> Part:
    left, right = _same_kind(sign, parts)
    if left.kind is Kind.TEXT:
        return _asked(lambda a: judging.texts_compared(sign, left.of(a), right.of(a), len(a.layer)))
    if left.kind is Kind.TRUTH:
        if sign not in ("=", "<>"):
            raise CqlError(f"{sign} has no order of true and false")
        return _asked(lambda asked: judging.truths_compared(sign, left.of(asked), right.of(asked)))
    if left.kind is Kind.NUMBER or left.kind in _INSTANTS:
        by_day = Kind.DAY in (left.kind, right.kind)

        def of(asked: Asked) -> Truths:
            one, other = left.of(asked), right.of(asked)
            if by_day:  # a day and a moment: by the day of the moment in UTC
                one, other = (np.asarray(each).astype("datetime64[D]") for each in (one, other))
            return judging.numbers_compared(sign, one, other, len(asked.layer))

        return _asked(of)
    raise CqlError(f"{sign} does not compare {left.kind}")


def _between(word: str, parts: list[Part]) -> Part:
    if len(parts) != 3:
        raise CqlError("BETWEEN takes three operands")
    held, low, high = parts
    _only(word, [held], (Kind.NUMBER, *_INSTANTS, Kind.TEXT), exactly=1)
    return _joined("and", [_compared(">=", [held, low]), _compared("<=", [held, high])])


def _like(word: str, parts: list[Part]) -> Part:
    _only(word, parts, (Kind.TEXT,), exactly=2)
    held, pattern = parts
    if pattern.literal is None:
        raise CqlError("LIKE takes a pattern that is the same for all")
    return _asked(lambda a: judging.texts_like(held.of(a), pattern.literal, len(a.layer)))


def _is_null(_word: str, parts: list[Part]) -> Part:
    if len(parts) != 1 or parts[0].kind is Kind.INTERVAL:
        raise CqlError("IS NULL takes one operand, and no interval")
    (part,) = parts
    return _asked(lambda asked: _unknown(part.of(asked), len(asked.layer)))


def _counted(sign: str, parts: list[Part]) -> Part:
    _only(sign, parts, (Kind.NUMBER,), exactly=2)
    left, right = parts
    if left.literal is not None and right.literal is not None:
        return _number(float(judging.counted(sign, left.literal, right.literal)))
    return _asked(lambda a: judging.counted(sign, left.of(a), right.of(a)), Kind.NUMBER)


def _folded(word: str, parts: list[Part]) -> Part:
    _only(word, parts, (Kind.TEXT,), exactly=1)
    (part,), fold = parts, _FOLDS[word]
    if part.literal is not None:
        return _fixed(Kind.TEXT, fold(part.literal))
    return _asked(lambda asked: judging.folded(part.of(asked), fold), Kind.TEXT)


def _spatial(word: str, parts: list[Part]) -> Part:
    _only(word, parts, (Kind.SHAPE,), exactly=2)
    left, right = parts
    if (left.literal is None) == (right.literal is None):
        return _asked(lambda a: judging.two_shapes(word, left.of(a), right.of(a), len(a.layer)))
    turned = left.literal is not None
    literal = left.literal if turned else right.literal
    return _asked(lambda a: judging.shapes_compared(word, a.layer, literal, literal_first=turned))


def _temporal(word: str, parts: list[Part]) -> Part:
    parts = [_as_time(part) for part in parts]
    kinds = (Kind.INTERVAL,) if word in judging.INTERVALS_ONLY else _TIMES
    _only(word, parts, kinds, exactly=2)

    def of(asked: Asked) -> Truths:
        spans = [
            value if part.kind is Kind.INTERVAL else judging.span_of(value)
            for part in parts
            for value in [part.of(asked)]
        ]
        return judging.spans_compared(word, spans[0], spans[1], len(asked.layer))

    return _asked(of)


def _same_kind(sign: str, parts: list[Part]) -> list[Part]:
    """Return two operands that can be compared; a text beside a moment is read as one."""
    if len(parts) != 2:
        raise CqlError(f"{sign} takes two operands")
    if any(part.kind in _INSTANTS for part in parts):
        parts = [_as_time(part) for part in parts]
        if all(part.kind in _INSTANTS for part in parts):
            return parts
    if any(part.kind is Kind.TRUTH for part in parts):
        parts = [_as_truth(part) for part in parts]
    if parts[0].kind is not parts[1].kind:
        raise CqlError(f"{sign} compares {parts[0].kind} with {parts[1].kind}")
    return parts


def _as_truth(part: Part) -> Part:
    """Return 1 and 0 as true and false: so GDAL says them."""
    return _truth(part.literal == 1) if part.literal in (0.0, 1.0) else part


def _as_time(part: Part) -> Part:
    if part.kind is not Kind.TEXT or part.literal is None:
        return part
    found = instant_of(part.literal)
    return _fixed(Kind.DAY if found.dtype == "datetime64[D]" else Kind.MOMENT, found)


def _only(
    word: str,
    parts: Sequence[Part],
    kinds: Sequence[Kind],
    *,
    exactly: int | None = None,
    least: int = 0,
) -> None:
    if len(parts) < least or (exactly is not None and len(parts) != exactly):
        raise CqlError(f"{word} takes {exactly or least} operands, not {len(parts)}")
    for part in parts:
        if part.kind not in kinds:
            raise CqlError(f"{word} takes {' or '.join(kinds)}, not {part.kind}")


def _asked(of: Callable[[Asked], Any], kind: Kind = Kind.TRUTH) -> Part:
    """Return a part that looks at the clock each time it is asked."""

    def timed(asked: Asked) -> Any:
        asked.check()
        return of(asked)

    return Part(kind, timed)


def _fixed(kind: Kind, value: Any) -> Part:
    return Part(kind, lambda _: value, value)


def _number(value: float) -> Part:
    told = float(value)
    if not math.isfinite(told):
        raise CqlError("a number in it is too large, or none")
    return _fixed(Kind.NUMBER, told)


def _plain(value: bool | float | str) -> Part:
    if isinstance(value, str):
        return _fixed(Kind.TEXT, value)
    return _truth(value) if isinstance(value, bool) else _number(value)


def _truth(value: bool) -> Part:
    def of(asked: Asked) -> Truths:
        return judging.known_where(value, True, len(asked.layer))

    return Part(Kind.TRUTH, of)


def _column(layer: Layer, name: str, kind: str) -> Any:
    """Return a queryable of all rows; where no feature tells it, all of it unknown."""
    found: Column | Moments | None = layer.told(name)
    if found is not None:
        return found
    none = [None] * len(layer)
    makers: dict[str, Any] = {"string": Texts, "integer": Numbers, "boolean": Truths}
    return makers[kind].of(none)


def _open(ends: Any, where: Any) -> Any:
    """Return ends of intervals; where none is told the interval is open."""
    return np.where(np.isnat(ends), where, ends)


def _unknown(value: Any, count: int) -> Truths:
    if isinstance(value, Texts):
        return judging.known_where(value.codes < 0, True, count)
    if isinstance(value, Truths):
        return judging.known_where(~(value.yes | value.no), True, count)
    kind = np.asarray(value).dtype.kind
    none = np.isnan(value) if kind in "fM" else False
    return judging.known_where(none, True, count)
