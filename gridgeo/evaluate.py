"""Is a plan what it says it is? Every figure and claim checked against the raw inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from .errors import Finding
from .faults import Facts, facts_of, faults_of_claims, faults_of_ground, faults_of_tables
from .model import CommunityResult, Objective, Plan, Status
from .plan_file import read_plan_and_tables
from .scorecard import (
    grid_violations,
    limits_of_grids,
    objective_of,
    scorecard,
    term_figures,
)
from .waivers import WaiverCard, waiver_cards

__all__ = ["CommunityCard", "Scorecard", "evaluate", "evaluate_file", "scorecard"]


@dataclass(frozen=True)
class CommunityCard:
    """One community: what its result claims, and what its grids really come to.

    ``objective`` (see ``Objective``), ``terms`` (see ``term_figures``) and ``violation`` are
    recomputed; ``claim`` holds the bounds, which cannot be.
    """

    claim: CommunityResult
    grids: int
    in_band: int
    buildings: int
    households: int
    population: int
    objective: float
    terms: Mapping[str, float]
    violation: float

    def as_dict(self) -> dict[str, Any]:
        """Return the card in plain types, ready for JSON; null where nothing is known."""
        claim = self.claim
        return {
            "community": claim.community,
            "status": claim.status.value,
            "grids": self.grids,
            "in_band": self.in_band,
            "buildings": self.buildings,
            "households": self.households,
            "population": self.population,
            "objective": self.objective,
            "terms": dict(self.terms),
            "bound": claim.bound,
            "gap": _gap(self.objective, claim.bound),
            "violation": self.violation,
            "violation_bound": claim.violation_bound,
            "max_span_m": claim.max_span_m,
            "seconds": claim.seconds,
            "covers": claim.covers,
            "stopped": claim.stopped,
        }


@dataclass(frozen=True, eq=False)
class Scorecard:
    """What a plan really comes to, and every fault found in it.

    ``table``: one row a grid, see ``scorecard``. ``communities``: in the order of the plan's
    results. ``aim``: what the plan says it minimises. ``status`` and ``bound`` are the plan's
    own words, checked as far as they can be; ``violation`` is recomputed. ``faults``: empty
    where the plan is what it says it is. ``waivers``: see ``gridgeo.waivers``; they change none of
    the figures.
    """

    table: pd.DataFrame
    communities: tuple[CommunityCard, ...]
    aim: Objective
    status: Status
    bound: float | None
    violation: float
    faults: tuple[Finding, ...]
    waivers: tuple[WaiverCard, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    @property
    def grids(self) -> int:
        """How many grids there are."""
        return len(self.table)

    @property
    def in_band(self) -> int:
        """How many grids are within both bands."""
        return int(self.table["in_band"].sum())

    @property
    def buildings(self) -> int:
        """How many buildings are in a grid."""
        return int(self.table["buildings"].sum())

    @property
    def households(self) -> int:
        """How many households are in a grid."""
        return int(self.table["households"].sum())

    @property
    def population(self) -> int:
        """How many people are in a grid."""
        return int(self.table["population"].sum())

    @property
    def objective(self) -> float:
        """What all grids cost, recomputed: see ``Objective``."""
        return objective_of(self.table, self.aim)

    @property
    def terms(self) -> dict[str, float]:
        """What each term comes to, without its weight: see ``gridgeo.scorecard.term_figures``."""
        return term_figures(self.table, self.aim)

    @property
    def gap(self) -> float | None:
        """How far the objective is from the plan's bound at most, as a share of the objective."""
        return _gap(self.objective, self.bound)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, ready for JSON; null where nothing is known."""
        return {
            "status": self.status.value,
            "sound": self.sound,
            "objective": self.objective,
            "aim": self.aim.as_dict(),
            "terms": self.terms,
            "bound": self.bound,
            "gap": self.gap,
            "grids": self.grids,
            "in_band": self.in_band,
            "violation": self.violation,
            "buildings": self.buildings,
            "households": self.households,
            "population": self.population,
            "communities": [card.as_dict() for card in self.communities],
            "waivers": [card.as_dict() for card in self.waivers],
            "faults": [
                {
                    "code": fault.code,
                    "severity": fault.severity.value,
                    "message": fault.message,
                    "fix": fault.fix,
                    "count": fault.count,
                    "first": fault.first,
                }
                for fault in self.faults
            ],
            "grids_table": [
                {name: _plain(value) for name, value in row.items()}
                for row in self.table.to_dict("records")
            ],
        }


def evaluate(plan: Plan) -> Scorecard:
    """Recompute a plan from its buildings and cells and name every fault in it.

    Raises:
        ValueError: not one grid id or not one cell a building.
    """
    facts = facts_of(plan)
    return _card(facts, (*faults_of_ground(facts), *faults_of_claims(facts)))


def evaluate_file(path: str | Path) -> Scorecard:
    """Evaluate the plan in a file, and compare what its layers say with what is recomputed.

    Raises:
        PlanFileError: no such file, no plan, or a damaged one.
    """
    plan, tables = read_plan_and_tables(path)
    facts = facts_of(plan)
    faults = (*faults_of_ground(facts), *faults_of_claims(facts))
    return _card(facts, (*faults, *faults_of_tables(facts, tables)))


def _card(facts: Facts, faults: tuple[Finding, ...]) -> Scorecard:
    plan = facts.plan
    return Scorecard(
        table=facts.table,
        communities=tuple(_community(facts, result) for result in plan.results),
        aim=plan.aim,
        status=plan.status,
        bound=plan.bound,
        violation=float(sum(facts.violations, Fraction(0))),
        faults=faults,
        waivers=waiver_cards(plan, facts.table),
    )


def _community(facts: Facts, claim: CommunityResult) -> CommunityCard:
    mine = facts.table[facts.table["community"] == claim.community]
    return CommunityCard(
        claim=claim,
        grids=len(mine),
        in_band=int(mine["in_band"].sum()),
        buildings=int(mine["buildings"].sum()),
        households=int(mine["households"].sum()),
        population=int(mine["population"].sum()),
        objective=objective_of(mine, facts.plan.aim),
        terms=term_figures(mine, facts.plan.aim),
        violation=float(sum(grid_violations(mine, limits_of_grids(facts.plan, mine)), Fraction(0))),
    )


def _gap(objective: float, bound: float | None) -> float | None:
    if bound is None:
        return None
    return max(0.0, objective - bound) / objective if objective else 0.0


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
