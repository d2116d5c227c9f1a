"""A plan in a file against what its layers say: whoever changed a figure is found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_plans import block_plan, execute

from gridgeo.errors import PlanFileError
from gridgeo.evaluate import Scorecard, evaluate_file
from gridgeo.plan_file import write_plan


def codes(card: Scorecard) -> list[str]:
    return [fault.code for fault in card.faults]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> bytes:
    return write_plan(block_plan(), tmp_path_factory.mktemp("plan") / "plan.gpkg").read_bytes()


@pytest.fixture
def path(tmp_path, written) -> Path:
    """The plan of the block in a file."""
    (tmp_path / "plan.gpkg").write_bytes(written)
    return tmp_path / "plan.gpkg"


def test_file_as_it_was_written_is_sound(path):
    assert evaluate_file(path).faults == ()


def tampered(path: Path, statement: str) -> Path:
    execute(path, statement)
    return path


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update grids set households = 31 where fid = 1", ["stored-households"]),
        ("update grids set population = 91 where fid = 1", ["stored-population"]),
        ("update grids set buildings = 4 where fid = 1", ["stored-buildings"]),
        ("update grids set in_band = 0 where fid = 1", ["stored-in-band"]),
        ("update grids set community = 'H' where fid = 1", ["stored-community"]),
        ("update grids set grid_id = 'G-009' where fid = 1", ["stored-grids"]),
        ("delete from grids where fid = 2", ["stored-grids"]),
        ("update grids set reasons = 'so' where fid = 1", ["reason-without-cause"]),
        ("update grids set geom = (select geom from grids where fid = 2) where fid = 1",
         ["stored-polygon"]),
        ("update cells set grid_id = 'G-001' where fid = 1", ["stored-cell"]),
        ("update plan set objective = objective * 0.999, bound = null, status = 'feasible'",
         ["objective-differs"]),
        ("update plan set violation = 1.0", ["violation-differs"]),
        ("update plan set bound = 99.0", ["bound-above-objective"]),
        ("update cells set geom = (select geom from cells where fid = 2) where fid = 1",
         ["cells-gap", "cells-overlap"]),
        ("update buildings set households = 99 where fid = 9",
         ["large-building-not-alone", "stored-households", "stored-in-band"]),
        ("update buildings set grid_id = 'G-003' where fid = 9",
         ["reason-missing", "stored-buildings", "stored-polygon", "stored-cell"]),
    ],
)  # fmt: skip
def test_file_that_was_tampered_with_is_found_out(path, statement, expected):
    card = evaluate_file(tampered(path, statement))
    assert set(expected) <= set(codes(card))
    if len(expected) == 1:
        assert codes(card) == expected


def test_fault_in_a_file_says_where_and_what(path):
    card = evaluate_file(tampered(path, "update grids set households = 31 where fid = 1"))
    assert card.faults[0].message == (
        "layer 'grids': 1 grid has another 'households' than its buildings give (G-001)"
    )


def test_file_that_is_no_plan_cannot_be_evaluated(path):
    with pytest.raises(PlanFileError, match="no layer 'grids'"):
        evaluate_file(tampered(path, "delete from gpkg_contents where table_name = 'grids'"))
