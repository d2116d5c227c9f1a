"""What is minimised: settled for a town, paid by grids, kept with the plan and found out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_plans import block_plan, execute

from gridgeo.errors import InputError
from gridgeo.evaluate import evaluate, evaluate_file, scorecard
from gridgeo.intake import read_community
from gridgeo.model import Band, Buildings, Community, Limits, Objective, Plan, Status, Territory
from gridgeo.objective import objective_faults, settle
from gridgeo.partition import partition
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.proof import proof_lines
from gridgeo.publish import proof_sentence
from gridgeo.scorecard import objective_of, term_figures
from gridgeo.territory import build_territory

RIVERSIDE = Path(__file__).resolve().parents[2] / "data" / "riverside"
# Five compounds on the south bank, 41 buildings: small enough to be proved in a second.
SOUTH = "compound IN ('Cedar Court', 'Maple Court', 'Plum Court', 'Peach Court', 'River View')"


@pytest.fixture(scope="module")
def south() -> Community:
    return read_community(
        RIVERSIDE / "buildings.gpkg",
        boundary=RIVERSIDE / "boundary.gpkg",
        barriers=RIVERSIDE / "barriers.gpkg",
        community="community",
        where=SOUTH,
    )


@pytest.fixture(scope="module")
def land(south: Community) -> Territory:
    return build_territory(south.buildings, boundary=south.boundary, barriers=south.barriers)


@pytest.fixture(scope="module")
def default(south: Community, land: Territory) -> Plan:
    return partition(south, territory=land, time_limit_s=None)


def drawn(town: Community, land: Territory, objective: Objective, **more) -> Plan:
    return partition(town, objective=objective, territory=land, time_limit_s=None, **more)


def measured(plan: Plan, objective: Objective) -> dict[str, float]:
    """What the terms of another objective come to in a plan."""
    aim = replace(objective, target=objective.target or 400.0)
    return term_figures(scorecard(replace(plan, aim=aim)), aim)


def with_columns(plan: Plan, **columns) -> Plan:
    table = plan.buildings.table.copy()
    for name, values in columns.items():
        table[name] = values
    return replace(plan, buildings=Buildings(table))


def codes(card) -> list[str]:
    return [fault.code for fault in card.faults]


def test_weights_are_read_and_written_alike() -> None:
    assert Objective.parse_weights("border=0.01") == {"border": 0.01}
    assert Objective.parse_weights(" compactness = 0 , quarter=1e-3") == {
        "compactness": 0.0,
        "quarter": 0.001,
    }
    objective = Objective(compactness=0.1 + 0.2, balance=1e-9, quarter=7)
    assert Objective.parse_weights(objective.weights_text()) == objective.weights
    assert Objective().weights_text() == "compactness=1,balance=0,border=0,quarter=0"
    assert Objective().is_default
    assert not Objective(compactness=2).is_default


def test_every_fault_of_the_weights_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="'color=1' is not one of") as told:
        Objective.parse_weights("color=1,border=-1,quarter=1,quarter=2,balance=nan,compactness")
    for said in ("'border=-1'", "quarter stands twice", "'balance=nan'", "'compactness' needs"):
        assert said in str(told.value)


@pytest.mark.parametrize(
    "bad",
    [{"border": -1.0}, {"balance": np.inf}, {"quarter": np.nan}, {"compactness": 0.0},
     {"target": -1.0}, {"target": np.inf}],
)  # fmt: skip
def test_an_objective_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"weight|target"):
        Objective(**bad)


def test_target_is_the_middle_of_the_band_or_the_workload_that_comes_with_it(south) -> None:
    limits = Limits(households=Band(300, 501))
    assert settle(south, limits, Objective(balance=1)).objective.target == 400.5
    aim = settle(south, limits, Objective(balance=1, workload="households + 0.5*floating"))
    table = south.buildings.table
    total = float((table["households"] + 0.5 * table["floating"]).sum())
    assert aim.objective.target == float(f"{total / table['households'].sum() * 400.5:.4g}")
    given = Objective(balance=1, workload="floating", target=77.0)
    assert settle(south, limits, given).objective.target == 77.0


def test_faults_of_an_objective_are_told_together(south) -> None:
    bad = Objective(balance=1, quarter=1, workload="elderly", compounds="blocks")
    found = objective_faults(south, bad)
    assert [f.code for f in found] == ["workload-column-missing", "quarter-column-missing"]
    assert "columns there are: building_id" in found[0].message
    (fault,) = objective_faults(south, Objective(quarter=1))
    assert fault.sentence() == (
        "--weights quarter needs the column that names the compounds. "
        "Name it with --quarter COLUMN."
    )
    assert objective_faults(south, Objective()) == ()
    with pytest.raises(InputError, match="elderly"):
        partition(south, objective=bad)


def test_what_weighs_nothing_is_told(south) -> None:
    idle = Objective(workload="floating", compounds="compound", quarter=0)
    found = settle(south, Limits(), idle).findings
    assert [f.code for f in found] == ["balance-without-weight", "quarter-without-weight"]
    assert settle(south, Limits(), Objective()).findings == ()


def test_figures_of_grids_are_those_of_a_hand_calculation() -> None:
    """The compound "a" is the square B04 B05 B08 B09: 20 households in G-001, 10 in two others."""
    plan = with_columns(
        block_plan(), compound=["", "", "", "", "a", "a", "", "", "a", "a", "", ""],
        elderly=[0, 0, 0, 1.5, 0, 0, 0, 0, 0, 0, 0, 0],
    )  # fmt: skip
    barrier = plan.territory.barrier.copy()
    barrier[[pair == [5, 9] for pair in plan.territory.edges.tolist()].index(True)] = "street"
    aim = Objective(2, 0.5, 0.01, 3, "households + 3*elderly", 31.0, "compound")
    plan = replace(plan, territory=replace(plan.territory, barrier=barrier), aim=aim)
    table = scorecard(plan)
    assert table["workload"].tolist() == [30, 34.5, 30, 30]
    assert table["border_m"].tolist() == [300, 300, 400, 600]
    assert table["cut_off"].tolist() == [20, 0, 10, 10]
    figures = term_figures(table, aim)
    assert figures == pytest.approx(
        {"compactness": 2 / 3, "balance": 3 + 3.5**2, "border": 800, "quarter": 20}
    )
    expected = 2 * 2 / 3 + 0.5 * 15.25 + 0.01 * 800 + 3 * 20
    assert objective_of(table, aim) == pytest.approx(expected)


def test_borders_between_communities_and_pieces_of_compounds_are_nobodys_choice() -> None:
    """The top row is a community of its own; compound "a" is torn in two by that alone."""
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["community"] = ["G"] * 8 + ["H"] * 4
    table["compound"] = ["a"] * 12
    grids = np.array([f"G-00{k}" for k in "334233421111"], dtype=object)
    aim = Objective(border=1, quarter=1, compounds="compound")
    plan = replace(plan, buildings=Buildings(table), grid_ids=grids, aim=aim)
    figures = scorecard(plan)
    assert figures["border_m"].tolist() == [0, 200, 200, 400]
    # of the 80 households south, 20 are in G-002, 40 in G-003, 20 in G-004
    assert figures["cut_off"].tolist() == [0, 20, 40, 20]


def test_a_price_on_borders_leaves_fewer_metres_off_streets(south, land, default) -> None:
    plan = drawn(south, land, Objective(border=0.1))
    card = evaluate(plan)
    assert card.faults == ()
    assert plan.status is Status.OPTIMAL
    assert card.objective == pytest.approx(plan.objective, rel=1e-9)
    before = measured(default, Objective(border=0.1))
    assert card.terms["border"] < before["border"]
    assert card.terms["compactness"] > before["compactness"]
    assert card.objective < before["compactness"] + 0.1 * before["border"]


def test_a_price_on_compounds_leaves_fewer_households_cut_off(south, land, default) -> None:
    plan = drawn(south, land, Objective(quarter=1, compounds="compound"))
    card = evaluate(plan)
    assert card.faults == ()
    before = measured(default, Objective(quarter=1, compounds="compound"))
    assert card.terms["quarter"] < before["quarter"]
    assert int(card.table["cut_off"].sum()) == 2 * card.terms["quarter"]


@pytest.mark.parametrize(
    ("workload", "price"),
    [("households", 2e-4), ("population", 1e-5), ("households + 0.5*floating", 1e-4)],
)
def test_a_price_on_balance_brings_workloads_closer(south, land, default, workload, price) -> None:
    plan = drawn(south, land, Objective(balance=price, workload=workload))
    card = evaluate(plan)
    assert card.faults == ()
    assert plan.status is Status.OPTIMAL
    before = measured(default, plan.aim)
    assert card.terms["balance"] < before["balance"]
    # proved best: no better than this can be had for the price
    assert plan.objective <= before["compactness"] + price * before["balance"]


def test_the_default_is_what_it_was(south, land, default) -> None:
    same = drawn(south, land, Objective(), solver="HiGHS")
    assert same.versions == default.versions | {"solver": "highs"}
    assert same.grid_ids.tolist() == default.grid_ids.tolist()
    assert same.objective == default.objective == pytest.approx(evaluate(default).objective)
    assert default.aim == Objective(target=400.0)
    assert "border_m" not in default.scorecard()
    (line,) = proof_lines(default)
    assert f"(objective {default.objective:.3f}, in 10^6 household m²)" in line


def test_the_objective_comes_back_from_the_file(tmp_path, south, land) -> None:
    objective = Objective(
        border=0.1, quarter=0.2, workload="2*registered + households", compounds="compound"
    )
    plan = drawn(south, land, objective)
    path = write_plan(plan, tmp_path / "plan.gpkg")
    back = read_plan(path)
    assert back.aim == plan.aim
    assert back.aim.target == plan.aim.target > 0
    assert evaluate_file(path).faults == ()
    again = write_plan(back, tmp_path / "again.gpkg")
    assert again.read_bytes() == path.read_bytes()
    facts = json.loads(json.dumps(evaluate_file(path).as_dict()))
    assert facts["aim"] == {
        "weights": {"compactness": 1.0, "balance": 0.0, "border": 0.1, "quarter": 0.2},
        "workload": "2*registered + households",
        "target": plan.aim.target,
        "compounds": "compound",
    }
    assert set(facts["terms"]) == {"compactness", "border", "quarter"}
    assert {"workload", "border_m", "cut_off"} <= set(facts["grids_table"][0])
    (line,) = proof_lines(plan)
    figures = evaluate(plan).terms
    assert f"objective {plan.objective:.3f}: compactness {figures['compactness']:.3f} + " in line
    assert f"{figures['border']:,.0f} m of border" in line
    assert "has a lower objective" in line
    assert "compact (" not in line
    sentence = "Proved: no other division within the bands does better by the weights chosen."
    assert proof_sentence(plan) == sentence


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update plan set objective = objective * 0.999, bound = null, status = 'feasible'",
         "objective-differs"),
        ("update plan set weights = 'border=0.05,quarter=0.2'", "objective-differs"),
        ("update cells set barrier = replace(barrier, '\"\"', '\"street\"')", "objective-differs"),
        ("update buildings set compound = 'Peach Court'", "objective-differs"),
        ("update grids set cut_off = cut_off + 1 where fid = 2", "stored-cut-off"),
        ("update grids set border_m = border_m + 1 where fid = 2", "stored-border-m"),
        ("update grids set workload = workload + 1 where fid = 2", "stored-workload"),
        ("alter table grids drop column workload", "stored-workload"),
    ],
)  # fmt: skip
def test_who_doctors_a_term_is_found_out(tmp_path, doctored, statement, expected) -> None:
    path = tmp_path / "plan.gpkg"
    path.write_bytes(doctored)
    execute(path, statement)
    assert expected in codes(evaluate_file(path))


@pytest.fixture(scope="module")
def doctored(tmp_path_factory, south, land) -> bytes:
    objective = Objective(border=0.1, quarter=0.2, workload="floating", compounds="compound")
    plan = drawn(south, land, objective)
    path = write_plan(plan, tmp_path_factory.mktemp("plan") / "plan.gpkg")
    assert evaluate_file(path).faults == ()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update plan set weights = 'border=x'", "border=x"),
        ("update plan set workload = 'floating + nobody', weights = 'balance=1'", "'nobody'"),
        ("update plan set compounds = 'lanes'", "no column 'lanes'"),
        ("update plan set target = null, weights = 'balance=1'", "'target' is empty"),
        ("alter table plan drop column target", "no target"),
    ],
)  # fmt: skip
def test_an_objective_damaged_in_its_file_is_no_plan(tmp_path, doctored, statement, said) -> None:
    path = tmp_path / "plan.gpkg"
    path.write_bytes(doctored)
    execute(path, statement)
    with pytest.raises(Exception, match=said):
        read_plan(path)


def test_a_file_of_before_there_were_objectives_is_read_with_the_default(tmp_path) -> None:
    path = write_plan(block_plan(), tmp_path / "plan.gpkg")
    for name in ("weights", "workload", "target", "compounds"):
        execute(path, f"alter table plan drop column {name}")
    assert read_plan(path).aim == Objective()
    assert evaluate_file(path).faults == ()


@pytest.mark.parametrize(
    "name", ["grid_id", "Households", "it's", 'a "b", c', "class", "60岁以上", "ｆｕｌｌ", "fid"]
)
def test_a_column_of_any_name_is_balanced_and_found_again_in_the_file(tmp_path, name) -> None:
    plan = with_columns(block_plan(), **{name: np.arange(12), "compound": ["a"] * 12})
    aim = Objective(balance=1, quarter=1, workload=f"2*`{name}`", target=30.0, compounds=name)
    cost = objective_of(scorecard(replace(plan, aim=aim)), aim)
    result = replace(plan.results[0], objective=cost, bound=cost)
    plan = replace(plan, aim=aim, results=(result,))
    assert evaluate(plan).faults == ()
    path = write_plan(plan, tmp_path / "plan.gpkg")
    assert evaluate_file(path).faults == ()
    assert write_plan(read_plan(path), tmp_path / "b.gpkg").read_bytes() == path.read_bytes()


def test_units_kept_whole_must_not_lie_across_compounds(south, land) -> None:
    table = south.buildings.table.copy()
    table["lane"] = ["L1"] * 2 + [""] * (len(table) - 2)
    table["court"] = ["C1"] + ["C2"] * (len(table) - 1)
    town = replace(south, buildings=Buildings(table))
    with pytest.raises(InputError, match=r"1 unit is only partly in one compound of 'court' \(L1"):
        drawn(town, land, Objective(quarter=1, compounds="court"), whole="lane")
    table["court"] = ["C2"] * len(table)
    whole = drawn(
        replace(south, buildings=Buildings(table)), land,
        Objective(quarter=0.01, border=0.1, balance=0.0001, compounds="court"), whole="lane",
    )  # fmt: skip
    card = evaluate(whole)
    assert card.faults == ()
    assert whole.status is Status.OPTIMAL


def test_the_same_objective_and_seed_give_the_same_file(tmp_path, south, land) -> None:
    objective = Objective(border=0.1, quarter=1, compounds="compound")
    one, two = (
        write_plan(drawn(south, land, objective, seed=3), tmp_path / name)
        for name in ("one.gpkg", "two.gpkg")
    )
    assert one.read_bytes() == two.read_bytes()
