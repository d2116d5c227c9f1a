"""One function an output: what is to be published, to the files of that kind."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import maps

from ..datum import Datum, from_wgs84
from ..errors import Finding
from ..privacy import Output
from . import boards, cards
from .edition import Edition
from .publication import Files, Publication

# The folder of the grids' pages.
_PAGES = "grids"


@dataclass(frozen=True)
class Maker:
    """How an output is made.

    ``material``: all it is drawn from, which the gate looks at first, None where the finished
    files tell all; ``files`` makes them of it; ``findings`` says what a planner should know.
    """

    output: Output
    material: Callable[[Publication], Any]
    files: Callable[[Publication, Any], Files]
    wanted: Callable[[Edition], bool] = lambda _: True
    findings: Callable[[Publication, Any], list[Finding]] = lambda *_: []


def makers() -> tuple[Maker, ...]:
    """Return every output there is, in the order they are made."""
    return (
        Maker(Output.INDEX, lambda told: (told.sheet, *told.people.services.values()), _index),
        Maker(Output.GRID_PAGE, _page_material, _grid_pages),
        Maker(Output.GRIDS, _nothing, _grids),
        Maker(Output.TOPOLOGY, _nothing, _topology, lambda edition: edition.topojson),
        Maker(Output.BUILDINGS, _nothing, _buildings),
        Maker(Output.TABLE, _nothing, _table),
        Maker(Output.DIRECTORY, _nothing, _directory),
        Maker(Output.BOARDS, boards.board_sheet, boards.boards, _printed, boards.findings),
        Maker(Output.CARDS, cards.card_sheet, cards.cards, _printed),
        Maker(Output.BUSINESS, cards.business_sheet, cards.business_cards, _printed),
        Maker(Output.LABELS, cards.label_sheet, cards.labels, _printed),
    )


def _printed(edition: Edition) -> bool:
    return edition.prints


def _nothing(_: Publication) -> None:
    return None


def _index(told: Publication, material: tuple[Any, ...]) -> Files:
    base = told.edition.tiles()
    datum = Datum(base.datum) if base else Datum.WGS84
    pages = {grid_id: f"{_PAGES}/{name}" for grid_id, name in told.pages.items()}
    page = maps.render_web(
        material[0],
        told.words,
        basemap=base,
        shift=lambda lonlat: from_wgs84(lonlat, datum),
        around=maps.Around(pages, told.people.services),
    )
    return {"index.html": page}


def _page_material(told: Publication) -> tuple[Any, ...]:
    """Return the sheet without counts, and the services of each grid."""
    grids = tuple(replace(g, households=None, population=None) for g in told.sheet.grids)
    return replace(told.sheet, grids=grids), *told.people.services.values()


def _grid_pages(told: Publication, material: tuple[Any, ...]) -> Files:
    pages = maps.render_grid_pages(
        material[0], words=told.words, files=told.pages, services=told.people.services
    )
    return {f"{_PAGES}/{told.pages[grid_id]}": page for grid_id, page in pages}


def _grids(told: Publication, _: None) -> Files:
    return {"grids.geojson": maps.grids_geojson(told.sheet)}


def _topology(told: Publication, _: None) -> Files:
    return {"grids.topojson": maps.grids_topojson(told.sheet)}


def _buildings(told: Publication, _: None) -> Files:
    return {"buildings.geojson": maps.buildings_geojson(told.sheet)}


def _table(told: Publication, _: None) -> Files:
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
        writer.writerow([spreadsheet_text(cell) for cell in cells])
    return {"grids.csv": "\ufeff" + out.getvalue()}  # Excel reads UTF-8 only behind this mark


def _directory(told: Publication, _: None) -> Files:
    """Who owns each grid and where its page is, and by what a building is looked up."""
    grids = [
        {
            "grid_id": grid.grid_id,
            "community": grid.community,
            "page": f"grids/{told.pages[grid.grid_id]}",
            "owner_name": grid.worker.name,
            "owner_phone": grid.worker.phone,
        }
        for grid in told.sheet.ordered_grids()
    ]
    buildings = [
        {
            "building_id": building.building_id,
            "grid_id": building.grid_id,
            "name": building.name,
            "address": building.address,
        }
        for building in told.sheet.ordered_buildings()
    ]
    book = {"grids": grids, "buildings": buildings}
    return {"directory.json": json.dumps(book, ensure_ascii=False, separators=(",", ":")) + "\n"}


def spreadsheet_text(cell: object) -> object:
    """Return a cell that a spreadsheet shows as text: never a formula."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + cell
    return cell
