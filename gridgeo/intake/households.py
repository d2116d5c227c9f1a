"""A roster summed onto buildings and their entrances: every row is counted or told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding
from ..sources import ROWS_COLUMN, SourceFile, rows_of, rows_text
from .building_names import Finder, KnownBuildings
from .roster_faults import (
    disagreements,
    faults_of_matches,
    faults_of_places,
    told_left_out,
    without_households,
)
from .roster_rows import RosterRows, read_roster_rows

Array = np.ndarray[Any, Any]

ENTRANCE_COLUMNS = ("building_id", "entrance", "households", "population")
STATUS_COLUMNS = ("registered", "floating")
# Door numbers begin anew in every entrance: so many ids, and so large a share, stand in several.
_LEAST_SHARED, _MOSTLY = 3, 0.5
_UNIT = re.compile(r"(?<=\w)(单元|门洞|门|号|梯|#)+$")


@dataclass(frozen=True, eq=False)
class Homes:
    """What a roster comes to.

    ``entrances``: one row for each entrance of each building that has a household, sorted by
    building and then by entrance as a person counts: ``building_id``, ``entrance`` ("" where the
    roster names none), ``households``, ``population``, where the roster tells them ``registered``
    and ``floating``, and ``source_rows``. ``source``: the file. ``findings``: all there is to tell.
    """

    entrances: pd.DataFrame
    source: SourceFile
    findings: tuple[Finding, ...]

    def of_buildings(self, ids: Array) -> pd.DataFrame:
        """Return the sums over each of ``ids``, object (n,), in their order; 0 where none live."""
        named = [name for name in self.entrances.columns if name not in ("building_id", "entrance")]
        counted = [name for name in named if name != ROWS_COLUMN]
        groups = self.entrances.groupby("building_id", sort=False)
        sums = groups[counted].sum().reindex(ids, fill_value=0).astype(np.int64)
        rows = groups[ROWS_COLUMN].agg(_joined).reindex(ids, fill_value="")
        return sums.assign(**{ROWS_COLUMN: rows}).reset_index(drop=True)


def roster_findings(
    roster: str,
    building_ids: Sequence[str] | Array,
    names: Sequence[str] | Array | None = None,
    *,
    columns: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Return everything wrong or odd with a roster, for buildings of these ids and names.

    Args:
        roster: "file" or "file:layer".
        building_ids: text, all different.
        names: what else each is called, "" for nothing; None where nothing names them.
        columns: the column of the roster by role, see ``ROSTER_ROLES``.
    """
    ids = np.array([str(name) for name in building_ids], dtype=object)
    called = None if names is None else np.array([str(name) for name in names], dtype=object)
    rows, findings = read_roster_rows(roster, columns or {})
    if rows is None:
        return findings
    return homes_of(rows, KnownBuildings(ids, called)).findings


def homes_of(rows: RosterRows, known: KnownBuildings) -> Homes:
    """Look every row's building up and sum the rows; what is at fault is told, not raised."""
    finder = Finder(known)
    texts = sorted({str(text) for text in rows.building if text})
    matches = {text: finder.find(text) for text in texts}
    at = np.array([matches[t].row if t else -1 for t in rows.building], dtype=np.int64)
    entrance = _entrances(rows.entrance)
    places = _places(rows, at, entrance)
    findings = [
        *rows.findings,
        *faults_of_matches(rows, matches, known),
        *faults_of_places(rows, places),
        *told_left_out(rows, matches),
    ]
    table = _summed(rows, known, at, places)
    households = np.zeros(len(known.ids), dtype=np.int64)
    counted = table.groupby("building_id")["households"].sum()
    households[:] = counted.reindex(known.ids, fill_value=0).to_numpy()
    findings += without_households(households, known)
    homes = Homes(table, rows.source, tuple(findings))
    told = disagreements(homes.of_buildings(known.ids), known, rows.source.name)
    return replace(homes, findings=(*findings, *told))


def entrance_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts entrances as a person counts: 1, 2, 10, A, and "" last."""
    if not text:
        return ((2, 0, ""),)
    pieces = re.findall(r"\d+|\D+", unicodedata.normalize("NFKC", text).casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces)


def _entrances(texts: Array) -> Array:
    """Return one writing for entrances that differ in marks, zeros and spaces alone.

    The shortest of them stands for all: "1", "01" and "1单元" are "1".
    """
    alike: dict[str, list[str]] = {}
    for text in sorted({str(t) for t in texts}):
        alike.setdefault(_plain_entrance(text), []).append(text)
    chosen = {
        text: min(forms, key=lambda form: (len(form), form))
        for forms in alike.values()
        for text in forms
    }
    return np.array([chosen[str(text)] for text in texts], dtype=object)


def _plain_entrance(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return re.sub(r"(?<!\d)0+(?=\d)", "", _UNIT.sub("", plain))


def _places(rows: RosterRows, at: Array, entrance: Array) -> pd.DataFrame:
    """Return where every row is: ``building`` (a row number, or text where unknown), ``entrance``,
    ``household``, ``home``: int64, one number for all rows of a household, -1 where it has no id;
    ``door``: whether ids are door numbers, which begin anew in every entrance.
    """
    building = np.where(at >= 0, at.astype(str), "?" + rows.building.astype(object))
    frame = pd.DataFrame({"building": building, "entrance": entrance, "household": rows.household})
    named = (frame["household"] != "").to_numpy(bool)
    spread = frame[named].drop_duplicates().groupby("household").size() > 1
    door = bool(spread.sum() >= _LEAST_SHARED and spread.mean() > _MOSTLY)
    keys = ["building", "entrance", "household"] if door else ["household"]
    frame["home"] = np.where(named, frame.groupby(keys, sort=False).ngroup(), -1)
    if rows.by_person and not door:
        # often only the row of the head of the household has it
        said = frame["entrance"].where(frame["entrance"] != "").groupby(frame["home"])
        known = said.transform("first").fillna("")
        frame["entrance"] = frame["entrance"].where(frame["entrance"] != "", known)
    return frame.assign(door=door)


def _summed(
    rows: RosterRows, known: KnownBuildings, at: Array, places: pd.DataFrame
) -> pd.DataFrame:
    """Sum the rows that count, by building and entrance."""
    kept = (at >= 0) & ~rows.repeats & (places["home"] >= 0).to_numpy(bool)
    frame = pd.DataFrame(
        {
            "building_id": known.ids[at[kept]],
            "entrance": places["entrance"].to_numpy(object)[kept],
            "home": places["home"].to_numpy(np.int64)[kept],
            "population": rows.persons[kept],
            **{
                role: getattr(rows.statuses, role)[kept]
                for role in STATUS_COLUMNS
                if rows.statuses.registered is not None
            },
            "row": rows.numbers[kept],
        }
    )
    by = ["building_id", "entrance"]
    groups = frame.groupby(by, sort=False)
    summed = [name for name in ("population", *STATUS_COLUMNS) if name in frame]
    table = groups[summed].sum().astype(np.int64)
    # who moved between entrances is told as a fault; counting each home once keeps sums whole
    table.insert(0, "households", groups["home"].nunique().astype(np.int64))
    table[ROWS_COLUMN] = groups["row"].agg(rows_text).astype(object)
    table = table.reset_index()
    keys = zip(table["building_id"], map(entrance_key, table["entrance"]), strict=True)
    order = [at for _, at in sorted(zip(keys, range(len(table)), strict=True))]
    return table.iloc[order].reset_index(drop=True)


def _joined(texts: pd.Series) -> str:
    return rows_text(number for text in texts for number in rows_of(text))
