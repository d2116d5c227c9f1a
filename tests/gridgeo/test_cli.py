"""The command line as a whole: quick to answer, honest about its defaults."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.model import DEFAULT_REACH_M, Limits, Objective
from gridgeo.partition import DEFAULT_TIME_LIMIT_S

HEAVY = ("geopandas", "folium", "numba", "highspy", "pulp", "pandas", "shapely", "rich", "numpy")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from gridgeo.cli import main\n"
        "sys.argv = ['gridgeo', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        f"loaded = sorted(set(sys.modules) & set({HEAVY!r}))\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for command in ("demo", "check", "partition", "evaluate", "publish", "--version"):
        assert command in done.stdout


def test_version_is_that_of_the_package() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout == f"gridgeo {version('gridgeo')}\n"


def test_defaults_in_the_help_are_those_of_the_library() -> None:
    text = CliRunner().invoke(app, ["partition", "--help"], terminal_width=200).stdout
    limits = Limits()
    for option, default in (
        ("--households", limits.households),
        ("--population", limits.population),
        ("--reach", f"{DEFAULT_REACH_M:.0f}"),
        ("--time-limit", f"{DEFAULT_TIME_LIMIT_S:.0f}"),
        ("--seed", 0),
    ):
        line = next(line for line in text.splitlines() if line.strip().startswith(option))
        assert f"[default: {default}]" in line
    told = " ".join(text.split())
    assert f"[default: {Objective().weights_text()}]" in told
    assert f"[default: {Objective().workload}]" in told


def test_an_unknown_option_ends_with_status_2() -> None:
    done = CliRunner().invoke(app, ["partition", "--colour", "red"])
    assert done.exit_code == 2
    assert "--colour" in done.stderr
