"""Which contacts one may cross: hard barriers forbid, bridges restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from .barriers import FIRST_HARD_CODE, KINDS
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
    """Contacts one may cross: ``pairs`` int64 (m, 2) sorted, ``border_m`` float64 (m,),
    ``barrier`` object (m,), the kind along at least half of the border or "".
    """

    pairs: Array
    border_m: Array
    barrier: Array


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


def bridged_pairs(contacts: Contacts, code: Array, crossings: Array) -> Array:
    """The contacts that a bridge links across a hard barrier; bool (m,).

    Those that lie along the barrier where the bridge crosses it: one, or two where the
    street on the bridge parts cells on both banks. Where none of at least a metre meets the
    bridge, the nearest.

    Args:
        contacts: contacts of cells or pieces.
        code: kind along every segment, int8 (s,).
        crossings: shapely Points.
    """
    bridged = np.zeros(len(contacts.pairs), dtype=bool)
    hard = np.flatnonzero(
        (code >= FIRST_HARD_CODE) & (contacts.length_m[contacts.segment_pair] >= LEAST_BORDER_M)
    )
    if len(crossings) == 0 or len(hard) == 0:
        return bridged
    tree = shapely.STRtree(shapely.linestrings(contacts.segments[hard]))
    (place, _), gap_m = tree.query_nearest(
        crossings, max_distance=BRIDGE_REACH_M, return_distance=True, all_matches=False
    )
    near_m = gap_m + SAME_PLACE_M
    _, segment = tree.query(crossings[place], predicate="dwithin", distance=near_m)
    bridged[contacts.segment_pair[hard[segment]]] = True
    return bridged


def passable(contacts: Contacts, code: Array, bridged: Array) -> Edges:
    """Drop contacts shorter than a metre and those a hard barrier forbids.

    Args:
        contacts: contacts of the cells.
        code: kind along every segment, int8 (s,); land reached across a hard barrier
            counts as that barrier.
        bridged: bool (m,), contacts that a bridge restores.
    """
    metres = kind_shares(contacts, code)
    kept = (contacts.length_m >= LEAST_BORDER_M) & ((hard_code(metres) == 0) | bridged)
    label = np.zeros(len(metres), dtype=np.int64)
    for kind in range(1, len(KINDS)):  # the later kind wins
        label[2 * metres[:, kind] >= contacts.length_m] = kind
    names = np.array(KINDS, dtype=object)
    return Edges(contacts.pairs[kept], contacts.length_m[kept], names[label[kept]])
