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

    @property
    def moved(self) -> int:
        """The households that the chosen cover moves."""
        assert self.columns.moved is not None
        return int(self.columns.moved[self.chosen].sum())


@dataclass(frozen=True, eq=False)
class Shares:
    """What every node holds of old groups, and which of those are pinned; old groups from 0.

    Of node i: ``old[start[i]:start[i + 1]]`` with ``mass``; a pinned node holds the group it is
    pinned to, be it nothing of it. ``pin``: int64 (n,), that group or -1. ``pins``: int64 (old,),
    how many nodes are pinned to each. ``names``: the old groups as the problem calls them.
    """

    start: IntArray
    old: IntArray
    mass: IntArray
    pin: IntArray
    pins: IntArray
    names: IntArray


def shares_of(problem: Problem) -> Shares:
    """Return what every node of a redraw holds of old groups."""
    n = problem.n
    stakes = problem.stakes
    pinned = np.full(n, -1, np.int64) if problem.pinned is None else problem.pinned
    held = np.flatnonzero(pinned >= 0)
    none = np.zeros(len(held), np.int64)
    rows = np.concatenate([stakes, np.column_stack([held, pinned[held], none])])
    pairs, which = np.unique(rows[:, :2], axis=0, return_inverse=True)
    mass = np.zeros(len(pairs), np.int64)
    np.add.at(mass, which.ravel(), rows[:, 2])
    names, old = np.unique(pairs[:, 1], return_inverse=True)
    pin = np.where(pinned >= 0, np.searchsorted(names, pinned), -1)
    return Shares(
        np.searchsorted(pairs[:, 0], np.arange(n + 1)).astype(np.int64),
        old.ravel().astype(np.int64),
        mass,
        pin.astype(np.int64),
        np.bincount(pin[held], minlength=len(names)).astype(np.int64),
        names,
    )


def moved_least(problem: Problem, labels: IntArray) -> int:
    """Return the households that change owner if owners go on with the groups that fit best."""
    if not problem.redraws:
        return 0
    shares = shares_of(problem)
    stay, _ = claims_of(shares, labels)
    return int(shares.mass.sum() - stay)


def claims_of(shares: Shares, labels: IntArray) -> tuple[int, IntArray]:
    """Return the households that stay, and the old group that every group carries on (-1: none).

    An old group with pinned nodes is carried on by a group with some of them, and by the group
    that has them all if there is one.
    """
    stay = _staying(shares, labels)
    groups, olds = stay.shape
    held = np.zeros((groups, olds), np.int64)
    pinned = np.flatnonzero(shares.pin >= 0)
    np.add.at(held, (labels[pinned], shares.pin[pinned]), 1)
    open_ = (held > 0) | (shares.pins == 0)
    must = (held == shares.pins) & (held > 0)
    bonus = np.where(must, int(stay.sum()) + 1, 0)
    worth = np.where(open_, stay + bonus, 0)
    carries = np.full(groups, -1, np.int64)
    kept = 0
    for group, old in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
        if worth[group, old] > 0:
            carries[group] = old
            kept += int(stay[group, old])
    return kept, carries


def claim(problem: Problem, columns: Columns, chosen: IntArray) -> Claimed:
    """Return the columns once for every old group they may carry on, and once for none.

    A group's households that had another owner, or whose owner it does not carry on, move. A
    group with all pinned nodes of an old group must carry it on, one with none of them must not.
    Source: original.
    """
    shares = shares_of(problem)
    count = len(shares.names)
    size = np.diff(columns.start)
    arrays = (shares.start, shares.old, shares.mass, shares.pin, shares.pins)
    variants = _count(columns.start, columns.member, *arrays)
    extra = variants[:, 0]
    groups = int(extra.sum())
    members = int((extra * size).sum() + variants[:, 1].sum())
    start = np.zeros(groups + count + 1, np.int64)
    member = np.empty(members + count, np.int32)
    origin = np.empty(groups + count, np.int64)
    moved = np.zeros(groups + count, np.int64)
    carried = np.full(groups + count, -1, np.int64)
    _fill(columns.start, columns.member, *arrays, start, member, origin, moved, carried)
    end = int(start[groups])
    member[end:] = problem.n + np.arange(count)
    start[groups:] = end + np.arange(count + 1)
    slack = np.zeros(count)
    cost = np.concatenate([columns.cost[origin[:groups]], slack])
    violation = np.concatenate([columns.violation[origin[:groups]], slack.astype(np.int64)])
    carried[groups:] = np.arange(count)
    origin[groups:] = -1
    wide = Columns(start, member, cost, violation, moved)
    labels = columns.labels(chosen, problem.n)
    best = _best_claims(shares, labels, chosen, (origin, carried))
    return Claimed(_with_claims(problem, shares), wide, best)


