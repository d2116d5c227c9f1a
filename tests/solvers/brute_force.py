"""A second opinion on at most nine nodes: every division into groups, counted in fractions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations

import numpy as np

from solvers import Problem


@dataclass(frozen=True)
class Group:
    """A group that may be: its nodes as bits, exact violation, violation in millionths, cost."""

    bits: int
    violation: Fraction
    millionths: int
    cost: float


@dataclass(frozen=True)
class Best:
    """The least violation, exact and as the solver counts it, and the least cost at that."""

    violation: Fraction
    millionths: int
    cost: float


def nodes_of(bits: int) -> list[int]:
    return [i for i in range(bits.bit_length()) if bits >> i & 1]


def bits_of(nodes) -> int:
    return sum(1 << int(i) for i in nodes)


def connected_sets(n: int, edges) -> list[int]:
    """Return every connected set of nodes as bits: those that one node's flood fills."""
    near = [0] * n
    for i, j in edges.tolist():
        near[i] |= 1 << j
        near[j] |= 1 << i
    out = []
    for bits in range(1, 1 << n):
        flooded, last = bits & -bits, 0
        while flooded != last:
            last = flooded
            for i in nodes_of(flooded):
                flooded |= near[i] & bits
        if flooded == bits:
            out.append(bits)
    return out


def violation_of_sums(sums: list[int], bands: list[list[int]]) -> tuple[Fraction, int]:
    """Return 1 plus the shares of the broken limits, exact and each rounded to a millionth."""
    shares = []
    for value, (low, high) in zip(sums, bands, strict=True):
        if value < low:
            shares.append(Fraction(low - value, max(low, 1)))
        if value > high:
            shares.append(Fraction(value - high, max(high, 1)))
    if not shares:
        return Fraction(0), 0
    return 1 + sum(shares), 1_000_000 + sum(round(share * 1_000_000) for share in shares)


def cost_of_nodes(problem: Problem, nodes: list[int]) -> float:
    """Return the inertia by Huygens: pairs of masses times squared distances, over the mass."""
    at = list(zip(problem.weights[nodes, 0].tolist(), *problem.xy[nodes].T.tolist(), strict=True))
    mass = sum(m for m, _, _ in at)
    if mass == 0:
        return 0.0
    total = sum(
        m * other * ((x - u) ** 2 + (y - v) ** 2)
        for (m, x, y), (other, u, v) in combinations(at, 2)
    )
    return total / mass / 1e6


def dues_of_sums(problem: Problem, sums: list[int]) -> float:
    """Return what balance and penalty ask of a group with these sums."""
    terms, bands = problem.terms, problem.bands.tolist()
    pairs = zip(terms.balance, terms.target, sums, strict=bool(terms.balance))
    dues = sum(rate * (value - target) ** 2 for rate, target, value in pairs)
    beyond = [max(low - v, 0, v - high) for v, (low, high) in zip(sums, bands, strict=True)]
    if terms.penalty is not None and any(beyond):
        once, *rates = terms.penalty
        dues += once + sum(rate * over for rate, over in zip(rates, beyond, strict=True))
    return dues


def groups_of(problem: Problem) -> list[Group]:
    """Return every group a division may use: connected, within the span, lone nodes alone."""
    bands = problem.bands.tolist()
    lone = bits_of(np.flatnonzero((problem.weights > problem.bands[:, 1]).any(axis=1)))
    apart = np.sqrt(((problem.xy[:, None] - problem.xy[None]) ** 2).sum(axis=2))
    far = [bits_of(np.flatnonzero(row > problem.max_span_m)) for row in apart]
    out = []
    for bits in connected_sets(problem.n, problem.edges):
        nodes = nodes_of(bits)
        if len(nodes) > 1 and bits & lone:
            continue
        if any(far[i] & bits for i in nodes):
            continue
        sums = problem.weights[nodes].sum(axis=0).tolist()
        exact, millionths = violation_of_sums(sums, bands)
        if problem.terms.penalty is not None:
            exact, millionths = Fraction(0), 0
        cost = problem.terms.compactness * cost_of_nodes(problem, nodes)
        out.append(Group(bits, exact, millionths, cost + dues_of_sums(problem, sums)))
    return out


def divisions(problem: Problem) -> Iterator[list[Group]]:
    """Yield every division of the nodes into groups that may be; mind Bell's numbers."""
    by_first = _by_first(groups_of(problem), problem.n)

    def rest(left: int) -> Iterator[list[Group]]:
        if not left:
            yield []
            return
        for group in by_first[(left & -left).bit_length() - 1]:
            if group.bits & ~left == 0:
                for others in rest(left ^ group.bits):
                    yield [group, *others]

    return rest((1 << problem.n) - 1)


def brute_best(problem: Problem) -> Best:
    """Return the best of all divisions; what is left over is divided best only once."""
    by_first = _by_first(groups_of(problem), problem.n)
    one = np.lcm.reduce(np.maximum(problem.bands, 1).ravel()).item()
    exact = {g.bits: int(g.violation * one) for groups in by_first for g in groups}

    @cache
    def least(left: int) -> tuple[int, tuple[int, float]]:
        if not left:
            return 0, (0, 0.0)
        violations, worths = [], []
        for group in by_first[(left & -left).bit_length() - 1]:
            if group.bits & ~left == 0:
                violation, (millionths, cost) = least(left ^ group.bits)
                violations.append(violation + exact[group.bits])
                worths.append((millionths + group.millionths, cost + group.cost))
        return min(violations), min(worths)

    violation, (millionths, cost) = least((1 << problem.n) - 1)
    return Best(Fraction(violation, one), millionths, cost)


def brute_front(problem: Problem) -> dict[int, float]:
    """Return the levels of violation (millionths) that buy a lower cost, and the least costs."""
    by_first = _by_first(groups_of(problem), problem.n)

    @cache
    def front(left: int) -> dict[int, float]:
        if not left:
            return {0: 0.0}
        ends: dict[int, float] = {}
        for group in by_first[(left & -left).bit_length() - 1]:
            if group.bits & ~left == 0:
                for millionths, cost in front(left ^ group.bits).items():
                    level, whole = millionths + group.millionths, cost + group.cost
                    ends[level] = min(whole, ends.get(level, np.inf))
        out: dict[int, float] = {}
        for level in sorted(ends):
            if ends[level] < min(out.values(), default=np.inf):
                out[level] = ends[level]
        return out

    return front((1 << problem.n) - 1)


def least_cost_at(front: dict[int, float], millionths: int) -> float:
    """Return the least cost of all divisions that violate the bands by at most so much."""
    return min(cost for level, cost in front.items() if level <= millionths)


def _by_first(groups: list[Group], n: int) -> list[list[Group]]:
    out: list[list[Group]] = [[] for _ in range(n)]
    for group in groups:
        out[(group.bits & -group.bits).bit_length() - 1].append(group)
    return out
