"""Riverside: the script makes the committed files, and the files hold together."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import PIL
import pyogrio
import pytest
import shapely
from PIL import Image

DATA = Path(__file__).resolve().parents[2] / "data"
COMMITTED = DATA / "riverside"
NEXT_YEAR = DATA / "riverside_next_year.gpkg"
LAYERS = {
    "buildings.gpkg": "buildings",
    "boundary.gpkg": "boundary",
    "barriers.gpkg": "barriers",
    "current_grids.gpkg": "grids",
}
# Tools that pack the same rows and pixels into the same bytes: see data/README.md.
MADE_WITH = ("0.13.0", (3, 12, 4), "13.0.0", "x86_64")
CORNER = "Foundry Flats"


def run_script(out: Path, *options: str) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, str(DATA / "make_riverside.py"), "--out", str(out), *options],
        check=True,
        cwd=out.parent,
    )
    return read_all(out)


def read_all(folder: Path) -> dict[str, bytes]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def layer(name: str, folder: Path = COMMITTED) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / name, layer=LAYERS[name])


def content(folder: Path, name: str) -> Any:
    """What a file says, whatever bytes its library packed it into."""
    if name.endswith(".gpkg"):
        return gpkg_content(folder / name, LAYERS[name])
    if name.endswith(".png"):
        with Image.open(folder / name) as picture:
            return picture.size, picture.convert("RGB").tobytes()
    return (folder / name).read_bytes()


def gpkg_content(path: Path, name: str) -> Any:
    table = gpd.read_file(path, layer=name)
    plain = pd.DataFrame(table.drop(columns="geometry"))
    types = [str(t) for t in plain.dtypes]
    rows = plain.astype(str).to_numpy().tolist()
    return table.crs.to_epsg(), list(table.columns), types, rows, list(table.to_wkb().geometry)


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("riverside") / "made"
    run_script(out)
    return out


@pytest.fixture(scope="module")
def buildings() -> gpd.GeoDataFrame:
    table = layer("buildings.gpkg")
    return table.assign(population=table["registered"] + table["floating"])


def test_two_runs_with_one_seed_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    assert differing(read_all(made), run_script(tmp_path / "again")) == []


def test_another_seed_gives_another_town(made: Path, tmp_path: Path) -> None:
    other = run_script(tmp_path / "other", "--seed", "8")
    changed = differing(read_all(made), other)
    assert {"buildings.gpkg", "households.csv"} <= set(changed)
    assert "boundary.gpkg" not in changed


def test_committed_files_say_what_the_script_says(made: Path) -> None:
    names = read_all(made).keys() | read_all(COMMITTED).keys()
    missing = [n for n in names if not ((made / n).is_file() and (COMMITTED / n).is_file())]
    assert sorted(missing) == []
    assert (
        differing(
            {name: content(COMMITTED, name) for name in names},
            {name: content(made, name) for name in names},
        )
        == []
    )


def test_committed_bytes_are_the_bytes_the_script_writes(made: Path) -> None:
    here = (
        pyogrio.__version__,
        pyogrio.__gdal_version__,
        PIL.__version__,
        platform.machine().replace("AMD64", "x86_64"),
    )
    if here != MADE_WITH:
        pytest.skip(f"made with {MADE_WITH}, this is {here}: contents are compared instead")
    assert differing(read_all(COMMITTED), read_all(made)) == []


def test_roster_sums_are_the_figures_of_the_buildings(buildings: gpd.GeoDataFrame) -> None:
    roster = pd.read_csv(COMMITTED / "households.csv")
    assert roster["household_id"].is_unique
    assert roster["persons"].min() >= 1
    homes = roster.groupby("building_id")["persons"].agg(["size", "sum"])
    homes = homes.reindex(buildings["building_id"], fill_value=0)
    assert homes["size"].tolist() == buildings["households"].tolist()
    assert homes["sum"].tolist() == buildings["population"].tolist()
    entrances = buildings.set_index("building_id")["entrances"]
    assert (roster["entrance"] >= 1).all()
    assert (roster["entrance"] <= roster["building_id"].map(entrances)).all()


def test_ids_are_unique_and_sorted(buildings: gpd.GeoDataFrame) -> None:
    for ids in (buildings["building_id"], layer("current_grids.gpkg")["grid_id"]):
        assert ids.is_unique
        assert ids.is_monotonic_increasing
    assert buildings["name"].is_unique


def test_population_is_left_to_be_added_up() -> None:
    assert "population" not in layer("buildings.gpkg").columns


def test_footprints_are_valid_and_disjoint(buildings: gpd.GeoDataFrame) -> None:
    assert buildings.geometry.is_valid.all()
    shapes = buildings.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=1.0)
    assert [(a, b) for a, b in zip(first, second, strict=True) if a < b] == []


def test_no_building_stands_in_a_street_or_in_the_river_or_outside(
    buildings: gpd.GeoDataFrame,
) -> None:
    barriers = layer("barriers.gpkg")
    half_width_m = barriers["kind"].map({"street": 4.5, "river": 13.0})
    taken = shapely.union_all(barriers.geometry.buffer(half_width_m).to_numpy())
    town = layer("boundary.gpkg").geometry[0]
    assert not buildings.intersects(taken).any()
    assert buildings.within(town).all()


def test_river_parts_the_town_and_two_bridges_join_it(buildings: gpd.GeoDataFrame) -> None:
    barriers, town = layer("barriers.gpkg"), layer("boundary.gpkg").geometry[0]
    river = barriers[barriers["kind"] == "river"].geometry.union_all()
    banks = shapely.get_parts(shapely.ops.split(town, river))
    assert len(banks) == 2
    for bank in banks:
        # Each bank has room for whole grids: so many that the least of each band is exceeded.
        there = buildings[buildings.within(bank) & (buildings["compound"] != CORNER)]
        households, people = there["households"].sum(), there["population"].sum()
        assert any(
            300 * k <= households <= 500 * k and 1000 * k <= people <= 1500 * k
            for k in range(1, 20)
        )
    bridges = barriers[barriers["bridge"]]
    assert len(bridges) == 2
    assert bridges.crosses(river).all()
    assert (
        not barriers[(barriers["kind"] == "street") & ~barriers["bridge"]].intersects(river).any()
    )


def test_streets_and_river_close_every_block() -> None:
    lines = [*layer("barriers.gpkg").geometry, layer("boundary.gpkg").geometry[0].exterior]
    blocks = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    town = layer("boundary.gpkg").geometry[0]
    assert len(blocks) >= 12
    assert sum(b.area for b in blocks) == pytest.approx(town.area, abs=0.01)


def test_grids_of_today_cover_the_town_exactly() -> None:
    grids, town = layer("current_grids.gpkg").geometry, layer("boundary.gpkg").geometry[0]
    assert set(grids.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(grids.to_numpy(), gap_width=1.0)
    assert grids.area.sum() == pytest.approx(town.area, abs=1e-3)
    assert grids.union_all().symmetric_difference(town).area < 1e-3


def test_grids_of_today_are_out_of_date(buildings: gpd.GeoDataFrame) -> None:
    grids = layer("current_grids.gpkg")
    shapes = grids.set_index("grid_id").geometry
    inside = buildings["current_grid"].map(shapes)
    assert gpd.GeoSeries(inside, crs=grids.crs).contains(buildings.geometry).all()
    households = buildings.groupby("current_grid")["households"].sum()
    assert set(households.index) == set(grids["grid_id"])
    assert (households > 500).sum() >= 3
    assert (households < 300).sum() >= 3


def test_each_grid_of_today_has_one_worker_with_a_portrait() -> None:
    workers = pd.read_csv(COMMITTED / "workers.csv", dtype=str)
    assert sorted(workers["grid_id"]) == layer("current_grids.gpkg")["grid_id"].tolist()
    assert workers["worker_id"].is_unique
    assert set(workers["consent"]) == {"yes", "no"}
    drawn = {p.relative_to(COMMITTED).as_posix() for p in COMMITTED.glob("portraits/*")}
    assert set(workers["portrait"]) == drawn
    pixels = set()
    for path in sorted(drawn):
        with Image.open(COMMITTED / path) as picture:
            assert picture.size == (160, 200)
            pixels.add(picture.convert("RGB").tobytes())
    assert len(pixels) == len(drawn)


def test_only_the_corner_has_too_few_people_for_its_households(
    buildings: gpd.GeoDataFrame,
) -> None:
    corner = buildings["compound"] == CORNER
    assert buildings.loc[corner, "population"].sum() < 2 * buildings.loc[corner, "households"].sum()
    # Six hundred households of it are more than two grids that reach in could take.
    assert buildings.loc[corner, "households"].sum() > 600
    estates = buildings[~corner & buildings["kind"].isin(["high-rise", "walk-up"])]
    sums = estates.groupby("compound")[["households", "population"]].sum()
    assert (sums["population"] / sums["households"]).between(2.6, 3.4).all()
    assert buildings["households"].max() <= 200


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the year after, as the script makes it."""
    return run_next_year(tmp_path_factory.mktemp("next_year"))


