"""Voronoi pieces within faces, an exact coverage, and the piece each building stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .faces import Faces
from .sites import Sites
from .stitch import stitch

Array = np.ndarray[Any, Any]

SAME_VERTEX_M = 1e-5
# What the pieces of a face may lack of its area by rounding.
LOST_M2 = 1e-4
# Sites that fence in a Voronoi diagram, on a circle of so many times the size of its face.
GUARDS = 12
GUARD_DISTANCE = 10.0


@dataclass(frozen=True, eq=False)
class Pieces:
    """Land by nearest building, before leftovers are given away.

    ``polygons``: single-part Polygons (p,), together an exact coverage; ``owner``: int64
    (p,), the building nearest to it or -1; ``face``: int64 (p,), the face it lies in;
    ``outline``: int64 (p,), row of the Outline.
    """

    polygons: Array
    owner: Array
    face: Array
    outline: Array


def voronoi_pieces(faces: Faces, sites: Sites) -> Pieces:
    """Share every face among the buildings in it; a face without any stays whole, owner -1."""
    begin = np.searchsorted(sites.face, np.arange(len(faces.polygons)), side="left")
    end = np.searchsorted(sites.face, np.arange(len(faces.polygons)), side="right")
    polygons: list[Array] = []
    owner: list[Array] = []
    for polygon, first, last in zip(faces.polygons, begin, end, strict=True):
        own = sites.owner[first:last]
        cells, cell_owner = share_face(polygon, sites.xy[first:last], own)
        polygons.append(cells)
        owner.append(cell_owner)
    face = np.repeat(np.arange(len(polygons)), [len(cells) for cells in polygons])
    shares = Pieces(np.concatenate(polygons), np.concatenate(owner), face, faces.outline[face])
    return join_exactly(shares)[0]


def settle_homes(pieces: Pieces, shapes: Array) -> Array:
    """Keep for each building the one piece it stands on; owner int64 (p,), -1 for the rest.

    Args:
        pieces: the pieces.
        shapes: the buildings, object array, shape (n,).
    """
    owner = pieces.owner.copy()
    count = np.bincount(owner[owner >= 0], minlength=len(shapes))
    torn = np.flatnonzero((owner >= 0) & (count[owner] > 1))
    if len(torn) == 0:
        return owner
    polygons, building = pieces.polygons[torn], shapes[owner[torn]]
    built_m2 = shapely.area(shapely.intersection(polygons, building))
    distance_m = shapely.distance(polygons, shapely.point_on_surface(building))
    order = np.lexsort((-shapely.area(polygons), distance_m, -built_m2, owner[torn]))
    later = np.r_[False, np.diff(owner[torn][order]) == 0]
    owner[torn[order][later]] = -1
    return owner


def dissolve(pieces: Pieces, owner: Array, n: int) -> Array:
    """Join the pieces of each building into its cell; object array, shape (n,)."""
    kept = np.flatnonzero(owner >= 0)
    order = kept[np.argsort(owner[kept], kind="stable")]
    count = np.bincount(owner[order], minlength=n)
    cells = np.empty(n, dtype=object)
    alone = count[owner[order]] == 1
    cells[owner[order][alone]] = pieces.polygons[order][alone]
    several = order[~alone]
    rows, group = np.unique(owner[several], return_inverse=True)
    cells[rows] = _union_by(pieces.polygons[several], group)
    return cells


def share_face(face: Any, xy: Array, owner: Array) -> tuple[Array, Array]:
    """Share one face among the owners of sites, each land to the nearest site.

    Args:
        face: shapely Polygon.
        xy: float64 (s, 2), sites in metres, all different.
        owner: int64 (s,), who owns each site.

    Returns:
        Polygons (any number, some owners in several) and the owner of each; the whole face
        and -1 where there are no sites.
    """
    owners, group, count = np.unique(owner, return_inverse=True, return_counts=True)
    if len(owners) < 2:
        whole = np.empty(1, dtype=object)
        whole[0] = face
        return whole, owners if len(owners) else np.array([-1], dtype=np.int64)
    cells = _voronoi(xy, face)
    if (count > 1).any():
        cells = _union_by(cells, group)
    if not shapely.is_valid(cells).all():
        return _node(face, cells, xy, owner)
    shapely.prepare(face)
    across = ~shapely.covers(face, cells)
    if not across.any():
        return cells, owners
    cut, cut_owner = _cut(face, cells[across], owners[across])
    parts, owners = np.concatenate([cells[~across], cut]), np.r_[owners[~across], cut_owner]
    if abs(float(shapely.area(parts).sum()) - face.area) > LOST_M2:
        return _node(face, cells, xy, owner)
    return parts, owners


def _voronoi(xy: Array, face: Any) -> Array:
    """The Voronoi cell of each site, reaching well beyond the face."""
    # GEOS is not to be trusted with the cells at the rim (it clips them, and walls in one
    # line make them cross): guards far outside take the rim, too far to reach the face
    low, high = shapely.bounds(face)[:2], shapely.bounds(face)[2:]
    angle = 2 * np.pi * (np.arange(GUARDS) + 0.3) / GUARDS
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    guards = (low + high) / 2 + GUARD_DISTANCE * max(high - low) * ring
    sites = shapely.multipoints(np.concatenate([xy, guards]))
    diagram = shapely.voronoi_polygons(sites, ordered=True)
    return _merge_vertices(shapely.get_parts(diagram)[: len(xy)])


def _merge_vertices(cells: Array) -> Array:
    """Make one vertex of those that only rounding tells apart.

    Sites on one circle (the walls of two parallel houses) have several Voronoi vertices in
    one place, which rounding may put in the wrong order: the cell then crosses itself.
    """
    # as complex numbers places sort several times faster than as rows
    xy = shapely.get_coordinates(cells).view(np.complex128).reshape(-1)
    places, vertex = np.unique(xy, return_inverse=True)
    vertices = places.view(np.float64).reshape(-1, 2)
    near = cKDTree(vertices).query_pairs(SAME_VERTEX_M, output_type="ndarray")
    if len(near) == 0:
        return cells
    n = len(vertices)
    graph = coo_array((np.ones(len(near), dtype=np.int8), tuple(near.T)), shape=(n, n))
    _, cluster = connected_components(graph, directed=False)
    _, first = np.unique(cluster, return_index=True)
    merged = shapely.set_coordinates(cells.copy(), vertices[first[cluster]][vertex])
    return np.asarray(shapely.remove_repeated_points(merged), dtype=object)


def _cut(face: Any, cells: Array, owner: Array) -> tuple[Array, Array]:
    """Cut cells to a face by noding all their borders at once: neighbours keep one vertex."""
    borders = np.append(shapely.boundary(cells), shapely.boundary(face))
    noded = shapely.get_parts(shapely.union_all(borders))
    parts = shapely.get_parts(shapely.polygonize(noded))
    inside = shapely.point_on_surface(parts)
    shapely.prepare(face)
    kept = shapely.intersects(face, inside)
    parts, inside = parts[kept], inside[kept]
    # land of cells that lie wholly inside is enclosed too: no cut cell holds it
    part, cell = shapely.STRtree(cells).query(inside, predicate="intersects")
    part, first = np.unique(part, return_index=True)
    return parts[part], owner[cell[first]]


def _node(face: Any, cells: Array, xy: Array, owner: Array) -> tuple[Array, Array]:
    """Cut a face along all borders at once, each part to its nearest site.

    Slower than ``_cut``, and right whatever rounding did to the cells: no part is lost, and
    cells that cross themselves only shift their border by a hair.
    """
    borders = np.append(shapely.boundary(cells), shapely.boundary(face))
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(borders))))
    inside = shapely.point_on_surface(parts)
    kept = shapely.intersects(face, inside)
    _, site = cKDTree(xy).query(shapely.get_coordinates(inside[kept]))
    owners, group = np.unique(owner[site], return_inverse=True)
    return _union_by(parts[kept], group), owners


def _union_by(polygons: Array, group: Array) -> Array:
    """Union of exact neighbours by group number 0..k-1; object array, shape (k,)."""
    if len(polygons) == 0:
        return np.empty(0, dtype=object)
    order = np.argsort(group, kind="stable")
    whole = shapely.multipolygons(polygons[order], indices=group[order])
    return np.asarray(shapely.coverage_union_all(whole[:, None], axis=1), dtype=object)


def join_exactly(pieces: Pieces) -> tuple[Pieces, Array]:
    """Single parts whose neighbours share every border vertex, and the row each came from.

    Where a border within a face meets its rim, the face beyond lacks the vertex.
    """
    parts, source = _single(pieces.polygons)
    rows = (pieces.owner[source], pieces.face[source], pieces.outline[source])
    return Pieces(stitch(parts), *rows), source


def clean(pieces: Pieces) -> tuple[Pieces, Array]:
    """Mend a coverage that is not exact, moving borders where they do not fit; slow.

    Returns:
        Single parts, and the row each came from.
    """
    parts, source = _single(shapely.coverage_clean(pieces.polygons))
    rows = (pieces.owner[source], pieces.face[source], pieces.outline[source])
    return Pieces(parts, *rows), source


def _single(polygons: Array) -> tuple[Array, Array]:
    """Take multi-part shapes apart, drop what is no polygon; parts and their rows."""
    parts, source = shapely.get_parts(polygons, return_index=True)
    kept = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)
    return parts[kept], np.asarray(source, dtype=np.int64)[kept]
