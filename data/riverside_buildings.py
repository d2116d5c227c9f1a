"""The buildings of Riverside: compounds, lanes and what stands in them, as footprints.

Only ``Generator.random`` is drawn from: its stream is the one least likely to change with NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from riverside_town import GRID_M, Ground, Pair, heading, to_world
from shapely import Polygon


@dataclass(frozen=True)
class Site:
    """One building: its footprint in EPSG:4547 and what it is."""

    name: str
    kind: str
    compound: str
    floors: int
    entrances: int
    footprint: Polygon


@dataclass(frozen=True)
class Estate:
    """A compound of slabs in rows: the local rectangle it fills, and how."""

    name: str
    box: tuple[float, float, float, float]
    most: int
    pitch_m: float = 27.0
    gap_m: float = 13.5
    entrances: tuple[int, ...] = (4, 5, 5)
    entrance_m: float = 10.4
    depth_m: float = 12.0
    floors: int = 6

    def front_m(self, entrances: int) -> float:
        """Return the length of a slab with so many entrances."""
        return self.entrance_m * entrances


@dataclass(frozen=True)
class Lane:
    """A lane with houses on both sides: where it begins in the local frame, and how many."""

    name: str
    start: Pair
    houses: int


ESTATES = (
    Estate("Willow Court", (-2, 434, 122, 604), 12),
    Estate("Poplar Court", (135, 434, 253, 604), 11),
    Estate("Heron Court", (2, 222, 174, 304), 8),
    Estate("Plum Court", (410, 298, 592, 420), 10),
    Estate("Bridge Court", (186, 60, 256, 138), 4),
    Estate("Cedar Court", (275, -48, 401, 152), 12),
    Estate("Maple Court", (407, -48, 526, 164), 11),
    Estate("Peach Court", (660, 246, 810, 388), 10),
)
FOUNDRY = Estate(
    "Foundry Flats",
    (666, 400, 806, 600),
    8,
    pitch_m=37.0,
    gap_m=16.0,
    entrances=(2,),
    entrance_m=28.0,
    depth_m=15.0,
)
# Towers by their middles.
TOWERS: tuple[tuple[str, tuple[Pair, ...]], ...] = (
    (
        "Jade Garden",
        (
            (300, 576), (358, 582), (412, 578), (434, 520), (300, 514), (302, 454), (362, 450),
            (426, 456),
        ),
    ),
    ("Lotus Towers", ((506, 572), (564, 568), (506, 512), (562, 508), (508, 454), (562, 452))),
    (
        "River View",
        (
            (566, 172), (632, 204), (574, 112), (640, 138), (704, 202), (772, 192), (706, 136),
            (778, 128),
        ),
    ),
)  # fmt: skip
LANES = (
    Lane("Ferryman's Lane", (4, 400), 9),
    Lane("Lantern Lane", (90, 399), 8),
    Lane("Well Lane", (2, 366), 8),
    Lane("Old Wall Lane", (90, 365), 9),
    Lane("Potters' Lane", (2, 332), 8),
    Lane("Kiln Lane", (90, 331), 9),
    Lane("Fishers' Lane", (-4, 149), 9),
    Lane("Net Lane", (88, 138), 8),
    Lane("Rope Lane", (-6, 115), 9),
    Lane("Boat Lane", (88, 104), 9),
    Lane("Reed Lane", (-6, 80), 8),
    Lane("Willow Bank", (88, 72), 8),
)


# A year later: a tower in the middle of Jade Garden, and a lane that was pulled down.
NEW_TOWER: tuple[str, Pair] = ("Jade Garden", (366, 515))
CLEARED_LANE = "Boat Lane"

CIVIC: tuple[tuple[str, str, Pair, Pair, int], ...] = (
    # name, kind, middle, length and depth in metres, floors
    ("Riverside School", "school", (330, 360), (88.0, 60.0), 4),
    ("Riverside Market", "market", (216, 386), (52.0, 40.0), 2),
    ("Community Office", "office", (218, 334), (30.0, 15.0), 3),
    ("Bridge Street Shops", "shop", (234, 270), (16.0, 50.0), 2),
    ("Weir Road Shops", "shop", (330, 278), (64.0, 14.0), 2),
    ("Mill Road Shops", "shop", (622, 84), (60.0, 14.0), 2),
)


def build_sites(ground: Ground, rng: np.random.Generator) -> tuple[Site, ...]:
    """Put up every building that finds room; every random choice comes from ``rng``.

    A plan proposes more than fits: what would stand in a street, in the river or against
    another building is not built, which is how compounds come by their ragged edges.
    """
    clear = ground.clear(setback_m=5.0)
    shapely.prepare(clear)
    sites: list[Site] = []
    for name, most, proposals in _plans(rng):
        built = 0
        for site in proposals:
            near = any(site.footprint.distance(s.footprint) < 2.0 for s in sites)
            if built < most and not near and clear.contains(site.footprint):
                built += 1
                label = f"{name} {built}" if site.compound else name
                sites.append(replace(site, name=label))
    return tuple(sites)


def new_tower(sites: Sequence[Site], rng: np.random.Generator) -> Site:
    """Put up the tower of the year after, numbered on in its compound."""
    compound, middle = NEW_TOWER
    number = 1 + sum(site.compound == compound for site in sites)
    return replace(_tower(compound, middle, rng), name=f"{compound} {number}")


def _plans(rng: np.random.Generator) -> Iterator[tuple[str, int, list[Site]]]:
    """Give each compound, lane and single house in turn: name, most buildings, proposals."""
    for estate in (*ESTATES, FOUNDRY):
        yield estate.name, estate.most, list(_slabs(estate, rng))
    for name, middles in TOWERS:
        yield name, len(middles), [_tower(name, middle, rng) for middle in middles]
    for lane in LANES:
        yield lane.name, lane.houses, list(_houses(lane, rng))
    for name, kind, middle, (length_m, depth_m), floors in CIVIC:
        outline = _school(length_m, depth_m) if kind == "school" else _box(length_m, depth_m)
        yield name, 1, [Site(name, kind, "", floors, 1, place(outline, middle))]


def _slabs(estate: Estate, rng: np.random.Generator) -> Iterator[Site]:
    """Propose rows of slabs, north to south, each row filled west to east and centred."""
    west, south, east, north = estate.box
    v = north - estate.depth_m / 2
    while v - estate.depth_m / 2 >= south:
        row: list[int] = []
        while True:
            entrances = estate.entrances[int(rng.random() * len(estate.entrances))]
            fronts = [estate.front_m(n) for n in (*row, entrances)]
            if sum(fronts) + estate.gap_m * len(row) > east - west:
                break
            row.append(entrances)
        used = sum(estate.front_m(n) for n in row) + estate.gap_m * (len(row) - 1)
        u = west + (east - west - used) / 2 + 3.0 * (rng.random() - 0.5)
        for entrances in row:
            front = estate.front_m(entrances)
            shift = 3.0 * (rng.random() - 0.5)
            outline = _slab(front, estate.depth_m, entrances)
            footprint = place(outline, (u + front / 2, v + shift))
            yield Site("", "walk-up", estate.name, estate.floors, entrances, footprint)
            u += front + estate.gap_m
        v -= estate.pitch_m


def _tower(compound: str, middle: Pair, rng: np.random.Generator) -> Site:
    """Propose a tower: a cross with one stair, or a broad one with two entrances."""
    entrances = 2 if rng.random() < 0.3 else 1
    floors = 25 + int(rng.random() * 9)
    outline = _cross(40.0, 18.0, 6.0) if entrances == 2 else _cross(27.0, 25.0, 7.0)
    at = (middle[0] + 4.0 * (rng.random() - 0.5), middle[1] + 4.0 * (rng.random() - 0.5))
    footprint = place(outline, at, turn=0.04 * (rng.random() - 0.5))
    return Site("", "high-rise", compound, floors, entrances, footprint)


def _houses(lane: Lane, rng: np.random.Generator) -> Iterator[Site]:
    """Propose houses along a lane, by turns on its north and on its south side."""
    u, v = lane.start
    for pair in range((lane.houses + 1) // 2):
        for side in (1.0, -1.0):
            width, depth = 10.0 + 2.6 * rng.random(), 9.5 + 2.2 * rng.random()
            at = (u + 15.4 * pair + 7.0 + rng.random(), v + side * (2.6 + depth / 2))
            outline = _courtyard(width, depth, side=side) if rng.random() < 0.45 else None
            footprint = place(outline or _box(width, depth), at, turn=0.06 * (rng.random() - 0.5))
            floors = 1 + int(rng.random() * 3)
            yield Site("", "house", lane.name, floors, 1, footprint)


def place(outline: Sequence[Pair], middle: Pair, *, turn: float = 0.0) -> Polygon:
    """Set an outline (metres about its middle) down in EPSG:4547, vertices on the lattice.

    ``middle`` is in the local frame; ``turn`` in radians, on top of the lie of the ground.
    """
    x0, y0 = to_world(*middle)
    angle = heading(*middle) + turn
    cos, sin = math.cos(angle), math.sin(angle)
    corners = [(x0 + cos * a - sin * b, y0 + sin * a + cos * b) for a, b in outline]
    return shapely.set_precision(Polygon(corners), GRID_M).normalize()


def _box(length: float, depth: float) -> list[Pair]:
    a, b = length / 2, depth / 2
    return [(-a, -b), (a, -b), (a, b), (-a, b)]


def _slab(length: float, depth: float, entrances: int) -> list[Pair]:
    """Outline a slab whose stairwells stand out to the north by 1.4 m."""
    a, b = length / 2, depth / 2
    outline: list[Pair] = [(-a, -b), (a, -b), (a, b)]
    for k in reversed(range(entrances)):
        stair = -a + length * (k + 0.5) / entrances
        outline += [(stair + 1.6, b), (stair + 1.6, b + 1.4), (stair - 1.6, b + 1.4)]
        outline.append((stair - 1.6, b))
    return [*outline, (-a, b)]


def _cross(length: float, depth: float, notch: float) -> list[Pair]:
    """Outline a block with its four corners cut out, as tower floors are."""
    a, b, n = length / 2, depth / 2, notch
    return [
        (-a + n, -b), (a - n, -b), (a - n, -b + n), (a, -b + n), (a, b - n), (a - n, b - n),
        (a - n, b), (-a + n, b), (-a + n, b - n), (-a, b - n), (-a, -b + n), (-a + n, -b + n),
    ]  # fmt: skip


def _courtyard(width: float, depth: float, *, side: float) -> list[Pair]:
    """Outline a house about a small court that opens away from its lane."""
    a, b, open_m, deep = width / 2, depth / 2, width * 0.2, depth * 0.5
    outline = [
        (-a, -b), (a, -b), (a, b), (open_m, b), (open_m, b - deep), (-open_m, b - deep),
        (-open_m, b), (-a, b),
    ]  # fmt: skip
    return [(x, side * y) for x, y in outline]


def _school(length: float, depth: float) -> list[Pair]:
    """Outline a school: three wings about a yard that opens to the south."""
    a, b, wing = length / 2, depth / 2, 15.0
    return [
        (-a, -b), (-a + wing, -b), (-a + wing, b - wing), (a - wing, b - wing), (a - wing, -b),
        (a, -b), (a, b), (-a, b),
    ]  # fmt: skip
