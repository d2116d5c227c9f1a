"""From a grid's figures back to the rows of the file they were summed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .entrances import UNNAMED
from .errors import Finding, InputError, Severity
from .intake.building_names import KnownBuildings
from .intake.counted import PART_COLUMNS
from .intake.households import homes_of
from .intake.roster_columns import ROSTER_ROLES
from .intake.roster_rows import read_roster_rows
from .intake.telling import Rows, error, listed, warning
from .intake.values import texts
from .model import Plan
from .sources import ROWS_COLUMN, SourceFile

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TracedBuilding:
    """A building, or an entrance of one, with the rows its figures came from, "2-15, 40"."""

    building_id: str
    grid_id: str
    households: int
    population: int
    rows: str


@dataclass(frozen=True, eq=False)
class Trace:
    """How the figures of one grid add up, or those of all grids where ``grid_id`` is "".

    ``source``: the file that the rows are of, None where the plan is too old to know it.
    ``findings``: differences from a roster as errors; what else should be told as warnings.
    """

    grid_id: str
    source: SourceFile | None
    buildings: tuple[TracedBuilding, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def households(self) -> int:
        """The sum over the buildings."""
        return sum(building.households for building in self.buildings)

    @property
    def population(self) -> int:
        """The sum over the buildings."""
        return sum(building.population for building in self.buildings)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, ready for JSON."""
        return {
            "grid_id": self.grid_id or None,
            "households": self.households,
            "population": self.population,
            "source": None
            if self.source is None
            else {
                "role": self.source.role,
                "name": self.source.name,
                "sha256": self.source.sha256,
                "told": self.source.told,
            },
            "buildings": [
                {
                    "building_id": building.building_id,
                    "grid_id": building.grid_id,
                    "households": building.households,
                    "population": building.population,
                    "rows": building.rows,
                }
                for building in self.buildings
            ],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def trace(plan: Plan, grid_id: str | None = None, *, roster: str | None = None) -> Trace:
    """Return how the figures of a grid, or of every grid, come from the rows of a file.

    Args:
        plan: a plan as read or made.
        grid_id: the grid; None for all.
        roster: the roster that the plan was made of, to be summed again; what differs from the
            plan, and whether it is still the same file, is told in the findings.

    Raises:
        InputError: there is no such grid; the plan was made without a roster; the roster
            cannot be read.
    """
    here = np.ones(len(plan.grid_ids), dtype=bool)
    if grid_id is not None:
        here = np.asarray(plan.grid_ids == grid_id, dtype=bool)
        if not here.any():
            known = listed(sorted(set(plan.grid_ids.tolist())))
            message = f"--trace {grid_id}: there is no such grid; grids there are: {known}"
            raise InputError([error("grid-unknown", message, "name one of them", first=grid_id)])
    source = next(iter(sorted(plan.sources, key=lambda one: one.role != "roster")), None)
    table = plan.buildings.table
    has_rows = source is not None and ROWS_COLUMN in table.columns
    rows = table[ROWS_COLUMN].fillna("") if has_rows else pd.Series([""] * len(table))
    told = []
    if not has_rows:
        message = "the plan does not say from which rows its figures come"
        told.append(warning("trace-without-rows", message, "divide again to have it kept"))
    buildings = tuple(
        TracedBuilding(str(name), str(grid), int(households), int(people), str(text))
        for name, grid, households, people, text, mine in zip(
            plan.buildings.ids, plan.grid_ids, plan.buildings.households,
            plan.buildings.population, rows, here, strict=True,
        )
        if mine
    )  # fmt: skip
    if roster is not None:
        told += _compared(plan, roster, here)
    return Trace(grid_id or "", source if has_rows else None, buildings, tuple(told))


def _compared(plan: Plan, roster: str, here: Array) -> list[Finding]:
    """Sum a roster again and tell what differs from the buildings ``here`` (bool, (n,))."""
    source = next((one for one in plan.sources if one.role == "roster"), None)
    if source is None:
        message = f"--roster {roster}: the plan was made without a roster"
        fix = "leave --roster out; its figures come from the file of buildings"
        raise InputError([error("plan-without-roster", message, fix, first=roster)])
    columns = {role: name for role, name in source.columns.items() if role in ROSTER_ROLES}
    rows, findings = read_roster_rows(roster, columns)
    if rows is None:
        fix = f"name its columns as those of {source.name} were"
        raise InputError(
            replace(finding, fix=fix) if finding.code.startswith("column") else finding
            for finding in findings
        )
    told = []
    if rows.source.sha256 != source.sha256:
        told.append(
            warning(
                "roster-other-file",
                f"{rows.source.name} is not the file the plan was made of: its sha256 begins "
                f"{rows.source.sha256[:12]}, that of {source.name} began {source.sha256[:12]}",
                "the rows named are those of the file then; the sums below are of this one",
            )
        )
    if rows.by_person != (source.told == "one row a person"):
        message = f"{rows.source.name} is now read as {rows.source.told}, then as {source.told}"
        told.append(warning("roster-other-kind", message, "check its columns"))
    homes = homes_of(rows, _known(plan))
    if rows.source.sha256 != source.sha256:
        told += _uncounted(homes.findings)
    return [*told, *_differences(plan, homes.entrances, here, rows.source.name)]


def _uncounted(findings: Iterable[Finding]) -> list[Finding]:
    """Return what keeps rows of another roster out of the sums, as partition would tell it.

    Buildings that the plan does not have are a warning: ``--where`` may have left them out.
    """
    fix = "no grid counts them; divide again, unless --where left these buildings out"
    return [
        replace(finding, severity=Severity.WARNING, fix=fix)
        if finding.code == "roster-building-unknown"
        else finding
        for finding in findings
        if finding.severity is Severity.ERROR
    ]


def _known(plan: Plan) -> KnownBuildings:
    """Return what the roster may call the buildings, each once, parts as their building."""
    table = plan.buildings.table
    whole = table["building"].astype(str) if "building" in table.columns else table["building_id"]
    first = ~whole.duplicated()
    said = next((one.columns for one in plan.sources if one.role == "buildings"), {})
    column = said.get("name", "")
    # a column of a name that the roster's own have was renamed
    column = f"{column}_source" if column in (*PART_COLUMNS, ROWS_COLUMN) else column
    names = texts(table[column])[first] if column in table.columns else None
    return KnownBuildings(whole[first].to_numpy(object), names)


def _differences(plan: Plan, sums: pd.DataFrame, here: Array, name: str) -> list[Finding]:
    table = plan.buildings.table
    entrance = table["entrance"].fillna("").astype(str)
    by_entrance: Mapping[tuple[str, str], tuple[int, int]] = {
        (row["building_id"], row["entrance"]): (row["households"], row["population"])
        for row in sums.to_dict("records")
    }
    whole = sums.groupby("building_id")[["households", "population"]].sum()
    by_building = dict(zip(whole.index, whole.itertuples(index=False, name=None), strict=True))
    now = np.array(
        [
            by_entrance.get((building, "" if part == UNNAMED else part), (0, 0))
            if part
            else by_building.get(building, (0, 0))
            for building, part in zip(table["building"].astype(str), entrance, strict=True)
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    then = np.column_stack([plan.buildings.households, plan.buildings.population])
    differ = here & (now != then).any(axis=1)
    if not differ.any():
        return []
    at = int(np.argmax(differ))
    more = (
        f"other figures in {name} than in the plan, as {now[at, 0]:,} households and "
        f"{now[at, 1]:,} people, not {then[at, 0]:,} and {then[at, 1]:,},"
    )
    rows = Rows(plan.buildings.ids, "building", "buildings")
    fix = "divide again if the roster is newer than the plan"
    return [rows.fault("roster-differs", differ, (f"has {more}", f"have {more}"), fix)]
