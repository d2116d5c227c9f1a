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
# How a street gets across a hard barrier, by code.
WAYS = ("", "bridge", "underpass")
# From this code on a barrier forbids contact; a street only labels it.
FIRST_HARD_CODE = KINDS.index("wall")
# A border lies on a barrier when its middle is this near; noding moves lines far less.
ON_BARRIER_M = 0.02


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines that cut land: ``lines`` LineStrings (b,), ``code`` int8 (b,) into KINDS, and
    ``crossings`` shapely Points (x,) where a street gets across a hard barrier, ``way`` int8
    (x,) into WAYS.
    """

    lines: Array
    code: Array
    crossings: Array
    way: Array


def read_barriers(table: gpd.GeoDataFrame | None) -> Barriers:
    """Take the lines of a barriers table, with ``kind``, ``bridge`` and ``tunnel`` if it has them.

    A street on a bridge or in a tunnel gets across the hard barriers it meets there, and so
    does any street under the bridge of a motorway or railway. What runs in a tunnel itself, a
    railway or a river in a culvert, parts no land and is passed over.

    Raises:
        InputError: a kind that is not one of KINDS.
    """
    if table is None or len(table) == 0:
        nothing = np.empty(0, dtype=object)
        return Barriers(nothing, np.empty(0, np.int8), nothing, np.empty(0, np.int8))
    kinds = _column(table, "kind", "street").astype(str)
    _refuse_unknown_kinds(kinds)
    code = np.array([KINDS.index(kind) for kind in kinds], dtype=np.int8)
    bridge, tunnel = (_flags(table, name) for name in ("bridge", "tunnel"))
    shapes = np.asarray(table.geometry.values, dtype=object)
    lines, row = shapely.get_parts(_as_lines(shapes), return_index=True)
    hard = code >= FIRST_HARD_CODE
    over, under, raised = bridge & ~hard, tunnel & ~bridge & ~hard, bridge & hard
    hard &= ~tunnel
    bridges = _meetings(lines[over[row]], lines[hard[row]])
    passes = [
        _meetings(lines[under[row]], lines[hard[row]]),
        _meetings(lines[(code == KINDS.index("street"))[row]], lines[raised[row]]),
    ]
    underpasses = np.setdiff1d(np.concatenate(passes), bridges)
    places = np.concatenate([bridges, underpasses])
    on_land = ~((code >= FIRST_HARD_CODE) & tunnel)[row]
    return Barriers(
        lines[on_land],
        code[row][on_land],
        shapely.points(places.real, places.imag).reshape(-1),
        np.repeat(np.array([1, 2], np.int8), [len(bridges), len(underpasses)]),
    )


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


def _flags(table: gpd.GeoDataFrame, name: str) -> Array:
    """A column of yes and no, bool (n,)."""
    return np.array([flag is True or flag == 1 for flag in _column(table, name, False)], bool)


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


def _meetings(streets: Array, hard: Array) -> Array:
    """Every place where a street meets a hard line, as complex numbers, west to east."""
    street, line = shapely.STRtree(hard).query(streets, predicate="intersects")
    shared = shapely.get_parts(shapely.intersection(streets[street], hard[line]))
    points = np.where(shapely.get_type_id(shared) == 0, shared, shapely.point_on_surface(shared))
    xy = shapely.get_coordinates(points[~shapely.is_empty(points)]).reshape(-1, 2)
    return np.unique(xy[:, 0] + 1j * xy[:, 1])
