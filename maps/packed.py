"""Buildings packed tight for the page: whole steps of a degree, as differences, in base64."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Array = np.ndarray[Any, Any]

# A step of the seventh decimal: about a centimetre.
STEPS_A_DEG = 10**7


def packed_shapes(shapes: Sequence[BaseGeometry]) -> dict[str, str]:
    """Pack shapes into three streams of numbers; ``page/buildings.js`` unpacks them.

    Each number takes seven bits a byte, the least first, the eighth bit saying that more follow
    (LEB128, as in Protocol Buffers). A footprint of six corners takes some 30 bytes.

    Args:
        shapes: Points, Polygons or MultiPolygons in WGS 84 degrees (or in the degrees of a
            basemap's datum), none of them empty.

    Returns:
        Base64 texts: ``rings``, how many rings each shape has (a point has one); ``corners``,
        how many corners each ring has, the first not repeated; ``steps``, for each corner the
        steps of 1e-7 degrees east and north from the corner before it, of the first from 0, 0,
        as zigzag numbers. Outer rings run counter-clockwise, holes clockwise.
    """
    if not len(shapes):
        return {"rings": "", "corners": "", "steps": ""}
    even = shapely.orient_polygons(np.asarray(shapes, dtype=object), exterior_cw=False)
    parts, of_part = shapely.get_parts(even, return_index=True)
    is_point = shapely.get_type_id(parts) == 0
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    # A point counts as a ring of one corner.
    rings = np.concatenate([rings, parts[is_point]])
    part = np.concatenate([of_ring, np.flatnonzero(is_point)])
    order = np.argsort(part, kind="stable")
    rings, part = rings[order], part[order]
    lonlat, of_corner = shapely.get_coordinates(rings, return_index=True)
    corners = np.bincount(of_corner, minlength=len(rings))
    # Rings repeat their first corner at their end; the page knows that they close.
    last = np.cumsum(corners) - 1
    keep = np.ones(len(lonlat), dtype=bool)
    keep[last[corners > 1]] = False
    corners = np.where(corners > 1, corners - 1, corners)
    steps = np.round(lonlat[keep] * STEPS_A_DEG).astype(np.int64)
    moves = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    zigzag = np.where(moves < 0, -2 * moves - 1, 2 * moves)
    return {
        "rings": _numbers(np.bincount(of_part[part], minlength=len(shapes))),
        "corners": _numbers(corners),
        "steps": _numbers(zigzag),
    }


def _numbers(values: NDArray[np.int64]) -> str:
    """Non-negative whole numbers as LEB128, in base64."""
    size = np.ones(len(values), dtype=np.int64)
    rest = values >> 7
    while rest.any():
        size += rest > 0
        rest = rest >> 7
    end = np.cumsum(size)
    place = np.arange(int(end[-1])) - np.repeat(end - size, size)
    group = (np.repeat(values, size) >> (7 * place)) & 127
    more = place < np.repeat(size, size) - 1
    return base64.b64encode((group | (more * 128)).astype(np.uint8).tobytes()).decode("ascii")
