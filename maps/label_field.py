"""The labels of a map so far: a new one may stand only where it overlaps none of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_CELL_MM = 12.0


@dataclass(frozen=True)
class Label:
    """Lines of text around a point of the map, in millimetres from its upper left corner.

    ``turn_deg``: clockwise. ``style`` says what is named: "street", "river", "place", "building",
    "number" or "badge". ``box`` is the ground on paper it takes.
    """

    lines: tuple[str, ...]
    x_mm: float
    y_mm: float
    size_pt: float
    style: str
    box: BaseGeometry
    turn_deg: float = 0.0
    grid_id: str = ""


@dataclass
class LabelField:
    """The boxes that are taken in a frame, found again by their whereabouts."""

    width_mm: float
    height_mm: float
    _boxes: list[BaseGeometry] = field(default_factory=list)
    _cells: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))

    def is_free(self, box: BaseGeometry) -> bool:
        """Tell whether a box lies in the frame and touches no box taken."""
        left, top, right, bottom = box.bounds
        if left < 0 or top < 0 or right > self.width_mm or bottom > self.height_mm:
            return False
        rows = {row for cell in _cells_of(box) for row in self._cells.get(cell, ())}
        near: Any = np.array([self._boxes[row] for row in sorted(rows)], dtype=object)
        return not shapely.intersects(box, near).any()

    def take(self, box: BaseGeometry) -> None:
        """Keep a box from being used again."""
        self._boxes.append(box)
        for cell in _cells_of(box):
            self._cells[cell].append(len(self._boxes) - 1)


def text_boxes(
    at_mm: Any, size_mm: tuple[float, float], *, turn_deg: float = 0.0
) -> np.ndarray[Any, Any]:
    """Return the boxes of a text around each of some spots, turned clockwise as seen on paper.

    Args:
        at_mm: middles in millimetres, y down; shape (n, 2).
        size_mm: width and height of the text.
        turn_deg: how it is turned.

    Returns:
        Polygons, shape (n,).
    """
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size_mm / 2
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    # y runs down the paper, so what turns counter-clockwise in (x, y) is seen to turn clockwise
    turned = corners @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(shapely.polygons(np.asarray(at_mm, dtype=float)[:, None, :] + turned))


def _cells_of(box: BaseGeometry) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(side // _CELL_MM) for side in box.bounds)
    for column in range(left, right + 1):
        for row in range(top, bottom + 1):
            yield column, row