def least_of_each(problem: Problem, columns: Columns) -> IntArray:
    """Return the fewest households that every column moves, whatever it carries on; int64 (c,)."""
    shares = shares_of(problem)
    arrays = (shares.start, shares.old, shares.mass, shares.pin, shares.pins)
    return np.asarray(_least(columns.start, columns.member, *arrays))


def _best_claims(
    shares: Shares, labels: IntArray, chosen: IntArray, variants: tuple[IntArray, IntArray]
) -> IntArray:
    """Return the chosen columns' variants that keep most, and the claims that nobody makes."""
    origin, carried = variants
    _, carries = claims_of(shares, labels)
    place = {int(j): group for group, j in enumerate(chosen)}
    out = []
    for v in np.flatnonzero(np.isin(origin, chosen)):
        if carries[place[int(origin[v])]] == carried[v]:
            out.append(int(v))
    olds = len(shares.names)
    unclaimed = np.setdiff1d(np.arange(olds), carries)
    first = len(origin) - olds
    return np.array(sorted([*out, *(first + unclaimed).tolist()]), np.int64)


def _staying(shares: Shares, labels: IntArray) -> IntArray:
    """Return the households of every old group in every group, int64 (g, old)."""
    stay = np.zeros((int(labels.max()) + 1, len(shares.names)), np.int64)
    node = np.repeat(np.arange(len(shares.start) - 1), np.diff(shares.start))
    np.add.at(stay, (labels[node], shares.old), shares.mass)
    return stay


def _with_claims(problem: Problem, shares: Shares) -> Problem:
    """Return the problem with a massless node for every old group, next to that group's nodes."""
    count = len(shares.names)
    node = np.repeat(np.arange(problem.n), np.diff(shares.start))
    number = np.bincount(shares.old, minlength=count)
    places = [np.bincount(shares.old, problem.xy[node, k], count) / number for k in range(2)]
    xy: FloatArray = np.column_stack(places)
    more = np.column_stack([node, problem.n + shares.old])
    return replace(
        problem,
        weights=np.concatenate([problem.weights, np.zeros((count, problem.weights.shape[1]), int)]),
        bands=problem.bands.copy(),
        xy=np.concatenate([problem.xy, xy]),
        edges=np.concatenate([problem.edges, more]),
        border_m=None,
        quarter=None,
        old=None,
        owned=None,
        pinned=None,
    )


@njit(cache=True)
def _held_by(begin, end, member, s_start, s_old, s_mass, pin, olds, mass, pinned):  # fmt: skip
    """List the old groups that a column holds a share of; return how many, and their households.

    ``olds``, ``mass``, ``pinned`` take the groups, what is held of each, and how many pinned nodes.
    """
    count = 0
    whole = 0
    for e in range(begin, end):
        i = member[e]
        for f in range(s_start[i], s_start[i + 1]):
            g = s_old[f]
            at = -1
            for k in range(count):
                if olds[k] == g:
                    at = k
                    break
            if at < 0:
                at = count
                olds[at] = g
                mass[at] = 0
                pinned[at] = 0
                count += 1
            mass[at] += s_mass[f]
            whole += s_mass[f]
            if pin[i] == g:
                pinned[at] += 1
    return count, whole


