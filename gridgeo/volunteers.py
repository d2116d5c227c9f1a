"""Volunteers of grids from a table: information officers and supervisors, and where they serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from .errors import Finding, InputError
from .grid_places import GridPlaces
from .intake.telling import warning
from .intake.tiers import plain
from .record import Staff
from .worker_columns import volunteer_columns
from .worker_sheet import Sheet, told

Array = np.ndarray[Any, Any]

INFORMATION_OFFICER, SUPERVISOR = "information officer", "supervisor"
_ROLE_WORDS = {
    INFORMATION_OFFICER: "information_officer informant information_worker info_officer "
    "信息员 网格信息员 信息联络员 信息采集员",
    SUPERVISOR: "supervisor inspector monitor 监督员 网格监督员 监督 监督岗",
}
_ROLES = {plain(word): role for role, words in _ROLE_WORDS.items() for word in words.split()}
_KIND_WORDS = {
    "property firm": "property_firm property property_company property_manager 物业 物业公司 "
    "物业企业 物业人员",
    "residents' representative": "residents'_representative resident_representative "
    "representative 居民代表",
    "retired member": "retired_member retired retired_party_member 离退休党员 退休党员 离退休人员 "
    "退休人员 离退休",
    "group leader": "group_leader residents'_group_leader 居民小组长 小组长 居民组长",
    "corridor leader": "corridor_leader building_leader stairwell_leader 楼道长 楼长 单元长 楼门长 "
    "楼栋长",
    "enthusiast": "enthusiast 热心居民 热心群众 热心人士 积极分子",
}
_KINDS = {plain(word): kind for kind, words in _KIND_WORDS.items() for word in words.split()}
_COLUMNS = ("grid_id", "worker_id", "name", "role", "kind", "building", "lon", "lat", "x", "y")
_LONGEST = 100


def read_volunteers(
    path: str | Path, places: GridPlaces, *, crs: pyproj.CRS | None = None
) -> tuple[Staff, ...]:
    """Read a table of volunteers (CSV or Excel): ``name``, ``role``, and where they serve.

    ``role``: information officer (信息员) or supervisor (监督员). Where: ``grid_id``; else
    ``building``, its id, name or address; else ``lon`` and ``lat``, or ``x`` and ``y``. ``kind``
    (property firm, residents' representative, retired member, group leader, corridor leader,
    enthusiast, or another) and ``volunteer_id`` may be missing. Nothing else is read.

    Returns:
        One entry a person, role and grid, sorted; a row that stands there twice counts once.

    Raises:
        InputError: every fault of the table at once.
    """
    sheet = Sheet.read(path, "volunteers")
    chosen = volunteer_columns(sheet.header)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells, rows = sheet.cells(chosen.of, _COLUMNS), sheet.rows
    names = cells["name"]
    roles = np.array([_ROLES.get(plain(t), "") for t in cells["role"]], dtype=object)
    xy, faults = places.read_xy(cells, "", rows=rows, crs=crs)
    by_place = places.grid_at(xy).astype(object)
    by_place[~np.isfinite(xy).all(axis=1)] = None
    by_building = [places.grids_of(t) if t else None for t in cells["building"].tolist()]
    grids, differs = _grids(cells["grid_id"], by_building, by_place)
    unsaid = np.array([g is None for g in grids], bool)
    unknown = (cells["grid_id"] != "") & ~np.isin(
        cells["grid_id"].astype(str), places.grid_ids.astype(str)
    )
    lost = np.array([one is not None and not one for one in by_building], bool)
    unclear = np.array([one is not None and len(one) > 1 for one in by_building], bool)
    ids = cells["worker_id"]
    called = pd.Series(names).groupby(pd.Series(ids)).transform("nunique").to_numpy()
    faults += told(
        rows,
        [
            ("volunteer-without-name", names == "", "has|have no name", "Write the name"),
            ("volunteer-twice", (called > 1) & (ids != ""),
             "shares|share an id with a volunteer of another name",
             "Give each volunteer an id of their own"),
            ("role-unknown", roles == "", "has|have in role neither information officer nor "
             "supervisor", "Write information officer (信息员) or supervisor (监督员)"),
            ("text-too-long", np.array([len(n) > _LONGEST or len(k) > _LONGEST for n, k in
             zip(names, cells["kind"], strict=True)], bool),
             f"has|have a name or kind of over {_LONGEST} letters", "Shorten it"),
            ("grid-unknown", unknown, "names|name a grid that is not in the plan",
             "Correct grid_id"),
            ("building-unknown", lost, "names|name a building that is not in the plan",
             "Write its id or name, or give grid_id"),
            ("building-unclear", unclear & (cells["grid_id"] == ""),
             "names|name what buildings of several grids are called", "Give grid_id too"),
            ("place-outside", by_place == "", "lies|lie in no grid of the plan",
             "Correct the coordinates, or give grid_id"),
            ("places-differ", differs & ~unknown, "names|name a grid, a building or a place that "
             "are not of one grid", "Correct them, or leave only one"),
            ("volunteer-nowhere", unsaid, "says|say nothing of where the volunteer serves",
             "Give grid_id, building, or lon and lat"),
        ],
    )  # fmt: skip
    if faults:
        raise InputError(faults)
    found = {
        Staff(str(grid), name, worker_id, role, kind=_KINDS.get(plain(kind), kind))
        for grid, name, worker_id, role, kind in zip(
            grids, names.tolist(), ids.tolist(), roles.tolist(), cells["kind"].tolist(), strict=True
        )
    }
    return tuple(
        sorted(found, key=lambda one: (one.grid_id, one.role, one.worker_id, one.name, one.kind))
    )


def _grids(
    said: Array, by_building: list[tuple[str, ...] | None], by_place: Array
) -> tuple[list[str | None], Array]:
    """Return the grid of every row, None where it says none; and whether it says several."""
    grids: list[str | None] = []
    differs = np.zeros(len(said), bool)
    for at, (grid, building, place) in enumerate(
        zip(said.tolist(), by_building, by_place.tolist(), strict=True)
    ):
        choices = [{grid}] if grid else []
        choices += [{*building}] if building else []
        choices += [{place}] if place else []
        common = set.intersection(*choices) if choices else set()
        differs[at] = bool(choices) and not common
        anything = bool(choices) or building is not None or place is not None
        grids.append(min(common, default="") if anything else None)
    return grids, differs


def few_volunteers(staff: tuple[Staff, ...], grid_ids: Array) -> list[Finding]:
    """Tell the grids that have no information officer, or no supervisor."""
    out = []
    for role in (INFORMATION_OFFICER, SUPERVISOR):
        held = {one.grid_id for one in staff if one.role == role}
        bare = [str(grid) for grid in grid_ids.tolist() if grid not in held]
        if bare:
            have = "grid has" if len(bare) == 1 else "grids have"
            message = f"{len(bare)} {have} no {role} among the volunteers (first: {bare[0]})"
            code = f"grid-without-{role.replace(' ', '-')}"
            out.append(warning(code, message, "", count=len(bare), first=bare[0]))
    return out
