"""The rows and columns of the assignment model: who may represent whom, bands, contiguity."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pulp
from scipy.spatial.distance import cdist

from .graphs import adjacency, group_components
from .problem import LOCK_BROKEN, VIOLATION_UNIT, BoolArray, FloatArray, IntArray, Problem
from .separators import minimal_separator, strengthen, too_light_last, within_reach


class Bands(Enum):
    """What the bands and locks are to the model."""

    HARD = "hard"  # none is broken
    ELASTIC = "elastic"  # breaking them counts, as Problem says


class Contiguity(Enum):
    """How the groups are kept in one piece."""

    CUTS = "cuts"  # separators, added where an answer is in pieces
    FLOW = "flow"  # the representative sends one unit along kept edges to every other member


class AssignmentModel:
    """x[i, j] = 1: node i is in the group that node j represents; x[j, j] = 1: there is one.

    Without inertia the representative is the member of the lowest rank, so that every plan
    has one form only (without that, a group could be told by any of its members); ranks are the
    numbers of the nodes, or, with hard bands, such that few nodes can be lowest. With inertia the
    representative is the centre that inertia is taken about.

    ``cost`` and ``violation`` are what to aim at, ``can_violate`` whether there is anything in
    the latter, ``rounds`` and ``cuts`` counts.
    """

    def __init__(
        self, problem: Problem, *, k: int | None, bands: Bands, contiguity: Contiguity
    ) -> None:
        self.problem, self.bands = problem, bands
        self.rounds = self.cuts = 0
        self.lp = pulp.LpProblem("assignment", pulp.LpMinimize)
        self._graph = adjacency(problem.n, problem.edges)
        self._distance_m = cdist(problem.xy, problem.xy)
        self._caps = self._upper_limits()
        self.may = self._who_may_represent_whom()  # (i, j)
        self.x = {
            (i, j): self.lp.add_variable(f"x_{i}_{j}", cat=pulp.LpBinary)
            for i, j in np.argwhere(self.may).tolist()
        }
        self._roots = [j for j in range(problem.n) if self.may[j, j]]
        self._of_node: list[list[int]] = [np.flatnonzero(row).tolist() for row in self.may]
        self._of_root = {j: np.flatnonzero(self.may[:, j]).tolist() for j in self._roots}
        self._one_group_each(k)
        self.violation, penalties = self._bands_of_groups()
        self._locks()
        self.can_violate = len(self.violation) > 0
        self.cost = self._inertia_about_centres() + penalties
        has_border = problem.terms.border > 0 and problem.border_m is not None
        if has_border or contiguity is Contiguity.FLOW:
            cut = self._cut_edges()
            if has_border and problem.border_m is not None:
                metres = problem.terms.border * problem.border_m
                self.cost += pulp.lpSum(float(m) * c for m, c in zip(metres, cut, strict=True))
            if contiguity is Contiguity.FLOW:
                self._flow_along_kept_edges(cut)

    def aim_at(self, objective: pulp.LpAffineExpression) -> None:
        """Minimise this."""
        self.lp.setObjective(objective)

    def keep_violation(self, level: float) -> None:
        """Allow no more violation than this."""
        self.lp += self.violation <= level, "level"

    def read(self, x: FloatArray) -> IntArray:
        """Return the representative of every node; ``x`` in the order of the variables.

        Raises:
            ValueError: a node has none, or several.
        """
        chosen = [pair for pair, value in zip(self.x, x.tolist(), strict=True) if value > 0.5]
        node, representative = np.array(sorted(chosen), np.int64).reshape(-1, 2).T
        if not np.array_equal(node, np.arange(self.problem.n)):
            raise ValueError("the model's answer does not give every node one representative")
        return representative

    def cut_off(self, representative: IntArray) -> int:
        """Add rows against groups in pieces and groups too wide; return how many."""
        rows = self._apart_from_root(representative) + self._too_wide(representative)
        for row in rows:
            self.lp += row
        self.cuts += len(rows)
        return len(rows)

    def _upper_limits(self) -> FloatArray:
        """Return what a group may weigh at most, (w,)."""
        if self.bands is Bands.HARD:
            return self.problem.bands[:, 1].astype(float)
        return np.full(len(self.problem.bands), np.inf)

    def _who_may_represent_whom(self) -> BoolArray:
        problem, hard = self.problem, self.bands is Bands.HARD
        n, low = problem.n, problem.bands[:, 0]
        lone = np.asarray((problem.weights > problem.bands[:, 1]).any(axis=1))
        is_centre = problem.terms.compactness > 0
        rank = np.arange(n)
        if hard and not is_centre:
            rank = too_light_last(self._graph, problem.weights, low)
        out = np.zeros((n, n), np.bool_)
        for j in range(n):
            inside = (self._distance_m[j] <= problem.max_span_m) & ~lone & (not lone[j])
            if not is_centre:
                inside &= rank >= rank[j]
            inside[j] = True
            reach = within_reach(self._graph, j, inside, weights=problem.weights, caps=self._caps)
            reach[j] = True  # over a limit itself: let the bands say so
            if not hard or (problem.weights[reach].sum(axis=0) >= low).all():
                out[:, j] = reach
        return out

    def _one_group_each(self, k: int | None) -> None:
        for i, roots in enumerate(self._of_node):
            self.lp += pulp.lpSum(self.x[i, j] for j in roots) == 1, f"one_group_{i}"
        for i, j in self.x:
            if i != j:
                self.lp += self.x[i, j] <= self.x[j, j], f"only_to_a_representative_{i}_{j}"
        if k is not None:
            self.lp += pulp.lpSum(self.x[j, j] for j in self._roots) == k, "how_many_groups"

    def _bands_of_groups(self) -> tuple[pulp.LpAffineExpression, pulp.LpAffineExpression]:
        """Hold every group in band, or count how far it is out; return violation and penalty."""
        violation, penalty = pulp.LpAffineExpression(), pulp.LpAffineExpression()
        rates = self.problem.terms.penalty
        elastic = self.bands is Bands.ELASTIC
        for j in self._roots:
            there = self.x[j, j]
            if elastic:
                out = self.lp.add_variable(f"out_{j}", cat=pulp.LpBinary)
                self.lp += out <= there, f"out_only_if_there_{j}"
                violation += out
                penalty += rates[0] * out if rates else 0
            for q, (low, high) in enumerate(self.problem.bands.tolist()):
                weight = self.problem.weights[:, q].tolist()
                total = pulp.lpSum(weight[i] * self.x[i, j] for i in self._of_root[j])
                under = over = pulp.LpAffineExpression()
                if elastic:
                    most = max(0, sum(weight[i] for i in self._of_root[j]) - high)
                    under = self.lp.add_variable(f"under_{q}_{j}", 0, low)
                    over = self.lp.add_variable(f"over_{q}_{j}", 0, most)
                    self.lp += under <= low * out, f"under_only_if_out_{q}_{j}"
                    self.lp += over <= most * out, f"over_only_if_out_{q}_{j}"
                    violation += (1 / max(low, 1)) * under + (1 / max(high, 1)) * over
                    penalty += rates[1 + q] * (under + over) if rates else 0
                self.lp += total + under >= low * there, f"lower_limit_{q}_{j}"
                self.lp += total - over <= high * there, f"upper_limit_{q}_{j}"
        return (pulp.LpAffineExpression() if rates else violation), penalty

    def _locks(self) -> None:
        hard = self.bands is Bands.HARD
        for name, pairs in (("together", self.problem.together), ("apart", self.problem.apart)):
            for a, b in pairs.tolist():
                broken = pulp.LpAffineExpression()
                if not hard:
                    broken = self.lp.add_variable(f"not_{name}_{a}_{b}", cat=pulp.LpBinary)
                    self.violation += LOCK_BROKEN / VIOLATION_UNIT * broken
                for j in self._roots:
                    one, other = self._x(a, j), self._x(b, j)
                    if name == "together":
                        self.lp += one - other <= broken, f"together_{a}_{b}_{j}"
                    else:
                        self.lp += one + other <= self.x[j, j] + broken, f"apart_{a}_{b}_{j}"

    def _x(self, i: int, j: int) -> pulp.LpVariable | pulp.LpAffineExpression:
        return self.x.get((i, j), pulp.LpAffineExpression())

    def _inertia_about_centres(self) -> pulp.LpAffineExpression:
        if self.problem.terms.compactness <= 0:
            return pulp.LpAffineExpression()
        mass = self.problem.terms.compactness * self.problem.weights[:, 0] / 1e6
        price = mass[:, None] * self._distance_m**2
        return pulp.lpSum(float(price[i, j]) * x for (i, j), x in self.x.items())

    def _cut_edges(self) -> list[pulp.LpAffineExpression]:
        """Return for every edge 1 where its ends are in two groups, else 0.

        By root: u is in its group and v is not (the extended form of Validi and Buchanan 2022,
        Political districting to minimize cut edges, tighter than one variable an edge).
        """
        out = []
        for u, v in self.problem.edges.tolist():
            parts = []
            for j in self._of_node[u]:
                if (v, j) not in self.x:
                    parts.append(self.x[u, j])
                    continue
                z = self.lp.add_variable(f"cut_{u}_{v}_{j}", 0, 1)
                self.lp += z >= self.x[u, j] - self.x[v, j], f"cut_if_parted_{u}_{v}_{j}"
                parts.append(z)
            out.append(pulp.lpSum(parts))
        return out

    def _flow_along_kept_edges(self, cut: list[pulp.LpAffineExpression]) -> None:
        """Let every member take one unit, which only its representative gives out."""
        n = self.problem.n
        entering: list[list[pulp.LpVariable]] = [[] for _ in range(n)]
        leaving: list[list[pulp.LpVariable]] = [[] for _ in range(n)]
        for (u, v), is_cut in zip(self.problem.edges.tolist(), cut, strict=True):
            there = self.lp.add_variable(f"flow_{u}_{v}", 0, n)
            back = self.lp.add_variable(f"flow_{v}_{u}", 0, n)
            self.lp += there + back <= (n - 1) * (1 - is_cut), f"no_flow_if_cut_{u}_{v}"
            leaving[u].append(there)
            entering[v].append(there)
            leaving[v].append(back)
            entering[u].append(back)
        for i in range(n):
            given = pulp.lpSum(self.x[m, i] for m in self._of_root.get(i, []))
            taken = pulp.lpSum(entering[i]) - pulp.lpSum(leaving[i])
            self.lp += taken + given == 1, f"one_unit_{i}"

    def _apart_from_root(self, representative: IntArray) -> list[pulp.LpConstraint]:
        """Return rows: a node comes to its root only with a node of a separator of the two."""
        piece = group_components(self.problem.n, self.problem.edges, representative)
        rows = []
        for p in np.unique(piece):
            nodes = np.flatnonzero(piece == p)
            j = int(representative[nodes[0]])
            if piece[j] == p:
                continue
            inside = self.may[:, j]
            rim = minimal_separator(self._graph, j, nodes, inside=inside)
            for i in nodes.tolist():
                few = rim
                if np.isfinite(self._caps).all():
                    few = strengthen(
                        self._graph, rim, (j, i),
                        inside=inside, weights=self.problem.weights, caps=self._caps,
                    )  # fmt: skip
                rows.append(self.x[i, j] <= pulp.lpSum(self.x[c, j] for c in few))
        return rows

    def _too_wide(self, representative: IntArray) -> list[pulp.LpConstraint]:
        """Return rows: no two nodes that a group holds beyond the span share any group."""
        if not np.isfinite(self.problem.max_span_m):
            return []
        same = representative[:, None] == representative[None]
        wide = np.argwhere(np.triu(same & (self._distance_m > self.problem.max_span_m)))
        return [
            self._x(a, j) + self._x(b, j) <= self.x[j, j]
            for a, b in wide.tolist()
            for j in self._roots
            if self.may[a, j] and self.may[b, j]
        ]
