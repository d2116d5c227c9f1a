"""Compounds stay whole where the bands allow; where they are cut it is told which and why."""

from __future__ import annotations

from dataclasses import replace

from geopandas import points_from_xy
from made_towns import board

import gridgeo as gg
from gridgeo.compounds import cut_notes
from gridgeo.evaluate import evaluate
from gridgeo.limits import Band, Limits
from gridgeo.model import Buildings, Objective, Plan, Status
from gridgeo.objective import settle

USUAL = Limits(Band(300, 500), Band(900, 1500))
COURTS = Objective(compounds="court")


def divided(households: list[list[int]], court: list[str], objective=COURTS, **how) -> Plan:
    town, land = board(households, court=court)
    return gg.partition(
        town, how.pop("limits", USUAL), territory=land, time_limit_s=None, objective=objective
    )


def notes(plan: Plan) -> dict[str, str]:
    return {f.code: f.message for f in plan.findings.notes if f.code.startswith("compound")}


def test_compounds_stay_whole_where_the_bands_allow_though_it_is_less_compact() -> None:
    """Rows of compounds; squares would be rounder."""
    rows = [[100] * 4, [100] * 4]
    plain = divided(rows, ["aaaa", "bbbb"], Objective(compounds="court", quarter=0))
    plan = divided(rows, ["aaaa", "bbbb"])
    card = evaluate(plan)
    assert card.faults == ()
    assert plan.status is Status.OPTIMAL
    assert card.terms["quarter"] == 0
    assert notes(plan) == {}
    assert plan.scorecard()["inertia"].sum() > plain.scorecard()["inertia"].sum()
    assert "of 2 compounds are cut" in notes(plain)["compound-cut"]


def test_bands_come_before_compounds() -> None:
    """a has 200 and b 400: whole, one of them would be out of band."""
    plan = divided([[100] * 6], ["aabbbb"])
    assert evaluate(plan).in_band == 2
    assert notes(plan) == {
        "compound-cut": "1 of 2 compounds is cut, 100 households away from the rest of their own: "
        "b (100 households)",
        "compound-not-whole": "b would fit in a grid, but to keep it whole would put more grids "
        "out of band, or cost more by the weights",
    }


def test_a_compound_larger_than_a_grid_is_cut_and_it_is_told_that_it_must_be() -> None:
    plan = divided([[150] * 4, [100] * 4], ["aaaa", "bbbb"])
    assert evaluate(plan).faults == ()
    assert notes(plan) == {
        "compound-cut": "1 of 2 compounds is cut, 300 households away from the rest of their own: "
        "a (300 households)",
        "compound-over-limit": "1 compound is more than a grid may hold, so that every plan cuts "
        "it: a with 600 households, 500 at most; 1,800 people, 1,500 at most",
    }


def test_the_weight_grows_with_the_town_so_that_compactness_never_pays_for_a_cut() -> None:
    town, _ = board([[100] * 4], court=["aabb"])
    assert settle(town, USUAL, COURTS).objective.quarter == 1.0
    wide = replace(town, buildings=Buildings(_spread(town.buildings.table, 4_000.0)))
    assert settle(wide, USUAL, COURTS).objective.quarter == 144.0  # 12 km wide
    assert settle(wide, USUAL, Objective(compounds="court", quarter=0.5)).objective.quarter == 0.5
    assert Objective().quarter == 0.0
    assert COURTS.weights["quarter"] == 1.0


def _spread(table, apart_m: float):
    east = [500_000 + apart_m * k for k in range(len(table))]
    return table.set_geometry(points_from_xy(east, [3_000_000] * len(table), crs=table.crs))


def test_villages_kilometres_wide_stay_whole_too() -> None:
    """Five blocks of a, three of b, 4 km apart: two grids of four blocks would be rounder."""
    town, land = board([[80] * 8], court=["aaaaabbb"])
    town = replace(town, buildings=Buildings(_spread(town.buildings.table, 4_000.0)))
    limits = Limits(Band(200, 400), Band(600, 1200))

    def cut(**weight: float) -> float:
        objective = Objective(compounds="court", **weight)
        plan = gg.partition(town, limits, territory=land, time_limit_s=None, objective=objective)
        assert plan.status is Status.OPTIMAL
        return evaluate(plan).terms["quarter"]

    assert cut(quarter=1) > 0
    assert cut() == 0


def test_without_compounds_nothing_is_said_of_them() -> None:
    assert cut_notes(divided([[100] * 4], ["aabb"], Objective())) == []
