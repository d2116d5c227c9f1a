"""gridgeo locate: the grid a place is in, or the grid of each place of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .told import told

if TYPE_CHECKING:
    from ..console import Screen
    from ..point_file import Located

IN_NO_GRID = 1


def locate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    place: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LON LAT]", help="A place, in degrees; x and y with --crs."),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(metavar="FILE.csv", help="Many places: CSV with lon and lat, or x and y."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT.csv", help="The same rows and their grids."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="Column of lon, lat, x or y; repeatable."),
    ] = None,
    crs: Annotated[
        str | None, typer.Option(metavar="EPSG", help="CRS of the coordinates: EPSG:4490.")
    ] = None,
) -> None:
    """Tell which grid a place is in.

    A place on a border belongs to the grid whose id comes first.

    Exit status: 0 told; 1 the place is in no grid; 2 bad input, nothing written.
    """
    with told() as screen:
        from ..arguments import Arguments
        from ..errors import InputError

        said = Arguments()
        frame = said.crs("--crs", crs)
        spot = None
        if points is None:
            spot = said.place(place or [], in_degrees=crs is None)
            if output is not None:
                fix = "Name it with --points"
                said.fault("points-missing", f"-o {output}: there is no file of places", fix)
        elif place:
            said.fault("place-twice", "both a place and --points were given", "Give one of them")
        elif output is None:
            said.fault("output-missing", "--points needs a file to write", "Name it with -o")
        else:
            said.file("-o", output, sources=[points, str(plan)])
        roles = said.columns("--column", column or [])
        held = said.plan("PLAN.gpkg", str(plan))
        if said.faults or held is None:
            raise InputError(said.faults)

        import numpy as np

        from ..crs import lonlat_of
        from ..locate import GridIndex
        from ..point_file import locate_file

        index = GridIndex.of(held)
        if points is not None and output is not None:
            _tell(screen, locate_file(index, points, output, columns=roles, crs=frame))
            screen.paths([output])
            return
        where = np.array([spot], dtype=np.float64)
        grid = index.locate(where if frame is None else lonlat_of(where, frame))[0]
        if not grid:
            screen.complain([f"{' '.join(place or [])} is in no grid of {plan}."])
            raise typer.Exit(IN_NO_GRID)
        screen.say(grid)


def _tell(screen: Screen, located: Located) -> None:
    screen.columns(located.read_from)
    text = f"{located.points:,} places, {located.points - located.outside:,} of them in a grid"
    if located.outside:
        text += f" and {located.outside:,} in none (first: row {located.first_outside})"
    screen.say(f"{text}; column {located.written_to!r}.")
