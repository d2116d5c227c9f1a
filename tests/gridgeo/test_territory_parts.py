"""Parts of one building share its land: what crosses it, and where there is too little."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from gridgeo.entrances import strips
from gridgeo.errors import InputError
from gridgeo.model import SOLE_COMMUNITY, Buildings
from gridgeo.split_building import SplitBuilding
from gridgeo.territory import build_territory, coverage_faults

CRS = 4547


def split(shape, count: int, *others) -> Buildings:
    shapes = [*strips(shape, np.ones(count, dtype=np.int64)), *others]
    table = gpd.GeoDataFrame(
        {
            "building_id": [f"B{k}" for k in range(len(shapes))],
            "households": 9,
            "population": 9,
            "community": SOLE_COMMUNITY,
        },
        geometry=shapes,
        crs=CRS,
    )
    return Buildings(table, parts=(SplitBuilding("B", shape, tuple(range(count))),))


def frame(*shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


@pytest.mark.parametrize("kind", ["street", "river"])
@pytest.mark.parametrize("x", [20, 31, 40, 59])
def test_parts_touch_where_a_line_crosses_their_building(kind: str, x: int) -> None:
    """[ 1 | 2 |/ 3 | 4 ] with a line from south to north through one of them."""
    buildings = split(box(0, 0, 80, 12), 4, box(0, 40, 20, 52), box(60, 40, 80, 52))
    line = frame(LineString([(x, -200), (x, 200)]), kind=[kind], bridge=[False])
    territory = build_territory(buildings, barriers=line, reach_m=50.0)
    assert coverage_faults(territory.cells, territory.area).none
    edges = {tuple(edge) for edge in territory.edges.tolist()}
    assert {(0, 1), (1, 2), (2, 3)} <= edges


def test_each_part_stands_on_its_own_land() -> None:
    buildings = split(box(0, 0, 80, 12), 4, box(0, 40, 20, 52))
    territory = build_territory(buildings, boundary=frame(box(-50, -50, 150, 90)))
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)
    held = shapely.area(shapely.intersection(territory.cells, shapes)) / shapely.area(shapes)
    assert (held[:4] > 0.999).all()


def test_a_building_without_land_for_its_parts_is_refused_by_name() -> None:
    buildings = split(Point(0.2, 0.2), 3)
    with pytest.raises(InputError) as caught:
        build_territory(buildings, boundary=frame(box(-0.2, -0.2, 0.5, 0.5)))
    (fault,) = caught.value.findings
    assert (fault.code, fault.first) == ("building-without-room", "B")
