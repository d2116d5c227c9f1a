"""Grids with nothing to choose: exclusive ones, and those that a lock keeps as they were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import solvers

from .division import Part
from .kinds import main_kinds
from .model import CommunityResult, Limits, Status
from .solving import Asked, problem_of

Array = np.ndarray[Any, Any]

_NO_PAIRS = np.zeros((0, 2), np.int64)


def divide_exclusive(asked: Asked, rows: Array) -> Part:
    """Return the grids of exclusive kinds in a community: there is nothing to choose."""
    labels = np.unique(asked.alone[rows], return_inverse=True)[1].ravel()
    problem = problem_of(asked, rows, Limits())
    most = np.maximum(problem.weights.sum(axis=0), 1)
    bands = np.column_stack([np.zeros_like(most), most])
    verdict = solvers.verify(replace(problem, bands=bands, max_span_m=np.inf), labels)
    if verdict.faults:
        raise RuntimeError(f"exclusive grids failed their check: {verdict.faults}")
    name = str(asked.town.buildings.communities[rows[0]])
    cost = verdict.cost
    result = CommunityResult(name, Status.OPTIMAL, cost, cost, 0.0, 0.0, None, 0.0)
    return Part("", None, rows, labels, result)


def leave_frozen(asked: Asked, rows: Array) -> list[Part]:
    """Return the grids among ``rows`` that stay as they are, each a part of its own."""
    if asked.keep is None:
        return []
    out = []
    for grid in np.unique(asked.keep.frozen[rows]):
        mine = rows[asked.keep.frozen[rows] == grid]
        if grid >= 0:
            out.append(_left_frozen(asked, mine))
    return out


def _left_frozen(asked: Asked, rows: Array) -> Part:
    buildings = asked.town.buildings
    name = str(buildings.communities[rows[0]])
    kinds, code = np.unique(asked.kinds[rows].astype(str), return_inverse=True)
    none = np.zeros(len(rows), np.int64)
    kind = str(kinds[main_kinds(code.ravel(), none, buildings.households[rows], 1)[0]])
    limits = asked.book.limits_of(name, kind)
    problem = replace(
        problem_of(asked, rows, limits or Limits()), together=_NO_PAIRS, apart=_NO_PAIRS
    )
    verdict = solvers.verify(problem, none)
    if verdict.faults:
        raise RuntimeError(f"a frozen grid failed its check: {verdict.faults}")
    violation, cost = float(verdict.violation) if limits else 0.0, verdict.cost
    status = Status.INFEASIBLE if violation else Status.OPTIMAL
    result = CommunityResult(
        name, status, cost, cost, violation, violation, None, 0.0, moved=0, moved_bound=0
    )
    return Part(kind, limits, rows, none, result, frozen=True)
