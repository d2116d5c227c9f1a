"""How much wider the bands would have to be for more grids of a plan to be in band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_SLIGHT = 0.1  # moves of limits by no more than this share are told for themselves


@dataclass(frozen=True)
class Move:
    """One limit moved outward: of weight ``weight``, the low (0) or the high one (1).

    ``share``: how far it moved, as a share of it.
    """

    weight: int
    side: int
    value: int
    share: float


@dataclass(frozen=True)
class Step:
    """Limits moved together, and how many grids are in band then."""

    moves: tuple[Move, ...]
    in_band: int


def move_of(bands: Array, weight: int, side: int, value: int) -> Move:
    """Return a limit moved to ``value``; bands int64 (w, 2)."""
    limit = int(bands[weight, side])
    return Move(weight, side, value, abs(value - limit) / max(limit, 1))


def inside(totals: Array, bands: Array) -> Array:
    """Return which grids keep all bands, bool (g,); totals int64 (g, w), bands int64 (w, 2)."""
    return np.asarray(((totals >= bands[:, 0]) & (totals <= bands[:, 1])).all(axis=1))


def wider_bands(totals: Array, bands: Array, *, widest: float) -> list[Step]:
    """Return what wider bands would do for the grids of a plan, slight moves first.

    ``totals``: int64 (g, w). ``bands``: int64 (w, 2). First the most that one limit does if it
    moves slightly, then two of them, then one that moves as far as ``widest`` (a share of it),
    then the least with which all grids are in band; each only where it puts more grids in band
    than those before it.
    """
    outer = totals[~inside(totals, bands)]
    one = [
        (move_of(bands, k, side, value),)
        for k, side in np.ndindex(bands.shape)
        for value in np.unique(outer[:, k]).tolist()
        if (value > bands[k, side] if side else value < bands[k, side])
    ]
    slight = [moves for moves in one if _share(moves) <= _SLIGHT]
    two = [
        (a, b) for (a,), (b,) in combinations(slight, 2) if (a.weight, a.side) != (b.weight, b.side)
    ]
    far = [moves for moves in one if _share(moves) <= widest]
    most = len(totals) - len(outer)
    out: list[Step] = []
    for choices in (slight, two, far, _all(outer, bands, widest)):
        steps = [Step(moves, _in_band(totals, bands, moves)) for moves in choices]
        best = min(steps, key=lambda s: (-s.in_band, _share(s.moves)), default=None)
        if best is not None and best.in_band > most:
            most = best.in_band
            out.append(best)
    return out


def _all(outer: Array, bands: Array, widest: float) -> list[tuple[Move, ...]]:
    """Return the least move of all limits that takes in the grids ``outer``, if not too far."""
    moves = []
    for k, side in np.ndindex(bands.shape):
        value = int(outer[:, k].max(initial=0) if side else outer[:, k].min(initial=2**62))
        if (value > bands[k, side]) if side else (value < bands[k, side]):
            moves.append(move_of(bands, k, side, value))
    return [tuple(moves)] if moves and max(move.share for move in moves) <= widest else []


def _in_band(totals: Array, bands: Array, moves: Sequence[Move]) -> int:
    wide = bands.copy()
    for move in moves:
        wide[move.weight, move.side] = move.value
    return int(inside(totals, wide).sum())


def _share(moves: Sequence[Move]) -> float:
    return sum(move.share for move in moves)
