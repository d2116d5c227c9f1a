"""Which boards come out smaller than a planner's map is, and what would help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from .board_layout import (
    BASE,
    GRID_PADDING_MM,
    GRID_PANEL,
    PADDING_MM,
    Layout,
    fitted,
    fitted_community,
)
from .board_map import Territory
from .board_maps import sheets_of
from .board_sheet import BoardSheet
from .scale import PAPERS_MM, SMALLEST_SCALE, View, paper_mm

_Fit = Callable[[str], tuple[Layout, View]]


@dataclass(frozen=True)
class SmallScale:
    """A board at less than 1:3,000: of a grid, "" for the community; 5000 for 1:5,000.

    ``sheets`` of ``sheet_scale`` follow it, 0 where they would be too many. ``paper`` is the
    smallest that would show all of it at 1:3,000 on one page, "" for none.
    """

    grid_id: str
    scale: int
    sheets: int
    sheet_scale: int
    paper: str


def small_scales(sheet: BoardSheet, *, paper: str = "A3") -> tuple[SmallScale, ...]:
    """Return the boards that are at less than 1:3,000, that of the community first."""
    land, count = Territory.of(sheet), len(sheet.grids)

    def community(on: str) -> tuple[Layout, View]:
        padding_mm = PADDING_MM * _unit(on)
        return fitted_community(land.rim, on, count, padding_mm=padding_mm)

    def grid(polygon: BaseGeometry) -> _Fit:
        return lambda on: fitted(polygon, on, GRID_PANEL, padding_mm=GRID_PADDING_MM * _unit(on))

    boards: list[tuple[str, BaseGeometry, _Fit]] = [("", land.rim, community)]
    boards += [(g.grid_id, g.polygon, grid(g.polygon)) for g in sheet.ordered_grids()]
    found = (_small(land, *board, paper) for board in boards)
    return tuple(each for each in found if each is not None)


def _small(
    land: Territory, grid_id: str, ground: BaseGeometry, fit_on: _Fit, paper: str
) -> SmallScale | None:
    view = fit_on(paper)[1]
    if view.scale <= SMALLEST_SCALE:
        return None
    joined = sheets_of(land, view, ground, paper)
    larger = sorted(PAPERS_MM, key=lambda name: PAPERS_MM[name])
    holds = (on for on in larger if PAPERS_MM[on] > PAPERS_MM[paper])
    return SmallScale(
        grid_id,
        view.scale,
        0 if joined is None else len(joined.sheets),
        0 if joined is None else joined.scale,
        next((on for on in holds if fit_on(on)[1].scale <= SMALLEST_SCALE), ""),
    )


def _unit(paper: str) -> float:
    return paper_mm(paper)[0] / paper_mm(BASE)[0]
