"""Edges and forbidden contacts as layers of lines from building to building, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .errors import PlanFileError
from .ground import Forbidden, Territory
from .model import Buildings

Array = np.ndarray[Any, Any]

# What a cell lists of its neighbours, as JSON.
NEIGHBOUR_COLUMNS = ("neighbours", "border_m", "barrier")
LAYERS = ("edges", "forbidden")
COLUMNS = ("a", "b", "border_m", "barrier", "reason")


@dataclass(frozen=True, eq=False)
class EdgeRows:
    """What a layer says of pairs: ``pairs`` int64 (m, 2), smaller first, in the file's order."""

    pairs: Array
    border_m: Array
    barrier: Array
    reason: Array


def contact_layers(buildings: Buildings, territory: Territory) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers ``edges`` and ``forbidden``, as far as the territory knows them."""
    out = {}
    if territory.reason is not None:
        rows = EdgeRows(territory.edges, territory.border_m, territory.barrier, territory.reason)
        out["edges"] = _layer(buildings, territory, rows)
    if territory.forbidden is not None:
        shut = territory.forbidden
        rows = EdgeRows(shut.pairs, shut.border_m, shut.barrier, shut.reason)
        out["forbidden"] = _layer(buildings, territory, rows)
    return out


def read_contacts(
    tables: Mapping[str, pd.DataFrame], ids: Array
) -> tuple[dict[str, EdgeRows], list[str]]:
    """Read the layers that are there; rows by layer, and in words what cannot be read.

    Args:
        tables: layers by name.
        ids: of the buildings, object (n,), sorted.
    """
    out: dict[str, EdgeRows] = {}
    faults: list[str] = []
    row_of = {name: row for row, name in enumerate(ids.tolist())}
    for layer in LAYERS:
        if layer not in tables:
            continue
        frame = tables[layer]
        absent = [name for name in COLUMNS if name not in frame.columns]
        if absent:
            faults.append(f"layer {layer!r} has no {', '.join(absent)}")
            continue
        ends = [[row_of.get(name, -1) for name in frame[side].tolist()] for side in ("a", "b")]
        pairs = np.sort(np.array(ends, dtype=np.int64).reshape(2, -1).T, axis=1)
        odd = (pairs < 0).any(axis=1) | (pairs[:, 0] == pairs[:, 1])
        if odd.any():
            at = int(np.argmax(odd))
            first = f"{frame['a'].iloc[at]} and {frame['b'].iloc[at]}"
            faults.append(
                f"layer {layer!r}: {int(odd.sum())} rows do not join two buildings (first: {first})"
            )
            continue
        if len(frame) and not pd.api.types.is_numeric_dtype(frame["border_m"]):
            faults.append(f"layer {layer!r}: 'border_m' holds no numbers")
            continue
        texts = (frame[name].fillna("").astype(str) for name in ("barrier", "reason"))
        out[layer] = EdgeRows(
            pairs,
            frame["border_m"].to_numpy(np.float64, na_value=np.nan),
            *(np.asarray(text, dtype=object) for text in texts),
        )
    return out, faults


def forbidden_of(rows: EdgeRows) -> Forbidden:
    """Return forbidden contacts, sorted by pair."""
    order = np.lexsort((rows.pairs[:, 1], rows.pairs[:, 0]))
    return Forbidden(
        rows.pairs[order], rows.border_m[order], rows.barrier[order], rows.reason[order]
    )


def reasons_of(rows: EdgeRows, edges: Array) -> Array:
    """Return the reason of every edge, "" of one the layer does not hold; object (m,)."""
    said = dict(zip(map(tuple, rows.pairs.tolist()), rows.reason.tolist(), strict=True))
    return np.array([said.get((a, b), "") for a, b in edges.tolist()], dtype=object)


def neighbour_columns(buildings: Buildings, land: Territory) -> dict[str, Any]:
    """For each cell its neighbours, the border with each in metres, and what lies between."""
    n, ids = len(buildings), buildings.ids
    here = np.concatenate([land.edges[:, 0], land.edges[:, 1]])
    there = np.concatenate([land.edges[:, 1], land.edges[:, 0]])
    order = np.lexsort((there, here))
    begin = np.searchsorted(here[order], np.arange(n + 1))
    edge = order % max(len(land.edges), 1)
    held = (ids[there[order]].tolist(), land.border_m[edge].tolist(), land.barrier[edge].tolist())
    texts = [
        [json.dumps(values[a:b], ensure_ascii=False) for a, b in pairwise(begin.tolist())]
        for values in held
    ]
    return {
        name: pd.array(text, dtype="str")
        for name, text in zip(NEIGHBOUR_COLUMNS, texts, strict=True)
    }


def listed_edges(cells: pd.DataFrame) -> tuple[Array, Array, Array]:
    """Read the neighbours of every cell; each pair must stand in both cells alike."""
    row_of = {name: row for row, name in enumerate(cells["building_id"])}
    found: dict[tuple[int, int], tuple[float, str]] = {}
    back: dict[tuple[int, int], tuple[float, str]] = {}
    columns = (cells[name].tolist() for name in NEIGHBOUR_COLUMNS)
    for here, texts in enumerate(zip(*columns, strict=True)):
        try:
            listed = [json.loads(text) for text in texts]
            for name, border_m, barrier in zip(*listed, strict=True):
                there = row_of[name]
                side = found if here < there else back
                side[min(here, there), max(here, there)] = float(border_m), str(barrier)
        except (ValueError, TypeError, KeyError) as fault:
            first = cells["building_id"].iloc[here]
            raise PlanFileError(
                f"layer 'cells': the neighbours of {first} cannot be read ({fault!r})"
            ) from fault
    if found != back:
        odd = sorted(
            pair for pair in found.keys() | back.keys() if found.get(pair) != back.get(pair)
        )
        first, second = (cells["building_id"].iloc[row] for row in odd[0])
        raise PlanFileError(
            f"layer 'cells': {len(odd)} pairs of neighbours do not stand alike in both cells "
            f"(first: {first} and {second})"
        )
    pairs = sorted(found)
    return (
        np.array(pairs, np.int64).reshape(-1, 2),
        np.array([found[pair][0] for pair in pairs], np.float64),
        np.array([found[pair][1] for pair in pairs], dtype=object),
    )


def _layer(buildings: Buildings, territory: Territory, rows: EdgeRows) -> gpd.GeoDataFrame:
    ids, xy = buildings.ids, buildings.xy
    ends = xy[rows.pairs].reshape(-1, 2, 2)
    same = (ends[:, 0] == ends[:, 1]).all(axis=1)
    if same.any():
        # two buildings at one place: a line needs two ends
        inner = shapely.point_on_surface(territory.cells[rows.pairs[same]])
        ends[same] = shapely.get_coordinates(inner).reshape(-1, 2, 2)
    return gpd.GeoDataFrame(
        {
            "a": pd.array(ids[rows.pairs[:, 0]], dtype="str"),
            "b": pd.array(ids[rows.pairs[:, 1]], dtype="str"),
            "border_m": np.asarray(rows.border_m, np.float64),
            "barrier": pd.array(rows.barrier, dtype="str"),
            "reason": pd.array(rows.reason, dtype="str"),
        },
        geometry=np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1),
        crs=buildings.table.crs,
    )
