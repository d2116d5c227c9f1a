"""Workers and services by grid, as far as they may be shown, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import maps

from ..errors import Finding, Findings, InputError
from ..intake.telling import error, warning
from ..owners import Owner, ServiceLine, read_owners, read_services
from ..record import Staff
from ..withheld import shown

# What the work of every grid owner is, where the owners file does not tell it.
_DUTIES = (
    "Collects what residents need, and passes it on",
    "Helps with everyday services",
    "Settles simple problems on the spot",
    "Reports serious problems to the community at once",
)


@dataclass(frozen=True)
class People:
    """Who is to be shown for each grid.

    ``services``: by grid, all; ``common``: those of every grid. ``owners`` are as the office
    knows them, for the gate.
    """

    workers: Mapping[str, maps.Worker] = field(default_factory=dict)
    services: Mapping[str, tuple[maps.Service, ...]] = field(default_factory=dict)
    common: tuple[maps.Service, ...] = ()
    owners: tuple[Owner, ...] = ()
    findings: Findings = field(default_factory=Findings)


def read_people(
    grids: Sequence[str],
    words: maps.Words,
    *,
    owners: str | Path | None,
    services: str | Path | None,
    staff: Sequence[Staff] = (),
    photos_beside: bool = False,
) -> People:
    """Read the owners and services of a plan's grids; ``staff`` is that of the plan.

    ``photos_beside``: see ``gridgeo.owners.read_owners``.

    Raises:
        InputError: every fault of both files at once.
    """
    faults: list[Finding] = []
    known: dict[str, Owner] = {}
    said: list[Finding] = []
    lines: tuple[ServiceLine, ...] = ()
    try:
        if owners is not None:
            known, told = read_owners(
                owners, language=words.language, staff=staff, photos_beside=photos_beside
            )
            said += [*told, *_odd(known, grids, Path(owners).name)]
    except InputError as fault:
        faults += fault.findings
    try:
        if services is not None:
            lines = read_services(services, language=words.language)
            faults += _nowhere(lines, grids, str(services))
    except InputError as fault:
        faults += fault.findings
    if faults:
        raise InputError(faults)
    mine = {grid: known[grid] for grid in grids if grid in known}
    return People(
        workers={grid: _worker(owner, words) for grid, owner in mine.items()},
        services={grid: _services(grid, mine.get(grid), lines, words) for grid in grids},
        common=tuple(maps.Service(s.label, s.phone) for s in lines if not s.grid_id),
        owners=tuple(known.values()),
        findings=Findings(tuple(said)),
    )


def _worker(owner: Owner, words: maps.Words) -> maps.Worker:
    public = shown(owner)
    return maps.Worker(
        name=public.name,
        phone=public.phone,
        photo=public.photo,
        duties=public.duties or tuple(words(duty) for duty in _DUTIES),
        responsibilities=public.responsibilities,
        chat=public.chat,
    )


def _services(
    grid: str, owner: Owner | None, lines: Iterable[ServiceLine], words: maps.Words
) -> tuple[maps.Service, ...]:
    """Return the numbers to call in a grid: its own first, then those of every grid."""
    found = [line for line in lines if line.grid_id in ("", grid)]
    found.sort(key=lambda line: line.grid_id == "")
    out = [maps.Service(line.label, line.phone) for line in found]
    if owner is not None and owner.office_phone and shown(owner).phone != owner.office_phone:
        out.insert(0, maps.Service(words("Office of the grid owner"), owner.office_phone))
    return tuple(out)


def _odd(owners: Mapping[str, Owner], grids: Sequence[str], name: str) -> list[Finding]:
    """Return what a planner should know of the owners of a plan's grids."""
    here, said = set(grids), []
    bare = sorted(here - set(owners))
    if bare:
        message = f"{len(bare)} of {len(here)} grids have no owner (first: {bare[0]})"
        fix = f"give them one in {name}, column grid_id"
        said.append(warning("grid-without-owner", message, fix, count=len(bare), first=bare[0]))
    strangers = sorted(set(owners) - here)
    if strangers:
        message = (
            f"{len(strangers)} owners are named for grids that are not in the plan "
            f"(first: {strangers[0]})"
        )
        fix = f"correct grid_id in {name}"
        said.append(
            warning("owner-without-grid", message, fix, count=len(strangers), first=strangers[0])
        )
    mine = [owner for grid, owner in sorted(owners.items()) if grid in here]
    silent = [o for o in mine if not o.consent and (o.phone or o.chat or o.photo)]
    if silent:
        message = (
            f"{len(silent)} workers have no recorded consent (first: {silent[0].name}): photo, "
            "own number and chat are not shown"
        )
        fix = "write yes in the column consent once they agree"
        said.append(
            warning("owner-without-consent", message, fix, count=len(silent), first=silent[0].name)
        )
    mute = [owner for owner in mine if not shown(owner).phone]
    if mute:
        message = f"{len(mute)} workers have no number that may be shown (first: {mute[0].name})"
        fix = "give them an office_phone, or ask for their consent"
        said.append(
            warning("owner-without-phone", message, fix, count=len(mute), first=mute[0].name)
        )
    return said


def _nowhere(lines: Iterable[ServiceLine], grids: Sequence[str], name: str) -> list[Finding]:
    lost = sorted({line.grid_id for line in lines} - {"", *grids})
    if not lost:
        return []
    message = f"{name}: {len(lost)} grids are not in the plan (first: {lost[0]})"
    fix = "correct grid_id, or leave it empty for a service of every grid"
    return [error("service-without-grid", message, fix, count=len(lost), first=lost[0])]
