"""Whatever format a list of buildings comes in, the same community comes out of it."""

import json
import re
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from gridgeo.errors import InputError
from gridgeo.intake import read_community

CRS = "EPSG:4548"
# four houses in a row, 10 m wide and 20 m apart:  [007] [008] [09] [10]
IDS = ["10", "007", "09", "008"]


def houses() -> gpd.GeoDataFrame:
    left = {"007": 0, "008": 20, "09": 40, "10": 60}
    return gpd.GeoDataFrame(
        {
            "building_id": IDS,
            "households": [10, 7, 9, 8],
            "population": [30, 21, 27, 24],
            "owner": ["d", "a", "c", "b"],
        },
        geometry=[box(500_000 + left[i], 4_400_000, 500_010 + left[i], 4_400_010) for i in IDS],
        crs=CRS,
    )


def chinese() -> gpd.GeoDataFrame:
    names = {"building_id": "楼栋编号", "households": "户数", "population": "总人口"}
    return houses().rename(columns=names | {"owner": "小区"}).replace({"d": "东风里", "a": "桂园"})


def write_shapefile(frame: gpd.GeoDataFrame, path: Path, encoding: str, cpg: str | None) -> None:
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    if cpg is None:
        path.with_suffix(".cpg").unlink()
    else:
        path.with_suffix(".cpg").write_text(cpg)


