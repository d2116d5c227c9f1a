"""Grids as GeoJSON after RFC 7946: seven decimals, fixed order, right-handed rings."""

from __future__ import annotations

import json

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .escape import plain
from .sheet import GridShape, Sheet, SheetError

DECIMALS = 7


def grids_geojson(sheet: Sheet) -> str:
    """Write the grids of a sheet as an RFC 7946 FeatureCollection, one feature a line.

    Features stand in the order of their ids, keys in a fixed order; coordinates are WGS 84
    longitude and latitude with at most 7 decimals (about a centimetre), outer rings run
    counter-clockwise. Workers' names and phones are left out. The text ends with a newline,
    and the same sheet gives the same text.

    Raises:
        SheetError: a grid too thin to survive the rounding; the message names all such.
    """
    grids, kept = sheet.ordered_grids(), rounded_grids(sheet)
    bounds = np.asarray(shapely.bounds(kept))
    bbox = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
    features = ",\n".join(
        _dump(
            {"type": "Feature", "properties": _properties(grid), "geometry": shape_geojson(shape)}
        )
        for grid, shape in zip(grids, kept, strict=True)
    )
    return f'{{"type":"FeatureCollection","bbox":{_dump(bbox)},"features":[\n{features}\n]}}\n'


def rounded_grids(sheet: Sheet) -> list[BaseGeometry]:
    """Return the polygons of the grids as ``rounded`` leaves them, in the order of their ids.

    Raises:
        SheetError: a grid too thin to survive the rounding; the message names all such.
    """
    shapes = {grid.grid_id: rounded(grid.polygon) for grid in sheet.ordered_grids()}
    lost = [grid_id for grid_id, shape in shapes.items() if shape is None]
    if lost:
        raise SheetError(
            f"{len(lost)} grids vanish when rounded to {DECIMALS} decimals: {', '.join(lost)}. "
            "Are they drawn in degrees?"
        )
    return [shape for shape in shapes.values() if shape is not None]


def rounded(shape: BaseGeometry) -> BaseGeometry | None:
    """Round a shape to 7 decimals and turn its outer rings counter-clockwise.

    Args:
        shape: a valid shapely geometry in WGS 84 degrees.

    Returns:
        A valid geometry of the same dimension; a polygon may fall in parts where it was
        thinner than the rounding. None where nothing is left of it.
    """
    simple = _round(shape)
    if not simple.is_valid:
        # Rounding crossed an edge: let GEOS snap the shape as a whole, which keeps it valid.
        simple = _round(shapely.set_precision(shape, 10.0**-DECIMALS))
    if simple.is_empty or not simple.is_valid:
        return None
    if shapely.get_dimensions(simple) != shapely.get_dimensions(shape):
        return None
    return shapely.orient_polygons(shapely.remove_repeated_points(simple), exterior_cw=False)


def shape_geojson(shape: BaseGeometry) -> dict[str, object]:
    """Return a rounded shape as a GeoJSON geometry object with plain lists and floats."""
    geometry: dict[str, object] = json.loads(shapely.to_geojson(shape))
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}


def _round(shape: BaseGeometry) -> BaseGeometry:
    # Adding zero turns -0.0 into 0.0.
    return shapely.transform(shape, lambda xy: np.round(xy, DECIMALS) + 0.0)


def _properties(grid: GridShape) -> dict[str, object]:
    return {
        "grid_id": plain(grid.grid_id),
        "community": plain(grid.community),
        **({"kind": plain(grid.kind)} if grid.kind else {}),
        **{
            name: int(value)
            for name in ("buildings", "households", "population")
            if (value := getattr(grid, name)) is not None
        },
        "in_band": bool(grid.in_band),
        "reasons": plain(grid.reasons),
    }


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
