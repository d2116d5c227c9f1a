"""Two plans of the same ground: which buildings and households move from whom to whom."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, Findings
from .grid_changes import Lineage, grid_table, lineage_of, owner_changes
from .grid_matching import match_grids
from .intake.telling import Rows, warning
from .matched import How, Matched
from .matching import old_grid_of
from .model import Plan
from .old_grids import OldGrids
from .record import Staff
from .scorecard import grid_violations, limits_of_grids, scorecard

Array = np.ndarray[Any, Any]

_OWNER = "owner"
# How a building of the later plan was found in the earlier one, in fewer words.
_MATCHES = {
    How.ID: "id", How.ALIKE: "id", How.PART: "part", How.PLACE: "place", How.UNCLEAR: "new",
    How.NEW: "new",
}  # fmt: skip
# What the tables of a comparison say better.
_TOLD_BY_FIGURES = ("old-new", "old-vanished")
_IN_BOTH = ("id", "part", "place")
_MOVE_COLUMNS = ["building_id", "from_grid", "to_grid", "from_owner", "to_owner", "households"]


@dataclass(frozen=True)
class Standing:
    """What a plan comes to: its grids, how many are in band, its violation and compactness.

    ``violation``: see ``CommunityResult``. ``compactness``: in 10^6 household m2, see
    ``Objective``.
    """

    grids: int
    in_band: int
    buildings: int
    households: int
    population: int
    violation: float
    compactness: float

    @classmethod
    def of(cls, plan: Plan, table: pd.DataFrame) -> Standing:
        """Sum up the scorecard of a plan."""
        out = grid_violations(table, limits_of_grids(plan, table))
        counts = {name: int(table[name].sum()) for name in ("buildings", "households")}
        return cls(
            grids=len(table),
            in_band=int(table["in_band"].sum()),
            population=int(table["population"].sum()),
            violation=float(sum(out, Fraction(0))),
            compactness=float(table["inertia"].sum()),
            **counts,
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is different in ``after``, seen from ``before``.

    ``buildings``: one row for each building of either plan, in order of ``building_id`` (its id
    in ``after``, or in ``before`` where it is gone): ``was_building_id``, ``match`` ("id",
    "part" of a building that was one or is one now, "place", "new" or "gone"), ``from_grid``,
    ``to_grid``, ``from_owner``, ``to_owner`` ("" where there is none), ``owner_changes`` (both are
    known and two persons), ``households`` (of ``after``; of a building gone those of ``before``)
    and ``moves``: it is in both plans, and its grid now does not carry on the grid it was in.

    ``grids``: one row a grid, a grid that is carried on being one row: ``grid_before``,
    ``grid_after`` ("" where it is new or gone), ``change`` ("same", "renamed", "changed",
    "split", "merged", "new", "gone"), ``owner_before``, ``owner_after``, ``owner_changes`` (both
    are known and two persons); ``buildings``, ``households``, ``population``, ``in_band`` and
    ``inertia``, each with ``_before`` and ``_after``; ``buildings_`` and ``households_`` with
    ``gained`` and ``lost`` (to other grids), ``new`` and ``gone`` (not in the other plan).

    ``lineage``: splits and merges. ``standing``: what each plan comes to. ``findings``: what
    makes the plans less than comparable.
    """

    before: Plan
    after: Plan
    buildings: pd.DataFrame
    grids: pd.DataFrame
    lineage: Lineage
    standing: tuple[Standing, Standing]
    findings: Findings

    @property
    def moves(self) -> pd.DataFrame:
        """Buildings that move: id, ``from_grid``, ``to_grid``, owners, households; by grid."""
        moved = self.buildings[self.buildings["moves"]]
        order = ["from_grid", "to_grid", "building_id"]
        return moved.sort_values(order, kind="stable", ignore_index=True)[_MOVE_COLUMNS]

    @property
    def flows(self) -> pd.DataFrame:
        """Buildings and households that move, summed from grid to grid; the most first."""
        keys = ["from_grid", "to_grid", "from_owner", "to_owner"]
        sums = self.moves.groupby(keys, as_index=False).agg(
            buildings=("building_id", "size"), households=("households", "sum")
        )
        order = np.lexsort((sums["to_grid"], sums["from_grid"], -sums["households"]))
        return sums.iloc[order].reset_index(drop=True)

    @property
    def new_buildings(self) -> pd.DataFrame:
        """Buildings that only ``after`` has: id, ``to_grid``, ``to_owner``, households."""
        return self._only("new", ["building_id", "to_grid", "to_owner", "households"])

    @property
    def gone_buildings(self) -> pd.DataFrame:
        """Buildings that only ``before`` has: id, ``from_grid``, ``from_owner``, households."""
        return self._only("gone", ["building_id", "from_grid", "from_owner", "households"])

    @property
    def buildings_moved(self) -> int:
        """How many buildings move."""
        return int(self.buildings["moves"].sum())

    @property
    def households_moved(self) -> int:
        """How many households move, as counted in ``after``."""
        return int(self.buildings.loc[self.buildings["moves"], "households"].sum())

    @property
    def households_with_another_owner(self) -> int | None:
        """How many households get another owner; None where no owner is named in both plans."""
        known = (self.buildings["from_owner"] != "") & (self.buildings["to_owner"] != "")
        if not known.any():
            return None
        return int(self.buildings.loc[self.buildings["owner_changes"], "households"].sum())

    @property
    def share_moved(self) -> float:
        """Households that move as a share of all there are in ``after``."""
        total = self.standing[1].households
        return self.households_moved / total if total else 0.0

    @property
    def in_both(self) -> pd.DataFrame:
        """Buildings that are in both plans."""
        return self.buildings[self.buildings["match"].isin(_IN_BOTH)]

    @property
    def is_empty(self) -> bool:
        """Whether no building is new, gone or moves, and no grid changes its id or owner."""
        kept = len(self.in_both) == len(self.buildings) and not self.buildings_moved
        same = (self.grids["change"] == "same").all() and not self.grids["owner_changes"].any()
        return bool(kept and same)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, ready for JSON; null where there is no such grid."""
        return {
            "same": self.is_empty,
            "buildings_moved": self.buildings_moved,
            "households_moved": self.households_moved,
            "share_moved": self.share_moved,
            "households_with_another_owner": self.households_with_another_owner,
            "before": vars(self.standing[0]),
            "after": vars(self.standing[1]),
            "splits": [{"grid": a, "into": list(parts)} for a, parts in self.lineage.splits],
            "merges": [{"grids": list(olds), "into": b} for olds, b in self.lineage.merges],
            "grids": _records(self.grids),
            "flows": _records(self.flows),
            "moves": _records(self.moves),
            "new_buildings": _records(self.new_buildings),
            "gone_buildings": _records(self.gone_buildings),
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def explore(self) -> Any:
        """Return a Folium map of both plans with a slider between them, for a notebook."""
        from .publish import explore_changes

        return explore_changes(self)

    def _only(self, match: str, columns: list[str]) -> pd.DataFrame:
        return self.buildings.loc[self.buildings["match"] == match, columns].reset_index(drop=True)


def compare(before: Plan, after: Plan) -> Comparison:
    """Compare two plans of the same ground.

    Buildings are matched by their ids, else by their places: see
    ``gridgeo.matching.old_grid_of``. Grids are matched so that the fewest households move: see
    ``gridgeo.grid_matching.match_grids``. Owners are those of ``Plan.record.staff``, where named.

    Raises:
        InputError: the plans have no building in common.
        ValueError: a plan without one grid id or one cell a building.
    """
    cards = scorecard(before), scorecard(after)
    owners = owners_of(before), owners_of(after)
    buildings, told = _buildings(before, after)
    both = buildings["match"].isin(_IN_BOTH).to_numpy()
    sides = [
        np.asarray(buildings.loc[both, name], dtype=object) for name in ("from_grid", "to_grid")
    ]
    households = buildings.loc[both, "households"].to_numpy(np.int64)
    overlap = match_grids(sides[0], sides[1], households)
    heirs = overlap.heirs()
    moves = np.zeros(len(buildings), np.bool_)
    moves[both] = [old != "" and new != "" and heirs.get(old) != new
                   for old, new in zip(*sides, strict=True)]  # fmt: skip
    buildings["moves"] = moves
    for side, who in (("from", owners[0]), ("to", owners[1])):
        named = [who[grid].name if grid in who else "" for grid in buildings[f"{side}_grid"]]
        buildings[f"{side}_owner"] = pd.array(named, dtype="str")
    buildings["owner_changes"] = [
        owner_changes(owners[0].get(old), owners[1].get(new))
        for old, new in zip(buildings["from_grid"], buildings["to_grid"], strict=True)
    ]
    lineage = lineage_of(overlap, *cards)
    return Comparison(
        before=before,
        after=after,
        buildings=buildings.drop(columns="households_before"),
        grids=grid_table(*cards, buildings, heirs=heirs, lineage=lineage, owners=owners),
        lineage=lineage,
        standing=(Standing.of(before, cards[0]), Standing.of(after, cards[1])),
        findings=Findings((*told, *_findings(before, after, buildings))),
    )


def _buildings(before: Plan, after: Plan) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return one row a building of either plan, without owners and moves; and what was told.

    See ``Comparison.buildings``; ``households_before`` is empty where a building is new, or was
    several.
    """
    found = old_grid_of(after.buildings, OldGrids.of_plan(before, "the first plan"))
    rows = found.rows
    old_ids, old_homes = before.buildings.ids, before.buildings.households
    homes = np.array([old_homes[row] if row >= 0 else -1 for row in rows], np.int64)
    # of one building that is several now each would have the households of the whole
    told_apart = (rows >= 0) & (np.bincount(rows[rows >= 0], minlength=1)[rows] == 1)
    here = pd.DataFrame(
        {
            "building_id": after.buildings.ids,
            "was_building_id": np.where(rows >= 0, old_ids[rows], ""),
            "match": [_MATCHES[how] for how in found.how],
            "from_grid": _grids_before(before, found, after.buildings.communities),
            "to_grid": [grid if isinstance(grid, str) else "" for grid in after.grid_ids],
            "households": after.buildings.households,
            "households_before": pd.array(homes, dtype="Int64"),
        }
    )
    here.loc[~told_apart, "households_before"] = pd.NA
    lost = np.isin(old_ids.astype(str), np.array(found.vanished, dtype=str))
    gone = pd.DataFrame(
        {
            "building_id": old_ids[lost],
            "was_building_id": old_ids[lost],
            "match": "gone",
            "from_grid": [grid if isinstance(grid, str) else "" for grid in before.grid_ids[lost]],
            "to_grid": "",
            "households": old_homes[lost],
            "households_before": pd.array(old_homes[lost], dtype="Int64"),
        }
    )
    table = pd.concat([here, gone], ignore_index=True) if len(gone) else here
    texts = [name for name in table.columns if not name.startswith("households")]
    table = table.astype(dict.fromkeys(texts, "str"))
    told = tuple(finding for finding in found.findings if finding.code not in _TOLD_BY_FIGURES)
    return table.sort_values(["building_id", "match"], ignore_index=True), told


