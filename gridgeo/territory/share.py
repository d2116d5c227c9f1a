"""Split faces without a building along the neighbours that face them.

A bank between a street and a river would otherwise go whole to one cell, which then touches
everybody along the street; so would the water between two banks, or the strip between the
lanes of a motorway, which lies behind a hard barrier for all around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from .barriers import FIRST_HARD_CODE, Barriers, kinds_between
from .cells import Pieces, join_exactly, share_face
from .contacts import coverage_contacts

Array = np.ndarray[Any, Any]

# A neighbour needs this much border for a share of its own.
LEAST_FRONT_M = 5.0
# Spacing of the Voronoi sites along the borders.
FRONT_STEP_M = 3.0
# Faces behind faces; what lies deeper goes whole to one neighbour.
ROUNDS = 2


def split_empty_faces(pieces: Pieces, lines: Barriers) -> tuple[Pieces, Array]:
    """Cut every face without a building where the nearest of its neighbours changes.

    Borders on a hard barrier give a share only where there are no others. The shares stay
    without owner: handing them out is left to ``attach``, which keeps cells in one part.

    Returns:
        The pieces, and for each share behind a hard barrier the building that it lies in
        front of, int64 (p,), -1 for all others.
    """
    empty = pieces.owner < 0
    if not empty.any():
        return pieces, np.full(len(empty), -1, dtype=np.int64)
    # only they and what is beside them changes: most of a town is left as it is
    _, beside = shapely.STRtree(pieces.polygons).query(
        pieces.polygons[empty], predicate="intersects"
    )
    near = empty.copy()
    near[beside] = True
    some, wish = _split(_only(pieces, near), lines)
    rest = _only(pieces, ~near)
    joined = Pieces(
        np.concatenate([rest.polygons, some.polygons]),
        np.concatenate([rest.owner, some.owner]),
        np.concatenate([rest.face, some.face]),
        np.concatenate([rest.outline, some.outline]),
    )
    return joined, np.concatenate([np.full(len(rest.owner), -1, dtype=np.int64), wish])


def _only(pieces: Pieces, rows: Array) -> Pieces:
    return Pieces(
        pieces.polygons[rows], pieces.owner[rows], pieces.face[rows], pieces.outline[rows]
    )


def _split(pieces: Pieces, lines: Barriers) -> tuple[Pieces, Array]:
    """Split what is empty, and what every share across a hard barrier lies in front of."""
    claim = pieces.owner
    hard_share = np.zeros(len(claim), dtype=bool)
    rounds = [False] * ROUNDS + [True]
    for hard in rounds:
        fronts = _fronts(pieces, claim, lines, hard=hard) if (claim < 0).any() else {}
        if not fronts:
            continue
        whole = np.setdiff1d(np.arange(len(pieces.polygons)), list(fronts))
        polygons, source, claims = [pieces.polygons[whole]], [whole], [claim[whole]]
        for piece, (xy, neighbour) in sorted(fronts.items()):
            shares, takers = share_face(pieces.polygons[piece], xy, neighbour)
            polygons.append(shares)
            source.append(np.full(len(shares), piece))
            claims.append(takers)
        rows = np.concatenate(source)
        pieces, kept = join_exactly(
            Pieces(
                np.concatenate(polygons), pieces.owner[rows], pieces.face[rows],
                pieces.outline[rows],
            )
        )  # fmt: skip
        hard_share = np.where(claim[rows] < 0, hard, False)[kept]
        claim = np.concatenate(claims)[kept]
    return pieces, np.where(hard_share, claim, -1)


def _fronts(
    pieces: Pieces, claim: Array, lines: Barriers, *, hard: bool
) -> dict[int, tuple[Array, Array]]:
    """Sites along the borders of each unclaimed piece, and the claimant behind each.

    ``hard``: the borders on hard barriers, else the others.
    """
    contacts = coverage_contacts(pieces.polygons)
    meant = (kinds_between(lines, contacts, pieces.face) >= FIRST_HARD_CODE) == hard
    pair = contacts.pairs[contacts.segment_pair]
    near = pieces.outline[pair[:, 0]] == pieces.outline[pair[:, 1]]
    swap = claim[pair[:, 0]] >= 0
    empty = np.where(swap, pair[:, 1], pair[:, 0])
    taker = claim[np.where(swap, pair[:, 0], pair[:, 1])]
    at = np.flatnonzero(meant & near & (claim[empty] < 0) & (taker >= 0))
    if len(at) == 0:
        return {}
    length_m = contacts.segment_length_m[at]
    offers, offer = np.unique(np.column_stack([empty[at], taker[at]]), axis=0, return_inverse=True)
    offer = offer.reshape(-1)
    wide = np.bincount(offer, weights=length_m) >= LEAST_FRONT_M
    at, offer, length_m = at[wide[offer]], offer[wide[offer]], length_m[wide[offer]]
    segment, xy = _steps(contacts.segments[at], length_m)
    piece, owner = offers[offer[segment]].T
    fronts = {}
    for row in np.unique(piece):
        mine = piece == row
        fronts[int(row)] = _distinct(xy[mine], owner[mine])
    return fronts


def _steps(segments: Array, length_m: Array) -> tuple[Array, Array]:
    """Middles of equal steps along segments, and the segment of each."""
    count = np.ceil(length_m / FRONT_STEP_M).astype(np.int64)
    segment = np.repeat(np.arange(len(segments)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = ((step + 0.5) / count[segment])[:, None]
    return segment, segments[segment, 0] * (1 - share) + segments[segment, 1] * share


def _distinct(xy: Array, owner: Array) -> tuple[Array, Array]:
    """Sites that differ by a millimetre, by owner."""
    _, first = np.unique(np.round(xy, 3), axis=0, return_index=True)
    first = first[np.lexsort((first, owner[first]))]
    return np.round(xy[first], 3), owner[first]
