"""What a board's map names, and where: grids, streets, places, buildings; nothing overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from .board_sheet import BoardBuilding, BoardGrid, BoardLine, place_and_number
from .label_field import Label, LabelField, text_box
from .scale import View
from .street_labels import street_labels
from .text_width import MM_PER_PT, text_mm

# Sizes on A3, in points and millimetres; larger paper is read from farther off.
_PLACE_PT, _BUILDING_PT, _NUMBER_PT, _LEAST_NUMBER_PT = 7.2, 6.2, 6.2, 4.6
BADGE_MM = 5.2
_GAP_MM = 0.3
_LEADING = 1.22
# Buildings of one name farther apart on the ground are two places of that name.
_APART_M = 70.0
# A name longer than that stands in two lines.
_LONG_EM = 7.0


@dataclass(frozen=True, eq=False)
class MapShapes:
    """What stands in the frame, in millimetres: buildings row by row with their shapes."""

    buildings: tuple[BoardBuilding, ...]
    shapes: np.ndarray[Any, Any]
    tree: shapely.STRtree

    def cover_mm2(self, boxes: Sequence[BaseGeometry]) -> np.ndarray[Any, Any]:
        """Return how much building each box would hide."""
        covered = np.zeros(len(boxes))
        rows, hit = self.tree.query(np.array(boxes, dtype=object), predicate="intersects")
        if len(rows):
            areas = shapely.area(
                shapely.intersection(np.array(boxes, dtype=object)[rows], self.shapes[hit])
            )
            np.add.at(covered, rows, areas)
        return covered


def place_labels(
    view: View,
    shapes: MapShapes,
    *,
    badges: Mapping[str, tuple[BoardGrid, str]],
    lines: Sequence[BoardLine],
    unit: float,
    taken: Iterable[BaseGeometry] = (),
) -> tuple[Label, ...]:
    """Return the labels of a map, the weightiest placed first; none overlaps another.

    Args:
        view: the frame and its scale.
        shapes: the buildings in the frame.
        badges: grid and what its badge says, by grid id; "" for none.
        lines: streets and rivers with names.
        unit: how much larger than on A3 everything is set.
        taken: boxes of the frame that are not free.
    """
    room = LabelField(view.width_mm, view.height_mm)
    for box in taken:
        room.take(box)
    labels = [*_badges(view, shapes, badges, room=room, unit=unit)]
    labels += street_labels(view, lines, room=room, unit=unit)
    named = [place_and_number(building) for building in shapes.buildings]
    labels += _single_names(shapes, named, room=room, unit=unit)
    labels += _place_names(view, shapes, named, room=room, unit=unit)
    labels += _numbers(shapes, named, room=room, unit=unit)
    return tuple(labels)


def _badges(
    view: View,
    shapes: MapShapes,
    badges: Mapping[str, tuple[BoardGrid, str]],
    *,
    room: LabelField,
    unit: float,
) -> Iterator[Label]:
    """A disc in each grid, deep inside and where it hides few buildings."""
    frame = shapely.box(0, 0, view.width_mm, view.height_mm)
    for grid_id, (grid, text) in sorted(badges.items()):
        ground = _largest(view.on_paper(grid.polygon).intersection(frame))
        if not text or ground is None:
            continue
        radius = BADGE_MM * unit
        spots = _spots(ground, radius)
        discs = [Point(spot).buffer(radius * 1.12) for spot in spots]
        depth = shapely.distance(ground.boundary, shapely.points(spots))
        outside = np.maximum(radius - depth, 0) * 8 * radius
        far = shapely.distance(ground.centroid, shapely.points(spots))
        cost = shapes.cover_mm2(discs) + outside + 0.25 * unit * far
        for row in np.argsort(cost, kind="stable"):
            if room.is_free(discs[row]):
                room.take(discs[row])
                x, y = spots[row]
                size = _badge_pt(text, radius)
                yield Label((text,), x, y, size, "badge", discs[row], grid_id=grid_id)
                break


def _badge_pt(text: str, radius_mm: float) -> float:
    widest = radius_mm * 1.5
    return min(radius_mm * 1.15 / MM_PER_PT, widest / max(text_mm(text, 1.0), 1e-6))


def _spots(ground: BaseGeometry, step_mm: float) -> list[tuple[float, float]]:
    """Points of a ground a step apart, and its deepest."""
    left, top, right, bottom = ground.bounds
    step = max(step_mm, (right - left + bottom - top) / 60)
    xs, ys = np.arange(left, right, step) + step / 2, np.arange(top, bottom, step) + step / 2
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    inside = grid[shapely.contains_xy(ground, grid[:, 0], grid[:, 1])] if len(grid) else grid
    size = max(right - left, bottom - top)
    deepest = shapely.maximum_inscribed_circle(ground, tolerance=size / 200).coords[0]
    return [(float(deepest[0]), float(deepest[1])), *((float(x), float(y)) for x, y in inside)]


def _single_names(
    shapes: MapShapes, named: Sequence[tuple[str, str]], *, room: LabelField, unit: float
) -> Iterator[Label]:
    """Names of buildings that stand for themselves: a school, a market."""
    size = _BUILDING_PT * unit
    for row, building in enumerate(shapes.buildings):
        text = building.name.strip()
        if not text or any(named[row]):
            continue
        ground = _largest(shapes.shapes[row])
        at = (shapes.shapes[row] if ground is None else ground).centroid
        yield from _first_free(text, _around(at, size), size, style="building", room=room)


def _place_names(
    view: View,
    shapes: MapShapes,
    named: Sequence[tuple[str, str]],
    *,
    room: LabelField,
    unit: float,
) -> Iterator[Label]:
    """The name of a compound or lane, once for all buildings of it that stand together."""
    size = _PLACE_PT * unit
    groups: dict[str, list[int]] = defaultdict(list)
    for row, (place, _) in enumerate(named):
        if place:
            groups[place].append(row)
    for place, rows in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        for cluster in _clusters(shapes.shapes[rows], view.mm(_APART_M)):
            middle = shapely.union_all(cluster).envelope.centroid
            forms = _forms(place, size)
            spots = _near_grid(middle, cluster, size)
            options = [(form, spot) for form in forms for spot in spots]
            boxes = [_box(form, spot, size) for form, spot in options]
            far = np.array([middle.distance(Point(spot)) for _, spot in options])
            cost = shapes.cover_mm2(boxes) / (size * MM_PER_PT) + 0.3 * far
            # a name may leave its buildings a little, not wander off to those of others
            for row in np.argsort(cost, kind="stable"):
                if room.is_free(boxes[row]):
                    room.take(boxes[row])
                    form, (x, y) = options[row]
                    yield Label(form, x, y, size, "place", boxes[row])
                    break


def _numbers(
    shapes: MapShapes, named: Sequence[tuple[str, str]], *, room: LabelField, unit: float
) -> Iterator[Label]:
    """The number of a building on it, smaller where it is small; left off where there is no room."""
    for row, (_, number) in enumerate(named):
        if not number:
            continue
        ground = _largest(shapes.shapes[row])
        shape = shapes.shapes[row] if ground is None else ground
        spots = [shape.centroid] if ground is None else [shape.centroid, shape.point_on_surface()]
        if ground is not None:
            spots += [Point(spot) for spot in _spots(ground, _NUMBER_PT * unit * MM_PER_PT)[:12]]
        for size in (_NUMBER_PT * unit, (_NUMBER_PT + _LEAST_NUMBER_PT) / 2 * unit,
                     _LEAST_NUMBER_PT * unit):  # fmt: skip
            inside = [s for s in spots if _fits(shape, _box((number,), (s.x, s.y), size))]
            last = size == _LEAST_NUMBER_PT * unit
            found = [*_first_free(number, [(s.x, s.y) for s in (spots if last else inside)], size,
                                  style="number", room=room)]  # fmt: skip
            if found:
                yield from found
                break


def _fits(shape: BaseGeometry, box: BaseGeometry) -> bool:
    return bool(shape.area) and shape.intersection(box).area > 0.94 * box.area


def _first_free(
    text: str,
    spots: Iterable[tuple[float, float]],
    size_pt: float,
    *,
    style: str,
    room: LabelField,
) -> Iterator[Label]:
    forms = _forms(text, size_pt)
    for spot in spots:
        for form in forms:
            box = _box(form, spot, size_pt)
            if room.is_free(box):
                room.take(box)
                yield Label(form, *spot, size_pt, style, box)
                return


def _forms(text: str, size_pt: float) -> list[tuple[str, ...]]:
    """In how many lines a text may stand: two where it is long, parted near its middle."""
    if text_mm(text, size_pt) < _LONG_EM * size_pt * MM_PER_PT:
        return [(text,)]
    gaps = [row for row, sign in enumerate(text) if sign.isspace()]
    if not gaps and all(ord(sign) > 0x2E80 for sign in text):
        gaps = [len(text) // 2]
    if not gaps:
        return [(text,)]
    cut = min(gaps, key=lambda row: (abs(row - len(text) / 2), row))
    return [(text[:cut].strip(), text[cut:].strip()), (text,)]


def _box(lines: Sequence[str], at_mm: tuple[float, float], size_pt: float) -> BaseGeometry:
    width = max(text_mm(line, size_pt) for line in lines)
    height = len(lines) * _LEADING * size_pt * MM_PER_PT
    return text_box(at_mm, (width + 2 * _GAP_MM, height))


def _around(at: Point, size_pt: float) -> list[tuple[float, float]]:
    step = size_pt * MM_PER_PT
    return [(at.x + dx * step, at.y + dy * step)
            for dx, dy in ((0, 0), (0, 1), (0, -1), (0, 2), (0, -2), (1, 0), (-1, 0), (2, 1),
                           (-2, 1), (2, -1), (-2, -1), (0, 3.2), (0, -3.2))]  # fmt: skip


def _near_grid(
    middle: Point, cluster: np.ndarray[Any, Any], size_pt: float
) -> list[tuple[float, float]]:
    """Spots on and closely around a cluster of buildings, on a net as fine as the letters."""
    step = size_pt * MM_PER_PT * 0.75
    left, top, right, bottom = shapely.total_bounds(cluster)
    step = max(step, (right - left + bottom - top) / 50)
    xs = middle.x + step * np.arange(-int((middle.x - left) / step) - 2,
                                     int((right - middle.x) / step) + 3)  # fmt: skip
    ys = middle.y + step * np.arange(-int((middle.y - top) / step) - 2,
                                     int((bottom - middle.y) / step) + 3)  # fmt: skip
    return [(float(x), float(y)) for y in ys for x in xs]


def _clusters(shapes: np.ndarray[Any, Any], apart_mm: float) -> list[np.ndarray[Any, Any]]:
    near = shapely.get_parts(shapely.union_all(shapely.buffer(shapes, apart_mm / 2, quad_segs=3)))
    near = near[np.lexsort(shapely.bounds(near).T[:2])]
    prepared = [shapely.intersects(part, shapes) for part in near]
    return [shapes[inside] for inside in prepared if inside.any()]


def _largest(shape: BaseGeometry) -> BaseGeometry | None:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=None)