def write_csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet", "shp"])
def test_every_format_gives_the_same_community(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"houses.{ending}"
    frame = houses().rename(columns={"building_id": "id", "population": "pop"})
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        # RFC 7946 knows degrees only; the older form keeps metres
        options = {"RFC7946": "NO"} if ending == "geojson" else {}
        pyogrio.write_dataframe(frame, path, layer_options=options)
    reference = tmp_path / "reference.gpkg"
    houses().to_file(reference)
    town = read_community(path)
    assert town.buildings.ids.tolist() == ["007", "008", "09", "10"]
    assert town.buildings.households.tolist() == [7, 8, 9, 10]
    assert town.buildings.population.tolist() == [21, 24, 27, 30]
    assert town.buildings.communities.tolist() == ["G"] * 4
    assert town.buildings.table["owner"].tolist() == ["a", "b", "c", "d"]
    assert town.buildings.table.crs == CRS
    assert town.buildings.xy[0].tolist() == [500_005, 4_400_005]
    assert town.columns == {"building_id": "id", "households": "households", "population": "pop"}
    assert town.input_hash == read_community(reference).input_hash


def test_row_order_changes_nothing_and_a_household_changes_the_hash(tmp_path: Path) -> None:
    houses().to_file(tmp_path / "a.gpkg")
    houses().iloc[::-1].to_file(tmp_path / "b.gpkg")
    houses().assign(owner="x").to_file(tmp_path / "c.gpkg")
    houses().assign(households=[10, 7, 9, 7]).to_file(tmp_path / "d.gpkg")
    moved = houses()
    moved.translate(0.01).to_frame("geometry").join(moved.drop(columns="geometry")).to_file(
        tmp_path / "e.gpkg"
    )
    a, b, c, d, e = (read_community(tmp_path / f"{name}.gpkg") for name in "abcde")
    assert a.input_hash == b.input_hash == c.input_hash
    assert len({a.input_hash, d.input_hash, e.input_hash}) == 3
    one, other = (
        town.buildings.table.drop(columns="source_rows") for town in (a, b)
    )  # which alone tells the rows apart
    pd.testing.assert_frame_equal(one, other)


def test_gbk_shapefile_without_cpg_is_not_mojibake(tmp_path: Path) -> None:
    write_shapefile(chinese(), tmp_path / "楼栋.shp", "gbk", cpg=None)
    town = read_community(tmp_path / "楼栋.shp")
    assert town.columns["households"] == "户数"
    assert town.buildings.table["小区"].tolist() == ["桂园", "b", "c", "东风里"]


def test_a_cpg_that_lies_is_not_believed(tmp_path: Path) -> None:
    write_shapefile(chinese(), tmp_path / "h.shp", "gbk", cpg="UTF-8")
    assert "东风里" in read_community(tmp_path / "h.shp").buildings.table["小区"].tolist()


def test_utf8_and_latin_shapefiles_without_cpg_read_too(tmp_path: Path) -> None:
    short = chinese().rename(columns={"楼栋编号": "楼栋"})
    write_shapefile(short, tmp_path / "u.shp", "utf-8", cpg=None)
    assert "东风里" in read_community(tmp_path / "u.shp").buildings.table["小区"].tolist()
    german = houses().rename(columns={"building_id": "id"}).replace({"d": "Zürcher Straße"})
    write_shapefile(german, tmp_path / "l.shp", "ISO-8859-1", cpg=None)
    assert "Zürcher Straße" in read_community(tmp_path / "l.shp").buildings.table["owner"].tolist()


def test_names_that_a_shapefile_has_cut_are_known_still(tmp_path: Path) -> None:
    frame = houses().rename(columns={"building_id": "building_i", "households": "ABCDEFGHIJ"})
    write_shapefile(frame, tmp_path / "h.shp", "utf-8", cpg="UTF-8")
    dbf = tmp_path / "h.dbf"
    # four Chinese characters take twelve bytes: the fourth is cut inside
    dbf.write_bytes(dbf.read_bytes().replace(b"ABCDEFGHIJ", "居民户数".encode()[:10]))
    columns = read_community(tmp_path / "h.shp").columns
    assert columns == {
        "building_id": "building_i",
        "households": "居民户",
        "population": "population",
    }


def test_zipped_gbk_shapefile_in_a_folder_reads(tmp_path: Path) -> None:
    write_shapefile(chinese(), tmp_path / "h.shp", "gbk", cpg=None)
    packed = tmp_path / "delivery.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in sorted(tmp_path.glob("h.*")):
            archive.write(part, f"data/{part.name}")
    town = read_community(packed)
    assert town.buildings.ids.tolist() == ["007", "008", "09", "10"]
    assert "东风里" in town.buildings.table["小区"].tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_of_any_usual_encoding_keeps_its_codes(tmp_path: Path, encoding: str) -> None:
    text = (
        "楼号,户数（户）,户籍人口,流动人口,经度,纬度,代码,小区\r\n"
        "007,12,20,10,116.40,39.90,110101001001001,东风里\r\n"
        "\r\n"
        '008,"1,012",2000,0,116.41,39.91,010101001001002,"桂园, 二期"\r\n'
    )
    town = read_community(write_csv(tmp_path / "h.csv", text, encoding))
    table = town.buildings.table
    assert town.buildings.ids.tolist() == ["007", "008"]
    assert town.buildings.households.tolist() == [12, 1012]
    assert town.buildings.population.tolist() == [30, 2000]
    assert table["代码"].tolist() == ["110101001001001", "010101001001002"]
    assert table["小区"].tolist() == ["东风里", "桂园, 二期"]
    assert town.columns["population"] == "户籍人口 + 流动人口"
    assert town.columns["lon"] == "经度"
    assert table.crs == CRS
    assert abs(town.buildings.xy[0, 0] - 448_700) < 2000


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_seen(tmp_path: Path, separator: str) -> None:
    text = "id,hh,pop,lon,lat\nA,1,2,103.8,1.3\n".replace(",", separator)
    town = read_community(write_csv(tmp_path / "h.csv", text))
    assert town.buildings.ids.tolist() == ["A"]
    assert town.buildings.table.crs == "EPSG:3414"


def test_a_decimal_comma_in_degrees_is_understood(tmp_path: Path) -> None:
    comma = write_csv(tmp_path / "c.csv", "id;hh;pop;lon;lat\nA;1;2;116,407;39,9\n")
    point = write_csv(tmp_path / "p.csv", "id;hh;pop;lon;lat\nA;1;2;116.407;39.9\n")
    assert read_community(comma).input_hash == read_community(point).input_hash


def test_csv_in_metres_needs_and_takes_a_crs(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "h.csv", 'id,hh,pop,X坐标,Y坐标\nA,1,2,"500,000",4400000\n')
    with pytest.raises(InputError, match="--crs EPSG:4548"):
        read_community(path)
    assert read_community(path, crs=CRS).buildings.xy.tolist() == [[500_000, 4_400_000]]


def test_excel_numbers_come_back_as_they_were_typed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["东风里社区楼栋一览表"])
    sheet.append(["楼栋号", "总户数", "人口", "经度", "纬度", "代码"])
    sheet.append([7, 12.0, 30, 116.4, 39.9, "110101001001001"])
    sheet.append(["A-1", "8", 16, 116.41, 39.9, 110101001001002])
    sheet["A3"].number_format = "000"
    book.create_sheet("空")
    book.save(tmp_path / "h.xlsx")
    town = read_community(tmp_path / "h.xlsx")
    assert town.buildings.ids.tolist() == ["007", "A-1"]
    assert town.buildings.households.tolist() == [12, 8]
    assert town.buildings.table["代码"].tolist() == ["110101001001001", "110101001001002"]


