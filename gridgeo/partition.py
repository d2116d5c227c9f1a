"""Buildings, territory and limits to a plan; the only place that knows the solvers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import shapely

import solvers

from .codes import reading_order, sequence_ids
from .earlier_plan import heaviest_of, start_labels
from .entrances import split_large
from .errors import Finding, Findings, InputError, Severity
from .ground import Territory
from .model import Community, CommunityResult, Limits, Objective, Plan, Status
from .objective import Aim, open_border_m, settle, units_across
from .reasons import GridFacts, distance_outside, explain
from .ruled_out import RuledOut
from .solver_choice import chosen_solver
from .territory import build_territory
from .units import keep_whole, units_of
from .why import why_not
from .wording import some

DEFAULT_TIME_LIMIT_S = 120.0
_PROGRAMS = ("gridgeo", "highspy", "pulp", "numpy", "shapely", "geopandas")


@dataclass(frozen=True)
class Standing:
    """Where a run stands: best objective and bound so far, see ``Objective``.

    ``violation`` is that of the best plan so far; None where a figure is not known yet.
    """

    community: str
    step: str
    best: float | None
    bound: float | None
    violation: float | None
    gap: float | None


@dataclass(frozen=True)
class Watch:
    """How to follow a run (``on_progress``), and to end it early with the best (``cancelled``)."""

    on_progress: Callable[[Standing], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is asked of every community alike; arrays have a row a building of the town."""

    limits: Limits
    aim: Aim
    units: np.ndarray[Any, Any] | None
    start: np.ndarray[Any, Any] | None
    solver: str
    seed: int


def partition(  # noqa: PLR0913  # the public door: each one a word of the planner's
    town: Community,
    limits: Limits | None = None,
    *,
    objective: Objective | None = None,
    territory: Territory | None = None,
    whole: str | None = None,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    seed: int = 0,
    watch: Watch | None = None,
    solver: str = "auto",
    start: Plan | None = None,
) -> Plan:
    """Divide every community of ``town`` into contiguous grids within the bands.

    Violations of the bands come first, then the ``objective``: by default compactness, the
    household inertia about the grids' centroids (10^6 household m2); see ``Objective`` for
    its other terms. Both are proved as far as time allows; see ``CommunityResult``.
    ``territory`` is built from the town where none is given, its buildings that are larger than
    a grid split by the entrances that a roster names (``split_large``). ``whole``
    names a column of the buildings: those with the same value (a compound, a lane) share a
    grid, unless they alone are more than a grid may hold; the proof is then over such plans.
    The time limit is shared among the communities by their number of buildings; the same
    input and seed give the same plan unless the limit strikes. ``solver``: "auto", "highs",
    "cbc", or any that PuLP knows and finds. ``start``: an earlier plan to start from.

    Raises:
        InputError: the town's own check finds errors; there is no column ``whole``; the
            objective cannot be (see ``gridgeo.objective.settle``) or contradicts ``whole``;
            the solver is not available; the plan to start from has none of the buildings.
    """
    town.check().raise_if_any()
    solver = chosen_solver(solver)
    limits = limits or Limits()
    told: list[Finding] = []
    parted = split_large(town, limits, objective=objective)
    if territory is None:
        town = parted
    elif parted.buildings is not town.buildings:
        told.append(_not_split(town, parted))
    units = units_of(town, whole)
    if units is not None and limits.max_span_m is not None:
        said = "compounds cannot yet be kept whole under a rule on the span of a grid"
        fix = "Leave out either --whole or --max-span"
        raise InputError([Finding("whole-with-span", Severity.ERROR, said, fix)])
    aim = settle(town, limits, objective or Objective())
    told += aim.findings
    if units is not None and aim.quarter is not None:
        Findings(tuple(units_across(town.buildings, units, aim.objective.compounds))).raise_if_any()
    first = None
    if start is not None:
        first, found = start_labels(town.buildings, start)
        told += found
    asked = _Asked(limits, aim, units, first, solver, seed)
    watch = watch or Watch()
    if territory is None:
        territory = build_territory(
            town.buildings, boundary=town.boundary, barriers=town.barriers, edges=town.edges
        )
    names = town.buildings.communities
    grid_ids = np.empty(len(town.buildings), dtype=object)
    results: list[CommunityResult] = []
    reasons: dict[str, str] = {}
    deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
    left = len(names)
    for name in sorted(set(names)):
        rows = np.flatnonzero(names == name)
        share_s = None
        if deadline_s is not None:
            share_s = max(0.0, deadline_s - time.monotonic()) * len(rows) / left
        left -= len(rows)
        result, labels, split, ruled = _divide(
            town, territory, rows, asked, share_s=share_s, watch=watch
        )
        told += split
        results.append(result)
        ids = _grid_ids(name, territory, rows, labels)
        grid_ids[rows] = ids
        if ruled is not None:
            reasons |= _reasons(town, territory, ids, limits, result, ruled)
            notes = why_not(town.buildings, limits, grid_ids, ruled)
            told += notes if len(set(names)) == 1 else [note.about(name) for note in notes]
    findings = [*town.check(), *(territory.findings or Findings()), *told]
    return Plan(
        buildings=town.buildings,
        territory=territory,
        grid_ids=grid_ids,
        limits=limits,
        seed=seed,
        results=tuple(results),
        reasons=reasons,
        versions=_versions() | ({"solver": solver} if solver else {}),
        input_hash=town.input_hash,
        findings=Findings(tuple(findings)),
        barriers=town.barriers,
        aim=aim.objective,
        sources=town.sources,
    )


