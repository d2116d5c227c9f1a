"""What a group owes besides its inertia, and the least of it at given multipliers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .problem import FloatArray


class Dues(NamedTuple):
    """What a group costs besides its inertia, as a function of its sums W.

    ``balance`` x (W - ``target``)^2, and out of band ``base`` + ``below`` and ``above`` x the
    distances; inf for a base forbids it. W lies within ``least`` and ``most``. ``spare`` is
    what nodes without households hold of the weights; ``square_m`` the price of a household m2.
    """

    balance: FloatArray
    target: FloatArray
    low: FloatArray
    high: FloatArray
    least: FloatArray
    most: FloatArray
    base: float
    below: FloatArray
    above: FloatArray
    spare: FloatArray
    square_m: float


@njit(cache=True)
def dues_less(rate, dues, at):
    """Return min over all sums W of dues(W) - rate . W, the spare weights taken where they pay.

    ``at`` (w,) receives a W where it is.
    """
    inside = 0.0
    anywhere = dues.base
    spared = 0.0
    for k in range(len(rate)):
        value, at[k] = _least_in_band(k, rate[k], dues)
        inside += value
        if dues.base < np.inf:
            anywhere += _least_anywhere(k, rate[k], dues)[0]
        spared += min(0.0, rate[k]) * dues.spare[k]
    if anywhere < inside:
        for k in range(len(rate)):
            at[k] = _least_anywhere(k, rate[k], dues)[1]
        return anywhere + spared
    return inside + spared


@njit(cache=True)
def _least_in_band(k, rate, dues):
    low, high = max(dues.low[k], dues.least[k]), min(dues.high[k], dues.most[k])
    if low > high:
        return np.inf, low
    return _least_on(low, high, 0.0, 0.0, rate, dues.balance[k], dues.target[k])


@njit(cache=True)
def _least_anywhere(k, rate, dues):
    """Return it with the distance from the band paid for, but not the base."""
    balance, target = dues.balance[k], dues.target[k]
    best, best_at = _least_in_band(k, rate, dues)
    if dues.least[k] < dues.low[k]:
        high = min(dues.low[k], dues.most[k])
        value, at = _least_on(
            dues.least[k], high, -dues.below[k], dues.low[k], rate, balance, target
        )
        if value < best:
            best, best_at = value, at
    if dues.most[k] > dues.high[k]:
        low = max(dues.high[k], dues.least[k])
        value, at = _least_on(low, dues.most[k], dues.above[k], dues.high[k], rate, balance, target)
        if value < best:
            best, best_at = value, at
    return best, best_at


@njit(cache=True)
def _least_on(low, high, slope, origin, rate, balance, target):  # fmt: skip
    """Return min over W in [low, high] of a weight's dues minus rate x W, and a W where it is."""
    if balance > 0:
        at = min(max(target + (rate - slope) / (2 * balance), low), high)
    else:
        at = low if slope >= rate else high
    return balance * (at - target) ** 2 + slope * (at - origin) - rate * at, at
