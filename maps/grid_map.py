"""The small map of one grid: its ground, streets, buildings and neighbours as SVG paths."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from .labels import label_point, line_label
from .sheet import GridShape, Sheet

Array = np.ndarray[Any, Any]

# As wide as on a phone, so that letters there are as large as said here.
_WIDTH_PX = 400
# A grid longer than wide is shown no taller than this; one wider than long no flatter.
_HEIGHTS_PX = (260, 520)
_MARGIN_PX = 26
# A degree of latitude on the sphere of 40,000 km; a small map needs no better.
_METRES_A_DEGREE = 111_111.0
# Widths on the ground, kept within what can be seen; of what has none, on the screen.
_WIDTHS_M = {"river": 22.0, "motorway": 16.0, "street": 8.0}
_WIDTH_PX_LIMITS = (3.0, 20.0)
_THIN_PX = 1.5
# A dot for a building that is drawn as a point.
_DOT_M = 5.0
_LETTER = 0.62  # of the font size, for Latin letters; Chinese signs take one
_BARS_M = (500, 200, 100, 50, 20, 10)


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The shapes of a sheet, ready to be found by place."""

    grids: tuple[GridShape, ...]
    polygons: Array
    buildings: Array
    building_grid: Array
    names: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    ways: Array
    trees: tuple[shapely.STRtree, shapely.STRtree, shapely.STRtree]

    @classmethod
    def of(cls, sheet: Sheet) -> Neighbourhood:
        """Index the grids, buildings and lines of a sheet."""
        grids, buildings = sheet.ordered_grids(), sheet.ordered_buildings()
        row_of = {grid.grid_id: row for row, grid in enumerate(grids)}
        # rivers first, so that bridges lie over them
        lines = sorted(sheet.lines, key=lambda line: (line.kind != "river", line.kind, line.name))
        shapes = [
            np.array(parts, dtype=object)
            for parts in (
                [grid.polygon for grid in grids],
                [building.shape for building in buildings],
                [line.line for line in lines],
            )
        ]
        return cls(
            grids=grids,
            polygons=shapes[0],
            buildings=shapes[1],
            building_grid=np.array([row_of[b.grid_id] for b in buildings], dtype=np.int64),
            names=tuple(building.name or building.building_id for building in buildings),
            lines=tuple((line.kind, line.name) for line in lines),
            ways=shapes[2],
            trees=(
                shapely.STRtree(shapes[0]),
                shapely.STRtree(shapes[1]),
                shapely.STRtree(shapes[2]),
            ),
        )

    def around(self, row: int) -> list[int]:
        """Return the rows of the grids that touch a grid or lie across a street from it."""
        near = self.trees[0].query(self.polygons[row], predicate="dwithin", distance=3e-4)
        return [int(other) for other in np.sort(near) if other != row]

    def building_names(self, row: int) -> list[str]:
        """Return what the buildings of a grid are called, 2 before 10, each once."""
        names = {self.names[at] for at in np.flatnonzero(self.building_grid == row)}
        return sorted(names, key=_numbers_apart)


@dataclass(frozen=True)
class Name:
    """A text on the map: its middle in pixels, its size, and its turn in degrees."""

    text: str
    style: str
    x: float
    y: float
    size: int
    turn: int = 0


@dataclass(frozen=True)
class GridMap:
    """What the template draws, in pixels from the upper left corner."""

    width: int
    height: int
    fill: str
    own: str
    others: tuple[str, ...]
    lines: tuple[tuple[str, str, float], ...]
    buildings: str
    pale_buildings: str
    names: tuple[Name, ...]
    bar_m: int
    bar_px: float


