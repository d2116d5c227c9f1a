"""The bench tells the truth of a small town, and a peer that fails is a line, not the end."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from bench import lookups
from bench.apart import run_apart
from bench.instances import Town, edges_of, read_towns
from bench.methods import METHODS
from bench.peers import row_of
from bench.score import score
from bench.territory import verdict

ROOT = Path(__file__).resolve().parents[2]
HEADER = "building_id,name,street,town,floors,year_completed,households,population,lon,lat"


@pytest.fixture(scope="module")
def blocks(tmp_path_factory) -> Path:
    """Two towns in Singapore: AA of four rows of four blocks, BB of a row of four.

    Every block has 100 households and 300 people; they stand about 60 m apart, BB far off.
    """
    rows = [HEADER]
    for i in range(16):
        lon, lat = 103.8 + 0.00054 * (i % 4), 1.3 + 0.00054 * (i // 4)
        rows.append(f"0{i:02},,,AA,10,1980,100,300,{lon:.6f},{lat:.6f}")
    for i in range(4):
        rows.append(f"1{i:02},,,BB,10,1980,100,300,{103.9 + 0.0005 * i:.6f},1.35")
    path = tmp_path_factory.mktemp("bench") / "blocks.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(module: str, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=250,
    )


def test_towns_are_solved_told_and_labelled(blocks, tmp_path):
    out, labels = tmp_path / "out.json", tmp_path / "labels.csv"
    done = run(
        "towns", blocks, "--towns", "BB,AA", "--warm-only", "--json", out, "--labels", labels
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = json.loads(out.read_text(encoding="utf-8"))
    assert set(text["machine"]) >= {"cores", "cpu", "load", "python", "versions"}
    assert text["options"] == {"max_span_m": None, "time_limit_s": 60.0, "seed": 0}
    assert [(r["town"], r["blocks"], r["faults"]) for r in text["runs"]] == [
        ("BB", 4, []),
        ("AA", 16, []),
    ]
    for run_ in text["runs"]:
        assert run_["status"] == "optimal"
        assert run_["score"]["good"] == run_["score"]["grids"] == run_["blocks"] / 4
        assert run_["bound"] == pytest.approx(run_["objective"])
        assert 0 <= run_["best_s"] <= run_["proof_s"] == run_["all_s"]
        assert run_["peak_mb"] > 1
        assert f"\n{run_['town']:<6}warm" in done.stdout
    with labels.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    towns = read_towns(blocks)
    assert [row["building_id"] for row in rows] == [*towns["BB"].ids, *towns["AA"].ids]
    assert set(rows[0]) == {"building_id", "grid"}
    assert {row["grid"] for row in rows} == {"BB-1", "AA-1", "AA-2", "AA-3", "AA-4"}
    numbers = np.array([int(row["grid"].split("-")[1]) for row in rows[4:]])
    told = next(r for r in text["runs"] if r["town"] == "AA")
    assert score(towns["AA"], numbers).cost == pytest.approx(told["objective"])


def test_peers_are_judged_alike_or_say_why_not(blocks, tmp_path):
    """Whatever is installed gives a plan; what is not says so; ours is never dearer."""
    out = tmp_path / "out.json"
    methods = "ours,assign-highs,metis,cpsat"
    words = ("--towns", "AA", "--methods", methods, "--time-limit", 20, "--json", out)
    done = run("peers", blocks, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert [row["method"] for row in rows] == methods.split(",")
    ours, assignment, *others = rows
    assert ours["score"]["good"] == assignment["score"]["good"] == 4
    assert ours["faults"] == assignment["faults"] == []
    for row in (assignment, *others):
        if row["score"] is None:
            assert row["note"].startswith("not installed"), row
        else:
            assert row["score"]["cost"] >= ours["score"]["cost"] - 1e-9, row


def test_an_unknown_town_or_method_is_named(blocks):
    for module, words in (("towns", ("--towns", "ZZ")), ("peers", ("--methods", "magic"))):
        done = run(module, blocks, *words)
        assert done.returncode == 1
        assert words[1] in done.stderr


@pytest.mark.parametrize("words", [("--points", 300), ("--footprints", 120, "--dirty")])
def test_cells_of_a_made_up_town_are_measured_and_checked(tmp_path, words):
    """Ours has a valid coverage; the others are judged alike or say that they are not there."""
    out = tmp_path / "out.json"
    done = run("territory", *words, "--json", out)
    assert done.returncode == 0, done.stdout + done.stderr
    text = json.loads(out.read_text(encoding="utf-8"))
    ours, *others = text["rows"]
    assert (ours["method"], ours["valid"], ours["in_parts"]) == ("ours", True, 0)
    assert ours["cells"] == ours["buildings"] == words[1]
    assert ours["edges"] > words[1]
    for row in others:
        assert row.get("error", "").startswith("not installed") or row["cells"] > 0, row


def test_a_coverage_with_a_gap_or_an_overlap_is_called_invalid():
    squares = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    area = shapely.box(0, 0, 20, 10)
    assert verdict(squares, area) == "valid"
    assert "gap 100.00 m2" in verdict(squares[:1], area)
    assert "overlap 20.00 m2" in verdict(np.array([squares[0], shapely.box(8, 0, 20, 10)]), area)
    thin = np.array([squares[0], shapely.box(10.05, 0, 20, 10)])
    assert verdict(thin, area).startswith("INVALID: gap 0.50 m2")


def test_what_crashes_dies_or_hangs_is_words():
    assert "ZeroDivisionError" in run_apart(divmod, 1, 0, limit_s=60.0).error
    assert run_apart(run_apart, limit_s=60.0).error.startswith("TypeError")
    assert run_apart(os._exit, 3, limit_s=60.0).error == "died (exit 3)"
    assert "did not come back" in run_apart(time.sleep, 600, limit_s=1.0).error
    assert run_apart(divmod, 7, 2, limit_s=60.0).value == (3, 1)


def test_a_block_left_out_stands_alone(blocks, monkeypatch):
    town = read_towns(blocks)["BB"]
    labels = np.array([0, 0, 0, -1])
    monkeypatch.setattr("bench.peers.run_apart", lambda *_, **__: Told((0.1, labels, "")))
    row = row_of("maxp", town, None, 1.0, 0)
    assert (row.score.grids, row.score.good, row.note) == (2, 0, "1 blocks left out")


class Told:
    """An outcome made up."""

    error, seconds, peak_mb = "", 0.1, 1.0

    def __init__(self, value):
        self.value = value


def row_of_blocks(households, population) -> Town:
    """Return blocks in a row, 100 m apart."""
    n = len(households)
    xy = np.column_stack([100.0 * np.arange(n), np.zeros(n)])
    edges = np.array([(i, i + 1) for i in range(n - 1)])
    return Town("R", tuple("abcdef"[:n]), np.array(households), np.array(population), xy, edges)


def test_a_score_is_what_a_hand_reckons():
    """200 - 200 - 200: two 100 m apart, 2 x 200 x 50^2 m2; one alone, 100 households short."""
    town = row_of_blocks([200, 200, 200], [600, 600, 600])
    got = score(town, np.array([7, 7, 3]))
    assert (got.grids, got.in_band, got.contiguous, got.good) == (2, 1, 2, 1)
    assert got.inertia == pytest.approx(1.0)
    assert got.cost == pytest.approx(1.0 + 5 + 0.05 * 100 + 0.02 * 400)


def test_a_grid_in_two_pieces_is_not_good():
    town = row_of_blocks([200, 400, 200], [600, 1200, 600])
    got = score(town, np.array([0, 1, 0]))
    assert (got.in_band, got.contiguous, got.good) == (2, 1, 1)


def test_long_edges_stay_only_where_a_town_would_fall_apart():
    """Two squares of 100 m, 400 m apart: one edge joins them, and one lone point its square."""
    square = np.array([[0, 0], [100, 0], [0, 100], [100, 100]], float)
    xy = np.vstack([square, square + np.array([500, 0]), [[50, 900]]])
    edges = edges_of(xy)
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    assert (length > 250).sum() == 2
    assert (edges[:, 0] < edges[:, 1]).all()
    assert len(edges) == 2 * 5 + 2


def test_every_method_has_a_line_that_says_what_it_is():
    assert all(method.__doc__ for method in METHODS.values())


def test_the_look_ups_of_both_trees_agree_and_are_told(capsys, monkeypatch) -> None:
    small = ["lookups", "--grids", "9", "--points", "200", "--buildings", "40"]
    monkeypatch.setattr("sys.argv", small)
    lookups.main()
    told = capsys.readouterr().out
    assert "9 grids of 161 corners" in told
    assert "40 buildings" in told
    assert told.count("points a second") == 3
    assert told.count("rtree") == 1 + 5  # its version, and each thing it was timed at


def test_a_town_a_year_later_is_redrawn_beside_one_drawn_afresh(blocks, tmp_path):
    out = tmp_path / "redraw.json"
    done = run("redraw", blocks, "--towns", "AA", "--max-moved", "0.5", "--json", out)
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["options"]["seed"] == 5
    runs = {run["kind"]: run for run in told["runs"]}
    assert set(runs) == {"as was", "redraw", "fresh", "capped"}
    assert runs["redraw"]["violation"] == runs["fresh"]["violation"]
    assert runs["redraw"]["moved"] == runs["redraw"]["moved_bound"] <= runs["fresh"]["moved"]
