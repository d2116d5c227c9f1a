"""What a board's map names, and where: grids, streets, places, buildings; nothing overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from .board_sheet import BoardBuilding, BoardGrid, BoardLine, place_and_number
from .card_data import one_line
from .label_field import Label, LabelField, text_boxes
from .scale import View
from .street_labels import street_labels
from .text_width import MM_PER_PT, text_mm

Array = np.ndarray[Any, Any]

# Sizes on A3, in points and millimetres; larger paper is read from farther off.
_PLACE_PT, _BUILDING_PT, _NUMBER_PT, _LEAST_NUMBER_PT = 7.2, 6.2, 6.2, 4.6
_HERE_PT = 8.5
# A disc's radius: this share of the middling grid's side, within bounds on A3.
_BADGE_SHARE, _LEAST_BADGE_MM, _MOST_BADGE_MM = 0.125, 2.8, 5.4
# A disc keeps that much more than its own radius free.
BADGE_ROOM = 1.12
_GAP_MM = 0.3
_LEADING = 1.22
# Buildings of one name farther apart on the ground are two places of that name.
_APART_M = 70.0
# A name longer than that stands in two lines.
_LONG_EM = 7.0
# The whole of a longer name has no place on a map.
_MOST_EM = 22.0
# Spots tried for the name of a place: so many along both sides of its ground together.
_NET = 40


@dataclass(frozen=True, eq=False)
class MapShapes:
    """What stands in the frame, in millimetres: buildings with their shapes, borders of grids."""

    buildings: tuple[BoardBuilding, ...]
    shapes: Array
    borders: Array

    def cost_of(self, boxes: Sequence[BaseGeometry] | Array, width_mm: float) -> Array:
        """Return how much each box would hide: area of buildings, and borders of that width."""
        shown: Any = np.array(boxes, dtype=object)
        buildings = _inside(shown, self.shapes, self._trees[0], shapely.area)
        return buildings + width_mm * _inside(shown, self.borders, self._trees[1], shapely.length)

    @cached_property
    def _trees(self) -> tuple[shapely.STRtree, shapely.STRtree]:
        return shapely.STRtree(self.shapes), shapely.STRtree(self.borders)


@dataclass(frozen=True)
class Here:
    """The spot of "you are here" on paper, its words, and the building that is marked."""

    at: Point
    words: str
    building_id: str


@dataclass(frozen=True)
class Marks:
    """What is marked on a map: grid and what its badge says, by grid id; and a spot, if any.

    The building of the spot is left without a name: it stands large above the map.
    """

    badges: Mapping[str, tuple[BoardGrid, str]]
    here: Here | None = None


def _inside(boxes: Any, things: Any, tree: shapely.STRtree, size: Any) -> Array:
    total = np.zeros(len(boxes))
    rows, hit = tree.query(boxes, predicate="intersects")
    np.add.at(total, rows, size(shapely.intersection(boxes[rows], things[hit])))
    return total


def place_labels(
    view: View,
    shapes: MapShapes,
    *,
    marks: Marks,
    lines: Sequence[BoardLine],
    unit: float,
    taken: Iterable[BaseGeometry] = (),
) -> tuple[Label, ...]:
    """Return the labels of a map, the weightiest placed first; none overlaps another.

    Args:
        view: the frame and its scale.
        shapes: the buildings in the frame.
        marks: grid numbers, and the spot of "you are here".
        lines: streets and rivers with names.
        unit: how much larger than on A3 everything is set.
        taken: boxes of the frame that are not free.
    """
    room = LabelField(view.width_mm, view.height_mm)
    for box in taken:
        room.take(box)
    here = marks.here
    labels = [] if here is None else [*_here(shapes, here, room=room, unit=unit)]
    labels += [*_badges(view, shapes, marks.badges, room=room, unit=unit)]
    labels += street_labels(view, lines, room=room, unit=unit)
    named = [place_and_number(building) for building in shapes.buildings]
    marked = "" if here is None else here.building_id
    labels += _single_names(shapes, named, marked, room=room, unit=unit)
    labels += _place_names(view, shapes, named, room=room, unit=unit)
    numbers = [
        ("" if building.building_id == marked else number)
        for building, (_, number) in zip(shapes.buildings, named, strict=True)
    ]
    frame = shapely.box(0, 0, view.width_mm, view.height_mm)
    whole = shapely.contains_properly(frame, shapes.shapes)
    labels += _numbers(shapes, numbers, whole=whole, room=room, unit=unit)
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
    radius = _badge_mm(view, [grid for grid, _ in badges.values()], unit)
    for grid_id, (grid, text) in sorted(badges.items()):
        ground = _largest(view.on_paper(grid.polygon).intersection(frame))
        if not text or ground is None:
            continue
        spots = _spots(ground, radius)
        discs = [Point(spot).buffer(radius * BADGE_ROOM) for spot in spots]
        depth = shapely.distance(ground.boundary, shapely.points(spots))
        outside = np.maximum(radius - depth, 0) * 3 * radius
        far = shapely.distance(ground.centroid, shapely.points(spots))
        cost = shapes.cost_of(discs, radius) + outside + 0.25 * unit * far
        for row in np.argsort(cost, kind="stable"):
            if room.is_free(discs[row]):
                room.take(discs[row])
                x, y = spots[row]
                size = _badge_pt(text, radius)
                yield Label((text,), x, y, size, "badge", discs[row], grid_id=grid_id)
                break


def _badge_mm(view: View, grids: Sequence[BoardGrid], unit: float) -> float:
    """Return the radius of a map's grid numbers: one for all, larger where grids are."""
    sides = [view.mm(float(np.sqrt(grid.polygon.area))) for grid in grids] or [0.0]
    wanted = _BADGE_SHARE * float(np.median(sides))
    return min(max(wanted, _LEAST_BADGE_MM * unit), _MOST_BADGE_MM * unit)


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
    shapes: MapShapes,
    named: Sequence[tuple[str, str]],
    marked: str,
    *,
    room: LabelField,
    unit: float,
) -> Iterator[Label]:
    """Names of buildings that stand for themselves: a school, a market."""
    size = _BUILDING_PT * unit
    for row, building in enumerate(shapes.buildings):
        text = one_line(building.name)
        if not text or any(named[row]) or building.building_id == marked:
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
    height = size * MM_PER_PT
    groups: dict[str, list[int]] = defaultdict(list)
    for row, (place, _) in enumerate(named):
        if place:
            groups[place].append(row)
    for place, rows in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        for cluster in _clusters(shapes.shapes[rows], view.mm(_APART_M)):
            middle = shapely.union_all(cluster).envelope.centroid
            spots = _near_grid(middle, cluster, size)
            far = np.hypot(*(spots - [middle.x, middle.y]).T)
            options: list[tuple[tuple[str, ...], float]] = [
                (form, turn) for turn in _turns(cluster) for form in _forms(place, size)
            ]
            boxes = np.concatenate(
                [text_boxes(spots, _size(form, size), turn_deg=turn) for form, turn in options]
            )
            # a name may leave its buildings a little, not wander off to those of others
            cost = shapes.cost_of(boxes, 6 * height) / height + 0.3 * np.tile(far, len(options))
            for row in np.argsort(cost, kind="stable"):
                if room.is_free(boxes[row]):
                    room.take(boxes[row])
                    (form, turn), (x, y) = options[row // len(spots)], spots[row % len(spots)]
                    yield Label(form, float(x), float(y), size, "place", boxes[row], turn_deg=turn)
                    break


def _turns(cluster: Array) -> list[float]:
    """How the name of a place may be turned: level, or along its buildings where they slant."""
    hull = shapely.minimum_rotated_rectangle(shapely.union_all(cluster))
    if hull.geom_type != "Polygon":
        return [0.0]
    corners = np.array(hull.exterior.coords)
    sides = np.diff(corners, axis=0)[:2]
    # every slant as the one nearest to level, whichever side is the longer
    turns = [(float(np.degrees(np.arctan2(y, x))) + 45) % 90 - 45 for x, y in sides]
    return [0.0, turns[0]] if abs(turns[0]) > 2 else [0.0]


def _numbers(
    shapes: MapShapes,
    numbers: Sequence[str],
    *,
    whole: Array,
    room: LabelField,
    unit: float,
) -> Iterator[Label]:
    """The number of a building on it, smaller where it is small; left off where there is no room.

    The number of a small building may stand out over it, unless it is one the frame cuts.
    """
    sizes = [_NUMBER_PT * unit, (_NUMBER_PT + _LEAST_NUMBER_PT) / 2 * unit, _LEAST_NUMBER_PT * unit]
    for shape, number, is_whole in zip(shapes.shapes, numbers, whole, strict=True):
        ground = _largest(shape)
        if not number or ground is None:
            continue
        spots = [(ground.centroid.x, ground.centroid.y), *_spots(ground, sizes[0] * MM_PER_PT)[:13]]
        for size in sizes:
            boxes = text_boxes(spots, _size((number,), size))
            fits = shapely.area(shapely.intersection(shape, boxes)) > 0.94 * shapely.area(boxes)
            inside = [spot for spot, fit in zip(spots, fits, strict=True) if fit]
            if is_whole and size == sizes[-1]:
                inside = spots
            found = [*_first_free(number, inside, size, style="number", room=room)]
            if found:
                yield from found
                break


def _here(shapes: MapShapes, here: Here, *, room: LabelField, unit: float) -> Iterator[Label]:
    """The words at the marked spot, below its building or beside it."""
    size = _HERE_PT * unit
    step = size * MM_PER_PT
    marked = [shape for building, shape in zip(shapes.buildings, shapes.shapes, strict=True)
              if building.building_id == here.building_id]  # fmt: skip
    left, top, right, bottom = shapely.total_bounds([*marked, here.at])
    half = text_mm(here.words, size) / 2 + step
    spots = [(here.at.x, bottom + step), (right + half, here.at.y), (left - half, here.at.y),
             (here.at.x, top - 4 * step), (here.at.x, bottom + 2.5 * step)]  # fmt: skip
    yield from _first_free(here.words, spots, size, style="here", room=room, split=False)


def _first_free(
    text: str,
    spots: Iterable[tuple[float, float]],
    size_pt: float,
    *,
    style: str,
    room: LabelField,
    split: bool = True,
) -> Iterator[Label]:
    forms = _forms(text, size_pt) if split else [(text,)]
    for spot in spots:
        for form in forms:
            box = _box(form, spot, size_pt)
            if room.is_free(box):
                room.take(box)
                yield Label(form, *spot, size_pt, style, box)
                return


def _forms(text: str, size_pt: float) -> list[tuple[str, ...]]:
    """In how many lines a text may stand: two where it is long, cut short where it is endless."""
    em = size_pt * MM_PER_PT
    while text_mm(text, size_pt) > _MOST_EM * em:
        text = text[: int(len(text) * 0.9) - 1].rstrip() + "…"
    if text_mm(text, size_pt) < _LONG_EM * em:
        return [(text,)]
    gaps = [row for row, sign in enumerate(text) if sign.isspace()]
    if not gaps and all(ord(sign) > 0x2E80 for sign in text):
        gaps = [len(text) // 2]
    if not gaps:
        return [(text,)]
    cut = min(gaps, key=lambda row: (abs(row - len(text) / 2), row))
    return [(text[:cut].strip(), text[cut:].strip()), (text,)]


def _box(lines: Sequence[str], at_mm: tuple[float, float], size_pt: float) -> BaseGeometry:
    return text_boxes([at_mm], _size(lines, size_pt))[0]


def _size(lines: Sequence[str], size_pt: float) -> tuple[float, float]:
    width = max(text_mm(line, size_pt) for line in lines)
    return width + 2 * _GAP_MM, len(lines) * _LEADING * size_pt * MM_PER_PT


def _around(at: Point, size_pt: float) -> list[tuple[float, float]]:
    step = size_pt * MM_PER_PT
    return [(at.x + dx * step, at.y + dy * step)
            for dx, dy in ((0, 0), (0, 1), (0, -1), (0, 2), (0, -2), (1, 0), (-1, 0), (2, 1),
                           (-2, 1), (2, -1), (-2, -1), (0, 3.2), (0, -3.2))]  # fmt: skip


def _near_grid(middle: Point, cluster: Array, size_pt: float) -> Array:
    """Spots on and closely around a cluster of buildings, on a net about as fine as the letters."""
    left, top, right, bottom = shapely.total_bounds(cluster)
    step = max(size_pt * MM_PER_PT * 0.75, (right - left + bottom - top) / _NET)
    xs, ys = (
        at + step * np.arange(-int((at - low) / step) - 2, int((high - at) / step) + 3)
        for at, low, high in ((middle.x, left, right), (middle.y, top, bottom))
    )
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)


def _clusters(shapes: Array, apart_mm: float) -> list[Array]:
    near = shapely.get_parts(shapely.union_all(shapely.buffer(shapes, apart_mm / 2, quad_segs=3)))
    near = near[np.lexsort(shapely.bounds(near).T[:2])]
    prepared = [shapely.intersects(part, shapes) for part in near]
    return [shapes[inside] for inside in prepared if inside.any()]


def _largest(shape: BaseGeometry) -> BaseGeometry | None:
    parts = [
        part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0
    ]
    return max(parts, key=lambda part: part.area, default=None)
