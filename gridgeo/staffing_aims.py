"""What counts when workers are given to grids, and how much: the weights and choices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyproj

TERMS = ("near", "known", "capacity", "experience")
# From so many years on more experience is no gain.
FULL_YEARS = 5.0
# Below this share of its households a language among a grid's buildings is no need of the grid.
LEAST_SHARE = 0.1


@dataclass(frozen=True)
class StaffingAims:
    """What a worker costs in a grid, in points, and what else is heeded.

        ``near``       x the mean way from the worker's home, else office, to the households of
                         the grid, as the crow flies                                    [km]
        + ``known``    x the households of the grid that the worker does not serve today,
                         in hundreds                                          [100 households]
        + ``capacity`` x the workload of the grid beyond the worker's capacity, in
                         hundreds                                     [100 units of workload]
        + ``experience`` x the workload of the grid as a share of the mean grid's x the share
                         of five years that the worker lacks                           [none]

    So with all weights 1 a kilometre of way weighs as much as 100 households that have to get to
    know somebody new. What is not known of a worker counts as the mean of the others, and
    nothing where nobody's is known. Points come after what matters more, in this order: fewest
    households without an owner, fewest grids without one, fewest households whose language
    their owner does not speak.

    ``workload``: an expression over columns of the buildings, see ``gridgeo.workload``; "" for that
    of the plan. ``today``: the column of the buildings that names the grid of today, to which
    ``grid_id`` of the workers belongs; "" for the plan's own record. ``language``: the column of
    the buildings that names a language spoken there; a grid needs it where buildings with a tenth
    of its households name it. ``needs``: a table of ``grid_id`` and ``language``. ``not_at_home``:
    nobody serves the grid they live in. ``crs``: of coordinates x and y, None for the plan's.
    ``solver``: "" for any.

    Raises:
        ValueError: a weight that is negative or not finite.
    """

    near: float = 1.0
    known: float = 1.0
    capacity: float = 1.0
    experience: float = 1.0
    workload: str = ""
    today: str = ""
    language: str = ""
    needs: str | Path | None = None
    not_at_home: bool = False
    crs: pyproj.CRS | None = None
    solver: str = ""

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if not 0 <= weight < math.inf:
                raise ValueError(f"the weight of {name} must be a number of 0 or more")

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every term, by its name."""
        return {name: float(getattr(self, name)) for name in TERMS}

    def as_dict(self) -> dict[str, Any]:
        """Return the aims in plain types, without the names of files."""
        return {
            "weights": self.weights,
            "workload": self.workload,
            "today": self.today,
            "language": self.language,
            "not_at_home": self.not_at_home,
        }

    @staticmethod
    def parse_weights(text: str) -> dict[str, float]:
        """Read ``"near=1,known=0.5"``; terms that are not named are not in the answer.

        Raises:
            ValueError: every part that cannot be read.
        """
        found: dict[str, float] = {}
        odd = []
        for part in text.split(","):
            name, _, number = (word.strip() for word in part.partition("="))
            try:
                value = float(number)
            except ValueError:
                value = math.nan
            if name not in TERMS:
                odd.append(f"{part.strip()!r} is not one of {', '.join(f'{k}=' for k in TERMS)}")
            elif name in found:
                odd.append(f"{name} stands twice")
            elif not 0 <= value < math.inf:
                odd.append(f"{part.strip()!r} needs a number of 0 or more")
            else:
                found[name] = value
        if odd:
            raise ValueError("; ".join(odd))
        return found
