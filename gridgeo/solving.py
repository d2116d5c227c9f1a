"""One part of a community put to the solvers; the only place that knows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import solvers

from .division import Part
from .earlier_plan import heaviest_of
from .keeping import Keep
from .model import Community, CommunityResult, LimitBook, Limits, Status, Territory
from .objective import Aim, open_border_m, weights_and_bands
from .pockets import Ask
from .ruled_out import RuledOut
from .units import keep_whole
from .wording import some

# So dear is a household cut off its pocket that no compactness pays for it.
_POCKET_PRICE = 1_000.0
# A relative gap below this is rounding, as in the solvers.
_ROUNDING = 1e-7

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Standing:
    """Where a run stands: best objective and bound so far, see ``Objective``.

    ``violation`` is that of the best plan so far, ``moved`` the households that it moves; None
    where a figure is not known yet.
    """

    community: str
    step: str
    best: float | None
    bound: float | None
    violation: float | None
    gap: float | None
    moved: int | None = None


@dataclass(frozen=True)
class Watch:
    """How to follow a run (``on_progress``), and to end it early with the best (``cancelled``)."""

    on_progress: Callable[[Standing], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of every community alike; arrays have a row a building of the town.

    ``kinds``: object (n,) of text. ``alone``: which exclusive grid a building is in, -1 for none.
    ``recipe``: solver and seed. ``keep``: of a redraw, what it keeps. ``naming``: grid ids by
    labels int64 (n,), instead of numbers in reading order.
    """

    town: Community
    territory: Territory
    book: LimitBook
    aim: Aim
    units: Array | None
    start: Array | None
    kinds: Array
    alone: Array
    recipe: tuple[str, int]
    watch: Watch
    keep: Keep | None = None
    naming: Callable[[Array], Array] | None = None


@dataclass(frozen=True, eq=False)
class Question:
    """Buildings to be divided under the same limits; arrays have a row a building of ``rows``.

    ``whole``: int64, rows with the same number share a grid. ``start``: int64, a plan of them in
    which every grid ``holds`` to its kind, as any other must.
    """

    rows: Array
    limits: Limits
    kind: str = ""
    whole: Array | None = None
    start: Array | None = None
    holds: Callable[[Array], bool] = lambda _: True


def divide(asked: Asked, question: Question, share_s: float | None) -> Part:
    """Divide what a question is about in its share of the time, and check the answer."""
    began_s = time.monotonic()
    rows, limits = question.rows, question.limits
    name = str(asked.town.buildings.communities[rows[0]])
    problem = problem_of(asked, rows, limits)
    budget = solvers.Budget(
        share_s,
        clock=time.monotonic,
        cancelled=asked.watch.cancelled,
        report=lambda p: asked.watch.on_progress(
            Standing(name, p.step, p.best, p.bound, p.violation, p.gap, p.moved)
        ),
    )
    cluster, large = _clusters(asked, problem, rows, question)
    joint, inner_cost = problem, 0.0
    if cluster is None:
        cluster = np.arange(problem.n)
    else:
        joined = solvers.join(problem, cluster)
        joint, inner_cost = joined.problem, joined.inner_cost
    start = _start_of(asked, question, cluster)
    if joint.quarter is not None and not joint.redraws:
        compounds = _compounds(asked, rows, limits)[np.unique(cluster, return_index=True)[1]]
        start = _whole_first(asked, joint, compounds, start, budget)
    solution = _solved(asked, joint, start, budget)
    labels = solution.labels[cluster]
    torn = solvers.broken_locks(joint, solution.labels)
    level, least = (_of_bands(v, torn) for v in (solution.violation, solution.violation_bound))
    found = level
    if question.start is not None and not question.holds(labels):
        # what was taken in is the most of a grid now: it would be judged by other limits
        labels = np.unique(question.start, return_inverse=True)[1].ravel()
        torn = solvers.broken_locks(problem, labels)
        level = _of_bands(float(solvers.verify(problem, labels).violation), torn)
    verdict = solvers.verify(problem, labels)
    really = _of_bands(float(verdict.violation), solvers.broken_locks(problem, labels))
    if verdict.faults or abs(really - level) > 1e-4:
        raise RuntimeError(f"the solver's plan failed its check: {verdict.faults or 'violation'}")
    bound = None
    if solution.bound is not None and level == found:
        bound = min(solution.bound + inner_cost, verdict.cost)
    ruled, status = None, Status(solution.status.value)
    if status is not Status.UNKNOWN and (question.start is not None or torn):
        status = _status(level, least, verdict.cost, bound)
        if verdict.moved > solution.moved_bound and status is Status.OPTIMAL:
            status = Status.FEASIBLE
    if ((verdict.totals < problem.bands[:, 0]) | (verdict.totals > problem.bands[:, 1])).any():
        known = solvers.certificates(joint)
        if 0 < level <= float(known.violation):
            least, status = level, Status.INFEASIBLE
        elif float(known.violation) < level:
            least = max(least, float(known.violation))
        wide_enough = solution.max_span_m >= problem.max_span_m
        proved = known.impossible or (solution.violation_bound > 0 and wide_enough)
        pockets = question.whole is not None and asked.units is None
        ruled = RuledOut(known, rows, cluster, proved, "pockets" if pockets else "compounds")
    joined_ids = asked.town.buildings.ids[rows[np.isin(cluster, solution.joined)]]
    result = CommunityResult(
        community=name,
        status=status,
        objective=verdict.cost,
        bound=bound,
        violation=level,
        violation_bound=least,
        max_span_m=solution.max_span_m if np.isfinite(solution.max_span_m) else None,
        seconds=time.monotonic() - began_s,
        covers=_covers(asked, solution, joined_ids),
        stopped=solution.stopped,
        moved=verdict.moved if problem.old is not None else None,
        moved_bound=min(solution.moved_bound, verdict.moved) if problem.old is not None else None,
    )
    return Part(question.kind, limits, rows, labels, result, tuple(large), ruled)


