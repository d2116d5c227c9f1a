"""Labels for doors and entrances: whom to call in this grid, eight to a sheet."""

from __future__ import annotations

from .card_data import card_data
from .card_sheet import CardSheet
from .typeset import imposed


def labels_pdf(sheet: CardSheet, *, masked: bool = False) -> bytes:
    """Return the PDF of a sheet's labels: 90 x 60 mm, two by four on A4, with crop marks.

    ``masked``: the middle of workers' phones is shown as stars, and no chat is shown.
    """
    data, pictures = card_data(sheet, masked=masked)
    return imposed("labels.typ", data, pictures)
