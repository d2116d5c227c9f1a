"""The doctor finds buildings in the datum of a web map, and puts them back where they belong."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from made_up_town import drawn_in, town

import gridgeo as gg
from gridgeo.datum import Datum

CRS = 4548


def written(folder: Path, houses: np.ndarray, streets: np.ndarray) -> tuple[Path, Path]:
    """Write houses of 3 households and streets as two files, and return their paths."""
    ids = [f"H{k:04}" for k in range(len(houses))]
    table = {"id": ids, "households": 3, "population": 8}
    buildings, lines = folder / "houses.gpkg", folder / "streets.gpkg"
    gpd.GeoDataFrame(table, geometry=houses, crs=CRS).to_file(buildings)
    gpd.GeoDataFrame(
        {"highway": ["residential"] * len(streets)}, geometry=streets, crs=CRS
    ).to_file(lines)
    return buildings, lines


def codes(found: gg.Diagnosis) -> set[str]:
    return {fault.code for fault in found.faults if fault.code.startswith("datum")}


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_houses_of_a_web_map_are_moved_to_where_they_belong(datum: Datum, tmp_path: Path) -> None:
    houses, streets = town()
    files = written(tmp_path, drawn_in(datum, houses), streets)
    found = gg.check_files(files[0], barriers=files[1])
    assert codes(found) == {f"datum-{datum.name.lower()}"}
    assert found.exit_status == 1
    assert found.changes[-1].what == "shape"
    mended = found.save(tmp_path / "mended.gpkg")
    again = gg.check_files(f"{mended}:buildings", barriers=files[1])
    assert codes(again) == set()
    assert again.exit_status == 0
    put_back = gpd.read_file(mended, layer="buildings").to_crs(CRS).geometry
    off_m = shapely.distance(shapely.centroid(put_back.to_numpy()), shapely.centroid(houses))
    assert off_m.max() < 0.01


def test_streets_of_a_web_map_need_a_person(tmp_path: Path) -> None:
    houses, streets = town()
    files = written(tmp_path, houses, drawn_in(Datum.GCJ02, streets))
    found = gg.check_files(files[0], barriers=files[1])
    assert codes(found) == {"datum-streets-gcj02"}
    assert found.exit_status == 2


def test_houses_beside_their_streets_are_left_alone(tmp_path: Path) -> None:
    houses, streets = town()
    found = gg.check_files(*written(tmp_path, houses, streets)[:1])
    assert codes(found) == set()
    files = written(tmp_path, houses, streets)
    assert codes(gg.check_files(files[0], barriers=files[1])) == set()


def test_whoever_divides_them_unchecked_is_warned(tmp_path: Path) -> None:
    houses, streets = town()
    files = written(tmp_path, drawn_in(Datum.GCJ02, houses), streets)
    told = gg.read_community(files[0], barriers=files[1]).check()
    assert "datum-gcj02" in {finding.code for finding in told.warnings}
    assert told.errors == ()
