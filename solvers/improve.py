"""Large-neighbourhood search: re-cover a region of at most 63 nodes exactly, again and again.

The sub-problem, an exact cover of least reduced cost, is solved by depth-first search on bit
masks: always branch on the first uncovered node, cheapest column first. Reduced costs are not
negative and differ from true values by a constant over a region, so a partial cover that has
spent as much as the present one can be given up.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .columns import Columns
from .graphs import Adjacency
from .problem import Budget, FloatArray, IntArray

REGION = 60  # nodes of a region at most; 63 bits is the mask
LEAST_REGION = 20
SEARCH_NODES = 100_000  # of one depth-first search
CHEAPEST = 400  # columns of a root that a search may use: dear ones are hardly ever right
BATCH = 100  # rounds between two looks at the budget


@njit(cache=True)
def _re_cover(
    mask, reduced, violation, extra, first, size, most_reduced, most_violation, most_extra, chosen,
):  # fmt: skip
    """Return how many columns the best cover below ``most_reduced`` has, 0 for none.

    Columns whose lowest bit is b stand at ``first[b]:first[b + 1]``, cheapest first.
    """
    full = np.uint64((1 << size) - 1)
    at = np.empty(size + 1, np.int64)
    low = np.empty(size + 1, np.int64)
    spent = np.zeros(size + 1)
    broken = np.zeros(size + 1, np.int64)
    taken = np.zeros(size + 1, np.int64)
    covered = np.zeros(size + 1, np.uint64)
    level = 0
    low[0] = 0
    at[0] = first[0]
    best = most_reduced
    count = 0
    visits = 0
    while level >= 0:
        c = at[level]
        if c >= first[low[level] + 1] or spent[level] + reduced[c] >= best:
            level -= 1
            if level >= 0:
                at[level] += 1
            continue
        if (mask[c] & covered[level]) or broken[level] + violation[c] > most_violation:
            at[level] += 1
            continue
        if taken[level] + extra[c] > most_extra:
            at[level] += 1
            continue
        visits += 1
        if visits > SEARCH_NODES:
            break
        now = covered[level] | mask[c]
        if now == full:
            best = spent[level] + reduced[c]
            count = level + 1
            for i in range(count):
                chosen[i] = at[i]
            at[level] += 1
            continue
        b = low[level] + 1
        while (now >> np.uint64(b)) & np.uint64(1):
            b += 1
        spent[level + 1] = spent[level] + reduced[c]
        broken[level + 1] = broken[level] + violation[c]
        taken[level + 1] = taken[level] + extra[c]
        covered[level + 1] = now
        level += 1
        low[level] = b
        at[level] = first[b]
    return count


@njit(cache=True)
def _region(
    seed_node, limit, label, size_of, near, next_to, start, member, column_of, rng,
):  # fmt: skip
    """Return groups around a node, nearest ring first in random order, of ``limit`` nodes."""
    seen = {label[seed_node]}
    groups = [label[seed_node]]
    nodes = size_of[label[seed_node]]
    head = 0
    while head < len(groups):
        ring = [np.int64(0) for _ in range(0)]
        j = column_of[groups[head]]
        head += 1
        for e in range(start[j], start[j + 1]):
            a = member[e]
            for f in range(near[a], near[a + 1]):
                g = label[next_to[f]]
                if g not in seen:
                    seen.add(g)
                    ring.append(g)
        order = np.arange(len(ring))
        rng.shuffle(order)
        for q in order:
            if nodes + size_of[ring[q]] <= limit:
                nodes += size_of[ring[q]]
                groups.append(ring[q])
    return groups


@njit(cache=True)
def _rounds(
    start, member, violation, extra, room, reduced, by_root, root_at, near, next_to, xy, label,
    column_of, size_of, rounds, rng,
):  # fmt: skip
    """Run so many rounds on ``label``, ``column_of``, ``size_of`` and ``room`` in place.

    Returns the last round that improved, -1 for none.
    """
    n = len(label)
    bit = np.full(n, -1, np.int64)
    chosen = np.empty(64, np.int64)
    last = -1
    for r in range(rounds):
        limit = rng.integers(LEAST_REGION, REGION + 1)
        groups = _region(
            rng.integers(0, n), limit, label, size_of, near, next_to, start, member, column_of, rng
        )
        count = 0
        spent = 0.0
        broken = 0
        used = 0
        for g in groups:
            j = column_of[g]
            count += size_of[g]
            spent += reduced[j]
            broken += violation[j]
            used += extra[j]
        if count > 63 or spent <= 1e-9:
            continue
        nodes = np.empty(count, np.int64)
        along = np.empty(count)
        angle = rng.random() * 2 * np.pi
        at = 0
        for g in groups:
            j = column_of[g]
            for e in range(start[j], start[j + 1]):
                nodes[at] = member[e]
                along[at] = np.cos(angle) * xy[member[e], 0] + np.sin(angle) * xy[member[e], 1]
                at += 1
        nodes = nodes[np.argsort(along, kind="mergesort")]
        for i in range(count):
            bit[nodes[i]] = i
        column = [np.int64(0) for _ in range(0)]
        masks = [np.uint64(0) for _ in range(0)]
        lowest = [np.int64(0) for _ in range(0)]
        for i in range(count):
            root = nodes[i]
            for e in range(root_at[root], root_at[root + 1]):
                j = by_root[e]
                if reduced[j] >= spent or e - root_at[root] >= CHEAPEST:
                    break
                if violation[j] > broken or extra[j] > used + room[0]:
                    continue
                mask = np.uint64(0)
                low = np.int64(64)
                for f in range(start[j], start[j + 1]):
                    b = bit[member[f]]
                    if b < 0:
                        low = np.int64(-1)
                        break
                    mask |= np.uint64(1) << np.uint64(b)
                    low = min(low, b)
                if low >= 0:
                    column.append(j)
                    masks.append(mask)
                    lowest.append(low)
        k = len(column)
        price = np.empty(k)
        for i in range(k):
            price[i] = reduced[column[i]]
        cheap = np.argsort(price, kind="mergesort")
        first = np.zeros(count + 1, np.int64)
        for i in range(k):
            first[lowest[i] + 1] += 1
        first = np.cumsum(first)
        fill = first[:-1].copy()
        c_mask = np.empty(k, np.uint64)
        c_reduced = np.empty(k)
        c_violation = np.empty(k, np.int64)
        c_extra = np.empty(k, np.int64)
        c_column = np.empty(k, np.int64)
        for i in cheap:
            at = fill[lowest[i]]
            fill[lowest[i]] += 1
            c_mask[at] = masks[i]
            c_reduced[at] = price[i]
            c_violation[at] = violation[column[i]]
            c_extra[at] = extra[column[i]]
            c_column[at] = column[i]
        found = _re_cover(
            c_mask, c_reduced, c_violation, c_extra, first, count, spent - 1e-9, broken,
            used + room[0], chosen,
        )  # fmt: skip
        if found:
            last = r
            room[0] += used
            spare = [np.int64(0) for _ in range(0)]
            for g in groups:
                spare.append(g)
                size_of[g] = 0
            while len(spare) < found:  # more groups than before: open new numbers
                spare.append(_free_number(size_of, spare))
            for i in range(found):
                g = spare[i]
                j = c_column[chosen[i]]
                room[0] -= extra[j]
                column_of[g] = j
                size_of[g] = start[j + 1] - start[j]
                for e in range(start[j], start[j + 1]):
                    label[member[e]] = g
        for i in range(count):
            bit[nodes[i]] = -1
    return last


@njit(cache=True)
def _free_number(size_of, taken):  # fmt: skip
    """Return a group number that is in no use."""
    for g in range(len(size_of)):
        if size_of[g] == 0:
            busy = False
            for t in taken:
                if t == g:
                    busy = True
                    break
            if not busy:
                return g
    return -1


def improve(
    pool: Columns,
    reduced: FloatArray,
    chosen: IntArray,
    *,
    graph: Adjacency,
    xy: FloatArray,
    budget: Budget,
    patience: int,
    seed: int,
    most_moved: int | None = None,
) -> IntArray:
    """Return an exact cover no worse than ``chosen`` in violation and in value.

    Of a redraw it moves no more either, or with ``most_moved`` at most so many.

    ``reduced``: reduced costs under LP duals of the value to be lowered. Stops after
    ``patience`` rounds without improvement; the result depends on ``seed``, not on the clock,
    unless the budget strikes.
    """
    n = len(xy)
    roots = pool.member[pool.start[:-1]]
    reduced = np.maximum(reduced, 0.0)
    by_root = np.lexsort((reduced, roots))  # of a root, cheapest first
    root_at = np.searchsorted(roots[by_root], np.arange(n + 1))
    label = pool.labels(chosen, n)
    column_of = np.zeros(n, np.int64)
    column_of[: len(chosen)] = chosen
    size_of = np.bincount(label, minlength=n).astype(np.int64)
    rng = np.random.default_rng(seed)
    rank, extra, room = pool.rank(), np.zeros(len(pool), np.int64), np.zeros(1, np.int64)
    if most_moved is not None and pool.moved is not None:
        rank, extra = pool.violation, pool.moved
        room[0] = max(0, most_moved - int(extra[chosen].sum()))
    idle = 0
    while idle < patience and not budget.over():
        last = _rounds(
            pool.start, pool.member, rank, extra, room, reduced, by_root, root_at, graph.start,
            graph.neighbour, xy, label, column_of, size_of, BATCH, rng,
        )  # fmt: skip
        idle = idle + BATCH if last < 0 else BATCH - 1 - last
    return np.sort(column_of[size_of > 0])
