"""Why a grid is out of band, in a planner's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .model import Band, Buildings, Limits


@dataclass(frozen=True)
class GridFacts:
    """What is known of one grid: its building rows, and whether it is a cut-off piece by itself.

    ``alone_m``: metres to the nearest building of the community outside the piece, None where
    the grid is not a whole piece. ``proved``: no plan of the community violates the bands less.
    """

    rows: Sequence[int]
    alone_m: float | None
    proved: bool


def explain(buildings: Buildings, limits: Limits, facts: GridFacts) -> str:
    """Return the reasons as sentences, "" where the grid is within both bands."""
    rows = np.asarray(facts.rows)
    households = int(buildings.households[rows].sum())
    population = int(buildings.population[rows].sum())
    broken = [
        *_broken("household", "households", households, limits.households),
        *_broken("person", "people", population, limits.population),
    ]
    if not broken:
        return ""
    said = [f"{' and '.join(broken)}"]
    if len(rows) == 1 and _over(households, population, limits):
        said.append(
            f"building {buildings.ids[rows[0]]} is larger than a grid may be and stands alone"
        )
    elif facts.alone_m is not None:
        said.append(
            f"its {_count(len(rows), 'building is', 'buildings are')} cut off: the next building "
            f"of the community is {facts.alone_m:,.0f} m away and shares no border"
            if np.isfinite(facts.alone_m)
            else f"the community has only {_count(len(rows), 'building', 'buildings')}"
        )
    else:
        said += _ratio(households, population, limits)
    said.append(
        "proved: no division of the community violates the bands less"
        if facts.proved
        else "not proved: a longer run may find a division that does better"
    )
    return "; ".join(said)


def distance_outside(buildings: Buildings, rows: np.ndarray, others: np.ndarray) -> float:
    """Return metres from the buildings ``rows`` to the nearest of ``others``, inf for none."""
    if not len(others):
        return float("inf")
    shapes = np.asarray(buildings.table.geometry.values, dtype=object)
    tree = shapely.STRtree(shapes[others])
    _, far_m = tree.query_nearest(shapes[rows], return_distance=True, all_matches=False)
    return float(far_m.min())


def _broken(one: str, many: str, value: int, band: Band) -> list[str]:
    noun = one if value == 1 else many
    if value < band.low:
        return [f"{value:,} {noun}, {band.low - value:,} under {band.low:,}"]
    if value > band.high:
        return [f"{value:,} {noun}, {value - band.high:,} over {band.high:,}"]
    return []


def _over(households: int, population: int, limits: Limits) -> bool:
    return households > limits.households.high or population > limits.population.high


def _ratio(households: int, population: int, limits: Limits) -> list[str]:
    """Tell where people per household alone rule the bands out."""
    if households == 0:
        return ["nobody lives here"] if population == 0 else []
    ratio = population / households
    least = limits.population.low / max(limits.households.high, 1)
    most = limits.population.high / max(limits.households.low, 1)
    if least <= ratio <= most:
        return []
    return [
        f"{ratio:.2f} people a household, where both bands together need {least:.2f} to {most:.2f}"
    ]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