@njit(cache=True)
def _may_claim(k, olds, mass, pinned, pins, must):  # fmt: skip
    """Return whether a column may carry on the k-th old group that it holds a share of."""
    g = olds[k]
    if must:
        return pinned[k] > 0 and pinned[k] == pins[g]
    return (pins[g] == 0 and mass[k] > 0) or pinned[k] > 0


@njit(cache=True)
def _must_claim(count, olds, pinned, pins):  # fmt: skip
    """Return whether a column has all pinned nodes of some old group."""
    for k in range(count):
        if pinned[k] > 0 and pinned[k] == pins[olds[k]]:
            return True
    return False


@njit(cache=True)
def _most_held(s_start, start, member):  # fmt: skip
    """Return how many shares the members of any one column have at most."""
    most = 1
    for j in range(len(start) - 1):
        held = 0
        for e in range(start[j], start[j + 1]):
            held += s_start[member[e] + 1] - s_start[member[e]]
        most = max(most, held)
    return most


@njit(cache=True)
def _count(start, member, s_start, s_old, s_mass, pin, pins):  # fmt: skip
    """Return how many variants every column has, and how many claims those make; int64 (c, 2)."""
    groups = len(start) - 1
    room = _most_held(s_start, start, member)
    olds, mass = np.empty(room, np.int64), np.empty(room, np.int64)
    pinned = np.empty(room, np.int64)
    out = np.zeros((groups, 2), np.int64)
    for j in range(groups):
        count, _ = _held_by(
            start[j], start[j + 1], member, s_start, s_old, s_mass, pin, olds, mass, pinned
        )
        must = _must_claim(count, olds, pinned, pins)
        out[j, 0] = 0 if must else 1
        for k in range(count):
            if _may_claim(k, olds, mass, pinned, pins, must):
                out[j, 0] += 1
                out[j, 1] += 1
    return out


@njit(cache=True)
def _fill(
    start, member, s_start, s_old, s_mass, pin, pins, o_start, o_member, origin, moved, carried,
):  # fmt: skip
    """Write the variants of every column: first the one without a claim, where there is one."""
    n = len(pin)
    room = _most_held(s_start, start, member)
    olds, mass = np.empty(room, np.int64), np.empty(room, np.int64)
    pinned = np.empty(room, np.int64)
    c = 0
    at = 0
    for j in range(len(start) - 1):
        count, whole = _held_by(
            start[j], start[j + 1], member, s_start, s_old, s_mass, pin, olds, mass, pinned
        )
        must = _must_claim(count, olds, pinned, pins)
        for k in range(-1, count):
            if k < 0 and must:
                continue
            if k >= 0 and not _may_claim(k, olds, mass, pinned, pins, must):
                continue
            o_start[c] = at
            for f in range(start[j], start[j + 1]):
                o_member[at] = member[f]
                at += 1
            origin[c] = j
            moved[c] = whole
            if k >= 0:
                carried[c] = olds[k]
                o_member[at] = n + olds[k]
                at += 1
                moved[c] -= mass[k]
            c += 1
    o_start[c] = at


@njit(cache=True)
def _least(start, member, s_start, s_old, s_mass, pin, pins):  # fmt: skip
    """Return the fewest households that every column moves."""
    room = _most_held(s_start, start, member)
    olds, mass = np.empty(room, np.int64), np.empty(room, np.int64)
    pinned = np.empty(room, np.int64)
    out = np.zeros(len(start) - 1, np.int64)
    for j in range(len(out)):
        count, whole = _held_by(
            start[j], start[j + 1], member, s_start, s_old, s_mass, pin, olds, mass, pinned
        )
        must = _must_claim(count, olds, pinned, pins)
        stay = 0
        for k in range(count):
            if mass[k] > stay and _may_claim(k, olds, mass, pinned, pins, must):
                stay = mass[k]
        out[j] = whole - stay
    return out
