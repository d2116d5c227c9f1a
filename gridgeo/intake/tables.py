"""CSV and Excel files as tables of text, so that "007" stays "007"."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .encoding import csv_text
from .telling import error, listed

CSV_ENDINGS = (".csv", ".tsv", ".txt")
EXCEL_ENDINGS = (".xlsx", ".xlsm")


def read_csv(path: Path) -> tuple[pd.DataFrame, np.ndarray[Any, Any], tuple[str, ...]]:
    """Read a CSV file; see ``_frame`` for what comes back.

    UTF-8, GB18030 and UTF-16 are told apart; the separator is the one of comma, semicolon,
    tab and bar that the header holds most of.

    Raises:
        InputError: it cannot be read, no header, a row longer than it, or broken quotes.
    """
    return parse_csv(csv_text(bytes_of(path))[0], str(path))


def bytes_of(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        InputError: it is a folder, or may not be read.
    """
    try:
        return path.read_bytes()
    except OSError as fault:
        message = f"{path}: cannot be read ({fault.strerror or fault})"
        fix = "check that it is a file, and that it may be read"
        raise InputError([error("file-unreadable", message, fix, first=str(path))]) from fault


def parse_csv(text: str, name: str) -> tuple[pd.DataFrame, np.ndarray[Any, Any], tuple[str, ...]]:
    """Read CSV that was decoded; as ``read_csv``."""
    header = text.split("\n", 1)[0]
    separator = max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as fault:
        raise InputError(
            [
                error(
                    "csv-broken",
                    f"{name}: line {reader.line_num} is not proper CSV ({fault})",
                    "mend its quotes, or save the table as .xlsx",
                )
            ]
        ) from fault
    return _frame(rows, name)


def read_excel(
    path: Path, sheet: str | None, role: str
) -> tuple[pd.DataFrame, np.ndarray[Any, Any], tuple[str, ...]]:
    """Read one sheet of an Excel workbook; see ``_frame`` for what comes back.

    A number comes back as it is written, 7.0 as "7" and 7 formatted 000 as "007". Without a
    ``sheet`` the only one that holds anything is read, or the one called ``role``.

    Raises:
        InputError: not a workbook, no such sheet, or several and none named.
    """
    # openpyxl warns of styles and validations, which are none of our business
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named, rows = _sheet_rows(path, sheet, role)
    return _frame(rows, f"{path}:{named}" if sheet else str(path))


def _sheet_rows(path: Path, sheet: str | None, role: str) -> tuple[str, list[list[str]]]:
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return _sheet_rows_of(path, sheet, role)
    except (
        # broken XML is a SyntaxError, be it read by Python or by lxml where that is installed
        InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError,
        KeyError, ValueError, TypeError, OSError,
    ) as fault:  # fmt: skip
        raise InputError(
            [
                error(
                    "file-unreadable",
                    f"{path}: not a readable Excel workbook",
                    "open it in Excel and save it as .xlsx without a password",
                )
            ]
        ) from fault


def _sheet_rows_of(path: Path, sheet: str | None, role: str) -> tuple[str, list[list[str]]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        # what a writer left behind as the sheet's size is often wrong
        for page in book.worksheets:
            page.reset_dimensions()
        filled = [page.title for page in book.worksheets if any(map(any, page.values))]
        named = _sheet_named(path, sheet, role, filled)
        rows = [[_cell_text(cell) for cell in row] for row in book[named].iter_rows()]
    finally:
        book.close()
    return named, rows


def _sheet_named(path: Path, sheet: str | None, role: str, filled: list[str]) -> str:
    if sheet is None and len(filled) == 1:
        return filled[0]
    wanted = (sheet or role).casefold()
    matches = [title for title in filled if title.casefold() == wanted]
    if matches:
        return matches[0]
    what = f"no sheet {sheet!r}" if sheet else "several sheets and none named"
    raise InputError(
        [
            error(
                "layer-unclear",
                f"{path}: {what if filled else 'every sheet is empty'}; "
                f"sheets there are: {listed(filled)}",
                f"name one, as {path.name}:{filled[0] if filled else 'Sheet1'}",
            )
        ]
    )


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float) and abs(value) >= 1e15:
        # Excel keeps 15 digits: what stood here was longer, and is told wherever it is an id
        return f"{value:.14e}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        # a format of zeros alone is how Excel shows 7 as 007, and so how a planner knows it
        width = len(cell.number_format) if re.fullmatch("0+", str(cell.number_format)) else 0
        return str(value).zfill(width)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).strip()


def _frame(
    rows: list[list[str]], name: str
) -> tuple[pd.DataFrame, np.ndarray[Any, Any], tuple[str, ...]]:
    """Return a table of text (None where a cell is blank), row numbers, repeated names.

    The row numbers, int64 (n,), count as a spreadsheet does, the header being row 1; blank
    rows are passed over. A name that stands twice is numbered ("name_2") and told.
    """
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not numbered:
        raise InputError([error("file-empty", f"{name}: the table is empty", "check the file")])
    # a lone cell above a wider table is its title, not its header
    while len(numbered) > 1 and _filled(numbered[0][1]) == 1 < _filled(numbered[1][1]):
        numbered = numbered[1:]
    header = numbered[0][1]
    while header and not header[-1]:
        header = header[:-1]
    body = numbered[1:]
    long = [number for number, row in body if any(row[len(header) :])]
    if long:
        hold = "row holds" if len(long) == 1 else "rows hold"
        raise InputError(
            [
                error(
                    "csv-broken",
                    f"{name}: {len(long)} {hold} more cells than the header (first: row {long[0]})",
                    'put values that hold a separator between quotes, as "12, Mill Lane"',
                    count=len(long),
                    first=f"row {long[0]}",
                )
            ]
        )
    names, repeated = unique_names(header)
    width = len(names)
    cells = np.full((len(body), width), None, dtype=object)
    for at, (_, row) in enumerate(body):
        for column, cell in enumerate(row[:width]):
            if cell:
                cells[at, column] = cell
    table = pd.DataFrame({column: cells[:, at] for at, column in enumerate(names)}, dtype=object)
    numbers = np.array([number for number, _ in body], dtype=np.int64)
    return table, numbers, repeated


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell)


def unique_names(header: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Number the names that stand twice, whatever their case; return all, and those."""
    names: list[str] = []
    taken: set[str] = set()
    repeated: list[str] = []
    for at, plain in enumerate(header, start=1):
        base = plain or f"column_{at}"
        name, copy = base, 1
        while name.casefold() in taken:
            copy += 1
            name = f"{base}_{copy}"
        if copy > 1:
            repeated.append(base)
        taken.add(name.casefold())
        names.append(name)
    return names, tuple(repeated)
