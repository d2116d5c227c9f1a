"""An objective against the buildings of a town: what is wrong with it, its target, its arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, InputError
from .ground import Territory
from .intake.columns import asked_column
from .intake.telling import Rows, error, listed, warning
from .model import Buildings, Community, Limits, Objective
from .workload import Workload, column_names, settled, workload_of

Array = np.ndarray[Any, Any]

_DIGITS = 4  # of a target that was chosen, not given


@dataclass(frozen=True, eq=False)
class Aim:
    """An objective settled for a town, and what it asks of every building.

    ``objective``: target and columns settled. ``workload``: of every building, None where it
    has no weight. ``quarter``: int64 (n,), the compound of every building, -1 for none; None
    where compounds have no weight. ``findings``: what should be told.
    """

    objective: Objective
    workload: Workload | None
    quarter: Array | None
    findings: tuple[Finding, ...]


def settle(town: Community, limits: Limits, objective: Objective) -> Aim:
    """Find the columns of an objective and choose its target where it names none.

    The target is the middle of the band of households; for another workload, what comes with
    so many households on average in the whole town, to four digits.

    Raises:
        InputError: every fault of the objective.
    """
    buildings = town.buildings
    told: list[Finding] = []
    faults: list[Finding] = []
    load = None
    try:
        if objective.shows_workload:
            text = settled(objective.workload, buildings, town.columns)
            objective = replace(objective, workload=text)
            load, found = workload_of(buildings, text)
            told += found
    except InputError as fault:
        faults += fault.findings
    try:
        objective = replace(objective, compounds=_compounds_column(buildings, objective))
    except InputError as fault:
        faults += fault.findings
    if faults:
        raise InputError(faults)
    if objective.target is None:
        objective = replace(objective, target=_usual_target(buildings, limits, load))
    if objective.quarter is None:
        weight = _usual_weight(buildings) if objective.compounds else 0.0
        objective = replace(objective, quarter=weight)
    return Aim(
        objective=objective,
        workload=load if objective.balance > 0 else None,
        quarter=quarters_of(buildings, objective.compounds) if objective.quarter else None,
        findings=(*told, *_idle(objective)),
    )


def weights_and_bands(
    buildings: Buildings, limits: Limits, aim: Aim
) -> tuple[Array, Array, tuple[float, ...], tuple[float, ...]]:
    """Return weights and bands of all buildings, and what is balanced about which target.

    A workload that is neither households nor people is a third weight under an open band. It
    is counted in whole parts of a unit: the target in as many parts, the term by their square.
    """
    weights = [buildings.households, buildings.population]
    bands = [[band.low, band.high] for band in (limits.households, limits.population)]
    load, objective = aim.workload, aim.objective
    if load is None:
        return np.column_stack(weights), np.array(bands, np.int64), (), ()
    same = [k for k, weight in enumerate(weights) if (load.parts == weight * load.scale).all()]
    scale = 1 if same else load.scale
    if not same:
        weights.append(load.parts)
        bands.append([0, int(load.parts.sum())])
    at = same[0] if same else 2
    balance, target = np.zeros(len(weights)), np.zeros(len(weights))
    balance[at] = objective.balance / scale**2
    target[at] = (objective.target or 0.0) * scale
    return (
        np.column_stack(weights), np.array(bands, np.int64),
        tuple(balance.tolist()), tuple(target.tolist()),
    )  # fmt: skip


def objective_faults(town: Community, objective: Objective) -> tuple[Finding, ...]:
    """Return what ``settle`` would refuse."""
    try:
        settle(town, Limits(), objective)
    except InputError as fault:
        return fault.findings
    return ()


def quarters_of(buildings: Buildings, column: str) -> Array:
    """Number the compounds by name: int64 (n,), -1 for a building in none."""
    names = _said(buildings, column)
    quarter = np.full(len(names), -1, np.int64)
    named = names != ""
    quarter[named] = np.unique(names[named], return_inverse=True)[1]
    return quarter


def compound_names(buildings: Buildings, column: str) -> list[str]:
    """Return the compounds by name, in the order of their numbers in ``quarters_of``."""
    return sorted(set(_said(buildings, column).tolist()) - {""})


def open_border_m(territory: Territory, border_m: Array) -> Array:
    """Return the metres of every contact that the border term counts: none along a line."""
    return np.where(territory.barrier == "", border_m, 0.0)


def units_across(buildings: Buildings, units: Array, column: str) -> list[Finding]:
    """Tell the units kept whole that lie in more than one compound: they contradict it.

    ``units``: the unit of every building, "" for none.
    """
    names = _said(buildings, column)
    kinds = pd.Series(names).groupby(units).nunique()
    across = sorted(str(unit) for unit in kinds.index[kinds > 1] if unit != "")
    if not across:
        return []
    rows = Rows(np.array(across, dtype=object), "unit", "units", "--whole: ")
    what = (f"is only partly in one compound of {column!r}",
            f"are only partly in one compound of {column!r}")  # fmt: skip
    fix = "name the same column for both, or leave one of them out"
    return [rows.fault("units-across-compounds", np.ones(len(across), bool), what, fix)]


def _said(buildings: Buildings, column: str) -> Array:
    values = buildings.table[column]
    said = ["" if pd.isna(value) else str(value).strip() for value in values.astype(object)]
    return np.array(said, dtype=object)


def _compounds_column(buildings: Buildings, objective: Objective) -> str:
    names = column_names(buildings)
    if not objective.compounds:
        if not objective.quarter:
            return ""
        message = "--weights quarter needs the column that names the compounds"
        fix = "name it with --quarter COLUMN"
        raise InputError([error("quarter-column-needed", message, fix)])
    found = asked_column(objective.compounds, names)
    if found is None:
        message = (
            f"--quarter {objective.compounds}: the buildings have no such column; columns there "
            f"are: {listed(names)}"
        )
        fix = "name one of them with --quarter"
        fault = error("quarter-column-missing", message, fix, first=objective.compounds)
        raise InputError([fault])
    if not (_said(buildings, found) != "").any():
        message = f"--quarter {found}: names no compound, it is empty in every building"
        raise InputError([error("quarter-column-empty", message, "fill it", first=found)])
    return found


def _usual_target(buildings: Buildings, limits: Limits, load: Workload | None) -> float:
    middle = (limits.households.low + limits.households.high) / 2
    if load is None or (load.parts == load.scale * buildings.households).all():
        return middle
    total = int(load.parts.sum()) / load.scale
    households = int(buildings.households.sum())
    # without households nothing says how many grids there should be: let it be one
    return float(f"{total * middle / households if households else total:.{_DIGITS}g}")


def _usual_weight(buildings: Buildings) -> float:
    """Return a weight of ``quarter`` with which compactness never pays for cutting one off.

    A household that changes grid changes the inertia by no more than the square of the widest
    community, in km2; within a town 1 is enough.
    """
    places = pd.DataFrame(buildings.xy).groupby(buildings.communities)
    wide_m = (places.max() - places.min()).to_numpy()
    return float(max(1.0, np.ceil((wide_m**2).sum(axis=1).max() / 1e6)))


def _idle(objective: Objective) -> list[Finding]:
    """Tell what was named and weighs nothing."""
    usual = Objective()
    told = []
    if objective.balance == 0 and objective.workload != usual.workload:
        told.append(("--workload", "balance", objective.workload))
    if objective.quarter == 0 and objective.compounds:
        told.append(("--quarter", "quarter", objective.compounds))
    return [
        warning(
            f"{term}-without-weight",
            f"{option} {named} is only shown: the term {term} has the weight 0",
            f"to let it count, give it one, as --weights {term}=1",
            first=named,
        )
        for option, term, named in told
    ]
