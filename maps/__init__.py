"""Shapes and words in, documents out."""

from .colours import PALETTE, colour_grids
from .geojson import grids_geojson
from .labels import label_point
from .offline import OnlineLinkError
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .web import render_web, web_map

__all__ = [
    "PALETTE",
    "BuildingShape",
    "GridShape",
    "LineShape",
    "OnlineLinkError",
    "Sheet",
    "SheetError",
    "colour_grids",
    "grids_geojson",
    "label_point",
    "render_web",
    "web_map",
]
