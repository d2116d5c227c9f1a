"""gridgeo territory: places alone are enough, and what was found is told in a line."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from shapely import LineString, box
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.intake import read_community, read_ground
from gridgeo.plan_file import read_plan

CRS = "EPSG:4548"
EAST, NORTH = 500_000, 4_400_000


@pytest.fixture
def folder(tmp_path):
    """Six houses, three on each side of a canal, a footbridge at the middle pair; no counts."""
    houses = [
        box(EAST + x, NORTH + y, EAST + x + 10, NORTH + y + 10)
        for y in (60, 20) for x in (0, 60, 120)
    ]  # fmt: skip
    frame = gpd.GeoDataFrame({"id": [f"0{k}" for k in range(6)]}, geometry=houses, crs=CRS)
    frame.to_file(tmp_path / "h.gpkg", layer="buildings")
    area = box(EAST - 20, NORTH, EAST + 150, NORTH + 90)
    gpd.GeoDataFrame(geometry=[area], crs=CRS).to_file(tmp_path / "h.gpkg", layer="boundary")
    canal = LineString([(EAST - 50, NORTH + 45), (EAST + 200, NORTH + 45)])
    gpd.GeoDataFrame({"waterway": ["canal"], "tunnel": [None]}, geometry=[canal], crs=CRS).to_file(
        tmp_path / "h.gpkg", layer="waterway"
    )
    bridge = LineString([(EAST + 65, NORTH + 55), (EAST + 65, NORTH + 35)])
    gpd.GeoDataFrame({"highway": ["footway"], "layer": [1]}, geometry=[bridge], crs=CRS).to_file(
        tmp_path / "h.gpkg", layer="streets"
    )
    return tmp_path


def run(folder, *words):
    file = folder / "h.gpkg"
    fixed = ["territory", f"{file}:buildings", "--boundary", f"{file}:boundary"]
    return CliRunner().invoke(app, [*fixed, "--barriers", str(file), *map(str, words)])


def test_cells_edges_and_forbidden_contacts_are_written_and_told(folder):
    done = run(folder, "-o", folder / "t.gpkg")
    assert done.exit_code == 0, done.output
    assert "6 cells on 1.5 ha, 5 edges, 2 contacts forbidden, in one part" in done.output
    names = [name for name, _ in pyogrio.list_layers(folder / "t.gpkg")]
    assert names == ["cells", "edges", "forbidden", "territory", "findings"]
    edges = pyogrio.read_dataframe(folder / "t.gpkg", layer="edges")
    over = edges[edges["reason"] == "bridge"]
    assert over[["a", "b", "barrier"]].to_numpy().tolist() == [["01", "04", "river"]]
    cells = pyogrio.read_dataframe(folder / "t.gpkg", layer="cells")
    assert cells["building_id"].tolist() == [f"0{k}" for k in range(6)]
    assert cells["area_m2"].sum() == pytest.approx(170 * 90)
    again = run(folder, "-o", folder / "again.gpkg")
    assert again.exit_code == 0
    assert (folder / "again.gpkg").read_bytes() == (folder / "t.gpkg").read_bytes()


def test_edges_by_hand_change_the_territory(folder):
    (folder / "e.csv").write_text("甲,乙,操作,原因\n00,03,增加,渡口\n01,04,删除,桥已封\n", "utf-8")
    done = run(folder, "-o", folder / "t.gpkg", "--edges", folder / "e.csv")
    assert done.exit_code == 0, done.output
    edges = pyogrio.read_dataframe(folder / "t.gpkg", layer="edges")
    assert edges[edges["a"] == "00"]["reason"].tolist() == ["shared border", "by hand: 渡口"]
    shut = pyogrio.read_dataframe(folder / "t.gpkg", layer="forbidden")
    assert "by hand: 桥已封" in shut["reason"].tolist()


def test_faults_of_every_file_come_in_one_message_and_nothing_is_written(folder):
    (folder / "e.csv").write_text("a,b,action,reason\n00,99,add,x\n01,01,cut,y\n02,05,add,\n")
    done = run(
        folder, "-o", folder / "t.gpkg", "--edges", folder / "e.csv", "--reach", "no",
    )  # fmt: skip
    assert done.exit_code == 2
    for said in (
        "--reach no", "row 2: 00 and 99", "joins a building with itself (row 3", "has no reason",
        "nothing was written",
    ):  # fmt: skip
        assert said in done.stderr
    assert not (folder / "t.gpkg").exists()


def test_a_foreign_file_is_not_replaced(folder):
    before = (folder / "h.gpkg").read_bytes()
    frame = gpd.GeoDataFrame({"x": [1]}, geometry=[box(0, 0, 1, 1)], crs=CRS)
    frame.to_file(folder / "other.gpkg")
    for name in ("h.gpkg", "other.gpkg"):
        assert run(folder, "-o", folder / name).exit_code == 2
    assert (folder / "h.gpkg").read_bytes() == before


def test_places_alone_are_read_with_counts_of_zero(folder):
    town = read_ground(f"{folder / 'h.gpkg'}:buildings")
    assert town.buildings.households.tolist() == [0] * 6
    assert town.columns == {"building_id": "id"}


def test_words_of_maps_tell_motorways_tunnels_and_rails_that_are_gone(folder):
    path = folder / "lines.gpkg"
    rows = [
        ("motorway", None, None, None, None, "motorway", False, False),
        ("trunk", None, None, None, None, "street", False, False),
        ("trunk", None, None, None, "yes", "motorway", False, False),
        ("footway", None, "yes", None, None, "street", False, True),
        ("footway", None, None, "-1", None, "street", False, True),
        ("footway", None, None, "1", None, "street", True, False),
        (None, "abandoned", None, None, None, None, False, False),
        (None, "rail", "yes", None, None, "rail", False, True),
    ]
    names = ["highway", "railway", "tunnel", "layer", "motorroad"]
    shapes = [LineString([(EAST, NORTH + k), (EAST + 90, NORTH + k)]) for k in range(len(rows))]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path, layer="ways")
    chinese = gpd.GeoDataFrame({"类型": ["高速公路", "天桥", "地道"]}, geometry=shapes[:3], crs=CRS)
    chinese.to_file(path, layer="more")
    houses = gpd.read_file(folder / "h.gpkg", layer="buildings")
    houses.assign(households=5, population=9).to_file(folder / "c.gpkg")
    lines = read_community(folder / "c.gpkg", barriers=path).barriers
    told = sorted(zip(lines["kind"], lines["bridge"], lines["tunnel"], strict=True))
    asked = [row[5:] for row in rows if row[5] is not None]
    asked += [("motorway", False, False), ("street", True, False), ("street", False, True)]
    assert told == sorted(asked)
    assert np.array(lines["tunnel"]).dtype == bool


def test_edges_by_hand_reach_the_plan_and_its_check(folder):
    houses = gpd.read_file(folder / "h.gpkg", layer="buildings")
    houses.assign(households=10, population=30).to_file(folder / "c.gpkg")
    (folder / "e.csv").write_text("a,b,action,reason\n00,03,add,ferry\n01,04,remove,closed\n")
    words = [
        "partition", folder / "c.gpkg", "--boundary", f"{folder / 'h.gpkg'}:boundary",
        "--barriers", folder / "h.gpkg", "--edges", folder / "e.csv", "--households", "20:20",
        "--population", "60:60", "-o", folder / "plan.gpkg",
    ]  # fmt: skip
    done = CliRunner().invoke(app, list(map(str, words)))
    # three on each side of the canal: only over the ferry can every grid hold two
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["evaluate", str(folder / "plan.gpkg")]).exit_code == 0
    plan = read_plan(folder / "plan.gpkg")
    row = plan.territory.edges.tolist().index([0, 3])
    assert plan.territory.reason[row] == "by hand: ferry"
    assert plan.grid_ids[0] == plan.grid_ids[3]
    assert "by hand: closed" in plan.territory.forbidden.reason.tolist()
