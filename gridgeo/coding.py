"""Codes of a scheme for the grids of a plan: given once, kept, and told in its ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .errors import Finding, Findings, InputError
from .intake.telling import Rows, error, listed
from .lineage import Issued, Regrouping, carry_on, with_version, words_faults
from .model import Plan
from .prefixes import Prefixes, settle_prefixes
from .record import CodeEntry, Version
from .schemes import Scheme, known_schemes, scheme_named

# An id that partition gave: nothing else in a text looks like it by chance.
_PLAIN_ID = re.compile(r".+-\d{3,}", re.DOTALL)


def code_plan(  # noqa: PLR0913  # the public door: each one a word of the planner's
    plan: Plan,
    scheme: Scheme | str,
    prefixes: Prefixes | Mapping[str, str],
    *,
    day: str,
    person: str = "",
    reason: str = "",
    afresh: bool = False,
) -> Plan:
    """Return the plan with codes of a scheme as the ids of its grids.

    The grids of a community are numbered in reading order (``gridgeo.codes.reading_order``), so
    that the order of rows does not matter, after the highest number ever issued. A grid that bears
    a code keeps it; ``afresh`` retires every code and gives new ones, none of which was ever given
    out. Codes stand wherever the ids stood, but for ``Plan.was``; the ledger tells which id each
    code replaces. A plan whose grids all bear codes of this scheme and prefix comes back as it is.

    Args:
        plan: what to code; it may be of before there was a record.
        scheme: one of ``known_schemes()``, by its name or itself, or of ``read_schemes``.
        prefixes: by community, digits; a community that the plan's newest coding by this scheme
            gave one need not be named again.
        day: in ISO's form, when old ids end and codes start.
        person: who does it.
        reason: why; it must be said for ``afresh``.
        afresh: whether to retire the codes there are.

    Raises:
        InputError: no such scheme; every fault of the prefixes; grids bear other codes, and
            ``afresh`` was not asked for; the numbers of a community do not do.
    """
    asked = prefixes if isinstance(prefixes, Prefixes) else Prefixes(prefixes)
    found = words_faults({"reason": reason, "person": person})
    if afresh and not reason.strip():
        message = "all codes are to be retired, and no reason is given"
        found.append(error("reason-missing", message, "say why with --reason"))
    if found:
        raise InputError(found)
    scheme = scheme_named(scheme, known_schemes()) if isinstance(scheme, str) else scheme
    names = sorted(set(plan.buildings.communities.tolist()))
    known = _known_prefixes(plan, scheme, asked)
    values = settle_prefixes(scheme, known, names)
    numbering = {name: scheme.numbering(values[name]) for name in names}
    issued = Issued.of_plan(plan)
    before = issued.numbering
    ledger = issued.full_ledger()
    bears = {grid: numbering[of].number_of(grid) is not None for grid, of in issued.living.items()}
    if not afresh:
        _refuse_others(ledger, bears, scheme)
    ids, labels = np.unique(plan.grid_ids.astype(str), return_inverse=True)
    drawn = Regrouping(
        labels=labels.ravel(),
        was=plan.grid_ids,
        carries=[grid if bears[grid] and not afresh else "" for grid in ids.tolist()],
        communities=plan.buildings.communities,
        households=plan.buildings.households,
        cells=plan.territory.cells,
    )
    said = reason or f"coded by {scheme.name}"
    coded = replace(issued, numbering={**issued.numbering, **numbering})
    grid_ids, codes = carry_on(coded, drawn, day=day, reason=said)
    new_of = dict(zip(plan.grid_ids.tolist(), grid_ids.tolist(), strict=True))
    given = {old: new for old, new in sorted(new_of.items()) if old != new}
    if not given and all(before.get(name) == numbering[name] for name in names):
        return plan
    codes = tuple(_of_scheme(entry, bears, scheme) for entry in codes)
    recipe = {
        "scheme": scheme.as_dict(),
        "prefixes": {name: "-".join(values[name]) for name in names},
        "afresh": afresh,
        "numbering": {name: numbering[name].as_dict() for name in names},
        "codes": given,
        "changed": {"grids coded": len(given), "grids kept": len(ids) - len(given)},
    }
    version = Version("code", "", day, person, reason, json.loads(json.dumps(recipe)))
    return with_version(_renamed(plan, grid_ids, new_of, codes), version)


def _known_prefixes(plan: Plan, scheme: Scheme, said: Prefixes) -> Prefixes:
    """Return what was said of the prefixes, and of other communities what is known of them."""
    if said.whole or said.parts:
        return said
    there = set(plan.buildings.communities.tolist())
    known: dict[str, str] = {}
    for version in plan.record.versions:
        by = version.recipe.get("scheme")
        if version.action == "code" and isinstance(by, dict) and by.get("name") == scheme.name:
            known |= {str(k): str(v) for k, v in version.recipe.get("prefixes", {}).items()}
    return replace(said, of={**{k: v for k, v in known.items() if k in there}, **said.of})


def _refuse_others(
    ledger: Mapping[str, CodeEntry], bears: Mapping[str, bool], scheme: Scheme
) -> None:
    """Raise where grids bear codes that this numbering would not give."""
    odd = [grid for grid in sorted(bears) if not bears[grid] and ledger[grid].scheme]
    if not odd:
        return
    rows = Rows(np.array(odd, dtype=object), "grid", "grids")
    schemes = listed(sorted({ledger[grid].scheme for grid in odd}))
    rest = f"of {schemes} that {scheme.name} with this prefix does not give"
    what = (f"bears a code {rest}", f"bear codes {rest}")
    fix = (
        "leave them as they are, or retire every code of the plan and give new ones: "
        "--afresh --reason TEXT"
    )
    raise InputError([rows.fault("codes-of-others", np.ones(len(odd), bool), what, fix)])


def _of_scheme(entry: CodeEntry, bears: Mapping[str, bool], scheme: Scheme) -> CodeEntry:
    """Return the entry of a code that was brought along as one of the scheme it is of."""
    return replace(entry, scheme=scheme.name) if bears.get(entry.code) else entry


def _renamed(
    plan: Plan, grid_ids: np.ndarray[Any, Any], new_of: Mapping[str, str],
    codes: Sequence[CodeEntry],
) -> Plan:  # fmt: skip
    """Return the plan with other ids of its grids, wherever they stand."""
    record = replace(
        plan.record,
        codes=tuple(codes),
        waivers=tuple(
            replace(waiver, grid_id=new_of.get(waiver.grid_id, waiver.grid_id))
            for waiver in plan.record.waivers
        ),
        staff=tuple(
            replace(staff, grid_id=new_of.get(staff.grid_id, staff.grid_id))
            for staff in plan.record.staff
        ),
    )
    return replace(
        plan,
        grid_ids=grid_ids,
        reasons={new_of.get(grid, grid): said for grid, said in plan.reasons.items()},
        findings=_retold(plan, new_of),
        record=record,
    )


def _retold(plan: Plan, new_of: Mapping[str, str]) -> Findings:
    """Return the findings with new ids for old, but those that a text may hold by chance."""
    buildings = set(plan.buildings.ids.tolist())
    sure = {
        old: new
        for old, new in new_of.items()
        if old != new and _PLAIN_ID.fullmatch(old) and old not in buildings
    }
    if not sure:
        return plan.findings
    longest_first = sorted(sure, key=lambda old: (-len(old), old))
    any_of = "|".join(re.escape(old) for old in longest_first)
    pattern = re.compile(rf"(?<![\w-])(?:{any_of})(?![\w-])")

    def told(text: str) -> str:
        return pattern.sub(lambda found: sure[found[0]], text)

    def retold(finding: Finding) -> Finding:
        first = sure.get(finding.first, finding.first)
        return replace(finding, message=told(finding.message), fix=told(finding.fix), first=first)

    return Findings(tuple(retold(finding) for finding in plan.findings))
