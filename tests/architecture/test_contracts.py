"""Who imports whom: the contracts of pyproject.toml hold, and libraries stay in their rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gridgeo", "solvers", "maps")


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def test_the_contracts_of_pyproject_are_kept() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_nobody_imports_their_own_package_root(imports: grimp.ImportGraph) -> None:
    # that is how circles through __init__ begin
    guilty = [
        importer
        for package in PACKAGES
        for importer in imports.find_modules_that_directly_import(package)
        if importer.split(".")[0] == package
    ]
    assert guilty == []


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("highspy", {"solvers.backends"}),
        ("folium", {"maps.web"}),
        ("jinja2", {"maps.grid_page", "gridgeo.service.pages"}),
        ("topojson", {"maps.topojson"}),
        ("openpyxl", {"gridgeo.intake.tables"}),
        ("typer", {"gridgeo.cli", "gridgeo.commands", "gridgeo.options"}),
        ("rich", {"gridgeo.console"}),
        ("sqlalchemy", {"gridgeo.store"}),
        ("alembic", {"gridgeo.store"}),
    ],
)
def test_a_library_is_known_to_one_room_only(
    imports: grimp.ImportGraph, library: str, room: set[str]
) -> None:
    known = imports.find_modules_that_directly_import(library)
    assert known, f"nobody imports {library}: is it still needed?"
    assert {name for name in known if not name.startswith(tuple(f"{r}." for r in room))} <= room


def test_only_crs_moves_coordinates_from_one_system_to_another() -> None:
    movers = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"to_crs", "Transformer"}
    }
    assert movers == {"gridgeo/crs.py"}


def test_the_verifier_shares_nothing_with_the_solvers_it_checks(
    imports: grimp.ImportGraph,
) -> None:
    ours = {
        name
        for name in imports.find_upstream_modules("solvers.verify")
        if name.split(".")[0] in PACKAGES
    }
    assert ours == {"solvers.graphs", "solvers.problem"}
