"""How much wider the bands would have to be for more grids of a plan to be in band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_SLIGHT = 0.1  # a move of one limit by no more than this share is told for itself


@dataclass(frozen=True)
class Option:
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

    options: tuple[Option, ...]
    in_band: int


def wider_bands(totals: Array, bands: Array, *, widest: float) -> list[Step]:
    """Return what wider bands would do for the grids of a plan, slight moves first.

    ``totals``: int64 (g, w). ``bands``: int64 (w, 2). First what moving one limit slightly does
    at most, then moving one as far as ``widest`` (a share of it), then the least with which all
    grids are in band; each only if it puts more grids in band than what stands before it.
    """
    in_band = int(_inside(totals, bands).sum())
    moves = [step for step in _of_one(totals, bands) if step.options[0].share <= widest]
    slight = [step for step in moves if step.options[0].share <= _SLIGHT]
    steps = [step for step in (_best(slight), _best(moves), _all(totals, bands, widest)) if step]
    out: list[Step] = []
    for step in steps:
        if step.in_band > (out[-1].in_band if out else in_band):
            out.append(step)
    return out


def _of_one(totals: Array, bands: Array) -> Iterator[Step]:
    """Yield every move of one limit to a total beyond it."""
    for k, side in np.ndindex(bands.shape):
        limit = int(bands[k, side])
        beyond = totals[:, k] < limit if side == 0 else totals[:, k] > limit
        for value in np.unique(totals[beyond, k]).tolist():
            wide = bands.copy()
            wide[k, side] = value
            option = Option(k, side, value, abs(value - limit) / max(limit, 1))
            yield Step((option,), int(_inside(totals, wide).sum()))


def _best(steps: Sequence[Step]) -> Step | None:
    """Return the step with the most grids in band; among those the least move."""
    return min(steps, key=lambda s: (-s.in_band, s.options[0].share), default=None)


def _all(totals: Array, bands: Array, widest: float) -> Step | None:
    """Return the least move of all limits that puts every grid in band, None if too far."""
    options = []
    for k, side in np.ndindex(bands.shape):
        limit = int(bands[k, side])
        value = int(totals[:, k].max() if side else totals[:, k].min())
        if (value > limit) if side else (value < limit):
            options.append(Option(k, side, value, abs(value - limit) / max(limit, 1)))
    if not options or max(option.share for option in options) > widest:
        return None
    return Step(tuple(options), len(totals))


def _inside(totals: Array, bands: Array) -> Array:
    return np.asarray(((totals >= bands[:, 0]) & (totals <= bands[:, 1])).all(axis=1))
