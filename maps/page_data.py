"""What the page shows, as plain lists and texts: grids, workers, buildings, names of streets."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .board_sheet import short_numbers
from .colours import PALETTE
from .labels import label_point, line_label
from .monogram import monogram
from .packed import packed_shapes
from .page_words import page_words
from .people import Around, Service, Worker, picture_type
from .phones import tel_link
from .qr import qr_svg
from .sheet import BuildingShape, GridShape, Sheet
from .words import Words

# With more than this a page draws buildings from near only: about so many a screen bears.
MANY_BUILDINGS = 20_000
_NEAR_ZOOM = 16


def page_data(
    sheet: Sheet, words: Words, colours: Mapping[str, int], *, around: Around
) -> dict[str, object]:
    """Return everything the page says, and where.

    Args:
        sheet: in the degrees the page draws in.
        words: of the page's language.
        colours: palette row by grid id.
        around: pages of the grids, and numbers to call.
    """
    grids = sheet.ordered_grids()
    short = short_numbers(grid.grid_id for grid in grids)
    # grids mostly share their numbers: each list once
    numbers = [tuple(around.services.get(grid.grid_id, ())) for grid in grids]
    lists = sorted(set(numbers), key=numbers.index)
    workers = sorted({grid.worker for grid in grids if _is_named(grid.worker)}, key=_worker_order)
    row_of = {worker: row for row, worker in enumerate(workers)}
    bounds = np.round(shapely.total_bounds([grid.polygon for grid in grids]), 7).tolist()
    return {
        "language": words.language,
        "say": page_words(words),
        "title": sheet.title,
        "counts": _counts(grids, words),
        "bands": sheet.bands,
        "proof": sheet.proof,
        "notes": list(sheet.notes),
        "credits": list(sheet.credits),
        "bounds": bounds,
        "palette": list(PALETTE),
        "kinds": sorted({line.kind for line in sheet.lines}),
        "ways": _ways(sheet),
        "workers": [_worker(worker) for worker in workers],
        "services": [_services(listed, words) for listed in lists],
        "common": _services([s for s in lists[0] if all(s in other for other in lists)], words),
        "grids": [
            {
                "id": grid.grid_id,
                # on the map, where the whole id has no room
                "short": short[grid.grid_id],
                "page": quote(around.pages.get(grid.grid_id, "")),
                "services": lists.index(numbers[row]),
                # the line under a grid's id says both
                "community": " · ".join(part for part in (grid.community, grid.kind) if part),
                "buildings": _number(words, grid.buildings),
                "households": _number(words, grid.households),
                "population": _number(words, grid.population),
                # fuller grids keep their labels where not all have room
                "weight": int(grid.households or grid.buildings or 0),
                "inBand": bool(grid.in_band),
                "reasons": grid.reasons,
                "worker": row_of.get(grid.worker, -1),
                "colour": colours[grid.grid_id],
                "label": list(label_point(grid.polygon)),
            }
            for row, grid in enumerate(grids)
        ],
        "buildings": _buildings(
            sheet.ordered_buildings(), {grid.grid_id: row for row, grid in enumerate(grids)}
        ),
    }


def shift_terms(sheet: Sheet, shift: Callable[[Any], Any]) -> list[list[float]]:
    """Return how far a datum moves places on a sheet, for a place the browser tells in WGS 84.

    Over a community the shift changes evenly to within decimetres: a corner and how it changes
    from there do.

    Returns:
        Longitude and latitude of the south-west corner; the move there, in degrees; what it
        gains a degree eastward; what it gains a degree northward.
    """
    west, south, east, north = shapely.total_bounds([grid.polygon for grid in sheet.grids])
    corners = np.array([[west, south], [east, south], [west, north]])
    moves = shift(corners) - corners
    terms = [corners[0], moves[0]]
    terms += [(moves[1] - moves[0]) / (east - west), (moves[2] - moves[0]) / (north - south)]
    return [np.round(term, 10).tolist() for term in terms]


def _counts(grids: Iterable[GridShape], words: Words) -> str:
    """Return the sums of all grids in one line; of figures that are not published, none."""
    grids = tuple(grids)
    buildings, households, people = (
        sum(figures) if None not in (figures := [getattr(grid, name) for grid in grids]) else None
        for name in ("buildings", "households", "population")
    )
    said = [words.plural("{n} grid", "{n} grids", len(grids))]
    if buildings is not None:
        said.append(words.plural("{n} building", "{n} buildings", int(buildings)))
    if households is not None:
        said.append(words.plural("{n} household", "{n} households", int(households)))
    if people is not None:
        said.append(words.plural("{n} person", "{n} people", int(people)))
    return " · ".join(said)


def _number(words: Words, value: int | None) -> str:
    return "" if value is None else words.number(int(value))


def _is_named(worker: Worker) -> bool:
    return worker != Worker()


def _worker_order(worker: Worker) -> tuple[object, ...]:
    texts = (worker.name, worker.phone, worker.duties, worker.responsibilities, worker.chat)
    return (*texts, worker.photo or b"")


def _worker(worker: Worker) -> dict[str, object]:
    if worker.photo is not None:
        picture = _data_uri(picture_type(worker.photo), worker.photo)
    else:
        picture = _data_uri("image/svg+xml", monogram(worker.name).encode())
    return {
        "name": worker.name,
        "phone": worker.phone,
        "tel": tel_link(worker.phone),
        "picture": picture,
        "duties": list(worker.duties),
        "responsibilities": list(worker.responsibilities),
        "chat": worker.chat,
        "qr": _data_uri("image/svg+xml", qr_svg(worker.chat).encode()) if worker.chat else "",
    }


def _services(services: Sequence[Service], words: Words) -> list[list[str]]:
    return [[words.known(s.label), s.phone, tel_link(s.phone)] for s in services]


def _data_uri(kind: str, payload: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(payload).decode('ascii')}"


def _buildings(buildings: tuple[BuildingShape, ...], row_of: dict[str, int]) -> dict[str, object]:
    """Buildings by column, in the order of their ids; a column with nothing in it is left out."""
    columns: dict[str, object] = {
        "ids": [building.building_id for building in buildings],
        "grids": [row_of[building.grid_id] for building in buildings],
        "nearZoom": _NEAR_ZOOM if len(buildings) > MANY_BUILDINGS else 0,
        "shapes": packed_shapes([building.shape for building in buildings]),
    }
    texts = {
        "names": [building.name for building in buildings],
        "addresses": [building.address for building in buildings],
    }
    columns |= {name: column for name, column in texts.items() if any(column)}
    return columns


def _ways(sheet: Sheet) -> list[list[object]]:
    """One label for each name of a street or river, on its longest line."""
    longest: dict[tuple[str, str], BaseGeometry] = {}
    for line in sheet.lines:
        key = (line.kind, line.name)
        if line.name and (key not in longest or line.line.length > longest[key].length):
            longest[key] = line.line
    return [
        [*key, *line_label(line)] for key, line in sorted(longest.items(), key=lambda kv: kv[0])
    ]
