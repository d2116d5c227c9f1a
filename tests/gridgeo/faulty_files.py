"""Files of six houses with one fault each, in real formats; what the doctor's table is made of.

[B1]  [B2]  [B3]  [B4]  [B5]  [B6]      10 m wide, 20 m apart, 3 households, 9 people each
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import shapely
from shapely.affinity import translate
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

# CGCS2000, 3 degrees, 117 E, without the zone number 39 before the easting
CRS = "EPSG:4548"
X, Y = 500_000.0, 4_400_000.0
COUNT = 6
HEADER = "building_id,households,population,lon,lat"


def house(at: int, width_m: float = 10) -> Polygon:
    return box(X + 20 * at, Y, X + 20 * at + width_m, Y + 10)


def houses(**columns: list[Any]) -> gpd.GeoDataFrame:
    frame = {
        "building_id": [f"B{i}" for i in range(1, COUNT + 1)],
        "households": [3] * COUNT,
        "population": [9] * COUNT,
    }
    shapes = columns.pop("geometry", [house(i) for i in range(COUNT)])
    crs = columns.pop("crs", CRS)
    return gpd.GeoDataFrame({**frame, **columns}, geometry=shapes, crs=crs)


def with_shape(shape: Any, at: int = 0) -> gpd.GeoDataFrame:
    shapes: list[Any] = [house(i) for i in range(COUNT)]
    shapes[at] = shape
    return houses(geometry=shapes)


def gpkg(frame: gpd.GeoDataFrame) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / "houses.gpkg"
        pyogrio.write_dataframe(frame, path, geometry_type="Unknown", promote_to_multi=False)
        return path

    return build


def shapefile(
    frame: gpd.GeoDataFrame, *, encoding: str = "utf-8", cpg: str | None = "UTF-8", prj: bool = True
) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / "houses.shp"
        # ten bytes are all that a shapefile has for a name
        short = frame.rename(columns={"building_id": "bldg_id"})
        pyogrio.write_dataframe(short, path, encoding=encoding)
        path.with_suffix(".cpg").unlink(missing_ok=True)
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        if not prj:
            path.with_suffix(".prj").unlink()
        return path

    return build


def mixed_shapefile(folder: Path) -> Path:
    """Names in GBK, but for two rows in UTF-8, as when two offices fill one file."""
    path = shapefile(chinese(), encoding="gbk", cpg=None)(folder)
    dbf = path.with_suffix(".dbf")
    raw = dbf.read_bytes()
    for name in ("东风里二号", "东风里三号"):
        old = name.encode("gbk")
        new = name.encode("utf-8")
        at = raw.index(old)
        raw = raw[:at] + new + raw[at + len(new) :]
    dbf.write_bytes(raw)
    return path


def chinese() -> gpd.GeoDataFrame:
    numbers = "一二三四五六"
    return houses(小区=[f"东风里{number}号" for number in numbers]).rename(
        columns={"building_id": "楼栋编号", "households": "户数", "population": "人口"}
    )


def csv(text: str | bytes, name: str = "houses.csv") -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return build


def lines(**changes: tuple[str, ...]) -> str:
    """A CSV of six points; ``B2=("B2", "3", "9", "116.41", "39.90")`` is another row B2."""
    rows = {
        f"B{i}": (f"B{i}", "3", "9", f"{116.99 + i / 1000:.3f}", "39.740")
        for i in range(1, COUNT + 1)
    }
    rows.update(changes)
    return "\n".join([HEADER, *(",".join(row) for row in rows.values())]) + "\n"


def chinese_csv(encodings: list[str]) -> bytes:
    """Six rows, each in its encoding, below a header in the first."""
    head = "楼栋编号,小区,户数,人口,经度,纬度\n".encode(encodings[0])
    rows = [
        f"B{i},东风里{number}号,3,9,{117 + i / 1000:.3f},39.740\n".encode(code)
        for i, (number, code) in enumerate(zip("一二三四五六", encodings, strict=True))
    ]
    return head + b"".join(rows)


def excel(ids: list[Any]) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        book = openpyxl.Workbook()
        page = book.active
        page.append(HEADER.split(","))
        for at, one in enumerate(ids):
            page.append([one, 3, 9, 117 + at / 1000, 39.74])
        path = folder / "houses.xlsx"
        book.save(path)
        return path

    return build


def open_ring_gpkg(folder: Path) -> Path:
    """The ring of the first house lacks its last point, written past the writers that close it."""
    path = gpkg(houses())(folder)
    ring = list(house(0).exterior.coords)[:-1]
    points = b"".join(struct.pack("<dd", *point) for point in ring)
    wkb = struct.pack("<BIII", 1, 3, 1, len(ring)) + points
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            base.execute(f'DROP TRIGGER "{name}"')
        (blob,) = base.execute("SELECT geom FROM houses WHERE fid = 1").fetchone()
        base.execute("UPDATE houses SET geom = ? WHERE fid = 1", (blob[:40] + wkb,))
    base.close()
    return path


def open_ring_geojson(folder: Path) -> Path:
    path = folder / "houses.geojson"
    text = houses(crs=None).set_crs(CRS).to_crs(4326).to_json()
    first = text.index("[[[") + 3
    end = text.index("]]]", first)
    ring = text[first:end].split("], [")
    path.write_text(text[:first] + "], [".join(ring[:-1]) + text[end:])
    return path


def wkt_csv(folder: Path) -> Path:
    frame = houses()
    cells = shapely.to_wkt(frame.geometry.values, rounding_precision=2)
    first = cells[0]
    cells[0] = first[: first.rindex(",")] + "))"
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(
        WKT=[f"SRID=4548;{c}" for c in cells]
    )
    path = folder / "houses.csv"
    table.to_csv(path, index=False)
    return path


BOW_TIE = Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
TALL = Polygon([(*point, 4.0) for point in house(0).exterior.coords])
# two wings of 10 m by 6 m that share 2 m of ground
CROSSED_WINGS = MultiPolygon([box(X, Y, X + 10, Y + 6), box(X, Y + 4, X + 10, Y + 10)])
WINGS = MultiPolygon([house(0, 4), translate(house(0, 4), 6)])
COLLECTION = GeometryCollection([house(0), LineString([(X, Y), (X + 5, Y)])])
FLAT = Polygon([(X, Y), (X + 10, Y), (X + 5, Y)])
SPOT = Point(X + 5, Y + 5)


def edge(folder: Path, shape: Any = None) -> Path:
    """A boundary around all six houses, or another one."""
    path = folder / "edge.gpkg"
    around = box(X - 50, Y - 50, X + 20 * COUNT + 50, Y + 50) if shape is None else shape
    gpd.GeoDataFrame(geometry=[around], crs=CRS).to_file(path)
    return path
