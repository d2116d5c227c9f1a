"""The assignment model, as planners read it: every node goes to one representative, in PuLP."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
import pulp

from .assign_model import AssignmentModel, Bands, Contiguity
from .backends import Ask, SolverError, solve_binary
from .graphs import number_by_first
from .problem import Budget, IntArray, Problem, Progress, Status, relative_gap
from .verify import Verdict, verify

# Below this, levels of violation are too close for a solver that keeps a row to 1e-7 and a 0-1
# variable to 1e-6.
_FINEST_STEP = 1e-4
_SLACK = 5e-6  # what a level then gets
_PROVED = 1e-6  # relative: what a solver's sums may be off
_ABOUT_A_NODE = (
    "inertia was taken about the best node of each group, which is one to two times that about "
    "the centroid"
)


@dataclass(frozen=True, eq=False)
class Assigned:
    """What the assignment model gave, recomputed from the labels, and what is proved of it.

    As in ``Solution``, but for ``labels``, ``violation``, ``objective``: None where the model
    has no solution or none was found. ``rounds``: how often it was solved; ``cuts``: rows added
    in between for contiguity and span.
    """

    status: Status
    labels: IntArray | None = None
    violation: float | None = None
    violation_bound: float = 0.0
    objective: float | None = None
    bound: float | None = None
    covers: str = ""
    stopped: bool = False
    rounds: int = 0
    cuts: int = 0

    @property
    def gap(self) -> float | None:
        """How far the objective is from the bound at most, as a share of the objective."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound)


def assign(
    problem: Problem,
    budget: Budget,
    *,
    k: int | None = None,
    bands: Bands = Bands.HARD,
    contiguity: Contiguity = Contiguity.CUTS,
) -> Assigned:
    """Divide by the compact assignment model: for few large groups, and as a second opinion.

    x[i, j] = 1 where node i is in the group that node j represents (Hess et al. 1965,
    Nonpartisan political redistricting by computer). ``k``: how many groups, None for any number.
    ``bands``: ``HARD`` lets no group out of band and breaks no lock; ``ELASTIC`` counts what is
    violated as ``Problem`` does: first the least violation, then the least cost.
    ``contiguity``: on streets of 64 blocks in three districts cuts prove in a third of the time
    of flow; where time is short flow has a plan earlier, none of its answers being in pieces.

    Border, penalty and locks are exact. Inertia is not linear: the model takes it about the best
    member node, the usual surrogate, which is between once and twice the true one (the mean over
    the members, by their mass, is twice). ``objective`` is the true cost of the labels all the
    same and ``bound`` holds for it, half the model's; such a plan is never called optimal, and
    ``covers`` says so. Without inertia the answer is exact.

    Violations are weighed as exact shares, not in whole millionths; where the limits allow
    levels closer than a ten-thousandth, ``violation_bound`` may stay below.

    Raises:
        ValueError: the problem has balance, quarters or an old plan, which the model lacks.
        SolverError: the solver's answer does not stand ``verify``.
    """
    _refuse(problem)
    if budget.over():
        return Assigned(Status.UNKNOWN, stopped=True)
    model = AssignmentModel(problem, k=k, bands=bands, contiguity=contiguity)
    run = _Run(problem, model, budget)
    if bands is Bands.HARD or not model.can_violate:
        return run.cheapest()
    return run.least_violation_first()


def _refuse(problem: Problem) -> None:
    terms = problem.terms
    lacking = {
        "balance": any(weight > 0 for weight in terms.balance),
        "quarters": terms.quarter > 0 and problem.quarter is not None,
        "an old plan": problem.old is not None,
    }
    names = [name for name, there in lacking.items() if there]
    if names:
        raise ValueError(f"the assignment model does not know {', '.join(names)}: use solve()")


@dataclass(frozen=True, eq=False)
class _Found:
    """Connected labels (None without), a bound on the model's objective, what is known."""

    labels: IntArray | None
    bound: float
    optimal: bool
    infeasible: bool = False


