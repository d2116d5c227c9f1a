"""A plan for other programs: nothing lost in silence, every id back as it was."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from small_plans import block_plan, street_plan

import gridgeo as gg
from gridgeo.errors import InputError
from gridgeo.model import Plan


def renamed(plan: Plan, ids: list[str], grids: list[str]) -> Plan:
    """The plan with other ids for its buildings, which must be sorted, and for its grids."""
    from dataclasses import replace

    table = plan.buildings.table.copy()
    table["building_id"] = pd.array(ids, dtype="str")
    names = sorted(set(plan.grid_ids))
    new = dict(zip(names, grids, strict=True))
    grid_ids = np.array([new[grid] for grid in plan.grid_ids], dtype=object)
    return replace(plan, buildings=gg.Buildings(table), grid_ids=grid_ids, reasons={})


def codes(exported) -> list[str]:
    return [finding.code for finding in exported.findings]


def test_the_table_says_the_grid_of_every_building_and_keeps_zeros(tmp_path) -> None:
    plan = street_plan()
    written = gg.export_plan(plan, tmp_path / "out.csv")
    assert written.files == (tmp_path / "out.csv",)
    assert (tmp_path / "out.csv").read_text() == (
        "building_id,grid_id\n007,1-001\n08,1-001\nB1,1-002\nB2,E-001\nB3,E-001\nB4,E-001\n"
    )


odd = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")),
    min_size=1, max_size=6,
).filter(lambda text: text == text.strip())  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    ids=st.lists(odd | st.sampled_from(["007", "7", "a,b", 'a"b', "'x", "=1+1", "楼;1", "1e5"]),
                 unique=True, min_size=6, max_size=6),
    grids=st.lists(odd, unique=True, min_size=3, max_size=3),
)  # fmt: skip
def test_export_then_import_gives_every_building_its_grid(tmp_path_factory, ids, grids) -> None:
    plan = renamed(street_plan(), sorted(ids), grids)
    folder = tmp_path_factory.mktemp("round")
    for encoding in ("utf-8", "gb18030"):
        told = gg.export_plan(plan, folder / "out.csv", encoding=encoding).findings
        with (folder / "out.csv").open(encoding=encoding, newline="") as file:
            rows = list(csv.reader(file))
        assert [row[0] for row in rows[1:]] == sorted(ids)
        if told:
            # nothing says that it is GB18030, and of odd letters that cannot be guessed
            assert (encoding, told[0].code) == ("gb18030", "encoding-unclear")
            continue
        back = gg.import_assignments(plan, folder / "out.csv")
        assert back.grid_ids.tolist() == plan.grid_ids.tolist()


def test_a_table_for_excel_has_its_mark_where_it_is_not_all_ascii(tmp_path) -> None:
    plan = renamed(street_plan(), ["1", "2", "3", "4", "5", "甲楼"], ["a", "b", "c"])
    gg.export_plan(plan, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    gg.export_plan(plan, tmp_path / "out.csv", encoding="gbk")
    assert "甲楼".encode("gbk") in (tmp_path / "out.csv").read_bytes()
    assert gg.import_assignments(plan, tmp_path / "out.csv").grid_ids.tolist() == list("aabccc")


def test_an_id_that_gbk_does_not_have_is_refused_by_name_and_nothing_is_written(tmp_path) -> None:
    plan = renamed(street_plan(), ["1", "2", "3", "4", "5", "𠮷楼"], ["a", "b", "c"])
    for name in ("out.csv", "out.shp"):
        with pytest.raises(InputError, match="1 id has letters that gbk does not have: 𠮷楼"):
            gg.export_plan(plan, tmp_path / name, encoding="gbk", layer="buildings")
    assert list(tmp_path.iterdir()) == []
    told = gg.export_plan(plan, tmp_path / "out.csv", encoding="gb18030")
    assert "nothing in a table says that it is gb18030" in told.findings[0].message
    assert "𠮷楼" in (tmp_path / "out.csv").read_text(encoding="gb18030")


def test_geojson_is_in_degrees_with_outer_rings_against_the_clock(tmp_path) -> None:
    plan = block_plan()
    gg.export_plan(plan, tmp_path / "out.geojson")
    held = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))
    assert held["type"] == "FeatureCollection"
    assert "crs" not in held
    assert [f["properties"]["grid_id"] for f in held["features"]] == sorted(set(plan.grid_ids))
    for feature in held["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        lon, lat = shape.centroid.coords[0]
        assert (round(lon), round(lat)) == (104, 1)
        assert all(round(v, 7) == v for point in shape.exterior.coords for v in point)
    gg.export_plan(plan, tmp_path / "b.geojson", layer="buildings")
    back = gg.import_assignments(plan, tmp_path / "b.geojson")
    assert back.grid_ids.tolist() == plan.grid_ids.tolist()
    drawn = gg.import_assignments(plan, tmp_path / "out.geojson")
    assert drawn.grid_ids.tolist() == plan.grid_ids.tolist()


@pytest.mark.parametrize(("encoding", "declared"), [("gbk", "GBK"), ("utf-8", "UTF-8")])
def test_a_shapefile_says_its_encoding_and_comes_back(tmp_path, encoding, declared) -> None:
    plan = street_plan({"名称": ["东风里一号", "二", "三", "四", "五", "六"]})
    plan = renamed(plan, ["007", "08", "乙1", "乙2", "乙3", "乙4"], ["网格1", "网格2", "网格3"])
    written = gg.export_plan(plan, tmp_path / "out.shp", layer="buildings", encoding=encoding)
    assert [path.suffix for path in written.files] == [".shp", ".cpg", ".dbf", ".prj", ".shx"]
    assert (tmp_path / "out.cpg").read_text() == declared
    assert "东风里一号".encode(encoding) in (tmp_path / "out.dbf").read_bytes()
    frame = gpd.read_file(tmp_path / "out.shp", encoding=encoding)
    assert frame["bldg_id"].tolist() == plan.buildings.ids.tolist()
    assert frame["households"].tolist() == plan.buildings.households.tolist()
    assert frame.crs.to_epsg() == 3414
    back = gg.import_assignments(plan, tmp_path / "out.shp")
    assert back.grid_ids.tolist() == plan.grid_ids.tolist()
    (tmp_path / "out.cpg").unlink()  # as many a file comes
    back = gg.import_assignments(plan, tmp_path / "out.shp")
    assert back.grid_ids.tolist() == plan.grid_ids.tolist()


def test_what_a_shapefile_cannot_hold_is_told(tmp_path) -> None:
    plan = street_plan(
        {
            "a_name_that_is_long": range(6),
            "a_name_that_is_longer": range(6),
            "A_NAME_TH": range(6),
            "很长的一个字段名": ["𠮷", "x" * 300, "字" * 200, None, "", "ok"],
            "when": pd.to_datetime(["2024-02-29 10:00"] * 6),
            "holes": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
            "flag": pd.array([True, None, False, True, True, True], dtype="boolean"),
            "big": [1e15 + 0.5, 0.1, -1e-9, np.nan, 2.0, 3.0],
        }
    )
    written = gg.export_plan(plan, tmp_path / "out.shp", layer="buildings", encoding="gbk")
    assert codes(written) == ["field-renamed", "field-unfit", "field-cut"]
    renamings, unfit, cut = (finding.sentence() for finding in written.findings)
    for pair in (
        "building_id is bldg_id",
        "a_name_that_is_long is a_name_tha",
        "a_name_that_is_longer is a_name_t_2",
        "很长的一个字段名 is 很长的一个",
    ):
        assert pair in renamings
    assert "1 text of '很长的一个字段名' with letters that gbk does not have (first: 𠮷)" in unfit
    assert "2 texts of '很长的一个字段名' cut to 254 bytes" in cut
    frame = gpd.read_file(tmp_path / "out.shp", encoding="gbk")
    names = [name for name in frame.columns if name != "geometry"]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name.encode("gbk")) <= 10 for name in names)
    assert frame["很长的一个"].fillna("").tolist() == ["?", "x" * 254, "字" * 127, "", "", "ok"]
    assert frame["when"].tolist() == ["2024-02-29T10:00:00"] * 6
    assert frame["holes"].isna().tolist() == [False, True, *[False] * 4]
    assert frame["big"].dropna().tolist() == pytest.approx([1e15 + 0.5, 0.1, -1e-9, 2.0, 3.0])


def test_nothing_is_told_of_what_fits(tmp_path) -> None:
    assert codes(gg.export_plan(block_plan(), tmp_path / "out.shp")) == []
    assert codes(gg.export_plan(block_plan(), tmp_path / "out.geojson")) == []


def test_points_and_polygons_do_not_go_into_one_shapefile(tmp_path) -> None:
    plan = block_plan()
    shapes = plan.buildings.table.geometry.tolist()
    plan.buildings.table.geometry = [box(10, 10, 20, 20), *shapes[1:]]
    with pytest.raises(InputError, match="one kind of shape, here are Point, Polygon"):
        gg.export_plan(plan, tmp_path / "out.shp", layer="buildings")
    assert list(tmp_path.iterdir()) == []
    gg.export_plan(plan, tmp_path / "out.geojson", layer="buildings")


@pytest.mark.parametrize("name", ["out.csv", "out.geojson", "out.shp"])
def test_the_same_plan_gives_the_same_bytes(tmp_path, name) -> None:
    read = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        written = gg.export_plan(block_plan(), tmp_path / folder / name)
        read.append([path.read_bytes() for path in written.files])
    assert read[0] == read[1]


def test_an_older_export_is_replaced_with_its_indexes(tmp_path) -> None:
    for name in ("out.shp", "out.dbf", "out.qix", "other.qix"):
        (tmp_path / name).write_bytes(b"old")
    gg.export_plan(block_plan(), tmp_path / "out.shp")
    assert not (tmp_path / "out.qix").exists()
    assert (tmp_path / "other.qix").exists()
    assert len(gpd.read_file(tmp_path / "out.shp")) == 4


def test_every_wish_that_cannot_be_is_told_at_once(tmp_path) -> None:
    with pytest.raises(InputError) as refused:
        gg.export_plan(block_plan(), tmp_path / "no/out.kml", layer="roads", encoding="ebcdic")
    assert [finding.code for finding in refused.value.findings] == [
        "output-kind", "output-unusable", "layer-unknown", "encoding-unknown",
    ]  # fmt: skip
    with pytest.raises(InputError, match="GeoJSON is always UTF-8"):
        gg.export_plan(block_plan(), tmp_path / "out.geojson", encoding="gbk")


def test_a_file_that_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    (tmp_path / "out.dbf").mkdir()
    with pytest.raises(InputError, match="could not be written"):
        gg.export_plan(block_plan(), tmp_path / "out.shp")
    assert not (tmp_path / "out.shp").exists()


def test_an_id_too_long_for_a_shapefile_is_refused(tmp_path) -> None:
    plan = renamed(street_plan(), ["1", "2", "3", "4", "5", "x" * 255], ["a", "b", "c"])
    with pytest.raises(InputError, match="1 id longer than the 254 bytes"):
        gg.export_plan(plan, tmp_path / "out.shp", layer="buildings")


def test_the_grid_of_before_a_redraw_goes_with_the_buildings(tmp_path) -> None:
    from dataclasses import replace

    was = np.array(["A"] * 11 + [""], dtype=object)
    plan = replace(block_plan(), was=was)
    gg.export_plan(plan, tmp_path / "out.shp", layer="buildings")
    frame = gpd.read_file(tmp_path / "out.shp")
    assert frame["was_grid"].fillna("").tolist() == was.tolist()
    assert isinstance(frame.geometry.iloc[0], Point)
