"""What a redraw starts from: any file that says which building is in which grid, or the ground."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely import Point, box
from small_plans import block_plan, execute

import gridgeo as gg
from gridgeo.errors import InputError
from gridgeo.matching import How, old_grid_of
from gridgeo.old_file import read_old

CRS = "EPSG:4547"
EAST, NORTH = 536_000.0, 3_318_000.0


def layer(path: Path, name: str = "layer", *, crs: str | None = CRS, geometry=None, **columns):
    n = len(next(iter(columns.values())))
    shapes = geometry or [Point(EAST + 100 * k, NORTH) for k in range(n)]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    pyogrio.write_dataframe(frame, path, layer=name, append=path.exists())
    return path


def faults(path, **more) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_old(path, **more)
    return [finding.code for finding in refused.value.findings]


def grids_of(old) -> dict[str, str]:
    return dict(zip(old.ids.tolist(), old.grid_ids.tolist(), strict=True))


def test_a_plan_gives_its_buildings_their_grids_and_itself(tmp_path) -> None:
    plan = block_plan()
    old = read_old(plan.save(tmp_path / "plan.gpkg"))
    assert old.plan is not None
    assert old.plan.grid_ids.tolist() == plan.grid_ids.tolist()
    assert grids_of(old) == dict(zip(plan.buildings.ids, plan.grid_ids, strict=True))
    assert old.all_grids == ["G-001", "G-002", "G-003", "G-004"]
    assert old.findings == ()
    told = read_old(tmp_path / "plan.gpkg", columns={"grid_id": "mine"})
    assert "grid_id=mine was not used" in told.findings[0].message


@pytest.mark.parametrize("named", ["buildings", "cells"])
def test_a_layer_of_a_plan_is_read_as_a_layer(tmp_path, named) -> None:
    plan = block_plan()
    path = plan.save(tmp_path / "plan.gpkg")
    old = read_old(f"{path}:{named}")
    assert old.plan is None
    assert grids_of(old) == dict(zip(plan.buildings.ids, plan.grid_ids, strict=True))
    assert read_old(f"{path}:grids").polygon_ids.tolist() == old.all_grids


def test_a_damaged_plan_is_told_as_such(tmp_path) -> None:
    path = block_plan().save(tmp_path / "plan.gpkg")
    execute(path, "delete from cells where building_id = 'B03'")
    with pytest.raises(InputError, match="not a whole GridGeo plan") as refused:
        read_old(path)
    assert refused.value.findings[0].code == "plan-unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_table_is_read_by_its_chinese_names_in_any_encoding(tmp_path, encoding) -> None:
    path = tmp_path / "旧网格.csv"
    path.write_text("楼栋编号;所属网格;备注\n007;网格一;x\n012;网格二;y\n", encoding=encoding)
    old = read_old(path)
    assert grids_of(old) == {"007": "网格一", "012": "网格二"}
    assert old.geometry is None


def test_a_workbook_keeps_zeros_that_it_shows_and_refuses_codes_it_shortened(tmp_path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["building_id", "grid_id"])
    for row, number in enumerate((7, 12), start=2):
        page.append([number, 110101001001001])
        page.cell(row, 1).number_format = "000"
    book.save(tmp_path / "old.xlsx")
    assert grids_of(read_old(tmp_path / "old.xlsx")) == {
        "007": "110101001001001", "012": "110101001001001",
    }  # fmt: skip
    page.append([13, 11010100100100100101])
    book.save(tmp_path / "old.xlsx")
    with pytest.raises(
        InputError, match="1 row has in 'grid_id' a code that was shortened"
    ) as told:
        read_old(tmp_path / "old.xlsx")
    assert "format the column" in told.value.findings[0].fix.lower()


def test_numbers_in_a_layer_are_ids_without_a_point(tmp_path) -> None:
    path = layer(tmp_path / "old.gpkg", building_id=[7, 12], grid_id=[1.0, 2.0])
    assert grids_of(read_old(path)) == {"7": "1", "12": "2"}


def test_a_shapefile_with_its_short_names_in_gbk_is_read(tmp_path) -> None:
    frame = gpd.GeoDataFrame(
        {"楼栋编号": ["甲1", "甲2"], "网格编号": ["网格1", "网格2"]},
        geometry=[Point(EAST, NORTH), Point(EAST + 50, NORTH)],
        crs=CRS,
    )
    path = tmp_path / "old.shp"
    pyogrio.write_dataframe(frame, path, encoding="gbk")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    old = read_old(path)
    assert grids_of(old) == {"甲1": "网格1", "甲2": "网格2"}
    assert old.geometry is not None


def test_columns_that_are_called_otherwise_can_be_named(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("GEOID,DISTRICT\n0100,3\n0200,4\n")
    with pytest.raises(InputError, match="columns there are: GEOID, DISTRICT"):
        read_old(path)
    named = {"building_id": "GEOID", "grid_id": "district"}
    assert grids_of(read_old(path, columns=named)) == {"0100": "3", "0200": "4"}
    assert faults(path, columns={"grid_id": "no", "height": "x"}) == [
        "column-missing", "column-role-unknown",
    ]  # fmt: skip


def test_the_new_grid_goes_before_the_one_of_before(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,was_grid_id,grid_id,current_grid\nB1,a,b,c\n")
    assert grids_of(read_old(path)) == {"B1": "b"}


def test_two_columns_that_may_each_be_the_grid_are_a_question(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,网格编号,网格编码\nB1,1,2\n")
    assert faults(path) == ["column-unclear"]


def test_a_column_that_stands_twice_is_refused(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,grid_id,grid_id\nB1,1,2\n")
    assert faults(path) == ["column-twice"]


def test_a_building_in_two_grids_is_refused_and_a_row_that_repeats_counts_once(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,grid_id\nB1,1\nB1,1\nB2,1\n")
    old = read_old(path)
    assert grids_of(old) == {"B1": "1", "B2": "1"}
    assert [f.sentence() for f in old.findings] == [
        f"{path}: 1 row repeats an earlier one (B1). It counts once."
    ]
    path.write_text("building_id,grid_id\nB1,1\nB1,2\nB2,1\nB3,1\nB3,\n")
    with pytest.raises(InputError) as refused:
        read_old(path)
    (fault,) = refused.value.findings
    assert fault.code == "old-in-two-grids"
    assert "4 rows put a building in more than one grid, B1 in 1 and 2 (first: B1)" in fault.message


def test_every_fault_is_told_at_once(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,grid_id\nB1,1\nB1,2\n,3\n1.2E+15,4\nB5,1.1E+17\n")
    assert faults(path) == ["ids-shortened", "ids-shortened", "ids-missing", "old-in-two-grids"]


@pytest.mark.parametrize("text", ["building_id,grid_id\n", "building_id,grid_id\nB1,\nB2,\n", ""])
def test_a_file_that_names_no_grid_is_refused(tmp_path, text) -> None:
    path = tmp_path / "old.csv"
    path.write_text(text)
    assert set(faults(path)) <= {"file-empty", "grid-missing"}


def test_a_file_that_is_not_there_or_is_no_file_of_ours_is_refused(tmp_path) -> None:
    assert faults(tmp_path / "none.gpkg") == ["file-missing"]
    (tmp_path / "bad.gpkg").write_bytes(b"nothing")
    assert faults(tmp_path / "bad.gpkg") == ["file-unreadable"]


def test_polygons_with_a_grid_are_grids_and_footprints_with_an_id_are_buildings(tmp_path) -> None:
    squares = [box(EAST + 100 * k, NORTH, EAST + 100 * k + 100, NORTH + 100) for k in range(3)]
    grids = read_old(layer(tmp_path / "a.gpkg", geometry=squares, 网格编号=["1", "2", "2"]))
    assert grids.polygons is not None
    assert (len(grids), grids.all_grids) == (0, ["1", "2"])
    # "id" may be that of the grid: no two rows are of one
    grids = read_old(
        layer(tmp_path / "b.gpkg", geometry=squares, id=[1, 2, 3], grid_id=["a", "b", "c"])
    )
    assert grids.polygons is not None
    houses = read_old(
        layer(tmp_path / "c.gpkg", geometry=squares, id=[1, 2, 3], grid_id=["a", "b", "b"])
    )
    assert grids_of(houses) == {"1": "a", "2": "b", "3": "b"}
    named = {"building_id": "id"}
    told = read_old(tmp_path / "b.gpkg", columns=named)
    assert grids_of(told) == {"1": "a", "2": "b", "3": "c"}


def test_grids_that_overlap_are_told_and_ones_without_an_id_refused(tmp_path) -> None:
    squares = [box(EAST + 90 * k, NORTH, EAST + 90 * k + 100, NORTH + 100) for k in range(2)]
    old = read_old(layer(tmp_path / "a.gpkg", geometry=squares, grid_id=["1", "2"]))
    assert [finding.code for finding in old.findings] == ["old-grids-overlap"]
    assert faults(layer(tmp_path / "b.gpkg", geometry=squares, grid_id=["1", None])) == [
        "grid-missing"
    ]


def test_places_without_ids_are_matched_by_place(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(f"x,y,grid_id\n{EAST},{NORTH},1\n{EAST + 100},{NORTH},2\n,,3\n")
    with pytest.raises(InputError, match="1 row has neither an id nor a place"):
        read_old(path)
    path.write_text(f"x,y,grid_id\n{EAST},{NORTH},1\n{EAST + 100},{NORTH},2\n")
    old = read_old(path, crs=CRS)
    assert old.ids.tolist() == ["", ""]
    assert sorted(old.names) == ["row 2", "row 3"]


def test_a_place_that_cannot_be_used_leaves_the_id(tmp_path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("building_id,grid_id,lon,lat\nB1,1,117.1,30.1\nB2,2,,\n")
    old = read_old(path)
    assert grids_of(old) == {"B1": "1", "B2": "2"}
    assert [finding.code for finding in old.findings] == ["place-missing"]
    assert old.geometry is not None
    assert old.geometry[1] is None


def test_no_order_of_rows_counts(tmp_path) -> None:
    rows = ["B2,2", "B10,1", "B1,1"]
    for name, held in (("a.csv", rows), ("b.csv", rows[::-1])):
        (tmp_path / name).write_text("\n".join(["building_id,grid_id", *held]) + "\n")
    first, second = read_old(tmp_path / "a.csv"), read_old(tmp_path / "b.csv")
    assert first.ids.tolist() == second.ids.tolist() == ["B1", "B10", "B2"]
    assert first.grid_ids.tolist() == second.grid_ids.tolist()


def test_the_buildings_of_now_may_be_their_own_old_file(tmp_path) -> None:
    path = layer(
        tmp_path / "buildings.gpkg",
        building_id=["B1", "B2"],
        households=[1, 2],
        population=[3, 4],
        current_grid=["1", "2"],
    )
    town = gg.read_community(path)
    matched = old_grid_of(town.buildings, read_old(path))
    assert matched.was.tolist() == ["1", "2"]
    assert matched.findings == ()


def test_a_published_site_can_be_started_from(tmp_path) -> None:
    plan = block_plan()
    gg.publish(plan, tmp_path / "site", edition=gg.Edition(prints=False))
    by_id = old_grid_of(plan.buildings, read_old(tmp_path / "site/buildings.geojson"))
    assert by_id.was.tolist() == plan.grid_ids.tolist()
    by_place = old_grid_of(
        plan.buildings, read_old(tmp_path / "site/buildings.geojson"), by_id=False
    )
    assert by_place.was.tolist() == plan.grid_ids.tolist()
    assert set(by_place.how) == {How.PLACE}
    ground = old_grid_of(plan.buildings, read_old(tmp_path / "site/grids.geojson"))
    assert ground.was.tolist() == plan.grid_ids.tolist()
    table = pd.read_csv(tmp_path / "site/grids.csv")
    assert "grid_id" in table