def _grids_before(before: Plan, found: Matched, communities: Array) -> list[str]:
    """Return the grid of before of every building, under the id it has in its plan.

    Grids whose buildings are in several communities now are told apart in ``found``: for a redraw
    they are several, here they are one.
    """
    known = {grid for grid in before.grid_ids if isinstance(grid, str)}
    out = []
    for row, was, community in zip(found.rows, found.was, communities, strict=True):
        own = before.grid_ids[row] if row >= 0 else was
        if own not in known:
            own = str(own).removeprefix(f"{community}-")
        out.append(own if own in known else "")
    return out


def owners_of(plan: Plan) -> dict[str, Staff]:
    """Return the owner of each grid that has one, the first named."""
    out: dict[str, Staff] = {}
    for staff in plan.record.staff:
        if staff.role == _OWNER:
            out.setdefault(staff.grid_id, staff)
    return out


def _findings(before: Plan, after: Plan, buildings: pd.DataFrame) -> list[Finding]:
    """Return what makes the figures of the two plans differ beside the borders."""
    out = []
    counted = buildings["match"].isin(_IN_BOTH) & (
        buildings["households"] != buildings["households_before"]
    ).fillna(False)
    if counted.any():
        rows = Rows(np.asarray(buildings["building_id"], dtype=object), "building", "buildings")
        what = ("has another number of households now", "have other numbers of households now")
        fix = "households that move are counted as in the second plan"
        out.append(rows.warning("households-recounted", counted.to_numpy(np.bool_), what, fix))
    if (before.limits, before.book) != (after.limits, after.book):
        message = "the two plans have different limits"
        fix = "each is judged by its own"
        out.append(warning("limits-differ", message, fix))
    return out


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    value = None if value is pd.NA else value
    return value.item() if hasattr(value, "item") else value