def test_what_openpyxl_mutters_stays_unheard(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "hh", "pop", "lon", "lat"])
    book.active.append(["A", 1, 2, 116.4, 39.9])
    book.save(tmp_path / "full.xlsx")
    # some writers leave the default style out, and openpyxl warns of it
    with (
        zipfile.ZipFile(tmp_path / "full.xlsx") as full,
        zipfile.ZipFile(tmp_path / "h.xlsx", "w") as bare,
    ):
        for name in full.namelist():
            body = full.read(name)
            if name == "xl/styles.xml":
                body = re.sub(rb"<cellStyles.*?</cellStyles>", b"", body)
            bare.writestr(name, body)
    with pytest.warns(UserWarning, match="no default style"):
        openpyxl.load_workbook(tmp_path / "h.xlsx")
    assert read_community(tmp_path / "h.xlsx").buildings.ids.tolist() == ["A"]


def test_ids_that_excel_has_shortened_are_a_fault(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "hh", "pop", "lon", "lat"])
    book.active.append([1.23456789012346e17, 1, 2, 116.4, 39.9])
    book.save(tmp_path / "h.xlsx")
    with pytest.raises(InputError, match="shortened to a number") as caught:
        read_community(tmp_path / "h.xlsx")
    assert "as text in the spreadsheet" in str(caught.value)


def test_a_sheet_is_named_or_called_buildings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, name in (("Notes", "x"), ("Buildings", "B1"), ("North", "N1")):
        sheet = book.create_sheet(title)
        sheet.append(["id", "hh", "pop", "lon", "lat"])
        sheet.append([name, 1, 2, 116.4, 39.9])
    path = tmp_path / "h.xlsx"
    book.save(path)
    assert read_community(path).buildings.ids.tolist() == ["B1"]
    assert read_community(f"{path}:North").buildings.ids.tolist() == ["N1"]
    with pytest.raises(InputError, match="no sheet 'South'; sheets there are: Notes, Buildings"):
        read_community(f"{path}:South")


def test_numeric_ids_become_whole_text_even_where_one_is_missing(tmp_path: Path) -> None:
    frame = houses()
    frame["building_id"] = pd.array([12, 7, 123456789012345678, None], dtype="Int64")
    frame.to_file(tmp_path / "h.gpkg")
    with pytest.raises(InputError, match=r"1 building has no id \(row 4\)"):
        read_community(tmp_path / "h.gpkg")
    town = read_community(tmp_path / "h.gpkg", where="building_id IS NOT NULL")
    assert town.buildings.ids.tolist() == ["12", "123456789012345678", "7"]
    frame["building_id"] = [12.0, 7.0, 3.0, 4.0]
    frame.to_file(tmp_path / "f.gpkg")
    assert read_community(tmp_path / "f.gpkg").buildings.ids.tolist() == ["12", "3", "4", "7"]


