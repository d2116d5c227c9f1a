"""What was proved of a plan, in one or two plain sentences a community."""

from __future__ import annotations

import math

from .model import CommunityResult, Limits, Plan

# A relative gap below this is rounding, as in the solvers.
_ROUNDING = 1e-7
# More communities than this are told by what was proved of them, not one by one.
_MOST_TOLD = 12


def proof_lines(plan: Plan, *, by_hand: bool = False) -> list[str]:
    """Return what is known of the plan, one line a community, or counts where there are many.

    ``by_hand``: whether a person stopped the run, and not the clock.
    """
    results = plan.results
    if len(results) > _MOST_TOLD:
        return _counted(results)
    lines = []
    for result in results:
        grids = set(plan.grid_ids[plan.buildings.communities == result.community])
        outside = len(grids & set(plan.reasons))
        said = _sentences(result, plan.limits, outside, by_hand)
        lines.append(said if len(results) == 1 else f"{result.community}: {said}")
    return lines


def _sentences(result: CommunityResult, limits: Limits, outside: int, by_hand: bool) -> str:
    said = _verdict(result, outside)
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


def _verdict(result: CommunityResult, outside: int) -> str:
    figure = f"objective {result.objective:.3f}, in 10^6 household m²"
    grids = "1 grid is" if outside == 1 else f"{outside:,} grids are"
    if result.violation == 0:
        if _proved(result):
            return f"Proved: every grid is in band and no plan is more compact ({figure})."
        if result.gap is None:
            return f"Every grid is in band; how compact a plan could be is not known ({figure})."
        most = _percent(result.gap)
        return f"Every grid is in band; no plan can be more than {most} more compact ({figure})."
    if result.violation == result.violation_bound:
        lead = (
            "Proved: no plan can meet the bands; this one violates them least "
            f"({result.violation:.3f}: {grids} out of band)"
        )
        if _proved(result):
            return f"{lead}, and none that does is more compact ({figure})."
        if result.gap is None:
            return f"{lead}; how compact such a plan could be is not known ({figure})."
        return f"{lead}, with compactness within {_percent(result.gap)} of the best ({figure})."
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


def _proved(result: CommunityResult) -> bool:
    """Whether no plan at this violation is more compact."""
    if result.violation > result.violation_bound or result.bound is None:
        return False
    return result.objective - result.bound <= _ROUNDING * max(1.0, result.objective)


def _percent(share: float) -> str:
    """Return a share in per cent, rounded up, so that "no more than" stays true."""
    return f"{math.ceil(share * 1000 - 1e-9) / 10:.1f} %"


def _counted(results: tuple[CommunityResult, ...]) -> list[str]:
    groups: dict[str, list[CommunityResult]] = {}
    for result in results:
        if result.violation > result.violation_bound:
            kind = "there are grids out of band, and it is not settled whether that must be"
        elif result.violation > 0:
            kind = "it is proved that no plan can meet the bands; theirs violate them least"
        elif _proved(result):
            kind = "it is proved that every grid is in band and no plan is more compact"
        else:
            kind = "every grid is in band, but a more compact plan may exist"
        groups.setdefault(kind, []).append(result)
    lines = []
    for kind in sorted(groups):
        names = [result.community for result in groups[kind]]
        some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        lines.append(f"In {len(names):,} of {len(results):,} communities {kind} ({some}).")
    return lines
