"""Versions of a plan: its digest, one step more in its record, and ids from plan to plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .codes import order_of_grids
from .errors import Finding, InputError
from .intake.telling import error, listed
from .model import Plan
from .numbering import Numbering, numbering_like
from .record import CodeEntry, Record, Version

Array = np.ndarray[Any, Any]

# What gives grids ids that were not there before.
_NAMING = ("partition", "import", "redraw", "code")


def plan_digest(plan: Plan) -> str:
    """Return the sha256, in hex, of which building is in which grid, with their figures."""
    buildings = plan.buildings
    digest = hashlib.sha256(plan.input_hash.encode())
    for texts in (buildings.ids, plan.grid_ids):
        # a letter no id holds parts them, so that "1", "12" is not "11", "2"
        digest.update("\0".join(map(str, texts)).encode())
        digest.update(b"\1")
    for figures in (buildings.households, buildings.population):
        digest.update(np.ascontiguousarray(figures, dtype="<i8").tobytes())
    return digest.hexdigest()


def with_version(plan: Plan, version: Version) -> Plan:
    """Return the plan with one version more in its record; its digest is that of the plan."""
    newest = replace(version, digest=plan_digest(plan))
    record = replace(plan.record, versions=(*plan.record.versions, newest))
    return replace(plan, record=record)


def is_imported(plan: Plan) -> bool:
    """Return whether the grids of a plan were not drawn here but taken from a table."""
    drawn = ("partition", "redraw", "import")
    steps = [version.action for version in plan.record.versions if version.action in drawn]
    return bool(steps) and steps[-1] == "import"


def changed_by(plan: Plan) -> dict[str, int]:
    """Return what a plan came to, for the "changed" of a recipe: plain names and whole numbers."""
    return {
        "grids": len(set(plan.grid_ids.tolist())),
        "grids out of band": len(plan.reasons),
        "buildings": len(plan.buildings),
        "households": int(plan.buildings.households.sum()),
    }


def only_living(record: Record, living: Iterable[str]) -> Record:
    """Return the record without the waivers and the staff of grids that have ended."""
    there = set(living)
    return replace(
        record,
        waivers=tuple(waiver for waiver in record.waivers if waiver.grid_id in there),
        staff=tuple(staff for staff in record.staff if staff.grid_id in there),
    )


def words_faults(said: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with words for a plan's history, by what they are."""
    return [
        error(
            "text-unprintable",
            f"the {name} holds a letter that cannot be shown (first: {odd!r})",
            "write it on one line, without control characters",
            first=name,
        )
        for name, text in said.items()
        for odd in [letter for letter in text if not letter.isprintable()][:1]
    ]


@dataclass(frozen=True)
class Issued:
    """Every grid id that was ever given out, and how the next ones are made.

    ``living``: the community of every grid of the old plan, by its id, in any order; "" where it
    is not known. ``ledger``: as of ``CodeEntry``, "" for none. ``numbering``: by community, where
    ids are codes of a scheme; of the others the ids themselves tell, see ``numbering_like``.
    """

    living: Mapping[str, str]
    ledger: tuple[CodeEntry, ...] = ()
    numbering: Mapping[str, Numbering] = field(default_factory=dict)
    started: str = ""

    @classmethod
    def of_plan(cls, plan: Plan) -> Issued:
        """Return what a plan has issued; it may be of before there was a record."""
        pairs = zip(plan.grid_ids, plan.buildings.communities, strict=True)
        named = [v.made for v in plan.record.versions if v.action in _NAMING]
        return cls(
            dict(sorted(dict(pairs).items())),
            plan.record.codes,
            numbering_of(plan.record.versions),
            named[-1] if named else "",
        )

    def all_ids(self, community: str) -> list[str]:
        """Return every id that was ever given out in a community, sorted."""
        found = {entry.code for entry in self.ledger if entry.community == community}
        return sorted(found | {grid for grid, of in self.living.items() if of == community})

    def numbering_in(self, community: str) -> Numbering:
        """Return how ids of a community are made."""
        known = self.numbering.get(community)
        return numbering_like(community, self.all_ids(community)) if known is None else known

    def full_ledger(self) -> dict[str, CodeEntry]:
        """Return the ledger by code, with an entry for every living grid.

        Raises:
            InputError: living grids bear codes that were retired.
        """
        out = {entry.code: entry for entry in self.ledger}
        back = [grid for grid in self.living if grid in out and out[grid].ended]
        if back:
            message = f"{len(back)} grids bear codes that were retired: {listed(back)}"
            fix = "A retired code is never given again: code the plan afresh, or take its last file"
            raise InputError([error("code-retired", message, fix, count=len(back), first=back[0])])
        for grid in sorted(set(self.living) - set(out)):
            out[grid] = CodeEntry(grid, self.living[grid], started=self.started)
        return out


