"""What may still join a group, and how much cheaper it could make the group at most.

Let T be a group of mass H about the centroid c, and S any group grown from it whose mass is at
most M. The inertia of S is at least that of T plus H/M times the sum, over the nodes j that joined,
of mass(j) x (distance of j from c)^2: the inertia of two parts is that of each plus H U/(H + U)
times the squared distance of their centroids, and the sum over what joined is its own inertia plus
U times that square. So a node gains at most its price less its share of that; and what fits into
the room left is bounded by giving room a price (a Lagrangian knapsack), the best of a few prices.
Original.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .problem import FloatArray, Problem
from .value import SQUARE_METRES

# Prices of room that are tried, as multiples of what a household brings on average.
ROOM_PRICES = (0.0, 0.5, 1.0, 1.5, 3.0)


def room_prices(problem: Problem, price: FloatArray) -> FloatArray:
    """Return the prices of a unit of room to try, float64."""
    mass = max(1.0, float(problem.weights[:, 0].sum()))
    return np.array(ROOM_PRICES) * float(np.maximum(price, 0.0).sum()) / mass


@njit(cache=True)
def most_gain(
    front, cursor, tail, root, graph, seen, closed, weights, xy, price, total, bands,
    cx, cy, rate, prices, under, stamp, work,
):  # fmt: skip
    """Return what nodes still open to a group can take off its value at most.

    Open are ``front[cursor:tail]`` and whatever is reached from there past nodes not ``seen``. The
    mass the group ends with is looked at in ranges, each with its own share of the inertia and
    its own room: below the band (which costs ``under`` at least), and two halves of what is left.
    ``rate``: cost of a unit of inertia. ``stamp``: a number never used before with ``work``, the
    scratch: marks (n,), queue (n,), gains (3, prices).
    """
    start, neighbour = graph
    mark, queue, gains = work
    mass, low, high = total[0], bands[0, 0], bands[0, 1]
    gains[:] = 0.0
    tops = (low - 1, (max(low, mass) + high) // 2, high)
    ranges = 0 if mass < low and under < np.inf else 1
    end = 0
    for q in range(cursor, tail):
        queue[end] = front[q]
        end += 1
    at = 0
    while at < end:
        node = queue[at]
        at += 1
        for k in range(weights.shape[1]):
            if total[k] + weights[node, k] > bands[k, 1]:
                break
        else:
            more = weights[node, 0]
            dx = xy[node, 0] - cx
            dy = xy[node, 1] - cy
            moment = rate * more * (dx * dx + dy * dy) * SQUARE_METRES * mass
            for r in range(ranges, 3):
                if mass + more <= tops[r]:
                    gain = price[node] - moment / max(tops[r], 1)
                    for p in range(len(prices)):
                        left = gain - prices[p] * more
                        if left > 0:
                            gains[r, p] += left
            for e in range(start[node], start[node + 1]):
                other = neighbour[e]
                if other > root and not closed[other] and not seen[other] and mark[other] != stamp:
                    mark[other] = stamp
                    queue[end] = other
                    end += 1
    most = 0.0
    for r in range(ranges, 3):
        room = max(tops[r] - mass, 0)
        least = np.inf
        for p in range(len(prices)):
            least = min(least, gains[r, p] + prices[p] * room)
        if r == 0:
            least -= under
        most = max(most, least)
    return most
