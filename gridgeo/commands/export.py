"""gridgeo export: a plan as a table, GeoJSON or a shapefile for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def export(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT.csv|.geojson|.shp",
            help="The file to write; its ending tells of which kind.",
        ),
    ],
    layer: Annotated[
        str,
        typer.Option(metavar="grids|buildings", help="What GeoJSON or a shapefile is to hold."),
    ] = "grids",
    encoding: Annotated[
        str,
        typer.Option(metavar="utf-8|gbk|gb18030", help="Of the letters of a table or shapefile."),
    ] = "utf-8",
) -> None:
    """Write a plan for other programs.

    .csv is a table of building_id and grid_id, which gridgeo import reads back exactly. It is the
    office's own file: what may be public is written by gridgeo publish.

    Exit status: 0 done; 2 not a plan, or a file that cannot be written as asked; nothing was.
    """
    with told("; nothing was written") as screen:
        from ..arguments import Arguments
        from ..errors import InputError
        from ..export import export_faults, export_plan

        said = Arguments()
        said.faults += export_faults(output, layer=layer, encoding=encoding)
        if not said.faults:
            said.file("-o", output, sources=[str(plan)])
        held = said.plan("PLAN.gpkg", str(plan))
        if said.faults or held is None:
            raise InputError(said.faults)
        written = export_plan(held, output, layer=layer, encoding=encoding)
        screen.warnings(written.findings)
        screen.paths(written.files)
