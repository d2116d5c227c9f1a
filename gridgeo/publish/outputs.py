"""One function an output: what is to be published, to the files of that kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import maps

from ..privacy import Output
from .edition import Edition
from .people import People

Files = dict[str, str | bytes]


@dataclass(frozen=True, eq=False)
class Publication:
    """Everything outputs are drawn from. ``pages``: file name of each grid's page."""

    sheet: maps.Sheet
    people: People
    edition: Edition
    words: maps.Words
    pages: Mapping[str, str]


@dataclass(frozen=True)
class Maker:
    """How an output is made: ``material`` is all it is drawn from, which the gate looks at."""

    output: Output
    material: Callable[[Publication], object]
    files: Callable[[Publication], Files]
    wanted: Callable[[Edition], bool] = lambda _: True


def makers() -> tuple[Maker, ...]:
    """Return every output there is, in the order they are made."""
    return (
        Maker(Output.INDEX, lambda p: p.sheet, _index),
        Maker(
            Output.GRID_PAGE,
            lambda p: [_without_counts(p.sheet), *p.people.services.values()],
            _grid_pages,
        ),
        Maker(Output.GRIDS, lambda p: None, _grids),
        Maker(Output.TOPOLOGY, lambda p: None, _topology, lambda e: e.topojson),
        Maker(Output.BUILDINGS, lambda p: None, _buildings),
        Maker(Output.TABLE, lambda p: None, _table),
    )


def _index(told: Publication) -> Files:
    return {"index.html": maps.render_web(told.sheet)}


def _grid_pages(told: Publication) -> Files:
    pages = maps.render_grid_pages(
        _without_counts(told.sheet),
        words=told.words,
        files=told.pages,
        services=told.people.services,
    )
    return {f"grids/{told.pages[grid_id]}": page for grid_id, page in pages}


def _without_counts(sheet: maps.Sheet) -> maps.Sheet:
    grids = tuple(replace(g, households=None, population=None) for g in sheet.grids)
    return replace(sheet, grids=grids)


def _grids(told: Publication) -> Files:
    return {"grids.geojson": maps.grids_geojson(told.sheet)}


def _topology(told: Publication) -> Files:
    return {"grids.topojson": maps.grids_topojson(told.sheet)}


def _buildings(told: Publication) -> Files:
    return {"buildings.geojson": maps.buildings_geojson(told.sheet)}


def _table(told: Publication) -> Files:
    """One row a grid; a count that is suppressed is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    counts = ["households", "population"] if told.edition.counts == "suppressed" else []
    kind = ["kind"] if any(grid.kind for grid in told.sheet.grids) else []
    writer.writerow(
        ["grid_id", "community", *kind, "in_band", *counts, "owner_name", "owner_phone"]
    )
    for grid in told.sheet.ordered_grids():
        cells = [
            grid.grid_id,
            grid.community,
            *(getattr(grid, column) for column in kind),
            grid.in_band,
            *(getattr(grid, column) for column in counts),
            grid.worker.name,
            grid.worker.phone,
        ]
        writer.writerow([_plain(cell) for cell in cells])
    return {"grids.csv": "\ufeff" + out.getvalue()}  # Excel reads UTF-8 only behind this mark


def _plain(cell: object) -> object:
    """Return a cell that a spreadsheet shows as text: never a formula."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + cell
    return cell
