"""Divide a town, write plan and report, tell what was proved: what demo and partition share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

# Only what `gridgeo --help` needs stands up here: it is to answer at once.
if TYPE_CHECKING:
    from ..console import Progress, Screen
    from ..errors import Finding
    from ..evaluate import Scorecard
    from ..model import Community, LimitBook, Limits, Objective, Plan
    from ..solving import Watch


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
    from ..entrances import split_large
    from ..kinds import settle_book
    from ..model import DEFAULT_REACH_M
    from ..partition import partition as divide
    from ..territory import build_territory

    screen.columns(town.columns)
    book, _ = settle_book(town, job.limits, job.kind)
    town = split_large(town, book, objective=job.objective)

    def draw(progress: Progress, watch: Callable[[], AbstractContextManager[Watch]]) -> Plan:
        progress.step(f"Building the territory of {len(town.buildings):,} buildings")
        territory = build_territory(
            town.buildings,
            boundary=town.boundary,
            barriers=town.barriers,
            reach_m=job.reach_m or DEFAULT_REACH_M,
            edges=town.edges,
        )
        with watch() as watching:
            return divide(
                town, job.limits, objective=job.objective, territory=territory, whole=job.whole,
                kind=job.kind,
                time_limit_s=job.time_limit_s, seed=job.seed, watch=watching,
                solver=job.solver, start=job.start,
                made=job.day.isoformat() if job.day else "",
            )  # fmt: skip

    return drawn(screen, draw, job, columns=town.columns)


def drawn(
    screen: Screen,
    draw: Callable[[Progress, Callable[[], AbstractContextManager[Watch]]], Plan],
    job: Job,
    *,
    columns: Mapping[str, str],
) -> Done:
    """Draw a plan with progress shown, so that Ctrl-C ends it; write it, print the grids.

    ``draw`` gets the progress, and a context in which a run is watched.
    """
    from ..console import Progress, hushed, stopping
    from ..evaluate import evaluate as evaluate_plan
    from ..plan_file import write_plan
    from ..report import UNSOUND, exit_status, plan_facts, write_report
    from ..solving import Watch

    asked: list[Callable[[], bool]] = []
    with Progress(screen) as progress:

        @contextmanager
        def watch() -> Iterator[Watch]:
            with hushed(), stopping(screen) as stopped:
                asked.append(stopped)
                yield Watch(on_progress=progress.standing, cancelled=stopped)

        plan = draw(progress, watch)
        progress.step("Writing")
        card = evaluate_plan(plan)
        written = [write_plan(plan, job.output)]
        if job.report is not None:
            facts = plan_facts(plan, card.table, columns=columns)
            written.append(write_report(facts, job.report))
    screen.warnings(plan.findings.warnings)
    screen.grids(card.table)
    if card.faults:
        # never seen, and never to be passed over in silence
        lead = "The plan was written, but its own check finds fault; please report this:"
        screen.complain([fault.sentence() for fault in card.faults], lead=lead)
    status = exit_status(plan) if card.sound else UNSOUND
    return Done(plan, card, written, status, any(stopped() for stopped in asked))


def tell_proof(screen: Screen, done: Done) -> None:
    """Print what is proved of the plan, and the notes that explain it."""
    from ..proof import proof_lines

    for line in proof_lines(done.plan, by_hand=done.by_hand, table=done.card.table):
        screen.say(line, style="bold")
    screen.notes(done.plan.findings.notes)
