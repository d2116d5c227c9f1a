"""Split a building that is larger than a grid by its entrances, as its roster counts them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from .errors import Finding, Findings, InputError
from .intake.telling import warning
from .kinds import kinds_of
from .model import Buildings, Community, LimitBook, Limits, Objective
from .split_building import SplitBuilding
from .territory.strips import area_cuts, by_layer, cut_up, in_a_row, long_axis
from .wording import some
from .workload import columns_of, settled

Array = np.ndarray[Any, Any]

# Parts of a building that is a point stand so far apart.
APART_M = 2.0
# An entrance of few households still gets this share of an even part of the footprint.
_LEAST_SHARE = 0.25
_TOUCHING_M = (1.0, 0.01)
UNNAMED = "?"


@dataclass(frozen=True, eq=False)
class _Part:
    """One entrance of a building: its id, and what it does not share with the others."""

    id: str
    values: dict[str, Any]
    shape: Any


def split_large(
    town: Community,
    limits: Limits | LimitBook | None = None,
    *,
    objective: Objective | None = None,
) -> Community:
    """Return the town with each building that is more than a grid may hold split by entrance.

    Only a roster that names two entrances or more can split a building; what cannot be split is
    told in the findings of the town. A part is called ``ID/ENTRANCE``, keeps the id of its
    building in ``building`` and its ``entrance``, and has the counts of its entrance. Its shape
    is a strip of the footprint across its long axis, entrances 1, 2, 10 from west to east, the
    area by households; a point becomes points 2 m apart. Households whose entrance is not named
    are a part of their own, "?". All other columns are repeated, but of those in the workload of
    the ``objective`` each part gets its share by households: whole numbers stay whole, and sums
    the same. A town that is split already, or has nothing to split, comes back as it is.
    Limits are those of the building's community and kind; what is exclusive is never split.
    """
    book = limits if isinstance(limits, LimitBook) else LimitBook(limits or Limits())
    if town.entrances is None or town.buildings.parts:
        return town
    buildings = town.buildings
    large = np.flatnonzero(_is_large(buildings, book))
    if not len(large):
        return town
    shared = _shared_columns(town, objective or Objective())
    by_building = dict(tuple(town.entrances.groupby("building_id", sort=False)))
    taken = {str(name) for name in buildings.ids}
    split: dict[int, list[_Part]] = {}
    whole, unnamed = [], []
    for row in large.tolist():
        name = str(buildings.ids[row])
        entrances = by_building[name]
        if (entrances["entrance"] != "").sum() < 2:
            whole.append(name)
            continue
        split[row] = _parts(buildings, row, entrances, taken, shared)
        if (entrances["entrance"] == "").any():
            unnamed.append(
                (name, int(entrances.loc[entrances["entrance"] == "", "households"].sum()))
            )
    told = [*_told(split, buildings), *_told_unnamed(unnamed), *_told_whole(whole)]
    reading = Findings((*(town.reading or ()), *told))
    if not split:
        return replace(town, reading=reading)
    return replace(town, buildings=_with_parts(buildings, split), reading=reading)


def _is_large(buildings: Buildings, book: LimitBook) -> Array:
    """Return which buildings are more than a grid of their kind may hold, bool (n,)."""
    whose = pd.MultiIndex.from_arrays(
        [buildings.communities, kinds_of(buildings, book.kind_column)]
    )
    of, known = whose.factorize()
    most = [book.limits_of(*pair) for pair in known]
    tops = np.array(
        [
            (np.inf, np.inf) if limits is None else (limits.households.high, limits.population.high)
            for limits in most
        ]
    )[of]
    return np.asarray((buildings.households > tops[:, 0]) | (buildings.population > tops[:, 1]))


def _shared_columns(town: Community, objective: Objective) -> tuple[str, ...]:
    """Return the columns of the workload; one that cannot be read is refused later on."""
    if not objective.shows_workload:
        return ()
    try:
        return columns_of(settled(objective.workload, town.buildings, town.columns))
    except InputError:
        return ()


def _parts(
    buildings: Buildings,
    row: int,
    entrances: pd.DataFrame,
    taken: set[str],
    shared: Collection[str],
) -> list[_Part]:
    whole = buildings.table.iloc[row]
    households = entrances["households"].to_numpy(np.int64)
    shapes = strips(buildings.table.geometry.iloc[row], households)
    own = {name: _shares(whole[name], households) for name in sorted(shared) if name in whole.index}
    counts = [name for name in entrances.columns if name not in ("building_id", "entrance")]
    out = []
    for at, facts in enumerate(entrances.to_dict("records")):
        entrance = str(facts["entrance"]) or UNNAMED
        name = f"{buildings.ids[row]}/{entrance}"
        while name in taken:
            name += "/"
        taken.add(name)
        values = {column: facts[column] for column in counts} | {
            column: shares[at] for column, shares in own.items() if column not in counts
        }
        out.append(_Part(name, values | {"entrance": entrance}, shapes[at]))
    return out


def strips(shape: Any, households: Array) -> Array:
    """Return one shape for each entrance of a building, object (k,), in their order.

    Of a polygon strips that together are the polygon, each in one piece and touching the next
    where it can be cut so; of a point points.
    """
    count = len(households)
    if shapely.get_dimensions(shape) == 0:
        x, y = shapely.get_coordinates(shape)[0]
        east = (np.arange(count) - (count - 1) / 2) * APART_M
        return np.asarray(shapely.points(x + east, np.full(count, y)), dtype=object)
    shares = np.maximum(households, _LEAST_SHARE * households.sum() / count)
    slices = cut_up(shape, area_cuts(shape, shares, long_axis(shape)))
    plain = by_layer(slices, count)
    for least_m in _TOUCHING_M:
        parts = in_a_row(slices, plain, least_m)
        if parts is not None:
            return parts
    # of several pieces, or cut where it is thinnest: its cell will hold the parts together
    return plain


def _shares(value: Any, households: Array) -> list[Any]:
    """Return the share of a number for each entrance; whole numbers stay whole."""
    number = pd.to_numeric(value, errors="coerce")
    if pd.isna(number):
        return [value] * len(households)
    weight = households / households.sum()
    if float(number) != int(number):
        return [float(number) * float(part) for part in weight]
    exact = int(number) * weight
    whole = np.floor(exact).astype(np.int64)
    # the largest remainders round up, of equals the first
    rest = int(number) - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return [int(part) for part in whole]


def _with_parts(buildings: Buildings, split: dict[int, list[_Part]]) -> Buildings:
    """Return the buildings with parts in the place of those that were split, by id."""
    table = buildings.table
    counts = [len(split[row]) if row in split else 1 for row in range(len(table))]
    rows = np.repeat(np.arange(len(table)), counts)
    begin = np.cumsum(counts) - counts
    parts = {
        int(begin[row]) + at: part for row, held in split.items() for at, part in enumerate(held)
    }
    new = table.iloc[rows].reset_index(drop=True)
    columns: dict[str, list[Any]] = {"building_id": new["building_id"].tolist()}
    shapes = np.array(new.geometry.values, dtype=object)
    for at, part in parts.items():
        shapes[at] = part.shape
        columns["building_id"][at] = part.id
        for name, value in part.values.items():
            columns.setdefault(name, new[name].tolist())[at] = value
    for name, values in columns.items():
        dtype = new[name].dtype
        new[name] = pd.array(values) if _widens(dtype, values) else pd.array(values, dtype=dtype)
    new = new.set_geometry(shapes, crs=table.crs)
    ids = new["building_id"].tolist()
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__))
    place = np.argsort(order)
    wholes = [
        SplitBuilding(
            str(buildings.ids[row]),
            table.geometry.iloc[row],
            tuple(place[begin[row] : begin[row] + len(held)].tolist()),
        )
        for row, held in sorted(split.items())
    ]
    return Buildings(new.iloc[order].reset_index(drop=True), parts=tuple(wholes))


def _widens(dtype: Any, values: Sequence[Any]) -> bool:
    """Whether shares of whole numbers are not whole: none are; of text they stay text."""
    return bool(pd.api.types.is_integer_dtype(dtype)) and any(
        isinstance(value, float) and not pd.isna(value) and value != int(value) for value in values
    )


def _told(split: dict[int, list[_Part]], buildings: Buildings) -> list[Finding]:
    if not split:
        return []
    names = [str(buildings.ids[row]) for row in split]
    parts = sum(len(held) for held in split.values())
    one = len(names) == 1
    return [
        warning(
            "building-split",
            f"{len(names)} {'building is' if one else 'buildings are'} larger than a grid may be "
            f"and {'was' if one else 'were'} split into {parts} parts, one an entrance "
            f"({some(names)})",
            "",
            count=len(names),
            first=names[0],
        )
    ]


def _told_unnamed(unnamed: list[tuple[str, int]]) -> list[Finding]:
    if not unnamed:
        return []
    name, _ = unnamed[0]
    households = sum(count for _, count in unnamed)
    are = "building has" if len(unnamed) == 1 else "buildings have"
    return [
        warning(
            "entrance-unnamed",
            f"{len(unnamed)} {are} households without an entrance, {households} in all; they are a "
            f"part of their own, called {UNNAMED!r} (first: {name})",
            "name their entrances in the roster",
            count=len(unnamed),
            first=name,
        )
    ]


def _told_whole(names: list[str]) -> list[Finding]:
    if not names:
        return []
    one = len(names) == 1
    return [
        warning(
            "building-not-split",
            f"{len(names)} {'building is' if one else 'buildings are'} larger than a grid may be "
            f"and cannot be split: the roster does not name two entrances (first: {names[0]})",
            "name the entrance of each household in the roster",
            count=len(names),
            first=names[0],
        )
    ]
