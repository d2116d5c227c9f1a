"""Where names stand: of a grid, deep inside its polygon; of a street, along its middle."""

from __future__ import annotations

import math

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry


def label_point(polygon: BaseGeometry) -> tuple[float, float]:
    """Return a point deep inside a polygon: its centre, or where it is farthest from its border.

    The centre of gravity serves where it is nearly as deep as the pole of inaccessibility.

    Args:
        polygon: a valid shapely Polygon in WGS 84 degrees, longitude then latitude.

    Returns:
        Longitude and latitude in degrees, inside the polygon, rounded to 7 decimals where the
        rounded point is still inside. The same polygon gives the same point.
    """
    # A degree of longitude is shorter than one of latitude: even them out before measuring.
    _, south, _, north = polygon.bounds
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.01)
    even = shapely.transform(polygon, lambda xy: xy * [squeeze, 1.0])
    size = max(even.bounds[2] - even.bounds[0], even.bounds[3] - even.bounds[1])
    radius = shapely.maximum_inscribed_circle(even, tolerance=size / 500)
    place = Point(radius.coords[0])
    # A long room is equally deep all along its middle: there the centre of gravity looks right.
    centre = even.centroid
    if even.contains(centre) and even.boundary.distance(centre) > 0.85 * radius.length:
        place = centre
    x, y = place.x / squeeze, place.y
    for candidate in (Point(round(x, 7), round(y, 7)), Point(x, y)):
        if polygon.contains(candidate):
            return float(candidate.x), float(candidate.y)
    inside = polygon.representative_point()
    return float(inside.x), float(inside.y)


def line_label(line: BaseGeometry) -> tuple[float, float, int]:
    """Return where the name of a street or river stands, and how it is turned.

    Args:
        line: a shapely LineString or MultiLineString in WGS 84 degrees.

    Returns:
        Longitude and latitude of its middle (of its longest part) in degrees, 7 decimals, and
        the turn of the text in whole degrees clockwise, -90 < turn <= 90: never upside down.
    """
    part = max(getattr(line, "geoms", [line]), key=lambda piece: piece.length)
    before, middle, after = (part.interpolate(share, normalized=True) for share in (0.4, 0.5, 0.6))
    squeeze = math.cos(math.radians(middle.y))
    turn = -math.degrees(math.atan2(after.y - before.y, (after.x - before.x) * squeeze))
    turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
    return round(middle.x, 7), round(middle.y, 7), round(turn)
