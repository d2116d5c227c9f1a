"""A path as a planner names it, opened: attributes, shapes and CRS as the file holds them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from ..crs import flat_crs
from ..errors import Finding, InputError
from .encoding import Spelling, csv_text
from .rings import closing, read_parquet
from .shapefile import decoded, opened_path, shapefile_spelling, unreadable
from .tables import CSV_ENDINGS, EXCEL_ENDINGS, bytes_of, parse_csv, read_excel, unique_names
from .telling import Rows, error, listed, warning
from .well_known import shapes_of, wkt_column

PARQUET_ENDINGS = (".parquet", ".geoparquet", ".pq")
# QGIS and GDAL keep their own tables beside the data.
_HOUSEKEEPING = ("layer_styles", "qgis_projects")
# Whole numbers stay whole where some are missing: a code of 18 digits does not survive float64.
_WHOLE_TYPES = {
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
}


@dataclass(frozen=True, eq=False)
class Raw:
    """One layer or table as read.

    ``attributes``: n rows with a RangeIndex, all text where ``is_text``; ``shapes``: object
    array (n,) of shapely geometries or None, None as a whole where the file holds no shapes;
    ``crs``: None where the file names none; ``numbers``: int64 (n,), the row a planner sees;
    ``repeated``: column names that stand more than once; ``spelling``: how its text is encoded,
    None where the format leaves no choice; ``closed``: bool (n,), the rows whose rings were
    closed in reading, None for none.
    """

    name: str
    attributes: pd.DataFrame
    shapes: np.ndarray[Any, Any] | None
    crs: Any
    numbers: np.ndarray[Any, Any]
    layer: str = ""
    is_text: bool = False
    repeated: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    spelling: Spelling | None = None
    closed: np.ndarray[Any, Any] | None = None

    def only(self, keep: np.ndarray[Any, Any]) -> Raw:
        """Return the rows where ``keep`` (bool, shape (n,)) holds."""
        return replace(
            self,
            attributes=self.attributes[keep].reset_index(drop=True),
            shapes=None if self.shapes is None else self.shapes[keep],
            numbers=self.numbers[keep],
            closed=None if self.closed is None else self.closed[keep],
        )


def read_source(named: str, role: str, *, with_shapes: bool = True) -> Raw:
    """Read the one layer that ``named`` ("file" or "file:layer") means.

    Without a layer: the only one, the one called ``role``, or the only one with shapes.
    A layer read without its shapes has None for each; tables and GeoParquet are always whole.

    Raises:
        InputError: no such file or layer, several and none named, or nothing readable.
    """
    path, layer = split_layer(named)
    ending = path.suffix.casefold()
    if ending in CSV_ENDINGS:
        text, spelling = csv_text(bytes_of(path))
        return _table(named, *parse_csv(text, str(path)), spelling)
    if ending in EXCEL_ENDINGS:
        return _table(named, *read_excel(path, layer, role), None)
    if ending in PARQUET_ENDINGS:
        return _read_parquet(path, named)
    layers = _layers(path)
    return _read_layer(path, _one_layer(path, layer, role, layers), named, with_shapes=with_shapes)


def layer_size(named: str, role: str) -> int | None:
    """Return how many rows a layer has that can be read in pieces, None where it cannot.

    Raises:
        InputError: as ``read_source``.
    """
    path, layer = split_layer(named)
    if path.suffix.casefold() in CSV_ENDINGS + EXCEL_ENDINGS + PARQUET_ENDINGS:
        return None
    layers = _layers(path)
    chosen = _one_layer(path, layer, role, layers)
    if not layers[chosen]:
        return None
    with _gdal_quiet():
        return int(
            pyogrio.read_info(
                opened_path(path), layer=chosen, encoding="ISO-8859-1", force_feature_count=True
            )["features"]
        )


def read_shapes(
    named: str, role: str, *, first: int, count: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Read the shapes of ``count`` rows of a layer from row ``first`` (from 0) on.

    Returns:
        Shapes, object (count,), and which had their rings closed, bool (count,).
    """
    path, layer = split_layer(named)
    chosen = _one_layer(path, layer, role, _layers(path))
    options = {"layer": chosen, "columns": [], "skip_features": first, "max_features": count}
    with _gdal_quiet():
        frame, closed = closing(
            lambda broken: pyogrio.read_dataframe(
                opened_path(path), use_arrow=True, on_invalid=broken, **options
            )
        )
    shapes = np.asarray(frame.geometry.values, dtype=object)
    return shapes, np.zeros(len(shapes), dtype=bool) if closed is None else closed


