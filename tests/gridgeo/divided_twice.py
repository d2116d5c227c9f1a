"""Twelve houses divided in other ways, and owners for their grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from small_plans import block_plan

from gridgeo.model import Buildings, Plan
from gridgeo.record import Record, Staff


def divided(letters: str, households: Sequence[int] | None = None) -> Plan:
    """Return the twelve houses of ``block_plan``, house k in the grid of letter k.

    B08 B09 B10 B11      north
    B04 B05 B06 B07
    B00 B01 B02 B03      south
    """
    plan = block_plan()
    table = plan.buildings.table.copy()
    if households is not None:
        table["households"] = np.array(households, np.int64)
        table["population"] = 3 * table["households"]
    grids = np.array([f"G-{letter}" for letter in letters], dtype=object)
    return replace(plan, buildings=Buildings(table), grid_ids=grids)


def owned(plan: Plan, names: Mapping[str, str], ids: Mapping[str, str] | None = None) -> Plan:
    """Return the plan with an owner for each grid named, by id where one is given."""
    ids = ids or {}
    staff = tuple(Staff(grid, name, ids.get(grid, "")) for grid, name in sorted(names.items()))
    return replace(plan, record=Record(staff=staff))


def without(plan: Plan, lost: set[str]) -> Plan:
    """Return the plan without some buildings; their ground goes with them."""
    held = np.array([name not in lost for name in plan.buildings.ids])
    row = np.cumsum(held) - 1
    edges = plan.territory.edges
    kept = held[edges].all(axis=1)
    territory = replace(
        plan.territory,
        cells=plan.territory.cells[held],
        edges=row[edges[kept]],
        border_m=plan.territory.border_m[kept],
        barrier=plan.territory.barrier[kept],
    )
    table = plan.buildings.table[held].reset_index(drop=True)
    return replace(
        plan, buildings=Buildings(table), territory=territory, grid_ids=plan.grid_ids[held]
    )


def renamed(plan: Plan, ids: Mapping[str, str]) -> Plan:
    """Return the plan with other building ids, rows sorted by them."""
    table = plan.buildings.table.copy()
    table["building_id"] = pd.array(
        [ids.get(name, name) for name in table["building_id"]], dtype="str"
    )
    order = np.argsort(table["building_id"].to_numpy(str), kind="stable")
    back = np.argsort(order)
    edges = np.sort(back[plan.territory.edges], axis=1)
    by_pair = np.lexsort((edges[:, 1], edges[:, 0]))
    territory = replace(
        plan.territory,
        cells=plan.territory.cells[order],
        edges=edges[by_pair],
        border_m=plan.territory.border_m[by_pair],
        barrier=plan.territory.barrier[by_pair],
    )
    return replace(
        plan,
        buildings=Buildings(table.iloc[order].reset_index(drop=True)),
        territory=territory,
        grid_ids=plan.grid_ids[order],
    )
