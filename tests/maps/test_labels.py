"""Labels stand where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import union_all
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from maps import label_point
from maps.labels import line_label

HORSESHOE = Polygon([(0, 0), (9, 0), (9, 9), (6, 9), (6, 2), (3, 2), (3, 9), (0, 9)])
RING = box(0, 0, 9, 9).difference(box(2, 2, 8, 8))
SLIVER = Polygon([(0, 0), (1, 1e-7), (2, 0), (1, -1e-7)])


@pytest.mark.parametrize("shape", [HORSESHOE, RING, SLIVER, box(113, 30, 113.001, 30.002)])
def test_label_stands_inside_even_where_the_centroid_does_not(shape):
    lon, lat = label_point(shape)
    assert shape.contains(Point(lon, lat))


def test_label_stands_deep_inside_and_not_just_inside():
    lon, lat = label_point(box(113, 30, 113.01, 30.01))
    assert (lon, lat) == pytest.approx((113.005, 30.005), abs=1e-4)


def test_depth_is_measured_on_the_ground_not_in_degrees():
    """At 60 degrees north a degree of longitude is half as long as one of latitude.

    Two rooms and a passage: the west room is 0.9 x 0.8 degrees, on the ground as 0.45 x 0.8;
    the east room 2.1 x 0.5 degrees, on the ground as 1.05 x 0.5, and so the deeper one.
    """
    rooms = [box(0, 60, 0.9, 60.8), box(0.9, 60, 1.2, 60.1), box(1.2, 60, 3.3, 60.5)]
    lon, _ = label_point(union_all(rooms))
    assert lon > 1.2


def test_same_polygon_same_point():
    turned = Polygon(np.roll(np.array(HORSESHOE.exterior.coords)[:-1], 2, axis=0))
    assert label_point(turned) == label_point(HORSESHOE)


def test_street_names_are_never_upside_down():
    for end in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)):
        _, _, turn = line_label(LineString([(0, 0), end]))
        assert -90 <= turn <= 90
    assert line_label(LineString([(0, 0), (1, 0)])) == (0.5, 0.0, 0)
    assert line_label(LineString([(0, 0), (1, 1)]))[2] == pytest.approx(-45, abs=1)


def test_street_in_pieces_is_named_on_its_longest():
    pieces = MultiLineString([[(0, 0), (1, 0)], [(5, 0), (9, 0)]])
    assert line_label(pieces)[:2] == (7.0, 0.0)
