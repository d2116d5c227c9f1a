"""Where there are too many groups to enumerate: the nodes there, told apart from the rest."""

from __future__ import annotations

import numpy as np

from .graphs import components
from .problem import BoolArray, Budget, Problem
from .sweep import sweep

MOST_A_ROOT = 20_000  # groups of one smallest node: where there are more, the place is crowded
MOST_IN_ALL = 20_000_000  # groups that are counted


def crowded(problem: Problem, threshold: int, budget: Budget) -> BoolArray:
    """Return which nodes lighter than ``threshold`` (weight 0) lie in crowded places, bool (n,).

    A place is a connected set of light nodes; it is crowded where a node of it, or next to it, is
    the smallest one of too many groups.
    """
    light = problem.weights[:, 0] < threshold
    most = min(MOST_A_ROOT * problem.n, MOST_IN_ALL)
    found = sweep(
        problem,
        max_span_m=problem.max_span_m,
        most_columns=most,
        most_visits=most,
        spread=True,
        keep=False,
        stop=budget.over,
    )
    near = found.cut_short.copy()
    for one, other in (problem.edges.T, problem.edges.T[::-1]):
        near[other[found.cut_short[one]]] = True
    both = light[problem.edges].all(axis=1)
    place = components(problem.n, problem.edges[both])
    return np.asarray(light & np.isin(place, place[near & light]))