def _of_bands(violation: float, torn: int) -> float:
    """Return the violation of the bands alone, of one in which so many locks are broken."""
    return max(0.0, violation - solvers.LOCK_BROKEN * torn)


def _start_of(asked: Asked, question: Question, cluster: Array) -> Array | None:
    """Return the plan of the clusters to start from, None for none."""
    start = question.start
    if start is None and asked.start is not None:
        start = asked.start[question.rows]
    if start is None:
        return None
    return heaviest_of(start, cluster, asked.town.buildings.households[question.rows])


def _compounds(asked: Asked, rows: Array, limits: Limits) -> Array:
    """Return a label a row, int64 (r,), the same for a compound that a grid may hold."""
    quarter = asked.aim.quarter
    assert quarter is not None  # asked only where compounds count
    names = np.where(quarter[rows] < 0, "", quarter[rows].astype(str)).astype(object)
    return keep_whole(asked.town.buildings, rows, names, limits)[0]


def _whole_first(
    asked: Asked,
    problem: solvers.Problem,
    compounds: Array,
    start: Array | None,
    budget: solvers.Budget,
) -> Array | None:
    """Return a start in which compounds are whole, if it is better than the one given.

    There are far fewer plans of whole compounds than of buildings, so that a good one is soon
    found; single buildings then leave their compound where that is worth it.
    """
    if np.isfinite(problem.max_span_m):
        return start
    solver, seed = asked.recipe
    cluster = solvers.group_components(problem.n, problem.edges, compounds)
    joint = solvers.join(problem, cluster).problem
    whole = solvers.solve(joint, budget, seed, solver=solver).labels[cluster]
    if start is None or start.min() < 0:
        return np.asarray(whole)
    given = np.unique(start, return_inverse=True)[1].ravel()
    ours, theirs = solvers.verify(problem, whole), solvers.verify(problem, given)
    worth = ((len(one.faults), one.violation, one.cost) for one in (ours, theirs))
    return np.asarray(whole if next(worth) <= next(worth) else start)


def _solved(
    asked: Asked, problem: solvers.Problem, start: Array | None, budget: solvers.Budget
) -> solvers.Solution:
    """Solve a problem; a price on compounds must not keep the search from the bands.

    Where the least violation is not settled, what can be had without that price is a start.
    """
    solver, seed = asked.recipe
    solution = solvers.solve(problem, budget, seed, solver=solver, start=start)
    unsettled = solution.violation > solution.violation_bound
    if problem.quarter is None or not unsettled or budget.over():
        return solution
    free = replace(problem, quarter=None, terms=_without_compounds(problem.terms))
    other = solvers.solve(free, budget, seed, solver=solver, start=solution.labels)
    if other.violation < solution.violation:
        solution = solvers.solve(problem, budget, seed, solver=solver, start=other.labels)
    return replace(solution, stopped=budget.struck)


def _without_compounds(terms: solvers.Terms) -> solvers.Terms:
    """Return terms that do not count compounds; where nothing else counts, compactness does."""
    others = (terms.compactness, terms.border, *terms.balance)
    return replace(terms, quarter=0.0, compactness=terms.compactness if any(others) else 1.0)


def _status(level: float, least: float, cost: float, bound: float | None) -> Status:
    """Return what is known of a part whose pockets were joined for the solver."""
    if level > 0:
        return Status.INFEASIBLE if level <= least else Status.FEASIBLE
    near = bound is not None and cost - bound <= _ROUNDING * max(1.0, cost)
    return Status.OPTIMAL if near else Status.FEASIBLE


def _clusters(
    asked: Asked, problem: solvers.Problem, rows: Array, question: Question | Ask
) -> tuple[Array | None, list[str]]:
    """Return the node that every row is joined to, None where none is, and units too large."""
    joined: list[Array] = []
    large: list[str] = []
    if asked.units is not None:
        kept, large = keep_whole(asked.town.buildings, rows, asked.units[rows], question.limits)
        joined.append(solvers.group_components(problem.n, problem.edges, kept))
    if question.whole is not None:
        joined.append(solvers.group_components(problem.n, problem.edges, question.whole))
    if not joined:
        return None, large
    inside = np.zeros(len(problem.edges), np.bool_)
    for labels in joined:
        inside |= labels[problem.edges[:, 0]] == labels[problem.edges[:, 1]]
    return solvers.components(problem.n, problem.edges[inside]), large


