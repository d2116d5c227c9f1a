"""Cut a shape by parallel lines into parts in a row, each in one piece and touching the next."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from .contacts import Contacts, coverage_contacts, line_segments

Array = np.ndarray[Any, Any]

# A vertex this near to a cut is where the cut goes through.
ON_CUT_M = 1e-5
# Halvings that find where a cut takes its share of the area: a millimetre of any building.
_HALVINGS = 40
_SLACK_M2 = 1e-6


@dataclass(frozen=True, eq=False)
class Cuts:
    """Parallel lines: ``origin`` (2,), ``along`` (2,) a unit vector across them, ``at_m`` (k-1,)
    ascending, how far along it each line stands.
    """

    origin: Array
    along: Array
    at_m: Array

    def measure(self, xy: Array) -> Array:
        """Return how far along each of ``xy`` (..., 2) lies, in metres."""
        return np.asarray((xy - self.origin) @ self.along, dtype=np.float64)


def long_axis(shape: Any) -> Array:
    """Return the direction of the long side of a shape, a unit vector, east or north."""
    box = shapely.oriented_envelope(shape)
    if shapely.get_type_id(box) != 3:  # a line or a point
        ends = shapely.get_coordinates(box)
        return _eastward(ends[-1] - ends[0]) if len(ends) > 1 else np.array([1.0, 0.0])
    corners = shapely.get_coordinates(box)[:3]
    sides = np.diff(corners, axis=0)
    length_m = np.hypot(*sides.T)
    # of a square, the side that runs east
    level = np.abs(sides[:, 0]) / length_m
    longer = 1 if length_m[1] > length_m[0] * (1 + 1e-6) else 0
    if abs(length_m[1] - length_m[0]) <= 1e-6 * max(length_m):
        longer = int(np.argmax(level))
    return _eastward(sides[longer])


def area_cuts(shape: Any, shares: Array, along: Array) -> Cuts:
    """Return cuts across ``along`` that part the area of a shape by ``shares`` (k,), in order."""
    origin = np.asarray(shapely.get_coordinates(shapely.centroid(shape))[0])
    frame = Cuts(origin, along, np.empty(0))
    across = np.array([-along[1], along[0]])

    def turned(xy: Array) -> Array:
        return np.column_stack([frame.measure(xy), (xy - origin) @ across])

    flat = shapely.transform(shape, turned)
    west, south, east, north = shapely.bounds(flat)
    wanted = np.cumsum(shares)[:-1] / shares.sum() * shapely.area(flat)
    low, high = np.full(len(wanted), west), np.full(len(wanted), east)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        behind = shapely.area(shapely.intersection(flat, shapely.box(west, south, middle, north)))
        low, high = np.where(behind < wanted, middle, low), np.where(behind < wanted, high, middle)
    return Cuts(origin, along, (low + high) / 2)


@dataclass(frozen=True, eq=False)
class Slices:
    """A shape cut up: ``faces`` Polygons (f,), ``layer`` int64 (f,), between which cuts each
    lies; ``added`` the vertices put on its border, by the segment that they part.
    """

    faces: Array
    layer: Array
    added: dict[tuple[float, ...], Array]


def cut_up(shape: Any, cuts: Cuts) -> Slices:
    """Cut a Polygon or MultiPolygon; no vertex moves, the new ones stand on its border."""
    segments, _ = line_segments(shapely.get_rings(shapely.get_parts(shape)))
    measure = cuts.measure(segments)
    added: dict[tuple[float, ...], list[Array]] = {}
    chords = []
    for at_m in cuts.at_m:
        side = np.sign(np.where(np.abs(measure - at_m) <= ON_CUT_M, 0.0, measure - at_m))
        on = [*segments[:, 0][side[:, 0] == 0], *segments[:, 1][side[:, 1] == 0]]
        for row in np.flatnonzero(side[:, 0] * side[:, 1] < 0):
            key = _key(segments[row])
            a, b = np.array(key[:2]), np.array(key[2:])
            t = cuts.measure(np.array([a, b]))
            vertex = a + (at_m - t[0]) / (t[1] - t[0]) * (b - a)
            added.setdefault(key, []).append(vertex)
            on.append(vertex)
        chords.append(_chords(np.array(on).reshape(-1, 2), shape, cuts))
    noded = [part for segment in segments for part in _parted(segment, added)]
    pieces = np.concatenate([np.array(noded).reshape(-1, 2, 2), *chords])
    pieces = np.unique(np.array([_key(piece) for piece in pieces]), axis=0).reshape(-1, 2, 2)
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(pieces)))
    inside = shapely.point_on_surface(faces)
    kept = shapely.intersects(shape, inside)
    layer = np.searchsorted(cuts.at_m, cuts.measure(shapely.get_coordinates(inside[kept])))
    vertices = {key: np.array(points) for key, points in added.items()}
    return Slices(faces[kept], layer.astype(np.int64), vertices)


def in_a_row(slices: Slices, homes: Array, least_m: float) -> Array | None:
    """Put the faces together to parts in a row: Polygons (k,), each touching the next.

    Part i is what lies between the cuts i and i + 1, as far as that hangs together: of several
    faces there the one that holds most of ``homes[i]`` leads, and what is cut off joins the part
    that it touches. None where no parts touch along ``least_m`` metres.

    Args:
        slices: the faces of one Polygon.
        homes: shapes (k,) that should each lie in the part of their number.
        least_m: metres of border that make two parts touch.
    """
    touching = coverage_contacts(slices.faces)
    label = _labels(slices, homes, touching, least_m)
    if label is None:
        return None
    parts = np.array(
        [shapely.coverage_union_all(slices.faces[label == part]) for part in range(len(homes))],
        dtype=object,
    )
    borders = coverage_contacts(parts)
    long = borders.pairs[borders.length_m >= least_m].tolist()
    whole = shapely.area(slices.faces).sum()
    sound = (
        (shapely.get_type_id(parts) == 3).all()
        and shapely.is_valid(parts).all()
        and all([part, part + 1] in long for part in range(len(parts) - 1))
        and abs(shapely.area(parts).sum() - whole) <= _SLACK_M2 * max(1.0, whole)
    )
    return parts if sound else None


def by_layer(slices: Slices, count: int) -> Array:
    """Put the faces together as the cuts part them: (count,), in one piece or not."""
    return np.array(
        [shapely.union_all(slices.faces[slices.layer == k]) for k in range(count)], dtype=object
    )


def with_vertices(polygon: Any, added: dict[tuple[float, ...], Array]) -> Any:
    """Return a polygon with the vertices that were put on segments it shares."""
    rings = []
    for ring in shapely.get_rings(polygon):
        xy = shapely.get_coordinates(ring) + 0.0
        ends = [
            end
            for segment in np.stack([xy[:-1], xy[1:]], axis=1)
            for end in [part[0] for part in _parted(segment, added)]
        ]
        rings.append(shapely.linearrings([*ends, xy[0]]))
    return shapely.polygons(rings[0], rings[1:] or None)


def _labels(slices: Slices, homes: Array, touching: Contacts, least_m: float) -> Array | None:
    """Return the part of every face, None where no row of parts leads from first to last."""
    n, count = len(slices.faces), len(homes)
    held = _held(slices, homes)
    neighbours: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for (a, b), length_m in zip(touching.pairs.tolist(), touching.length_m.tolist(), strict=True):
        neighbours[a].append((b, length_m))
        neighbours[b].append((a, length_m))
    path = _path(slices.layer, neighbours, 2.0 - held, last=count - 1, least_m=least_m)
    if path is None:
        return None
    label = np.full(n, -1, dtype=np.int64)
    # a row that turns back stays in the part it has reached: every part is then in one piece
    label[path] = np.maximum.accumulate(slices.layer[path])
    if not np.array_equal(np.unique(label[path]), np.arange(count)):
        return None
    while (label < 0).any():
        offers = [
            (int(slices.layer[face] != label[near]), -length_m, face, int(label[near]))
            for face in np.flatnonzero(label < 0).tolist()
            for near, length_m in neighbours[face]
            if label[near] >= 0
        ]
        if not offers:
            return None
        _, _, face, part = min(offers)
        label[face] = part
    return label


def _held(slices: Slices, homes: Array) -> Array:
    """Return the share of its part's home that every face holds, 0 to 1."""
    own = homes[np.minimum(slices.layer, len(homes) - 1)]
    points = shapely.get_dimensions(own) == 0
    area_m2 = np.maximum(shapely.area(own), _SLACK_M2)
    shares = shapely.area(shapely.intersection(slices.faces, own)) / area_m2
    held = np.where(points, shapely.intersects(slices.faces, own), np.minimum(shares, 1.0))
    return np.asarray(held, dtype=np.float64)


