"""The file names of grids' pages: safe on every file system, one a grid."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

_PLAIN = re.compile(r"[\w-]")
# So long may a name be in a link, where a Chinese letter takes nine signs: with the address of the
# site it must fit the QR code of a card, and a file name has 255 bytes at most.
_MOST_IN_LINK = 60
# Names that Windows keeps for devices.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def page_files(grid_ids: Iterable[str]) -> dict[str, str]:
    """Return the file name of each grid's page, as ``RV-001.html``, by grid id.

    Letters, digits, ``_`` and ``-`` stay as they are; other signs become ``~`` and their number
    in hexadecimal. A name that is over 60 signs long in a link is cut, and ends on ``~`` and
    eight letters of the hash of its id. Ids that only a capital tells apart, which some systems
    take for one file, get ``~2``, ``~3`` at their end, in the order of the ids.
    """
    files: dict[str, str] = {}
    taken: set[str] = set()
    for grid_id in sorted(grid_ids):
        name = stem = _stem(grid_id)
        copy = 1
        while name.casefold() in taken or _DEVICES.fullmatch(name):
            copy += 1
            name = f"{stem}~{copy}"
        taken.add(name.casefold())
        files[grid_id] = f"{name}.html"
    return files


def _stem(grid_id: str) -> str:
    pieces = [s if _is_plain(s) else f"~{ord(s):x}" for s in grid_id]
    if len(quote("".join(pieces))) <= _MOST_IN_LINK:
        return "".join(pieces)
    end = "~" + hashlib.sha256(grid_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    while len(quote("".join(pieces))) > _MOST_IN_LINK - len(end):
        pieces.pop()
    return "".join(pieces) + end


def _is_plain(sign: str) -> bool:
    return _PLAIN.fullmatch(sign) is not None and unicodedata.normalize("NFC", sign) == sign
