"""Shapes in millimetres as SVG paths, with few and equal digits."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry


def path(shapes: Iterable[BaseGeometry], **style: object) -> str:
    """Return one path of many polygons and lines, "" where there are none.

    Words of ``style`` are attributes, with an underscore for a dash: ``stroke_width=0.3``.
    """
    steps = "".join(_steps(shape) for shape in shapes)
    if not steps:
        return ""
    attributes = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    return f'<path d="{steps}"{attributes}/>'


def drawing(width_mm: float, height_mm: float, parts: Iterable[str]) -> bytes:
    """Return an SVG file of that size on paper; its unit is the millimetre."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:g}mm" height="{height_mm:g}mm"'
        f' viewBox="0 0 {width_mm:g} {height_mm:g}">{"".join(parts)}</svg>'
    ).encode()


def _steps(shape: BaseGeometry) -> str:
    steps = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            steps += [_ring(ring) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in {"LineString", "LinearRing"}:
            steps.append(_chain(part))
        elif part.geom_type in {"MultiPolygon", "MultiLineString", "GeometryCollection"}:
            steps.append(_steps(part))
    return "".join(steps)


def _ring(ring: BaseGeometry) -> str:
    return _said(ring.coords[:-1]) + "z"


def _chain(line: BaseGeometry) -> str:
    closed = line.is_ring
    return _said(line.coords[:-1] if closed else line.coords) + ("z" if closed else "")


def _said(coords: Iterable[tuple[float, ...]]) -> str:
    # A thousandth of a millimetre is finer than a printer's dot.
    return "M" + "L".join(f"{round(xy[0], 3):g} {round(xy[1], 3):g}" for xy in coords)
