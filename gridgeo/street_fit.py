"""How well buildings stand beside streets, and how far they would have to move to do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy import ndimage

Array = np.ndarray[Any, Any]

# A point stands for a building: it lies on a street if the street is this near.
ON_STREET_M = 3.0
# Buildings further than this from every street say nothing about streets.
REACH_M = 150.0
# Moved by these lengths in all directions buildings lie on streets as often as chance has it:
# more than the gap before the houses of a wide avenue, less than it takes to leave the town.
_NUDGES_M = (40.0, 70.0, 100.0)
_DIRECTIONS = 8
# Beside their own streets buildings are crossed this often at most, as a share of chance.
_MOST_OF_CHANCE = 0.35
# ... and chance must cross so many that the lack of them means something.
_FEWEST_BY_CHANCE = 8.0
_SIGMAS = 3.0
# An unknown shift is looked for so far, first in coarse and then in fine steps.
_FARTHEST_M, _COARSE_M, _FINE_M = 150.0, 10.0, 2.0
_MOST_MOVED = 800
# Moves that leave less than this share of the usual crossings are low, and lie in islands; the
# best island must be better than any other by so much of the usual, and so many buildings.
_LOW, _RIVAL, _RIVAL_COUNT = 0.2, 0.1, 4
# As good as the best move are those with so few more of the buildings crossed.
_LEVEL = 0.005


@dataclass(frozen=True, eq=False)
class Streets:
    """Streets cut into straight segments, in a tree that finds them.

    ``tree``: shapely STRtree of LineStrings of two points each, in a metric CRS.
    """

    tree: shapely.STRtree

    @classmethod
    def of(cls, lines: Array) -> Streets:
        """Return the streets of ``lines``, shapely lines in a metric CRS, object array (m,)."""
        # the box of a long street is wide and mostly empty
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        same = owner[1:] == owner[:-1]
        ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
        return cls(shapely.STRtree(shapely.linestrings(ends)))

    def crossing(self, solids: Array) -> Array:
        """Return which of the ``solids`` (see ``solids_of``) a street crosses, bool (n,)."""
        out = np.zeros(len(solids), dtype=bool)
        out[self.tree.query(solids, predicate="intersects")[0]] = True
        return out

    def reaching(self, solids: Array) -> Array:
        """Return which of the ``solids`` have a street within reach, bool (n,)."""
        out = np.zeros(len(solids), dtype=bool)
        middles = shapely.centroid(solids)
        out[self.tree.query(middles, predicate="dwithin", distance=REACH_M)[0]] = True
        return out


@dataclass(frozen=True)
class Fit:
    """How buildings stand among streets where they are.

    ``crossed``: how many of them streets cross; ``by_chance``: how many on average once they
    are nudged by some tens of metres; ``reached``: how many are within 150 m of a street; of
    ``buildings``.

    The one number says little: a town of wide avenues has few crossings wherever it is put.
    Where buildings stand beside their own streets the number is far below that of every
    place around.
    """

    crossed: int
    by_chance: float
    reached: int
    buildings: int

    @property
    def is_own(self) -> bool:
        """Whether these are clearly the streets that the buildings stand beside."""
        return (
            self.by_chance >= _FEWEST_BY_CHANCE
            and self.crossed <= _MOST_OF_CHANCE * self.by_chance
            and self.by_chance - self.crossed >= _SIGMAS * self.by_chance**0.5
        )

    @property
    def is_strange(self) -> bool:
        """Whether the buildings clearly belong elsewhere: crossed as by chance, or out of reach."""
        far = self.reached < 0.5 * self.buildings
        return far or (self.by_chance >= _FEWEST_BY_CHANCE and self.crossed >= 0.5 * self.by_chance)


def solids_of(shapes: Array) -> Array:
    """Return footprints as they are, and points as discs of 3 m: what a street may not cross."""
    solids = np.array(shapes, dtype=object)
    points = shapely.get_type_id(solids) == 0
    solids[points] = shapely.buffer(solids[points], ON_STREET_M, quad_segs=2)
    return solids


def fit_of(streets: Streets, solids: Array) -> Fit:
    """Measure how ``solids`` (see ``solids_of``) stand among ``streets``, in the same CRS."""
    nudged = [int(streets.crossing(moved(solids, by)).sum()) for by in _nudges_m()]
    return Fit(
        crossed=int(streets.crossing(solids).sum()),
        by_chance=float(np.mean(nudged)),
        reached=int(streets.reaching(solids).sum()),
        buildings=len(solids),
    )


def moved(shapes: Array, by_m: Array) -> Array:
    """Return ``shapes`` moved east and north by the two metres of ``by_m``."""
    out: Array = shapely.transform(shapes, lambda xy: xy + by_m)
    return out


def shift_to_streets(streets: Streets, solids: Array) -> tuple[Array, float] | None:
    """Look for the one move of up to 150 m that brings buildings beside their streets.

    Returns:
        Metres to move east and north, and how far at most the truth is from that; None where
        no move fits clearly, or several far apart do, as in a town of equal blocks.
    """
    rows = np.unique(np.linspace(0, len(solids) - 1, _MOST_MOVED).astype(np.int64))
    some = solids[rows]
    steps = np.arange(-_FARTHEST_M, _FARTHEST_M + 1, _COARSE_M)
    crossed = _crossed_after(streets, some, _square(steps, steps)).reshape(len(steps), -1)
    usual, least = np.median(crossed), crossed.min()
    low, islands = ndimage.label(crossed <= _LOW * usual)
    good = [mark + 1 for mark in range(islands) if crossed[low == mark + 1].min()
            <= least + max(_RIVAL * usual, _RIVAL_COUNT)]  # fmt: skip
    if len(good) != 1:
        return None
    low = low == good[0]
    if low[[0, -1]].any() or low[:, [0, -1]].any():
        return None  # the truth may lie beyond
    north, east = (steps[np.flatnonzero(low.any(axis=axis))] for axis in (1, 0))
    # one coarse step more on every side: the island's shore lies between two of them
    east, north = (
        np.arange(s[0] - _COARSE_M, s[-1] + _COARSE_M + 1, _FINE_M) for s in (east, north)
    )
    fine = _square(east, north)
    crossed = _crossed_after(streets, some, fine)
    # buildings stand back from the street: many moves are as good, the truth is in their middle
    good = fine[crossed <= crossed.min() + _LEVEL * len(some)]
    middle = good.mean(axis=0)
    if not fit_of(streets, moved(solids, middle)).is_own:
        return None
    return middle, float(np.hypot(*(good - middle).T).max()) + _FINE_M


def _crossed_after(streets: Streets, solids: Array, moves_m: Array) -> Array:
    return np.array([int(streets.crossing(moved(solids, by)).sum()) for by in moves_m])


def _square(east_m: Array, north_m: Array) -> Array:
    east, north = np.meshgrid(east_m, north_m)
    return np.column_stack([east.ravel(), north.ravel()])


def _nudges_m() -> Array:
    """Moves to all sides; turned from ring to ring, so that no block's length fits them all."""
    moves = []
    for ring, length_m in enumerate(_NUDGES_M):
        turn = np.arange(_DIRECTIONS) + ring / len(_NUDGES_M) + 0.25
        angle = 2 * np.pi * turn / _DIRECTIONS
        moves.append(length_m * np.column_stack([np.cos(angle), np.sin(angle)]))
    return np.concatenate(moves)
