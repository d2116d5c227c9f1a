"""Set partitioning of one connected piece: least violation, then least cost, each with a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .claims import Claimed, claim, least_of_each
from .columns import Columns
from .finish import Goal
from .incumbent import better_cover, polish
from .level import Level, least_violation
from .master import TOLERANCE, Aim, Master
from .moves import Moves, claim_few, least_moved, within
from .pool import Pool, fill, price_from, price_in, priced_below
from .problem import Budget, IntArray, Problem, Recipe
from .pruning import Kind
from .sift import sift
from .tighten import PROVED, tighten

MOST_AT_ONCE = 200_000  # columns that are cut; of more the rest is priced in afterwards
USEFUL = 0.8  # of the columns: where more may still be used, it is not worth beginning anew


@dataclass(frozen=True, eq=False)
class Cover:
    """Labels of one piece and what is proved of them.

    ``violation`` and ``violation_bound`` in millionths; ``moved`` and ``moved_bound`` of a redraw
    in households; ``bound`` on the cost at that violation and so few moved, None where there is
    none. ``span_m``: the span over which the bounds hold. ``columns``: groups held in the pool.
    """

    labels: IntArray
    violation: int
    violation_bound: int
    cost: float
    bound: float | None
    span_m: float
    moved: int = 0
    moved_bound: int = 0
    columns: int = 0

    @property
    def proved(self) -> bool:
        """Whether nothing better exists within the span."""
        if self.bound is None or self.violation > self.violation_bound:
            return False
        return self.moved <= self.moved_bound and (
            self.cost - self.bound <= PROVED * max(1.0, self.cost)
        )


def cover(
    problem: Problem,
    start: IntArray,
    budget: Budget,
    *,
    recipe: Recipe,
    most_held: int | None = None,
) -> Cover | None:
    """Divide a connected piece; None where there are too many groups to choose from.

    ``start``: labels of some plan, which the answer is never worse than. ``most_held``: columns
    that are not too many, MOST_HELD if not told.

    The bounds hold for the span asked for, or, where pricing beyond the held pool was cut
    short, for the span of the pool.
    """
    pool = fill(problem, budget, most_held=most_held)
    if pool is None:
        return None
    groups = Columns.of_groups(start)
    if problem.redraws and problem.cap_binds and problem.most_moved is not None:
        return _within(problem, pool, budget, recipe)
    known = pool.columns.find(groups, problem.n)
    first = known if len(known) == len(groups) else None  # a wide group may be outside the span
    chosen = better_cover(problem, pool.columns, first, budget, seed=recipe.seed)
    level = least_violation(problem, pool, chosen, budget, recipe)
    exact = level.violation == level.bound
    if problem.redraws:
        return _redraw(problem, pool, level, budget, recipe)
    aim = Aim(cost=1.0, level=level.violation or None)
    done = _cheapest(_Task(problem, pool, aim), level.columns, level.chosen, budget, recipe)
    bound = done.bound if exact and np.isfinite(done.bound) else None
    return Cover(
        labels=done.columns.labels(done.chosen, problem.n),
        violation=int(done.columns.violation[done.chosen].sum()),
        violation_bound=level.bound,
        cost=done.best,
        bound=None if bound is None else min(done.best, max(bound, 0.0)),
        span_m=done.span_m,
        columns=len(pool.columns),
    )


def _redraw(problem: Problem, pool: Pool, level: Level, budget: Budget, recipe: Recipe) -> Cover:
    """Go on from the least violation to the fewest households moved, and then to the cost.

    Only columns at hand are asked: what is proved holds over the span of the pool. Where more
    would have to move than may, the least violation is sought among plans that move so few.
    """
    exact, cap = level.violation == level.bound, problem.most_moved
    if cap is not None or not problem.spend_moves:
        claimed = claim_few(
            problem, level.columns, level.chosen, level.violation or None, budget, seed=recipe.seed
        )
        moves = least_moved(claimed, level.violation or None, budget, recipe)
    else:
        claimed = claim(problem, level.columns, level.chosen)
        moves = Moves(claimed.columns, claimed.chosen, claimed.moved, 0)
    if cap is not None and moves.moved > cap:
        return _within(problem, pool, budget, recipe, least=level.bound)
    found, bounded = moves.violation, moves.bound if exact else 0
    most = moves.moved
    if problem.spend_moves:
        most = cap if cap is not None else int(problem.stakes[:, 2].sum())
        claimed = _claimed_anew(problem, level.columns, claimed, moves, most)
        moves = moves.among(claimed)
    aim = Aim(cost=1.0, level=found or None, most_moved=most)
    scope = Pool(moves.columns, pool.span_m, pool.span_m)
    task = _Task(claimed.problem, scope, aim)
    done = _cheapest(task, moves.columns, moves.chosen, budget, recipe)
    assert done.columns.moved is not None
    moved = int(done.columns.moved[done.chosen].sum())
    settled = exact and (problem.spend_moves or moved == bounded) and np.isfinite(done.bound)
    labels = done.columns.labels(done.chosen, claimed.problem.n)[: problem.n]
    return Cover(
        labels=np.unique(labels, return_inverse=True)[1],
        violation=int(done.columns.violation[done.chosen].sum()),
        violation_bound=level.bound,
        cost=done.best,
        bound=min(done.best, max(done.bound, 0.0)) if settled else None,
        span_m=pool.span_m,
        moved=moved,
        moved_bound=min(bounded, moved),
        columns=len(pool.columns),
    )


def _within(
    problem: Problem, pool: Pool, budget: Budget, recipe: Recipe, *, least: int = 0
) -> Cover:
    """Divide a piece under a cap on moves that keeps it from the least violation.

    ``least``: what is known of that, in millionths; nothing else is proved.
    """
    assert problem.most_moved is not None
    claimed, moves = within(problem, pool.columns, problem.most_moved, budget, recipe)
    most = max(problem.most_moved, moves.moved) if problem.spend_moves else moves.moved
    aim = Aim(cost=1.0, level=moves.violation or None, most_moved=most)
    task = _Task(claimed.problem, Pool(moves.columns, pool.span_m, pool.span_m), aim)
    done = _cheapest(task, moves.columns, moves.chosen, budget, recipe)
    assert done.columns.moved is not None
    labels = done.columns.labels(done.chosen, claimed.problem.n)[: problem.n]
    return Cover(
        labels=np.unique(labels, return_inverse=True)[1],
        violation=int(done.columns.violation[done.chosen].sum()),
        violation_bound=least,
        cost=done.best,
        bound=None,
        span_m=pool.span_m,
        moved=int(done.columns.moved[done.chosen].sum()),
        columns=len(pool.columns),
    )


def _claimed_anew(
    problem: Problem, columns: Columns, claimed: Claimed, moves: Moves, most: int
) -> Claimed:
    """Claim with all columns that move at most ``most``; the cover is that of ``moves``."""
    labels = moves.columns.labels(moves.chosen, claimed.problem.n)[: problem.n]
    groups = Columns.of_groups(np.unique(labels, return_inverse=True)[1].ravel())
    chosen = columns.find(groups, problem.n)
    kept = np.union1d(np.flatnonzero(least_of_each(problem, columns) <= most), chosen)
    return claim(problem, columns.take(kept), np.searchsorted(kept, chosen))


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be covered, from which pool, and to what aim."""

    problem: Problem
    pool: Pool
    aim: Aim