@dataclass(frozen=True)
class _View:
    """A window of the earth on a piece of screen; a degree of longitude shortened to scale."""

    west: float
    north: float
    squeeze: float
    px_a_degree: float
    height: int

    @classmethod
    def of(cls, shape: BaseGeometry) -> _View:
        west, south, east, north = shape.bounds
        squeeze = max(math.cos(math.radians((south + north) / 2)), 0.01)
        across, up = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
        free = _WIDTH_PX - 2 * _MARGIN_PX
        least, most = (height - 2 * _MARGIN_PX for height in _HEIGHTS_PX)
        scale = min(free / across, most / up)
        height = round(min(max(up * scale, least), most)) + 2 * _MARGIN_PX
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        return cls(
            middle_x - _WIDTH_PX / 2 / scale / squeeze,
            middle_y + height / 2 / scale,
            squeeze,
            scale,
            height,
        )

    @property
    def px_a_metre(self) -> float:
        return self.px_a_degree / _METRES_A_DEGREE

    @property
    def window(self) -> BaseGeometry:
        east = self.west + _WIDTH_PX / self.px_a_degree / self.squeeze
        return box(self.west, self.north - self.height / self.px_a_degree, east, self.north)

    def xy(self, lonlat: Array) -> Array:
        out: Array = np.column_stack(
            [
                (lonlat[:, 0] - self.west) * self.squeeze * self.px_a_degree,
                (self.north - lonlat[:, 1]) * self.px_a_degree,
            ]
        )
        return out

    def path(self, shape: BaseGeometry) -> str:
        """Return a shape as SVG path data in tenths of a pixel; a point as a dot."""
        if shape.geom_type == "Point":
            (x, y), r = self.xy(shapely.get_coordinates(shape))[0], _DOT_M * self.px_a_metre
            half = f"a{_px(r)} {_px(r)} 0 1 0"
            return f"M{_px(x - r)} {_px(y)}{half} {_px(2 * r)} 0{half} {_px(-2 * r)} 0z"
        out = []
        for part in shapely.get_parts(shape):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            closed = part.geom_type == "Polygon"
            for ring in rings:
                points = np.round(self.xy(shapely.get_coordinates(ring)), 1) + 0.0
                keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
                points = points[keep][: -1 if closed and keep.sum() > 1 else None]
                steps = "L".join(f"{_px(x)} {_px(y)}" for x, y in points)
                out.append(f"M{steps}{'z' if closed else ''}")
        return "".join(out)


def draw_grid(hood: Neighbourhood, row: int, fill: str) -> GridMap:
    """Draw one grid with a margin of what lies around it."""
    own = hood.polygons[row]
    view = _View.of(own)
    window = view.window
    others = [
        (other, cut)
        for other in np.sort(hood.trees[0].query(window)).tolist()
        if other != row and not (cut := _clip(hood.polygons[other], window)).is_empty
    ]
    lines = [
        (*hood.lines[at], cut)
        for at in np.sort(hood.trees[2].query(window)).tolist()
        if not (cut := _clip(hood.ways[at], window)).is_empty
    ]
    seen = np.sort(hood.trees[1].query(window, predicate="intersects"))
    mine = hood.building_grid[seen] == row
    bar_m = next((m for m in _BARS_M if m * view.px_a_metre <= 110), _BARS_M[-1])
    return GridMap(
        width=_WIDTH_PX,
        height=view.height,
        fill=fill,
        own=view.path(own),
        others=tuple(view.path(cut) for _, cut in others),
        lines=tuple((kind, view.path(cut), _line_width(kind, view)) for kind, _, cut in lines),
        buildings="".join(view.path(hood.buildings[at]) for at in seen[mine]),
        pale_buildings="".join(view.path(hood.buildings[at]) for at in seen[~mine]),
        names=tuple(_placed(view, _names(hood, row, view, others=others, lines=lines))),
        bar_m=bar_m,
        bar_px=round(bar_m * view.px_a_metre, 1),
    )


