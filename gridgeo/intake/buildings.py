"""A file of buildings to the table that everything after works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from ..errors import Finding, InputError
from ..model import SOLE_COMMUNITY
from ..sources import ROWS_COLUMN
from .building_names import KnownBuildings
from .columns import COUNT_ROLES, asked_column, choose_columns, naming_columns
from .places import POINTS_AND_POLYGONS, Placed, place, points_from
from .source import Raw, read_source
from .telling import Rows, error, errors_in, listed
from .values import amounts, check_ids, counts, texts
from .where import rows_where

CONTRACT = ("building_id", "households", "population", "community")
# What a building is called beside its id, the likeliest first.
_CALLED = (
    "name", "building_name", "bldg_name", "名称", "楼栋名称", "建筑名称", "建筑物名称", "楼名",
    "楼栋名", "楼宇名称", "楼幢名称", "楼栋", "楼号", "幢号", "栋号", "building", "address", "地址",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class BuildingsFile:
    """What became of a file of buildings.

    ``table``: the table of ``Buildings``, sorted by id; None where ids or places are at
    fault. Where only counts are, they stand in it as 0, so that the rest can be checked too.
    ``columns``: which column was used for what. ``crs``: the metric CRS, None if none is known.
    ``settled``: the same row by row as the file has them, whatever is at fault; None where the
    file cannot be read.
    ``known``: what a roster may name them; None where ids are at fault.
    """

    table: gpd.GeoDataFrame | None
    columns: Mapping[str, str]
    crs: pyproj.CRS | None
    findings: tuple[Finding, ...]
    settled: Settled | None = None
    known: KnownBuildings | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """A file of buildings, read and cut to the rows that are meant.

    ``of``: column by role, for the roles that were found. ``findings``: of reading and choosing.
    ``left_out``: the rows that are not meant.
    """

    raw: Raw
    of: Mapping[str, str]
    left_out: Raw
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, eq=False)
class Settled:
    """Every row of a file of buildings, as far as it can be used.

    ``rows``: their names; ``counts``: int64 (n,) by role, 0 where at fault; ``community``:
    object (n,) of text; ``shapes``: object (n,), valid in the metric CRS, None where at fault.
    Its findings know their rows.
    """

    rows: Rows
    counts: Mapping[str, np.ndarray[Any, Any]]
    community: np.ndarray[Any, Any]
    shapes: np.ndarray[Any, Any]


@dataclass(frozen=True)
class Wishes:
    """What the planner said about the file of buildings, all of it optional.

    ``counted``: the file counts households and people; else a roster does, or nobody needs them.
    ``reserved``: names of columns that come from a roster.
    """

    where: str | None = None
    community: str | None = None
    columns: Mapping[str, str] | None = None
    crs: pyproj.CRS | None = None
    counted: bool = True
    reserved: tuple[str, ...] = ()


def read_buildings(named: str, wishes: Wishes) -> BuildingsFile:
    """Read, choose, check and place the buildings of one file; nothing is raised."""
    try:
        return settle_buildings(open_buildings(named, wishes), wishes)
    except InputError as fault_in_file:
        return BuildingsFile(None, {}, None, fault_in_file.findings)


def open_buildings(named: str, wishes: Wishes, *, with_shapes: bool = True) -> Opened:
    """Read a file of buildings, keep the rows that are meant, choose its columns.

    Without its shapes a layer has None for each; see ``read_shapes``.

    Raises:
        InputError: the file cannot be read, or holds no buildings.
    """
    raw = read_source(named, "buildings", with_shapes=with_shapes)
    if not len(raw.attributes):
        fault = error("file-empty", f"{named} holds no buildings", "check the file")
        raise InputError([*raw.findings, fault])
    findings = list(raw.findings)
    kept = np.ones(len(raw.attributes), dtype=bool)
    if wishes.where is not None:
        try:
            kept = rows_where(raw.attributes, wishes.where)
        except InputError as refused:
            # without its condition nothing can be said of rows, only of columns
            findings += refused.findings
            kept = np.zeros(len(raw.attributes), dtype=bool)
    raw, left_out = raw.only(kept), raw.only(~kept)
    names = [str(name) for name in raw.attributes.columns]
    chosen = choose_columns(
        names,
        wishes.columns or {},
        where=named,
        places=raw.shapes is None,
        repeated=raw.repeated,
        counted=wishes.counted,
    )
    return Opened(raw, chosen.of, left_out, (*findings, *chosen.findings))


def settle_buildings(opened: Opened, wishes: Wishes) -> BuildingsFile:
    """Check and place the buildings of a file that was opened; nothing is raised."""
    judged = judge_rows(opened, wishes)
    return _put_together(opened, judged, place_rows(opened, judged.rows, wishes), wishes)


@dataclass(frozen=True, eq=False)
class Judged:
    """The rows of a file without their places; as in ``Settled``.

    ``ids``: object (n,), None where they are at fault; ``columns``: which was used for what;
    ``asked``: the column of communities, None where none was asked for or found.
    """

    rows: Rows
    ids: np.ndarray[Any, Any] | None
    counts: Mapping[str, np.ndarray[Any, Any]]
    community: np.ndarray[Any, Any]
    asked: str | None
    columns: Mapping[str, str]
    findings: tuple[Finding, ...]


def judge_rows(opened: Opened, wishes: Wishes) -> Judged:
    """Check ids, counts and communities of a file that was opened."""
    raw, of = opened.raw, opened.of
    findings = list(opened.findings)
    rows = row_names(raw, of)
    ids, told = _ids(raw, of)
    findings += told
    values: dict[str, np.ndarray[Any, Any]] = {}
    for role in COUNT_ROLES if wishes.counted else ():
        if role in of:
            values[role], told = counts(raw.attributes[of[role]], rows, of[role])
            findings += told
    if "population" not in values and {"registered", "floating"} <= set(values):
        values["population"] = values["registered"] + values["floating"]
    community, told = _community(raw, wishes.community, rows)
    findings += told
    names = _names_of_communities(raw, community)
    # without the names of communities no table can be made
    ids = None if errors_in(told) else ids
    of = _in_use(of, wishes)
    return Judged(rows, ids, values, names, community, _used(of, community), tuple(findings))


def _put_together(opened: Opened, judged: Judged, placed: Placed, wishes: Wishes) -> BuildingsFile:
    settled = Settled(judged.rows, judged.counts, judged.community, placed.shapes)
    known = None if judged.ids is None else _known(opened, judged.ids)
    table = None
    if judged.ids is not None and placed.crs is not None and not errors_in(placed.findings):
        none = np.zeros(len(judged.ids), dtype=np.int64)
        contract = {
            "building_id": judged.ids,
            "households": judged.counts.get("households", none),
            "population": judged.counts.get("population", none),
            "community": judged.community,
        }
        gone = _gone(_in_use(opened.of, wishes), judged.asked)
        table = _table(opened.raw, contract, placed, gone, reserved=wishes.reserved)
    findings = (*judged.findings, *placed.findings)
    return BuildingsFile(table, judged.columns, placed.crs, findings, settled, known)


def _in_use(of: Mapping[str, str], wishes: Wishes) -> Mapping[str, str]:
    """Return the columns that are read; counts are not, where a roster gives them."""
    return {role: of[role] for role in of if wishes.counted or role not in COUNT_ROLES}


def row_names(raw: Raw, of: Mapping[str, str]) -> Rows:
    """Return how to name the rows: by id, and by number where there is none."""
    names = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
    if "building_id" in of:
        ids = texts(raw.attributes[of["building_id"]])
        names = np.where(ids == "", names, ids)
    return Rows(names, "building", "buildings")


def _ids(raw: Raw, of: Mapping[str, str]) -> tuple[np.ndarray[Any, Any] | None, list[Finding]]:
    """Return the ids if each row has its own, and the faults."""
    if "building_id" not in of:
        return None, []
    ids = texts(raw.attributes[of["building_id"]])
    numbered = row_names(raw, {})
    told = check_ids(ids, numbered, of["building_id"])
    return None if told else ids, told


def _known(opened: Opened, ids: np.ndarray[Any, Any]) -> KnownBuildings:
    """Return what a roster may call the buildings."""
    attributes, others, of = opened.raw.attributes, opened.left_out.attributes, opened.of
    names = [str(name) for name in attributes.columns]
    called = {name.casefold(): name for name in names if name != of["building_id"]}
    column = next((called[usual] for usual in _CALLED if usual in called), None)
    own = {role: amounts(attributes[of[role]]) for role in COUNT_ROLES if role in of}
    if "population" not in own and {"registered", "floating"} <= set(own):
        own["population"] = own["registered"] + own["floating"]
    return KnownBuildings(
        ids=ids,
        names=None if column is None else texts(attributes[column]),
        left_out=texts(others[of["building_id"]]),
        names_left_out=None if column is None else texts(others[column]),
        own=own,
        named_by=column or "",
    )


def _community(raw: Raw, asked: str | None, rows: Rows) -> tuple[str | None, list[Finding]]:
    """Return the column that names the community, None where none was asked for."""
    if asked is None:
        return None, []
    names = [str(name) for name in raw.attributes.columns]
    column = asked_column(asked, names)
    if column is None:
        return None, [
            error(
                "column-missing",
                f"{raw.name}: no column {asked!r} to read the community from; "
                f"columns there are: {listed(names)}",
                "name one of them with --community NAME",
                first="community",
            )
        ]
    blank = texts(raw.attributes[column]) == ""
    if blank.any():
        what = (f"has no community in {column!r}", f"have no community in {column!r}")
        return column, [rows.fault("community-missing", blank, what, f"fill {column!r}")]
    return column, []


def _names_of_communities(raw: Raw, column: str | None) -> np.ndarray[Any, Any]:
    if column is not None:
        return texts(raw.attributes[column])
    # Nobody asked to tell communities apart, but if all rows name the same one, that is its name.
    names = [str(name) for name in raw.attributes.columns]
    for naming in naming_columns(names):
        said = set(texts(raw.attributes[naming]))
        if len(said) == 1 and said != {""}:
            return np.full(len(raw.attributes), said.pop(), dtype=object)
    return np.full(len(raw.attributes), SOLE_COMMUNITY, dtype=object)


def place_rows(
    opened: Opened, rows: Rows, wishes: Wishes, target: pyproj.CRS | None = None
) -> Placed:
    """Place the rows of a file that was opened, in ``target`` or a metric CRS chosen for them."""
    raw, of, crs = opened.raw, opened.of, wishes.crs
    shapes, claims = raw.shapes, [raw.crs, crs]
    if shapes is None:
        pair = pair_of(of)
        if pair is None:
            return Placed(np.full(len(raw.attributes), None, dtype=object), None)
        first, second = (raw.attributes[of[role]] for role in pair)
        shapes, claim = points_from(first, second, degrees=pair[0] == "lon", crs=crs)
        claims = [claim]
    return place(shapes, claims, rows, kinds=POINTS_AND_POLYGONS, target=target)


def pair_of(of: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the roles of a table's coordinates, None where it has none."""
    for pair in (("lon", "lat"), ("x", "y")):
        if set(pair) <= set(of):
            return pair
    return None


