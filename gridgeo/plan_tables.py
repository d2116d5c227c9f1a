"""A plan as the tables of its file, and the tables back to a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .attribute_columns import plain_columns, settled_names
from .edge_tables import (
    NEIGHBOUR_COLUMNS,
    contact_layers,
    forbidden_of,
    listed_edges,
    neighbour_columns,
    read_contacts,
    reasons_of,
)
from .errors import Finding, Findings, PlanFileError, Severity
from .ground import Territory
from .limit_columns import BOOK, book_column, book_of_row
from .lineage import is_imported
from .model import Band, Buildings, CommunityResult, Limits, Plan, Status
from .objective_columns import COLUMNS, objective_columns, objective_of_row
from .record_tables import record_of, record_tables, waived_column
from .scorecard import (
    TERM_COLUMNS,
    contact_m,
    grid_polygons,
    grid_rows,
    joined_by_hand,
    scorecard,
)
from .sources import sources_of, sources_text

Array = np.ndarray[Any, Any]
Tables = Mapping[str, pd.DataFrame]

_GRID_COLUMNS = (
    "grid_id", "community", "buildings", "households", "population", "in_band", "reasons",
)  # fmt: skip
_CONTRACT = ("building_id", "households", "population", "community")
# The grid of a building before a redraw; no column of the input may bear this name in the file.
_WAS = "was_grid_id"
_TAKEN = (*_CONTRACT, "grid_id", _WAS)
_MOVED = ("moved", "moved_bound")
_CELL_COLUMNS = ("building_id", "grid_id", *NEIGHBOUR_COLUMNS)
_PLAN_COLUMNS = (
    "community", "status", "objective", "bound", "gap", "violation", "violation_bound",
    "households_low", "households_high", "population_low", "population_high", "limit_span_m",
    "max_span_m", "seed", "seconds", "covers", "stopped", "versions", "input_hash", "findings",
)  # fmt: skip
# What is the same for every community of a plan, and stands in every row.
_SHARED = (
    "households_low", "households_high", "population_low", "population_high", "limit_span_m",
    "seed", "versions", "input_hash", "findings",
)  # fmt: skip
# Every layer a plan file must hold, with the columns it must have; "geometry" is its shape.
NEEDED = {
    "grids": (*_GRID_COLUMNS, "geometry"),
    "buildings": (*_CONTRACT, "grid_id", "geometry"),
    "cells": (*_CELL_COLUMNS, "geometry"),
    "territory": ("geometry",),
    "plan": _PLAN_COLUMNS,
}
# Files of before there were objectives, or traces, lack them, files without kinds a book of limits.
_MAY_LACK = {"plan": (*COLUMNS, "sources", BOOK, *_MOVED)}
_WHOLE = {"buildings", "households", "population", "seed", "households_low", "households_high",
          "population_low", "population_high"}  # fmt: skip
_NUMBER = {"objective", "bound", "gap", "violation", "violation_bound", "limit_span_m",
           "max_span_m", "seconds", "target", *_MOVED}  # fmt: skip
_FLAG = {"in_band", "stopped"}
_MAY_BE_EMPTY = {
    "bound", "gap", "limit_span_m", "max_span_m", "target", "compounds", *_MOVED,
}  # fmt: skip
# The ladder of "ran within": the exact seconds differ from run to run, this seldom does.
_WITHIN_S = (60.0, 600.0, 3600.0)  # coarse: short runs, the most, never straddle a step


def tables_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan in the order they are written.

    ``grids``, ``buildings``, ``cells``, ``edges``, ``forbidden``, ``territory`` and, where the
    plan has them, ``barriers``, as GeoDataFrames in the metric CRS; ``plan``, one row a
    community; and the tables of its record, see ``record_tables``.

    Raises:
        PlanFileError: buildings without a grid or a CRS; a grid that is not in one piece.
    """
    frame = plan.buildings.table
    if frame.crs is None:
        raise PlanFileError("the plan's buildings have no CRS, so they have no place on a map")
    grid_ids = pd.array(plan.grid_ids, dtype="str")
    out: dict[str, pd.DataFrame] = {"grids": grid_layer(plan), "buildings": building_layer(plan)}
    out["cells"] = gpd.GeoDataFrame(
        {
            "building_id": pd.array(plan.buildings.ids, dtype="str"),
            "grid_id": grid_ids,
            **neighbour_columns(plan.buildings, plan.territory),
        },
        geometry=plan.territory.cells,
        crs=frame.crs,
    )
    out |= contact_layers(plan.buildings, plan.territory)
    out["territory"] = gpd.GeoDataFrame(geometry=[plan.territory.area], crs=frame.crs)
    if plan.barriers is not None:
        out["barriers"] = _lines(plan.barriers, frame.crs)
    out["plan"] = _results(plan)
    return out | record_tables(plan.record)


