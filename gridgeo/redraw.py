"""A plan redrawn: fewest violations, then fewest households with another owner, then the rest."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .carrying import Clock, Ready
from .entrances import split_large
from .errors import Finding, Severity
from .keeping import Lock
from .kinds import settle_book
from .lineage import plan_digest
from .lock_ground import components
from .locks import Ground, settle_locks
from .matching import old_grid_of
from .model import DEFAULT_REACH_M, Community, LimitBook, Limits, Objective, Plan, Territory
from .old_grids import OldGrids
from .old_ground import on_old_ground, with_old_edges
from .partition import DEFAULT_TIME_LIMIT_S, Wish, asked_of
from .record import Version
from .solving import Asked, Watch
from .territory import build_territory
from .units import keep_whole
from .wording import some

Array = np.ndarray[Any, Any]


def redraw(  # noqa: PLR0913  # the public door: each one a word of the planner's
    old: Plan | OldGrids,
    town: Community,
    limits: Limits | LimitBook | None = None,
    *,
    objective: Objective | None = None,
    territory: Territory | None = None,
    whole: str | None = None,
    kind: str | None = None,
    locks: Sequence[Lock] = (),
    max_moved: int | float | None = None,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    seed: int = 0,
    watch: Watch | None = None,
    solver: str = "auto",
    reach_m: float = DEFAULT_REACH_M,
    made: str = "",
    reason: str = "",
) -> Plan:
    """Divide a town anew, so that as few households as can be change owner.

    Violations of the bands come first, then the households whose grid is not the one that carries
    their old grid on, then the ``objective``: each proved as far as time allows. Households of
    buildings that were in no grid before do not count. Every old grid is carried on by one new grid
    at most, which keeps its id; new grids take numbers that were never given.

    ``old``: a plan, or ``gridgeo.read_old`` of any other file. Where it is a plan, limits,
    objective, ``whole`` and ``kind`` are its own unless they are given; so are boundary, barriers
    and edges by hand, where the town was read without and no ``territory`` is given (``reach_m``:
    around buildings that stand outside the old one). ``locks``: see ``Lock``; a plan keeps them
    before all else. The other words are those of ``partition``.

    Raises:
        InputError: as ``partition``; no building was there before; locks that cannot hold.
    """
    ready = settle_redraw(
        old, town, limits, objective=objective, territory=territory, whole=whole, kind=kind,
        locks=locks, max_moved=max_moved, time_limit_s=time_limit_s, seed=seed, watch=watch,
        solver=solver, reach_m=reach_m, made=made, reason=reason,
    )  # fmt: skip
    return ready.drawn(ready.cap_of(max_moved))[0]


def settle_redraw(  # noqa: PLR0913  # as redraw
    old: Plan | OldGrids,
    town: Community,
    limits: Limits | LimitBook | None = None,
    *,
    objective: Objective | None = None,
    territory: Territory | None = None,
    whole: str | None = None,
    kind: str | None = None,
    locks: Sequence[Lock] = (),
    max_moved: int | float | None = None,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    seed: int = 0,
    watch: Watch | None = None,
    solver: str = "auto",
    reach_m: float = DEFAULT_REACH_M,
    made: str = "",
    reason: str = "",
) -> Ready:
    """Return a town ready to be redrawn; the words are those of ``redraw``.

    Raises:
        InputError: as ``redraw``.
    """
    began_s = time.monotonic()
    before = OldGrids.of_plan(old) if isinstance(old, Plan) else old
    wish, told = _wished(
        before, Wish(limits, objective, territory, whole, kind, seed, watch, solver)
    )
    if territory is None:
        town, wish, found = _grounded(before, town, wish, reach_m)
        told += found
    asked, found = asked_of(town, wish)
    told += found
    recipe = {
        "old": before.plan and plan_digest(before.plan),
        "locks": [_plain(lock) for lock in locks],
        "max_moved": max_moved,
        "whole": wish.whole,
        "solver": asked.recipe[0] or "auto",
        "time_limit_s": time_limit_s,
        "seed": seed,
    }
    version = Version("redraw", "", made, reason=reason, recipe=recipe)
    return _ready(asked, before, locks, told, (version, Clock(began_s, time_limit_s)))


def _wished(before: OldGrids, wish: Wish) -> tuple[Wish, list[Finding]]:
    """Fill what a planner left open from the old plan, and say so."""
    plan = before.plan
    if plan is None:
        return wish, []
    taken = []
    if wish.limits is None:
        wish = replace(wish, limits=plan.book or plan.limits)
        taken.append("the limits")
    if wish.objective is None:
        # a target that was chosen then is not chosen anew: the plans are to compare
        wish = replace(wish, objective=plan.aim)
        taken.append("the objective")
    kept = _whole_of(plan)
    if wish.whole is None and kept is not None:
        wish = replace(wish, whole=kept)
        taken.append(f"what is kept whole ({kept})")
    if not taken:
        return wish, []
    said = f"{some(taken).capitalize()} {'are' if len(taken) > 1 else 'is'} as in {before.name}"
    fix = "Name others on the command line to change them"
    return wish, [Finding("as-in-old-plan", Severity.NOTE, said, fix, len(taken))]


def _grounded(
    before: OldGrids, town: Community, wish: Wish, reach_m: float
) -> tuple[Community, Wish, list[Finding]]:
    """Build the territory, on the ground of the old plan where the town has none of its own."""
    told: list[Finding] = []
    plan = before.plan
    if plan is not None:
        town, told = on_old_ground(town, plan, name=before.name, reach_m=reach_m)
    town.check().raise_if_any()
    book, _ = settle_book(town, wish.limits, wish.kind)
    town = split_large(town, book, objective=wish.objective)
    territory = build_territory(
        town.buildings, boundary=town.boundary, barriers=town.barriers, reach_m=reach_m,
        edges=town.edges,
    )  # fmt: skip
    if plan is not None and town.edges is None:
        territory, found = with_old_edges(territory, town, plan, name=before.name)
        told += found
    return town, replace(wish, territory=territory), told


def _whole_of(plan: Plan) -> str | None:
    """Return the column of what the plan kept whole, None for none."""
    for version in reversed(plan.record.versions):
        if "whole" in version.recipe:
            column = version.recipe["whole"]
            return None if column is None else str(column)
    return None


def _ready(
    asked: Asked, before: OldGrids, locks: Sequence[Lock], told: Sequence[Finding],
    run: tuple[Version, Clock],
) -> Ready:  # fmt: skip
    """Match the buildings to the old grids, and settle the locks."""
    matched = old_grid_of(asked.town.buildings, before)
    was = matched.was
    ground = Ground(
        buildings=asked.town.buildings,
        was=was,
        kinds=asked.kinds,
        alone=asked.alone,
        edges=asked.territory.edges,
        book=asked.book,
        grids=frozenset({*before.all_grids, *(str(grid) for grid in was if grid)}),
        vanished=frozenset(matched.vanished),
        whole=_kept_whole(asked),
    )
    keep, found = settle_locks(ground, locks)
    names = np.array(keep.names, dtype=object)
    number = np.array([keep.names.index(g) if g else -1 for g in was.tolist()], np.int64)
    forced = (keep.pinned >= 0) & (number >= 0) & (keep.pinned != number)
    ready = Ready(
        replace(asked, keep=keep),
        before,
        was,
        names,
        forced,
        tuple(locks),
        (*told, *before.findings, *matched.findings, *found),
        *run,
        ground,
    )
    return replace(ready, asked=replace(ready.asked, naming=ready.named))


def _kept_whole(asked: Asked) -> Array:
    """Return a number for the buildings that are kept whole together, int64 (n,), -1 for others."""
    town = asked.town.buildings
    out = np.full(len(town), -1, np.int64)
    if asked.units is None:
        return out
    label = np.arange(len(town), dtype=np.int64)
    places = list(zip(town.communities.tolist(), asked.kinds.tolist(), strict=True))
    for community, kind in sorted(set(places)):
        limits = asked.book.limits_of(community, kind)
        rows = np.array([k for k, place in enumerate(places) if place == (community, kind)])
        if limits is not None:
            label[rows] = rows[keep_whole(town, rows, asked.units[rows], limits)[0]]
    edges = asked.territory.edges
    piece = components(len(town), edges[label[edges[:, 0]] == label[edges[:, 1]]])
    several = np.bincount(piece)[piece] > 1
    out[several] = piece[several]
    return out


def _plain(lock: Lock) -> Mapping[str, str]:
    return {"lock": lock.kind, "a": lock.a, "b": lock.b, "reason": lock.reason}
