"""Barrier lines: their kinds, where they lie along a border, where a bridge crosses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ..errors import Finding, InputError, Severity
from .contacts import Contacts, line_segments

if TYPE_CHECKING:
    import geopandas as gpd

Array = np.ndarray[Any, Any]

# A kind's place in this tuple is its code; where several lie along one border the later wins.
KINDS = ("", "street", "wall", "motorway", "rail", "river")
# From this code on a barrier forbids contact; a street only labels it.
FIRST_HARD_CODE = KINDS.index("wall")
# A border lies on a barrier when its middle is this near; noding moves lines far less.
ON_BARRIER_M = 0.02


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines that cut land: ``lines`` LineStrings (b,), ``code`` int8 (b,) into KINDS, and
    ``crossings`` shapely Points (x,) where a bridge leads a street over a hard barrier.
    """

    lines: Array
    code: Array
    crossings: Array


def read_barriers(table: gpd.GeoDataFrame | None) -> Barriers:
    """Take the lines of a barriers table, with ``kind`` and ``bridge`` where it has them.

    Raises:
        InputError: a kind that is not one of KINDS.
    """
    if table is None or len(table) == 0:
        nothing = np.empty(0, dtype=object)
        return Barriers(nothing, np.empty(0, dtype=np.int8), nothing)
    kinds = _column(table, "kind", "street").astype(str)
    _refuse_unknown_kinds(kinds)
    code = np.array([KINDS.index(kind) for kind in kinds], dtype=np.int8)
    bridge = np.array([flag is True or flag == 1 for flag in _column(table, "bridge", False)])
    shapes = np.asarray(table.geometry.values, dtype=object)
    lines, row = shapely.get_parts(_as_lines(shapes), return_index=True)
    hard = lines[code[row] >= FIRST_HARD_CODE]
    over = lines[(bridge & (code == KINDS.index("street")))[row]]
    return Barriers(lines, code[row], _crossings(over, hard))


def kinds_between(barriers: Barriers, contacts: Contacts, face: Array) -> Array:
    """Code of the barrier every shared segment of a coverage lies on, 0 for none; int8 (s,).

    Args:
        barriers: the lines.
        contacts: contacts of pieces.
        face: int64 (p,), the face of each piece; within a face there is no barrier.
    """
    code = np.zeros(len(contacts.segments), dtype=np.int8)
    first, second = contacts.pairs[contacts.segment_pair].T
    rim = np.flatnonzero(face[first] != face[second])
    code[rim] = kinds_along(barriers, contacts.segments[rim])
    return code


def kinds_along(barriers: Barriers, segments: Array) -> Array:
    """Code of the barrier that every segment lies on, 0 for none; int8, shape (s,).

    Args:
        barriers: the lines.
        segments: float64 (s, 2, 2), borders noded with the lines.
    """
    code = np.zeros(len(segments), dtype=np.int8)
    if len(barriers.lines) == 0 or len(segments) == 0:
        return code
    pieces, line = line_segments(barriers.lines)
    middles = shapely.points(segments.mean(axis=1))
    # two-point pieces keep the boxes of the tree small
    segment, piece = shapely.STRtree(shapely.linestrings(pieces)).query(
        middles, predicate="dwithin", distance=ON_BARRIER_M
    )
    np.maximum.at(code, segment, barriers.code[line[piece]])
    return code


def _column(table: gpd.GeoDataFrame, name: str, default: object) -> Array:
    """One column as objects, the default where the table has none or a row is empty."""
    if name not in table.columns:
        return np.full(len(table), default, dtype=object)
    values = table[name]
    return np.asarray(values.astype(object).where(values.notna(), default), dtype=object)


def _refuse_unknown_kinds(kinds: Array) -> None:
    known = np.isin(kinds, KINDS[1:])
    if known.all():
        return
    first = str(kinds[~known][0])
    finding = Finding(
        code="barrier-kind-unknown",
        severity=Severity.ERROR,
        message=f"{int((~known).sum())} barriers are of an unknown kind (first: {first!r})",
        fix=f"Name each kind as one of {', '.join(KINDS[1:])}",
        count=int((~known).sum()),
        first=first,
    )
    raise InputError([finding])


def _as_lines(shapes: Array) -> Array:
    """The shapes, with polygons (a river drawn as water) replaced by their rims."""
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    return np.where(areal, shapely.boundary(shapes), shapes)


def _crossings(bridges: Array, hard: Array) -> Array:
    """One point for every place where a bridge line meets a hard line, west to east."""
    bridge, line = shapely.STRtree(hard).query(bridges, predicate="intersects")
    places = shapely.get_parts(shapely.intersection(bridges[bridge], hard[line]))
    points = np.where(shapely.get_type_id(places) == 0, places, shapely.point_on_surface(places))
    points = points[~shapely.is_empty(points)]
    xy = np.unique(shapely.get_coordinates(points).reshape(-1, 2), axis=0)
    return np.asarray(shapely.points(xy), dtype=object).reshape(-1)
