"""Compiled search of the worst set of nodes about a centre, for the bound of ``discs.py``.

The parallel loops only hand out centres: within them numba 0.68 mixes up copies of small
arrays (a slice assigned from another came out as an older value of it).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from .disc_dues import dues_less
from .problem import FloatArray, IntArray

STRANDS = 8  # shares of the centres; fixed, so that sums are added up in the same order
CHUNK = 64  # centres dealt out at once where their order does not matter
CLOSE = 1e-4  # a factor as good as another
MOST_SHORTENED = 3  # times that a step is shortened before the search ends
AT_CORNER = 1e-3  # a multiplier so near to 0, as a share of the edge, is 0
PAUSE = 4  # rounds for which a centre is not looked at that is far from overpaying
SHORTER, LONGER = 0.5, 1.2  # of steps that turned round, that went on
SURE = 1e-9  # relative; far more than the rounding of a sum over some thousand nodes


class Places(NamedTuple):
    """Peopled nodes sorted by square of a raster, and what the nodes of a square have in common.

    ``mass`` (n, w) weights; ``first`` (squares + 1,); ``box`` (squares, 4) least and largest x,
    least and largest y; ``ratio`` (squares, 2, w) least and largest weight per household.
    """

    x: FloatArray
    y: FloatArray
    mass: FloatArray
    first: IntArray
    box: FloatArray
    ratio: FloatArray


class Centres(NamedTuple):
    """Centres, their multipliers and the squares they may reach.

    ``at`` (m, 2) metres; ``rate`` (m, w) multipliers per weight, never below ``floor``; ``edge``
    (m,) how near to 0 a node's cost less its price, a household, counts as movable; ``start``
    (m + 1,) and ``square``: the squares with nodes that may be worth taking above the floor.
    """

    at: FloatArray
    rate: FloatArray
    floor: FloatArray
    edge: FloatArray
    start: IntArray
    square: IntArray


@njit(cache=True)
def may_take(b, cx, cy, rate, top, places, dues):
    """Return whether any node of a square could be worth its place: ``top`` is its best price."""
    dx = max(places.box[b, 0] - cx, cx - places.box[b, 1], 0.0)
    dy = max(places.box[b, 2] - cy, cy - places.box[b, 3], 0.0)
    least = dues.square_m * (dx * dx + dy * dy)
    for k in range(len(rate)):
        least += min(rate[k] * places.ratio[b, 0, k], rate[k] * places.ratio[b, 1, k])
    return least < top[b]


@njit(cache=True)
def _take(v, rate, factor, price, top, places, dues, centres, like, edge, total, movable, taken):
    """Take every node about v that lowers the sum; return that sum, the prices taken, how many.

    ``total`` (w,) receives the weights taken, ``movable`` (w, w) their rate of change with the
    multipliers, ``taken`` the nodes if there is room for all. ``like`` is a tuple of w numbers: its
    length is known to the compiler.
    """
    w = len(like)
    total[:] = 0.0
    movable[:] = 0.0
    value = 0.0
    paid = 0.0
    size = 0
    listed = len(taken) > 0
    cx, cy = centres.at[v]
    for e in range(centres.start[v], centres.start[v + 1]):
        b = centres.square[e]
        if not may_take(b, cx, cy, rate, top, places, dues):
            continue
        for i in range(places.first[b], places.first[b + 1]):
            dx, dy, mass = places.x[i] - cx, places.y[i] - cy, places.mass[i, 0]
            less = dues.square_m * mass * (dx * dx + dy * dy) - factor * price[i]
            for k in range(w):
                less += rate[k] * places.mass[i, k]
            if less < 0:
                value += less
                paid += price[i]
                if listed:
                    taken[size] = i
                size += 1
                for k in range(w):
                    total[k] += places.mass[i, k]
            if abs(less) < edge * mass:
                share = 1.0 / (2.0 * edge * mass)
                for k in range(w):
                    for m in range(w):
                        movable[k, m] += share * places.mass[i, k] * places.mass[i, m]
    return value, paid, size


@njit(cache=True)
def _leave(k, movable, lack):
    """Take a multiplier out of the equations: its step is 0."""
    movable[k, :] = 0.0
    movable[:, k] = 0.0
    movable[k, k] = 1.0
    lack[k] = 0.0


@njit(cache=True)
def _newton(rate, total, movable, at, edge, dues):
    """Return the step of the multipliers that would bring the sums taken to those wanted.

    Without balance any sum within the band is as good at a multiplier of 0: there it may stay.
    """
    w = len(total)
    lack = total - at
    size = np.empty(w)
    for k in range(w):
        size[k] = max(dues.target[k], dues.low[k], at[k], 1.0)
        if dues.balance[k] > 0:
            movable[k, k] += 1.0 / (2.0 * dues.balance[k])
        movable[k, k] += 0.005 * size[k] * size[k] / size[0] / edge
    for k in range(w):
        if dues.balance[k] == 0 and rate[k] == 0:
            low, high = max(dues.low[k], dues.least[k]), min(dues.high[k], dues.most[k])
            lack[k] = total[k] - min(max(total[k], low), high)
            if lack[k] == 0:
                _leave(k, movable, lack)
    step = np.linalg.solve(movable, lack)
    for k in range(w):
        # From a corner only towards the side that its own sum asks for, whatever the others do.
        if dues.balance[k] == 0 and rate[k] == 0 and step[k] * lack[k] < 0:
            _leave(k, movable, lack)
            step = np.linalg.solve(movable, lack)
    widest = 0.0
    for k in range(w):
        widest = max(widest, abs(step[k]) * size[k] / size[0])
    if widest > 3 * edge:
        step *= 3 * edge / widest
    return step


@njit(cache=True)
def _move(rate, step, v, centres, dues):
    """Add a step, which stops at 0 where 0 is a corner, and at the floor."""
    for k in range(len(rate)):
        after = rate[k] + step[k]
        if dues.balance[k] == 0 and (
            rate[k] * after < 0 or abs(after) < AT_CORNER * centres.edge[v]
        ):
            after = 0.0
        rate[k] = max(after, centres.floor[v, k])


@njit(cache=True, parallel=True)
def press(price, top, places, dues, centres, like, share, step, pause, before, taken):  # fmt: skip
    """Let every centre's share grow by ``step`` x what its best set is overpaid; return the cover.

    Per node, how often it is taken by the sets, each counting its centre's share. The multipliers
    of the centres take a Newton step each; ``before`` (m, 1 + w) keeps how much of it is taken, and
    the last one. A centre without a share whose sets are all far from
    being overpaid pauses for some rounds. ``taken`` (STRANDS, n) is room to work in.
    """
    m, n = len(centres.at), len(price)
    parts = np.zeros((STRANDS, n))
    for s in prange(STRANDS):
        for v in range(m * s // STRANDS, m * (s + 1) // STRANDS):
            if pause[v] > 0:
                pause[v] -= 1
            else:
                _press_at(
                    v, price, top, places, dues, centres, like, share, step, pause, before,
                    taken[s], parts[s],
                )  # fmt: skip
    out = np.zeros(n)
    for i in prange(n):
        for s in range(STRANDS):
            out[i] += parts[s, i]
    return out


@njit(cache=True)
def _press_at(
    v, price, top, places, dues, centres, like, share, step, pause, before, taken, cover
):  # fmt: skip
    w = len(like)
    total, at, movable = np.empty(w), np.empty(w), np.empty((w, w))
    edge = centres.edge[v]
    rate = centres.rate[v]
    value, _, size = _take(
        v, rate, 1.0, price, top, places, dues, centres, like, edge, total, movable, taken
    )
    value += dues_less(rate, dues, at)
    share[v] = max(0.0, share[v] - step[v] * value)
    if share[v] > 0:
        for j in range(size):
            cover[taken[j]] += share[v]
    elif value > edge * max(at[0], 1.0):
        pause[v] = PAUSE
    newton = _newton(rate, total, movable, at, edge, dues)
    turned = 0.0
    for k in range(w):
        turned += newton[k] * before[v, 1 + k]
    before[v, 0] = min(1.0, before[v, 0] * (SHORTER if turned < 0 else LONGER))
    for k in range(w):
        before[v, 1 + k] = newton[k]
    _move(rate, newton * before[v, 0], v, centres, dues)


@njit(cache=True, parallel=True)
def hold(price, top, places, dues, centres, like, most, rounds, factor):  # fmt: skip
    """Find per centre the largest factor, up to ``most``, at which no set there is overpaid.

    ``centres.rate`` receives the multipliers that prove it: the factor is checked, with a margin
    for rounding, not only computed. A factor of 0 with multipliers of 0 always holds.
    """
    m = len(centres.at)
    for chunk in prange((m + CHUNK - 1) // CHUNK):
        for v in range(chunk * CHUNK, min(m, chunk * CHUNK + CHUNK)):
            factor[v] = _hold_at(v, price, top, places, dues, centres, like, most, rounds)


@njit(cache=True)
def _hold_at(v, price, top, places, dues, centres, like, most, rounds):
    """Newton steps of the multipliers and the factor together, shortened where they overshoot."""
    w = len(like)
    total, at, movable = np.empty(w), np.empty(w), np.empty((w, w))
    proof, base, rate = np.zeros(w), centres.rate[v].copy(), centres.rate[v].copy()
    step = np.zeros(w)
    unlisted = np.empty(0, np.int32)
    edge = centres.edge[v]
    held = 0.0
    trial = 1.0
    best = -np.inf
    shortened = 0
    again = False  # whether the multipliers that were best are looked at once more
    for r in range(rounds):
        taken, paid, _ = _take(
            v, rate, trial, price, top, places, dues, centres, like, edge, total, movable, unlisted
        )
        owed = dues_less(rate, dues, at)
        value = taken + owed
        if value > SURE * (abs(taken) + abs(owed)) or (taken == 0 and owed >= 0):
            if trial > held:
                held = trial
                proof[:] = rate
            if held >= most:
                break
        reached = most if value >= 0 else 0.0  # the factor at which nothing is overpaid, about
        if paid > 0:
            reached = trial + value / paid
        gain = 0.0
        if again or reached > best:
            best = reached
            base[:] = rate
            if not again:
                step = _newton(rate, total, movable, at, edge, dues)
                shortened = 0
                for k in range(w):
                    gain += 0.5 * step[k] * (total[k] - at[k])
                gain = max(gain, 0.0) / paid if paid > 0 else 0.0
                if gain < CLOSE:
                    shortened = MOST_SHORTENED + 1
            again = False
        else:
            step *= SHORTER
            shortened += 1
            again = True
        # Aim a little lower each time: from above the steps would never arrive.
        trial = min(max(best + gain - 2e-5 * 1.5**r, 0.0), most)
        if held >= best - CLOSE and shortened > MOST_SHORTENED:
            break
        rate[:] = base
        if not again:
            _move(rate, step, v, centres, dues)
    centres.rate[v] = proof
    return held


@njit(cache=True, parallel=True)
def lower(factor, price, top, places, dues, centres, like, ceiling):  # fmt: skip
    """Lower ``ceiling`` per node to what every centre allows: factor x price, or its own cost."""
    m, n = len(centres.at), len(price)
    parts = np.full((STRANDS, n), np.inf)
    for s in prange(STRANDS):
        for v in range(m * s // STRANDS, m * (s + 1) // STRANDS):
            _lower_at(v, factor[v], price, top, places, dues, centres, like, parts[s])
    for i in prange(n):
        for s in range(STRANDS):
            ceiling[i] = min(ceiling[i], parts[s, i])


@njit(cache=True)
def _lower_at(v, factor, price, top, places, dues, centres, like, ceiling):
    rate = centres.rate[v]
    cx, cy = centres.at[v]
    for e in range(centres.start[v], centres.start[v + 1]):
        b = centres.square[e]
        if not may_take(b, cx, cy, rate, top, places, dues):
            continue
        for i in range(places.first[b], places.first[b + 1]):
            dx, dy = places.x[i] - cx, places.y[i] - cy
            cost = dues.square_m * places.mass[i, 0] * (dx * dx + dy * dy)
            for k in range(len(like)):
                cost += rate[k] * places.mass[i, k]
            ceiling[i] = min(ceiling[i], max(cost, factor * price[i]))
