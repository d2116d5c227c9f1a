"""The command line: arguments in, exit status out; all work is done by the rooms below."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

# Only what `gridgeo --help` needs stands up here: it is to answer at once.
if TYPE_CHECKING:
    from .console import Screen
    from .errors import Finding
    from .evaluate import Scorecard
    from .model import Community, Limits, Objective, Plan

BAD_INPUT = 2

app = typer.Typer(
    help="Divide a community into grids, prove how good they are, and show them on a map.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; the entry point of ``gridgeo``."""
    for stream in (sys.stdout, sys.stderr):
        # a console of another code page shows "?" for a letter it lacks, and goes on
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"gridgeo {version('gridgeo')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where to write.")
    ] = Path("demo"),
) -> None:
    """Divide Riverside, a made-up community, and draw its map.

    Writes DIR/plan.gpkg, DIR/report.json and DIR/site/index.html. Exit status: 0 done;
    2 DIR cannot be written; 4 time ran out.
    """
    with _told() as screen:
        from .arguments import Arguments
        from .errors import InputError
        from .intake import read_community
        from .publish import publish as publish_plan
        from .report import NO_PLAN_CAN

        said = Arguments()
        said.folder("-o", folder)
        if said.faults:
            raise InputError(said.faults)
        data = _riverside()
        town = read_community(
            data / "buildings.gpkg",
            boundary=data / "boundary.gpkg",
            barriers=data / "barriers.gpkg",
            community="community",
        )
        folder.mkdir(parents=True, exist_ok=True)
        job = _Job(
            folder / "plan.gpkg", folder / "report.json", whole="compound", time_limit_s=120.0
        )
        done = _run(screen, town, job)
        published = publish_plan(done.plan, folder / "site", title="Riverside")
        screen.warnings(published.findings)
        _tell_proof(screen, done)
        screen.paths([*done.written, published.index, published.geojson, published.summary])
        screen.next_step("Open", published.index, "in a browser; it works offline")
        # that Riverside cannot meet the bands everywhere is what the demo is to show
        raise typer.Exit(0 if done.status == NO_PLAN_CAN else done.status)


@app.command()
def partition(  # noqa: PLR0913, PLR0917  # each one an option of the command
    buildings: options.Buildings,
    output: options.Output,
    boundary: options.Boundary = None,
    barriers: options.Barriers = None,
    where: options.Where = None,
    community: options.CommunityColumn = None,
    households: options.Households = "300:500",
    population: options.Population = "1000:1500",
    whole: options.Whole = None,
    max_span: options.MaxSpan = None,
    reach: options.Reach = "150",
    weights: options.Weights = "compactness=1,balance=0,border=0,quarter=0",
    workload: options.WorkloadText = "households",
    target: options.Target = None,
    quarter: options.Quarter = None,
    column: options.Column = None,
    crs: options.Crs = None,
    time_limit: options.TimeLimit = "120",
    seed: options.Seed = "0",
    solver: options.Solver = "auto",
    start: options.Start = None,
    report: options.Report = None,
) -> None:
    """Divide buildings into contiguous grids, with a proof.

    Exit status: 0 every grid in band; 3 proved that no plan can meet the bands (the best one
    is written); 4 not settled in time (what there is, is written); 2 bad input, nothing
    written. Ctrl-C keeps the best plan so far; a second one aborts.
    """
    with _told("; nothing was written") as screen:
        from .arguments import Arguments
        from .intake import read_community
        from .model import Limits
        from .objective import objective_faults

        said = Arguments()
        sources = [buildings, boundary, barriers, start]
        said.plan_file("-o", output, sources=sources)
        if report is not None:
            said.file("--report", report, sources=[*sources, str(output)])
        usual = Limits()
        limits = Limits(
            households=said.band("--households", households, example=usual.households),
            population=said.band("--population", population, example=usual.population),
            max_span_m=said.metres("--max-span", max_span),
        )
        objective = said.objective(
            weights, workload=workload, target=target, compounds=quarter or ""
        )
        job = _Job(
            output,
            report,
            limits=limits,
            reach_m=said.metres("--reach", reach),
            whole=whole,
            time_limit_s=said.seconds("--time-limit", time_limit),
            seed=said.seed("--seed", seed),
            objective=objective,
            solver=said.solver(solver),
            start=said.plan("--start", start),
        )
        columns = said.columns("--column", column or [])
        reading = partial(
            read_community, buildings, boundary, barriers,
            where=where, community=community, columns=columns, crs=crs,
        )  # fmt: skip
        town = _read(reading, said.faults, partial(objective_faults, objective=objective))
        done = _run(screen, town, job)
        _tell_proof(screen, done)
        screen.paths(done.written)
        raise typer.Exit(done.status)


