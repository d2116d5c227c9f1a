"""The parts a community is divided in, one a kind, and what they come to together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import Finding, Severity
from .kinds import kind_word
from .limits import Limits
from .model import CommunityResult, Status
from .pockets import Ground, Pocket, hosts_of
from .ruled_out import RuledOut
from .wording import count, some

Array = np.ndarray[Any, Any]

_ONE_KIND = "over plans in which every grid is of one kind, as asked"
_HURRIED = "time ran out before all was tried to let grids out of band share one with another kind"


@dataclass(frozen=True, eq=False)
class Part:
    """Buildings that were divided together, under the same limits.

    ``kind``: theirs, "" where kinds are not told apart. ``limits``: None where every one of its
    grids is exclusive. ``rows``: int64 (r,), their rows among all buildings. ``labels``: int64
    (r,), their grids from 0. ``large``: units that could not be kept whole. ``ruled``: why
    grids are out of band, None where none is. ``frozen``: whether it is one grid that a lock keeps
    as it was.
    """

    kind: str
    limits: Limits | None
    rows: Array
    labels: Array
    result: CommunityResult
    large: tuple[str, ...] = ()
    ruled: RuledOut | None = None
    frozen: bool = False

    @property
    def among(self) -> str:
        """What was divided, in words."""
        return f"{kind_word(self.kind)} in the community" if self.kind else "the community"


@dataclass(frozen=True, eq=False)
class Division:
    """A community in parts; and where kinds were told apart and had to be mixed, how.

    ``ground``, ``free``, ``pockets``: the buildings that may share grids with another kind, their
    rows among all buildings, and the pockets that did. ``hurried``: whether time ran out before
    all was tried for others that might have to.
    """

    parts: tuple[Part, ...]
    ground: Ground | None = None
    free: Array | None = None
    pockets: tuple[Pocket, ...] = ()
    hurried: bool = False

    def labels(self, rows: Array) -> Array:
        """Return the grid of every row of the community, int64 (r,), numbered from 0."""
        out = np.full(int(rows.max()) + 1, -1, np.int64)
        first = 0
        for part in self.parts:
            out[part.rows] = first + part.labels
            first += int(part.labels.max()) + 1
        return out[rows]


def summed(division: Division, ids: Array) -> CommunityResult:
    """Return what is known of a community: the sums over its parts; ``ids``: of all buildings."""
    parts = division.parts
    results = [part.result for part in parts]
    if len(results) == 1 and division.ground is None:
        return results[0]
    violation = sum(result.violation for result in results)
    hurried = division.hurried and violation > 0
    least = sum(result.violation_bound for result in results)
    bounds = [result.bound for result in results]
    status = Status.FEASIBLE
    if violation > 0:
        known = all(r.violation <= r.violation_bound for r in results)
        status = Status.INFEASIBLE if known else Status.FEASIBLE
    elif all(result.status is Status.OPTIMAL for result in results):
        status = Status.OPTIMAL
    return CommunityResult(
        community=results[0].community,
        status=status,
        objective=float(sum(result.objective for result in results)),
        bound=None if None in bounds else float(sum(b for b in bounds if b is not None)),
        violation=float(violation),
        violation_bound=float(least),
        max_span_m=_span_m(parts),
        seconds=float(sum(result.seconds for result in results)),
        covers="; ".join(_covers(division, ids)),
        stopped=hurried or any(result.stopped for result in results),
        moved=_total([result.moved for result in results]),
        moved_bound=_total([result.moved_bound for result in results]),
    )


def _total(figures: Sequence[int | None]) -> int | None:
    """Return the sum of the figures that there are, None where there are none."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def mixed_notes(division: Division, grid_ids: Array, ids: Array) -> list[Finding]:
    """Tell every grid that holds buildings of several kinds, and why it does.

    ``grid_ids`` and ``ids``: the grid and the id of every building of the town.
    """
    ground, free = division.ground, division.free
    if ground is None or free is None:
        return []
    grids = grid_ids[free]
    host = hosts_of(ground, grids)
    guest = ground.kind != host
    out = []
    for grid in sorted(set(grids[guest])):
        rows = np.flatnonzero(grids == grid)
        kind = kind_word(ground.names[int(host[rows[0]])])
        held = []
        for other in sorted(set(ground.kind[rows[guest[rows]]].tolist())):
            mine = rows[ground.kind[rows] == other]
            names = some([str(name) for name in ids[free[mine]]])
            held.append(f"{_amount(ground, mine)} of {kind_word(ground.names[other])} ({names})")
        why = _because(division, rows, rows[guest[rows]])
        said = f"{grid} is of {kind} and holds {some(held)}{why}"
        fix = "Give one of the two other limits, or the same kind, if that is not to be"
        first = str(ids[free[rows[guest[rows]][0]]])
        out.append(Finding("kinds-mixed", Severity.NOTE, said, fix, int(guest[rows].sum()), first))
    return out


