"""What is printed for homes and doors: contact cards, business cards of owners, labels."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote

import numpy as np

import maps

from ..privacy import PACK
from .hanging import entrances
from .publication import Files, Publication

# The one number that always answers, by what it is called.
_HOTLINE = re.compile("hotline|热线", re.IGNORECASE)


def card_sheet(told: Publication) -> maps.CardSheet:
    """Return the contact cards: for each building one, or for the households of each grid.

    Cards of households name the grid and no building, and each grid has whole packs of them: how
    many there are tells nobody how many live there.
    """
    if told.edition.per == "building":
        buildings = _buildings(told)
        often = Counter(map(_where, buildings))
        return _sheet(
            told,
            [
                # each card says another place, so that none can stand for several households
                _card(told, b.grid_id, where if often[where] == 1 else f"{where} · {b.building_id}")
                for b, where in zip(buildings, map(_where, buildings), strict=True)
            ],
        )
    households = np.asarray(told.plan.buildings.households)
    cards = []
    for grid in told.sheet.ordered_grids():
        held = int(households[told.plan.grid_ids == grid.grid_id].sum())
        cards.append(_card(told, grid.grid_id, copies=max(-(-held // PACK), 1) * PACK))
    return _sheet(told, cards)


def business_sheet(told: Publication) -> maps.CardSheet:
    """Return one business card for each grid."""
    return _sheet(told, [_card(told, grid.grid_id) for grid in told.sheet.ordered_grids()])


def label_sheet(told: Publication) -> maps.CardSheet:
    """Return a label for each entrance, or for each building whose entrances are not known."""
    doors = entrances(told.plan)
    cards = []
    for building in _buildings(told):
        labels = doors[building.building_id]
        for label in labels if len(labels) > 1 else ("",):
            door = told.words("Entrance {label}", label=label) if label else ""
            where = " · ".join(part for part in (_where(building), door) if part)
            cards.append(_card(told, building.grid_id, where))
    return _sheet(told, cards)


def cards(_: Publication, sheet: maps.CardSheet) -> Files:
    """Return the contact cards as PDF, eight to a page."""
    return {"cards.pdf": maps.cards_pdf(sheet)}


def business_cards(_: Publication, sheet: maps.CardSheet) -> Files:
    """Return the business cards as PDF, front and back."""
    return {"business-cards.pdf": maps.business_cards_pdf(sheet)}


def labels(told: Publication, sheet: maps.CardSheet) -> Files:
    """Return the labels as PDF, eight to a page."""
    return {"labels.pdf": maps.labels_pdf(sheet, masked=told.edition.masked)}


def _sheet(told: Publication, made: list[maps.Card]) -> maps.CardSheet:
    return maps.CardSheet(told.sheet.title, tuple(made), told.words.language, told.edition.day)


def _card(told: Publication, grid_id: str, address: str = "", *, copies: int = 1) -> maps.Card:
    base = told.edition.base_url.rstrip("/")
    services = told.people.services.get(grid_id, ())
    return maps.Card(
        grid_id=grid_id,
        worker=told.workers.get(grid_id, maps.Worker()),
        address=address,
        services=services,
        hotline=next((line.phone for line in services if _HOTLINE.search(line.label)), ""),
        page_url=f"{base}/grids/{quote(told.pages[grid_id])}" if base else "",
        colour=told.fills[grid_id],
        copies=copies,
    )


def _buildings(told: Publication) -> list[maps.BuildingShape]:
    return sorted(told.sheet.buildings, key=lambda b: (b.grid_id, b.building_id))


def _where(building: maps.BuildingShape) -> str:
    return building.address or building.name or building.building_id
