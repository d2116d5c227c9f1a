"""Match the buildings of now to those of before: by id, then by place, else new; all is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from .crs import to_metric
from .errors import Finding, InputError, Severity
from .intake.places import POINTS_AND_POLYGONS, POLYGONS, place
from .intake.telling import Rows, error, errors_in, warning
from .matched import How, Matched, told_of
from .model import Buildings
from .old_grids import OldGrids, wholes_of
from .same_ground import INSIDE, NEAR, UNCLEAR, on_ground
from .same_id import rows_of_ids, rows_of_like_ids
from .same_place import couples_of, likeliest, made_up, unclear
from .wording import some

Array = np.ndarray[Any, Any]

# What two surveys of one place differ by, and less than there is between two houses.
NEAR_M = 10.0
# A file without a CRS is taken for one in that of the buildings only where it lies among them.
_AROUND_M = 2_000.0


def old_grid_of(
    buildings: Buildings, old: OldGrids, *, by_id: bool = True, near_m: float = NEAR_M
) -> Matched:
    """Return which grid of ``old`` every building was in.

    A building is one of before if it has its id (then ids that differ in leading zeros, case,
    width or spaces only), or stands at its place: footprints that share at least 40 % of the ground
    covered by either, or a point within ``near_m`` of the other; where several compete, all
    together are matched as well as they can be, and one that may as well have been in another
    grid is taken for new. Where only the ground of the old grids is known, a building was in the
    grid that it stands in, or within ``near_m`` of.

    Args:
        buildings: those of now.
        old: what is known of before, in any CRS.
        by_id: whether ids count; else places alone do, as where ids were given out anew.
        near_m: how far two surveys of one place may differ, in metres.

    Raises:
        InputError: not one building was there before, or the old grids cannot be laid on the map.
    """
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)
    old, told = laid_beside(buildings, old)
    n = len(buildings)
    found = Matched(
        was=np.full(n, "", dtype=object),
        how=np.array([How.NEW] * n, dtype=object),
        rows=np.full(n, -1, dtype=np.int64),
        vanished=(),
        findings=(),
    )
    if old.polygons is not None:
        told += _by_ground(found, shapes, old, near_m)
    else:
        there = np.zeros(len(old), dtype=bool)
        if by_id:
            _by_id(found, buildings, old, there)
        _by_place(found, shapes, old, there, near_m=near_m)
        gone = sorted(str(name) for name in old.names[~there])
        found = replace(found, vanished=tuple(gone))
    if not (~np.isin(found.how, (How.NEW, How.UNCLEAR))).any():
        raise InputError([_foreign(buildings, old), *(_as_error(f) for f in told)])
    told += told_of(found, buildings, old, shapes)
    named, shared = _apart(found.was, buildings, old)
    return replace(found, was=named, findings=(*told, *shared))


def laid_beside(buildings: Buildings, old: OldGrids) -> tuple[OldGrids, list[Finding]]:
    """Return the old shapes in the CRS of the buildings, without any where that cannot be.

    Raises:
        InputError: only the ground of the grids is known, and it cannot be.
    """
    shapes = old.geometry if old.polygons is None else old.polygons
    crs = buildings.table.crs
    if shapes is None or crs is None:
        return replace(old, geometry=None), []
    target = pyproj.CRS.from_user_input(crs)
    told: list[Finding] = []
    moved: Array | None = shapes
    if old.crs is None:
        moved, told = _guessed(buildings, old, shapes, target)
    elif old.crs != target:
        try:
            frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=old.crs))
            moved = np.asarray(to_metric(frame, target).geometry.values, dtype=object)
        except InputError as lost:
            moved, told = None, [_unplaced(old, fault) for fault in lost.findings]
    if old.polygons is None:
        return replace(old, geometry=moved, crs=target), told
    if moved is None:
        raise InputError([_as_error(finding) for finding in told])
    return replace(old, polygons=moved, crs=target), told


def _guessed(
    buildings: Buildings, old: OldGrids, shapes: Array, crs: pyproj.CRS
) -> tuple[Array | None, list[Finding]]:
    """Take shapes without a CRS for such in that of the buildings, if they lie among them."""
    xy = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    bounds = np.asarray(shapely.total_bounds(np.asarray(buildings.table.geometry.values)))
    low, high = bounds[:2] - _AROUND_M, bounds[2:] + _AROUND_M
    middle = np.median(xy, axis=0) if len(xy) else np.full(2, np.nan)
    if not ((low <= middle) & (middle <= high)).all():
        message = f"{old.name}: nothing says in which CRS its coordinates are"
        fix = "name it with --crs, as --crs EPSG:4490"
        return None, [warning("old-crs-missing", message, fix, first=old.name)]
    rows = Rows(np.array([f"row {k}" for k in range(1, len(shapes) + 1)], dtype=object), "shape",
                "shapes", f"{old.name}: ")  # fmt: skip
    kinds = POINTS_AND_POLYGONS if old.polygons is None else POLYGONS
    placed = place(shapes, [crs], rows, kinds=kinds, target=crs)
    message = (
        f"{old.name}: nothing says in which CRS its coordinates are; they lie among the buildings "
        f"and were taken for {crs.to_string()}"
    )
    said = warning("old-crs-assumed", message, "name it with --crs if it is another")
    if old.polygons is not None and errors_in(placed.findings):
        raise InputError([_as_error(said), *placed.findings])
    # of buildings the ids are left
    told = [replace(finding, severity=Severity.WARNING) for finding in placed.findings]
    return placed.shapes, [said, *told]


def _by_id(found: Matched, buildings: Buildings, old: OldGrids, there: Array) -> None:
    """Match by id: exactly, then as parts of a building, then but for how ids are written."""
    ids = buildings.ids
    _note(found, old, there, rows_of_ids(ids, old.ids), How.ID)
    whole = rows_of_ids(wholes_of(buildings.table), old.ids)
    _note(found, old, there, np.where(found.how == How.NEW, whole, -1), How.PART)
    parts: dict[str, list[int]] = {}
    for row, name in enumerate(old.wholes.tolist()):
        if name:
            parts.setdefault(name, []).append(row)
    for at in np.flatnonzero(found.how == How.NEW).tolist():
        _join(found, old, there, at, parts.get(str(ids[at]), []))
    left, free = np.flatnonzero(found.how == How.NEW), np.flatnonzero(~there)
    like = rows_of_like_ids(ids[left], old.ids[free])
    rows = np.full(len(ids), -1, dtype=np.int64)
    rows[left[like >= 0]] = free[like[like >= 0]]
    _note(found, old, there, rows, How.ALIKE)


def _note(found: Matched, old: OldGrids, there: Array, rows: Array, how: How) -> None:
    """Note that buildings are those of ``rows`` of before, int64 (n,), -1 where nothing is new."""
    which = np.flatnonzero(rows >= 0)
    found.rows[which] = rows[which]
    found.how[which] = how
    found.was[which] = old.grid_ids[rows[which]]
    there[rows[which]] = True


def _join(found: Matched, old: OldGrids, there: Array, at: int, parts: list[int]) -> None:
    """Note a building that was several: their grid, if they were all in one."""
    if not parts:
        return
    grids = {str(old.grid_ids[part]) for part in parts}
    found.how[at] = How.PART if len(grids) == 1 else How.UNCLEAR
    found.was[at] = grids.pop() if len(grids) == 1 else ""
    there[parts] = True


def _by_place(found: Matched, shapes: Array, old: OldGrids, there: Array, *, near_m: float) -> None:
    """Match what is left by place."""
    if old.geometry is None:
        return
    left = np.flatnonzero((found.how == How.NEW) & ~shapely.is_missing(shapes))
    free = np.flatnonzero(~there & ~shapely.is_missing(old.geometry))
    rows = np.full(len(shapes), -1, dtype=np.int64)
    for whole, pieces in made_up(old.geometry[free], shapes[left]):
        # one that was drawn as one, and now as several
        rows[left[pieces]] = free[whole]
    _note(found, old, there, rows, How.PART)
    for whole, pieces in made_up(shapes[left], old.geometry[free]):
        if found.how[left[whole]] == How.NEW:
            _join(found, old, there, int(left[whole]), free[pieces].tolist())
    left, free = left[found.how[left] == How.NEW], free[~there[free]]
    couples = couples_of(shapes[left], old.geometry[free], near_m)
    partner = likeliest(couples, len(left), len(free))
    doubt = unclear(couples, partner, old.grid_ids[free])
    rows = np.full(len(shapes), -1, dtype=np.int64)
    rows[left[partner >= 0]] = free[partner[partner >= 0]]
    _note(found, old, there, rows, How.PLACE)
    found.how[left[doubt]], found.was[left[doubt]], found.rows[left[doubt]] = How.UNCLEAR, "", -1


def _by_ground(found: Matched, shapes: Array, old: OldGrids, near_m: float) -> list[Finding]:
    """Look up the old grid on whose ground each building stands; tell grids without any."""
    assert old.polygons is not None
    ground = on_ground(shapes, old.polygons, old.polygon_ids, near_m)
    for where, how in ((INSIDE, How.GROUND), (NEAR, How.NEAR), (UNCLEAR, How.UNCLEAR)):
        found.how[ground.where == where] = how
    found.was[:] = ground.grid
    empty = sorted({*map(str, old.polygon_ids)} - {*map(str, found.was)})
    if not empty:
        return []
    what = "old grid holds" if len(empty) == 1 else "old grids hold"
    message = f"{old.name}: {len(empty)} {what} no building now ({some(empty)})"
    return [warning("old-grid-empty", message, "", count=len(empty), first=empty[0])]


def _apart(was: Array, buildings: Buildings, old: OldGrids) -> tuple[Array, list[Finding]]:
    """Tell grids of one number in several communities apart by the community's name."""
    lives = buildings.communities
    where: dict[str, set[str]] = {}
    for grid, community in zip(was.tolist(), lives.tolist(), strict=True):
        if grid:
            where.setdefault(grid, set()).add(str(community))
    shared = sorted(grid for grid, names in where.items() if len(names) > 1)
    if not shared:
        return was, []
    named = was.copy()
    for row, grid in enumerate(was.tolist()):
        if len(where.get(grid, ())) > 1:
            named[row] = f"{lives[row]}-{grid}"
    first = shared[0]
    names = sorted(where[first])
    many = "old grid has" if len(shared) == 1 else "old grids have"
    message = (
        f"{old.name}: {len(shared)} {many} buildings in several communities and "
        f"{'is' if len(shared) == 1 else 'are'} told apart by their names (first: {first} is "
        f"{some([f'{name}-{first}' for name in names])})"
    )
    return named, [warning("old-grid-shared", message, "", count=len(shared), first=first)]


def _foreign(buildings: Buildings, old: OldGrids) -> Finding:
    if old.polygons is not None:
        message = f"{old.name}: none of the buildings stands in its grids or beside them"
        return error("old-foreign", message, "check that both are the same place, and their CRS")
    shown = some([str(name) for name in old.names[:2]], of=None)
    here = some([str(name) for name in buildings.ids[:2]], of=None)
    how = "by id" if old.geometry is None else "by id or place"
    message = (
        f"{old.name}: none of its {len(old):,} buildings is here, to judge {how} (it has {shown}, "
        f"here are {here})"
    )
    fix = "name a file of these buildings, or the column of their ids"
    return error("old-foreign", message, fix)


def _as_error(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.ERROR)


def _unplaced(old: OldGrids, fault: Finding) -> Finding:
    lost = replace(fault, severity=Severity.WARNING, code="old-crs-far").about(old.name)
    return replace(lost, fix="Only ids could be compared; check its CRS")
