"""gridgeo owners: workers to grids by an assignment model, volunteers beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import options
from .told import told

if TYPE_CHECKING:
    from ..console import Screen
    from ..staffing import Staffing

_NOT_ALL = 1


def owners(  # noqa: PLR0913, PLR0917  # each one an option of the command
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    workers: Annotated[
        str,
        typer.Argument(
            metavar="WORKERS",
            help="CSV or Excel with name, and what is known of worker_id, grid_id (of today), "
            "fixed, home_lon and home_lat, capacity, experience, languages, not_in.",
        ),
    ],
    output: options.Output,
    volunteers: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Volunteers: CSV or Excel with name, role (information officer, supervisor), "
            "grid_id or building or lon and lat, kind.",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="TERM=WEIGHT,...",
            help="Points for near (a km of way), known (100 households that get somebody new), "
            "capacity (100 units of workload too many), experience (none at all, in a mean "
            "grid).  [default: near=1,known=1,capacity=1,experience=1]",
        ),
    ] = None,
    workload: Annotated[
        str,
        typer.Option(
            metavar="EXPRESSION", help="Workload of a grid, as of partition.  [default: the plan's]"
        ),
    ] = "",
    today: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="Column of the buildings with the grids that grid_id is about."
        ),
    ] = "",
    language: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="Column of the buildings: a language spoken there."),
    ] = "",
    needs: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Languages needed: CSV or Excel, grid_id, language."),
    ] = None,
    not_at_home: Annotated[
        bool, typer.Option("--not-at-home", help="Nobody serves the grid they live in.")
    ] = False,
    crs: Annotated[
        str | None, typer.Option(metavar="EPSG", help="CRS of x and y.  [default: the plan's]")
    ] = None,
    solver: options.Solver = "auto",
    date: options.Made = None,
    report: options.Report = None,
) -> None:
    """Give every grid of a plan a worker as its owner, with a reason and a proof.

    Nothing about homes gets into the plan; --report tells distances and is for the office only.

    Exit status: 0 every grid has an owner; 1 some have none, and why; 2 bad input, nothing
    written.
    """
    with told("; nothing was written") as screen:
        from datetime import date as day

        from ..arguments import Arguments
        from ..errors import InputError
        from ..staffing import assign_owners
        from ..staffing_aims import StaffingAims

        said = Arguments()
        sources = [str(plan), workers, volunteers, needs]
        said.plan_file("-o", output, sources=sources)
        if report is not None:
            said.file("--report", report, sources=[*sources, str(output)])
        aims = StaffingAims(
            **said.staffing_weights(weights),
            workload=workload,
            today=today,
            language=language,
            needs=needs,
            not_at_home=not_at_home,
            crs=said.crs("--crs", crs),
            solver=said.solver(solver),
        )
        made = said.day("--date", date)
        held = said.plan("PLAN.gpkg", str(plan))
        if held is None:
            raise InputError(said.faults)
        try:
            done = assign_owners(
                held, workers, volunteers=volunteers, aims=aims,
                made=(made or day.today()).isoformat(),
            )  # fmt: skip
        except InputError as fault:
            raise InputError([*said.faults, *fault.findings]) from fault
        if said.faults:
            raise InputError(said.faults)
        written = [done.plan.save(output)]
        if report is not None:
            from ..report import write_report

            written.append(write_report(done.as_dict(), report))
        _tell(screen, done)
        screen.paths(written)
        raise typer.Exit(_NOT_ALL if (done.table["name"] == "").any() else 0)


def _tell(screen: Screen, done: Staffing) -> None:
    """Print the pairs and why, who is idle, the volunteers, what is odd, and the proof."""
    heads = ("Grid", "Households", "Owner", "Points", "Why")
    screen.rows(
        heads,
        [
            (row["grid_id"], f"{row['households']:,}", _called(row), f"{row['points']:.2f}",
             row["why"])
            for row in done.table.to_dict("records")
        ],
    )  # fmt: skip
    if len(done.idle):
        screen.say(f"{len(done.idle):,} without a grid:", style="bold")
        idle = done.idle.to_dict("records")
        screen.rows(("Worker", "Why"), [(_called(row), row["why"]) for row in idle])
    if done.volunteers:
        screen.say(f"Volunteers: {len(done.volunteers):,}", style="bold")
        rows = [(one.grid_id, one.role, one.name, one.kind) for one in done.volunteers]
        screen.rows(("Grid", "Role", "Name", "Kind"), rows)
    screen.warnings(done.findings.warnings)
    for line in done.proof:
        screen.say(line, style="bold")
    screen.notes(done.findings.notes)


def _called(row: dict[str, str]) -> str:
    """Return a worker's name and id, "-" for nobody."""
    if not row["name"]:
        return "-"
    return f"{row['name']} ({row['worker_id']})" if row["worker_id"] else row["name"]
