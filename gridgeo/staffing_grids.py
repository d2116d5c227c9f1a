"""What a grid asks of its owner: workload, languages, and whom its residents know today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .candidates import Candidate, language_key, languages_in
from .errors import Finding, InputError, Severity
from .grid_places import GridPlaces
from .intake.columns import asked_column, column_missing
from .intake.telling import error, warning
from .intake.values import texts
from .model import Plan
from .record import ROLES, Staff
from .scorecard import grid_rows
from .staffing_aims import LEAST_SHARE, StaffingAims
from .worker_columns import need_columns
from .worker_sheet import Sheet, told
from .workload import column_names, settled, workload_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class StaffedGrids:
    """The grids of a plan, g of them, as what is to be staffed.

    ``ids``: sorted, object (g,). ``of``: int64 (n,), the grid of every building. ``households``:
    int64 (g,). ``load``: float64 (g,), the workload of each, by the expression ``workload``.
    ``communities``: object (g,). ``needs``: of each grid the languages it needs, by how they are
    compared, with how they are written and of how many households they are. ``today``: object (n,),
    the grid every building is in today, as workers' ``grid_id`` and the plan's staff name it.
    ``today_said``: which grids those are, in words.
    """

    ids: Array
    of: Array
    households: Array
    load: Array
    workload: str
    communities: Array
    needs: tuple[Mapping[str, tuple[str, int]], ...]
    today: Array
    today_said: str


def read_grids(
    plan: Plan, aims: StaffingAims, places: GridPlaces
) -> tuple[StaffedGrids, list[Finding]]:
    """Return what a plan's grids ask of their owners, and what should be told of it.

    Raises:
        InputError: every fault of the workload, the columns named and the table of needs.
    """
    grids, buildings = grid_rows(plan), plan.buildings
    faults: list[Finding] = []
    said: list[Finding] = []
    expression = aims.workload or plan.aim.workload
    load = np.zeros(len(grids.ids))
    try:
        expression = settled(expression, buildings, {})
        work, odd = workload_of(buildings, expression)
        load = np.asarray(work.in_units(grids.sums(work.parts)), np.float64)
        said += odd
    except InputError as fault:
        faults += fault.findings
    spoken = _column(plan, aims.language, "--language", faults)
    needs: list[dict[str, tuple[str, int]]] = [{} for _ in grids.ids]
    if spoken is not None:
        needs, few = _needs_of_buildings(spoken, grids.of, buildings.households, grids.ids)
        said += few
    households = grids.sums(buildings.households)
    if aims.needs is not None:
        try:
            for at, label in _needs_of_table(aims.needs, places, grids.ids):
                needs[at][language_key(label)] = (label, int(households[at]))
        except InputError as fault:
            faults += fault.findings
    today = _column(plan, aims.today, "--today", faults)
    if faults:
        raise InputError(faults)
    _, first = np.unique(grids.of, return_index=True)
    staffed_before = plan.was is not None and not _staffed_since_redraw(plan)
    if today is not None:
        today_said = f"those of the column {aims.today!r}"
    elif staffed_before:
        today, today_said = plan.was, "those of before the redraw"
    else:
        today, today_said = plan.grid_ids, "those of this plan"
    assert today is not None  # a plan drawn again knows what was before
    return StaffedGrids(
        ids=grids.ids,
        of=grids.of,
        households=households,
        load=load,
        workload=expression,
        communities=buildings.communities[first],
        needs=tuple(needs),
        today=today,
        today_said=today_said,
    ), said


def known_households(
    plan: Plan, grids: StaffedGrids, workers: Sequence[Candidate], *, name: str
) -> tuple[Array, list[Finding]]:
    """Return the households of every grid whose worker each one is today, int64 (w, g).

    By the grids that the table gives the worker, else by those that the plan's staff does.
    ``name``: of the table, for messages.
    """
    out = np.zeros((len(workers), len(grids.ids)), np.int64)
    owners = [one for one in plan.record.staff if one.role == ROLES[0]]
    # staff of before a redraw is told by the grids of before it, whatever --today says
    staffed = plan.grid_ids
    if plan.was is not None and not _staffed_since_redraw(plan):
        staffed = plan.was
    lost, differ = [], []
    for at, worker in enumerate(workers):
        theirs = tuple(sorted(one.grid_id for one in owners if _same(one, worker)))
        if worker.now:
            mine = np.isin(grids.today.astype(str), worker.now)
            if not mine.any():
                lost.append(worker)
            if theirs and theirs != worker.now and staffed is grids.today:
                differ.append((worker, theirs))
        else:
            mine = np.isin(staffed.astype(str), theirs)
        np.add.at(out[at], grids.of[mine], plan.buildings.households[mine])
    said = []
    if lost:
        first = f"{lost[0].called}, {lost[0].now[0]}"
        message = (
            f"{name}: the grid_id of {len(lost)} workers is none of today's grids, "
            f"{grids.today_said} (first: {first}); nobody is counted as known to them"
        )
        fix = "correct it, or name with --today the column of the buildings that has such grids"
        said.append(warning("today-unknown", message, fix, count=len(lost), first=first))
    if differ:
        worker, theirs = differ[0]
        first = f"{worker.called}: {', '.join(worker.now)}, in the plan {', '.join(theirs)}"
        message = (
            f"{name}: the grid_id of {len(differ)} workers is another than the plan's staff has "
            f"(first: {first}); the table counts"
        )
        fix = "empty grid_id to go by the plan"
        said.append(warning("today-differs", message, fix, count=len(differ), first=first))
    return out, said


def _same(one: Staff, worker: Candidate) -> bool:
    if one.worker_id and worker.worker_id:
        return one.worker_id == worker.worker_id
    return one.name == worker.name


def _staffed_since_redraw(plan: Plan) -> bool:
    actions = [version.action for version in plan.record.versions]
    last = {action: at for at, action in enumerate(actions)}
    return last.get("owners", -1) > last.get("redraw", -1)


def _column(plan: Plan, asked: str, option: str, faults: list[Finding]) -> Array | None:
    """Return a column of the buildings as text, None where none was asked for or is there."""
    if not asked:
        return None
    names = column_names(plan.buildings)
    found = asked_column(asked, names)
    if found is None:
        faults.append(column_missing(asked, option, names, "the plan's buildings"))
        return None
    return texts(plan.buildings.table[found])


def _needs_of_buildings(
    spoken: Array, of: Array, households: Array, ids: Array
) -> tuple[list[dict[str, tuple[str, int]]], list[Finding]]:
    """Return the languages that enough households of a grid are said to speak."""
    labels: dict[str, str] = {}
    sums: list[dict[str, int]] = [{} for _ in ids]
    for row in np.argsort(spoken.astype(str), kind="stable").tolist():
        for label in languages_in(spoken[row]):
            key = language_key(label)
            labels.setdefault(key, label)
            here = sums[of[row]]
            here[key] = here.get(key, 0) + int(households[row])
    total = np.bincount(of, households, len(ids))
    needs: list[dict[str, tuple[str, int]]] = [{} for _ in ids]
    few = []
    for at, here in enumerate(sums):
        for key, number in sorted(here.items()):
            if number > 0 and number >= LEAST_SHARE * total[at]:
                needs[at][key] = (labels[key], number)
            elif number > 0:
                few.append(f"{ids[at]}, {labels[key]}, {number} of {total[at]:.0f} households")
    if not few:
        return needs, []
    message = (
        f"{len(few)} languages of grids are those of less than a tenth of the households, and "
        f"count as no need (first: {few[0]})"
    )
    fix = "Write them in a table for --needs if they are to count"
    return needs, [
        Finding("language-of-few", Severity.NOTE, message, fix, len(few), few[0].split(",")[0])
    ]


def _needs_of_table(path: Any, places: GridPlaces, ids: Array) -> list[tuple[int, str]]:
    """Read the languages that grids need from a table.

    Raises:
        InputError: every fault of the table at once.
    """
    sheet = Sheet.read(path, "needs")
    chosen = need_columns(sheet.header)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells, rows = sheet.cells(chosen.of, ("grid_id", "language")), sheet.rows
    found = [places.grids_of(text) for text in cells["grid_id"].tolist()]
    lost = np.array([len(one) != 1 for one in found], bool)
    faults = told(
        rows,
        [
            ("need-without-grid", lost, "names|name neither one grid nor one building of the plan",
             "Write the id of a grid, or of a building in it"),
            ("need-without-language", cells["language"] == "", "has|have no language",
             "Write the language, or leave the row out"),
        ],
    )  # fmt: skip
    if faults:
        raise InputError(faults)
    at = {str(grid): row for row, grid in enumerate(ids.tolist())}
    return [
        (at[one[0]], label)
        for one, text in zip(found, cells["language"].tolist(), strict=True)
        for label in languages_in(text)
    ]


def community_faults(grids: StaffedGrids, workers: Sequence[Candidate], name: str) -> list[Finding]:
    """Return a fault for workers of communities that the plan does not have."""
    known = {*grids.communities.tolist()}
    lost = [one for one in workers if one.community and one.community not in known]
    if not lost:
        return []
    message = (
        f"{name}: {len(lost)} workers are of a community that the plan does not have (first: "
        f"{lost[0].called}, {lost[0].community}); there are: {', '.join(sorted(known))}"
    )
    fix = "correct the column community, or empty it for a worker of any"
    return [error("community-unknown", message, fix, count=len(lost), first=lost[0].called)]
