"""The map of a board as vector layers, true to scale: ground, water, streets, houses, borders."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from . import inks, svg
from .board_labels import BADGE_ROOM, Here, MapShapes, Marks, place_labels
from .board_sheet import BoardBuilding, BoardSheet
from .colours import colour_polygons
from .label_field import Label
from .scale import View

# Widths on the ground of what comes as a line, and how thin it may get on A3 paper.
_WIDTHS_M: dict[str, float] = {"street": 7.0, "river": 18.0}
_LEAST_MM: dict[str, float] = {"street": 0.9, "river": 1.6}
# A building that is a point is drawn as a square of that side.
_POINT_SIDE_M = 9.0
_PIN_MM = 9.0
# A map on A3 at a larger scale has room for larger letters.
_USUAL_SCALE = 2500


@dataclass(frozen=True)
class MapStyle:
    """What a map puts forward: grids in colour (the others are pale), a building, a spot.

    ``numbers``: what a grid's badge says. ``unit``: how much larger than on A3 things are drawn.
    """

    in_colour: Collection[str]
    numbers: Mapping[str, str]
    unit: float
    marked_building: str = ""
    here_m: Point | None = None


@dataclass(frozen=True, eq=False)
class BoardMap:
    """A drawn map: the SVG, its labels in millimetres, and the kinds of things in it."""

    drawing: bytes
    labels: tuple[Label, ...]
    kinds: frozenset[str]


@dataclass(frozen=True, eq=False)
class Territory:
    """A sheet with a colour for each grid, and its shapes, prepared once for many maps of it."""

    sheet: BoardSheet
    buildings: tuple[BoardBuilding, ...]
    shapes: np.ndarray[Any, Any]
    tree: shapely.STRtree
    rim: BaseGeometry

    @classmethod
    def of(cls, sheet: BoardSheet) -> Territory:
        """Prepare a sheet."""
        buildings = sheet.ordered_buildings()
        shapes = np.array([_footprint(building.shape) for building in buildings], dtype=object)
        whole = shapely.union_all([grid.polygon for grid in sheet.grids])
        # Slivers between borders that nearly meet are no border of the community.
        rim = shapely.union_all(
            [shapely.Polygon(part.exterior, [ring for ring in part.interiors
                                             if shapely.Polygon(ring).area > 25.0])
             for part in shapely.get_parts(whole)]
        )  # fmt: skip
        grounds = {grid.grid_id: grid.polygon for grid in sheet.grids}
        colours = colour_polygons(grounds, unit_m=1.0, earlier=sheet.colours)
        sheet = replace(sheet, colours=colours)
        return cls(sheet, buildings, shapes, shapely.STRtree(shapes), rim)


def draw_map(
    land: Territory,
    view: View,
    style: MapStyle,
    *,
    reserved: Sequence[BaseGeometry] = (),
    here_words: str = "",
) -> BoardMap:
    """Draw what a view sees of a territory; labels keep off the boxes reserved."""
    frame = shapely.box(0, 0, view.width_mm, view.height_mm)
    rows = np.sort(land.tree.query(view.frame_m(), predicate="intersects"))
    seen = _clipped(view.on_paper(land.shapes[rows]), frame)
    buildings = tuple(land.buildings[row] for row in rows)
    edges = [shapely.boundary(grid.polygon) for grid in land.sheet.grids]
    borders = view.on_paper(np.array(edges, dtype=object))
    shapes = MapShapes(buildings, seen, borders)
    pin = None if style.here_m is None else view.on_paper(style.here_m)
    taken = [*reserved, *([] if pin is None else [_pin_box(pin, style.unit)])]
    grids = {grid.grid_id: grid for grid in land.sheet.ordered_grids()}
    badges = {key: (grids[key], text) for key, text in style.numbers.items()}
    here = None if pin is None else Here(pin, here_words, style.marked_building)
    labels = place_labels(
        view,
        shapes,
        marks=Marks(badges, here),
        lines=land.sheet.lines,
        unit=style.unit * _lettering(view, style.unit),
        taken=taken,
    )
    layers = [
        svg.path([frame], fill=inks.OUTSIDE),
        *_grounds(land, view, style, frame, shapely.union_all([x.box for x in labels])),
        *_lines(land, view, style, frame),
        *_buildings(shapes, land, style),
        *_borders(land, view, style, frame),
        *_plates(labels, style),
        *([] if pin is None else [_pin(pin, style.unit)]),
    ]
    kinds = {line.kind if line.kind in ("river", "rail", "wall") else "street"
             for line in land.sheet.lines
             if line.kind != "boundary" and line.line.intersects(view.frame_m())}  # fmt: skip
    kinds |= {"building"} if len(seen) else set()
    kinds |= {"rim"} if shapely.boundary(land.rim).intersects(view.frame_m()) else set()
    drawing = svg.drawing(view.width_mm, view.height_mm, layers)
    return BoardMap(drawing, labels, frozenset(kinds))


def _lettering(view: View, unit: float) -> float:
    """How much larger than on a community's map names and borders are where scale is larger."""
    return min(max(math.sqrt(_USUAL_SCALE / (view.scale * unit)), 1.0), 1.7)


