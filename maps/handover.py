"""Handover sheets as PDF: what each grid gains and loses, from and to whom, and who signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from .card_data import one_line, wrapped
from .change_sheet import ChangedBuilding, ChangeSheet, GridState, OpenMatter
from .fonts import families
from .furniture import scale_bar
from .handover_map import ChangeGround, draw_change
from .handover_words import handover_words
from .scale import View, fit
from .sheet import SheetError
from .typeset import typeset
from .words import Words

_TEMPLATE = "handover.typ"
# typst keeps what it made of the last ten documents, some 3.5 MB a sheet: more sheets in each, and
# those of a city would fill the memory.
MOST_SHEETS = 25
# Two maps side by side on A4, in millimetres; where many numbers need room, one below the other.
_MAP_MM, _LARGE_MAP_MM = (88.0, 84.0), (180.0, 100.0)
_MANY = 14
_PADDING_MM = 7.0
_BAR_UNIT = 0.62
_LONGEST_BAR_MM = 120.0


@dataclass(frozen=True)
class Handing:
    """What one grid hands over and takes over: a side is None where the grid is new or gone.

    ``gained`` and ``lost``: buildings in the order of the other grid and their ids; ``kept``:
    those that stay, where the grid as a whole gets another owner.
    """

    before: GridState | None
    after: GridState | None
    gained: tuple[ChangedBuilding, ...]
    lost: tuple[ChangedBuilding, ...]
    kept: tuple[ChangedBuilding, ...]

    @property
    def code(self) -> str:
        """What the grid is called: both ids where it has another one now."""
        ids = [grid.grid_id for grid in (self.before, self.after) if grid is not None]
        return " → ".join(dict.fromkeys(map(one_line, ids)))


def handover_pdfs(
    sheet: ChangeSheet,
    words: Words,
    *,
    day: date | None = None,
    matters: Sequence[OpenMatter] = (),
) -> list[bytes]:
    """Return the handover sheets of a change on A4, each from a page of its own.

    One sheet a grid that gains or loses a building or gets another owner, in the order of their
    ids: what it gains and loses with the other grid and its owner, the grid before and after with
    those buildings numbered, the open matters, and lines to sign. They are legible in grey, and
    marked as internal. The same sheet gives the same bytes.

    Args:
        sheet: in metres.
        words: of the language of the sheets.
        day: printed on each.
        matters: what is not settled; one of a grid or building stands on the sheets of those it
            concerns, one of neither on all.

    Returns:
        PDFs of at most MOST_SHEETS sheets each; none where no grid gains or loses anything.

    Raises:
        SheetError: shapes in degrees.
    """
    if sheet.in_degrees:
        raise SheetError("handover sheets are drawn to scale: give shapes in metres")
    handings = list(handings_of(sheet))
    if not handings:
        return []
    land, book = ChangeGround.of(sheet), _Book.of(sheet, words)
    shared = {
        "language": words.language,
        "families": families(words.language),
        "title": one_line(sheet.title),
        "day": words.date(day) if day else "",
        "words": handover_words(words),
        "named": any(building.name for building in sheet.buildings),
        "addressed": any(building.address for building in sheet.buildings),
    }
    out = []
    for first in range(0, len(handings), MOST_SHEETS):
        pictures = _Pictures()
        sheets = [
            {
                **_told(one, words, book),
                "maps": _maps(one, land, words, pictures),
                "matters": [wrapped(one_line(text, 400)) for text in _matters(one, matters)],
            }
            for one in handings[first : first + MOST_SHEETS]
        ]
        out.append(typeset(_TEMPLATE, {**shared, "sheets": sheets}, pictures=pictures.files))
    return out


def handings_of(sheet: ChangeSheet) -> Iterator[Handing]:
    """Return what each grid hands over and takes over, in the order of their ids."""
    old = {grid.grid_id: grid for grid in sheet.before}
    new = {grid.grid_id: grid for grid in sheet.after}
    gained, lost, kept = (defaultdict(list) for _ in range(3))
    for building in sheet.ordered_buildings():
        if not building.differs:
            kept[building.to_grid].append(building)
            continue
        if building.to_grid:
            gained[building.to_grid].append(building)
        if building.from_grid:
            lost[building.from_grid].append(building)
    carried = {heir: grid for grid, heir in sheet.heirs.items()}
    pairs = [(carried.get(grid, ""), grid) for grid in new]
    pairs += [(grid, "") for grid in old if grid not in sheet.heirs]
    for before, after in sorted(pairs, key=lambda pair: (pair[1] or pair[0], pair[0])):
        whole = after in sheet.other_owner
        takes = sorted(gained[after], key=lambda b: (b.from_grid, b.building_id)) if after else []
        gives = sorted(lost[before], key=lambda b: (b.to_grid, b.building_id)) if before else []
        if takes or gives or whole:
            yield Handing(
                old.get(before), new.get(after), tuple(takes), tuple(gives),
                tuple(kept[after]) if whole else (),
            )  # fmt: skip


class _Pictures:
    """Pictures by name, each kept once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, drawing: bytes) -> str:
        name = f"map{len(self.files)}.svg"
        self.files[name] = drawing
        return name


