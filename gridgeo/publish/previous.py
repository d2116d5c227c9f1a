"""An earlier publication read back from its own files: what it told, and in which colours."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import shapely.geometry

from ..errors import InputError
from ..intake.telling import error
from ..suppression import Earlier

# The list of what a publication wrote: by it a later one knows what to take away.
MANIFEST = "publication.json"


@dataclass(frozen=True)
class Previous:
    """What an earlier publication showed.

    ``colours``: the ground of each grid in degrees, and its colour. ``files``: all it wrote, seen
    from its folder.
    """

    earlier: Earlier
    colours: tuple[tuple[Any, int], ...] = ()
    files: tuple[str, ...] = ()


def is_publication(folder: Path) -> bool:
    """Return whether a folder holds what ``publish`` wrote."""
    return (folder / MANIFEST).is_file()


def read_previous(folder: Path) -> Previous:
    """Read a publication.

    Raises:
        InputError: it is none, or files of it are missing or damaged: all of them at once.
    """
    faults = []
    read: dict[str, Any] = {}
    for name, reader in (
        (MANIFEST, _manifest),
        ("grids.csv", _counts),
        ("buildings.geojson", _grid_of),
        ("grids.geojson", _colours),
    ):
        try:
            read[name] = reader((folder / name).read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            why = "is not there" if isinstance(fault, FileNotFoundError) else "cannot be read"
            faults.append(
                error(
                    "previous-unreadable",
                    f"{folder / name} {why}: what was published before is not known",
                    "name the whole folder of an earlier publication, or publish to a new one",
                    first=name,
                )
            )
    if faults:
        raise InputError(faults)
    earlier = Earlier(read["buildings.geojson"], read["grids.csv"])
    return Previous(earlier, read["grids.geojson"], read[MANIFEST])


def manifest(files: list[str]) -> str:
    """Return the text of a list of files."""
    said = {"made_by": "gridgeo publish", "files": sorted(files)}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _manifest(text: str) -> tuple[str, ...]:
    files = json.loads(text)["files"]
    # a list that was tampered with must not lead out of the folder
    inside = [
        name for name in files
        if isinstance(name, str) and not PurePosixPath(name).is_absolute()
        and ".." not in PurePosixPath(name).parts and "\\" not in name and ":" not in name
    ]  # fmt: skip
    if len(inside) < len(files):
        raise ValueError("a file outside of the folder")
    return tuple(inside)


def _counts(text: str) -> dict[str, tuple[int, int]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and "households" not in rows[0]:
        return {}
    return {
        row["grid_id"].removeprefix("'"): (int(row["households"]), int(row["population"]))
        for row in rows
        if row["households"] and row["population"]
    }


def _grid_of(text: str) -> dict[str, str]:
    told = [feature["properties"] for feature in json.loads(text)["features"]]
    return {one["building_id"]: one["grid_id"] for one in told}


def _colours(text: str) -> tuple[tuple[Any, int], ...]:
    return tuple(
        (shapely.geometry.shape(feature["geometry"]), int(feature["properties"]["colour"]))
        for feature in json.loads(text)["features"]
    )