def _footprint(shape: BaseGeometry) -> BaseGeometry:
    half = _POINT_SIDE_M / 2
    return shape.buffer(half, cap_style="square") if shape.geom_type == "Point" else shape


def _clipped(shapes: np.ndarray[Any, Any], frame: BaseGeometry) -> np.ndarray[Any, Any]:
    clipped = np.array(shapes, dtype=object)
    shapely.prepare(frame)
    beyond = ~shapely.contains_properly(frame, clipped)
    clipped[beyond] = shapely.intersection(clipped[beyond], frame)
    return clipped


def _grounds(
    land: Territory, view: View, style: MapStyle, frame: BaseGeometry, under: BaseGeometry
) -> Iterator[str]:
    """Grounds of grids and their patterns, which stay clear of what is under a label."""
    for grid in land.sheet.ordered_grids():
        ground = shapely.intersection(view.on_paper(grid.polygon), frame)
        if grid.grid_id not in style.in_colour:
            yield svg.path([ground], fill=inks.PALE)
            continue
        row = land.sheet.colours[grid.grid_id]
        yield svg.path([ground], fill=inks.tint(row))
        lines = shapely.difference(inks.hatch(ground, row, unit=style.unit), under)
        yield svg.path([lines], fill="none", stroke=inks.mix(inks.tint(row), inks.deep(row), 0.3),
                       stroke_width=round(0.13 * style.unit, 3))  # fmt: skip


def _lines(land: Territory, view: View, style: MapStyle, frame: BaseGeometry) -> Iterator[str]:
    by_kind: dict[str, list[BaseGeometry]] = defaultdict(list)
    for line in land.sheet.lines:
        seen = line.line.intersection(view.frame_m(beyond_mm=5.0))
        if line.kind != "boundary" and not seen.is_empty:
            kind = line.kind if line.kind in ("river", "rail", "wall") else "street"
            by_kind[kind].append(view.on_paper(seen))
    for kind, fill in (("river", inks.WATER), ("street", inks.STREET)):
        width = max(view.mm(_WIDTHS_M[kind]), _LEAST_MM[kind] * style.unit)
        if by_kind[kind]:
            band = shapely.buffer(shapely.union_all(by_kind[kind]), width / 2, quad_segs=6)
            band = shapely.simplify(shapely.intersection(band, frame), 0.01)
            edge = (
                inks.mix(inks.WATER, inks.WATER_INK, 0.35) if kind == "river" else inks.STREET_EDGE
            )
            yield svg.path([band], fill=fill, stroke=edge, stroke_width=round(0.15 * style.unit, 3))
    thin = round(0.35 * style.unit, 3)
    rails = [line.intersection(frame) for line in by_kind["rail"]]
    yield svg.path(rails, fill="none", stroke=inks.RAIL, stroke_width=3 * thin)
    yield svg.path(rails, fill="none", stroke=inks.PAPER, stroke_width=1.8 * thin,
                   stroke_dasharray=f"{5 * thin:g} {5 * thin:g}")  # fmt: skip
    walls = [line.intersection(frame) for line in by_kind["wall"]]
    yield svg.path(walls, fill="none", stroke=inks.WALL, stroke_width=thin)


def _buildings(shapes: MapShapes, land: Territory, style: MapStyle) -> Iterator[str]:
    groups: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    for building, shape in zip(shapes.buildings, shapes.shapes, strict=True):
        if building.building_id == style.marked_building:
            fill, edge = inks.HERE, inks.mix(inks.HERE, inks.INK, 0.5)
        elif building.grid_id in style.in_colour:
            row = land.sheet.colours[building.grid_id]
            fill, edge = inks.building_fill(row), inks.deep(row)
        else:
            fill, edge = inks.PALE_BUILDING, inks.mix(inks.PALE_BUILDING, inks.INK, 0.25)
        groups[fill, edge].append(shape)
    for (fill, edge), group in sorted(groups.items()):
        # One path each: the file says every building by itself, as measured things should be.
        for shape in group:
            yield svg.path([shape], fill=fill, stroke=edge, fill_rule="evenodd",
                           stroke_width=round(0.14 * style.unit, 3))  # fmt: skip


