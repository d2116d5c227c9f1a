"""Which files the figures came from: name and hash, and rows as text such as "2-15, 40"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

# The column of the buildings that names the rows each one's figures came from.
ROWS_COLUMN = "source_rows"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A file that was read, as a plan remembers it; nothing of what its rows say.

    ``role``: "buildings" or "roster". ``name``: of the file, without its folder, with its layer.
    ``sha256``: of its bytes, in hex. ``columns``: the column of each role, or more than one by
    " + ". ``told``: how it was read, "one row a household".
    """

    role: str
    name: str
    sha256: str
    columns: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex; a folder (FileGDB) counts by its files in order.

    A shapefile counts with its attributes, which stand in the ``.dbf`` beside it.
    """
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    if path.suffix.casefold() == ".shp":
        beside = sorted(path.parent.glob(f"{path.stem}.*"))
        files += [p for p in beside if p.suffix.casefold() == ".dbf" and p.stem == path.stem]
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def rows_text(numbers: Iterable[int]) -> str:
    """Return row numbers as ascending ranges: 2, 3, 4 and 40 are "2-4, 40"."""
    rows = np.unique(np.fromiter(numbers, dtype=np.int64))
    if not len(rows):
        return ""
    breaks = np.flatnonzero(np.diff(rows) > 1)
    first = rows[np.r_[0, breaks + 1]].tolist()
    last = rows[np.r_[breaks, len(rows) - 1]].tolist()
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(first, last, strict=True))


def rows_of(text: str) -> list[int]:
    """Return the row numbers that ``rows_text`` wrote, ascending.

    Raises:
        ValueError: something else stands there.
    """
    out: list[int] = []
    for part in text.split(","):
        if part.strip():
            first, dash, last = part.strip().partition("-")
            out += range(int(first), int(last if dash else first) + 1)
    return out


def sources_text(sources: Iterable[SourceFile]) -> str:
    """Return the files as JSON, the same for the same files."""
    facts = [
        {
            "role": source.role,
            "name": source.name,
            "sha256": source.sha256,
            "columns": dict(source.columns),
            "told": source.told,
        }
        for source in sources
    ]
    return json.dumps(facts, ensure_ascii=False)


def sources_of(text: Any) -> tuple[SourceFile, ...]:
    """Return the files that ``sources_text`` wrote; none where a plan is older than that.

    Raises:
        ValueError, TypeError: something else stands there.
    """
    if not isinstance(text, str):
        return ()
    return tuple(SourceFile(**facts) for facts in json.loads(text))
