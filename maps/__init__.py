"""Shapes and words in, documents out."""

from .basemaps import BASEMAPS, DATUMS, Basemap, BasemapError, basemap
from .board import board_community, board_entrances, board_grid
from .board_sheet import BoardBuilding, BoardGrid, BoardLine, BoardSheet, Entrance
from .card_sheet import Card, CardError, CardSheet
from .cards import business_cards_pdf, cards_pdf
from .colours import PALETTE, colour_grids, colour_polygons, inherited_colours
from .geojson import buildings_geojson, grids_geojson
from .grid_page import render_grid_pages
from .labels import label_point
from .labels_sheet import labels_pdf
from .offline import OnlineLinkError
from .page_files import page_files
from .people import Around, Service, Worker
from .phones import tel_link
from .photo import PhotoError
from .qr import QrTextError
from .scale import PAPERS_MM, PaperError
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .topojson import grids_topojson
from .web import render_web, web_map
from .words import UnknownLanguageError, Words, languages

__all__ = [
    "BASEMAPS",
    "DATUMS",
    "PALETTE",
    "PAPERS_MM",
    "Around",
    "Basemap",
    "BasemapError",
    "BoardBuilding",
    "BoardGrid",
    "BoardLine",
    "BoardSheet",
    "BuildingShape",
    "Card",
    "CardError",
    "CardSheet",
    "Entrance",
    "GridShape",
    "LineShape",
    "OnlineLinkError",
    "PaperError",
    "PhotoError",
    "QrTextError",
    "Service",
    "Sheet",
    "SheetError",
    "UnknownLanguageError",
    "Words",
    "Worker",
    "basemap",
    "board_community",
    "board_entrances",
    "board_grid",
    "buildings_geojson",
    "business_cards_pdf",
    "cards_pdf",
    "colour_grids",
    "colour_polygons",
    "grids_geojson",
    "grids_topojson",
    "inherited_colours",
    "label_point",
    "labels_pdf",
    "languages",
    "page_files",
    "render_grid_pages",
    "render_web",
    "tel_link",
    "web_map",
]
