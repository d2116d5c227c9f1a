"""Attributes of any type and name as columns that a GeoPackage holds and gives back unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

# Names GDAL gives to a layer's key and shape, and geopandas to the shape it reads.
_TAKEN = ("fid", "geom", "geometry")


def settled_names(frame: pd.DataFrame, reserved: Iterable[str]) -> pd.DataFrame:
    """Return the frame with columns named so that no two differ in case alone.

    Names that clash with ``reserved``, with ``fid``, ``geom`` and ``geometry``, or with another
    column get ``_source`` at their end, as often as it takes.
    """
    taken = {name.casefold() for name in (*reserved, *_TAKEN)}
    wanted = [str(name) or "column" for name in frame.columns]
    settled: dict[int, str] = {}
    for at, name in enumerate(wanted):  # whoever may keep its name keeps it
        if name.casefold() not in taken:
            settled[at] = name
            taken.add(name.casefold())
    for at, name in enumerate(wanted):
        if at in settled:
            continue
        new = f"{name}_source"
        while new.casefold() in taken:
            new += "_source"
        settled[at] = new
        taken.add(new.casefold())
    return frame.set_axis([settled[at] for at in range(len(wanted))], axis=1)


def plain_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return every column as int64, float64, bool, text or date with time in milliseconds.

    Whole numbers and truth values with holes become Int64 and boolean. Dates with a time zone
    are told in UTC. Whatever else there is (lists, bytes, mixed types, categories of them)
    becomes text, lists and dicts as JSON; empty stays empty.
    """
    return {str(name): _plain(frame[name]) for name in frame.columns}


def _plain(values: pd.Series) -> Any:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        values = values.astype(object)
        dtype = values.dtype
    if pd.api.types.is_object_dtype(dtype):
        return _from_objects(values)
    kinds = pd.api.types
    if kinds.is_bool_dtype(dtype):
        return _with_holes(values, "boolean", np.bool_)
    if kinds.is_integer_dtype(dtype):
        fits = values.dropna().empty or int(values.max()) <= np.iinfo(np.int64).max
        return _with_holes(values, "Int64", np.int64) if fits else _texts(values)
    if kinds.is_float_dtype(dtype):
        return values.to_numpy(np.float64, na_value=np.nan)
    if kinds.is_datetime64_any_dtype(dtype):
        zoned = getattr(dtype, "tz", None) is not None
        if zoned:
            return values.dt.tz_convert("UTC").dt.as_unit("ms").array
        return values.dt.as_unit("ms").array
    return _texts(values)


def _from_objects(values: pd.Series) -> Any:
    """Columns of Python objects that are all of one plain kind keep it."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if values.isna().all():
        return _texts(values)
    if kind == "boolean":
        return _with_holes(values.astype("boolean"), "boolean", np.bool_)
    if kind == "integer":
        held = values.dropna()
        if held.min() >= np.iinfo(np.int64).min and held.max() <= np.iinfo(np.int64).max:
            return _with_holes(values.astype("Int64"), "Int64", np.int64)
    if kind in ("floating", "mixed-integer-float"):
        return values.astype(np.float64).to_numpy()
    return _texts(values)


def _with_holes(values: pd.Series, nullable: str, whole: type) -> Any:
    if values.isna().any():
        return values.astype(nullable).array
    return values.to_numpy(whole)


def _texts(values: pd.Series) -> Any:
    return pd.array([_text(value) for value in values.astype(object)], dtype="str")


def _text(value: Any) -> str | None:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
    elif pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    elif hasattr(value, "isoformat"):
        text = value.isoformat()
    else:
        text = str(value)
    # SQLite ends a text at NUL, and UTF-8 has no halves of surrogate pairs
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
