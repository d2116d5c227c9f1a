"""True round scales, paper, and the view from metres on the ground to millimetres on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

# Long side and short side in millimetres, ISO 216.
PAPERS_MM: dict[str, tuple[float, float]] = {
    "A0": (1189.0, 841.0),
    "A1": (841.0, 594.0),
    "A2": (594.0, 420.0),
    "A3": (420.0, 297.0),
    "A4": (297.0, 210.0),
}
ROUND_SCALES = (500, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10000)
# Sheets of a community run from 1:500 to 1:3,000; at smaller scales houses cannot be told apart.
SMALLEST_SCALE = 3000
_BEYOND = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0)
_MM_PER_M = 1000.0


class PaperError(ValueError):
    """A paper that is not known; the message names those there are."""


def paper_mm(paper: str) -> tuple[float, float]:
    """Return the long and the short side of a paper in millimetres.

    Raises:
        PaperError: no such paper.
    """
    if paper not in PAPERS_MM:
        raise PaperError(f"no paper {paper!r}; papers there are: {', '.join(PAPERS_MM)}")
    return PAPERS_MM[paper]


def round_scale(ground_m: tuple[float, float], frame_mm: tuple[float, float]) -> int:
    """Return the largest round scale at which ground fits a frame: 2000 for 1:2,000.

    Beyond 1:10,000 the steps go on in the same manner.
    """
    for scale in _round_scales():
        if all(m * _MM_PER_M <= mm * scale for m, mm in zip(ground_m, frame_mm, strict=True)):
            return scale
    raise AssertionError("the steps are endless")


def _round_scales() -> Iterator[int]:
    yield from ROUND_SCALES
    step = ROUND_SCALES[-1]
    while True:
        yield from (round(step * times) for times in _BEYOND)
        step *= 10


@dataclass(frozen=True)
class View:
    """A frame on paper and the ground seen in it: north up, true to scale.

    ``centre_m`` lies in the middle of the frame; paper runs right and down from its upper left
    corner, in millimetres.
    """

    centre_m: tuple[float, float]
    scale: int
    width_mm: float
    height_mm: float

    def on_paper(self, shape: Any) -> Any:
        """Return a shape, or an array of them, in millimetres of the frame."""
        return shapely.transform(shape, self._to_mm)

    def mm(self, length_m: float) -> float:
        """Return how long a length on the ground is on paper."""
        return length_m * _MM_PER_M / self.scale

    def frame_m(self, beyond_mm: float = 0.0) -> BaseGeometry:
        """Return the ground in the frame, and that much of paper around it."""
        half_w = (self.width_mm / 2 + beyond_mm) * self.scale / _MM_PER_M
        half_h = (self.height_mm / 2 + beyond_mm) * self.scale / _MM_PER_M
        x, y = self.centre_m
        return shapely.box(x - half_w, y - half_h, x + half_w, y + half_h)

    def shifted_over(self, ground: BaseGeometry, *, beyond_mm: float) -> View:
        """Return the view shifted, so far as it may, off what lies beyond a ground's bounds.

        What was in the middle stays in the frame if it is on the ground; ``beyond_mm`` of paper
        may lie beyond.
        """
        west, south, east, north = ground.bounds
        middle = []
        for at, low, high, side_mm in (
            (self.centre_m[0], west, east, self.width_mm),
            (self.centre_m[1], south, north, self.height_mm),
        ):
            half = (side_mm / 2 - beyond_mm) * self.scale / _MM_PER_M
            middle.append(
                min(max(at, low + half), high - half) if high - low > 2 * half else (low + high) / 2
            )
        return View((middle[0], middle[1]), self.scale, self.width_mm, self.height_mm)

    def _to_mm(self, xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        moved = (xy - np.asarray(self.centre_m)) * (_MM_PER_M / self.scale)
        return np.asarray(moved * [1.0, -1.0] + [self.width_mm / 2, self.height_mm / 2])


def fit(ground: BaseGeometry, frame_mm: tuple[float, float], *, padding_mm: float) -> View:
    """Return the view that shows all of the ground at the largest round scale there is room for."""
    west, south, east, north = ground.bounds
    room = (frame_mm[0] - 2 * padding_mm, frame_mm[1] - 2 * padding_mm)
    scale = round_scale((east - west, north - south), room)
    return View(((west + east) / 2, (south + north) / 2), scale, *frame_mm)
