"""A plan as files that other programs read: a table of assignments, GeoJSON, a shapefile."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from .crs import LONLAT, to_lonlat
from .errors import Finding, InputError, PlanFileError
from .gpkg import repeatable
from .intake.encoding import csv_text
from .intake.telling import error, listed, warning
from .model import Plan
from .plan_tables import building_layer, grid_layer
from .shapefile_fields import TEXT_BYTES, fitted

LAYERS = ("grids", "buildings")
ENDINGS = (".csv", ".geojson", ".shp")
# As a planner may write them; "utf-8" gets a mark where there is a letter that Excel needs it for.
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8-sig", "gbk": "gbk", "cp936": "gbk",
    "gb2312": "gbk", "gb18030": "gb18030",
}  # fmt: skip
ENCODINGS = ("utf-8", "gbk", "gb18030")
# Indexes that other programs left beside an older shapefile: they do not fit the new one.
_INDEXES = (".qix", ".sbn", ".sbx", ".idm", ".ind", ".atx")


@dataclass(frozen=True)
class Exported:
    """The files that were written, and what could not be written as it is."""

    files: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()


def export_plan(
    plan: Plan, path: str | Path, *, layer: str = "grids", encoding: str = "utf-8"
) -> Exported:
    """Write a plan for another program; an older file there is replaced, whole or not at all.

    By the ending of ``path``: ``.csv`` is the table of assignments, ``building_id`` and
    ``grid_id``, which ``import_assignments`` reads back exactly; ``.geojson`` (RFC 7946, WGS 84,
    seven decimals) and ``.shp`` (in the CRS of the plan) hold a layer of the plan. A shapefile
    has ten bytes for the name of a field and 254 for a text: what has to be shortened is told,
    as is every letter that an encoding does not have. The same plan gives the same bytes.

    Args:
        plan: the plan.
        path: the file to write.
        layer: "grids" or "buildings", for GeoJSON and shapefiles.
        encoding: "utf-8", "gbk" or "gb18030", for tables and shapefiles; the first has a mark for
            Excel in a table that is not all ASCII.

    Raises:
        InputError: another ending, layer or encoding; no such folder; an id that the encoding
            cannot hold; points and polygons for one shapefile. Nothing is written then.
    """
    path = Path(path)
    faults = export_faults(path, layer=layer, encoding=encoding)
    if faults:
        raise InputError(faults)
    codec = _CODECS[encoding.casefold()]
    ending = path.suffix.casefold()
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            if ending == ".csv":
                told = _write_csv(plan, draft, codec)
            elif ending == ".geojson":
                told = _write_geojson(_layer(plan, layer), draft, layer)
            else:
                told = _write_shapefile(_layer(plan, layer), draft, codec)
            return Exported(_put_in_place(draft, path), told)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        message = f"{path}: could not be written ({getattr(fault, 'strerror', None) or fault})"
        raise InputError([error("output-unusable", message, "name another file")]) from fault


def export_faults(path: Path, *, layer: str, encoding: str) -> list[Finding]:
    """Return what of the wishes cannot be; see ``export_plan``."""
    faults = []
    ending = path.suffix.casefold()
    if ending not in ENDINGS:
        message = f"{path}: which kind of file is to be written is told by its ending"
        faults.append(error("output-kind", message, f"end it with {listed(ENDINGS)}"))
    if path.is_dir() or not path.parent.is_dir():
        what = "this is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        fix = "name a file" if path.is_dir() else "make it first"
        faults.append(error("output-unusable", f"{path}: {what}", fix))
    if layer not in LAYERS:
        message = f"there is no layer {layer!r} to export"
        faults.append(error("layer-unknown", message, f"use one of {listed(LAYERS)}"))
    if encoding.casefold() not in _CODECS:
        message = f"{encoding!r} is no encoding that is written"
        faults.append(error("encoding-unknown", message, f"use one of {listed(ENCODINGS)}"))
    elif ending == ".geojson" and _CODECS[encoding.casefold()] != "utf-8":
        message = f"{path}: GeoJSON is always UTF-8, not {encoding}"
        faults.append(error("encoding-unknown", message, "leave --encoding out"))
    return faults


def _layer(plan: Plan, layer: str) -> gpd.GeoDataFrame:
    try:
        return grid_layer(plan) if layer == "grids" else building_layer(plan)
    except PlanFileError as fault:
        raise InputError([error("plan-unreadable", str(fault))]) from fault


def _write_csv(plan: Plan, draft: Path, codec: str) -> tuple[Finding, ...]:
    rows = list(zip(map(str, plan.buildings.ids), map(str, plan.grid_ids), strict=True))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("building_id", "grid_id"))
    writer.writerows(rows)
    held = text.getvalue()
    lost = sorted({name for row in rows for name in row if not _fits(name, codec)})
    if lost:
        raise InputError([_unfit(lost, codec)])
    raw = held.encode(codec)
    if codec == "utf-8" and not held.isascii():
        raw = codecs.BOM_UTF8 + raw
    draft.write_bytes(raw)
    if csv_text(raw)[0] == held:
        return ()
    message = (
        f"{draft.name}: nothing in a table says that it is {codec}, and by its letters gridgeo "
        "import would guess otherwise"
    )
    fix = "tell whoever reads it, or leave --encoding out, for UTF-8"
    return (warning("encoding-unclear", message, fix),)


def _write_geojson(frame: gpd.GeoDataFrame, draft: Path, layer: str) -> tuple[Finding, ...]:
    shapes = to_lonlat(np.asarray(frame.geometry.values, dtype=object), frame.crs)
    placed = gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=shapes, crs=LONLAT)
    with repeatable():
        pyogrio.write_dataframe(
            placed, draft, layer=layer, driver="GeoJSON", use_arrow=False,
            layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": "7"},
        )  # fmt: skip
    return ()


def _write_shapefile(frame: gpd.GeoDataFrame, draft: Path, codec: str) -> tuple[Finding, ...]:
    kinds = sorted({kind.removeprefix("Multi") for kind in frame.geom_type.dropna()})
    if len(kinds) > 1:
        message = f"{draft.name}: a shapefile holds one kind of shape, here are {listed(kinds)}"
        raise InputError([error("shape-kinds", message, "export them as .geojson")])
    short, told = fitted(frame, codec)
    ids = [*map(str, frame["grid_id"]), *map(str, frame.get("building_id", ()))]
    lost = sorted({name for name in ids if not _fits(name, codec)})
    if lost:
        raise InputError([_unfit(lost, codec)])
    long = sorted({name for name in ids if len(name.encode(codec)) > TEXT_BYTES})
    if long:
        message = f"{_count(len(long), 'id')} longer than the {TEXT_BYTES} bytes of a shapefile"
        fix = "export it as .geojson"
        first = long[0][:40]
        raise InputError([error("id-too-long", message, fix, count=len(long), first=first)])
    with repeatable():
        pyogrio.write_dataframe(
            short, draft, layer=draft.stem, driver="ESRI Shapefile", use_arrow=False,
            encoding={"utf-8-sig": "utf-8"}.get(codec, codec).upper(),
            layer_options={"DBF_DATE_LAST_UPDATE": "2000-01-01"},
        )  # fmt: skip
    if pyogrio.read_info(draft, encoding="ISO-8859-1")["features"] != len(frame):
        raise OSError("the shapefile is not whole on disk")
    return told


def _put_in_place(draft: Path, path: Path) -> tuple[Path, ...]:
    """Move what was written to where it is wanted; the indexes of an older shapefile go."""
    made = sorted(draft.parent.iterdir())
    written = tuple(path.with_name(file.name) for file in made)
    # the file that was asked for comes last: it stands only when all beside it do
    for file in sorted(made, key=lambda file: file.name == path.name):
        file.replace(path.with_name(file.name))
    if path.suffix.casefold() == ".shp":
        for ending in _INDEXES:
            path.with_suffix(ending).unlink(missing_ok=True)
    return tuple(sorted(written, key=lambda file: (file != path, file.name)))


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _unfit(ids: list[str], codec: str) -> Finding:
    has = "has" if len(ids) == 1 else "have"
    message = f"{_count(len(ids), 'id')} {has} letters that {codec} does not have: {listed(ids)}"
    fix = "use --encoding utf-8 or gb18030"
    return error("encoding-unfit", message, fix, count=len(ids), first=ids[0])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
