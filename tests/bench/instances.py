"""Towns as problems: a file of blocks read, projected to metres, and joined to a graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from gridgeo.crs import metric_crs_for, to_metric
from solvers import Problem, Terms

BANDS = ((300, 500), (1000, 1500))  # households, people
# 10^6 household m2; out of band costs 5, 0.05 a household and 0.02 a person beyond. The bench
# keeps this one cost so that its numbers compare over the years; the product puts bands first.
PENALTY = (5.0, 0.05, 0.02)
LONGEST_EDGE_M = 250.0
NEEDED = ("building_id", "town", "households", "population", "lon", "lat")


@dataclass(frozen=True, eq=False)
class Town:
    """The blocks of one town, in the order of the file.

    ``xy``: float64 (n, 2), metres about their mean. ``edges``: int64 (m, 2), i < j, sorted.
    """

    name: str
    ids: tuple[str, ...]
    households: np.ndarray
    population: np.ndarray
    xy: np.ndarray
    edges: np.ndarray

    @property
    def n(self) -> int:
        return len(self.ids)

    def problem(self, max_span_m: float | None = None) -> Problem:
        """Return the town as the solver takes it; no span: left to the solver."""
        return Problem(
            np.column_stack([self.households, self.population]),
            np.array(BANDS, np.int64),
            self.xy.copy(),
            self.edges.copy(),
            np.inf if max_span_m is None else max_span_m,
            terms=Terms(compactness=1.0, penalty=PENALTY),
        )


def read_towns(path: Path) -> dict[str, Town]:
    """Read every town of a CSV with ``NEEDED`` columns, in the order of their names.

    Raises:
        SystemExit: columns are missing.
    """
    rows = pd.read_csv(path, dtype={"building_id": str, "town": str}, keep_default_na=False)
    missing = [name for name in NEEDED if name not in rows.columns]
    if missing:
        raise SystemExit(f"{path} has no column {', '.join(missing)}")
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs="EPSG:4326"
    )
    moved = to_metric(points, metric_crs_for(points)).geometry
    xy = np.column_stack([moved.x, moved.y])
    towns = {}
    for name, part in rows.groupby("town", sort=True):
        here = xy[part.index]
        towns[str(name)] = town_of(
            str(name),
            part["building_id"],
            part["households"].to_numpy(np.int64),
            part["population"].to_numpy(np.int64),
            here,
        )
    return towns


def town_of(name, ids, households, population, xy) -> Town:
    """Return a town whose blocks are joined as ``edges_of`` says."""
    centred = np.ascontiguousarray(xy - xy.mean(axis=0))
    return Town(name, tuple(ids), households, population, centred, edges_of(centred))


def edges_of(xy: np.ndarray) -> np.ndarray:
    """Return Delaunay edges up to 250 m, and those of the spanning tree that keep all together.

    The triangulation is of points moved by up to a millimetre, for blocks may stand at one point
    or in a row; lengths are of the true ones.
    """
    n = len(xy)
    if n < 4:
        pairs = np.array([(i, j) for j in range(n) for i in range(j)], np.int64).reshape(-1, 2)
    else:
        # The old generator on purpose: it gives the graph all earlier numbers were measured on.
        shift = np.random.RandomState(0).uniform(-1e-3, 1e-3, xy.shape)
        corners = Delaunay(xy + shift).simplices
        sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
        pairs = np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    # a length of nothing would be no edge to scipy
    weighted = csr_matrix((length + 1e-9, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    tree = minimum_spanning_tree(weighted).tocoo()
    in_tree = {(min(i, j), max(i, j)) for i, j in zip(tree.row, tree.col, strict=True)}
    kept = [
        metres <= LONGEST_EDGE_M or (i, j) in in_tree
        for (i, j), metres in zip(pairs.tolist(), length, strict=True)
    ]
    return pairs[np.array(kept, bool)]
