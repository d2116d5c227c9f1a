"""A problem in parts: every part a problem of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .problem import BoolArray, IntArray, Problem


def parts(problem: Problem, label: IntArray) -> Iterator[tuple[IntArray, Problem]]:
    """Yield the nodes of every label 0..g-1, ascending, and their problem, renumbered in order.

    Edges and locks between parts are left out.
    """
    if not label.any():
        yield np.arange(problem.n), problem
        return
    order, first = _sorted_by(label, label)
    position = np.empty(problem.n, np.int64)
    position[order] = np.arange(problem.n) - first[label[order]]
    all_pairs = {"edges": problem.edges, "together": problem.together, "apart": problem.apart}
    inside = {}
    for name, ends in all_pairs.items():
        within = np.flatnonzero(label[ends[:, 0]] == label[ends[:, 1]])
        rows, start = _sorted_by(label[ends[within, 0]], label)
        inside[name] = within[rows], start
    for p in range(len(first) - 1):
        nodes = order[first[p] : first[p + 1]]
        rows_of = {name: which[start[p] : start[p + 1]] for name, (which, start) in inside.items()}
        part = replace(
            problem,
            weights=problem.weights[nodes],
            bands=problem.bands.copy(),
            xy=problem.xy[nodes],
            edges=position[problem.edges[rows_of["edges"]]],
            border_m=None if problem.border_m is None else problem.border_m[rows_of["edges"]],
            quarter=None if problem.quarter is None else problem.quarter[nodes],
            old=None if problem.old is None else problem.old[nodes],
            owned=_owned(problem.owned, label == p, position),
            pinned=None if problem.pinned is None else problem.pinned[nodes],
            together=position[problem.together[rows_of["together"]]],
            apart=position[problem.apart[rows_of["apart"]]],
        )
        yield nodes, part


def _owned(owned: IntArray | None, kept: BoolArray, position: IntArray) -> IntArray | None:
    """Return the shares of old groups of the nodes ``kept``, by their new numbers."""
    if owned is None:
        return None
    mine = owned[kept[owned[:, 0]]]
    mine = np.column_stack([position[mine[:, 0]], mine[:, 1:]])
    return mine[np.lexsort((mine[:, 1], mine[:, 0]))]


def _sorted_by(key: IntArray, label: IntArray) -> tuple[IntArray, IntArray]:
    """Return the stable order of ``key``, and where each of the labels begins and ends in it."""
    order = np.argsort(key, kind="stable")
    return order, np.searchsorted(key[order], np.arange(int(label.max()) + 2))


def side_by_side(problem: Problem) -> tuple[IntArray, Problem]:
    """Return nodes in an order in which neighbours stand near one another, and their problem.

    In strips from west to east: what is near on the ground is then near in memory.
    """
    n = problem.n
    rank = np.empty(n, np.int64)
    rank[np.argsort(problem.xy[:, 0], kind="stable")] = np.arange(n)
    order = np.lexsort((problem.xy[:, 1], rank // max(1, int(4 * n**0.5))))
    position = np.empty(n, np.int64)
    position[order] = np.arange(n)
    return order, replace(
        problem,
        weights=problem.weights[order],
        bands=problem.bands.copy(),
        xy=problem.xy[order],
        edges=np.sort(position[problem.edges], axis=1),
        quarter=None if problem.quarter is None else problem.quarter[order],
        old=None if problem.old is None else problem.old[order],
        owned=_owned(problem.owned, np.ones(n, np.bool_), position),
        pinned=None if problem.pinned is None else problem.pinned[order],
        together=np.sort(position[problem.together], axis=1),
        apart=np.sort(position[problem.apart], axis=1),
    )
