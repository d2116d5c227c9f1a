"""What labels are worth, from the raw arrays and by no line of the solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .instances import BANDS, PENALTY, Town


@dataclass(frozen=True)
class Score:
    """``good``: grids in both bands and in one piece. ``cost``: 10^6 household m2, see PENALTY."""

    grids: int
    in_band: int
    contiguous: int
    good: int
    inertia: float
    cost: float


def score(town: Town, labels: np.ndarray) -> Score:
    """Count and sum grid by grid; ``labels``: int (n,), any numbers, none negative."""
    near: list[list[int]] = [[] for _ in range(town.n)]
    for i, j in town.edges.tolist():
        near[i].append(j)
        near[j].append(i)
    in_band = contiguous = good = 0
    inertia = penalty = 0.0
    names = sorted(set(labels.tolist()))
    for name in names:
        members = np.flatnonzero(labels == name)
        sums = (int(town.households[members].sum()), int(town.population[members].sum()))
        beyond = [
            max(low - value, value - high, 0)
            for value, (low, high) in zip(sums, BANDS, strict=True)
        ]
        whole = _flood(near, set(members.tolist())) == len(members)
        in_band += not any(beyond)
        contiguous += whole
        good += whole and not any(beyond)
        if any(beyond):
            penalty += PENALTY[0] + PENALTY[1] * beyond[0] + PENALTY[2] * beyond[1]
        mass = town.households[members].astype(float)
        if mass.sum() > 0:
            off = town.xy[members] - np.average(town.xy[members], axis=0, weights=mass)
            inertia += float(mass @ (off**2).sum(axis=1)) / 1e6
    return Score(len(names), in_band, contiguous, good, inertia, inertia + penalty)


def _flood(near: list[list[int]], members: set[int]) -> int:
    """Return how many of the members one of them reaches."""
    queue = [min(members)]
    reached = set(queue)
    while queue:
        for other in near[queue.pop()]:
            if other in members and other not in reached:
                reached.add(other)
                queue.append(other)
    return len(reached)