def _borders(land: Territory, view: View, style: MapStyle, frame: BaseGeometry) -> Iterator[str]:
    u = style.unit * _lettering(view, style.unit)
    pale: list[BaseGeometry] = []
    own: list[BaseGeometry] = []
    for grid in land.sheet.ordered_grids():
        edge = shapely.intersection(shapely.boundary(view.on_paper(grid.polygon)), frame)
        (own if grid.grid_id in style.in_colour else pale).append(edge)
    if pale:
        yield svg.path([_joined(pale)], fill="none", stroke=inks.PALE_INK,
                       stroke_width=round(0.25 * u, 3),
                       stroke_dasharray=f"{2 * u:.3g} {1 * u:.3g}")  # fmt: skip
    lines = [_joined(own)]
    # where others are pale, the border says which is meant
    bold = 1.6 if pale else 1.0
    yield svg.path(lines, fill="none", stroke=inks.PAPER, stroke_linejoin="round",
                   stroke_width=round(1.3 * bold * u, 3))  # fmt: skip
    rim = shapely.intersection(shapely.boundary(view.on_paper(land.rim)), frame)
    yield svg.path(lines, fill="none", stroke=inks.BORDER, stroke_linejoin="round",
                   stroke_width=round(0.55 * bold * u, 3))  # fmt: skip
    yield svg.path([shapely.line_merge(rim)], fill="none", stroke=inks.NAVY,
                   stroke_linejoin="round", stroke_width=round(1.1 * u, 3))  # fmt: skip


def _joined(edges: Sequence[BaseGeometry]) -> BaseGeometry:
    whole = shapely.union_all(edges)
    lines = [
        part
        for part in shapely.get_parts(whole)
        if part.geom_type == "LineString" and part.length > 0
    ]
    return shapely.line_merge(MultiLineString(lines))


def _plates(labels: Sequence[Label], style: MapStyle) -> Iterator[str]:
    """What labels stand on: discs of grid numbers, and plates where a border runs under a name."""
    u = style.unit
    for label in labels:
        if label.style == "badge":
            disc, radius = (
                Point(label.x_mm, label.y_mm),
                math.sqrt(label.box.area / math.pi) / BADGE_ROOM,
            )
            own = label.grid_id in style.in_colour
            ink = inks.NAVY if own else inks.PALE_INK
            yield svg.path([disc.buffer(radius * 1.06, 24)], fill=inks.PAPER)
            yield svg.path([disc.buffer(radius * 0.95, 24)], fill=ink if own else inks.PAPER,
                           stroke=ink, stroke_width=round(0.5 * u, 3))  # fmt: skip
        elif label.style in {"street", "river"}:
            fill = inks.STREET if label.style == "street" else inks.WATER
            yield svg.path([label.box], fill=fill)
        elif label.style == "here":
            yield svg.path([label.box.buffer(0.3 * u)], fill=inks.PAPER, stroke=inks.HERE,
                           stroke_width=round(0.35 * u, 3))  # fmt: skip


def _pin_box(at: Point, unit: float) -> BaseGeometry:
    half = _PIN_MM * unit * 0.42
    return shapely.box(at.x - half, at.y - _PIN_MM * unit * 1.15, at.x + half, at.y + unit)


def _pin(at: Point, unit: float) -> str:
    """A drop that points at a spot: round head, tip below."""
    r = _PIN_MM * unit * 0.36
    top = at.y - _PIN_MM * unit * 0.72
    side, fall = r * 0.94, r * 0.35
    return (
        f'<path fill="{inks.HERE}" stroke="{inks.PAPER}" stroke-width="{0.5 * unit:g}" '
        f'd="M{at.x:g} {at.y:g}L{at.x - side:g} {top + fall:g}A{r:g} {r:g} 0 1 1 '
        f'{at.x + side:g} {top + fall:g}z"/>'
        f'<circle cx="{at.x:g}" cy="{top:g}" r="{r * 0.42:g}" fill="{inks.PAPER}"/>'
    )
