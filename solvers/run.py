"""solve(problem, budget, seed) -> Solution: piece by piece, exactly where that can be held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .contract import THRESHOLDS, contract
from .cover import Cover, cover
from .flips import descend
from .graphs import adjacency, components, number_by_first
from .grow import grow
from .houses import are_small, divide_houses
from .nearest import bound_by_nearest
from .parts import parts
from .problem import (
    VIOLATION_UNIT,
    Budget,
    IntArray,
    Problem,
    Progress,
    Solution,
    Status,
)
from .relax import Known, bound_without_light
from .sweep import oversize
from .value import worth
from .verify import verify

ROUNDING = 1e-12  # relative: the same plan added up in another order


def solve(problem: Problem, budget: Budget, seed: int = 0) -> Solution:
    """Divide every connected piece of the graph: least violation first, then least cost.

    Pieces are independent, so violations, costs and bounds add up. The same problem and seed
    give the same labels unless the budget strikes; ``stopped`` tells that it did.
    """
    piece = components(problem.n, problem.edges)
    answers = [
        (nodes, _divide(part, budget, seed, whole=problem.n))
        for nodes, part in parts(problem, piece)
    ]
    return _join(problem, answers, budget)


@dataclass(frozen=True, eq=False)
class _Piece:
    """A cover, and the mass below which nodes were joined to get it (0: none were)."""

    cover: Cover
    joined_below: int


def _divide(problem: Problem, budget: Budget, seed: int, *, whole: int) -> _Piece:
    if are_small(problem):
        labels = divide_houses(problem, budget, seed=seed, whole=whole)
        return _Piece(_lift(problem, labels, budget), 0)
    start = grow(problem)
    violation, cost = worth(problem, start)
    budget.report(Progress("first plan", cost, violation=violation / VIOLATION_UNIT))
    answer = cover(problem, start, budget, seed=seed)
    if answer is not None:
        if _is_better(violation, cost, answer):  # the pool did not hold the start
            bound = None if answer.bound is None else min(answer.bound, cost)
            answer = replace(answer, labels=start, violation=violation, cost=cost, bound=bound)
        return _Piece(answer, 0)
    for threshold in THRESHOLDS:
        if budget.over():
            break
        smaller = contract(problem, threshold)
        budget.report(Progress(f"clusters of {threshold} households"))
        coarse = grow(smaller.problem)
        answer = cover(smaller.problem, coarse, budget, seed=seed)
        if answer is not None:
            labels = answer.labels[smaller.cluster]
            if worth(problem, labels) > (violation, cost) or verify(problem, labels).faults:
                labels = start  # cut short, the clusters have not caught up with the first plan
            return _Piece(_lift(problem, labels, budget), threshold)
    return _Piece(_lift(problem, start, budget), 0 if budget.over() else THRESHOLDS[-1])


def _is_better(violation: int, cost: float, answer: Cover) -> bool:
    """Return whether a plan beats the answer by more than the order in which costs are added up."""
    if violation != answer.violation:
        return violation < answer.violation
    return cost < answer.cost - ROUNDING * max(1.0, cost)


def _lift(problem: Problem, labels: IntArray, budget: Budget) -> Cover:
    """Turn a cover of clusters into one of nodes: improve it, and bound it anew."""
    graph = adjacency(problem.n, problem.edges)
    labels = number_by_first(descend(problem, labels, graph, oversize(problem)))
    violation, cost = worth(problem, labels)
    least, bound = bound_without_light(problem, Known(labels, violation, cost), budget)
    # With a penalty a group may be under its limits, with which this bound begins.
    if violation == 0 and problem.terms.penalty is None:
        bound = max(bound, bound_by_nearest(problem))
    return Cover(
        labels=labels,
        violation=violation,
        violation_bound=least,
        cost=cost,
        bound=bound if bound > 0 else None,
        span_m=problem.max_span_m,
    )


def _join(problem: Problem, answers: list[tuple[IntArray, _Piece]], budget: Budget) -> Solution:
    labels = np.empty(problem.n, np.int64)
    groups = 0
    for nodes, piece in answers:
        labels[nodes] = piece.cover.labels + groups
        groups += int(piece.cover.labels.max()) + 1
    covers = [piece.cover for _, piece in answers]
    bounds = [c.bound for c in covers]
    violation = sum(c.violation for c in covers)
    violation_bound = sum(c.violation_bound for c in covers)
    joined = max(piece.joined_below for _, piece in answers)
    if violation > 0:
        status = Status.INFEASIBLE if violation == violation_bound else Status.FEASIBLE
    else:
        status = Status.OPTIMAL if all(c.proved for c in covers) else Status.FEASIBLE
    return Solution(
        status=status,
        labels=number_by_first(labels),
        violation=violation / VIOLATION_UNIT,
        violation_bound=violation_bound / VIOLATION_UNIT,
        objective=float(sum(c.cost for c in covers)),
        bound=None if None in bounds else float(sum(b for b in bounds if b is not None)),
        max_span_m=min(c.span_m for c in covers),
        covers=f"nodes under {joined} households were joined into clusters" if joined else "",
        stopped=budget.struck,
    )
