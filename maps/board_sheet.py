"""What a printed board shows: grids, buildings and lines in metres, the people, and the credits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from urllib.parse import quote

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from .card_data import one_line
from .page_files import page_files
from .people import Service, Worker
from .sheet import FAULTS_SHOWN, SheetError, id_faults, shape_faults

# So many Latin letters in a disc on the map can be read from afar, so many more if need be, and
# so many before a number tell a community.
_EASY_IN_DISC, _MOST_IN_DISC = 4, 5
_MOST_LETTERS = 3
LINE_KINDS = ("street", "river", "rail", "wall", "boundary")
# "Willow Court 12", "幸福里12号楼", "3-5幢": what stands before the number is the place's name.
_NUMBERED = re.compile(
    r"^(?P<place>.*?\D)??[\s#No.]*(?P<number>\d+(?:\s*[-–~]\s*\d+)?[A-Za-z]?)"
    r"(?:\s*(?:号楼|号院|号|幢|栋|座|楼))?$"
)


@dataclass(frozen=True)
class BoardGrid:
    """One grid: its code, its ground in metres, and lines to call that serve it alone.

    ``name`` is what people call it, "" where it has none. ``polygon`` is a valid Polygon or
    MultiPolygon in a metric CRS, easting then northing.
    """

    grid_id: str
    polygon: BaseGeometry
    name: str = ""
    services: tuple[Service, ...] = ()


@dataclass(frozen=True)
class Entrance:
    """A door of a building: its words, as "2" or "North", and where it is in metres, if known."""

    label: str
    at: Point | None = None


@dataclass(frozen=True)
class BoardBuilding:
    """One building: Point, Polygon or MultiPolygon in metres, its grid and its doors.

    ``place`` is the compound or lane whose name is written once for all its buildings, and
    ``number`` what is written on this one; both are read from ``name`` ("Willow Court 12") where
    they are not given. ``serves``: the names of all buildings that the board at this one is for,
    where it is for several.
    """

    building_id: str
    grid_id: str
    shape: BaseGeometry
    name: str = ""
    place: str = ""
    number: str = ""
    entrances: tuple[Entrance, ...] = ()
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardLine:
    """A street, river, rail or wall in metres; a kind not in LINE_KINDS is drawn as a street."""

    kind: str
    name: str
    line: BaseGeometry


@dataclass(frozen=True)
class BoardSheet:
    """Everything the boards of one community show; shapes share one metric CRS.

    ``workers``: grid id to its owner; a grid may have none. ``services``: lines to call in every
    grid. ``base_url``: where the site will stand, "" for no QR codes. ``colours``: palette row by
    grid id, computed where empty. Nothing else is shown: give only what may be published.

    Raises:
        SheetError: no grid, ids missing or told twice, a building or worker in a grid that is not
            there, a shape that is empty, invalid or of the wrong kind; all such faults at once.
    """

    title: str
    grids: tuple[BoardGrid, ...]
    buildings: tuple[BoardBuilding, ...] = ()
    lines: tuple[BoardLine, ...] = ()
    workers: Mapping[str, Worker] = field(default_factory=lambda: MappingProxyType({}))
    services: tuple[Service, ...] = ()
    map_number: str = ""
    day: date | None = None
    version: str = ""
    credits: tuple[str, ...] = ()
    base_url: str = ""
    language: str = "en"
    colours: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        faults = [*_grid_faults(self), *_building_faults(self)]
        for row, line in enumerate(self.lines, start=1):
            what = f"line {row} ({line.name!r})"
            kinds = ("LineString", "MultiLineString", "LinearRing")
            faults += shape_faults(what, line.line, kinds, in_degrees=False)
        if faults:
            more = len(faults) - FAULTS_SHOWN
            shown = faults[:FAULTS_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise SheetError(f"{len(faults)} faults in the sheet: " + "; ".join(shown))

    def grid(self, grid_id: str) -> BoardGrid:
        """Return a grid by its id.

        Raises:
            SheetError: there is no such grid.
        """
        for grid in self.grids:
            if grid.grid_id == grid_id:
                return grid
        raise SheetError(f"there is no grid {grid_id!r} on the sheet; the first is "
                         f"{min(grid.grid_id for grid in self.grids)!r}")  # fmt: skip

    def ordered_grids(self) -> tuple[BoardGrid, ...]:
        """Return the grids sorted by id: the order every document uses."""
        return tuple(sorted(self.grids, key=lambda grid: grid.grid_id))

    def ordered_buildings(self) -> tuple[BoardBuilding, ...]:
        """Return the buildings sorted by id."""
        return tuple(sorted(self.buildings, key=lambda building: building.building_id))

    @cached_property
    def _pages(self) -> dict[str, str]:
        return page_files(grid.grid_id for grid in self.grids)

    def page_url(self, grid_id: str = "") -> str:
        """Return the address of a grid's page, of the map without an id; "" without a site."""
        if not self.base_url:
            return ""
        page = f"grids/{quote(self._pages[grid_id])}" if grid_id else ""
        return f"{self.base_url.rstrip('/')}/{page}"


