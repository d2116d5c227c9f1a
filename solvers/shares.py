"""The cheapest shares of light nodes for a set of heavy ones: knapsacks, filled greedily."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from .value import SQUARE_METRES


@njit(cache=True)
def fill_shares(gain, size, order, count, least, most, shares):  # fmt: skip
    """Fill ``shares`` greedily by gain per size: all that gains up to ``most``, more to ``least``.

    Returns the gain, -inf where ``least`` is out of reach.
    """
    shares[:] = 0.0
    used = 0.0
    out = 0.0
    for i in range(count):
        j = order[i]
        if gain[j] <= 0 and used >= least:
            break
        room = (most if gain[j] > 0 else least) - used
        share = min(1.0, room / max(size[j], 1e-9)) if gain[j] > 0 or size[j] > 0 else 0.0
        if share > 0:
            shares[j] = share
            used += share * size[j]
            out += share * gain[j]
    return out if used >= least - 1e-9 else -np.inf


@njit(cache=True)
def in_order(gain, size, open_to, order):  # fmt: skip
    """Sort what is ``open_to`` by gain per size, the best first; return how many there are."""
    count = 0
    for j in range(len(gain)):
        if not open_to[j]:
            continue
        i = count
        mine = gain[j] / max(size[j], 1e-9)
        while i > 0 and gain[order[i - 1]] / max(size[order[i - 1]], 1e-9) < mine:
            order[i] = order[i - 1]
            i -= 1
        order[i] = j
        count += 1
    return count


@njit(cache=True)
def _cheapest(
    mass, people, cx, cy, base, open_to, weights, xy, price, bands, tops, fees, bar, shares, work
):  # fmt: skip
    """Return the least value below ``bar`` of a heavy set with light nodes, and fill ``shares``.

    ``base``: value of the set without them; ``fees``: rate, under, per unit.
    """
    gain, order, trial, size, more = work
    rate, under, per_unit = fees
    best = bar
    most_gain = 0.0
    for j in range(len(price)):
        if open_to[j]:
            most_gain += max(price[j], 0.0)
    if base - most_gain >= bar:
        return best
    low = bands[0, 0]
    for r in range(len(tops)):
        room = tops[r] - mass
        below = r == 0
        if room < 0 or (below and (under == np.inf or mass >= low)):
            continue
        share = rate * mass / max(tops[r], 1.0) * SQUARE_METRES
        for j in range(len(price)):
            dx = xy[j, 0] - cx
            dy = xy[j, 1] - cy
            gain[j] = price[j] - share * weights[j, 0] * (dx * dx + dy * dy)
            size[j] = weights[j, 0]
            if below:
                gain[j] += per_unit * weights[j, 0]
        count = in_order(gain, size, open_to, order)
        fee = under + per_unit * (low - mass) if below else 0.0
        need = 0.0 if below else max(0.0, (low if r == 1 else tops[r - 1]) - mass)
        value = base + fee - fill_shares(gain, size, order, count, need, room, trial)
        if below or value >= best:
            if value < best:
                best = value
                shares[:] = trial
            continue
        # In band by mass. Too few people either cost as much as being below, or are made up for.
        short = -1
        for k in range(1, len(people)):
            if people[k] < bands[k, 0]:
                short = k
        if short < 0:
            best = value
            shares[:] = trial
            continue
        if value + under < best:
            best = value + under
            shares[:] = trial
        for j in range(len(price)):
            size[j] = weights[j, short]
        count = in_order(gain, size, open_to, order)
        other = base - fill_shares(
            gain, size, order, count, bands[short, 0] - people[short], np.inf, more
        )
        if other > value:
            value = other
            trial[:] = more
        if value < best:
            best = value
            shares[:] = trial
    return best


@njit(cache=True, parallel=True)
def share_all(
    which, total, centre, near, base, zone, weights, xy, price, bands, tops, fees, bar, least,
    shares,
):  # fmt: skip
    """Write the least value of every set of ``which``, and its shares where there is room."""
    lanes = 8
    keep = len(shares) > 0
    for lane in prange(lanes):
        lights = len(price)
        open_to = np.zeros(lights, np.bool_)
        mine = np.zeros(lights)
        work = (
            np.zeros(lights), np.zeros(lights, np.int64), np.zeros(lights), np.zeros(lights),
            np.zeros(lights),
        )  # fmt: skip
        for at in range(lane, len(which), lanes):
            c = which[at]
            for j in range(lights):
                open_to[j] = near[c, zone[j]]
            least[at] = _cheapest(
                total[c, 0], total[c], centre[c, 0], centre[c, 1], base[c], open_to, weights, xy,
                price, bands, tops, fees, bar, mine, work,
            )  # fmt: skip
            if keep:
                for j in range(lights):
                    shares[at, j] = mine[j]
