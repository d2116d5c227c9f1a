"""Every fault is told, with how many, which first and what next; all of them at once."""

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from gridgeo.errors import Finding, InputError
from gridgeo.intake import read_community

CRS = "EPSG:4548"
HEADER = "building_id,households,population,lon,lat\n"
GOOD = "B1,10,20,116.40,39.90\nB2,10,20,116.41,39.90\n"


def table(folder: Path, text: str, name: str = "h.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: object, *more: object, **options: object) -> dict[str, Finding]:
    with pytest.raises(InputError) as caught:
        read_community(path, *more, **options)  # type: ignore[arg-type]
    found = {finding.code: finding for finding in caught.value.findings}
    assert len(found) == len(caught.value.findings)
    assert all(finding.fix for finding in found.values())
    return found


def shapes(folder: Path, geometry: list[object], crs: str | None = CRS) -> Path:
    count = len(geometry)
    frame = gpd.GeoDataFrame(
        {"id": [f"B{i}" for i in range(count)], "hh": [1] * count, "pop": [2] * count},
        geometry=geometry,
        crs=crs,
    )
    path = folder / "h.parquet"
    frame.to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("cells", "code", "message"),
    [
        (",20", "count-missing", "2 buildings have no households (first: B2)"),
        ("NaN,20", "count-missing", "2 buildings have no households (first: B2)"),
        ("-3,20", "count-negative", "a negative number in 'households', as '-3', (first: B2)"),
        ("2.5,20", "count-fractional", "a fraction in 'households', as '2.5', (first: B2)"),
        ("many,20", "count-not-number", "than a number in 'households', as 'many', (first: B2)"),
        ("inf,20", "count-not-number", "as 'inf'"),
        ("1e9,2", "count-huge", "more than 1,000,000 in 'households', as '1e9', (first: B2)"),
        ("3,", "count-missing", "2 buildings have no population (first: B2)"),
    ],
)
def test_a_count_that_is_none_is_told(tmp_path: Path, cells: str, code: str, message: str) -> None:
    rows = f"B1,10,20,116.4,39.9\nB2,{cells},116.4,39.9\nB3,{cells},116.4,39.9\n"
    found = faults(table(tmp_path, HEADER + rows))
    assert list(found) == [code]
    assert message in found[code].message
    assert found[code].count == 2
    assert found[code].first == "B2"


def test_the_fix_for_missing_counts_works(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + GOOD + "B3,,2,116.4,39.9\n")
    (fault,) = faults(path).values()
    assert "--where '\"households\" IS NOT NULL'" in fault.fix
    assert len(read_community(path, where='"households" IS NOT NULL').buildings) == 2


def test_whole_numbers_may_be_written_in_many_ways(tmp_path: Path) -> None:
    rows = 'B1,7.0,"1,200",116.4,39.9\nB2,０８,1e2,116.4,39.9\n'
    town = read_community(table(tmp_path, HEADER + rows))
    assert town.buildings.households.tolist() == [7, 8]
    assert town.buildings.population.tolist() == [1200, 100]


def test_doubled_and_missing_ids_are_told_with_the_first(tmp_path: Path) -> None:
    rows = "B1,1,2,116.4,39.9\n,1,2,116.4,39.9\nB7,1,2,116.4,39.9\nB7,1,2,116.4,39.9\n"
    found = faults(table(tmp_path, HEADER + rows))
    assert found["ids-missing"].message == "1 building has no id (row 3)"
    assert found["ids-doubled"].message == "2 rows share their id with another row (first: B7)"


def test_columns_that_are_missing_are_told_in_one_go(tmp_path: Path) -> None:
    (fault,) = faults(table(tmp_path, "name,floors,lon\nx,1,2\n")).values()
    assert fault.code == "columns-missing"
    assert "no column for building_id, households, population, coordinates" in fault.message
    assert "户数" in fault.message
    assert "Columns there are: name, floors, lon" in fault.message
    assert "--column households=NAME --column population=NAME" in fault.fix


def test_registered_alone_is_only_half_of_the_population(tmp_path: Path) -> None:
    (fault,) = faults(table(tmp_path, "id,户数,户籍人口,lon,lat\nx,1,2,3,4\n")).values()
    assert "'户籍人口' alone is only half of it" in fault.message