@dataclass(frozen=True, eq=False)
class _Cheapest:
    """The cheapest cover found of these columns, and a bound that holds over ``span_m``."""

    columns: Columns
    chosen: IntArray
    best: float
    bound: float
    span_m: float


def _cheapest(
    task: _Task, columns: Columns, chosen: IntArray, budget: Budget, recipe: Recipe
) -> _Cheapest:
    """Lower the cost: price, cut, fix by reduced cost, and finish what is left."""
    problem, pool, aim = task.problem, task.pool, task.aim
    master = Master(columns, problem.n, aim, first=chosen)
    master.solve(budget)
    kind = Kind.UNDER_CAPS if aim.level else Kind.IN_BAND
    whole = pool.whole or price_in(problem, master, pool, kind, budget)
    chosen = polish(problem, master, chosen, budget, seed=recipe.seed)
    best = float(master.pool.cost[chosen].sum())
    master, chosen = _only_useful(master, chosen, budget)
    held = master.pool
    if len(held) > MOST_AT_ONCE:
        edge = float(np.partition(master.reduced, MOST_AT_ONCE)[MOST_AT_ONCE])
        master, chosen = _those_below(master, edge, chosen, budget)
    tighten(problem, master, best, budget)
    price_from(held, master, 0.0, budget)
    if whole and not pool.whole:
        whole = price_in(problem, master, pool, kind, budget)
    span_m = pool.max_span_m if whole else pool.span_m
    gap = best - master.bound
    if gap <= PROVED * max(1.0, best) or budget.over():
        return _Cheapest(master.pool, chosen, best, master.bound, span_m)
    price_from(held, master, gap + TOLERANCE, budget)
    base = master.bound
    provable = True
    if whole and not pool.whole:
        more = priced_below(problem, master, pool, kind, gap + TOLERANCE, budget)
        if more is None:
            # Too many to hold: the last step searches the pool, and the bound stays that of
            # the LP, which holds for all.
            provable = False
        elif master.grow(more):
            master.solve(budget)
    done = sift(master, chosen, budget, Goal(aim, master.cuts), recipe)
    best = float(done.columns.cost[done.chosen].sum())
    bound = max(base, done.bound) if provable else base
    return _Cheapest(done.columns, done.chosen, best, bound, span_m)


def _only_useful(master: Master, chosen: IntArray, budget: Budget) -> tuple[Master, IntArray]:
    """Leave out the columns that no better cover than ``chosen`` can use, if they are many."""
    gap = float(master.values[chosen].sum()) - master.bound
    useful = np.count_nonzero(master.reduced <= gap + TOLERANCE)
    if useful > USEFUL * len(master.pool) or budget.over():
        return master, chosen
    return _those_below(master, gap + TOLERANCE, chosen, budget)


def _those_below(
    master: Master, reach: float, chosen: IntArray, budget: Budget
) -> tuple[Master, IntArray]:
    """Return a master of the columns of reduced cost up to ``reach`` and of those chosen."""
    kept = np.union1d(np.flatnonzero(master.reduced <= reach), chosen)
    inside = np.intersect1d(master.inside, kept)
    first = np.searchsorted(kept, np.union1d(inside, chosen))
    fewer = Master(master.pool.take(kept), master.n, master.aim, first=first)
    fewer.solve(budget)
    return fewer, np.searchsorted(kept, chosen)