@dataclass(frozen=True)
class _Book:
    """How each grid is called and who owns it, before and after, by its id."""

    names: Mapping[str, Mapping[str, str]]
    owners: Mapping[str, Mapping[str, str]]
    persons: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, sheet: ChangeSheet, words: Words) -> _Book:
        """Look up a sheet; a grid with another id on the other side is called by both."""
        carried = {heir: grid for grid, heir in sheet.heirs.items()}
        names: dict[str, dict[str, str]] = {"before": {}, "after": {}}
        for grid in sheet.before:
            own, heir = one_line(grid.grid_id), sheet.heirs.get(grid.grid_id)
            names["before"][grid.grid_id] = (
                words("{grid} (gone)", grid=own) if heir is None
                else own if heir == grid.grid_id
                else words("{grid} (now {heir})", grid=own, heir=one_line(heir))
            )  # fmt: skip
        for grid in sheet.after:
            own, old = one_line(grid.grid_id), carried.get(grid.grid_id)
            names["after"][grid.grid_id] = (
                words("{grid} (new)", grid=own) if old is None
                else own if old == grid.grid_id
                else words("{grid} (was {heir})", grid=own, heir=one_line(old))
            )  # fmt: skip
        sides = {"before": sheet.before, "after": sheet.after}
        owners = {
            side: {grid.grid_id: wrapped(one_line(grid.owner)) for grid in grids}
            for side, grids in sides.items()
        }
        persons = {
            side: {grid.grid_id: grid.person for grid in grids} for side, grids in sides.items()
        }
        return cls(names, owners, persons)

    def whose(self, grid: str, side: str) -> str:
        """Return a grid and its owner, if one is named."""
        name, owner = wrapped(self.names[side][grid]), self.owners[side][grid]
        return f"{name} · {owner}" if owner else name


def _told(one: Handing, words: Words, book: _Book) -> dict[str, Any]:
    """Return the words and figures of a sheet."""
    number = 0
    tables = []
    for title, rows, side in (
        (words("Taken over"), one.gained, "before"),
        (words("Handed over"), one.lost, "after"),
    ):
        if rows:
            tables.append(
                {
                    "title": title,
                    "sum": _sum(rows, words),
                    "other": words("From") if side == "before" else words("To"),
                    "rows": [
                        _row(building, number + place, side, words=words, book=book)
                        for place, building in enumerate(rows, start=1)
                    ],
                }
            )
        number += len(rows)
    return {
        "code": one.code,
        "owners": [_owner(grid) for grid in (one.before, one.after)],
        "figures": [_figures(grid, words) for grid in (one.before, one.after)],
        "tables": tables,
        "kept": [_row(building, 0, "", words=words, book=book) for building in one.kept],
        "kept_sum": _sum(one.kept, words),
        "signed": list(_signed(one, words, book)),
    }


def _row(
    building: ChangedBuilding, number: int, side: str, *, words: Words, book: _Book
) -> list[str]:
    cells = [
        str(number),
        wrapped(one_line(building.building_id)),
        wrapped(one_line(building.name, 120)),
        wrapped(one_line(building.address, 200)),
        words.number(building.households),
    ]
    if side:
        grid = building.from_grid if side == "before" else building.to_grid
        none = words("new building") if side == "before" else words("no longer there")
        cells.append(book.whose(grid, side) if grid else none)
    return cells


def _owner(grid: GridState | None) -> str:
    return "" if grid is None else wrapped(one_line(grid.owner))


def _figures(grid: GridState | None, words: Words) -> list[str]:
    if grid is None:
        return ["–", "–", "–", "–"]
    counts = (grid.buildings, grid.households, grid.population)
    return [*map(words.number, counts), words("yes") if grid.in_band else words("no")]


