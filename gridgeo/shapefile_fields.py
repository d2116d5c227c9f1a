"""A table cut to what a shapefile can hold: short names, short texts, letters of an encoding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from .errors import Finding
from .intake.telling import listed, warning

# Bytes of a field's name and of a text: what a .dbf file has room for.
NAME_BYTES, TEXT_BYTES = 10, 254
# Short forms that are found again as what they are.
_SHORT = {
    "building_id": "bldg_id",
    "was_grid_id": "was_grid",
    "source_rows": "src_rows",
    "people_per_household": "ppl_per_hh",
}


def fitted(frame: gpd.GeoDataFrame, codec: str) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return a table whose names and texts a shapefile holds, and what had to be changed.

    Names are cut to ten bytes of ``codec`` and numbered where two would be alike; texts are cut to
    254 bytes at a whole letter; a letter that ``codec`` does not have becomes "?"; dates become
    text. All of that is told.
    """
    codec = "utf-8" if codec == "utf-8-sig" else codec
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    names = _short_names([str(name) for name in attributes.columns], codec)
    findings = []
    renamed = [f"{old} is {new}" for old, new in names.items() if old != new]
    if renamed:
        message = f"a shapefile has {NAME_BYTES} bytes for the name of a field: {listed(renamed)}"
        findings.append(warning("field-renamed", message, "", count=len(renamed), first=renamed[0]))
    columns: dict[str, Any] = {}
    for old, new in names.items():
        values = attributes[old]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = values.map(lambda day: day.isoformat(), na_action="ignore").astype("str")
        if pd.api.types.is_string_dtype(values):
            values, told = _fitted_texts(values, old, codec)
            findings += told
        columns[new] = values
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.values, crs=frame.crs), tuple(findings)


def _short_names(names: list[str], codec: str) -> dict[str, str]:
    """Return a name of ten bytes for each, no two alike but for case."""
    out: dict[str, str] = {}
    taken = {name.casefold() for name in names if len(name.encode(codec, "replace")) <= NAME_BYTES}
    for name in names:
        whole = name.encode(codec, "replace").decode(codec)
        if len(whole.encode(codec)) <= NAME_BYTES:
            out[name] = whole
            continue
        short, number = _SHORT.get(name, _cut(whole, codec, NAME_BYTES)), 1
        while short.casefold() in taken:
            number += 1
            short = _cut(whole, codec, NAME_BYTES - len(f"_{number}")) + f"_{number}"
        taken.add(short.casefold())
        out[name] = short
    return out


def _fitted_texts(values: pd.Series, name: str, codec: str) -> tuple[Any, list[Finding]]:
    texts = [None if pd.isna(value) else str(value) for value in values]
    spelled = _each(texts, lambda text: text.encode(codec, "replace").decode(codec))
    short = _each(spelled, lambda text: _cut(text, codec, TEXT_BYTES))
    findings = [
        *_changed(
            (texts, spelled), "field-unfit", f"of {name!r} with letters that {codec} does not have",
            "they are written as '?'; export with --encoding utf-8 to keep them",
        ),
        *_changed(
            (spelled, short), "field-cut", f"of {name!r} cut to {TEXT_BYTES} bytes",
            "export as .geojson to keep all of it",
        ),
    ]  # fmt: skip
    return pd.array(np.array(short, dtype=object), dtype="str"), findings


def _each(texts: list[str | None], change: Callable[[str], str]) -> list[str | None]:
    return [None if text is None else change(text) for text in texts]


def _changed(
    both: tuple[list[str | None], list[str | None]], code: str, what: str, fix: str
) -> list[Finding]:
    """Tell texts that are others after a change, ``both``: before and after it."""
    held = [str(old) for old, new in zip(*both, strict=True) if old != new]
    if not held:
        return []
    first = held[0][:40]
    texts = "1 text" if len(held) == 1 else f"{len(held)} texts"
    message = f"{texts} {what} (first: {first})"
    return [warning(code, message, fix, count=len(held), first=first)]


def _cut(text: str, codec: str, most: int) -> str:
    """Return as many letters as there is room for."""
    return text.encode(codec)[:most].decode(codec, "ignore")