def _amount(ground: Ground, rows: Array) -> str:
    households = int(ground.households[rows].sum())
    if households:
        return count(households, "household")
    return f"{count(len(rows), 'building')} without households"


def _because(division: Division, rows: Array, guests: Array) -> str:
    """Return which pocket did not do by itself: one of the guests, else one of these rows."""
    ground = division.ground
    assert ground is not None  # asked only where kinds were told apart
    for some_rows in (guests, rows):
        for pocket in reversed(division.pockets):
            if np.isin(pocket.rows, some_rows).any():
                kinds = {ground.names[k] for k in ground.kind[pocket.rows].tolist()}
                of = f" of {kind_word(kinds.pop())}" if len(kinds) == 1 else ""
                if len(pocket.rows) == 1:
                    return f": by itself the building{of} there has {pocket.said}"
                number = count(len(pocket.rows), "building")
                return f": by themselves the {number}{of} there have {pocket.said}"
    return ""


def _covers(division: Division, ids: Array) -> list[str]:
    """Return what the proofs of the parts leave out, in words, and how far kinds are apart."""
    free = [part for part in division.parts if not part.frozen]
    said = [(part, part.result.covers) for part in free if part.limits is not None]
    out: list[str] = []
    if said and said[0][1] and all(covers == said[0][1] for _, covers in said):
        out.append(said[0][1])
    else:
        out += [f"{kind_word(part.kind)}: {covers}" for part, covers in said if covers]
    if division.hurried and any(part.result.violation > 0 for part in division.parts):
        out.append(_HURRIED)
    kinds = division.ground is not None or len(free) == len(division.parts)
    return [*out, kept_apart(division, ids)] if kinds else out


def kept_apart(division: Division, ids: Array) -> str:
    """Return over which plans a proof holds: kinds apart, but for the buildings that are not."""
    ground, free = division.ground, division.free
    if ground is None or free is None:
        return _ONE_KIND
    host = np.full(len(ground.kind), -1, np.int64)
    position = np.full(int(free.max()) + 1, -1, np.int64)
    position[free] = np.arange(len(free))
    for part in division.parts:
        if part.limits is not None and not part.frozen:
            host[position[part.rows]] = ground.names.index(part.kind)
    guest = np.flatnonzero((host != ground.kind) & (host >= 0))
    if not len(guest):
        return _ONE_KIND
    names = some([str(name) for name in ids[free[guest]]])
    one = len(guest) == 1
    return (
        f"{_ONE_KIND}, but for {count(len(guest), 'building')} ({names}) that "
        f"{'is' if one else 'are'} divided with the kind around {'it' if one else 'them'}, under "
        "its limits and each pocket kept whole"
    )


def _span_m(parts: Sequence[Part]) -> float | None:
    """Return the widest grid the proofs are over, None where all are over any that is allowed."""
    short, asked = [], set()
    for part in parts:
        if part.limits is None or part.frozen:
            continue
        proved_m, limit_m = part.result.max_span_m, part.limits.max_span_m
        asked.add(limit_m)
        if proved_m is not None and (limit_m is None or proved_m < limit_m):
            short.append(proved_m)
    if short:
        return min(short)
    return asked.pop() if len(asked) == 1 else None