def short_numbers(grid_ids: Iterable[str]) -> dict[str, str]:
    """Return what is written large on the map for each grid: what tells the ids apart.

    What all ids begin with is left off, and leading zeros: "RV-003" is 3 beside "RV-012". A lone
    grid keeps its last digits. Where that is more than a disc can hold, as with the grids of
    several communities, the first letters of each community stand before its numbers: A1, A2, B1;
    and where ids have no numbers, the grids are counted in their order.
    """
    ids = sorted(grid_ids)
    # A run of digits is one number: "A-10" and "A-12" are told apart by 10 and 12, not 0 and 2;
    # a code by a standard is digits all through, and ends in a number of three.
    if all(re.fullmatch(r"\d{7,}", grid_id) for grid_id in ids):
        common = len(_common([grid_id[:-3] for grid_id in ids]))
    else:
        common = len(_common(ids).rstrip("0123456789"))
    short = {grid_id: grid_id[common:].lstrip("0") or "0" for grid_id in ids}
    if len(set(short.values())) < len(ids):
        short = {grid_id: grid_id for grid_id in ids}
    if max(map(_width, short.values()), default=0) <= _EASY_IN_DISC:
        return short
    led = _led_by_letters(ids)
    return led or {grid_id: str(number) for number, grid_id in enumerate(ids, start=1)}


def _led_by_letters(ids: Sequence[str]) -> dict[str, str] | None:
    """Return the letters of its community and the number of each id; None where that is long."""
    cut = 0 if len(ids) == 1 else len(_common(ids).rstrip("0123456789"))
    found = [re.fullmatch(r"(.*?)0*(\d+)", grid_id[cut:]) for grid_id in ids]
    parts = [("".join(filter(str.isalnum, one[1])), one[2]) for one in found if one is not None]
    if len(parts) < len(ids):
        return None
    names = {name for name, _ in parts}
    longest = max(map(len, names))
    # a whole name where it is short, as RV of RV-001, else as few of its letters as tell it apart
    lengths = [longest] * (longest <= _MOST_LETTERS) + list(range(1, _MOST_LETTERS + 1))
    for letters in lengths:
        heads = {name: name[:letters] for name in names}
        if len(set(heads.values())) < len(names):
            continue
        short = [heads[name] + "-" * heads[name][-1:].isdigit() + number for name, number in parts]
        if len(set(short)) == len(ids) and max(map(_width, short)) <= _MOST_IN_DISC:
            return dict(zip(ids, short, strict=True))
    return None


def _width(text: str) -> int:
    """How many Latin letters take as much room."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def place_and_number(building: BoardBuilding) -> tuple[str, str]:
    """Return the place a building belongs to and its number there; ("", "") where it is named."""
    if building.place or building.number:
        return one_line(building.place), one_line(building.number)
    return _parted(building.name)


def gathered(names: Iterable[str]) -> str:
    """Return names of buildings in one line, places once: "Well Lane 1-3, 5 · Mill House"."""
    numbers: dict[str, set[str]] = {}
    for name in names:
        place, number = _parted(name)
        numbers.setdefault(place or one_line(name), set()).update([number] if place else [])
    return " · ".join(
        f"{place} {_runs(numbers[place])}".strip() for place in sorted(numbers) if place
    )


def _runs(numbers: Iterable[str]) -> str:
    """Numbers in order, those that follow each other as one run."""
    runs: list[list[str]] = []
    for number in sorted(numbers, key=_counting):
        last = runs[-1][-1] if runs else ""
        follows = number.isdecimal() and last.isdecimal() and int(number) == int(last) + 1
        if follows:
            runs[-1].append(number)
        else:
            runs.append([number])
    ends = [[run[0]] if len(run) == 1 else run if len(run) == 2 else [run[0], run[-1]]
            for run in runs]  # fmt: skip
    joints = ["–" if len(run) > 2 else ", " for run in runs]
    return ", ".join(joint.join(end) for joint, end in zip(joints, ends, strict=True))


def _counting(number: str) -> tuple[int, str]:
    digits = re.match(r"\d+", number)
    return int(digits[0]) if digits else 0, number


def _parted(name: str) -> tuple[str, str]:
    found = _NUMBERED.match(one_line(name))
    return ("", "") if found is None else ((found["place"] or "").strip(), found["number"])


def _common(texts: Sequence[str]) -> str:
    """What all texts begin with; of a lone text, what stands before its last digits."""
    if len(texts) == 1:
        return re.sub(r"\d+$", "", texts[0]) or texts[0]
    first, last = min(texts), max(texts)
    same = (row for row, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(same, min(len(first), len(last)))]


def _grid_faults(sheet: BoardSheet) -> list[str]:
    faults = [] if sheet.grids else ["there is no grid"]
    faults += id_faults("grid", (grid.grid_id for grid in sheet.grids))
    for grid in sheet.grids:
        kinds = ("Polygon", "MultiPolygon")
        faults += shape_faults(f"grid {grid.grid_id!r}", grid.polygon, kinds, in_degrees=False)
    known = {grid.grid_id for grid in sheet.grids}
    for key in sorted(set(sheet.workers) - known):
        faults.append(f"a worker is named for grid {key!r}, which is not on the sheet")
    return faults


def _building_faults(sheet: BoardSheet) -> list[str]:
    known = {grid.grid_id for grid in sheet.grids}
    faults = id_faults("building", (building.building_id for building in sheet.buildings))
    for building in sheet.buildings:
        what = f"building {building.building_id!r}"
        kinds = ("Point", "Polygon", "MultiPolygon")
        faults += shape_faults(what, building.shape, kinds, in_degrees=False)
        if building.grid_id not in known:
            faults.append(f"{what} is in grid {building.grid_id!r}, which is not on the sheet")
    return faults
