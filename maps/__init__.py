"""Shapes and words in, documents out."""

from .basemaps import BASEMAPS, DATUMS, Basemap, BasemapError, basemap
from .board import board_community, board_entrances, board_grid
from .board_scales import SmallScale, small_scales
from .board_sheet import BoardBuilding, BoardGrid, BoardLine, BoardSheet, Entrance
from .card_sheet import Card, CardError, CardSheet
from .cards import business_cards_pdf, cards_pdf
from .change_sheet import ChangedBuilding, ChangeSheet, GridState, OpenMatter
from .changes_web import changes_map, render_changes
from .colours import PALETTE, colour_grids, colour_polygons, inherited_colours
from .geojson import buildings_geojson, grids_geojson
from .grid_page import render_grid_pages
from .handover import handover_pdfs
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
from .signs import missing_letters
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
    "ChangeSheet",
    "ChangedBuilding",
    "Entrance",
    "GridShape",
    "GridState",
    "LineShape",
    "OnlineLinkError",
    "OpenMatter",
    "PaperError",
    "PhotoError",
    "QrTextError",
    "Service",
    "Sheet",
    "SheetError",
    "SmallScale",
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
    "changes_map",
    "colour_grids",
    "colour_polygons",
    "grids_geojson",
    "grids_topojson",
    "handover_pdfs",
    "inherited_colours",
    "label_point",
    "labels_pdf",
    "languages",
    "missing_letters",
    "page_files",
    "render_changes",
    "render_grid_pages",
    "render_web",
    "small_scales",
    "tel_link",
    "web_map",
]
