"""What was proved of a plan, in one or two plain sentences a community."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from .model import CommunityResult, Limits, Objective, Plan
from .scorecard import scorecard, term_figures

# A relative gap below this is rounding, as in the solvers.
_ROUNDING = 1e-7
# More communities than this are told by what was proved of them, not one by one.
_MOST_TOLD = 12
# How a proof begins to say over which plans it holds; see ``division``.
_OVER_SOME = "over plans in which"
# What a term comes to before its weight.
_OWN_UNITS = {
    "compactness": "{:.3f} in 10^6 household m²",
    "balance": "a sum of {:,.0f} of squared distances from the target of the workload",
    "border": "{:,.0f} m of border that follow no street or river",
    "quarter": "{:,.10g} households cut off their compound",
}


@dataclass(frozen=True)
class _Words:
    """How the objective is spoken of: by default as compactness, else as what it is."""

    figure: str
    better: str  # "is more compact" or "has a lower objective"
    within: str  # "no plan can be more than 3 % more compact"
    how_good: str
    noun: str
    few: str = ""  # " that moves so few" in a redraw


def proof_lines(
    plan: Plan, *, by_hand: bool = False, table: pd.DataFrame | None = None
) -> list[str]:
    """Return what is known of the plan, one line a community, or counts where there are many.

    ``by_hand``: whether a person stopped the run, and not the clock. ``table``: the plan's
    scorecard, made where none is given and the objective has other terms than compactness.
    """
    results = plan.results
    if len(results) > _MOST_TOLD:
        return _counted(results, plan.aim)
    if table is None and not plan.aim.is_default:
        table = scorecard(plan)
    lines = []
    for result in results:
        grids = set(plan.grid_ids[plan.buildings.communities == result.community])
        outside = len(grids & set(plan.reasons))
        terms = {}
        if table is not None and not plan.aim.is_default:
            terms = term_figures(table[table["community"] == result.community], plan.aim)
        words = _words(result, plan.aim, terms)
        said = _sentences(result, plan.limits, words, outside=outside, by_hand=by_hand)
        if result.moved is not None:
            mine = plan.buildings.communities == result.community
            said += f" {_moved(result, int(plan.buildings.households[mine].sum()))}"
        lines.append(said if len(results) == 1 else f"{result.community}: {said}")
    return lines


def _words(result: CommunityResult, aim: Objective, terms: Mapping[str, float]) -> _Words:
    few = "" if result.moved is None else " that moves so few"
    if aim.is_default:
        return _Words(
            few=few,
            figure=f"objective {result.objective:.3f}, in 10^6 household m²",
            better="is more compact",
            within="{} more compact",
            how_good="how compact",
            noun="compactness",
        )
    paid = [f"{name} {aim.weights[name] * figure:.3f}" for name, figure in terms.items()]
    own = [_OWN_UNITS[name].format(figure) for name, figure in terms.items()]
    return _Words(
        few=few,
        figure=f"objective {result.objective:.3f}: {' + '.join(paid)}; that is {', '.join(own)}",
        better="has a lower objective",
        within="{} lower in its objective",
        how_good="how low the objective of",
        noun="the objective",
    )


def _sentences(
    result: CommunityResult, limits: Limits, words: _Words, *, outside: int, by_hand: bool
) -> str:
    said = _verdict(result, words, outside)
    if result.violation > result.violation_bound or (result.stopped and not _proved(result)):
        said = f"{_cause(result, by_hand)} {said}"
    something = result.bound is not None or result.violation_bound > 0
    if result.max_span_m is not None and something:
        asked = " as asked" if result.max_span_m == limits.max_span_m else ""
        said += f" This holds over grids up to {result.max_span_m:,.0f} m wide{asked}."
    if result.covers:
        said += f" Note: {result.covers}."
    return said


def _cause(result: CommunityResult, by_hand: bool) -> str:
    if not result.stopped:
        return "Not settled."
    return "Stopped by hand." if by_hand else "Time ran out."


def _verdict(result: CommunityResult, words: _Words, outside: int) -> str:
    figure = words.figure
    grids = "1 grid is" if outside == 1 else f"{outside:,} grids are"
    if result.violation == 0:
        if _proved(result):
            return (
                f"Proved: every grid is in band and no plan{words.few} {words.better} ({figure})."
            )
        if result.gap is None:
            unknown = f"{words.how_good} a plan could be is not known"
            return f"Every grid is in band; {unknown} ({figure})."
        most = words.within.format(_percent(result.gap))
        return f"Every grid is in band; no plan{words.few} can be more than {most} ({figure})."
    if result.violation == result.violation_bound:
        # kinds kept apart, say: what is proved of such plans is not proved of all
        among = " over the plans of the note" if _OVER_SOME in result.covers else ""
        lead = (
            f"Proved{among}: no plan can meet the bands; this one violates them least "
            f"({result.violation:.3f}: {grids} out of band)"
        )
        if _proved(result):
            also = " and moves so few" if words.few else ""
            return f"{lead}, and none that does{also} {words.better} ({figure})."
        if result.gap is None:
            return f"{lead}; {words.how_good} such a plan could be is not known ({figure})."
        return f"{lead}, with {words.noun} within {_percent(result.gap)} of the best ({figure})."
    known = (
        "whether a plan can meet the bands is not known"
        if result.violation_bound <= 0
        else f"no plan violates them less than {result.violation_bound:.3f}"
    )
    more = " A longer run may find a better plan." if result.stopped else ""
    return (
        f"{grids.capitalize()} out of band (violation {result.violation:.3f}); "
        f"{known} ({figure}).{more}"
    )


def _moved(result: CommunityResult, households: int) -> str:
    """Return how many change owner, and whether it could be fewer."""
    moved, least = result.moved or 0, result.moved_bound or 0
    if not moved:
        return "No household changes owner."
    share = f"{100 * moved / max(households, 1):.1f} %"
    said = f"{moved:,} of {households:,} households ({share}) change owner"
    settled = result.violation <= result.violation_bound
    if settled and moved <= least:
        return f"{said}; proved: at so low a violation fewer cannot."
    if settled and least:
        return f"{said}; at so low a violation at least {least:,} must."
    return f"{said}; whether fewer could at so low a violation is not known."


def _proved(result: CommunityResult) -> bool:
    """Whether no plan at this violation is more compact."""
    if result.violation > result.violation_bound or result.bound is None:
        return False
    return result.objective - result.bound <= _ROUNDING * max(1.0, result.objective)


def _percent(share: float) -> str:
    """Return a share in per cent, rounded up, so that "no more than" stays true."""
    return f"{math.ceil(share * 1000 - 1e-9) / 10:.1f} %"


def _counted(results: tuple[CommunityResult, ...], aim: Objective) -> list[str]:
    words = _words(results[0], aim, {})
    lower = "a more compact plan" if aim.is_default else "a plan with a lower objective"
    groups: dict[str, list[CommunityResult]] = {}
    for result in results:
        if result.violation > result.violation_bound:
            kind = "there are grids out of band, and it is not settled whether that must be"
        elif result.violation > 0:
            kind = "it is proved that no plan can meet the bands; theirs violate them least"
        elif _proved(result):
            kind = f"it is proved that every grid is in band and no plan {words.better}"
        else:
            kind = f"every grid is in band, but {lower} may exist"
        groups.setdefault(kind, []).append(result)
    lines = []
    for kind in sorted(groups):
        names = [result.community for result in groups[kind]]
        some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        lines.append(f"In {len(names):,} of {len(results):,} communities {kind} ({some}).")
    return lines
