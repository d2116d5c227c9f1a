"""A plan at once: join neighbours until every group has enough, then move nodes downhill."""

from __future__ import annotations

from .contract import contract
from .flips import descend
from .graphs import adjacency, number_by_first
from .problem import IntArray, Problem
from .sweep import oversize


def grow(problem: Problem) -> IntArray:
    """Return labels of connected groups under the upper limits, most of them in band.

    Takes time about linear in the nodes; there is no bound.
    """
    enough = max(1, int(problem.bands[0, 0]))
    labels = contract(problem, enough).cluster
    graph = adjacency(problem.n, problem.edges)
    return number_by_first(descend(problem, labels.copy(), graph, oversize(problem)))
