"""Packed buildings mean the same shapes when unpacked, to a centimetre, and are small."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from maps.packed import STEPS_A_DEG, packed_shapes


def numbers(text: str) -> list[int]:
    """LEB128, read the slow and plain way."""
    out, value, place = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << place
        place += 7
        if byte < 128:
            out.append(value)
            value, place = 0, 0
    return out


def unpacked(packed: dict[str, str]) -> list[list[list[tuple[int, int]]]]:
    """For each shape its rings of corners, in steps."""
    steps = [-(n + 1) // 2 if n % 2 else n // 2 for n in numbers(packed["steps"])]
    corners = np.cumsum(np.reshape(steps, (-1, 2)), axis=0).tolist()
    sizes = iter(numbers(packed["corners"]))
    shapes, at = [], 0
    for count in numbers(packed["rings"]):
        rings = []
        for _ in range(count):
            size = next(sizes)
            rings.append([tuple(corner) for corner in corners[at : at + size]])
            at += size
        shapes.append(rings)
    assert at == len(corners)
    return shapes


def test_nothing_is_packed_as_nothing():
    assert packed_shapes([]) == {"rings": "", "corners": "", "steps": ""}


def test_points_polygons_holes_and_parts_keep_their_order_and_rings():
    ring = box(113, 30, 113.003, 30.003).difference(box(113.001, 30.001, 113.002, 30.002))
    two = MultiPolygon([box(-1, -2, -0.5, -1.5), box(5, 5, 6, 6)])
    shapes = unpacked(packed_shapes([Point(113.5, 30.5), ring, two, Point(-0.0000001, 0)]))
    assert [[len(rings) for rings in shape] for shape in shapes] == [[1], [4, 4], [4, 4], [1]]
    assert shapes[0] == [[(1_135_000_000, 305_000_000)]]
    assert shapes[3] == [[(-1, 0)]]
    hole = shapely.LinearRing(shapes[1][1])
    assert shapely.LinearRing(shapes[1][0]).is_ccw
    assert not hole.is_ccw


@given(seed=st.integers(0, 10**6), count=st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_any_footprints_come_back_to_the_step(seed, count):
    rng = np.random.default_rng(seed)
    shapes = [
        shapely.convex_hull(shapely.multipoints(rng.uniform(-1, 1, (6, 2)) * [180, 90]))
        if rng.random() < 0.7
        else Point(rng.uniform(-1, 1, 2) * [180, 90])
        for _ in range(count)
    ]
    for shape, rings in zip(shapes, unpacked(packed_shapes(shapes)), strict=True):
        steps = np.unique(np.round(shapely.get_coordinates(shape) * STEPS_A_DEG), axis=0)
        assert np.array_equal(np.unique(np.array(rings[0], dtype=float), axis=0), steps)


def test_a_footprint_takes_some_thirty_bytes():
    shape = Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
    homes = [
        shapely.affinity.translate(shapely.affinity.scale(shape, 8e-5, 8e-5), x, y)
        for x in np.arange(113.2, 113.21, 0.001)
        for y in np.arange(30.1, 30.11, 0.001)
    ]
    size = sum(len(text) for text in packed_shapes(homes).values()) / len(homes)
    assert size == pytest.approx(35, abs=10)