def _sum(buildings: Iterable[ChangedBuilding], words: Words) -> str:
    held = tuple(buildings)
    count = words.plural("{n} building", "{n} buildings", len(held))
    homes = sum(building.households for building in held)
    return f"{count}{words(', ')}{words.plural('{n} household', '{n} households', homes)}"


def _signed(one: Handing, words: Words, book: _Book) -> Iterator[dict[str, str]]:
    """Return what is signed for: one line each pair of grids, and the grid as a whole."""
    if one.kept and one.before is not None and one.after is not None:
        yield {
            "what": one.code, "sum": _sum(one.kept, words),
            "from": _owner(one.before), "to": _owner(one.after),
        }  # fmt: skip
    parts: dict[tuple[str, str], list[ChangedBuilding]] = {}
    for building in (*one.gained, *one.lost):
        parts.setdefault((building.from_grid, building.to_grid), []).append(building)
    for (old, new), buildings in parts.items():
        giver, taker = book.persons["before"].get(old), book.persons["after"].get(new)
        if not new or (giver and giver == taker):
            continue  # nobody takes over what is no longer there, or what is theirs already
        source = book.names["before"][old] if old else words("new building")
        yield {
            "what": wrapped(f"{source} → {book.names['after'][new]}"),
            "sum": _sum(buildings, words),
            "from": book.owners["before"].get(old, ""),
            "to": book.owners["after"][new],
        }


def _matters(one: Handing, matters: Sequence[OpenMatter]) -> Iterator[str]:
    """Return the open matters that concern a grid: its own, its buildings', and those of all."""
    grids = {grid.grid_id for grid in (one.before, one.after) if grid is not None}
    buildings = {b.building_id for b in (*one.gained, *one.lost, *one.kept)}
    for matter in matters:
        if matter.building_id:
            if matter.building_id in buildings:
                yield f"{matter.building_id}: {matter.text}"
        elif not matter.grid_id or matter.grid_id in grids:
            yield matter.text


def _maps(one: Handing, land: ChangeGround, words: Words, pictures: _Pictures) -> dict[str, Any]:
    """Draw the grid before and after at one scale."""
    view = _view(one)
    moving = [*one.gained, *one.lost]
    numbers = {building.building_id: row for row, building in enumerate(moving, start=1)}
    gained = frozenset(building.building_id for building in one.gained)
    drawn = []
    left_out: set[int] = set()
    for side, grid in (("before", one.before), ("after", one.after)):
        chart = draw_change(
            land, view, side=side, grid_id=grid.grid_id if grid else "", numbers=numbers,
            gained=gained,
        )  # fmt: skip
        left_out |= set(chart.left_out)
        drawn.append(
            {
                "file": pictures.add(chart.drawing),
                "texts": [
                    {"text": text.text, "x": round(text.x_mm, 3),
                     "y": round(text.y_mm, 3), "size": text.size_pt, "style": text.style}
                    for text in chart.texts
                ],
                "none": words("The grid is new") if side == "before" else words("The grid is gone"),
                "there": grid is not None,
            }
        )  # fmt: skip
    bar = scale_bar(view, words, unit=_BAR_UNIT)
    short = bar.width_mm <= _LONGEST_BAR_MM
    note = ", ".join(map(str, sorted(left_out)))
    return {
        "width": view.width_mm,
        "height": view.height_mm,
        "drawn": drawn,
        "scale": words("Scale 1:{scale}", scale=words.number(view.scale)),
        "bar": {
            "file": pictures.add(bar.drawing), "width": bar.width_mm, "height": bar.height_mm,
            "marks": [list(mark) for mark in bar.marks],
        } if short else None,
        "note": words("Not numbered for want of room: {numbers}", numbers=note) if note else "",
    }  # fmt: skip


def _view(one: Handing) -> View:
    """Return the view that holds the grid before and after, and all that moves."""
    grounds = [grid.polygon for grid in (one.before, one.after) if grid is not None]
    houses = [building.shape for building in (*one.gained, *one.lost)]
    ground = shapely.geometrycollections([*grounds, *houses])
    small, large = (fit(ground, size, padding_mm=_PADDING_MM) for size in (_MAP_MM, _LARGE_MAP_MM))
    return large if len(houses) > _MANY and large.scale < small.scale else small
