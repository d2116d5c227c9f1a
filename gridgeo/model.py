"""Core types: Objective, Buildings, Territory, Plan; frozen, units in the names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from .ground import Territory
from .limits import Band, LimitBook, Limits
from .record import Record

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from .errors import Findings
    from .sources import SourceFile
    from .split_building import SplitBuilding

__all__ = [
    "DEFAULT_REACH_M",
    "SOLE_COMMUNITY",
    "Band",
    "Buildings",
    "Community",
    "CommunityResult",
    "LimitBook",
    "Limits",
    "Objective",
    "Plan",
    "Status",
    "Territory",
]

DEFAULT_REACH_M = 150.0
# The community of a plan whose buildings were not told apart; also the prefix of its grid ids.
SOLE_COMMUNITY = "G"


class Status(StrEnum):
    """What is known of a plan. Never merge the last two."""

    OPTIMAL = "optimal"  # proved
    FEASIBLE = "feasible"  # a plan, and how far from the bound at most
    INFEASIBLE = "infeasible"  # proved that no plan can meet the bands
    UNKNOWN = "unknown"  # time ran out with nothing


@dataclass(frozen=True)
class Objective:
    """What is minimised once the bands are met as far as they can be: a sum over the grids.

    A grid S costs

        ``compactness`` x sum over its buildings of households x (distance from the centroid
                          of its households)^2                          [10^6 household m2]
        + ``balance``   x (workload of S - ``target``)^2                [workload^2]
        + ``border``    x half the metres of border between S and other grids that do not
                          follow a street, river, rail or wall          [m]
        + ``quarter``   x half the sum over compounds q of min(households of q in S,
                          households of q outside S)                    [households]

    Half, since the grid on the other side counts the other half: over a plan every metre of
    border counts once, and of a compound cut in two the households of its smaller part. A
    contact follows a line where at least half of it does. A compound whose buildings cannot
    be reached from each other within the community counts as several.

    ``workload``: what a grid is to have much of in every grid alike, an expression over columns
    of the buildings, "households + 3*elderly"; see ``gridgeo.workload``. ``target``: the
    workload wished for; None lets GridGeo choose (the middle of the band of households, or the
    workload that comes with so many households on average), and is a number in a plan.
    ``compounds``: the column that names them, "" for none. ``quarter`` None lets GridGeo choose:
    0 without compounds; with them so much that no household is cut off for compactness, 1 or the
    square of the widest community in kilometres, if that is more; it is a number in a plan.

    Raises:
        ValueError: a weight or target that is negative or not finite; no weight above 0.
    """

    compactness: float = 1.0
    balance: float = 0.0
    border: float = 0.0
    quarter: float | None = None
    workload: str = "households"
    target: float | None = None
    compounds: str = ""

    def __post_init__(self) -> None:
        if self.quarter is None and not self.compounds:
            object.__setattr__(self, "quarter", 0.0)
        for name, weight in self.weights.items():
            if not 0 <= weight < math.inf:
                raise ValueError(f"the weight of {name} must be a number of 0 or more")
        if not any(self.weights.values()):
            raise ValueError("no weight is above 0, so any plan would be as good as another")
        if self.target is not None and not 0 <= self.target < math.inf:
            raise ValueError("the target must be a number of 0 or more")

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every term, by its name; one still to be chosen is told as 1."""
        chosen = float(bool(self.compounds)) if self.quarter is None else float(self.quarter)
        names = ("compactness", "balance", "border")
        return {**{name: float(getattr(self, name)) for name in names}, "quarter": chosen}

    @property
    def is_default(self) -> bool:
        """Whether compactness alone counts, and once: the objective is the inertia itself."""
        return self.weights == Objective().weights

    @property
    def shows_workload(self) -> bool:
        """Whether workload is asked for: it weighs, or it is not that of the default."""
        return self.balance > 0 or self.workload != Objective().workload

    def as_dict(self) -> dict[str, Any]:
        """Return the objective in plain types, ready for JSON."""
        return {
            "weights": self.weights,
            "workload": self.workload,
            "target": self.target,
            "compounds": self.compounds or None,
        }

    def weights_text(self) -> str:
        """Return the weights as ``parse_weights`` reads them."""
        return ",".join(
            f"{name}={value!r}".removesuffix(".0") for name, value in self.weights.items()
        )

    @staticmethod
    def parse_weights(text: str) -> dict[str, float]:
        """Read ``"compactness=1,border=0.01"``; terms that are not named are not in the answer.

        Raises:
            ValueError: every part that cannot be read.
        """
        known = Objective().weights
        found: dict[str, float] = {}
        odd = []
        for part in text.split(","):
            name, _, number = (word.strip() for word in part.partition("="))
            try:
                value = float(number)
            except ValueError:
                value = math.nan
            if name not in known:
                odd.append(f"{part.strip()!r} is not one of {', '.join(f'{k}=' for k in known)}")
            elif name in found:
                odd.append(f"{name} stands twice")
            elif not 0 <= value < math.inf:
                odd.append(f"{part.strip()!r} needs a number of 0 or more")
            else:
                found[name] = value
        if odd:
            raise ValueError("; ".join(odd))
        return found


