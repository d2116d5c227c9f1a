"""A town of streets and houses beside them, anywhere on earth, in any datum."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from gridgeo.crs import from_lonlat, to_lonlat
from gridgeo.datum import Datum, from_wgs84


def town(
    seed: int = 0,
    *,
    at: tuple[float, float] = (116.4, 39.9),
    crs: int = 4548,
    blocks: int = 8,
    block_m: tuple[float, float] = (70, 140),
) -> tuple[np.ndarray, np.ndarray]:
    """Return footprints and streets in ``crs``, ``blocks`` by ``blocks``, about ``at``.

    +--------+------+    Streets run straight through the town, turned by a random angle.
    | ▪ ▪  ▪ | ▪ ▪  |    Houses are 8 to 22 m long and stand 8 m or more from the middle of
    | ▪ ▪  ▪ | ▪  ▪ |    the street.
    +--------+------+
    """
    rng = np.random.default_rng(seed)
    x, y = (np.concatenate([[0], np.cumsum(rng.uniform(*block_m, blocks))]) for _ in "xy")
    houses = []
    for west, east in zip(x[:-1] + 8, x[1:] - 8, strict=True):
        for south, north in zip(y[:-1] + 8, y[1:] - 8, strict=True):
            row = south
            while row + 8 < north:
                depth = min(rng.uniform(8, 22), north - row)
                column = west
                while column + 8 < east:
                    width = min(rng.uniform(8, 22), east - column)
                    if rng.random() > 0.1:
                        houses.append(shapely.box(column, row, column + width, row + depth))
                    column += width + rng.uniform(2, 12)
                row += depth + rng.uniform(6, 20)
    streets = [[(a, 0), (a, y[-1])] for a in x] + [[(0, a), (x[-1], a)] for a in y]
    turn = rng.uniform(0, np.pi / 2)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    centre = shapely.get_coordinates(from_lonlat(shapely.points(at), pyproj.CRS(crs)))[0]
    middle = centre - np.array([x[-1], y[-1]]) / 2 @ matrix
    made = (np.array(houses, dtype=object), shapely.linestrings(streets))
    placed = [shapely.transform(shapes, lambda xy: xy @ matrix + middle) for shapes in made]
    return placed[0], placed[1]


def drawn_in(datum: Datum, shapes: np.ndarray, crs: int = 4548) -> np.ndarray:
    """Return ``shapes`` as a file has them whose coordinates are in ``datum`` unawares."""
    degrees = to_lonlat(shapes, pyproj.CRS(crs))
    moved = shapely.transform(degrees, lambda lonlat: from_wgs84(lonlat, datum))
    return from_lonlat(moved, pyproj.CRS(crs))
