"""Shapes and words in, documents out."""

from .basemaps import BASEMAPS, Basemap, BasemapError, basemap
from .colours import PALETTE, colour_grids, inherited_colours
from .geojson import grids_geojson
from .labels import label_point
from .offline import OnlineLinkError
from .people import Service, Worker
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .web import render_web, web_map
from .words import UnknownLanguageError, Words, languages

__all__ = [
    "BASEMAPS",
    "PALETTE",
    "Basemap",
    "BasemapError",
    "BuildingShape",
    "GridShape",
    "LineShape",
    "OnlineLinkError",
    "Service",
    "Sheet",
    "SheetError",
    "UnknownLanguageError",
    "Words",
    "Worker",
    "basemap",
    "colour_grids",
    "grids_geojson",
    "inherited_colours",
    "label_point",
    "languages",
    "render_web",
    "web_map",
]
