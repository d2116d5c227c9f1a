"""Files in, a Community out, or one error that tells every fault in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyproj
from pyproj.exceptions import CRSError

from ..errors import Finding, Findings
from ..model import Buildings, Community
from .barriers import read_barriers
from .boundary import read_boundary
from .buildings import Wishes, read_buildings
from .check import boundary_faults
from .counted import counted_by, read_roster, sources_of_town
from .edges import read_edges
from .fingerprint import input_hash
from .telling import error


def read_community(  # noqa: PLR0913  # the public door: each one a word of the planner's
    buildings: str | Path,
    boundary: str | Path | None = None,
    barriers: str | Path | None = None,
    *,
    where: str | None = None,
    community: str | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    roster: str | Path | None = None,
    edges: str | Path | None = None,
) -> Community:
    """Read the buildings of a community, and where given its boundary and its barriers.

    A file is anything OGR reads (GeoPackage, shapefile also zipped, GeoJSON, FileGDB, ...),
    GeoParquet, or for buildings CSV or Excel with lon and lat, or x and y; a layer or sheet is
    named as ``"file.gpkg:layer"``. Ids and codes stay text. All of it comes back in one metric
    CRS: the one of the buildings where that is in metres, else a local one (see ``crs.py``).

    Args:
        buildings: points or polygons with an id, households and population (or registered and
            floating population), found by their usual English and Chinese names.
        boundary: polygons that the grids will fill; with ``community``, one or more for each.
        barriers: lines; ``kind`` street, river, rail, motorway or wall, ``bridge`` and
            ``tunnel``. A file of several layers is read whole, layers that hold no lines apart.
        where: an SQL condition over the attributes of the buildings, ``"town = 'TG'"``.
        community: the column that names each building's community (``--community``).
        columns: the column to read a role from, ``{"households": "HH_NUM"}`` (``--column``);
            roles are building_id, households, population, registered, floating, lon, lat, x, y;
            of a roster household, building, entrance, persons, status.
        crs: the CRS of files that name none, or one their coordinates cannot be in (``--crs``).
        roster: a table of households or of persons, each with its building, and where it has
            them entrance, persons, and registered or floating. Then the buildings need no counts.
        edges: CSV or Excel of edges to add or remove by hand: a, b, action, reason.

    Returns:
        The community; ``columns`` tells what was used for what, ``check()`` what is odd.

    Raises:
        InputError: with every fault of every file at once.
    """
    files = _Files(buildings, boundary, barriers, edges, roster)
    return _read(files, Wishes(where=where, community=community, columns=columns), crs)


def read_ground(  # noqa: PLR0913  # the public door: each one a word of the planner's
    buildings: str | Path,
    boundary: str | Path | None = None,
    barriers: str | Path | None = None,
    *,
    where: str | None = None,
    community: str | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    edges: str | Path | None = None,
) -> Community:
    """Read buildings for their places alone; households and people may be missing and are 0.

    Else as ``read_community``.

    Raises:
        InputError: with every fault of every file at once.
    """
    files = _Files(buildings, boundary, barriers, edges, None)
    asked = Wishes(where=where, community=community, columns=columns, counted=False)
    return _read(files, asked, crs)


@dataclass(frozen=True)
class _Files:
    """What to read."""

    buildings: str | Path
    boundary: str | Path | None
    barriers: str | Path | None
    edges: str | Path | None
    roster: str | Path | None


def _read(files: _Files, asked: Wishes, crs: str | None) -> Community:
    named_crs, findings = parse_crs(crs)
    households, wishes = read_roster(files.roster, asked)
    wishes = replace(wishes, crs=named_crs)
    read = read_buildings(str(files.buildings), wishes)
    findings += read.findings
    read, homes, told = counted_by(households, read)
    findings += told
    edge = None
    if files.boundary is not None:
        edge, told = read_boundary(
            str(files.boundary), community=wishes.community, crs=named_crs, target=read.crs
        )
        findings += told
    lines = None
    if files.barriers is not None:
        lines, told = read_barriers(str(files.barriers), crs=named_crs, target=read.crs)
        findings += told
    edits = None
    if files.edges is not None:
        ids = None if read.table is None else Buildings(read.table).ids
        edits, told = read_edges(str(files.edges), ids)
        findings += told
    gathered = Findings(tuple(findings))
    if gathered.errors and read.table is not None and edge is not None:
        # the run stops here in any case: tell what check() would have told next
        gathered = Findings((*findings, *boundary_faults(read.table, edge)))
    gathered.raise_if_any()
    assert read.table is not None  # no table without an error told
    return Community(
        buildings=Buildings(read.table),
        boundary=edge,
        barriers=lines,
        source=str(files.buildings),
        columns=dict(read.columns),
        input_hash=input_hash(
            read.table,
            edge,
            lines,
            entrances=None if homes is None else homes.entrances,
            edges=edits,
        ),
        reading=gathered,
        sources=sources_of_town(str(files.buildings), read.columns, homes),
        entrances=None if homes is None else homes.entrances,
        edges=edits,
    )


def parse_crs(named: str | None) -> tuple[pyproj.CRS | None, list[Finding]]:
    """Return the CRS of a name such as "EPSG:4490", None where there is none, and the fault."""
    if named is None:
        return None, []
    try:
        crs = pyproj.CRS.from_user_input(named)
    except CRSError:
        crs = None
    if crs is None or not (crs.is_geographic or crs.is_projected):
        fault = error(
            "crs-unknown",
            f"--crs {named}: not a CRS that is known",
            "give an EPSG code, as EPSG:4490 or EPSG:4548",
            first=named,
        )
        return None, [fault]
    return crs, []
