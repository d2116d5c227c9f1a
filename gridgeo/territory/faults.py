"""Measure what is wrong with a coverage: gaps, overlaps, invalid or broken cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]

# Rounding of coordinates leaves square centimetres over a whole town; a real gap is larger.
TOLERANCE_M2 = 0.01
TOLERANCE_SHARE = 1e-9
# A crack between cells has no area and passes the coverage check, but lengthens the rim.
CRACK_TOLERANCE_M = 0.5
CRACK_TOLERANCE_SHARE = 1e-6


@dataclass(frozen=True)
class CoverageFaults:
    """How far cells are from covering an area seamlessly; areas in square metres.

    ``gap_m2``: area that no cell covers. ``outside_m2``: cells beyond the area.
    ``overlap_m2``: land counted by more than one cell. ``invalid``: cells that are no valid
    polygon. ``broken``: cells that are not one single-part polygon with an area.
    ``mismatched``: True where neighbours do not share their border vertices.
    ``tolerance_m2``: what the three areas may be by rounding.
    """

    gap_m2: float
    outside_m2: float
    overlap_m2: float
    invalid: int
    broken: int
    mismatched: bool
    tolerance_m2: float

    @property
    def none(self) -> bool:
        """True where the cells cover the area without gaps, overlaps or broken cells."""
        worst_m2 = max(self.gap_m2, self.outside_m2, self.overlap_m2)
        whole = self.invalid == 0 and self.broken == 0 and not self.mismatched
        return whole and worst_m2 <= self.tolerance_m2


def coverage_faults(cells: Array, area: Any) -> CoverageFaults:
    """Compare cells with the area they should cover.

    Args:
        cells: shapely geometries in a metric CRS, object array, shape (n,).
        area: shapely Polygon or MultiPolygon in the same CRS.

    Returns:
        Every fault measured; ``none`` tells whether there is any.
    """
    cells = np.asarray(cells, dtype=object)
    valid = shapely.is_valid(cells)
    single = (shapely.get_type_id(cells) == 3) & ~shapely.is_empty(cells)
    sound = np.where(valid, cells, shapely.make_valid(cells))
    exact = bool(valid.all()) and bool(shapely.coverage_is_valid(sound))
    # the fast union is only right on an exact coverage
    covered = shapely.coverage_union_all(sound) if exact else shapely.union_all(sound)
    return CoverageFaults(
        gap_m2=float(shapely.area(shapely.difference(area, covered))),
        outside_m2=float(shapely.area(shapely.difference(covered, area))),
        overlap_m2=max(0.0, float(shapely.area(sound).sum() - shapely.area(covered))),
        invalid=int((~valid).sum()),
        broken=int((~single).sum()),
        mismatched=not exact or _cracked(covered, area),
        tolerance_m2=max(TOLERANCE_M2, TOLERANCE_SHARE * float(shapely.area(area))),
    )


def _cracked(covered: Any, area: Any) -> bool:
    """Whether the cells have more rim than the area, on both sides of a crack."""
    rim_m = float(shapely.length(area))
    tolerance_m = max(CRACK_TOLERANCE_M, CRACK_TOLERANCE_SHARE * rim_m)
    return float(shapely.length(covered)) - rim_m > tolerance_m
