"""solve(problem, budget, seed) -> Solution: piece by piece, exactly where that can be held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .claims import moved_least
from .columns import Columns
from .contract import THRESHOLDS, contract
from .cover import Cover, cover
from .crowded import crowded
from .discs import bound_by_discs
from .flips import descend
from .graphs import adjacency, components, number_by_first
from .grow import grow
from .houses import are_small, divide_houses
from .mend import mend
from .moves import as_was
from .parts import parts
from .problem import (
    LOCK_BROKEN,
    VIOLATION_UNIT,
    BoolArray,
    Budget,
    IntArray,
    Problem,
    Progress,
    Recipe,
    Solution,
    Status,
)
from .refine import refine
from .relax import Known, bound_without_light
from .starts import order, plans_from, rank
from .sweep import oversize
from .verify import verify

# Groups of clusters: there are clusters because groups are too many, so not many are worth it.
MOST_OF_CLUSTERS = 300_000
UNCAPPED = 0.4  # of the time: what a plan without a cap on moves may take, to share the cap out
MENDED = 0.3  # of the time: what mending an old plan may take where groups are too many
REFINED = 0.5  # of the time left: what refining may take; the bound needs the rest
ROUNDING = 1e-12  # relative: the same plan added up in another order


def solve(
    problem: Problem,
    budget: Budget,
    seed: int = 0,
    *,
    solver: str = "",
    start: IntArray | None = None,
) -> Solution:
    """Divide every connected piece of the graph: least violation, fewest moved, least cost.

    Pieces are independent, so violations, costs and bounds add up. The same problem and seed
    give the same labels unless the budget strikes; ``stopped`` tells that it did. ``solver``
    finishes: "" for CBC, "cbc", "highs" or a name that PuLP knows. ``start``: int64 (n,), a plan to
    start from, -1 where it has no group; a redraw starts from ``problem.old`` if from nothing else.

    Raises:
        SolverError: there is no such solver, or it broke down.
    """
    recipe = Recipe(seed, solver)
    start = problem.old if start is None else start
    piece = components(problem.n, problem.edges)
    # The smallest first: should time run out, it does so in one piece and not in many.
    work = []
    for nodes, part in sorted(parts(problem, piece), key=lambda pair: len(pair[0])):
        work.append((nodes, part, None if start is None else start[nodes]))
    if len(work) == 1 or problem.most_moved is None:
        return _join(problem, _all(work, budget, recipe, whole=problem.n), budget)
    free = [
        (nodes, replace(part, most_moved=None, spend_moves=False), s) for nodes, part, s in work
    ]
    answers = _all(free, budget.part(UNCAPPED), recipe, whole=problem.n)
    needs = [piece.cover.moved for _, piece in answers]
    if sum(needs) <= problem.most_moved and not problem.spend_moves:
        return _join(problem, answers, budget)
    gains = [
        rank(part, as_was(part))[0] - done.cover.violation if part.redraws else 0
        for (_, part, _), (_, done) in zip(work, answers, strict=True)
    ]
    caps = share_out(problem.most_moved, needs, gains, [len(nodes) for nodes, *_ in work])
    capped = [
        (nodes, replace(part, most_moved=cap, cap_binds=cap < need), given)
        for (nodes, part, given), cap, need in zip(work, caps, needs, strict=True)
    ]
    bounds = {int(nodes[0]): piece.cover for nodes, piece in answers}
    done = _all(capped, budget, recipe, whole=problem.n)
    # what was proved without a cap holds with one too
    done = [(nodes, _at_least(piece, bounds[int(nodes[0])])) for nodes, piece in done]
    return _join(problem, done, budget)


def share_out(
    cap: int, needs: Sequence[int], gains: Sequence[float], sizes: Sequence[int]
) -> list[int]:
    """Share a cap among parts: first where a household buys most, then what is left by size.

    ``needs``: what each would move for its least violation; ``gains``: what violation that saves.
    """
    out = [0] * len(needs)
    left = cap
    value = [gain / max(1, need) for gain, need in zip(gains, needs, strict=True)]
    for k in sorted(range(len(needs)), key=lambda k: (-value[k], k)):
        out[k] = min(needs[k], left)
        left -= out[k]
    return [given + left * size // sum(sizes) for given, size in zip(out, sizes, strict=True)]


_Work = list[tuple[IntArray, Problem, "IntArray | None"]]


def _all(
    work: _Work, budget: Budget, recipe: Recipe, *, whole: int
) -> list[tuple[IntArray, _Piece]]:
    """Divide every piece of the work."""
    return [
        (nodes, _divide(part, start, budget, recipe, whole=whole)) for nodes, part, start in work
    ]


def _at_least(piece: _Piece, known: Cover) -> _Piece:
    """Return a piece whose violation is bounded by what is known of it without a cap."""
    least = min(piece.cover.violation, max(piece.cover.violation_bound, known.violation_bound))
    return replace(piece, cover=replace(piece.cover, violation_bound=least))


def _of_houses(
    problem: Problem, given: IntArray | None, budget: Budget, recipe: Recipe, *, whole: int
) -> IntArray:
    """Return a plan of many small nodes: of a redraw the old one mended, if that is enough."""
    plans = plans_from(problem, given)
    if problem.redraws and (problem.most_moved is not None or not problem.spend_moves):
        plans += [as_was(problem), mend(problem, budget, recipe)]
        best = min(plans, key=partial(order, problem))
        # fewer violations than these may have may come of drawing all afresh, if that may be
        if rank(problem, best)[0] == 0 or problem.most_moved is not None or budget.over():
            return best
    plans.append(divide_houses(problem, budget, seed=recipe.seed, whole=whole))
    return min(plans, key=partial(order, problem))


@dataclass(frozen=True, eq=False)
class _Piece:
    """A cover, which nodes were joined to get it, and the mass that those are below."""

    cover: Cover
    joined: BoolArray
    below: int = 0


def _divide(
    problem: Problem, given: IntArray | None, budget: Budget, recipe: Recipe, *, whole: int
) -> _Piece:
    none = np.zeros(problem.n, np.bool_)
    if are_small(problem):
        labels = _of_houses(problem, given, budget, recipe, whole=whole)
        return _Piece(_lift(problem, labels, budget), none)
    plans = [grow(problem), *plans_from(problem, given)]
    if problem.redraws:
        plans.append(as_was(problem))
    start = min(plans, key=partial(order, problem))
    first = order(problem, start)
    violation, moved, cost = rank(problem, start)
    budget.report(Progress("first plan", cost, violation=violation / VIOLATION_UNIT, moved=moved))
    answer = cover(problem, start, budget, recipe=recipe)
    if answer is not None:
        if _is_better(problem, first, answer):  # the pool did not hold the start
            bound = None if answer.bound is None else min(answer.bound, cost)
            answer = replace(
                answer, labels=start, violation=violation, moved=moved, cost=cost, bound=bound
            )
        return _Piece(answer, none)
    if problem.redraws and (problem.most_moved is not None or not problem.spend_moves):
        start = min(start, mend(problem, budget.part(MENDED), recipe), key=partial(order, problem))
        first = order(problem, start)
    for threshold in THRESHOLDS:
        if budget.over():
            break
        crowd = crowded(problem, threshold, budget)
        smaller = contract(problem, threshold, among=crowd)
        budget.report(Progress(f"clusters of {threshold} households"))
        begun = grow(smaller.problem)
        answer = cover(smaller.problem, begun, budget, recipe=recipe, most_held=MOST_OF_CLUSTERS)
        if answer is not None:
            labels = answer.labels[smaller.cluster]
            if order(problem, labels) > first or verify(problem, labels).faults:
                labels = start  # cut short, the clusters have not caught up with the first plan
            refined = refine(problem, labels, smaller, budget.part(REFINED), recipe)
            lifted = _lift(problem, refined.labels, budget, refined.groups)
            return _Piece(replace(lifted, columns=answer.columns), crowd, threshold)
    crowd = np.zeros(problem.n, np.bool_) if budget.over() else np.ones(problem.n, np.bool_)
    return _Piece(_lift(problem, start, budget), crowd, THRESHOLDS[-1])


def _is_better(problem: Problem, first: tuple[int, int, float, float], answer: Cover) -> bool:
    """Return whether a plan beats the answer by more than the order in which costs are added up."""
    theirs = order(problem, answer.labels)
    at = 2 if problem.spend_moves else 3
    if first[:at] != theirs[:at]:
        return first[:at] < theirs[:at]
    return first[at] < theirs[at] - ROUNDING * max(1.0, theirs[at])


def _lift(
    problem: Problem, labels: IntArray, budget: Budget, groups: Columns | None = None
) -> Cover:
    """Turn a cover of clusters into one of nodes: improve it, and bound it anew.

    ``groups``: groups of nodes worth beginning a bound with.
    """
    graph = adjacency(problem.n, problem.edges)
    better = number_by_first(descend(problem, labels, graph, oversize(problem)))
    labels = min(labels, better, key=partial(order, problem))
    violation, moved, cost = rank(problem, labels)
    budget.report(Progress("plan", cost, violation=violation / VIOLATION_UNIT, moved=moved))
    least, bound = bound_without_light(problem, Known(labels, violation, cost, groups), budget)
    bound = max(bound, bound_by_discs(problem, labels, budget, level=violation))
    return Cover(
        labels=labels,
        violation=violation,
        violation_bound=least,
        cost=cost,
        bound=bound if bound > 0 else None,
        span_m=problem.max_span_m,
        moved=moved,
    )


def _join(problem: Problem, answers: list[tuple[IntArray, _Piece]], budget: Budget) -> Solution:
    labels = np.empty(problem.n, np.int64)
    groups = 0
    for nodes, piece in answers:
        labels[nodes] = piece.cover.labels + groups
        groups += int(piece.cover.labels.max()) + 1
    covers = [piece.cover for _, piece in answers]
    bounds = [c.bound for c in covers]
    # A pair that lies in two pieces cannot share a group.
    ends = components(problem.n, problem.edges)[problem.together]
    always = int((ends[:, 0] != ends[:, 1]).sum()) * LOCK_BROKEN
    violation = sum(c.violation for c in covers) + always
    violation_bound = sum(c.violation_bound for c in covers) + always
    # An old group that lies in several pieces goes on in one of them at most.
    moved, moved_bound = moved_least(problem, labels), sum(c.moved_bound for c in covers)
    joined = np.sort(np.concatenate([nodes[piece.joined] for nodes, piece in answers]))
    bound = None if None in bounds else float(sum(b for b in bounds if b is not None))
    covered = []
    if len(joined):
        below = max(piece.below for _, piece in answers)
        lie = f"{len(joined)} of {problem.n} nodes lie where there are too many groups"
        covered.append(f"{lie}: those under {below} households were joined into clusters")
    if problem.terms.penalty is not None:
        covered.append("no group of several nodes over an upper limit")
    if violation > 0:
        status = Status.INFEASIBLE if violation == violation_bound else Status.FEASIBLE
    elif moved == moved_bound and all(c.proved for c in covers):
        status = Status.OPTIMAL
    else:
        status = Status.FEASIBLE
    return Solution(
        status=status,
        labels=number_by_first(labels),
        violation=violation / VIOLATION_UNIT,
        violation_bound=violation_bound / VIOLATION_UNIT,
        objective=float(sum(c.cost for c in covers)),
        bound=bound,
        max_span_m=min(c.span_m for c in covers),
        covers="; ".join(covered),
        stopped=budget.decided,
        moved=moved,
        moved_bound=moved_bound,
        columns=sum(c.columns for c in covers),
        joined=joined,
    )
