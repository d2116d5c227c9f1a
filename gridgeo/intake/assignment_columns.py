"""Which column names the building and which its grid: by override, else by usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from .columns import (
    BUILDING_ID_NAMES,
    asked_column,
    column_missing,
    plain,
    usual_column,
)
from .telling import error, listed

# Names by tier: the first tier that a file holds decides. What a redraw calls the grid of before
# comes last, so that its own new grid is meant where both are there.
_GRID_WORDS = (
    "grid_id",
    "grid gridid grid_code grid_no grid_number 网格编号 网格编码 网格号 网格代码 网格id 网格",
    "current_grid old_grid grid_name 所属网格 所在网格 现网格 现属网格 原网格 原属网格 旧网格 "
    "网格名称 网格名",
    "was_grid_id",
)
GRID_NAMES = tuple(tuple(tier.split()) for tier in _GRID_WORDS)
PLACE_ROLES = ("lon", "lat", "x", "y")
ROLES = ("building_id", "grid_id", *PLACE_ROLES)


@dataclass(frozen=True)
class AssignmentColumns:
    """Column by role, for the roles that were found, and what was wrong.

    ``bare_id``: the building's id was found only by a name such as "id", which may as well be
    that of a grid.
    """

    of: Mapping[str, str]
    bare_id: bool = False
    findings: tuple[Finding, ...] = ()

    def lacking(self, roles: Sequence[str], names: Sequence[str], where: str) -> list[Finding]:
        """Return one finding over the roles that were not found, none where all were."""
        told = {finding.first for finding in self.findings}
        missing = [role for role in roles if role not in self.of and role not in told]
        if not missing:
            return []
        fix = "name them with " + " ".join(f"--column {role}=NAME" for role in missing)
        message = f"{where} has no column for {listed(missing)}; columns there are: {listed(names)}"
        first = missing[0]
        return [error("columns-missing", message, fix, count=len(missing), first=first)]


def choose_assignment_columns(
    names: Sequence[str],
    overrides: Mapping[str, str],
    *,
    where: str,
    repeated: Sequence[str] = (),
) -> AssignmentColumns:
    """Find ``building_id`` and ``grid_id``, and lon and lat or x and y.

    Nothing has to be there; see ``AssignmentColumns.lacking``.

    Args:
        names: the columns there are.
        overrides: column by role, one of ``ROLES``.
        where: the file, for messages.
        repeated: names that stand twice in the file and so cannot be used.
    """
    of: dict[str, str] = {}
    findings: list[Finding] = []
    for role, asked in sorted(overrides.items()):
        if role not in ROLES:
            message = f"{where}: there is no {role!r} to name a column for"
            fix = f"use one of {listed(ROLES)}"
            findings.append(error("column-role-unknown", message, fix, first=role))
            continue
        found = asked_column(asked, names)
        if found is None:
            findings.append(column_missing(asked, role, names, where))
        else:
            of[role] = found
    bare = False
    for role, tiers in (("grid_id", GRID_NAMES), ("building_id", BUILDING_ID_NAMES)):
        if role in overrides:
            continue
        for tier in tiers:
            usual = {plain(form) for name in tier for form in (name, _cut(name))}
            alike = [n for n in names if plain(n) in usual and n not in of.values()]
            exact = [name for name in alike if name == tier[0]]
            if len(alike) > 1 and not exact:
                message = f"{where}: {listed(repr(name) for name in alike)} may each be {role}"
                fix = f"name the right one with --column {role}=NAME"
                count = len(alike)
                findings.append(error("column-unclear", message, fix, count=count, first=role))
            elif alike:
                of[role] = (exact or alike)[0]
                bare = role == "building_id" and tier is BUILDING_ID_NAMES[-1]
            if alike:
                break
    for role in PLACE_ROLES:
        usual_name = usual_column(role, names)
        if role not in of and usual_name is not None:
            of[role] = usual_name
    twice = {name.casefold() for name in repeated}
    findings += [
        error(
            "column-twice",
            f"{where}: the column {name!r}, read as {role}, stands more than once",
            "rename or delete one of them",
            first=name,
        )
        for role, name in of.items()
        if name.casefold() in twice and (role not in PLACE_ROLES or role in overrides)
    ]
    return AssignmentColumns(of, bare, tuple(findings))


def _cut(name: str) -> str:
    """Return what ten bytes, all that a shapefile has for a name, leave of it."""
    return name.encode()[:10].decode(errors="ignore")
