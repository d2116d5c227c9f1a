"""Community workers as owners of grids: a table, one row a worker and grid, read whole or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, Findings, InputError
from .intake.tables import EXCEL_ENDINGS, read_csv, read_excel
from .intake.telling import Rows, error
from .portrait import PhotoError, read_photo
from .worker_columns import service_columns, worker_columns

_YES = frozenset({"yes", "y", "true", "1", "是", "同意", "已同意", "√", "✓"})
_NO = frozenset({"no", "n", "false", "0", "否", "不同意", "未同意"})
# Numbers as people write them, with extensions; neither "1.38E+10" nor "ask at the desk".
_PHONE = re.compile(r"\+?[\d(][\d\s()/\-–.]{1,24}(\s*(?:ext\.?|转|x|#)\s*\d{1,6})?", re.IGNORECASE)
_CHAT = re.compile(r"(https?://|weixin://)\S+|[^\s:<>\"']{1,64}", re.IGNORECASE)
_LONGEST_TEXT = 400


@dataclass(frozen=True)
class Owner:
    """A worker in charge of a grid, as the office knows them: not yet what may be shown.

    ``phone`` is the worker's own number, ``office_phone`` that of the office. ``photo``: bytes
    of a JPEG, read only where there is consent. ``duties`` and ``responsibilities``: one line
    each. ``consent``: it is recorded that photo, own number and chat may be shown.
    """

    grid_id: str
    name: str
    worker_id: str = ""
    phone: str = ""
    office_phone: str = ""
    photo: bytes | None = None
    duties: tuple[str, ...] = ()
    responsibilities: tuple[str, ...] = ()
    consent: bool = False
    chat: str = ""


@dataclass(frozen=True)
class ServiceLine:
    """A number to call in a grid, or in every grid where ``grid_id`` is ""."""

    label: str
    phone: str
    grid_id: str = ""


def read_owners(path: str | Path, *, language: str = "en") -> tuple[dict[str, Owner], Findings]:
    """Read a table of workers (CSV or Excel) with ``grid_id`` and ``name``; owners by grid id.

    Also used where present: ``worker_id``, ``phone`` (the worker's own), ``office_phone``,
    ``photo`` (a PNG or JPEG, its path seen from the table), ``duties`` and ``responsibilities``
    (several parted by semicolons or lines), ``consent``, ``chat`` (a link or an id); or their
    Chinese names. Text in a language of its own stands in ``name_zh``, ``duties_zh`` and so on.
    A worker may have several grids, one row each; a row without a grid is passed over and told.

    Raises:
        InputError: every fault of the table and its photos at once.
    """
    sheet = _Sheet.read(Path(path), "workers")
    chosen = worker_columns(sheet.names, language, where=str(path), repeated=sheet.repeated)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells = sheet.cells(chosen.of)
    grids, names, phones = cells["grid_id"], cells["name"], ("phone", "office_phone")
    rows = Rows(sheet.row_names, "row", "rows", f"{path}: ")
    idle = grids == ""
    consent = np.array([_agreed(word) for word in cells["consent"]], dtype=object)
    twice = pd.Series(grids).duplicated(keep="first").to_numpy() & ~idle
    called = pd.Series(names).groupby(pd.Series(cells["worker_id"])).transform("nunique")
    faults = _told(
        rows,
        [
            ("owner-without-name", (names == "") & ~idle, "has|have no name",
             "Write who the worker is in the column name"),
            ("grid-with-two-owners", twice, "names|name a grid that an earlier row has",
             "Leave one row a grid"),
            ("worker-twice", (called.to_numpy() > 1) & (cells["worker_id"] != ""),
             "shares|share a worker_id with a worker of another name",
             "Give each worker an id of their own"),
            *((f"{role.replace('_', '-')}-unreadable", _bad(cells[role], _PHONE),
               f"has|have in {chosen.of.get(role)} what is no number to call",
               "Write digits, as 010-6555 1234; in Excel give the column the format Text")
              for role in phones),
            ("consent-unreadable", consent == None,  # noqa: E711 - elementwise
             f"has|have in {chosen.of.get('consent')} neither yes nor no",
             "Write yes where the worker has agreed, else no"),
            ("chat-unreadable", _bad(cells["chat"], _CHAT),
             "has|have in chat neither a link nor an id",
             "Write a link that begins with https://, or an id without spaces"),
            ("text-too-long", _long(cells), "has|have over 400 letters in one line",
             "Shorten it, or part it by semicolons"),
        ],
    )  # fmt: skip
    agreed = consent == True  # noqa: E712 - elementwise
    wanted = agreed & (cells["photo"] != "") & ~idle
    photos, damaged = _photos(Path(path), cells["photo"], wanted)
    faults += [
        rows.fault("photo-unusable", np.isin(cells["photo"], names_of) & wanted,
                   (f"names a photo that {why}",) * 2, "Name a PNG or JPEG, seen from the table")
        for why, names_of in damaged.items()
    ]  # fmt: skip
    if faults:
        raise InputError(faults)
    owners = {
        cells["grid_id"][at]: Owner(
            grid_id=cells["grid_id"][at],
            name=cells["name"][at],
            worker_id=cells["worker_id"][at],
            phone=cells["phone"][at],
            office_phone=cells["office_phone"][at],
            photo=photos.get(cells["photo"][at]) if agreed[at] else None,
            duties=_lines(cells["duties"][at]),
            responsibilities=_lines(cells["responsibilities"][at]),
            consent=bool(agreed[at]),
            chat=cells["chat"][at],
        )
        for at in np.flatnonzero(~idle)
    }
    said = [
        rows.warning("worker-without-grid", idle, ("names no grid", "name no grid"),
                     "Fill grid_id, or leave it so: nobody's card shows the worker")
    ] if idle.any() else []  # fmt: skip
    return owners, Findings(tuple(said))


def read_services(path: str | Path, *, language: str = "en") -> tuple[ServiceLine, ...]:
    """Read a table of numbers to call (CSV or Excel): ``label``, ``phone``, and ``grid_id``.

    They keep their order; one without ``grid_id`` is for every grid.

    Raises:
        InputError: every fault of the table at once.
    """
    sheet = _Sheet.read(Path(path), "services")
    chosen = service_columns(sheet.names, language, where=str(path), repeated=sheet.repeated)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells = sheet.cells(chosen.of, ("label", "phone", "grid_id"))
    rows = Rows(sheet.row_names, "row", "rows", f"{path}: ")
    faults = _told(
        rows,
        [
            ("service-without-label", cells["label"] == "", "has|have no label",
             "Say whose number it is"),
            ("phone-unreadable", _bad(cells["phone"], _PHONE) | (cells["phone"] == ""),
             "has|have no number to call", "Write digits, as 110 or 010-6555 1234"),
            ("text-too-long", _long(cells), "has|have over 400 letters in one line", "Shorten it"),
        ],
    )  # fmt: skip
    if faults:
        raise InputError(faults)
    columns = (cells["label"], cells["phone"], cells["grid_id"])
    return tuple(ServiceLine(*cell) for cell in zip(*columns, strict=True))


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A table of text, and how its rows are called."""

    table: pd.DataFrame
    row_names: np.ndarray[Any, Any]
    repeated: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, role: str) -> _Sheet:
        if not path.is_file():
            raise InputError(
                [error("file-missing", f"{path}: no such file", "Check the path", first=str(path))]
            )
        excel = path.suffix.lower() in EXCEL_ENDINGS
        table, numbers, repeated = read_excel(path, None, role) if excel else read_csv(path)
        return cls(table, np.array([f"row {n}" for n in numbers], dtype=object), repeated)

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.table.columns]

    def cells(
        self, of: Mapping[str, str], roles: tuple[str, ...] = tuple(Owner.__dataclass_fields__)
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Return the text of every role, object (n,), "" where a cell or the column is not."""
        blank = np.full(len(self.table), "", dtype=object)
        return {
            role: np.array(
                ["" if c is None else str(c).strip() for c in self.table[of[role]]], dtype=object
            )
            if role in of
            else blank
            for role in roles
        }


def _told(rows: Rows, checks: list[tuple[str, np.ndarray[Any, Any], str, str]]) -> list[Finding]:
    """Return an error for each check that found rows; its words are "one|many"."""
    faults = []
    for code, bad, words, fix in checks:
        if bad.any():
            one, _, rest = words.partition("|")
            verb, _, what = rest.partition(" ")
            faults.append(rows.fault(code, bad, (f"{one} {what}", f"{verb} {what}"), fix))
    return faults


def _bad(cells: np.ndarray[Any, Any], form: re.Pattern[str]) -> np.ndarray[Any, Any]:
    return np.array([bool(c) and form.fullmatch(c) is None for c in cells], dtype=bool)


def _long(cells: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return which rows have a line too long for a board."""
    rows = zip(*cells.values(), strict=True)
    return np.array(
        [any(len(line) > _LONGEST_TEXT for cell in row for line in _lines(cell)) for row in rows],
        dtype=bool,
    )


def _agreed(word: str) -> bool | None:
    """Return whether a cell records consent, None where it cannot be told."""
    known = word.casefold()
    return True if known in _YES else False if not known or known in _NO else None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in re.split(r"[;；\n\r|]", text) if line.strip())


def _photos(
    table: Path, names: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]
) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Return the photos by name, and by each kind of fault the names that have it."""
    photos: dict[str, bytes] = {}
    damaged: dict[str, list[str]] = {}
    for name in dict.fromkeys(names[wanted]):
        try:
            photos[name] = read_photo(table.parent / name.replace("\\", "/"))
        except PhotoError as fault:
            damaged.setdefault(str(fault), []).append(name)
    return photos, damaged
