"""A town that is ready to a plan: every community by its kinds, named, and what is to be told."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from .codes import grid_ids as ids_in_order
from .division import Division, Part, mixed_notes, summed
from .errors import Finding, Findings
from .kinds import kind_word, limits_by_kind, main_kinds
from .model import Plan
from .pockets import Ask, Ground, guest_units, hosts_of, open_pockets
from .solving import (
    Asked,
    Question,
    divide,
    divide_few,
    pieces_of,
)
from .unchanged import divide_exclusive, leave_frozen
from .units import units_too_large
from .why import reasons_of, why_not

_PROGRAMS = ("gridgeo", "highspy", "pulp", "numpy", "shapely", "geopandas")
# Of a community's time what its kinds may take before their pockets are looked at.
_KINDS_SHARE = 0.6
# Of what is left then one question about a pocket may take so much: many wait behind it.
_POCKET_SHARE = 0.1

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A plan, and the division of every community by its name."""

    plan: Plan
    divisions: Mapping[str, Division]


def draw(asked: Asked, told: Sequence[Finding], time_limit_s: float | None) -> Drawn:
    """Divide every community in its share of the time; name the grids, and say why.

    ``told``: what was found before, which the plan keeps.
    """
    town, book, territory = asked.town, asked.book, asked.territory
    names = town.buildings.communities
    labels = np.empty(len(names), np.int64)
    divisions: dict[str, Division] = {}
    deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
    left, grids = len(names), 0
    for name in sorted(set(names)):
        rows = np.flatnonzero(names == name)
        share_s = _share_s(deadline_s, len(rows), left)
        left -= len(rows)
        divisions[name] = _division(asked, rows, share_s)
        labels[rows] = grids + divisions[name].labels(rows)
        grids = int(labels[rows].max()) + 1
    grid_ids = asked.naming(labels) if asked.naming is not None else _named(asked, labels)
    reasons: dict[str, str] = {}
    found = list(told)
    for name, division in divisions.items():
        found += units_too_large([unit for part in division.parts for unit in part.large])
        notes = mixed_notes(division, grid_ids, town.buildings.ids)
        for part in division.parts:
            ids = grid_ids[part.rows]
            piece = pieces_of(asked, part.rows)
            reasons |= reasons_of(town.buildings, part, piece=piece, ids=ids)
            if part.ruled is None or part.limits is None:
                continue
            whys = why_not(town.buildings, part.limits, grid_ids, part.ruled)
            notes += [why.about(kind_word(part.kind)) for why in whys] if book.kind_column else whys
        found += notes if len(divisions) == 1 else [note.about(name) for note in notes]
    solver, seed = asked.recipe
    plan = Plan(
        buildings=town.buildings,
        territory=territory,
        grid_ids=grid_ids,
        limits=book.usual,
        seed=seed,
        results=tuple(summed(division, town.buildings.ids) for division in divisions.values()),
        reasons=reasons,
        versions=_versions() | ({"solver": solver} if solver else {}),
        input_hash=town.input_hash,
        findings=Findings((*town.check(), *(territory.findings or Findings()), *found)),
        barriers=town.barriers,
        aim=asked.aim.objective,
        sources=town.sources,
        book=None if book.is_plain else book,
    )
    return Drawn(plan, divisions)


def _named(asked: Asked, labels: Array) -> Array:
    """Return grid ids in reading order, community by community."""
    names = asked.town.buildings.communities
    out = np.empty(len(labels), dtype=object)
    for name in sorted(set(names)):
        rows = np.flatnonzero(names == name)
        own = np.unique(labels[rows], return_inverse=True)[1].ravel()
        out[rows] = ids_in_order(name, asked.territory.cells[rows], own)
    return out


def _division(asked: Asked, rows: Array, share_s: float | None) -> Division:
    """Divide a community: each kind by itself, then what cannot stand alone with others."""
    name = str(asked.town.buildings.communities[rows[0]])
    fixed = leave_frozen(asked, rows)
    rows = np.setdiff1d(rows, np.concatenate([rows[:0], *(part.rows for part in fixed)]))
    if not len(rows):
        return Division(tuple(fixed))
    if not asked.book.kind_column:
        limits = asked.book.limits_of(name)
        assert limits is not None  # only kinds are exclusive
        return Division((*fixed, divide(asked, Question(rows, limits), share_s)))
    end_s = None if share_s is None else time.monotonic() + share_s
    alone = asked.alone[rows] >= 0
    exclusive = [*fixed, *([divide_exclusive(asked, rows[alone])] if alone.any() else [])]
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
