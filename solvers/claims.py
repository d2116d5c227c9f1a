"""A redraw's columns: every group says which old group it carries on, or that it carries on none.

An old group becomes a node of its own, a *claim*: a group that carries it on covers it, and where
none does a column of its own covers it for nothing. So "no old group is carried on twice" is
one more row "every node once", and the machinery of covers runs unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from scipy.optimize import linear_sum_assignment

from .columns import Columns
from .problem import FloatArray, IntArray, Problem


@dataclass(frozen=True, eq=False)
class Claimed:
    """A problem with claims as nodes behind its own, and columns over both.

    ``columns`` have ``moved``. ``chosen``: the cover that was given, with the claims that keep
    most households where they are.
    """

    problem: Problem
    columns: Columns
    chosen: IntArray


def moved_least(problem: Problem, labels: IntArray) -> int:
    """Return the households that change owner if owners go on with the groups that fit best."""
    if problem.old is None or (problem.old < 0).all():
        return 0
    stay = _staying(problem, labels)
    had_one = problem.old >= 0
    kept = stay[linear_sum_assignment(stay, maximize=True)].sum()
    return int(problem.weights[had_one, 0].sum() - kept)


def claim(problem: Problem, columns: Columns, chosen: IntArray) -> Claimed:
    """Return the columns once for every old group they may carry on, and once for none.

    A group's households that had another owner, or whose owner it does not carry on, move. Source:
    original.
    """
    assert problem.old is not None
    old = np.unique(problem.old, return_inverse=True)[1] - int((problem.old < 0).any())
    count = int(old.max()) + 1
    mass = np.ascontiguousarray(problem.weights[:, 0])
    size = np.diff(columns.start)
    variants, members = _count(columns.start, columns.member, old, mass)
    groups = int(variants.sum())
    start = np.zeros(groups + count + 1, np.int64)
    member = np.empty(int(members.sum()) + count, np.int32)
    origin = np.empty(groups + count, np.int64)
    moved = np.zeros(groups + count, np.int64)
    carried = np.full(groups + count, -1, np.int64)
    _fill(columns.start, columns.member, old, mass, start, member, origin, moved, carried)
    end = int(start[groups])
    member[end:] = problem.n + np.arange(count)
    start[groups:] = end + np.arange(count + 1)
    slack = np.zeros(count)
    cost = np.concatenate([columns.cost[origin[:groups]], slack])
    violation = np.concatenate([columns.violation[origin[:groups]], slack.astype(np.int64)])
    carried[groups:] = np.arange(count)
    origin[groups:] = -1
    wide = Columns(start, member, cost, violation, moved)
    return Claimed(
        _with_claims(problem, old, count),
        wide,
        _best_claims(problem, columns, chosen, (origin, carried), size),
    )


def _best_claims(
    problem: Problem,
    columns: Columns,
    chosen: IntArray,
    variants: tuple[IntArray, IntArray],
    size: IntArray,
) -> IntArray:
    """Return the chosen columns' variants that keep most, and the claims that nobody makes."""
    origin, carried = variants
    labels = columns.labels(chosen, problem.n)
    stay = _staying(problem, labels)
    carries = np.full(len(chosen), -1, np.int64)
    for group, old in zip(*linear_sum_assignment(stay, maximize=True), strict=True):
        if stay[group, old] > 0:
            carries[group] = old
    place = {int(j): group for group, j in enumerate(chosen)}
    out = []
    for v in np.flatnonzero(np.isin(origin, chosen)):
        if carries[place[int(origin[v])]] == carried[v]:
            out.append(int(v))
    unclaimed = np.setdiff1d(np.arange(stay.shape[1]), carries)
    first = len(origin) - stay.shape[1]
    return np.array(sorted([*out, *(first + unclaimed).tolist()]), np.int64)


def _staying(problem: Problem, labels: IntArray) -> IntArray:
    """Return the households of every old group (ascending) in every group, int64 (g, old)."""
    assert problem.old is not None
    had_one = np.flatnonzero(problem.old >= 0)
    old = np.unique(problem.old[had_one], return_inverse=True)[1]
    stay = np.zeros((int(labels.max()) + 1, int(old.max()) + 1), np.int64)
    np.add.at(stay, (labels[had_one], old), problem.weights[had_one, 0])
    return stay


def _with_claims(problem: Problem, old: IntArray, count: int) -> Problem:
    """Return the problem with a massless node for every old group, next to that group's nodes."""
    xy: FloatArray = np.array([problem.xy[old == g].mean(axis=0) for g in range(count)])
    tail = np.flatnonzero(old >= 0)
    more = np.column_stack([tail, problem.n + old[tail]])
    return replace(
        problem,
        weights=np.concatenate([problem.weights, np.zeros((count, problem.weights.shape[1]), int)]),
        bands=problem.bands.copy(),
        xy=np.concatenate([problem.xy, xy]),
        edges=np.concatenate([problem.edges, more]),
        border_m=None,
        quarter=None,
        old=None,
    )


@njit(cache=True)
def _count(start, member, old, mass):  # fmt: skip
    """Return how many variants every column has, and how many members those have in all."""
    groups = len(start) - 1
    variants = np.empty(groups, np.int64)
    members = np.empty(groups, np.int64)
    for j in range(groups):
        claims = 0
        for e in range(start[j], start[j + 1]):
            claims += _is_first(start[j], e, member, old, mass)
        variants[j] = 1 + claims
        members[j] = (1 + claims) * (start[j + 1] - start[j]) + claims
    return variants, members


@njit(cache=True)
def _is_first(begin, e, member, old, mass):  # fmt: skip
    """Return whether a member with households is the first of its old group in the column."""
    g = old[member[e]]
    if g < 0 or mass[member[e]] == 0:
        return False
    for f in range(begin, e):
        if old[member[f]] == g and mass[member[f]] > 0:
            return False
    return True


@njit(cache=True)
def _fill(start, member, old, mass, o_start, o_member, origin, moved, carried):  # fmt: skip
    """Write the variants of every column: first the one without a claim."""
    n = len(old)
    c = 0
    at = 0
    for j in range(len(start) - 1):
        had = 0
        for e in range(start[j], start[j + 1]):
            if old[member[e]] >= 0:
                had += mass[member[e]]
        for e in range(start[j] - 1, start[j + 1]):
            if e >= start[j] and not _is_first(start[j], e, member, old, mass):
                continue
            o_start[c] = at
            for f in range(start[j], start[j + 1]):
                o_member[at] = member[f]
                at += 1
            origin[c] = j
            moved[c] = had
            if e >= start[j]:
                g = old[member[e]]
                carried[c] = g
                o_member[at] = n + g
                at += 1
                for f in range(start[j], start[j + 1]):
                    if old[member[f]] == g:
                        moved[c] -= mass[member[f]]
            c += 1
    o_start[c] = at
