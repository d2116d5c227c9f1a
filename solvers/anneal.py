"""Annealing: single moves at a falling temperature in regions that shift from round to round."""

from __future__ import annotations

import numpy as np

from .flips import Heat, descend_in, move
from .graphs import adjacency
from .problem import VIOLATION_UNIT, Budget, FloatArray, IntArray, Problem, Progress
from .sums import ground_of
from .sweep import oversize
from .value import worth

REGION = 64  # groups of a region: few enough to lie in a cache, many enough to have an inside
LEAST_REGION = 16  # where there are few, so that two regions can run side by side
ROUND = 5  # sweeps between two choices of regions, and two looks at the budget
HEAT = 0.7  # the first temperature, in mean costs of a node
OUT_OF_BAND = 4.0  # what a violation of 1 costs while annealing, in mean costs of a group


def anneal(
    problem: Problem, labels: IntArray, budget: Budget, *, sweeps: int, seed: int
) -> IntArray:
    """Return labels no worse in violation and cost, of as many groups, all connected.

    ``labels``: int64 (n,), groups 0..g-1, connected and within the span. Ends in a descent; the
    result depends on the seed and not on the number of cores.
    """
    rng = np.random.default_rng(seed)
    place = ground_of(problem, adjacency(problem.n, problem.edges))
    violation, cost = best = first = worth(problem, labels)
    now = labels.astype(np.int64)
    groups = int(now.max()) + 1
    shut = np.unique(now[oversize(problem)])
    start = HEAT * cost / problem.n
    weight = OUT_OF_BAND * cost / groups
    rounds = max(1, sweeps // ROUND)
    for k in range(rounds):
        if budget.over():
            break
        region = regions(problem, now, rng)
        region[shut] = -1
        heat = Heat(start * (1 - k / rounds), start * (1 - (k + 1) / rounds), weight)
        added = move(place, now, region, heat=heat, sweeps=ROUND, seed=_seed(rng))
        violation, cost = violation + added[1], cost + added[2]
        best = min(best, (violation, cost))
        budget.report(Progress("anneal", best[1], violation=best[0] / VIOLATION_UNIT))
    region = regions(problem, now, rng)
    region[shut] = -1
    descend_in(place, now, region)
    if not budget.over():
        descend_in(place, now, np.where(region < 0, -1, 0))
    return now if worth(problem, now) <= first else labels


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


def regions(problem: Problem, labels: IntArray, rng: np.random.Generator) -> IntArray:
    """Return a region for every group, int64 (g,): strips across the ground, cut into cells.

    Direction and beginning of strips and cells are drawn, so that every pair of neighbours
    comes to lie in one region sooner or later.
    """
    centre = _centres(problem, labels)
    groups = len(centre)
    angle = rng.uniform(0, np.pi)
    along = centre @ np.array([np.cos(angle), np.sin(angle)])
    across = centre @ np.array([-np.sin(angle), np.cos(angle)])
    size = min(REGION, max(LEAST_REGION, groups // 4))
    width = groups / max(1, round((groups / size) ** 0.5))
    rank = np.empty(groups)
    rank[np.argsort(along, kind="stable")] = np.arange(groups)
    strip = ((rank + rng.uniform(0, width)) // width).astype(np.int64)
    order = np.lexsort((across, strip))
    place = np.empty(groups)
    place[order] = np.arange(groups)
    place -= np.searchsorted(strip[order], strip)
    cell = (place + rng.uniform(0, size, int(strip.max()) + 1)[strip]) // size
    return np.unique(np.column_stack([strip, cell]), axis=0, return_inverse=True)[1].ravel()


def _centres(problem: Problem, labels: IntArray) -> FloatArray:
    """Return the plain middle of every group's nodes."""
    count = np.bincount(labels)
    return np.column_stack([np.bincount(labels, c) / count for c in problem.xy.T])
