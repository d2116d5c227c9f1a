"""A plan's history: every step of its life, and where each grid id came from and went to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from .lineage import Issued, plan_digest
from .model import Plan
from .record import CodeEntry, Version
from .wording import count, some

_DIGEST_LETTERS = 12
_DRAWN_ANEW = "redraw"


def history_facts(plan: Plan) -> dict[str, Any]:
    """Return the history of a plan in plain types, ready for JSON.

    ``steps``: from the first to the newest, each with what it changed in numbers. ``as_recorded``:
    whether the plan is what its newest step led to, None where there is none. ``ids``: every grid
    id ever given out, ``living`` where a grid bears it now; ``waivers`` and ``staff`` of now.
    """
    versions, living = plan.record.versions, set(plan.grid_ids.tolist())
    newest = max((k for k, v in enumerate(versions) if v.action == _DRAWN_ANEW), default=-1)
    return {
        "digest": plan_digest(plan),
        "as_recorded": _as_recorded(plan),
        "steps": [
            {
                "step": k + 1,
                **asdict(version),
                "changed": {**(_moved(plan) if k == newest else {}), **_changed(version)},
            }
            for k, version in enumerate(versions)
        ],
        "ids": [{**asdict(entry), "living": entry.code in living} for entry in _ledger(plan)],
        "waivers": [asdict(waiver) for waiver in plan.record.waivers],
        "staff": [asdict(staff) for staff in plan.record.staff],
    }


def history_lines(plan: Plan) -> list[str]:
    """Return the history of a plan as lines: its steps, then every id that was ever given out."""
    facts = history_facts(plan)
    lines = [_step_line(step) for step in facts["steps"]]
    if not lines:
        lines.append("The plan keeps no history: it is of before plans did.")
    if facts["as_recorded"] is False:
        lines.append("The plan is not what its newest step led to: it was changed since.")
    living = {entry["code"] for entry in facts["ids"] if entry["living"]}
    gone = len(facts["ids"]) - len(living)
    lines.append(f"{count(len(facts['ids']), 'id')} given out, {gone:,} of them no longer in use:")
    return [*lines, *(_id_line(entry) for entry in facts["ids"])]


def _as_recorded(plan: Plan) -> bool | None:
    versions = plan.record.versions
    return versions[-1].digest == plan_digest(plan) if versions else None


def _ledger(plan: Plan) -> list[CodeEntry]:
    """Return the ledger, with an entry for each grid that is not in it."""
    known = {entry.code for entry in plan.record.codes}
    issued = Issued.of_plan(plan)
    new = sorted(set(issued.living) - known)
    entries = (CodeEntry(grid, issued.living[grid], started=issued.started) for grid in new)
    return [*plan.record.codes, *entries]


def _changed(version: Version) -> dict[str, int | float]:
    """Return what a step changed in numbers, as its recipe has it."""
    said = version.recipe.get("changed")
    if not isinstance(said, Mapping):
        return {}
    return {
        str(name): number
        for name, number in said.items()
        if isinstance(number, int | float) and not isinstance(number, bool)
    }


def _moved(plan: Plan) -> dict[str, int | float]:
    """Return what the redraw that the plan comes from moved, where the plan tells."""
    moved = [result.moved for result in plan.results]
    out: dict[str, int | float] = {}
    if moved and None not in moved:
        out["households with another owner"] = sum(m for m in moved if m is not None)
    if plan.was is not None:
        out["buildings that are new"] = int(np.count_nonzero(plan.was == ""))
    return out


def _step_line(step: Mapping[str, Any]) -> str:
    who = f" by {step['person']}" if step["person"] else ""
    why = f": {step['reason'].rstrip('.')}" if step["reason"] else ""
    numbers = [f"{name}: {number:,}" for name, number in step["changed"].items()]
    came = f" {', '.join(numbers)}." if numbers else ""
    day = step["made"] or "no day"
    digest = step["digest"][:_DIGEST_LETTERS] or "none"
    return f"{step['step']}. {step['action']}, {day}{who}{why}.{came} Digest {digest}."


def _id_line(entry: Mapping[str, Any]) -> str:
    scheme = f", {entry['scheme']}" if entry["scheme"] else ""
    parts = [f"from {entry['started']}" if entry["started"] else "start not known"]
    if not entry["living"]:
        parts.append(f"ended {entry['ended'] or 'on a day not known'}")
        parts += [entry["reason"].rstrip(".")] if entry["reason"] else []
    if entry["predecessors"]:
        parts.append(f"took over from {some(entry['predecessors'])}")
    if entry["successors"]:
        parts.append(f"gave to {some(entry['successors'])}")
    return f"{entry['code']} ({entry['community'] or 'no community'}{scheme}): {'; '.join(parts)}."