def _gone(of: Mapping[str, str], community: str | None) -> set[str]:
    """Columns that live on under another name, or as shapes."""
    renamed = [of[role] for role in of if role not in ("registered", "floating")]
    return {*renamed, *([community] if community is not None else [])}


def _used(of: Mapping[str, str], community: str | None) -> dict[str, str]:
    used = {role: of[role] for role in ("building_id", "households", "population") if role in of}
    if "population" not in of and {"registered", "floating"} <= set(of):
        used["population"] = f"{of['registered']} + {of['floating']}"
    if community is not None:
        used["community"] = community
    for role in ("lon", "lat", "x", "y"):
        if role in of:
            used[role] = of[role]
    return used


def _table(
    raw: Raw,
    contract: Mapping[str, np.ndarray[Any, Any]],
    placed: Placed,
    gone: set[str],
    *,
    reserved: tuple[str, ...],
) -> gpd.GeoDataFrame:
    """Put the contract's columns first and keep the others, renamed where they would clash.

    The last column names the row of the file that each building stands in.
    """
    columns: dict[str, Any] = {
        name: values if values.dtype == np.int64 else pd.array(values, dtype="str")
        for name, values in contract.items()
    }
    taken = {*CONTRACT, "geometry", ROWS_COLUMN, *reserved}
    for name in raw.attributes.columns:
        if name in gone:
            continue
        kept = str(name)
        while kept.casefold() in taken:
            kept += "_source"
        taken.add(kept.casefold())
        values = raw.attributes[name].array
        columns[kept] = pd.array(values, dtype="str") if raw.is_text else values
    columns[ROWS_COLUMN] = pd.array([str(number) for number in raw.numbers.tolist()], dtype="str")
    table = gpd.GeoDataFrame(columns, geometry=placed.shapes, crs=placed.crs)
    ids = contract["building_id"].tolist()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    front = [*CONTRACT, "geometry"]
    rest = [name for name in table.columns if name not in front]
    return table.iloc[order].reset_index(drop=True)[front + rest]
