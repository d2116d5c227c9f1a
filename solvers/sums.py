"""What groups add up to while nodes move between them, and what a move would change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .graphs import Adjacency
from .problem import LOCK_BROKEN, FloatArray, IntArray, Problem
from .value import Rates, cost_of, inertia, rates_of, violation_of


class Ground(NamedTuple):
    """What stays as it is while nodes move; ``xy`` is about the middle, ``span2`` squared."""

    start: IntArray
    neighbour: IntArray
    weights: IntArray
    xy: FloatArray
    span2: float


class State(NamedTuple):
    """What moves change: a label per node, sums per group; ``violation`` is that of the bands.

    ``head``, ``after`` and ``before`` list the members of a group where a span is to be kept.
    ``mark`` belongs to the search for pieces.
    """

    label: IntArray
    size: IntArray
    total: IntArray
    moment: FloatArray
    cut_m: FloatArray
    torn: FloatArray
    violation: IntArray
    cost: FloatArray
    head: IntArray
    after: IntArray
    before: IntArray
    mark: np.ndarray


def ground_of(problem: Problem, graph: Adjacency) -> tuple[Ground, Rates]:
    """Return what the moves need to know of a problem."""
    ground = Ground(
        graph.start,
        graph.neighbour,
        problem.weights.copy(),
        problem.xy - problem.xy.mean(axis=0),
        float(problem.max_span_m) ** 2,
    )
    rates = rates_of(problem)
    # Copies may be written to, whoever made the problem: numba compiles each case anew.
    return ground, rates._replace(bands=rates.bands.copy(), quarter=rates.quarter.copy())


def fresh(labels: IntArray, groups: int, ground: Ground) -> State:
    """Return a state of nothing but labels; ``sum_up`` fills in the groups it is given."""
    n, kinds = ground.weights.shape
    listed = n if np.isfinite(ground.span2) else 0
    return State(
        labels,
        np.zeros(groups, np.int64),
        np.zeros((groups, kinds), np.int64),
        np.zeros((groups, 3)),
        np.zeros(groups),
        np.zeros(groups),
        np.zeros(groups, np.int64),
        np.full(groups, -1.0),
        np.full(groups, -1, np.int64),
        np.full(listed, -1, np.int64),
        np.full(listed, -1, np.int64),
        np.zeros(n, np.int32),
    )


@njit(cache=True)
def fits_span(node, group, state, ground):  # fmt: skip
    """Return whether a node is near enough to all members of a group."""
    xy = ground.xy
    other = state.head[group]
    while other >= 0:
        dx = xy[node, 0] - xy[other, 0]
        dy = xy[node, 1] - xy[other, 1]
        if dx * dx + dy * dy > ground.span2:
            return False
        other = state.after[other]
    return True


@njit(cache=True)
def enlist(node, group, state):  # fmt: skip
    """Put a node on the list of a group's members."""
    old = state.head[group]
    state.head[group] = node
    state.after[node] = old
    state.before[node] = -1
    if old >= 0:
        state.before[old] = node


@njit(cache=True)
def strike(node, group, state):  # fmt: skip
    """Take a node off the list of its group's members."""
    before, after = state.before[node], state.after[node]
    if before >= 0:
        state.after[before] = after
    else:
        state.head[group] = after
    if after >= 0:
        state.before[after] = before


@njit(cache=True)
def slot(key, group, quarter, quarters):  # fmt: skip
    """Return where the households of a quarter in a group stand, or an empty slot."""
    wanted = group * quarters + quarter
    mask = len(key) - 1
    at = (wanted * 0x9E3779B1 >> 7) & mask
    while key[at] >= 0 and key[at] != wanted:
        at = (at + 1) & mask
    return at


@njit(cache=True)
def take_stock(nodes, label, weights, rates, key, held):  # fmt: skip
    """Fill the table of households per group and quarter; return the slots that are in use."""
    quarters = len(rates.quarter_mass)
    key[:] = -1
    held[:] = 0
    used = 0
    for i in nodes:
        q = rates.quarter[i]
        if q >= 0:
            at = slot(key, label[i], q, quarters)
            if key[at] < 0:
                key[at] = label[i] * quarters + q
                used += 1
            held[at] += weights[i, 0]
    return used


