"""The ground of the buildings: seamless cells, and which of them touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .errors import Findings

# How the reason of an edge begins that was added or removed by hand.
BY_HAND = "by hand: "
# The reason of an edge between parts of a building that was split.
ONE_BUILDING = "parts of one building"


@dataclass(frozen=True, eq=False)
class Forbidden:
    """Contacts one may not cross: cells that share at least a metre of border, or did.

    ``pairs``: int64 (k, 2), ``i < j``, sorted. ``border_m``: float64 (k,). ``barrier``: object
    (k,), the kind between them, "" where there is none. ``reason``: object (k,) of text, "no
    crossing" where a hard barrier forbids, or "by hand: ..." and who said why.
    """

    pairs: np.ndarray[Any, Any]
    border_m: np.ndarray[Any, Any]
    barrier: np.ndarray[Any, Any]
    reason: np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Territory:
    """Seamless cells, one per building, and which of them touch.

    ``cells``: shapely Polygons, object array, shape (n,), a valid coverage; cell *i* belongs
    to building row *i*. ``edges``: int64 (m, 2), ``i < j``, sorted; contacts one may cross,
    of at least a metre but for those added by hand. ``border_m``: float64 (m,), shared border
    in metres. ``barrier``: object (m,), kind of barrier that lies along at least half of the
    contact ("street", ...) or "". ``area``: the whole territory. All in the metric CRS of the
    buildings. ``reason``: object (m,) of text, why one may cross: "shared border", "bridge",
    "underpass", "parts of one building", or "by hand: ..." and the reason given; None where
    nothing is known of it. ``forbidden``: contacts one may not cross; None where nothing is
    known of them.
    """

    cells: np.ndarray[Any, Any]
    edges: np.ndarray[Any, Any]
    border_m: np.ndarray[Any, Any]
    barrier: np.ndarray[Any, Any]
    area: Any
    findings: Findings | None = None
    reason: np.ndarray[Any, Any] | None = None
    forbidden: Forbidden | None = None

    @property
    def by_hand(self) -> np.ndarray[Any, Any]:
        """Which edges were added by hand, bool (m,): they need no shared border."""
        if self.reason is None:
            return np.zeros(len(self.edges), np.bool_)
        return np.array([str(said).startswith(BY_HAND) for said in self.reason], np.bool_)
