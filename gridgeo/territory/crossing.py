"""Which contacts one may cross: hard barriers forbid, bridges restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from .barriers import FIRST_HARD_CODE, KINDS, WAYS, Barriers
from .contacts import Contacts

Array = np.ndarray[Any, Any]

# Shorter contacts are four-corner points that rounding has drawn apart.
LEAST_BORDER_M = 1.0
# A bridge restores the contact it crosses; where that is too short, the nearest this far.
BRIDGE_REACH_M = 50.0
# Contacts that meet where the bridge crosses are equally near up to noding.
SAME_PLACE_M = 0.05


@dataclass(frozen=True, eq=False)
class Edges:
    """Contacts of cells: ``pairs`` int64 (m, 2) sorted, ``border_m`` float64 (m,), ``barrier``
    object (m,), the kind along at least half of the border or "", ``way`` int8 (m,), how one
    gets across a hard one, into WAYS, ``passable`` bool (m,), whether one may cross.
    """

    pairs: Array
    border_m: Array
    barrier: Array
    way: Array
    passable: Array


@dataclass(frozen=True, eq=False)
class Along:
    """What lies along every segment of a contact, all int8 (s,): ``code`` of the barrier on
    it; ``far`` of the hard barrier that cuts one of its pieces off from its building; ``led``,
    how a street leads to such a piece, and ``over`` which barrier.
    """

    code: Array
    far: Array
    led: Array
    over: Array


def kind_shares(contacts: Contacts, code: Array) -> Array:
    """Metres of each kind along each contact, float64 (m, len(KINDS))."""
    metres = np.zeros((len(contacts.pairs), len(KINDS)))
    np.add.at(metres, (contacts.segment_pair, code), contacts.segment_length_m)
    return metres


def hard_code(metres: Array) -> Array:
    """Code of the hard barrier along at least half of each contact, or 0; int8 (m,)."""
    hard = metres[:, FIRST_HARD_CODE:]
    forbidden = 2 * hard.sum(axis=1) >= metres.sum(axis=1)
    return np.where(forbidden, FIRST_HARD_CODE + np.argmax(hard, axis=1), 0).astype(np.int8)


def crossed_pairs(contacts: Contacts, code: Array, lines: Barriers) -> Array:
    """How a street gets across the hard barrier of each contact, into WAYS; int8 (m,).

    Those contacts that lie along the barrier where the street crosses it: one, or two where
    the street parts cells on both banks. Where none of at least a metre meets the street, the
    nearest. Where bridge and underpass both serve, the bridge counts.

    Args:
        contacts: contacts of cells or pieces.
        code: kind along every segment, int8 (s,).
        lines: the barriers, with the places where streets cross them.
    """
    way = np.zeros(len(contacts.pairs), dtype=np.int8)
    hard = np.flatnonzero(
        (code >= FIRST_HARD_CODE) & (contacts.length_m[contacts.segment_pair] >= LEAST_BORDER_M)
    )
    if len(lines.crossings) == 0 or len(hard) == 0:
        return way
    tree = shapely.STRtree(shapely.linestrings(contacts.segments[hard]))
    (place, _), gap_m = tree.query_nearest(
        lines.crossings, max_distance=BRIDGE_REACH_M, return_distance=True, all_matches=False
    )
    near, segment = tree.query(
        lines.crossings[place], predicate="dwithin", distance=gap_m + SAME_PLACE_M
    )
    pair = contacts.segment_pair[hard[segment]]
    found = lines.way[place[near]]
    for kind in range(len(WAYS) - 1, 0, -1):  # the earlier one wins
        way[pair[found == kind]] = kind
    return way


def judge(contacts: Contacts, along: Along, way: Array) -> Edges:
    """Drop contacts shorter than a metre, and tell which of the rest a hard barrier forbids.

    Cells are judged by the land they stand on. Only where they meet on no other does land
    count that one of them holds behind a hard barrier: as that barrier, unless a street leads
    there.

    Args:
        contacts: contacts of the cells.
        along: what lies along the segments of the contacts.
        way: of each contact, see ``crossed_pairs``.
    """
    pair, metre = contacts.segment_pair, contacts.segment_length_m
    count = len(contacts.pairs)
    # three kinds of border: on own land, on land that a street leads to, on land cut off
    own = (along.far == 0) & (along.led == 0)
    rank = np.where(own, 0, np.where(along.far == 0, 1, 2))
    sums = np.stack([np.bincount(pair[rank == r], metre[rank == r], count) for r in range(3)])
    best = np.argmax(sums >= LEAST_BORDER_M, axis=0)
    best = np.where((sums >= LEAST_BORDER_M).any(axis=0), best, np.argmax(sums, axis=0))
    code = np.where(rank == 2, np.maximum(along.code, along.far), along.code)
    code = np.where(rank == 1, np.maximum(code, along.over), code)
    metres = np.zeros((count, len(KINDS)))
    counted = rank == best[pair]
    np.add.at(metres, (pair[counted], code[counted]), metre[counted])
    hard = hard_code(metres)
    label = np.zeros(count, dtype=np.int64)
    for kind in range(1, len(KINDS)):  # the later kind wins
        label[2 * metres[:, kind] >= metres.sum(axis=1)] = kind
    # several hard kinds may make up the half together
    label = np.where((hard > 0) & (label < FIRST_HARD_CODE), hard, label)
    led = np.zeros(count, dtype=np.int8)
    np.maximum.at(led, pair[rank == 1], along.led[rank == 1].astype(np.int8))
    way = np.where((way == 0) & (best == 1), led, way)
    long = contacts.length_m >= LEAST_BORDER_M
    return Edges(
        contacts.pairs[long],
        contacts.length_m[long],
        np.array(KINDS, dtype=object)[label[long]],
        np.where(hard > 0, way, 0).astype(np.int8)[long],
        ((hard == 0) | (way > 0))[long],
    )
