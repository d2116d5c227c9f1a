"""The prefix of the codes of every community, and what is wrong with it, digit by digit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, InputError
from .intake.tables import EXCEL_ENDINGS, read_csv, read_excel
from .intake.telling import Rows, error, listed
from .intake.tiers import plain
from .schemes import Part, Scheme

Values = tuple[str, ...]

_BETWEEN = re.compile(r"[\s\-./_]+")
_COMMUNITY = "community community_name neighbourhood neighborhood 社区 社区名称 居委会 村居"
_PREFIX = (
    "prefix code community_code statistical_code 前缀 代码 编码 社区代码 社区编码 统计代码 "
    "统计用区划代码 区划代码"
)


@dataclass(frozen=True)
class Prefixes:
    """What was said of the prefixes: by community, and ``parts`` that all of them share.

    A prefix is digits, all parts in a row or with signs between them ("110101-001-001"), without
    those that ``parts`` give. ``whole``: one that was given without naming a community.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""


def settle_prefixes(
    scheme: Scheme, said: Prefixes, communities: Sequence[str]
) -> dict[str, Values]:
    """Return the digits of every part of a scheme, by community.

    Raises:
        InputError: every fault at once: communities without a prefix, unknown ones, prefixes that
            are not so many digits, parts out of their range, one prefix for two communities.
    """
    names = sorted(set(communities))
    texts = dict(said.of)
    faults = [*_faults_of_parts(scheme, said.parts), *_strangers(texts, names)]
    if said.whole:
        if len(names) > 1 or texts:
            message = f"the prefix {said.whole} names no community, and there are {listed(names)}"
            fix = "write --prefix COMMUNITY=DIGITS for each"
            faults.append(error("prefix-of-none", message, fix, first=said.whole))
            raise InputError(faults)
        texts[names[0]] = said.whole
    rows = Rows(np.array(names, dtype=object), "community", "communities")
    free = [part for part in scheme.parts if part.name not in said.parts]
    told = [texts.get(name, "").strip() for name in names]
    blank = np.array([free != [] and not text for text in told], bool)
    if blank.any():
        fix = "give each one with --prefix COMMUNITY=DIGITS, or all in a table with --prefixes"
        what = ("has no prefix", "have no prefix")
        faults.append(rows.fault("prefix-missing", blank, what, fix))
    pieces = [_pieces(text, free) for text in told]
    bad = np.array([p is None for p in pieces], bool) & ~blank
    if bad.any():
        faults.append(_not_digits(rows, bad, told, free))
    for at, part in enumerate(free):
        out = [p is not None and part.range_of(int(p[at])) is None for p in pieces]
        if any(out):
            value = next(p[at] for p, odd in zip(pieces, out, strict=True) if odd and p)
            rest = f"prefix, where {part.allowed()} is known"
            what = (
                f"has the {part.name} {value} in its {rest}",
                f"have a {part.name} {value} in their {rest}",
            )
            fix = "look the prefix up again; the parts are " + _form(free)
            code = "prefix-out-of-range"
            faults.append(rows.fault(code, np.array(out, bool), what, fix))
    whole = ["".join(p) if p else f"none {name}" for p, name in zip(pieces, names, strict=True)]
    twice = pd.Series(whole).duplicated(keep="first").to_numpy(bool)
    if twice.any():
        what = ("has the prefix of another one", "have the prefix of another one")
        fix = "give each community a prefix of its own, or its grids would share their codes"
        faults.append(rows.fault("prefix-twice", twice, what, fix))
    if faults:
        raise InputError(faults)
    return {
        name: _filled(scheme, said.parts, p or ()) for name, p in zip(names, pieces, strict=True)
    }


def read_prefixes(path: str | Path) -> dict[str, str]:
    """Read the prefix of every community from a table (CSV or Excel): ``community``, ``prefix``.

    Raises:
        InputError: every fault of the table at once.
    """
    path = Path(path)
    if not path.is_file():
        message = f"{path}: no such file"
        raise InputError([error("file-missing", message, "Check the path", first=str(path))])
    excel = path.suffix.lower() in EXCEL_ENDINGS
    table, numbers, _ = read_excel(path, None, "prefixes") if excel else read_csv(path)
    columns = [_column(table, usual) for usual in (_COMMUNITY, _PREFIX)]
    lost = [n for n, c in zip(("community", "prefix"), columns, strict=True) if c is None]
    if lost:
        message = (
            f"{path} has not one column for {listed(lost)}; columns there are: "
            f"{listed(table.columns)}"
        )
        fix = f"call the columns {listed(lost)}"
        raise InputError([error("columns-missing", message, fix, first=lost[0])])
    cells = [
        np.array(["" if c is None else str(c).strip() for c in table[name]], dtype=object)
        for name in columns
    ]
    rows = Rows(np.array([f"row {n}" for n in numbers], dtype=object), "row", "rows", f"{path}: ")
    frame = pd.DataFrame({"community": cells[0], "prefix": cells[1]})
    differs = frame.groupby("community")["prefix"].transform("nunique").to_numpy() > 1
    faults = []
    if (cells[0] == "").any():
        what = ("names no community", "name no community")
        fix = "fill the column community, or leave the row out"
        faults.append(rows.fault("row-without-community", cells[0] == "", what, fix))
    differs &= cells[0] != ""
    if differs.any():
        what = ("gives a community two prefixes", "give a community two prefixes")
        faults.append(rows.fault("prefix-unclear", differs, what, "leave one row a community"))
    if faults:
        raise InputError(faults)
    return dict(zip(cells[0].tolist(), cells[1].tolist(), strict=True))


