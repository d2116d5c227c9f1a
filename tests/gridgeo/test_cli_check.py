"""gridgeo check: exit status, what is printed, what is written and what is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import faulty_files as make
import geopandas as gpd
import pyogrio
import pytest
from faulty_files import CRS, X, Y, houses, with_shape
from typer.testing import CliRunner

from gridgeo.cli import app


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def bow_tie(folder: Path) -> Path:
    return make.gpkg(with_shape(make.BOW_TIE))(folder)


def test_a_clean_file_ends_with_0(tmp_path: Path) -> None:
    done = run("check", make.gpkg(houses())(tmp_path), "--boundary", make.edge(tmp_path))
    assert done.exit_code == 0, done.output
    assert "clean; 6 buildings, no fault." in done.stdout


def test_a_mendable_file_ends_with_1_and_with_fix_becomes_one_that_ends_with_0(
    tmp_path: Path,
) -> None:
    path, out = bow_tie(tmp_path), tmp_path / "mended.gpkg"
    before = path.read_bytes()
    assert run("check", path).exit_code == 1
    done = run("check", path, "--fix", out)
    assert done.exit_code == 1, done.output
    assert f"Wrote {out}" in done.stdout
    assert "mendable: shape-mended: 1 building has an invalid shape (self-intersection) (B1)." in (
        done.stdout
    )
    assert run("check", out).exit_code == 0
    assert path.read_bytes() == before, "the file checked is left alone"


def test_a_file_for_a_person_ends_with_2_and_is_mended_as_far_as_it_goes(tmp_path: Path) -> None:
    frame = with_shape(make.BOW_TIE)
    frame["households"] = [3, 3, None, 3, 3, 3]
    path, out = make.gpkg(frame)(tmp_path), tmp_path / "mended.gpkg"
    assert run("check", path, "--fix", out).exit_code == 2
    again = run("check", out)
    assert again.exit_code == 2
    assert "shape-mended" not in again.stdout
    assert "by hand: count-missing: 1 building has no households (B3)." in again.stdout
    back = pyogrio.read_dataframe(out, layer="buildings")
    assert back["households"].isna().tolist() == [False, False, True, False, False, False]


def test_the_mended_file_tells_where_the_faults_are_and_what_was_changed(tmp_path: Path) -> None:
    path, out = bow_tie(tmp_path), tmp_path / "mended.gpkg"
    run("check", path, "--fix", out)
    places = gpd.read_file(out, layer="faults")
    (mended,) = places[places["code"] == "shape-mended"].to_dict("records")
    assert (mended["building_id"], mended["row"], mended["remedy"]) == ("B1", 1, "mendable")
    assert mended["geometry"].within(make.box(X, Y, X + 10, Y + 10))
    assert places.crs == CRS
    (change,) = pyogrio.read_dataframe(out, layer="changes").to_dict("records")
    assert (change["building_id"], change["row"], change["what"]) == ("B1", 1, "shape")
    assert "Self-intersection" in change["was"]
    assert change["now"].startswith("MULTIPOLYGON")
    assert change["why"]


def test_the_same_file_gives_the_same_mended_bytes(tmp_path: Path) -> None:
    path = bow_tie(tmp_path)
    first, second = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    run("check", path, "--fix", first)
    run("check", path, "--fix", second)
    assert first.read_bytes() == second.read_bytes()


def test_json_is_all_that_is_printed_and_tells_everything(tmp_path: Path) -> None:
    path, out = bow_tie(tmp_path), tmp_path / "mended.gpkg"
    done = run("check", path, "--json", "--fix", out)
    facts = json.loads(done.stdout)
    assert (facts["status"], facts["exit_status"], facts["buildings"]) == ("mendable", 1, 6)
    fault = next(one for one in facts["faults"] if one["code"] == "shape-mended")
    assert fault["remedy"] == "mendable"
    assert (fault["count"], fault["first"], fault["buildings"]) == (1, "B1", ["B1"])
    assert facts["changes"] == {"shape-mended": 1}
    assert facts["written"] == str(out)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    frame = with_shape(make.BOW_TIE)
    frame["building_id"] = ["B1", "B2", "B2", "B4", "B5", None]
    frame["population"] = [9, 0, 9, 9, 9, 9]
    path = make.gpkg(frame.drop(columns="households"))(tmp_path)
    point = gpd.GeoDataFrame(geometry=[make.SPOT], crs=CRS)
    point.to_file(tmp_path / "edge.gpkg")
    done = run("check", path, "--boundary", tmp_path / "edge.gpkg", "--barriers", "nowhere.gpkg",
               "--crs", "EPSG:0")  # fmt: skip
    assert done.exit_code == 2
    for code in (
        "columns-missing", "ids-doubled", "ids-missing", "shape-mended", "shape-kind",
        "file-missing", "crs-unknown",
    ):  # fmt: skip
        assert f"{code}: " in done.stdout, code


@pytest.mark.parametrize("words", [["nix.gpkg"], ["--where", "nothing = 1"], ["--where", "("]])
def test_what_cannot_be_read_ends_with_2_and_no_traceback(tmp_path: Path, words: list[str]) -> None:
    path = make.gpkg(houses())(tmp_path)
    done = run("check", *([path] if words[0].startswith("--") else []), *words)
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert "by hand: " in done.stdout


def test_fix_overwrites_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    path = bow_tie(tmp_path)
    before = path.read_bytes()
    done = run("check", path, "--fix", path)
    assert (done.exit_code, path.read_bytes()) == (2, before)
    assert "this run has another use for it" in done.stderr
    foreign = make.edge(tmp_path)
    before = foreign.read_bytes()
    done = run("check", path, "--fix", foreign)
    assert (done.exit_code, foreign.read_bytes()) == (2, before)
    assert "exists and is no mended file" in done.stderr
    assert run("check", path, "--fix", tmp_path / "mended.shp").exit_code == 2
    mended = tmp_path / "mended.gpkg"
    assert [run("check", path, "--fix", mended).exit_code for _ in range(2)] == [1, 1]


def test_options_that_went_with_the_file_go_with_the_mended_one(tmp_path: Path) -> None:
    frame = with_shape(make.BOW_TIE).rename(columns={"households": "HH_2024"})
    frame["quarter"] = ["North"] * 3 + ["South"] * 3
    path, out = make.gpkg(frame)(tmp_path), tmp_path / "mended.gpkg"
    more = ["--column", "households=HH_2024", "--community", "quarter", "--where", "HH_2024 > 2"]
    assert run("check", path, *more, "--fix", out).exit_code == 1
    assert run("check", out, *more).exit_code == 0


def test_a_roster_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    done = run("check", make.gpkg(houses())(tmp_path), "--roster", tmp_path / "roster.csv")
    assert done.exit_code == 2
    assert "roster" in done.stdout


def test_a_condition_that_leaves_nothing_is_the_only_thing_told(tmp_path: Path) -> None:
    path = make.gpkg(houses())(tmp_path)
    done = run("check", path, "--where", "households > 99")
    assert done.exit_code == 2
    assert "where-empty" in done.stdout
    assert "not-checked" not in done.stdout


def test_text_of_a_guessed_encoding_is_shown(tmp_path: Path) -> None:
    text = make.lines().replace("B3", "Café")
    done = run("check", make.csv(text.encode("cp1252"))(tmp_path))
    assert done.exit_code == 1, done.output
    assert "it was read as cp1252, as 'Café'" in done.stdout
