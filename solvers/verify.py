"""Independent checker: recompute from the raw arrays what a solution claims."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist

from .graphs import components, group_components
from .problem import LOCK_BROKEN, VIOLATION_UNIT, FloatArray, IntArray, Problem

# What a broken lock adds to the violation, in groups.
LOCK_PRICE = LOCK_BROKEN / VIOLATION_UNIT


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the labels really give; one row a group in label order.

    ``totals``: int64 (g, w). ``violations``: exact, as Fractions (a limit of 0 counts as 1); with a
    penalty only locks are violations. ``costs``: float64 (g,), see ``Terms``. ``moved``: of a
    redraw, the households that change owner at least, each old group being carried on by one new
    one at most, else 0. ``faults``: sentences, empty if all is well.
    """

    totals: IntArray
    violations: tuple[Fraction, ...]
    costs: FloatArray
    faults: tuple[str, ...]
    moved: int = 0

    @property
    def violation(self) -> Fraction:
        """Total violation."""
        return sum(self.violations, Fraction(0))

    @property
    def cost(self) -> float:
        """Total cost, see ``Terms``."""
        return float(self.costs.sum())

    @property
    def in_band(self) -> int:
        """How many groups keep all bands."""
        return sum(v == 0 for v in self.violations)


def verify(problem: Problem, labels: IntArray) -> Verdict:
    """Check that labels 0..g-1 divide the nodes into connected groups within the span.

    Shares nothing with the solver but the problem: sums by Python integers and fractions,
    inertia as the sum of squared distances from the centroid, the households that stay by an
    assignment of new groups to old ones.
    """
    faults: list[str] = []
    n = problem.n
    if labels.shape != (n,) or (n and labels.min() < 0):
        return Verdict(problem.weights[:0], (), np.zeros(0), ("a node has no group",))
    groups = int(labels.max()) + 1
    order = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[order], np.arange(groups + 1))
    if not np.diff(first).all():
        faults.append("group numbers have holes")
    _, of_piece = np.unique(group_components(n, problem.edges, labels), return_index=True)
    parts = np.bincount(labels[of_piece], minlength=groups)
    over = np.asarray((problem.weights > problem.bands[:, 1]).any(axis=1))
    for g in range(groups):
        members = order[first[g] : first[g + 1]]
        if parts[g] != 1:
            faults.append(f"group {g} is in {parts[g]} pieces")
        if len(members) > 1 and np.isfinite(problem.max_span_m):
            span = float(pdist(problem.xy[members]).max())
            if span > problem.max_span_m * (1 + 1e-12):
                faults.append(f"group {g} spans {span:.2f} m")
        if len(members) > 1 and over[members].any():
            alone = members[over[members]][0]
            faults.append(f"group {g} holds node {alone}, which must stand alone")
    totals = np.zeros((groups, problem.weights.shape[1]), np.int64)
    np.add.at(totals, labels, problem.weights)
    costs = problem.terms.compactness * _inertia(problem, labels, totals[:, 0])
    costs += _other_terms(problem, labels, totals)
    violations = [_violation(t, problem.bands) for t in totals.tolist()]
    if problem.terms.penalty is not None:
        violations = [Fraction(0)] * groups
    for g, broken in enumerate(_broken_locks(problem, labels, groups)):
        violations[g] += broken
    moved = _moved(problem, labels) if problem.redraws else 0
    return Verdict(totals, tuple(violations), costs, tuple(faults), moved)


def _violation(total: list[int], bands: IntArray) -> Fraction:
    shares = Fraction(0)
    broken = False
    for value, (low, high) in zip(total, bands.tolist(), strict=True):
        if value < low:
            broken, shares = True, shares + Fraction(low - value, max(low, 1))
        elif value > high:
            broken, shares = True, shares + Fraction(value - high, max(high, 1))
    return 1 + shares if broken else Fraction(0)


def _inertia(problem: Problem, labels: IntArray, whole: IntArray) -> FloatArray:
    """Return per group the masses times their squared distances from their centroid."""
    mass = problem.weights[:, 0].astype(float)
    out = np.zeros(len(whole))
    for along in problem.xy.T:
        centre = np.bincount(labels, mass * along, len(whole)) / np.maximum(whole, 1)
        out += np.bincount(labels, mass * (along - centre[labels]) ** 2, len(whole))
    return np.asarray(out / 1e6)


