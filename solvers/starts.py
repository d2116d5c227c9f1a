"""Plans to start from: what a given plan comes to, and how plans are ranked."""

from __future__ import annotations

import numpy as np

from .claims import moved_least
from .flips import descend
from .graphs import adjacency, group_components, number_by_first
from .problem import IntArray, Problem
from .sweep import oversize
from .value import worth
from .verify import verify


def rank(problem: Problem, labels: IntArray) -> tuple[int, int, float]:
    """Return violation (millionths), households moved and cost, to compare plans by."""
    violation, cost = worth(problem, labels)
    return violation, moved_least(problem, labels), cost


def order(problem: Problem, labels: IntArray) -> tuple[int, int, float, float]:
    """Return what plans are to be ordered by: what is over the cap on moves first of all."""
    violation, moved, cost = rank(problem, labels)
    cap = problem.most_moved
    over = 0 if cap is None else max(0, moved - cap)
    return (over, violation, cost, moved) if problem.spend_moves else (over, violation, moved, cost)


def plans_from(problem: Problem, given: IntArray | None) -> list[IntArray]:
    """Return what a given plan (-1: no group) comes to: its pieces as they are, and mended.

    Groups in several pieces are told apart, nodes without a group or too large for one stand
    alone. A plan with groups wider than may be is left out; without a plan there is none.
    """
    if given is None:
        return []
    alone = oversize(problem) | (given < 0)
    apart = np.where(alone, int(given.max(initial=0)) + 1 + np.arange(problem.n), given)
    pieces = group_components(problem.n, problem.edges, apart)
    graph = adjacency(problem.n, problem.edges)
    mended = number_by_first(descend(problem, pieces, graph, oversize(problem)))
    return [plan for plan in (pieces, mended) if not verify(problem, plan).faults]
