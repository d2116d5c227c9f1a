"""A roster's sums in the place of what the file of buildings counts, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import Finding
from ..sources import ROWS_COLUMN, SourceFile, sha256_of
from .buildings import BuildingsFile, Wishes
from .households import STATUS_COLUMNS, Homes, homes_of
from .roster_columns import ROSTER_ROLES
from .roster_rows import RosterRows, read_roster_rows
from .source import split_layer

# What the buildings get from a roster beside their counts: the building that a part is of, and
# which part; see ``gridgeo.entrances``.
PART_COLUMNS = ("building", "entrance")


@dataclass(frozen=True, eq=False)
class RosterFile:
    """A roster as read: its rows, None where the file is at fault; and what was wrong."""

    rows: RosterRows | None
    findings: tuple[Finding, ...]


def read_roster(roster: str | Path | None, asked: Wishes) -> tuple[RosterFile | None, Wishes]:
    """Read a roster where one is named, and return what is left to wish of the buildings.

    ``asked``: of both files; its columns are by role.
    """
    if roster is None:
        return None, asked
    given = dict(asked.columns or {})
    mine = {role: given.pop(role) for role in ROSTER_ROLES if role in given}
    rows, findings = read_roster_rows(str(roster), mine)
    told = () if rows is None or rows.statuses.registered is None else STATUS_COLUMNS
    reserved = (*PART_COLUMNS, *told)
    wishes = replace(asked, columns=given, counted=False, reserved=reserved)
    return RosterFile(rows, findings), wishes


def counted_by(
    file: RosterFile | None, read: BuildingsFile
) -> tuple[BuildingsFile, Homes | None, tuple[Finding, ...]]:
    """Return the buildings with the counts of the roster, its sums, and what to tell of it."""
    if file is None:
        return read, None, ()
    if file.rows is None or read.known is None:
        return read, None, file.findings
    homes = homes_of(file.rows, read.known)
    called = {"name": read.known.named_by} if read.known.named_by else {}
    columns = {**read.columns, **called, **homes.source.columns}
    columns["roster"] = f"{homes.source.name}, {homes.source.told}"
    table = read.table
    if table is not None:
        sums = homes.of_buildings(table["building_id"].to_numpy(object))
        counts = [name for name in sums.columns if name != ROWS_COLUMN]
        table = table.assign(
            **{name: sums[name].to_numpy() for name in counts},
            building=pd.array(table["building_id"].tolist(), dtype="str"),
            entrance=pd.array([""] * len(table), dtype="str"),
        )
        table[ROWS_COLUMN] = pd.array(sums[ROWS_COLUMN].tolist(), dtype="str")
        last = [*PART_COLUMNS, ROWS_COLUMN]
        table = table[[*(name for name in table.columns if name not in last), *last]]
    return replace(read, table=table, columns=columns), homes, homes.findings


def sources_of_town(
    buildings: str, columns: Mapping[str, str], homes: Homes | None
) -> tuple[SourceFile, ...]:
    """Return the files that figures came from: the buildings, and the roster where there is one."""
    path, layer = split_layer(buildings)
    roster: tuple[Any, ...] = () if homes is None else (homes.source,)
    theirs = {} if homes is None else {*homes.source.columns, "roster"}
    own = {role: name for role, name in columns.items() if role not in theirs}
    name = path.name + (f":{layer}" if layer else "")
    return (SourceFile("buildings", name, sha256_of(path), own), *roster)
