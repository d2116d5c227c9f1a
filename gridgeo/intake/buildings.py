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
from .columns import asked_column, choose_columns, naming_columns, without_counts
from .places import POINTS_AND_POLYGONS, Placed, place, points_from
from .source import Raw, read_source
from .telling import Rows, error, errors_in, listed
from .values import check_ids, counts, texts
from .where import rows_where

CONTRACT = ("building_id", "households", "population", "community")


@dataclass(frozen=True, eq=False)
class BuildingsFile:
    """What became of a file of buildings.

    ``table``: the table of ``Buildings``, sorted by id; None where ids or places are at
    fault. Where only counts are, they stand in it as 0, so that the rest can be checked too.
    ``columns``: which column was used for what. ``crs``: the metric CRS, None if none is known.
    """

    table: gpd.GeoDataFrame | None
    columns: Mapping[str, str]
    crs: pyproj.CRS | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Wishes:
    """What the planner said about the file of buildings, all of it optional.

    ``counts``: whether households and people are needed.
    """

    where: str | None = None
    community: str | None = None
    columns: Mapping[str, str] | None = None
    crs: pyproj.CRS | None = None
    counts: bool = True


def read_buildings(named: str, wishes: Wishes) -> BuildingsFile:
    """Read, choose, check and place the buildings of one file; nothing is raised."""
    findings: list[Finding] = []
    try:
        raw = read_source(named, "buildings")
        findings += raw.findings
        if not len(raw.attributes):
            fault = error("file-empty", f"{named} holds no buildings", "check the file")
            return BuildingsFile(None, {}, None, (*findings, fault))
    except InputError as fault_in_file:
        return BuildingsFile(None, {}, None, fault_in_file.findings)
    if wishes.where is not None:
        try:
            raw = raw.only(rows_where(raw.attributes, wishes.where))
        except InputError as refused:
            # without its condition nothing can be said of rows, only of columns
            findings += refused.findings
            raw = raw.only(np.zeros(len(raw.attributes), dtype=bool))
    names = [str(name) for name in raw.attributes.columns]
    chosen = choose_columns(
        names,
        wishes.columns or {},
        where=named,
        places=raw.shapes is None,
        repeated=raw.repeated,
    )
    if not wishes.counts:
        chosen = without_counts(chosen, names, where=named, places=raw.shapes is None)
    findings += chosen.findings
    rows, ids, told = _ids(raw, chosen.of)
    findings += told
    values: dict[str, np.ndarray[Any, Any]] = {}
    for role in ("households", "population", "registered", "floating"):
        if role in chosen.of:
            values[role], told = counts(raw.attributes[chosen.of[role]], rows, chosen.of[role])
            findings += told
    if "population" not in values and {"registered", "floating"} <= set(values):
        values["population"] = values["registered"] + values["floating"]
    community, told = _community(raw, wishes.community, rows)
    findings += told
    placed = _place(raw, chosen.of, rows, wishes.crs)
    findings += placed.findings
    used = _used(chosen.of, community)
    table = None
    if ids is not None and placed.crs is not None and not errors_in((*told, *placed.findings)):
        contract = {
            "building_id": ids,
            "households": values.get("households", np.zeros(len(ids), dtype=np.int64)),
            "population": values.get("population", np.zeros(len(ids), dtype=np.int64)),
            "community": _names_of_communities(raw, community),
        }
        table = _table(raw, contract, placed, _gone(chosen.of, community))
    return BuildingsFile(table, used, placed.crs, tuple(findings))


def _ids(
    raw: Raw, of: Mapping[str, str]
) -> tuple[Rows, np.ndarray[Any, Any] | None, list[Finding]]:
    """Return how to name the rows, the ids if each has its own, and the faults."""
    numbered = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
    if "building_id" not in of:
        return Rows(numbered, "building", "buildings"), None, []
    ids = texts(raw.attributes[of["building_id"]])
    told = check_ids(ids, Rows(numbered, "building", "buildings"), of["building_id"])
    names = np.where(ids == "", numbered, ids)
    return Rows(names, "building", "buildings"), None if told else ids, told


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


def _place(raw: Raw, of: Mapping[str, str], rows: Rows, crs: pyproj.CRS | None) -> Placed:
    shapes, claims = raw.shapes, [raw.crs, crs]
    if shapes is None:
        pair = ("lon", "lat") if "lon" in of and "lat" in of else ("x", "y")
        if not set(pair) <= set(of):
            return Placed(np.full(len(raw.attributes), None, dtype=object), None)
        first, second = (raw.attributes[of[role]] for role in pair)
        shapes, claim = points_from(first, second, degrees=pair[0] == "lon", crs=crs)
        claims = [claim]
    return place(shapes, claims, rows, kinds=POINTS_AND_POLYGONS, target=None)


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
    raw: Raw, contract: Mapping[str, np.ndarray[Any, Any]], placed: Placed, gone: set[str]
) -> gpd.GeoDataFrame:
    """Put the contract's columns first and keep the others, renamed where they would clash."""
    columns: dict[str, Any] = {
        name: values if values.dtype == np.int64 else pd.array(values, dtype="str")
        for name, values in contract.items()
    }
    taken = {*CONTRACT, "geometry"}
    for name in raw.attributes.columns:
        if name in gone:
            continue
        kept = str(name)
        while kept.casefold() in taken:
            kept += "_source"
        taken.add(kept.casefold())
        values = raw.attributes[name].array
        columns[kept] = pd.array(values, dtype="str") if raw.is_text else values
    table = gpd.GeoDataFrame(columns, geometry=placed.shapes, crs=placed.crs)
    ids = contract["building_id"].tolist()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    front = [*CONTRACT, "geometry"]
    rest = [name for name in table.columns if name not in front]
    return table.iloc[order].reset_index(drop=True)[front + rest]
