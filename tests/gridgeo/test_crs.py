"""The metric CRS is metric, local and always the same; degrees go out longitude first."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import Point, box

from gridgeo.crs import (
    flat_crs,
    from_lonlat,
    is_shift_known,
    lonlat_of,
    metric_crs_for,
    misfit_deg,
    mover_to,
    to_lonlat,
    to_metric,
)
from gridgeo.errors import InputError


def at(lon: float, lat: float, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    points = [Point(lon, lat), Point(lon + 0.01, lat + 0.01), None, Point()]
    return gpd.GeoDataFrame(geometry=points, crs="EPSG:4326").to_crs(crs)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (103.85, 1.30, 3414),  # Singapore
        (116.40, 39.90, 4548),  # Beijing, zone 117
        (104.07, 30.66, 4544),  # Chengdu, zone 105
        (121.47, 31.23, 4549),  # Shanghai, zone 120
        (126.98, 37.57, 32652),  # Seoul lies in no zone's area of use
        (9.50, 47.06, 32632),  # Balzers
        (-70.66, -33.45, 32719),  # Santiago
    ],
)
def test_degrees_come_to_the_local_metric_crs(lon: float, lat: float, code: int) -> None:
    assert metric_crs_for(at(lon, lat)).to_epsg() == code


@pytest.mark.parametrize("code", [2056, 32650, 3414, 4548])
def test_a_projected_crs_in_metres_is_kept(code: int) -> None:
    area = pyproj.CRS.from_epsg(code).area_of_use
    assert area is not None
    lon, lat = (area.west + area.east) / 2, (area.south + area.north) / 2
    assert metric_crs_for(at(lon, lat, f"EPSG:{code}")).to_epsg() == code


def test_web_mercator_metres_are_not_metres() -> None:
    assert metric_crs_for(at(116.4, 39.9, "EPSG:3857")).to_epsg() == 4548


def test_feet_are_not_metres() -> None:
    assert metric_crs_for(at(-74.0, 40.7, "EPSG:2263")).to_epsg() == 32618


def test_one_stray_point_does_not_move_the_zone() -> None:
    points = [Point(116.4 + i / 1000, 39.9) for i in range(5)] + [Point(0, 0)]
    assert metric_crs_for(gpd.GeoDataFrame(geometry=points, crs=4326)).to_epsg() == 4548


def test_no_crs_and_no_coordinates_are_input_errors() -> None:
    with pytest.raises(InputError, match="no CRS"):
        metric_crs_for(gpd.GeoDataFrame(geometry=[Point(1, 1)]))
    with pytest.raises(InputError, match="no CRS"):
        to_metric(gpd.GeoDataFrame(geometry=[Point(1, 1)]), pyproj.CRS(3414))
    with pytest.raises(InputError, match="no coordinate"):
        metric_crs_for(gpd.GeoDataFrame(geometry=[None, Point()], crs=4326))


def test_to_metric_says_which_shapes_have_no_place() -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(103.8, 1.3), Point(1e9, 1e9)], crs=4326)
    with pytest.raises(InputError, match=r"1 shapes have no place in EPSG:3414 \(first: row 2\)"):
        to_metric(frame, pyproj.CRS(3414))


def test_to_metric_keeps_missing_and_empty_shapes() -> None:
    moved = to_metric(at(103.8, 1.3), pyproj.CRS(3414))
    assert moved.geometry.isna().tolist() == [False, False, True, False]
    assert moved.geometry.is_empty.tolist() == [False, False, False, True]


def test_there_and_back_again_is_within_a_millimetre() -> None:
    crs = pyproj.CRS(4548)
    home = np.array([box(500_000, 4_400_000, 500_100, 4_400_050), Point(500_020, 4_400_010)])
    degrees = to_lonlat(home, crs)
    lon, lat = shapely.get_coordinates(degrees[1])[0]
    assert 116.9 < lon < 117.1  # longitude first, whatever the CRS says of its axes
    assert 39.6 < lat < 39.8
    back = to_metric(gpd.GeoDataFrame(geometry=degrees, crs=4326), crs)
    gaps_m = shapely.get_coordinates(back.geometry.values) - shapely.get_coordinates(home)
    assert np.abs(gaps_m).max() < 1e-3


def test_heights_and_site_grids_fall_away() -> None:
    compound = flat_crs("EPSG:4326+5773")
    assert compound is not None
    assert compound.to_epsg() == 4326
    solid = flat_crs("EPSG:4979")
    assert solid is not None
    assert len(solid.axis_info) == 2
    assert flat_crs('LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]') is None
    assert flat_crs(None) is None


def test_misfit_is_zero_inside_the_area_of_use() -> None:
    here = np.array([[500_000.0, 4_400_000.0]])
    assert misfit_deg(here, pyproj.CRS(4548)) == 0
    prefixed = np.array([[39_500_000.0, 4_400_000.0]])
    assert misfit_deg(prefixed, pyproj.CRS(4548)) > 6


def test_degrees_to_metres_and_back_is_the_same_place() -> None:
    crs = pyproj.CRS.from_epsg(4548)
    there = np.array([[116.4, 39.9], [116.9, 31.8]])
    assert np.abs(lonlat_of(mover_to(crs)(there), crs) - there).max() < 1e-10
    shapes = from_lonlat(shapely.points(there), crs)
    assert np.abs(shapely.get_coordinates(to_lonlat(shapes, crs)) - there).max() < 1e-10


@pytest.mark.parametrize(
    ("source", "target", "place", "known"),
    [
        (4326, 3414, (103.8, 1.35), True),  # EPSG has a shift for Singapore
        (4326, 32650, (116.4, 39.9), True),  # the same datum
        (2436, 4548, (449_000.0, 4_418_000.0), False),  # Beijing 1954: none is published
        (4610, 4326, (116.4, 39.9), False),
        (4214, 4326, (113.0, 20.0), True),  # but one for its oil fields at sea
    ],
)
def test_a_shift_that_proj_does_not_know_is_told_from_one_it_knows(
    source, target, place, known
) -> None:
    frames = (pyproj.CRS.from_epsg(code) for code in (source, target))
    assert is_shift_known(*frames, np.array([place])) is known
