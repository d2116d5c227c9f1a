"""Visit the connected groups of nodes, each exactly once: all of them, or the priced few.

The visit is the "extension" enumeration of connected subgraphs (Wernicke 2006, ESU): a group
grows from its smallest node, and a node passed over never comes back below it. Pruning by
weight, span and price is original.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange

from .columns import Columns
from .graphs import adjacency
from .joining import most_gain, room_prices
from .problem import VIOLATION_UNIT, BoolArray, FloatArray, Problem
from .pruning import (
    BY_COST,
    BY_ROOM,
    BY_SHARE,
    IN_BAND,
    OVER_CAPS,
    Search,
    cannot_pay,
    payers_of,
    pruning_of,
    within_reach,
)
from .value import cost_of, inertia, is_over, locks_broken, rates_of, torn_of, violation_of

STRANDS = 8  # roots are dealt to so many strands; more than cores, so that none lags behind
LOOKS = 24  # times a sweep looks up whether to stop at least
WAIT_S = 0.2  # a slice that takes longer looks it up so often
GLANCE = 1 << 14  # visits between two glances at the flag that stops a slice


@dataclass(frozen=True, eq=False)
class Found:
    """Answer of a sweep: ``columns``, and per root the least value seen (0 where none is below).

    ``complete`` is False where a limit on groups or visits cut the sweep short: then neither
    the columns nor ``least`` may be used for a proof; ``cut_short``, bool (n,), tells which roots
    have more.
    """

    columns: Columns
    least: FloatArray
    complete: bool
    visited: int
    cut_short: BoolArray


@njit(cache=True)
def _from_root(
    root, start, neighbour, weights, rates, xy, span2, closed, price, cuts, rule, payers,
    prices, limits, work, fill, at, o_start, o_member, o_cost, o_violation, answer, halt,
):  # fmt: skip
    """Visit every connected group whose smallest node is ``root`` and keep those asked for.

    Nodes wait in ``front`` in the order found. Taking ``front[q]`` appends its new neighbours;
    nodes before the cursor were taken or passed over for good, so no group comes twice.
    ``answer``: groups kept, members kept, visits, whether complete; returns the least value.
    """
    (
        group, front, cursor, tail, total, moment, seen, is_in, spare, way, count,
        scratch,
    ) = work  # fmt: skip
    cut_start, cut_of, factor_of, cut_price, divisor = cuts
    bands = rates.bands
    v_weight, c_weight, most_value, kind, prune = rule
    over_caps = kind == OVER_CAPS
    most_columns, most_visits = limits
    kinds = weights.shape[1]
    columns = 0
    members = 0
    visits = 0
    complete = True
    least = 0.0
    level = 0
    group[0] = root
    seen[root] = True
    is_in[root] = True
    end = 0
    if not closed[root]:
        for e in range(start[root], start[root + 1]):
            other = neighbour[e]
            if other > root and not closed[other]:
                front[end] = other
                seen[other] = True
                end += 1
    cursor[0] = 0
    tail[0] = end
    rate = c_weight * rates.compactness
    # what a group below the band pays at least
    under = c_weight * rates.penalty[0] if rates.priced else v_weight
    if kind == IN_BAND:
        under = np.inf
    scratch[0][:] = 0
    for k in range(kinds):
        total[0, k] = weights[root, k]
    mass = weights[root, 0]
    moment[0, 0] = mass * xy[root, 0]
    moment[0, 1] = mass * xy[root, 1]
    moment[0, 2] = mass * (xy[root, 0] ** 2 + xy[root, 1] ** 2)
    moment[0, 3] = -price[root]
    for q in range(cut_start[root], cut_start[root + 1]):
        cut = cut_of[q]
        count[cut] = factor_of[q]
        moment[0, 3] -= cut_price[cut] * (count[cut] // divisor[cut])
    moment[0, 4] = rates.degree_m[root]
    fresh = True
    while True:
        if fresh:
            fresh = False
            visits += 1
            if visits > most_visits or (visits % GLANCE == 0 and halt[0]):
                complete = False
                break
            compact = inertia(total[level, 0], moment[level, 0], moment[level, 1], moment[level, 2])
            torn = 0.0
            if rates.has_quarters:
                torn = torn_of(group, level + 1, weights, rates)
            cost = cost_of(total[level], compact, moment[level, 4], torn, rates)
            violation = 0
            if not rates.priced:
                violation = violation_of(total[level], bands)
            if rates.has_locks:
                violation += locks_broken(group, level + 1, is_in, rates)
            value = v_weight * violation / VIOLATION_UNIT + c_weight * cost + moment[level, 3]
            wanted = value <= most_value
            if kind == IN_BAND:
                wanted = wanted and violation == 0
            elif kind == OVER_CAPS:
                wanted = wanted and is_over(total[level], bands)
            if wanted:
                if columns >= most_columns:
                    complete = False
                    break
                least = min(least, value)
                if fill:
                    c = at[0] + columns
                    m = at[1] + members
                    o_start[c] = m
                    for i in range(level + 1):
                        o_member[m + i] = group[i]
                    o_cost[c] = cost
                    o_violation[c] = violation
                columns += 1
                members += level + 1
            if prune == BY_SHARE:
                if cannot_pay(level, group[level], payers, spare, way, most_value):
                    cursor[level] = tail[level]
            elif prune == BY_ROOM:
                room = bands[0, 1] - total[level, 0]
                most = within_reach(level, group[level], payers, way, room)
                if moment[level, 3] - most > most_value:
                    cursor[level] = tail[level]
            elif prune == BY_COST:
                # Inertia only grows with the group: if even the dearest nodes that may still join
                # cannot pay for it, nothing below is wanted.
                mass = max(total[level, 0], 1)
                gain = most_gain(
                    front, cursor[level], tail[level], root, (start, neighbour), seen, closed,
                    weights, xy, price, total[level], bands, moment[level, 0] / mass,
                    moment[level, 1] / mass, rate, prices, under, visits, scratch,
                )  # fmt: skip
                if rate * compact + moment[level, 3] - gain > most_value:
                    cursor[level] = tail[level]
        if cursor[level] < tail[level]:
            node = front[cursor[level]]
            cursor[level] += 1
            fits = True
            if not over_caps:
                for k in range(kinds):
                    if total[level, k] + weights[node, k] > bands[k, 1]:
                        fits = False
                        break
            if fits and span2 < np.inf:
                for i in range(level + 1):
                    dx = xy[node, 0] - xy[group[i], 0]
                    dy = xy[node, 1] - xy[group[i], 1]
                    if dx * dx + dy * dy > span2:
                        fits = False
                        break
            if not fits:
                continue
            end = tail[level]
            for e in range(start[node], start[node + 1]):
                other = neighbour[e]
                if other > root and not seen[other] and not closed[other]:
                    seen[other] = True
                    front[end] = other
                    end += 1
            cursor[level + 1] = cursor[level]
            for k in range(kinds):
                total[level + 1, k] = total[level, k] + weights[node, k]
            mass = weights[node, 0]
            moment[level + 1, 0] = moment[level, 0] + mass * xy[node, 0]
            moment[level + 1, 1] = moment[level, 1] + mass * xy[node, 1]
            moment[level + 1, 2] = moment[level, 2] + mass * (xy[node, 0] ** 2 + xy[node, 1] ** 2)
            due = moment[level, 3] - price[node]
            for q in range(cut_start[node], cut_start[node + 1]):
                cut = cut_of[q]
                held = count[cut]
                count[cut] = held + factor_of[q]
                due -= cut_price[cut] * (count[cut] // divisor[cut] - held // divisor[cut])
            moment[level + 1, 3] = due
            if rates.has_border:
                cut_m = moment[level, 4] + rates.degree_m[node]
                for e in range(start[node], start[node + 1]):
                    if is_in[neighbour[e]]:
                        cut_m -= 2 * rates.edge_m[e]
                moment[level + 1, 4] = cut_m
            level += 1
            group[level] = node
            is_in[node] = True
            tail[level] = end
            fresh = True
        elif level == 0:
            break
        else:
            for q in range(tail[level - 1], tail[level]):
                seen[front[q]] = False
            node = group[level]
            is_in[node] = False
            for q in range(cut_start[node], cut_start[node + 1]):
                count[cut_of[q]] -= factor_of[q]
            level -= 1
    for q in range(tail[level]):  # leave the marks clean, also where the limits cut it short
        seen[front[q]] = False
    seen[root] = False
    for i in range(level + 1):
        is_in[group[i]] = False
    count[:] = 0
    answer[0] = columns
    answer[1] = members
    answer[2] = visits
    answer[3] = complete
    return least


@njit(cache=True, parallel=True, nogil=True)
def _sweep(
    start, neighbour, weights, rates, xy, span2, closed, price, cuts, rule, payers, prices,
    limits, low, high, left, fill, at, o_start, o_member, o_cost, o_violation,
    answer, least, halt,
):  # fmt: skip
    """Visit from the roots low..high-1; ``answer`` int64 (n, 4), ``least`` float64 (n,) per root.

    ``left``: int64 (STRANDS, 2), the groups and visits each strand has left.
    """
    n, kinds = weights.shape
    for strand in prange(STRANDS):
        work = (
            np.empty(n + 1, np.int64),
            np.empty(n + 1, np.int64),
            np.empty(n + 1, np.int64),
            np.empty(n + 1, np.int64),
            np.empty((n + 1, kinds), np.int64),
            np.zeros((n + 1, 5), np.float64),
            np.zeros(n, np.bool_),
            np.zeros(n, np.bool_),
            np.empty((n + 1, kinds), np.float64),
            np.empty((n + 1, len(payers[2])), np.float64),
            np.zeros(len(cuts[3]), np.int64),
            (np.zeros(n, np.int64), np.empty(n, np.int64), np.empty((3, len(prices)))),
        )
        for root in range(low + strand, high, STRANDS):
            least[root] = _from_root(
                root, start, neighbour, weights, rates, xy, span2, closed, price, cuts, rule,
                payers, prices, (min(left[strand, 0], limits[0]), min(left[strand, 1], limits[1])),
                work, fill, at[root], o_start, o_member, o_cost, o_violation, answer[root], halt,
            )  # fmt: skip
            left[strand, 0] -= answer[root, 0]
            left[strand, 1] -= answer[root, 2]
            if left[strand, 0] <= 0 or left[strand, 1] <= 0 or halt[0]:
                break


def oversize(problem: Problem) -> BoolArray:
    """Return which nodes are above an upper limit on their own; such a node stands alone."""
    return np.asarray((problem.weights > problem.bands[:, 1]).any(axis=1))


def sweep(
    problem: Problem,
    search: Search | None = None,
    *,
    max_span_m: float,
    most_columns: int,
    most_visits: int = 2_000_000_000,
    spread: bool = False,
    keep: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> Found:
    """Visit every connected group under the upper limits and within the span; keep what is asked.

    Without a ``search`` all of them are kept. Nodes above a limit on their own form no group but
    their own. The limits are dealt evenly to the strands (with ``spread`` to the roots), so that
    what is found does not depend on how many cores there are. Without ``keep`` groups are only
    counted. ``stop`` is looked up between
    slices of roots, and within one that takes long; a sweep that it ends is not complete.
    """
    n = problem.n
    graph = adjacency(n, problem.edges)
    weights, rates = np.ascontiguousarray(problem.weights), rates_of(problem)
    xy = problem.xy - problem.xy.mean(axis=0)
    prune = pruning_of(search)
    asked = search or Search(np.zeros(n), 0.0, 0.0, np.inf)
    # A pricing sweep takes its share from every root rather than all it may from the first.
    a_root = (most_columns, most_visits)
    if spread:
        a_root = (most_columns // n + 1, most_visits // n + 1)
    rule = (
        float(asked.violation_weight),
        float(asked.cost_weight),
        float(asked.most_value),
        int(asked.kind),
        prune,
    )
    fixed = (
        graph.start, graph.neighbour, weights, rates, xy, float(max_span_m) ** 2,
        oversize(problem), asked.price, asked.cut_arrays(n), rule,
        payers_of(problem, asked, prune), room_prices(problem, asked.price), a_root,
    )  # fmt: skip
    answer = np.zeros((n, 4), np.int64)
    least = np.zeros(n)
    at = np.zeros((n, 2), np.int64)
    nothing = (np.zeros(1, np.int64), np.zeros(1, np.int32), np.zeros(1), np.zeros(1, np.int64))
    step = max(4 * STRANDS, -(-n // LOOKS))
    # Twice an even share: roots differ, and the sum is looked at in the end.
    share = np.array([2 * most_columns // STRANDS + 1, 2 * most_visits // STRANDS + 1])
    halt = np.zeros(1, np.bool_)

    def visit(fill: bool, out: tuple[np.ndarray, ...], last: int) -> int:
        """Visit root after root, up to ``last`` or until told to stop; return where it ended."""
        left = np.tile(share, (STRANDS, 1))
        for low in range(0, last, step):
            if not fill and stop():
                return low
            high = min(low + step, last)
            slice_ = (*fixed, low, high, left, fill, at, *out, answer, least, halt)
            if fill:
                _sweep(*slice_)
            else:
                _interruptibly(slice_, halt, stop)
            if not fill and (left.min() <= 0 or halt[0]):
                return high
        return last

    last = visit(False, nothing, n)
    if halt[0] or not keep:  # where a root was left cannot be told again: keep nothing
        answer[:, :2] = 0
        last = 0
    # told to stop while the last roots ended by themselves, it has visited all and keeps none
    complete = bool(answer[:, 3].all() and not halt[0]) and int(answer[:, 0].sum()) <= most_columns
    at[1:] = np.cumsum(answer[:-1, :2], axis=0)
    count, members = answer[:, :2].sum(axis=0)
    out = (
        np.empty(count + 1, np.int64),
        np.empty(members, np.int32),
        np.empty(count),
        np.empty(count, np.int64),
    )
    visited = int(answer[:, 2].sum())
    visit(True, out, last)
    out[0][count] = members
    return Found(Columns(*out), least, complete, visited, answer[:, 3] == 0)


def _interruptibly(slice_: tuple[Any, ...], halt: BoolArray, stop: Callable[[], bool]) -> None:
    """Sweep a slice in a thread of its own: meanwhile this one hears signals and asks to stop."""
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(_sweep, *slice_)
        while wait([running], WAIT_S).not_done:
            if stop():
                halt[0] = True
        running.result()
