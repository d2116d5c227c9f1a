"""Dead nodes: those in no group within the bands, proved by what is in reach or by trying all.

A live node is shown by one group, found by diving; a dead one by an upper bound on what a group
around it may hold, or by visiting every group around it (the "extension" enumeration of
``sweep.py``, all groups of one node). Original.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .graphs import adjacency, components
from .problem import BoolArray, FloatArray, IntArray, Problem

DIVE_VISITS = 2_000  # enough to show that most live nodes live
SURE_VISITS = 500_000  # of one node that no dive shows to live
NEAR_VISITS = 100_000  # of one look for a wider band
MOST_VISITS = 40_000_000  # of all nodes together; half are left for wider bands
MOST_SUSPECTS = 500  # looked at closely; what is in reach is found node by node
MOST_NEAR = 100  # dead nodes for which wider bands are looked for
WIDEST = 0.5  # how far a limit may move, as a share of it, to be worth telling
_BIG = 1e15


class Proof(StrEnum):
    """Why a node is dead."""

    REACH = "reach"  # all that a group may reach is less than a lower limit
    SHARE = "share"  # so is what a group may hold under the upper limit of another weight
    SEARCH = "search"  # every group was looked at


@dataclass(frozen=True, eq=False)
class Dead:
    """A node that is in no connected group within the bands and the span.

    ``weight``: with REACH and SHARE the weight that falls short, and ``most`` what a group with
    the node holds of it at most, SHARE while weight ``beside`` is under its upper limit; else -1.
    ``nearest``: int64 (w, 2), to where a limit would have to move, all others kept, for the node
    to be in some group within the bands; -1 where none was found within half the limit, or none
    was looked for.
    """

    node: int
    proof: Proof
    weight: int
    beside: int
    most: int
    nearest: IntArray


@dataclass(frozen=True, eq=False)
class Deaths:
    """Dead nodes in order, and ``undecided``: int64, the nodes that the counts left open."""

    dead: tuple[Dead, ...]
    undecided: IntArray


@njit(cache=True)
def _find(
    root, start, neighbour, weights, bands, xy, span2, density, free, most_visits, work
):  # fmt: skip
    """Look for a connected group with ``root`` within the bands.

    Returns its size, its nodes being ``work[0][:size]``, or 0 where there is none, or -1 where
    the visits ran out; and the visits. ``density`` and ``free`` (w, w): a group with room r left
    of weight a gains at most ``free[a, b] + r density[a, b]`` of weight b.
    """
    group, front, cursor, tail, total, seen = work
    kinds = weights.shape[1]
    visits = 0
    size = 0
    level = 0
    group[0] = root
    seen[root] = True
    end = 0
    for e in range(start[root], start[root + 1]):
        front[end] = neighbour[e]
        seen[neighbour[e]] = True
        end += 1
    cursor[0] = 0
    tail[0] = end
    for k in range(kinds):
        total[0, k] = weights[root, k]
    fresh = True
    while True:
        if fresh:
            fresh = False
            visits += 1
            if visits > most_visits:
                size = -1
                break
            inside = True
            for k in range(kinds):
                if total[level, k] < bands[k, 0] or total[level, k] > bands[k, 1]:
                    inside = False
                    break
            if inside:
                size = level + 1
                break
            for a in range(kinds):
                room = bands[a, 1] - total[level, a]
                for b in range(kinds):
                    gain = free[a, b] + room * density[a, b]
                    if a != b and total[level, b] + gain < bands[b, 0] - 1e-6:
                        cursor[level] = tail[level]
        if cursor[level] < tail[level]:
            node = front[cursor[level]]
            cursor[level] += 1
            fits = True
            for k in range(kinds):
                if total[level, k] + weights[node, k] > bands[k, 1]:
                    fits = False
                    break
            if fits and span2 < np.inf:
                for i in range(level + 1):
                    dx = xy[node, 0] - xy[group[i], 0]
                    dy = xy[node, 1] - xy[group[i], 1]
                    if dx * dx + dy * dy > span2:
                        fits = False
                        break
            if not fits:
                continue
            end = tail[level]
            for e in range(start[node], start[node + 1]):
                other = neighbour[e]
                if not seen[other]:
                    seen[other] = True
                    front[end] = other
                    end += 1
            cursor[level + 1] = cursor[level]
            for k in range(kinds):
                total[level + 1, k] = total[level, k] + weights[node, k]
            level += 1
            group[level] = node
            tail[level] = end
            fresh = True
        elif level == 0:
            break
        else:
            for q in range(tail[level - 1], tail[level]):
                seen[front[q]] = False
            level -= 1
    for q in range(tail[level]):  # leave the marks clean, also where it ended early
        seen[front[q]] = False
    seen[root] = False
    return size, visits


_Short = tuple[Proof, int, int, int]  # proof, weight, beside, most: see Dead


@dataclass(frozen=True, eq=False)
class _Reach:
    """What a group with a node may take in: bounds for pruning, and what falls short."""

    density: FloatArray
    free: FloatArray
    short: _Short | None


class _Seeker:
    """A problem laid out for looking for groups around one node after the other."""

    def __init__(self, problem: Problem) -> None:
        n, w = problem.weights.shape
        self.weights = np.ascontiguousarray(problem.weights)
        self.xy = problem.xy - problem.xy.mean(axis=0)
        self.span_m = float(problem.max_span_m)
        self.graph = adjacency(n, problem.edges)
        self.visits = 0
        tail = np.repeat(np.arange(n), np.diff(self.graph.start))
        # A step costs the node it enters; zeros would be no edges to scipy, hence the floor.
        self.steps = [
            csr_matrix(
                (np.maximum(mass[self.graph.neighbour], 1e-9), (tail, self.graph.neighbour)), (n, n)
            )
            for mass in self.weights.T.astype(float)
        ]
        self._anything, self._nothing = np.full((w, w), _BIG), np.zeros((w, w))
        self._work = (
            *(np.empty(n + 1, np.int64) for _ in range(4)),
            np.empty((n + 1, w), np.int64),
            np.zeros(n, np.bool_),
        )

    def find(
        self, node: int, bands: IntArray, *, visits: int, reach: _Reach | None = None
    ) -> tuple[int, IntArray]:
        """Return the size of a group (0: there is none, -1: visits ran out) and its nodes."""
        density, free = (self._anything, self._nothing)
        if reach is not None:
            density, free = reach.density, reach.free
        size, spent = _find(
            node, self.graph.start, self.graph.neighbour, self.weights, bands, self.xy,
            self.span_m**2, density, free, visits, self._work,
        )  # fmt: skip
        self.visits += spent
        return size, self._work[0][: max(size, 0)].copy()

    def find_along(self, way: IntArray, barred: BoolArray, bands: IntArray) -> IntArray:
        """Dive from the first node of a way, never into other ``barred`` ones; return a group."""
        seen = self._work[-1]
        shut = barred.copy()
        shut[way] = False
        seen |= shut
        _, group = self.find(int(way[0]), bands, visits=DIVE_VISITS)
        seen[:] = False
        return group

    def ways_from(self, alive: BoolArray) -> IntArray:
        """Return the next node on the way (of least weight 0) to a live node, -9999 for none."""
        sources = np.flatnonzero(alive)
        if not len(sources):
            return np.full(len(alive), -9999, np.int64)
        _, before, _ = dijkstra(
            self.steps[0], indices=sources, min_only=True, return_predecessors=True
        )
        return np.asarray(before, np.int64)

    def reach(self, node: int, bands: IntArray) -> _Reach:
        """Return what a group with ``node`` may hold under the upper limits and the span.

        Its other nodes are at the end of ways that are themselves under the limits.
        """
        near = ((self.xy - self.xy[node]) ** 2).sum(axis=1) <= self.span_m**2
        for step, own, high in zip(self.steps, self.weights[node], bands[:, 1], strict=True):
            room = float(high - own) + 0.5
            near &= dijkstra(step, indices=node, limit=room) <= room
        near[node] = False
        return _bounds(self.weights[near], self.weights[node], bands)


def _bounds(others: IntArray, own: IntArray, bands: IntArray) -> _Reach:
    """Return the bounds for a node of weights ``own`` that can reach ``others``, (r, w)."""
    w = len(own)
    density, free = np.zeros((w, w)), np.zeros((w, w))
    short = None
    for b in range(w):
        most = int(own[b] + others[:, b].sum())
        if most < bands[b, 0] and short is None:
            short = (Proof.REACH, b, -1, most)
    for a in range(w):
        paid = others[:, a] > 0
        for b in range(w):
            if a == b:
                continue
            free[a, b] = others[~paid, b].sum()
            rate = others[paid, b] / others[paid, a]
            density[a, b] = rate.max(initial=0.0)
            # the densest nodes first, the last one in part: no group holds more
            order = np.argsort(-rate, kind="stable")
            taken = np.cumsum(others[paid, a][order])
            room = int(bands[a, 1] - own[a])
            whole = int(np.searchsorted(taken, room, side="right"))
            filled = float(own[b] + free[a, b] + others[paid, b][order][:whole].sum())
            if whole < len(order):
                left = room - (taken[whole - 1] if whole else 0)
                filled += rate[order[whole]] * left
            most = int(filled + 1e-6)
            if most < bands[b, 0] and short is None:
                short = (Proof.SHARE, b, a, most)
    return _Reach(density, free, short)


def dead_nodes(problem: Problem, closed: BoolArray) -> Deaths:
    """Return the nodes that are in no group within the bands, but those ``closed``.

    ``closed``: bool (n,), the nodes over an upper limit on their own. Bounded by counts: what
    they leave open is told as undecided, never as dead.
    """
    seeker = _Seeker(problem)
    bands = np.ascontiguousarray(problem.bands)
    found = _of_short_pieces(problem, closed)
    settled = closed.copy()  # live, or told already
    settled[list(found)] = True
    live = np.zeros(problem.n, np.bool_)
    for node in range(problem.n):
        if not (settled[node] or live[node]):
            _, group = seeker.find(node, bands, visits=DIVE_VISITS)
            live[group] = True
    lean = _lean(problem)
    following = seeker.ways_from(live & ~lean)
    suspects = ~(settled | live)
    undecided: list[int] = []
    near = 0
    for node in np.flatnonzero(suspects).tolist():
        if live[node]:
            continue
        if near >= MOST_SUSPECTS or seeker.visits > MOST_VISITS // 2:
            undecided.append(node)
            continue
        near += 1
        # Where nodes are small, a dive fills up before it gets to where weights are better mixed.
        live[seeker.find_along(_way(node, following), lean, bands)] = True
        if live[node]:
            continue
        reach = seeker.reach(node, bands)
        if reach.short is not None:
            found[node] = reach.short
            continue
        size, group = seeker.find(node, bands, visits=SURE_VISITS, reach=reach)
        live[group] = True
        if size == 0:
            found[node] = (Proof.SEARCH, -1, -1, -1)
        elif size < 0:
            undecided.append(node)
    dead = []
    for number, node in enumerate(sorted(found)):
        nearest = np.full(bands.shape, -1, np.int64)
        if number < MOST_NEAR:
            nearest = _nearest(seeker, node, bands)
        dead.append(Dead(node, *found[node], nearest))
    return Deaths(tuple(dead), np.array([i for i in undecided if not live[i]], np.int64))


def _of_short_pieces(problem: Problem, closed: BoolArray) -> dict[int, _Short]:
    """Return the nodes of pieces in which no choice of nodes, connected or not, is enough."""
    inside = problem.edges[~closed[problem.edges].any(axis=1)]
    piece = components(problem.n, inside)
    order = np.argsort(piece, kind="stable")
    out: dict[int, _Short] = {}
    nothing = np.zeros(problem.weights.shape[1], np.int64)
    for nodes in np.split(order, np.flatnonzero(np.diff(piece[order])) + 1):
        short = _bounds(problem.weights[nodes], nothing, problem.bands).short
        if short is not None and not closed[nodes[0]]:
            out |= dict.fromkeys(nodes.tolist(), short)
    return out


def _lean(problem: Problem) -> BoolArray:
    """Return which nodes have too little of one weight for another, bool (n,)."""
    weights, (low, high) = problem.weights, problem.bands.T
    out = np.zeros(problem.n, np.bool_)
    for a, b in np.ndindex(len(low), len(low)):
        if a != b:
            out |= weights[:, a] * high[b] < weights[:, b] * low[a]
    return out


def _way(node: int, following: IntArray) -> IntArray:
    way = [node]
    while following[way[-1]] >= 0:
        way.append(int(following[way[-1]]))
    return np.array(way, np.int64)


def _nearest(seeker: _Seeker, node: int, bands: IntArray) -> IntArray:
    """Return to where each limit alone would have to move for a group to hold ``node``."""
    out = np.full(bands.shape, -1, np.int64)
    for k, side in np.ndindex(bands.shape):
        limit = int(bands[k, side])
        way = -1 if side == 0 else 1
        wide = bands.copy()
        wide[k, side] = limit + way * int(WIDEST * limit)
        # Every group found asks for one that is nearer, until there is none.
        while way * (wide[k, side] - limit) > 0 and seeker.visits < MOST_VISITS:
            reach = seeker.reach(node, wide)
            if reach.short is not None:
                break
            size, group = seeker.find(node, wide, visits=NEAR_VISITS, reach=reach)
            if size <= 0:
                break
            out[k, side] = seeker.weights[group, k].sum()
            wide[k, side] = out[k, side] - way
    return out
