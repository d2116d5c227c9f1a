"""An earlier plan's grids as a start for a new one: the same buildings, by their ids."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import Finding, InputError
from .intake.telling import Rows, error
from .model import Buildings, Plan
from .same_id import rows_of_ids

Array = np.ndarray[Any, Any]


def start_labels(buildings: Buildings, earlier: Plan) -> tuple[Array, list[Finding]]:
    """Return the earlier grid of every building as a number, int64 (n,), -1 where it had none.

    Buildings that only one of the two has are left out and told.

    Raises:
        InputError: the two have no building in common.
    """
    rows = rows_of_ids(buildings.ids, earlier.buildings.ids)
    there = rows >= 0
    if not there.any():
        message = "--start: none of its buildings is here, to judge by their ids"
        raise InputError([error("start-foreign", message, "name a plan of these buildings")])
    labels = np.full(len(rows), -1, np.int64)
    labels[there] = np.unique(earlier.grid_ids[rows[there]], return_inverse=True)[1]
    told = []
    if not there.all():
        mine = Rows(buildings.ids, "building", "buildings")
        what = ("is not in the plan to start from", "are not in the plan to start from")
        told.append(mine.warning("start-without-building", ~there, what, ""))
    gone = rows_of_ids(earlier.buildings.ids, buildings.ids) < 0
    if gone.any():
        theirs = Rows(earlier.buildings.ids, "building", "buildings", "the plan to start from: ")
        what = ("is no longer there", "are no longer there")
        told.append(theirs.warning("start-building-gone", gone, what, ""))
    return labels, told


def heaviest_of(labels: Array, cluster: Array, households: Array) -> Array:
    """Return the label that most households of every cluster have, int64 (c,), -1 for none.

    All (n,): ``labels`` -1 for none, ``cluster`` from 0. Of equals the lowest label wins.
    """
    held = np.flatnonzero(labels >= 0)
    pairs, which = np.unique(
        np.column_stack([cluster[held], labels[held]]).reshape(-1, 2), axis=0, return_inverse=True
    )
    mass = np.bincount(which.ravel(), households[held], len(pairs))
    order = np.lexsort((pairs[:, 1], -mass, pairs[:, 0]))
    clusters, first = np.unique(pairs[order, 0], return_index=True)
    out = np.full(int(cluster.max()) + 1, -1, np.int64)
    out[clusters] = pairs[order[first], 1]
    return out
