"""TopoJSON holds the grids of the GeoJSON, and each common border once."""

from __future__ import annotations

import json
from itertools import pairwise

import shapely
from shapely.geometry import Polygon, box

from maps import GridShape, Sheet, grids_geojson, grids_topojson


def sheet() -> Sheet:
    """Three by three squares, and one of them with a hole that the tenth fills."""
    hole = box(113.0121, 30.0121, 113.0181, 30.0181)
    shapes = [
        box(113 + x / 100, 30 + y / 100, 113.01 + x / 100, 30.01 + y / 100)
        for y in range(3)
        for x in range(3)
    ]
    shapes[4] = Polygon(shapes[4].exterior, [hole.exterior])
    return Sheet(
        "T",
        tuple(
            GridShape(f"G-{k:02d}", "C", shape, None, None, None, k != 2, "")
            for k, shape in enumerate([*shapes, hole])
        ),
        (), (), (),
    )  # fmt: skip


def rebuilt(topology: dict) -> dict[str, shapely.Geometry]:
    """The shapes again, by the rules of the format: arcs end to end, ~i turned round."""

    def ring(arcs: list[int]) -> list:
        points: list = []
        for at in arcs:
            run = topology["arcs"][at] if at >= 0 else topology["arcs"][~at][::-1]
            assert not points or points[-1] == run[0]
            points += run[1:] if points else run
        return points

    return {
        one["id"]: Polygon(ring(one["arcs"][0]), [ring(hole) for hole in one["arcs"][1:]])
        for one in topology["objects"]["grids"]["geometries"]
    }


def test_shapes_and_properties_are_those_of_the_geojson() -> None:
    topology = json.loads(grids_topojson(sheet()))
    shapes = rebuilt(topology)
    features = json.loads(grids_geojson(sheet()))["features"]
    assert len(features) == 10
    for feature, one in zip(features, topology["objects"]["grids"]["geometries"], strict=True):
        assert one["properties"] == feature["properties"]
        assert shapes[one["id"]].equals(shapely.geometry.shape(feature["geometry"]))


def test_a_common_border_stands_there_once() -> None:
    arcs = json.loads(grids_topojson(sheet()))["arcs"]
    steps = [frozenset(map(tuple, pair)) for arc in arcs for pair in pairwise(arc)]
    assert len(steps) == len(set(steps))


def test_the_same_sheet_gives_the_same_text() -> None:
    assert grids_topojson(sheet()) == grids_topojson(sheet())
