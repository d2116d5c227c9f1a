"""The ground of Riverside: its frame, river, streets, boundary and the borders of today's grids.

The town is drawn in a local frame (``u`` east, ``v`` north, metres) in which streets are
straight, then bent and turned a little into EPSG:4547, so that it does not look ruled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely import LineString, Point, Polygon

CRS = "EPSG:4547"
GRID_M = 0.01
RIVER_WIDTH_M = 26.0
STREET_WIDTH_M = 9.0
# How far streets and river run on beyond the boundary, so that every face closes.
OVERSHOOT_M = 14.0

Pair = tuple[float, float]

# The local frame: its middle, where that lies in EPSG:4547, how it is turned and bent.
_MIDDLE: Pair = (415.0, 285.0)
_ORIGIN: Pair = (536_400.0, 3_318_300.0)
_TURN = math.radians(-8.0)
_BEND_U = 0.00012
_BEND_V = 0.00016

RIVER_NAME = "Heron River"
_RIVER: tuple[Pair, ...] = (
    (-70, 224), (0, 212), (90, 200), (200, 180), (310, 170), (420, 178), (510, 206),
    (572, 256), (606, 324), (620, 400), (622, 480), (632, 560), (650, 650),
)  # fmt: skip
# Left of the river as it flows is positive.
_EMBANKMENTS: tuple[tuple[str, float], ...] = (
    ("North Embankment", 27.0),
    ("South Embankment", -27.0),
)
_STREETS: tuple[tuple[str, tuple[Pair, ...]], ...] = (
    ("Lotus Street", ((-40, 428), (262, 424), (470, 424), (600, 428))),
    ("Bridge Street", ((266, 650), (262, 424), (258, 300), (262, 180), (266, 60), (268, -100))),
    ("Crane Road", ((462, 650), (466, 520), (470, 414))),
    ("Weir Road", ((252, 304), (400, 298), (520, 284), (590, 272), (700, 244), (870, 236))),
    ("Ferry Street", ((-50, 40), (120, 46), (266, 62), (400, 67), (536, 65))),
    ("Mill Road", ((532, 196), (532, 120), (530, 40), (528, -100))),
    ("Foundry Road", ((640, 398), (740, 392), (870, 390))),
)
_BOUNDARY: tuple[Pair, ...] = (
    (-6, 604), (150, 612), (300, 606), (470, 610), (590, 604), (660, 610), (740, 606),
    (806, 590), (814, 470), (818, 330), (822, 180), (812, 92), (700, 70), (548, 42),
    (542, -56), (400, -52), (268, -56), (250, 30), (120, 26), (-14, 18), (-14, 80),
    (-4, 240), (-12, 430),
)  # fmt: skip

# Borders of today's grids that follow no street: old lot lines.
_LOT_LINES: tuple[tuple[Pair, Pair], ...] = (
    ((177, 440), (177, 185)),
    ((-30, 310), (177, 310)),
    ((404, 170), (404, -80)),
    ((178, 20), (178, 175)),
    ((666, 262), (666, 40)),
    ((640, 496), (840, 496)),
)
# Today's grids, each by points in the faces it holds; a face without a point joins a neighbour.
_GRID_SEEDS: tuple[tuple[Pair, ...], ...] = (
    ((100, 500),),  # Willow and Poplar Court, one works estate when drawn: too large by now
    ((360, 500),),  # Jade Garden, built since on a mill's ground: far too large
    ((530, 500),),  # Lotus Towers
    ((80, 360),),  # the old town, once the fullest quarter: too small by now
    ((80, 270), (220, 350)),  # Heron Court and the market
    ((330, 350), (400, 260), (500, 350)),  # the school, the riverside and Plum Court
    ((80, 110), (80, 36)),  # the fishermen's lanes: too small
    ((200, 110), (220, 40)),  # Bridge Court, a grid of its own since a dispute nobody recalls
    ((330, 110), (470, 110)),  # Cedar and Maple Court, north of the street
    ((330, 10),),
    ((470, 10),),
    ((600, 130),),  # River View, cut in two by an old lot line
    ((740, 130),),
    ((740, 320),),  # Peach Court
    ((720, 450),),  # Foundry Flats
    ((720, 550),),
)


@dataclass(frozen=True)
class Barrier:
    """A stretch of street between two junctions, a bridge, or the river (its centreline)."""

    kind: str
    name: str
    bridge: bool
    line: LineString


@dataclass(frozen=True)
class Ground:
    """The town without its buildings, in EPSG:4547, vertices on a lattice of 0.01 m.

    ``grids`` cover ``boundary`` without gaps or overlaps, sorted north to south in bands of
    120 m and west to east inside a band.
    """

    boundary: Polygon
    barriers: tuple[Barrier, ...]
    grids: tuple[Polygon, ...]

    def clear(self, *, setback_m: float) -> Polygon:
        """Return where a building may stand: so far from boundary, kerbs and river banks."""
        streets = [b.line for b in self.barriers if b.kind == "street"]
        river = [b.line for b in self.barriers if b.kind == "river"]
        taken = shapely.union_all(
            [
                shapely.union_all(streets).buffer(STREET_WIDTH_M / 2 + setback_m),
                shapely.union_all(river).buffer(RIVER_WIDTH_M / 2 + setback_m),
            ]
        )
        return self.boundary.buffer(-setback_m).difference(taken)


def to_world(u: float, v: float) -> Pair:
    """Return easting and northing (m) in EPSG:4547 of a point of the local frame (m)."""
    x, y = u - _MIDDLE[0], v - _MIDDLE[1]
    bent_x, bent_y = x - _BEND_U * y * y, y + _BEND_V * x * x
    cos, sin = math.cos(_TURN), math.sin(_TURN)
    return (
        _ORIGIN[0] + cos * bent_x - sin * bent_y,
        _ORIGIN[1] + sin * bent_x + cos * bent_y,
    )


def heading(u: float, v: float) -> float:
    """Return which way local east points in EPSG:4547, in radians against the clock."""
    (x0, y0), (x1, y1) = to_world(u - 1.0, v), to_world(u + 1.0, v)
    return math.atan2(y1 - y0, x1 - x0)


def lay_ground() -> Ground:
    """Lay out river, streets, boundary and today's grids; nothing here is random.

    Raises:
        ValueError: a grid of today is not one piece, or has no face.
    """
    ring = _world_line((*_BOUNDARY, _BOUNDARY[0]))
    river_local = LineString(_smooth(_RIVER))
    river = _world_line(river_local.coords)
    streets = [(name, _world_line(points)) for name, points in _STREETS]
    streets += [
        (name, _world_line(river_local.offset_curve(shift_m).simplify(0.3).coords))
        for name, shift_m in _EMBANKMENTS
    ]
    reach = Polygon(ring).buffer(OVERSHOOT_M)
    river = river.intersection(reach)
    streets = [(name, line.intersection(reach)) for name, line in streets]

    pieces = _node([river, ring, *(line for _, line in streets)])
    barriers = _barriers(pieces, river=river, streets=streets, inside=Polygon(ring))
    lots = [_world_line(pair) for pair in _LOT_LINES]
    faces = _faces([ring, river, *lots, *(b.line for b in barriers)], inside=Polygon(ring))
    grids = _grids(faces, river=shapely.union_all([b.line for b in barriers if b.kind == "river"]))
    boundary = shapely.union_all(faces)
    return Ground(boundary=boundary.normalize(), barriers=barriers, grids=grids)


def _smooth(points: Sequence[Pair], *, parts: int = 6) -> list[Pair]:
    """Thread a Catmull-Rom curve through the points, without the first and last stretch."""
    curve: list[Pair] = []
    for i in range(1, len(points) - 2):
        p0, p1, p2, p3 = points[i - 1 : i + 3]
        for k in range(parts):
            t = k / parts
            curve.append(
                (_cubic(p0[0], p1[0], p2[0], p3[0], t=t), _cubic(p0[1], p1[1], p2[1], p3[1], t=t))
            )
    return [points[0], *curve, *points[-2:]]


def _cubic(a: float, b: float, c: float, d: float, *, t: float) -> float:
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def _world_line(points: Iterable[Pair]) -> LineString:
    """Bend a local line into EPSG:4547, with a vertex at least every 25 m."""
    fine = shapely.segmentize(LineString(list(points)), 25.0)
    return LineString([to_world(u, v) for u, v in fine.coords])


def _node(lines: Sequence[LineString]) -> list[LineString]:
    """Cut lines where they meet, vertices rounded to the lattice; in a fixed order."""
    parts = shapely.get_parts(shapely.union_all(list(lines), grid_size=GRID_M))
    return sorted((p.normalize() for p in parts), key=lambda p: tuple(p.coords))


def _barriers(
    pieces: Sequence[LineString],
    *,
    river: LineString,
    streets: Sequence[tuple[str, LineString]],
    inside: Polygon,
) -> tuple[Barrier, ...]:
    """Tell which piece is what, without stubs; a bridge and the river are one line each."""
    stretches: list[tuple[str, str, LineString]] = []
    for piece in _without_stubs(pieces, inside=inside):
        middle = piece.interpolate(0.5, normalized=True)
        if river.distance(middle) < 0.05:
            stretches.append(("river", RIVER_NAME, piece))
            continue
        names = [name for name, line in streets if line.distance(middle) < 0.05]
        if names:
            stretches.append(("street", names[0], piece))
    barriers = []
    for kind, name in sorted({(kind, name) for kind, name, _ in stretches}):
        own = [piece for k, n, piece in stretches if (k, n) == (kind, name)]
        wet = [p for p in own if kind == "river" or river.distance(p) < 0.05]
        dry = [p for p in own if p not in wet]
        barriers += [Barrier(kind, name, False, line) for line in dry]
        if wet:
            joined = shapely.line_merge(shapely.union_all(wet)).normalize()
            barriers.append(Barrier(kind, name, kind == "street", joined))
    return tuple(sorted(barriers, key=lambda b: (b.kind, b.name, tuple(b.line.coords))))


def _without_stubs(pieces: Sequence[LineString], *, inside: Polygon) -> list[LineString]:
    """Drop the short loose ends by which one street was drawn over another."""
    ends = [Point(c) for p in pieces for c in (p.coords[0], p.coords[-1])]
    count: dict[tuple[float, ...], int] = {}
    for end in ends:
        count[end.coords[0]] = count.get(end.coords[0], 0) + 1

    def loose(piece: LineString) -> bool:
        return piece.length < 16.0 and any(
            count[c] == 1 and inside.contains(Point(c)) for c in (piece.coords[0], piece.coords[-1])
        )

    return [p for p in pieces if not loose(p)]


def _faces(lines: Sequence[LineString], *, inside: Polygon) -> list[Polygon]:
    faces = shapely.get_parts(shapely.polygonize(_node(lines)))
    kept = [f.normalize() for f in faces if inside.contains(f.representative_point())]
    return sorted(kept, key=lambda f: tuple(f.exterior.coords))


def _grids(faces: Sequence[Polygon], *, river: LineString) -> tuple[Polygon, ...]:
    """Join faces into today's grids: those with a point first, then neighbour by neighbour."""
    owner: dict[int, int] = {}
    for grid, points in enumerate(_GRID_SEEDS):
        for point in points:
            spot = Point(to_world(*point))
            owner.update({i: grid for i, face in enumerate(faces) if face.contains(spot)})
    while len(owner) < len(faces):
        # Not across the river: what both faces share is measured without it.
        best = max(
            (faces[i].intersection(faces[j]).difference(river.buffer(0.02)).length, -i, -j)
            for i in range(len(faces))
            if i not in owner
            for j in owner
        )
        owner[-best[1]] = owner[-best[2]]
    grids = []
    for grid, points in enumerate(_GRID_SEEDS):
        shape = shapely.union_all([faces[i] for i in sorted(owner) if owner[i] == grid])
        if not isinstance(shape, Polygon) or shape.is_empty:
            raise ValueError(f"today's grid at {points} is {shape.geom_type}, not one polygon")
        grids.append(shape.normalize())
    top = max(g.centroid.y for g in grids)
    return tuple(sorted(grids, key=lambda g: ((top - g.centroid.y) // 120.0, g.centroid.x)))
