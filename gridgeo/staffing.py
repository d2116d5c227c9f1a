"""Community workers and volunteers for the grids of a plan: who serves which, why, and proved."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

import solvers

from .candidates import Candidate, read_candidates
from .errors import Finding, Findings, GridGeoError, InputError
from .grid_places import GridPlaces
from .intake.telling import warning
from .lineage import with_version
from .model import Plan
from .record import ROLES, Staff, Version
from .solver_choice import chosen_solver
from .sources import sha256_of
from .staffing_aims import TERMS, StaffingAims
from .staffing_grids import StaffedGrids, community_faults, known_households, read_grids
from .staffing_terms import PARTS, Terms, may_serve, terms_of
from .staffing_words import (
    NOBODY,
    Given,
    bare_findings,
    idle_because,
    language_findings,
    proof_lines,
    why,
)
from .volunteers import few_volunteers, read_volunteers

Array = np.ndarray[Any, Any]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Staffing:
    """Who serves which grid, and why.

    ``plan``: with them in its record. ``table``: a row a grid, sorted by ``grid_id``:
    ``worker_id`` and ``name`` ("" for nobody), ``households``, ``workload``, ``known`` (households
    that the worker serves today), ``way_km`` (NaN where not known), the points of each term and
    ``points`` in all, ``why``. ``idle``: ``worker_id``, ``name`` and ``why`` of workers without a
    grid. ``volunteers``: all there are now. ``proof``: what is proved, in words. The two
    tables say something of where workers live; the plan does not.
    """

    plan: Plan
    table: pd.DataFrame
    idle: pd.DataFrame
    volunteers: tuple[Staff, ...]
    proof: tuple[str, ...]
    findings: Findings

    def as_dict(self) -> dict[str, Any]:
        """Return the facts in plain types, ready for JSON; None where a way is not known."""
        rows = self.table.to_dict("records")
        for row in rows:
            row["way_km"] = None if math.isnan(row["way_km"]) else row["way_km"]
        return {
            "grids": rows,
            "idle": self.idle.to_dict("records"),
            "volunteers": [vars(one) for one in self.volunteers],
            "proof": list(self.proof),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def assign_owners(
    plan: Plan,
    workers: str | Path,
    *,
    volunteers: str | Path | None = None,
    aims: StaffingAims | None = None,
    made: str = "",
) -> Staffing:
    """Give every grid of a plan one worker, the best that can be had, and prove it.

    Every grid gets at most one worker and every worker at most one grid. What is best is told
    at ``StaffingAims``; among equals the first worker by id serves the first grid. Fixed pairs hold
    and exclusions are kept. With too few workers the fewest households stay without an
    owner; with too many those are idle who suit least. Neither is an error: both are told.

    Args:
        plan: its staff of before counts as what residents know.
        workers: a table, see ``gridgeo.candidates.read_candidates``.
        volunteers: a table, see ``gridgeo.volunteers.read_volunteers``; None keeps those the
            plan has, where their grids still are.
        aims: weights and choices.
        made: the day, in ISO's form, that the record is to bear; "" for none.

    Raises:
        InputError: every fault of the tables and aims, all fixed pairs that contradict each other
            or an exclusion.
    """
    aims = aims or StaffingAims()
    places = GridPlaces.of_plan(plan)
    faults: list[Finding] = []
    said: list[Finding] = []
    read = _gathered(faults, lambda: read_candidates(workers, places, crs=aims.crs))
    candidates, told = read or ((), [])
    said += told
    facts = _gathered(faults, lambda: read_grids(plan, aims, places))
    listed = (
        ()
        if volunteers is None
        else _gathered(faults, lambda: read_volunteers(volunteers, places, crs=aims.crs))
    )
    solver = _gathered(faults, lambda: chosen_solver(aims.solver))
    if facts is None:
        raise InputError(faults)
    grids, told = facts
    said += told
    name = str(workers)
    faults += community_faults(grids, candidates, name)
    may, contradictions = may_serve(candidates, grids, not_at_home=aims.not_at_home, name=name)
    faults += contradictions
    if faults or solver is None or listed is None:
        raise InputError(faults)
    known, told = known_households(plan, grids, candidates, name=name)
    said += told
    households = plan.buildings.households
    terms = terms_of(
        candidates, grids, aims, known=known, xy=plan.buildings.xy, households=households
    )
    owner = _solved(may.allowed, terms, grids.households, solver)
    given = Given(candidates, grids, terms, may, owner)
    said += [*bare_findings(given), *language_findings(given)]
    if volunteers is None:
        listed, told = _kept_volunteers(plan, grids.ids)
        said += told
    else:
        said += few_volunteers(listed, grids.ids)
    staff = _dated([*_owners(given), *listed], plan.record.staff, made)
    version = Version("owners", "", made, recipe=_recipe(aims, grids, Path(workers), staff))
    staffed = replace(plan, record=replace(plan.record, staff=staff))
    return Staffing(
        plan=with_version(staffed, version),
        table=_table(given),
        idle=_idle(given),
        volunteers=tuple(one for one in staff if one.role != ROLES[0]),
        proof=(*proof_lines(given), *_read_as(grids, candidates)),
        findings=Findings(tuple(said)),
    )


def _gathered(faults: list[Finding], read: Callable[[], T]) -> T | None:
    """Return what was read, None where it is at fault; the faults are noted."""
    try:
        return read()
    except InputError as fault:
        faults += fault.findings
        return None


def _solved(allowed: Array, terms: Terms, households: Array, solver: str) -> Array:
    """Return the owner of every grid, int64 (g,), -1 for nobody."""
    nothing = np.zeros(allowed.shape, np.int64)
    bare = np.zeros(len(households), np.int64)
    problem = solvers.StaffingProblem(
        allowed=allowed.copy(),
        pair=np.stack([nothing, nothing, terms.unmet, terms.total]),
        nobody=np.stack([households, np.ones_like(bare), bare, bare]),
    )
    try:
        done = solvers.staff(problem, solvers.Budget(clock=time.monotonic), solver=solver)
    except solvers.SolverError as fault:
        raise GridGeoError(f"no worker was given to any grid: {fault}") from fault
    return done.worker


def _owners(given: Given) -> list[Staff]:
    return [
        Staff(str(grid), given.workers[at].name, given.workers[at].worker_id)
        for grid, at in zip(given.grids.ids.tolist(), given.owner.tolist(), strict=True)
        if at != NOBODY
    ]


def _dated(new: Sequence[Staff], before: Sequence[Staff], made: str) -> tuple[Staff, ...]:
    """Return staff with the day since when each serves: who served there before keeps theirs."""
    since = {(one.grid_id, one.role, one.worker_id or one.name): one.since for one in before}
    return tuple(
        replace(one, since=since.get((one.grid_id, one.role, one.worker_id or one.name), made))
        for one in new
    )


def _kept_volunteers(plan: Plan, grid_ids: Array) -> tuple[tuple[Staff, ...], list[Finding]]:
    """Return the volunteers that the plan has, without those of grids that are no more."""
    mine = [one for one in plan.record.staff if one.role != ROLES[0]]
    gone = [one for one in mine if one.grid_id not in grid_ids]
    kept = tuple(one for one in mine if one.grid_id in grid_ids)
    if not gone:
        return kept, []
    first = f"{gone[0].name}, {gone[0].grid_id}"
    message = (
        f"{len(gone)} volunteers are left out, their grids being no more in the plan "
        f"(first: {first})"
    )
    fix = "give their grids in a table with --volunteers"
    return kept, [warning("volunteer-without-grid", message, fix, count=len(gone), first=first)]


def _recipe(
    aims: StaffingAims, grids: StaffedGrids, path: Path, staff: Sequence[Staff]
) -> dict[str, Any]:
    """Return what was asked and what came of it; of the table its name and hash alone.

    Where somebody lives, and which grids they must not serve, is nobody's but the office's: the
    pairs themselves stand in their place, so that the step can be done again.
    """
    return {
        **aims.as_dict(),
        "workload": grids.workload,
        "workers": path.name,
        "sha256": sha256_of(path),
        "staff": [
            [one.grid_id, one.role, one.worker_id, one.name, one.kind, one.since] for one in staff
        ],
    }


def _table(given: Given) -> pd.DataFrame:
    rows = []
    for grid, at in enumerate(given.owner.tolist()):
        there = at != NOBODY
        worker = given.workers[at] if there else None
        points = {
            name: int(given.terms.points[name][at, grid]) / PARTS if there else 0.0
            for name in TERMS
        }
        rows.append(
            {
                "grid_id": str(given.grids.ids[grid]),
                "worker_id": worker.worker_id if worker else "",
                "name": worker.name if worker else "",
                "households": int(given.grids.households[grid]),
                "workload": float(given.grids.load[grid]),
                "known": int(given.terms.known[at, grid]) if there else 0,
                "way_km": round(float(given.terms.way_km[at, grid]), 3) if there else math.nan,
                **{f"{name}_points": value for name, value in points.items()},
                "points": int(given.points[grid]) / PARTS,
                "why": why(given, grid) if there else "nobody",
            }
        )
    return pd.DataFrame(rows)


def _idle(given: Given) -> pd.DataFrame:
    rows = [
        (given.workers[at].worker_id, given.workers[at].name, idle_because(given, at))
        for at in given.idle.tolist()
    ]
    return pd.DataFrame(rows, columns=["worker_id", "name", "why"])


def _read_as(grids: StaffedGrids, candidates: Sequence[Candidate]) -> list[str]:
    """Tell what the workers' grids of today were taken for."""
    if not any(one.now for one in candidates):
        return []
    return [f"The workers' grid_id was read as the grids they serve today, {grids.today_said}."]
