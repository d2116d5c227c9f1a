"""The fewest households that change owner, at the least violation: the middle of a redraw.

And where fewer may move than that needs: the least violation among the plans that move so few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import pdist

from .claims import Claimed, claim, least_of_each, moved_least
from .columns import Columns
from .dive import dive
from .finish import Goal
from .graphs import group_components
from .incumbent import polish, violation_outweighs
from .master import TOLERANCE, Aim, Master
from .problem import BoolArray, Budget, IntArray, Problem, Recipe
from .sift import sift
from .sweep import oversize, sweep
from .tighten import tighten
from .value import figures

FEW = 60_000  # columns among which a plan that moves few is sought first
MOST_WIDE = 600_000  # groups that are looked at for some over a limit
MOST_KEPT = 100_000  # of those over one
MOST_NODES = 2_000  # of the branching for the least violation


@dataclass(frozen=True, eq=False)
class Moves:
    """The fewest households moved, and a valid bound over the columns that were given.

    ``columns`` holds ``chosen``, and where ``bound`` equals ``moved`` every column that a cover
    which moves so few can use.
    """

    columns: Columns
    chosen: IntArray
    moved: int
    bound: int

    @property
    def violation(self) -> int:
        """The violation of the chosen cover, in millionths."""
        return int(self.columns.violation[self.chosen].sum())

    def among(self, claimed: Claimed) -> Moves:
        """Return the same cover among all columns of ``claimed``."""
        n = claimed.problem.n
        chosen = claimed.columns.find(self.columns.take(self.chosen), n)
        return Moves(claimed.columns, chosen, self.moved, self.bound)


def claim_few(
    problem: Problem, columns: Columns, chosen: IntArray, level: int | None,
    budget: Budget, *, seed: int,
) -> Claimed:  # fmt: skip
    """Claim old groups with those columns that a cover moving fewest may use.

    A first cover is sought among the columns that move fewest; whatever moves more by itself than
    all of that cover is in no better one.
    """
    least = least_of_each(problem, columns)
    if len(columns) > FEW:
        near = np.sort(np.argsort(least, kind="stable")[:FEW])
        near = np.union1d(near, chosen)
        first = claim(problem, columns.take(near), np.searchsorted(near, chosen))
        found = _dived(first, level, budget, seed=seed)[1]
        labels = first.columns.labels(found, first.problem.n)[: problem.n]
        groups = Columns.of_groups(np.unique(labels, return_inverse=True)[1].ravel())
        chosen = columns.find(groups, problem.n)
        most = moved_least(problem, columns.labels(chosen, problem.n))
        kept = np.union1d(np.flatnonzero(least <= most), chosen)
        columns, chosen = columns.take(kept), np.searchsorted(kept, chosen)
    return claim(problem, columns, chosen)


def _dived(
    claimed: Claimed, level: int | None, budget: Budget, *, seed: int
) -> tuple[Master, IntArray]:
    """Return an LP over the columns that may do, and a cover that moves few."""
    columns, chosen = _moving_at_most(claimed.columns, claimed.chosen)
    master = Master(columns, claimed.problem.n, Aim(moved=1.0, level=level), first=chosen)
    master.solve(budget)
    dived = dive(master, budget)
    if dived is not None and _rank(columns, dived) < _rank(columns, chosen):
        chosen = dived
    chosen = polish(claimed.problem, master, chosen, budget, seed=seed)
    home = claimed.columns
    if columns is not home:
        chosen = home.find(columns.take(chosen), claimed.problem.n)
    return master, chosen


def least_moved(claimed: Claimed, level: int | None, budget: Budget, recipe: Recipe) -> Moves:
    """Lower what the cover of ``claimed`` moves, at a violation of ``level`` (millionths)."""
    problem = claimed.problem
    master, found = _dived(claimed, level, budget, seed=recipe.seed)
    columns, aim = master.pool, master.aim
    chosen = columns.find(claimed.columns.take(found), problem.n)
    assert columns.moved is not None
    gap = float(columns.moved[chosen].sum()) - master.bound + TOLERANCE
    if np.isfinite(gap) and not budget.over():
        kept = np.union1d(np.flatnonzero(master.reduced <= gap), chosen)
        inside = np.searchsorted(kept, np.intersect1d(master.inside, kept))
        columns, chosen = columns.take(kept), np.searchsorted(kept, chosen)
        master = Master(columns, problem.n, aim, first=np.union1d(inside, chosen))
        master.solve(budget)
    assert columns.moved is not None
    moved = int(columns.moved[chosen].sum())
    if _whole(master.bound) < moved:
        # A bound above the next whole number of households is all that is wanted.
        tighten(problem, master, moved - 1 + 1e-3, budget)
    bound = _whole(master.bound)
    if bound < moved and not budget.over():
        done = sift(master, chosen, budget, Goal(aim, master.cuts, step=1.0), recipe)
        columns, chosen, bound = done.columns, done.chosen, max(bound, _whole(done.bound))
    else:
        reach = moved - master.bound + TOLERANCE
        kept = np.union1d(np.flatnonzero(master.reduced <= reach), chosen)
        columns, chosen = columns.take(kept), np.searchsorted(kept, chosen)
    assert columns.moved is not None
    moved = int(columns.moved[chosen].sum())
    return Moves(columns, chosen, moved, min(bound, moved))


def _moving_at_most(columns: Columns, chosen: IntArray) -> tuple[Columns, IntArray]:
    """Leave out the columns that by themselves move more than the cover ``chosen`` does."""
    assert columns.moved is not None
    most = int(columns.moved[chosen].sum())
    kept = np.union1d(np.flatnonzero(columns.moved <= most), chosen)
    return columns.take(kept), np.searchsorted(kept, chosen)


def within(
    problem: Problem, columns: Columns, cap: int, budget: Budget, recipe: Recipe
) -> tuple[Claimed, Moves]:
    """Return the least violation found among plans that move at most ``cap`` households.

    ``columns``: groups under the upper limits; such as are over them, as old groups may be by now,
    are added. Where even the fewest that can move are
    more than the cap, that many move. The bound is no bound.
    """
    start = as_was(problem)
    if moved_least(problem, start) > cap:
        cap = max(cap, _fewest(problem, columns, start, budget, recipe))
    extra = _over_limits(problem, start, cap, budget)
    columns = columns.take(np.flatnonzero(least_of_each(problem, columns) <= cap))
    columns = columns.with_more(extra.take(np.flatnonzero(~_known(extra, columns, problem.n))))
    claimed = claim(problem, columns, columns.find(Columns.of_groups(start), problem.n))
    joint, chosen = claimed.problem, claimed.chosen
    if claimed.moved > cap:
        chosen = least_moved(claimed, None, budget, recipe).among(claimed).chosen
    aim = Aim(violation=violation_outweighs(columns, problem.n), cost=1.0, most_moved=cap)
    master = Master(claimed.columns, joint.n, aim, first=chosen)
    master.solve(budget)
    plans = [chosen]
    dived = dive(master, budget)
    assert claimed.columns.moved is not None
    if dived is not None and int(claimed.columns.moved[dived].sum()) <= cap:
        plans.append(dived)
    plans = [polish(joint, master, plan, budget, seed=recipe.seed) for plan in plans]
    chosen = min(plans, key=lambda plan: float(master.values[plan].sum()))
    if not budget.over():
        chosen = _closed(claimed, chosen, cap, budget, recipe)
    if problem.spend_moves:
        moved = int(claimed.columns.moved[chosen].sum())
        return claimed, Moves(claimed.columns, chosen, moved, 0)
    level = int(claimed.columns.violation[chosen].sum())
    held = Claimed(joint, claimed.columns, chosen)
    fewest = least_moved(held, level or None, budget, recipe)
    return claimed, Moves(fewest.columns, fewest.chosen, fewest.moved, 0)


def _fewest(
    problem: Problem, columns: Columns, start: IntArray, budget: Budget, recipe: Recipe
) -> int:
    """Return the fewest households that can move, at whatever violation."""
    extra = _over_limits(problem, start, int(problem.stakes[:, 2].sum()), budget)
    columns = columns.with_more(extra.take(np.flatnonzero(~_known(extra, columns, problem.n))))
    claimed = claim(problem, columns, columns.find(Columns.of_groups(start), problem.n))
    return least_moved(claimed, None, budget, recipe).moved


def _closed(
    claimed: Claimed, chosen: IntArray, cap: int, budget: Budget, recipe: Recipe
) -> IntArray:
    """Lower the violation as far as a 0-1 program finds in a while."""
    columns, joint = claimed.columns, claimed.problem
    if not columns.violation[chosen].any():
        return chosen
    # in thousandths, so that the solver's tolerances stay below a millionth
    aim = Aim(violation=1000.0, most_moved=cap)
    master = Master(columns, joint.n, aim, first=chosen)
    master.solve(budget)
    chosen = polish(joint, master, chosen, budget, seed=recipe.seed)
    tighten(joint, master, float(master.values[chosen].sum()), budget)
    goal = Goal(aim, master.cuts, most_nodes=MOST_NODES)
    done = sift(master, chosen, budget, goal, recipe)
    return columns.find(done.columns.take(done.chosen), joint.n)


def as_was(problem: Problem) -> IntArray:
    """Return the old groups as far as they hold together and may be so wide, all else alone."""
    assert problem.old is not None
    alone = oversize(problem) | (problem.old < 0)
    wide = set()
    if np.isfinite(problem.max_span_m):
        for group in np.unique(problem.old[problem.old >= 0]).tolist():
            if pdist(problem.xy[problem.old == group]).max(initial=0.0) > problem.max_span_m:
                wide.add(group)
    alone |= np.isin(problem.old, sorted(wide))
    apart = np.where(alone, int(problem.old.max()) + 1 + np.arange(problem.n), problem.old)
    return group_components(problem.n, problem.edges, apart)


def _over_limits(problem: Problem, labels: IntArray, cap: int, budget: Budget) -> Columns:
    """Return these groups, and groups over a limit that move at most ``cap``, fewest first."""
    mine = Columns.of_groups(labels)
    swept = _swept_over(problem, labels, budget)
    moved = least_of_each(problem, swept)
    kept = np.flatnonzero((moved <= cap) & ~_known(swept, mine, problem.n))
    kept = np.sort(kept[np.argsort(moved[kept], kind="stable")[:MOST_KEPT]])
    found = mine.with_more(swept.take(kept))
    violation, cost = figures(problem, found.member.astype(np.int64), found.start)
    return Columns(found.start, found.member, cost, violation)


def _swept_over(problem: Problem, labels: IntArray, budget: Budget) -> Columns:
    """Return groups over an upper limit: by one node, or where those are many by as much as labels.

    A node that is over a limit by itself is in none of them.
    """
    closed, high = oversize(problem), problem.bands[:, 1]
    total = np.zeros((int(labels.max()) + 1, problem.weights.shape[1]), np.int64)
    np.add.at(total, labels, problem.weights)
    were = np.maximum(high, total[labels[~closed]].max(axis=0, initial=0))
    node = problem.weights[~closed].max(axis=0, initial=0)
    found = Columns.of_groups(labels).take(np.zeros(0, np.int64))
    for tops in (np.maximum(were, high + node), were):
        wide = replace(problem, bands=np.column_stack([problem.bands[:, 0], tops]))
        swept = sweep(wide, max_span_m=problem.max_span_m, most_columns=MOST_WIDE, stop=budget.over)
        if swept.complete:
            found = swept.columns
            break
    if not len(found):
        return found
    weight = np.add.reduceat(problem.weights[found.member], found.start[:-1], axis=0)
    shut = np.logical_or.reduceat(closed[found.member], found.start[:-1])
    over = (weight > high).any(axis=1) & ~shut & (np.diff(found.start) > 1)
    return found.take(np.flatnonzero(over))


def _known(columns: Columns, others: Columns, n: int) -> BoolArray:
    return np.asarray(np.isin(columns.keys(n), others.keys(n)))


def _rank(columns: Columns, chosen: IntArray) -> int:
    return int(columns.rank()[chosen].sum())


def _whole(bound: float) -> int:
    """Round a bound up to whole households, forgiving the solver's tolerance."""
    return max(0, int(np.ceil(bound - 1e-4))) if np.isfinite(bound) else 0
