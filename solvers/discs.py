"""A bound for any number of light nodes: prices no set of nodes about any centre can afford.

Every formula here is original but for the theorem of parallel axes.

*Prices.* Give node i a price u_i such that no group S a plan may use is worth more than it costs:
sum_S u_i <= cost(S). A plan uses every node once, so it costs at least the sum of all prices. (That
is the dual of set partitioning.) Contiguity, spans, borders and quarters are left out, which only
lowers costs: cost(S) >= min over centres c of sum_S h_i |x_i - c|^2 + g(W(S)), where W are the sums
of the weights and g is what balance and penalty ask of them. What remains to be shown is

    F(c) = min over S of sum_S (h_i |x_i - c|^2 - u_i) + g(W(S)) >= 0   for every c in the plane.

*Finitely many centres.* Cover the plane with triangles of side s. With c as the weighted mean of
the corners v of its triangle, sum_v w_v |x - v|^2 = |x - c|^2 + sum_v w_v |v - c|^2 (parallel
axes), and the last sum is at most s^2 / 3, the squared radius about the triangle. So F >= 0
everywhere if F >= 0 at the corners for the prices u_i + h_i s^2 / 3.

*One centre.* For any multipliers a, one a weight, the minimum over S is at least
sum_i min(0, h_i |x_i - v|^2 + a . w_i - u_i) + min over W of (g(W) - a . W). The last is in closed
form. Good multipliers come from Newton steps; none can make the bound wrong. Nodes without
households have no price; what they weigh is added to a group wherever that pays.

*Repair.* If at v the prices hold only when multiplied by t_v, with multipliers a_v, then
u'_i = min over v of max(t_v u_i, h_i |x_i - v|^2 + a_v . w_i) hold at all corners: in the sum of
v a node counts min(0, its cost - u'_i), which is no less than it was with t_v u_i.

*Ascent.* The start are the prices at which the known plan is worth what it costs. Then a node's
price rises while the sets about all centres, each used as much as it is still overpaid, cover it
less than once, and falls while they cover it more (primal-dual gradient, Chambolle and Pock 2011).

*Violations.* Where a known plan violates the bands by V, a group is let off the bands for m times
its violation; then the plans of violation V cost at least the sum of the prices less m V.

On even ground the sets are discs. A plan of hexagons costs 0.8 % more (Fejes Toth: none costs
less), so much is lost for good; and a group of nodes cannot be shared between its neighbours.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import get_num_threads, set_num_threads
from scipy.spatial import cKDTree

from .disc_kernels import STRANDS, Centres, hold, lower, press
from .disc_lattice import corners, in_reach
from .disc_town import Town, town_of
from .problem import Budget, FloatArray, IntArray, Problem

MOST_ROUNDS, LEAST_ROUNDS, NODE_ROUNDS = 200, 60, 20_000_000  # of the ascent; the last: in all
FIRST_LOOKS = 8  # at the start of the ascent, at multipliers alone
STEP = 0.1  # of the ascent, as a share of a price
SHARE_STEP = 0.5  # and of the shares: the product of both has to be below 1
COARSE = 0.08  # square of the side in the ascent, as a share of a household's price
FINE = 0.004  # what the triangles of the proof lose, as a share of the bound
NEWTON_ROUNDS = 18
RENEWAL = 25  # rounds after which the ascent looks anew which squares a centre may reach
RISE = 1.1  # a price may rise by so much in a repair
STRAY = 1.3  # and by so much in the ascent before squares are overlooked
SLACK = 1.5  # how far a multiplier may fall from where it starts, as a share of a price
SLACK_LATER = 0.4  # and once it is about right
BATCH = 40_000  # centres looked at together
MOST_CENTRES = 40  # per node
MOST_CORNERS = 100_000_000  # of the rectangle about all nodes
FEW_NODES = 10_000  # below which one thread is faster
ROUNDING = 1e-9  # relative


def bound_by_discs(problem: Problem, labels: IntArray, budget: Budget, *, level: int) -> float:
    """Return a lower bound on the cost of every plan of violation ``level`` (millionths) or less.

    ``labels``: a plan, from whose costs the search starts. 0.0 where nothing could be shown.
    """
    town = town_of(problem, labels, level)
    if town is None or budget.over():
        return 0.0
    threads = get_num_threads()
    if problem.n < FEW_NODES:
        set_num_threads(1)  # they would wait for each other most of the time
    try:
        return _bound(town, budget)
    finally:
        set_num_threads(threads)


def _bound(town: Town, budget: Budget) -> float:
    side_m = float(np.sqrt(3 * FINE * town.mean_price / town.dues.square_m))
    best = _bound_of(town, repair(town, town.price, 2 * side_m, budget))
    risen = _ascend(town, budget)
    if risen is not None:
        best = max(best, _bound_of(risen, repair(risen, risen.price, side_m, budget)))
    return best


def _bound_of(town: Town, held: FloatArray | None) -> float:
    """Return what prices that hold prove, less the rounding."""
    if held is None:
        return 0.0
    rounding = ROUNDING * float(np.abs(held).sum() + abs(town.fixed))
    return max(0.0, float(held.sum()) + town.fixed - rounding)


def _ascend(town: Town, budget: Budget) -> Town | None:
    """Return prices that nearly hold and add up to nearly all they can, None if time ran out."""
    price, places, dues, like = town.price, town.places, town.dues, town.like
    side_m = float(np.sqrt(COARSE * np.median(town.worth) / dues.square_m))
    at, side_m = _corners(town, side_m, np.zeros(len(price)))
    tree = cKDTree(np.column_stack([places.x, places.y]))
    near = tree.query(at)[1]
    disc_m2 = np.pi * town.disc[near] / dues.square_m
    usual = np.minimum(1.0, np.sqrt(0.75) * side_m**2 / disc_m2)  # share of a group at a centre
    share, step = usual.copy(), usual / town.cost[near] * (SHARE_STEP / STEP)
    room = np.empty((STRANDS, len(price)), np.int32)
    pause, before = np.zeros(len(at), np.int64), np.ones((len(at), 1 + len(like)))
    before[:, 1:] = 0.0
    rounds = int(np.clip(NODE_ROUNDS // len(price), LEAST_ROUNDS, MOST_ROUNDS))
    leading, mean = price, np.zeros(len(price))
    top = town.top(price, STRAY)
    centres = _centres(town, at, near, top=top, rate=town.rate[near], slack=SLACK)
    for r in range(-FIRST_LOOKS, rounds):
        if budget.over():
            return None
        if r % RENEWAL == 0:
            top = town.top(price, STRAY)
            centres = _centres(town, at, near, top=top, rate=centres.rate, slack=SLACK_LATER)
        top = town.top(leading, 1.0)
        cover = press(
            leading, top, places, dues, centres, like, share, step * (r >= 0), pause, before, room
        )
        if r < 0:
            continue
        risen = price + STEP * town.worth * places.mass[:, 0] * (1.0 - cover)
        leading, price = 2 * risen - price, risen
        if r >= rounds // 2:
            mean += price / (rounds - rounds // 2)
    of = cKDTree(at).query(tree.data)[1]
    return replace(town, price=mean, rate=centres.rate[of])


def repair(town: Town, price: FloatArray, side_m: float, budget: Budget) -> FloatArray | None:
    """Return prices like these that hold wherever a centre may be, None if time ran out.

    ``price``: any numbers, one a node of the town. ``side_m``: of the triangles, see above.
    """
    places, dues = town.places, town.dues
    mass = places.mass[:, 0]
    at, side_m = _corners(town, side_m, price)
    raised = price + mass * _lost(town, side_m)
    top = town.top(raised, RISE)
    tree = cKDTree(np.column_stack([places.x, places.y]))
    ceiling = np.maximum(raised, 0.0) * RISE
    for first in range(0, len(at), BATCH):
        if budget.over():
            return None
        some = at[first : first + BATCH]
        near = tree.query(some)[1]
        centres = _centres(town, some, near, top=top, rate=town.rate[near], slack=SLACK)
        factor = np.empty(len(some))
        hold(raised, top, places, dues, centres, town.like, RISE, NEWTON_ROUNDS, factor)
        lower(factor, raised, top, places, dues, centres, town.like, ceiling)
    return np.asarray(ceiling - mass * _lost(town, side_m))


def _lost(town: Town, side_m: float) -> float:
    """Return what triangles of this side lose, a household."""
    return town.dues.square_m * side_m**2 / 3


def _corners(town: Town, side_m: float, price: FloatArray) -> tuple[FloatArray, float]:
    """Return where a node could pay for the way to a centre: corners by row, and their side.

    Elsewhere no set is overpaid, with multipliers of 0, and no price has to fall. The side is
    longer than asked for where corners would be too many.
    """
    box = town.places.box
    while True:
        raised = price + town.places.mass[:, 0] * _lost(town, side_m)
        reach_m = np.sqrt(town.top(raised, RISE) / town.dues.square_m)
        low = np.array([(box[:, 0] - reach_m).min() - side_m, (box[:, 2] - reach_m).min()])
        high = np.array([(box[:, 1] + reach_m).max(), (box[:, 3] + reach_m).max()])
        columns, rows = np.ceil((high - low) / (side_m, np.sqrt(0.75) * side_m)) + 2
        if rows * columns <= MOST_CORNERS:
            flags = corners(box, reach_m, low, side_m, (int(rows), int(columns)))
            row, column = np.nonzero(flags)
            if len(row) <= MOST_CENTRES * len(price) + MOST_CENTRES**2:
                x = low[0] + side_m * column + 0.5 * side_m * (row % 2)
                return np.column_stack([x, low[1] + np.sqrt(0.75) * side_m * row]), side_m
        side_m *= np.sqrt(2)


def _centres(
    town: Town, at: FloatArray, near: IntArray, *, top: FloatArray, rate: FloatArray, slack: float
) -> Centres:
    """Return centres with multipliers that may fall by ``slack`` x a price."""
    worth = town.worth[near]
    each = np.maximum(town.places.mass.sum(axis=0), 1.0)
    # Not above 0: multipliers of 0 always prove something, and must look at enough squares.
    floor = np.minimum(rate - slack * worth[:, None] * (each[0] / each), 0.0)
    start, square = in_reach(at, floor, top, town.places, town.dues)
    return Centres(at, rate.copy(), floor, town.edge * worth, start, square)
