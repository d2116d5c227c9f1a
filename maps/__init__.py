"""Shapes and words in, documents out."""

from .card_sheet import Card, CardError, CardSheet
from .cards import business_cards_pdf, cards_pdf
from .colours import PALETTE, colour_grids
from .geojson import buildings_geojson, grids_geojson
from .grid_page import render_grid_pages, tel_link
from .labels import label_point
from .labels_sheet import labels_pdf
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
    "Card",
    "CardError",
    "CardSheet",
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
    "business_cards_pdf",
    "cards_pdf",
    "colour_grids",
    "grids_geojson",
    "grids_topojson",
    "label_point",
    "languages",
    "page_files",
    "render_grid_pages",
    "labels_pdf",
    "render_web",
    "tel_link",
    "web_map",
]