@dataclass(frozen=True, eq=False)
class _Run:
    problem: Problem
    model: AssignmentModel
    budget: Budget

    def cheapest(self) -> Assigned:
        """Return the cheapest plan the model allows."""
        found = self._solve(self.model.cost, "cheapest")
        if found.labels is None:
            return self._nothing(found)
        verdict = self._verdict(found.labels)
        return self._assigned(found.labels, verdict, found, least=verdict.violation)

    def least_violation_first(self) -> Assigned:
        """Return the cheapest plan among those that violate least."""
        first = self._solve(self.model.violation, "least violation")
        if first.labels is None:
            return self._nothing(first)
        verdict = self._verdict(first.labels)
        least = self._proved_violation(verdict.violation, first)
        if not first.optimal or self.budget.over():
            return self._assigned(first.labels, verdict, None, least=least)
        self.model.keep_violation(float(verdict.violation) + self._slack())
        second = self._solve(self.model.cost, "cheapest")
        labels = first.labels
        if second.labels is not None:
            better = self._verdict(second.labels)
            if (better.violation, better.cost) < (verdict.violation, verdict.cost):
                labels, verdict = second.labels, better
        return self._assigned(labels, verdict, second, least=least)

    def _solve(self, objective: pulp.LpAffineExpression, step: str) -> _Found:
        """Solve, cut off what is in pieces or too wide, solve again; every bound on the way holds.

        HiGHS through PuLP takes no rows while it runs, hence the loop. Rounds are run to their
        end: cut short after their first plans they were many, and together slower.
        """
        model, bound = self.model, -np.inf
        if not model.may.any(axis=1).all():  # HiGHS calls a model without columns neither
            return _Found(None, bound, optimal=False, infeasible=True)
        model.aim_at(objective)
        while True:
            answer = solve_binary(
                model.lp, list(model.x.values()), Ask(self.budget, solver="highs")
            )
            model.rounds += 1
            if answer.infeasible:
                return _Found(None, bound, optimal=False, infeasible=True)
            bound = max(bound, answer.bound)
            self.budget.report(Progress(f"{step}, round {model.rounds}"))
            if answer.x is None:
                return _Found(None, bound, optimal=False)
            representative = model.read(answer.x)
            if not model.cut_off(representative):
                return _Found(number_by_first(representative), bound, answer.optimal)
            if not answer.optimal or self.budget.over():
                return _Found(None, bound, optimal=False)

    def _verdict(self, labels: IntArray) -> Verdict:
        verdict = verify(self.problem, labels)
        if verdict.faults:
            raise SolverError(f"the assignment model gave a plan with faults: {verdict.faults[0]}")
        low, high = self.problem.bands.T
        in_band = ((verdict.totals >= low) & (verdict.totals <= high)).all()
        if self.model.bands is Bands.HARD and (verdict.violation > 0 or not in_band):
            raise SolverError("the assignment model gave a plan that violates hard bands or locks")
        return verdict

    def _step(self) -> Fraction:
        """Return what all sums of violations are multiples of."""
        return Fraction(1, lcm(*np.maximum(self.problem.bands, 1).ravel().tolist()))

    def _slack(self) -> float:
        step = float(self._step())
        return step / 2 if step >= _FINEST_STEP else _SLACK

    def _proved_violation(self, violation: Fraction, found: _Found) -> Fraction:
        """Return the least violation there can be, by the bound and the step between levels."""
        if not np.isfinite(found.bound):
            return Fraction(0)
        step = self._step()
        if step >= _FINEST_STEP:
            levels = np.ceil((found.bound - float(step) / 2) / float(step))
            return min(violation, max(Fraction(0), int(levels) * step))
        if found.optimal and violation == 0:
            return violation
        return max(Fraction(0), min(violation, Fraction(found.bound) - Fraction(_SLACK)))

    def _assigned(
        self, labels: IntArray, verdict: Verdict, found: _Found | None, *, least: Fraction
    ) -> Assigned:
        """Say what is known; ``found``: the search for the least cost, None where none was made."""
        about_a_node = self.problem.terms.compactness > 0
        exact = verdict.violation == least
        bound = None
        if found is not None and exact and np.isfinite(found.bound):
            bound = min(verdict.cost, max(0.0, found.bound / 2 if about_a_node else found.bound))
        if verdict.violation > 0:
            status = Status.INFEASIBLE if exact else Status.FEASIBLE
        else:
            near = bound is not None and verdict.cost - bound <= _PROVED * max(1.0, verdict.cost)
            status = Status.OPTIMAL if near and not about_a_node else Status.FEASIBLE
        return Assigned(
            status=status,
            labels=labels,
            violation=float(verdict.violation),
            violation_bound=float(least),
            objective=verdict.cost,
            bound=bound,
            covers=_ABOUT_A_NODE if about_a_node else "",
            stopped=self.budget.struck or found is None or not found.optimal,
            rounds=self.model.rounds,
            cuts=self.model.cuts,
        )

    def _nothing(self, found: _Found) -> Assigned:
        return Assigned(
            status=Status.INFEASIBLE if found.infeasible else Status.UNKNOWN,
            stopped=not found.infeasible,
            rounds=self.model.rounds,
            cuts=self.model.cuts,
        )