def read_line_layers(named: str) -> list[Raw]:
    """Read the layer that ``named`` means, or without one every layer that may hold lines.

    Raises:
        InputError: as ``read_source``; or none of several layers can hold lines.
    """
    path, layer = split_layer(named)
    ending = path.suffix.casefold()
    if layer is not None or ending in CSV_ENDINGS + EXCEL_ENDINGS + PARQUET_ENDINGS:
        return [read_source(named, "barriers")]
    layers = _layers(path)
    if len(layers) == 1:
        return [_read_layer(path, next(iter(layers)), named)]
    # "Unknown" is how a layer of mixed shapes names itself; its rows are sorted out later
    lines = [name for name, kind in layers.items() if "Line" in kind or kind == "Unknown"]
    if not lines:
        raise InputError(
            [
                error(
                    "layer-unclear",
                    f"{named}: no layer holds lines; layers there are: {listed(layers)}",
                    "barriers are lines: streets, rivers, railways, walls",
                )
            ]
        )
    return [_read_layer(path, name, f"{named}:{name}") for name in lines]


def split_layer(named: str) -> tuple[Path, str | None]:
    """Return the path and the layer of "file.gpkg:layer"; a drive letter is no path.

    Raises:
        InputError: there is no such file.
    """
    whole = Path(named)
    if named and whole.exists():
        return whole, None
    front, colon, layer = named.rpartition(":")
    is_drive = len(front) == 1 and layer[:1] in ("/", "\\")
    if colon and front and not is_drive:
        if Path(front).exists():
            return Path(front), layer
        whole = Path(front)
    raise InputError(
        [
            error(
                "file-missing",
                f"{whole if named else 'the path is empty'}: no such file",
                "check the path; a layer is named as file.gpkg:layer",
                first=str(whole),
            )
        ]
    )


def _table(
    named: str,
    table: pd.DataFrame,
    numbers: np.ndarray[Any, Any],
    repeated: tuple[str, ...],
    spelling: Spelling | None,
) -> Raw:
    """Return a table of text; a column of well-known text in it becomes its shapes."""
    shapes, crs, closed = None, None, None
    column = wkt_column(table)
    if column is not None:
        shapes, closed, crs = shapes_of(table[column])
        table = table.drop(columns=column)
    raw = Raw(named, table, shapes, flat_crs(crs), numbers, is_text=True, repeated=repeated)
    return _told(replace(raw, spelling=spelling, closed=closed))


def _told(raw: Raw) -> Raw:
    """Add what was mended in reading to the findings."""
    found: list[Finding] = []
    if raw.spelling is not None and raw.spelling.odd:
        odd = raw.spelling.odd
        found.append(
            warning(
                "encoding-mixed",
                f"{raw.name}: part of its text is GB18030 and part UTF-8; {len(odd)} texts are in "
                f"the rarer of the two (first: {odd[0][:40]})",
                "check that they read well",
                count=len(odd),
                first=odd[0][:40],
            )
        )
    if raw.closed is not None and raw.closed.any():
        numbered = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
        what = ("has a ring that is not closed; it was closed", "have rings not closed; they were")
        rows = Rows(numbered, "shape", "shapes", f"{raw.name}: ")
        found.append(rows.warning("ring-closed", raw.closed, what, "look at it on the map"))
    return replace(raw, findings=(*raw.findings, *found))


