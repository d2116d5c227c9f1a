"""Tie the ends of barrier lines to the line or border they were meant to meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from .barriers import Barriers
from .contacts import line_segments

Array = np.ndarray[Any, Any]

# A line that stops this near to another was meant to meet it: clipped, or drawn by hand.
GAP_M = 0.5
# Ties reach this far beyond what they meet, since a place on a line lies beside it by rounding.
BEYOND_M = 0.01
ON_LINE_M = 1e-6


def tie_ends(barriers: Barriers, areas: Array) -> Barriers:
    """Add a short line wherever one ends beside another line or beside the border.

    Without it a river that was clipped to the boundary ends a hair beside it and cuts nothing.

    Args:
        barriers: the lines.
        areas: Polygons or MultiPolygons whose rims count as lines, object array.
    """
    rims = shapely.get_rings(shapely.get_parts(areas))
    everything = np.concatenate([barriers.lines, rims])
    ends, line = _free_ends(everything, len(barriers.lines))
    pieces, owner = line_segments(everything)
    end, piece = shapely.STRtree(shapely.linestrings(pieces)).query(
        shapely.points(ends), predicate="dwithin", distance=GAP_M
    )
    other = owner[piece] != line[end]
    end, piece = end[other], piece[other]
    foot, gap_m = _foot(ends[end], pieces[piece])
    order = np.lexsort((piece, gap_m, end))
    end, first = np.unique(end[order], return_index=True)
    nearest = order[first]
    ties = _ties(ends[end], foot[nearest], pieces[piece[nearest]])
    return replace(
        barriers,
        lines=np.concatenate([barriers.lines, ties]),
        code=np.concatenate([barriers.code, barriers.code[line[end]]]),
    )


def _free_ends(lines: Array, count: int) -> tuple[Array, Array]:
    """Ends of the first ``count`` lines at which no other line has a vertex; and their line."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    place = np.unique((xy + 0.0).view(np.complex128).reshape(-1), return_inverse=True)[1]
    # how many lines meet at each place
    pairs = np.unique(place.astype(np.int64) * len(lines) + line)
    meeting = np.bincount(pairs // len(lines), minlength=int(place.max(initial=0)) + 1)
    new = np.r_[True, line[1:] != line[:-1]]
    first, last = np.flatnonzero(new), np.flatnonzero(np.r_[new[1:], True])
    open_ = (place[first] != place[last]) & (line[first] < count)
    at = np.concatenate([first[open_], last[open_]])
    at = np.sort(at[meeting[place[at]] == 1])
    return xy[at], line[at]


def _foot(places: Array, pieces: Array) -> tuple[Array, Array]:
    """The nearest place on each two-point piece, and how far it is in metres."""
    run = pieces[:, 1] - pieces[:, 0]
    share = ((places - pieces[:, 0]) * run).sum(axis=1) / (run**2).sum(axis=1)
    share = np.clip(share, 0.0, 1.0)[:, None]
    foot = pieces[:, 0] + share * run
    # exactly the corner, where that is nearest
    foot = np.where(share == 1.0, pieces[:, 1], foot)
    return foot, np.hypot(*(places - foot).T)


def _ties(places: Array, foot: Array, pieces: Array) -> Array:
    """A line from each place over the piece it is to meet."""
    run = pieces[:, 1] - pieces[:, 0]
    across = np.column_stack([-run[:, 1], run[:, 0]]) / np.hypot(*run.T)[:, None]
    toward = foot - places
    gap_m = np.hypot(*toward.T)[:, None]
    corner = (foot == pieces[:, 0]).all(axis=1) | (foot == pieces[:, 1]).all(axis=1)
    away = np.where(gap_m > ON_LINE_M, toward / np.maximum(gap_m, ON_LINE_M), across)
    beyond = np.where(corner[:, None], foot, foot + BEYOND_M * away)
    before = np.where(gap_m > ON_LINE_M, places, places - BEYOND_M * away)
    ties = np.stack([before, places, beyond], axis=1)
    return np.asarray(shapely.remove_repeated_points(shapely.linestrings(ties)), dtype=object)
