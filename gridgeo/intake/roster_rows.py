"""The rows of a roster, read and checked by themselves: whose, where, how many persons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding, InputError
from ..sources import SourceFile, rows_text, sha256_of
from .roster_columns import choose_roster_columns
from .source import Raw, read_source, split_layer
from .statuses import Statuses, read_statuses
from .telling import Rows, error, warning
from .values import amounts, counts, texts

Array = np.ndarray[Any, Any]

BY_HOUSEHOLD, BY_PERSON = "one row a household", "one row a person"
# Of the households that tell the two kinds of roster apart, so many must agree.
_MOSTLY = 0.5
# One-person flats make one row a household with persons = 1 everywhere; families do not.
_REPEATED = 0.3
# A column of so many different values names persons; without one, two rows alike may be twins.
_NAMING = 0.9
_SHORTENED = re.compile(r"\d(?:\.\d+)?[eE]\+\d{2}")
_MOST_RANGES = 100


@dataclass(frozen=True, eq=False)
class RosterRows:
    """A roster as read, n rows; nothing in it was looked up yet.

    ``numbers``: int64 (n,), the row a planner sees. ``household``, ``building``, ``entrance``:
    object (n,), stripped text, "" where missing. ``persons``: int64 (n,). ``statuses``: see
    ``Statuses``. ``repeats``: bool (n,), rows that repeat an earlier one and do not count.
    ``by_person``: a row is a person, else a household. ``source``: the file.
    """

    numbers: Array
    household: Array
    building: Array
    entrance: Array
    persons: Array
    statuses: Statuses
    repeats: Array
    by_person: bool
    source: SourceFile
    findings: tuple[Finding, ...]

    def rows(self) -> Rows:
        """Return how to name the rows in a message: by number, never by what they hold."""
        return _named(self.numbers, self.source.name)


def read_roster_rows(
    named: str, columns: Mapping[str, str]
) -> tuple[RosterRows | None, tuple[Finding, ...]]:
    """Read a roster; nothing is raised. No rows where the file or its columns are at fault.

    Args:
        named: "file" or "file:layer", anything that ``read_source`` reads.
        columns: the column by role, see ``ROSTER_ROLES``; the others are found by their names.
    """
    try:
        path, layer = split_layer(named)
        raw = read_source(named, "roster")
    except InputError as fault:
        return None, fault.findings
    names = [str(name) for name in raw.attributes.columns]
    name = path.name + (f":{layer}" if layer else "")
    chosen = choose_roster_columns(names, columns, where=name, repeated=raw.repeated)
    if not len(raw.attributes):
        told = error("file-empty", f"{name} holds no households", "check the file")
        return None, (*raw.findings, *chosen.findings, told)
    if chosen.findings:
        return None, (*raw.findings, *chosen.findings)
    return _rows(raw, chosen.of, SourceFile("roster", name, sha256_of(path), dict(chosen.of)))


def _rows(
    raw: Raw, of: Mapping[str, str], source: SourceFile
) -> tuple[RosterRows, tuple[Finding, ...]]:
    rows = _named(raw.numbers, source.name)
    n = len(raw.attributes)
    cells = {
        role: texts(raw.attributes[of[role]]) if role in of else np.full(n, "", dtype=object)
        for role in ("household", "building", "entrance")
    }
    findings = [*raw.findings, *_faults_of_ids(cells, of, rows)]
    persons = np.ones(n, dtype=np.int64)
    by_person = "persons" not in of
    if not by_person:
        fill = f"fill {of['persons']!r}, or delete these rows"
        persons, faults = counts(raw.attributes[of["persons"]], rows, of["persons"], fill=fill)
        by_person, told = _are_persons(cells, persons, of["persons"], source.name)
        if by_person:
            persons = np.ones(n, dtype=np.int64)
            findings += told
        else:
            nobody = amounts(raw.attributes[of["persons"]]) == 0
            findings += [*faults, *_nobody(nobody, of["persons"], rows)]
    repeats = _repeats(raw.attributes, of, by_person=by_person) & (cells["household"] != "")
    if repeats.any():
        findings.append(_told_repeats(raw.numbers[repeats], source.name))
    statuses = read_statuses(raw.attributes, of, persons, rows)
    findings += statuses.findings
    out = RosterRows(
        raw.numbers, cells["household"], cells["building"], cells["entrance"], persons,
        statuses, repeats, by_person,
        replace(source, told=BY_PERSON if by_person else BY_HOUSEHOLD), tuple(findings),
    )  # fmt: skip
    return out, out.findings


def which_rows(numbers: Array) -> str:
    """Return "row 17" or "rows 17, 40-41", cut after a hundred ranges."""
    ranges = rows_text(numbers.tolist()).split(", ")
    more = f" and {len(ranges) - _MOST_RANGES} more ranges" if len(ranges) > _MOST_RANGES else ""
    return f"row{'s' if len(numbers) > 1 else ''} {', '.join(ranges[:_MOST_RANGES])}{more}"


def _named(numbers: Array, name: str) -> Rows:
    texts_of_rows = np.array([f"row {number}" for number in numbers.tolist()], dtype=object)
    return Rows(texts_of_rows, "row", "rows", f"{name}: ")


def _faults_of_ids(cells: Mapping[str, Array], of: Mapping[str, str], rows: Rows) -> list[Finding]:
    findings = []
    for role in ("household", "building"):
        blank = cells[role] == ""
        if blank.any():
            what = (f"has no {role}", f"have no {role}")
            findings.append(rows.fault(f"{role}s-missing", blank, what, f"fill {of[role]!r}"))
        shortened = np.array([bool(_SHORTENED.fullmatch(str(t))) for t in cells[role]], dtype=bool)
        if shortened.any():
            what = (f"holds a {role} that was shortened to a number",
                    f"hold a {role} that was shortened to a number")  # fmt: skip
            fix = f"format the column {of[role]!r} as text in the spreadsheet before filling it in"
            findings.append(rows.fault("ids-shortened", shortened, what, fix))
    return findings


def _nobody(nobody: Array, column: str, rows: Rows) -> list[Finding]:
    if not nobody.any():
        return []
    what = (f"is a household of 0 in {column!r}", f"are households of 0 in {column!r}")
    fix = "they are counted as households without people; delete them if the flats are empty"
    return [rows.warning("household-of-nobody", nobody, what, fix)]


def _told_repeats(numbers: Array, name: str) -> Finding:
    count = len(numbers)
    first = which_rows(numbers[:1])
    what = (
        "row repeats an earlier one and is" if count == 1 else "rows repeat an earlier one and are"
    )
    message = f"{name}: {count} {what} not counted again ({which_rows(numbers)})"
    return warning(
        "roster-row-twice", message, "delete what stands twice", count=count, first=first
    )


def _are_persons(
    cells: Mapping[str, Array], persons: Array, column: str, name: str
) -> tuple[bool, list[Finding]]:
    """Return whether rows are persons although there is a column of persons; and what to tell.

    Such a column then repeats the size of the household on the row of everyone in it, or is 1.
    """
    homes = pd.DataFrame({**cells, "persons": persons})
    homes = homes[homes["household"] != ""]
    sizes = homes.groupby(["building", "entrance", "household"])["persons"].agg(
        ["size", "min", "max"]
    )
    several = sizes["size"] > 1
    telling = several | (sizes["max"] > 1)
    fits = (sizes["size"] == sizes["min"]) & (sizes["size"] == sizes["max"])
    as_size = bool(telling.any() and several.any() and fits[telling].mean() > _MOSTLY)
    ones = bool((sizes["max"] == 1).all() and len(sizes) and several.mean() > _REPEATED)
    if not (as_size or ones):
        return False, []
    told = [
        warning(
            "roster-of-persons",
            f"{name}: most households stand in as many rows as they have persons, so a row is "
            f"read as a person and {column!r} as the size of the household"
            if as_size
            else f"{name}: households stand in several rows of one person each, so a row is read "
            "as a person",
            "keep one row a household if that is not meant",
        )
    ]
    differ = sizes[~fits] if as_size else sizes[:0]
    if len(differ):
        have = "household has" if len(differ) == 1 else "households have"
        told.append(
            warning(
                "persons-differ",
                f"{name}: {len(differ)} {have} another number of rows than of persons "
                f"in {column!r} (first: in building {differ.index[0][0]}); their rows are counted",
                "correct the one or the other",
                count=len(differ),
                first=str(differ.index[0][0]),
            )
        )
    return True, told


def _repeats(attributes: pd.DataFrame, of: Mapping[str, str], *, by_person: bool) -> Array:
    """Return which rows are in every cell like an earlier one, bool (n,).

    Rows of persons that neither name nor number may be alike by right: twins, say.
    """
    again = np.asarray(attributes.duplicated(keep="first").to_numpy(), dtype=bool)
    if not by_person:
        return again
    others = [name for name in attributes.columns if name not in of.values()]
    named = any(attributes[name].nunique() >= _NAMING * len(attributes) for name in others)
    return again if named else np.zeros(len(attributes), dtype=bool)
