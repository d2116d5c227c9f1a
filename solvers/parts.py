"""A problem cut down to some of its nodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .problem import BoolArray, IntArray, Problem


def part(problem: Problem, nodes: IntArray) -> Problem:
    """Return the problem of ``nodes``, int64 ascending, renumbered in order."""
    if len(nodes) == problem.n:
        return problem
    position = np.full(problem.n, -1, np.int64)
    position[nodes] = np.arange(len(nodes))

    def inside(pairs: IntArray) -> BoolArray:
        return np.asarray((position[pairs] >= 0).all(axis=1))

    within = inside(problem.edges)
    return replace(
        problem,
        weights=problem.weights[nodes],
        bands=problem.bands.copy(),
        xy=problem.xy[nodes],
        edges=position[problem.edges[within]],
        border_m=None if problem.border_m is None else problem.border_m[within],
        quarter=None if problem.quarter is None else problem.quarter[nodes],
        old=None if problem.old is None else problem.old[nodes],
        together=position[problem.together[inside(problem.together)]],
        apart=position[problem.apart[inside(problem.apart)]],
    )
