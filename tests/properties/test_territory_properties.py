"""Whatever the town, its cells cover the territory and its edges are real borders."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from gridgeo.model import SOLE_COMMUNITY, Buildings, Territory
from gridgeo.territory import build_territory, coverage_faults

CRS = 4547
SIDE_M = 300
# far from the origin, as national grids are
ORIGIN = np.array([536_000.0, 3_318_000.0])
BOUNDED = settings(max_examples=25, deadline=None, derandomize=True)

# whole tens make coincident, collinear and cocircular points and points on the border common
coarse = st.integers(0, SIDE_M // 10).map(lambda k: 10.0 * k)
fine = st.floats(0, SIDE_M, allow_nan=False)
places = st.lists(
    st.one_of(st.tuples(coarse, coarse), st.tuples(fine, fine)), min_size=1, max_size=25
)
footprints = st.lists(
    st.tuples(coarse, coarse, st.integers(4, 40), st.integers(4, 40)), min_size=1, max_size=12
)
line_ends = st.tuples(coarse, coarse, coarse, coarse).filter(lambda c: c[:2] != c[2:])
lines = st.lists(
    st.tuples(st.sampled_from(["street", "river", "rail", "wall"]), st.booleans(), line_ends),
    max_size=6,
)


def town(shapes) -> Buildings:
    n = len(shapes)
    return Buildings(
        gpd.GeoDataFrame(
            {
                "building_id": [f"B{i:03d}" for i in range(n)],
                "households": np.full(n, 10),
                "population": np.full(n, 30),
                "community": [SOLE_COMMUNITY] * n,
            },
            geometry=list(shapes),
            crs=CRS,
        )
    )


def square() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(*ORIGIN, *(ORIGIN + SIDE_M))], crs=CRS)


def barrier_table(rows) -> gpd.GeoDataFrame | None:
    if not rows:
        return None
    drawn = []
    for _, _, ends in rows:
        a, b = np.array(ends[:2]), np.array(ends[2:])
        # long enough to leave the square, so that most lines cut
        drawn.append(LineString([ORIGIN + a - 3 * (b - a), ORIGIN + b + 3 * (b - a)]))
    return gpd.GeoDataFrame(
        {"kind": [r[0] for r in rows], "bridge": [r[1] for r in rows]}, geometry=drawn, crs=CRS
    )


def assert_sound(territory: Territory, buildings: Buildings, near_m: float) -> None:
    faults = coverage_faults(territory.cells, territory.area)
    assert faults.none, faults
    shapes = np.asarray(buildings.table.geometry.values)
    assert (shapely.distance(territory.cells, shapes) <= near_m).all()
    assert_edges_sound(territory)


def assert_edges_sound(territory: Territory) -> None:
    i, j = territory.edges.T
    assert (i < j).all()
    pairs = territory.edges.tolist()
    assert pairs == sorted(pairs)
    assert len(set(map(tuple, pairs))) == len(pairs)
    border_m = shapely.length(shapely.intersection(territory.cells[i], territory.cells[j]))
    np.testing.assert_allclose(territory.border_m, border_m, atol=1e-3)
    assert (territory.border_m >= 1.0).all()
    assert len(territory.barrier) == len(i)


def all_contacts(territory: Territory) -> set[tuple[int, int]]:
    """By brute force: every pair of cells whose intersection is at least a metre long."""
    n = len(territory.cells)
    i, j = np.triu_indices(n, k=1)
    border_m = shapely.length(shapely.intersection(territory.cells[i], territory.cells[j]))
    # borders of a metre give or take rounding may fall on either side
    return {(int(a), int(b)) for a, b, m in zip(i, j, border_m, strict=True) if m >= 1.0 + 1e-6}


@BOUNDED
@given(places, st.sampled_from([20.0, 150.0, 61.7]))
def test_cells_of_points_cover_their_discs(xy, reach_m):
    buildings = town([Point(ORIGIN + at) for at in xy])
    territory = build_territory(buildings, reach_m=reach_m)
    # buildings at one point are half a metre off it
    assert_sound(territory, buildings, near_m=0.55)
    assert all_contacts(territory) <= set(map(tuple, territory.edges.tolist()))
    discs = shapely.union_all(shapely.buffer(np.asarray(buildings.table.geometry.values), reach_m))
    assert shapely.area(shapely.symmetric_difference(discs, territory.area)) < 1e-3


@BOUNDED
@given(places, lines)
def test_cells_cover_the_boundary_whatever_the_barriers(xy, rows):
    buildings = town([Point(ORIGIN + at) for at in xy])
    territory = build_territory(buildings, boundary=square(), barriers=barrier_table(rows))
    assert_sound(territory, buildings, near_m=1.6)
    assert abs(shapely.area(territory.cells).sum() - SIDE_M**2) < 1e-3
    contacts = all_contacts(territory)
    if all(kind == "street" for kind, _, _ in rows):
        assert contacts <= set(map(tuple, territory.edges.tolist()))


@BOUNDED
@given(places, lines)
def test_barriers_without_a_boundary_cut_the_discs(xy, rows):
    buildings = town([Point(ORIGIN + at) for at in xy])
    territory = build_territory(buildings, barriers=barrier_table(rows), reach_m=60.0)
    assert_sound(territory, buildings, near_m=1.6)


@BOUNDED
@given(footprints, lines)
def test_footprints_may_repeat_overlap_and_spill(boxes, rows):
    east, north = ORIGIN
    shapes = [
        box(east + x, north + y, east + x + wide, north + y + high) for x, y, wide, high in boxes
    ]
    buildings = town(shapes)
    territory = build_territory(buildings, barriers=barrier_table(rows), reach_m=40.0)
    assert_sound(territory, buildings, near_m=0.55)


@BOUNDED
@given(st.lists(st.tuples(fine, fine), min_size=2, max_size=20, unique=True), lines, st.randoms())
def test_renaming_buildings_changes_no_cell(xy, rows, random):
    order = list(range(len(xy)))
    random.shuffle(order)
    shapes = [Point(np.round(ORIGIN + at, 1)) for at in xy]
    if len({shape.wkb for shape in shapes}) < len(shapes):
        return  # at one point the ids decide who stands where
    table = barrier_table(rows)
    first = build_territory(town(shapes), boundary=square(), barriers=table)
    second = build_territory(town([shapes[k] for k in order]), boundary=square(), barriers=table)
    assert [c.wkb for c in first.cells[order]] == [c.wkb for c in second.cells]
    renamed = {tuple(sorted((order[i], order[j]))) for i, j in second.edges}
    assert renamed == set(map(tuple, first.edges.tolist()))
