"""Build the territory: seamless cells, one per building, and the graph of which touch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ..errors import Findings
from ..ground import Forbidden, Territory
from ..model import DEFAULT_REACH_M
from . import tell
from .attach import Attached, Links, attach
from .barriers import Barriers, kinds_between, read_barriers
from .by_hand import edit_edges
from .cells import Pieces, clean, dissolve, settle_homes, voronoi_pieces
from .contacts import Contacts, coverage_contacts, group_contacts
from .crossing import Along, Edges, crossed_pairs, hard_code, judge, kind_shares
from .ends import tie_ends
from .faces import Faces, Outline, cut_faces, locate, outline_of_boundary, outline_of_discs
from .share import split_empty_faces
from .sites import place_sites

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ..model import Buildings

Array = np.ndarray[Any, Any]

# Why one may cross a contact, by the way over a hard barrier; and why one may not.
REASONS = ("shared border", "bridge", "underpass")
NO_CROSSING = "no crossing"
# What borders in common and areas may be off by rounding, in metres and square metres.
EXACT_M = 1e-3
EXACT_SHARE = 1e-9


def build_territory(
    buildings: Buildings,
    *,
    boundary: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    reach_m: float = DEFAULT_REACH_M,
    edges: pd.DataFrame | None = None,
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
            "motorway", "wall"), ``bridge`` and ``tunnel`` (bool); None for no barriers.
        reach_m: metres around a building that count as territory where no boundary is given.
        edges: contacts to add or remove by hand, one a row: ``a`` and ``b``, ids of
            buildings, ``action``, "add" or "remove", and ``reason``.

    Returns:
        Cells, edges with their reasons, the contacts that are forbidden, and the findings:
        parts that no edge joins, buildings without a neighbour, land left out, land taken
        across a hard barrier, hard barriers with a loose end, buildings in another
        community's land.

    Raises:
        InputError: buildings outside of the boundary, or more at one place than can be told
            apart; an unknown kind of barrier; edges that cannot be added or removed; land
            that could not be covered without a gap.
        ValueError: no buildings, or a reach that is not positive.
    """
    if len(buildings) == 0:
        raise ValueError("a territory needs at least one building")
    if not reach_m > 0:
        raise ValueError(f"reach_m must be positive, not {reach_m}")
    rows = _canonical_order(buildings)
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)[rows]
    outline = (
        outline_of_discs(shapes, reach_m) if boundary is None else outline_of_boundary(boundary)
    )
    lines = tie_ends(read_barriers(barriers), outline.areas)
    faces, home = _faces(outline, lines, shapes, buildings.communities[rows])
    tell.refuse_outside(home, buildings.ids[rows])

    pieces = voronoi_pieces(faces, place_sites(shapes, home, faces.polygons))
    pieces, wish = split_empty_faces(pieces, lines)
    pieces, contacts, wish = _exact(pieces, faces, wish)
    code = kinds_between(lines, contacts, pieces.face)
    homes = settle_homes(pieces, shapes)
    land = attach(homes, _links(pieces, contacts, code, lines), wish)
    tell.refuse_landless(land.owner, buildings.ids[rows])
    cells = dissolve(pieces, land.owner, len(shapes))
    between = _edges(land, contacts, code, lines)

    back = np.argsort(rows)
    pairs = np.sort(rows[between.pairs], axis=1).astype(np.int64).reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    passable = order[between.passable[order]]
    shut = order[~between.passable[order]]
    reasons = np.array([REASONS[way] for way in between.way], dtype=object)
    territory = Territory(
        cells=cells[back],
        edges=pairs[passable],
        border_m=between.border_m[passable],
        barrier=between.barrier[passable],
        area=_area(outline, pieces, land),
        reason=reasons[passable],
        forbidden=Forbidden(
            pairs[shut],
            between.border_m[shut],
            between.barrier[shut],
            np.full(len(shut), NO_CROSSING, dtype=object),
        ),
    )
    if edges is not None and len(edges):
        territory = edit_edges(territory, buildings, edges)
    findings = [
        *tell.foreign_land(outline, faces.outline[home[back]], buildings),
        *tell.separate_parts(territory.edges, buildings),
        *tell.without_neighbour(territory.edges, buildings),
        *tell.land_across(pieces.polygons, land.across),
        *tell.land_left_out(pieces.polygons, land.owner),
        *tell.loose_ends(faces.dangles, lines, outline.areas),
    ]
    return replace(territory, findings=Findings(tuple(findings)))


def _exact(pieces: Pieces, faces: Faces, wish: Array) -> tuple[Pieces, Contacts, Array]:
    """The pieces and their contacts, made sure to cover the faces without gap or overlap.

    Raises:
        InputError: how far they do not, where nothing helps.
    """
    contacts = coverage_contacts(pieces.polygons)
    lack = _misfit(pieces.polygons, contacts, faces)
    if lack:
        pieces, source = clean(pieces)
        wish = wish[source]
        contacts = coverage_contacts(pieces.polygons)
        lack = _misfit(pieces.polygons, contacts, faces)
        tell.refuse_misfit(lack)
    return pieces, contacts, wish


def _misfit(polygons: Array, contacts: Contacts, faces: Faces) -> str:
    """What tells polygons from a coverage of the faces, in words; "" where nothing does.

    Polygons that cover an area once have its area, and borders in common but for its rim.
    """
    rims = coverage_contacts(faces.polygons)
    lone_m = float(shapely.length(polygons).sum()) - 2 * float(contacts.length_m.sum())
    rim_m = float(shapely.length(faces.polygons).sum()) - 2 * float(rims.length_m.sum())
    area_m2 = float(shapely.area(faces.polygons).sum())
    off_m2 = abs(float(shapely.area(polygons).sum()) - area_m2)
    if abs(lone_m - rim_m) > EXACT_M + EXACT_SHARE * rim_m:
        return f"{abs(lone_m - rim_m):,.3f} m of their borders do not fit"
    if off_m2 > EXACT_M + EXACT_SHARE * area_m2:
        return f"they miss its area by {off_m2:,.3f} m2"
    return ""


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
        way=crossed_pairs(contacts, code, lines),
        open=pieces.outline[first] == pieces.outline[second],
    )


def _edges(land: Attached, contacts: Contacts, code: Array, lines: Barriers) -> Edges:
    """Contacts of the cells from the contacts of their pieces."""
    first, second = contacts.pairs[contacts.segment_pair].T
    low = np.minimum(land.owner[first], land.owner[second])
    high = np.maximum(land.owner[first], land.owner[second])
    # whoever holds land across a river does not thereby reach the neighbours over there
    far = np.maximum(land.across[first], land.across[second])
    led = np.maximum(land.way[first], land.way[second])
    over = np.maximum(land.over[first], land.over[second])
    kept = (low >= 0) & (low != high)
    order = np.flatnonzero(kept)[np.lexsort((high[kept], low[kept]))]
    between = group_contacts(low[order], high[order], contacts.segments[order])
    return judge(
        between,
        Along(code[order], far[order], np.where(far > 0, 0, led)[order], over[order]),
        crossed_pairs(between, code[order], lines),
    )


def _area(outline: Outline, pieces: Pieces, land: Attached) -> Any:
    """The whole territory, without the land that no cell touches."""
    if (land.owner >= 0).all():
        return shapely.union_all(outline.areas)
    return shapely.coverage_union_all(pieces.polygons[land.owner >= 0])