def _names(
    hood: Neighbourhood, row: int, view: _View, *, others: list[Any], lines: list[Any]
) -> Iterable[Name]:
    """Offer names, the weightier first: numbers of buildings, streets, the grids around."""
    yield from _numbers(hood, row, view)
    told: set[str] = set()
    for kind, name, cut in sorted(lines, key=lambda line: (-line[2].length, line[1])):
        length_px = max(p.length for p in shapely.get_parts(cut)) * view.px_a_degree
        if not name or name in told or length_px < 1.1 * _text_px(name, 13):
            continue
        told.add(name)
        lon, lat, turn = line_label(cut)
        x, y = view.xy(np.array([[lon, lat]]))[0]
        style = "river-name" if kind == "river" else "way-name"
        yield Name(name, style, _tenth(x), _tenth(y), 13, turn)
    for other, cut in others:
        text = hood.grids[other].grid_id
        part = max(shapely.get_parts(cut), key=shapely.area)
        x, y = view.xy(np.array([label_point(part)]))[0]
        if part.area * view.squeeze * view.px_a_degree**2 > 22 * _text_px(text, 12):
            yield Name(text, "other-name", _tenth(x), _tenth(y), 12)


def _numbers(hood: Neighbourhood, row: int, view: _View) -> Iterable[Name]:
    """Offer what a building's name ends with, as 3 or 12B, where it has room on the building."""
    for at in np.flatnonzero(hood.building_grid == row):
        found = re.search(r"(\d+\s?[A-Za-z]?)\s*(?:号楼|号|幢|栋|座|楼)?$", hood.names[at])
        shape = hood.buildings[at]
        if found is None or shape.geom_type == "Point":
            continue
        (x, y), size = view.xy(shapely.get_coordinates(shapely.point_on_surface(shape)))[0], 13
        room = shapely.maximum_inscribed_circle(max(shapely.get_parts(shape), key=shapely.area))
        if room.length * view.px_a_degree >= 0.5 * size:
            yield Name(found[1], "number", _tenth(x), _tenth(y), size)


def _placed(view: _View, offered: Iterable[Name]) -> list[Name]:
    """Keep the names that lie on the map and on none before them, north arrow and bar included."""
    taken = [
        (_WIDTH_PX - 36.0, 0.0, float(_WIDTH_PX), 56.0),
        (0.0, view.height - 30.0, 170.0, float(view.height)),
    ]
    kept = []
    for name in offered:
        w, h = _text_px(name.text, name.size) / 2, name.size * 0.65
        cos, sin = (abs(f(math.radians(name.turn))) for f in (math.cos, math.sin))
        w, h = w * cos + h * sin, w * sin + h * cos
        frame = (name.x - w, name.y - h, name.x + w, name.y + h)
        inside = (
            frame[0] >= 0 and frame[1] >= 0 and frame[2] <= _WIDTH_PX and frame[3] <= view.height
        )
        clear = all(
            frame[2] < t[0] or frame[0] > t[2] or frame[3] < t[1] or frame[1] > t[3] for t in taken
        )
        if inside and clear:
            kept.append(name)
            taken.append(frame)
    return kept


def _clip(shape: BaseGeometry, window: BaseGeometry) -> BaseGeometry:
    """Return the part of a shape within the window, of the shape's own dimension."""
    cut = shapely.intersection(shape, window)
    if cut.geom_type == "GeometryCollection":
        same = [p for p in cut.geoms if shapely.get_dimensions(p) == shapely.get_dimensions(shape)]
        return shapely.union_all(same) if same else MultiPolygon()
    return cut if shapely.get_dimensions(cut) == shapely.get_dimensions(shape) else MultiPolygon()


def _line_width(kind: str, view: _View) -> float:
    if kind in ("boundary", "wall", "rail"):
        return _THIN_PX
    low, high = _WIDTH_PX_LIMITS
    return _tenth(min(max(_WIDTHS_M.get(kind, 8.0) * view.px_a_metre, low), high))


def _text_px(text: str, size: int) -> float:
    return sum(size if ord(sign) > 0x2E7F else size * _LETTER for sign in text)


def _numbers_apart(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort "Court 2" before "Court 10"."""
    return tuple(
        (1, int(part), "") if part.isdecimal() else (0, 0, part)
        for part in re.split(r"(\d+)", name)
    )


def _tenth(value: float) -> float:
    return round(float(value), 1) + 0.0


def _px(value: float) -> str:
    return f"{_tenth(value):g}"
