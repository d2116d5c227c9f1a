"""A bound that holds for every node where only clusters could be solved: drop the light nodes.

Leave out the rows of the nodes lighter than a threshold where there are too many groups. A
group's cost can only fall when nodes leave it (inertia about the centroid is monotone), and what
is left of it is connected once heavy nodes that reach one another through light ones count as
neighbours. A group is called in band if some amount of the light nodes around it could bring it
there. So the least violation and the least cost of the heavy nodes alone bound those of the
whole. Where the plan is in band, ``fluid.py`` goes on from there: it shares the light nodes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .columns import Columns
from .crowded import crowded
from .finish import Goal
from .fluid import Fluid, HeavySets, Lights, Rules
from .graphs import components
from .level import MILLIONTH, bound_violation
from .master import TOLERANCE, Aim, Master
from .pool import Pool, fill, price_in
from .problem import VIOLATION_UNIT, BoolArray, Budget, IntArray, Problem, Progress, Recipe, Terms
from .pruning import Kind
from .sift import sift
from .tighten import tighten
from .value import figures

SURE_OF_HEAVY = 60_000_000  # visits of a sweep that proves that there are no more
MOST_OF_HEAVY = 700_000  # groups of heavy nodes: of more, a higher threshold is quicker
UNWANTED = 1e9  # cost of a group that may not be
THRESHOLDS = (15, 25, 40, 60, 80, 110, 150)  # mass below which a node is left out, tried in turn


@dataclass(frozen=True, eq=False)
class Known:
    """A known solution: labels, violation (millionths), cost, and groups of nodes worth a try."""

    labels: IntArray
    violation: int
    cost: float
    groups: Columns | None = None


@dataclass(frozen=True, eq=False)
class _Zones:
    """The connected pieces of light nodes: ``of`` int64 (n,), the zone of a light node, -1 of a
    heavy one; ``near`` bool (heavy nodes, zones), which touch; ``weights`` int64 (zones, w).
    """

    of: IntArray
    near: BoolArray
    weights: IntArray


def bound_without_light(problem: Problem, known: Known, budget: Budget) -> tuple[int, float]:
    """Bound the least violation (millionths), and the least cost at the known level, from below.

    Returns (0, 0.0) where nothing could be shown.
    """
    for threshold in THRESHOLDS:
        if budget.over() or np.count_nonzero(problem.weights[:, 0] >= threshold) < 2:
            break
        heavy = np.flatnonzero(~crowded(problem, threshold, budget))
        if len(heavy) < 2:
            break
        smaller, zones = _heavy_only(problem, heavy)
        pool = fill(smaller, budget, most_held=MOST_OF_HEAVY)
        if pool is None or not pool.whole:
            continue
        if known.violation == 0 and len(heavy) < problem.n:
            return 0, _with_lights_shared(problem, zones, pool.columns, known, budget)
        columns = _forgive(pool.columns, smaller, problem, zones)
        pool = Pool(columns, pool.span_m, pool.max_span_m)
        projected = Known(known.labels[heavy], known.violation, known.cost)
        found = _bounds(smaller, pool, projected, budget)
        if found is not None:
            return found
    return 0, 0.0


def _heavy_only(problem: Problem, heavy: IntArray) -> tuple[Problem, _Zones]:
    """Return the problem of the heavy nodes, in which those at one zone are neighbours."""
    position = np.full(problem.n, -1, np.int64)
    position[heavy] = np.arange(len(heavy))
    is_light = position < 0
    piece = components(problem.n, problem.edges[is_light[problem.edges].all(axis=1)])
    names, mine = np.unique(piece[is_light], return_inverse=True)
    zone = np.full(problem.n, -1, np.int64)
    zone[is_light] = mine
    weights = np.zeros((len(names), problem.weights.shape[1]), np.int64)
    np.add.at(weights, mine, problem.weights[is_light])
    near = np.zeros((len(heavy), len(names)), np.bool_)
    for light, node in (problem.edges.T, problem.edges.T[::-1]):
        met = is_light[light] & ~is_light[node]
        near[position[node[met]], zone[light[met]]] = True
    inside = ~is_light[problem.edges].any(axis=1)
    pairs = {(int(a), int(b)) for a, b in position[problem.edges[inside]]}
    for k in range(len(names)):
        pairs.update(combinations(np.flatnonzero(near[:, k]).tolist(), 2))
    bands = problem.bands.copy()
    bands[:, 0] = 0  # how far a group is under a limit is judged with its zones, in _forgive
    # Of the terms inertia alone can only fall when nodes leave; what a penalty adds is in _forgive.
    terms = Terms(compactness=problem.terms.compactness)
    smaller = Problem(
        problem.weights[heavy].copy(),
        bands,
        problem.xy[heavy].copy(),
        np.array(sorted(pairs), np.int64).reshape(-1, 2),
        problem.max_span_m,
        terms,
    )
    return smaller, _Zones(zone, near, weights)


def _with_lights_shared(
    problem: Problem, zones: _Zones, columns: Columns, known: Known, budget: Budget
) -> float:
    """Bound the cost at no violation over these groups of heavy nodes and shares of the light."""
    heavy, light = np.flatnonzero(zones.of < 0), np.flatnonzero(zones.of >= 0)
    start, member = columns.start[:-1], columns.member
    weights, xy = problem.weights[heavy], problem.xy[heavy]
    total = np.add.reduceat(weights[member], start, axis=0)
    moment = np.add.reduceat((weights[:, :1] * xy)[member], start, axis=0)
    over = np.asarray((total > problem.bands[:, 1]).any(axis=1))
    reached = np.logical_or.reduceat(zones.near[member], start, axis=0)
    reached = reached & ~over.reshape(-1, 1)
    penalty = problem.terms.penalty
    beyond = np.maximum(problem.bands[:, 0] - total, 0) + np.maximum(total - problem.bands[:, 1], 0)
    out = beyond.any(axis=1)
    alone = columns.cost.copy()
    if penalty is None:
        alone[out] = UNWANTED
        under, per_unit = np.inf, 0.0
    else:
        alone += penalty[0] * out + beyond @ np.array(penalty[1:])
        under, per_unit = penalty[0], penalty[1]
    fluid = Fluid(
        len(heavy),
        HeavySets(columns, total, moment / np.maximum(total[:, :1], 1), reached, alone),
        Lights(problem.weights[light], problem.xy[light], zones.of[light]),
        Rules(problem.bands, problem.terms.compactness, under, per_unit),
    )
    groups = known.groups
    if groups is None:
        groups = Columns.of_groups(known.labels)
        violation, cost = figures(problem, groups.member.astype(np.int64), groups.start)
        groups = Columns(groups.start, groups.member, cost, violation)
    groups = groups.take(np.flatnonzero(groups.violation == 0))
    fluid.start(groups, heavy, light, problem.n)
    fluid.solve(known.cost, budget)
    return max(0.0, fluid.bound)


def _forgive(columns: Columns, smaller: Problem, problem: Problem, zones: _Zones) -> Columns:
    """Return the columns with the violation that no light nodes of their zones could mend.

    Or, where the problem has a penalty, with that added to their cost. Under an upper limit the
    kernel saw no violation.
    """
    low, high = problem.bands.T
    total = np.add.reduceat(smaller.weights[columns.member], columns.start[:-1], axis=0)
    most = total.copy()
    for zone, weights in enumerate(zones.weights):
        near = np.logical_or.reduceat(zones.near[columns.member, zone], columns.start[:-1])
        most[near] += weights
    short = np.maximum(low - most, 0)
    shares = np.round(short * VIOLATION_UNIT / np.maximum(low, 1)).astype(np.int64).sum(axis=1)
    under = np.where(short.any(axis=1), VIOLATION_UNIT + shares, 0)
    penalty = problem.terms.penalty
    if penalty is not None:
        beyond = short + np.maximum(total - high, 0)
        out = beyond.any(axis=1)
        cost = columns.cost + penalty[0] * out + beyond @ np.array(penalty[1:])
        return Columns(columns.start, columns.member, cost, np.zeros(len(cost), np.int64))
    # Over a limit the kernel has counted 1 and the excess; a group counts its 1 only once.
    both = (under > 0) & (columns.violation > 0)
    violation = columns.violation + under - np.where(both, VIOLATION_UNIT, 0)
    return Columns(columns.start, columns.member, columns.cost, violation)


def _bounds(problem: Problem, pool: Pool, known: Known, budget: Budget) -> tuple[int, float] | None:
    """Bound violation and cost over the heavy nodes; None where that takes too long."""
    columns, violation = pool.columns, known.violation
    least = 0
    if violation > 0:
        first = Master(columns, problem.n, Aim(violation=1.0))
        first.solve(budget)
        over = Kind.OVER_CAPS
        if not price_in(problem, first, pool, over, budget, sure_visits=SURE_OF_HEAVY):
            return None
        found = bound_violation(problem, first, pool, violation, budget)
        if found is None:
            return None
        least = found
        gap = max(violation * MILLIONTH - first.bound, 0.0) + TOLERANCE
        columns = first.pool.take(np.flatnonzero(first.reduced <= gap))
    else:
        columns = columns.take(np.flatnonzero(columns.violation == 0))
    # What the known solution leaves on the heavy nodes: a cover to start the LP from.
    groups = Columns.of_groups(known.labels)
    start = columns.find(groups, problem.n)
    aim = Aim(cost=1.0, level=violation or None)
    second = Master(columns, problem.n, aim, first=start)
    if second.solve(budget) is None or not np.isfinite(second.bound):
        return least, 0.0
    tighten(problem, second, known.cost, budget)
    bound = second.bound
    if len(start) == len(groups) and bound < known.cost and not budget.over():
        bound = sift(second, start, budget, Goal(aim, second.cuts), Recipe()).bound
    budget.report(Progress("bound", known.cost, bound, violation * MILLIONTH))
    return least, max(0.0, bound)