def test_population_wins_over_its_halves_and_overrides_over_both(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "id,hh,registered,floating,population,常住人口,lon,lat\nA,1,10,20,99,55,116.4,39.9\n",
    )
    assert read_community(path).buildings.population.tolist() == [99]
    parts = {"registered": "registered", "floating": "floating"}
    assert read_community(path, columns=parts).buildings.population.tolist() == [30]
    assert read_community(path, columns={"population": "常住人口"}).buildings.population[0] == 55
    path = table(tmp_path, "id,hh,常住人口,lon,lat\nA,1,55,116.4,39.9\n")
    assert read_community(path).columns["population"] == "常住人口"


def test_two_columns_for_one_role_are_a_question_unless_one_is_exact(tmp_path: Path) -> None:
    path = table(tmp_path, "id,户数,总户数,pop,lon,lat\nA,1,2,3,116.4,39.9\n")
    (fault,) = faults(path).values()
    assert fault.code == "column-unclear"
    assert "'户数', '总户数' may each be households" in fault.message
    assert read_community(path, columns={"households": "总户数"}).buildings.households[0] == 2
    path = table(tmp_path, "id,building_id,HH,households,pop,lon,lat\nx,A,1,2,3,116.4,39.9\n")
    town = read_community(path)
    assert town.columns["households"] == "households"
    assert town.buildings.ids.tolist() == ["A"]


def test_an_override_names_a_column_that_is_there(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + GOOD)
    found = faults(path, columns={"households": "HH", "floors": "x"})
    there = "columns there are: building_id, households, population, lon, lat"
    assert f"no column 'HH' to read households from; {there}" in found["column-missing"].message
    assert "no 'floors' to name a column for" in found["column-role-unknown"].message
    found = faults(path, community="quarter")
    assert f"no column 'quarter' to read the community from; {there}" in (
        found["column-missing"].message
    )


def test_a_column_that_stands_twice_cannot_be_used(tmp_path: Path) -> None:
    text = "id,hh,HH,pop,note,note,lon,lat\nA,1,2,3,x,y,116.4,39.9\n"
    (fault,) = faults(table(tmp_path, text)).values()
    assert fault.code == "column-twice"
    assert "'hh', read as households" in fault.message
    text = "id,hh,pop,note,note,lon,lat\nA,1,3,x,y,116.4,39.9\n"
    town = read_community(table(tmp_path, text))
    assert {"note", "note_2"} <= set(town.buildings.table.columns)


def test_swapped_degrees_are_told_with_the_first(tmp_path: Path) -> None:
    rows = "B1,1,2,116.4,39.9\nB2,1,2,39.9,116.4\nB3,1,2,39.8,116.3\n"
    (fault,) = faults(table(tmp_path, HEADER + rows)).values()
    assert fault.code == "coordinates-swapped"
    assert "2 buildings have latitude and longitude swapped" in fault.message
    assert "(first: B2)" in fault.message


def test_places_that_are_none_are_told(tmp_path: Path) -> None:
    rows = "B1,1,2,116.4,39.9\nB2,1,2,,39.9\nB3,1,2,116.4,n/a\nB4,1,2,0,0\n"
    (fault,) = faults(table(tmp_path, HEADER + rows)).values()
    assert fault.message == "3 buildings have no place (first: B2)"
    (fault,) = faults(shapes(tmp_path, [Point(500_000, 4_400_000), None, Point()])).values()
    assert fault.message == "2 buildings have no place (first: B1)"


def test_lines_are_no_buildings(tmp_path: Path) -> None:
    line = LineString([(500_000, 4_400_000), (500_010, 4_400_000)])
    (fault,) = faults(shapes(tmp_path, [Point(500_000, 4_400_000), line])).values()
    assert fault.message == "1 building is a line where points or polygons are needed (B1)"
    many = MultiPoint([(500_000, 4_400_000), (500_010, 4_400_000)])
    assert "shape-kind" in faults(shapes(tmp_path, [many]))


def test_single_points_and_mixtures_come_down_to_what_is_needed(tmp_path: Path) -> None:
    square = box(500_000, 4_400_000, 500_010, 4_400_010)
    mixture = GeometryCollection([square, LineString([(0, 0), (1, 1)])])
    town = read_community(shapes(tmp_path, [MultiPoint([(500_050, 4_400_000)]), mixture]))
    assert town.buildings.table.geom_type.tolist() == ["Point", "Polygon"]


