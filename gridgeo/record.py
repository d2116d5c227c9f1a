"""What a plan remembers of its life: versions, codes, waivers, and who serves its grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = ("owner", "information officer", "supervisor")


@dataclass(frozen=True)
class Version:
    """One step in a plan's life; its parent is the version before it.

    ``action``: "partition", "redraw", "code", "owners", "waive" or "import". ``digest``: of the
    plan it led to, see ``gridgeo.lineage``. ``made``: ISO day, "" where it was not said.
    ``recipe``: what the action was given, in plain types; with the plan's own layers enough to
    do it again.
    """

    action: str
    digest: str
    made: str = ""
    person: str = ""
    reason: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CodeEntry:
    """A grid id that was ever given out, which no other grid may take again.

    ``started`` and ``ended``: ISO days, "" where not known or not yet. ``predecessors`` and
    ``successors``: grid ids whose households the grid took over, or that took over its own.
    """

    code: str
    community: str
    scheme: str = ""
    started: str = ""
    ended: str = ""
    reason: str = ""
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiver:
    """A grid out of band that was accepted; ``made``: ISO day."""

    grid_id: str
    reason: str
    person: str
    made: str = ""


@dataclass(frozen=True)
class Staff:
    """A person who serves a grid: one of ``ROLES``; ``since``: ISO day, "" where not known.

    ``kind``: of a volunteer, as "corridor leader", "" where not said.
    """

    grid_id: str
    name: str
    worker_id: str = ""
    role: str = ROLES[0]
    since: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Record:
    """All that is remembered; ``versions`` from the first to the newest."""

    versions: tuple[Version, ...] = ()
    codes: tuple[CodeEntry, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    staff: tuple[Staff, ...] = ()
