"""Who could serve a grid: workers from a table, one each, or every fault of the table at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from .errors import Finding, InputError
from .grid_places import GridPlaces
from .intake.telling import Rows
from .intake.values import amounts
from .worker_columns import staffing_columns
from .worker_sheet import Sheet, agreed, several, told

Array = np.ndarray[Any, Any]

# Up to here a capacity is a share of a usual grid, from there on so many units of workload.
MOST_SHARES = 2.0
_MOST_YEARS = 80
_PLACES = tuple(f"{at}_{axis}" for at in ("home", "office") for axis in ("lon", "lat", "x", "y"))
_ONCE = ("home", "office", "capacity", "experience", "community", *_PLACES)
_ROLES = ("worker_id", "name", "grid_id", "languages", "not_in", "fixed", *_ONCE)
_REASON = re.compile(r"(.*?)[(（](.*)[)）]")
_YEARS = re.compile(r"(years?|yrs?|年)$", re.IGNORECASE)


@dataclass(frozen=True)
class Excluded:
    """A grid that a worker must not serve, and why, as far as the table says."""

    grid_id: str
    reason: str = ""


@dataclass(frozen=True)
class Candidate:
    """A worker as one who could serve a grid. What it says of a home stays in memory.

    ``row``: as the table calls it, "row 7". ``now``: grids that the table says they have.
    ``fixed``: the grid they must have, "" for none. ``capacity``: units of workload;
    ``share``: of a usual grid instead; None where not said. ``years``: of experience. ``spoken``:
    languages in small letters. ``community``: the only one they work in, "" for any.
    ``place``: of the home, else of the office, metres in the plan's CRS; ``at_home``: whether it
    is the home; ``lives_in``: the grid of the home, "" for none.
    """

    worker_id: str
    name: str
    row: str
    now: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    capacity: float | None = None
    share: float | None = None
    years: float | None = None
    spoken: frozenset[str] = frozenset()
    excluded: tuple[Excluded, ...] = ()
    community: str = ""
    place: tuple[float, float] | None = None
    at_home: bool = True
    lives_in: str = ""

    @property
    def called(self) -> str:
        """The worker in a sentence: name and id."""
        return f"{self.name} ({self.worker_id})" if self.worker_id else self.name


def language_key(text: str) -> str:
    """Return a language as it is compared: without case, width and spaces around."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def languages_in(text: str) -> tuple[str, ...]:
    """Return the languages that a cell lists; a slash parts them too, as it may not do in ids."""
    return several(text.replace("/", ";").replace("／", ";"))


def read_candidates(
    path: str | Path, places: GridPlaces, *, crs: pyproj.CRS | None = None
) -> tuple[tuple[Candidate, ...], list[Finding]]:
    """Read a table of workers (CSV or Excel): ``name``, and what says who can serve what.

    All but the name may be missing, as a column or in a cell: ``worker_id``; ``grid_id``, the
    grid that the worker has today; ``fixed``, yes to keep that one or the id of another;
    ``capacity``, in units of the workload (households, if nothing else is said), up to 2 or in
    per cent as a share of a usual grid; ``experience`` in years; ``languages``; ``not_in``, grids
    or buildings that the worker must not serve, each with a reason in brackets if wanted;
    ``community``; ``home_lon`` and ``home_lat`` or ``home_x`` and ``home_y``, or ``home``, the
    building or address; the same of ``office``, which counts where no home is given. Or their
    Chinese names. A worker in several rows is one worker, with several grids today.

    Args:
        path: the table.
        places: of the plan.
        crs: of x and y; None for that of the plan.

    Returns:
        Workers sorted by id and name, whatever the order of the rows; and what should be told.

    Raises:
        InputError: every fault of the table at once.
    """
    sheet = Sheet.read(path, "workers")
    chosen = staffing_columns(sheet.header)
    if chosen.findings:
        raise InputError(chosen.findings)
    cells, rows = sheet.cells(chosen.of, _ROLES), sheet.rows
    keys, faults = _persons(cells, rows)
    table = _Table(cells, rows, places, crs)
    faults += [*_differing(cells, keys, rows), *table.faults()]
    if faults:
        raise InputError(faults)
    order = sorted(dict.fromkeys(keys))
    return tuple(table.worker(np.flatnonzero([key == k for k in keys])) for key in order), (
        table.said
    )


