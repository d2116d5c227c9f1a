"""A wrong datum: buildings of a web map's coordinates are moved to where they belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from ..datum import Datum
from ..datum_check import check_datums, undo
from .case import Town, fault_of
from .diagnosis import Change, Fault, Remedy


def check_datum(town: Town) -> Town:
    """Tell a wrong datum, and move the buildings where it is theirs.

    Seen by the streets they lie on; see ``gridgeo.datum_check``.
    """
    raw = town.sheet.raw
    claimed = raw.crs if raw.crs is not None else town.sheet.wishes.crs
    if town.crs is None or raw.shapes is None or claimed is None:
        return town
    lines, lines_crs = np.empty(0, dtype=object), None
    if town.streets is not None:
        streets = town.streets[town.streets["kind"] != "wall"]  # houses stand on walls
        lines, lines_crs = np.asarray(streets.geometry.values, dtype=object), streets.crs
    found = check_datums(raw.shapes, claimed, lines, lines_crs)
    faults = [fault_of(finding) for finding in found.findings]
    if found.buildings is Datum.WGS84:
        return town.told(*faults)
    moved = undo(town.shapes, town.crs, found.buildings)
    there = ~shapely.is_missing(town.shapes)
    before, after = (shapely.centroid(shapes[there]) for shapes in (town.shapes, moved))
    shift_m = float(np.mean(shapely.distance(before, after)))
    code = f"datum-{found.buildings.name.lower()}"
    change = Change(
        code, "", 0, "shape", str(found.buildings), f"WGS 84, moved by {shift_m:,.0f} m on average",
        "the shift of the web map undone for every building",
    )  # fmt: skip
    faults = [
        Fault(fault.finding, Remedy.MENDABLE, changes=(change,)) if fault.code == code else fault
        for fault in faults
    ]
    return replace(town, shapes=moved).told(*faults)
