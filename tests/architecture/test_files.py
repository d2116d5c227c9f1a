"""Every source file: one reason to exist, said in its first line, and not too long."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for package in ("gridgeo", "solvers", "maps") for path in (ROOT / package).rglob("*.py")
)
# The style says about 400.
LONGEST = 420
# Names that say nothing: such a file has as many reasons to exist as it has functions.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base"}


def test_there_are_sources() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_says_why_it_exists_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    reason, *more = (ast.get_docstring(ast.parse(text)) or "").splitlines() or [""]
    assert reason.endswith("."), "begin with a docstring whose first line is a sentence"
    assert not any(more[:1]), "one reason to exist takes one line"
    assert lines[0].startswith('"""'), "nothing stands before the reason"
    assert len(lines) <= LONGEST, f"{len(lines)} lines are more than one reason"
    assert path.stem not in EMPTY_NAMES
    assert path.parent.name not in EMPTY_NAMES


@pytest.mark.parametrize("package", ["gridgeo", "solvers", "maps"])
def test_a_package_tells_type_checkers_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_test_files_have_names_of_their_own() -> None:
    # the test folders are no packages: two files of one name would hide each other
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
