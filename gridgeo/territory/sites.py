"""Voronoi sites: points and footprint rims, with buildings at one place moved apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from ..errors import Finding, InputError, Severity

Array = np.ndarray[Any, Any]

# Rims are drawn inside the walls so that terraced houses keep their party wall as border.
RIM_INSET_M = 0.4
RIM_STEP_M = 2.0
# Buildings at one point are put on a circle of this radius, smaller where a border is near.
SPREAD_M = 0.5
# Nearer than this to its border a face leaves no room for the circle.
LEAST_ROOM_M = 0.1
# Sites are told apart by the millimetre.
DECIMALS = 3
SPREAD_ATTEMPTS = 5


@dataclass(frozen=True, eq=False)
class Sites:
    """Places that belong to a building: ``xy`` float64 (s, 2) in metres, all different within
    a face; ``owner`` int64 (s,), the building; ``face`` int64 (s,). Sorted by face and owner.
    """

    xy: Array
    owner: Array
    face: Array


def place_sites(shapes: Array, home: Array, faces: Array) -> Sites:
    """Give every building at least one site of its own inside its face.

    Args:
        shapes: Points, Polygons or MultiPolygons, object array, shape (n,); where two want
            one place the earlier rows come first on the circle.
        home: int64 (n,), the face of each.
        faces: Polygons, object array, shape (f,).

    Raises:
        InputError: buildings that cannot be told apart.
    """
    shapely.prepare(faces)
    is_point = shapely.get_type_id(shapes) == 0
    anchors = _anchors(shapes, home, faces)
    single = np.flatnonzero(is_point)
    xy, owner = _rims(shapes, np.flatnonzero(~is_point))
    inside = shapely.contains_xy(faces[home[owner]], xy[:, 0], xy[:, 1])
    xy = np.concatenate([_spread(anchors[single], home[single], faces, turn=0.0), xy[inside]])
    owner = np.concatenate([single, owner[inside]])
    for attempt in range(1, SPREAD_ATTEMPTS + 1):
        xy, owner = _settle(np.round(xy, DECIMALS), owner, home, anchors)
        homeless = np.setdiff1d(np.arange(len(shapes)), owner)
        if len(homeless) == 0:
            order = np.lexsort((xy[:, 1], xy[:, 0], owner, home[owner]))
            return Sites(xy[order], owner[order], home[owner][order])
        moved = _spread(anchors[homeless], home[homeless], faces, turn=attempt * 0.377)
        xy, owner = np.concatenate([xy, moved]), np.concatenate([owner, homeless])
    raise InputError(
        [
            Finding(
                code="buildings-inseparable",
                severity=Severity.ERROR,
                message=f"{len(homeless)} buildings share their place with too many others",
                fix="Merge them into one building, or give each its own place",
                count=len(homeless),
            )
        ]
    )


def _anchors(shapes: Array, home: Array, faces: Array) -> Array:
    """A point of each building inside its face, (n, 2)."""
    points = shapely.point_on_surface(shapes)
    out = ~shapely.intersects(faces[home], points) & (shapely.get_type_id(shapes) != 0)
    if out.any():
        parts = shapely.intersection(faces[home[out]], shapes[out])
        inside = shapely.point_on_surface(parts)
        points[out] = np.where(shapely.is_empty(inside), points[out], inside)
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64)


def _rims(shapes: Array, rows: Array) -> tuple[Array, Array]:
    """Points along the walls of the footprints in ``rows``, and the row each belongs to."""
    shrunk = shapely.buffer(shapes[rows], -RIM_INSET_M, join_style="mitre")
    shrunk = np.where(shapely.is_empty(shrunk), shapes[rows], shrunk)
    rims = shapely.segmentize(shapely.boundary(shrunk), RIM_STEP_M)
    xy, rim = shapely.get_coordinates(rims, return_index=True)
    return xy, rows[rim]


def _spread(xy: Array, face: Array, faces: Array, *, turn: float) -> Array:
    """Put points that share a place on a circle around it; leave the others where they are.

    A whole ``turn`` of zero moves only those that share; any other also moves the single
    ones, which then stand beside somebody else's site.
    """
    places = np.column_stack([face, np.round(xy, DECIMALS)])
    _, place, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    moving = np.flatnonzero((count[place] > 1) | (turn > 0))
    if len(moving) == 0:
        return xy
    order = moving[np.argsort(place[moving], kind="stable")]
    start = np.searchsorted(place[order], place[order], side="left")
    rank = np.arange(len(order)) - start
    angle = 2 * np.pi * (rank / count[place[order]] + turn)
    centre, room_m = _room(xy[order], faces[face[order]])
    radius = np.minimum(SPREAD_M, 0.4 * room_m)
    moved = xy.copy()
    moved[order] = centre + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return moved


def _room(xy: Array, faces: Array) -> tuple[Array, Array]:
    """Centre of a circle near each point and its distance to the border of the face."""
    points = shapely.points(xy)
    room_m = shapely.distance(points, shapely.boundary(faces))
    room_m = np.where(shapely.intersects(faces, points), room_m, 0.0)
    tight = np.flatnonzero(room_m < LEAST_ROOM_M)
    if len(tight):
        near = shapely.intersection(faces[tight], shapely.buffer(points[tight], 1.0))
        inner = shapely.point_on_surface(np.where(shapely.is_empty(near), faces[tight], near))
        xy = xy.copy()
        xy[tight] = shapely.get_coordinates(inner)
        room_m[tight] = shapely.distance(inner, shapely.boundary(faces[tight]))
    return xy, room_m


def _settle(xy: Array, owner: Array, home: Array, anchors: Array) -> tuple[Array, Array]:
    """Give each place one owner; equal footprints share their rim in equal sectors."""
    places = np.column_stack([home[owner], xy])
    _, place = np.unique(places, axis=0, return_inverse=True)
    place = place.reshape(-1)
    claims = np.unique(np.column_stack([place, owner]), axis=0)
    start = np.flatnonzero(np.r_[True, claims[1:, 0] != claims[:-1, 0]])
    count = np.diff(np.r_[start, len(claims)])
    at = np.zeros((len(start), 2))
    at[place] = xy
    arm = at - anchors[claims[start, 1]]
    share = np.arctan2(arm[:, 1], arm[:, 0]) / (2 * np.pi) + 0.5
    sector = np.minimum((share * count).astype(np.int64), count - 1)
    return at, claims[start + sector, 1]
