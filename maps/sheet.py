"""What a map is made of: grids, buildings, lines for context, credits and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .people import Worker, picture_type

Lonlat = np.ndarray[Any, Any]

_FAULTS_SHOWN = 20


class SheetError(ValueError):
    """A sheet that cannot be drawn; the message lists every fault."""


@dataclass(frozen=True)
class GridShape:
    """One grid: its figures, its worker where one is named, and its ground.

    ``polygon`` is a valid shapely Polygon, or a MultiPolygon where parts were joined by hand, in
    WGS 84, longitude then latitude in degrees. ``kind`` is what sort of grid it is, "" where
    sorts are not told apart.
    ``reasons`` says in plain words why the grid is out of its bands, "" where it is in them.
    ``buildings``, ``households`` and ``population`` are None where they are not published.
    ``worker`` is shown as it stands: give only what may be published. ``colour``, a row of
    ``PALETTE``, is the one the grid had when it was last published, None where it was not.
    """

    grid_id: str
    community: str
    polygon: BaseGeometry
    buildings: int | None
    households: int | None
    population: int | None
    in_band: bool
    reasons: str
    worker: Worker = field(default_factory=Worker)
    kind: str = ""
    colour: int | None = None


@dataclass(frozen=True)
class BuildingShape:
    """One building: Point, Polygon or MultiPolygon in WGS 84 degrees, and the grid it is in.

    It carries no household figures: those of a single home are never shown. ``address`` is one
    by which it is looked up, "" where its name says it all.
    """

    building_id: str
    name: str
    grid_id: str
    shape: BaseGeometry
    address: str = ""


@dataclass(frozen=True)
class LineShape:
    """A street, river, rail or wall that helps a reader find the way; WGS 84 degrees.

    ``kind`` is "street", "river", "rail", "wall" or "boundary"; others are drawn as streets.
    """

    kind: str
    name: str
    line: BaseGeometry


@dataclass(frozen=True)
class Sheet:
    """Everything one map shows. Grids and buildings may come in any order.

    ``proof`` says how good the plan is known to be, ``bands`` what a grid should hold; both
    are plain sentences. ``notes`` and ``credits`` stand at the foot of the legend.

    Raises:
        SheetError: no grid, ids missing or told twice, a building in a grid that is not there,
            a negative figure, a photo that is neither PNG nor JPEG, a shape that is empty,
            invalid, of the wrong kind or outside of longitude -180..180 and latitude -90..90;
            all such faults at once.
    """

    title: str
    grids: tuple[GridShape, ...]
    buildings: tuple[BuildingShape, ...]
    lines: tuple[LineShape, ...]
    credits: tuple[str, ...]
    notes: tuple[str, ...] = ()
    proof: str = ""
    bands: str = ""

    def __post_init__(self) -> None:
        faults = [
            *_grid_faults(self.grids),
            *_building_faults(self.buildings, {grid.grid_id for grid in self.grids}),
            *(
                fault
                for row, line in enumerate(self.lines, start=1)
                for fault in _shape_faults(
                    f"line {row} ({line.name!r})",
                    line.line,
                    ("LineString", "MultiLineString", "LinearRing"),
                )
            ),
        ]
        if faults:
            more = len(faults) - _FAULTS_SHOWN
            shown = faults[:_FAULTS_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise SheetError(f"{len(faults)} faults in the sheet: " + "; ".join(shown))

    def ordered_grids(self) -> tuple[GridShape, ...]:
        """Return the grids sorted by id: the order every document uses."""
        return tuple(sorted(self.grids, key=lambda grid: grid.grid_id))

    def moved(self, shift: Callable[[Lonlat], Lonlat]) -> Sheet:
        """Return the sheet as another datum draws it: a copy to be shown, never to be exported.

        Args:
            shift: float64 (n, 2) in WGS 84 degrees to the same in degrees of the other datum.
        """

        grids, buildings, lines = (
            shapely.transform(np.asarray(shapes, dtype=object), shift)
            for shapes in (
                [grid.polygon for grid in self.grids],
                [building.shape for building in self.buildings],
                [line.line for line in self.lines],
            )
        )
        return replace(
            self,
            grids=tuple(map(_with_polygon, self.grids, grids)),
            buildings=tuple(map(_with_shape, self.buildings, buildings)),
            lines=tuple(map(_with_line, self.lines, lines)),
        )

    def ordered_buildings(self) -> tuple[BuildingShape, ...]:
        """Return the buildings sorted by id."""
        return tuple(sorted(self.buildings, key=lambda building: building.building_id))


def _with_polygon(grid: GridShape, polygon: BaseGeometry) -> GridShape:
    return replace(grid, polygon=polygon)


def _with_shape(building: BuildingShape, shape: BaseGeometry) -> BuildingShape:
    return replace(building, shape=shape)


def _with_line(line: LineShape, moved: BaseGeometry) -> LineShape:
    return replace(line, line=moved)


def _grid_faults(grids: tuple[GridShape, ...]) -> list[str]:
    faults = [] if grids else ["there is no grid"]
    faults += _id_faults("grid", (grid.grid_id for grid in grids))
    for grid in grids:
        faults += _shape_faults(f"grid {grid.grid_id!r}", grid.polygon, ("Polygon", "MultiPolygon"))
        if min(grid.buildings or 0, grid.households or 0, grid.population or 0) < 0:
            faults.append(f"grid {grid.grid_id!r} has a negative figure")
        if grid.worker.photo is not None and not picture_type(grid.worker.photo):
            faults.append(f"grid {grid.grid_id!r}: the worker's photo is neither PNG nor JPEG")
    return faults


def _building_faults(buildings: tuple[BuildingShape, ...], known: set[str]) -> list[str]:
    faults = _id_faults("building", (building.building_id for building in buildings))
    for building in buildings:
        what = f"building {building.building_id!r}"
        faults += _shape_faults(what, building.shape, ("Point", "Polygon", "MultiPolygon"))
        if building.grid_id not in known:
            faults.append(f"{what} is in grid {building.grid_id!r}, which is not on the sheet")
    return faults


def _id_faults(what: str, ids: Iterable[str]) -> list[str]:
    counts = Counter(ids)
    faults = [f"{what} id {key!r} is told {n} times" for key, n in counts.items() if n > 1]
    return faults + ([f"a {what} has no id"] if "" in counts else [])


def _shape_faults(what: str, shape: BaseGeometry, kinds: tuple[str, ...]) -> list[str]:
    if shape.geom_type not in kinds:
        return [f"{what} is a {shape.geom_type}, not a {' or '.join(kinds)}"]
    if shape.is_empty:
        return [f"{what} has an empty shape"]
    if not shape.is_valid:
        return [f"{what}: {shapely.is_valid_reason(shape)}"]
    west, south, east, north = shape.bounds
    # The comparison is also False for NaN and infinity.
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return [f"{what} lies outside longitude -180..180, latitude -90..90: is it in metres?"]
    return []
