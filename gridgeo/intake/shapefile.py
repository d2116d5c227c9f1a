"""Shapefiles: in a zip or a folder, and in which encoding; and files that cannot be read."""

from __future__ import annotations

import glob
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import Finding, InputError
from .encoding import Spelling, dbf_encoding, decode_cell
from .telling import error


def decoded(frame: pd.DataFrame, codec: str) -> pd.DataFrame:
    """Decode names and texts that were read as Latin-1; a character cut in two is dropped."""

    def decode(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        cell = text.encode("latin-1")
        return decode_cell(cell) if codec == "mixed" else cell.decode(codec, "ignore")

    renamed = frame.rename(columns=decode)
    for name in renamed.columns:
        if pd.api.types.is_string_dtype(renamed[name]):
            renamed[name] = renamed[name].map(decode, na_action="ignore")
    return renamed


def opened_path(path: Path) -> str:
    """Return the path as GDAL wants it; a zip is entered, down to the folder of its files."""
    if path.suffix.casefold() != ".zip":
        return str(path)
    folders = {str(Path(member).parent) for member in _members(path)}
    root = f"/vsizip/{{{path.resolve()}}}"
    if len(folders) == 1 and folders != {"."}:
        return f"{root}/{folders.pop()}"
    return root


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError) as fault:
        raise InputError([unreadable(path, fault)]) from fault
    # what macOS packs beside the files is not theirs
    return [n for n in names if n.casefold().endswith(".shp") and not n.startswith("__MACOSX")]


def shapefile_spelling(path: Path, layer: str) -> Spelling | None:
    """Read the encoding out of the bytes: many a .cpg is missing, and some are wrong."""
    if path.suffix.casefold() == ".zip":
        for member in _members(path):
            if Path(member).stem == layer:
                return _spelling_of(_packed_parts(path, member))
        return None
    folder = path if path.is_dir() else path.parent
    if path.suffix.casefold() not in (".shp", ".dbf", ""):
        return None
    parts = {
        sibling.suffix.casefold(): sibling.read_bytes()
        for sibling in sorted(folder.iterdir())
        if sibling.stem == layer and sibling.suffix.casefold() in (".dbf", ".cpg")
    }
    return _spelling_of(parts)


def _packed_parts(path: Path, member: str) -> dict[str, bytes]:
    """Read what stands beside one shapefile of a zip; one with a password cannot be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            return {
                Path(name).suffix.casefold(): packed.read(name)
                for name in packed.namelist()
                if name.rpartition(".")[0] == member.rpartition(".")[0]
                and name.casefold().endswith((".dbf", ".cpg"))
            }
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError) as fault:
        raise InputError([unreadable(path, fault)]) from fault


def _spelling_of(parts: dict[str, bytes]) -> Spelling | None:
    if ".dbf" not in parts:
        return None
    declared = parts.get(".cpg")
    word = None if declared is None else declared.decode("ascii", "ignore")
    return dbf_encoding(parts[".dbf"], word)


def unreadable(path: Path, fault: BaseException) -> Finding:
    """Return the fault of a file that no reader can make anything of."""
    if path.suffix.casefold() == ".shp" and path.is_file():
        beside = {one.suffix.casefold() for one in path.parent.glob(f"{glob.escape(path.stem)}.*")}
        lacking = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
        if lacking:
            return error(
                "shapefile-incomplete",
                f"{path}: {' and '.join(lacking)} of it {_are(lacking)} not beside it",
                "give all parts of the shapefile together, best in one .zip",
                count=len(lacking),
                first=f"{path.stem}{lacking[0]}",
            )
    said = re.sub(r"\s+", " ", str(fault)).strip()[:200]
    return error(
        "file-unreadable",
        f"{path}: cannot be read ({said})",
        "use GeoPackage, shapefile, GeoJSON, GeoParquet, CSV or .xlsx",
        first=str(path),
    )


def _are(several: list[str]) -> str:
    return "is" if len(several) == 1 else "are"
