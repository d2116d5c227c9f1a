"""Shapes and words in, documents out."""

from .card_sheet import Card, CardError, CardSheet
from .cards import business_cards_pdf, cards_pdf
from .colours import PALETTE, colour_grids
from .geojson import grids_geojson
from .labels import label_point
from .labels_sheet import labels_pdf
from .offline import OnlineLinkError
from .sheet import BuildingShape, GridShape, LineShape, Sheet, SheetError
from .web import render_web, web_map

__all__ = [
    "PALETTE",
    "BuildingShape",
    "Card",
    "CardError",
    "CardSheet",
    "GridShape",
    "LineShape",
    "OnlineLinkError",
    "Sheet",
    "SheetError",
    "business_cards_pdf",
    "cards_pdf",
    "colour_grids",
    "grids_geojson",
    "label_point",
    "labels_pdf",
    "render_web",
    "web_map",
]
