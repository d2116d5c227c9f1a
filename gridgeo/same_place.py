"""Which buildings of two times stand at the same place: by their footprints, else as points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

Array = np.ndarray[Any, Any]

# Two drawings of one footprint share at least this much of the ground that both cover: a house
# of 10 m drawn 2 m off in both directions still shares 0.47.
LEAST_SHARE = 0.4
# Two pairs whose likeness differs by less are as likely as each other.
CLEAR = 0.1
# A footprint that lies so far within another is a part of it.
WITHIN_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Couples:
    """Buildings of now and of before that may be the same.

    ``now``, ``old``: int64 (p,), their rows; ``likeness``: float64 (p,), above 0 and at most 1.
    """

    now: Array
    old: Array
    likeness: Array


def couples_of(now: Array, old: Array, near_m: float) -> Couples:
    """Return every pair of shapes at about the same place, sorted.

    Footprints are alike by the share of the ground covered by both in that covered by either, from
    ``LEAST_SHARE`` on; a point is alike to a footprint or a point by 1 - distance / ``near_m``.

    Args:
        now: Points, Polygons and MultiPolygons in a metric CRS, object (n,); None for one
            without a place.
        old: the same, object (m,).
        near_m: two things that are not further apart may be the same, in metres.
    """
    tree = shapely.STRtree(old)
    areal_now, areal_old = (shapely.get_dimensions(shapes) == 2 for shapes in (now, old))
    a, b = tree.query(now, predicate="intersects")
    both = areal_now[a] & areal_old[b]
    a, b = a[both], b[both]
    shared_m2 = shapely.area(shapely.intersection(now[a], old[b]))
    covered_m2 = shapely.area(now[a]) + shapely.area(old[b]) - shared_m2
    share = shared_m2 / covered_m2
    like = share >= LEAST_SHARE
    c, d = tree.query(now, predicate="dwithin", distance=near_m)
    point = ~(areal_now[c] & areal_old[d])
    c, d = c[point], d[point]
    nearness = 1 - shapely.distance(now[c], old[d]) / near_m
    # at the very end of the reach there is no likeness left
    close = nearness > 0
    first, second = np.concatenate([a[like], c[close]]), np.concatenate([b[like], d[close]])
    likeness = np.concatenate([share[like], nearness[close]])
    order = np.lexsort((second, first))
    return Couples(first[order].astype(np.int64), second[order].astype(np.int64), likeness[order])


def likeliest(couples: Couples, n: int, m: int) -> Array:
    """Return the partner of every building of now, int64 (n,), -1 for none.

    Each has at most one, and the sum of their likeness is as large as it can be.
    """
    out = np.full(n, -1, dtype=np.int64)
    for mine in _groups(couples, n, m):
        now, row = np.unique(couples.now[mine], return_inverse=True)
        old, column = np.unique(couples.old[mine], return_inverse=True)
        if len(mine) == 1:
            out[now] = old
            continue
        partner = _best(row.ravel(), column.ravel(), couples.likeness[mine])
        out[now[partner >= 0]] = old[partner[partner >= 0]]
    return out


def _groups(couples: Couples, n: int, m: int) -> list[Array]:
    """Return the couples by groups that have no building in common: rows of ``couples``."""
    if not len(couples.now):
        return []
    ends = (couples.now, n + couples.old)
    graph = coo_array((np.ones(len(couples.now)), ends), shape=(n + m, n + m))
    _, group = connected_components(graph, directed=False)
    mine = group[couples.now]
    order = np.argsort(mine, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(mine[order])) + 1)


def _best(row: Array, column: Array, likeness: Array) -> Array:
    """Return the column of every row, int64, -1 for none, so that the likeness is greatest."""
    n, m = int(row.max()) + 1, int(column.max()) + 1
    # a column of their own lets every row go without a partner; weights of 0 would be no edges
    rows = np.concatenate([row, np.arange(n)])
    columns = np.concatenate([column, m + np.arange(n)])
    weights = np.concatenate([2 - likeness, np.full(n, 2.0)])
    graph = coo_array((weights, (rows, columns)), shape=(n, m + n)).tocsr()
    taken, partner = min_weight_full_bipartite_matching(graph)
    out = np.full(n, -1, dtype=np.int64)
    out[taken] = np.where(partner < m, partner, -1)
    return out


def unclear(couples: Couples, partner: Array, group: Array) -> Array:
    """Return which buildings of now may as well have been one of another group, bool (n,).

    ``partner``: as ``likeliest`` chose. ``group``: of every building of before, object (m,). A
    building is unclear where another partner, of another group, is as likely, and that one is
    free or its own building would do as well with the first.
    """
    n = len(partner)
    out = np.zeros(n, dtype=bool)
    like = dict(
        zip(
            zip(couples.now.tolist(), couples.old.tolist(), strict=True),
            couples.likeness.tolist(),
            strict=True,
        )
    )
    owner = {int(old): now for now, old in enumerate(partner.tolist()) if old >= 0}
    for (now, old), value in like.items():
        mine = int(partner[now])
        if mine in (-1, old) or group[mine] == group[old]:
            continue
        lost = like[now, mine] - value
        rival = owner.get(old)
        if rival is not None:
            lost += like[rival, old] - like.get((rival, mine), -np.inf)
        if lost < CLEAR:
            out[now] = True
    return out


def made_up(wholes: Array, pieces: Array) -> list[tuple[int, Array]]:
    """Return each shape that several others make up: its row, and theirs, int64 (p,).

    Footprints make one up where each lies in it, but for a fifth, and together they are as large;
    points wherever two or more lie in it.
    """
    piece, whole = shapely.STRtree(wholes).query(pieces, predicate="intersects")
    deep, wide = shapely.get_dimensions(pieces[piece]), shapely.get_dimensions(wholes[whole])
    keep = wide == 2
    piece, whole, deep = piece[keep], whole[keep], deep[keep]
    shared_m2 = shapely.area(shapely.intersection(pieces[piece], wholes[whole]))
    keep = (deep == 0) | (shared_m2 >= WITHIN_SHARE * shapely.area(pieces[piece]))
    piece, whole, deep, shared_m2 = piece[keep], whole[keep], deep[keep], shared_m2[keep]
    out = []
    order = np.lexsort((piece, whole))
    begin = np.flatnonzero(np.diff(whole[order], prepend=-1))
    for mine in np.split(order, begin[1:]):
        enough_m2 = WITHIN_SHARE * float(shapely.area(wholes[whole[mine[0]]])) if len(mine) else 0
        points = bool((deep[mine] == 0).all())
        if len(mine) > 1 and (points or shared_m2[mine].sum() >= enough_m2):
            out.append((int(whole[mine[0]]), piece[mine].astype(np.int64)))
    return out
