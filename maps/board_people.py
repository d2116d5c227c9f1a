"""Owners and lines to call as a board shows them, with the pictures that go with them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from . import inks
from .board_sheet import BoardGrid, BoardSheet
from .card_data import one_line, wrapped
from .monogram import monogram
from .people import Service, Worker
from .photo import PhotoError, portrait
from .qr import qr_svg
from .words import Words

# Dots an inch of photos in print.
_DPI = 200
_SHOWN = 20


class Pictures:
    """The files a board's template shows, by name; each is added once.

    Raises:
        PhotoError: photos of the grids' workers cannot be shown; the message names them all.
    """

    def __init__(
        self, sheet: BoardSheet, grid_ids: Collection[str] | None = None, *, width_mm: float
    ) -> None:
        """Make ready the photos of some grids' workers, None for all, for that width on paper."""
        self.files: dict[str, bytes] = {}
        self._photos: dict[str, bytes] = {}
        faults = []
        for grid_id, worker in sorted(sheet.workers.items()):
            if worker.photo is None or (grid_ids is not None and grid_id not in grid_ids):
                continue
            try:
                width_px = round(width_mm / 25.4 * _DPI)
                self._photos[grid_id] = portrait(worker.photo, width_px=width_px)
            except PhotoError as error:
                faults.append(f"of grid {grid_id} ({one_line(worker.name)}): {error}")
        if faults:
            more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            raise PhotoError(f"{len(faults)} photos cannot be shown: "
                             f"{'; '.join(faults[:_SHOWN])}{more}")  # fmt: skip

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

    def portrait(self, grid_id: str, worker: Worker) -> tuple[str, bool]:
        """Keep a worker's photo, or a drawn monogram; return its name and whether it is a photo."""
        if grid_id in self._photos:
            return self.add("photo", self._photos[grid_id], kind="jpg"), True
        return self.add("monogram", monogram(worker.name).encode()), False


def owner_card(
    sheet: BoardSheet, grid: BoardGrid, number: str, *, words: Words, pictures: Pictures
) -> dict[str, Any]:
    """Return what a board says of a grid and its owner; "" where there is none."""
    worker = sheet.workers.get(grid.grid_id, Worker())
    portrait, is_photo = pictures.portrait(grid.grid_id, worker)
    row = sheet.colours[grid.grid_id]
    return {
        "grid": grid.grid_id,
        "grid_words": words("Grid {number}", number=number),
        "number": number,
        "place": one_line(grid.name),
        "name": wrapped(one_line(worker.name)),
        "phone": wrapped(one_line(worker.phone)),
        "portrait": portrait,
        "is_photo": is_photo,
        "work": _said(worker.duties),
        "responsibilities": _said(worker.responsibilities),
        "tint": inks.mix(inks.tint(row), inks.PAPER, 0.35),
        "colour": inks.building_fill(row),
    }


def _said(lines: Iterable[str]) -> list[str]:
    return [wrapped(said) for line in lines if (said := one_line(line, 400))]


def same_work(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the work and responsibilities that all owners share, None where they differ."""
    told = [
        {"work": card["work"], "responsibilities": card["responsibilities"]}
        for card in cards
        if card["name"]
    ]
    first = told[0] if told else {"work": [], "responsibilities": []}
    return first if all(other == first for other in told) else None


def call_lines(services: Iterable[Service]) -> list[dict[str, str]]:
    """Return the lines to call, each once."""
    once = dict.fromkeys(
        (wrapped(one_line(each.label)), wrapped(one_line(each.phone))) for each in services
    )
    return [{"label": label, "phone": phone} for label, phone in once]