def prefixes_of_column(table: pd.DataFrame, column: str) -> dict[str, str]:
    """Return the prefix of every community as a column of its buildings has it.

    Raises:
        InputError: there is no such column, or a community has none or several values.
    """
    if column not in table:
        there = [str(name) for name in table.columns if name != "geometry"]
        message = f"the buildings have no column {column!r}; there are {listed(there)}"
        raise InputError([error("column-missing", message, "name one of them", first=column)])
    texts = [_text(value) for value in table[column]]
    held = pd.DataFrame({"community": table["community"].astype(str), "prefix": texts})
    found = held[held["prefix"] != ""].groupby("community")["prefix"].unique()
    names = sorted(set(held["community"]))
    several = np.array([len(found.get(name, [])) > 1 for name in names], bool)
    if several.any():
        rows = Rows(np.array(names, dtype=object), "community", "communities")
        said = f"several values in {column!r}"
        fix = "give the buildings of a community one value"
        raise InputError(
            [rows.fault("prefix-unclear", several, (f"has {said}", f"have {said}"), fix)]
        )
    return {name: str(found[name][0]) for name in names if name in found.index}


def _column(table: pd.DataFrame, usual: str) -> str | None:
    names = {plain(word) for word in usual.split()}
    found = [str(name) for name in table.columns if plain(str(name)) in names]
    return found[0] if len(found) == 1 else None


def _text(value: Any) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _pieces(text: str, parts: Sequence[Part]) -> Values | None:
    """Return the digits of every part in a text, None where it has not just these."""
    pieces = [p for p in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if p]
    if len(pieces) == 1:
        ends = np.cumsum([part.digits for part in parts]).tolist()
        whole = pieces[0]
        if len(whole) != (ends or [0])[-1]:
            return None
        pieces = [whole[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    if len(pieces) != len(parts):
        return None
    right = all(
        len(p) == part.digits and p.isascii() and p.isdecimal()
        for p, part in zip(pieces, parts, strict=True)
    )
    return tuple(pieces) if right else None


def _not_digits(
    rows: Rows, bad: np.ndarray[Any, Any], texts: Sequence[str], free: Sequence[Part]
) -> Finding:
    form = f"{sum(part.digits for part in free)} digits ({_form(free)})"
    value = next(text for text, odd in zip(texts, bad.tolist(), strict=True) if odd)
    what = (f"has the prefix {value!r}, not {form}", f"have prefixes that are not {form}")
    fix = "write all its digits, zeros in front too; in Excel give the column the format Text"
    return rows.fault("prefix-unreadable", bad, what, fix)


def _form(parts: Sequence[Part]) -> str:
    return " + ".join(f"{part.name} {part.digits}" for part in parts) or "none"


def _filled(scheme: Scheme, parts: Mapping[str, str], pieces: Values) -> Values:
    rest = iter(pieces)
    return tuple(
        unicodedata.normalize("NFKC", parts[part.name]).strip()
        if part.name in parts
        else next(rest)
        for part in scheme.parts
    )


def _faults_of_parts(scheme: Scheme, said: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with the parts that all communities share."""
    known = {part.name: part for part in scheme.parts}
    faults = []
    for name, text in said.items():
        part = known.get(name)
        if part is None:
            message = f"{scheme.name} has no part {name!r}; its parts are {listed(known)}"
            faults.append(error("part-unknown", message, "name one of them", first=name))
            continue
        value = _pieces(text, [part])
        if value is None or part.range_of(int(value[0])) is None:
            message = f"the {name} {text!r} is not {part.digits} digits of {part.allowed()}"
            fix = f"write --part {name}={part.low:0{part.digits}d}, with the right digits"
            faults.append(error("part-unreadable", message, fix, first=name))
    return faults


def _strangers(said: Mapping[str, str], names: Sequence[str]) -> list[Finding]:
    odd = sorted(set(said) - set(names))
    if not odd:
        return []
    message = (
        f"{len(odd)} prefixes are of communities that the plan does not have (first: {odd[0]}); "
        f"it has {listed(names)}"
    )
    return [error("prefix-of-stranger", message, "write the names as the plan does",
                  count=len(odd), first=odd[0])]  # fmt: skip
