"""The territory on towns small enough to draw."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from gridgeo.errors import InputError
from gridgeo.model import SOLE_COMMUNITY, Buildings, Territory
from gridgeo.territory import build_territory, coverage_faults

CRS = 3414


def buildings(*shapes, ids=None, communities=None) -> Buildings:
    n = len(shapes)
    return Buildings(
        gpd.GeoDataFrame(
            {
                "building_id": ids or [f"B{i}" for i in range(n)],
                "households": np.full(n, 10),
                "population": np.full(n, 30),
                "community": communities or [SOLE_COMMUNITY] * n,
            },
            geometry=list(shapes),
            crs=CRS,
        )
    )


def points(*xy, **columns) -> Buildings:
    return buildings(*(Point(at) for at in xy), **columns)


def boundary(*shapes, communities=None) -> gpd.GeoDataFrame:
    columns = {} if communities is None else {"community": communities}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def barriers(*rows) -> gpd.GeoDataFrame:
    """Rows of (kind, bridge, coordinates)."""
    kind, bridge, lines = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"kind": kind, "bridge": bridge}, geometry=[LineString(xy) for xy in lines], crs=CRS
    )


def edges(territory: Territory) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in territory.edges]


def codes(territory: Territory) -> list[str]:
    return [finding.code for finding in territory.findings]


def assert_sound(territory: Territory, town: Buildings) -> None:
    faults = coverage_faults(territory.cells, territory.area)
    assert faults.none, faults
    assert len(territory.cells) == len(town)
    assert (territory.border_m >= 1.0).all()


def test_discs_that_meet_share_their_border():
    """o--100 m--o: the border is the chord of two circles of 150 m."""
    town = points((0, 0), (100, 0))
    territory = build_territory(town)
    assert_sound(territory, town)
    assert edges(territory) == [(0, 1)]
    assert territory.border_m[0] == pytest.approx(2 * np.sqrt(150**2 - 50**2), rel=0.01)
    assert codes(territory) == []


def test_territory_not_given_is_the_union_of_discs():
    town = points((0, 0), (100, 0), (100, 120))
    territory = build_territory(town, reach_m=80)
    discs = shapely.union_all(shapely.buffer(town.table.geometry.values, 80))
    assert shapely.area(shapely.symmetric_difference(territory.area, discs)) < 1e-6
    # each cell lies within its own disc, up to the corners of the drawn circle
    for cell, at in zip(territory.cells, town.table.geometry, strict=True):
        assert at.buffer(80.5).covers(cell)


def test_discs_that_do_not_meet_are_told_and_not_joined():
    """Three houses here, one 1,000 m east."""
    town = points((0, 0), (50, 0), (0, 50), (1050, 0))
    territory = build_territory(town)
    assert_sound(territory, town)
    assert all(3 not in edge for edge in edges(territory))
    finding, lonely = territory.findings
    assert (lonely.code, lonely.first) == ("building-without-neighbour", "B3")
    assert (finding.code, finding.count, finding.first) == ("separate-parts", 1, "B3")
    assert "2 parts" in finding.message
    assert "1000 m" in finding.message


def test_parts_are_counted_within_each_community():
    town = points((0, 0), (50, 0), (1000, 0), (1050, 0), communities=["E", "E", "W", "W"])
    assert codes(build_territory(town)) == []


def test_one_building_has_the_whole_disc():
    town = points((5e5, 3.3e6))
    territory = build_territory(town)
    assert_sound(territory, town)
    assert territory.edges.shape == (0, 2)


def test_buildings_in_a_row_touch_only_the_next():
    town = points((0, 0), (100, 0), (200, 0))
    assert edges(build_territory(town)) == [(0, 1), (1, 2)]


def test_corner_contact_is_no_edge():
    """Four buildings in a square: the diagonal pairs meet at a point only."""
    town = points((0, 0), (0, 100), (100, 0), (100, 100))
    territory = build_territory(town, boundary=boundary(box(-50, -50, 150, 150)))
    assert edges(territory) == [(0, 1), (0, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize("many", [2, 3, 40])
def test_buildings_at_one_point_each_get_a_cell(many):
    town = points(*[(7, 7)] * many, (90, 0))
    territory = build_territory(town)
    assert_sound(territory, town)
    assert codes(territory) == []


def test_equal_footprints_each_get_a_cell():
    house = box(0, 0, 20, 12)
    town = buildings(house, house, house, box(40, 0, 60, 12))
    territory = build_territory(town)
    assert_sound(territory, town)
    areas = shapely.area(territory.cells[:3])
    assert areas.min() > 0.1 * areas.max()


def test_footprint_inside_another_gets_a_cell():
    """A kiosk in the hall of a market: its cell is an island in the other's."""
    town = buildings(box(0, 0, 60, 60), box(25, 25, 35, 35))
    territory = build_territory(town)
    assert_sound(territory, town)
    assert edges(territory) == [(0, 1)]


