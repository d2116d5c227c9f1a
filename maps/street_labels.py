"""Names of streets and rivers along them, never upside down, again where they are long."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from .board_sheet import BoardLine
from .card_data import one_line
from .label_field import Label, LabelField, text_boxes
from .scale import View
from .text_width import MM_PER_PT, text_mm

_STREET_PT = 6.4
_AGAIN_MM = 150.0
# How far a line may bend away under its name, in heights of the letters.
_BEND = 0.45
_TRIES = 24


def street_labels(
    view: View, lines: Sequence[BoardLine], *, room: LabelField, unit: float
) -> Iterator[Label]:
    """Return names along their lines where these are straight enough and nothing is in the way."""
    merged: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    frame = view.frame_m()
    for line in lines:
        seen = line.line.intersection(frame) if one_line(line.name) else None
        if seen is not None and not seen.is_empty:
            style = "river" if line.kind == "river" else "street"
            merged[one_line(line.name), style].extend(shapely.get_parts(view.on_paper(seen)))
    size = _STREET_PT * unit
    for (name, style), parts in sorted(merged.items()):
        whole = shapely.line_merge(MultiLineString(parts))
        width = text_mm(name, size)
        placed: list[BaseGeometry] = []
        for part in sorted(shapely.get_parts(whole), key=lambda p: (-p.length, p.wkb)):
            wanted = 1 + int(part.length // (_AGAIN_MM * unit))
            for stretch in range(wanted):
                label = _along(part, (stretch / wanted, (stretch + 1) / wanted),
                               text=(name, size, style), width_mm=width, room=room)  # fmt: skip
                far = label is not None and all(
                    label.box.distance(other) > _AGAIN_MM * unit / 3 for other in placed
                )
                if label is not None and far:
                    room.take(label.box)
                    placed.append(label.box)
                    yield label


def _along(
    line: BaseGeometry,
    between: tuple[float, float],
    *,
    text: tuple[str, float, str],
    width_mm: float,
    room: LabelField,
) -> Label | None:
    """Return the name on the straightest free place of a stretch, the middle first."""
    name, size, style = text
    height = size * MM_PER_PT
    low, high = (share * line.length for share in between)
    reach = (high - low - width_mm) / 2
    if reach < 0:
        return None
    middle = (low + high) / 2
    offsets = sorted(np.linspace(-reach, reach, _TRIES), key=lambda off: (abs(off), off))
    for offset in [0.0, *offsets]:
        start, end = middle + offset - width_mm / 2, middle + offset + width_mm / 2
        piece = shapely.ops.substring(line, start, end)
        first, last = np.array(piece.coords[0]), np.array(piece.coords[-1])
        chord = shapely.linestrings([first, last])
        if np.hypot(*(last - first)) < 0.9 * width_mm or (
            shapely.hausdorff_distance(piece, chord) > _BEND * height
        ):
            continue
        turn = math.degrees(math.atan2(last[1] - first[1], last[0] - first[0]))
        # Straight up reads from below to above, as on the spine of a map.
        turn = turn - 180 if turn >= 89.5 else turn + 180 if turn < -90.5 else turn
        at = (first + last) / 2
        spot = (float(at[0]), float(at[1]))
        box = text_boxes([spot], (width_mm + 0.6 * height, 1.15 * height), turn_deg=turn)[0]
        if room.is_free(box):
            return Label((name,), *spot, size, style, box, turn_deg=turn)
    return None