@dataclass(frozen=True, eq=False)
class Regrouping:
    """New grids of the buildings there are now, beside the grids they were in.

    All of the same n rows: ``labels``: int64, the new grid, from 0 without gaps; ``was``: object,
    the old grid's id, "" for a new building; ``communities``: object, text; ``households``:
    int64; ``cells``: object, polygons of one coverage in metres. ``carries``: object (g,), the id
    of the old grid that new grid k carries on, "" where it is a new one; none twice.
    """

    labels: Array
    was: Array
    carries: Sequence[str]
    communities: Array
    households: Array
    cells: Array


def carry_on(
    issued: Issued, drawn: Regrouping, *, day: str, reason: str = ""
) -> tuple[Array, tuple[CodeEntry, ...]]:
    """Return the grid id of every building, object (n,), and the ledger from now on.

    A grid that carries an old one on keeps its id, however much else changed. The new grids of a
    community take the numbers after the highest ever issued there, in reading order (see
    ``gridgeo.codes.reading_order``). Where a scheme has a number for a community that is one grid,
    a grid that bears it and is no longer alone is a new one, and a new one that is alone
    takes it, if it was never given out.

    An old grid that none carries on ends with ``day`` and ``reason``; a new one starts on that
    day. Where no day is said ("") an ended id is known by no grid bearing it.

    An old grid is a predecessor of another one, and that its successor, where at least half of the
    households of either went from the one to the other; and the old grid that most households of a
    new one came from always is, as is the one that most of an ended one went to. Households are
    those of now; of equals the one with more buildings counts, then the lower id. Links add to
    those that the ledger has.

    Raises:
        InputError: the numbers of a community are full; a living grid bears a retired code.
        ValueError: a grid is carried on twice, or is none of the old ones.
    """
    carries = [str(name) for name in drawn.carries]
    kept = [name for name in carries if name]
    if len(set(kept)) != len(kept) or not set(kept) <= set(issued.living):
        raise ValueError("each old grid is carried on once at most, and no other one")
    home = _home(drawn)
    ids = _new_ids(issued, drawn, carries, home)
    entries = handed_over(issued, drawn, ids, day=day, reason=reason)
    return np.array(ids, dtype=object)[drawn.labels], entries


def handed_over(
    issued: Issued, drawn: Regrouping, ids: Sequence[str], *, day: str, reason: str = ""
) -> tuple[CodeEntry, ...]:
    """Return the ledger once the new grids bear ``ids``, in the order of their labels.

    What ends, what starts and who took over from whom: see ``carry_on``.

    Raises:
        InputError: a living grid bears a retired code.
    """
    ledger = issued.full_ledger()
    for name in sorted(set(issued.living) - set(ids)):
        ledger[name] = replace(ledger[name], ended=day, reason=reason)
    for name, community in zip(ids, _home(drawn), strict=True):
        if name not in ledger:
            numbering = issued.numbering_in(community)
            # an id that was imported need be none of the scheme
            scheme = "" if numbering.number_of(name) is None else numbering.scheme
            ledger[name] = CodeEntry(name, community, scheme, day)
    for old, new in _links(drawn, ids):
        ledger[old] = _more(ledger[old], "successors", new)
        ledger[new] = _more(ledger[new], "predecessors", old)
    return tuple(ledger.values())


