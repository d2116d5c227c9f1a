"""Buildings by place on disk: found after a restart, after a crash, after edits; never stale."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from small_plans import block_plan

import gridgeo as gg
from gridgeo.building_index import _EDITS, _FOLDER, _OPEN
from gridgeo.crs import lonlat_of
from gridgeo.model import Buildings

CRS = pyproj.CRS.from_epsg(3414)


def degrees(x: float, y: float) -> tuple[float, float]:
    return tuple(lonlat_of(np.array([[x, y]]), CRS)[0].tolist())


def footprint_plan() -> gg.Plan:
    """The block plan with footprints of 40 m; B05 is L-shaped around the corner of its box."""
    plan = block_plan()
    table = plan.buildings.table.copy()
    shapes = [box(x - 20, y - 20, x + 20, y + 20) for x, y in plan.buildings.xy]
    shapes[5] = shapes[5].difference(
        box(shapes[5].bounds[0] + 5, shapes[5].bounds[1] + 5, 1e4, 1e4)
    )
    table["geometry"] = shapes
    return replace(plan, buildings=Buildings(table))


@pytest.fixture
def path(tmp_path):
    return footprint_plan().save(tmp_path / "plan.gpkg")


def test_a_building_is_found_at_its_place_and_none_beside(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        assert len(index) == 12
        assert index.building_at(*degrees(50, 50)) == "B00"
        assert index.building_at(*degrees(100, 50)) == ""
        # within the box of B05, not within its walls
        assert index.building_at(*degrees(160, 160)) == ""
        assert index.building_at(*degrees(132, 160)) == "B05"


def test_the_nearest_building_is_nearest_by_its_walls_not_its_box(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        near = index.nearest(*degrees(168, 168))
        assert near is not None
        # the box of B05 holds the place; its walls are 33 m away, those of B10 and B06 as B05's
        table = footprint_plan().buildings.table
        by_hand = min(
            (round(shape.distance(Point(168, 168)), 6), name)
            for name, shape in zip(table["building_id"], table.geometry, strict=True)
        )
        assert (round(near.distance_m, 5), near.building_id) == (round(by_hand[0], 5), by_hand[1])
        inside = index.nearest(*degrees(50, 50))
        assert inside is not None
        assert (inside.building_id, inside.distance_m) == ("B00", 0.0)


def test_a_restart_reads_what_is_there(path) -> None:
    gg.BuildingIndex.open(path).close()
    with gg.BuildingIndex.open(path) as again:
        assert not again.rebuilt
        assert again.building_at(*degrees(50, 50)) == "B00"


def test_edits_survive_a_restart(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        index.insert("NEW", box(90, 40, 110, 60))
        index.delete("B00", box(30, 30, 70, 70))
    with gg.BuildingIndex.open(path) as again:
        assert not again.rebuilt
        assert len(again) == 12
        assert again.building_at(*degrees(100, 50)) == "NEW"
        assert again.building_at(*degrees(50, 50)) == ""


def test_edits_survive_a_crash(path, tmp_path) -> None:
    index = gg.BuildingIndex.open(path)
    index.insert("NEW", box(90, 40, 110, 60))
    index.delete("B00", box(30, 30, 70, 70))
    # what a killed process leaves: the folder as it is now, nothing closed
    shutil.copytree(path.with_name(path.name + _FOLDER), tmp_path / "left")
    index.close()
    folder = path.with_name(path.name + _FOLDER)
    shutil.rmtree(folder)
    (tmp_path / "left").rename(folder)
    with (folder / _EDITS).open("a") as journal:
        journal.write('{"do": "insert", "id": "HA')  # cut short
    assert (folder / _OPEN).exists()
    with gg.BuildingIndex.open(path) as again:
        assert again.rebuilt
        assert again.building_at(*degrees(100, 50)) == "NEW"
        assert again.building_at(*degrees(50, 50)) == ""
    with gg.BuildingIndex.open(path) as third:
        assert not third.rebuilt
        assert third.building_at(*degrees(100, 50)) == "NEW"


def test_an_index_of_other_buildings_is_made_again(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        index.insert("NEW", box(90, 40, 110, 60))
    plan = footprint_plan()
    table = plan.buildings.table.copy()
    table["geometry"] = table.geometry.translate(0, 1000)
    replace(plan, buildings=Buildings(table)).save(path)
    with gg.BuildingIndex.open(path) as again:
        assert again.rebuilt
        assert len(again) == 12
        assert again.building_at(*degrees(50, 50)) == ""
        assert again.building_at(*degrees(50, 1050)) == "B00"


def test_other_changes_of_the_plan_file_do_not_make_it_stale(path) -> None:
    gg.BuildingIndex.open(path).close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE gpkg_contents SET last_change = '2024-01-01T00:00:00.000Z'")
    with gg.BuildingIndex.open(path) as again:
        assert not again.rebuilt


@pytest.mark.parametrize("lost", ["tree.idx", "tree.dat", "meta.json"])
def test_a_damaged_index_is_made_again(path, lost) -> None:
    gg.BuildingIndex.open(path).close()
    (path.with_name(path.name + _FOLDER) / lost).unlink()
    with gg.BuildingIndex.open(path) as again:
        assert again.rebuilt
        assert again.building_at(*degrees(50, 50)) == "B00"


def test_deleting_with_a_box_that_is_not_its_own_still_deletes(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        index.delete("B00", Point(55, 45))
        assert len(index) == 11
        assert index.building_at(*degrees(50, 50)) == ""


@pytest.mark.parametrize(("name", "place"), [("B00", (350, 250)), ("B99", (50, 50))])
def test_deleting_what_does_not_stand_there_is_refused_and_changes_nothing(
    path, name, place
) -> None:
    with gg.BuildingIndex.open(path) as index:
        with pytest.raises(gg.InputError, match=f"building '{name}' does not stand there"):
            index.delete(name, Point(place))
        assert len(index) == 12


def test_inserting_twice_or_nowhere_is_refused(path) -> None:
    with gg.BuildingIndex.open(path) as index:
        with pytest.raises(gg.InputError, match="'B00' stands there already"):
            index.insert("B00", box(40, 40, 60, 60))
        with pytest.raises(gg.InputError, match="no place"):
            index.insert("NEW", shapely.Polygon())
        assert len(index) == 12


def test_no_plan_no_index(tmp_path) -> None:
    with pytest.raises(gg.PlanFileError, match="no such file"):
        gg.BuildingIndex.open(tmp_path / "plan.gpkg")
    (tmp_path / "plan.gpkg").write_text("lon,lat")
    with pytest.raises(gg.PlanFileError, match="not a GridGeo plan"):
        gg.BuildingIndex.open(tmp_path / "plan.gpkg")
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.gpkg"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return footprint_plan().save(tmp_path_factory.mktemp("saved") / "plan.gpkg")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 400), st.integers(0, 300)), max_size=12),
    st.tuples(st.integers(-50, 450), st.integers(-50, 350)),
)
def test_after_any_edits_the_index_answers_as_a_list_would(
    saved, tmp_path_factory, edits, place
) -> None:
    path = shutil.copy(saved, tmp_path_factory.mktemp("edits") / "plan.gpkg")
    table = footprint_plan().buildings.table
    held = dict(zip(table["building_id"], table.geometry, strict=True))
    with gg.BuildingIndex.open(path) as index:
        for row, x, y in edits:
            name = f"B{row:02d}"
            if name in held:
                index.delete(name, held.pop(name))
            else:
                held[name] = box(x, y, x + 15, y + 25)
                index.insert(name, held[name])
        near = index.nearest(*degrees(*place))
        by_hand = min((shape.distance(Point(place)), name) for name, shape in held.items())
        assert len(index) == len(held)
        assert near is not None
        assert near.distance_m == pytest.approx(by_hand[0], abs=1e-4)
