"""gridgeo locate: one place or a file of them, every fault told, nothing half-written."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyproj
import pytest
from small_plans import block_plan
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.crs import lonlat_of

CRS = pyproj.CRS.from_epsg(3414)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    return block_plan().save(tmp_path_factory.mktemp("plan") / "plan.gpkg")


def run(*words: object):
    return CliRunner().invoke(app, ["locate", *map(str, words)])


def degrees(x: float, y: float) -> list[str]:
    return [f"{value:.9f}" for value in lonlat_of(np.array([[x, y]]), CRS)[0]]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_place_is_answered_with_its_grid(plan) -> None:
    done = run(plan, *degrees(350, 150))
    assert (done.exit_code, done.stdout) == (0, "G-002\n")


def test_a_place_in_metres_is_answered_with_its_crs(plan) -> None:
    done = run(plan, 350, 150, "--crs", "EPSG:3414")
    assert (done.exit_code, done.stdout) == (0, "G-002\n")


def test_a_place_outside_is_told_and_has_a_status_of_its_own(plan) -> None:
    done = run(plan, "-74", "40")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "-74 40 is in no grid" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "nothing: not a place"),
        (["103.8"], "103.8: not a place"),
        (["103.8", "abc"], "103.8 abc: not a place"),
        (["1.35", "103.8"], "Longitude comes first"),
        (["103.8", "1.35", "--points", "x.csv"], "both a place and --points"),
        (["--points", "x.csv"], "Name it with -o"),
        (["103.8", "1.35", "-o", "out.csv"], "there is no file of places"),
        (["103.8", "1.35", "--crs", "nonsense"], "--crs nonsense"),
    ],
)
def test_words_that_cannot_be_used_are_told(plan, words, told) -> None:
    done = run(plan, *words)
    assert done.exit_code == 2
    assert told in done.stderr


def test_every_fault_is_told_at_once(tmp_path) -> None:
    done = run(tmp_path / "none.gpkg", "abc")
    assert done.exit_code == 2
    assert "2 faults" in done.stderr
    assert "no such file" in done.stderr
    assert "abc: not a place" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_of_places_comes_back_with_their_grids(plan, tmp_path, encoding, separator) -> None:
    lines = [["编号", "经度", "纬度", "名称"]]
    lines += [["007", *degrees(350, 150), "甲, 楼"], ["008", *degrees(50, 50), "乙"]]
    lines += [["009", "0", "0", "丙"]]
    source = tmp_path / "points.csv"
    with source.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(lines)
    done = run(plan, "--points", source, "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.stderr
    assert "3 places, 2 of them in a grid and 1 in none (first: row 4)" in done.stdout
    assert "lon from '经度'" in done.stdout
    grids = ["grid_id", "G-002", "G-003", ""]
    assert rows_of(tmp_path / "out.csv") == [
        [*line, grid] for line, grid in zip(lines, grids, strict=True)
    ]


def test_metres_are_those_of_the_plan_or_of_the_crs_given(plan, tmp_path) -> None:
    source = tmp_path / "points.csv"
    source.write_text("x,y\n350,150\n\n50,50\n")
    assert run(plan, "--points", source, "-o", tmp_path / "out.csv").exit_code == 0
    assert [row[-1] for row in rows_of(tmp_path / "out.csv")] == ["grid_id", "G-002", "G-003"]
    lon, lat = degrees(350, 150)
    source.write_text(f"E,N\n{lon},{lat}\n")
    named = ("--column", "x=E", "--column", "y=N", "--crs", "EPSG:4326")
    assert run(plan, "--points", source, "-o", tmp_path / "out.csv", *named).exit_code == 0
    assert rows_of(tmp_path / "out.csv")[1][-1] == "G-002"


def test_a_column_of_that_name_is_kept(plan, tmp_path) -> None:
    source = tmp_path / "points.csv"
    source.write_text("grid_id,x,y\nold,350,150\n")
    done = run(plan, "--points", source, "-o", tmp_path / "out.csv")
    assert "column 'grid_id_2'" in done.stdout
    assert rows_of(tmp_path / "out.csv") == [
        ["grid_id", "x", "y", "grid_id_2"],
        ["old", "350", "150", "G-002"],
    ]


def test_more_places_than_are_held_at_once_keep_their_order(plan, tmp_path) -> None:
    source = tmp_path / "points.csv"
    count = 120_000
    west = np.arange(count) % 400 + 0.5
    source.write_text("n,x,y\n" + "".join(f"{k},{x},50\n" for k, x in enumerate(west)))
    done = run(plan, "--points", source, "-o", tmp_path / "out.csv")
    assert f"{count:,} places, {count:,} of them in a grid; column" in done.stdout
    rows = rows_of(tmp_path / "out.csv")[1:]
    assert [row[0] for row in rows] == [str(k) for k in range(count)]
    ids = np.array([row[-1] for row in rows])
    assert (ids == np.where(west < 200, "G-003", np.where(west < 300, "G-004", "G-002"))).all()


def test_rows_that_cannot_be_placed_are_all_told_and_nothing_is_written(plan, tmp_path) -> None:
    source, out = tmp_path / "points.csv", tmp_path / "out.csv"
    out.write_text("kept")
    source.write_text("lon,lat\n103.8,1.3\n,1.3\nx,1.3\n\n350,150\n103.8,1.3,9\n")
    done = run(plan, "--points", source, "-o", out)
    assert done.exit_code == 2
    assert "2 rows have no numbers in 'lon' and 'lat' (first: row 3)" in done.stderr
    assert "1 row has no degrees in 'lon' and 'lat' (first: row 6)" in done.stderr
    assert "1 row has more cells than the header has columns (first: row 7)" in done.stderr
    assert out.read_text() == "kept"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.csv", "points.csv"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "no columns for lon and lat, or x and y; there are: a, b"),
        ("lon,lat\n", "no place in it"),
        ("", "no columns for lon and lat"),
        ('lon,lat\n"1,2\n', "cannot be read"),
    ],
)
def test_a_file_without_places_is_refused(plan, tmp_path, text, told) -> None:
    source = tmp_path / "points.csv"
    source.write_text(text)
    done = run(plan, "--points", source, "-o", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_no_text_is_refused_without_its_bytes(plan, tmp_path) -> None:
    done = run(plan, "--points", plan, "-o", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert "this is no CSV file" in done.stderr
    assert "SQLite" not in done.stderr


def test_columns_that_are_not_there_are_told(plan, tmp_path) -> None:
    source = tmp_path / "points.csv"
    source.write_text("a,b\n1,2\n")
    named = ("--column", "lon=c", "--column", "height=a")
    done = run(plan, "--points", source, "-o", tmp_path / "out.csv", *named)
    assert done.exit_code == 2
    assert "no column 'c' to read lon from" in done.stderr
    assert "places have no 'height'" in done.stderr


def test_the_file_of_places_is_not_written_over(plan, tmp_path) -> None:
    source = tmp_path / "points.csv"
    source.write_text("x,y\n350,150\n")
    done = run(plan, "--points", source, "-o", source)
    assert done.exit_code == 2
    assert source.read_text() == "x,y\n350,150\n"
