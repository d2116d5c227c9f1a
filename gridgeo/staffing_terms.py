"""What every worker would cost in every grid, term by term, and who must not or has to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .candidates import Candidate
from .errors import Finding
from .intake.telling import error
from .staffing_aims import FULL_YEARS, TERMS, StaffingAims
from .staffing_grids import StaffedGrids

Array = np.ndarray[Any, Any]

# Points are counted in thousandths: whole numbers add up to the same in any order.
PARTS = 1_000
_HUNDRED = 100.0


@dataclass(frozen=True, eq=False)
class Terms:
    """Every pair of w workers and g grids; all arrays (w, g).

    ``way_km``: NaN where no home or office is known. ``known``: households that the worker
    serves today. ``over``: workload beyond the capacity, NaN where none is known. ``lacks``: the
    share of full experience the worker lacks, (w,), NaN where not known. ``unmet``: households
    whose language the worker does not speak. ``points``: int64, thousandths, by term; all 0 for
    a term of which nothing is known of anybody.
    """

    way_km: Array
    known: Array
    over: Array
    lacks: Array
    unmet: Array
    points: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """Thousandths of points of all terms together."""
        return np.asarray(np.sum([*self.points.values()], axis=0, dtype=np.int64))


def terms_of(
    workers: Sequence[Candidate],
    grids: StaffedGrids,
    aims: StaffingAims,
    *,
    known: Array,
    xy: Array,
    households: Array,
) -> Terms:
    """Return what every pair costs: see ``StaffingAims``.

    ``known``: see ``known_households``. ``xy`` and ``households``: of every building, (n, 2) in
    metres, and (n,).
    """
    w, g = len(workers), len(grids.ids)
    way_km = np.full((w, g), np.nan)
    # a grid without households is as far as its buildings
    mass = np.where(grids.households[grids.of] > 0, households, 1).astype(np.float64)
    whole = np.bincount(grids.of, mass, g)
    mean_load = grids.load.mean()
    over, lacks = np.full((w, g), np.nan), np.full(w, np.nan)
    unmet = np.zeros((w, g), np.int64)
    for at, one in enumerate(workers):
        if one.place is not None:
            away_km = np.hypot(*(xy - np.array(one.place)).T) / 1000
            way_km[at] = np.bincount(grids.of, mass * away_km, g) / whole
        most = one.capacity if one.share is None else one.share * mean_load
        if most is not None:
            over[at] = np.maximum(0.0, grids.load - most)
        if one.years is not None:
            lacks[at] = 1 - min(one.years, FULL_YEARS) / FULL_YEARS
        for grid, needs in enumerate(grids.needs):
            unmet[at, grid] = sum(n for key, (_, n) in needs.items() if key not in one.spoken)
    heavy = grids.load / mean_load if mean_load > 0 else np.ones(g)
    values = {
        "near": _filled(way_km),
        "known": (grids.households[None, :] - known) / _HUNDRED if known.any() else 0 * known,
        "capacity": _filled(over) / _HUNDRED,
        "experience": _filled(np.repeat(lacks[:, None], g, axis=1)) * heavy[None, :],
    }
    points = {
        name: np.round(PARTS * aims.weights[name] * values[name]).astype(np.int64) for name in TERMS
    }
    return Terms(way_km, known, over, lacks, unmet, points)


def _filled(values: Array) -> Array:
    """Return values with the mean of the others' where one is not known, 0 where none is."""
    lost = np.isnan(values)
    if lost.all():
        return np.zeros_like(values)
    mean = values[~lost.any(axis=1)].mean(axis=0)
    return np.where(lost, mean[None, :], values)


@dataclass(frozen=True, eq=False)
class MayServe:
    """``allowed``: bool (w, g); ``kept``: why a pair is not; ``fixed``: pairs that must be."""

    allowed: Array
    kept: Mapping[tuple[int, int], str]
    fixed: tuple[tuple[int, int], ...]


def may_serve(
    workers: Sequence[Candidate], grids: StaffedGrids, *, not_at_home: bool, name: str
) -> tuple[MayServe, list[Finding]]:
    """Return who may serve which grid, and every contradiction at once.

    ``name``: of the table, for messages.
    """
    at_grid = {str(grid): at for at, grid in enumerate(grids.ids.tolist())}
    kept: dict[tuple[int, int], str] = {}
    fixed = []
    for at, one in enumerate(workers):
        if one.community:
            for grid in np.flatnonzero(grids.communities != one.community).tolist():
                kept[at, grid] = f"works in {one.community} only"
        if not_at_home and one.lives_in:
            kept[at, at_grid[one.lives_in]] = "lives there"
        for no in one.excluded:
            kept[at, at_grid[no.grid_id]] = no.reason or "excluded"
        fixed += [(at, at_grid[grid]) for grid in one.fixed]
    faults = _contradictions(workers, grids, fixed, kept, name=name)
    allowed = np.ones((len(workers), len(grids.ids)), bool)
    for pair in kept:
        allowed[pair] = False
    for at, grid in fixed:
        mine = allowed[at, grid]
        allowed[at, :] = allowed[:, grid] = False
        allowed[at, grid] = mine
    return MayServe(allowed, kept, tuple(fixed)), faults


def _contradictions(
    workers: Sequence[Candidate],
    grids: StaffedGrids,
    fixed: Sequence[tuple[int, int]],
    kept: Mapping[tuple[int, int], str],
    *,
    name: str,
) -> list[Finding]:
    """Return the fixed pairs that cannot hold together, and those that are excluded."""
    by_worker: dict[int, list[str]] = {}
    by_grid: dict[str, list[str]] = {}
    for at, grid in fixed:
        by_worker.setdefault(at, []).append(str(grids.ids[grid]))
        by_grid.setdefault(str(grids.ids[grid]), []).append(workers[at].called)
    twice = [f"{workers[at].called}: {', '.join(g)}" for at, g in by_worker.items() if len(g) > 1]
    shared = [f"{grid}: {', '.join(who)}" for grid, who in sorted(by_grid.items()) if len(who) > 1]
    against = [
        f"{workers[at].called}, {grids.ids[grid]}, {kept[at, grid]}"
        for at, grid in fixed
        if (at, grid) in kept
    ]
    told = (
        ("worker-fixed-twice", twice, "worker is|workers are", "fixed to more than one grid",
         "say fixed in one row of the worker only"),
        ("grid-fixed-twice", shared, "grid has|grids have", "more than one worker fixed to it",
         "leave one of them"),
        ("fixed-and-excluded", against, "worker is|workers are",
         "fixed to a grid that they must not serve", "drop fixed, or the exclusion"),
    )  # fmt: skip
    return [
        error(
            code,
            f"{name}: {len(found)} {who.split('|')[len(found) > 1]} {what} "
            f"({'; '.join(found[:5])}{'; ...' if len(found) > 5 else ''})",
            fix,
            count=len(found),
            first=found[0],
        )
        for code, found, who, what, fix in told
        if found
    ]
