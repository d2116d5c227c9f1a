"""However a large building stands, its parts share its land and each touches the next."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate

from gridgeo.entrances import strips
from gridgeo.model import SOLE_COMMUNITY, Buildings, Territory
from gridgeo.split_building import SplitBuilding
from gridgeo.territory import build_territory, coverage_faults

CRS = 4547
SIDE_M = 300
ORIGIN = np.array([536_000.0, 3_318_000.0])
BOUNDED = settings(max_examples=40, deadline=None, derandomize=True)

coarse = st.integers(2, SIDE_M // 10 - 2).map(lambda k: 10.0 * k)
entrances = st.lists(st.integers(1, 900), min_size=2, max_size=6)
# place, length and depth, turn, households by entrance; () for a building that is not split
slabs = st.lists(
    st.tuples(
        coarse, coarse, st.integers(8, 90), st.integers(6, 40), st.integers(0, 179),
        st.one_of(entrances, st.just([])),
    ),
    min_size=1, max_size=7,
)  # fmt: skip
points = st.lists(
    st.tuples(coarse, coarse, st.one_of(entrances, st.just([]))), min_size=1, max_size=10
)
ends = st.tuples(coarse, coarse, coarse, coarse).filter(lambda c: c[:2] != c[2:])
lines = st.lists(
    st.tuples(st.sampled_from(["street", "river", "rail", "wall"]), st.booleans(), ends),
    max_size=4,
)


def split_town(drawn) -> Buildings:
    """Buildings b0, b1, ... with their parts b0/1, b0/2 as ``split_large`` makes them."""
    ids, wholes, shapes, groups = [], [], [], []
    for k, (shape, households) in enumerate(drawn):
        if not households:
            ids.append(f"b{k}")
            wholes.append(f"b{k}")
            shapes.append(shape)
            continue
        rows = tuple(range(len(ids), len(ids) + len(households)))
        groups.append(SplitBuilding(f"b{k}", shape, rows))
        ids += [f"b{k}/{at}" for at in range(1, len(households) + 1)]
        wholes += [f"b{k}"] * len(households)
        shapes += list(strips(shape, np.array(households)))
    table = gpd.GeoDataFrame(
        {
            "building_id": ids,
            "households": np.full(len(ids), 10),
            "population": np.full(len(ids), 30),
            "community": [SOLE_COMMUNITY] * len(ids),
            "building": wholes,
        },
        geometry=shapes,
        crs=CRS,
    )
    return Buildings(table, parts=tuple(groups))


def square() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(*ORIGIN, *(ORIGIN + SIDE_M))], crs=CRS)


def barrier_table(rows) -> gpd.GeoDataFrame | None:
    if not rows:
        return None
    drawn = []
    for _, _, line in rows:
        a, b = np.array(line[:2]), np.array(line[2:])
        drawn.append(LineString([ORIGIN + a - 3 * (b - a), ORIGIN + b + 3 * (b - a)]))
    return gpd.GeoDataFrame(
        {"kind": [r[0] for r in rows], "bridge": [r[1] for r in rows]}, geometry=drawn, crs=CRS
    )


def assert_parts_touch(territory: Territory, buildings: Buildings) -> None:
    faults = coverage_faults(territory.cells, territory.area)
    assert faults.none, faults
    assert (shapely.get_type_id(territory.cells) == 3).all()
    edges = [tuple(edge) for edge in territory.edges.tolist()]
    assert edges == sorted(edges)
    i, j = territory.edges.T
    border_m = shapely.length(shapely.intersection(territory.cells[i], territory.cells[j]))
    np.testing.assert_allclose(territory.border_m, border_m, atol=1e-3)
    assert (territory.border_m >= 1.0).all()
    for whole in buildings.parts:
        assert {tuple(sorted(pair)) for pair in pairwise(whole.rows)} <= set(edges)


def assert_whole_towns_neighbours(
    territory: Territory, buildings: Buildings, whole: Territory, wholes: list[str]
) -> None:
    """Parts have the neighbours that their building had, and no others."""
    of = buildings.table["building"].tolist()
    joined = {tuple(sorted((of[i], of[j]))) for i, j in territory.edges.tolist() if of[i] != of[j]}
    before = {tuple(sorted((wholes[i], wholes[j]))) for i, j in whole.edges.tolist()}
    assert joined <= before
    told = [f.count for f in territory.findings or () if f.code == "part-without-neighbour"]
    assert len(before - joined) == sum(told)


def stand_apart(shapes) -> bool:
    """Of buildings in one place it is the last digit that decides who gets which land."""
    middles = shapely.centroid(np.array(shapes, dtype=object))
    i, j = np.triu_indices(len(middles), k=1)
    return bool((shapely.distance(middles[i], middles[j]) > 1.0).all())


@BOUNDED
@given(slabs, lines)
def test_parts_of_footprints_touch_whatever_crosses_them(drawn, rows):
    east, north = ORIGIN
    shapes = [
        (
            rotate(box(east + x, north + y, east + x + long, north + y + deep), turn),
            households,
        )
        for x, y, long, deep, turn, households in drawn
    ]
    buildings = split_town(shapes)
    table = barrier_table(rows)
    territory = build_territory(buildings, barriers=table, reach_m=40.0)
    assert_parts_touch(territory, buildings)
    if buildings.parts and stand_apart([shape for shape, _ in shapes]):
        whole = split_town([(shape, []) for shape, _ in shapes])
        land = build_territory(whole, barriers=table, reach_m=40.0)
        assert_whole_towns_neighbours(territory, buildings, land, whole.ids.tolist())
        assert shapely.area(shapely.symmetric_difference(land.area, territory.area)) < 1e-3


@BOUNDED
@given(points, lines)
def test_parts_of_points_touch_whatever_crosses_them(drawn, rows):
    places = {}
    for x, y, households in drawn:
        places.setdefault((x, y), households)
    buildings = split_town(
        [(Point(ORIGIN + place), households) for place, households in places.items()]
    )
    territory = build_territory(buildings, boundary=square(), barriers=barrier_table(rows))
    assert_parts_touch(territory, buildings)
    assert abs(shapely.area(territory.cells).sum() - SIDE_M**2) < 1e-3
