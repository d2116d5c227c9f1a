"""CQL2 in text to CQL2 in JSON: one pass over the text, however it is nested.

Source: OGC 21-065r2, annex B (the grammar) and /req/cql2-text. A parser of our own: what a
library with backtracking does to 30 open brackets takes years, and any stranger may send them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_IDENTIFIER = (
    r"[:_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1ffe\u200c\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
    r"[:_.0-9A-Za-z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1ffe\u200c\u200d"
    r"\u203f\u2040\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    r"\U00010000-\U000effff]*"
)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<name>"""
    + _IDENTIFIER
    + r""")
    | (?P<sign><>|<=|>=|[=<>()+\-*/%^,])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_CONTROLS = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
# In a pattern these keep their backslash: it says that the sign is meant, not the wildcard.
_WILD = frozenset("%_\\")
# How tightly what stands between two things binds them.
_EITHER, _BOTH, _NOT, _PREDICATE, _SUM, _PRODUCT, _POWER, _SIGN = range(1, 9)
_BINDS = {
    "OR": _EITHER, "AND": _BOTH,
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _PREDICATE),
    **dict.fromkeys(("NOT", "LIKE", "BETWEEN", "IN", "IS"), _PREDICATE),
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "DIV": _PRODUCT,
    "^": _POWER,
}  # fmt: skip
_KEYWORDS = frozenset((*filter(str.isalpha, _BINDS), "NULL"))
_SHAPES = {
    name.upper(): (name, depth)
    for name, depth in (
        ("Point", 0), ("LineString", 1), ("Polygon", 2), ("MultiPoint", 1),
        ("MultiLineString", 2), ("MultiPolygon", 3),
    )
}  # fmt: skip
# Functions of the standard, whose names are keywords; those of others keep their spelling.
_STANDARD = re.compile(r"CASEI|ACCENTI|[AST]_[A-Z]+")
_MOST_NESTED = 60
_EXACT_DIGITS = 16


class CqlError(ValueError):
    """A text that is no CQL2; the message tells where it stops being it."""


def parse_text(text: str, *, ilike: bool = False) -> Any:
    """Return a filter in CQL2 text as CQL2 JSON; ``ilike``: with that word of the drafts.

    Raises:
        CqlError: it is none, or is nested deeper than any person writes.
    """
    return _Parser(text, ilike=ilike).whole()


class _Parser:
    """Reads from the left; each method returns the JSON of what it has read."""

    def __init__(self, text: str, *, ilike: bool) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.binds = {**_BINDS, "ILIKE": _PREDICATE} if ilike else _BINDS
        self.kind, self.said = "", ""
        self._next()

    def whole(self) -> Any:
        tree = self._expression()
        if self.kind:
            raise self._unexpected()
        return tree

    # Words, one ahead of what was read.

    def _next(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        if found is not None:
            self.kind, self.said = str(found.lastgroup), found[str(found.lastgroup)]
            self.start, self.at = found.start(str(found.lastgroup)), found.end()
            return
        rest = self.text[self.at :].lstrip()
        self.kind, self.said, self.start = "", "", len(self.text) - len(rest)
        if rest:
            raise CqlError(f"sign {self.start + 1} cannot be read: {rest[:20]!r}")

    def _unexpected(self) -> CqlError:
        if not self.kind:
            return CqlError("it ends too early")
        return CqlError(f"sign {self.start + 1}: {self.said[:40]!r} does not fit here")

    def _word(self) -> str:
        return self.said.upper() if self.kind == "name" else ""

    def _take(self, *words: str) -> str:
        """Return the keyword or sign that is next if it is one of these, and go on; else ""."""
        word = self.said if self.kind == "sign" else self._word()
        if word not in words:
            return ""
        self._next()
        return word

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected()

    def _deeper(self, read: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > _MOST_NESTED:
            raise CqlError(f"brackets stand deeper than {_MOST_NESTED}")
        made = read()
        self.depth -= 1
        return made

    # Expressions, by how tightly they bind.

    def _expression(self, least: int = _EITHER) -> Any:
        """Read an expression whose parts are bound as tightly as ``least``, or more."""
        left, last, terms = self._first(least), "", 0
        while True:
            word = self.said if self.kind == "sign" else self._word()
            binds = self.binds.get(word, 0)
            if binds < least:
                return left
            if binds == _PREDICATE:
                if self.binds.get(last) == _PREDICATE:
                    raise self._unexpected()  # a = b = c
                left = self._predicate(left)
            elif word in ("AND", "OR"):
                self._next()
                right = self._expression(binds + 1)
                if last == word:
                    left["args"].append(right)
                else:
                    left = {"op": word.lower(), "args": [left, right]}
            else:
                self._next()
                left = {"op": word.lower(), "args": [left, self._expression(binds + 1)]}
                terms += 1
                if terms > _MOST_NESTED:
                    raise CqlError(f"more than {_MOST_NESTED} terms stand in a row")
            last = word

    def _first(self, least: int) -> Any:
        if least <= _NOT and self._take("NOT"):
            return _not(self._deeper(lambda: self._expression(_NOT)))
        if self._take("-"):
            inner = self._deeper(lambda: self._expression(_SIGN))
            is_number = isinstance(inner, int | float) and not isinstance(inner, bool)
            return -inner if is_number else {"op": "*", "args": [-1, inner]}
        self._take("+")
        return self._atom()

    def _predicate(self, left: Any) -> Any:
        if self.kind == "sign":
            operator = self.said
            self._next()
            return {"op": operator, "args": [left, self._expression(_SUM)]}
        if self._take("IS"):
            negated = self._take("NOT")
            self._need("NULL")
            tree: Any = {"op": "isNull", "args": [left]}
            return _not(tree) if negated else tree
        negated = self._take("NOT")
        word = self._take("LIKE", "BETWEEN", "IN", "ILIKE")
        if word == "LIKE":
            tree = {"op": "like", "args": [left, self._pattern()]}
        elif word == "ILIKE":
            both = [{"op": "casei", "args": [one]} for one in (left, self._pattern())]
            tree = {"op": "like", "args": both}
        elif word == "BETWEEN":
            low = self._expression(_SUM)
            self._need("AND")
            tree = {"op": "between", "args": [left, low, self._expression(_SUM)]}
        elif word == "IN":
            self._need("(")
            tree = {"op": "in", "args": [left, self._listed(lambda: self._expression(_SUM))]}
        else:
            raise self._unexpected()
        return _not(tree) if negated else tree

    def _pattern(self) -> Any:
        for function in ("CASEI", "ACCENTI"):
            if self._take(function):
                self._need("(")
                inner = self._deeper(self._pattern)
                self._need(")")
                return {"op": function.lower(), "args": [inner]}
        if self.kind != "text":
            raise self._unexpected()
        said = _unescaped(self.said, keep=_WILD)
        self._next()
        return said

    def _atom(self) -> Any:
        kind, said, word = self.kind, self.said, self._word()
        if kind == "number":
            self._next()
            return int(said) if said.isdigit() and len(said) < _EXACT_DIGITS else float(said)
        if kind == "text":
            self._next()
            return _unescaped(said)
        if kind == "quoted":
            self._next()
            return {"property": said[1:-1].replace('""', '"')}
        if self._take("("):
            return self._bracketed()
        if kind != "name" or (word in _KEYWORDS and word not in ("TRUE", "FALSE")):
            raise self._unexpected()
        self._next()
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word in _SHAPES or word == "GEOMETRYCOLLECTION":
            return self._shape(word)
        if self._take("("):
            return self._call(said)
        return {"property": said}

    def _bracketed(self) -> Any:
        inner = self._deeper(self._expression)
        if not self._take(","):
            self._need(")")
            return inner
        return [inner, *self._listed(self._expression)]  # an array

    def _listed(self, read: Callable[[], Any]) -> list[Any]:
        out = [self._deeper(read)]
        while self._take(","):
            out.append(self._deeper(read))
        self._need(")")
        return out

    def _call(self, name: str) -> Any:
        word = name.upper()
        if word in ("DATE", "TIMESTAMP"):
            said = self._expression(_SUM)
            self._need(")")
            return {word.lower(): said}
        args = [] if self._take(")") else self._listed(self._expression)
        if word == "INTERVAL":
            return {"interval": [_unwrapped(arg) for arg in args]}
        if word == "BBOX":
            return {"bbox": args}
        return {"op": name.lower() if _STANDARD.fullmatch(word) else name, "args": args}

    # Shapes, as WKT has them.

    def _shape(self, word: str) -> Any:
        self._take("Z")
        if word == "GEOMETRYCOLLECTION":
            self._need("(")
            return {"type": "GeometryCollection", "geometries": self._listed(self._member)}
        name, depth = _SHAPES[word]
        self._need("(")
        if depth == 0:
            place = self._place()
            self._need(")")
            return {"type": name, "coordinates": place}
        return {"type": name, "coordinates": self._places(depth, loose=name == "MultiPoint")}

    def _member(self) -> Any:
        word = self._word()
        if word not in _SHAPES:
            raise self._unexpected()
        self._next()
        return self._shape(word)

    def _places(self, depth: int, *, loose: bool = False) -> list[Any]:
        def one() -> Any:
            if depth > 1:
                self._need("(")
                return self._places(depth - 1)
            if loose and self._take("("):  # MULTIPOINT((1 2), (3 4)) and MULTIPOINT(1 2, 3 4)
                place = self._place()
                self._need(")")
                return place
            return self._place()

        return self._listed(one)

    def _place(self) -> list[float]:
        numbers = []
        while self.kind == "number" or self.said in ("-", "+"):
            negative = bool(self._take("-"))
            if not negative:
                self._take("+")
            if self.kind != "number":
                raise self._unexpected()
            numbers.append(-float(self.said) if negative else float(self.said))
            self._next()
        if len(numbers) not in (2, 3):
            raise self._unexpected()
        return numbers


def _not(tree: Any) -> Any:
    return {"op": "not", "args": [tree]}


def _unwrapped(arg: Any) -> Any:
    """Return a moment in an interval as JSON has it there, without its constructor."""
    if isinstance(arg, dict) and len(arg) == 1 and set(arg) <= {"date", "timestamp"}:
        return next(iter(arg.values()))
    return arg


def _unescaped(said: str, keep: frozenset[str] = frozenset()) -> str:
    def meant(found: re.Match[str]) -> str:
        sign = found[1]
        if sign is None:
            return "'"
        return found[0] if sign in keep else _CONTROLS.get(sign, sign)

    return _ESCAPED.sub(meant, said[1:-1])
