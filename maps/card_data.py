"""Cards as their templates read them: each worker, code and list of phones is told once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from .card_sheet import Card, CardSheet
from .fonts import families
from .monogram import monogram
from .people import Service, Worker
from .phones import masked_phone
from .photo import portrait
from .qr import qr_svg
from .signs import printable
from .text_width import text_mm
from .words import Words

# The room of a code on the smallest of the cards, at its smallest size; and so many last letters
# tell one grid of a community from another.
_CODE_MM, _CODE_PT, _CODE_END = 17.5, 4.0, 6
_Key = TypeVar("_Key", bound=Hashable)

# So many signs without a place to break a line are given places, or a line would run out.
_RUN = re.compile(r"[^\s\u200b\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60-]{21,}")
_BREAK = "\u200b"
# Before each sign but those that stand on, or are joined to, the one before.
_SIGN = re.compile(r"(?<!^)(?<!\u200d)(?![\u0300-\u036f\u064b-\u065f\u200d\ufe0f]|$)")
# Signs that turn the direction of what follows them, and of what is beside them.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def card_data(sheet: CardSheet, *, masked: bool = False) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what ``typeset`` takes: the data of a sheet, and its pictures by name.

    ``masked``: workers' phones are masked, and their chats, which may name them, left out.
    """
    words = Words.of(sheet.language)
    workers, services, kinds, addresses = _Rows(), _Rows(), _Rows(), _Rows()
    pictures = _Pictures()
    order = []
    for card in sheet.cards:
        phone = one_line(masked_phone(card.worker.phone) if masked else card.worker.phone)
        hotline = one_line(card.hotline)
        if hotline:
            hotline = words("Hotline {phone}", phone=hotline)
        lines = _lines(card, words)
        row = workers.row(card.worker, lambda w: _worker(w, pictures, words, masked=masked))
        kind = {
            "grid": words("Grid {code}", code=code_of(card.grid_id)),
            "call": phone or hotline,
            "below": wrapped(hotline) if phone else "",
            "worker": row,
            "services": services.row(lines, lambda all_: [_service(line) for line in all_]),
            "page": pictures.code(card.page_url),
            "colour": card.colour,
        }
        at = (
            kinds.row(tuple(kind.items()), dict),
            addresses.row(wrapped(one_line(card.address, 200)), str),
        )
        order += [at] * card.copies
    data = {
        "lang": sheet.language,
        "families": families(sheet.language),
        "community": one_line(sheet.community),
        "day": words("As of {day}", day=words.date(sheet.day)) if sheet.day else "",
        "words": {
            "title": words("Service contact card"),
            "owner": words("Your grid owner"),
            "duties": words("Work content"),
            "promises": words("Service responsibilities"),
            "phones": words("Who to call"),
            "chat": words("Scan to chat"),
            "page": words("Your grid online"),
        },
        "workers": workers.values,
        "services": services.values,
        "kinds": kinds.values,
        "addresses": addresses.values,
        "cards": order,
    }
    return data, pictures.files


def one_line(text: str, most: int = 120) -> str:
    """Return text in one line, in its own direction, as far as it can be printed.

    It is cut where no card could hold more; emoji are left out.
    """
    flat = printable(unicodedata.normalize("NFC", _TURNS.sub("", text)))
    line = " ".join(flat.split())
    return line if len(line) <= most else line[:most].rstrip() + "…"


def code_of(grid_id: str) -> str:
    """Return a grid's id in one line that has room on every card; its end stays, told apart by."""
    code = one_line(grid_id)
    if text_mm(code, _CODE_PT) <= _CODE_MM:
        return code
    head, end = code[:-_CODE_END], f"…{code[-_CODE_END:]}"
    while head and text_mm(head + end, _CODE_PT) > _CODE_MM:
        head = head[:-1]
    return head.rstrip() + end


def wrapped(line: str) -> str:
    """Return a line that has a place to break in every long word."""
    return _RUN.sub(lambda run: _SIGN.sub(_BREAK, run.group()), line)


class _Rows:
    """Values told once each, and pointed at by row."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._row_of: dict[Hashable, int] = {}

    def row(self, key: _Key, value_of: Callable[[_Key], Any]) -> int:
        if key not in self._row_of:
            self._row_of[key] = len(self.values)
            self.values.append(value_of(key))
        return self._row_of[key]


class _Pictures:
    """Picture files by name, each once; "" stands for no picture."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._name_of: dict[bytes, str] = {}

    def code(self, text: str) -> str:
        return self._named(qr_svg(text).encode(), "svg") if text else ""

    def photo(self, photo: bytes | None) -> str:
        return self._named(portrait(photo), "jpg") if photo is not None else ""

    def _named(self, picture: bytes, kind: str) -> str:
        if picture not in self._name_of:
            name = f"picture-{len(self.files)}.{kind}"
            self._name_of[picture] = name
            self.files[name] = picture
        return self._name_of[picture]


def _worker(worker: Worker, pictures: _Pictures, words: Words, *, masked: bool) -> dict[str, str]:
    between = "；" if words.language.startswith("zh") else " · "
    duties, promises = (
        wrapped(one_line(between.join(filter(None, (one_line(x, 400) for x in lines))), 600))
        for lines in (worker.duties, worker.responsibilities)
    )
    return {
        "name": wrapped(one_line(worker.name)) or words("No owner is named yet"),
        "photo": pictures.photo(worker.photo),
        "monogram": monogram(worker.name),
        "chat": "" if masked else pictures.code(worker.chat),
        "duties": duties,
        "promises": promises,
    }


def _lines(card: Card, words: Words) -> tuple[Service, ...]:
    listed = any(line.phone == card.hotline for line in card.services)
    if listed or not card.hotline.strip():
        return card.services
    return (Service(words("Hotline"), card.hotline), *card.services)


def _service(line: Service) -> dict[str, str]:
    return {"label": one_line(line.label), "phone": one_line(line.phone)}
