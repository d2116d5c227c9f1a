"""Shapes and words in, documents out."""

from .colours import PALETTE, colour_grids
from .geojson import buildings_geojson, grids_geojson
from .grid_page import render_grid_pages, tel_link
from .labels import label_point
from .offline import OnlineLinkError
from .page_files import page_files
from .people import Service, Worker
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .topojson import grids_topojson
from .web import render_web, web_map
from .words import UnknownLanguageError, Words, languages

__all__ = [
    "PALETTE",
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
    "buildings_geojson",
    "colour_grids",
    "grids_geojson",
    "grids_topojson",
    "label_point",
    "languages",
    "page_files",
    "render_grid_pages",
    "render_web",
    "tel_link",
    "web_map",
]
