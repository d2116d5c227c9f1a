"""Neighbouring grids differ in colour, for every eye, and the same way each time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from maps import PALETTE, GridShape, colour_grids, colour_polygons, inherited_colours
from maps.colours import neighbours

# Viénot, Brettel and Mollon 1999 for red and green, Brettel 1997 reduced for blue; linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protan": np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.004, -0.004, 1]]),
    "deutan": np.array([[0.2927, 0.7073, 0], [0.2927, 0.7073, 0], [-0.0223, 0.0223, 1]]),
    "tritan": np.array([[1, 0.1446, -0.1446], [0, 0.8592, 0.1408], [0, 0.8592, 0.1408]]),
}


def grid(key: str, polygon: Polygon) -> GridShape:
    return GridShape(key, "", polygon, 1, 300, 1000, in_band=True, reasons="")


def lattice(columns: int, rows: int) -> list[GridShape]:
    return [
        grid(f"G{r:02d}{c:02d}", box(c * 0.001, r * 0.001, (c + 1) * 0.001, (r + 1) * 0.001))
        for r in range(rows)
        for c in range(columns)
    ]


def test_a_corner_makes_no_neighbours_and_a_side_does():
    """0 1
    2 3"""
    a, b, c, d = box(0, 1, 1, 2), box(1, 1, 2, 2), box(0, 0, 1, 1), box(1, 0, 2, 1)
    assert neighbours([a, b, c, d]).tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]


def test_grids_that_lost_a_common_vertex_are_still_neighbours():
    left = Polygon([(0, 0), (1, 0), (1 + 3e-9, 0.5), (1, 1), (0, 1)])
    assert neighbours([left, box(1, 0, 2, 1)]).tolist() == [[0, 1]]


def test_a_grid_inside_another_is_its_neighbour():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    assert neighbours([ring, box(1, 1, 2, 2)]).tolist() == [[0, 1]]


@given(seed=st.integers(0, 10**6), count=st.integers(2, 60))
@settings(max_examples=25, deadline=None)
def test_neighbours_differ_whatever_the_shapes(seed, count):
    sites = np.random.default_rng(seed).uniform(0, 0.02, (count, 2))
    area = box(0, 0, 0.02, 0.02)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=area))
    grids = [grid(f"G{i:03d}", cell) for i, cell in enumerate(shapely.intersection(cells, area))]
    colours = colour_grids(grids)
    pairs = neighbours([g.polygon for g in grids]).tolist()
    assert len(pairs) >= count - 1  # connected, or the claim below would be empty
    for i, j in pairs:
        assert colours[f"G{i:03d}"] != colours[f"G{j:03d}"]


def test_grids_that_meet_at_a_corner_differ_too_where_colours_suffice():
    """Squares five by four: four meet at each corner, and six colours can tell them apart."""
    colours = colour_grids(lattice(5, 4))
    for r in range(3):
        for c in range(4):
            four = {colours[f"G{r + i:02d}{c + j:02d}"] for i in (0, 1) for j in (0, 1)}
            assert len(four) == 4


def test_order_of_grids_does_not_change_their_colours():
    grids = lattice(5, 4)
    assert colour_grids(grids[::-1]) == colour_grids(grids)


def test_six_colours_do_for_a_planar_map_that_is_hard_on_greedy_order():
    """A hub with a ring of rooms round it, thrice nested: many neighbours each."""
    spokes = np.linspace(0, 2 * np.pi, 9)[:-1]
    hub = shapely.Point(0, 0).buffer(0.001)
    grids = [grid("G-hub", hub)]
    for ring in (1, 2, 3):
        band = (
            shapely.Point(0, 0)
            .buffer(0.001 * (ring + 1))
            .difference(shapely.Point(0, 0).buffer(0.001 * ring))
        )
        for k, turn in enumerate(spokes + ring * 0.3):
            wedge = Polygon(
                [(0, 0)] + [(np.cos(turn + a), np.sin(turn + a)) for a in (0, 0.25, 0.5, 0.785398)]
            )
            grids.append(grid(f"G-{ring}{k}", band.intersection(wedge)))
    colours = colour_grids(grids)
    ordered = sorted(grids, key=lambda g: g.grid_id)
    pairs = neighbours([g.polygon for g in ordered]).tolist()
    assert len(pairs) > 40
    assert all(colours[ordered[i].grid_id] != colours[ordered[j].grid_id] for i, j in pairs)


def test_the_whole_palette_is_used():
    assert set(colour_grids(lattice(5, 4)).values()) == set(range(len(PALETTE)))


@pytest.mark.parametrize("sight", SIGHT)
def test_palette_stays_apart_for_every_eye(sight):
    """CIE76 distance of fills as drawn (58 % over paper); 2.3 is just noticeable."""
    labs = [lab(SIGHT[sight] @ linear(colour)) for colour in PALETTE]
    apart = {
        (PALETTE[i], PALETTE[j]): float(np.linalg.norm(labs[i] - labs[j]))
        for i, j in combinations(range(len(PALETTE)), 2)
    }
    assert min(apart.values()) > 5, min(apart, key=apart.__getitem__)


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    paper = np.array([0xF3, 0xF1, 0xEC]) / 255
    drawn = 0.58 * rgb + 0.42 * paper
    return np.where(drawn <= 0.04045, drawn / 12.92, ((drawn + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(np.clip(to_xyz @ rgb / [0.9505, 1, 1.089], 1e-6, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_grids_that_persist_keep_their_colours():
    """A column is added to the west, so that the order and the numbers used all change."""
    before = lattice(5, 4)
    colours = colour_grids(before)
    new = [grid(f"A{r:02d}", box(-0.001, r * 0.001, 0, (r + 1) * 0.001)) for r in range(4)]
    after = colour_grids([*new, *before], previous=colours)
    assert {key: after[key] for key in colours} == colours
    assert colour_grids([*new, *before]) != after  # it would be otherwise without them


def test_colours_that_grids_carry_are_their_earlier_ones():
    before = lattice(3, 3)
    wanted = {key: (row + 1) % 6 for key, row in colour_grids(before).items()}
    carried = [replace(one, colour=wanted[one.grid_id]) for one in before]
    assert colour_grids(carried) == wanted
    assert colour_grids(carried, previous={}) == colour_grids(before)


@given(seed=st.integers(0, 10**6), count=st.integers(2, 60))
@settings(max_examples=25, deadline=None)
def test_neighbours_differ_whatever_they_were_before(seed, count):
    rng = np.random.default_rng(seed)
    sites = rng.uniform(0, 0.02, (count, 2))
    area = box(0, 0, 0.02, 0.02)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=area))
    grids = [grid(f"G{i:03d}", cell) for i, cell in enumerate(shapely.intersection(cells, area))]
    # any colours, of some grids, even none of the palette
    previous = {g.grid_id: int(rng.integers(-1, 8)) for g in grids if rng.random() < 0.8}
    colours = colour_grids(grids, previous)
    pairs = neighbours([g.polygon for g in grids]).tolist()
    assert all(colours[grids[i].grid_id] != colours[grids[j].grid_id] for i, j in pairs)
    assert set(colours.values()) <= set(range(len(PALETTE)))


def test_a_grid_shut_in_by_six_colours_changes_one_neighbour_only():
    """A hub amid six wedges of six colours: one of them has to give way, five need not."""
    turns = np.linspace(0, 2 * np.pi, 7)
    rim = [(np.cos(turn) * 0.003, np.sin(turn) * 0.003) for turn in turns]
    hub = Polygon([(x / 3, y / 3) for x, y in rim[:-1]])
    wedges = [
        grid(f"W{k}", Polygon([(0, 0), rim[k], rim[k + 1]]).difference(hub)) for k in range(6)
    ]
    previous = {f"W{k}": k for k in range(6)}
    colours = colour_grids([grid("A-hub", hub), *wedges], previous)
    assert sum(colours[key] != row for key, row in previous.items()) == 1
    assert all(colours["A-hub"] != colours[key] for key in previous)


def test_colours_follow_the_ground_where_ids_changed():
    before = lattice(5, 4)
    colours = colour_grids(before)
    earlier = [(one.polygon, colours[one.grid_id]) for one in before]
    renamed = {f"N-{19 - k}": one.polygon for k, one in enumerate(before)}
    heirs = inherited_colours(renamed, earlier)
    assert [heirs[f"N-{19 - k}"] for k in range(20)] == [colours[one.grid_id] for one in before]


def test_of_a_divided_grid_the_larger_part_inherits_alone():
    earlier = [(box(0, 0, 1, 1), 4)]
    parts = {"A": box(0, 0, 0.4, 1), "B": box(0.4, 0, 1, 1), "C": box(5, 5, 6, 6)}
    assert inherited_colours(parts, earlier) == {"B": 4}
    assert inherited_colours({}, earlier) == inherited_colours(parts, []) == {}


def _row_of_squares(names):
    return {name: box(100 * k, 0, 100 * k + 100, 100) for k, name in enumerate(names)}


def test_colours_of_the_version_before_are_kept():
    earlier = {"a": 5, "b": 2, "c": 5, "gone": 1}
    later = colour_polygons(_row_of_squares("abcd"), unit_m=1.0, earlier=earlier)
    assert {name: later[name] for name in "abc"} == {"a": 5, "b": 2, "c": 5}
    assert later["d"] != 5


def test_a_kept_colour_gives_way_to_a_neighbour_of_the_same():
    later = colour_polygons(_row_of_squares("abc"), unit_m=1.0, earlier={"a": 3, "b": 3, "c": 3})
    assert later["a"] == later["c"] == 3
    assert later["b"] != 3


def test_colours_that_are_none_are_not_kept():
    later = colour_polygons(_row_of_squares("ab"), unit_m=1.0, earlier={"a": 99, "b": -1})
    assert set(later.values()) <= set(range(len(PALETTE)))


def test_kept_colours_that_leave_none_to_a_new_grid_are_given_up():
    """Six slices around a hub, each of another colour: the hub is new."""
    hub = Point(0, 0).buffer(50, quad_segs=30)
    slices = {}
    for k in range(6):
        start, end = 2 * math.pi * k / 6, 2 * math.pi * (k + 1) / 6
        arc = [(300 * math.cos(a), 300 * math.sin(a)) for a in np.linspace(start, end, 20)]
        slices[f"s{k}"] = Polygon([(0, 0), *arc]).difference(hub)
    earlier = {name: k for k, name in enumerate(slices)}
    shapes = {**slices, "hub": hub}
    later = colour_polygons(shapes, unit_m=1.0, earlier=earlier)
    ids = sorted(shapes)
    for i, j in neighbours([shapes[name] for name in ids], unit_m=1.0):
        assert later[ids[i]] != later[ids[j]]


@given(st.integers(0, 5000), st.integers(1, 6))
def test_metres_and_degrees_give_the_same_colours(seed, size):
    rng = np.random.default_rng(seed)
    cells = {f"{i}-{j}": box(i * 100, j * 100, i * 100 + 100, j * 100 + 100)
             for i in range(size) for j in range(size) if rng.random() < 0.8}  # fmt: skip
    small = {name: shapely.transform(cell, lambda xy: xy / 1e5) for name, cell in cells.items()}
    assert colour_polygons(cells, unit_m=1.0) == colour_polygons(small)
