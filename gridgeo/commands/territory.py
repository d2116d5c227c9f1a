"""gridgeo territory: buildings in, seamless cells and the graph of which touch out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import options
from .divide import read_town
from .told import told

if TYPE_CHECKING:
    from ..console import Screen
    from ..ground import Territory
    from ..model import Buildings


def territory(  # noqa: PLR0913, PLR0917  # each one an option of the command
    buildings: options.Buildings,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="TERRITORY.gpkg", help="The file to write.")
    ],
    boundary: options.Boundary = None,
    barriers: options.Barriers = None,
    edges: options.Edges = None,
    where: options.Where = None,
    community: options.CommunityColumn = None,
    reach: options.Reach = "150",
    column: options.Column = None,
    crs: options.Crs = None,
) -> None:
    """Give every building its ground, and tell which of them touch.

    Needs no households. Writes the layers cells, edges, forbidden and territory, and the
    table findings.

    Exit status: 0 done; 2 bad input, nothing written.
    """
    with told("; nothing was written") as screen:
        import time

        from ..arguments import Arguments
        from ..console import Progress
        from ..intake import read_ground
        from ..model import DEFAULT_REACH_M
        from ..territory import build_territory
        from ..territory_file import write_territory

        said = Arguments()
        said.territory_file("-o", output, sources=[buildings, boundary, barriers, edges])
        reach_m = said.metres("--reach", reach)
        reading = partial(
            read_ground, buildings, boundary, barriers, where=where, community=community,
            columns=said.columns("--column", column or []), crs=crs, edges=edges,
        )  # fmt: skip
        town = read_town(reading, said.faults, lambda _: [])
        screen.columns(town.columns)
        with Progress(screen) as progress:
            progress.step(f"Building the territory of {len(town.buildings):,} buildings")
            began_s = time.monotonic()
            land = build_territory(
                town.buildings,
                boundary=town.boundary,
                barriers=town.barriers,
                reach_m=reach_m or DEFAULT_REACH_M,
                edges=town.edges,
            )
            took_s = time.monotonic() - began_s
            progress.step("Writing")
            written = write_territory(land, town.buildings, output)
        screen.warnings(town.check().warnings)
        screen.warnings(land.findings or ())
        _tell(screen, land, town.buildings, took_s)
        screen.paths([written])


def _tell(screen: Screen, land: Territory, buildings: Buildings, took_s: float) -> None:
    """Print one line of what was found."""
    import numpy as np
    import shapely

    from ..territory_file import parts_of

    parts = int(parts_of(land, len(buildings)).max()) + 1
    alone = int((np.bincount(land.edges.ravel(), minlength=len(buildings)) == 0).sum())
    shut = 0 if land.forbidden is None else len(land.forbidden.pairs)
    in_parts = "in one part" if parts == 1 else f"in {parts:,} parts"
    lonely = "" if not alone or len(buildings) == 1 else f", {alone:,} cells without a neighbour"
    screen.say(
        f"{len(buildings):,} cells on {float(shapely.area(land.area)) / 10_000:,.1f} ha, "
        f"{len(land.edges):,} edges, {shut:,} contacts forbidden, {in_parts}{lonely}; "
        f"{took_s:.1f} s.",
        style="bold",
    )
