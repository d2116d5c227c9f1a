"""A building that was split by its entrances: what it was, and the rows of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class SplitBuilding:
    """``id`` and ``shape`` (Point, Polygon or MultiPolygon) of the whole; ``rows`` its parts.

    The rows are those of ``Buildings``, in the order of the entrances: each touches the next.
    """

    id: str
    shape: Any
    rows: tuple[int, ...]
