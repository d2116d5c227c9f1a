"""Divide a town, write plan and report, tell what was proved: what demo and partition share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

# Only what `gridgeo --help` needs stands up here: it is to answer at once.
if TYPE_CHECKING:
    from ..console import Screen
    from ..errors import Finding
    from ..evaluate import Scorecard
    from ..model import Community, LimitBook, Limits, Objective, Plan


@dataclass(frozen=True)
class Job:
    """What to do with a town: how to divide it, and where to write the plan and the report."""

    output: Path
    report: Path | None
    limits: Limits | LimitBook | None = None
    kind: str | None = None
    reach_m: float | None = None
    whole: str | None = None
    time_limit_s: float | None = None
    seed: int = 0
    objective: Objective | None = None
    solver: str = "auto"
    start: Plan | None = None
    day: date | None = None


@dataclass(frozen=True, eq=False)
class Done:
    """A plan that was written, with the exit status it stands for."""

    plan: Plan
    card: Scorecard
    written: list[Path]
    status: int
    by_hand: bool


def read_town(
    read: Callable[[], Community],
    faults: Sequence[Finding],
    check: Callable[[Community], Sequence[Finding]],
) -> Community:
    """Read a town; raise what is wrong with it together with the faults of the arguments."""
    from ..errors import InputError

    try:
        town = read()
    except InputError as error:
        raise InputError([*faults, *error.findings]) from error
    found = [*faults, *town.check().errors, *check(town)]
    if found:
        raise InputError(found)
    return town


def divide_town(screen: Screen, town: Community, job: Job) -> Done:
    """Divide the town, write plan and report, print the grids."""
    from ..console import Progress, hushed, stopping
    from ..entrances import split_large
    from ..evaluate import evaluate as evaluate_plan
    from ..kinds import settle_book
    from ..model import DEFAULT_REACH_M
    from ..partition import partition as divide
    from ..plan_file import write_plan
    from ..report import UNSOUND, exit_status, plan_facts, write_report
    from ..solving import Watch
    from ..territory import build_territory

    screen.columns(town.columns)
    book, _ = settle_book(town, job.limits, job.kind)
    town = split_large(town, book, objective=job.objective)
    buildings = town.buildings
    with Progress(screen) as progress:
        progress.step(f"Building the territory of {len(buildings):,} buildings")
        territory = build_territory(
            buildings,
            boundary=town.boundary,
            barriers=town.barriers,
            reach_m=job.reach_m or DEFAULT_REACH_M,
            edges=town.edges,
        )
        with hushed(), stopping(screen) as stopped:
            watch = Watch(on_progress=progress.standing, cancelled=stopped)
            plan = divide(
                town, job.limits, objective=job.objective, territory=territory, whole=job.whole,
                kind=job.kind,
                time_limit_s=job.time_limit_s, seed=job.seed, watch=watch,
                solver=job.solver, start=job.start,
                made=job.day.isoformat() if job.day else "",
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
    return Done(plan, card, written, status, stopped())


def tell_proof(screen: Screen, done: Done) -> None:
    """Print what is proved of the plan, and the notes that explain it."""
    from ..proof import proof_lines

    for line in proof_lines(done.plan, by_hand=done.by_hand, table=done.card.table):
        screen.say(line, style="bold")
    screen.notes(done.plan.findings.notes)