def test_crossing_footprints_and_points_inside_them_get_cells():
    town = buildings(box(0, 20, 60, 40), box(20, 0, 40, 60), Point(30, 30), Point(20, 20))
    assert_sound(build_territory(town), town)


def test_terraced_houses_share_the_party_wall():
    town = buildings(box(0, 0, 10, 10), box(10, 0, 20, 10))
    territory = build_territory(town, boundary=boundary(box(-5, -5, 25, 15)))
    assert shapely.intersection(*territory.cells).hausdorff_distance(
        LineString([(10, -5), (10, 15)])
    ) == pytest.approx(0, abs=0.2)


def test_building_of_two_parts_keeps_one_cell():
    """The second part of building 0 stands behind building 1."""
    two = MultiPolygon([box(0, 0, 30, 30), box(100, 10, 110, 20)])
    town = buildings(two, box(50, 0, 80, 30))
    territory = build_territory(town, boundary=boundary(box(-10, -10, 120, 40)))
    assert_sound(territory, town)
    assert territory.cells[0].contains(box(0, 0, 30, 30))


def test_cell_that_a_bay_would_tear_stays_in_one_part():
    """A U-shaped boundary: the far arm is nearer to the wrong building across the bay."""
    bay = box(0, 0, 100, 200).difference(box(40, 20, 60, 200))
    town = points((35, 190), (80, 10))
    territory = build_territory(town, boundary=boundary(bay))
    assert_sound(territory, town)


def test_buildings_on_the_boundary_belong_to_it():
    town = points((0, 50), (100, 100), (100, 50.0))
    assert_sound(build_territory(town, boundary=boundary(box(0, 0, 100, 100))), town)


def test_building_outside_the_boundary_is_refused_by_name():
    town = points((50, 50), (500, 50), (600, 50))
    with pytest.raises(InputError, match=r"2 buildings lie outside .* \(first: B1\)"):
        build_territory(town, boundary=boundary(box(0, 0, 100, 100)))


def test_island_without_buildings_is_left_out_and_told():
    town = points((50, 50), (20, 20))
    land = MultiPolygon([box(0, 0, 100, 100), box(200, 0, 210, 10)])
    territory = build_territory(town, boundary=boundary(land))
    assert_sound(territory, town)
    assert territory.area.area == pytest.approx(100 * 100)
    (finding,) = territory.findings
    assert finding.code == "land-left-out"
    assert "100 m2" in finding.message


def test_no_building_gets_land_of_another_community():
    """Border at x = 70; A's building stands far from it, B's right beside it."""
    halves = boundary(box(0, 0, 70, 100), box(70, 0, 140, 100), communities=["A", "B"])
    town = points((10, 50), (72, 50), communities=["A", "B"])
    territory = build_territory(town, boundary=halves)
    assert_sound(territory, town)
    assert territory.cells[0].symmetric_difference(box(0, 0, 70, 100)).area < 1e-6
    assert codes(territory) == []


def test_building_in_another_community_is_told():
    halves = boundary(box(0, 0, 70, 100), box(70, 0, 140, 100), communities=["A", "B"])
    town = points((10, 50), (60, 50), (100, 50), communities=["A", "B", "B"])
    territory = build_territory(town, boundary=halves)
    assert "building-in-other-community" in codes(territory)


def test_community_without_buildings_is_not_given_to_its_neighbour():
    halves = boundary(box(0, 0, 70, 100), box(70, 0, 140, 100), communities=["A", "B"])
    territory = build_territory(points((10, 50), communities=["A"]), boundary=halves)
    assert territory.area.area == pytest.approx(7000)
    assert codes(territory) == ["land-left-out"]


@pytest.mark.parametrize("reach_m", [0, -1, float("nan")])
def test_reach_must_be_positive(reach_m):
    with pytest.raises(ValueError, match="reach_m must be positive"):
        build_territory(points((0, 0)), reach_m=reach_m)


def test_unknown_kind_of_barrier_is_refused():
    fence = barriers(("hedge", False, [(0, -99), (0, 99)]))
    with pytest.raises(InputError, match=r"unknown kind .*'hedge'"):
        build_territory(points((0, 0)), barriers=fence)
