"""Which buildings of a grid are cut off from most of its households."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .errors import Finding
from .intake.telling import listed, warning
from .model import Plan
from .scorecard import contact_m, is_contact
from .wording import some

Array = np.ndarray[Any, Any]


def cut_off_rows(plan: Plan) -> dict[str, Array]:
    """Return for each grid in pieces the buildings outside of its largest, int64, ascending.

    The largest piece has most households, of equals most buildings, then the first id. Pieces hang
    together over a metre of border, or an edge made by hand.
    """
    n, land = len(plan.buildings), plan.territory
    _, of = np.unique(plan.grid_ids.astype(str), return_inverse=True)
    edges = land.edges[is_contact(contact_m(land)) | land.by_hand]
    inside = edges[of[edges[:, 0]] == of[edges[:, 1]]]
    graph = coo_array((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
    _, piece = connected_components(graph, directed=False)
    _, first, size = np.unique(piece, return_index=True, return_counts=True)
    mass = np.bincount(piece, plan.buildings.households)
    order = np.lexsort((first, -size, -mass, of[first]))
    # the first piece of each grid in this order is its largest
    largest: dict[int, int] = {}
    for one in order.tolist():
        largest.setdefault(int(of[first[one]]), one)
    apart = np.flatnonzero(piece != np.array([largest[grid] for grid in of.tolist()]))
    out: dict[str, Array] = {}
    for grid in sorted({str(grid) for grid in plan.grid_ids[apart]}):
        out[grid] = apart[plan.grid_ids[apart] == grid]
    return out


def told_in_pieces(plan: Plan) -> list[Finding]:
    """Tell every grid in pieces by name, with the buildings that are cut off."""
    apart = cut_off_rows(plan)
    if not apart:
        return []
    said = [
        f"{grid} ({some([str(name) for name in plan.buildings.ids[rows]])} cut off)"
        for grid, rows in apart.items()
    ]
    grids = "1 grid is" if len(apart) == 1 else f"{len(apart):,} grids are"
    message = f"{grids} in pieces: {listed(said)}"
    fix = "the grids are as they were imported; gridgeo redraw mends them"
    return [warning("import-in-pieces", message, fix, count=len(apart), first=next(iter(apart)))]
