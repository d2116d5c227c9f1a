"""Which row of a table of workers is the owner of which grid, where the plan itself says who is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import Finding
from .intake.telling import Rows, error, listed, warning
from .record import ROLES, Staff

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Joined:
    """The row of the owner of every grid; owners of the plan that no row is about; what is odd."""

    row_of: Mapping[str, int] = field(default_factory=dict)
    bare: tuple[Staff, ...] = ()
    faults: tuple[Finding, ...] = ()
    said: tuple[Finding, ...] = ()


def join_staff(
    staff: Sequence[Staff], cells: Mapping[str, Array], called: Sequence[Array], *, rows: Rows
) -> Joined:
    """Find the rows of a plan's owners: by ``worker_id``, else by name.

    Where the two differ the plan counts: its owners were chosen for these grids, a column
    ``grid_id`` may be older. Such rows are told. A grid for which the plan names no owner has
    that of the table.

    Args:
        staff: of the plan, of every role.
        cells: ``worker_id``, ``name`` and ``grid_id`` of the rows, object (n,), "" for none.
        called: further names of the same persons, object (n,) each.
        rows: the rows, for messages.
    """
    owners = [one for one in staff if one.role == ROLES[0]]
    ids, grids = cells["worker_id"], cells["grid_id"]
    names = [cells["name"], *called]
    row_of: dict[str, int] = {}
    bare, unclear = [], []
    renamed = np.zeros(len(ids), bool)
    for one in owners:
        found = np.flatnonzero((ids == one.worker_id) & (ids != ""))
        if len(found):
            renamed[found[0]] |= not any(one.name == name[at] for at in found for name in names)
        else:
            alike = np.logical_or.reduce([name == one.name for name in names])
            # with an id on both sides it is somebody else of that name
            found = np.flatnonzero(alike & ((ids == "") | (one.worker_id == "")))
            if len({*zip(ids[found], grids[found], strict=True)}) > 1 and (
                len({*ids[found]}) > 1 or "" in ids[found]
            ):
                unclear.append(one)
                continue
        if len(found):
            row_of[one.grid_id] = int(found[0])
        else:
            bare.append(one)
    faults = []
    if unclear:
        first = f"{unclear[0].name}, {unclear[0].grid_id}"
        message = (
            f"{rows.prefix}{len(unclear)} owners of the plan have a name that several rows bear "
            f"(first: {first})"
        )
        fix = "give the workers ids, and staff the plan again with gridgeo owners"
        faults.append(error("owner-name-twice", message, fix, count=len(unclear), first=first))
    said = _odd(owners, row_of, grids, rows)
    if renamed.any():
        what = ("has another name than in the plan", "have other names than in the plan")
        fix = "the table's name is shown; check that it is the same person"
        said.append(rows.warning("owner-renamed", renamed, what, fix))
    if bare:
        first = f"{bare[0].name}, {bare[0].grid_id}"
        message = f"{rows.prefix}{len(bare)} owners of the plan have no row here (first: {first})"
        fix = "add them; until then only their name is shown"
        said.append(warning("owner-without-row", message, fix, count=len(bare), first=first))
    held = {one.grid_id for one in owners}
    for at in np.flatnonzero(grids != "").tolist():
        if grids[at] not in held:
            row_of.setdefault(grids[at], at)
    return Joined(row_of, tuple(bare), tuple(faults), tuple(said))


def _odd(
    owners: Sequence[Staff], row_of: Mapping[str, int], grids: Array, rows: Rows
) -> list[Finding]:
    """Tell the rows whose grid is another one than the plan says, or one that it gave away."""
    given: dict[int, list[str]] = {}
    for grid, at in row_of.items():
        given.setdefault(at, []).append(grid)
    held = {one.grid_id for one in owners}
    other = [
        grids[at] != ""
        and grids[at] not in given.get(at, [])
        and (at in given or grids[at] in held)
        for at in range(len(grids))
    ]
    bad = np.array(other, dtype=bool)
    if not bad.any():
        return []
    at = int(np.argmax(bad))
    plan = listed(given[at]) if at in given else "none"
    said = (
        f"another grid than the plan gives the worker, as {grids[at]} for {plan}; the plan counts"
    )
    fix = "empty the column grid_id, or staff the plan again with the column fixed"
    return [rows.warning("owner-elsewhere", bad, (f"names {said}", f"name {said}"), fix)]
