"""An objective as columns of a plan's table, and these back to an objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from .errors import InputError
from .model import Buildings, Objective
from .workload import column_names, renamed, workload_of

COLUMNS = ("weights", "workload", "target", "compounds")


def objective_columns(objective: Objective, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the value of every one of ``COLUMNS``.

    ``names``: the name in the file of every column of the buildings.
    """
    compounds = objective.compounds
    return {
        "weights": objective.weights_text(),
        "workload": renamed(objective.workload, names),
        "target": objective.target,
        # a column may be named "", which here stands for none
        "compounds": names.get(compounds, compounds) if compounds else "",
    }


def objective_of_row(row: Mapping[str, Any], buildings: Buildings) -> Objective:
    """Return the objective in a row of a plan's table; files of before there was one have none.

    Raises:
        ValueError: some of the columns are missing, or hold what no objective is.
    """
    there = [name for name in COLUMNS if name in row]
    if not there:
        return Objective()
    if len(there) < len(COLUMNS):
        raise ValueError(f"no {', '.join(name for name in COLUMNS if name not in row)}")
    texts = {name: row[name] for name in ("weights", "workload", "compounds")}
    texts = {name: "" if pd.isna(text) else str(text) for name, text in texts.items()}
    target = None if pd.isna(row["target"]) else float(row["target"])
    objective = Objective(
        **dict.fromkeys(Objective().weights, 0.0) | Objective.parse_weights(texts["weights"]),
        workload=texts["workload"],
        target=target,
        compounds=texts["compounds"],
    )
    return _checked(objective, buildings)


def _checked(objective: Objective, buildings: Buildings) -> Objective:
    """Return the objective if the buildings have what it asks for."""
    if objective.balance > 0 and objective.target is None:
        raise ValueError("'target' is empty, and balance has a weight")
    if objective.quarter and not objective.compounds:
        raise ValueError("'compounds' is empty, and quarter has a weight")
    if objective.compounds and objective.compounds not in column_names(buildings):
        raise ValueError(f"'compounds': the buildings have no column {objective.compounds!r}")
    if objective.shows_workload:
        try:
            workload_of(buildings, objective.workload)
        except InputError as fault:
            raise ValueError(f"'workload': {fault}") from fault
    return objective