def _other_terms(problem: Problem, labels: IntArray, totals: IntArray) -> FloatArray:
    """Return what balance, border, quarters and penalty cost every group."""
    terms, groups = problem.terms, len(totals)
    out = np.zeros(groups)
    for k, weight in enumerate(terms.balance):
        out += weight * (totals[:, k] - terms.target[k]) ** 2
    if terms.penalty is not None:
        low, high = problem.bands.T
        beyond = np.maximum(low - totals, 0) + np.maximum(totals - high, 0)
        is_out = (beyond > 0).any(axis=1)
        out += np.where(is_out, terms.penalty[0], 0.0) + beyond @ np.array(terms.penalty[1:])
    if terms.border and problem.border_m is not None:
        ends = labels[problem.edges]
        across = ends[:, 0] != ends[:, 1]
        for end in ends[across].T:
            out += terms.border * np.bincount(end, problem.border_m[across], groups) / 2
    if terms.quarter and problem.quarter is not None:
        out += terms.quarter * _torn(problem, labels, problem.quarter, groups) / 2
    return out


def _torn(problem: Problem, labels: IntArray, quarter: IntArray, groups: int) -> FloatArray:
    """Return per group the households it tears off quarters, each counted piece by piece."""
    within = np.flatnonzero(quarter >= 0)
    piece = components(problem.n, problem.edges)[within]
    one, which = np.unique(np.column_stack([quarter[within], piece]), axis=0, return_inverse=True)
    pairs = np.column_stack([which.ravel(), labels[within]])
    shared, at = np.unique(pairs, axis=0, return_inverse=True)
    inside = np.bincount(at.ravel(), problem.weights[within, 0], len(shared))
    whole = np.bincount(shared[:, 0], inside, len(one))[shared[:, 0]]
    torn = np.bincount(shared[:, 1], np.minimum(inside, whole - inside), groups)
    return np.asarray(torn, float)


def broken_locks(problem: Problem, labels: IntArray) -> int:
    """Return how many pairs of a problem are torn apart, or together and should not be."""
    torn, joined = problem.together, problem.apart
    parted = labels[torn[:, 0]] != labels[torn[:, 1]]
    return int(parted.sum() + (labels[joined[:, 0]] == labels[joined[:, 1]]).sum())


def _broken_locks(problem: Problem, labels: IntArray, groups: int) -> list[Fraction]:
    one = Fraction(LOCK_BROKEN, VIOLATION_UNIT)
    out = [Fraction(0)] * groups
    for i, j in problem.together.tolist():
        if labels[i] != labels[j]:
            out[labels[i]] += one / 2
            out[labels[j]] += one / 2
    for i, j in problem.apart.tolist():
        if labels[i] == labels[j]:
            out[labels[i]] += one
    return out


def _moved(problem: Problem, labels: IntArray) -> int:
    """Return the households that change owner if owners go on with the groups that fit best.

    A pinned old group goes on where all its pinned nodes are, or where some are if they are apart.
    """
    pinned: dict[int, set[int]] = {}
    if problem.pinned is not None:
        for node in np.flatnonzero(problem.pinned >= 0).tolist():
            pinned.setdefault(int(problem.pinned[node]), set()).add(node)
    stakes = problem.stakes.tolist()
    column_of = {old: k for k, old in enumerate(sorted({r[1] for r in stakes} | set(pinned)))}
    stay = np.zeros((int(labels.max()) + 1, len(column_of)), np.int64)
    for node, old, mass in stakes:
        stay[labels[node], column_of[old]] += mass
    whole = int(stay.sum())
    value = stay.copy()
    for old, nodes in pinned.items():
        column = column_of[old]
        homes = sorted({int(labels[node]) for node in nodes})
        outside = np.setdiff1d(np.arange(len(stay)), homes)
        value[outside, column] = stay[outside, column] = 0
        if len(homes) == 1:
            value[homes[0], column] += whole + 1
    return whole - int(stay[linear_sum_assignment(value, maximize=True)].sum())
