"""What reading mends in silence no more: open rings, mixed encodings, shapes as text."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import faulty_files as make
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from faulty_files import COUNT, houses

from gridgeo.intake import read_community
from gridgeo.intake.encoding import csv_text, dbf_encoding, declares


def open_ring_shapefile(folder: Path) -> Path:
    """The last point of the first ring is moved away from its first."""
    path = make.shapefile(houses())(folder)
    raw = bytearray(path.read_bytes())
    # header of the file, of the record, type, box, numbers of parts and points, one part
    last = 100 + 8 + 4 + 32 + 8 + 4 + 4 * 16
    raw[last : last + 16] = struct.pack("<dd", make.X + 5, make.Y - 1)
    path.write_bytes(raw)
    return path


def open_ring_parquet(folder: Path) -> Path:
    path = folder / "houses.parquet"
    houses().to_parquet(path)
    table = pq.read_table(path)
    at = table.schema.get_field_index("geometry")
    cells = table.column(at).to_pylist()
    ring = list(make.house(0).exterior.coords)[:-1]
    points = b"".join(struct.pack("<dd", *point) for point in ring)
    cells[0] = struct.pack("<BIII", 1, 3, 1, len(ring)) + points
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells)), path)
    return path


@pytest.mark.parametrize(
    "build",
    [
        make.open_ring_gpkg,
        make.open_ring_geojson,
        make.wkt_csv,
        open_ring_shapefile,
        open_ring_parquet,
    ],
)
def test_open_rings_are_closed_and_told_in_every_format(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    town = read_community(build(tmp_path))
    assert len(town.buildings) == COUNT
    assert town.buildings.table.area[0] == pytest.approx(100, abs=25)
    told = {finding.code: finding for finding in town.check()}
    assert "ring-closed" in told
    assert told["ring-closed"].count == 1
    assert told["ring-closed"].first in ("row 1", "row 2")


def test_gb18030_and_utf_8_in_one_file_are_both_read_and_told(tmp_path: Path) -> None:
    path = make.csv(make.chinese_csv(["gbk"] * 4 + ["utf-8"] * 2))(tmp_path)
    town = read_community(path)
    assert town.buildings.table["小区"].tolist() == [f"东风里{n}号" for n in "一二三四五六"]
    (told,) = town.check()
    assert (told.code, told.count, told.first) == ("encoding-mixed", 2, "东风里五号")


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_one_encoding_is_not_mixed(codec: str) -> None:
    text = "楼栋,小区\nB1,一\nB2,桂园东风里二号楼\nB3,中山北路三号院\nB4,朱镕基路\n"
    decoded, spelling = csv_text(text.encode(codec))
    assert decoded == text
    assert not spelling.odd
    assert spelling.has_bom == (codec in ("utf-8-sig", "utf-16"))


def test_a_mark_before_gb18030_is_no_letter() -> None:
    decoded, spelling = csv_text(b"\xef\xbb\xbf" + "楼栋,小区\nB1,桂园\n".encode("gbk"))
    assert decoded.startswith("楼栋")
    assert (spelling.codec, spelling.has_bom) == ("gb18030", True)


def test_a_short_name_in_gb18030_is_not_cut_to_a_latin_letter(tmp_path: Path) -> None:
    # the first bytes of 小区 are a letter of UTF-8
    path = make.shapefile(make.chinese(), encoding="gbk", cpg=None)(tmp_path)
    spelling = dbf_encoding(path.with_suffix(".dbf").read_bytes(), None)
    assert spelling.codec == "gb18030"
    assert not declares(spelling)
    assert "小区" in read_community(path).buildings.table.columns


def test_a_column_of_shapes_as_text_needs_no_coordinates_and_may_name_its_crs(
    tmp_path: Path,
) -> None:
    town = read_community(make.wkt_csv(tmp_path))
    assert town.buildings.table.crs == make.CRS
    assert "WKT" not in town.buildings.table.columns
    assert np.allclose(town.buildings.table.area, 100)


def test_parts_drawn_over_each_other_keep_the_ground_that_they_share(tmp_path: Path) -> None:
    path = make.gpkg(make.with_shape(make.CROSSED_WINGS))(tmp_path)
    town = read_community(path)
    # 10 m by 10 m, and no hole of 10 m by 2 m
    assert town.buildings.table.geometry.iloc[0].area == pytest.approx(100)
