"""Published grids have fewer corners, no gap between them, and every building in its own."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_up_town import town
from shapely import LineString, Polygon, box
from small_plans import block_plan, street_plan

import gridgeo as gg
from gridgeo.model import Buildings, Plan, Territory
from gridgeo.public_shapes import public_grounds
from gridgeo.publish import Edition
from gridgeo.scorecard import grid_polygons, grid_rows
from gridgeo.territory import build_territory, coverage_faults

CRS = 4548
CORNER = np.array([500_000.0, 4_400_000.0])


def plan_of(shapes: np.ndarray, grid_ids: list[str], territory: Territory | None = None) -> Plan:
    n = len(shapes)
    table = gpd.GeoDataFrame(
        {
            "building_id": pd.array([f"B{k:04d}" for k in range(n)], dtype="str"),
            "households": np.full(n, 10),
            "population": np.full(n, 30),
            "community": pd.array(["G"] * n, dtype="str"),
        },
        geometry=shapes,
        crs=CRS,
    )
    held = Buildings(table)
    return replace(
        block_plan(),
        buildings=held,
        territory=territory or build_territory(held),
        grid_ids=np.array(grid_ids, dtype=object),
    )


@pytest.fixture(scope="module")
def town_plan() -> Plan:
    """Some 250 footprints of a made-up town, in nine grids that cut through its blocks."""
    houses, _ = town(3, blocks=4)
    xy = shapely.get_coordinates(shapely.centroid(houses))
    rank = np.argsort(np.argsort(xy, axis=0), axis=0) * 3 // len(xy)
    return plan_of(houses, [f"G-{3 * a + b + 1:03d}" for a, b in rank])


def one_piece(plan: Plan) -> bool:
    grounds = grid_polygons(plan.territory.cells, grid_rows(plan))
    return bool((shapely.get_type_id(grounds) == 3).all())


def outside_m2(plan: Plan, grounds: np.ndarray) -> np.ndarray:
    shapes = np.asarray(plan.buildings.table.geometry.values, dtype=object)
    return shapely.area(shapely.difference(shapes, grounds[grid_rows(plan).of]))


@pytest.mark.parametrize("tolerance_m", [1, 3, 5, 20])
def test_simplified_grids_cover_the_same_ground_without_gap(town_plan, tolerance_m) -> None:
    assert one_piece(town_plan)
    ids, grounds = public_grounds(town_plan, tolerance_m=tolerance_m)
    before = grid_polygons(town_plan.territory.cells, grid_rows(town_plan))
    assert list(ids) == sorted(set(town_plan.grid_ids))
    assert coverage_faults(grounds, town_plan.territory.area).none
    assert (
        shapely.get_num_coordinates(grounds).sum() < 0.7 * shapely.get_num_coordinates(before).sum()
    )


@pytest.mark.parametrize("tolerance_m", [1, 3, 5, 20])
def test_every_building_stays_in_its_own_grid(town_plan, tolerance_m) -> None:
    _, before = public_grounds(town_plan, tolerance_m=0)
    _, grounds = public_grounds(town_plan, tolerance_m=tolerance_m)
    shapes = np.asarray(town_plan.buildings.table.geometry.values, dtype=object)
    own = grounds[grid_rows(town_plan).of]
    assert shapely.covers(own, shapely.point_on_surface(shapes)).all()
    assert (outside_m2(town_plan, grounds) <= outside_m2(town_plan, before) + 0.01).all()


def bumpy_plan() -> Plan:
    r"""Two grids; their border steps aside twice, for a house and for nothing.

         west  |  east
               |
              /          2.5 m to the west, where nothing stands
              \
               |
         #####\ |
         #A###|| B       A reaches to within 0.1 m of the bump, 2.4 m past the straight border
         #####/ |
               |
    """
    border = [
        (50, 0),
        (50, 20),
        (52.5, 24),
        (52.5, 26),
        (50, 30),
        (50, 60),
        (47.5, 65),
        (50, 70),
        (50, 100),
    ]
    west = Polygon([*border, (0, 100), (0, 0)])
    east = Polygon([*border, (100, 100), (100, 0)])
    houses = np.array([box(30, 24, 52.4, 26), box(70, 20, 80, 30)], dtype=object)
    territory = Territory(
        cells=np.array([west, east], dtype=object),
        edges=np.array([[0, 1]]),
        border_m=np.array([100.0]),
        barrier=np.array([""], dtype=object),
        area=box(0, 0, 100, 100),
    )
    moved = replace(
        territory,
        cells=shapely.transform(territory.cells, lambda xy: xy + CORNER),
        area=shapely.transform(territory.area, lambda xy: xy + CORNER),
    )
    shapes = shapely.transform(houses, lambda xy: xy + CORNER)
    return plan_of(shapes, ["G-001", "G-002"], moved)


def test_a_border_that_would_cut_a_house_is_simplified_less() -> None:
    plan = bumpy_plan()
    blunt = shapely.coverage_simplify(plan.territory.cells, 5.0, simplify_boundary=False)
    assert outside_m2(plan, blunt).max() > 1  # what this is about
    _, grounds = public_grounds(plan, tolerance_m=5.0)
    assert outside_m2(plan, grounds).max() <= 0.01
    assert coverage_faults(grounds, plan.territory.area).none


def test_one_difficult_border_leaves_the_others_simple() -> None:
    # a third and a fourth grid to the east, with a bump between them that guards nothing
    plan = bumpy_plan()
    border = [(100, 50), (120, 50), (125, 52), (130, 50), (200, 50)]
    more = [
        Polygon([(100, 0), *border, (200, 0)]),
        Polygon([*border, (200, 100), (100, 100)]),
    ]
    east = shapely.transform(plan.territory.cells[1], lambda xy: xy - CORNER)
    east = Polygon([*east.exterior.coords[:9], (100, 100), (100, 50), (100, 0)])
    cells = np.array([shapely.transform(c, lambda xy: xy + CORNER) for c in [east, *more]], object)
    cells = np.concatenate([plan.territory.cells[:1], cells])
    houses = shapely.transform(
        np.array(
            [
                box(30, 24, 52.4, 26),
                box(70, 20, 80, 30),
                box(150, 20, 160, 30),
                box(150, 70, 160, 80),
            ],
            object,
        ),
        lambda xy: xy + CORNER,
    )
    territory = replace(
        plan.territory,
        cells=cells,
        area=shapely.transform(box(0, 0, 200, 100), lambda xy: xy + CORNER),
    )
    wide = plan_of(houses, ["G-001", "G-002", "G-003", "G-004"], territory)
    assert coverage_faults(cells, territory.area).none
    _, grounds = public_grounds(wide, tolerance_m=5.0)
    assert coverage_faults(grounds, territory.area).none
    assert outside_m2(wide, grounds).max() <= 0.01
    assert shapely.get_num_coordinates(grounds[2]) < shapely.get_num_coordinates(cells[2])


def test_the_plan_itself_keeps_its_borders(town_plan, tmp_path) -> None:
    _, before = public_grounds(town_plan, tolerance_m=0)
    gg.publish(town_plan, tmp_path / "site", edition=Edition(prints=False))
    kept = gpd.read_file(town_plan.save(tmp_path / "plan.gpkg"), layer="grids")
    assert shapely.get_num_coordinates(kept.geometry.values).sum() == (
        shapely.get_num_coordinates(before).sum()
    )


def test_what_is_published_is_still_a_coverage_with_each_building_in_its_grid(
    town_plan, tmp_path
) -> None:
    written = gg.publish(
        town_plan, tmp_path / "site", edition=Edition(prints=False)
    ).geojson.read_text(encoding="utf-8")
    features = json.loads(written)["features"]
    grounds = np.array([shapely.geometry.shape(f["geometry"]) for f in features], dtype=object)
    assert shapely.coverage_is_valid(grounds)
    assert (shapely.get_type_id(grounds) == 3).all()
    number = {f["properties"]["grid_id"]: row for row, f in enumerate(features)}
    shapes = town_plan.buildings.table.geometry.representative_point().to_crs(4326)
    own = grounds[[number[grid] for grid in town_plan.grid_ids]]
    assert shapely.covers(own, np.asarray(shapes.values, dtype=object)).all()


def test_cells_that_are_no_coverage_are_left_alone() -> None:
    plan = street_plan()
    cells = plan.territory.cells.copy()
    cells[1] = box(90, 0, 200, 100)  # over its neighbour
    broken = replace(plan, territory=replace(plan.territory, cells=cells))
    _, grounds = public_grounds(broken, tolerance_m=5.0)
    assert shapely.area(grounds[0]) == pytest.approx(20_000)


def test_the_same_plan_gives_the_same_shapes(town_plan) -> None:
    first, second = (public_grounds(town_plan)[1] for _ in range(2))
    assert shapely.equals_exact(first, second, tolerance=0).all()


def test_a_barrier_out_of_sight_is_no_reason_not_to_publish(tmp_path) -> None:
    lines = gpd.GeoDataFrame(
        {"kind": ["street", "street"], "bridge": [False, False]},
        geometry=[LineString([(0, 5), (600, 5)]), LineString([(5000, 0), (5000, 9)])],
        crs=3414,
    )
    page = gg.publish(
        street_plan(barriers=lines), tmp_path / "site", edition=Edition(prints=False)
    ).index
    assert page.is_file()
