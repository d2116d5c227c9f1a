"""What a group is worth: violation and cost from its sums, compiled, for every search alike."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from .graphs import Adjacency, adjacency
from .problem import LOCK_BROKEN, VIOLATION_UNIT, FloatArray, IntArray, Problem

SQUARE_METRES = 1e-6  # costs are in 10^6 household m2


class Rates(NamedTuple):
    """A problem's terms and locks as the compiled code takes them.

    ``edge_m`` stands beside ``Adjacency.neighbour``; ``degree_m`` is its sum per node.
    ``quarter_mass`` is per quarter. Locks are lists per node: ``lock_start`` (n + 1,),
    ``lock_other``, ``lock_apart`` (1 apart, 0 together). The flags tell what need not be looked at.
    """

    bands: IntArray
    compactness: float
    balance: FloatArray
    target: FloatArray
    priced: bool
    penalty: FloatArray
    border: float
    edge_m: FloatArray
    degree_m: FloatArray
    quarter_weight: float
    quarter: IntArray
    quarter_mass: IntArray
    lock_start: IntArray
    lock_other: IntArray
    lock_apart: IntArray
    has_border: bool
    has_quarters: bool
    has_locks: bool


def rates_of(problem: Problem) -> Rates:
    """Return the terms and locks of a problem for the compiled code."""
    n, w = problem.weights.shape
    terms = problem.terms
    has_border = terms.border > 0 and problem.border_m is not None
    graph = adjacency(n, problem.edges)
    edge_m = np.zeros(len(graph.neighbour))
    if has_border and problem.border_m is not None:
        edge_m = _beside(graph, problem.edges, problem.border_m)
    degree_m = np.add.reduceat(np.append(edge_m, 0.0), graph.start[:-1]) if n else edge_m
    degree_m[np.diff(graph.start) == 0] = 0.0
    has_quarters = terms.quarter > 0 and problem.quarter is not None
    quarter = np.full(n, -1, np.int64)
    if has_quarters and problem.quarter is not None:
        quarter = problem.quarter
    inside = quarter >= 0
    quarter_mass = np.bincount(quarter[inside], problem.weights[inside, 0]).astype(np.int64)
    pairs = np.concatenate([problem.together, problem.apart])
    apart = np.repeat(np.array([0, 1]), [len(problem.together), len(problem.apart)])
    tail, head = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.lexsort((head, tail))
    return Rates(
        bands=np.ascontiguousarray(problem.bands),
        compactness=float(terms.compactness),
        balance=np.array(terms.balance or np.zeros(w), float),
        target=np.array(terms.target or np.zeros(w), float),
        priced=terms.penalty is not None,
        penalty=np.array(terms.penalty or np.zeros(w + 1), float),
        border=float(terms.border),
        edge_m=edge_m,
        degree_m=degree_m,
        quarter_weight=float(terms.quarter),
        quarter=np.ascontiguousarray(quarter),
        quarter_mass=quarter_mass,
        lock_start=np.searchsorted(tail[order], np.arange(n + 1)).astype(np.int64),
        lock_other=np.ascontiguousarray(head[order]).astype(np.int64),
        lock_apart=np.concatenate([apart, apart])[order].astype(np.int64),
        has_border=has_border,
        has_quarters=has_quarters,
        has_locks=len(pairs) > 0,
    )


def _beside(graph: Adjacency, edges: IntArray, figure: FloatArray) -> FloatArray:
    """Return a figure per edge beside every neighbour of the adjacency."""
    tail = np.concatenate([edges[:, 0], edges[:, 1]])
    head = np.concatenate([edges[:, 1], edges[:, 0]])
    return np.asarray(np.concatenate([figure, figure])[np.lexsort((head, tail))], float)


@njit(cache=True)
def violation_of(total: IntArray, bands: IntArray) -> int:
    """Violation of a group with these weight sums, in millionths; 0 within the bands.

    1 for being out, plus the distance from every broken limit as a share of it (a limit of 0
    counts as 1).
    """
    out = 0
    broken = False
    for k in range(len(total)):
        limit = bands[k, 0]
        excess = limit - total[k]
        if excess <= 0:
            limit = bands[k, 1]
            excess = total[k] - limit
        if excess > 0:
            broken = True
            out += int(np.round(excess * VIOLATION_UNIT / max(limit, 1)))
    return out + VIOLATION_UNIT if broken else 0


@njit(cache=True)
def is_over(total: IntArray, bands: IntArray) -> bool:
    """Return whether a sum is over an upper limit."""
    for k in range(len(total)):
        if total[k] > bands[k, 1]:
            return True
    return False


@njit(cache=True)
def inertia(mass: float, mx: float, my: float, m2: float) -> float:
    """Inertia about the centroid in 10^6 household m2, from the sums m, mx, my, m(x2 + y2)."""
    if mass <= 0:
        return 0.0
    return max(m2 - (mx * mx + my * my) / mass, 0.0) * SQUARE_METRES


@njit(cache=True)
def cost_of(total: IntArray, compact: float, cut_m: float, torn: float, rates: Rates) -> float:
    """Cost of a group: its sums, inertia, metres of border, and households torn off quarters.

    ``cut_m`` and ``torn`` are whole, not halved; both are 0 where the flags say so.
    """
    out = rates.compactness * compact
    broken = False
    beyond = 0.0
    for k in range(len(total)):
        if rates.balance[k] > 0:
            off = total[k] - rates.target[k]
            out += rates.balance[k] * off * off
        if rates.priced:
            excess = max(rates.bands[k, 0] - total[k], total[k] - rates.bands[k, 1])
            if excess > 0:
                broken = True
                beyond += rates.penalty[1 + k] * excess
    if broken:
        out += rates.penalty[0] + beyond
    return out + 0.5 * (rates.border * cut_m + rates.quarter_weight * torn)


@njit(cache=True)
def torn_of(members: IntArray, size: int, weights: IntArray, rates: Rates) -> float:
    """Households torn off quarters by the group ``members[:size]``: see ``Terms``, not halved."""
    torn = 0
    for i in range(size):
        q = rates.quarter[members[i]]
        if q < 0:
            continue
        inside = 0
        first = True
        for j in range(size):
            if rates.quarter[members[j]] == q:
                if j < i:
                    first = False
                    break
                inside += weights[members[j], 0]
        if first:
            torn += min(inside, rates.quarter_mass[q] - inside)
    return float(torn)


@njit(cache=True)
def locks_broken(members: IntArray, size: int, is_in: Any, rates: Rates) -> int:
    """Locks that a group breaks, in millionths; ``is_in`` (n,) tells whether a node is in it."""
    out = 0
    for i in range(size):
        node = members[i]
        for e in range(rates.lock_start[node], rates.lock_start[node + 1]):
            # A pair torn apart is met once from either group, one held together twice from one.
            if is_in[rates.lock_other[e]] == (rates.lock_apart[e] == 1):
                out += LOCK_BROKEN // 2
    return out


@njit(cache=True)
def _figures(order, first, weights, xy, start, neighbour, rates, is_in):  # fmt: skip
    """Return violation and cost of the groups ``order[first[g]:first[g + 1]]``."""
    groups = len(first) - 1
    violation = np.zeros(groups, np.int64)
    cost = np.zeros(groups)
    total = np.zeros(weights.shape[1], np.int64)
    for g in range(groups):
        members = order[first[g] : first[g + 1]]
        total[:] = 0
        mass = mx = my = m2 = 0.0
        for i in members:
            total += weights[i]
            is_in[i] = True
            mass += weights[i, 0]
            mx += weights[i, 0] * xy[i, 0]
            my += weights[i, 0] * xy[i, 1]
            m2 += weights[i, 0] * (xy[i, 0] ** 2 + xy[i, 1] ** 2)
        cut_m = 0.0
        if rates.has_border:
            for i in members:
                for e in range(start[i], start[i + 1]):
                    if not is_in[neighbour[e]]:
                        cut_m += rates.edge_m[e]
        torn = 0.0
        if rates.has_quarters:
            torn = torn_of(members, len(members), weights, rates)
        if not rates.priced:
            violation[g] = violation_of(total, rates.bands)
        if rates.has_locks:
            violation[g] += locks_broken(members, len(members), is_in, rates)
        cost[g] = cost_of(total, inertia(mass, mx, my, m2), cut_m, torn, rates)
        for i in members:
            is_in[i] = False
    return violation, cost


def figures(problem: Problem, order: IntArray, first: IntArray) -> tuple[IntArray, FloatArray]:
    """Return violation (millionths, int64) and cost (float64) of groups.

    Group g holds the nodes ``order[first[g]:first[g + 1]]``; groups may overlap.
    """
    graph = adjacency(problem.n, problem.edges)
    violation, cost = _figures(
        order.astype(np.int64), first.astype(np.int64), np.ascontiguousarray(problem.weights),
        problem.xy - problem.xy.mean(axis=0), graph.start, graph.neighbour, rates_of(problem),
        np.zeros(problem.n, np.bool_),
    )  # fmt: skip
    return violation, cost


def worth(problem: Problem, labels: IntArray) -> tuple[int, float]:
    """Return the violation (millionths) and the cost of labels 0..g-1."""
    order = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[order], np.arange(int(labels.max()) + 2))
    violation, cost = figures(problem, order, first)
    return int(violation.sum()), float(cost.sum())
