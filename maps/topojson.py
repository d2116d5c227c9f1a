"""Grids as TopoJSON: a border that two grids share is written once."""

from __future__ import annotations

import json

from topojson.core.topology import Topology

from .colours import colour_grids
from .escape import plain
from .geojson import grid_properties, rounded_grids, shape_geojson
from .sheet import Sheet


def grids_topojson(sheet: Sheet) -> str:
    """Write the grids of a sheet as TopoJSON: object "grids", one geometry a grid, with its id.

    Coordinates and properties are those of ``grids_geojson``. The same sheet gives the same text.

    Raises:
        SheetError: a grid too thin to survive the rounding; the message names all such.
    """
    grids, colours = sheet.ordered_grids(), colour_grids(sheet.grids)
    features = [
        {"type": "Feature", "properties": {}, "geometry": shape_geojson(shape)}
        for shape in rounded_grids(sheet)
    ]
    made = Topology(
        {"type": "FeatureCollection", "features": features},
        object_name="grids",
        prequantize=False,
    ).to_dict()
    shapes = made["objects"]["grids"]["geometries"]
    geometries = [
        {
            "type": shape["type"],
            "id": plain(grid.grid_id),
            "properties": grid_properties(grid, colours),
            "arcs": shape["arcs"],
        }
        for grid, shape in zip(grids, shapes, strict=True)
    ]
    topology = {
        "type": "Topology",
        "bbox": list(made["bbox"]),
        "objects": {"grids": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": made["arcs"],
    }
    return json.dumps(topology, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
