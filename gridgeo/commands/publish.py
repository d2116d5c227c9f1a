"""gridgeo publish: a plan as a web map that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def publish(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    site: Annotated[
        Path, typer.Option("-o", "--output", metavar="SITE", help="The folder to write.")
    ],
    owners: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Community workers: CSV or Excel with grid_id, name."),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Heading of the map.")] = None,
) -> None:
    """Draw a plan as a web map that opens offline.

    Beside index.html stand grids.geojson and summary.csv.

    Exit status: 0 done; 2 not a plan, or owners or folder that cannot be used.
    """
    with told() as screen:
        from ..arguments import Arguments
        from ..errors import InputError
        from ..plan_file import read_plan
        from ..publish import publish as publish_plan

        said = Arguments()
        said.folder("-o", site)
        if said.faults:
            raise InputError(said.faults)
        published = publish_plan(read_plan(plan), site, owners=owners, title=title)
        screen.warnings(published.findings)
        screen.paths([published.index, published.geojson, published.summary])
        screen.next_step("Open", published.index, "in a browser; it works offline")
