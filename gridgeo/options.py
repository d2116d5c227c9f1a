"""The options of ``partition`` and ``territory``, each with the words its help has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Buildings = Annotated[
    str,
    typer.Argument(
        metavar="BUILDINGS",
        help="Buildings: anything OGR reads, or CSV/Excel with lon and lat, or x and y; "
        "a layer is named as file.gpkg:layer.",
    ),
]
Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="PLAN.gpkg", help="The plan to write.")
]
Boundary = Annotated[str | None, typer.Option(metavar="FILE", help="Polygons that the grids fill.")]
Barriers = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Lines: streets, rivers, rails, motorways, walls."),
]
Edges = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Edges to add or remove by hand: CSV or Excel with a, b, action (add, remove), "
        "reason.",
    ),
]
Roster = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Households or persons, each with its building, and entrance, persons, status "
        "where known; counts in the place of the buildings' own columns.",
    ),
]
Where = Annotated[
    str | None, typer.Option(metavar="SQL", help="Buildings to take: \"town = 'TG'\".")
]
CommunityColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Divide each community of this column on its own."),
]
Households = Annotated[
    str | None,
    typer.Option(metavar="LOW:HIGH", help="Households a grid should hold.  [default: 300:500]"),
]
Population = Annotated[
    str | None,
    typer.Option(metavar="LOW:HIGH", help="People a grid should hold.  [default: 1000:1500]"),
]
LimitsFile = Annotated[
    str | None,
    typer.Option(metavar="FILE.toml", help="Limits of their own for kinds and communities."),
]
Kind = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Kinds of buildings, not mixed in a grid where it can be helped."
    ),
]
Whole = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Buildings alike in COLUMN (compound, lane) stay together."
    ),
]
MaxSpan = Annotated[
    str | None, typer.Option(metavar="METRES", help="Widest distance within a grid.")
]
Reach = Annotated[
    str,
    typer.Option(metavar="METRES", help="Land around a building, where no boundary is given."),
]
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="TERM=WEIGHT,...",
        help="What is minimised within the bands: compactness (10^6 household m2), balance "
        "(squared distance of the workload from its target), border (metres off streets and "
        "rivers), quarter (households cut off their compound).  "
        "[default: compactness=1,balance=0,border=0,quarter=0]",
    ),
]
WorkloadText = Annotated[
    str,
    typer.Option(metavar="EXPRESSION", help='What balance evens out: "households + 3*elderly".'),
]
Target = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="Workload wished for; chosen where none is given."),
]
Quarter = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Compounds that stay whole where the bands allow; the term quarter prices cuts.",
    ),
]
Column = Annotated[
    list[str] | None,
    typer.Option(metavar="ROLE=NAME", help="Column of a role, as households=HH; repeatable."),
]
Crs = Annotated[
    str | None, typer.Option(metavar="EPSG", help="CRS of files that name none: EPSG:4490.")
]
TimeLimit = Annotated[str, typer.Option(metavar="SECONDS", help="Stop searching after this time.")]
Seed = Annotated[str, typer.Option(metavar="N", help="The same input and seed give the same plan.")]
Made = Annotated[
    str | None,
    typer.Option(
        "--date", metavar="YYYY-MM-DD", help="The day that the plan's history is to bear."
    ),
]
Solver = Annotated[
    str,
    typer.Option(metavar="NAME", help="auto, highs, cbc, or another that PuLP knows and finds."),
]
Start = Annotated[
    str | None, typer.Option(metavar="PLAN.gpkg", help="An earlier plan to start from.")
]
Report = Annotated[
    Path | None, typer.Option(metavar="FILE.json", help="Write the same facts as JSON.")
]
Old = Annotated[
    str,
    typer.Argument(
        metavar="OLD",
        help="What there is: a plan, any layer or table of buildings with their grids, or the "
        "polygons of the grids.",
    ),
]
BuildingsNow = Annotated[
    str,
    typer.Argument(metavar="BUILDINGS_NOW", help="The buildings of now, as for partition."),
]
Locks = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="What may not change: CSV or Excel with lock (building, grid, together, apart, "
        "border), a, b, reason.",
    ),
]
MaxMoved = Annotated[
    str | None,
    typer.Option(
        metavar="2%|NUMBER", help="Households that change owner at most, at any price but locks."
    ),
]
Curve = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Write the price list here too: households moved against violations and objective, "
        "as CSV and picture, each point a plan.",
    ),
]
Why = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why it is redrawn, for the plan's history."),
]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")]
PlanAgain = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="NEW.gpkg", help="The plan to write.  [default: PLAN itself]"
    ),
]
Day = Annotated[
    str | None,
    typer.Option(
        "--date", metavar="YYYY-MM-DD", help="The day of the plan's history.  [default: today]"
    ),
]
Person = Annotated[str, typer.Option(metavar="NAME", help="Who does it, for the plan's history.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for the plan's history.")]
