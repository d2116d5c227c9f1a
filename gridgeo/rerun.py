"""A plan made again from its own layers and recipe, and whether it is the same plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .errors import Finding, InputError, Severity
from .intake.telling import error, warning
from .keeping import Lock
from .lineage import plan_digest
from .model import Community, Plan
from .old_grids import OldGrids, wholes_of
from .partition import DEFAULT_TIME_LIMIT_S, partition
from .record import CodeEntry, Record, Version
from .redraw import redraw
from .solving import Watch
from .wording import count, some

Array = np.ndarray[Any, Any]

# The steps that say which building is in which grid; the others name, staff and accept grids.
DRAWING = ("partition", "redraw", "import")
# What stands in the claim of a plan that kept compounds whole, see ``gridgeo.solving``.
_KEPT_WHOLE = "kept whole as asked"
_LIMIT = "time_limit_s"


@dataclass(frozen=True, eq=False)
class Rerun:
    """What came of running a plan again.

    ``step``: the number of the version that was run again, from 1; 0 where the plan is of before
    there was a history. ``same``: whether every building is in the grid it was in then, under its
    id. ``plan``: where it is the same, the plan as it is today, its results those of the run; else
    what came of the run, its history up to there. ``elsewhere``: how many buildings are in another
    grid than now. ``told``: what may have made it another plan.
    """

    plan: Plan
    step: int
    digest: str
    same: bool
    elsewhere: int
    told: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what came of it in plain types, ready for JSON."""
        return {
            "same": self.same,
            "step": self.step,
            "digest": self.digest,
            "buildings_elsewhere": self.elsewhere,
            "told": [finding.as_dict() for finding in self.told],
        }


def rerun(plan: Plan, *, time_limit_s: float | None = None, watch: Watch | None = None) -> Rerun:
    """Draw the grids of a plan again, from its buildings, territory, limits, aim and recipe.

    Nothing else is read: the territory is the plan's own, with all edges by hand. The time limit
    is that of the recipe unless one is given. It gives the same plan unless the time limit
    struck, then or now, or other versions of the programs are at work; ``told`` says so.

    Raises:
        InputError: how the plan was drawn is not known, or cannot be run again from the plan alone.
    """
    versions = plan.record.versions
    at = max((k for k, v in enumerate(versions) if v.action in DRAWING), default=None)
    made = None if at is None else versions[at]
    _refuse_unknown(plan, made)
    recipe: Mapping[str, Any] = {} if made is None else made.recipe
    usual_s = DEFAULT_TIME_LIMIT_S if made is None else recipe.get(_LIMIT)
    limit_s = usual_s if time_limit_s is None else time_limit_s
    if made is not None and made.action == "redraw":
        again = _redraw_again(plan, made, Record(versions[:at]), limit_s, watch or Watch())
    else:
        again = _partition_again(plan, recipe, limit_s, watch or Watch())
    day = "" if made is None else made.made
    said = None if made is None else made.digest
    digest = plan_digest(again)
    # without a history only the plan as it stands can be compared
    same = digest == (plan_digest(plan) if said is None else said)
    then = None if at is None else versions[:at]
    out, elsewhere = _as_today(plan, again) if same else (None, _elsewhere(plan, again))
    if out is None:
        record = Record((*(then or ()), replace(again.record.versions[-1], made=day)))
        out = replace(again, record=record)
    told = _told(plan, again, same=same and elsewhere == 0)
    return Rerun(out, 0 if at is None else at + 1, digest, same and elsewhere == 0, elsewhere, told)


def _partition_again(
    plan: Plan, recipe: Mapping[str, Any], limit_s: float | None, watch: Watch
) -> Plan:
    town = Community(
        plan.buildings, barriers=plan.barriers, input_hash=plan.input_hash, sources=plan.sources
    )
    whole = recipe.get("whole")
    return partition(
        town,
        plan.book or plan.limits,
        objective=plan.aim,
        territory=plan.territory,
        whole=None if whole is None else _column(plan, str(whole)),
        time_limit_s=limit_s,
        seed=plan.seed,
        watch=watch,
        solver=str(recipe.get("solver") or plan.versions.get("solver") or "auto"),
        start=_start(plan, recipe.get("start_grids")),
    )


