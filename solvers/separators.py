"""What keeps a node from a root: lightest paths, and few nodes that every path must pass."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

import numpy as np

from .graphs import Adjacency
from .problem import BoolArray, FloatArray, IntArray


def lightest_paths(
    graph: Adjacency, source: int, inside: BoolArray, weight: IntArray
) -> FloatArray:
    """Return the weight of the lightest path from ``source``, both ends counted, (n,).

    Paths keep to the nodes ``inside`` (n,); inf where there is none.
    """
    best = np.full(len(inside), np.inf)
    best[source] = weight[source]
    queue = [(float(weight[source]), source)]
    while queue:
        so_far, node = heappop(queue)
        if so_far > best[node]:
            continue
        for other in _near(graph, node):
            there = so_far + float(weight[other])
            if inside[other] and there < best[other]:
                best[other] = there
                heappush(queue, (there, other))
    return best


def within_reach(
    graph: Adjacency, source: int, inside: BoolArray, *, weights: IntArray, caps: FloatArray
) -> BoolArray:
    """Return the nodes that share a connected group of at most ``caps`` (w,) with ``source``.

    Judged by one path and one weight at a time: what it rules out is out, the rest may be.
    """
    paths = [lightest_paths(graph, source, inside, weight) for weight in weights.T]
    lightest = np.stack(paths, axis=1)
    return np.asarray(np.isfinite(lightest[:, 0]) & (lightest <= caps).all(axis=1))


def minimal_separator(
    graph: Adjacency, root: int, piece: IntArray, *, inside: BoolArray
) -> list[int]:
    """Return nodes that every path from ``root`` to the connected ``piece`` passes, none idle.

    The rim of the piece, as far as the root can come to it (Fischetti et al. 2017, Thinning out
    Steiner trees, algorithm 1). ``inside`` (n,): the nodes a path may use.
    """
    mine = set(piece.tolist())
    rim = {o for node in mine for o in _near(graph, node) if inside[o]} - mine
    seen, queue = {root}, deque([root])
    while queue:
        for other in _near(graph, queue.popleft()):
            if inside[other] and other not in rim and other not in seen:
                seen.add(other)
                queue.append(other)
    return sorted(c for c in rim if seen.intersection(_near(graph, c)))


def strengthen(
    graph: Adjacency,
    separator: list[int],
    ends: tuple[int, int],
    *,
    inside: BoolArray,
    weights: IntArray,
    caps: FloatArray,
) -> list[int]:
    """Return the separator of ``ends`` (root, node) without what only too heavy paths pass.

    A length-bounded separator: paths over a cap are in no group (Validi, Buchanan and Lykhovyd
    2022, Imposing contiguity constraints in political districting models, section 4).
    """
    root, node = ends
    kept = list(separator)
    for c in separator:
        fewer = [other for other in kept if other != c]
        free = inside.copy()
        free[fewer] = False
        if not within_reach(graph, root, free, weights=weights, caps=caps)[node]:
            kept = fewer
    return kept


def too_light_last(graph: Adjacency, weights: IntArray, low: IntArray) -> IntArray:
    """Return a rank per node: last come nodes that among themselves form no group in band.

    So many as a sweep finds: each is taken if the piece of taken nodes it then lies in stays
    under a lower limit. A group has a member outside them, so that, where the lowest rank
    represents a group, none of them need be thought of (Validi and Buchanan 2022, Political
    districting to minimize cut edges: diagonal fixing).
    """
    n = len(weights)
    piece = np.full(n, -1, np.int64)  # of the taken nodes, by one of them
    total = weights.copy()
    for node in _breadth_first(graph, n):
        joined = sorted({int(piece[o]) for o in _near(graph, node) if piece[o] >= 0})
        whole = weights[node] + total[joined].sum(axis=0)
        if (whole < low).any():
            piece[np.isin(piece, joined)] = node
            piece[node] = node
            total[node] = whole
    rank = np.empty(n, np.int64)
    rank[np.argsort(piece >= 0, kind="stable")] = np.arange(n)
    return rank


def _breadth_first(graph: Adjacency, n: int) -> list[int]:
    order: list[int] = []
    seen = np.zeros(n, np.bool_)
    for first in range(n):
        if seen[first]:
            continue
        seen[first] = True
        queue = deque([first])
        while queue:
            node = queue.popleft()
            order.append(node)
            for other in _near(graph, node):
                if not seen[other]:
                    seen[other] = True
                    queue.append(other)
    return order


def _near(graph: Adjacency, node: int) -> list[int]:
    near: list[int] = graph.neighbour[graph.start[node] : graph.start[node + 1]].tolist()
    return near
