"""A layer checked with its shapes in pieces gives what the check in one go gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faulty_files as make
import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from faulty_files import CRS, X, Y
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from gridgeo.doctor import check, check_files
from gridgeo.doctor.on_disk import ShapesOnDisk
from gridgeo.intake.overlaps import Pairs, overlapping_pairs


def pieces_on_disk(shapes: Any, folder: Path, at_once: int) -> Pairs:
    disk = ShapesOnDisk(folder)
    for low in range(0, len(shapes), at_once):
        rows = np.arange(low, min(low + at_once, len(shapes)))
        disk.add(rows, shapes[rows])
    try:
        return disk.pairs(at_once)
    finally:
        disk.close()


CORNERS = st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 6)] * 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(CORNERS, max_size=14), st.integers(1, 5))
def test_the_index_on_disk_finds_the_pairs_that_the_tree_in_memory_finds(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[int, ...]], at_once: int
) -> None:
    squares = [box(x, y, x + w, y + h) for x, y, w, h in corners]
    # points and rows without a place stand between them, and are no ground
    shapes = np.array([one for square in squares for one in (square, None, Point(1, 1))])
    shapes = shapes.astype(object)
    expected = overlapping_pairs(shapes)
    found = pieces_on_disk(shapes, tmp_path_factory.mktemp("disk"), at_once)
    assert found.left.tolist() == expected.left.tolist()
    assert found.right.tolist() == expected.right.tolist()
    assert found.shared_m2 == pytest.approx(expected.shared_m2)


def town_of_faults(folder: Path) -> tuple[Path, Path]:
    """Thirty houses in a row with one fault of each kind, far apart and over piece borders."""
    shapes: list[Any] = [make.house(at) for at in range(30)]
    shapes[3] = make.house(3, 25)  # overlaps 4
    shapes[9] = make.house(9, 20.3)  # a sliver over 10
    shapes[20] = make.translate(make.house(5), 0.0)  # drawn twice, far from its twin in the file
    shapes[12] = make.translate(make.BOW_TIE, 12 * 20)
    shapes[14] = make.translate(make.WINGS, 14 * 20)
    shapes[16] = None
    shapes[18] = make.translate(make.FLAT, 18 * 20)
    shapes[22] = shapely.force_3d(make.house(22), 7.0)
    shapes[24] = make.translate(make.BOW_TIE, 24 * 20)
    shapes[26], shapes[27] = Point(X + 530, Y), Point(X + 530, Y)
    shapes[28] = make.translate(make.house(28), 5000.0)
    ids = [f"B{at:02d}" for at in range(30)]
    ids[7] = ids[21]
    people = [9] * 30
    people[8] = 0
    frame = gpd.GeoDataFrame(
        {"building_id": ids, "households": [3] * 30, "population": people},
        geometry=shapes,
        crs=CRS,
    )
    path = folder / "town.gpkg"
    pyogrio.write_dataframe(frame, path, geometry_type="Unknown", promote_to_multi=False)
    return path, make.edge(folder, box(X - 50, Y - 50, X + 585, Y + 50))


@pytest.mark.parametrize("at_once", [4, 7, 29])
@pytest.mark.parametrize("where", [None, "building_id <> 'B09'"])
def test_a_check_in_pieces_tells_what_the_check_in_one_go_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, where: str | None
) -> None:
    path, boundary = town_of_faults(tmp_path)
    whole = check_files(path, boundary, where=where)
    monkeypatch.setattr(check, "MOST_AT_ONCE", at_once)
    pieces = check_files(path, boundary, where=where)

    def told(found: Any) -> set[tuple[Any, ...]]:
        return {
            (f.code, f.remedy.value, f.finding.message, f.rows, f.partners)
            for f in found.faults
            if f.code != "too-large-to-mend"
        }

    assert told(pieces) == told(whole)
    assert len(told(whole)) >= 12 - (where is not None)
    assert pieces.buildings == whole.buildings
    assert pieces.exit_status == whole.exit_status == 2
    # it says that it does not mend, and does not pretend to
    assert "too-large-to-mend" in {fault.code for fault in pieces.faults}
    assert pieces.mended() is None
