"""The small map of a handover sheet: one grid before or after, what moves numbered; no colours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from . import svg
from .card_data import one_line
from .change_sheet import ChangedBuilding, ChangeSheet, GridState
from .label_field import LabelField, text_boxes
from .scale import View
from .text_width import text_mm

# Everything is told by lightness, line and pattern: the sheets are printed in grey.
_INK, _PAPER = "#000000", "#ffffff"
_GROUND, _STAYS, _OTHERS, _BORDER = "#e2e2e2", "#9c9c9c", "#c9c9c9", "#8a8a8a"
_LINES = {"river": ("#cfd8de", 2.4), "street": ("#bdbdbd", 0.5), "rail": ("#8f8f8f", 0.7)}
_POINT_SIDE_M = 9.0
_LEAST_MM = 1.3  # a building that moves is drawn no smaller
_NUMBER_PT, _CODE_PT, _OWN_PT = 6.3, 6.4, 8.5
_DISC_MM = 1.75
_LONGEST_CODE = 26
_LEAST_NAMED_MM2 = 20.0  # less of a grid in sight is not named
_HATCH_MM = 0.75
# Places tried for a number: rings around its building, so far apart, in so many directions.
_RINGS, _RING_MM, _TURNS = 7, 2.4, 16


@dataclass(frozen=True)
class MapText:
    """A text around a point of the map in millimetres; ``style``: "number", "code" or "own"."""

    text: str
    x_mm: float
    y_mm: float
    size_pt: float
    style: str


@dataclass(frozen=True)
class GridMap:
    """A drawn map as SVG, its texts, and the numbers that found no room in it."""

    drawing: bytes
    texts: tuple[MapText, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ChangeGround:
    """The shapes of a sheet in metres, found by place; prepared once for the maps of all grids."""

    sheet: ChangeSheet
    buildings: tuple[ChangedBuilding, ...]
    shapes: Any
    tree: shapely.STRtree
    grounds: Mapping[str, tuple[tuple[GridState, ...], shapely.STRtree]] = field(repr=False)

    @classmethod
    def of(cls, sheet: ChangeSheet) -> ChangeGround:
        """Index the buildings and grids of a sheet."""
        buildings = sheet.ordered_buildings()
        shapes = np.array([_footprint(building.shape) for building in buildings], dtype=object)
        grounds = {
            side: (grids, shapely.STRtree([grid.polygon for grid in grids]))
            for side, grids in (("before", sheet.before), ("after", sheet.after))
        }
        return cls(sheet, buildings, shapes, shapely.STRtree(shapes), grounds)


def draw_change(
    land: ChangeGround,
    view: View,
    *,
    side: str,
    grid_id: str,
    numbers: Mapping[str, int],
    gained: Collection[str],
) -> GridMap:
    """Draw the grid ``grid_id`` of a side, "" for none, with the buildings of ``numbers``.

    Those of ``gained`` are black, the others, which leave the grid, are hatched, on both sides.
    """
    frame = shapely.box(0, 0, view.width_mm, view.height_mm)
    rows = np.sort(land.tree.query(view.frame_m(), predicate="intersects")).tolist()
    seen = [(land.buildings[row], view.on_paper(land.shapes[row])) for row in rows]
    marked = [(one, _grown(shape)) for one, shape in seen if one.building_id in numbers]
    grids, tree = land.grounds[side]
    near = np.sort(tree.query(view.frame_m(), predicate="intersects")).tolist()
    around = [(grids[row], view.on_paper(grids[row].polygon)) for row in near]
    room = LabelField(view.width_mm, view.height_mm)
    for _, shape in marked:
        room.take(shapely.box(*shape.bounds))
    own = [ground for grid, ground in around if grid.grid_id == grid_id]
    spots, left_out = _number_spots(marked, numbers, room)
    codes = _codes(around, grid_id, frame=frame, room=room, houses=[shape for _, shape in seen])
    layers = [
        svg.path([frame], fill=_PAPER),
        svg.path([ground.intersection(frame) for ground in own], fill=_GROUND),
        *_ways(land, view, frame),
        *_standing(seen, numbers, frame=frame, grid_id=grid_id, side=side),
        svg.path([shapely.boundary(ground).intersection(frame) for _, ground in around],
                 fill="none", stroke=_BORDER, stroke_width=0.25, stroke_dasharray="1.2 0.8"),
        svg.path([shapely.boundary(ground).intersection(frame) for ground in own],
                 fill="none", stroke=_INK, stroke_width=0.7, stroke_linejoin="round"),
        *_marked(marked, gained, side=side),
        *_discs(spots),
    ]  # fmt: skip
    texts = [
        MapText(str(number), at.x, at.y, _NUMBER_PT if number < 100 else 4.6, "number")
        for number, at, _ in spots
    ]
    drawing = svg.drawing(view.width_mm, view.height_mm, layers)
    return GridMap(drawing, (*texts, *codes), tuple(left_out))


def _footprint(shape: BaseGeometry) -> BaseGeometry:
    half = _POINT_SIDE_M / 2
    return shape.buffer(half, cap_style="square") if shape.geom_type == "Point" else shape


def _grown(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape on paper, as a square where it would be too small to be seen."""
    left, top, right, bottom = shape.bounds
    if max(right - left, bottom - top) >= _LEAST_MM:
        return shape
    return shape.centroid.buffer(_LEAST_MM / 2, cap_style="square")


