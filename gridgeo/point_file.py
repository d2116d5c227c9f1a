"""A CSV file of places to one that names the grid of each, row by row, however long it is."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
import pyproj

from .crs import lonlat_of
from .errors import Finding, InputError, Severity
from .intake.columns import asked_column, usual_column
from .intake.encoding import guess_encoding
from .intake.values import coordinates
from .locate import NO_GRID, GridIndex

Array = np.ndarray[Any, Any]

_ROWS_AT_ONCE = 50_000
_SAMPLE_BYTES = 200_000
_GRID_COLUMN = "grid_id"
_PAIRS = (("lon", "lat"), ("x", "y"))


@dataclass(frozen=True)
class Located:
    """What became of the places of a file.

    ``points``: how many there were; ``outside``: how many of them lie in no grid, the first in
    row ``first_outside``, counted as a spreadsheet does, the header being row 1 (0: none).
    ``read_from``: the columns by role; ``written_to``: the column of the grid ids.
    """

    points: int
    outside: int
    first_outside: int
    read_from: Mapping[str, str]
    written_to: str


@dataclass(frozen=True)
class _Table:
    """What the header of a file says: its columns, and which hold the coordinates."""

    path: Path
    header: list[str]
    roles: Mapping[str, str]
    locate: Callable[[Array], Array]

    @property
    def in_degrees(self) -> bool:
        return "lon" in self.roles

    def places(self, rows: list[list[str]]) -> Array:
        """Return the coordinates of rows, float64 (n, 2), NaN where there is no number."""
        columns = [self.header.index(name) for name in self.roles.values()]
        cells = [[row[at] for row in rows] for at in columns]
        try:  # nearly every cell of nearly every file
            return np.array(cells, dtype=np.float64).T
        except ValueError:
            parts = (pd.Series(part, dtype="str") for part in cells)
            read = [coordinates(part, degrees=self.in_degrees) for part in parts]
            return np.column_stack(read)


@dataclass
class _Tally:
    """Counts rows and keeps the first of each kind."""

    count: int = 0
    first: int = 0

    def add(self, bad: Array, numbers: Array) -> None:
        if bad.any():
            self.first = self.first or int(numbers[np.argmax(bad)])
            self.count += int(bad.sum())


def locate_file(
    index: GridIndex,
    source: str | Path,
    out: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    crs: pyproj.CRS | None = None,
) -> Located:
    """Copy a CSV file with one column more: the grid of each place, "" where there is none.

    It is read and written piece by piece, so that a file of any length takes the same memory.
    ``out`` is written whole or not at all, in UTF-8.

    Args:
        index: of the grids.
        source: a CSV file with columns ``lon`` and ``lat``, or ``x`` and ``y``, or as they are
            usually called; comma, semicolon, tab or bar between the cells.
        out: the file to write.
        columns: the column by role (lon, lat, x, y) where it is called otherwise.
        crs: of the coordinates; by default WGS 84 for ``lon`` and ``lat``, the CRS of the plan
            for ``x`` and ``y``.

    Raises:
        InputError: no such file, no coordinates in it, or rows without any or with others than
            degrees, all told with the first row and how many; ``out`` cannot be written.
    """
    path, target = Path(source), Path(out)
    encoding = _encoding_of(path)
    try:
        with (
            path.open(encoding=encoding, newline="") as text,
            tempfile.TemporaryDirectory(prefix=".points-", dir=target.parent) as beside,
        ):
            draft = Path(beside) / target.name
            with draft.open("w", encoding="utf-8-sig", newline="") as written:
                reader = _reader(text)
                table = _table(path, next(reader, []), columns or {}, index=index, crs=crs)
                located = _copy(table, reader, written)
            draft.replace(target)
    except (UnicodeDecodeError, csv.Error) as fault:
        message = f"{path}: cannot be read ({fault})"
        fix = "Save it as CSV in UTF-8, and mend its quotes"
        raise InputError([_fault("file-unreadable", message, fix)]) from fault
    except OSError as fault:
        message = f"{target}: {fault.strerror or fault}"
        raise InputError([_fault("output-unusable", message, "Name another file")]) from fault
    return located


def _encoding_of(path: Path) -> str:
    """Guess from the first lines that are not plain ASCII: a header often is.

    Raises:
        InputError: no such file, or one that cannot be read or is no text.
    """
    if not path.is_file():
        raise InputError([_fault("file-missing", f"{path}: no such file", "Check the path")])
    sample = bytearray()
    try:
        with path.open("rb") as raw:
            sample += raw.readline(_SAMPLE_BYTES)
            for line in raw:
                if not line.isascii():
                    sample += line
                if len(sample) > _SAMPLE_BYTES:
                    break
    except OSError as fault:
        message = f"{path}: cannot be read ({fault.strerror or fault})"
        fix = "Check that it may be read"
        raise InputError([_fault("file-unreadable", message, fix)]) from fault
    encoding = guess_encoding(bytes(sample))
    if encoding != "utf-16" and b"\0" in sample:
        message, fix = f"{path}: this is no CSV file", "Save the places as CSV"
        raise InputError([_fault("file-unreadable", message, fix)])
    return encoding


def _reader(text: TextIO) -> Iterator[list[str]]:
    header = text.readline().removeprefix("\ufeff")
    separator = max(",;\t|", key=header.count)

    def lines() -> Iterator[str]:
        yield header
        yield from text

    return iter(csv.reader(lines(), delimiter=separator, strict=True))


def _table(
    path: Path,
    header: list[str],
    columns: Mapping[str, str],
    *,
    index: GridIndex,
    crs: pyproj.CRS | None,
) -> _Table:
    names = [name.strip() for name in header]
    known = {role for pair in _PAIRS for role in pair}
    faults = [
        _fault("column-role-unknown", f"--column {role}={name}: places have no {role!r}",
               "Use lon, lat, x or y", first=role)
        for role, name in sorted(columns.items())
        if role not in known
    ]  # fmt: skip
    found: dict[str, str | None] = {}
    for role in sorted(known):
        asked = columns.get(role)
        found[role] = usual_column(role, names) if asked is None else asked_column(asked, names)
        if asked is not None and found[role] is None:
            message = (
                f"{path}: no column {asked!r} to read {role} from; there are: {_listed(names)}"
            )
            faults.append(_fault("column-missing", message, "Name one of them", first=role))
    pairs = [pair for pair in _PAIRS if found[pair[0]] and found[pair[1]]]
    # a pair that was named goes before one that is only called so
    pairs.sort(key=lambda pair: not set(pair) & set(columns))
    if not pairs and not faults:
        message = f"{path}: no columns for lon and lat, or x and y; there are: {_listed(names)}"
        fix = "Name them with --column lon=NAME --column lat=NAME"
        faults.append(_fault("columns-missing", message, fix))
    if faults:
        raise InputError(faults)
    roles = {role: str(found[role]) for role in pairs[0]}
    return _Table(path, names, roles, _locator(index, crs, in_degrees="lon" in roles))


def _locator(
    index: GridIndex, crs: pyproj.CRS | None, *, in_degrees: bool
) -> Callable[[Array], Array]:
    if crs is not None:
        return lambda places: index.locate(lonlat_of(places, crs))
    return index.locate if in_degrees else index.locate_xy


def _copy(table: _Table, rows: Iterator[list[str]], written: TextIO) -> Located:
    writer = csv.writer(written)
    column = _free_name(table.header)
    writer.writerow([*table.header, column])
    width = len(table.header)
    longer, unplaced, beyond, outside = _Tally(), _Tally(), _Tally(), _Tally()
    points = 0
    for numbers, piece in _pieces(rows):
        longer.add(np.array([len(row) > width for row in piece]), numbers)
        held = [(row + [""] * (width - len(row)))[:width] for row in piece]
        places = table.places(held)
        lost = np.asarray(~np.isfinite(places).all(axis=1))
        unplaced.add(lost, numbers)
        if table.in_degrees:
            beyond.add(np.asarray(~lost & (np.abs(places) > [180, 90]).any(axis=1)), numbers)
        grids = table.locate(places)
        outside.add(grids == NO_GRID, numbers)
        points += len(held)
        writer.writerows([*row, grid] for row, grid in zip(held, grids.tolist(), strict=True))
    _refuse(table, longer, unplaced, beyond, points=points)
    return Located(points, outside.count, outside.first, table.roles, column)


def _pieces(rows: Iterator[list[str]]) -> Iterable[tuple[Array, list[list[str]]]]:
    """Return rows in pieces with their numbers in a spreadsheet; blank ones are left out."""
    number = 2
    while piece := list(islice(rows, _ROWS_AT_ONCE)):
        filled = [any(cell.strip() for cell in row) for row in piece]
        numbers = number + np.flatnonzero(filled)
        number += len(piece)
        held = [row for row, is_filled in zip(piece, filled, strict=True) if is_filled]
        if held:
            yield numbers, held


def _refuse(
    table: _Table, longer: _Tally, unplaced: _Tally, beyond: _Tally, *, points: int
) -> None:
    """Raise with every fault of the rows at once."""
    names = " and ".join(repr(name) for name in table.roles.values())
    told = (
        ("row-too-long", longer, "more cells than the header has columns",
         "Put cells that hold a separator in quotes"),
        ("place-missing", unplaced, f"no numbers in {names}",
         "Fill them in, or leave the rows out"),
        ("place-out-of-range", beyond, f"no degrees in {names}",
         "Mend them; if they are metres, name the columns with --column x=NAME --column y=NAME"),
    )  # fmt: skip
    faults = [
        _fault(
            code,
            f"{table.path}: {tally.count:,} {'row has' if tally.count == 1 else 'rows have'} "
            f"{what} (first: row {tally.first})",
            fix,
            count=tally.count,
            first=f"row {tally.first}",
        )
        for code, tally, what, fix in told
        if tally.count
    ]
    if not points:
        faults.append(_fault("file-empty", f"{table.path}: no place in it", "Check the file"))
    if faults:
        raise InputError(faults)


def _free_name(taken: list[str]) -> str:
    """Return a name for the new column that no other has, not even but for case."""
    held = {name.casefold() for name in taken}
    name, number = _GRID_COLUMN, 1
    while name in held:
        number += 1
        name = f"{_GRID_COLUMN}_{number}"
    return name


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none"


def _fault(code: str, message: str, fix: str, *, count: int = 1, first: str = "") -> Finding:
    return Finding(code, Severity.ERROR, message, fix, count, first)