def test_a_layer_is_named_or_called_buildings_or_alone(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    houses().iloc[:1].to_file(path, layer="north")
    assert len(read_community(path).buildings) == 1
    houses().iloc[:2].to_file(path, layer="south")
    with pytest.raises(InputError, match=r"several layers and none named.*north, south.*Name one"):
        read_community(path)
    assert len(read_community(f"{path}:south").buildings) == 2
    with pytest.raises(InputError, match="no layer 'west'"):
        read_community(f"{path}:west")
    houses().to_file(path, layer="buildings")
    assert len(read_community(path).buildings) == 4


def test_tables_and_styles_beside_the_one_layer_do_not_confuse(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    houses().to_file(path, layer="houses")
    pyogrio.write_dataframe(pd.DataFrame({"a": ["x"]}), path, layer="layer_styles")
    pyogrio.write_dataframe(pd.DataFrame({"a": ["x"]}), path, layer="notes")
    assert len(read_community(path).buildings) == 4


def test_a_multi_part_building_stays_one_row(tmp_path: Path) -> None:
    frame = houses()
    twin = MultiPolygon(
        [box(500_000, 4_400_000, 500_005, 4_400_005), box(500_007, 4_400_000, 500_010, 4_400_005)]
    )
    frame.geometry = [twin, *frame.geometry[1:]]
    frame.to_file(tmp_path / "h.gpkg")
    town = read_community(tmp_path / "h.gpkg")
    assert town.buildings.households.sum() == 34
    assert len(town.buildings) == 4


def test_a_bow_tie_is_mended_and_told(tmp_path: Path) -> None:
    frame = houses()
    tie = Polygon(
        [(500_060, 4_400_000), (500_070, 4_400_010), (500_070, 4_400_000), (500_060, 4_400_010)]
    )
    frame.geometry = [tie, *frame.geometry[1:]]
    frame.to_file(tmp_path / "h.gpkg")
    town = read_community(tmp_path / "h.gpkg")
    mended = town.buildings.table.geometry.iloc[3]
    assert mended.is_valid
    assert mended.area == pytest.approx(50)
    (told,) = town.check()
    assert told.code == "shape-mended"
    assert told.first == "10"


def test_kept_columns_never_clash_with_the_contract(tmp_path: Path) -> None:
    frame = houses().assign(HH_NUM=[1, 2, 3, 4], Community="x", community_source="y")
    frame.to_file(tmp_path / "h.gpkg")
    table = read_community(tmp_path / "h.gpkg", columns={"households": "HH_NUM"}).buildings.table
    assert table.columns[:5].tolist() == [
        "building_id",
        "households",
        "population",
        "community",
        "geometry",
    ]
    assert table["households"].tolist() == [2, 4, 3, 1]
    assert table["households_source"].tolist() == [7, 8, 9, 10]
    assert table["community"].tolist() == ["x"] * 4
    assert "HH_NUM" not in table.columns
    assert len({name.casefold() for name in table.columns}) == len(table.columns)


def test_what_gdal_mutters_becomes_a_finding_not_a_python_warning(tmp_path: Path) -> None:
    houses().to_file(tmp_path / "h.gpkg")
    with sqlite3.connect(tmp_path / "h.gpkg") as connection:
        # an application id that GDAL does not know makes it warn and read on
        connection.execute("PRAGMA application_id = 1")
    connection.close()
    town = read_community(tmp_path / "h.gpkg")
    assert len(town.buildings) == 4
    assert [told.code for told in town.check()] == ["reader-warned"]


def test_geojson_in_metres_is_not_taken_for_degrees(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"id": "A", "hh": 1, "pop": 2},
        "geometry": {"type": "Point", "coordinates": [500_000, 4_400_000]},
    }
    path = tmp_path / "h.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InputError, match=r"outside the range of degrees.*--crs"):
        read_community(path)
    assert read_community(path, crs=CRS).buildings.xy.tolist() == [[500_000, 4_400_000]]


def test_a_plain_table_of_a_database_may_hold_the_coordinates(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["A"], "hh": [1], "pop": [2], "lon": [103.8], "lat": [1.3]})
    table.to_parquet(tmp_path / "t.parquet")
    pyogrio.write_dataframe(table, tmp_path / "t.gpkg", layer="t")
    a, b = (read_community(tmp_path / f"t.{ending}") for ending in ("parquet", "gpkg"))
    assert a.input_hash == b.input_hash
    assert a.buildings.table.geometry.iloc[0].distance(Point(24_000, 31_000)) < 3000


def test_a_shapefile_without_its_other_parts_is_told_which_are_missing(tmp_path: Path) -> None:
    houses().drop(columns="building_id").to_file(tmp_path / "houses.shp")
    (tmp_path / "houses.shx").unlink()
    with pytest.raises(InputError, match=r"houses\.shp: \.shx of it is not beside it.*\.zip"):
        read_community(tmp_path / "houses.shp")
