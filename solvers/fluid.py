"""A bound where light nodes can be grouped in too many ways: let them be shared out like water.

A group is a set of heavy nodes and a set of light ones. Every set of heavy nodes can be held;
the light nodes that go with it are replaced by shares between 0 and 1 that make the group as cheap
as it can be: an LP over columns (heavy set, shares), with a row for every node, bounds the cover.

Let the heavy nodes of a group have mass H and centroid c, and the whole group a mass of at most
M. Its inertia is at least that of its heavy nodes plus H/M times the sum over its light nodes of
share x mass x (distance from c)^2; see joining.py. For a range of the final mass, the cheapest
shares solve a knapsack with a least and a most amount, greedily. A second one asks for the people
that a band demands; the dearer of the two counts. A group of light nodes alone has a centroid
somewhere: its inertia is at least that about the nearest point of a lattice, less its mass x (half
a diagonal)^2.

Shares need not hang together; that, and that they are no whole nodes, is what the bound gives
away. Rank-1 cuts on the rows of heavy nodes hold as ever. Original.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from .backends import INF, LinearProgram, LpAnswer
from .columns import Columns
from .master import TOLERANCE, spread
from .problem import BoolArray, Budget, FloatArray, IntArray
from .rank1 import Cuts, reduce_with_cuts, separate
from .shares import fill_shares, in_order, share_all
from .value import SQUARE_METRES

STEPS = 20  # ranges of the final mass within the band
ENOUGH = 5e-4  # relative: columns that could lower the LP by less are not looked for
PER_NODE = 6  # columns that one node may bring in a round
ROUNDS = 400  # of pricing
CUT_ROUNDS = 30
GAINED = 2e-4  # relative: a round of cuts that raises the bound by less is the last
LATTICE_M = 20.0
LATTICE_POINTS = 2_500
NO_SHARES = 1e-9


@dataclass(frozen=True, eq=False)
class Lights:
    """The light nodes: ``weights`` (l, w) and ``xy`` (l, 2); ``zone``, int64 (l,), the connected
    piece of light nodes each lies in.
    """

    weights: IntArray
    xy: FloatArray
    zone: IntArray


@dataclass(frozen=True, eq=False)
class HeavySets:
    """Sets of heavy nodes as columns (cost: their inertia, weighted), and what they come to.

    ``total`` (c, w), ``centre`` (c, 2), ``near`` bool (c, zones): the zones that a set touches;
    ``alone`` (c,): the cost of the set without light nodes, inf where it is not to be.
    """

    columns: Columns
    total: IntArray
    centre: FloatArray
    near: BoolArray
    alone: FloatArray


@dataclass(frozen=True, eq=False)
class Rules:
    """What a group must pay: ``bands`` (w, 2); ``rate``, the weight of inertia; ``under``, what a
    group below the band pays at least (inf: it may not be), and ``per_unit`` for each unit of mass.
    """

    bands: IntArray
    rate: float
    under: float
    per_unit: float

    @property
    def tops(self) -> FloatArray:
        """Return the upper ends of the ranges of the final mass: below the band, then within."""
        low, high = self.bands[0]
        return np.concatenate([[max(low - 1, 0)], np.linspace(low, high, STEPS + 1)[1:]])


class Fluid:
    """The LP over heavy sets with shares of light nodes: grows by pricing and by cuts."""

    def __init__(self, heavy: int, sets: HeavySets, lights: Lights, rules: Rules) -> None:
        self.heavy, self.sets, self.lights, self.rules = heavy, sets, lights, rules
        self.bound = -np.inf
        ones = np.ones(heavy + len(lights.xy))
        self._lp = LinearProgram(ones, ones)
        self._cuts = Cuts()
        self._set_of: IntArray = np.zeros(0, np.int64)  # of every column of the LP, -1 for none
        self._has = np.zeros(len(sets.columns), np.bool_)
        self._touching = np.flatnonzero(sets.near.any(axis=1))
        self._root = sets.columns.member[sets.columns.start[:-1]]
        self._tops = rules.tops
        self._fees = (float(rules.rate), float(rules.under), float(rules.per_unit))

    def start(self, groups: Columns, heavy: IntArray, light: IntArray, n: int) -> None:
        """Take groups of all n nodes, with their costs, to begin with: shares are whole there."""
        ones = np.ones(len(groups.member))
        table = csr_matrix((ones, groups.member, groups.start), shape=(len(groups), n)).tocsc()
        known = table[:, heavy].tocsr()
        known.sort_indices()
        with_heavy = np.diff(known.indptr) > 0
        plain = Columns(
            known.indptr.astype(np.int64), known.indices.astype(np.int32),
            np.zeros(len(groups)), np.zeros(len(groups), np.int64),
        )  # fmt: skip
        keys = self.sets.columns.keys(self.heavy)
        order = np.argsort(keys, kind="stable")
        mine = np.zeros(len(groups), keys.dtype)
        mine[with_heavy] = plain.take(np.flatnonzero(with_heavy)).keys(self.heavy)
        at = np.minimum(np.searchsorted(keys[order], mine), len(keys) - 1)
        found = np.where(with_heavy & (keys[order[at]] == mine), order[at], -1)
        usable = (found >= 0) | ~with_heavy
        self._add(found[usable], groups.cost[usable], table[:, light].toarray()[usable])

    def _add(self, which: IntArray, cost: FloatArray, shares: FloatArray) -> None:
        """Add columns: the heavy set of each (-1 for none), its cost, its shares (c, l)."""
        if not len(which):
            return
        columns, real = self.sets.columns, which >= 0
        part = columns.take(which[real])
        size = np.zeros(len(which), np.int64)
        size[real] = np.diff(part.start)
        start = np.concatenate([[0], np.cumsum(size)])
        shape = (len(which), self.heavy)
        rows = [csr_matrix((np.ones(len(part.member)), part.member, start), shape=shape)]
        rows.append(csr_matrix(np.where(shares > NO_SHARES, shares, 0.0)))
        if len(self._cuts):
            spanned = csr_matrix((len(which), len(self._cuts)))
            spanned = spanned.tolil()
            spanned[np.flatnonzero(real)] = self._cuts.coefficients(part, self.heavy)
            rows.append(spanned.tocsr())
        table = hstack(rows, format="csr")
        self._lp.add_columns(cost, table.indptr, table.indices, table.data.astype(np.float64))
        self._set_of = np.concatenate([self._set_of, which])
        alone = real & (shares <= NO_SHARES).all(axis=1)
        self._has[which[alone]] = True

    def solve(self, best: float, budget: Budget) -> None:
        """Raise ``bound`` by pricing, cutting and pricing again, until it meets ``best``."""
        known: set[tuple[int, ...]] = set()
        answer = self._price(budget)
        for seed in range(CUT_ROUNDS):
            if answer is None or budget.over() or self.bound >= best:
                return
            real = np.flatnonzero(self._set_of >= 0)
            part = self.sets.columns.take(self._set_of[real])
            cuts = separate(part, answer.x[real], self.heavy, known, seed)
            if not len(cuts):
                return
            before = self.bound
            table = cuts.coefficients(part, self.heavy).tocsc()
            for k in range(len(cuts)):
                at = slice(table.indptr[k], table.indptr[k + 1])
                held = real[table.indices[at]].astype(np.int64)
                self._lp.add_row(-INF, float(cuts.most[k]), held, table.data[at].astype(float))
            self._cuts = self._cuts.with_more(cuts)
            answer = self._price(budget)
            if self.bound - before < GAINED * abs(best):
                return

    def _price(self, budget: Budget) -> LpAnswer | None:
        """Price until little can be gained; return the last answer, None where there is none."""
        columns, lights = self.sets.columns, len(self.lights.xy)
        fixed = self.heavy + lights
        answer = None
        for _ in range(ROUNDS):
            before = len(self._set_of)
            answer = self._lp.solve()
            if answer is None or budget.over():
                return answer
            price = answer.dual[: self.heavy]
            light_price = np.ascontiguousarray(answer.dual[self.heavy : fixed])
            cut_price = np.minimum(answer.dual[fixed:], 0.0)
            alone = np.empty(len(columns))
            reduce_with_cuts(
                columns.start, columns.member, self.sets.alone, price,
                *self._cuts.by_node(self.heavy), cut_price, self._cuts.divisor, alone,
            )  # fmt: skip
            due = np.empty(len(columns))  # minus prices plus cuts
            reduce_with_cuts(
                columns.start, columns.member, columns.cost, price,
                *self._cuts.by_node(self.heavy), cut_price, self._cuts.divisor, due,
            )  # fmt: skip
            least, _ = self._shared(self._touching, due, light_price, keep=False)
            value, shares, lattice_cost = self._lights_alone(light_price)
            by_root = np.zeros(self.heavy)
            np.minimum.at(by_root, self._root, np.minimum(alone, 0.0))
            np.minimum.at(by_root, self._root[self._touching], least)
            rows = answer.dual[:fixed].sum() + (cut_price * self._cuts.most).sum()
            bound = float(rows + by_root.sum() + lights * min(value, 0.0))
            self.bound = max(self.bound, bound)
            if rows - bound < ENOUGH * abs(rows):
                return answer
            if lattice_cost - float(shares @ light_price) < -TOLERANCE:
                self._add(np.array([-1]), np.array([lattice_cost]), shares[None, :])
            cheap = np.flatnonzero((alone < -TOLERANCE) & ~self._has)
            cheap = self._spread(cheap[np.argsort(alone[cheap], kind="stable")])
            self._add(cheap, self.sets.alone[cheap], np.zeros((len(cheap), lights)))
            wet = np.flatnonzero(least < -TOLERANCE)
            wet = self._spread(self._touching[wet[np.argsort(least[wet], kind="stable")]])
            least, filled = self._shared(wet, due, light_price, keep=True)
            # whatever its reduced cost says it costs, less what the duals pay for its rows
            cost = least - (due[wet] - columns.cost[wet]) + filled @ light_price
            self._add(wet, cost, filled)
            if len(self._set_of) == before:
                return answer
        return answer

    def _spread(self, order: IntArray) -> IntArray:
        columns = self.sets.columns
        kept: IntArray = spread(columns.start, columns.member, order, PER_NODE, self.heavy)
        return kept

    def _shared(
        self, which: IntArray, due: FloatArray, light_price: FloatArray, *, keep: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Return the least value (at most 0) of heavy sets with light nodes, and the shares."""
        least = np.zeros(len(which))
        shares = np.zeros((len(which) if keep else 0, len(light_price)))
        share_all(
            which, self.sets.total, self.sets.centre, self.sets.near, due, self.lights.zone,
            self.lights.weights, self.lights.xy, light_price, self.rules.bands, self._tops,
            self._fees, 0.0, least, shares,
        )  # fmt: skip
        return least, shares

    def _lights_alone(self, light_price: FloatArray) -> tuple[float, FloatArray, float]:
        """Return value, shares and cost of the best group of light nodes alone, value at most 0."""
        lights, rules = self.lights, self.rules
        low, high = rules.bands[0]
        best, kept = 0.0, np.zeros(len(light_price))
        for zone in range(int(lights.zone.max()) + 1):
            mine = np.flatnonzero(lights.zone == zone)
            near, far = lights.xy[mine].min(axis=0), lights.xy[mine].max(axis=0)
            step = max(LATTICE_M, float(np.sqrt(np.prod(far - near) / LATTICE_POINTS)))
            xs = np.arange(near[0], far[0] + step, step)
            ys = np.arange(near[1], far[1] + step, step)
            short = rules.rate * high * step * step / 2 * SQUARE_METRES
            mass = lights.weights[mine, 0].astype(float)
            order, trial = np.zeros(len(mine), np.int64), np.zeros(len(mine))
            open_to = np.ones(len(mine), np.bool_)
            for x in xs:
                for y in ys:
                    away = (lights.xy[mine, 0] - x) ** 2 + (lights.xy[mine, 1] - y) ** 2
                    gain = light_price[mine] - rules.rate * mass * away * SQUARE_METRES
                    for least, most, fee, unit in (
                        (low, high, 0.0, 0.0),
                        (0, low - 1, rules.under + rules.per_unit * low, rules.per_unit),
                    ):
                        if fee == np.inf or mass.sum() < least:
                            continue
                        count = in_order(gain + unit * mass, mass, open_to, order)
                        got = fill_shares(
                            gain + unit * mass, mass, order, count, float(least), float(most), trial
                        )
                        value = fee - got - short
                        if value < best:
                            best = value
                            kept = np.zeros(len(light_price))
                            kept[mine] = trial
        # no group costs less than nothing, whatever the lattice says
        return best, kept, max(0.0, best + float(kept @ light_price))
