"""What is known of a plan as facts for machines: the exit status and the JSON report."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .scorecard import TERM_COLUMNS, term_figures

if TYPE_CHECKING:
    import pandas as pd

    from .model import CommunityResult, Plan

ALL_IN_BAND, UNSOUND, BAD_INPUT, NO_PLAN_CAN, NOT_SETTLED = 0, 1, 2, 3, 4
_GRID_FACTS = (
    "grid_id", "community", "buildings", "households", "population", "span_m", "in_band", "reasons",
)  # fmt: skip


def exit_status(plan: Plan) -> int:
    """Return 0 where every grid is in band, 3 where it is proved that no plan can, else 4."""
    if all(result.violation == 0 for result in plan.results):
        return ALL_IN_BAND
    if any(result.violation > result.violation_bound for result in plan.results):
        return NOT_SETTLED
    return NO_PLAN_CAN


def plan_facts(plan: Plan, table: pd.DataFrame, *, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a plan in plain types, ready for JSON.

    ``table``: one row a grid, of ``Scorecard.table``; ``columns``: the column of the input by
    role. Objectives and bounds are those of ``Objective`` (by default in 10^6 household m2),
    None where they are not known; terms are without their weights, see ``term_figures``.
    """
    shown = (*_GRID_FACTS, *(name for name in ("kind", *TERM_COLUMNS) if name in table))
    limits = plan.limits
    facts = {
        "status": plan.status.value,
        "exit_status": exit_status(plan),
        "objective": plan.objective,
        "aim": plan.aim.as_dict(),
        "terms": term_figures(table, plan.aim),
        "bound": plan.bound,
        "gap": plan.gap,
        **_moved_facts(plan.results, int(plan.buildings.households.sum())),
        "grids": len(table),
        "in_band": int(table["in_band"].sum()),
        "seconds": round(sum(result.seconds for result in plan.results), 3),
        "seed": plan.seed,
        "limits": {
            "households": [limits.households.low, limits.households.high],
            "population": [limits.population.low, limits.population.high],
            "max_span_m": limits.max_span_m,
        },
        **({} if plan.book is None else {"limits_by": plan.book.as_dict()}),
        "communities": [_community_facts(result, plan, table) for result in plan.results],
        "findings": [finding.as_dict() for finding in plan.findings],
        "grids_table": [{name: row[name] for name in shown} for row in table.to_dict("records")],
        "columns": dict(columns),
        "input_hash": plan.input_hash,
        "versions": dict(plan.versions),
    }
    return {name: in_plain_types(value) for name, value in facts.items()}


def write_report(facts: Mapping[str, Any], path: Path) -> Path:
    """Write facts as JSON (UTF-8) beside ``path``, then rename: it is whole or not there."""
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def in_plain_types(value: Any) -> Any:
    """Return a value of NumPy, pandas or Python as JSON has it; NaN and infinity are null."""
    if isinstance(value, Mapping):
        return {str(name): in_plain_types(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [in_plain_types(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def _moved_facts(results: Sequence[CommunityResult], households: int) -> dict[str, Any]:
    """Return of a redraw the households that change owner, else nothing."""
    known = [r for r in results if r.moved is not None]
    if not known:
        return {}
    moved = sum(result.moved or 0 for result in known)
    return {
        "moved": moved,
        "moved_bound": sum(result.moved_bound or 0 for result in known),
        "moved_share": moved / households if households else 0.0,
    }


def _community_facts(result: CommunityResult, plan: Plan, table: pd.DataFrame) -> dict[str, Any]:
    mine = table[table["community"] == result.community]
    return {
        "community": result.community,
        "status": result.status.value,
        "objective": result.objective,
        "terms": term_figures(mine, plan.aim),
        "bound": result.bound,
        "gap": result.gap,
        "violation": result.violation,
        "violation_bound": result.violation_bound,
        **_moved_facts([result], int(mine["households"].sum())),
        "max_span_m": result.max_span_m,
        "seconds": round(result.seconds, 3),
        "grids": len(mine),
        "in_band": int(mine["in_band"].sum()),
        "covers": result.covers,
        "stopped": result.stopped,
    }
