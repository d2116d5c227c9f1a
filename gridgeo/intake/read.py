"""Files in, a Community out, or one error that tells every fault in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyproj
from pyproj.exceptions import CRSError

from ..errors import Finding, Findings
from ..model import Buildings, Community
from .barriers import read_barriers
from .boundary import read_boundary
from .buildings import read_buildings
from .check import boundary_faults
from .counted import counted_by, read_roster, sources_of_town
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
        barriers: lines; ``kind`` street, river, rail or wall, and ``bridge``. A file of
            several layers is read whole, layers that hold no lines apart.
        where: an SQL condition over the attributes of the buildings, ``"town = 'TG'"``.
        community: the column that names each building's community (``--community``).
        columns: the column to read a role from, ``{"households": "HH_NUM"}`` (``--column``);
            roles are building_id, households, population, registered, floating, lon, lat, x, y;
            of a roster household, building, entrance, persons, status.
        crs: the CRS of files that name none, or one their coordinates cannot be in (``--crs``).
        roster: a table of households or of persons, each with its building, and where it has
            them entrance, persons, and registered or floating. Then the buildings need no counts.

    Returns:
        The community; ``columns`` tells what was used for what, ``check()`` what is odd.

    Raises:
        InputError: with every fault of every file at once.
    """
    named_crs, findings = parse_crs(crs)
    households, wishes = read_roster(roster, columns)
    wishes = replace(wishes, where=where, community=community, crs=named_crs)
    read = read_buildings(str(buildings), wishes)
    findings += read.findings
    read, homes, told = counted_by(households, read)
    findings += told
    edge = None
    if boundary is not None:
        edge, told = read_boundary(
            str(boundary), community=community, crs=named_crs, target=read.crs
        )
        findings += told
    lines = None
    if barriers is not None:
        lines, told = read_barriers(str(barriers), crs=named_crs, target=read.crs)
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
        source=str(buildings),
        columns=dict(read.columns),
        input_hash=input_hash(read.table, edge, lines, None if homes is None else homes.entrances),
        reading=gathered,
        sources=sources_of_town(str(buildings), read.columns, homes),
        entrances=None if homes is None else homes.entrances,
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
