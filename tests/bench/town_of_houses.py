"""A synthetic town of small houses: villages of streets, 1 to 6 households a house."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from solvers import Problem, Terms

VILLAGE = 4_000  # houses
VILLAGES_APART_M = 2_600.0
NEIGHBOURS_M = 120.0  # longest edge, but for those that keep the town in one piece
BANDS = [[300, 500], [1000, 1500]]
TERMS = Terms(
    1.0,
    balance=(2 / 100**2, 2 / 250**2),
    target=(400.0, 1250.0),
    penalty=(5.0, 0.05, 0.02),
)


def houses(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return where the houses are, float64 (n, 2) in metres, and households and people, int64."""
    rng = np.random.RandomState(seed)  # the draws of the instances in the published tables
    villages = max(1, n // VILLAGE)
    side = int(np.ceil(np.sqrt(villages)))
    each = n // villages
    xy = np.concatenate(
        [
            _village(
                each if v < villages - 1 else n - each * (villages - 1),
                (v % side * VILLAGES_APART_M, v // side * VILLAGES_APART_M),
                rng,
            )
            for v in range(villages)
        ]
    )
    households = rng.choice(np.arange(1, 7), n, p=[0.45, 0.25, 0.12, 0.08, 0.05, 0.05])
    mean = 3.15 + 0.45 * np.sin(xy[:, 0] / 700) * np.cos(xy[:, 1] / 900)
    people = np.maximum(households, rng.poisson(households * (mean - 1)) + households)
    return xy, np.column_stack([households, people]).astype(np.int64)


def _village(n: int, at: tuple[float, float], rng: np.random.RandomState) -> np.ndarray:
    """Return houses 14 m apart on both sides of streets, turned by some angle."""
    x = at[0] + rng.uniform(-200, 200)
    y = at[1] + rng.uniform(-200, 200)
    angle = rng.uniform(0, np.pi / 2)
    half = 1.25 * np.sqrt(n * 14 * 45 / 2)
    along = np.arange(-half, half, 14.0)
    rows = [
        np.column_stack([along, np.full(len(along), street + offset)])
        for street in np.arange(-half, half, 90.0)
        for offset in (-12, 12)
    ]
    columns = [
        np.column_stack([np.full(len(along), street + offset), along])
        for street in np.arange(-half, half, 180.0)
        for offset in (-12, 12)
    ]
    xy = np.vstack(rows + columns)
    xy += rng.normal(0, 2, xy.shape)
    bulge = 1 + 0.25 * np.sin(3 * np.arctan2(xy[:, 1], xy[:, 0]) + angle * 4)
    radius = np.hypot(*xy.T) * bulge
    xy = xy[np.argsort(radius + rng.uniform(0, 60, len(radius)))[:n]]
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(xy @ np.array([[c, s], [-s, c]]) + [x, y])


def neighbours(xy: np.ndarray) -> np.ndarray:
    """Return Delaunay's edges up to 120 m, and the shortest that keep the town in one piece."""
    n = len(xy)
    apart = np.random.RandomState(0).uniform(-1e-3, 1e-3, xy.shape)
    corners = Delaunay(xy + apart).simplices
    key = np.concatenate([_key(corners, a, b, n) for a, b in ((0, 1), (1, 2), (0, 2))])
    del corners
    key = np.unique(key)
    edges = np.column_stack([key // n, key % n])
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    graph = csr_matrix((length + 1e-9, (edges[:, 0], edges[:, 1])), shape=(n, n))
    tree = minimum_spanning_tree(graph).tocoo()
    bridges = _key(np.column_stack([tree.row, tree.col]).astype(np.int64), 0, 1, n)
    return edges[(length <= NEIGHBOURS_M) | np.isin(key, bridges)]


def _key(corners: np.ndarray, a: int, b: int, n: int) -> np.ndarray:
    low = np.minimum(corners[:, a], corners[:, b]).astype(np.int64)
    return low * n + np.maximum(corners[:, a], corners[:, b])


def town_of_houses(n: int, seed: int = 0) -> Problem:
    """Return the problem that the tables quote for ``n`` houses."""
    xy, weights = houses(n, seed)
    return Problem(weights, np.array(BANDS, np.int64), xy, neighbours(xy), terms=TERMS)
