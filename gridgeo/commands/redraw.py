"""gridgeo redraw: an old plan and the buildings of now in, a plan that moves few people out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date as day_of
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from .. import options
from .divide import Job, drawn, read_town, tell_proof
from .told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..console import Progress
    from ..model import Plan
    from ..solving import Watch


def redraw(  # noqa: PLR0913, PLR0917  # each one an option of the command
    old: options.Old,
    buildings: options.BuildingsNow,
    output: options.Output,
    locks: options.Locks = None,
    max_moved: options.MaxMoved = None,
    curve: options.Curve = None,
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
    report: options.Report = None,
    date: options.Made = None,
    reason: options.Why = None,
) -> None:
    """Divide buildings anew, so that as few households as can be change owner, with a proof.

    Fewest violations of the bands come first, then fewest households that change owner, then
    the objective. What is not said is as in OLD, where that is a plan: limits, objective, what
    is kept whole, communities, boundary, barriers, edges by hand.

    Exit status: 0 every grid in band; 3 proved that no plan can meet the bands (the best one
    is written); 4 not settled in time (what there is, is written); 2 bad input, nothing
    written. Ctrl-C keeps the best plan so far; a second one aborts.
    """
    with told("; nothing was written") as screen:
        from ..arguments import Arguments
        from ..intake import read_community
        from ..kinds import book_faults
        from ..objective import objective_faults
        from ..price_list import HEADS, PriceList, price_list
        from ..publish import write_prices
        from ..redraw import settle_redraw

        said = Arguments()
        sources = [old, buildings, boundary, barriers, edges, roster, limits, locks]
        said.plan_file("-o", output, sources=sources)
        if report is not None:
            said.file("--report", report, sources=[*sources, str(output)])
        columns = said.columns("--column", column or [])
        before = said.old(old, columns, crs)
        book = None
        if any(word is not None for word in (limits, households, population, max_span)):
            book = said.limits(
                limits, households=households, population=population, max_span=max_span
            )
        objective = None
        if weights or target or quarter or workload != "households":
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
            day=said.day("--date", date),
        )
        if curve is not None:
            said.folder("--curve", curve)
        held = said.locks(locks)
        cap = said.moved("--max-moved", max_moved)
        if community is None and before is not None:
            community = before.community_column
        reading = partial(
            read_community, buildings, boundary, barriers,
            where=where, community=community, columns=columns, crs=crs,
            edges=edges, roster=roster,
        )  # fmt: skip
        town = read_town(
            reading,
            said.faults,
            lambda read: [
                *(() if objective is None else objective_faults(read, objective)),
                *(() if book is None else book_faults(read, book, kind)),
            ],
        )
        assert before is not None  # else there were faults
        screen.columns(town.columns)
        asked: dict[str, Any] = {} if job.reach_m is None else {"reach_m": job.reach_m}

        def draw(progress: Progress, watch: Callable[[], AbstractContextManager[Watch]]) -> Plan:
            progress.step(f"Building the territory of {len(town.buildings):,} buildings")
            with watch() as watching:
                ready = settle_redraw(
                    before, town, book, objective=objective, whole=whole, kind=kind, locks=held,
                    max_moved=cap, time_limit_s=job.time_limit_s, seed=job.seed, watch=watching,
                    solver=job.solver, made=(job.day or day_of.today()).isoformat(),
                    reason=reason or "", **asked,
                )  # fmt: skip
                plan, least = ready.drawn(ready.cap_of(cap), share=1.0 if curve is None else 0.4)
                if curve is not None:
                    priced.append(price_list(ready, least, known=[plan]))
                return plan

        priced: list[PriceList] = []
        done = drawn(screen, draw, job, columns=town.columns)
        tell_proof(screen, done)
        listed = [write_prices(prices, curve) for prices in priced if curve is not None]
        for prices in priced:
            screen.table(HEADS, prices.lines())
        screen.paths([*done.written, *(path for paths in listed for path in paths)])
        raise typer.Exit(done.status)