@dataclass(frozen=True, eq=False)
class Buildings:
    """The buildings of a community, row *i* always the same one; ids unique text, sorted.

    ``table`` is a GeoDataFrame in a metric CRS with a RangeIndex and the columns
    ``building_id`` (str), ``households`` and ``population`` (int64, >= 0), ``community``
    (str; SOLE_COMMUNITY where none was named), ``geometry`` (Point, Polygon or MultiPolygon,
    valid), and after them whatever else the file held, untouched. ``parts``: the buildings
    that were split into several rows, see ``gridgeo.entrances``.
    """

    table: gpd.GeoDataFrame
    parts: tuple[SplitBuilding, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @property
    def ids(self) -> np.ndarray[Any, Any]:
        """Building ids, object array of str, shape (n,)."""
        return np.asarray(self.table["building_id"], dtype=object)

    @property
    def households(self) -> np.ndarray[Any, Any]:
        """Households per building, int64, shape (n,)."""
        return np.asarray(self.table["households"], dtype=np.int64)

    @property
    def population(self) -> np.ndarray[Any, Any]:
        """People per building, int64, shape (n,)."""
        return np.asarray(self.table["population"], dtype=np.int64)

    @property
    def communities(self) -> np.ndarray[Any, Any]:
        """Community of each building, object array of str, shape (n,)."""
        return np.asarray(self.table["community"], dtype=object)

    @property
    def xy(self) -> np.ndarray[Any, Any]:
        """A point on each building in metres of the metric CRS, float64, shape (n, 2)."""
        import shapely

        shapes = np.asarray(self.table.geometry.values, dtype=object)
        points = np.where(shapely.get_type_id(shapes) == 0, shapes, shapely.centroid(shapes))
        return np.asarray(shapely.get_coordinates(points), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Community:
    """What was read: buildings, and where given the boundary and the barriers, in one metric CRS.

    ``boundary``: Polygons or MultiPolygons, with a ``community`` column where the file told
    communities apart. ``barriers``: LineStrings with ``kind`` ("street", "river", "rail",
    "motorway", "wall"), ``bridge`` and ``tunnel`` (bool), and ``name`` (text) if any has one.
    ``columns`` tells which column of the file was used for what. ``sources``: the files.
    ``entrances``: see ``gridgeo.intake.households.Homes``; None without a roster. ``edges``:
    contacts to add or remove by hand, see ``gridgeo.territory.build_territory``.
    """

    buildings: Buildings
    boundary: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    source: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    input_hash: str = ""
    reading: Findings | None = None
    sources: tuple[SourceFile, ...] = ()
    entrances: pd.DataFrame | None = None
    edges: pd.DataFrame | None = None

    def check(self) -> Findings:
        """Gather what is wrong or odd: see ``gridgeo.intake.check``."""
        from .intake.check import check_community

        return check_community(self)


@dataclass(frozen=True)
class CommunityResult:
    """What is known of one community's part of a plan.

    ``objective``: see ``Objective``; with its default weights household inertia about the grids'
    centroids, 10^6 household m2. ``bound``: no plan at this violation is below it, None where
    nothing is known. ``violation``: every
    grid out of band counts 1 plus its distance from the limits it breaks, as shares of them;
    ``violation_bound``: no plan is below it. ``max_span_m``: the widest grid over which this
    is proved, None where it holds for any. ``covers``: what the proof leaves out, in words.
    ``moved``: of a redraw, the households that change owner, and ``moved_bound`` the least that
    have to at this violation; None where nothing was redrawn.
    """

    community: str
    status: Status
    objective: float
    bound: float | None
    violation: float
    violation_bound: float
    max_span_m: float | None
    seconds: float
    covers: str = ""
    stopped: bool = False
    moved: int | None = None
    moved_bound: int | None = None

    @property
    def gap(self) -> float | None:
        """How far the objective is from the bound at most, as a share of the objective."""
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / self.objective if self.objective else 0.0


@dataclass(frozen=True, eq=False)
class Plan:
    """A division into grids and all that explains it years later.

    ``grid_ids``: object (n,) of text, the grid of building row i. ``reasons``: why a grid is
    out of band, by grid id; no entry where it is in band. ``versions``: program and solvers.
    ``aim``: what was minimised, its target and columns settled. ``sources``: the files read.
    ``book``: where kinds or communities have limits of their own, all of them; ``limits`` are its
    usual ones. ``record``: its history, codes, waivers and staff. ``was``: of a redraw, the grid
    building row i was in before, object (n,) of text, "" for a new building; else None.
    """

    buildings: Buildings
    territory: Territory
    grid_ids: np.ndarray[Any, Any]
    limits: Limits
    seed: int
    results: tuple[CommunityResult, ...]
    reasons: Mapping[str, str]
    versions: Mapping[str, str]
    input_hash: str
    findings: Findings
    barriers: gpd.GeoDataFrame | None = None
    aim: Objective = Objective()
    sources: tuple[SourceFile, ...] = ()
    book: LimitBook | None = None
    record: Record = field(default_factory=Record)
    was: np.ndarray[Any, Any] | None = None

    def limits_of(self, community: str, kind: str = "") -> Limits | None:
        """Return the limits of grids of a kind in a community, None where any will do."""
        return self.limits if self.book is None else self.book.limits_of(community, kind)

    @property
    def status(self) -> Status:
        """The status of the whole: a community that is not proved makes it FEASIBLE."""
        if any(r.violation > r.violation_bound for r in self.results):
            return Status.FEASIBLE
        for status in (Status.UNKNOWN, Status.INFEASIBLE, Status.FEASIBLE):
            if any(r.status is status for r in self.results):
                return status
        return Status.OPTIMAL

    @property
    def objective(self) -> float:
        """What all grids cost, see ``Objective``; by default inertia in 10^6 household m2."""
        return float(sum(r.objective for r in self.results))

    @property
    def bound(self) -> float | None:
        """The least objective any plan at this violation can have, None where unknown."""
        bounds = [r.bound for r in self.results]
        return None if None in bounds else float(sum(b for b in bounds if b is not None))

    @property
    def gap(self) -> float | None:
        """How far the objective is from the bound at most, as a share of the objective."""
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / self.objective if self.objective else 0.0

    def scorecard(self) -> pd.DataFrame:
        """Return the figures of every grid, recomputed: see ``gridgeo.evaluate.scorecard``."""
        from .evaluate import scorecard

        return scorecard(self)

    def explore(self) -> Any:
        """Return a Folium map of the plan, for a notebook."""
        from .publish import explore

        return explore(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the plan with matplotlib, for a report; see ``gridgeo.publish.plot``."""
        from .publish import plot

        return plot(self, ax)

    def save(self, path: str | Path) -> Path:
        """Write the plan as one GeoPackage that QGIS opens; return its path."""
        from .plan_file import write_plan

        return write_plan(self, path)
