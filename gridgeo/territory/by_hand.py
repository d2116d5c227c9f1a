"""Edges added and removed by hand, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..edge_edits import ADD, edit_faults, names_of_edits, told
from ..errors import InputError
from ..ground import BY_HAND, Forbidden, Territory

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Buildings

Array = np.ndarray[Any, Any]


def edit_edges(territory: Territory, buildings: Buildings, edits: pd.DataFrame) -> Territory:
    """Add and remove edges as asked; what is removed stands among the forbidden contacts.

    Args:
        territory: with reasons and forbidden contacts.
        buildings: the buildings.
        edits: one row an edge: ``a`` and ``b``, ids of buildings, ``action``, "add" or
            "remove", and ``reason``.

    Raises:
        InputError: every row that cannot be done, by its kind.
    """
    faults = edit_faults(edits, buildings.ids)
    if faults:
        raise InputError(faults)
    assert territory.reason is not None
    assert territory.forbidden is not None
    pairs = _pairs(buildings, edits)
    add = np.asarray(edits["action"] == ADD, dtype=bool)
    reason = np.array([BY_HAND + str(text).strip() for text in edits["reason"]], dtype=object)
    n, shut = len(buildings), territory.forbidden
    here, there = _where(pairs, territory.edges, n), _where(pairs, shut.pairs, n)
    names = buildings.communities
    abroad = add & (names[pairs[:, 0]] != names[pairs[:, 1]])
    checks = (
        (
            add & (here >= 0), "edge-exists", "add an edge that is there already",
            "Take them out; the layer edges of gridgeo territory shows which there are",
        ),
        (
            ~add & (here < 0), "edge-missing", "remove an edge that is not there",
            "Take them out; the layer edges of gridgeo territory shows which there are",
        ),
        (
            abroad, "edge-across-communities", "join buildings of two communities",
            "Take them out: no grid reaches from one community into another",
        ),
    )  # fmt: skip
    faults = [told(names_of_edits(edits), *check) for check in checks if check[0].any()]
    if faults:
        raise InputError(faults)
    gone, opened = here[~add], there[add & (there >= 0)]
    new_m, new_kind = np.zeros(len(pairs)), np.full(len(pairs), "", dtype=object)
    new_m[there >= 0], new_kind[there >= 0] = (
        shut.border_m[there[there >= 0]], shut.barrier[there[there >= 0]],
    )  # fmt: skip
    new_m[~add], new_kind[~add] = territory.border_m[gone], territory.barrier[gone]
    kept = np.delete(np.arange(len(territory.edges)), gone)
    still = np.delete(np.arange(len(shut.pairs)), opened)
    edges = _sorted(
        (territory.edges[kept], pairs[add]), (territory.border_m[kept], new_m[add]),
        (territory.barrier[kept], new_kind[add]), (territory.reason[kept], reason[add]),
    )  # fmt: skip
    forbidden = _sorted(
        (shut.pairs[still], pairs[~add]), (shut.border_m[still], new_m[~add]),
        (shut.barrier[still], new_kind[~add]), (shut.reason[still], reason[~add]),
    )  # fmt: skip
    return replace(
        territory,
        edges=edges.pairs,
        border_m=edges.border_m,
        barrier=edges.barrier,
        reason=edges.reason,
        forbidden=forbidden,
    )


def _pairs(buildings: Buildings, edits: pd.DataFrame) -> Array:
    """Rows of the buildings of every edit, the smaller first; int64 (k, 2)."""
    row_of = {name: row for row, name in enumerate(buildings.ids.tolist())}
    ends = [[row_of[str(name).strip()] for name in edits[side]] for side in ("a", "b")]
    return np.sort(np.array(ends, dtype=np.int64).T.reshape(-1, 2), axis=1)


def _where(pairs: Array, known: Array, n: int) -> Array:
    """The row of each pair among sorted known ones, -1 where it is not there; int64 (k,)."""
    keys, asked = known[:, 0] * n + known[:, 1], pairs[:, 0] * n + pairs[:, 1]
    at = np.searchsorted(keys, asked)
    found = at < len(keys)
    found[found] = keys[at[found]] == asked[found]
    return np.where(found, at, -1)


def _sorted(pairs: Any, border_m: Any, barrier: Any, reason: Any) -> Forbidden:
    """Put two lists of contacts into one, sorted by pair."""
    ends = np.concatenate(pairs).astype(np.int64).reshape(-1, 2)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    rest = (np.concatenate(column)[order] for column in (border_m, barrier, reason))
    return Forbidden(ends[order], *rest)
