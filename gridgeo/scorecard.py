"""The figures of every grid, recomputed from buildings and cells, never a solver's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist

from .ground import Territory
from .kinds import kind_of_grids, kinds_of
from .model import Band, Buildings, Limits, Objective, Plan
from .objective import open_border_m, quarters_of
from .territory import coverage_contacts
from .workload import workload_of

Array = np.ndarray[Any, Any]

# What a contact must measure for one to walk across it; the slack is for rounding alone.
LEAST_BORDER_M = 1.0
# What a scorecard has where the objective asks for it.
TERM_COLUMNS = ("workload", "border_m", "cut_off")
_SLACK_M = 1e-6


@dataclass(frozen=True, eq=False)
class GridRows:
    """Which building is in which grid.

    ``ids``: object array of text, shape (g,), sorted. ``of``: int64 (n,), the row in ``ids`` of
    every building, -1 where it has no grid.
    """

    ids: Array
    of: Array

    def sums(self, weights: Array) -> Array:
        """Return the sum of ``weights`` (n,) over each grid, (g,); whole numbers stay exact."""
        total = np.zeros(len(self.ids), dtype=weights.dtype)
        held = self.of >= 0
        np.add.at(total, self.of[held], weights[held])
        return total


def grid_rows(plan: Plan) -> GridRows:
    """Number the grids of a plan by their ids.

    Raises:
        ValueError: not one grid id or not one cell a building.
    """
    n = len(plan.buildings)
    if len(plan.grid_ids) != n or len(plan.territory.cells) != n:
        raise ValueError(
            f"a plan of {n} buildings needs {n} grid ids and cells, "
            f"not {len(plan.grid_ids)} and {len(plan.territory.cells)}"
        )
    named = np.array([isinstance(g, str) and g.strip() != "" for g in plan.grid_ids], dtype=bool)
    of = np.full(n, -1, np.int64)
    ids, of[named] = np.unique(plan.grid_ids[named].astype(object), return_inverse=True)
    return GridRows(ids, of)


def scorecard(plan: Plan) -> pd.DataFrame:
    """Return the figures of every grid of a plan, one row a grid, in order of ``grid_id``.

    ``grid_id``, ``community``, ``buildings``, ``households``, ``population``, ``in_band``,
    ``reasons`` ("" in band), ``people_per_household`` (NaN without households), ``span_m``
    (the largest distance between two of its buildings), ``inertia`` (10^6 household m2 about
    the centroid of its households), ``area_m2`` and ``contiguous`` (one can walk from every
    building to every other through neighbours that share at least a metre of border, or are
    neighbours by hand). Where the plan tells kinds apart, ``kind`` stands after ``community``:
    that of most households. The band is that of the grid's community and kind; what is exclusive
    is in band.

    After them, where the plan's objective asks for it (see ``Objective``): ``workload``;
    ``border_m``, metres of border with other grids of its community that do not follow a
    line; ``cut_off``, households of the compounds it shares with other grids, of each the
    smaller part, in it or outside. As between communities, what lies between grids of two kinds
    is no plan's choice and counts in neither.

    Raises:
        ValueError: not one grid id or not one cell a building.
    """
    return grid_figures(plan, grid_rows(plan), contact_m(plan.territory))


def grid_figures(plan: Plan, grids: GridRows, border_m: Array) -> pd.DataFrame:
    """Return the table of ``scorecard``; ``border_m``: of every edge, as of ``contact_m``."""
    buildings = plan.buildings
    households = grids.sums(buildings.households)
    population = grids.sums(buildings.population)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(households > 0, population / households, np.nan)
    held = np.flatnonzero(grids.of >= 0)
    _, first = np.unique(grids.of[held], return_index=True)
    communities = buildings.communities[held[first]]
    kinds = _kinds(plan, grids)
    limits = _limits(plan, communities, kinds)
    in_band = np.array(
        [
            of is None or (h in of.households and p in of.population)
            for of, h, p in zip(limits, households.tolist(), population.tolist(), strict=True)
        ],
        np.bool_,
    )
    reasons = [str(plan.reasons.get(grid, "")) for grid in grids.ids]
    edges = plan.territory.edges[is_contact(border_m) | plan.territory.by_hand]
    return pd.DataFrame(
        {
            "grid_id": pd.array(grids.ids, dtype="str"),
            "community": pd.array(communities, dtype="str"),
            **({} if kinds is None else {"kind": pd.array(kinds, dtype="str")}),
            "buildings": grids.sums(np.ones(len(buildings), np.int64)),
            "households": households,
            "population": population,
            "in_band": in_band,
            "reasons": pd.array(reasons, dtype="str"),
            "people_per_household": ratio,
            "span_m": _spans_m(buildings.xy, grids),
            "inertia": _inertia(buildings, grids, households),
            "area_m2": grids.sums(np.asarray(shapely.area(plan.territory.cells), np.float64)),
            "contiguous": pieces_of_grids(grids, edges) == 1,
            **_terms_asked_for(plan, grids, border_m, kinds=kinds, limits=limits),
        }
    )


def term_figures(table: pd.DataFrame, objective: Objective) -> dict[str, float]:
    """Return what each term with a weight comes to over the grids of a scorecard, unweighted.

    ``compactness`` in 10^6 household m2, ``balance`` in squares of the workload, ``border`` in
    metres, ``quarter`` in households; a border, like a compound, is in two grids and counts once.
    """
    out = {}
    if objective.compactness > 0:
        out["compactness"] = math.fsum(table["inertia"])
    if objective.balance > 0:
        target = objective.target or 0.0
        out["balance"] = math.fsum((load - target) ** 2 for load in table["workload"].tolist())
    if objective.border > 0:
        out["border"] = math.fsum(table["border_m"]) / 2
    if objective.weights["quarter"] > 0:
        out["quarter"] = int(table["cut_off"].sum()) / 2
    return out


def objective_of(table: pd.DataFrame, objective: Objective) -> float:
    """Return what the grids of a scorecard cost: see ``Objective``."""
    weights = objective.weights
    figures = term_figures(table, objective)
    return math.fsum(weights[name] * figure for name, figure in figures.items())


def limits_of_grids(plan: Plan, table: pd.DataFrame) -> list[Limits | None]:
    """Return the limits of every grid of a scorecard of a plan, None for an exclusive one."""
    kinds = np.asarray(table["kind"], dtype=object) if "kind" in table else None
    return _limits(plan, np.asarray(table["community"], dtype=object), kinds)


def grid_violations(table: pd.DataFrame, limits: Sequence[Limits | None]) -> list[Fraction]:
    """Return the exact violation of every grid of a scorecard; ``limits``: of every grid.

    0 within the bands, or without any, else 1 plus the distance from every limit it breaks as a
    share of that limit, where a limit of 0 counts as 1.
    """
    out = []
    for households, population, of in zip(
        table["households"].tolist(), table["population"].tolist(), limits, strict=True
    ):
        bands = [] if of is None else [(households, of.households), (population, of.population)]
        shares = [share for value, band in bands if (share := _share_outside(value, band)) > 0]
        out.append(1 + sum(shares, Fraction(0)) if shares else Fraction(0))
    return out


def contact_m(territory: Territory) -> Array:
    """Return for each edge the border that its cells really share, in metres, float64 (m,)."""
    n = len(territory.cells)
    contacts = coverage_contacts(territory.cells)
    edges = np.asarray(territory.edges, np.int64).reshape(-1, 2)
    known = np.asarray(contacts.pairs[:, 0] * n + contacts.pairs[:, 1], np.int64)
    asked = edges.min(axis=1) * n + edges.max(axis=1)
    at = np.searchsorted(known, asked)  # pairs are sorted
    there = np.isin(asked, known)
    border_m = np.zeros(len(edges))
    border_m[there] = contacts.length_m[at[there]]
    return border_m


def is_contact(border_m: Array) -> Array:
    """Return which borders are long enough to walk across, bool (m,)."""
    return np.asarray(border_m >= LEAST_BORDER_M - _SLACK_M)


def pieces_of_grids(grids: GridRows, edges: Array) -> Array:
    """Return in how many pieces each grid is along ``edges``, int64 (g,)."""
    n = len(grids.of)
    inside = edges[grids.of[edges[:, 0]] == grids.of[edges[:, 1]]]
    graph = coo_array((np.ones(len(inside), np.int8), (inside[:, 0], inside[:, 1])), shape=(n, n))
    _, piece = connected_components(graph, directed=False)
    held = np.flatnonzero(grids.of >= 0)
    _, first = np.unique(piece[held], return_index=True)
    return np.bincount(grids.of[held[first]], minlength=len(grids.ids))


def grid_polygons(cells: Array, grids: GridRows, *, exact: bool = True) -> Array:
    """Return the ground of every grid, the union of its cells; object array, shape (g,).

    ``exact``: the cells are a valid coverage, whose union is fast; on any other it is nonsense.
    """
    held = np.flatnonzero(grids.of >= 0)
    order = held[np.argsort(grids.of[held], kind="stable")]
    shapes = cells[order] if exact else shapely.make_valid(cells[order])
    grounds = shapely.geometrycollections(shapes, indices=grids.of[order])
    join = shapely.coverage_union_all if exact else shapely.union_all
    return np.asarray(
        [join(shapely.get_parts(ground)) for ground in np.atleast_1d(grounds)], dtype=object
    )


def joined_by_hand(territory: Territory, grids: GridRows, border_m: Array) -> Array:
    """Return which grids hold an edge made by hand whose cells share no border, bool (g,).

    Such a grid may be of several polygons.
    """
    out = np.zeros(len(grids.ids), np.bool_)
    of = grids.of[territory.edges].reshape(-1, 2)
    far = territory.by_hand & ~is_contact(border_m) & (of[:, 0] == of[:, 1]) & (of[:, 0] >= 0)
    out[of[far, 0]] = True
    return out


def _kinds(plan: Plan, grids: GridRows) -> Array | None:
    """Return the kind of every grid, None where the plan does not tell kinds apart."""
    if plan.book is None or not plan.book.kind_column:
        return None
    kinds = kinds_of(plan.buildings, plan.book.kind_column)
    return kind_of_grids(plan.buildings, kinds, grids.of, len(grids.ids))


def _limits(plan: Plan, communities: Array, kinds: Array | None) -> list[Limits | None]:
    if plan.book is None:
        return [plan.limits] * len(communities)
    known = [""] * len(communities) if kinds is None else kinds.tolist()
    pairs = list(zip(communities.tolist(), known, strict=True))
    found = {pair: plan.limits_of(*pair) for pair in set(pairs)}
    return [found[pair] for pair in pairs]


def _terms_asked_for(
    plan: Plan,
    grids: GridRows,
    border_m: Array,
    *,
    kinds: Array | None,
    limits: Sequence[Limits | None],
) -> dict[str, Array]:
    """Return the columns ``workload``, ``border_m`` and ``cut_off`` that the objective asks for."""
    aim, buildings = plan.aim, plan.buildings
    edges = plan.territory.edges
    of = grids.of[edges].reshape(-1, 2)
    inside = _of_choice(plan, of, kinds, limits)
    inside &= is_contact(border_m) | plan.territory.by_hand
    out: dict[str, Array] = {}
    if aim.shows_workload:
        load, _ = workload_of(buildings, aim.workload)
        out["workload"] = load.in_units(grids.sums(load.parts))
    if aim.border > 0:
        between = inside & (of[:, 0] != of[:, 1])
        metres = open_border_m(plan.territory, border_m)[between]
        out["border_m"] = np.bincount(
            of[between].T.ravel(), np.concatenate([metres, metres]), len(grids.ids)
        )
    if aim.compounds:
        quarter = quarters_of(buildings, aim.compounds)
        out["cut_off"] = _cut_off(buildings.households, grids, quarter, edges[inside])
    return out


def _of_choice(
    plan: Plan, of: Array, kinds: Array | None, limits: Sequence[Limits | None]
) -> Array:
    """Return over which edges a plan may draw a border or not, bool (m,).

    ``of``: int64 (m, 2), the grids at their ends. What lies between communities, between grids
    of two kinds and around an exclusive one is no plan's choice.
    """
    lives = plan.buildings.communities[plan.territory.edges]
    free = (lives[:, 0] == lives[:, 1]) & (of >= 0).all(axis=1)
    if kinds is not None:
        closed = np.array([one is None for one in limits], np.bool_)
        free &= ~closed[of].any(axis=1) & (kinds[of[:, 0]] == kinds[of[:, 1]])
    return np.asarray(free, np.bool_)


def compound_parts(plan: Plan, grids: GridRows) -> pd.DataFrame:
    """Return every part of a compound of the plan in a grid: see ``cut_parts``."""
    kinds = _kinds(plan, grids)
    held = np.flatnonzero(grids.of >= 0)
    _, first = np.unique(grids.of[held], return_index=True)
    limits = _limits(plan, plan.buildings.communities[held[first]], kinds)
    edges = plan.territory.edges
    of = grids.of[edges].reshape(-1, 2)
    inside = _of_choice(plan, of, kinds, limits) & is_contact(plan.territory.border_m)
    quarter = quarters_of(plan.buildings, plan.aim.compounds)
    return cut_parts(plan.buildings.households, grids.of, quarter, edges[inside])


def cut_parts(households: Array, of: Array, quarter: Array, edges: Array) -> pd.DataFrame:
    """Return every part of a compound in a grid: ``quarter``, ``piece``, ``grid``, ``in``, ``cut``.

    ``of``: int64 (n,), the grid of every building, -1 for none. ``quarter``: int64 (n,), -1 for
    none. ``in``: households of the part; ``cut``: those of the smaller of it and the rest. A
    compound in several pieces of the graph is one in each: no plan could hold it together.
    """
    n = len(households)
    graph = coo_array((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), shape=(n, n))
    _, piece = connected_components(graph, directed=False)
    held = np.flatnonzero((quarter >= 0) & (of >= 0))
    parts = pd.DataFrame({"quarter": quarter[held], "piece": piece[held], "grid": of[held]})
    parts["in"] = households[held]
    inside = parts.groupby(["quarter", "piece", "grid"], as_index=False)["in"].sum()
    whole = inside.groupby(["quarter", "piece"])["in"].transform("sum")
    return inside.assign(cut=np.minimum(inside["in"], whole - inside["in"]))


def _cut_off(households: Array, grids: GridRows, quarter: Array, edges: Array) -> Array:
    """Return the households of divided compounds per grid, of each the smaller part, int64 (g,)."""
    parts = cut_parts(households, grids.of, quarter, edges)
    out = np.zeros(len(grids.ids), np.int64)
    np.add.at(out, parts["grid"].to_numpy(np.int64), parts["cut"].to_numpy(np.int64))
    return out


def _share_outside(value: int, band: Band) -> Fraction:
    if value < band.low:
        return Fraction(band.low - value, band.low)
    return Fraction(max(0, value - band.high), max(band.high, 1))


def _spans_m(xy: Array, grids: GridRows) -> Array:
    """Largest distance between two points of each grid: two corners of their hull."""
    held = np.flatnonzero(grids.of >= 0)
    order = held[np.argsort(grids.of[held], kind="stable")]
    points = shapely.multipoints(shapely.points(xy[order]), indices=grids.of[order])
    corners, owner = shapely.get_coordinates(shapely.convex_hull(points), return_index=True)
    spans_m = np.zeros(len(grids.ids))
    begin = np.searchsorted(owner, np.arange(len(grids.ids) + 1))
    for grid in range(len(grids.ids)):
        mine = corners[begin[grid] : begin[grid + 1]]
        if len(mine) > 1:
            spans_m[grid] = pdist(mine).max()
    return spans_m


def _inertia(buildings: Buildings, grids: GridRows, households: Array) -> Array:
    xy, mass = buildings.xy, buildings.households.astype(np.float64)
    # A local origin keeps the sums small, so that they keep their digits.
    xy = xy - np.round(xy.mean(axis=0))
    total = np.where(households > 0, households, 1).astype(np.float64)
    centre = np.column_stack([grids.sums(mass * xy[:, 0]), grids.sums(mass * xy[:, 1])])
    centre /= total[:, None]
    away_m2 = ((xy - centre[grids.of]) ** 2).sum(axis=1)
    return grids.sums(mass * away_m2) / 1e6