def _persons(cells: Mapping[str, Array], rows: Rows) -> tuple[list[tuple[str, str]], list[Finding]]:
    """Return who every row is about, as (id, name), and the rows of whom that cannot be told."""
    ids, names = cells["worker_id"], cells["name"]
    called = pd.Series(names).groupby(pd.Series(ids)).transform("nunique").to_numpy()
    whole = [*zip(*(cells[role] for role in _ROLES if role not in ("grid_id",)), strict=True)]
    seen: dict[str, set[Any]] = {}
    for name, row in zip(names.tolist(), whole, strict=True):
        seen.setdefault(name, set()).add(row)
    # rows of one name without ids are one worker only if they say the same
    alike = np.array([len(seen[name]) > 1 for name in names.tolist()], bool) & (ids == "")
    faults = told(
        rows,
        [
            ("worker-without-name", names == "", "has|have no name",
             "Write who the worker is in the column name"),
            ("worker-twice", (called > 1) & (ids != ""),
             "shares|share a worker_id with a worker of another name",
             "Give each worker an id of their own"),
            ("worker-name-twice", alike & (names != ""),
             "bears|bear the name of another row and has no worker_id to tell them apart",
             "Give workers of one name an id each"),
        ],
    )  # fmt: skip
    return [*zip(ids.tolist(), names.tolist(), strict=True)], faults


def _differing(
    cells: Mapping[str, Array], keys: list[tuple[str, str]], rows: Rows
) -> list[Finding]:
    """Return a fault for rows of one worker that say different things of what there is one of."""
    bad = np.zeros(len(keys), bool)
    for role in _ONCE:
        said: dict[tuple[str, str], str] = {}
        for at, (key, text) in enumerate(zip(keys, cells[role].tolist(), strict=True)):
            bad[at] |= bool(text) and said.setdefault(key, text) != text
    return told(
        rows,
        [("worker-rows-differ", bad, "says|say other than an earlier row of the same worker",
          "Give the worker one home, one capacity and one experience")],
    )  # fmt: skip


