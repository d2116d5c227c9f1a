"""The notebooks: they run from start to end, say what is true, and are committed bare."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import gridgeo as gg

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# The notebook's own limit is a minute; the rest is for compiling, drawing and a slow machine.
CELL_TIMEOUT_S = 240


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of notebooks and data to run in, and a Jupyter without anyone's settings."""
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    # the kernel of this environment, not one of the same name in a home directory
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    root = tmp_path / "project"
    shutil.copytree(ROOT / "data" / "riverside", root / "data" / "riverside")
    shutil.copytree(
        ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns("[!0-9]*")
    )
    return root


def run(path: Path, *, cwd: Path) -> list[Any]:
    """Execute a notebook in a new kernel; return its code cells with their outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(cwd)}},
    )
    client.execute()  # an error in a cell is raised here, with the cell
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cells: list[Any], cell_id: str) -> str:
    """All that a cell printed or showed, as text."""
    cell = next(cell for cell in cells if cell.id == cell_id)
    texts = [out.get("text") or out["data"].get("text/plain", "") for out in cell.outputs]
    return "\n".join(texts)


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == ["01_first_plan.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [], f"cell {cell.id}: clear its outputs"
            assert cell.execution_count is None, f"cell {cell.id}: clear its number"
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


@pytest.mark.timeout(360)
def test_the_first_notebook_makes_a_plan_and_a_map(copy: Path) -> None:
    cells = run(copy / "notebooks" / "01_first_plan.ipynb", cwd=copy / "notebooks")

    assert all(cell.execution_count for cell in cells)
    complaints = [o for c in cells for o in c.outputs if o.get("name") == "stderr"]
    assert complaints == []
    plan = gg.read_plan(copy / "notebooks" / "first_plan" / "plan.gpkg")
    assert plan.seed == 7
    assert gg.evaluate(plan).sound
    assert f"{len(set(plan.grid_ids))} grids: {plan.status.value}" in shown(cells, "divide")
    assert "RV-001" in shown(cells, "figures")
    assert "leaflet" in str(next(c for c in cells if c.id == "map").outputs[0]["data"]["text/html"])
    page = (copy / "notebooks" / "first_plan" / "site" / "index.html").read_text(encoding="utf-8")
    assert all(grid in page for grid in set(plan.grid_ids))
    assert "index.html" in shown(cells, "keep-and-show")


def test_the_first_notebook_finds_its_data_from_the_project_too(copy: Path) -> None:
    path = copy / "notebooks" / "01_first_plan.ipynb"
    notebook = nbformat.read(path, as_version=4)
    reading = [c.id for c in notebook.cells].index("read-and-check")
    notebook.cells = notebook.cells[: reading + 1]
    nbformat.write(notebook, path)
    cells = run(path, cwd=copy)
    assert "RV-B001" in shown(cells, "read-and-check")
