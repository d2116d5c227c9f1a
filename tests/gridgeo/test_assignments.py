"""Grids drawn elsewhere become a plan: what the table says, judged honestly, and all is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from small_plans import block_plan, street_plan
from typer.testing import CliRunner

import gridgeo as gg
from gridgeo.cli import app
from gridgeo.errors import InputError
from gridgeo.lineage import is_imported, plan_digest
from gridgeo.record import CodeEntry, Record, Staff, Waiver


def table(folder: Path, grid_of: dict[str, str], header: str = "building_id,grid_id") -> Path:
    path = folder / "grids.csv"
    path.write_text("\n".join([header, *(f"{a},{b}" for a, b in grid_of.items())]) + "\n")
    return path


def taken(plan, path, **more):
    return gg.import_assignments(plan, path, **{"made": "2026-03-01", **more})


def same(plan) -> dict[str, str]:
    return dict(zip(plan.buildings.ids, plan.grid_ids, strict=True))


def fault(plan, path, **more):
    with pytest.raises(InputError) as refused:
        taken(plan, path, **more)
    return refused.value.findings


def told(plan) -> dict[str, str]:
    return {finding.code: finding.sentence() for finding in plan.findings}


def test_the_same_grids_give_the_same_figures_but_no_proof(tmp_path) -> None:
    plan = block_plan()
    new = gg.import_assignments(plan, table(tmp_path, same(plan)))
    assert new.record.codes == ()
    assert new.record.versions[-1].made == ""
    new = taken(plan, table(tmp_path, same(plan)))
    assert new.grid_ids.tolist() == plan.grid_ids.tolist()
    assert (new.status, new.bound, new.gap) == (gg.Status.FEASIBLE, None, None)
    assert new.objective == pytest.approx(plan.objective)
    assert new.results[0].violation == new.results[0].violation_bound == 0
    assert new.findings.items == ()
    assert gg.evaluate(new).sound
    (version,) = new.record.versions
    assert (version.action, version.made, version.digest) == (
        "import", "2026-03-01", plan_digest(new),
    )  # fmt: skip
    assert version.recipe["file"] == "grids.csv"
    assert len(version.recipe["sha256"]) == 64


def test_other_grids_are_judged_anew(tmp_path) -> None:
    """The column in the east splits: B11 and B07 leave B03 alone, 10 households, 15 under 25."""
    plan = block_plan()
    grid_of = same(plan) | {"B03": "lone"}
    new = taken(plan, table(tmp_path, grid_of))
    assert same(new)["B03"] == "lone"
    card = gg.evaluate(new)
    assert card.sound
    assert new.objective == pytest.approx(card.objective)
    assert new.results[0].violation == pytest.approx(card.violation)
    assert new.results[0].violation == pytest.approx(
        (1 + 15 / 25 + 45 / 75) + (1 + 5 / 25 + 15 / 75)
    )
    assert (new.status, new.bound) == (gg.Status.FEASIBLE, None)
    assert new.reasons["lone"].startswith("10 households, 15 under 25 and 30 people, 45 under 75")
    assert "2 grids are out of band: G-002, lone" in told(new)["import-out-of-band"]


def test_a_grid_in_pieces_is_told_kept_and_found_again_in_the_file(tmp_path) -> None:
    plan = block_plan()
    grid_of = same(plan) | {"B00": "G-002", "B03": "G-003"}
    new = taken(plan, table(tmp_path, grid_of))
    assert new.status is gg.Status.UNKNOWN
    assert [finding.code for finding in new.findings] == ["import-in-pieces"]
    said = "2 grids are in pieces: G-002 (B00 cut off), G-003 (B03 and B04 cut off)"
    assert said in told(new)["import-in-pieces"]
    read = gg.read_plan(new.save(tmp_path / "new.gpkg"))
    assert same(read) == grid_of
    assert is_imported(read)
    assert {f.code for f in gg.evaluate(read).faults} == {"grid-not-contiguous", "grid-in-parts"}
    # a plan that was drawn here must still be whole
    with pytest.raises(gg.PlanFileError, match="not in one piece"):
        replace(new, record=Record()).save(tmp_path / "other.gpkg")


def test_ids_of_no_building_and_buildings_without_a_grid_are_told_by_name(tmp_path) -> None:
    plan = block_plan()
    grid_of = same(plan) | {"X1": "G-001", "X2": "G-001", "B05": ""}
    del grid_of["B09"]
    findings = fault(plan, table(tmp_path, grid_of))
    text = "\n".join(finding.sentence() for finding in findings)
    assert [finding.code for finding in findings] == ["import-missing", "import-id-unknown"]
    assert "2 rows are of no building of the plan: X1, X2" in text
    assert "2 buildings of the plan have no grid in it: B05, B09" in text
    assert "--missing nearest" in text
    assert findings[0].count == 2
    kept = taken(plan, table(tmp_path, grid_of), missing="keep")
    assert same(kept) == same(plan)
    assert "2 rows are of no building of the plan: X1, X2" in told(kept)["import-id-unknown"]
    assert "B05, B09; they stay in the grid of before" in told(kept)["import-kept"]


def test_the_nearest_grid_is_the_one_that_shares_most_border(tmp_path) -> None:
    """B05 touches G-003 in the west, G-004 in the south and east, G-001 in the north."""
    plan = block_plan()
    grid_of = same(plan)
    for name in ("B05", "B11", "B07"):
        del grid_of[name]
    grid_of["B01"] = "G-004"
    new = taken(plan, table(tmp_path, grid_of), missing="nearest")
    assert same(new)["B05"] == "G-004"
    # B07: G-004 in the west, G-002 in the south: the first id; B11: G-001
    assert (same(new)["B07"], same(new)["B11"]) == ("G-002", "G-001")
    assert "B05 to G-004" in told(new)["import-nearest"]
    assert gg.evaluate(new).sound


def test_a_chain_of_buildings_without_a_grid_is_filled_from_its_ends(tmp_path) -> None:
    plan = block_plan()
    new = taken(plan, table(tmp_path, {"B00": "A"}), missing="nearest")
    assert set(new.grid_ids) == {"A"}


def test_the_nearest_grid_is_never_one_of_another_community(tmp_path) -> None:
    plan = street_plan()
    grid_of = {"007": "1-001", "08": "1-001", "B1": "1-001"}
    (finding,) = fault(plan, table(tmp_path, grid_of), missing="nearest")
    assert finding.code == "import-alone"
    assert (
        "3 buildings without a grid touch no building that has one: B2, B3, B4" in finding.message
    )


def test_a_grid_in_two_communities_is_refused(tmp_path) -> None:
    plan = street_plan()
    (finding,) = fault(plan, table(tmp_path, dict.fromkeys(plan.buildings.ids, "1")))
    assert finding.code == "import-two-communities"
    assert "1 grid has buildings in two communities: 1 in 1 and E" in finding.message


def test_a_table_that_lost_its_zeros_is_understood_and_told(tmp_path) -> None:
    plan = street_plan()
    grid_of = same(plan)
    lost = {name.lstrip("0"): grid for name, grid in grid_of.items()}
    new = taken(plan, table(tmp_path, lost))
    assert same(new) == grid_of
    assert (
        "2 ids are written otherwise than in the plan: 7 for 007, 8 for 08"
        in (told(new)["import-id-alike"])
    )


def test_a_building_that_is_here_in_parts_is_named_as_a_whole(tmp_path) -> None:
    plan = block_plan()
    frame = plan.buildings.table
    ids = [f"A{k:02d}" for k in range(10)] + ["T/1", "T/2"]
    frame["building_id"] = ids
    frame["building"] = [*ids[:10], "T", "T"]
    frame["entrance"] = [""] * 10 + ["1", "2"]
    grid_of = dict.fromkeys(ids[:10], "A") | {"T": "B"}
    new = taken(plan, table(tmp_path, grid_of))
    assert same(new) == dict.fromkeys(ids[:10], "A") | {"T/1": "B", "T/2": "B"}
    assert "import-id-unknown" not in told(new)


def test_a_workbook_and_other_names_are_read_too(tmp_path) -> None:
    plan = block_plan()
    book = openpyxl.Workbook()
    book.active.append(["楼栋编号", "所属网格"])
    for pair in same(plan).items():
        book.active.append(pair)
    book.save(tmp_path / "grids.xlsx")
    assert same(taken(plan, tmp_path / "grids.xlsx")) == same(plan)
    path = table(tmp_path, same(plan), "GEOID,DISTRICT")
    columns = {"building_id": "GEOID", "grid_id": "DISTRICT"}
    assert same(taken(plan, path, columns=columns)) == same(plan)


def test_grids_drawn_as_polygons_are_imported_by_where_buildings_stand(tmp_path) -> None:
    plan = block_plan()
    halves = gpd.GeoDataFrame(
        {"grid_id": ["west", "east"]},
        geometry=[box(0, 0, 200, 300), box(200, 0, 400, 300)],
        crs=3414,
    )
    halves.to_crs(4326).to_file(tmp_path / "drawn.geojson")
    new = taken(plan, tmp_path / "drawn.geojson")
    west = plan.buildings.xy[:, 0] < 200
    assert new.grid_ids.tolist() == np.where(west, "west", "east").tolist()
    halves.iloc[:1].to_file(tmp_path / "half.gpkg")
    (finding,) = fault(plan, tmp_path / "half.gpkg")
    assert finding.code == "import-missing"
    halves.translate(9000).to_file(tmp_path / "off.gpkg")
    off = halves.set_geometry(halves.translate(9000))
    off.to_file(tmp_path / "off.gpkg")
    (finding,) = fault(plan, tmp_path / "off.gpkg")
    assert finding.code == "import-foreign"


def test_a_table_of_other_buildings_is_refused(tmp_path) -> None:
    for missing in ("error", "nearest", "keep"):
        (finding,) = fault(block_plan(), table(tmp_path, {"X1": "A"}), missing=missing)
        assert finding.code == "import-foreign"


def test_faults_of_the_file_and_of_the_grids_are_told_at_once(tmp_path) -> None:
    plan = street_plan()
    grid_of = dict.fromkeys(plan.buildings.ids, "1")
    del grid_of["B1"]
    codes = [finding.code for finding in fault(plan, table(tmp_path, grid_of))]
    assert codes == ["import-missing", "import-two-communities"]
    path = tmp_path / "grids.csv"
    path.write_text("building_id,grid_id\nB1,1\nB1,2\n,3\n")
    assert {f.code for f in fault(plan, path)} == {"old-in-two-grids", "ids-missing"}
    (finding,) = fault(plan, path, missing="guess")
    assert finding.code == "missing-unknown"


def coded(plan):
    codes = tuple(CodeEntry(code, "G", started="2024-01-01") for code in sorted(set(plan.grid_ids)))
    ended = CodeEntry("G-000", "G", started="2020-01-01", ended="2023-12-31")
    return replace(
        plan,
        record=Record(
            codes=(*codes, ended),
            waivers=(Waiver("G-001", "small", "Li"), Waiver("G-002", "large", "Li")),
            staff=(Staff("G-001", "Wang"), Staff("G-002", "Chen")),
        ),
    )


def test_codes_end_and_begin_with_their_lineage_and_none_comes_back(tmp_path) -> None:
    plan = coded(block_plan())
    grid_of = {name: "G-005" if grid == "G-002" else grid for name, grid in same(plan).items()}
    new = taken(plan, table(tmp_path, grid_of))
    codes = {entry.code: entry for entry in new.record.codes}
    assert codes["G-001"] == plan.record.codes[0]
    assert (codes["G-002"].ended, codes["G-002"].successors) == ("2026-03-01", ("G-005",))
    assert (codes["G-005"].started, codes["G-005"].predecessors) == ("2026-03-01", ("G-002",))
    assert [waiver.grid_id for waiver in new.record.waivers] == ["G-001"]
    assert [person.grid_id for person in new.record.staff] == ["G-001"]
    assert {"import-waivers-gone", "import-staff-gone"} <= set(told(new))
    grid_of = {name: "G-000" if grid == "G-002" else grid for name, grid in same(plan).items()}
    (finding,) = fault(plan, table(tmp_path, grid_of))
    assert finding.code == "code-again"


def test_ids_of_a_plan_without_codes_are_remembered_too_once_they_end(tmp_path) -> None:
    plan = block_plan()
    first = taken(plan, table(tmp_path, dict.fromkeys(same(plan), "all")))
    assert {entry.code for entry in first.record.codes if entry.ended} == set(plan.grid_ids)
    for made in ("", "2026-03-01"):
        first = taken(plan, table(tmp_path, dict.fromkeys(same(plan), "all")), made=made)
        assert {entry.code for entry in first.record.codes} == {"all", *plan.grid_ids}
        (finding,) = fault(first, table(tmp_path, same(plan)))
        assert finding.code == "code-again"
    read = gg.read_plan(first.save(tmp_path / "new.gpkg"))
    assert read.record == first.record


def test_importing_again_does_not_pile_up_what_was_told(tmp_path) -> None:
    plan = street_plan()  # with a warning about its buildings
    grid_of = same(plan) | {"X1": "1-001"}
    first = taken(plan, table(tmp_path, grid_of))
    again = taken(first, table(tmp_path, grid_of))
    assert first.findings == again.findings
    assert "odd" in told(again)
    assert [version.action for version in again.record.versions] == ["import", "import"]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(labels=st.lists(st.integers(0, 4), min_size=12, max_size=12))
def test_any_assignment_is_taken_as_it_is_and_judged_as_the_verifier_does(
    tmp_path_factory, labels
) -> None:
    plan = block_plan()
    folder = tmp_path_factory.mktemp("import")
    grid_of = {str(name): f"g{k}" for name, k in zip(plan.buildings.ids, labels, strict=True)}
    new = taken(plan, table(folder, grid_of))
    assert same(new) == grid_of
    card = gg.evaluate(new)
    whole = bool(card.table["contiguous"].all())
    assert card.sound == whole
    assert (new.status is gg.Status.UNKNOWN) == (not whole and new.results[0].violation == 0)
    assert new.results[0].violation == pytest.approx(card.violation)
    read = gg.read_plan(new.save(folder / "new.gpkg"))
    assert same(read) == grid_of
    gg.export_plan(read, folder / "out.csv")
    assert same(taken(plan, folder / "out.csv")) == grid_of


def run(*words: object):
    return CliRunner().invoke(app, [*map(str, words)])


def test_the_commands_go_round_and_their_history_is_kept(tmp_path) -> None:
    path = block_plan().save(tmp_path / "plan.gpkg")
    done = run("export", path, "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.stderr
    done = run("import", path, tmp_path / "out.csv", "-o", tmp_path / "new.gpkg",
               "--date", "2026-03-01")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "Every grid is in band; how compact a plan could be is not known" in done.stdout
    new = gg.read_plan(tmp_path / "new.gpkg")
    assert new.grid_ids.tolist() == block_plan().grid_ids.tolist()
    assert new.record.versions[-1].made == "2026-03-01"
    assert run("evaluate", tmp_path / "new.gpkg").exit_code == 0


def test_the_commands_tell_every_fault_and_write_nothing(tmp_path) -> None:
    path = block_plan().save(tmp_path / "plan.gpkg")
    done = run("export", tmp_path / "none.gpkg", "-o", tmp_path / "out.xyz", "--layer", "x")
    assert done.exit_code == 2
    assert "3 faults in the input; nothing was written" in done.stderr
    done = run("export", path, "-o", path)
    assert done.exit_code == 2
    (tmp_path / "bad.csv").write_text("building_id,grid_id\nB00,1\n")
    words = ("import", path, tmp_path / "bad.csv", "-o", tmp_path / "new.gpkg")
    done = run(*words)
    assert done.exit_code == 2
    assert "11 buildings of the plan have no grid in it: B01, B02" in done.stderr
    assert not (tmp_path / "new.gpkg").exists()
    done = run(*words, "--missing", "x", "--date", "today", "--column", "y")
    assert "3 faults" in done.stderr
    done = run(*words, "--missing", "nearest")
    assert done.exit_code == 4, done.stderr
    assert "11 buildings have no grid in it and go to the one beside" in done.stdout


def test_grids_in_pieces_are_written_with_a_status_of_their_own(tmp_path) -> None:
    plan = block_plan()
    path = plan.save(tmp_path / "plan.gpkg")
    grid_of = same(plan) | {"B00": "G-002", "B03": "G-003"}
    done = run("import", path, table(tmp_path, grid_of), "-o", tmp_path / "new.gpkg")
    assert done.exit_code == 1
    assert "2 grids are in pieces: G-002 (B00 cut off), G-003 (B03" in done.stdout
    assert same(gg.read_plan(tmp_path / "new.gpkg")) == grid_of