def _read_parquet(path: Path, named: str) -> Raw:
    try:
        try:
            frame, closed = closing(lambda broken: read_parquet(path, broken, _WHOLE_TYPES.get))
        except ValueError as fault:
            if "geo metadata" not in str(fault):
                raise
            frame, closed = pd.read_parquet(path, engine="pyarrow"), None
    except (ValueError, OSError, pa.ArrowException) as fault:
        raise InputError([unreadable(path, fault)]) from fault
    return _told(replace(_raw(frame, named, "", ()), closed=closed))


def _layers(path: Path) -> dict[str, str]:
    """Names of the layers and their kinds of geometry, "" for a table without."""
    with _gdal_quiet():
        try:
            found = pyogrio.list_layers(opened_path(path))
        except (DataSourceError, DataLayerError) as fault:
            raise InputError([unreadable(path, fault)]) from fault
    return {
        str(name): "" if kind is None else str(kind)
        for name, kind in found
        if name not in _HOUSEKEEPING
    }


def _one_layer(path: Path, layer: str | None, role: str, layers: dict[str, str]) -> str:
    if layer is not None and layer in layers:
        return layer
    if layer is None and layers:
        by_name = [name for name in layers if name.casefold() == role]
        with_shapes = [name for name, kind in layers.items() if kind]
        for candidates in (list(layers), by_name, with_shapes):
            if len(candidates) == 1:
                return candidates[0]
    what = f"no layer {layer!r}" if layer is not None else "several layers and none named"
    raise InputError(
        [
            error(
                "layer-unclear",
                f"{path}: {what if layers else 'holds no layer'}; "
                f"layers there are: {listed(layers)}",
                f"name one, as {path.name}:{next(iter(layers), role)}",
            )
        ]
    )


def _read_layer(path: Path, layer: str, named: str, *, with_shapes: bool = True) -> Raw:
    opened = opened_path(path)
    spelling = shapefile_spelling(path, layer)
    # Latin-1 hands the bytes of a shapefile through as they are: a name that the width of its
    # field cut inside a character would otherwise stop the reader
    options: dict[str, Any] = {"layer": layer, "encoding": "ISO-8859-1" if spelling else None}
    options["read_geometry"] = with_shapes

    def read(broken: str) -> gpd.GeoDataFrame:
        try:
            return pyogrio.read_dataframe(
                opened,
                use_arrow=True,
                arrow_to_pandas_kwargs={"types_mapper": _WHOLE_TYPES.get},
                on_invalid=broken,
                **options,
            )
        except (DataSourceError, pa.ArrowException):
            # some drivers cannot hand their text over as Arrow
            return pyogrio.read_dataframe(opened, on_invalid=broken, **options)

    with _gdal_quiet() as said:
        try:
            frame, closed = closing(read)
        except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as fault:
            raise InputError([unreadable(path, fault)]) from fault
    frame = decoded(frame, spelling.codec) if spelling else frame
    # rings that were closed are told by name
    told = sorted({str(one.message) for one in said if "Non closed ring" not in str(one.message)})
    findings = (
        (warning("reader-warned", f"{named}: the reader says: {told[0]}", count=len(told)),)
        if told
        else ()
    )
    raw = replace(_raw(frame, named, layer, findings), spelling=spelling, closed=closed)
    if not with_shapes:
        crs = pyogrio.read_info(opened, layer=layer, encoding="ISO-8859-1")["crs"]
        none = np.full(len(raw.attributes), None, dtype=object)
        raw = replace(raw, shapes=none, crs=flat_crs(crs))
    return _told(raw)


def _raw(frame: pd.DataFrame, named: str, layer: str, findings: tuple[Finding, ...]) -> Raw:
    shapes, crs = None, None
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = np.asarray(frame.geometry.values, dtype=object)
        crs = flat_crs(frame.crs)
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    names, repeated = unique_names([str(name) for name in frame.columns])
    frame = frame.set_axis(names, axis="columns").reset_index(drop=True)
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    return Raw(named, frame, shapes, crs, numbers, layer, repeated=repeated, findings=findings)


@contextmanager
def _gdal_quiet() -> Iterator[list[warnings.WarningMessage]]:
    """Keep what GDAL says off the planner's screen; hand it on instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said