def _ways(land: ChangeGround, view: View, frame: BaseGeometry) -> Iterator[str]:
    for kind, (ink, width_mm) in _LINES.items():
        lines = [
            line.line.intersection(view.frame_m(beyond_mm=2))
            for line in land.sheet.lines
            if line.kind == kind or (kind == "street" and line.kind not in (*_LINES, "boundary"))
        ]
        cut = [view.on_paper(line).intersection(frame) for line in lines if not line.is_empty]
        yield svg.path(cut, fill="none", stroke=ink, stroke_width=width_mm)


def _standing(
    seen: Sequence[tuple[ChangedBuilding, BaseGeometry]],
    numbers: Mapping[str, int],
    *,
    frame: BaseGeometry,
    grid_id: str,
    side: str,
) -> Iterator[str]:
    """Buildings that are not numbered: those of the grid grey, others as outlines."""
    inside: list[BaseGeometry] = []
    others: list[BaseGeometry] = []
    for building, shape in seen:
        grid = building.from_grid if side == "before" else building.to_grid
        if building.building_id in numbers or not grid:
            continue
        (inside if grid == grid_id else others).append(shape.intersection(frame))
    yield svg.path(others, fill=_PAPER, stroke=_OTHERS, stroke_width=0.18, fill_rule="evenodd")
    yield svg.path(inside, fill=_STAYS, fill_rule="evenodd")


def _marked(
    marked: Sequence[tuple[ChangedBuilding, BaseGeometry]],
    gained: Collection[str],
    *,
    side: str,
) -> Iterator[str]:
    """Buildings that come, black; that leave, hatched; not there yet or any more, dashed."""
    for building, shape in marked:
        there = building.from_grid if side == "before" else building.to_grid
        if not there:
            yield svg.path([shape], fill=_PAPER, stroke=_INK, stroke_width=0.25,
                           stroke_dasharray="0.6 0.5", fill_rule="evenodd")  # fmt: skip
        elif building.building_id in gained:
            yield svg.path([shape], fill=_INK, fill_rule="evenodd")
        else:
            yield svg.path([shape], fill=_PAPER, stroke=_INK, stroke_width=0.35,
                           fill_rule="evenodd")  # fmt: skip
            yield svg.path([_hatch(shape)], fill="none", stroke=_INK, stroke_width=0.2)


def _hatch(shape: BaseGeometry) -> BaseGeometry:
    left, top, right, bottom = shape.bounds
    high = bottom - top
    starts = np.arange(left - high, right, _HATCH_MM)
    lines = shapely.linestrings([[(x, bottom), (x + high, top)] for x in starts])
    return shapely.intersection(shapely.multilinestrings(lines), shape)


