"""Schemes of grid codes as data: the parts of a prefix, the number of a grid, their order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeGuard

from .errors import Finding, InputError
from .intake.telling import error, listed
from .numbering import ORDERS, Numbering

_MOST_DIGITS = 18
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Part:
    """A part of the prefix of a community: so many digits, and what number they may be.

    ``ranges``: names of ranges and the lowest and highest number of each, no range where any
    number from ``low`` to ``high`` will do.
    """

    name: str
    digits: int
    low: int
    high: int
    ranges: tuple[tuple[str, int, int], ...] = ()

    def range_of(self, number: int) -> str | None:
        """Return the name of the range of a number ("" without ranges), None where it has none."""
        if not self.ranges:
            return "" if self.low <= number <= self.high else None
        found = (name for name, low, high in self.ranges if low <= number <= high)
        return next(found, None)

    def allowed(self) -> str:
        """Return what the number may be, in words: "001-099 (street), 100-199 (town)"."""
        width = self.digits
        if not self.ranges:
            return f"{self.low:0{width}d}-{self.high:0{width}d}"
        return ", ".join(f"{low:0{width}d}-{high:0{width}d} ({n})" for n, low, high in self.ranges)


@dataclass(frozen=True)
class Scheme:
    """How the codes of grids are made: a prefix a community, and a number a grid.

    ``unsure``: what of it is to be checked in the standard, "" where nothing is known to be.
    ``sequence``: digits, the first and the last number. ``alone``: the number of a grid that is
    its whole community, None where it is like any other. ``order``: of the first numbering,
    "rows" or "columns", see ``gridgeo.codes.reading_order``.
    """

    name: str
    parts: tuple[Part, ...]
    sequence: tuple[int, int, int]
    about: str = ""
    unsure: str = ""
    separator: str = ""
    alone: int | None = None
    order: str = ORDERS[0]

    @property
    def digits(self) -> int:
        """How many digits the prefix of a community has."""
        return sum(part.digits for part in self.parts)

    def numbering(self, values: Sequence[str]) -> Numbering:
        """Return the numbering of a community, from a text of digits for every part."""
        digits, first, last = self.sequence
        prefix = self.separator.join([*values, ""]) if self.separator else "".join(values)
        return Numbering(prefix, digits, first, last, self.alone, self.name, self.order)

    def told(self, values: Sequence[str]) -> str:
        """Return the digits of every part in words: "county 110101, street 001 (street)"."""
        out = []
        for part, value in zip(self.parts, values, strict=True):
            kind = part.range_of(int(value))
            named = f" ({kind})" if kind and kind != part.name else ""
            out.append(f"{part.name} {value}{named}")
        return ", ".join(out)

    def as_dict(self) -> dict[str, Any]:
        """Return the scheme in plain types, ready for JSON."""
        return asdict(self)


def known_schemes() -> dict[str, Scheme]:
    """Return the schemes that come with GridGeo, by name."""
    text = files("gridgeo").joinpath("schemes.toml").read_text(encoding="utf-8")
    return _schemes(tomllib.loads(text), "schemes.toml")


def read_schemes(path: str | Path) -> dict[str, Scheme]:
    """Read an office's own schemes from a TOML file, by name; ``schemes.toml`` tells its form.

    Raises:
        InputError: every fault of the file at once.
    """
    try:
        said = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        why, fix = fault.strerror or str(fault), "name a file of schemes with --scheme-file"
    except UnicodeDecodeError as fault:
        why, fix = f"is not UTF-8 (byte {fault.start})", "save it as UTF-8"
    except tomllib.TOMLDecodeError as fault:
        why, fix = f"is no TOML: {fault}", "write it as schemes.toml of GridGeo is written"
    else:
        return _schemes(said, str(path))
    raise InputError([error("schemes-unreadable", f"{path}: {why}", fix, first=str(path))])


def scheme_named(name: str | None, schemes: Mapping[str, Scheme]) -> Scheme:
    """Return the scheme of a name, or the only one where no name is given.

    Raises:
        InputError: there is no such scheme, or several and none named.
    """
    if name is None and len(schemes) == 1:
        return next(iter(schemes.values()))
    if name is None:
        message = f"no scheme is named; there are {listed(schemes)}"
        raise InputError([error("scheme-missing", message, "name one with --scheme")])
    if name in schemes:
        return schemes[name]
    near = get_close_matches(name, list(schemes), n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    message = f"there is no scheme {name!r}{hint}; there are {listed(schemes)}"
    fix = "name one of them, or describe your own with --scheme-file"
    raise InputError([error("scheme-unknown", message, fix, first=name)])


def _schemes(said: Mapping[str, Any], where: str) -> dict[str, Scheme]:
    reader = _Reader(where)
    reader.keys(said, "", ("scheme",))
    tables = said.get("scheme")
    if not isinstance(tables, dict) or not tables:
        reader.fault("", "holds no scheme", "write a table [scheme.NAME] for each")
        tables = {}
    schemes = {name: reader.scheme(name, table) for name, table in tables.items()}
    if reader.faults:
        raise InputError(reader.faults)
    return {name: scheme for name, scheme in schemes.items() if scheme is not None}


@dataclass
class _Reader:
    """Reads one table after another and keeps what was wrong in ``faults``."""

    where: str
    faults: list[Finding] = field(default_factory=list)

    def fault(self, place: str, said: str, fix: str) -> None:
        """Note a fault of the scheme or part ``place``."""
        named = f"[scheme.{place}] " if place else ""
        message = f"{self.where}: {named}{said}"
        self.faults.append(error("scheme-faulty", message, fix, first=place or self.where))

    def keys(self, table: Mapping[str, Any], place: str, known: Sequence[str]) -> None:
        """Note the keys of a table that nobody knows."""
        odd = sorted(set(table) - set(known))
        if odd:
            said = f"has no use for {listed(odd)}"
            self.fault(place, said, f"leave them out; there are {listed(known)}")

    def scheme(self, name: str, table: Any) -> Scheme | None:
        """Return one scheme, None where it is none."""
        before = len(self.faults)
        if not isinstance(table, dict) or not _NAME.fullmatch(name):
            self.fault(name, "is no scheme", "give a table with a name of a-z, 0-9, - and _")
            return None
        keys = [f.name for f in fields(Scheme) if f.name != "name"]
        self.keys(table, name, keys)
        texts = {key: table.get(key, "") for key in ("about", "unsure", "separator")}
        for key, text in texts.items():
            if not isinstance(text, str) or not text.isprintable():
                self.fault(name, f"{key} = {text!r} is no text on one line", "write it in quotes")
        if any(letter.isalnum() for letter in str(texts["separator"])):
            said = f"separator = {texts['separator']!r} holds letters or digits"
            self.fault(name, said, 'write a sign, as separator = "-"')
        order = table.get("order", ORDERS[0])
        if order not in ORDERS:
            self.fault(name, f"order = {order!r} is not known", f"write {' or '.join(ORDERS)}")
        parts = table.get("parts", [])
        if not isinstance(parts, list) or not parts:
            self.fault(name, "has no parts", 'write parts = [{ name = "county", digits = 6 }]')
            parts = []
        read = [self.part(name, at, part) for at, part in enumerate(parts, 1)]
        names = [part.name for part in read if part is not None]
        for twice in sorted({n for n in names if names.count(n) > 1}):
            self.fault(name, f"has two parts called {twice!r}", "give each a name of its own")
        sequence = self.sequence(name, table.get("sequence", {}))
        alone = table.get("alone")
        if alone is not None and (not _whole(alone) or alone >= sequence[1]):
            said = f"alone = {alone!r} is not below the first number, {sequence[1]}"
            self.fault(name, said, "write alone = 0, or leave it out")
        if len(self.faults) > before:
            return None
        held = tuple(part for part in read if part is not None)
        return Scheme(name, held, sequence, alone=alone, order=order, **texts)

    def part(self, scheme: str, at: int, table: Any) -> Part | None:
        """Return a part of a scheme, None where it is none."""
        before = len(self.faults)
        place = f"{scheme}] [part {at}"
        if not isinstance(table, dict):
            self.fault(place, "is no table", 'write { name = "county", digits = 6 }')
            return None
        self.keys(table, place, ("name", "digits", "low", "high", "ranges"))
        name, digits = table.get("name"), table.get("digits")
        if not isinstance(name, str) or not name.strip() or "=" in name:
            self.fault(place, f"name = {name!r} is no name", 'write name = "county"')
        if not _whole(digits) or not 1 <= digits <= _MOST_DIGITS:
            said = f"digits = {digits!r} is no number of digits"
            self.fault(place, said, f"write a whole number from 1 to {_MOST_DIGITS}")
            return None
        most = 10**digits - 1
        low, high = table.get("low", 0), table.get("high", most)
        if not (_whole(low) and _whole(high) and 0 <= low <= high <= most):
            said = f"low = {low!r} and high = {high!r} are no range of {digits} digits"
            self.fault(place, said, "write whole numbers, the smaller one first")
        ranges = self.ranges(place, table.get("ranges", {}), digits)
        if ranges and ("low" in table or "high" in table):
            self.fault(place, "has ranges, and low or high", "leave low and high out")
        return None if len(self.faults) > before else Part(str(name), digits, low, high, ranges)

    def ranges(self, place: str, said: Any, digits: int) -> tuple[tuple[str, int, int], ...]:
        """Return the ranges of a part, those left out that cannot be read."""
        if not isinstance(said, dict):
            self.fault(place, f"ranges = {said!r} is no table", 'write { street = "001-099" }')
            return ()
        out = []
        for name, text in said.items():
            found = _RANGE.fullmatch(text) if isinstance(text, str) else None
            ends = [] if found is None else [int(end) for end in found.groups()]
            if not ends or ends[0] > ends[1] or ends[1] >= 10**digits:
                fix = "write the smaller number first, as 001-099"
                self.fault(place, f"{name} = {text!r} is no range of {digits} digits", fix)
            else:
                out.append((str(name), ends[0], ends[1]))
        return tuple(out)

    def sequence(self, place: str, said: Any) -> tuple[int, int, int]:
        """Return the digits of the number of a grid, its first and its last."""
        usual = 3, 1, 999
        if not isinstance(said, dict):
            self.fault(place, f"sequence = {said!r} is no table", "write { digits = 3 }")
            return usual
        self.keys(said, f"{place}.sequence", ("digits", "first", "last"))
        digits = said.get("digits", 3)
        if not _whole(digits) or not 1 <= digits <= _MOST_DIGITS:
            fix = f"write a whole number from 1 to {_MOST_DIGITS}"
            self.fault(place, f"sequence of {digits!r} digits", fix)
            return usual
        first, last = said.get("first", 1), said.get("last", 10**digits - 1)
        if not (_whole(first) and _whole(last) and 0 <= first <= last < 10**digits):
            said_so = f"a sequence from {first!r} to {last!r} is none of {digits} digits"
            self.fault(place, said_so, "write whole numbers, the smaller one first")
            return usual
        return digits, first, last


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