def test_a_shape_without_area_cannot_be_mended(tmp_path: Path) -> None:
    flat = Polygon([(500_000, 4_400_000), (500_010, 4_400_000), (500_005, 4_400_000)])
    (fault,) = faults(shapes(tmp_path, [flat, Point(500_000, 4_400_000)])).values()
    assert fault.code == "shape-broken"
    assert fault.first == "B0"


def test_shapes_without_a_crs_need_one(tmp_path: Path) -> None:
    path = shapes(tmp_path, [Point(500_000, 4_400_000)], crs=None)
    (fault,) = faults(path).values()
    assert fault.code == "crs-missing"
    assert read_community(path, crs=CRS).buildings.table.crs == CRS
    (fault,) = faults(shapes(tmp_path, [Point(116, 39)], crs=None)).values()
    assert "look like degrees" in fault.message
    assert "EPSG:4326" in fault.fix


@pytest.mark.parametrize(
    ("place", "crs", "fix"),
    [
        (Point(39_500_000, 4_400_000), "EPSG:4548", "EPSG:4527"),
        (Point(500_000, 4_400_000), "EPSG:4527", "EPSG:4548"),
        (Point(4_400_000, 500_000), "EPSG:4548", "look swapped"),
        (Point(116.4, 39.9), "EPSG:4548", "EPSG:4326"),
    ],
)
def test_coordinates_off_their_crs_are_told_with_what_fits(
    tmp_path: Path, place: Point, crs: str, fix: str
) -> None:
    path = shapes(tmp_path, [place], crs=crs)
    (fault,) = faults(path).values()
    assert fault.code == "coordinates-off-crs"
    assert fix in fault.fix
    if fix.startswith("EPSG"):
        assert len(read_community(path, crs=fix).buildings) == 1


def test_one_error_tells_the_faults_of_all_three_files(tmp_path: Path) -> None:
    buildings = table(tmp_path, HEADER + "B1,,2,116.4,39.9\nB1,1,-2,116.4,39.9\n")
    point = gpd.GeoDataFrame(geometry=[Point(500_000, 4_400_000)], crs=CRS)
    point.to_file(tmp_path / "edge.gpkg")
    found = faults(
        buildings, tmp_path / "edge.gpkg", tmp_path / "nowhere.shp", crs="EPSG:0", community="x"
    )
    assert set(found) == {
        "crs-unknown",
        "ids-doubled",
        "count-missing",
        "count-negative",
        "column-missing",
        "shape-kind",
        "file-missing",
    }
    assert "nowhere.shp: no such file" in found["file-missing"].message
    assert "edge.gpkg: 1 boundary is a point" in found["shape-kind"].message


def test_buildings_outside_are_told_along_with_bad_counts(tmp_path: Path) -> None:
    buildings = table(tmp_path, HEADER + "B1,,2,116.40,39.9\nB2,1,2,116.50,39.9\n")
    edge = gpd.GeoDataFrame(geometry=[box(116.39, 39.89, 116.41, 39.91)], crs=4326)
    edge.to_file(tmp_path / "edge.gpkg")
    found = faults(buildings, tmp_path / "edge.gpkg")
    assert set(found) == {"count-missing", "building-outside"}
    assert found["building-outside"].first == "B2"


def test_missing_communities_are_told(tmp_path: Path) -> None:
    text = "id,hh,pop,lon,lat,quarter\nA,1,2,116.4,39.9,North \nB,1,2,116.4,39.9, \n"
    (fault,) = faults(table(tmp_path, text), community="quarter").values()
    assert fault.message == "1 building has no community in 'quarter' (B)"


def test_boundaries_that_overlap_are_a_fault_and_slivers_are_cut(tmp_path: Path) -> None:
    buildings = shapes(tmp_path, [Point(500_005, 4_400_005)])

    def edge(overlap_m: float) -> Path:
        parts = [
            box(500_000, 4_400_000, 500_100, 4_400_100),
            box(500_100 - overlap_m, 4_400_000, 500_200, 4_400_100),
        ]
        path = tmp_path / f"edge{overlap_m}.gpkg"
        gpd.GeoDataFrame(geometry=parts, crs=CRS).to_file(path)
        return path

    (fault,) = faults(buildings, edge(10)).values()
    assert fault.code == "boundaries-overlap"
    assert fault.count == 2
    town = read_community(buildings, edge(0.05))
    assert town.boundary is not None
    assert town.boundary.area.sum() == pytest.approx(20_000, abs=1e-3)
    assert [told.code for told in town.check()] == ["boundary-sliver-cut"]


