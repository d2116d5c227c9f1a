"""A limits.toml to a book of limits; every fault of the file is told at once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import Finding, InputError
from .intake.telling import error, listed
from .limits import Band, LimitBook, Limits, Rule

_BANDS = ("households", "population")
_LIMITS = (*_BANDS, "max_span_m")
_OF_KIND = (*_LIMITS, "exclusive", "each")


@dataclass(frozen=True)
class LimitsFile:
    """A file that was read: its book, and which of the usual limits it names itself."""

    book: LimitBook
    named: frozenset[str]


def read_limits(path: str | Path) -> LimitBook:
    """Read limits by kind and by community from a TOML file.

    At the top ``households``, ``population`` (``"300:500"``), ``max_span_m`` (metres) for every
    grid that no table is about, and ``kind_column``, the column that names kinds. Tables
    ``[kind.NAME]``, ``[community.NAME]`` and ``[community.NAME.kind.NAME]`` hold what is other
    there; a kind may also be ``exclusive = true``, and then ``each = "COLUMN"``: see ``Rule``.

    Raises:
        InputError: with every fault of the file at once.
    """
    return read_limits_file(path).book


def read_limits_file(path: str | Path) -> LimitsFile:
    """Read limits as ``read_limits`` does, and tell which of the usual ones the file names.

    Raises:
        InputError: with every fault of the file at once.
    """
    said = _parsed(Path(path))
    reader = _Reader(str(path))
    usual = reader.usual(said)
    kinds = reader.tables(said, "kind", ())
    rules, both = {}, {}
    for name, table in reader.named_tables(said, "community", ()).items():
        rules[name] = reader.rule(table, ("community", name), (*_LIMITS, "kind"))
        for kind, rule in reader.tables(table, "kind", ("community", name)).items():
            both[name, kind] = rule
    rules = {name: rule for name, rule in rules.items() if rule != Rule()}
    if reader.faults:
        raise InputError(reader.faults)
    book = LimitBook(usual, str(said.get("kind_column", "")).strip(), kinds, rules, both)
    return LimitsFile(book, frozenset(set(said) & set(_LIMITS)))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return " (did you mean 'X'?)" for the known name that is most alike, "" for none."""
    found = get_close_matches(name, known, n=1, cutoff=0.5)  # names of two letters are many
    return f" (did you mean {found[0]!r}?)" if found else ""


