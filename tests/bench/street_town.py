"""A synthetic town with a noisy net of streets, a river, a railway, a motorway, and its houses."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString

from gridgeo.model import SOLE_COMMUNITY, Buildings

CRS = 4547
ORIGIN = (536_000.0, 3_318_000.0)  # far from 0, as national grids are
BLOCK_M = 95.0  # between streets
PLOT_M = 18.0  # between houses
STREETS_KEPT = 0.85  # the rest are gaps, which leave dead ends
BRIDGES = 0.3  # of the streets over a hard line; the others end before it
FOOTPATHS = 0.05  # of the blocks have one that leads to nowhere


@dataclass(frozen=True, eq=False)
class StreetTown:
    """Tables in one metric CRS: what ``build_territory`` takes."""

    buildings: Buildings
    boundary: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame


def street_town(n: int, seed: int = 0, *, footprints: bool = False, dirty: bool = False):
    """Make a town of ``n`` buildings, points or footprints.

    ``dirty``: of a hundred footprints some five overlap a neighbour, one lies inside another,
    one is drawn twice, one is far too large and reaches over the streets.
    """
    rng = np.random.default_rng(seed)
    side_m = np.ceil(np.sqrt(n) * PLOT_M * (1.3 if footprints else 1.12))
    barriers = _barriers(side_m, rng)
    shapes = _houses(n, side_m, barriers, rng, off_m=10.0 if footprints else 4.0)
    if footprints:
        shapes = _footprints(shapes, rng)
        if dirty:
            shapes = _spoilt(shapes, rng)
    west, south = ORIGIN
    rim = shapely.segmentize(shapely.box(west, south, west + side_m, south + side_m), side_m / 20)
    rim = shapely.transform(rim, lambda xy: xy + side_m / 150 * np.sin(xy[:, ::-1] / side_m * 31))
    rim = shapely.buffer(shapely.union_all([rim, *shapely.buffer(shapes, 2.0)]), 0)
    order = rng.permutation(n)
    table = gpd.GeoDataFrame(
        {
            "building_id": [f"B{i:06d}" for i in range(n)],
            "households": rng.integers(1, 30, n),
            "population": rng.integers(30, 90, n),
            "community": [SOLE_COMMUNITY] * n,
        },
        geometry=shapes[order],
        crs=CRS,
    )
    return StreetTown(Buildings(table), gpd.GeoDataFrame(geometry=[rim], crs=CRS), barriers)


def _barriers(side_m: float, rng: np.random.Generator) -> gpd.GeoDataFrame:
    hard = _hard_lines(side_m, rng)
    streets = _streets(side_m, rng)
    meets = shapely.intersects(streets[:, None], np.array([line for _, line in hard])).any(axis=1)
    bridge = meets & (rng.random(len(streets)) < BRIDGES)
    kept = ~meets | bridge
    kinds = [kind for kind, _ in hard] + ["street"] * int(kept.sum())
    flags = np.concatenate([np.zeros(len(hard), bool), bridge[kept]])
    lines = [line for _, line in hard] + list(streets[kept])
    return gpd.GeoDataFrame({"kind": kinds, "bridge": flags}, geometry=lines, crs=CRS)


def _hard_lines(side_m: float, rng: np.random.Generator) -> list[tuple[str, LineString]]:
    """A winding river from west to east, a railway and a motorway from south to north."""
    along = np.linspace(-200, side_m + 200, int(side_m // 25) + 20)
    swing = side_m / 12
    river = side_m * 0.45 + swing * np.sin(along / side_m * 9) + rng.normal(0, 2, len(along))
    rail = side_m * 0.7 + along * 0.05
    motorway = side_m * 0.2 - along * 0.08 + swing / 4 * np.sin(along / side_m * 4)
    west, south = ORIGIN
    return [
        ("river", LineString(np.column_stack([west + along, south + river]))),
        ("rail", LineString(np.column_stack([west + rail, south + along]))),
        ("motorway", LineString(np.column_stack([west + motorway, south + along]))),
    ]


def _streets(side_m: float, rng: np.random.Generator) -> np.ndarray:
    """Streets from corner to corner of noisy blocks, some missing, and a few footpaths."""
    count = max(2, int(np.ceil(side_m / BLOCK_M)))
    steps = np.arange(count + 1) * (side_m / count)
    x, y = np.meshgrid(steps, steps, indexing="ij")
    nodes = np.stack([x, y], axis=-1) + rng.normal(0, BLOCK_M / 9, (count + 1, count + 1, 2))
    nodes += ORIGIN
    ends = np.concatenate(
        [
            np.stack([nodes[:-1], nodes[1:]], axis=2).reshape(-1, 2, 2),
            np.stack([nodes[:, :-1], nodes[:, 1:]], axis=2).reshape(-1, 2, 2),
        ]
    )
    ends = ends[rng.random(len(ends)) < STREETS_KEPT]
    middle = ends.mean(axis=1) + rng.normal(0, 3, (len(ends), 2))
    streets = shapely.linestrings(np.stack([ends[:, 0], middle, ends[:, 1]], axis=1))
    start = nodes[:-1, :-1].reshape(-1, 2)
    start = start[rng.random(len(start)) < FOOTPATHS]
    turn = rng.uniform(0, 2 * np.pi, len(start))
    far = start + 0.4 * BLOCK_M * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.concatenate([streets, shapely.linestrings(np.stack([start, far], axis=1))])


def _houses(
    n: int, side_m: float, barriers: gpd.GeoDataFrame, rng: np.random.Generator, *, off_m: float
) -> np.ndarray:
    """Noisy rows of points off the lines, as many as were asked for."""
    lines = np.asarray(barriers.geometry.values, dtype=object)
    steps = np.arange(PLOT_M / 2, side_m, PLOT_M)
    x, y = np.meshgrid(steps, steps)
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy = xy + rng.normal(0, PLOT_M / 8, xy.shape) + ORIGIN
    points = shapely.points(xy)
    near, _ = shapely.STRtree(points).query(lines, predicate="dwithin", distance=off_m)[::-1]
    free = np.setdiff1d(np.arange(len(points)), near)
    while len(free) < n:  # a little town has more streets than plots
        more = shapely.points(rng.uniform(0, side_m, (n, 2)) + ORIGIN)
        points, free = np.concatenate([points, more]), np.r_[free, len(points) + np.arange(n)]
    return points[np.sort(rng.choice(free, n, replace=False))]


def _footprints(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A turned rectangle about every point, one in four with a corner cut out."""
    n = len(points)
    half = rng.uniform(3.0, 6.5, (n, 2))
    turn = rng.choice([0.0, 0.2, -0.35], n) + rng.normal(0, 0.03, n)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [0.2, 1], [0.2, 0.3], [-1, 0.3]])
    full = np.array([[-1, -1], [1, -1], [1, 1], [0.2, 1], [-1, 1], [-1, 0.3]])
    shape = np.where((rng.random(n) < 0.25)[:, None, None], corners, full) * half[:, None, :]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    at = shapely.get_coordinates(points)[:, None, :]
    turned = np.stack(
        [cos * shape[..., 0] - sin * shape[..., 1], sin * shape[..., 0] + cos * shape[..., 1]],
        axis=-1,
    )
    return shapely.polygons(np.round(at + turned, 2))


def _spoilt(shapes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Overlaps, contained and double footprints, and halls that reach over the streets."""
    n, out = len(shapes), shapes.copy()
    for row in rng.permutation(n)[: n // 12]:
        kind, other = int(rng.integers(8)), shapes[(row + 1) % n]
        middle = shapely.get_coordinates(shapely.centroid(other))[0]
        if kind < 5:  # beside the centre of the next one
            here = shapely.get_coordinates(shapely.centroid(shapes[row]))[0]
            away = middle - here + rng.uniform(1, 5, 2)
            out[row] = shapely.transform(shapes[row], lambda xy, away=away: xy + away)
        elif kind == 5:
            out[row] = shapely.buffer(shapely.points(middle), 1.0)
        elif kind == 6:
            out[row] = other
        else:
            out[row] = shapely.buffer(shapes[row], 25.0, quad_segs=2)
    return out
