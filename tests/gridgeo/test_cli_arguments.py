"""Words of the command line: what is read, and that every fault is kept."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import pytest

from gridgeo.arguments import Arguments
from gridgeo.model import Band

USUAL = Band(300, 500)


def codes(said: Arguments) -> list[str]:
    return [fault.code for fault in said.faults]


def test_good_words_leave_no_fault() -> None:
    said = Arguments()
    assert said.band("--households", "2:7", example=USUAL) == Band(2, 7)
    assert said.metres("--reach", "80.5") == 80.5
    assert said.metres("--max-span", None) is None
    assert said.seconds("--time-limit", "0") == 0.0
    assert said.seconds("--time-limit", "inf") == math.inf
    assert said.seed("--seed", "12") == 12
    words = ["households=HH = 1", " population = POP"]
    assert said.columns("--column", words) == {"households": "HH = 1", "population": "POP"}
    assert said.faults == []


@pytest.mark.parametrize("text", ["", "300", "300-500", "a:b", "-1:5", "5:3", "1.5:2"])
def test_a_band_that_cannot_be_read_is_a_fault_with_an_example(text: str) -> None:
    said = Arguments()
    assert said.band("--households", text, example=USUAL) == USUAL
    assert codes(said) == ["band-unreadable"]
    assert "--households 300:500" in said.faults[0].fix


@pytest.mark.parametrize("text", ["0", "-4", "nan", "inf", "far", ""])
def test_a_length_must_be_above_zero_and_finite(text: str) -> None:
    said = Arguments()
    assert said.metres("--reach", text) is None
    assert codes(said) == ["length-unreadable"]


@pytest.mark.parametrize("text", ["-0.1", "nan", "soon"])
def test_a_time_must_not_be_negative(text: str) -> None:
    said = Arguments()
    said.seconds("--time-limit", text)
    assert codes(said) == ["time-unreadable"]


@pytest.mark.parametrize("text", ["-1", "1.5", "x"])
def test_a_seed_must_be_a_whole_number(text: str) -> None:
    said = Arguments()
    said.seed("--seed", text)
    assert codes(said) == ["seed-unreadable"]


def test_every_bad_pair_is_told_and_good_ones_are_kept() -> None:
    said = Arguments()
    words = ["households", "=HH", "population=", "x=EAST", "x=WEST", "x=EAST"]
    assert said.columns("--column", words) == {"x": "EAST"}
    assert codes(said) == ["column-unreadable"] * 3 + ["column-twice"]


def test_a_plan_may_not_replace_its_own_input(tmp_path: Path) -> None:
    source = tmp_path / "buildings.gpkg"
    source.write_bytes(b"")
    said = Arguments()
    said.plan_file("-o", source, sources=[f"{source}:layer", None])
    said.plan_file("-o", source, sources=[str(source)])
    assert codes(said) == ["output-twice"] * 2


def test_a_report_may_not_replace_the_plan_to_be_written(tmp_path: Path) -> None:
    said = Arguments()
    said.file("--report", tmp_path / "new", sources=[str(tmp_path / "new")])
    assert codes(said) == ["output-twice"]


def test_a_file_that_is_no_plan_is_not_replaced(tmp_path: Path) -> None:
    foreign = tmp_path / "streets.gpkg"
    with sqlite3.connect(foreign) as file:
        file.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        file.execute("INSERT INTO gpkg_contents VALUES ('streets')")
    file.close()
    said = Arguments()
    said.plan_file("-o", foreign, sources=[])
    assert codes(said) == ["output-foreign"]


@pytest.mark.parametrize("name", ["plan.shp", "missing/plan.gpkg", "folder.gpkg"])
def test_a_place_that_cannot_hold_a_plan_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.gpkg").mkdir()
    said = Arguments()
    said.plan_file("-o", tmp_path / name, sources=[])
    assert codes(said) == ["output-unusable"]


def test_a_folder_below_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = Arguments()
    said.folder("-o", tmp_path / "file" / "site")
    assert codes(said) == ["output-folder"]
    fine = Arguments()
    fine.folder("-o", tmp_path / "new" / "site")
    assert fine.faults == []