def divide_few(asked: Asked, free: Array, ask: Ask, share_s: float | None) -> tuple[Array, bool]:
    """Answer what ``open_pockets`` asks, and whether in time: see ``gridgeo.pockets.Ask``."""
    rows = free[ask.rows]
    problem = problem_of(asked, rows, ask.limits, mixing=True)
    if len(ask.pocket):
        quarter = np.where(ask.pocket, 0, -1).astype(np.int64)
        terms = replace(problem.terms, quarter=_POCKET_PRICE)
        problem = replace(problem, quarter=quarter, terms=terms)
    cluster, _ = _clusters(asked, problem, rows, ask)
    assert cluster is not None  # an ask always says what is whole
    budget = solvers.Budget(
        None if share_s is None else max(0.0, share_s),
        clock=time.monotonic,
        cancelled=asked.watch.cancelled,
    )
    solver, seed = asked.recipe
    joint = solvers.join(problem, cluster).problem
    solution = solvers.solve(joint, budget, seed, solver=solver)
    return np.asarray(solution.labels[cluster]), not solution.stopped


def _covers(asked: Asked, solution: solvers.Solution, joined_ids: Array) -> str:
    """Return over which plans a proof holds, and what it leaves out."""
    kept = "" if asked.units is None else "compounds and lanes kept whole as asked"
    locks = "" if asked.keep is None else asked.keep.rule
    return "; ".join(part for part in (kept, locks, _left_out(solution, joined_ids)) if part)


def _left_out(solution: solvers.Solution, joined_ids: np.ndarray[Any, Any]) -> str:
    """Return what the proof leaves out, with the place where buildings had to be joined."""
    said = solution.covers.replace("nodes", "buildings")
    if not len(joined_ids):
        return said
    return f"{said} ({some(joined_ids.tolist())})"


def problem_of(
    asked: Asked, rows: Array, limits: Limits, *, mixing: bool = False
) -> solvers.Problem:
    """Return the question about ``rows``: contacts with other rows do not count.

    Nor do contacts between exclusive grids; compounds do not count where kinds are ``mixing``.
    """
    buildings, territory, aim = asked.town.buildings, asked.territory, asked.aim
    position = np.full(len(buildings), -1, np.int64)
    position[rows] = np.arange(len(rows))
    ends = position[territory.edges].reshape(-1, 2)
    inside = (ends >= 0).all(axis=1)
    alone = asked.alone[territory.edges].reshape(-1, 2)
    inside &= alone[:, 0] == alone[:, 1]
    open_m = open_border_m(territory, territory.border_m)[inside]
    xy = buildings.xy[rows]
    weights, bands, balance, target = weights_and_bands(buildings, limits, aim)
    quarters = aim.quarter is not None and not mixing
    problem = solvers.Problem(
        weights=weights[rows],
        bands=bands,
        # A local origin keeps the squares small, so that sums of squares keep their digits.
        xy=xy - np.round(xy.mean(axis=0)),
        edges=ends[inside],
        max_span_m=np.inf if limits.max_span_m is None else limits.max_span_m,
        terms=solvers.Terms(
            compactness=aim.objective.compactness,
            balance=balance,
            target=target,
            border=aim.objective.border,
            quarter=aim.objective.weights["quarter"] if quarters else 0.0,
        ),
        border_m=open_m if aim.objective.border > 0 else None,
        quarter=aim.quarter[rows] if quarters and aim.quarter is not None else None,
    )
    if asked.keep is None:
        return problem
    kept = asked.keep.among(rows, position)
    part = str(buildings.communities[rows[0]]), str(asked.kinds[rows[0]])
    return replace(
        problem,
        old=kept.old,
        pinned=kept.pinned if (kept.pinned >= 0).any() else None,
        together=kept.together,
        apart=kept.apart,
        most_moved=None if mixing else asked.keep.caps.get(part),
        spend_moves=asked.keep.spend,
        cap_binds=part in asked.keep.binding and not mixing,
    )


def shared_out(cap: int, needs: list[int], gains: list[float], sizes: list[int]) -> list[int]:
    """Share households that may move among parts, first where each buys most violation.

    ``needs``: what each part would move; ``gains``: what violation that saves; ``sizes``: by which
    what is left is shared.
    """
    return solvers.share_out(cap, needs, gains, sizes)


def pieces_of(asked: Asked, rows: Array) -> Array:
    """Return the connected piece of every building among ``rows``, int64 (n,)."""
    mine = np.zeros(len(asked.town.buildings), np.bool_)
    mine[rows] = True
    inside = asked.territory.edges[mine[asked.territory.edges].all(axis=1)].reshape(-1, 2)
    return np.asarray(solvers.components(len(mine), inside))