def _redraw_again(
    plan: Plan, made: Version, earlier: Record, limit_s: float | None, watch: Watch
) -> Plan:
    """Redraw the plan from the old grids that its buildings were in, and the ids given before."""
    recipe = made.recipe
    assert plan.was is not None  # else it was refused
    table = plan.buildings.table
    codes = tuple(CodeEntry(code, home, ended="0") for code, home in recipe["retired"].items())
    old = OldGrids(
        name="the old plan",
        ids=plan.buildings.ids,
        grid_ids=plan.was,
        names=plan.buildings.ids,
        homes=recipe["old_grids"],
        record=replace(earlier, codes=codes),
        wholes=wholes_of(table),
    )
    whole = recipe.get("whole")
    return redraw(
        old,
        Community(plan.buildings, barriers=plan.barriers, input_hash=plan.input_hash,
                  sources=plan.sources),
        plan.book or plan.limits,
        objective=plan.aim,
        territory=plan.territory,
        whole=None if whole is None else _column(plan, str(whole)),
        locks=[Lock(k["lock"], k["a"], k["b"], k["reason"]) for k in recipe["locks"]],
        max_moved=recipe["max_moved"],
        time_limit_s=limit_s,
        seed=plan.seed,
        watch=watch,
        solver=str(recipe.get("solver") or plan.versions.get("solver") or "auto"),
        made=made.made,
        reason=made.reason,
    )  # fmt: skip


def _refuse_unknown(plan: Plan, made: Version | None) -> None:
    """Raise where the plan alone does not tell how it was drawn."""
    if made is None:
        if any(_KEPT_WHOLE in result.covers for result in plan.results):
            message = (
                "the plan is of before plans kept a history, and was drawn with compounds kept "
                "whole: nobody knows by which column"
            )
            fix = "divide the buildings again with gridgeo partition"
            raise InputError([error("recipe-unknown", message, fix)])
        return
    if made.action == "redraw":
        _refuse_redraw(plan, made.recipe)
        return
    if made.action != "partition":
        message = f"the grids come from {made.action!r}, which the plan alone cannot run again"
        fix = "only what was drawn can be run again"
        raise InputError([error("recipe-not-partition", message, fix, first=made.action)])
    recipe = made.recipe
    start = recipe.get("start_grids")
    odd = [
        name
        for name, right in (
            ("whole", recipe.get("whole") is None or isinstance(recipe["whole"], str)),
            (_LIMIT, recipe.get(_LIMIT) is None or isinstance(recipe[_LIMIT], int | float)),
            ("start", not recipe.get("start") or start is not None),
            ("start_grids", start is None or _is_start(start, len(plan.buildings))),
        )
        if not right
    ]
    if odd:
        message = f"the recipe of the plan's history does not tell {some(odd)} as it should"
        fix = "divide the buildings again with gridgeo partition"
        raise InputError([error("recipe-unreadable", message, fix, first=odd[0])])


def _refuse_redraw(plan: Plan, recipe: Mapping[str, Any]) -> None:
    """Raise where the plan does not tell what it was redrawn from, or how."""
    most, locks = recipe.get("max_moved"), recipe.get("locks")
    words = ("lock", "a", "b", "reason")
    right = {
        "was_grid_id": plan.was is not None,
        "old_grids": isinstance(recipe.get("old_grids"), dict),
        "retired": isinstance(recipe.get("retired"), dict),
        "max_moved": most is None or isinstance(most, int | float),
        "locks": isinstance(locks, list)
        and all(isinstance(k, dict) and set(words) <= set(k) for k in locks),
        "whole": recipe.get("whole") is None or isinstance(recipe["whole"], str),
    }
    odd = [name for name, is_right in right.items() if not is_right]
    if odd:
        message = f"the plan does not tell {some(odd)} of how it was redrawn as it should"
        fix = "redraw the old plan again with gridgeo redraw"
        raise InputError([error("recipe-unreadable", message, fix, first=odd[0])])


