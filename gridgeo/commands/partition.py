"""gridgeo partition: buildings in, a plan with its proof out."""

from __future__ import annotations

from functools import partial

import typer

from .. import options
from .divide import Job, divide_town, read_town, tell_proof
from .told import told


def partition(  # noqa: PLR0913, PLR0917  # each one an option of the command
    buildings: options.Buildings,
    output: options.Output,
    boundary: options.Boundary = None,
    barriers: options.Barriers = None,
    roster: options.Roster = None,
    edges: options.Edges = None,
    where: options.Where = None,
    community: options.CommunityColumn = None,
    households: options.Households = None,
    population: options.Population = None,
    limits: options.LimitsFile = None,
    kind: options.Kind = None,
    whole: options.Whole = None,
    max_span: options.MaxSpan = None,
    reach: options.Reach = "150",
    weights: options.Weights = None,
    workload: options.WorkloadText = "households",
    target: options.Target = None,
    quarter: options.Quarter = None,
    column: options.Column = None,
    crs: options.Crs = None,
    time_limit: options.TimeLimit = "120",
    seed: options.Seed = "0",
    solver: options.Solver = "auto",
    start: options.Start = None,
    date: options.Made = None,
    report: options.Report = None,
) -> None:
    """Divide buildings into contiguous grids, with a proof.

    Exit status: 0 every grid in band; 3 proved that no plan can meet the bands (the best one
    is written); 4 not settled in time (what there is, is written); 2 bad input, nothing
    written. Ctrl-C keeps the best plan so far; a second one aborts.
    """
    with told("; nothing was written") as screen:
        from ..arguments import Arguments
        from ..intake import read_community
        from ..kinds import book_faults
        from ..objective import objective_faults

        said = Arguments()
        sources = [buildings, boundary, barriers, edges, roster, start, limits]
        said.plan_file("-o", output, sources=sources)
        if report is not None:
            said.file("--report", report, sources=[*sources, str(output)])
        book = said.limits(limits, households=households, population=population, max_span=max_span)
        objective = said.objective(
            weights, workload=workload, target=target, compounds=quarter or ""
        )
        job = Job(
            output,
            report,
            limits=book,
            kind=kind,
            reach_m=said.metres("--reach", reach),
            whole=whole,
            time_limit_s=said.seconds("--time-limit", time_limit),
            seed=said.seed("--seed", seed),
            objective=objective,
            solver=said.solver(solver),
            start=said.plan("--start", start),
            day=said.day("--date", date),
        )
        columns = said.columns("--column", column or [])
        reading = partial(
            read_community, buildings, boundary, barriers,
            where=where, community=community, columns=columns, crs=crs,
            edges=edges, roster=roster,
        )  # fmt: skip
        town = read_town(
            reading,
            said.faults,
            lambda read: [*objective_faults(read, objective), *book_faults(read, book, kind)],
        )
        done = divide_town(screen, town, job)
        tell_proof(screen, done)
        screen.paths(done.written)
        raise typer.Exit(done.status)
