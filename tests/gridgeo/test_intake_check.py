"""The cross checks find what no single file shows."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from gridgeo.errors import Finding, InputError
from gridgeo.intake import check_community
from gridgeo.model import Buildings, Community

CRS = "EPSG:4548"


def community(shapes: list[object], **more: object) -> Community:
    """Buildings B0, B1, ... at metres from a corner; 1 household and 2 people each."""
    count = len(shapes)
    table = gpd.GeoDataFrame(
        {
            "building_id": [f"B{i}" for i in range(count)],
            "households": np.ones(count, dtype=np.int64),
            "population": np.array(more.pop("population", [2] * count), dtype=np.int64),
            "community": more.pop("community", ["G"] * count),
        },
        geometry=shapes,
        crs=CRS,
    )
    return Community(Buildings(table), **more)  # type: ignore[arg-type]


def edge(*shapes: object, **columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def only(town: Community) -> Finding:
    (found,) = check_community(town)
    return found


def test_a_sound_community_gives_no_findings() -> None:
    town = community(
        [Point(0, 0), box(20, 0, 30, 10), box(30, 0, 40, 10)], boundary=edge(box(-5, -5, 50, 50))
    )
    assert len(town.check()) == 0


def test_a_building_outside_the_boundary_is_an_error_with_its_distance() -> None:
    town = community([Point(5, 5), Point(30, 5), Point(60, 5)], boundary=edge(box(0, 0, 10, 10)))
    found = only(town)
    assert found.code == "building-outside"
    assert found.message == (
        "2 buildings stand outside the boundary, the first 20 m from it (first: B1)"
    )
    with pytest.raises(InputError, match="first 20 m"):
        town.check().raise_if_any()


def test_a_building_on_the_boundary_is_inside() -> None:
    town = community([Point(10, 5), box(8, 0, 12, 4)], boundary=edge(box(0, 0, 10, 10)))
    assert len(town.check()) == 0


def test_a_building_belongs_inside_the_boundary_of_its_own_community() -> None:
    halves = edge(box(0, 0, 10, 10), box(10, 0, 20, 10), community=["A", "B"])
    town = community([Point(5, 5), Point(6, 5)], community=["A", "B"], boundary=halves)
    assert "1 building stands outside the boundary of B, 4 m from it (B1)" in only(town).message
    town = community([Point(5, 5), Point(6, 5)], community=["A", "C"], boundary=halves)
    found = only(town)
    assert found.code == "community-without-boundary"
    assert found.first == "C"
    assert "knows A, B" in found.message


def test_more_households_than_people_is_odd() -> None:
    found = only(community([Point(0, 0), Point(9, 0)], population=[2, 0]))
    assert found.code == "fewer-people"
    assert found.first == "B1"
    town = community([Point(0, 0), Point(9, 0)], population=[2, 0])
    town.check().raise_if_any()  # a warning alone does not raise


def test_buildings_at_one_point_are_odd() -> None:
    found = only(community([Point(0, 0), Point(5, 0), Point(0, 0), Point(0.0001, 0)]))
    assert found.code == "one-point"
    assert (found.count, found.first) == (3, "B0")


def test_overlapping_footprints_are_odd_and_touching_ones_are_not() -> None:
    squares = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(15, 0, 25, 10), box(16, 2, 17, 4)]
    found = only(community(squares))
    assert found.code == "overlap"
    assert (found.count, found.first) == (3, "B1")


def test_a_building_far_from_all_others_is_odd() -> None:
    found = only(community([Point(0, 0), Point(10, 0), Point(1511, 0)]))
    assert found.code == "lonely"
    assert found.message == "1 building stands 1,501 m from all others (B2)"
    assert len(community([Point(0, 0)]).check()) == 0


def test_errors_come_before_what_reading_and_checking_found_odd(tmp_path: Path) -> None:
    from gridgeo.intake import read_community

    (tmp_path / "h.csv").write_text(
        "id,hh,pop,lon,lat\nA,3,2,116.400,39.9\nB,1,2,116.401,39.9\nC,1,2,116.405,39.9\n"
    )
    gpd.GeoDataFrame(geometry=[box(116.39, 39.89, 116.402, 39.91)], crs=4326).to_file(
        tmp_path / "b.gpkg"
    )
    town = read_community(tmp_path / "h.csv", boundary=tmp_path / "b.gpkg")
    assert [found.code for found in town.check()] == ["building-outside", "fewer-people"]
