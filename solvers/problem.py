"""What is asked and what is answered: Problem, Budget, Status, Solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

# Violations are counted in whole millionths, so that sums are exact and levels can be compared.
VIOLATION_UNIT = 1_000_000
# A broken lock outweighs any violation of the bands; in millionths too.
LOCK_BROKEN = 1_000 * VIOLATION_UNIT

IntArray = np.ndarray[Any, np.dtype[np.int64]]
FloatArray = np.ndarray[Any, np.dtype[np.float64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]


class Status(StrEnum):
    """What is known of a solution; the last two are never merged."""

    OPTIMAL = "optimal"  # within the bands, and proved: none costs less
    FEASIBLE = "feasible"  # a solution, and bounds on how far it may be from the best
    INFEASIBLE = "infeasible"  # proved that none meets the bands; this one violates them least
    UNKNOWN = "unknown"  # the budget ran out with nothing


@dataclass(frozen=True, eq=False)
class Terms:
    """What a group costs: terms that are added over the groups, none of them negative.

    cost(S) = ``compactness`` x inertia of weight 0 about the centroid   [10^6 household m2]
            + sum over weights k of ``balance``[k] x (W_k(S) - ``target``[k])^2
            + ``border`` x half the metres of ``Problem.border_m`` between S and other groups
            + ``quarter`` x half the sum, over quarters q, of min(h(S and q), h(q without S)),
              h being weight 0: where a quarter is cut in two, the households of its smaller
              part; one that lies in several pieces of the graph counts as one in each
            + where ``penalty`` is given and S is out of band: ``penalty``[0]
              + sum over k of ``penalty``[1 + k] x the distance of W_k(S) from its band

    Half the border and half the quarter, since the group across counts the other half. With a
    penalty being out of band is no violation, only dear; what is proved then holds over plans in
    which only single nodes are over an upper limit. ``balance`` and ``target``: one number a
    weight, () for none.
    """

    compactness: float = 1.0
    balance: tuple[float, ...] = ()
    target: tuple[float, ...] = ()
    border: float = 0.0
    quarter: float = 0.0
    penalty: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        numbers = (
            self.compactness,
            *self.balance,
            self.border,
            self.quarter,
            *(self.penalty or ()),
        )
        if not all(0 <= number < np.inf for number in numbers):
            raise ValueError("the weights of the terms must be finite and not negative")
        if len(self.balance) != len(self.target):
            raise ValueError("every balanced weight needs a target")


def _no_pairs() -> IntArray:
    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True, eq=False)
class Problem:
    """Divide the nodes of a graph into connected groups whose weights lie within bands.

    ``weights``: int64 (n, w), >= 0; column 0 is also the mass of the inertia (households).
    ``bands``: int64 (w, 2), inclusive low and high of a group's sum per weight.
    ``xy``: float64 (n, 2), metres. ``edges``: int64 (m, 2), i < j, each once.
    ``max_span_m``: largest distance between two nodes of a group, metres; inf leaves it open.
    ``terms``: what a group costs. ``border_m``: float64 (m,), metres that an edge counts in the
    border term. ``quarter``: int64 (n,), the quarter (compound) of a node, -1 for none.
    ``old``: int64 (n,), the group of a node before a redraw, -1 for none; None where nothing is
    redrawn. ``owned``: int64 (k, 3), node, old group and households of it, where a node has
    households of several old groups (clusters have); None where all of a node is of ``old``.
    ``pinned``: int64 (n,), the old group that goes on as the group of this node and as no other,
    -1 for none. ``together`` and ``apart``: int64 (k, 2), pairs of nodes that should share a group,
    or should not (locks).
    ``most_moved``: households that may change owner at most, a cap that comes before all else;
    ``spend_moves``: whether they may be spent on the cost too, and not on the violation alone;
    ``cap_binds``: it is known that the least violation needs more, and need not be looked for.

    The violation of a group is 0 within the bands, else 1 plus, for every limit it breaks, the
    distance from that limit as a share of it; a broken lock counts LOCK_BROKEN besides, half of it
    in either group of a pair torn apart. Violations come first, then, of a redraw, the households
    that change owner, then the cost; with ``spend_moves`` the violation, then the cost.

    Raises:
        ValueError: shapes that do not agree, edges out of order, negative weights.
    """

    weights: IntArray
    bands: IntArray
    xy: FloatArray
    edges: IntArray
    max_span_m: float = np.inf
    terms: Terms = Terms()
    border_m: FloatArray | None = None
    quarter: IntArray | None = None
    old: IntArray | None = None
    owned: IntArray | None = None
    pinned: IntArray | None = None
    together: IntArray = field(default_factory=_no_pairs)
    apart: IntArray = field(default_factory=_no_pairs)
    most_moved: int | None = None
    spend_moves: bool = False
    cap_binds: bool = False

    def __post_init__(self) -> None:
        n, w = self.weights.shape
        if self.xy.shape != (n, 2) or self.bands.shape != (w, 2) or self.edges.shape[1:] != (2,):
            raise ValueError("weights (n, w), bands (w, 2), xy (n, 2), edges (m, 2) do not agree")
        if n == 0:
            raise ValueError("a problem needs at least one node")
        if (self.weights < 0).any():
            raise ValueError("weights must not be negative")
        for pairs, name in ((self.edges, "edges"), (self.together, "locks"), (self.apart, "locks")):
            if len(pairs):
                low, high = pairs[:, 0], pairs[:, 1]
                if not ((low >= 0) & (low < high) & (high < n)).all():
                    raise ValueError(f"{name} must be pairs 0 <= i < j < n")
        terms = self.terms
        if len(terms.balance) not in (0, w) or len(terms.penalty or ()) not in (0, w + 1):
            raise ValueError("balance needs a number a weight, a penalty one more")
        of_nodes = (self.quarter, self.old, self.pinned)
        for array, size in ((self.border_m, len(self.edges)), *((a, n) for a in of_nodes)):
            if array is not None and array.shape != (size,):
                raise ValueError("border_m (m,), quarter, old and pinned (n,) do not agree")
        if self.border_m is not None and (self.border_m < 0).any():
            raise ValueError("border_m must not be negative")
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def n(self) -> int:
        """How many nodes there are."""
        return len(self.weights)

    @property
    def redraws(self) -> bool:
        """Whether some node had an old group."""
        return self.old is not None and bool((self.old >= 0).any())

    @property
    def stakes(self) -> IntArray:
        """Node, old group and households of every share of an old group, by node; int64 (k, 3)."""
        if self.owned is not None:
            return self.owned
        if self.old is None:
            return np.zeros((0, 3), np.int64)
        had = np.flatnonzero(self.old >= 0)
        return np.column_stack([had, self.old[had], self.weights[had, 0]])


@dataclass(frozen=True)
class Progress:
    """Where a run stands: ``bound`` and ``best`` are costs, the rest the best so far."""

    step: str
    best: float | None = None
    bound: float | None = None
    violation: float | None = None
    moved: int | None = None

    @property
    def gap(self) -> float | None:
        """How far the best is from the bound, as a share of the best."""
        if self.best is None or self.bound is None:
            return None
        return relative_gap(self.best, self.bound)


def relative_gap(best: float, bound: float) -> float:
    """Return ``(best - bound) / best``, 0 where both are 0."""
    return max(0.0, best - bound) / best if best > 0 else 0.0


class Budget:
    """When to stop: a time limit as a backstop, and a cancel from outside.

    Searches stop on counts of their own, so that a run repeats; the clock only guards.
    ``struck`` tells whether clock or cancel end it; ``decided`` whether they decided anything, be
    it only in a part of it.
    """

    def __init__(
        self,
        time_limit_s: float | None = None,
        *,
        clock: Callable[[], float],
        cancelled: Callable[[], bool] = lambda: False,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self.clock, self.cancelled, self.report = clock, cancelled, report
        self.struck = self.decided = False
        self._whole: Budget | None = None
        self._end = None if time_limit_s is None else clock() + time_limit_s

    def left_s(self) -> float:
        """Return the seconds left, inf where there is no limit."""
        return np.inf if self._end is None else max(0.0, self._end - self.clock())

    def over(self) -> bool:
        """Return whether to stop now, and remember that it was so."""
        if self.left_s() <= 0 or self.cancelled():
            self.struck = self.decided = True
            if self._whole is not None:
                self._whole.decided = True
        return self.struck

    def part(self, share: float) -> Budget:
        """Return a budget of this share of the time left: so much one step may take of it."""
        left_s = self.left_s()
        part = Budget(
            share * left_s if np.isfinite(left_s) else None,
            clock=self.clock,
            cancelled=self.cancelled,
            report=self.report,
        )
        part._whole = self
        return part


@dataclass(frozen=True)
class Recipe:
    """What makes a run repeat: the seed, and the solver that finishes ("" for CBC)."""

    seed: int = 0
    solver: str = ""


@dataclass(frozen=True, eq=False)
class Solution:
    """Labels and what is proved of them.

    ``labels``: int64 (n,), groups numbered from 0 by their smallest node. ``violation`` and
    ``violation_bound``: total violation and a valid lower bound, in units of one group
    (multiples of a millionth). ``moved`` and ``moved_bound``: of a redraw, the households that
    change owner and a valid lower bound at this violation, else 0. ``objective``: cost, see
    ``Terms``; ``bound``: a valid lower bound on the cost of every solution at this violation that
    moves so few, None where there is none.
    ``max_span_m``: the span over which the proof holds. ``covers``: in words, what the bounds
    do not cover, "" where they cover everything. ``stopped``: whether the clock or a cancel struck.
    ``columns``: how many groups were held to choose from. ``joined``: nodes that were joined into
    clusters where there were too many, ascending.
    """

    status: Status
    labels: IntArray
    violation: float
    violation_bound: float
    objective: float
    bound: float | None
    max_span_m: float
    covers: str = ""
    stopped: bool = False
    moved: int = 0
    moved_bound: int = 0
    columns: int = 0
    joined: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def gap(self) -> float | None:
        """How far the objective is from the bound at most, as a share of the objective."""
        return None if self.bound is None else relative_gap(self.objective, self.bound)