def run_next_year(out: Path) -> Path:
    script = str(DATA / "make_next_year.py")
    subprocess.run([sys.executable, script, "--out", str(out)], check=True)
    return out / NEXT_YEAR.name


def test_next_year_is_what_its_script_makes(next_year: Path, tmp_path: Path) -> None:
    assert [p.name for p in next_year.parent.iterdir()] == [NEXT_YEAR.name]
    assert run_next_year(tmp_path).read_bytes() == next_year.read_bytes()
    assert gpkg_content(NEXT_YEAR, "buildings") == gpkg_content(next_year, "buildings")


def test_next_year_has_the_bytes_the_script_writes(next_year: Path) -> None:
    here = (pyogrio.__version__, pyogrio.__gdal_version__, PIL.__version__, platform.machine())
    if here != MADE_WITH:
        pytest.skip(f"made with {MADE_WITH}, this is {here}: contents are compared instead")
    assert NEXT_YEAR.read_bytes() == next_year.read_bytes()


def test_a_year_later_one_lane_is_gone_and_one_tower_is_new(
    buildings: gpd.GeoDataFrame,
) -> None:
    later = gpd.read_file(NEXT_YEAR)
    before = buildings.drop(columns="population")
    assert list(later.columns) == list(before.columns)
    assert later.crs == before.crs
    assert later["building_id"].is_unique
    gone = before[~before["building_id"].isin(later["building_id"])]
    assert len(gone) > 1
    assert set(gone["compound"]) == {"Boat Lane"}
    assert "Boat Lane" not in set(later["compound"])
    new = later[~later["building_id"].isin(before["building_id"])]
    assert new["kind"].tolist() == ["high-rise"]
    # a number that no building ever had
    assert new["building_id"].iloc[0] > before["building_id"].max()
    both = before.merge(later, on="building_id", suffixes=("", "_later"))
    assert both.geometry.geom_equals(gpd.GeoSeries(both["geometry_later"], crs=later.crs)).all()
    for name in ("name", "kind", "compound", "floors", "entrances", "current_grid"):
        assert both[name].tolist() == both[f"{name}_later"].tolist()
    changed = both["households"] != both["households_later"]
    assert changed.mean() > 0.3
    assert both["households_later"].sum() / both["households"].sum() == pytest.approx(1, abs=0.05)
    assert (both.loc[both["households"] == 0, "households_later"] == 0).all()


def test_a_year_later_no_footprint_is_in_the_way() -> None:
    shapes = gpd.read_file(NEXT_YEAR).geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=1.0)
    assert [(a, b) for a, b in zip(first, second, strict=True) if a < b] == []


def test_owners_file_of_the_demo_is_what_its_script_makes(tmp_path: Path) -> None:
    script = str(DATA / "make_workers.py")
    subprocess.run([sys.executable, script, "--out", str(tmp_path)], check=True)
    for name in ("workers.csv", "services.csv", "volunteers.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_owners_file_of_the_demo_names_portraits_that_are_there() -> None:
    workers = pd.read_csv(DATA / "workers.csv", dtype=str)
    photos = workers["photo"].dropna()
    assert all((DATA / photo).is_file() for photo in photos)
    assert set(workers["consent"]) == {"yes", "no"}
    assert workers["photo"].isna().any()
