"""Why a grid is out of band, in a planner's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .model import Band, Buildings, Limits
from .wording import count, ratio_outside, some


@dataclass(frozen=True)
class GridFacts:
    """What is known of one grid: its building rows, and whether it is a cut-off piece by itself.

    ``alone_m``: metres to the nearest building of the community outside the piece, None where
    the grid is not a whole piece. ``proved``: no plan of the community violates the bands less.
    ``dead``: those of its rows that fit in no grid within the bands. ``without_number``: where no
    number of grids within the bands fits the piece that it lies in, the buildings of that piece.
    ``among``: what was divided, "the community" or those of one kind in it. ``frozen``: whether a
    lock keeps it as it was.
    """

    rows: Sequence[int]
    alone_m: float | None
    proved: bool
    dead: Sequence[int] = ()
    without_number: int = 0
    among: str = "the community"
    frozen: bool = False


def explain(buildings: Buildings, limits: Limits, facts: GridFacts) -> str:
    """Return the reasons as sentences, "" where the grid is within both bands."""
    rows = np.asarray(facts.rows)
    households = int(buildings.households[rows].sum())
    population = int(buildings.population[rows].sum())
    outside = figures_outside(households, population, limits)
    if not outside:
        return ""
    said = [outside]
    alone = len(rows) == 1 and _over(households, population, limits)
    if alone:
        said.append(
            f"building {buildings.ids[rows[0]]} is larger than a grid may be and stands alone"
        )
    elif facts.alone_m is not None:
        own = count(len(rows), "building")
        said.append(
            f"its {own} {'is' if len(rows) == 1 else 'are'} cut off: the next building of "
            f"{facts.among} is {facts.alone_m:,.0f} m away and shares no border"
            if np.isfinite(facts.alone_m)
            else f"{facts.among} has only {own}"
        )
        if _over(households, population, limits):
            said += _numberless(facts)
    else:
        ratio = ratio_outside(households, population, limits)
        said += [ratio] if ratio else []
        said += ["nobody lives here"] if households == population == 0 else []
        said += _dead(buildings, facts) or _numberless(facts)
    said.append(_standing(facts, alone))
    return "; ".join(said)


def figures_outside(households: int, population: int, limits: Limits) -> str:
    """Return by how much a grid is outside of its bands, "" where it is within both."""
    broken = [
        *_broken("household", "households", households, limits.households),
        *_broken("person", "people", population, limits.population),
    ]
    return " and ".join(broken)


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


def _dead(buildings: Buildings, facts: GridFacts) -> list[str]:
    names = [str(buildings.ids[row]) for row in facts.dead]
    if not names:
        return []
    if len(names) == 1:
        return [f"building {names[0]} fits in no grid within both bands"]
    return [f"buildings {some(names)} fit in no grid within both bands"]


def _numberless(facts: GridFacts) -> list[str]:
    if not facts.without_number:
        return []
    number = count(facts.without_number, "building")
    return [f"no number of grids within both bands fits the {number} joined here"]


def _standing(facts: GridFacts, alone: bool) -> str:
    if facts.frozen:
        return "a lock keeps it as it was: no building may enter or leave"
    if facts.proved:
        return f"proved: no division of {facts.among} violates the bands less"
    if alone or len(facts.dead) or facts.without_number:
        return (
            "proved: every division has a grid out of band here; not proved: that none violates "
            "the bands less"
        )
    return "not proved: a longer run may find a division that does better"
