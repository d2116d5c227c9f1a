"""What two divisions of the same ground show side by side: grids before and after, what moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shapely.geometry.base import BaseGeometry

from .colours import colour_polygons
from .sheet import FAULTS_SHOWN, LineShape, SheetError, id_faults, shape_faults


@dataclass(frozen=True)
class GridState:
    """A grid as it is before or after: its ground, its figures, the name of its owner.

    ``owner_key``: what tells owners of one name apart; the name where it is "".
    """

    grid_id: str
    polygon: BaseGeometry
    buildings: int
    households: int
    population: int
    in_band: bool
    owner: str = ""
    owner_key: str = ""

    @property
    def person(self) -> str:
        """What tells the owner apart, "" where none is named."""
        return self.owner_key or self.owner


@dataclass(frozen=True)
class ChangedBuilding:
    """A building, and the grid it is in before and after, "" where there it is not.

    ``moves``: it is in both, and the grid it is in after does not carry on the one before.
    """

    building_id: str
    shape: BaseGeometry
    households: int
    from_grid: str
    to_grid: str
    moves: bool
    name: str = ""
    address: str = ""

    @property
    def differs(self) -> bool:
        """Whether it moves, is new or is gone."""
        return self.moves or not self.from_grid or not self.to_grid


@dataclass(frozen=True)
class OpenMatter:
    """Something not settled when a building changes hands: what, in which grid, where known."""

    text: str
    grid_id: str = ""
    building_id: str = ""


@dataclass(frozen=True)
class ChangeSheet:
    """Everything the papers of a change show; for the office, never for the public.

    Shapes are in WGS 84 degrees for the web page (``in_degrees``), in metres of one metric CRS
    for print. ``heirs``: the grid after that carries on a grid before, by its id before.
    ``other_owner``: grids after that are carried on by another owner. ``summary``: sentences that
    say it all.

    Raises:
        SheetError: no grid on a side, ids told twice, a building in a grid that is not there, a
            shape that cannot be drawn; all such faults at once.
    """

    title: str
    before: tuple[GridState, ...]
    after: tuple[GridState, ...]
    buildings: tuple[ChangedBuilding, ...]
    lines: tuple[LineShape, ...] = ()
    heirs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    other_owner: frozenset[str] = frozenset()
    summary: tuple[str, ...] = ()
    in_degrees: bool = True

    def __post_init__(self) -> None:
        faults = []
        for side, grids in (("before", self.before), ("after", self.after)):
            faults += [] if grids else [f"there is no grid {side}"]
            faults += id_faults(f"grid {side}", (grid.grid_id for grid in grids))
            for grid in grids:
                what = f"grid {grid.grid_id!r} {side}"
                faults += shape_faults(
                    what, grid.polygon, ("Polygon", "MultiPolygon"), in_degrees=self.in_degrees
                )
        known = {grid.grid_id for grid in self.before}, {grid.grid_id for grid in self.after}
        faults += id_faults("building", (building.building_id for building in self.buildings))
        for building in self.buildings:
            what = f"building {building.building_id!r}"
            kinds = ("Point", "Polygon", "MultiPolygon")
            faults += shape_faults(what, building.shape, kinds, in_degrees=self.in_degrees)
            for key, those in zip((building.from_grid, building.to_grid), known, strict=True):
                if key and key not in those:
                    faults.append(f"{what} is in the grid {key!r}, which is not there")
        if faults:
            more = len(faults) - FAULTS_SHOWN
            shown = faults[:FAULTS_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise SheetError(f"{len(faults)} faults in the sheet: " + "; ".join(shown))

    def ordered_buildings(self) -> tuple[ChangedBuilding, ...]:
        """Return the buildings sorted by id."""
        return tuple(sorted(self.buildings, key=lambda building: building.building_id))

    def colours(self, unit_m: float) -> tuple[dict[str, int], dict[str, int]]:
        """Return palette rows by grid id before and after; what is carried on keeps its own."""
        before, after = (
            {grid.grid_id: grid.polygon for grid in grids} for grids in (self.before, self.after)
        )
        old = colour_polygons(before, unit_m=unit_m)
        kept = {heir: old[grid] for grid, heir in self.heirs.items()}
        return old, colour_polygons(after, unit_m=unit_m, earlier=kept)
