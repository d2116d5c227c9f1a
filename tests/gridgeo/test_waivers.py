"""Waivers: who may be waived, what stays known, and where it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from small_plans import street_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.coding import code_plan
from gridgeo.errors import InputError
from gridgeo.evaluate import evaluate, evaluate_file
from gridgeo.lineage import only_living, plan_digest
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.record import Record, Staff, Version, Waiver
from gridgeo.waivers import waive, withdraw_waivers

DAY = "2026-03-01"
SAID = {"reason": "a corner cut off by the river", "person": "Chen", "day": DAY}


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def with_households(plan, row: int, households: int):
    table = plan.buildings.table.copy()
    table.loc[row, "households"] = households
    return replace(plan, buildings=replace(plan.buildings, table=table))


def test_a_waiver_changes_nothing_but_the_record() -> None:
    plan = street_plan()
    after = waive(plan, "1-002", **SAID)
    assert after.record.waivers == (Waiver("1-002", SAID["reason"], "Chen", DAY),)
    (version,) = after.record.versions
    assert version.recipe["grids"] == {"1-002": {"households": 2, "population": 6}}
    assert plan_digest(after) == plan_digest(plan) == version.digest
    ours, theirs = evaluate(after).as_dict(), evaluate(plan).as_dict()
    (card,) = ours.pop("waivers")
    assert theirs.pop("waivers") == []
    assert ours == theirs
    assert (card["changed"], card["in_band"], card["person"]) == (False, False, "Chen")


def test_every_fault_is_told_at_once() -> None:
    plan = waive(street_plan(), "1-002", **SAID)
    with pytest.raises(InputError) as told:
        waive(plan, ["1-001", "E-001", "none", "1-002", "1-002"], reason=" ", person="", day=DAY)
    said = {finding.code: finding.message for finding in told.value.findings}
    assert said == {
        "reason-missing": "no reason is given",
        "person-missing": "no person is given",
        "grid-unknown": "1 grid is not there (none)",
        "grid-in-band": "2 grids are in band, and need no waiver (first: 1-001)",
        "waived-already": "1 grid is waived already (1-002)",
    }
    assert "Grids out of band: 1-002" in str(told.value)
    with pytest.raises(InputError, match="cannot be shown"):
        waive(street_plan(), "1-002", **SAID | {"reason": "a\nb"})
    with pytest.raises(InputError, match="no grid is named"):
        waive(street_plan(), [], **SAID)


def test_a_waiver_is_withdrawn_and_the_history_keeps_it() -> None:
    plan = waive(street_plan(), "1-002", **SAID)
    with pytest.raises(InputError, match=r"1 grid is not waived \(1-001\)"):
        withdraw_waivers(plan, ["1-001", "1-002"], person="Li", day=DAY)
    after = withdraw_waivers(plan, "1-002", person="Li", day="2026-04-01")
    assert after.record.waivers == ()
    assert [v.action for v in after.record.versions] == ["waive", "waive"]
    assert after.record.versions[1].recipe["withdrawn"] == ["1-002"]
    assert waive(after, "1-002", **SAID).record.waivers


def test_it_is_told_when_the_figures_have_changed_since() -> None:
    plan = waive(street_plan(), "1-002", **SAID)
    (card,) = evaluate(with_households(plan, 2, 3)).waivers
    assert card.changed is True
    assert card.sentence() == (
        "1-002 was waived on 2026-03-01 by Chen: a corner cut off by the river. Its figures have "
        "changed since: 2 households and 6 people then, 3 households and 6 people now."
    )
    other = with_households(plan, 2, 4)
    table = other.buildings.table
    table.loc[2, "population"] = 12
    (card,) = evaluate(other).waivers
    assert card.sentence().endswith("It is in band now; the waiver can be withdrawn.")


def test_figures_are_known_under_the_codes_that_came_after() -> None:
    plan = waive(street_plan(), "1-002", **SAID)
    prefixes = {"1": "110101001001", "E": "110101001002"}
    coded = code_plan(plan, "db11t2157", prefixes, day=DAY)
    (card,) = evaluate(coded).waivers
    assert card.waiver.grid_id == "110101001001002"
    assert card.changed is False
    assert evaluate(with_households(coded, 2, 3)).waivers[0].changed is True


def test_a_waiver_of_a_grid_that_is_gone_is_told_and_can_be_withdrawn() -> None:
    plan = replace(street_plan(), record=Record(waivers=(Waiver("9", "old", "Li"),)))
    (card,) = evaluate(plan).waivers
    assert "There is no such grid any more" in card.sentence()
    assert card.as_dict()["changed"] is None
    assert not withdraw_waivers(plan, "9", person="Li", day=DAY).record.waivers


@pytest.mark.parametrize("grids", [3, {"1-002": 7}, {"1-002": {"households": "2"}}])
def test_a_history_changed_by_hand_knows_no_figures(grids) -> None:
    plan = waive(street_plan(), "1-002", **SAID)
    odd = Version("waive", "", recipe={"grids": grids})
    record = replace(plan.record, versions=(odd,))
    assert evaluate(replace(plan, record=record)).waivers[0].changed is None


def test_who_serves_an_ended_grid_and_its_waiver_end_with_it() -> None:
    record = Record(
        waivers=(Waiver("1", "a", "b"), Waiver("2", "a", "b")), staff=(Staff("2", "c"),)
    )
    left = only_living(record, np.array(["1"], dtype=object))
    assert (left.waivers, left.staff) == ((Waiver("1", "a", "b"),), ())


def test_the_layer_of_grids_says_who_waived_and_only_then(tmp_path) -> None:
    path = write_plan(street_plan(), tmp_path / "plan.gpkg")
    assert "waived" not in pyogrio.read_dataframe(path, layer="grids")
    write_plan(waive(street_plan(), "1-002", **SAID), path)
    layer = pyogrio.read_dataframe(path, layer="grids").set_index("grid_id")["waived"]
    assert layer.to_dict() == {
        "1-001": "", "1-002": "2026-03-01 Chen: a corner cut off by the river", "E-001": "",
    }  # fmt: skip
    same = evaluate_file(path).faults
    assert same == evaluate(street_plan()).faults
    write_plan(read_plan(path), tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == path.read_bytes()


def test_the_command_waives_shows_and_withdraws(tmp_path: Path) -> None:
    path = write_plan(street_plan(), tmp_path / "plan.gpkg")
    status = run("evaluate", path).exit_code
    new = tmp_path / "new.gpkg"
    done = run("waive", path, "1-002", "--reason", "a corner", "--person", "Chen", "--date", DAY,
               "-o", new)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "1-002 was waived on 2026-03-01 by Chen: a corner." in done.stdout
    assert not read_plan(path).record.waivers
    shown = run("evaluate", new)
    assert shown.exit_code == status
    assert "1-002 was waived on 2026-03-01 by Chen: a corner." in shown.stdout
    assert any(line.split()[-1] == "waived" for line in shown.stdout.splitlines() if line.strip())
    facts = json.loads(run("evaluate", new, "--json").stdout)
    assert facts["waivers"][0]["reason"] == "a corner"
    before = new.read_bytes()
    twice = run("waive", new, "1-002", "7", "--reason", "x", "--person", "y")
    assert twice.exit_code == 2
    assert "2 faults in the input; nothing was written" in twice.stderr
    assert new.read_bytes() == before
    gone = run("waive", new, "1-002", "--withdraw", "--person", "Li")
    assert gone.exit_code == 0, gone.output
    assert "No grid is waived." in gone.stdout
    assert len(read_plan(new).record.versions) == 2


def test_the_command_tells_every_fault_of_its_words(tmp_path: Path) -> None:
    done = run("waive", tmp_path / "none.gpkg", "1", "--date", "0", "-o", tmp_path / "x.txt")
    assert done.exit_code == 2
    for said in ("no such file", "not a day", "suffix .gpkg"):
        assert said in done.stderr
