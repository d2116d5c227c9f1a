"""Scorecards: figures by hand, and every fault of a tampered plan named."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box
from small_plans import CRS, block_plan

from gridgeo.evaluate import Scorecard, evaluate, scorecard
from gridgeo.model import (
    Band,
    Buildings,
    Community,
    Limits,
    Plan,
    Status,
    Territory,
)
from gridgeo.partition import partition


def codes(card: Scorecard) -> list[str]:
    return [fault.code for fault in card.faults]


def regrid(plan: Plan, **grids: str) -> Plan:
    """Move buildings to other grids, and say nothing of it."""
    ids = plan.grid_ids.copy()
    for building, grid in grids.items():
        ids[int(building[1:])] = grid
    return replace(plan, grid_ids=ids)


def claim(plan: Plan, **changes) -> Plan:
    return replace(plan, results=(replace(plan.results[0], **changes),))


def recount(plan: Plan, **columns) -> Plan:
    """Change columns of the buildings: column name to {row: value}."""
    table = plan.buildings.table.copy()
    for name, values in columns.items():
        for row, value in values.items():
            table.loc[row, name] = value
    return replace(plan, buildings=Buildings(table))


@pytest.fixture(scope="module")
def partitioned() -> Plan:
    plan = block_plan()
    town = Community(plan.buildings, gpd.GeoDataFrame(geometry=[box(0, 0, 400, 300)], crs=CRS))
    return partition(town, plan.limits, time_limit_s=None)


def test_figures_are_those_of_a_hand_calculation():
    table = scorecard(block_plan())
    assert list(table.columns) == [
        "grid_id", "community", "buildings", "households", "population", "in_band", "reasons",
        "people_per_household", "span_m", "inertia", "area_m2", "contiguous",
    ]  # fmt: skip
    assert table["grid_id"].tolist() == ["G-001", "G-002", "G-003", "G-004"]
    assert table["buildings"].tolist() == [3] * 4
    assert table["households"].tolist() == [30] * 4
    assert table["population"].tolist() == [90] * 4
    assert table["in_band"].tolist() == [True] * 4
    assert table["people_per_household"].tolist() == [3.0] * 4
    diagonal_m = 100 * 2**0.5
    assert table["span_m"].to_numpy() == pytest.approx([200, 200, diagonal_m, diagonal_m])
    assert table["inertia"].to_numpy() == pytest.approx([0.2, 0.2, 0.4 / 3, 0.4 / 3])
    assert table["area_m2"].tolist() == [30_000.0] * 4
    assert table["contiguous"].tolist() == [True] * 4


def test_sound_plan_has_no_faults():
    card = evaluate(block_plan())
    assert card.sound
    assert card.faults == ()
    assert (card.grids, card.in_band, card.buildings) == (4, 4, 12)
    assert (card.households, card.population, card.violation) == (120, 360, 0.0)
    assert card.objective == pytest.approx(2 / 3)
    assert card.gap == pytest.approx(0.0, abs=1e-12)


def test_partitioned_plan_is_sound_and_says_the_same_as_the_solver(partitioned):
    card = evaluate(partitioned)
    assert card.faults == ()
    assert card.objective == pytest.approx(partitioned.objective, rel=1e-12)
    assert card.objective == pytest.approx(4 * 0.4 / 3)
    pd.testing.assert_frame_equal(partitioned.scorecard(), card.table)


def test_violation_is_one_and_the_shares_of_the_limits_broken():
    """G-001 loses a house to G-003: 20 of 25 households, 60 of 75; 40 over 35, 120 over 105."""
    plan = regrid(block_plan(), B08="G-003")
    card = evaluate(plan)
    expected = (1 + 5 / 25 + 15 / 75) + (1 + 5 / 35 + 15 / 105)
    assert card.violation == pytest.approx(expected, abs=1e-15)
    assert card.in_band == 2


def test_limit_of_zero_counts_as_one_in_a_violation():
    plan = replace(block_plan(), limits=Limits(Band(0, 0), Band(0, 200)))
    assert evaluate(plan).violation == 4 * (1 + 30)


def test_grid_without_households_has_no_inertia_and_no_ratio():
    plan = recount(block_plan(), households={8: 0, 9: 0, 10: 0})
    card = evaluate(plan)
    assert card.table["inertia"].iloc[0] == 0
    assert np.isnan(card.table["people_per_household"].iloc[0])
    assert card.as_dict()["grids_table"][0]["people_per_household"] is None


def test_moved_building_shows_in_bands_reasons_objective_violation_and_status():
    card = evaluate(regrid(block_plan(), B08="G-003"))
    assert codes(card) == [
        "reason-missing",
        "objective-differs",
        "violation-differs",
        "status-not-so",
        "status-not-so",
    ]
    assert card.faults[0].count == 2
    assert card.faults[0].first == "G-001"
    assert not card.sound


def test_torn_grid_is_named():
    """B09 and B05 change places: G-004 still holds together, G-001 does not."""
    card = evaluate(regrid(block_plan(), B09="G-004", B05="G-001"))
    assert codes(card)[:2] == ["grid-not-contiguous", "grid-in-parts"]
    assert card.faults[0].first == "G-001"
    assert card.table["contiguous"].tolist() == [False, True, True, False]


def test_neighbours_must_really_share_a_metre_of_border():
    plan = block_plan()
    edges = np.array(sorted([*plan.territory.edges.tolist(), [0, 5]]))
    land = replace(plan.territory, edges=edges, border_m=np.full(18, 100.0))
    card = evaluate(replace(plan, territory=land))
    assert codes(card) == ["neighbours-without-border"]
    assert card.faults[0].first == "B00 and B05"


@pytest.mark.parametrize(("border_m", "expected"), [(0.9, ["B00 and B05"]), (1.0, [])])
def test_border_shorter_than_a_metre_makes_no_neighbours(border_m, expected):
    """The corner of B00, B01, B04 and B05 drawn apart: B00 and B05 share a short border."""
    plan = block_plan()
    corner = (100 + border_m, 100)
    cells = plan.territory.cells.copy()
    cells[0] = shapely.Polygon([(0, 0), (100, 0), corner, (100, 100), (0, 100)])
    cells[1] = shapely.Polygon([(100, 0), (200, 0), (200, 100), corner])
    cells[5] = shapely.Polygon([(100, 100), corner, (200, 100), (200, 200), (100, 200)])
    edges = np.array(sorted([*plan.territory.edges.tolist(), [0, 5]]))
    card = evaluate(replace(plan, territory=replace(plan.territory, cells=cells, edges=edges)))
    assert [fault.first for fault in card.faults] == expected


def test_grid_held_together_by_a_corner_alone_is_not_contiguous():
    plan = regrid(block_plan(), B06="G-001", B08="G-004")
    edges = np.array(sorted([*plan.territory.edges.tolist(), [6, 9]]))
    land = replace(plan.territory, edges=edges)
    card = evaluate(replace(plan, territory=land))
    assert card.table["contiguous"].tolist()[0]
    assert not card.table["contiguous"].tolist()[3]


def test_contact_that_is_no_neighbour_does_not_join_a_grid():
    """A river between B09 and B10: their cells touch, and nobody walks from one to the other."""
    plan = block_plan()
    dry = ~(plan.territory.edges == [9, 10]).all(axis=1)
    land = replace(plan.territory, edges=plan.territory.edges[dry])
    card = evaluate(replace(plan, territory=land))
    assert codes(card) == ["grid-not-contiguous"]
    assert card.faults[0].first == "G-001"


def test_building_without_grid_is_named():
    card = evaluate(regrid(block_plan(), B08=None, B11=" "))
    assert codes(card)[0] == "building-without-grid"
    assert card.faults[0].count == 2
    assert card.buildings == 10


def test_building_that_occurs_twice_is_named():
    card = evaluate(recount(block_plan(), building_id={3: "B02"}))
    assert codes(card) == ["building-twice"]


def test_grid_over_the_border_of_a_community_is_named():
    card = evaluate(recount(block_plan(), community={3: "H"}))
    assert "grid-crosses-community" in codes(card)
    assert "community-without-result" in codes(card)


def test_grid_wider_than_the_planner_asked_is_named():
    plan = block_plan()
    wide = evaluate(replace(plan, limits=replace(plan.limits, max_span_m=199.0)))
    assert codes(wide) == ["grid-too-wide"]
    assert wide.faults[0].count == 2
    assert "wider than 199 m" in wide.faults[0].message
    assert evaluate(replace(plan, limits=replace(plan.limits, max_span_m=200.0))).sound


def test_building_larger_than_a_grid_must_stand_alone():
    card = evaluate(recount(block_plan(), households={8: 36}))
    assert codes(card)[0] == "large-building-not-alone"
    assert card.faults[0].first == "B08"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (box(0, 0, 90, 100), ["cells-gap", "cells-mismatched"]),
        (box(0, 0, 110, 100), ["cells-overlap", "cells-mismatched"]),
        (box(-10, 0, 100, 100), ["cells-outside", "cells-mismatched"]),
        (
            shapely.MultiPolygon([box(0, 0, 100, 50), box(0, 60, 100, 100)]),
            ["cells-gap", "cells-broken"],
        ),
        (
            shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]),
            ["cells-gap", "cells-invalid", "cells-mismatched"],
        ),
    ],
)
def test_cells_that_do_not_cover_the_territory_are_told(cell, expected):
    plan = block_plan()
    cells = plan.territory.cells.copy()
    cells[0] = cell
    card = evaluate(replace(plan, territory=replace(plan.territory, cells=cells)))
    assert set(expected) <= set(codes(card))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"objective": 0.66}, "objective-differs"),
        ({"violation": 1.2}, "violation-differs"),
        ({"bound": 0.67}, "bound-above-objective"),
        ({"violation_bound": 0.1}, "violation-bound-above"),
        ({"bound": 0.66}, "status-not-so"),
        ({"bound": None}, "status-not-so"),
        ({"status": Status.INFEASIBLE}, "status-not-so"),
        ({"community": "H"}, "community-without-result"),
    ],
)
def test_claim_that_does_not_hold_is_named(changes, code):
    assert code in codes(evaluate(claim(block_plan(), **changes)))


def test_infeasible_needs_a_bound_that_proves_it():
    plan = replace(block_plan(), limits=Limits(Band(25, 35), Band(100, 105)))
    plan = replace(plan, reasons=dict.fromkeys(sorted(set(plan.grid_ids)), "too few people"))
    short = 4 * (1 + 10 / 100)
    proved = claim(plan, status=Status.INFEASIBLE, violation=short, violation_bound=short)
    assert evaluate(proved).sound
    loose = claim(plan, status=Status.INFEASIBLE, violation=short, violation_bound=1.0)
    assert codes(evaluate(loose)) == ["status-not-so"]


def test_solver_counts_in_millionths_and_that_is_no_fault():
    """Thirds do not end: six digits are what a solver keeps of them."""
    plan = replace(block_plan(), limits=Limits(Band(25, 35), Band(93, 105)))
    plan = replace(plan, reasons=dict.fromkeys(sorted(set(plan.grid_ids)), "too few people"))
    kept = 4 * round(1 + 3 / 93, 6)
    assert kept != 4 * (1 + 3 / 93)
    told = claim(plan, status=Status.INFEASIBLE, violation=kept, violation_bound=kept)
    assert evaluate(told).sound


def test_reasons_must_belong_to_grids_out_of_band():
    card = evaluate(replace(block_plan(), reasons={"G-001": "why not", "G-009": "gone"}))
    assert codes(card) == ["reason-without-cause", "reason-of-no-grid"]


def test_arrays_that_do_not_agree_are_refused():
    plan = block_plan()
    with pytest.raises(ValueError, match="12 buildings needs 12 grid ids and cells, not 11 and 12"):
        evaluate(replace(plan, grid_ids=plan.grid_ids[:11]))


def test_scorecard_as_dict_is_json_without_nan():
    card = evaluate(claim(regrid(block_plan(), B08="G-003"), bound=None))
    facts = json.loads(json.dumps(card.as_dict(), allow_nan=False))
    assert facts["status"] == "optimal"
    assert facts["sound"] is False
    assert facts["bound"] is None
    assert (facts["grids"], facts["in_band"]) == (4, 2)
    assert facts["violation"] == card.violation
    (community,) = facts["communities"]
    assert (community["community"], community["grids"], community["buildings"]) == ("G", 4, 12)
    assert community["violation"] == card.violation
    assert facts["faults"][0]["code"] == "reason-missing"
    assert [row["grid_id"] for row in facts["grids_table"]] == ["G-001", "G-002", "G-003", "G-004"]
    assert facts["grids_table"][0]["in_band"] is False


def test_figures_hold_on_a_hundred_grids():
    """70 x 70 houses in 100 grids of 7 x 7."""
    side = 70
    east, north = np.arange(side**2) % side, np.arange(side**2) // side
    row = np.arange(side**2).reshape(side, side)
    edges = np.concatenate(
        [
            np.column_stack([row[:, :-1].ravel(), row[:, 1:].ravel()]),
            np.column_stack([row[:-1].ravel(), row[1:].ravel()]),
        ]
    )
    plan = block_plan()
    table = gpd.GeoDataFrame(
        {
            "building_id": pd.array([f"B{k:04d}" for k in range(side**2)], dtype="str"),
            "households": np.full(side**2, 8),
            "population": np.full(side**2, 24),
            "community": pd.array(["G"] * side**2, dtype="str"),
        },
        geometry=shapely.points(100 * east + 50, 100 * north + 50),
        crs=CRS,
    )
    big = replace(
        plan,
        buildings=Buildings(table),
        territory=Territory(
            cells=shapely.box(100 * east, 100 * north, 100 * east + 100, 100 * north + 100),
            edges=edges,
            border_m=np.full(len(edges), 100.0),
            barrier=np.full(len(edges), "", dtype=object),
            area=box(0, 0, 100 * side, 100 * side),
        ),
        grid_ids=np.array([f"G-{k:03d}" for k in (north // 7) * 10 + east // 7], dtype=object),
        limits=Limits(Band(300, 500), Band(1000, 1500)),
    )
    card = evaluate(big)
    assert card.in_band == 100
    assert card.table["span_m"].to_numpy() == pytest.approx(600 * 2**0.5)
    # 49 houses of 8 on a lattice of 7 by 7: 2 axes x 7 lines x 28 steps^2 x 100^2 x 8
    assert card.table["inertia"].to_numpy() == pytest.approx(2 * 7 * 28 * 1e4 * 8 / 1e6)
    assert codes(card) == ["objective-differs", "status-not-so"]