def _home(drawn: Regrouping) -> list[str]:
    """Return the community of every new grid."""
    _, first = np.unique(drawn.labels, return_index=True)
    return [str(name) for name in drawn.communities[first]]


def numbering_of(versions: Sequence[Version]) -> dict[str, Numbering]:
    """Return by community how ids are made, as the newest version tells that gave codes to it.

    Raises:
        InputError: what the history has of it cannot be read.
    """
    try:
        return {
            str(community): Numbering.from_dict(facts)
            for version in versions
            for community, facts in version.recipe.get("numbering", {}).items()
        }
    except (TypeError, AttributeError) as fault:
        message = f"the plan's history has a numbering that cannot be read ({fault})"
        fix = "Code the plan afresh: gridgeo code --afresh --reason"
        raise InputError([error("numbering-unreadable", message, fix)]) from fault


def _new_ids(
    issued: Issued, drawn: Regrouping, carries: Sequence[str], home: Sequence[str]
) -> list[str]:
    """Return the id of every new grid: the one it carries on, or one never given before."""
    out = list(carries)
    taken = {*issued.living, *(entry.code for entry in issued.ledger)}
    full: list[Finding] = []
    for community in sorted(set(home)):
        numbering = issued.numbering_in(community)
        mine = [grid for grid, name in enumerate(home) if name == community]
        sole = None if numbering.alone is None else numbering.id_of(numbering.alone)
        if len(mine) > 1:
            out = ["" if name == sole else name for name in out]
        fresh = [grid for grid in mine if not out[grid]]
        if not fresh:
            continue
        if len(mine) == 1 and sole is not None and sole not in taken:
            names, order = [sole], [mine[0]]
        else:
            try:
                names = numbering.next_ids(len(fresh), taken, community=community)
            except InputError as fault:
                full += fault.findings
                continue
            rows = np.flatnonzero(np.isin(drawn.labels, mine))
            met = order_of_grids(
                drawn.cells[rows],
                np.searchsorted(np.array(mine), drawn.labels[rows]),
                by=numbering.order,
            )
            order = [mine[at] for at in met.tolist() if mine[at] in set(fresh)]
        taken.update(names)
        for grid, name in zip(order, names, strict=True):
            out[grid] = name
    if full:
        raise InputError(full)
    return out


def _links(drawn: Regrouping, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return who took over from whom, as pairs of an old id and another new one, sorted."""
    held = np.flatnonzero([bool(name) for name in drawn.was])
    # whole numbers: households first, then buildings
    mass = drawn.households.astype(object) * (len(drawn.was) + 1) + 1
    flow: dict[tuple[str, str], int] = {}
    gave: dict[str, int] = {}
    holds: dict[str, int] = dict.fromkeys(ids, 0)
    for row, label in enumerate(drawn.labels.tolist()):
        holds[ids[label]] += mass[row]
    for row in held.tolist():
        pair = str(drawn.was[row]), ids[int(drawn.labels[row])]
        flow[pair] = flow.get(pair, 0) + mass[row]
        gave[pair[0]] = gave.get(pair[0], 0) + mass[row]
    out = {
        (old, new)
        for (old, new), moved in flow.items()
        if 2 * moved >= gave[old] or 2 * moved >= holds[new]
    }
    most_of: dict[tuple[str, int], tuple[str, str]] = {}
    for pair in sorted(flow, key=lambda pair: (-flow[pair], pair)):
        for end in (0, 1):
            most_of.setdefault((pair[end], end), pair)
    before, after = {old for old, _ in flow}, set(ids)
    out |= {most_of[old, 0] for old in before - after}
    out |= {most_of[new, 1] for new in {new for _, new in flow} - before}
    return sorted(pair for pair in out if pair[0] != pair[1])


def _more(entry: CodeEntry, end: str, other: str) -> CodeEntry:
    known: tuple[str, ...] = getattr(entry, end)
    links: dict[str, Any] = {end: (*known, other)}
    return entry if other in known else replace(entry, **links)
