"""Which footprints share ground, in a file whose shapes do not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from rtree.index import Index

from ..intake.overlaps import Pairs, shared_ground

Array = np.ndarray[Any, Any]


class ShapesOnDisk:
    """Footprints in a folder: their shapes one after another in a file, their boxes in an R-tree.

    An STRtree needs every shape in memory at once; rtree's index lives on disk, is loaded in one
    sweep and read as far as it is asked. It is the slower of the two, so it serves only files
    over ``check.MOST_AT_ONCE``. What stays in memory is the place of each shape in the file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / "shapes.wkb").open("w+b")
        self._rows: list[Array] = []
        self._ends: list[Array] = []

    def close(self) -> None:
        """Close the file of shapes; the folder is its owner's."""
        self._file.close()

    def add(self, rows: Array, shapes: Array) -> None:
        """Keep shapes; rows, int64 (n,), ascend from call to call. Only polygons share ground."""
        areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        if not len(areal):
            return
        wkbs = shapely.to_wkb(shapes[areal])
        start = self._file.seek(0, 2)
        self._file.write(b"".join(wkbs.tolist()))
        self._rows.append(np.asarray(rows[areal], dtype=np.int64))
        self._ends.append(start + np.cumsum([len(wkb) for wkb in wkbs]))

    def pairs(self, at_once: int) -> Pairs:
        """Return the pairs of rows that share ground, looking at so many shapes at once."""
        if not self._rows:
            none = np.zeros(0, dtype=np.int64)
            return Pairs(none, none, np.zeros(0))
        rows, ends = np.concatenate(self._rows), np.concatenate(self._ends)
        index = Index(str(self._folder / "boxes"), self._boxes(ends, at_once), interleaved=True)
        try:
            found = [
                self._pairs_from(index, ends, low, min(low + at_once, len(rows)))
                for low in range(0, len(rows), at_once)
            ]
        finally:
            index.close()
        left = rows[np.concatenate([pairs.left for pairs in found])]
        right = rows[np.concatenate([pairs.right for pairs in found])]
        return Pairs(left, right, np.concatenate([pairs.shared_m2 for pairs in found]))

    def shapes(self, rows: Array) -> Array:
        """Return the shapes of rows that were kept, object (n,)."""
        kept = np.concatenate(self._rows)
        return self._read(np.concatenate(self._ends), np.searchsorted(kept, rows))

    def _boxes(self, ends: Array, at_once: int) -> Iterator[tuple[int, tuple[float, ...], None]]:
        for low in range(0, len(ends), at_once):
            some = np.arange(low, min(low + at_once, len(ends)))
            for at, box in zip(some.tolist(), shapely.bounds(self._read(ends, some)), strict=True):
                yield at, tuple(box.tolist()), None

    def _pairs_from(self, index: Index, ends: Array, low: int, high: int) -> Pairs:
        """Return the pairs whose first shape is one of ``low`` to ``high``."""
        here = self._read(ends, np.arange(low, high))
        bounds = shapely.bounds(here)
        hits, counts = index.intersection_v(bounds[:, :2].copy(), bounds[:, 2:].copy())
        left = np.repeat(np.arange(low, high), counts.astype(np.int64))
        right = np.asarray(hits, dtype=np.int64)
        left, right = left[left < right], right[left < right]
        # shapes of other pieces are fetched once each
        beyond, where = np.unique(right[right >= high], return_inverse=True)
        shapes = np.concatenate([here, self._read(ends, beyond)])
        local = right - low
        local[right >= high] = len(here) + where
        touch = shapely.intersects(shapes[left - low], shapes[local])
        pairs = shared_ground(shapes, (left - low)[touch], local[touch])
        everyone = np.concatenate([np.arange(low, high), beyond])
        right = everyone[pairs.right]
        order = np.lexsort((right, pairs.left))
        return Pairs(pairs.left[order] + low, right[order], pairs.shared_m2[order])

    def _read(self, ends: Array, at: Array) -> Array:
        """Return the shapes at positions of ``ends``, ascending, in as few reads as can be."""
        out = np.full(len(at), None, dtype=object)
        if not len(at):
            return out
        breaks = np.flatnonzero(np.diff(at) != 1) + 1
        for run in np.split(np.arange(len(at)), breaks):
            first, last = int(at[run[0]]), int(at[run[-1]])
            start = int(ends[first - 1]) if first else 0
            self._file.seek(start)
            block = self._file.read(int(ends[last]) - start)
            cuts = np.concatenate([[start], ends[first : last + 1]]) - start
            out[run] = [block[a:b] for a, b in pairwise(cuts.tolist())]
        shapes: Array = shapely.from_wkb(out)
        return shapes
