"""The package's door: what ``import gridgeo`` offers, and what it does not drag in."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import gridgeo

DOOR = Path(gridgeo.__file__)
HEAVY = ("geopandas", "pandas", "shapely", "numpy", "numba", "folium", "highspy", "pulp", "rich")


def names_imported_for_type_checkers() -> set[str]:
    """The names under ``if TYPE_CHECKING``: what mypy and editors see of the package."""
    body = ast.parse(DOOR.read_text(encoding="utf-8")).body
    guarded = next(
        node
        for node in body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.asname or alias.name
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_all_is_what_type_checkers_see_and_what_the_door_opens() -> None:
    assert gridgeo.__all__ == sorted(gridgeo.__all__)
    assert set(gridgeo.__all__) == names_imported_for_type_checkers()
    assert set(gridgeo.__all__) == set(gridgeo._HOMES)
    assert dir(gridgeo) == gridgeo.__all__


@pytest.mark.parametrize("name", gridgeo.__all__)
def test_a_public_name_resolves_and_says_what_it_is(name: str) -> None:
    thing = getattr(gridgeo, name)
    assert thing.__name__ == name
    text = inspect.getdoc(thing)
    assert text, f"{name} has no docstring"
    # what dataclasses and enums write for themselves is no docstring
    assert not text.startswith(f"{name}("), f"{name} has no docstring of its own"


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'solve'"):
        gridgeo.solve  # noqa: B018


def test_a_module_imported_first_does_not_hide_the_function_of_its_name() -> None:
    code = (
        "import gridgeo.partition, gridgeo.evaluate, gridgeo.publish\n"
        "import gridgeo\n"
        "for name in ('partition', 'evaluate', 'publish'):\n"
        "    assert callable(getattr(gridgeo, name)), name\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_import_gridgeo_drags_in_nothing_heavy() -> None:
    code = f"import sys, gridgeo; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
