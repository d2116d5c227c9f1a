"""Name what is wrong with the edges of a plan: their borders, their reasons, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .edge_tables import EdgeRows, read_contacts
from .errors import Finding
from .ground import BY_HAND, ONE_BUILDING, Territory
from .intake.telling import Rows
from .model import Buildings
from .scorecard import LEAST_BORDER_M
from .territory import coverage_contacts

Array = np.ndarray[Any, Any]

_HARD = ("wall", "motorway", "rail", "river")
_CROSSED = ("bridge", "underpass", ONE_BUILDING)
# Reading and writing keep every digit; borders are summed in another order.
_SLACK_M = 1e-3
_BUILD_AGAIN = "build the territory again; edges are changed with --edges"


def faults_of_edges(buildings: Buildings, land: Territory, border_m: Array) -> list[Finding]:
    """Faults of the edges against the cells they join, and of their reasons.

    Nothing is known of the reasons where the plan was written before there were any.

    Args:
        buildings: the buildings.
        land: the territory.
        border_m: float64 (m,), the border that the cells of every edge really share.
    """
    if land.reason is None or land.forbidden is None:
        return []
    rows, hand = _named(buildings, land.edges), land.by_hand
    silent = np.array([not str(said).strip() or said == BY_HAND for said in land.reason], bool)
    crosses = np.isin(land.barrier.astype(str), _HARD) & ~hand
    crosses &= ~np.isin(land.reason.astype(str), _CROSSED)
    differs = ~hand & ~(np.abs(land.border_m - border_m) <= _SLACK_M)
    shut = set(map(tuple, land.forbidden.pairs.tolist()))
    both = np.array([pair in shut for pair in map(tuple, land.edges.tolist())], dtype=bool)
    checks = [
        (silent, "edge-without-reason", ("has no reason", "have no reason")),
        (
            crosses, "edge-across-barrier",
            ("crosses a hard barrier without a bridge", "cross a hard barrier without a bridge"),
        ),
        (
            differs, "edge-border-differs",
            ("has another border than its cells", "have another border than their cells"),
        ),
        (both, "edge-forbidden", ("is forbidden too", "are forbidden too")),
    ]  # fmt: skip
    found = [rows.fault(code, bad, what, _BUILD_AGAIN) for bad, code, what in checks if bad.any()]
    contacts = coverage_contacts(land.cells)
    known = shut | set(map(tuple, land.edges.tolist()))
    untold = (contacts.length_m > LEAST_BORDER_M + _SLACK_M) & np.array(
        [pair not in known for pair in map(tuple, contacts.pairs.tolist())], dtype=bool
    )
    if untold.any():
        what = ("shares a border and is not told of", "share a border and are not told of")
        touching = _named(buildings, contacts.pairs)
        found.append(touching.fault("contact-untold", untold, what, _BUILD_AGAIN))
    return found


def faults_of_edge_layers(
    buildings: Buildings, land: Territory, tables: Mapping[str, pd.DataFrame]
) -> list[Finding]:
    """Faults of the layer ``edges`` of a file against the neighbours that its cells list."""
    read, _ = read_contacts(tables, buildings.ids)
    if "edges" not in read:
        return []
    rows: EdgeRows = read["edges"]
    listed = dict(zip(map(tuple, land.edges.tolist()), range(len(land.edges)), strict=True))
    at = np.array([listed.get((a, b), -1) for a, b in rows.pairs.tolist()], dtype=np.int64)
    keys = pd.Series(list(map(tuple, rows.pairs.tolist())), dtype=object)
    odd = (at < 0) | keys.duplicated().to_numpy(bool)
    same = np.zeros(len(at), dtype=bool)
    same[at >= 0] = (np.abs(rows.border_m - land.border_m[at]) <= _SLACK_M)[at >= 0]
    same[at >= 0] &= (rows.barrier == land.barrier[at])[at >= 0]
    odd |= ~same
    found = []
    if odd.any():
        what = (
            "is not among the neighbours of its cells, or stands there otherwise",
            "are not among the neighbours of their cells, or stand there otherwise",
        )
        named = _named(buildings, rows.pairs)
        found.append(named.fault("stored-edges", odd, what, _BUILD_AGAIN))
    lost = np.ones(len(land.edges), dtype=bool)
    lost[at[at >= 0]] = False
    if lost.any():
        what = ("is not in the layer 'edges'", "are not in the layer 'edges'")
        named = _named(buildings, land.edges)
        found.append(named.fault("stored-edges-lost", lost, what, _BUILD_AGAIN))
    return found


def _named(buildings: Buildings, pairs: Array) -> Rows:
    ends = buildings.ids[pairs].reshape(-1, 2)
    names = np.array([f"{a} and {b}" for a, b in ends], dtype=object)
    return Rows(names, "edge", "edges")
