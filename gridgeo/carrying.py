"""A redrawn plan made whole: which grid goes on as which, who moves, ids and record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from .compounds import cut_notes
from .drawing import Drawn, draw
from .errors import Finding, Findings, Severity
from .keeping import Lock
from .lineage import (
    Issued,
    Regrouping,
    carry_on,
    changed_by,
    numbering_of,
    only_living,
    with_version,
)
from .lock_costs import locks_in_the_way
from .locks import Ground, broken_locks
from .model import CommunityResult, Plan
from .moving import draw_within, marks_of
from .old_grids import OldGrids
from .record import Record, Version
from .solving import Asked
from .wording import count, some

Array = np.ndarray[Any, Any]

UNCAPPED = 0.4  # of the time: what the plan without a cap may take where there is one
LOCKS = 0.3  # of the time left: what finding out which locks are in the way may take
TRIES = 3  # plans under a cap that is lowered by what they move beyond it


@dataclass(frozen=True)
class Clock:
    """When a run began, and how long it may take."""

    began_s: float
    limit_s: float | None

    def share_s(self, share: float = 1.0) -> float | None:
        """Return a share of the seconds left, None where there is no limit."""
        if self.limit_s is None:
            return None
        return share * max(0.0, self.limit_s - (time.monotonic() - self.began_s))


@dataclass(frozen=True, eq=False)
class Ready:
    """A town that is ready to be redrawn: what it was, what is kept, and how grids are named."""

    asked: Asked
    before: OldGrids
    was: Array
    names: Array
    forced: Array
    locks: tuple[Lock, ...]
    told: tuple[Finding, ...]
    version: Version
    clock: Clock
    ground: Ground

    def cap_of(self, most: int | float | None) -> int | None:
        """Return how many households may move: a number, or what a share of all comes to."""
        if isinstance(most, float):
            return int(most * int(self.asked.town.buildings.households.sum()) + 1e-9)
        return most

    def drawn(self, cap: int | None = None, *, share: float = 1.0) -> tuple[Plan, Drawn]:
        """Return the redrawn plan, in which no more than ``cap`` households move if that can be.

        And how it was drawn without the cap. ``share``: of the time that is left.
        """
        clock, told = self.clock, self.told
        least = draw(
            self.asked, self.told, clock.share_s(share if cap is None else UNCAPPED * share)
        )
        plan = self.finished(least.plan)
        blamed = locks_in_the_way(
            self.asked, self.ground, self.locks, plan, clock.share_s(LOCKS * share)
        )
        plan = replace(plan, findings=Findings((*plan.findings, *blamed)))
        if cap is None or moved_of(plan.results) <= cap:
            return plan, least
        forced = int(self.asked.town.buildings.households[self.forced].sum())
        marks = marks_of(self.asked, told, least, clock.share_s(share / 3), free=False)
        left, best = cap - forced, plan
        for _ in range(TRIES):
            drawn = draw_within(
                self.asked, self.told, marks, max(0, left), clock.share_s(share / 2)
            )
            best = self.finished(drawn.plan)
            # a grid in several parts goes on in one of them: then more move than the parts tell
            excess = moved_of(best.results) - cap
            if excess <= 0 or left <= 0:
                break
            left -= excess
        return _told_cap(best, plan, cap), least

    def carried(self, labels: Array) -> Array:
        """Return the old grid that every new one carries on, object (g,), "" for none."""
        assert self.asked.keep is not None
        keep = self.asked.keep
        tied = np.where(keep.pinned >= 0, keep.pinned, keep.frozen)
        households = self.asked.town.buildings.households
        number = np.searchsorted(self.names.astype(str), self.was.astype(str))
        number = np.where(self.was == "", -1, number)
        carries = carried_on(labels, number, tied, households, count=len(self.names))
        return np.array([self.names[k] if k >= 0 else "" for k in carries.tolist()], dtype=object)

    def finished(self, plan: Plan) -> Plan:
        """Return the plan as one that was redrawn: who moved, ids carried on, its record."""
        labels = np.unique(plan.grid_ids.astype(str), return_inverse=True)[1].ravel()
        carries = self.carried(labels)
        goes_on = carries[labels]
        moves = (self.was != "") & (goes_on != self.was)
        town = plan.buildings
        results = []
        for result in plan.results:
            mine = town.communities == result.community
            moved = int(town.households[mine & moves].sum())
            forced = int(town.households[mine & self.forced].sum())
            bound = min(moved, (result.moved_bound or 0) + forced)
            results.append(replace(result, moved=moved, moved_bound=bound))
        broken = broken_locks(self.locks, town.ids, self.was, plan.grid_ids, goes_on)
        findings = (*plan.findings, *_broken(broken), *_moves_told(plan, moves))
        plan = replace(
            plan, results=tuple(results), was=self.was, findings=Findings(findings),
            record=self._record(labels, carries, self.version),
        )  # fmt: skip
        plan = replace(plan, findings=Findings((*plan.findings, *cut_notes(plan))))
        issued = self._issued()
        facts = {
            "changed": changed_by(plan) | {"households with another owner": moved_of(results)},
            # the plan alone must do to run it again
            "old_grids": dict(issued.living),
            "retired": {e.code: e.community for e in issued.ledger if e.code not in issued.living},
        }
        recipe = {**self.version.recipe, **facts}
        return with_version(plan, replace(self.version, recipe=recipe))

    def named(self, labels: Array) -> Array:
        """Return the grid ids of new grids, object (n,)."""
        ids: Array = self._carry_on(labels, self.carried(labels), "", "")[0]
        return ids

    def _carry_on(self, labels: Array, carries: Array, day: str, reason: str) -> Any:
        buildings = self.asked.town.buildings
        drawn = Regrouping(
            labels,
            self.was,
            carries.tolist(),
            buildings.communities,
            buildings.households,
            self.asked.territory.cells,
        )
        return carry_on(self._issued(), drawn, day=day or "0001-01-01", reason=reason)

    def _issued(self) -> Issued:
        """Return the ids that were given out before."""
        if self.before.plan is not None:
            issued = Issued.of_plan(self.before.plan)
        else:
            record = self.before.record
            living = {**dict.fromkeys(self.before.all_grids, ""), **self.before.homes}
            issued = Issued(living, record.codes, numbering_of(record.versions))
        living = dict(issued.living)
        homes = self.asked.town.buildings.communities
        for grid, home in zip(self.was.tolist(), homes.tolist(), strict=True):
            # of a grid whose community is not known, that of its buildings; and grids of one number
            # in several communities have been told apart by now
            if grid and not living.get(grid):
                living[grid] = str(home)
        return replace(issued, living=living)

    def _record(self, labels: Array, carries: Array, version: Version) -> Record:
        plan = self.before.plan
        earlier = self.before.record if plan is None else plan.record
        _, ledger = self._carry_on(labels, carries, version.made, version.reason)
        codes = tuple(
            replace(
                entry,
                started="" if entry.started == "0001-01-01" else entry.started,
                ended="" if entry.ended == "0001-01-01" else entry.ended,
            )
            for entry in ledger
        )
        kept = {str(grid) for grid in carries if grid}
        return replace(only_living(earlier, kept), codes=codes)


def _told_cap(plan: Plan, least: Plan, cap: int) -> Plan:
    """Say what the cap costs: how far from the least violation it keeps the plan."""
    moved, needed = moved_of(plan.results), moved_of(least.results)
    told = []
    if moved > cap:
        said = (
            f"At most {count(cap, 'household')} may change owner, but the buildings of now, the "
            f"ground and the locks make {moved:,} do"
        )
        fix = "Allow more, or look at what became of the old grids"
        told.append(Finding("moved-over-cap", Severity.WARNING, said, fix, moved))
    bound = sum(result.moved_bound or 0 for result in least.results)
    now, then = (sum(r.violation for r in one.results) for one in (plan, least))
    if now > then:
        grids = [len(one.reasons) for one in (plan, least)]
        sure = f"{needed:,}" if bound >= needed else f"{needed:,} (at least {bound:,})"
        said = (
            f"Under the cap of {count(cap, 'household')} the violation is {now:.3f} "
            f"({count(grids[0], 'grid')} out of band); moving {sure} brings it to {then:.3f} "
            f"({count(grids[1], 'grid')})"
        )
        fix = "The price list shows what lies between: --curve DIR"
        told.append(Finding("cap-costs", Severity.WARNING, said, fix, grids[0]))
    # what is proved of all plans is proved of those that move few
    known = {result.community: result for result in least.results}
    results = tuple(
        replace(
            result,
            violation_bound=min(
                result.violation,
                max(result.violation_bound, known[result.community].violation_bound),
            ),
        )
        for result in plan.results
    )
    return replace(plan, results=results, findings=Findings((*plan.findings, *told)))


def carried_on(labels: Array, old: Array, tied: Array, households: Array, *, count: int) -> Array:
    """Return the old grid that every new one carries on, int64 (g,), -1 for none.

    Most households stay, of equals most buildings. All int64 (n,): ``labels`` the new grid from 0,
    ``old`` the old one of 0..count-1, ``tied`` the old grid that a lock ties a building to; -1 for
    none. A grid with all buildings tied to an old one carries it on; one with none of them does
    not.
    """
    grids, n = int(labels.max()) + 1, len(labels)
    stay = np.zeros((grids, count), np.int64)
    held = np.flatnonzero(old >= 0)
    np.add.at(stay, (labels[held], old[held]), households[held] * (n + 1) + 1)
    ties = np.zeros((grids, count), np.int64)
    rows = np.flatnonzero(tied >= 0)
    np.add.at(ties, (labels[rows], tied[rows]), 1)
    whole = ties.sum(axis=0)
    open_ = (ties > 0) | (whole == 0)
    must = (ties == whole) & (ties > 0)
    # float64 holds whole numbers to 2^53, and the assignment is exact only on those
    value = np.where(open_, stay, 0).astype(np.float64)
    value += np.where(must, float(stay.sum()) + 1.0, 0.0)
    out = np.full(grids, -1, np.int64)
    for grid, name in zip(*linear_sum_assignment(value, maximize=True), strict=True):
        if value[grid, name] > 0:
            out[grid] = name
    return out


def _broken(locks: Sequence[Lock]) -> list[Finding]:
    if not locks:
        return []
    names = some([str(lock) for lock in locks], between="; ")
    lead = "1 lock does" if len(locks) == 1 else f"{len(locks)} locks do"
    said = f"{lead} not hold in this plan ({names}): no plan was found that keeps all of them"
    fix = "Take one of them out, or let it run longer"
    first = str(locks[0])
    return [Finding("lock-broken", Severity.WARNING, said, fix, len(locks), first)]


def _moves_told(plan: Plan, moves: Array) -> list[Finding]:
    """Tell the buildings that change owner."""
    if not moves.any():
        return []
    ids = [str(name) for name in plan.buildings.ids[moves]]
    households = int(plan.buildings.households[moves].sum())
    one = len(ids) == 1
    said = (
        f"{count(len(ids), 'building')} with {count(households, 'household')} "
        f"{'changes' if one else 'change'} owner: {some(ids)}"
    )
    return [Finding("households-moved", Severity.NOTE, said, "", len(ids), ids[0])]


def moved_of(results: Sequence[CommunityResult]) -> int:
    """Return the households that change owner in all communities together."""
    return sum(result.moved or 0 for result in results)
