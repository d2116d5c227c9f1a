"""Which column names the building and which its grid: by override, else by usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from .columns import BUILDING_ID_NAMES, asked_column, column_missing, cut, usual_column
from .telling import error, listed
from .tiers import Header, doubled_columns, find_column, missing_columns

# Names by tier: the first tier that a file holds decides. What a redraw calls the grid of before
# comes last, so that its own new grid is meant where both are there.
GRID_WORDS = (
    "grid_id",
    "grid gridid grid_code grid_no grid_number 网格编号 网格编码 网格号 网格代码 网格id 网格",
    "current_grid old_grid grid_name 所属网格 所在网格 现网格 现属网格 原网格 原属网格 旧网格 "
    "网格名称 网格名",
    "was_grid_id",
)
_GRID_NAMES = tuple(tuple(tier.split()) for tier in GRID_WORDS)
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

    def lacking(self, roles: Sequence[str], header: Header) -> list[Finding]:
        """Return one finding over the roles that were not found, none where all were."""
        told = {finding.first for finding in self.findings}
        missing = [role for role in roles if role not in self.of and role not in told]
        fix = "name them with " + " ".join(f"--column {role}=NAME" for role in missing)
        return missing_columns(missing, header, fix=fix)


def choose_assignment_columns(header: Header, overrides: Mapping[str, str]) -> AssignmentColumns:
    """Find ``building_id`` and ``grid_id``, and lon and lat or x and y.

    Nothing has to be there; see ``AssignmentColumns.lacking``. ``overrides``: column by role, one
    of ``ROLES``.
    """
    of: dict[str, str] = {}
    findings: list[Finding] = []
    for role, asked in sorted(overrides.items()):
        if role not in ROLES:
            message = f"{header.where}: there is no {role!r} to name a column for"
            fix = f"use one of {listed(ROLES)}"
            findings.append(error("column-role-unknown", message, fix, first=role))
            continue
        found = asked_column(asked, header.names)
        if found is None:
            findings.append(column_missing(asked, role, header.names, header.where))
        else:
            of[role] = found
    for role, tiers in (("grid_id", _GRID_NAMES), ("building_id", BUILDING_ID_NAMES)):
        if role not in overrides:
            forms = [[*tier, *map(cut, tier)] for tier in tiers]
            fix = f"name the right one with --column {role}=NAME"
            findings += find_column(role, forms, header, of, fix=fix)
    bare: dict[str, str] = {}
    find_column("building_id", BUILDING_ID_NAMES[-1:], header, bare, fix="")
    for role in PLACE_ROLES:
        usual = usual_column(role, header.names)
        if role not in of and usual is not None:
            of[role] = usual
    meant = {role: of[role] for role in of if role not in PLACE_ROLES or role in overrides}
    findings += doubled_columns(meant, header)
    is_bare = "building_id" not in overrides and of.get("building_id") in bare.values()
    return AssignmentColumns(of, is_bare, tuple(findings))
