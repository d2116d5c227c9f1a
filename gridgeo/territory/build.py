"""Build the territory: seamless cells, one per building, and the graph of which touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ..errors import Findings
from ..model import DEFAULT_REACH_M, Territory
from . import tell
from .attach import Attached, Links, attach
from .barriers import Barriers, kinds_between, read_barriers
from .cells import Pieces, dissolve, settle_homes, voronoi_pieces
from .contacts import Contacts, coverage_contacts, group_contacts
from .crossing import Edges, bridged_pairs, hard_code, kind_shares, passable
from .faces import Faces, Outline, cut_faces, locate, outline_of_boundary, outline_of_discs
from .share import split_empty_faces
from .sites import place_sites

if TYPE_CHECKING:
    import geopandas as gpd

    from ..model import Buildings

Array = np.ndarray[Any, Any]


def build_territory(
    buildings: Buildings,
    *,
    boundary: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    reach_m: float = DEFAULT_REACH_M,
) -> Territory:
    """Give every building a cell, so that the cells cover the territory without gaps.

    A cell is the land nearest to its building between the barriers around it. Land without
    a building (a bank between street and river) is split among the neighbours that face it
    and goes to the one with the longest shared border, across a river, railway or wall only
    where there is no other.

    Args:
        buildings: the buildings, in a metric CRS.
        boundary: Polygons or MultiPolygons of the same CRS, with a ``community`` column where
            borders between communities bind; None takes everything within ``reach_m``
            metres of a building.
        barriers: LineStrings of the same CRS with ``kind`` ("street", "river", "rail",
            "wall") and ``bridge`` (bool); None for no barriers.
        reach_m: metres around a building that count as territory where no boundary is given.

    Returns:
        Cells, edges and the findings: parts that no contact joins, land left out, land
        taken across a hard barrier, buildings in another community's land.

    Raises:
        InputError: buildings outside of the boundary, or more at one place than can be told
            apart; an unknown kind of barrier.
        ValueError: no buildings, or a reach that is not positive.
    """
    if len(buildings) == 0:
        raise ValueError("a territory needs at least one building")
    if not reach_m > 0:
        raise ValueError(f"reach_m must be positive, not {reach_m}")
    rows = _canonical_order(buildings)
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)[rows]
    lines = read_barriers(barriers)
    outline = (
        outline_of_discs(shapes, reach_m) if boundary is None else outline_of_boundary(boundary)
    )
    faces, home = _faces(outline, lines, shapes, buildings.communities[rows])
    tell.refuse_outside(home, buildings.ids[rows])

    pieces = voronoi_pieces(faces, place_sites(shapes, home, faces.polygons))
    pieces = split_empty_faces(pieces, lines)
    contacts = coverage_contacts(pieces.polygons)
    code = kinds_between(lines, contacts, pieces.face)
    land = attach(settle_homes(pieces, shapes), _links(pieces, contacts, code, lines))
    tell.refuse_landless(land.owner, buildings.ids[rows])
    cells = dissolve(pieces, land.owner, len(shapes))
    edges = _edges(land, contacts, code, lines)

    back = np.argsort(rows)
    pairs = np.sort(rows[edges.pairs], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs = pairs[order].astype(np.int64).reshape(-1, 2)
    findings = [
        *tell.foreign_land(outline, faces.outline[home[back]], buildings),
        *tell.separate_parts(pairs, buildings),
        *tell.land_across(pieces.polygons, land.across),
        *tell.land_left_out(pieces.polygons, land.owner),
    ]
    return Territory(
        cells=cells[back],
        edges=pairs,
        border_m=edges.border_m[order],
        barrier=edges.barrier[order],
        area=_area(outline, pieces, land),
        findings=Findings(tuple(findings)),
    )


def _canonical_order(buildings: Buildings) -> Array:
    """Rows from west to east: the order of ids must not reach the geometry."""
    xy = buildings.xy
    return np.lexsort((xy[:, 1], xy[:, 0]))


def _faces(
    outline: Outline, lines: Barriers, shapes: Array, communities: Array
) -> tuple[Faces, Array]:
    """The faces of every community that has a building, and the face of each building."""
    faces = cut_faces(outline, lines.lines)
    row_of = {str(name): row for row, name in enumerate(outline.names)}
    preferred = np.array([row_of.get(str(name), -1) for name in communities], dtype=np.int64)
    return faces, locate(faces, shapes, preferred)


def _links(pieces: Pieces, contacts: Contacts, code: Array, lines: Barriers) -> Links:
    first, second = contacts.pairs.T
    return Links(
        pairs=contacts.pairs,
        length_m=contacts.length_m,
        hard=hard_code(kind_shares(contacts, code)),
        bridged=bridged_pairs(contacts, code, lines.crossings),
        open=pieces.outline[first] == pieces.outline[second],
    )


def _edges(land: Attached, contacts: Contacts, code: Array, lines: Barriers) -> Edges:
    """Edges of the cells from the contacts of their pieces."""
    first, second = contacts.pairs[contacts.segment_pair].T
    low = np.minimum(land.owner[first], land.owner[second])
    high = np.maximum(land.owner[first], land.owner[second])
    # whoever holds land across a river does not thereby reach the neighbours over there
    far = np.maximum(land.across[first], land.across[second])
    kept = (low >= 0) & (low != high)
    order = np.flatnonzero(kept)[np.lexsort((high[kept], low[kept]))]
    between = group_contacts(low[order], high[order], contacts.segments[order])
    bridged = bridged_pairs(between, code[order], lines.crossings)
    return passable(between, np.maximum(code, far)[order], bridged)


def _area(outline: Outline, pieces: Pieces, land: Attached) -> Any:
    """The whole territory, without the land that no cell touches."""
    if (land.owner >= 0).all():
        return shapely.union_all(outline.areas)
    return shapely.coverage_union_all(pieces.polygons[land.owner >= 0])
