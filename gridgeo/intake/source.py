"""A path as a planner names it, opened: attributes, shapes and CRS as the file holds them."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from .encoding import dbf_encoding
from .tables import CSV_ENDINGS, EXCEL_ENDINGS, read_csv, read_excel, unique_names
from .telling import error, listed, warning

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
    ``repeated``: column names that stand more than once.
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

    def only(self, keep: np.ndarray[Any, Any]) -> Raw:
        """Return the rows where ``keep`` (bool, shape (n,)) holds."""
        return Raw(
            name=self.name,
            attributes=self.attributes[keep].reset_index(drop=True),
            shapes=None if self.shapes is None else self.shapes[keep],
            crs=self.crs,
            numbers=self.numbers[keep],
            layer=self.layer,
            is_text=self.is_text,
            repeated=self.repeated,
            findings=self.findings,
        )


def read_source(named: str, role: str) -> Raw:
    """Read the one layer that ``named`` ("file" or "file:layer") means.

    Without a layer: the only one, the one called ``role``, or the only one with shapes.

    Raises:
        InputError: no such file or layer, several and none named, or nothing readable.
    """
    path, layer = split_layer(named)
    ending = path.suffix.casefold()
    if ending in CSV_ENDINGS:
        table, numbers, repeated = read_csv(path)
        return Raw(named, table, None, None, numbers, "", is_text=True, repeated=repeated)
    if ending in EXCEL_ENDINGS:
        table, numbers, repeated = read_excel(path, layer, role)
        return Raw(named, table, None, None, numbers, "", is_text=True, repeated=repeated)
    if ending in PARQUET_ENDINGS:
        return _read_parquet(path, named)
    layers = _layers(path)
    return _read_layer(path, _one_layer(path, layer, role, layers), named)


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


def _read_parquet(path: Path, named: str) -> Raw:
    mapped = {"types_mapper": _WHOLE_TYPES.get}
    try:
        try:
            frame = gpd.read_parquet(path, to_pandas_kwargs=mapped)
        except ValueError as fault:
            if "geo metadata" not in str(fault):
                raise
            frame = pd.read_parquet(path, engine="pyarrow")
    except (ValueError, OSError, pa.ArrowException) as fault:
        raise InputError([_unreadable(path, fault)]) from fault
    return _raw(frame, named, "", ())


def _layers(path: Path) -> dict[str, str]:
    """Names of the layers and their kinds of geometry, "" for a table without."""
    with _gdal_quiet():
        try:
            found = pyogrio.list_layers(_opened(path))
        except (DataSourceError, DataLayerError) as fault:
            raise InputError([_unreadable(path, fault)]) from fault
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


def _read_layer(path: Path, layer: str, named: str) -> Raw:
    opened = _opened(path)
    codec = _shapefile_codec(path, layer)
    # Latin-1 hands the bytes of a shapefile through as they are: a name that the width of its
    # field cut inside a character would otherwise stop the reader
    options: dict[str, Any] = {"layer": layer, "encoding": "ISO-8859-1" if codec else None}
    with _gdal_quiet() as said:
        try:
            try:
                frame = pyogrio.read_dataframe(
                    opened,
                    use_arrow=True,
                    arrow_to_pandas_kwargs={"types_mapper": _WHOLE_TYPES.get},
                    **options,
                )
            except (DataSourceError, pa.ArrowException):
                # some drivers cannot hand their text over as Arrow
                frame = pyogrio.read_dataframe(opened, **options)
        except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as fault:
            raise InputError([_unreadable(path, fault)]) from fault
    frame = _decoded(frame, codec) if codec else frame
    told = sorted({str(message.message) for message in said})
    findings = (
        (warning("reader-warned", f"{named}: the reader says: {told[0]}", count=len(told)),)
        if told
        else ()
    )
    return _raw(frame, named, layer, findings)


def _decoded(frame: pd.DataFrame, codec: str) -> pd.DataFrame:
    """Decode names and texts that were read as Latin-1; a character cut in two is dropped."""

    def decode(text: Any) -> Any:
        return text.encode("latin-1").decode(codec, "ignore") if isinstance(text, str) else text

    renamed = frame.rename(columns=decode)
    for name in renamed.columns:
        if pd.api.types.is_string_dtype(renamed[name]):
            renamed[name] = renamed[name].map(decode, na_action="ignore")
    return renamed


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


def _opened(path: Path) -> str:
    """Return the path as GDAL wants it; a zip is entered, down to the folder of its files."""
    if path.suffix.casefold() != ".zip":
        return str(path)
    folders = {str(Path(member).parent) for member in _zip_shapefiles(path)}
    root = f"/vsizip/{{{path.resolve()}}}"
    if len(folders) == 1 and folders != {"."}:
        return f"{root}/{folders.pop()}"
    return root


def _zip_shapefiles(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError) as fault:
        raise InputError([_unreadable(path, fault)]) from fault
    # what macOS packs beside the files is not theirs
    return [n for n in names if n.casefold().endswith(".shp") and not n.startswith("__MACOSX")]


def _shapefile_codec(path: Path, layer: str) -> str | None:
    """Read the encoding out of the bytes: many a .cpg is missing, and some are wrong."""
    if path.suffix.casefold() == ".zip":
        for member in _zip_shapefiles(path):
            if Path(member).stem == layer:
                with zipfile.ZipFile(path) as packed:
                    parts = {
                        Path(name).suffix.casefold(): packed.read(name)
                        for name in packed.namelist()
                        if name.rpartition(".")[0] == member.rpartition(".")[0]
                        and name.casefold().endswith((".dbf", ".cpg"))
                    }
                return _codec_of(parts)
        return None
    folder = path if path.is_dir() else path.parent
    if path.suffix.casefold() not in (".shp", ".dbf", ""):
        return None
    parts = {
        sibling.suffix.casefold(): sibling.read_bytes()
        for sibling in sorted(folder.iterdir())
        if sibling.stem == layer and sibling.suffix.casefold() in (".dbf", ".cpg")
    }
    return _codec_of(parts)


def _codec_of(parts: dict[str, bytes]) -> str | None:
    if ".dbf" not in parts:
        return None
    declared = parts.get(".cpg")
    word = None if declared is None else declared.decode("ascii", "ignore")
    return dbf_encoding(parts[".dbf"], word)


@contextmanager
def _gdal_quiet() -> Iterator[list[warnings.WarningMessage]]:
    """Keep what GDAL says off the planner's screen; hand it on instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


def _unreadable(path: Path, fault: BaseException) -> Finding:
    said = re.sub(r"\s+", " ", str(fault)).strip()[:200]
    return error(
        "file-unreadable",
        f"{path}: cannot be read ({said})",
        "use GeoPackage, shapefile, GeoJSON, GeoParquet, CSV or .xlsx",
        first=str(path),
    )