def _number_spots(
    marked: Sequence[tuple[ChangedBuilding, BaseGeometry]],
    numbers: Mapping[str, int],
    room: LabelField,
) -> tuple[list[tuple[int, Point, LineString | None]], list[int]]:
    """Return number, spot and the line that leads to its building; and those without room."""
    spots, left_out = [], []
    for building, shape in sorted(marked, key=lambda one: numbers[one[0].building_id]):
        number = numbers[building.building_id]
        middle, wide_mm = _deepest(shape)
        if wide_mm >= 1.15 * _DISC_MM:
            spots.append((number, middle, None))
            continue
        left, top, right, bottom = shape.bounds
        reach = np.hypot(right - left, bottom - top) / 2 + _DISC_MM + 0.4
        for ring in range(_RINGS):
            turns = np.arange(_TURNS) * 2 * np.pi / _TURNS - np.pi / 4
            far = reach + ring * _RING_MM
            tried = np.column_stack([np.cos(turns), np.sin(turns)]) * far + [middle.x, middle.y]
            boxes = text_boxes(tried, (2.1 * _DISC_MM, 2.1 * _DISC_MM))
            free = next((k for k, box in enumerate(boxes) if room.is_free(box)), None)
            if free is not None:
                room.take(boxes[free])
                at = Point(tried[free])
                spots.append((number, at, LineString([at, middle])))
                break
        else:
            left_out.append(number)
    return spots, left_out


def _deepest(shape: BaseGeometry) -> tuple[Point, float]:
    """Return the point farthest from the rim of a shape, and how far that is."""
    part = max(shapely.get_parts(shape), key=shapely.area)
    radius = shapely.maximum_inscribed_circle(part, tolerance=0.05)
    return Point(radius.coords[0]), float(radius.length)


def _discs(spots: Sequence[tuple[int, Point, LineString | None]]) -> Iterator[str]:
    lines = [line for _, _, line in spots if line is not None]
    yield svg.path(lines, fill="none", stroke=_INK, stroke_width=0.2)
    for _, at, _ in spots:
        yield svg.path([at.buffer(_DISC_MM, 12)], fill=_PAPER, stroke=_INK, stroke_width=0.25)


def _codes(
    around: Sequence[tuple[GridState, BaseGeometry]],
    grid_id: str,
    *,
    frame: BaseGeometry,
    room: LabelField,
    houses: Sequence[BaseGeometry],
) -> list[MapText]:
    """Name the grids in sight, the own one first, where there is room; off buildings if may be."""
    out = []
    covered = shapely.STRtree(houses)
    for grid, ground in sorted(around, key=lambda one: (one[0].grid_id != grid_id, one[0].grid_id)):
        seen = ground.intersection(frame)
        if shapely.area(seen) < _LEAST_NAMED_MM2:
            continue
        part = max(shapely.get_parts(seen), key=shapely.area)
        own = grid.grid_id == grid_id
        size_pt = _OWN_PT if own else _CODE_PT
        code = one_line(grid.grid_id, _LONGEST_CODE)
        width, height = text_mm(code, size_pt) + 0.8, size_pt * 0.36
        at = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=0.5))[0]
        net = np.array([(x, y) for x in range(-16, 17, 4) for y in range(-12, 13, 3)], dtype=float)
        shifts = net[np.argsort(np.hypot(*net.T), kind="stable")]
        boxes = text_boxes(shifts + at, (width, height))
        hides = np.isin(np.arange(len(boxes)), covered.query(boxes, predicate="intersects")[0])
        over = ~shapely.contains(part, boxes)
        for k in np.argsort(2 * over + hides, kind="stable").tolist():
            (x, y), box = (shifts + at)[k], boxes[k]
            if room.is_free(box) and part.contains(Point(x, y)):
                room.take(box)
                style = "own" if own else "code"
                out.append(MapText(code, float(x), float(y), size_pt, style))
                break
    return out