def _is_start(start: Any, n: int) -> bool:
    return (
        isinstance(start, list) and len(start) == n and all(type(label) is int for label in start)
    )


def _start(plan: Plan, labels: list[int] | None) -> Plan | None:
    """Return the plan that was started from: its grids by number, the buildings it had."""
    if labels is None:
        return None
    there = np.array(labels, np.int64) >= 0
    width = len(str(max(labels)))
    # numbers of one width keep their order as text
    ids = np.array([f"{label:0{width}d}" for label in labels], dtype=object)
    table = plan.buildings.table[there].reset_index(drop=True)
    return replace(plan, buildings=replace(plan.buildings, table=table), grid_ids=ids[there])


def _column(plan: Plan, name: str) -> str:
    """Return the column that the file may call by another name, see ``settled_names``."""
    table = plan.buildings.table
    names = [name]
    while names[-1] not in table and len(names) < 4:
        names.append(f"{names[-1]}_source")
    return names[-1] if names[-1] in table else name


def _grouping(plan: Plan) -> Array:
    """Return the grid of every building as the row of its first building, int64 (n,)."""
    _, first, of = np.unique(plan.grid_ids.astype(str), return_index=True, return_inverse=True)
    return np.asarray(first[of.ravel()])


def _elsewhere(plan: Plan, again: Plan) -> int:
    return int(np.count_nonzero(_grouping(plan) != _grouping(again)))


def _as_today(plan: Plan, again: Plan) -> tuple[Plan | None, int]:
    """Return the plan of today with what the run found; None where its grids are others by now."""
    elsewhere = _elsewhere(plan, again)
    if elsewhere:
        return None, elsewhere
    name = dict(zip(again.grid_ids.tolist(), plan.grid_ids.tolist(), strict=True))
    return replace(
        plan,
        results=again.results,
        reasons={name[grid]: said for grid, said in again.reasons.items()},
        versions=again.versions,
    ), 0


def _told(plan: Plan, again: Plan, *, same: bool) -> tuple[Finding, ...]:
    """Return what may have made it another plan, and whether the file was changed by hand."""
    out = []
    versions = plan.record.versions
    if versions and versions[-1].digest != plan_digest(plan):
        said = "the plan is not what its newest version led to: it was changed since"
        fix = "look at gridgeo evaluate"
        out.append(warning("plan-changed", said, fix))
    for code, who, of in (
        ("clock-then", "the first run was", plan),
        ("clock-now", "this run was", again),
    ):
        cut = [result.community for result in of.results if result.stopped]
        if cut:
            said = f"{who} cut by the clock in {some(cut)}, so that the two may differ"
            out.append(warning(code, said, "give more time: --time-limit", first=cut[0]))
    odd = sorted(
        name
        for name in {*plan.versions, *again.versions}
        if plan.versions.get(name) != again.versions.get(name)
    )
    if odd:
        pairs = [
            f"{name} {plan.versions.get(name, 'none')} then, {again.versions.get(name, 'none')} now"
            for name in odd
        ]
        out.append(warning("programs-differ", f"other programs are at work: {some(pairs)}", ""))
    if not same and not out:
        said = "nothing the plan tells explains it; please report this"
        out.append(Finding("rerun-unexplained", Severity.WARNING, said))
    if not same and not versions:
        said = f"the plan keeps no recipe: {count(len(plan.results), 'community')} was taken to be"
        out.append(warning("recipe-missing", f"{said} drawn with the usual options", ""))
    return tuple(out)
