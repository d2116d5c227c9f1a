"""Single moves across the borders of groups that keep both sides connected: downhill or annealed.

Groups fall into regions, and a node moves only between groups of its own region. What a move
changes depends on no label outside the region, so that regions run side by side and the
result does not depend on how many cores there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, parallel_chunksize, prange

from .graphs import Adjacency
from .problem import LOCK_BROKEN, VIOLATION_UNIT, BoolArray, FloatArray, IntArray, Problem
from .value import Rates, cost_of, inertia, rates_of, violation_of

SWEEPS = 200  # of a descent at most; it ends where no node moves
LEAST_GAIN = 1e-9  # a smaller fall in cost is rounding


class Heat(NamedTuple):
    """Temperatures at the first and the last sweep, in cost, and the cost of a violation of 1.

    At 0 a move must lower the violation, or the cost at the same violation.
    """

    first: float
    last: float
    violation_weight: float


class Ground(NamedTuple):
    """What stays as it is while nodes move; ``xy`` is about the middle, ``span2`` squared."""

    start: IntArray
    neighbour: IntArray
    weights: IntArray
    xy: FloatArray
    span2: float


class _State(NamedTuple):
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


@njit(cache=True)
def _random(state):  # fmt: skip
    """Return a number in [0, 1): xorshift64* (Vigna 2016); a region needs a generator of its own.

    Numba cannot make NumPy's generators inside a parallel loop.
    """
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * 2.0**-53


@njit(cache=True)
def _stays_connected(node, group, label, start, neighbour, mark, stamp, queue):  # fmt: skip
    """Return whether ``group`` without ``node`` is not empty and still in one piece.

    Nearly always the neighbours of the node hold together among themselves: look there first.
    """
    first = -1
    needed = -1
    for e in range(start[node], start[node + 1]):
        other = neighbour[e]
        if label[other] == group:
            needed += 1
            first = other
            mark[other] = -stamp  # a neighbour of the node, not reached yet
    if needed <= 0:
        return needed == 0
    mark[node] = stamp
    mark[first] = stamp
    queue[0] = first
    head, end = 0, 1
    while head < end:
        at = queue[head]
        head += 1
        for e in range(start[at], start[at + 1]):
            other = neighbour[e]
            if label[other] == group and mark[other] == -stamp:
                mark[other] = stamp
                queue[end] = other
                end += 1
                needed -= 1
        if needed == 0:
            return True
    head = 0
    while head < end:
        at = queue[head]
        head += 1
        for e in range(start[at], start[at + 1]):
            other = neighbour[e]
            if label[other] == group and mark[other] != stamp:
                if mark[other] == -stamp:
                    needed -= 1
                    if needed == 0:
                        return True
                mark[other] = stamp
                queue[end] = other
                end += 1
    return False


@njit(cache=True)
def _fits_span(node, group, state, ground):  # fmt: skip
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
def _enlist(node, group, state):  # fmt: skip
    old = state.head[group]
    state.head[group] = node
    state.after[node] = old
    state.before[node] = -1
    if old >= 0:
        state.before[old] = node


@njit(cache=True)
def _strike(node, group, state):  # fmt: skip
    before, after = state.before[node], state.after[node]
    if before >= 0:
        state.after[before] = after
    else:
        state.head[group] = after
    if after >= 0:
        state.before[after] = before


@njit(cache=True)
def _slot(key, group, quarter, quarters):  # fmt: skip
    """Return where the households of a quarter in a group stand, or an empty slot."""
    wanted = group * quarters + quarter
    mask = len(key) - 1
    at = (wanted * 0x9E3779B1 >> 7) & mask
    while key[at] >= 0 and key[at] != wanted:
        at = (at + 1) & mask
    return at


@njit(cache=True)
def _take_stock(nodes, label, weights, rates, key, held):  # fmt: skip
    """Fill the table of households per group and quarter; return the slots that are in use."""
    quarters = len(rates.quarter_mass)
    key[:] = -1
    held[:] = 0
    used = 0
    for i in nodes:
        q = rates.quarter[i]
        if q >= 0:
            at = _slot(key, label[i], q, quarters)
            if key[at] < 0:
                key[at] = label[i] * quarters + q
                used += 1
            held[at] += weights[i, 0]
    return used


@njit(cache=True)
def _torn_by(held, more, whole):  # fmt: skip
    """Return how many more households are torn off a quarter where a group takes ``more``."""
    return min(held + more, whole - held - more) - min(held, whole - held)


@njit(cache=True)
def _changed(i, g, sign, near_m, held, state, ground, rates, total):  # fmt: skip
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
            torn += _torn_by(held, mass, rates.quarter_mass[rates.quarter[i]])
    violation = 0 if rates.priced else violation_of(total, rates.bands)
    return violation, cost_of(total, compact, cut_m, torn, rates)


@njit(cache=True)
def _locks_changed(i, a, b, label, rates):  # fmt: skip
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
def _near_m(i, group, label, ground, rates):  # fmt: skip
    """Return the border between a node and a group."""
    out = 0.0
    if rates.has_border:
        for e in range(ground.start[i], ground.start[i + 1]):
            if label[ground.neighbour[e]] == group:
                out += rates.edge_m[e]
    return out


@njit(cache=True)
def _sum_up(nodes, state, ground, rates, key, held):  # fmt: skip
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
            state.cut_m[g] += rates.degree_m[i] - _near_m(i, g, state.label, ground, rates)
        if spanned:
            _enlist(i, g, state)
    used = 0
    if rates.has_quarters:
        used = _take_stock(nodes, state.label, ground.weights, rates, key, held)
        quarters = len(rates.quarter_mass)
        for at in range(len(key)):
            if key[at] >= 0:
                state.torn[key[at] // quarters] += _torn_by(
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


@njit(cache=True)
def _moves(nodes, here, region, state, ground, rates, heat, sweeps, seed):  # fmt: skip
    """Move nodes of the region ``here`` in place; return moves, violation and cost they added."""
    label = state.label
    start, neighbour, weights = ground.start, ground.neighbour, ground.weights
    quarters = len(rates.quarter_mass)
    room = 4
    while rates.has_quarters and room < 4 * len(nodes):
        room *= 2
    key, held = np.empty(room, np.int64), np.empty(room, np.int64)
    used = _sum_up(nodes, state, ground, rates, key, held)
    queue = np.empty(len(nodes), np.int64)
    total = np.empty(weights.shape[1], np.int64)
    order = nodes.copy()
    random = np.array([seed], np.uint64)
    stamp = 0
    moves, v_added, c_added = 0, 0, 0.0
    for sweep in range(sweeps):
        heated = heat.first + (heat.last - heat.first) * sweep / max(1, sweeps - 1)
        moved = 0
        for q in range(len(order)):
            if heated > 0:  # any order will do, so that it has no direction
                p = q + int(_random(random) * (len(order) - q))
                order[q], order[p] = order[p], order[q]
            i = order[q]
            a = label[i]
            if state.size[a] == 1:
                continue
            best, best_v, best_c, least = -1, 0, -LEAST_GAIN, np.inf
            a_held, b_held, best_held = 0, 0, 0
            a_v, a_c = -1, 0.0
            quarter = rates.quarter[i] if rates.has_quarters else -1
            tried = -1
            for e in range(start[i], start[i + 1]):
                b = label[neighbour[e]]
                if b in (a, tried, best) or region[b] != here:
                    continue
                tried = b
                if a_v < 0:
                    if quarter >= 0:
                        a_held = held[_slot(key, a, quarter, quarters)]
                    near_m = _near_m(i, a, label, ground, rates)
                    a_v, a_c = _changed(i, a, -1, near_m, a_held, state, ground, rates, total)
                if quarter >= 0:
                    b_held = held[_slot(key, b, quarter, quarters)]
                near_m = _near_m(i, b, label, ground, rates)
                b_v, b_c = _changed(i, b, 1, near_m, b_held, state, ground, rates, total)
                dv = a_v + b_v - state.violation[a] - state.violation[b]
                dc = a_c + b_c - state.cost[a] - state.cost[b]
                if rates.has_locks:
                    dv += _locks_changed(i, a, b, label, rates)
                if heated > 0:
                    rise = dc + heat.violation_weight * dv / VIOLATION_UNIT
                    wanted = rise < least
                else:
                    rise = 0.0
                    wanted = dv < best_v or (dv == best_v and dc < best_c)
                if wanted and (ground.span2 == np.inf or _fits_span(i, b, state, ground)):
                    best, best_v, best_c, least, best_held = b, dv, dc, rise, b_held
            if best < 0:
                continue
            if heated > 0 and least > 0 and _random(random) >= np.exp(-least / heated):
                continue
            stamp += 1
            if not _stays_connected(i, a, label, start, neighbour, state.mark, stamp, queue):
                continue
            x, y = ground.xy[i, 0], ground.xy[i, 1]
            for g, sign, group_held in ((a, -1, a_held), (best, 1, best_held)):
                near_m = _near_m(i, g, label, ground, rates)
                v, c = _changed(i, g, sign, near_m, group_held, state, ground, rates, total)
                state.violation[g], state.cost[g] = v, c
                mass = sign * weights[i, 0]
                state.size[g] += sign
                for k in range(len(total)):
                    state.total[g, k] = total[k]
                state.moment[g, 0] += mass * x
                state.moment[g, 1] += mass * y
                state.moment[g, 2] += mass * (x * x + y * y)
                if rates.has_border:
                    state.cut_m[g] += sign * (rates.degree_m[i] - 2 * near_m)
                if quarter >= 0:
                    state.torn[g] += _torn_by(group_held, mass, rates.quarter_mass[quarter])
                    at = _slot(key, g, quarter, quarters)
                    if key[at] < 0:
                        key[at] = g * quarters + quarter
                        used += 1
                    held[at] += mass
            if ground.span2 < np.inf:
                _strike(i, a, state)
                _enlist(i, best, state)
            label[i] = best
            moved += 1
            v_added += best_v
            c_added += best_c
            if 2 * used > room:
                used = _take_stock(nodes, label, weights, rates, key, held)
        moves += moved
        if moved == 0 and heated <= 0:
            break
    return moves, v_added, c_added


@njit(cache=True, parallel=True)
def _in_regions(
    nodes, first, region, state, ground, rates, heat, sweeps, seeds, added,
):  # fmt: skip
    """Run every region r on its own nodes, ``nodes[first[r]:first[r + 1]]``."""
    for r in prange(len(first) - 1):
        added[r, 0], added[r, 1], added[r, 2] = _moves(
            nodes[first[r] : first[r + 1]], r, region, state, ground, rates, heat, sweeps, seeds[r]
        )


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


def move(
    place: tuple[Ground, Rates],
    labels: IntArray,
    region: IntArray,
    *,
    heat: Heat,
    sweeps: int,
    seed: int = 0,
) -> tuple[int, int, float]:
    """Move nodes between groups of one region, ``labels`` in place.

    Returns the number of moves, and the violation (millionths) and cost that they added.

    ``labels``: int64 (n,), groups 0..g-1, all connected. ``region``: int64 (g,), numbered from
    0; groups of -1 are left as they are. No group is added or lost.
    """
    ground, rates = place
    groups, kinds = len(region), ground.weights.shape[1]
    n = len(labels)
    listed = n if np.isfinite(ground.span2) else 0
    state = _State(
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
    regions = int(region.max(initial=-1)) + 1
    of_node = region[labels].astype(np.int16 if regions < 2**15 else np.int64)
    nodes = np.argsort(of_node, kind="stable")
    first = np.searchsorted(of_node[nodes], np.arange(regions + 1))
    seeds = np.random.default_rng(seed).integers(1, 2**63, regions).astype(np.uint64)
    added = np.zeros((regions, 3))
    with parallel_chunksize(1):  # a region at a time: whoever is free takes the next
        _in_regions(nodes, first, region, state, ground, rates, heat, sweeps, seeds, added)
    moves, violation, cost = added.sum(axis=0)
    return int(moves), int(violation), float(cost)


def descend_in(place: tuple[Ground, Rates], labels: IntArray, region: IntArray) -> None:
    """Move nodes downhill, ``labels`` in place, until no move helps; see ``move``."""
    move(place, labels, region, heat=Heat(0.0, 0.0, 0.0), sweeps=SWEEPS)


def descend(problem: Problem, labels: IntArray, graph: Adjacency, closed: BoolArray) -> IntArray:
    """Return labels no worse in violation and cost, groups still connected and within the span.

    ``closed``: bool (n,), nodes that stand alone.
    """
    labels = labels.astype(np.int64).copy()
    region = np.zeros(int(labels.max()) + 1, np.int64)
    region[labels[closed]] = -1
    descend_in(ground_of(problem, graph), labels, region)
    return labels
