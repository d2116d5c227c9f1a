"""Owners and lines to call as a board shows them, with the pictures that go with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from . import inks
from .board_sheet import BoardGrid, BoardSheet
from .monogram import monogram
from .people import Service, Worker
from .qr import qr_svg
from .words import Words

_MAGIC = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


class PictureError(ValueError):
    """Photos that are neither PNG nor JPEG; the message names all of their grids."""


class Pictures:
    """The files a board's template shows, by name; each is added once.

    Raises:
        PictureError: photos of the sheet's workers are neither PNG nor JPEG.
    """

    def __init__(self, sheet: BoardSheet) -> None:
        """Check the photos of a sheet."""
        self.files: dict[str, bytes] = {}
        bad = [
            f"{grid_id} ({worker.name})"
            for grid_id, worker in sorted(sheet.workers.items())
            if worker.photo is not None and not _kind(worker.photo)
        ]
        if bad:
            raise PictureError(
                f"{len(bad)} photos are neither PNG nor JPEG, of grids {', '.join(bad[:20])}"
            )

    def add(self, what: str, content: bytes, *, kind: str = "svg") -> str:
        """Keep a file and return its name; equal contents are one file."""
        name = f"{what}-{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
        self.files[name] = content
        return name

    def qr(self, url: str) -> str:
        """Keep the QR code of an address and return its name, "" without an address."""
        if not url:
            return ""
        return self.add("qr", qr_svg(url).encode())

    def portrait(self, worker: Worker) -> tuple[str, bool]:
        """Keep a worker's photo, or a drawn monogram; return its name and whether it is a photo."""
        if worker.photo is not None:
            return self.add("photo", worker.photo, kind=_kind(worker.photo)), True
        return self.add("monogram", monogram(worker.name).encode()), False


def owner_card(
    sheet: BoardSheet, grid: BoardGrid, number: str, *, words: Words, pictures: Pictures
) -> dict[str, Any]:
    """Return what a board says of a grid and its owner; "" where there is none."""
    worker = sheet.workers.get(grid.grid_id, Worker())
    portrait, is_photo = pictures.portrait(worker)
    row = sheet.colours[grid.grid_id]
    return {
        "grid": grid.grid_id,
        "grid_words": words("Grid {number}", number=number),
        "number": number,
        "place": grid.name,
        "name": worker.name,
        "phone": worker.phone,
        "portrait": portrait,
        "is_photo": is_photo,
        "work": list(worker.duties),
        "responsibilities": list(worker.responsibilities),
        "tint": inks.mix(inks.tint(row), inks.PAPER, 0.35),
        "colour": inks.building_fill(row),
    }


def call_lines(services: Iterable[Service]) -> list[dict[str, str]]:
    """Return the lines to call, each once."""
    once = dict.fromkeys((service.label, service.phone) for service in services)
    return [{"label": label, "phone": phone} for label, phone in once]


def _kind(photo: bytes) -> str:
    return next((kind for magic, kind in _MAGIC.items() if photo.startswith(magic)), "")