def test_polygons_are_no_barriers(tmp_path: Path) -> None:
    buildings = shapes(tmp_path, [Point(500_005, 4_400_005)])
    river = gpd.GeoDataFrame(geometry=[box(500_000, 4_400_000, 500_100, 4_400_010)], crs=CRS)
    river.to_file(tmp_path / "river.gpkg")
    (fault,) = faults(buildings, barriers=tmp_path / "river.gpkg").values()
    assert fault.code == "shape-kind"
    assert "where lines are needed" in fault.message


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("h.csv", b"", "file-empty"),
        ("h.csv", b"building_id,households,population,lon,lat\n", "file-empty"),
        ("h.csv", b'id,hh\n"A,1\n', "csv-broken"),
        ("h.csv", b"id,hh\nA,1,Mill Lane\n", "csv-broken"),
        ("h.xlsx", b"no workbook", "file-unreadable"),
        ("h.gpkg", b"no database", "file-unreadable"),
        ("h.zip", b"no archive", "file-unreadable"),
        ("h.parquet", b"no parquet", "file-unreadable"),
        ("h.docx", b"a letter", "file-unreadable"),
    ],
)
def test_a_file_that_holds_nothing_readable_is_told(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = faults(path)
    assert list(found) == [code]
    assert name in found[code].message


def test_a_folder_in_the_place_of_a_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "h.csv").mkdir()
    found = faults(tmp_path / "h.csv")
    assert list(found) == ["file-unreadable"]
    assert "directory" in found["file-unreadable"].message


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_workbook_that_was_cut_short_inside_is_told(tmp_path: Path, part: str) -> None:
    whole, cut = tmp_path / "whole.xlsx", tmp_path / "cut.xlsx"
    pd.DataFrame({"building_id": ["A", "B"], "households": [1, 2]}).to_excel(whole, index=False)
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(cut, "w") as out:
        for name in packed.namelist():
            held = packed.read(name)
            out.writestr(name, held[: len(held) // 2] if name == part else held)
    assert list(faults(cut)) == ["file-unreadable"]


def test_a_zip_that_was_damaged_inside_is_told(tmp_path: Path) -> None:
    rows = gpd.GeoDataFrame({"id": ["A"]}, geometry=[Point(500_000, 4e6)], crs=CRS)
    rows.to_file(tmp_path / "h.shp")
    with zipfile.ZipFile(tmp_path / "h.zip", "w") as packed:
        for ending in ("shp", "shx", "dbf", "prj"):
            packed.write(tmp_path / f"h.{ending}", f"h.{ending}")
    raw = (tmp_path / "h.zip").read_bytes()
    dbf = (tmp_path / "h.dbf").read_bytes()
    (tmp_path / "h.zip").write_bytes(raw.replace(dbf, dbf[:-10] + b"?" * 10))
    assert list(faults(tmp_path / "h.zip")) == ["file-unreadable"]


def test_words_for_no_count_are_not_advised_to_be_left_out_as_null(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("building_id,households,population,lon,lat\nA,NaN,3,116.4,39.9\n")
    fix = faults(path)["count-missing"].fix
    assert "'NaN'" in fix
    assert "IS NOT NULL" not in fix


def test_a_zone_is_not_advised_where_the_coordinates_do_not_fit_it_either(tmp_path: Path) -> None:
    # zone 45 is the north-east of Heilongjiang, 46 N; these would be at 33 N
    rows = gpd.GeoDataFrame(
        {"building_id": ["A"], "households": [3], "population": [9]},
        geometry=[Point(396_000, 3_716_000)],
        crs="EPSG:4533",
    )
    rows.to_file(tmp_path / "h.gpkg")
    fault = faults(tmp_path / "h.gpkg")["coordinates-off-crs"]
    assert "They fit" not in fault.fix


@pytest.mark.parametrize("named", ["", "nix.gpkg", "nix.gpkg:layer", "C:\\nix.gpkg", "a:b:c"])
def test_a_path_to_nothing_is_told(named: str) -> None:
    assert list(faults(named)) == ["file-missing"]