@app.command()
def evaluate(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures and faults as JSON only.")
    ] = False,
) -> None:
    """Recompute the figures of a plan and tell what is wrong.

    Exit status: 0 sound; 1 unsound, each fault told; 2 not a plan.
    """
    with _told() as screen:
        from .evaluate import evaluate_file
        from .report import UNSOUND, in_plain_types

        card = evaluate_file(plan)
        if as_json:
            import json

            # letters beyond ASCII are escaped: no code page of a console can spoil them
            typer.echo(json.dumps(in_plain_types(card.as_dict()), indent=2, allow_nan=False))
        else:
            screen.grids(card.table)
            screen.verdict(plan, [fault.sentence() for fault in card.faults])
        if not card.sound:
            raise typer.Exit(UNSOUND)


@app.command()
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
    with _told() as screen:
        from .arguments import Arguments
        from .errors import InputError
        from .plan_file import read_plan
        from .publish import publish as publish_plan

        said = Arguments()
        said.folder("-o", site)
        if said.faults:
            raise InputError(said.faults)
        published = publish_plan(read_plan(plan), site, owners=owners, title=title)
        screen.warnings(published.findings)
        screen.paths([published.index, published.geojson, published.summary])
        screen.next_step("Open", published.index, "in a browser; it works offline")


@dataclass(frozen=True)
class _Job:
    """What to do with a town: how to divide it, and where to write the plan and the report."""

    output: Path
    report: Path | None
    limits: Limits | None = None
    reach_m: float | None = None
    whole: str | None = None
    time_limit_s: float | None = None
    seed: int = 0
    objective: Objective | None = None
    solver: str = "auto"
    start: Plan | None = None


@dataclass(frozen=True, eq=False)
class _Done:
    """A plan that was written, with the exit status it stands for."""

    plan: Plan
    card: Scorecard
    written: list[Path]
    status: int
    by_hand: bool


@contextmanager
def _told(outcome: str = "") -> Iterator[Screen]:
    """Give a screen; turn errors made on purpose into one message and exit status 2."""
    from .console import Screen
    from .errors import GridGeoError, InputError

    screen = Screen()
    try:
        yield screen
    except InputError as error:
        faults = [finding.sentence() for finding in error.findings]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        screen.complain(faults, lead=f"{count} in the input{outcome}:")
        raise typer.Exit(BAD_INPUT) from error
    except GridGeoError as error:
        screen.complain([str(error)])
        raise typer.Exit(BAD_INPUT) from error


def _read(
    read: Callable[[], Community],
    faults: Sequence[Finding],
    check: Callable[[Community], Sequence[Finding]],
) -> Community:
    """Read a town; raise what is wrong with it together with the faults of the arguments."""
    from .errors import InputError

    try:
        town = read()
    except InputError as error:
        raise InputError([*faults, *error.findings]) from error
    found = [*faults, *town.check().errors, *check(town)]
    if found:
        raise InputError(found)
    return town


def _run(screen: Screen, town: Community, job: _Job) -> _Done:
    """Divide the town, write plan and report, print the grids."""
    from .console import Progress, hushed, stopping
    from .evaluate import evaluate as evaluate_plan
    from .model import DEFAULT_REACH_M
    from .partition import Watch
    from .partition import partition as divide
    from .plan_file import write_plan
    from .report import UNSOUND, exit_status, plan_facts, write_report
    from .territory import build_territory

    screen.columns(town.columns)
    buildings = town.buildings
    with Progress(screen) as progress:
        progress.step(f"Building the territory of {len(buildings):,} buildings")
        territory = build_territory(
            buildings,
            boundary=town.boundary,
            barriers=town.barriers,
            reach_m=job.reach_m or DEFAULT_REACH_M,
        )
        with hushed(), stopping(screen) as stopped:
            watch = Watch(on_progress=progress.standing, cancelled=stopped)
            plan = divide(
                town, job.limits, objective=job.objective, territory=territory, whole=job.whole,
                time_limit_s=job.time_limit_s, seed=job.seed, watch=watch,
                solver=job.solver, start=job.start,
            )  # fmt: skip
        progress.step("Writing")
        card = evaluate_plan(plan)
        written = [write_plan(plan, job.output)]
        if job.report is not None:
            facts = plan_facts(plan, card.table, columns=town.columns)
            written.append(write_report(facts, job.report))
    screen.warnings(plan.findings.warnings)
    screen.grids(card.table)
    if card.faults:
        # never seen, and never to be passed over in silence
        lead = "The plan was written, but its own check finds fault; please report this:"
        screen.complain([fault.sentence() for fault in card.faults], lead=lead)
    status = exit_status(plan) if card.sound else UNSOUND
    return _Done(plan, card, written, status, stopped())


def _tell_proof(screen: Screen, done: _Done) -> None:
    from .proof import proof_lines

    for line in proof_lines(done.plan, by_hand=done.by_hand, table=done.card.table):
        screen.say(line, style="bold")
    screen.notes(done.plan.findings.notes)


def _riverside() -> Path:
    """Return the folder of Riverside: inside an installed package, beside it in the sources."""
    from .errors import Finding, InputError, Severity

    package = Path(__file__).resolve().parent
    for folder in (package / "riverside", package.parent / "data" / "riverside"):
        if (folder / "buildings.gpkg").is_file():
            return folder
    message = f"Riverside is not there: neither in {package} nor in its sources"
    raise InputError([Finding("demo-missing", Severity.ERROR, message, "Install GridGeo again")])
