"""Why this worker got this grid, why a grid has nobody, and what is proved, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .candidates import Candidate
from .errors import Finding
from .intake.telling import listed, warning
from .staffing_aims import FULL_YEARS
from .staffing_grids import StaffedGrids
from .staffing_terms import PARTS, MayServe, Terms
from .wording import count, some

Array = np.ndarray[Any, Any]

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Given:
    """Workers given to grids: ``owner``, int64 (g,), -1 for none, and all that led to it."""

    workers: Sequence[Candidate]
    grids: StaffedGrids
    terms: Terms
    may: MayServe
    owner: Array

    @property
    def bare(self) -> Array:
        """The grids without an owner."""
        return np.flatnonzero(self.owner == NOBODY)

    @property
    def idle(self) -> Array:
        """The workers without a grid."""
        return np.setdiff1d(np.arange(len(self.workers)), self.owner)

    @property
    def points(self) -> Array:
        """Thousandths of points of every grid's owner, int64 (g,), 0 without one."""
        held = self.owner != NOBODY
        out = np.zeros(len(self.owner), np.int64)
        out[held] = self.terms.total[self.owner[held], np.flatnonzero(held)]
        return out


def in_points(parts: int) -> str:
    """Return thousandths as points with two decimals."""
    return f"{parts / PARTS:,.2f}"


def why(given: Given, grid: int) -> str:
    """Return why a grid has the owner it has."""
    at = int(given.owner[grid])
    worker, terms = given.workers[at], given.terms
    said = ["fixed"] if (at, grid) in given.may.fixed else []
    households = int(given.grids.households[grid])
    known = int(terms.known[at, grid])
    if known:
        some_of = "all" if known == households else f"{known:,} of"
        said.append(f"serves {some_of} its {count(households, 'household')} today")
    elif terms.known.any():
        said.append("new here")
    if worker.place is not None:
        verb = "lives" if worker.at_home else "works"
        said.append(f"{verb} {terms.way_km[at, grid]:.1f} km away")
    over = terms.over[at, grid]
    if over > 0:
        said.append(f"{over:,.0f} over capacity")
    elif not np.isnan(over):
        said.append("within capacity")
    if worker.years is not None:
        few = worker.years < FULL_YEARS
        said.append(f"{worker.years:g} {'of 5 ' if few else ''}years of experience")
    for key, (label, number) in sorted(given.grids.needs[grid].items()):
        speaks = key in worker.spoken
        said.append(f"speaks {label}" if speaks else f"no {label} ({number:,} households)")
    return "; ".join([*said, *_rival(given, grid)]) or "nothing tells the workers apart"


def _rival(given: Given, grid: int) -> list[str]:
    """Return who would suit this grid better by points, and where they serve instead."""
    at, total = int(given.owner[grid]), given.terms.total
    may = given.may.allowed[:, grid] & (given.terms.unmet[:, grid] <= given.terms.unmet[at, grid])
    better = np.flatnonzero(may & (total[:, grid] < total[at, grid]))
    if not len(better):
        return []
    best = int(better[np.argmin(total[better, grid])])
    there = np.flatnonzero(given.owner == best)
    if not len(there):
        return []
    less = in_points(int(total[at, grid] - total[best, grid]))
    name = given.workers[best].name
    return [f"{name} would suit by {less} more, and is needed in {given.grids.ids[there[0]]}"]


def idle_because(given: Given, at: int) -> str:
    """Return why a worker has no grid."""
    may = np.flatnonzero(given.may.allowed[at])
    if not len(may):
        reasons = {reason for (one, _), reason in given.may.kept.items() if one == at}
        said = f": {some(sorted(reasons))}" if reasons else ": all are fixed to others"
        return f"may serve no grid{said}"
    held = may[given.owner[may] != NOBODY]
    worse = given.terms.total[at, held] - given.terms.total[given.owner[held], held]
    unmet = given.terms.unmet[at, held] - given.terms.unmet[given.owner[held], held]
    order = np.lexsort((held, worse, unmet))
    if not len(order):
        return "is not needed"
    first = int(order[0])
    grid = int(held[first])
    name, where = given.workers[int(given.owner[grid])].name, given.grids.ids[grid]
    if unmet[first] > 0:
        return f"does not speak what is needed in {where}, as {name} does"
    return f"comes nearest in {where}, where {name} suits by {in_points(int(worse[first]))} more"


def bare_findings(given: Given) -> list[Finding]:
    """Tell which grids have nobody, why no choice of workers does better, and what is lacking."""
    out = []
    told: set[int] = set()
    for grid in given.bare.tolist():
        if grid in told:
            continue
        grids, workers = _confined(given, grid)
        alone = [g for g in grids if given.owner[g] == NOBODY]
        told.update(alone)
        names = listed([str(given.grids.ids[g]) for g in alone])
        households = int(given.grids.households[alone].sum())
        have = "grid stays" if len(alone) == 1 else "grids stay"
        message = (
            f"{len(alone)} {have} without an owner: {names}, {count(households, 'household')}; "
            f"{_because(given, grids, workers)}"
        )
        who = "one more worker" if len(alone) == 1 else f"{len(alone)} more workers"
        fix = f"Find {who} for {names}, or divide into fewer grids"
        first = str(given.grids.ids[alone[0]])
        out.append(warning("grid-without-owner", message, fix, count=len(alone), first=first))
    return out


