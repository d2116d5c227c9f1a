"""Compiled: the centres that the bound of ``discs.py`` needs, and the nodes each may reach."""

from __future__ import annotations

import numpy as np
from numba import njit

from .disc_kernels import SURE, may_take


@njit(cache=True)
def in_reach(at, floor, top, places, dues):
    """Return per centre the squares with a node that some multipliers above ``floor`` may take.

    Centres come sorted by y, then x, in rows of equal y. First the pairs are counted, then filled.
    """
    m, squares = len(at), len(top)
    w = floor.shape[1]
    rows = np.flatnonzero(np.append(True, at[1:, 1] != at[:-1, 1]))
    row_y = at[rows, 1]
    rows = np.append(rows, m)
    deepest = np.zeros(w)
    for k in range(w):
        deepest[k] = min(0.0, floor[:, k].min())
    start = np.zeros(m + 1, np.int64)
    place = np.zeros(m, np.int64)
    out = np.empty(0, np.int64)
    for fill in (False, True):
        if fill:
            start[1:] = np.cumsum(start[1:])
            place[:] = start[:-1]
            out = np.empty(start[m], np.int64)
        for b in range(squares):
            far = top[b]
            for k in range(w):
                far -= deepest[k] * places.ratio[b, 1, k]
            if far <= 0:
                continue
            reach = np.sqrt(far / dues.square_m) * (1 + SURE)
            first = np.searchsorted(row_y, places.box[b, 2] - reach)
            for r in range(first, np.searchsorted(row_y, places.box[b, 3] + reach)):
                row_x = at[rows[r] : rows[r + 1], 0]
                left = rows[r] + np.searchsorted(row_x, places.box[b, 0] - reach)
                for v in range(left, rows[r] + np.searchsorted(row_x, places.box[b, 1] + reach)):
                    if may_take(b, at[v, 0], at[v, 1], floor[v], top, places, dues):
                        if fill:
                            out[place[v]] = b
                            place[v] += 1
                        else:
                            start[v + 1] += 1
    return start, out


@njit(cache=True)
def corners(box, reach, low, side, shape):
    """Return which corners of a triangular raster are within reach of a box, as flags by row.

    Corner (r, c) is at ``low`` + side x (c + r / 2 for odd r, r sqrt(3) / 2).
    """
    height = np.sqrt(0.75) * side
    out = np.zeros(shape, np.bool_)
    for b in range(len(box)):
        far = reach[b] * (1 + SURE)
        first = max(0, int(np.ceil((box[b, 2] - far - low[1]) / height)))
        last = min(shape[0] - 1, int(np.floor((box[b, 3] + far - low[1]) / height)))
        for r in range(first, last + 1):
            y = low[1] + r * height
            dy = max(box[b, 2] - y, y - box[b, 3], 0.0)
            wide = np.sqrt(max(0.0, far * far - dy * dy))
            x = low[0] + 0.5 * side * (r % 2)
            left = max(0, int(np.ceil((box[b, 0] - wide - x) / side)))
            right = min(shape[1] - 1, int(np.floor((box[b, 1] + wide - x) / side)))
            out[r, left : right + 1] = True
    return out