def _path(
    layer: Array,
    neighbours: list[list[tuple[int, float]]],
    cost: Array,
    *,
    last: int,
    least_m: float,
) -> list[int] | None:
    """Return the cheapest way over faces from layer 0 to the ``last``, by Dijkstra."""
    best = {int(face): float(cost[face]) for face in np.flatnonzero(layer == 0)}
    queue = sorted((far, face) for face, far in best.items())
    before: dict[int, int] = {}
    while queue:
        far, face = heapq.heappop(queue)
        if far > best[face]:
            continue
        if layer[face] == last:
            path = [face]
            while path[-1] in before:
                path.append(before[path[-1]])
            return path[::-1]
        for near, length_m in neighbours[face]:
            further = far + float(cost[near])
            if length_m >= least_m and further < best.get(near, np.inf):
                best[near], before[near] = further, face
                heapq.heappush(queue, (further, near))
    return None


def _chords(on: Array, shape: Any, cuts: Cuts) -> Array:
    """Return what of one cut lies inside the shape, between the points ``on`` its border."""
    if len(on) < 2:
        return np.empty((0, 2, 2))
    across = np.array([-cuts.along[1], cuts.along[0]])
    on = np.unique(on, axis=0)
    on = on[np.argsort((on - cuts.origin) @ across, kind="stable")]
    chords = np.stack([on[:-1], on[1:]], axis=1)
    # strictly: what runs along the border is there already
    inside = np.asarray(shapely.contains_xy(shape, *chords.mean(axis=1).T), dtype=bool)
    return np.asarray(chords[inside])


def _parted(segment: Array, added: dict[tuple[float, ...], Any]) -> list[Array]:
    """Return a segment as the pieces that added vertices part it into, in its direction."""
    points = added.get(_key(segment))
    if points is None:
        return [segment]
    start = segment[0]
    inner = sorted(points, key=lambda xy: float(np.hypot(*(xy - start))))
    stops = [start, *inner, segment[1]]
    return [np.array(pair) for pair in pairwise(stops)]


def _key(segment: Array) -> tuple[float, ...]:
    a, b = sorted((segment[0].tolist(), segment[1].tolist()))
    return (*a, *b)


def _eastward(vector: Array) -> Array:
    unit = vector / np.hypot(*vector)
    backward = unit[0] < -1e-9 or (abs(unit[0]) <= 1e-9 and unit[1] < 0)
    return np.asarray(-unit if backward else unit, dtype=np.float64)
