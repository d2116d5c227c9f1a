"""Plans as GeoPackages: what QGIS sees, the same bytes, whole or not at all, back unchanged."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import Point, box
from small_plans import CRS, IDS, barrier_lines, execute, street_plan

from gridgeo import gpkg
from gridgeo.errors import PlanFileError
from gridgeo.model import Buildings
from gridgeo.plan_file import check_plan_path, read_plan, write_plan
from gridgeo.plan_tables import ran_within_s


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> bytes:
    return write_plan(street_plan(), tmp_path_factory.mktemp("plan") / "plan.gpkg").read_bytes()


@pytest.fixture
def path(tmp_path, written) -> Path:
    """The plan of the street in a file."""
    (tmp_path / "plan.gpkg").write_bytes(written)
    return tmp_path / "plan.gpkg"


def columns(path: Path, layer: str) -> list[str]:
    return pyogrio.read_info(path, layer=layer)["fields"].tolist()


def test_layers_stand_as_qgis_lists_them(tmp_path):
    path = write_plan(street_plan(barriers=barrier_lines()), tmp_path / "plan.gpkg")
    assert pyogrio.list_layers(path).tolist() == [
        ["grids", "Polygon"],
        ["buildings", "Point"],
        ["cells", "Polygon"],
        ["territory", "Polygon"],
        ["barriers", "LineString"],
        ["plan", None],
    ]
    assert pyogrio.read_info(path, layer="grids")["crs"] == "EPSG:3414"
    assert execute(path, "select data_type from gpkg_contents where table_name = 'plan'") == [
        ("attributes",)
    ]


def test_barriers_are_a_layer_only_where_the_plan_has_them(path):
    assert "barriers" not in pyogrio.list_layers(path)[:, 0]
    assert read_plan(path).barriers is None


def test_grids_hold_figures_reasons_and_one_polygon_each(path):
    grids = pyogrio.read_dataframe(path, layer="grids")
    said = "2 households, 2 under 4; 6 people, 4 under 10"
    assert grids.drop(columns="geometry").to_numpy().tolist() == [
        ["1-001", "1", 2, 10, 30, True, ""],
        ["1-002", "1", 1, 2, 6, False, said],
        ["E-001", "E", 3, 10, 30, True, ""],
    ]
    assert execute(path, "select typeof(reasons), reasons from grids where fid = 1") == [
        ("text", "")
    ]
    assert [shape.bounds for shape in grids.geometry] == [
        (0, 0, 200, 100),
        (200, 0, 300, 100),
        (300, 0, 600, 100),
    ]
    assert set(grids.geom_type) == {"Polygon"}


def test_cells_list_neighbours_both_ways(path):
    rows = execute(path, "select building_id, grid_id, neighbours, barrier from cells order by fid")
    assert rows[0] == ("007", "1-001", '["08"]', '[""]')
    assert rows[1] == ("08", "1-001", '["007", "B1"]', '["", "street"]')


def test_plan_table_keeps_what_explains_it(path):
    assert columns(path, "plan") == [
        "community", "status", "objective", "bound", "gap", "violation", "violation_bound",
        "households_low", "households_high", "population_low", "population_high",
        "limit_span_m", "max_span_m", "seed", "seconds", "covers", "stopped", "versions",
        "input_hash", "findings", "weights", "workload", "target", "compounds", "sources",
    ]  # fmt: skip
    first, second = execute(
        path,
        "select community, status, bound, gap, households_low, households_high, limit_span_m,"
        " max_span_m, seed, seconds, covers, stopped, versions from plan order by fid",
    )
    versions = '{"gridgeo": "0.1", "solver": "2"}'
    assert first == ("1", "infeasible", None, None, 4, 10, 350.5, 200.0, 7, 60.0, "", 0, versions)
    assert second[7:12] == (None, 7, 60.0, "half", 1)
    (findings,) = execute(path, "select findings from plan where fid = 1")[0]
    assert json.loads(findings)[0]["message"] == "one is odd"


def test_same_plan_gives_same_bytes(tmp_path):
    plan = street_plan(barriers=barrier_lines())
    one, two = (write_plan(plan, tmp_path / f"{k}.gpkg").read_bytes() for k in "ab")
    assert one == two


def test_seconds_that_differ_a_little_give_same_bytes(tmp_path):
    one = write_plan(street_plan(seconds=12.3), tmp_path / "a.gpkg").read_bytes()
    assert write_plan(street_plan(seconds=47.9), tmp_path / "b.gpkg").read_bytes() == one
    assert write_plan(street_plan(seconds=61.0), tmp_path / "c.gpkg").read_bytes() != one


@pytest.mark.parametrize(
    ("seconds", "within"),
    [(0.0, 60), (60.0, 60), (60.01, 600), (601, 3600), (3600, 3600), (3601, 36000)],
)
def test_seconds_are_rounded_up_to_a_step(seconds, within):
    assert ran_within_s(seconds) == within


def test_gdal_settings_are_put_back(tmp_path):
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1999-01-01T00:00:00Z"})
    try:
        write_plan(street_plan(), tmp_path / "plan.gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "1999-01-01T00:00:00Z"
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    write_plan(street_plan(), tmp_path / "plan.gpkg")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_plan_comes_back_as_it_was(tmp_path):
    plan = street_plan({"floor": [1, 2, 3, 4, 5, 6]}, seconds=60.0, barriers=barrier_lines())
    plan = replace(plan, results=tuple(replace(r, seconds=60.0) for r in plan.results))
    back = read_plan(write_plan(plan, tmp_path / "plan.gpkg"))
    pd.testing.assert_frame_equal(
        pd.DataFrame(back.buildings.table), pd.DataFrame(plan.buildings.table), check_dtype=True
    )
    assert back.buildings.table.crs == plan.buildings.table.crs
    assert back.buildings.ids.tolist() == IDS
    assert back.grid_ids.tolist() == plan.grid_ids.tolist()
    ours, theirs = back.territory, plan.territory
    assert shapely.equals_identical(ours.cells, theirs.cells).all()
    assert shapely.equals_identical(ours.area, theirs.area)
    assert ours.edges.tolist() == theirs.edges.tolist()
    assert ours.edges.dtype == np.int64
    assert ours.border_m.tolist() == theirs.border_m.tolist()
    assert ours.barrier.tolist() == theirs.barrier.tolist()
    for name in ("limits", "seed", "results", "input_hash", "findings"):
        assert getattr(back, name) == getattr(plan, name), name
    assert dict(back.reasons) == dict(plan.reasons)
    assert dict(back.versions) == dict(plan.versions)
    assert back.barriers is not None
    assert back.barriers["bridge"].tolist() == [False, True]
    assert shapely.equals(back.barriers.geometry.values, plan.barriers.geometry.values).all()


def test_mixed_shapes_stay_what_they_are(tmp_path):
    plan = street_plan()
    single = box(0, 0, 9, 9)
    shapes = [Point(5, 5), single, shapely.MultiPolygon([single]), *[Point(9, 9)] * 3]
    table = plan.buildings.table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    first = write_plan(replace(plan, buildings=Buildings(table)), tmp_path / "a.gpkg")
    back = read_plan(first)
    kinds = back.buildings.table.geom_type.tolist()
    assert kinds == ["Point", "Polygon", "MultiPolygon", "Point", "Point", "Point"]
    assert write_plan(back, tmp_path / "b.gpkg").read_bytes() == first.read_bytes()


def test_crs_without_a_code_comes_back(tmp_path):
    plan = street_plan()
    local = "+proj=tmerc +lat_0=1 +lon_0=104 +x_0=5 +y_0=5 +ellps=GRS80 +units=m"
    table = plan.buildings.table.set_crs(local, allow_override=True)
    first = write_plan(replace(plan, buildings=Buildings(table)), tmp_path / "a.gpkg")
    back = read_plan(first)
    assert back.buildings.table.crs.is_projected
    assert write_plan(back, tmp_path / "b.gpkg").read_bytes() == first.read_bytes()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError, pyogrio.errors.FeatureError])
def test_interrupted_write_leaves_the_old_file_and_nothing_else(path, tmp_path, monkeypatch, fault):
    before = path.read_bytes()
    write_layer = gpkg._write_layer

    def break_at_cells(draft, layer, frame):
        # a rename is whole only inside one file system
        assert draft.parent.parent == tmp_path
        if layer == "cells":
            raise fault("now")
        write_layer(draft, layer, frame)

    monkeypatch.setattr(gpkg, "_write_layer", break_at_cells)
    expected = KeyboardInterrupt if fault is KeyboardInterrupt else PlanFileError
    with pytest.raises(expected):
        write_plan(replace(street_plan(), seed=8), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.gpkg"]
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_old_file_is_replaced(path):
    write_plan(replace(street_plan(), seed=8), path)
    assert read_plan(path).seed == 8


def test_path_that_cannot_take_a_plan_is_refused(tmp_path):
    with pytest.raises(PlanFileError, match=r"suffix \.gpkg"):
        write_plan(street_plan(), tmp_path / "plan.geojson")
    with pytest.raises(PlanFileError, match="there is no folder"):
        write_plan(street_plan(), tmp_path / "none" / "plan.gpkg")
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(PlanFileError, match="this is a folder"):
        write_plan(street_plan(), tmp_path / "folder.gpkg")


def test_file_open_in_qgis_is_not_replaced_under_it(path):
    """QGIS keeps a log beside the file; SQLite would apply it to whatever stands there next."""
    with closing(sqlite3.connect(path)) as qgis:
        qgis.execute("pragma journal_mode=wal")
        qgis.execute("update plan set seed = 9")
        with pytest.raises(PlanFileError, match="open in another program"):
            check_plan_path(path)


def test_plan_that_is_not_whole_is_not_written(tmp_path):
    plan, path = street_plan(), tmp_path / "plan.gpkg"
    torn = np.array(["1-001", "1-002", "1-001", *["E-001"] * 3], dtype=object)
    with pytest.raises(PlanFileError, match=r"1 grids are not in one piece \(first: 1-001\)"):
        write_plan(replace(plan, grid_ids=torn), path)
    lost = np.array(["1-001", None, "1-002", *["E-001"] * 3], dtype=object)
    with pytest.raises(PlanFileError, match=r"1 buildings have no grid \(first: 08\)"):
        write_plan(replace(plan, grid_ids=lost), path)
    table = plan.buildings.table.set_crs(None, allow_override=True)
    with pytest.raises(PlanFileError, match="no CRS"):
        write_plan(replace(plan, buildings=Buildings(table)), path)
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_no_plan_is_refused_with_all_that_is_missing(tmp_path):
    path = tmp_path / "other.gpkg"
    points = gpd.GeoDataFrame({"building_id": ["a"]}, geometry=[Point(0, 0)], crs=CRS)
    pyogrio.write_dataframe(points, path, layer="buildings", driver="GPKG")
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    said = str(caught.value)
    assert "not a whole GridGeo plan" in said
    for layer in ("grids", "cells", "territory", "plan"):
        assert f"no layer '{layer}'" in said
    assert "layer 'buildings' has no households, population, community, grid_id" in said


def test_what_is_no_file_or_no_geopackage_is_refused(tmp_path):
    with pytest.raises(PlanFileError, match="no such file"):
        read_plan(tmp_path / "none.gpkg")
    with pytest.raises(PlanFileError, match="no such file"):
        read_plan(tmp_path)
    for name, content in (("text.gpkg", b"hello"), ("empty.gpkg", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PlanFileError, match="cannot be read"):
            read_plan(tmp_path / name)


def test_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(PlanFileError):
        read_plan(path)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update buildings set households = null where fid = 2", "'households' is empty in 1 rows"),
        ("update cells set building_id = '007' where fid = 2", "ids occur again (first: 007)"),
        ("update cells set neighbours = '[\"B4\"]' where fid = 1", "first: 007 and 08"),
        ("update cells set neighbours = '[\"??\"]' where fid = 1", "neighbours of 007 cannot"),
        ("update cells set neighbours = '[' where fid = 1", "neighbours of 007 cannot"),
        ("update plan set seed = 9 where community = 'E'", "'seed' differs between communities"),
        ("update plan set status = 'fine'", "'fine' is not a valid Status"),
        ("update plan set households_low = 99", "a band needs"),
        ("update plan set versions = '{'", "table 'plan'"),
        ("update plan set findings = '[{}]'", "table 'plan'"),
        ("delete from plan", "layer 'plan' is empty"),
        ("alter table plan drop column seed", "layer 'plan' has no seed"),
    ],
)  # fmt: skip
def test_damaged_plan_is_refused_by_name(path, statement, said):
    execute(path, statement)
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_rows_in_another_order_give_the_same_plan(path):
    execute(path, "update buildings set fid = 100 - fid")
    execute(path, "update cells set fid = 50 - fid where fid > 2")
    back = read_plan(path)
    assert back.buildings.ids.tolist() == IDS
    assert back.territory.edges.tolist() == street_plan().territory.edges.tolist()