@njit(cache=True)
def torn_by(held, more, whole):  # fmt: skip
    """Return how many more households are torn off a quarter where a group takes ``more``."""
    return min(held + more, whole - held - more) - min(held, whole - held)


@njit(cache=True)
def changed(i, g, sign, near_m, held, state, ground, rates, total):  # fmt: skip
    """Violation of the bands and cost of group ``g`` with node ``i`` (sign 1) or without (-1).

    ``near_m``: border between the two; ``held``: households that the group has of i's quarter.
    """
    mass = sign * ground.weights[i, 0]
    x, y = ground.xy[i, 0], ground.xy[i, 1]
    for k in range(len(total)):
        total[k] = state.total[g, k] + sign * ground.weights[i, k]
    compact = inertia(
        total[0],
        state.moment[g, 0] + mass * x,
        state.moment[g, 1] + mass * y,
        state.moment[g, 2] + mass * (x * x + y * y),
    )
    cut_m = 0.0
    if rates.has_border:
        cut_m = state.cut_m[g] + sign * (rates.degree_m[i] - 2 * near_m)
    torn = 0.0
    if rates.has_quarters:
        torn = state.torn[g]
        if rates.quarter[i] >= 0:
            torn += torn_by(held, mass, rates.quarter_mass[rates.quarter[i]])
    violation = 0 if rates.priced else violation_of(total, rates.bands)
    return violation, cost_of(total, compact, cut_m, torn, rates)


@njit(cache=True)
def locks_changed(i, a, b, label, rates):  # fmt: skip
    """Return what moving node ``i`` from group ``a`` to ``b`` adds to the broken locks."""
    out = 0
    for e in range(rates.lock_start[i], rates.lock_start[i + 1]):
        other = label[rates.lock_other[e]]
        sign = 1 if rates.lock_apart[e] == 1 else -1
        if other == b:
            out += sign * LOCK_BROKEN
        elif other == a:
            out -= sign * LOCK_BROKEN
    return out


@njit(cache=True)
def near_m_of(i, group, label, ground, rates):  # fmt: skip
    """Return the border between a node and a group."""
    out = 0.0
    if rates.has_border:
        for e in range(ground.start[i], ground.start[i + 1]):
            if label[ground.neighbour[e]] == group:
                out += rates.edge_m[e]
    return out


@njit(cache=True)
def sum_up(nodes, state, ground, rates, key, held):  # fmt: skip
    """Add up the groups of ``nodes`` from nothing; return the slots of the table in use."""
    spanned = ground.span2 < np.inf
    for i in nodes:
        g = state.label[i]
        mass = ground.weights[i, 0]
        x, y = ground.xy[i, 0], ground.xy[i, 1]
        state.size[g] += 1
        for k in range(ground.weights.shape[1]):
            state.total[g, k] += ground.weights[i, k]
        state.moment[g, 0] += mass * x
        state.moment[g, 1] += mass * y
        state.moment[g, 2] += mass * (x * x + y * y)
        if rates.has_border:
            state.cut_m[g] += rates.degree_m[i] - near_m_of(i, g, state.label, ground, rates)
        if spanned:
            enlist(i, g, state)
    used = 0
    if rates.has_quarters:
        used = take_stock(nodes, state.label, ground.weights, rates, key, held)
        quarters = len(rates.quarter_mass)
        for at in range(len(key)):
            if key[at] >= 0:
                state.torn[key[at] // quarters] += torn_by(
                    0, held[at], rates.quarter_mass[key[at] % quarters]
                )
    for i in nodes:
        g = state.label[i]
        if state.cost[g] < 0:  # not seen yet
            if not rates.priced:
                state.violation[g] = violation_of(state.total[g], rates.bands)
            m = state.moment[g]
            compact = inertia(state.total[g, 0], m[0], m[1], m[2])
            state.cost[g] = cost_of(state.total[g], compact, state.cut_m[g], state.torn[g], rates)
    return used
