"""A file of boundaries to valid polygons that do not overlap."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ..errors import Finding, InputError
from .columns import community_column
from .places import POLYGONS, place
from .source import read_source
from .telling import Rows, error, errors_in
from .values import texts

# Hand-drawn neighbours overlap by slivers; more than this share of the smaller is a mistake.
_SLIVER_SHARE = 0.001
_SLIVER_M2 = 1.0


def read_boundary(
    named: str, *, community: str | None, crs: pyproj.CRS | None, target: pyproj.CRS | None
) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
    """Read the polygons of a boundary file; nothing is raised.

    Args:
        named: the file, or "file:layer".
        community: the column that names the community of buildings; None keeps none, as the
            buildings are not told apart then.
        crs: of files that name none.
        target: the metric CRS of the buildings, None where they have none.

    Returns:
        Polygons, with a ``community`` column (str) where it was asked for and is there,
        sorted by it; None where anything is at fault.
    """
    try:
        raw = read_source(named, "boundary")
    except InputError as fault:
        return None, fault.findings
    prefix = f"{named}: "
    if raw.shapes is None or not len(raw.shapes):
        fix = "give a layer of polygons"
        return None, (error("boundary-empty", f"{prefix}no polygon in it", fix, first=named),)
    numbered = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
    names = [str(name) for name in raw.attributes.columns]
    column = community_column(names, community) if community is not None else None
    findings = list(raw.findings)
    told = texts(raw.attributes[column]) if column is not None else numbered
    rows = Rows(np.where(told == "", numbered, told), "boundary", "boundaries", prefix)
    if column is not None and (told == "").any():
        what = (f"has no community in {column!r}", f"have no community in {column!r}")
        findings.append(rows.fault("community-missing", told == "", what, f"fill {column!r}"))
    placed = place(raw.shapes, [raw.crs, crs], rows, kinds=POLYGONS, target=target)
    findings += placed.findings
    if placed.crs is None or errors_in(findings):
        return None, tuple(findings)
    names_first = told if column is not None else np.full(len(told), "", dtype=object)
    keys = list(zip(names_first.tolist(), shapely.to_wkb(placed.shapes).tolist(), strict=True))
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    shapes, overlaps = _apart(
        placed.shapes[order], Rows(rows.names[order], rows.one, rows.many, prefix)
    )
    findings += overlaps
    if errors_in(overlaps):
        return None, tuple(findings)
    columns = {} if column is None else {"community": pd.array(told[order], dtype="str")}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=placed.crs), tuple(findings)


def _apart(shapes: np.ndarray[Any, Any], rows: Rows) -> tuple[np.ndarray[Any, Any], list[Finding]]:
    """Cut slivers off the later of two polygons; tell overlaps that are more than slivers."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b)
    kept = shapes.copy()
    wide = np.zeros(len(shapes), dtype=bool)
    cut = np.zeros(len(shapes), dtype=bool)
    with_whom = ""
    for a, b in pairs:
        shared_m2 = shapely.intersection(shapes[a], shapes[b]).area
        smaller_m2 = min(shapes[a].area, shapes[b].area)
        if shared_m2 > max(_SLIVER_M2, _SLIVER_SHARE * smaller_m2):
            with_whom = with_whom or str(rows.names[b])
            wide[[a, b]] = True
        elif shared_m2 > 0:
            cut[b] = True
            kept[b] = shapely.difference(kept[b], shapes[a])
    findings = []
    if wide.any():
        what = f"overlap each other, the first with {with_whom}"
        findings.append(
            rows.fault(
                "boundaries-overlap",
                wide,
                (what, what),
                "draw them again so that no ground belongs to two",
            )
        )
    if cut.any():
        findings.append(
            rows.warning(
                "boundary-sliver-cut",
                cut,
                ("overlapped a neighbour by a sliver, cut off",) * 2,
                "look at the border on the map",
            )
        )
    return kept, findings
