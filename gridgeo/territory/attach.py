"""Give land without a building to a neighbour, across a hard barrier only if it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Links:
    """Which pieces of land touch: ``pairs`` int64 (m, 2); ``length_m`` (m,); ``hard`` int8
    (m,), the code of a hard barrier along at least half of the contact, or 0; ``way`` int8
    (m,), how a street crosses that barrier here, 0 for not at all; ``open`` bool (m,), False
    between communities, where land is never given.
    """

    pairs: Array
    length_m: Array
    hard: Array
    way: Array
    open: Array


@dataclass(frozen=True, eq=False)
class Attached:
    """``owner``: int64 (p,), -1 for land that touches no cell; ``across``: int8 (p,), the
    code of the hard barrier that separates the piece from its building, or 0; ``way`` and
    ``over``: int8 (p,), how a street leads to the piece over a hard barrier, and its code.
    """

    owner: Array
    across: Array
    way: Array
    over: Array


def attach(owner: Array, links: Links, wish: Array) -> Attached:
    """Hand out pieces without owner, the nearest to the cells first.

    Each round gives every piece that touches a cell to the one with the longest shared
    border. When no more can be reached so, shares that lie in front of a building across a
    hard barrier go to it. Only then is a piece taken across a hard barrier, the one with the
    longest border, and what lies behind it follows in the next rounds.

    Args:
        owner: int64 (p,), the building of each piece, -1 for none.
        links: contacts of the pieces.
        wish: int64 (p,), the building that a share lies in front of, -1 for none.
    """
    owner, wish = owner.copy(), wish.copy()
    across, way, over = (np.zeros(len(owner), dtype=np.int8) for _ in range(3))
    # both directions of every link that may carry land to a piece without owner
    source = np.concatenate([links.pairs[:, 0], links.pairs[:, 1]])
    target = np.concatenate([links.pairs[:, 1], links.pairs[:, 0]])
    link = np.tile(np.arange(len(links.pairs)), 2)
    useful = links.open[link] & (owner[target] < 0)
    source, target, link = source[useful], target[useful], link[useful]
    while True:
        ready = (owner[source] >= 0) & (owner[target] < 0)
        if not ready.any():
            return Attached(owner, across, way, over)
        soft = ready & (links.hard[link] == 0)
        wished = ready & (wish[target] == owner[source]) & ~soft.any()
        at = np.flatnonzero(soft if soft.any() else wished if wished.any() else ready)
        piece, taker, border_m = _best_offers(
            target[at], owner[source[at]], links.length_m[link[at]]
        )
        if not (soft.any() or wished.any()):
            longest = int(np.argmax(border_m))
            piece, taker = piece[longest : longest + 1], taker[longest : longest + 1]
        wins = np.full(len(owner), -2, dtype=np.int64)
        wins[piece] = taker
        won = at[owner[source[at]] == wins[target[at]]]
        led = links.way[link[won]]
        crossed = np.where(led > 0, 0, links.hard[link[won]])
        path = np.maximum(across[source[won]], crossed).astype(np.int8)
        # one way that crosses nothing is enough
        across[piece] = np.iinfo(np.int8).max
        np.minimum.at(across, target[won], path)
        np.maximum.at(way, target[won], np.maximum(led, way[source[won]]))
        barrier = np.where(led > 0, links.hard[link[won]], over[source[won]])
        np.maximum.at(over, target[won], barrier)
        owner[piece] = taker


def _best_offers(piece: Array, taker: Array, length_m: Array) -> tuple[Array, Array, Array]:
    """For each piece the building it shares the longest border with; ties to the first."""
    offers, offer = np.unique(np.column_stack([piece, taker]), axis=0, return_inverse=True)
    border_m = np.bincount(offer.reshape(-1), weights=length_m, minlength=len(offers))
    order = np.lexsort((offers[:, 1], -border_m, offers[:, 0]))
    first = np.r_[True, np.diff(offers[order, 0]) != 0]
    best = order[first]
    return offers[best, 0], offers[best, 1], border_m[best]
