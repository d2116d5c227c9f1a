"""What the solvers can prove of one community, and which buildings it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class RuledOut:
    """Certificates, and the buildings that their nodes stand for.

    ``certificates``: a ``solvers.Certificates``. ``rows``: int64 (r,), the rows of the community's
    buildings; ``node``: int64 (r,), the node that each stands for. ``proved``: it is proved, by
    them or by the search, that no plan keeps the bands. ``kept``: what shares a node, in words.
    """

    certificates: Any
    rows: Array
    node: Array
    proved: bool
    kept: str = "compounds"

    def rows_of(self, nodes: Iterable[int]) -> Array:
        """Return the rows of the buildings of some nodes."""
        wanted = np.zeros(int(self.node.max()) + 1, np.bool_)
        wanted[list(nodes)] = True
        return np.asarray(self.rows[wanted[self.node]])

    @property
    def dead_rows(self) -> Array:
        """The rows of the buildings that fit in no grid within the bands."""
        return self.rows_of(dead.node for dead in self.certificates.dead)

    @property
    def without_number(self) -> Array:
        """Where no number of grids fits a part, the buildings of that part, else 0; int64 (r,)."""
        held = np.bincount(self.node)
        out = np.zeros(len(held), np.int64)
        for piece in self.certificates.pieces:
            if not piece.fits:
                out[piece.nodes] = held[piece.nodes].sum()
        return np.asarray(out[self.node])

    @property
    def kept_whole(self) -> bool:
        """Whether some buildings had to share a grid."""
        return len(np.unique(self.node)) < len(self.node)
