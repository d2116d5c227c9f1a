"""A job can be told what the command line can, and says in its own words what is wrong."""

from __future__ import annotations

import shutil
import zipfile

import geopandas as gpd
import pytest
import shapely
from PIL import Image
from small_stores import ANN
from test_jobs import blocks, uploaded

from gridgeo.jobs.child import run
from gridgeo.plan_file import read_plan
from gridgeo.store import NewJob, Store


@pytest.fixture
def place(tmp_path):
    """A store with a community; jobs run in this process."""
    store = Store.open(tmp_path / "data")
    with store.write(ANN) as unit:
        community = unit.communities.add(slug="blocks", name="Blocks").id
    yield store, community, None
    store.close()


def done(place, kind, /, **arguments):
    """The job after it ran."""
    store, community, _ = place
    with store.write(ANN) as unit:
        job = unit.jobs.add(NewJob(kind, arguments, community_id=community)).id
        unit.jobs.claim("here")
    run(store, job, "here")
    with store.read() as unit:
        return unit.jobs.get(job)


def plan_of(place, job, path):
    store = place[0]
    assert job.state == "done", job.error
    with store.read() as unit:
        row = unit.plans.get(job.result["plan_id"])
    return read_plan(store.save(row.file_sha256, path))


def test_a_table_in_gbk_is_taken_once_mending_it_is_asked_for(place, tmp_path):
    shapes = gpd.read_file(blocks(tmp_path / "b.gpkg")).to_crs(4326)
    middle = shapes.geometry.representative_point()
    table = shapes.drop(columns="geometry").assign(lon=middle.x, lat=middle.y, 楼名="和平里")
    table.to_csv(tmp_path / "b.csv", index=False, encoding="gbk")
    sent = uploaded(place, tmp_path / "b.csv")
    refused = done(place, "check", buildings=sent)
    assert (refused.state, refused.error["code"]) == ("failed", "input-unusable")
    assert '"mend": true' in refused.error["message"]
    assert "--" not in refused.error["message"]
    assert '"mend": true' in refused.error["findings"][0]["fix"]
    taken = done(place, "check", buildings=sent, mend=True)
    assert taken.state == "done", taken.error
    assert taken.result["counts"]["buildings"] == 12


def test_one_part_of_a_shapefile_is_told_to_come_with_the_others(place, tmp_path):
    named = {"building_id": "id", "households": "hh", "population": "people"}
    gpd.read_file(blocks(tmp_path / "b.gpkg")).rename(columns=named).to_file(tmp_path / "b.shp")
    job = done(place, "check", buildings=uploaded(place, tmp_path / "b.shp"))
    assert job.state == "failed"
    assert job.error["message"].startswith("b.shp is one part of a shapefile")
    assert ".zip" in job.error["findings"][0]["fix"]


def test_of_several_layers_the_one_named_is_read(place, tmp_path):
    path = tmp_path / "town.gpkg"
    shutil.copy(blocks(tmp_path / "b.gpkg"), tmp_path / "b2.gpkg")
    gpd.read_file(tmp_path / "b.gpkg").to_file(path, layer="houses")
    gpd.read_file(tmp_path / "b.gpkg").head(3).to_file(path, layer="sheds")
    sent = uploaded(place, path)
    unclear = done(place, "check", buildings=sent)
    assert unclear.error["findings"][0]["code"] == "layer-unclear"
    assert '"layers"' in unclear.error["message"]
    named = done(place, "check", buildings=sent, layers={"buildings": "sheds"})
    assert named.state == "done", named.error
    assert named.result["counts"]["buildings"] == 3


