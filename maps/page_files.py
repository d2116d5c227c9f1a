"""The file names of grids' pages: safe on every file system, one a grid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w-]")
# Names that Windows keeps for devices.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def page_files(grid_ids: Iterable[str]) -> dict[str, str]:
    """Return the file name of each grid's page, as ``RV-001.html``, by grid id.

    Letters, digits, ``_`` and ``-`` stay as they are; other signs become ``~`` and their number
    in hexadecimal. Ids that only a capital tells apart, which some systems take for one file,
    get ``~2``, ``~3`` at their end, in the order of the ids.
    """
    files: dict[str, str] = {}
    taken: set[str] = set()
    for grid_id in sorted(grid_ids):
        name = stem = "".join(s if _is_plain(s) else f"~{ord(s):x}" for s in grid_id)
        copy = 1
        while name.casefold() in taken or _DEVICES.fullmatch(name):
            copy += 1
            name = f"{stem}~{copy}"
        taken.add(name.casefold())
        files[grid_id] = f"{name}.html"
    return files


def _is_plain(sign: str) -> bool:
    return _PLAIN.fullmatch(sign) is not None and unicodedata.normalize("NFC", sign) == sign
