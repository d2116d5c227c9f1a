"""The mended layer, the places of the faults and the table of changes, as one GeoPackage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..attribute_columns import plain_columns, settled_names
from ..crs import finite, to_metric
from ..errors import Finding, InputError, Severity
from ..gpkg import write_layers
from ..intake.places import without
from ..intake.values import texts
from .case import Town
from .counts import ROLES, settled_counts
from .diagnosis import Diagnosis, Fault, Mended

Array = np.ndarray[Any, Any]

_CHANGE_COLUMNS = ("code", "building_id", "row", "what", "was", "now", "why")


def mended_layers(town: Town, faults: Sequence[Fault], everyone: Sequence[str]) -> Mended:
    """Return the mended buildings, in the order of the file, and a point for every fault.

    ``everyone``: how each building was named when it was read, as the rows of faults count.
    """
    crs = town.crs if town.crs is not None else town.sheet.raw.crs
    attributes = _attributes(town)
    shapes = _all_shapes(town)
    kept = ~town.gone
    buildings = gpd.GeoDataFrame(
        attributes[kept].reset_index(drop=True), geometry=shapes[kept], crs=crs
    )
    return Mended(buildings, _fault_points(town, shapes, faults, everyone))


def write_mended(diagnosis: Diagnosis, path: str | Path) -> Path:
    """Write a GeoPackage with the layers ``buildings`` and ``faults`` and the table ``changes``.

    ``buildings`` are in a metric CRS, with the columns of the file under their own names, so
    that the options that went with the file go with it too; ids are text, counts whole numbers.
    ``faults`` has a point for every building at fault, and a row without one for every fault
    of the whole file. ``changes`` tells every change: building, row, what was, what is, why.

    Raises:
        InputError: nothing could be read, or the file cannot be written; an old file there
            stays what it was.
    """
    path = Path(path)
    layers = diagnosis.mended()
    if layers is None:
        raise _refused("nothing-to-mend", f"{diagnosis.source}: nothing could be read to mend")
    changes = pd.DataFrame(
        [(c.code, c.building, c.row, c.what, c.was, c.now, c.why) for c in diagnosis.changes],
        columns=list(_CHANGE_COLUMNS),
    ).astype({name: "int64" if name == "row" else "str" for name in _CHANGE_COLUMNS})
    try:
        return write_layers(
            {"buildings": layers.buildings, "faults": layers.faults, "changes": changes}, path
        )
    except OSError as fault:
        raise _refused("output-unusable", f"{path}: could not be written ({fault})") from fault


def _attributes(town: Town) -> pd.DataFrame:
    """Return the columns of the file: ids as text, counts as whole numbers where all are."""
    raw, of = town.sheet.raw, town.sheet.of
    frame = raw.attributes.copy()
    if "building_id" in of:
        ids = texts(frame[of["building_id"]])
        ids[ids == ""] = None
        frame[of["building_id"]] = pd.array(ids, dtype="str")
    for role in ROLES:
        if role in of:
            numbers, blank, bad = settled_counts(town.sheet, of[role])
            if not (bad & ~blank).any():
                frame[of[role]] = pd.array(numbers, dtype="Int64")
                frame.loc[blank, of[role]] = pd.NA
    named = settled_names(frame, ())
    return pd.DataFrame(plain_columns(named), index=frame.index)


def _all_shapes(town: Town) -> Array:
    """Return the shapes in the CRS of the town, those that cannot be used as they were drawn."""
    raw = town.sheet.raw
    shapes = town.shapes.copy()
    if raw.shapes is None:
        return shapes
    drawn = shapely.is_missing(shapes) & ~shapely.is_missing(raw.shapes)
    drawn &= ~shapely.is_empty(raw.shapes) & finite(raw.shapes)
    rows = np.flatnonzero(drawn)
    if not len(rows):
        return shapes
    if town.crs is None or raw.crs is None:
        shapes[rows] = raw.shapes[rows]
        return shapes
    for row in rows:  # one that has no place must not keep the others from theirs
        one = gpd.GeoDataFrame(geometry=gpd.GeoSeries(raw.shapes[[row]], crs=raw.crs))
        try:
            shapes[row] = to_metric(one, town.crs).geometry.iloc[0]
        except InputError:
            continue
    return shapes


def _fault_points(
    town: Town, shapes: Array, faults: Sequence[Fault], everyone: Sequence[str]
) -> gpd.GeoDataFrame:
    """Return one row for each fault of each building, and one for each fault without any."""
    sheet = town.sheet
    points = np.full(len(everyone), None, dtype=object)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    spots = without(shapes, ~there)
    sound = shapely.is_valid(spots)
    spots = np.where(sound, shapely.point_on_surface(spots), shapely.centroid(spots))
    points[sheet.at] = spots
    for gone, kept in sheet.twins.items():
        points[gone] = points[kept]
    numbers = np.zeros(len(everyone), dtype=np.int64)
    numbers[sheet.at] = sheet.raw.numbers
    by_weight = [(fault, list(fault.rows) or [-1]) for fault in faults]
    counts = [len(rows) for _, rows in by_weight]
    where = np.array([row for _, rows in by_weight for row in rows], dtype=np.int64)
    partners = [
        partner
        for fault, rows in by_weight
        for partner in (fault.partners if len(fault.partners) == len(rows) else [""] * len(rows))
    ]

    def spread(values: list[str]) -> Any:
        return pd.array(np.repeat(np.array(values, dtype=object), counts), dtype="str")

    at_one = where >= 0
    geometry = np.full(len(where), None, dtype=object)
    geometry[at_one] = points[where[at_one]]
    named = np.array([*everyone, ""], dtype=object)
    return gpd.GeoDataFrame(
        {
            "code": spread([fault.code for fault in faults]),
            "remedy": spread([fault.remedy.value for fault in faults]),
            "building_id": pd.array(named[where], dtype="str"),
            "row": np.where(at_one, numbers[where], 0),
            "other": pd.array(np.array(partners, dtype=object), dtype="str"),
            "message": spread([fault.finding.message for fault in faults]),
            "fix": spread([fault.finding.fix for fault in faults]),
        },
        geometry=gpd.GeoSeries(geometry, crs=town.crs),
    )


def _refused(code: str, message: str) -> InputError:
    return InputError([Finding(code, Severity.ERROR, message, "Check the path and the file")])