def test_a_division_can_start_from_a_plan_and_be_told_how_far_its_ground_reaches(place, tmp_path):
    sent = uploaded(place, blocks(tmp_path / "b.gpkg"))
    buildings = done(place, "check", buildings=sent).result["building_set_id"]
    first = done(place, "partition", building_set_id=buildings)
    wide = plan_of(place, first, tmp_path / "first.gpkg")
    again = done(
        place,
        "partition",
        building_set_id=buildings,
        start_plan_id=first.result["plan_id"],
        reach_m=30.0,
    )
    narrow = plan_of(place, again, tmp_path / "again.gpkg")
    assert narrow.record.versions[-1].recipe["start"] == wide.record.versions[-1].digest
    assert shapely.area(narrow.territory.cells).sum() < shapely.area(wide.territory.cells).sum()


def test_a_redraw_keeps_the_limits_of_its_plan_unless_told_others(place, tmp_path):
    sent = uploaded(place, blocks(tmp_path / "b.gpkg"))
    buildings = done(place, "check", buildings=sent).result["building_set_id"]
    asked = {"building_set_id": buildings, "population": "0:5000"}
    old = done(place, "partition", households="200:300", **asked).result["plan_id"]
    kept = done(place, "redraw", plan_id=old, building_set_id=buildings)
    assert str(plan_of(place, kept, tmp_path / "kept.gpkg").limits.households) == "200:300"
    other = done(place, "redraw", plan_id=old, households="500:600", **asked)
    drawn = plan_of(place, other, tmp_path / "other.gpkg")
    assert str(drawn.limits.households) == "500:600"
    assert len(set(drawn.grid_ids)) == 2


def test_what_the_buildings_cannot_be_divided_by_is_told_at_once(place, tmp_path):
    sent = uploaded(place, blocks(tmp_path / "b.gpkg"))
    buildings = done(place, "check", buildings=sent).result["building_set_id"]
    job = done(place, "partition", building_set_id=buildings, kind="use", quarter="yard")
    codes = {finding["code"] for finding in job.error["findings"]}
    assert len(codes) == 2, job.error
    assert '"kind" use' in job.error["message"]


def test_a_publication_names_whose_data_it_is(place, tmp_path):
    store = place[0]
    sent = uploaded(place, blocks(tmp_path / "b.gpkg"))
    buildings = done(place, "check", buildings=sent).result["building_set_id"]
    plan = done(place, "partition", building_set_id=buildings).result["plan_id"]
    job = done(place, "publish", plan_id=plan, prints=False, topojson=True, credits="(c) Ann")
    assert job.state == "done", job.error
    with store.read() as unit:
        files = {file.path: file for file in unit.publications.files(job.result["publication_id"])}
        page = unit.files.read(files["index.html"].file_sha256).decode()
    assert "(c) Ann" in page
    assert "grids.topojson" in files


def test_photos_come_in_an_archive_beside_the_table_and_from_nowhere_else(place, tmp_path):
    store = place[0]
    sent = uploaded(place, blocks(tmp_path / "b.gpkg"))
    buildings = done(place, "check", buildings=sent).result["building_set_id"]
    drawn = done(place, "partition", building_set_id=buildings)
    grid = plan_of(place, drawn, tmp_path / "plan.gpkg").grid_ids[0]
    table = tmp_path / "workers.csv"
    table.write_text(
        f"grid_id,name,consent,photo\n{grid},Ann,yes,faces/ann.png\n", encoding="utf-8"
    )
    Image.new("RGB", (200, 200), "red").save(tmp_path / "ann.png")

    def publish(inside):
        with zipfile.ZipFile(tmp_path / "photos.zip", "w") as zipped:
            zipped.write(tmp_path / "ann.png", inside)
        return done(
            place,
            "publish",
            plan_id=drawn.result["plan_id"],
            prints=False,
            owners=uploaded(place, table),
            photos=uploaded(place, tmp_path / "photos.zip"),
        )

    job = publish("faces/ann.png")
    assert job.state == "done", job.error
    with store.read() as unit:
        files = unit.publications.files(job.result["publication_id"])
        page = unit.files.read(
            next(file for file in files if file.path == f"grids/{grid}.html").file_sha256
        )
    assert b"data:image/" in page or any(file.path.startswith("photos/") for file in files)
    astray = publish("../ann.png")
    assert astray.error["findings"][0]["code"] == "photos-unusable"
