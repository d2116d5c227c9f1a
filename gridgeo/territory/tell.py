"""What a planner should know of a territory, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..errors import Finding, InputError, Severity
from ..model import SOLE_COMMUNITY
from .barriers import FIRST_HARD_CODE, KINDS, Barriers, kinds_along
from .contacts import line_segments, segment_lengths

if TYPE_CHECKING:
    from ..model import Buildings
    from .faces import Outline

Array = np.ndarray[Any, Any]

# Less of a hard barrier with a loose end is a stump of drawing.
LEAST_LOOSE_M = 20.0


def refuse_outside(home: Array, ids: Array) -> None:
    """Raise where a building lies in no face.

    Raises:
        InputError: how many, and the first.
    """
    outside = sorted(ids[home < 0])
    if not outside:
        return
    finding = Finding(
        code="building-outside-boundary",
        severity=Severity.ERROR,
        message=f"{len(outside)} buildings lie outside of the boundary (first: {outside[0]})",
        fix="Leave them out with --where, or draw the boundary around them",
        count=len(outside),
        first=str(outside[0]),
    )
    raise InputError([finding])


def refuse_landless(owner: Array, ids: Array) -> None:
    """Raise where a building got no land: a hair outside, with another one in its way.

    Raises:
        InputError: how many, and the first.
    """
    landless = sorted(ids[np.setdiff1d(np.arange(len(ids)), owner)])
    if not landless:
        return
    finding = Finding(
        code="building-without-land",
        severity=Severity.ERROR,
        message=f"{len(landless)} buildings have no land of their own (first: {landless[0]})",
        fix="Move them off the border, or merge them with the building beside",
        count=len(landless),
        first=str(landless[0]),
    )
    raise InputError([finding])


def refuse_misfit(lack: str) -> None:
    """Raise where the cells do not cover the land exactly, whatever was tried.

    Raises:
        InputError: what is wrong with them.
    """
    if not lack:
        return
    text = f"the cells could not be made to cover the land without gap or overlap: {lack}"
    fix = (
        "Look at boundary and barriers for lines that run within a millimetre of each other, "
        "and send us the files: this should not happen"
    )
    raise InputError([Finding("territory-not-exact", Severity.ERROR, text, fix)])


def without_neighbour(pairs: Array, buildings: Buildings) -> list[Finding]:
    """A warning where buildings have no edge at all: no grid holds them together with others.

    Args:
        pairs: int64 (m, 2), edges between building rows.
        buildings: the buildings.
    """
    alone = np.setdiff1d(np.arange(len(buildings)), pairs)
    if len(alone) == 0 or len(buildings) == 1:
        return []
    first = str(buildings.ids[alone[0]])
    have = "1 building has" if len(alone) == 1 else f"{len(alone)} buildings have"
    return [
        Finding(
            code="building-without-neighbour",
            severity=Severity.WARNING,
            message=f"{have} no neighbour that one can cross to (first: {first})",
            fix=(
                "Each is a grid of its own. Mark the bridge to it in the barriers, or add an "
                "edge by hand with --edges"
            ),
            count=len(alone),
            first=first,
        )
    ]


def loose_ends(dangles: Array, lines: Barriers, areas: Array) -> list[Finding]:
    """A warning where a river, railway or wall ends in the open, and so parts nothing there.

    Args:
        dangles: lines that bound no face.
        lines: the barriers.
        areas: the land, Polygons or MultiPolygons.
    """
    segments, _ = line_segments(dangles)
    code = kinds_along(lines, segments)
    hard = code >= FIRST_HARD_CODE
    within = shapely.intersects(shapely.union_all(areas), shapely.points(segments.mean(axis=1)))
    loose = np.flatnonzero(hard & within)
    metres = segment_lengths(segments[loose])
    if metres.sum() < LEAST_LOOSE_M:
        return []
    x, y = segments[loose[0]].mean(axis=0)
    kinds = " or ".join(KINDS[kind] for kind in np.unique(code[loose])[::-1])
    return [
        Finding(
            code="barrier-loose-end",
            severity=Severity.WARNING,
            message=(
                f"{metres.sum():,.0f} m of {kinds} end in the open and part nothing there "
                f"(first near x {x:.0f}, y {y:.0f})"
            ),
            fix="Draw the line on to the next barrier or to the boundary, if it goes on",
            count=len(loose),
        )
    ]


def separate_parts(pairs: Array, buildings: Buildings) -> list[Finding]:
    """One warning for each community whose buildings no contact joins into one part.

    Args:
        pairs: int64 (m, 2), edges between building rows.
        buildings: the buildings.
    """
    communities = buildings.communities
    within = pairs[communities[pairs[:, 0]] == communities[pairs[:, 1]]]
    n = len(buildings)
    graph = coo_array((np.ones(len(within), dtype=np.int8), tuple(within.T)), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    findings = []
    for name in sorted(set(communities)):
        rows = np.flatnonzero(communities == name)
        # parts in the order of their first building, so that numbers do not depend on scipy
        _, first, which, size = np.unique(
            part[rows], return_index=True, return_inverse=True, return_counts=True
        )
        if len(first) > 1:
            largest = np.lexsort((first, -size))[0]
            findings.append(_parts_finding(rows, which.reshape(-1), int(largest), buildings))
    return findings


def _parts_finding(rows: Array, which: Array, largest: int, buildings: Buildings) -> Finding:
    outside = np.flatnonzero(which != largest)
    first = int(rows[outside[0]])
    others = rows[which != which[outside[0]]]
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)
    gap_m = float(shapely.distance(shapes[first], shapes[others]).min())
    name = str(buildings.communities[first])
    whose = "The territory" if name == SOLE_COMMUNITY else f"The territory of {name}"
    parts = int(which.max()) + 1
    are = "1 building lies" if len(outside) == 1 else f"{len(outside)} buildings lie"
    building = str(buildings.ids[first])
    return Finding(
        code="separate-parts",
        severity=Severity.WARNING,
        message=(
            f"{whose} falls into {parts} parts that no passable border joins; {are} outside "
            f"the largest (first: {building}, {gap_m:.0f} m from the nearest building of "
            "another part)"
        ),
        fix=(
            "No grid can span two parts. To join them raise --reach, draw a boundary around "
            "them, mark the bridge between them in the barriers, or add an edge with --edges"
        ),
        count=len(outside),
        first=building,
    )


def land_across(polygons: Array, across: Array) -> list[Finding]:
    """A warning where a cell had to take land on the far side of a hard barrier."""
    far = across > 0
    if not far.any():
        return []
    area_m2 = float(shapely.area(polygons[far]).sum())
    kinds = " or ".join(KINDS[code] for code in np.unique(across[far])[::-1])
    return [
        Finding(
            code="land-across-barrier",
            severity=Severity.WARNING,
            message=(
                f"{area_m2:,.0f} m2 of land behind a {kinds} hold no building and were given "
                "to cells on this side"
            ),
            fix="Nothing to do, or draw the boundary along the barrier",
            count=int(far.sum()),
        )
    ]


def land_left_out(polygons: Array, owner: Array) -> list[Finding]:
    """A warning where land without buildings touches no cell that may take it."""
    out = owner < 0
    if not out.any():
        return []
    area_m2 = float(shapely.area(polygons[out]).sum())
    return [
        Finding(
            code="land-left-out",
            severity=Severity.WARNING,
            message=(
                f"{area_m2:,.0f} m2 within the boundary hold no building and join no cell of "
                "their community; the grids do not cover them"
            ),
            fix="Nothing to do, or check that the building list is complete",
            count=int(out.sum()),
        )
    ]


def foreign_land(outline: Outline, home: Array, buildings: Buildings) -> list[Finding]:
    """A warning where buildings stand in the boundary of another community than their own.

    Args:
        outline: the area by community.
        home: int64 (n,), outline row of each building.
        buildings: the buildings.
    """
    communities = buildings.communities
    if len(outline.names) == 1 or (communities == SOLE_COMMUNITY).all():
        return []
    foreign = np.flatnonzero(outline.names[home] != communities)
    if len(foreign) == 0:
        return []
    first = str(buildings.ids[foreign[0]])
    alone = len(foreign) == 1
    some = "1 building stands" if alone else f"{len(foreign)} buildings stand"
    they = "it names" if alone else "they name"
    return [
        Finding(
            code="building-in-other-community",
            severity=Severity.WARNING,
            message=(
                f"{some} in the boundary of another community than "
                f"the one {they} (first: {first}, of {communities[foreign[0]]}, in "
                f"{outline.names[home[foreign[0]]]})"
            ),
            fix="Correct the community of the building or the boundary",
            count=len(foreign),
            first=first,
        )
    ]