def _confined(given: Given, grid: int) -> tuple[list[int], list[int]]:
    """Return the grids that compete with a bare one for the same workers, and these workers.

    Whoever may serve one of these grids serves one of them: there is one worker fewer than grids,
    or more (Hall 1935). A worker who did not could take a grid, and pass one on to the bare one.
    """
    grids, workers = {grid}, set[int]()
    queue = [grid]
    serves = {int(at): g for g, at in enumerate(given.owner.tolist()) if at != NOBODY}
    while queue:
        for at in np.flatnonzero(given.may.allowed[:, queue.pop()]).tolist():
            if at not in workers:
                workers.add(at)
                if serves[at] not in grids:
                    grids.add(serves[at])
                    queue.append(serves[at])
    # bare grids that no other workers may serve belong to the same lack
    for other in given.bare.tolist():
        theirs = set(np.flatnonzero(given.may.allowed[:, other]).tolist())
        if theirs and theirs <= workers:
            grids.add(other)
    return sorted(grids), sorted(workers)


def _because(given: Given, grids: list[int], workers: list[int]) -> str:
    if not given.workers:
        return "there are no workers"
    if not workers:
        kept = [
            f"{given.workers[at].name}: {reason}"
            for (at, g), reason in sorted(given.may.kept.items())
            if g == grids[0]
        ]
        rest = len(given.workers) - len(kept)
        said = [*kept, *([f"{rest} fixed to other grids"] if rest else [])]
        return f"nobody may serve it ({some(said)})"
    most = f"no choice leaves fewer households so ({len(workers)} for {len(grids)} grids, proved)"
    if len(workers) == len(given.workers):
        are = "is only 1 worker" if len(workers) == 1 else f"are only {len(workers)} workers"
        return f"there {are}, and {most}"
    names = some([given.workers[at].name for at in workers])
    held = some([str(given.grids.ids[g]) for g in grids])
    return f"only {names} may serve {held}, and {most}"


def language_findings(given: Given) -> list[Finding]:
    """Tell the languages that owners of the grids that need them do not speak, and why."""
    out = []
    keys = sorted({key for needs in given.grids.needs for key in needs})
    for key in keys:
        needing = [g for g, needs in enumerate(given.grids.needs) if key in needs]
        lack = [
            g
            for g in needing
            if given.owner[g] != NOBODY and key not in given.workers[given.owner[g]].spoken
        ]
        if not lack:
            continue
        label = given.grids.needs[lack[0]][key][0]
        number = sum(given.grids.needs[g][key][1] for g in lack)
        names = some([str(given.grids.ids[g]) for g in lack])
        speakers = [at for at, one in enumerate(given.workers) if key in one.spoken]
        who = "no worker speaks it"
        if speakers:
            where = [
                f"{given.workers[at].name} {_where(given, at, needing, lack)}" for at in speakers
            ]
            who = f"of those who speak it {some(where)}"
        need = "grid needs" if len(lack) == 1 else "grids need"
        message = (
            f"{len(lack)} {need} {label} and {'has' if len(lack) == 1 else 'have'} an owner "
            f"who does not speak it: {names}, {count(number, 'household')}; {who}"
        )
        fix = (
            f"find a worker or a volunteer who speaks {label}; no choice leaves fewer households so"
        )
        first = str(given.grids.ids[lack[0]])
        out.append(warning("language-unmet", message, fix, count=len(lack), first=first))
    return out


def _where(given: Given, at: int, needing: list[int], lack: list[int]) -> str:
    """Return what keeps a speaker from the grids that lack the language."""
    there = np.flatnonzero(given.owner == at)
    may = given.may.allowed[at, lack].any()
    if not len(there):
        return "may not serve there" if not may else "is idle"
    grid = int(there[0])
    serves = f"serves {given.grids.ids[grid]}"
    if (at, grid) in given.may.fixed:
        return f"is fixed to {given.grids.ids[grid]}"
    if not may:
        return f"{serves} and may not serve there"
    return f"{serves}, which needs it too" if grid in needing else serves


def proof_lines(given: Given) -> list[str]:
    """Return what is proved of an assignment."""
    g, bare = len(given.owner), len(given.bare)
    unmet = int(
        sum(given.terms.unmet[at, grid] for grid, at in enumerate(given.owner) if at != NOBODY)
    )
    said = f"{g - bare} of {count(g, 'grid')} have an owner"
    levels = []
    if bare:
        lost = int(given.grids.households[given.bare].sum())
        levels.append(f"leaves fewer households without one ({lost:,})")
    if unmet:
        levels.append(f"leaves fewer without their language ({unmet:,})")
    levels.append(
        f"{'then ' if levels else ''}costs fewer points ({in_points(int(given.points.sum()))})"
    )
    return [f"{said}. Proved: no other choice {', '.join(levels)}."]
