"""A building larger than a grid is split by its entrances; nothing of it is lost."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate
from small_rosters import HEADER, giant, write_buildings, write_csv

from gridgeo.entrances import split_large, strips
from gridgeo.intake import read_community
from gridgeo.model import Band, Limits, Objective

SMALL = Limits(households=Band(2, 4), population=Band(2, 100))
LONG = box(0, 0, 80, 12)
SHAPES = {
    "slab": LONG,
    "turned slab, far from the origin": rotate(box(500_000, 3e6, 500_080, 3_000_012), 33),
    "U": Polygon([(0, 0), (60, 0), (60, 40), (45, 40), (45, 12), (15, 12), (15, 40), (0, 40)]),
    "tall U": Polygon([(0, 0), (40, 0), (40, 90), (28, 90), (28, 12), (12, 12), (12, 90), (0, 90)]),
    "S": Polygon([(0, 0), (60, 0), (60, 10), (10, 10), (10, 20), (60, 20), (60, 50), (0, 50),
                  (0, 40), (50, 40), (50, 30), (0, 30)]),
    "round a court": box(0, 0, 60, 40).difference(box(10, 10, 50, 30)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("households", [[350] * 4, [1, 700, 699], [10, 20], [3] * 11])
def test_strips_are_the_footprint_and_each_touches_the_next(shape, households) -> None:
    parts = strips(shape, np.array(households))
    assert len(parts) == len(households)
    assert (shapely.get_type_id(parts) == 3).all()
    assert shapely.is_valid(parts).all()
    assert shapely.area(shapely.symmetric_difference(shapely.union_all(parts), shape)) < 1e-6
    assert shapely.area(parts).sum() == pytest.approx(shape.area, abs=1e-6)
    border_m = shapely.length(shapely.intersection(parts[:-1], parts[1:]))
    assert (border_m > 0.01).all()


def test_strips_of_a_slab_are_as_wide_as_their_households_and_run_east() -> None:
    parts = strips(LONG, np.array([100, 300, 400]))
    assert np.round(shapely.bounds(parts)[:, [0, 2]]).tolist() == [[0, 10], [10, 40], [40, 80]]


def test_two_houses_that_are_one_building_part_without_loss() -> None:
    twins = MultiPolygon([box(0, 0, 20, 20), box(30, 0, 50, 20)])
    parts = strips(twins, np.array([1, 1, 1]))
    assert shapely.is_valid(parts).all()
    assert shapely.area(shapely.symmetric_difference(shapely.union_all(parts), twins)) < 1e-9


def test_a_point_becomes_points_two_metres_apart_about_it() -> None:
    parts = strips(Point(10, 5), np.array([7, 1, 9]))
    assert shapely.get_coordinates(parts).tolist() == [[8, 5], [10, 5], [12, 5]]


def roster(folder: Path, entrances: str) -> Path:
    rows = [(f"H{k}", "B2", entrance, 2, "") for k, entrance in enumerate(entrances.split(","))]
    return write_csv(folder / "r.csv", [*rows, ("X", "B1", "1", 1, ""), ("Y", "B1", "2", 1, "")])


def test_parts_sort_as_a_person_counts_and_keep_their_building(tmp_path: Path) -> None:
    path = write_buildings(tmp_path / "b.gpkg", elderly=[1, 7, 3])
    town = read_community(path, roster=roster(tmp_path, "10,2,10,1,2,10"))
    parted = split_large(town, SMALL, objective=Objective(workload="elderly", balance=1.0))
    table = parted.buildings.table
    assert table["building_id"].tolist() == ["B1", "B2/1", "B2/10", "B2/2", "B3"]
    assert table["building"].tolist() == ["B1", "B2", "B2", "B2", "B3"]
    assert table["entrance"].tolist() == ["", "1", "10", "2", ""]
    assert table["households"].tolist() == [2, 1, 3, 2, 0]
    assert table["source_rows"].tolist() == ["8-9", "5", "2, 4, 7", "3, 6", ""]
    # of the workload each part has its share, not the whole of it again
    assert table["elderly"].tolist() == [1, 1, 4, 2, 3]
    (whole,) = parted.buildings.parts
    assert (whole.id, whole.rows) == ("B2", (1, 3, 2))
    assert whole.shape.equals(town.buildings.table.geometry[1])
    west = shapely.bounds(np.asarray(table.geometry.values))[list(whole.rows), 0]
    assert (np.diff(west) > 0).all()
    assert [f.code for f in parted.check()][-1] == "building-split"
    assert split_large(parted, SMALL) is parted


def test_a_building_that_fits_in_a_grid_is_not_split(tmp_path: Path) -> None:
    town = read_community(write_buildings(tmp_path / "b.gpkg"), roster=roster(tmp_path, "1,2,3,4"))
    assert split_large(town, SMALL) is town
    crowded = Limits(households=Band(2, 4), population=Band(2, 7))
    assert len(split_large(town, crowded).buildings) == 6


def test_households_without_entrance_are_a_part_and_told(tmp_path: Path) -> None:
    town = read_community(
        write_buildings(tmp_path / "b.gpkg"), roster=roster(tmp_path, "1,,2,2,,1")
    )
    parted = split_large(town, SMALL)
    assert parted.buildings.ids.tolist() == ["B1", "B2/1", "B2/2", "B2/?", "B3"]
    assert parted.buildings.households.tolist() == [2, 2, 2, 2, 0]
    (told,) = (f for f in parted.check() if f.code == "entrance-unnamed")
    assert "2 in all" in told.message


@pytest.mark.parametrize("entrances", [",,,,,", "1,1,1,1,1,1", "1,,,,,"])
def test_a_building_without_two_entrances_stays_whole_and_is_told(
    tmp_path: Path, entrances: str
) -> None:
    town = read_community(write_buildings(tmp_path / "b.gpkg"), roster=roster(tmp_path, entrances))
    parted = split_large(town, SMALL)
    assert parted.buildings is town.buildings
    assert [f.first for f in parted.check() if f.code == "building-not-split"] == ["B2"]


def test_an_id_that_is_taken_is_not_given_to_a_part(tmp_path: Path) -> None:
    path = write_buildings(tmp_path / "b.gpkg")
    frame = gpd.read_file(path)
    frame["building_id"] = ["B1", "B2", "B2/1"]
    frame.to_file(path, layer="buildings")
    parted = split_large(read_community(path, roster=roster(tmp_path, "1,2,1,2,1")), SMALL)
    assert parted.buildings.ids.tolist() == ["B1", "B2/1", "B2/1/", "B2/2"]


def test_a_town_without_a_roster_comes_back_as_it_is(tmp_path: Path) -> None:
    path = write_buildings(tmp_path / "b.gpkg", households=[9, 9, 9], population=[9, 9, 9])
    town = read_community(path)
    assert split_large(town, SMALL) is town


def test_a_file_with_columns_of_these_names_keeps_them(tmp_path: Path) -> None:
    path = write_buildings(tmp_path / "b.gpkg", building=["x", "y", "z"], source_rows=[7, 8, 9])
    town = read_community(
        path, roster=write_csv(tmp_path / "r.csv", [("H", "B1", "", 1, "")], HEADER)
    )
    assert town.buildings.table["building_source"].tolist() == ["x", "y", "z"]
    assert town.buildings.table["source_rows_source"].tolist() == [7, 8, 9]
    assert town.buildings.table["building"].tolist() == ["B1", "B2", "B3"]


def test_the_giant_of_the_tests_is_what_its_drawing_says(tmp_path: Path) -> None:
    buildings, path = giant(tmp_path)
    town = split_large(read_community(buildings, roster=path))
    assert len(town.buildings) == 4 + 8
    assert town.buildings.households.sum() == 4 * 350 + 8 * 45
