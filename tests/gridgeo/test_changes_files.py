"""What the papers of a comparison are drawn from: both plans, in the metres of the later one."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from io import BytesIO

import numpy as np
import pdfplumber
import pytest
import shapely
from divided_twice import divided, owned, without

import gridgeo as gg
import maps
from gridgeo.compare import compare
from gridgeo.crs import to_metric
from gridgeo.model import Buildings
from gridgeo.publish import ChangesEdition, change_sentences, write_changes
from gridgeo.publish.change_sheets import sheet_in_degrees, sheet_in_metres

EN = maps.Words.of("en")


def text_of(pdf: bytes) -> list[str]:
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return [page.extract_text() for page in opened.pages]


def test_plans_in_two_systems_lie_on_each_other() -> None:
    before, after = divided("aaaabbbbcccc"), divided("aaabbbbbcccc")
    table = to_metric(before.buildings.table, "EPSG:32648")
    moved = gg.compare(before, after)
    cells = to_metric(
        type(table)(geometry=before.territory.cells, crs=before.buildings.table.crs), "EPSG:32648"
    )
    territory = replace(before.territory, cells=np.asarray(cells.geometry.values, dtype=object))
    elsewhere = replace(before, buildings=Buildings(table), territory=territory)
    told = compare(elsewhere, after)
    assert told.moves.equals(moved.moves)
    here, there = (sheet_in_metres(one, EN, "x") for one in (moved, told))
    for one, other in zip(here.before, there.before, strict=True):
        assert shapely.area(one.polygon.symmetric_difference(other.polygon)) < 1.0


def test_the_page_is_in_degrees_and_the_papers_in_metres() -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    degrees, metres = sheet_in_degrees(told, EN, "x"), sheet_in_metres(told, EN, "x")
    assert degrees.in_degrees
    assert not metres.in_degrees
    assert sum(grid.polygon.area for grid in metres.after) == pytest.approx(120_000)
    with pytest.raises(maps.SheetError, match="metres"):
        maps.handover_pdfs(degrees, EN)
    with pytest.raises(maps.SheetError, match="degrees"):
        maps.render_changes(metres, EN)


def test_a_building_that_is_gone_is_drawn_where_it_was() -> None:
    told = compare(divided("aaaabbbbcccc"), without(divided("aaaabbbbcccc"), {"B11"}))
    (gone,) = [b for b in sheet_in_metres(told, EN, "x").buildings if not b.to_grid]
    assert (gone.building_id, gone.from_grid) == ("B11", "G-c")
    assert gone.shape.equals(shapely.Point(350, 250))


def test_a_sheet_for_each_grid_that_gains_or_loses_and_for_no_other(tmp_path) -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    write_changes(told, tmp_path, edition=ChangesEdition(title="Riverside"))
    pages = text_of((tmp_path / "handover.pdf").read_bytes())
    assert [page.split("\n")[1] for page in pages] == ["Grid G-a", "Grid G-b"]


def test_open_matters_stand_on_the_sheets_they_concern(tmp_path) -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    matters = (
        maps.OpenMatter("The lift is broken", grid_id="G-a"),
        maps.OpenMatter("A permit is due", building_id="B03"),
        maps.OpenMatter("Somewhere else", grid_id="G-c"),
    )
    write_changes(told, tmp_path, edition=ChangesEdition(matters=matters))
    south, middle = text_of((tmp_path / "handover.pdf").read_bytes())
    assert "The lift is broken" in south
    assert "The lift is broken" not in middle
    assert "B03: A permit is due" in south
    assert "B03: A permit is due" in middle
    assert "Somewhere else" not in south + middle


def test_a_grid_whose_owner_alone_changes_is_handed_over_whole(tmp_path) -> None:
    plan = divided("aaaabbbbcccc")
    told = compare(owned(plan, {"G-a": "Lin Mei"}), owned(plan, {"G-a": "Wang Qiang"}))
    write_changes(told, tmp_path)
    (page,) = text_of((tmp_path / "handover.pdf").read_bytes())
    assert "Handed on with the grid as a whole" in page
    for word in ("Lin Mei", "Wang Qiang", "B00", "B03"):
        assert word in page
    assert any("another owner" in said for said in change_sentences(told))


def test_nobody_signs_for_what_stays_in_the_same_hands(tmp_path) -> None:
    names = {"G-a": "Lin Mei", "G-b": "Lin Mei"}
    a, b = (owned(divided(text), names) for text in ("aaaabbbbcccc", "aaabbbbbcccc"))
    write_changes(compare(a, b), tmp_path)
    pages = text_of((tmp_path / "handover.pdf").read_bytes())
    assert all("Taken over" in page or "Handed over" in page for page in pages)
    assert not any("Signatures" in page for page in pages)


def test_a_fault_in_drawing_leaves_the_folder_as_it_was(tmp_path, monkeypatch) -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    write_changes(told, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: object, **__: object) -> bytes:
        raise maps.SheetError("too thin")

    monkeypatch.setattr(maps, "handover_pdfs", fail)
    with pytest.raises(gg.InputError, match="too thin"):
        write_changes(told, tmp_path, edition=ChangesEdition(title="Other"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_many_splits_are_told_in_part_and_counted(monkeypatch) -> None:
    monkeypatch.setattr(import_module("gridgeo.publish.change_lines"), "_MOST_TOLD", 1)
    told = compare(divided("aaaabbbbcccc"), divided("aaddbbffcccc"))
    said = change_sentences(told)
    assert len(told.lineage.splits) == 2
    assert [line for line in said if "split" in line] == [
        "G-a is split into G-a, G-d.", "1 more grid is split.",
    ]  # fmt: skip


def test_sheets_of_an_earlier_comparison_go_and_nothing_else(tmp_path, monkeypatch) -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    (tmp_path / "handover-mine.pdf").write_bytes(b"mine")
    monkeypatch.setattr("maps.handover.MOST_SHEETS", 1)
    write_changes(told, tmp_path)
    assert {"handover-1.pdf", "handover-2.pdf"} <= {path.name for path in tmp_path.iterdir()}
    monkeypatch.undo()
    write_changes(told, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("handover*")) == [
        "handover-mine.pdf", "handover.pdf",
    ]  # fmt: skip


def test_a_notebook_gets_the_map() -> None:
    told = compare(divided("aaaabbbbcccc"), divided("aaabbbbbcccc"))
    assert "gridgeoChanges" in told.explore()._repr_html_()
