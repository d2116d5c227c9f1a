"""Buildings without a grid to the grid that they share most border with."""

from __future__ import annotations

from typing import Any

import numpy as np

from .ground import Territory

Array = np.ndarray[Any, Any]


def grids_beside(grid_ids: Array, territory: Territory, communities: Array) -> Array:
    """Return the grid of every building, filled in from their neighbours; object (n,) of text.

    ``grid_ids``: object (n,) of text, "" for none. Each building without a grid goes to the one of
    its community that it shares most metres of border with, of equals to the first id; then those
    that only touched such, and so on. What touches nothing stays "".
    """
    filled = grid_ids.copy()
    lives = communities[territory.edges].reshape(-1, 2)
    same = lives[:, 0] == lives[:, 1]
    ends, border_m = territory.edges[same], territory.border_m[same]
    beside: dict[int, list[tuple[int, float]]] = {}
    for (a, b), metres in zip(ends.tolist(), border_m.tolist(), strict=True):
        for here, there in ((a, b), (b, a)):
            if not grid_ids[here]:
                beside.setdefault(here, []).append((there, metres))
    left = sorted(beside)
    while left:
        decided: dict[int, str] = {}
        for row in left:
            shared_m: dict[str, float] = {}
            for there, metres in beside[row]:
                if filled[there]:
                    grid = str(filled[there])
                    shared_m[grid] = shared_m.get(grid, 0.0) + metres
            if shared_m:
                decided[row] = min(shared_m, key=lambda grid: (-shared_m[grid], grid))
        if not decided:
            break
        # all at once: a round sees only what stood before it
        for row, grid in decided.items():
            filled[row] = grid
        left = [row for row in left if row not in decided]
    return filled
