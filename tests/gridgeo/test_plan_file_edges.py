"""Edges and forbidden contacts in a plan's file, and what evaluate says of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyogrio
import pytest
from small_plans import block_plan, execute

from gridgeo.errors import PlanFileError
from gridgeo.evaluate import evaluate, evaluate_file
from gridgeo.ground import Forbidden
from gridgeo.plan_file import read_plan, write_plan


def told_plan():
    """The block of twelve with reasons; nothing is forbidden but B10 and B11, by a wall."""
    plan = block_plan()
    land = plan.territory
    shut = (land.edges == [10, 11]).all(axis=1)
    forbidden = Forbidden(
        land.edges[shut], land.border_m[shut], np.array(["wall"], object),
        np.array(["no crossing"], object),
    )  # fmt: skip
    land = replace(
        land,
        edges=land.edges[~shut],
        border_m=land.border_m[~shut],
        barrier=land.barrier[~shut],
        reason=np.full(int((~shut).sum()), "shared border", dtype=object),
        forbidden=forbidden,
    )
    return replace(plan, territory=land)


def codes(card) -> list[str]:
    return [fault.code for fault in card.faults]


def test_edges_go_to_a_layer_and_come_back(tmp_path):
    plan = told_plan()
    path = write_plan(plan, tmp_path / "plan.gpkg")
    lines = pyogrio.read_dataframe(path, layer="edges")
    assert set(lines.geom_type) == {"LineString"}
    assert (lines["a"][0], lines["b"][0]) == ("B00", "B01")
    assert lines["reason"].unique().tolist() == ["shared border"]
    back = read_plan(path).territory
    assert back.reason.tolist() == plan.territory.reason.tolist()
    assert back.forbidden.pairs.tolist() == [[10, 11]]
    assert back.forbidden.barrier.tolist() == ["wall"]
    assert evaluate_file(path).sound


def test_a_plan_without_the_layers_is_read_as_before(tmp_path):
    path = write_plan(told_plan(), tmp_path / "plan.gpkg")
    for layer in ("edges", "forbidden"):
        execute(path, f"delete from gpkg_contents where table_name = '{layer}'")
        execute(path, f"delete from gpkg_geometry_columns where table_name = '{layer}'")
        execute(path, f'drop table "{layer}"')
    plan = read_plan(path)
    assert plan.territory.reason is None
    assert plan.territory.forbidden is None
    assert evaluate_file(path).sound


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update edges set reason = '' where a = 'B00' and b = 'B01'", "edge-without-reason"),
        ("delete from edges where a = 'B00' and b = 'B01'", "stored-edges-lost"),
        ("update edges set border_m = 7 where a = 'B00' and b = 'B01'", "stored-edges"),
        ("update edges set b = 'B11' where a = 'B00' and b = 'B01'", "stored-edges"),
        ("delete from forbidden", "contact-untold"),
    ],
)
def test_evaluate_tells_edges_that_were_changed(tmp_path, statement, code):
    path = write_plan(told_plan(), tmp_path / "plan.gpkg")
    execute(path, statement)
    assert code in codes(evaluate_file(path))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update edges set b = '??' where a = 'B00' and b = 'B01'", "B00 and ??"),
        ("update forbidden set b = a", "do not join two buildings"),
        ("alter table edges rename column reason to why", "has no reason"),
    ],
)
def test_a_damaged_layer_of_edges_is_refused(tmp_path, statement, said):
    path = write_plan(told_plan(), tmp_path / "plan.gpkg")
    execute(path, statement)
    with pytest.raises(PlanFileError, match=said.replace("?", r"\?")):
        read_plan(path)


def test_an_edge_over_a_hard_barrier_needs_a_way():
    plan = told_plan()
    barrier = plan.territory.barrier.copy()
    barrier[0] = "river"
    assert codes(evaluate(replace(plan, territory=replace(plan.territory, barrier=barrier)))) == [
        "edge-across-barrier"
    ]
    reason = plan.territory.reason.copy()
    reason[0] = "bridge"
    land = replace(plan.territory, barrier=barrier, reason=reason)
    assert evaluate(replace(plan, territory=land)).sound


def test_a_border_that_its_cells_do_not_have_is_told():
    plan = told_plan()
    border_m = plan.territory.border_m.copy()
    border_m[3] = 99.0
    card = evaluate(replace(plan, territory=replace(plan.territory, border_m=border_m)))
    assert codes(card) == ["edge-border-differs"]


def test_a_grid_in_two_parts_joined_by_hand_is_sound_and_written(tmp_path):
    """B03 leaves G-002 for G-003: no border leads there, only an edge by hand."""
    plan = told_plan()
    land = plan.territory
    order = np.lexsort(np.vstack([land.edges, [[0, 3]]]).T[::-1])
    land = replace(
        land,
        edges=np.vstack([land.edges, [[0, 3]]])[order],
        border_m=np.append(land.border_m, 0.0)[order],
        barrier=np.append(land.barrier, "")[order],
        reason=np.append(land.reason, "by hand: one landlord")[order],
    )
    ids = plan.grid_ids.copy()
    ids[3] = ids[0]
    moved = replace(plan, territory=land, grid_ids=ids)
    hand = {"grid-not-contiguous", "grid-in-parts", "neighbours-without-border"}
    assert not hand & set(codes(evaluate(moved)))
    path = write_plan(moved, tmp_path / "plan.gpkg")
    assert not hand & set(codes(evaluate_file(path)))
    without = replace(moved, territory=told_plan().territory)
    assert {"grid-not-contiguous", "grid-in-parts"} <= set(codes(evaluate(without)))
