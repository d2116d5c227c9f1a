"""Buildings, territory and limits to a plan: what is asked is settled, then drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .compounds import cut_notes
from .drawing import draw
from .earlier_plan import start_labels
from .entrances import split_large
from .errors import Finding, Findings, InputError, Severity
from .ground import Territory
from .kinds import exclusive_pieces, kinds_of, settle_book
from .lineage import changed_by, plan_digest, with_version
from .model import Community, LimitBook, Limits, Objective, Plan
from .objective import settle, units_across
from .record import Version
from .solver_choice import chosen_solver
from .solving import Asked, Watch
from .territory import build_territory
from .units import units_in_kinds, units_of

DEFAULT_TIME_LIMIT_S = 120.0


@dataclass(frozen=True, eq=False)
class Wish:
    """What a planner asks beside the town itself; see ``partition``."""

    limits: Limits | LimitBook | None = None
    objective: Objective | None = None
    territory: Territory | None = None
    whole: str | None = None
    kind: str | None = None
    seed: int = 0
    watch: Watch | None = None
    solver: str = "auto"
    start: Plan | None = None


def partition(  # noqa: PLR0913  # the public door: each one a word of the planner's
    town: Community,
    limits: Limits | LimitBook | None = None,
    *,
    objective: Objective | None = None,
    territory: Territory | None = None,
    whole: str | None = None,
    kind: str | None = None,
    time_limit_s: float | None = DEFAULT_TIME_LIMIT_S,
    seed: int = 0,
    watch: Watch | None = None,
    solver: str = "auto",
    start: Plan | None = None,
    made: str = "",
) -> Plan:
    """Divide every community of ``town`` into contiguous grids within the bands.

    Violations of the bands come first, then the ``objective``: by default compactness, the
    household inertia about the grids' centroids (10^6 household m2); see ``Objective`` for
    its other terms. Both are proved as far as time allows; see ``CommunityResult``.
    ``territory`` is built from the town where none is given, its buildings that are larger than
    a grid split by the entrances that a roster names (``split_large``). ``whole``
    names a column of the buildings: those with the same value (a compound, a lane) share a
    grid, unless they alone are more than a grid may hold; the proof is then over such plans.
    ``kind`` names a column of the buildings: their kinds have the limits that a ``LimitBook`` in
    place of ``limits`` gives them, and share a grid only where one could not be in band by itself;
    see ``gridgeo.pockets``. The time limit is shared among the communities by their number of
    buildings; the same input and seed give the same plan unless the limit strikes. ``solver``:
    "auto", "highs", "cbc", or any that PuLP knows and finds. ``start``: an earlier plan to start
    from. ``made``: the day that the plan's record is to bear, in ISO's form.

    Raises:
        InputError: the town's own check finds errors; there is no column ``whole``, or none of
            kinds; the objective cannot be (see ``gridgeo.objective.settle``) or contradicts
            ``whole``;
            the solver is not available; the plan to start from has none of the buildings.
    """
    wish = Wish(limits, objective, territory, whole, kind, seed, watch, solver, start)
    asked, told = asked_of(town, wish)
    plan = draw(asked, told, time_limit_s).plan
    plan = replace(plan, findings=Findings((*plan.findings, *cut_notes(plan))))
    recipe = {
        "whole": whole,
        "solver": asked.recipe[0] or "auto",
        "time_limit_s": time_limit_s,
        "seed": seed,
        "start": start and plan_digest(start),
        # the plan alone must do to run it again
        "start_grids": None if asked.start is None else asked.start.tolist(),
        "changed": changed_by(plan),
    }
    return with_version(plan, Version("partition", "", made, recipe=recipe))


def asked_of(town: Community, wish: Wish) -> tuple[Asked, list[Finding]]:
    """Settle what is asked of a town, its territory built, and what should be told of that.

    Raises:
        InputError: as ``partition``.
    """
    town.check().raise_if_any()
    solver = chosen_solver(wish.solver)
    book, told = settle_book(town, wish.limits, wish.kind)
    parted = split_large(town, book, objective=wish.objective)
    territory = wish.territory
    if territory is None:
        town = parted
    elif parted.buildings is not town.buildings:
        told.append(_not_split(town, parted))
    units = units_of(town, wish.whole)
    if units is not None and _has_span(book):
        said = "compounds cannot yet be kept whole under a rule on the span of a grid"
        fix = "Leave out either --whole or --max-span"
        raise InputError([Finding("whole-with-span", Severity.ERROR, said, fix)])
    aim = settle(town, book.usual, wish.objective or Objective())
    told += aim.findings
    if units is not None and aim.quarter is not None:
        Findings(tuple(units_across(town.buildings, units, aim.objective.compounds))).raise_if_any()
    first, found = (None, []) if wish.start is None else start_labels(town.buildings, wish.start)
    told += found
    if territory is None:
        territory = build_territory(
            town.buildings, boundary=town.boundary, barriers=town.barriers, edges=town.edges
        )
    kinds = kinds_of(town.buildings, book.kind_column)
    if units is not None and book.kind_column:
        told += units_in_kinds(units, kinds)
    asked = Asked(
        town=town,
        territory=territory,
        book=book,
        aim=aim,
        units=units,
        start=first,
        kinds=kinds,
        alone=exclusive_pieces(town.buildings, book, kinds, territory.edges),
        recipe=(solver, wish.seed),
        watch=wish.watch or Watch(),
    )
    return asked, told


def _not_split(town: Community, parted: Community) -> Finding:
    count = len(parted.buildings.parts)
    message = (
        f"{count} buildings are larger than a grid may be and could be split by their entrances, "
        f"but the territory given is that of {len(town.buildings)} whole buildings"
    )
    fix = "Build the territory of split_large(town, limits), and divide that"
    return Finding("territory-not-split", Severity.WARNING, message, fix, count)


def _has_span(book: LimitBook) -> bool:
    rules = [*book.kinds.values(), *book.communities.values(), *book.in_community.values()]
    spans_m = [book.usual.max_span_m, *(rule.max_span_m for rule in rules)]
    return any(span_m is not None and span_m < np.inf for span_m in spans_m)
