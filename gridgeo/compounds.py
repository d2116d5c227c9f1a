"""Which compounds a plan cuts, by how many households, and which of them it had to."""

from __future__ import annotations

from .errors import Finding, Severity
from .kinds import kinds_of
from .model import Plan
from .objective import compound_names, quarters_of
from .scorecard import compound_parts, grid_rows
from .wording import count, some

# A solver calls what it found proved below a gap of 1e-7 in each piece.
_PROVED_SHARE = 1e-6


def cut_notes(plan: Plan) -> list[Finding]:
    """Return notes on the compounds that a plan cuts, none where no compounds were named.

    What a compound is cut by is told as the term ``quarter`` counts it: in two, the households
    of its smaller part.
    """
    column = plan.aim.compounds
    if not column:
        return []
    grids = grid_rows(plan)
    parts = compound_parts(plan, grids)
    names = compound_names(plan.buildings, column)
    cut = parts.groupby("quarter")["cut"].sum() // 2
    cut = cut[cut > 0]
    if not len(cut):
        return []
    cut = cut.sort_values(ascending=False, kind="stable")
    each = [f"{names[q]} ({count(int(n), 'household')})" for q, n in cut.items()]
    one = len(cut) == 1
    lead = f"{len(cut):,} of {count(len(names), 'compound')} {'is' if one else 'are'} cut"
    off = count(int(cut.sum()), "household")
    told = [
        _note(
            "compound-cut",
            f"{lead}, {off} away from the rest of their own: {some(each)}",
            "",
            [names[q] for q in cut.index],
        )
    ]
    must = _too_large(plan, set(cut.index.tolist()))
    if must:
        one = len(must) == 1
        told.append(
            _note(
                "compound-over-limit",
                f"{count(len(must), 'compound')} {'is' if one else 'are'} more than a grid may "
                f"hold, so that every plan cuts {'it' if one else 'them'}: "
                f"{some([f'{names[q]} with {said}' for q, said in must.items()])}",
                "",
                [names[q] for q in must],
            )
        )
    rest = [names[q] for q in cut.index if q not in must]
    if rest:
        them = "it" if len(rest) == 1 else "them"
        why = f"to keep {them} whole would put more grids out of band, or cost more by the weights"
        if not _proved(plan):
            why = f"no plan that keeps {them} whole and the bands as well was found"
        said = f"{some(rest)} would fit in a grid, but {why}"
        told.append(_note("compound-not-whole", said, "", rest))
    return told


def _proved(plan: Plan) -> bool:
    """Whether it is proved that no plan does better."""
    settled = all(result.violation <= result.violation_bound for result in plan.results)
    return settled and plan.gap is not None and plan.gap <= _PROVED_SHARE


def _too_large(plan: Plan, quarters: set[int]) -> dict[int, str]:
    """Return of those compounds that no grid may hold how much they have, by number."""
    quarter = quarters_of(plan.buildings, plan.aim.compounds)
    book = plan.book
    kinds = kinds_of(plan.buildings, "" if book is None else book.kind_column)
    out: dict[int, str] = {}
    for q in sorted(quarters):
        rows = quarter == q
        fits, totals = [], []
        places = set(zip(plan.buildings.communities[rows], kinds[rows], strict=True))
        for community, kind in sorted(places):
            own = rows & (plan.buildings.communities == community) & (kinds == kind)
            limits = plan.limits_of(community, kind)
            households = int(plan.buildings.households[own].sum())
            people = int(plan.buildings.population[own].sum())
            over = []
            if limits is not None and households > limits.households.high:
                over.append(f"{count(households, 'household')}, {limits.households.high:,} at most")
            if limits is not None and people > limits.population.high:
                over.append(f"{count(people, 'person')}, {limits.population.high:,} at most")
            fits.append(not over)
            totals += over
        if not all(fits):
            out[q] = "; ".join(totals)
    return out


def _note(code: str, message: str, fix: str, offenders: list[str]) -> Finding:
    return Finding(code, Severity.NOTE, message, fix, len(offenders), offenders[0])
