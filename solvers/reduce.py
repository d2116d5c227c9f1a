"""Certificates, in plain numbers, that no division of a problem can keep all bands.

They are cheap, and each holds for every division into connected groups under the span: they say
why, where the exact search can only say that. Finding none proves nothing. Original.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .dead import Dead, dead_nodes
from .graphs import components
from .problem import IntArray, Problem
from .sweep import oversize


@dataclass(frozen=True, eq=False)
class Piece:
    """A connected piece of the graph without the nodes that stand alone; no group leaves it.

    ``nodes``: int64, ascending. ``totals``: int64 (w,). ``counts``: int64 (w, 2), the fewest and
    the most groups that each band allows by the total; no number where fewest > most.
    ``out_of_ratio``: weights (a, b) where the piece has too little of a for its b, whatever the
    number of groups, None where there is no such pair. ``violation``: no division of the piece
    violates the bands less, as far as its totals tell.
    """

    nodes: IntArray
    totals: IntArray
    counts: IntArray
    out_of_ratio: tuple[int, int] | None
    violation: Fraction

    @property
    def fits(self) -> bool:
        """Whether some number of groups is allowed by every band."""
        return int(self.counts[:, 0].max()) <= int(self.counts[:, 1].min())


@dataclass(frozen=True, eq=False)
class Certificates:
    """What rules the bands out; each entry alone proves that no division keeps all of them.

    ``pieces``: all of them, also those that fit. ``oversize``: int64, nodes over an upper limit;
    each stands alone. ``dead``: other nodes that are in no group within the bands. ``areas``:
    dead nodes that touch, int64 each. ``undecided``: int64, nodes of which it was not settled
    whether they are dead. ``violation``: no division violates the bands less (in groups).
    """

    pieces: tuple[Piece, ...]
    oversize: IntArray
    dead: tuple[Dead, ...]
    areas: tuple[IntArray, ...]
    undecided: IntArray
    violation: Fraction

    @property
    def complete(self) -> bool:
        """Whether every dead node was found."""
        return len(self.undecided) == 0

    @property
    def impossible(self) -> bool:
        """Whether it is proved that no division keeps all bands."""
        return bool(len(self.oversize) or self.dead or not all(p.fits for p in self.pieces))


def certificates(problem: Problem) -> Certificates:
    """Return what can be told cheaply of why the bands cannot be kept; bounded by counts."""
    n, bands = problem.n, problem.bands
    closed = oversize(problem)
    inside = problem.edges[~closed[problem.edges].any(axis=1)]
    label = components(n, inside)
    pieces = []
    for p in np.unique(label[~closed]):
        nodes = np.flatnonzero(label == p)
        pieces.append(_piece(nodes, problem.weights[nodes].sum(axis=0), bands))
    deaths = dead_nodes(problem, closed)
    dead = np.array([d.node for d in deaths.dead], np.int64)
    is_dead = np.zeros(n, np.bool_)
    is_dead[dead] = True
    area = components(n, inside[is_dead[inside].all(axis=1)])
    areas = tuple(dead[area[dead] == a] for a in np.unique(area[dead]))
    violation = Fraction(0)
    if problem.terms.penalty is None:
        violation += sum(
            (_violation(problem.weights[i], bands) for i in np.flatnonzero(closed)), violation
        )
        for piece in pieces:
            # a dead node is in a group out of band, which may hold all dead nodes of its piece
            least = Fraction(1) if is_dead[piece.nodes].any() else Fraction(0)
            violation += max(piece.violation, least)
    return Certificates(
        tuple(pieces), np.flatnonzero(closed), deaths.dead, areas, deaths.undecided, violation
    )


def _piece(nodes: IntArray, totals: IntArray, bands: IntArray) -> Piece:
    counts = np.array(
        [_counts(int(t), band, len(nodes)) for t, band in zip(totals, bands, strict=True)], np.int64
    )
    low, high = bands.T
    out = None
    # Groups in band have at least low[a] of a and at most high[b] of b, and so has their sum.
    for a, b in np.ndindex(len(totals), len(totals)):
        if a != b and out is None and totals[a] * high[b] < totals[b] * low[a]:
            out = (a, b)
    least = min(_violation_of_count(k, totals, bands) for k in _turns(totals, bands, len(nodes)))
    return Piece(nodes, totals, counts, out, least)


def _counts(total: int, band: IntArray, nodes: int) -> tuple[int, int]:
    """Return the fewest and the most groups that share ``total`` within the band."""
    low, high = int(band[0]), int(band[1])
    fewest = -(-total // high) if high else (nodes + 1 if total else 1)
    most = total // low if low else nodes
    return max(fewest, 1), min(most, nodes)


def _turns(totals: IntArray, bands: IntArray, nodes: int) -> list[int]:
    """Return the numbers of groups among which the least violation by totals is."""
    turns = {1, nodes}
    for total, limits in zip(totals.tolist(), bands.tolist(), strict=True):
        for limit in limits:
            if limit:
                turns |= {total // limit, -(-total // limit)}
    return sorted(k for k in turns if 1 <= k <= nodes)


def _violation_of_count(groups: int, totals: IntArray, bands: IntArray) -> Fraction:
    """Return the least violation of so many groups with these totals.

    Together they lack what the total lacks of so many lower limits, or exceed likewise; the sum
    of shares is convex in the number of groups, with its turns where a total is that many limits.
    """
    shares = Fraction(0)
    for total, (low, high) in zip(totals.tolist(), bands.tolist(), strict=True):
        shares += Fraction(max(groups * low - total, 0), max(low, 1))
        shares += Fraction(max(total - groups * high, 0), max(high, 1))
    return shares + 1 if shares else shares


def _violation(total: IntArray, bands: IntArray) -> Fraction:
    return _violation_of_count(1, total, bands)
