"""The sentences about a plan claim what was proved and nothing more."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridgeo.errors import Findings
from gridgeo.model import Buildings, CommunityResult, Limits, Plan, Status, Territory
from gridgeo.proof import proof_lines
from gridgeo.report import exit_status

PROVED = CommunityResult(
    community="A",
    status=Status.OPTIMAL,
    objective=35.578,
    bound=35.578,
    violation=0.0,
    violation_bound=0.0,
    max_span_m=None,
    seconds=1.0,
)


def plan_of(*results: CommunityResult, limits: Limits | None = None) -> Plan:
    """One building and one grid a community, out of band where the result says so."""
    names = [result.community for result in results]
    n = len(names)
    table = gpd.GeoDataFrame(
        {
            "building_id": [f"B{i}" for i in range(n)],
            "households": [1] * n,
            "population": [2] * n,
            "community": names,
        },
        geometry=[shapely.Point(i, 0) for i in range(n)],
        crs="EPSG:4547",
    )
    cells = np.array([shapely.box(i, 0, i + 1, 1) for i in range(n)], dtype=object)
    none = np.zeros((0, 2), np.int64)
    land = Territory(cells, none, np.zeros(0), np.zeros(0, object), shapely.box(0, 0, n, 1))
    grids = np.array([f"{name}-001" for name in names], dtype=object)
    reasons = {f"{r.community}-001": "too few" for r in results if r.violation > 0}
    return Plan(
        Buildings(table), land, grids, limits or Limits(), 0, results, reasons, {}, "", Findings()
    )


def said(result: CommunityResult, *, by_hand: bool = False, limits: Limits | None = None) -> str:
    (line,) = proof_lines(plan_of(result, limits=limits), by_hand=by_hand)
    return line


def test_a_proved_plan_says_so_with_its_objective_and_unit() -> None:
    assert said(PROVED) == (
        "Proved: every grid is in band and no plan is more compact "
        "(objective 35.578, in 10^6 household m²)."
    )


def test_a_gap_is_rounded_up_and_not_called_a_proof() -> None:
    line = said(replace(PROVED, status=Status.FEASIBLE, bound=35.578 * (1 - 0.03011)))
    assert "no plan can be more than 3.1 % more compact" in line
    assert "Proved" not in line


def test_an_unknown_bound_is_not_called_a_gap() -> None:
    line = said(replace(PROVED, status=Status.FEASIBLE, bound=None))
    assert line.startswith("Every grid is in band; how compact a plan could be is not known")


def test_a_proof_that_no_plan_can_tells_violation_and_compactness() -> None:
    bad = replace(PROVED, status=Status.INFEASIBLE, violation=2.186, violation_bound=2.186)
    line = said(replace(bad, bound=35.578 * 0.988))
    assert line.startswith("Proved: no plan can meet the bands; this one violates them least")
    assert "(2.186: 1 grid is out of band)" in line
    assert "within 1.2 % of the best" in line
    assert "none that does is more compact" in said(bad)
    assert exit_status(plan_of(bad)) == 3


@pytest.mark.parametrize(
    ("stopped", "by_hand", "lead"),
    [(True, False, "Time ran out."), (True, True, "Stopped by hand."), (False, False, "Not sett")],
)
def test_what_is_not_settled_says_why_and_never_proved(
    stopped: bool, by_hand: bool, lead: str
) -> None:
    open_ = replace(
        PROVED, status=Status.FEASIBLE, bound=None, violation=3.5, violation_bound=1.25,
        stopped=stopped,
    )  # fmt: skip
    line = said(open_, by_hand=by_hand)
    assert line.startswith(lead)
    assert "1 grid is out of band (violation 3.500)" in line
    assert "no plan violates them less than 1.250" in line
    assert "Proved" not in line
    # a run that came to its own end would end there again
    assert ("A longer run may find a better plan." in line) is stopped
    assert "whether a plan can meet the bands is not known" in said(
        replace(open_, violation_bound=0.0)
    )
    assert exit_status(plan_of(open_)) == 4


def test_the_span_of_the_proof_and_what_it_leaves_out_are_told() -> None:
    narrow = replace(PROVED, max_span_m=400.0, covers="small nodes were joined")
    line = said(narrow)
    assert "This holds over grids up to 400 m wide." in line
    assert line.endswith("Note: small nodes were joined.")
    assert "400 m wide as asked." in said(narrow, limits=Limits(max_span_m=400.0))


def test_communities_are_told_one_by_one_and_many_by_what_was_proved() -> None:
    two = plan_of(PROVED, replace(PROVED, community="B", bound=30.0, status=Status.FEASIBLE))
    assert [line.split(":")[0] for line in proof_lines(two)] == ["A", "B"]
    many = [replace(PROVED, community=f"C{i:02d}") for i in range(20)]
    worse = replace(many[3], violation=1.5, violation_bound=1.5, status=Status.INFEASIBLE)
    lines = proof_lines(plan_of(*many[:3], worse, *many[4:]))
    assert len(lines) == 2
    assert any(
        "In 19 of 20 communities it is proved that every grid is in band" in x for x in lines
    )
    assert any("In 1 of 20 communities" in x and "(C03)" in x for x in lines)


def test_one_open_community_leaves_the_whole_open() -> None:
    bad = replace(PROVED, violation=1.5, violation_bound=1.5, status=Status.INFEASIBLE)
    open_ = replace(bad, community="B", violation_bound=0.0, status=Status.FEASIBLE)
    assert exit_status(plan_of(PROVED)) == 0
    assert exit_status(plan_of(PROVED, replace(bad, community="B"))) == 3
    assert exit_status(plan_of(bad, open_)) == 4
