"""Independent checker: recompute from the raw arrays what a solution claims."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.spatial.distance import pdist

from .graphs import group_components
from .problem import FloatArray, IntArray, Problem


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the labels really give; one row a group in label order.

    ``totals``: int64 (g, w). ``violations``: exact, as Fractions (a limit of 0 counts as 1).
    ``costs``: float64 (g,), 10^6 household m2. ``faults``: sentences, empty if all is well.
    """

    totals: IntArray
    violations: tuple[Fraction, ...]
    costs: FloatArray
    faults: tuple[str, ...]

    @property
    def violation(self) -> Fraction:
        """Total violation."""
        return sum(self.violations, Fraction(0))

    @property
    def cost(self) -> float:
        """Total cost in 10^6 household m2."""
        return float(self.costs.sum())

    @property
    def in_band(self) -> int:
        """How many groups keep all bands."""
        return sum(v == 0 for v in self.violations)


def verify(problem: Problem, labels: IntArray) -> Verdict:
    """Check that labels 0..g-1 divide the nodes into connected groups within the span.

    Shares nothing with the solver but the problem: sums by Python integers and fractions,
    inertia as the sum of squared distances from the centroid.
    """
    faults: list[str] = []
    n = problem.n
    if labels.shape != (n,) or (n and labels.min() < 0):
        return Verdict(problem.weights[:0], (), np.zeros(0), ("a node has no group",))
    groups = int(labels.max()) + 1
    if len(np.unique(labels)) != groups:
        faults.append("group numbers have holes")
    pieces = group_components(n, problem.edges, labels)
    for g in range(groups):
        members = np.flatnonzero(labels == g)
        parts = len(np.unique(pieces[members]))
        if parts != 1:
            faults.append(f"group {g} is in {parts} pieces")
        if len(members) > 1 and np.isfinite(problem.max_span_m):
            span = float(pdist(problem.xy[members]).max())
            if span > problem.max_span_m * (1 + 1e-12):
                faults.append(f"group {g} spans {span:.2f} m")
        over = (problem.weights[members] > problem.bands[:, 1]).any(axis=1)
        if len(members) > 1 and over.any():
            faults.append(f"group {g} holds node {members[over][0]}, which must stand alone")
    totals = np.zeros((groups, problem.weights.shape[1]), np.int64)
    np.add.at(totals, labels, problem.weights)
    return Verdict(
        totals,
        tuple(_violation(t, problem.bands) for t in totals.tolist()),
        np.array([_inertia(problem, labels == g) for g in range(groups)]),
        tuple(faults),
    )


def _violation(total: list[int], bands: IntArray) -> Fraction:
    shares = Fraction(0)
    broken = False
    for value, (low, high) in zip(total, bands.tolist(), strict=True):
        if value < low:
            broken, shares = True, shares + Fraction(low - value, max(low, 1))
        elif value > high:
            broken, shares = True, shares + Fraction(value - high, max(high, 1))
    return 1 + shares if broken else Fraction(0)


def _inertia(problem: Problem, members: np.ndarray) -> float:
    mass = problem.weights[members, 0].astype(float)
    if mass.sum() <= 0:
        return 0.0
    xy = problem.xy[members]
    centre = (mass[:, None] * xy).sum(axis=0) / mass.sum()
    return float((mass * ((xy - centre) ** 2).sum(axis=1)).sum() / 1e6)
