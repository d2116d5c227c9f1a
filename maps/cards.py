"""Service contact cards: eight to a sheet for households, business cards front and back."""

from __future__ import annotations

from .card_data import card_data
from .card_sheet import CardSheet
from .typeset import imposed, typeset


def cards_pdf(sheet: CardSheet) -> bytes:
    """Return the PDF of a sheet's cards: 92 x 62 mm, eight to a page of A4, with crop marks."""
    data, pictures = card_data(sheet)
    return imposed("cards.typ", data, pictures)


def business_cards_pdf(sheet: CardSheet) -> bytes:
    """Return the PDF of a sheet's business cards: 90 x 54 mm, two pages each, front and back.

    A page is one side with 3 mm of bleed and crop marks, as print shops take it.
    """
    data, pictures = card_data(sheet)
    return typeset("business_cards.typ", data, pictures=pictures)