def _not_split(town: Community, parted: Community) -> Finding:
    count = len(parted.buildings.parts)
    message = (
        f"{count} buildings are larger than a grid may be and could be split by their entrances, "
        f"but the territory given is that of {len(town.buildings)} whole buildings"
    )
    fix = "Build the territory of split_large(town, limits), and divide that"
    return Finding("territory-not-split", Severity.WARNING, message, fix, count)


def _divide(
    town: Community,
    territory: Territory,
    rows: np.ndarray[Any, Any],
    asked: _Asked,
    *,
    share_s: float | None,
    watch: Watch,
) -> tuple[CommunityResult, np.ndarray[Any, Any], list[Finding], RuledOut | None]:
    began_s = time.monotonic()
    name = str(town.buildings.communities[rows[0]])
    problem = _problem(town, territory, rows, asked)
    budget = solvers.Budget(
        share_s,
        clock=time.monotonic,
        cancelled=watch.cancelled,
        report=lambda p: watch.on_progress(
            Standing(name, p.step, p.best, p.bound, p.violation, p.gap)
        ),
    )
    joint = problem
    told: list[Finding] = []
    cluster, inner_cost, kept_rule = np.arange(problem.n), 0.0, ""
    if asked.units is not None:
        kept_rule = "compounds and lanes kept whole as asked"
        kept, told = keep_whole(town.buildings, rows, asked.units[rows], asked.limits)
        cluster = solvers.group_components(problem.n, problem.edges, kept)
        joined = solvers.join(problem, cluster)
        joint, inner_cost = joined.problem, joined.inner_cost
    start = None
    if asked.start is not None:
        start = heaviest_of(asked.start[rows], cluster, town.buildings.households[rows])
    solution = solvers.solve(joint, budget, asked.seed, solver=asked.solver, start=start)
    labels = solution.labels[cluster]
    verdict = solvers.verify(problem, labels)
    if verdict.faults or abs(float(verdict.violation) - solution.violation) > 1e-4:
        raise RuntimeError(f"the solver's plan failed its check: {verdict.faults or 'violation'}")
    bound = None if solution.bound is None else min(solution.bound + inner_cost, verdict.cost)
    ruled, least, status = None, solution.violation_bound, Status(solution.status.value)
    if ((verdict.totals < problem.bands[:, 0]) | (verdict.totals > problem.bands[:, 1])).any():
        known = solvers.certificates(joint)
        if 0 < verdict.violation <= known.violation:
            least, status = solution.violation, Status.INFEASIBLE
        elif float(known.violation) < solution.violation:
            least = max(least, float(known.violation))
        wide_enough = solution.max_span_m >= problem.max_span_m
        proved = known.impossible or (solution.violation_bound > 0 and wide_enough)
        ruled = RuledOut(known, rows, cluster, proved)
    joined_ids = town.buildings.ids[rows[np.isin(cluster, solution.joined)]]
    result = CommunityResult(
        community=name,
        status=status,
        objective=verdict.cost,
        bound=bound,
        violation=solution.violation,
        violation_bound=least,
        max_span_m=solution.max_span_m if np.isfinite(solution.max_span_m) else None,
        seconds=time.monotonic() - began_s,
        covers="; ".join(part for part in (kept_rule, _left_out(solution, joined_ids)) if part),
        stopped=solution.stopped,
    )
    return result, labels, told, ruled


def _left_out(solution: solvers.Solution, joined_ids: np.ndarray[Any, Any]) -> str:
    """Return what the proof leaves out, with the place where buildings had to be joined."""
    said = solution.covers.replace("nodes", "buildings")
    if not len(joined_ids):
        return said
    return f"{said} ({some(joined_ids.tolist())})"


