"""The pool: every column where they can be held, else those of a span, and the rest priced in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Columns
from .master import TOLERANCE, Master
from .problem import Budget, Problem
from .pruning import Kind, Search
from .sweep import sweep

MOST_HELD = 6_000_000  # columns held where that is all of them
MOST_STARTED = 300_000  # columns to start from where it is not
SPANS_M = (1000.0, 800.0, 600.0, 500.0, 400.0, 350.0, 300.0, 250.0)
SERVED = 0.8  # of the mass: what a span must reach to be worth starting from
PRICED = 60_000  # columns of one pricing sweep
PRICED_VISITS = 4_000_000  # of one pricing sweep; enough to find some
SURE_VISITS = 1_000_000_000  # of a sweep that proves that there are no more
ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Pool:
    """Columns under the upper limits within ``span_m``; ``whole`` if that is all there are.

    ``max_span_m`` is the span asked for. Every single node is among the columns.
    """

    columns: Columns
    span_m: float
    max_span_m: float

    @property
    def whole(self) -> bool:
        """Whether the pool holds every column within the span asked for."""
        return self.span_m == self.max_span_m


def fill(problem: Problem, budget: Budget, *, most_held: int | None = None) -> Pool | None:
    """Enumerate as wide as can be held: ``most_held`` columns, or MOST_HELD.

    None where grids of 250 m make too many already, or where a span that can be held is too
    narrow for grids in band.
    """
    asked = problem.max_span_m
    found = sweep(
        problem,
        max_span_m=asked,
        most_columns=min(most_held or MOST_HELD, MOST_HELD),
        stop=budget.over,
    )
    if found.complete:
        return Pool(found.columns, asked, asked)
    for span_m in SPANS_M:
        if span_m < asked and not budget.over():
            found = sweep(problem, max_span_m=span_m, most_columns=MOST_STARTED, stop=budget.over)
            if found.complete:
                wide = _serves(problem, found.columns)
                return Pool(found.columns, span_m, asked) if wide else None
    return None


def _serves(problem: Problem, columns: Columns) -> bool:
    """Return whether nearly all mass is in some group in band: else the span is too narrow."""
    in_band = columns.take(np.flatnonzero(columns.violation == 0))
    served = np.zeros(problem.n, np.bool_)
    served[in_band.member] = True
    mass = problem.weights[:, 0]
    return bool(mass[served].sum() >= SERVED * mass.sum())


def price_in(  # the rows, whence the columns, which, and for how long
    problem: Problem,
    master: Master,
    pool: Pool,
    kind: Kind,
    budget: Budget,
    *,
    sure_visits: int = SURE_VISITS,
) -> bool:
    """Add columns of this kind from outside the pool until none improves the master's LP.

    Returns whether that was proved, in a last sweep of at most ``sure_visits``; only then does the
    master's bound hold for all of them.
    """
    visits = PRICED_VISITS
    for _ in range(ROUNDS):
        if budget.over():
            return False
        search = search_of(master, kind, -TOLERANCE)
        found = sweep(
            problem,
            search,
            max_span_m=pool.max_span_m,
            most_columns=PRICED,
            most_visits=visits,
            spread=True,
            stop=budget.over,
        )
        # Cuts only make a column dearer: what looks cheap without them may not be with them.
        cheap = np.flatnonzero(master.reduce(found.columns) < -TOLERANCE)
        if not master.grow(found.columns.take(cheap)):
            if found.complete:
                return True
            if visits == sure_visits:
                return False
            visits = sure_visits
            continue
        master.solve(budget)
    return False


def price_from(held: Columns, master: Master, most_value: float, budget: Budget) -> None:
    """Add columns of ``held`` until none outside the master's pool has a lower reduced cost.

    ``most_value``: at 0 the master's bound then holds for all of ``held``; above 0 its pool has
    every column of at most so much. Where the budget strikes the bound is lowered to hold.
    """
    if held is master.pool:
        return
    while not budget.over():
        reduced = master.reduce(held)
        wanted = np.flatnonzero(reduced < max(-TOLERANCE, most_value - TOLERANCE))
        if most_value <= 0 and len(wanted) > PRICED:
            # the dearest of them hardly help, and an LP of millions heeds no budget
            wanted = np.sort(wanted[np.argsort(reduced[wanted], kind="stable")[:PRICED]])
        if not master.grow(held.take(wanted)):
            return
        master.solve(budget)
    master.hold_over(held)


def priced_below(
    problem: Problem, master: Master, pool: Pool, kind: Kind, most_value: float, budget: Budget
) -> Columns | None:
    """Return every column of this kind of reduced cost at most ``most_value``; None if too many."""
    found = sweep(
        problem,
        search_of(master, kind, most_value),
        max_span_m=pool.max_span_m,
        most_columns=MOST_STARTED,
        most_visits=SURE_VISITS,
        stop=budget.over,
    )
    return found.columns if found.complete else None


def search_of(master: Master, kind: Kind, most_value: float) -> Search:
    """Return the search for columns of reduced cost at most ``most_value``, cuts left aside."""
    violation = master.aim.violation - master.level_weight
    return Search(
        master.price, violation, master.aim.cost, most_value, kind, master.cuts, master.cut_price
    )
