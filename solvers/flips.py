"""Single moves across the borders of groups that keep both sides connected: downhill or annealed.

Groups fall into regions, and a node moves only between groups of its own region. What a move
changes depends on no label outside the region, so that regions run side by side and the
result does not depend on how many cores there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, parallel_chunksize, prange

from .claims import claims_of, shares_of
from .columns import MOST_MOVED
from .graphs import Adjacency
from .problem import VIOLATION_UNIT, BoolArray, IntArray, Problem
from .sums import (
    Ground,
    changed,
    enlist,
    fits_span,
    fresh,
    ground_of,
    locks_changed,
    near_m_of,
    slot,
    strike,
    sum_up,
    take_stock,
    torn_by,
)
from .value import Rates, is_over

SWEEPS = 200  # of a descent at most; it ends where no node moves
LEAST_GAIN = 1e-9  # a smaller fall in cost is rounding


class Heat(NamedTuple):
    """Temperatures at the first and the last sweep, in cost, and the cost of a violation of 1.

    At 0 a move must lower the violation, or at the same violation the households that change owner,
    or at the same number of those the cost.
    """

    first: float
    last: float
    violation_weight: float


class Owners(NamedTuple):
    """Of a redraw, whose the nodes are: of node i ``old[start[i]:start[i + 1]]`` with ``mass``.

    ``carried``: the old group that every group carries on, -1 for none; it goes on doing so while
    nodes move. Where nothing is redrawn no node has any. ``room``: int64 (1,), how many households
    more may change owner; moves at no temperature keep to it, in one region alone.
    """

    start: IntArray
    old: IntArray
    mass: IntArray
    carried: IntArray
    room: IntArray


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
def _staying(i, g, owners):  # fmt: skip
    """Return the households of a node that keep their owner in a group."""
    out = 0
    for e in range(owners.start[i], owners.start[i + 1]):
        if owners.old[e] == owners.carried[g]:
            out += owners.mass[e]
    return out


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
def _moves(nodes, here, region, state, ground, rates, owners, heat, sweeps, seed):  # fmt: skip
    """Move nodes of the region ``here`` in place; return moves, violation and cost they added."""
    label = state.label
    start, neighbour, weights = ground.start, ground.neighbour, ground.weights
    quarters = len(rates.quarter_mass)
    room = 4
    while rates.has_quarters and room < 4 * len(nodes):
        room *= 2
    key, held = np.empty(room, np.int64), np.empty(room, np.int64)
    used = sum_up(nodes, state, ground, rates, key, held)
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
            best, best_v, best_m, best_c, least = -1, 0, 0, -LEAST_GAIN, np.inf
            a_stay = _staying(i, a, owners)
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
                        a_held = held[slot(key, a, quarter, quarters)]
                    near_m = near_m_of(i, a, label, ground, rates)
                    a_v, a_c = changed(i, a, -1, near_m, a_held, state, ground, rates, total)
                if quarter >= 0:
                    b_held = held[slot(key, b, quarter, quarters)]
                near_m = near_m_of(i, b, label, ground, rates)
                b_v, b_c = changed(i, b, 1, near_m, b_held, state, ground, rates, total)
                # With a penalty the proofs speak of plans where only single nodes are over a limit.
                if rates.priced and heated == 0 and is_over(total, rates.bands):
                    continue
                dv = a_v + b_v - state.violation[a] - state.violation[b]
                dc = a_c + b_c - state.cost[a] - state.cost[b]
                dm = a_stay - _staying(i, b, owners)
                if heated == 0 and dm > owners.room[0]:
                    continue
                if rates.has_locks:
                    dv += locks_changed(i, a, b, label, rates)
                if heated > 0:
                    rise = dc + heat.violation_weight * dv / VIOLATION_UNIT
                    wanted = rise < least
                else:
                    rise = 0.0
                    wanted = dv < best_v or (
                        dv == best_v and (dm < best_m or (dm == best_m and dc < best_c))
                    )
                if wanted and (ground.span2 == np.inf or fits_span(i, b, state, ground)):
                    best, best_v, best_m, best_c = b, dv, dm, dc
                    least, best_held = rise, b_held
            if best < 0:
                continue
            if heated > 0 and least > 0 and _random(random) >= np.exp(-least / heated):
                continue
            stamp += 1
            if not _stays_connected(i, a, label, start, neighbour, state.mark, stamp, queue):
                continue
            x, y = ground.xy[i, 0], ground.xy[i, 1]
            for g, sign, group_held in ((a, -1, a_held), (best, 1, best_held)):
                near_m = near_m_of(i, g, label, ground, rates)
                v, c = changed(i, g, sign, near_m, group_held, state, ground, rates, total)
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
                    state.torn[g] += torn_by(group_held, mass, rates.quarter_mass[quarter])
                    at = slot(key, g, quarter, quarters)
                    if key[at] < 0:
                        key[at] = g * quarters + quarter
                        used += 1
                    held[at] += mass
            if ground.span2 < np.inf:
                strike(i, a, state)
                enlist(i, best, state)
            label[i] = best
            moved += 1
            if best_m != 0:
                owners.room[0] -= best_m
            v_added += best_v
            c_added += best_c
            if 2 * used > room:
                used = take_stock(nodes, label, weights, rates, key, held)
        moves += moved
        if moved == 0 and heated <= 0:
            break
    return moves, v_added, c_added


@njit(cache=True, parallel=True)
def _in_regions(
    nodes, first, region, state, ground, rates, owners, heat, sweeps, seeds, added,
):  # fmt: skip
    """Run every region r on its own nodes, ``nodes[first[r]:first[r + 1]]``."""
    for r in prange(len(first) - 1):
        added[r, 0], added[r, 1], added[r, 2] = _moves(
            nodes[first[r] : first[r + 1]], r, region, state, ground, rates, owners, heat, sweeps,
            seeds[r],
        )  # fmt: skip


def move(
    place: tuple[Ground, Rates],
    labels: IntArray,
    region: IntArray,
    *,
    heat: Heat,
    sweeps: int,
    seed: int = 0,
    owners: Owners | None = None,
) -> tuple[int, int, float]:
    """Move nodes between groups of one region, ``labels`` in place.

    Returns the number of moves, and the violation (millionths) and cost that they added.

    ``labels``: int64 (n,), groups 0..g-1, all connected. ``region``: int64 (g,), numbered from
    0; groups of -1 are left as they are. No group is added or lost.
    """
    ground, rates = place
    state = fresh(labels, len(region), ground)
    regions = int(region.max(initial=-1)) + 1
    of_node = region[labels].astype(np.int16 if regions < 2**15 else np.int64)
    nodes = np.argsort(of_node, kind="stable")
    first = np.searchsorted(of_node[nodes], np.arange(regions + 1))
    seeds = np.random.default_rng(seed).integers(1, 2**63, regions).astype(np.uint64)
    added = np.zeros((regions, 3))
    with parallel_chunksize(1):  # a region at a time: whoever is free takes the next
        owners = owners or nobody(len(labels), len(region))
        _in_regions(nodes, first, region, state, ground, rates, owners, heat, sweeps, seeds, added)
    moves, violation, cost = added.sum(axis=0)
    return int(moves), int(violation), float(cost)


def nobody(n: int, groups: int) -> Owners:
    """Return the owners of ``n`` nodes that have none."""
    none = np.zeros(0, np.int64)
    return Owners(
        np.zeros(n + 1, np.int64), none, none, np.full(groups, -1, np.int64), np.full(1, MOST_MOVED)
    )


def owners_of(problem: Problem, labels: IntArray) -> Owners:
    """Return whose the nodes are, and which old groups these groups carry on."""
    groups = int(labels.max()) + 1
    if not problem.redraws or (problem.spend_moves and problem.most_moved is None):
        return nobody(problem.n, groups)
    shares = shares_of(problem)
    stay, carried = claims_of(shares, labels)
    room = MOST_MOVED
    if problem.most_moved is not None:
        room = max(0, problem.most_moved - int(shares.mass.sum()) + stay)
    return Owners(shares.start, shares.old, shares.mass, carried, np.full(1, room))


def descend_in(
    place: tuple[Ground, Rates], labels: IntArray, region: IntArray, owners: Owners | None = None
) -> None:
    """Move nodes downhill, ``labels`` in place, until no move helps; see ``move``."""
    move(place, labels, region, heat=Heat(0.0, 0.0, 0.0), sweeps=SWEEPS, owners=owners)


def descend(problem: Problem, labels: IntArray, graph: Adjacency, closed: BoolArray) -> IntArray:
    """Return labels no worse in violation, households moved and cost; groups still connected.

    Groups stay within the span. ``closed``: bool (n,), nodes that stand alone.
    """
    labels = labels.astype(np.int64).copy()
    region = np.zeros(int(labels.max()) + 1, np.int64)
    region[labels[closed]] = -1
    descend_in(ground_of(problem, graph), labels, region, owners_of(problem, labels))
    return labels
