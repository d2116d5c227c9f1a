"""The files beside the buildings: boundary and barriers, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import pyproj

from ..errors import Finding
from ..intake.barriers import read_barriers
from ..intake.boundary import read_boundary
from ..intake.buildings import Wishes
from .case import fault_of
from .diagnosis import Fault


@dataclass(frozen=True, eq=False)
class Beside:
    """Boundary and barriers in one metric CRS, None where there are none that can be used."""

    edge: gpd.GeoDataFrame | None
    lines: gpd.GeoDataFrame | None
    faults: tuple[Fault, ...]


def read_beside(
    boundary: str | None, barriers: str | None, *, wishes: Wishes, target: pyproj.CRS | None
) -> Beside:
    """Read the files beside the buildings into their CRS, or one of their own where that is None.

    Without a place for the buildings nothing can be laid over them, so only faults come back.
    """
    edge = lines = None
    told: list[Finding] = []
    if boundary is not None:
        edge, found = read_boundary(
            boundary, community=wishes.community, crs=wishes.crs, target=target
        )
        told += found
    if barriers is not None:
        lines, found = read_barriers(barriers, crs=wishes.crs, target=target)
        told += found
    # rows of other files are no rows of this one
    faults = tuple(replace(fault_of(finding), rows=()) for finding in told)
    return Beside(edge, lines, faults)
