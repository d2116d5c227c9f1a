"""What cards and labels are made of: whom to call, for which grid, at which address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .people import Service, Worker
from .photo import PhotoError, portrait
from .qr import QrTextError, qr_modules

MOST_SERVICES = 12
# 18.5 mm of paper carry so many modules of 0.35 mm, the least that phones read well.
MOST_MODULES = 53
_FAULTS_SHOWN = 20


class CardError(ValueError):
    """Cards that cannot be printed; the message lists every fault."""


@dataclass(frozen=True)
class Card:
    """One card: a grid, its worker, and the lines to call there.

    ``address`` is what the card is for: a building, an entrance; "" for any door of the grid.
    ``hotline`` is the phone that always answers, ``services`` the departments'. ``page_url`` is
    the grid's page, for a QR code. ``colour`` is the grid's on the map, "#rrggbb". ``copies``
    alike are printed one after another. All is shown as it stands: give only what may be shown.
    """

    grid_id: str
    worker: Worker
    address: str = ""
    services: tuple[Service, ...] = ()
    hotline: str = ""
    page_url: str = ""
    colour: str = ""
    copies: int = 1


@dataclass(frozen=True)
class CardSheet:
    """Cards of one community, in the order they are printed; ``day`` is when they were true.

    Raises:
        CardError: no card, a card without grid or with a bad colour, no copy or too many
            services, a photo that cannot be shown, a link or chat too long for a QR code of
            18.5 mm; all such faults at once.
    """

    community: str
    cards: tuple[Card, ...]
    language: str = "en"
    day: date | None = None

    def __post_init__(self) -> None:
        faults = list(dict.fromkeys(_faults(self.cards)))
        if faults:
            more = len(faults) - _FAULTS_SHOWN
            shown = faults[:_FAULTS_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise CardError(f"{len(faults)} faults in the cards: " + "; ".join(shown))


def _faults(cards: tuple[Card, ...]) -> Iterable[str]:
    if not cards:
        yield "there is no card"
    for row, card in enumerate(cards, start=1):
        if not card.grid_id.strip():
            yield f"card {row} has no grid"
        what = f"a card of grid {card.grid_id!r}"
        if card.copies < 1:
            yield f"{what} has {card.copies} copies"
        if len(card.services) > MOST_SERVICES:
            yield f"{what} has {len(card.services)} services; {MOST_SERVICES} is the most"
        if card.colour and not re.fullmatch("#[0-9a-fA-F]{6}", card.colour):
            yield f"{what} has the colour {card.colour!r}, not one like '#77aadd'"
        yield from _code_faults(
            f"the page link of grid {card.grid_id!r}", card.page_url, "take a shorter base URL"
        )
    for worker in dict.fromkeys(card.worker for card in cards):
        yield from _code_faults(f"the chat of {worker.name!r}", worker.chat, "make it shorter")
        if worker.photo is not None:
            try:
                portrait(worker.photo)
            except PhotoError as error:
                yield f"the photo of {worker.name!r}: {error}"


def _code_faults(what: str, text: str, fix: str) -> Iterable[str]:
    if not text:
        return
    try:
        modules = qr_modules(text)
    except QrTextError as error:
        yield f"{what}: {error}"
        return
    if modules > MOST_MODULES:
        yield f"{what} has {len(text)} signs, too many for a QR code on a card; {fix}"
