"""A sheet refuses what cannot be drawn, and says all that is wrong at once."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, Point, Polygon, box

from maps import BuildingShape, GridShape, LineShape, Sheet, SheetError, Worker


def grid(key="G1", polygon=None, households=300, **more):
    polygon = box(0, 0, 1, 1) if polygon is None else polygon
    return GridShape(key, "", polygon, 1, households, 1000, in_band=True, reasons="", **more)


def sheet(grids=None, buildings=(), lines=()):
    grids = (grid(),) if grids is None else grids
    return Sheet("T", grids, buildings, lines, ())


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"grids": ()}, "there is no grid"),
        ({"grids": (grid(), grid())}, "grid id 'G1' is told 2 times"),
        ({"grids": (grid(""),)}, "a grid has no id"),
        ({"grids": (grid(households=-1),)}, "negative figure"),
        ({"grids": (grid(worker=Worker("A", photo=b"GIF89a")),)}, "neither PNG nor JPEG"),
        ({"grids": (grid(polygon=Point(0, 0)),)}, "is a Point"),
        ({"grids": (grid(polygon=Polygon()),)}, "empty"),
        ({"grids": (grid(polygon=Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])),)}, "Self-inter"),
        ({"grids": (grid(polygon=box(500000, 3e6, 500100, 3.1e6)),)}, "is it in metres?"),
        ({"buildings": (BuildingShape("B", "", "G2", Point(0, 0)),)}, "in grid 'G2', which is not"),
        ({"buildings": (BuildingShape("B", "", "G1", Point(0, 0)),) * 2}, "'B' is told 2 times"),
        ({"buildings": (BuildingShape("B", "", "G1", Point(0, 91)),)}, "outside longitude"),
        ({"lines": (LineShape("street", "Mill", Point(0, 0)),)}, "is a Point, not a LineString"),
    ],
)
def test_fault_is_named(parts, said):
    with pytest.raises(SheetError, match="1 faults") as raised:
        sheet(**parts)
    assert said in str(raised.value)


def test_all_faults_come_at_once():
    lost = BuildingShape("B", "", "G9", LineString([(0, 0), (1, 1)]))
    with pytest.raises(SheetError, match="3 faults"):
        sheet(grids=(grid(), grid()), buildings=(lost,))


def test_a_long_list_of_faults_is_cut_and_counted():
    lost = tuple(BuildingShape(f"B{n}", "", "G9", Point(0, 0)) for n in range(50))
    with pytest.raises(SheetError, match=r"50 faults.*and 30 more"):
        sheet(buildings=lost)
