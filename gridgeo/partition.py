"""Buildings, territory and limits to a plan: each kind by itself, then what cannot stand so."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from .codes import grid_ids as ids_in_order
from .compounds import cut_notes
from .division import Division, Part, mixed_notes, summed
from .earlier_plan import start_labels
from .entrances import split_large
from .errors import Finding, Findings, InputError, Severity
from .ground import Territory
from .kinds import (
    exclusive_pieces,
    kind_word,
    kinds_of,
    limits_by_kind,
    main_kinds,
    settle_book,
)
from .lineage import changed_by, plan_digest, with_version
from .model import Community, CommunityResult, LimitBook, Limits, Objective, Plan
from .objective import settle, units_across
from .pockets import Ask, Ground, guest_units, hosts_of, open_pockets
from .record import Version
from .solver_choice import chosen_solver
from .solving import Asked, Question, Watch, divide, divide_exclusive, divide_few, pieces_of
from .territory import build_territory
from .units import units_in_kinds, units_of, units_too_large
from .why import reasons_of, why_not

DEFAULT_TIME_LIMIT_S = 120.0
_PROGRAMS = ("gridgeo", "highspy", "pulp", "numpy", "shapely", "geopandas")
# Of a community's time what its kinds may take before their pockets are looked at.
_KINDS_SHARE = 0.6
# Of what is left then one question about a pocket may take so much: many wait behind it.
_POCKET_SHARE = 0.1

Array = np.ndarray[Any, Any]


def partition(  # noqa: PLR0913  # the public door: each one a word of the planner's
    town: Community,
    limits: Limits | LimitBook | None = None,
    *,
    objective: Objective | None = None,
    territory: Territory | None = None,
    whole: str | None = None,
    kind: str | None = None,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    seed: int = 0,
    watch: Watch | None = None,
    solver: str = "auto",
    start: Plan | None = None,
    made: str = "",
) -> Plan:
    """Divide every community of ``town`` into contiguous grids within the bands.

    Violations of the bands come first, then the ``objective``: by default compactness, the
    household inertia about the grids' centroids (10^6 household m2); see ``Objective`` for
    its other terms. Both are proved as far as time allows; see ``CommunityResult``.
    ``territory`` is built from the town where none is given, its buildings that are larger than
    a grid split by the entrances that a roster names (``split_large``). ``whole``
    names a column of the buildings: those with the same value (a compound, a lane) share a
    grid, unless they alone are more than a grid may hold; the proof is then over such plans.
    ``kind`` names a column of the buildings: their kinds have the limits that a ``LimitBook`` in
    place of ``limits`` gives them, and share a grid only where one could not be in band by itself;
    see ``gridgeo.pockets``. The time limit is shared among the communities by their number of
    buildings; the same input and seed give the same plan unless the limit strikes. ``solver``:
    "auto", "highs", "cbc", or any that PuLP knows and finds. ``start``: an earlier plan to start
    from. ``made``: the day that the plan's record is to bear, in ISO's form.

    Raises:
        InputError: the town's own check finds errors; there is no column ``whole``, or none of
            kinds; the objective cannot be (see ``gridgeo.objective.settle``) or contradicts
            ``whole``;
            the solver is not available; the plan to start from has none of the buildings.
    """
    town.check().raise_if_any()
    solver = chosen_solver(solver)
    book, told = settle_book(town, limits, kind)
    parted = split_large(town, book, objective=objective)
    if territory is None:
        town = parted
    elif parted.buildings is not town.buildings:
        told.append(_not_split(town, parted))
    units = units_of(town, whole)
    if units is not None and _has_span(book):
        said = "compounds cannot yet be kept whole under a rule on the span of a grid"
        fix = "Leave out either --whole or --max-span"
        raise InputError([Finding("whole-with-span", Severity.ERROR, said, fix)])
    aim = settle(town, book.usual, objective or Objective())
    told += aim.findings
    if units is not None and aim.quarter is not None:
        Findings(tuple(units_across(town.buildings, units, aim.objective.compounds))).raise_if_any()
    first, found = (None, []) if start is None else start_labels(town.buildings, start)
    told += found
    if territory is None:
        territory = build_territory(
            town.buildings, boundary=town.boundary, barriers=town.barriers, edges=town.edges
        )
    kinds = kinds_of(town.buildings, book.kind_column)
    if units is not None and book.kind_column:
        told += units_in_kinds(units, kinds)
    asked = Asked(
        town=town,
        territory=territory,
        book=book,
        aim=aim,
        units=units,
        start=first,
        kinds=kinds,
        alone=exclusive_pieces(town.buildings, book, kinds, territory.edges),
        recipe=(solver, seed),
        watch=watch or Watch(),
    )
    names = town.buildings.communities
    grid_ids = np.empty(len(town.buildings), dtype=object)
    results: list[CommunityResult] = []
    reasons: dict[str, str] = {}
    deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
    left = len(names)
    for name in sorted(set(names)):
        rows = np.flatnonzero(names == name)
        share_s = _share_s(deadline_s, len(rows), left)
        left -= len(rows)
        division = _division(asked, rows, share_s)
        grid_ids[rows] = ids_in_order(name, territory.cells[rows], division.labels(rows))
        told += units_too_large([unit for part in division.parts for unit in part.large])
        results.append(summed(division, town.buildings.ids))
        notes = mixed_notes(division, grid_ids, town.buildings.ids)
        for part in division.parts:
            if part.ruled is None or part.limits is None:
                continue
            piece = pieces_of(asked, part.rows)
            reasons |= reasons_of(town.buildings, part, piece=piece, ids=grid_ids[part.rows])
            whys = why_not(town.buildings, part.limits, grid_ids, part.ruled)
            notes += [why.about(kind_word(part.kind)) for why in whys] if book.kind_column else whys
        told += notes if len(set(names)) == 1 else [note.about(name) for note in notes]
    plan = Plan(
        buildings=town.buildings,
        territory=territory,
        grid_ids=grid_ids,
        limits=book.usual,
        seed=seed,
        results=tuple(results),
        reasons=reasons,
        versions=_versions() | ({"solver": solver} if solver else {}),
        input_hash=town.input_hash,
        findings=Findings((*town.check(), *(territory.findings or Findings()), *told)),
        barriers=town.barriers,
        aim=aim.objective,
        sources=town.sources,
        book=None if book.is_plain else book,
    )
    plan = replace(plan, findings=Findings((*plan.findings, *cut_notes(plan))))
    recipe = {
        "whole": whole,
        "solver": solver or "auto",
        "time_limit_s": time_limit_s,
        "seed": seed,
        "start": start and plan_digest(start),
        # the plan alone must do to run it again
        "start_grids": None if first is None else first.tolist(),
        "changed": changed_by(plan),
    }
    return with_version(plan, Version("partition", "", made, recipe=recipe))


def _not_split(town: Community, parted: Community) -> Finding:
    count = len(parted.buildings.parts)
    message = (
        f"{count} buildings are larger than a grid may be and could be split by their entrances, "
        f"but the territory given is that of {len(town.buildings)} whole buildings"
    )
    fix = "Build the territory of split_large(town, limits), and divide that"
    return Finding("territory-not-split", Severity.WARNING, message, fix, count)


def _division(asked: Asked, rows: Array, share_s: float | None) -> Division:
    """Divide a community: each kind by itself, then what cannot stand alone with others."""
    name = str(asked.town.buildings.communities[rows[0]])
    if not asked.book.kind_column:
        limits = asked.book.limits_of(name)
        assert limits is not None  # only kinds are exclusive
        return Division((divide(asked, Question(rows, limits), share_s),))
    end_s = None if share_s is None else time.monotonic() + share_s
    alone = asked.alone[rows] >= 0
    exclusive = [divide_exclusive(asked, rows[alone])] if alone.any() else []
    free = rows[~alone]
    if not len(free):
        return Division(tuple(exclusive))
    ground = _ground(asked, free)
    parts, left = [], len(free)
    early_s = None if share_s is None else time.monotonic() + _KINDS_SHARE * share_s
    for k, kind in enumerate(ground.names):
        mine = free[ground.kind == k]
        question = Question(mine, ground.limits[k], kind)
        parts.append(divide(asked, question, _share_s(early_s, len(mine), left)))
        left -= len(mine)
    labels = Division(tuple(parts)).labels(free)

    def over() -> bool:
        return asked.watch.cancelled() or (end_s is not None and time.monotonic() >= end_s)

    struck: list[bool] = []

    def few(ask: Ask) -> Array:
        left_s = None if end_s is None else _POCKET_SHARE * (end_s - time.monotonic())
        answer, in_time = divide_few(asked, free, ask, left_s)
        struck.append(not in_time)
        return answer

    labels, pockets = open_pockets(ground, labels, few, over=over)
    hurried = any(struck) or over()
    again = _divide_again(asked, Division(tuple(parts), ground, free), labels, end_s)
    return Division((*exclusive, *again), ground, free, tuple(pockets), hurried)


def _divide_again(asked: Asked, first: Division, labels: Array, end_s: float | None) -> list[Part]:
    """Divide each kind anew with the pockets it took in; keep the parts that did not change."""
    ground, free = first.ground, first.free
    assert ground is not None
    assert free is not None
    host, units = hosts_of(ground, labels), guest_units(ground, labels)
    before = {part.kind: part for part in first.parts}
    todo = []
    for k, kind in enumerate(ground.names):
        mine = np.flatnonzero(host == k)
        same = np.array_equal(free[mine], before[kind].rows)
        if len(mine):
            todo.append((k, mine, same and not before[kind].result.stopped))
    left = sum(len(mine) for _, mine, settled in todo if not settled)
    out = []
    for k, mine, settled in todo:
        if settled:
            out.append(before[ground.names[k]])
            continue
        question = Question(
            free[mine],
            ground.limits[k],
            ground.names[k],
            units[mine],
            labels[mine],
            partial(_is_of, ground, mine, k),
        )
        out.append(divide(asked, question, _share_s(end_s, len(mine), left)))
        left -= len(mine)
    return out


def _is_of(ground: Ground, rows: Array, kind: int, labels: Array) -> bool:
    """Return whether every grid of some rows of the ground is of a kind."""
    main = main_kinds(ground.kind[rows], labels, ground.households[rows], int(labels.max()) + 1)
    return bool((main == kind).all())


def _share_s(end_s: float | None, mine: int, of: int) -> float | None:
    """Return the seconds until ``end_s`` for so many buildings of what is left."""
    return None if end_s is None else max(0.0, end_s - time.monotonic()) * mine / of


def _has_span(book: LimitBook) -> bool:
    rules = [*book.kinds.values(), *book.communities.values(), *book.in_community.values()]
    spans_m = [book.usual.max_span_m, *(rule.max_span_m for rule in rules)]
    return any(span_m is not None and span_m < np.inf for span_m in spans_m)


def _ground(asked: Asked, free: Array) -> Ground:
    """Return the buildings of a community that are of no exclusive kind."""
    buildings, territory = asked.town.buildings, asked.territory
    name = str(buildings.communities[free[0]])
    kinds, kind = np.unique(asked.kinds[free].astype(str), return_inverse=True)
    limits = limits_by_kind(asked.book, name, kinds.tolist())
    position = np.full(len(buildings), -1, np.int64)
    position[free] = np.arange(len(free))
    ends = position[territory.edges].reshape(-1, 2)
    inside = (ends >= 0).all(axis=1)
    return Ground(
        households=buildings.households[free],
        population=buildings.population[free],
        xy=buildings.xy[free],
        kind=kind.ravel().astype(np.int64),
        edges=ends[inside],
        border_m=territory.border_m[inside],
        names=kinds.tolist(),
        limits=[limits[one] for one in kinds.tolist()],
    )


def _versions() -> dict[str, str]:
    out = {}
    for program in _PROGRAMS:
        try:
            out[program] = version(program)
        except PackageNotFoundError:
            out[program] = "unknown"
    return out