class _Table:
    """The cells of a table of workers, read for the grids of a plan."""

    def __init__(
        self, cells: Mapping[str, Array], rows: Rows, places: GridPlaces, crs: pyproj.CRS | None
    ) -> None:
        self.cells, self.rows, self.places = cells, rows, places
        self.years = amounts(pd.Series([_YEARS.sub("", t).strip() for t in cells["experience"]]))
        self.capacity, self.share = _capacities(cells["capacity"])
        self.home, self._home_faults = places.read_xy(cells, "home_", rows=rows, crs=crs)
        self.office, self._office_faults = places.read_xy(cells, "office_", rows=rows, crs=crs)
        self.said: list[Finding] = []
        self._of_address("home", self.home)
        self._of_address("office", self.office)
        self.lives_in = places.grid_at(self.home)
        self.fixed = [self._fixed(at) for at in range(len(rows.names))]
        self.excluded = [self._excluded(text) for text in cells["not_in"].tolist()]

    def faults(self) -> list[Finding]:
        """Return what is wrong with the cells."""
        cells, known = self.cells, {*self.places.grid_ids.tolist()}
        with np.errstate(invalid="ignore"):
            old = ~((self.years >= 0) & (self.years <= _MOST_YEARS)) & (cells["experience"] != "")
        odd = (cells["capacity"] != "") & np.isnan(self.capacity) & np.isnan(self.share)
        yes = np.array([agreed(text) is True for text in cells["fixed"].tolist()], bool)
        lost = np.array([one is None for one in self.fixed], bool)
        nowhere = np.array([None in one for one in self.excluded], bool)
        strange = np.array(
            [bool(t) and not yes[at] and t not in known and agreed(t) is None
             for at, t in enumerate(cells["fixed"].tolist())], bool
        )  # fmt: skip
        return [
            *self._home_faults,
            *self._office_faults,
            *told(
                self.rows,
                [
                    ("experience-unreadable", old, "has|have in experience no number of years",
                     f"Write years, 0 to {_MOST_YEARS}, or leave it empty"),
                    ("capacity-unreadable", odd, "has|have in capacity no amount",
                     "Write households as 400, or a share of a usual grid as 80% or 0.8"),
                    ("fixed-without-grid", yes & lost,
                     "says|say yes in fixed and names no grid of the plan in grid_id",
                     "Write the grid's id of this plan in grid_id or in fixed"),
                    ("fixed-unreadable", strange,
                     "has|have in fixed neither yes, no nor a grid of the plan",
                     "Write yes to keep grid_id, or the id of a grid"),
                    ("excluded-unknown", nowhere,
                     "names|name in not_in what is neither a grid nor a building of the plan",
                     "Write ids of grids, or ids or names of buildings"),
                ],
            ),
        ]  # fmt: skip

    def worker(self, mine: Array) -> Candidate:
        """Return the worker of some rows, which agree in what there is one of."""
        first = int(mine[0])
        place, at_home = self._place(mine)
        spoken = {
            language_key(one) for at in mine for one in languages_in(self.cells["languages"][at])
        }
        excluded = {one: None for at in mine for one in self.excluded[at] if one is not None}
        lives_in = [self.lives_in[at] for at in mine if self.lives_in[at]]
        return Candidate(
            worker_id=self.cells["worker_id"][first],
            name=self.cells["name"][first],
            row=str(self.rows.names[first]),
            now=tuple(sorted({self.cells["grid_id"][at] for at in mine} - {""})),
            fixed=tuple(sorted({self.fixed[at] or "" for at in mine} - {""})),
            capacity=_said(self.capacity[mine]),
            share=_said(self.share[mine]),
            years=_said(self.years[mine]),
            spoken=frozenset(spoken),
            excluded=tuple(sorted(excluded, key=lambda one: (one.grid_id, one.reason))),
            community=next((c for c in self.cells["community"][mine] if c), ""),
            place=place,
            at_home=at_home,
            lives_in=lives_in[0] if lives_in else "",
        )

    def _place(self, mine: Array) -> tuple[tuple[float, float] | None, bool]:
        for xy, at_home in ((self.home, True), (self.office, False)):
            for at in mine.tolist():
                if np.isfinite(xy[at]).all():
                    return (float(xy[at, 0]), float(xy[at, 1])), at_home
        return None, True

    def _of_address(self, role: str, xy: Array) -> None:
        """Place those that name a building instead of coordinates; tell where there is none."""
        lost = np.zeros(len(xy), bool)
        for at in np.flatnonzero(np.isnan(xy).any(axis=1) & (self.cells[role] != "")).tolist():
            rows = self.places.rows_of(self.cells[role][at])
            # buildings of one name in several grids: nobody knows which
            if len({self.places.of[row] for row in rows}) == 1:
                xy[at] = self.places.xy[[*rows]].mean(axis=0)
            else:
                lost[at] = True
        if lost.any():
            what = f"in {role} no single building of the plan, so that its way does not count"
            fix = f"give {role}_lon and {role}_lat, or the id of the building"
            self.said.append(
                self.rows.warning("address-unknown", lost, (f"names {what}", f"name {what}"), fix)
            )

    def _fixed(self, at: int) -> str | None:
        """Return the grid a row is fixed to, "" for none, None where it cannot be told."""
        text = str(self.cells["fixed"][at])
        if text in self.places.grid_ids:
            return text
        if agreed(text) is True:
            grid = str(self.cells["grid_id"][at])
            return grid if grid in self.places.grid_ids else None
        return ""

    def _excluded(self, text: str) -> list[Excluded | None]:
        out: list[Excluded | None] = []
        for part in several(text):
            found = _REASON.fullmatch(part)
            name, reason = (part, "") if found is None else (found[1].strip(), found[2].strip())
            grids = self.places.grids_of(name)
            out += [Excluded(grid, reason) for grid in grids] if grids else [None]
        return out


def _capacities(cells: Array) -> tuple[Array, Array]:
    """Return capacities in units of workload, and as shares; NaN where a cell is not of that."""
    units, shares = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    for at, text in enumerate(cells.tolist()):
        narrow = unicodedata.normalize("NFKC", text)
        value = float(amounts(pd.Series([narrow.removesuffix("%")], dtype=object))[0])
        if not value > 0:
            continue
        if narrow.endswith("%"):
            shares[at] = value / 100
        elif value <= MOST_SHARES:
            shares[at] = value
        else:
            units[at] = value
    return units, shares


def _said(values: Array) -> float | None:
    """Return the first value that is there."""
    there = values[~np.isnan(values)]
    return float(there[0]) if len(there) else None