def _problem(
    town: Community, territory: Territory, rows: np.ndarray[Any, Any], asked: _Asked
) -> solvers.Problem:
    """Return the question about ``rows``: contacts across a community's border do not count."""
    buildings, limits, aim = town.buildings, asked.limits, asked.aim
    position = np.full(len(buildings), -1, np.int64)
    position[rows] = np.arange(len(rows))
    ends = position[territory.edges].reshape(-1, 2)
    inside = (ends >= 0).all(axis=1)
    open_m = open_border_m(territory, territory.border_m)[inside]
    xy = buildings.xy[rows]
    weights, bands, balance, target = _weights(town, asked)
    return solvers.Problem(
        weights=weights[rows],
        bands=bands,
        # A local origin keeps the squares small, so that sums of squares keep their digits.
        xy=xy - np.round(xy.mean(axis=0)),
        edges=ends[inside],
        max_span_m=np.inf if limits.max_span_m is None else limits.max_span_m,
        terms=solvers.Terms(
            compactness=aim.objective.compactness,
            balance=balance,
            target=target,
            border=aim.objective.border,
            quarter=aim.objective.quarter,
        ),
        border_m=open_m if aim.objective.border > 0 else None,
        quarter=None if aim.quarter is None else aim.quarter[rows],
    )


def _weights(
    town: Community, asked: _Asked
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], tuple[float, ...], tuple[float, ...]]:
    """Return weights and bands of the whole town, and what is balanced about which target.

    A workload that is neither households nor people is a third weight under an open band. It
    is counted in whole parts of a unit: the target in as many parts, the term by their square.
    """
    households, population = asked.limits.households, asked.limits.population
    weights = [town.buildings.households, town.buildings.population]
    bands = [[households.low, households.high], [population.low, population.high]]
    load, aim = asked.aim.workload, asked.aim.objective
    if load is None:
        return np.column_stack(weights), np.array(bands, np.int64), (), ()
    same = [k for k, weight in enumerate(weights) if (load.parts == weight * load.scale).all()]
    scale = 1 if same else load.scale
    if not same:
        weights.append(load.parts)
        bands.append([0, int(load.parts.sum())])
    at = same[0] if same else 2
    balance, target = np.zeros(len(weights)), np.zeros(len(weights))
    balance[at] = aim.balance / scale**2
    target[at] = (aim.target or 0.0) * scale
    return (
        np.column_stack(weights), np.array(bands, np.int64),
        tuple(balance.tolist()), tuple(target.tolist()),
    )  # fmt: skip


def _grid_ids(
    name: str, territory: Territory, rows: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the grid id of every row: the community's name and a number in reading order."""
    count = int(labels.max()) + 1
    grounds = np.array(
        [shapely.coverage_union_all(territory.cells[rows[labels == g]]) for g in range(count)],
        dtype=object,
    )
    centres = shapely.get_coordinates(shapely.centroid(grounds))
    order = reading_order(centres, shapely.area(grounds))
    ids = np.empty(count, dtype=object)
    ids[order] = sequence_ids(name, count)
    return np.asarray(ids[labels], dtype=object)


def _reasons(  # facts of one community, and where they come from
    town: Community,
    territory: Territory,
    ids: np.ndarray[Any, Any],
    limits: Limits,
    result: CommunityResult,
    ruled: RuledOut,
) -> dict[str, str]:
    """Return the reasons of every grid of a community that is out of band, by grid id."""
    rows = ruled.rows
    community = np.zeros(len(town.buildings), np.bool_)
    community[rows] = True
    inside = territory.edges[community[territory.edges].all(axis=1)].reshape(-1, 2)
    piece = solvers.components(len(town.buildings), inside)
    proved = result.violation <= result.violation_bound
    dead, numberless = ruled.dead_rows, ruled.without_number
    out: dict[str, str] = {}
    for grid in sorted(set(ids)):
        members = rows[ids == grid]
        whole = np.flatnonzero(piece == piece[members[0]])
        alone_m = None
        if len(whole) == len(members):
            others = rows[piece[rows] != piece[members[0]]]
            alone_m = distance_outside(town.buildings, members, others)
        facts = GridFacts(
            members.tolist(),
            alone_m,
            proved,
            members[np.isin(members, dead)].tolist(),
            int(numberless[ids == grid][0]),
        )
        said = explain(town.buildings, limits, facts)
        if said:
            out[grid] = said
    return out


def _versions() -> dict[str, str]:
    out = {}
    for program in _PROGRAMS:
        try:
            out[program] = version(program)
        except PackageNotFoundError:
            out[program] = "unknown"
    return out