def plan_of(tables: Tables) -> Plan:
    """Return the plan that tables as of ``tables_of`` hold.

    Everything but ``seconds`` comes back as it was; attributes of odd types come back as text,
    and the findings of the territory stand among those of the plan.

    Raises:
        PlanFileError: what is missing or damaged, all at once.
    """
    _raise_all(_lacking(tables))
    _raise_all([fault for name in NEEDED for fault in _odd_values(name, tables[name])])
    buildings = tables["buildings"].sort_values("building_id", kind="stable", ignore_index=True)
    cells = tables["cells"].sort_values("building_id", kind="stable", ignore_index=True)
    plan = tables["plan"]
    _raise_all([*_unequal_ids(buildings, cells), *_not_shared(plan)])
    first = plan.iloc[0]
    edges, border_m, barrier = listed_edges(cells)
    contacts, faults = read_contacts(tables, np.asarray(buildings["building_id"], dtype=object))
    _raise_all(faults)
    record, faults = record_of(tables)
    _raise_all(faults)
    was = None
    if _WAS in buildings:
        was = np.asarray(buildings[_WAS].fillna(""), dtype=object)
    table = buildings.drop(columns=["grid_id", *({_WAS} & {*buildings.columns})])
    rest = [name for name in table.columns if name not in (*_CONTRACT, "geometry")]
    crs = buildings.crs
    held = Buildings(gpd.GeoDataFrame(table[[*_CONTRACT, "geometry", *rest]], crs=crs))
    barriers = tables.get("barriers")
    reasons = tables["grids"].set_index("grid_id")["reasons"]
    try:
        limits = Limits(
            Band(int(first["households_low"]), int(first["households_high"])),
            Band(int(first["population_low"]), int(first["population_high"])),
            _or_none(first["limit_span_m"]),
        )
        return Plan(
            buildings=held,
            territory=Territory(
                cells=np.asarray(cells.geometry.values, dtype=object),
                edges=edges,
                border_m=border_m,
                barrier=barrier,
                area=tables["territory"].geometry.iloc[0],
                reason=reasons_of(contacts["edges"], edges) if "edges" in contacts else None,
                forbidden=forbidden_of(contacts["forbidden"]) if "forbidden" in contacts else None,
            ),
            grid_ids=np.asarray(buildings["grid_id"], dtype=object),
            limits=limits,
            seed=int(first["seed"]),
            results=tuple(_result(row) for row in plan.to_dict("records")),
            reasons={grid: said for grid, said in reasons.items() if said},
            versions=dict(json.loads(first["versions"])),
            input_hash=str(first["input_hash"]),
            findings=Findings(
                tuple(
                    Finding(**{**fact, "severity": Severity(fact["severity"])})
                    for fact in json.loads(first["findings"])
                )
            ),
            barriers=None if barriers is None else gpd.GeoDataFrame(barriers),
            aim=objective_of_row(first.to_dict(), held),
            sources=sources_of(first.get("sources")),
            book=book_of_row(first.to_dict(), limits, held),
            record=record,
            was=was,
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise PlanFileError(f"table 'plan': {fault}") from fault


def ran_within_s(seconds: float) -> float:
    """Return seconds rounded up to 60, 600, 3600, and then by tens.

    How long a run took is the one fact that differs between two equal runs; rounded so, both
    give the same file unless one lasted just over a step and the other just under it.
    """
    for step_s in _WITHIN_S:
        if seconds <= step_s:
            return step_s
    step_s = _WITHIN_S[-1]
    while step_s < seconds:
        step_s *= 10
    return step_s


def grid_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Return the layer of grids, or refuse grids that are not one polygon.

    Grids that were imported stand as they are: that is told, and a redraw mends it.
    """
    grids = grid_rows(plan)
    if (grids.of < 0).any():
        lost = plan.buildings.ids[grids.of < 0]
        raise PlanFileError(f"{len(lost)} buildings have no grid (first: {lost[0]})")
    table = scorecard(plan)
    figures = table[[*_GRID_COLUMNS, *(n for n in ("kind", *TERM_COLUMNS) if n in table)]]
    grounds = grid_polygons(plan.territory.cells, grids)
    broken = shapely.get_type_id(grounds) != 3
    if broken.any():
        broken &= ~joined_by_hand(plan.territory, grids, contact_m(plan.territory))
    if broken.any() and not is_imported(plan):
        raise PlanFileError(
            f"{int(broken.sum())} grids are not in one piece "
            f"(first: {grids.ids[broken][0]}). Look at evaluate(plan).faults"
        )
    if plan.record.waivers:
        figures = figures.assign(waived=waived_column(plan.record, figures["grid_id"]))
    return gpd.GeoDataFrame(figures, geometry=grounds, crs=plan.buildings.table.crs)


def _attributes(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the buildings have beside the contract, as it is and as the file names it."""
    frame = plan.buildings.table
    rest = pd.DataFrame(frame.drop(columns=[*_CONTRACT, frame.geometry.name]))
    return rest, settled_names(rest, _TAKEN)


def building_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Return the layer of buildings: the contract, the grid, and whatever else they have."""
    frame = plan.buildings.table
    contract = pd.DataFrame(frame[list(_CONTRACT)])
    columns = {
        **plain_columns(contract),
        "grid_id": pd.array(plan.grid_ids, dtype="str"),
        **({} if plan.was is None else {_WAS: pd.array(plan.was, dtype="str")}),
        **plain_columns(_attributes(plan)[1]),
    }
    return gpd.GeoDataFrame(columns, geometry=_shapes(frame), crs=frame.crs)


def _lines(frame: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    columns = plain_columns(settled_names(attributes, ()))
    return gpd.GeoDataFrame(columns, geometry=_shapes(frame), crs=crs)


def _shapes(frame: gpd.GeoDataFrame) -> Array:
    return np.asarray(frame.geometry.values, dtype=object)


def _results(plan: Plan) -> pd.DataFrame:
    findings = [
        {
            "code": f.code,
            "severity": f.severity.value,
            "message": f.message,
            "fix": f.fix,
            "count": f.count,
            "first": f.first,
        }
        for f in plan.findings
    ]
    limits = plan.limits
    rows = [
        (
            r.community, r.status.value, r.objective, r.bound, r.gap, r.violation,
            r.violation_bound, limits.households.low, limits.households.high,
            limits.population.low, limits.population.high, limits.max_span_m, r.max_span_m,
            plan.seed, ran_within_s(r.seconds), r.covers, r.stopped,
            json.dumps(dict(plan.versions), sort_keys=True, ensure_ascii=False),
            plan.input_hash, json.dumps(findings, ensure_ascii=False),
        )
        for r in plan.results
    ]  # fmt: skip
    columns = dict(zip(_PLAN_COLUMNS, zip(*rows, strict=True), strict=True))
    before, after = _attributes(plan)
    names = dict(zip(before.columns, after.columns, strict=True))
    shared = objective_columns(plan.aim, names) | book_column(plan.book, names)
    shared["sources"] = sources_text(plan.sources)
    for name in _MOVED:
        figures = [getattr(result, name) for result in plan.results]
        if any(figure is not None for figure in figures):
            columns[name] = tuple(figures)
    columns |= {name: (value,) * len(rows) for name, value in shared.items()}
    return pd.DataFrame({name: _typed(name, values) for name, values in columns.items()})


def _typed(name: str, values: Iterable[Any]) -> Any:
    values = list(values)
    if name in _WHOLE:
        return np.array(values, np.int64)
    if name in _NUMBER:
        return np.array([np.nan if v is None else v for v in values], np.float64)
    return np.array(values, np.bool_) if name in _FLAG else pd.array(values, dtype="str")


def _result(row: Mapping[str, Any]) -> CommunityResult:
    return CommunityResult(
        community=row["community"],
        status=Status(row["status"]),
        objective=float(row["objective"]),
        bound=_or_none(row["bound"]),
        violation=float(row["violation"]),
        violation_bound=float(row["violation_bound"]),
        max_span_m=_or_none(row["max_span_m"]),
        seconds=float(row["seconds"]),
        covers=row["covers"],
        stopped=bool(row["stopped"]),
        **{name: _whole_or_none(row.get(name)) for name in _MOVED},
    )


def _whole_or_none(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _or_none(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _lacking(tables: Tables) -> list[str]:
    out = []
    for layer, columns in NEEDED.items():
        if layer not in tables:
            out.append(f"no layer {layer!r}")
            continue
        absent = [name for name in columns if name not in tables[layer].columns]
        if absent:
            out.append(f"layer {layer!r} has no {', '.join(absent)}")
        if len(tables[layer]) == 0:
            out.append(f"layer {layer!r} is empty")
    return out


def _odd_values(layer: str, frame: pd.DataFrame) -> list[str]:
    """Columns whose type or empty values a plan cannot have."""
    out = []
    for name in (*NEEDED[layer], *_MAY_LACK.get(layer, ())):
        if name not in frame.columns:
            continue  # told where it must not be missing
        values = frame[name]
        if name == "geometry":
            shapes = np.asarray(values.values, dtype=object)
            lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
            if lost.any():
                out.append(f"layer {layer!r}: {int(lost.sum())} rows without a shape")
            continue
        empty = int(values.isna().sum())
        if empty and name not in _MAY_BE_EMPTY:
            out.append(f"layer {layer!r}: {name!r} is empty in {empty} rows")
        elif name in _WHOLE and not pd.api.types.is_integer_dtype(values):
            out.append(f"layer {layer!r}: {name!r} holds {values.dtype}, not whole numbers")
        elif name in _FLAG and not pd.api.types.is_bool_dtype(values):
            out.append(f"layer {layer!r}: {name!r} holds {values.dtype}, not true or false")
        elif name in _NUMBER and not pd.api.types.is_numeric_dtype(values):
            out.append(f"layer {layer!r}: {name!r} holds {values.dtype}, not numbers")
        elif name not in _WHOLE | _FLAG | _NUMBER and not pd.api.types.is_string_dtype(values):
            out.append(f"layer {layer!r}: {name!r} holds {values.dtype}, not text")
    return out


def _unequal_ids(buildings: pd.DataFrame, cells: pd.DataFrame) -> list[str]:
    out = []
    for layer, frame in (("buildings", buildings), ("cells", cells)):
        twice = frame["building_id"].duplicated()
        if twice.any():
            first = frame["building_id"][twice].iloc[0]
            out.append(f"layer {layer!r}: {int(twice.sum())} ids occur again (first: {first})")
    odd = sorted(set(buildings["building_id"]) ^ set(cells["building_id"]))
    if odd:
        out.append(f"{len(odd)} ids are not in both 'buildings' and 'cells' (first: {odd[0]})")
    return out


def _not_shared(plan: pd.DataFrame) -> list[str]:
    shared = (*_SHARED, *(n for n in _MAY_LACK["plan"] if n in plan and n not in _MOVED))
    differing = [name for name in shared if plan[name].nunique(dropna=False) != 1]
    return [f"table 'plan': {name!r} differs between communities" for name in differing]


def _raise_all(faults: list[str]) -> None:
    if faults:
        raise PlanFileError("; ".join(faults))
