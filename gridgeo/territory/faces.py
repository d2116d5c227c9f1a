"""The area of a territory and the faces that barriers and community borders cut it into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from .contacts import coverage_contacts

if TYPE_CHECKING:
    import geopandas as gpd

Array = np.ndarray[Any, Any]

# A building digitised on the border of its community may fall this far outside by rounding.
ON_BORDER_M = 0.01
# Thinner than this a face is no land but two lines that were meant to be one.
SLIVER_M = 1e-3


@dataclass(frozen=True, eq=False)
class Outline:
    """The area to be covered, by community.

    ``areas``: Polygons or MultiPolygons (k,), ``names``: object array of str (k,), sorted;
    the one name is "" where communities are not told apart.
    """

    areas: Array
    names: Array


@dataclass(frozen=True, eq=False)
class Faces:
    """Pieces of the area with no barrier inside, in a fixed order.

    ``polygons``: Polygons (f,); ``outline``: int64 (f,), row of the Outline each lies in;
    ``dangles``: lines (d,) with a loose end, which part nothing.
    """

    polygons: Array
    outline: Array
    dangles: Array


def outline_of_boundary(boundary: gpd.GeoDataFrame) -> Outline:
    """Dissolve boundary polygons by their ``community`` column, or into one without it."""
    shapes = np.asarray(boundary.geometry.values, dtype=object)
    if "community" not in boundary.columns:
        return Outline(_one(shapely.union_all(shapes)), np.array([""], dtype=object))
    owner = np.asarray(boundary["community"].fillna("").astype(str), dtype=object)
    names = np.array(sorted(set(owner)), dtype=object)
    if len(names) == 1:
        return Outline(_one(shapely.union_all(shapes)), np.array([""], dtype=object))
    areas = np.empty(len(names), dtype=object)
    for row, name in enumerate(names):
        areas[row] = shapely.union_all(shapes[owner == name])
    return Outline(areas, names)


def outline_of_discs(shapes: Array, reach_m: float) -> Outline:
    """Everything within ``reach_m`` metres of a building."""
    area = shapely.union_all(shapely.buffer(shapes, reach_m))
    return Outline(_one(area), np.array([""], dtype=object))


def cut_faces(outline: Outline, lines: Array) -> Faces:
    """Cut the outline along barrier lines and the borders between communities.

    Args:
        outline: the area.
        lines: barrier LineStrings, object array, shape (b,). They are noded whole: a line
            clipped to the area first ends a hair beside its ring, and the face is lost.
    """
    if len(outline.areas) == 1:
        lines = lines[shapely.intersects(lines, outline.areas[0])]
    if len(lines) == 0 and len(outline.areas) == 1:
        polygons, dangles = shapely.get_parts(outline.areas[0]), np.empty(0, dtype=object)
    else:
        rims = shapely.boundary(outline.areas)
        noded = shapely.get_parts(shapely.union_all(np.concatenate([rims, lines])))
        found, cuts, loose, _ = shapely.polygonize_full(noded)
        polygons = shapely.get_parts(found)
        dangles = np.concatenate([shapely.get_parts(cuts), shapely.get_parts(loose)])
    inside = shapely.point_on_surface(polygons)
    xy = shapely.get_coordinates(inside)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    polygons, inside = polygons[order], inside[order]
    face, home = shapely.STRtree(outline.areas).query(inside, predicate="intersects")
    # where communities overlap the first name takes the land
    owner = np.full(len(polygons), len(outline.areas), dtype=np.int64)
    np.minimum.at(owner, face, home)
    kept = owner < len(outline.areas)
    return _without_slivers(Faces(polygons[kept], owner[kept], dangles))


def _without_slivers(faces: Faces) -> Faces:
    """Join slivers to the face they share most border with.

    A street drawn along the boundary, or twice, leaves faces as thin as rounding.
    """
    polygons, outline = faces.polygons, faces.outline
    thin = 2 * shapely.area(polygons) < SLIVER_M * shapely.length(polygons)
    if not thin.any():
        return faces
    # faces of a noded net share their vertices: near ones are enough
    _, near = shapely.STRtree(polygons).query(polygons[thin], predicate="intersects")
    rows = np.union1d(near, np.flatnonzero(thin))
    contacts = coverage_contacts(polygons[rows])
    pairs = rows[contacts.pairs].reshape(-1, 2)
    home = np.where(thin, -1, np.arange(len(polygons)))
    by_length = np.lexsort((pairs[:, 1], pairs[:, 0], -contacts.length_m))
    while True:
        before = home.copy()
        for a, b in pairs[by_length].tolist():
            for sliver, other in ((a, b), (b, a)):
                if home[sliver] < 0 and before[other] >= 0 and outline[a] == outline[b]:
                    home[sliver] = before[other]
        if (home == before).all():
            break
    home = np.where(home < 0, np.arange(len(polygons)), home)
    joined = polygons.copy()
    for face in np.unique(home[thin]):
        joined[face] = shapely.coverage_union_all(polygons[home == face])
    kept = home == np.arange(len(polygons))
    return Faces(joined[kept], outline[kept], faces.dangles)


def locate(faces: Faces, shapes: Array, preferred: Array) -> Array:
    """Face of each building, int64 (n,), -1 where it lies outside of the area.

    Args:
        faces: the faces.
        shapes: Points, Polygons or MultiPolygons, object array, shape (n,).
        preferred: int64 (n,), outline row to choose for a building on a border, -1 for none.
    """
    tree = shapely.STRtree(faces.polygons)
    points = shapely.point_on_surface(shapes)
    home = np.full(len(shapes), -1, dtype=np.int64)
    building, face = tree.query(points, predicate="intersects")
    _choose(home, building, face, faces, preferred)
    lost = np.flatnonzero(home < 0)
    # the middle of a footprint may lie beyond the border, a point on it by rounding
    found, face = tree.query(shapes[lost], predicate="dwithin", distance=ON_BORDER_M)
    _choose(home, lost[found], face, faces, preferred)
    return home


def _choose(home: Array, building: Array, face: Array, faces: Faces, preferred: Array) -> None:
    """Of several faces take one of the preferred outline, then the largest."""
    foreign = faces.outline[face] != preferred[building]
    order = np.lexsort((-shapely.area(faces.polygons[face]), foreign, building))
    first, at = np.unique(building[order], return_index=True)
    home[first] = face[order][at]


def _one(shape: Any) -> Array:
    array = np.empty(1, dtype=object)
    array[0] = shape
    return array
