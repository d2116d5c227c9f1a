"""Which polygons of an exact coverage share a border, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]

# Odd 64-bit constants (the fractional bits of square roots of primes) that mix the four
# coordinates of a segment into one key.
_MIX = np.array(
    [0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1],
    dtype=np.uint64,
)


@dataclass(frozen=True, eq=False)
class Contacts:
    """Shared borders of a coverage.

    ``pairs``: int64 (m, 2), ``i < j``, sorted; ``length_m``: float64 (m,), more than zero.
    ``segments``: float64 (s, 2, 2), the two ends of every shared straight piece, and
    ``segment_pair``: int64 (s,), the row of ``pairs`` it belongs to, ascending.
    """

    pairs: Array
    length_m: Array
    segments: Array
    segment_pair: Array

    @property
    def segment_length_m(self) -> Array:
        """Length of every shared straight piece, float64, shape (s,)."""
        return segment_lengths(self.segments)


def coverage_contacts(polygons: Array) -> Contacts:
    """Find who touches whom along a border, without a single intersection.

    In an exact coverage two neighbours hold the same border vertices, so a segment that
    occurs in two polygons is their shared border. Touching at a point is no contact.

    Args:
        polygons: shapely Polygons or MultiPolygons of a valid coverage in a metric CRS,
            object array, shape (n,).

    Returns:
        The contacts; pairs are row numbers of ``polygons``.
    """
    segments, owner = _ring_segments(np.asarray(polygons, dtype=object))
    first, second = equal_rows(segments)
    low = np.minimum(owner[first], owner[second])
    high = np.maximum(owner[first], owner[second])
    apart = low != high
    low, high, segments = low[apart], high[apart], segments[first[apart]]
    # the last keys make the order of the segments, and so of every sum, independent of rings
    order = np.lexsort((*segments.reshape(-1, 4).T, high, low))
    low, high, segments = low[order], high[order], segments[order]
    return group_contacts(low, high, segments)


def group_contacts(low: Array, high: Array, segments: Array) -> Contacts:
    """Gather segments by the pair they lie between.

    Args:
        low: int64 (s,), the smaller polygon of every segment.
        high: int64 (s,), the larger one.
        segments: float64 (s, 2, 2), their ends in metres.
    """
    order = np.lexsort((high, low))
    low, high, segments = low[order], high[order], segments[order]
    new = np.ones(len(low), dtype=bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    segment_pair = np.cumsum(new) - 1
    pairs = np.stack([low[new], high[new]], axis=1).astype(np.int64).reshape(-1, 2)
    length_m = np.bincount(
        segment_pair, weights=segment_lengths(segments), minlength=len(pairs)
    ).astype(np.float64)
    return Contacts(pairs, length_m, segments, segment_pair.astype(np.int64))


def segment_lengths(segments: Array) -> Array:
    """Length in metres of straight pieces given as float64 (s, 2, 2)."""
    ends = segments[:, 1] - segments[:, 0]
    return np.asarray(np.hypot(ends[:, 0], ends[:, 1]), dtype=np.float64)


def line_segments(lines: Array) -> tuple[Array, Array]:
    """Take lines or rings apart: ends float64 (s, 2, 2) and the line each comes from, (s,)."""
    xy, line = shapely.get_coordinates(np.asarray(lines, dtype=object), return_index=True)
    along = line[1:] == line[:-1]
    segments = np.stack([xy[:-1][along], xy[1:][along]], axis=1)
    long = (segments[:, 0] != segments[:, 1]).any(axis=1)
    return segments[long], line[:-1][along][long]


def _ring_segments(polygons: Array) -> tuple[Array, Array]:
    """Every ring segment, its smaller end first, and the polygon it bounds."""
    rings, ring_owner = shapely.get_rings(polygons, return_index=True)
    segments, ring = line_segments(rings)
    return one_way(segments), np.asarray(ring_owner, dtype=np.int64)[ring]


def one_way(segments: Array) -> Array:
    """Turn segments (s, 2, 2) so that their smaller end comes first, by x and then by y."""
    segments = segments + 0.0  # -0.0 and 0.0 are one place
    start, end = segments[:, 0], segments[:, 1]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    segments[swap] = segments[swap][:, ::-1]
    return segments


def equal_rows(segments: Array) -> tuple[Array, Array]:
    """Indices of neighbouring equal segments: each pair of equal rows once."""
    bits = np.ascontiguousarray(segments.reshape(-1, 4)).view(np.uint64)
    key = np.zeros(len(bits), dtype=np.uint64)
    for column, mix in enumerate(_MIX):
        key = (key ^ bits[:, column]) * mix
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    same = (bits[order[1:]] == bits[order[:-1]]).all(axis=1)
    return order[:-1][same], order[1:][same]
