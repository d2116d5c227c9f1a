"""A bound for any number of light nodes: every household's nearest neighbours, as if all its own.

The inertia of a group S is half the mean over its households of the squared distances to all
its households: I(S) = sum_i h_i sum_j h_j d_ij^2 / (2 H). For a household at i the inner sum is
at least f_i(H), that of the nearest H households, whichever group they are in; f_i is convex
from 0, so f_i(H) / H >= f_i(L) / L for H >= L, the lower limit. Hence every plan in which no
group is under L costs at least sum_i h_i f_i(L) / (2 L). Source: original; on even ground it
is half the cost of discs.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .problem import FloatArray, Problem
from .value import SQUARE_METRES

BATCH = 2_000


def bound_by_nearest(problem: Problem) -> float:
    """Return a lower bound on the cost of every plan within the bands, 10^6 household m2."""
    least = int(problem.bands[0, 0])
    mass = problem.weights[:, 0].astype(float)
    peopled = np.flatnonzero(mass > 0)
    if least <= 0 or mass.sum() < least:
        return 0.0
    xy, mass = problem.xy[peopled], mass[peopled]
    tree = cKDTree(xy)
    total = 0.0
    for first in range(0, len(xy), BATCH):
        rows = slice(first, first + BATCH)
        total += float((mass[rows] * _nearest(tree, xy[rows], mass, least)).sum())
    return total / (2 * least) * SQUARE_METRES


def _nearest(tree: cKDTree, at: FloatArray, mass: FloatArray, least: int) -> FloatArray:
    """Return per place the sum of squared distances to its ``least`` nearest households."""
    near = min(len(mass), max(8, int(1.5 * least / mass.mean())))
    while True:
        distance, which = tree.query(at, k=near)
        distance, which = distance.reshape(len(at), -1), which.reshape(len(at), -1)
        running = np.cumsum(mass[which], axis=1)
        if near == len(mass) or running[:, -1].min() >= least:
            break
        near = min(len(mass), 2 * near)
    before = running - mass[which]
    taken = np.clip(least - before, 0.0, mass[which])
    return np.asarray((taken * distance**2).sum(axis=1))
