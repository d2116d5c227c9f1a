"""Buildings and rosters small enough to read, written as the files a planner has."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
from shapely import box

CRS = "EPSG:4547"
HEADER = ("household", "building", "entrance", "persons", "status")
# [B1] [B2] [B3] in a row, each 30 m wide; their names as people say them
NAMES = {"B1": "1幢", "B2": "2幢", "B3": "3幢"}


def write_buildings(path: Path, **columns: Sequence[object]) -> Path:
    """Three buildings without counts, unless ``columns`` bring some."""
    shapes = [box(x, 3_000_000, x + 30, 3_000_012) for x in (500_000, 500_040, 500_080)]
    data = {"building_id": list(NAMES), "name": list(NAMES.values()), **columns}
    gpd.GeoDataFrame(data, geometry=shapes, crs=CRS).to_file(path, layer="buildings")
    return path


def write_csv(
    path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER, **how: str
) -> Path:
    with path.open("w", newline="", **({"encoding": "utf-8-sig"} | how)) as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_xlsx(
    path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER
) -> Path:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    book.save(path)
    return path


def giant(
    folder: Path, *, entrances: int = 4, each: int = 350, around: int = 8
) -> tuple[Path, Path]:
    """One slab of 120 m with so many entrances, and two rows of small blocks behind it.

    [b6][b7][b8][b9]
    [b2][b3][b4][b5]      45 households each
    [1 | 2 | 3 | 4 ]      B1, 350 households at each entrance, three persons each
    """
    shapes = [box(500_000, 3_000_000, 500_120, 3_000_016)]
    for k in range(around):
        x, y = 500_000 + k % 4 * 30, 3_000_030 + k // 4 * 30
        shapes.append(box(x, y, x + 22, y + 14))
    ids = [f"B{k + 1}" for k in range(len(shapes))]
    buildings = folder / "buildings.gpkg"
    gpd.GeoDataFrame(
        {"building_id": ids, "elderly": [401, *[7] * around]}, geometry=shapes, crs=CRS
    ).to_file(buildings, layer="buildings")
    rows: list[tuple[object, ...]] = [
        (f"H{entrance}-{k}", "B1", f"{entrance}单元", 3, "户籍" if k % 5 else "流动")
        for entrance in range(1, entrances + 1)
        for k in range(each)
    ]
    rows += [(f"K{b}-{k}", b, "", 3, "户籍") for b in ids[1:] for k in range(45)]
    return buildings, write_csv(folder / "roster.csv", rows)
