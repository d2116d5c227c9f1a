"""Community workers as owners of grids: a table, one row a worker and grid, read whole or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import Findings, InputError
from .portrait import PhotoError, read_photo
from .record import ROLES, Staff
from .staffed_owners import Joined, join_staff
from .worker_columns import service_columns, worker_columns
from .worker_sheet import Sheet, agreed, told

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


# What a table of workers says of them for the public; whatever else it says is not even read.
_ROLES = tuple(Owner.__dataclass_fields__)


@dataclass(frozen=True)
class ServiceLine:
    """A number to call in a grid, or in every grid where ``grid_id`` is ""."""

    label: str
    phone: str
    grid_id: str = ""


def read_owners(
    path: str | Path,
    *,
    language: str = "en",
    staff: Sequence[Staff] = (),
    photos_beside: bool = False,
) -> tuple[dict[str, Owner], Findings]:
    """Read a table of workers (CSV or Excel) with ``name`` and ``grid_id``; owners by grid id.

    Also used where present: ``worker_id``, ``phone`` (the worker's own), ``office_phone``,
    ``photo`` (a PNG or JPEG, its path seen from the table), ``duties`` and ``responsibilities``
    (several parted by semicolons or lines), ``consent``, ``chat`` (a link or an id); or their
    Chinese names. Text in a language of its own stands in ``name_zh``, ``duties_zh`` and so on.
    A worker may have several grids, one row each; a row without a grid is passed over and told.
    ``photos_beside``: photos lie in the table's own folder or below it, and nothing else is read.
    ``staff``: of the plan; where it names owners ``grid_id`` is not needed, see
    ``gridgeo.staffed_owners``. Nothing else of the table is read: no home, no language.

    Raises:
        InputError: every fault of the table and its photos at once.
    """
    sheet = Sheet.read(path, "workers")
    staffed = any(one.role == ROLES[0] for one in staff)
    needed = ("name",) if staffed else ("grid_id", "name")
    chosen = worker_columns(sheet.header, language, needed=needed)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells = sheet.cells(chosen.of, _ROLES)
    grids, names, phones = cells["grid_id"], cells["name"], ("phone", "office_phone")
    rows = sheet.rows
    joined = Joined({grid: at for at, grid in enumerate(grids.tolist()) if grid})
    idle = grids == ""
    if staffed:
        called = worker_columns(sheet.header, "", needed=()).of
        joined = join_staff(staff, cells, [sheet.cells(called, ["name"])["name"]], rows=rows)
        idle = ~np.isin(np.arange(len(names)), [*joined.row_of.values()])
    consent = np.array([agreed(word) for word in cells["consent"]], dtype=object)
    twice = pd.Series(grids).duplicated(keep="first").to_numpy() & (grids != "")
    twice &= not staffed
    called = pd.Series(names).groupby(pd.Series(cells["worker_id"])).transform("nunique")
    faults = told(
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
    consents = consent == True  # noqa: E712 - elementwise
    wanted = consents & (cells["photo"] != "") & ~idle
    photos, damaged = _photos(Path(path), cells["photo"], wanted, beside=photos_beside)
    faults += joined.faults
    faults += [
        rows.fault("photo-unusable", np.isin(cells["photo"], names_of) & wanted,
                   (f"names a photo that {why}",) * 2, "Name a PNG or JPEG, seen from the table")
        for why, names_of in damaged.items()
    ]  # fmt: skip
    if faults:
        raise InputError(faults)
    owners = {
        grid: Owner(
            grid_id=grid,
            name=names[at],
            worker_id=cells["worker_id"][at],
            phone=cells["phone"][at],
            office_phone=cells["office_phone"][at],
            photo=photos.get(cells["photo"][at]) if consents[at] else None,
            duties=_lines(cells["duties"][at]),
            responsibilities=_lines(cells["responsibilities"][at]),
            consent=bool(consents[at]),
            chat=cells["chat"][at],
        )
        for grid, at in joined.row_of.items()
    }
    owners |= {one.grid_id: Owner(one.grid_id, one.name, one.worker_id) for one in joined.bare}
    said = [*joined.said]
    if idle.any():
        fix = "fill grid_id, or leave it so: nobody's card shows the worker"
        what = ("names no grid", "name no grid")
        if staffed:
            what = ("has no grid in the plan", "have no grid in the plan")
            fix = "nobody's card shows the worker"
        said.append(rows.warning("worker-without-grid", idle, what, fix))
    return owners, Findings(tuple(said))


def read_services(path: str | Path, *, language: str = "en") -> tuple[ServiceLine, ...]:
    """Read a table of numbers to call (CSV or Excel): ``label``, ``phone``, and ``grid_id``.

    They keep their order; one without ``grid_id`` is for every grid.

    Raises:
        InputError: every fault of the table at once.
    """
    sheet = Sheet.read(path, "services")
    chosen = service_columns(sheet.header, language)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells = sheet.cells(chosen.of, ("label", "phone", "grid_id"))
    rows = sheet.rows
    faults = told(
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


def _bad(cells: np.ndarray[Any, Any], form: re.Pattern[str]) -> np.ndarray[Any, Any]:
    return np.array([bool(c) and form.fullmatch(c) is None for c in cells], dtype=bool)


def _long(cells: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return which rows have a line too long for a board."""
    rows = zip(*cells.values(), strict=True)
    return np.array(
        [any(len(line) > _LONGEST_TEXT for cell in row for line in _lines(cell)) for row in rows],
        dtype=bool,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in re.split(r"[;；\n\r|]", text) if line.strip())


def _photos(
    table: Path, names: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], *, beside: bool
) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Return the photos by name, and by each kind of fault the names that have it."""
    photos: dict[str, bytes] = {}
    damaged: dict[str, list[str]] = {}
    for name in dict.fromkeys(names[wanted]):
        try:
            path = table.parent / name.replace("\\", "/")
            if beside and not path.resolve().is_relative_to(table.parent.resolve()):
                raise PhotoError("lies outside the folder of the table")
            photos[name] = read_photo(path)
        except PhotoError as fault:
            damaged.setdefault(str(fault), []).append(name)
    return photos, damaged