def _parsed(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises:
        InputError: there is no such file, it is not UTF-8, or it is no TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        said, fix = fault.strerror or str(fault), "name a file of limits with --limits"
    except UnicodeDecodeError as fault:
        said, fix = f"is not UTF-8 (byte {fault.start})", "save it as UTF-8"
    except tomllib.TOMLDecodeError as fault:
        said = f"is no TOML: {fault}"
        fix = (
            'write text in quotes, as households = "300:500", and names of other letters than '
            'a-z too, as [kind."自管"]'
        )
    raise InputError([error("limits-unreadable", f"{path}: {said}", fix, first=str(path))])


@dataclass
class _Reader:
    """Reads one table after another and keeps what was wrong in ``faults``."""

    name: str
    faults: list[Finding] = field(default_factory=list)

    def fault(self, code: str, place: Sequence[str], said: str, fix: str) -> None:
        """Note a fault of the table at ``place``."""
        where = f"[{'.'.join(_key(part) for part in place)}] " if place else ""
        first = ".".join(place) or self.name
        self.faults.append(error(code, f"{self.name}: {where}{said}", fix, first=first))

    def usual(self, said: Mapping[str, Any]) -> Limits:
        """Return the limits at the top of the file, the usual ones where it names none."""
        rule = self.rule(said, (), (*_LIMITS, "kind_column", "kind", "community"))
        column = said.get("kind_column", "-")
        if not (isinstance(column, str) and column.strip()):
            fix = 'write it as kind_column = "COLUMN"'
            self.fault("limits-value", (), f"kind_column = {column!r} is no column", fix)
        usual = Limits()
        span_m = None if rule.max_span_m in (None, math.inf) else rule.max_span_m
        return Limits(rule.households or usual.households, rule.population or usual.population,
                      span_m)  # fmt: skip

    def tables(self, said: Mapping[str, Any], key: str, place: tuple[str, ...]) -> dict[str, Rule]:
        """Return the rules of all kinds in a table."""
        found = self.named_tables(said, key, place)
        return {
            name: self.rule(table, (*place, key, name), _OF_KIND) for name, table in found.items()
        }

    def named_tables(
        self, said: Mapping[str, Any], key: str, place: tuple[str, ...]
    ) -> dict[str, Mapping[str, Any]]:
        """Return the tables within a table by their names, stripped."""
        inner = said.get(key, {})
        example = ".".join([*(_key(part) for part in place), key])
        fix = f'write it as a table of its own, [{example}."NAME"]'
        if not isinstance(inner, dict):
            self.fault("limits-value", place, f"{key} = {inner!r} is no table", fix)
            return {}
        out: dict[str, Mapping[str, Any]] = {}
        for raw, table in inner.items():
            name = raw.strip()
            if not isinstance(table, dict):
                known = f"{key}.{raw} = {table!r} is no table"
                self.fault("limits-value", place, known, fix)
            elif not name:
                self.fault("limits-name", place, f"a {key} has no name", "name it")
            elif name in out:
                self.fault("limits-name", place, f"{key} {name!r} stands twice", "keep one")
            else:
                out[name] = table
        return out

    def rule(self, table: Mapping[str, Any], place: tuple[str, ...], known: Sequence[str]) -> Rule:
        """Return what a table says; keys that are not ``known`` are faults."""
        for key in table:
            if key not in known:
                said = f"knows no {key!r}{nearest(key, known)}"
                self.fault("limits-key", place, said, f"the keys here are {listed(known)}")
        bands = {key: self._band(table, key, place) for key in _BANDS}
        exclusive, each = table.get("exclusive"), table.get("each")
        if "exclusive" not in known:
            exclusive, each = None, None
        if not isinstance(exclusive, bool | None):
            fix = "write it as exclusive = true, without quotes"
            said = f"exclusive = {exclusive!r} is not true or false"
            self.fault("limits-value", place, said, fix)
            exclusive = None
        if each is not None and not (isinstance(each, str) and each.strip()):
            fix = 'write it as each = "COLUMN"'
            self.fault("limits-value", place, f"each = {each!r} is no column", fix)
            each = None
        if exclusive and any(key in table for key in _LIMITS):
            said = "is exclusive and has limits: what is exclusive is a grid whatever it holds"
            self.fault("limits-exclusive", place, said, "leave out one of them")
        if each is not None and not exclusive and "exclusive" not in table:
            said = f"each = {each!r} without exclusive = true"
            self.fault("limits-exclusive", place, said, "add exclusive = true, or leave it out")
        span_m = self._metres(table, place)
        return Rule(
            bands["households"], bands["population"], span_m, exclusive, each and each.strip()
        )

    def _band(self, table: Mapping[str, Any], key: str, place: Sequence[str]) -> Band | None:
        value = table.get(key)
        if value is None:
            return None
        fix = f'write it as {key} = "{getattr(Limits(), key)}", the smaller number first'
        if isinstance(value, str):
            try:
                return Band.parse(value)
            except ValueError as fault:
                self.fault("limits-band", place, f"{key} = {value!r}: {fault}", fix)
                return None
        self.fault("limits-band", place, f"{key} = {value!r} is no band", fix)
        return None

    def _metres(self, table: Mapping[str, Any], place: Sequence[str]) -> float | None:
        value = table.get("max_span_m")
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        fix = "write a number of metres above 0, as max_span_m = 600, or inf for none"
        self.fault("limits-span", place, f"max_span_m = {value!r} is no length", fix)
        return None


def _key(part: str) -> str:
    return part if part.isascii() and part.replace("-", "_").isidentifier() else f'"{part}"'
