"""Shapes and words in, documents out."""

from .board import board_community, board_entrances, board_grid
from .board_sheet import BoardBuilding, BoardGrid, BoardLine, BoardSheet, Entrance
from .card_sheet import Card, CardError, CardSheet
from .cards import business_cards_pdf, cards_pdf
from .colours import PALETTE, colour_grids, colour_polygons
from .geojson import grids_geojson
from .labels import label_point
from .labels_sheet import labels_pdf
from .offline import OnlineLinkError
from .people import Service, Worker
from .photo import PhotoError
from .scale import PAPERS_MM, PaperError
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .web import render_web, web_map
from .words import UnknownLanguageError

__all__ = [
    "PALETTE",
    "PAPERS_MM",
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
    "Service",
    "Sheet",
    "SheetError",
    "UnknownLanguageError",
    "Worker",
    "board_community",
    "board_entrances",
    "board_grid",
    "business_cards_pdf",
    "cards_pdf",
    "colour_grids",
    "colour_polygons",
    "grids_geojson",
    "label_point",
    "labels_pdf",
    "render_web",
    "web_map",
]
