"""GDAL reads the features and tiles of a running service: all of them, where they are."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely
from made_sites import EPSG, SPRING, SUMMER, made_site, publish_site
from served import serving

from gridgeo.store import Store

COUNT = 2300  # more than two pages of what GDAL asks for at once


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gdal")
    site = made_site(folder / "site", COUNT)
    store = Store.open(folder / "data")
    publish_site(store, site, moments=(SPRING, SUMMER))
    store.close()
    with serving(folder / "run", folder / "data", "--jobs", "0") as served:
        yield site, served.base


def read(url: str, layer: str, **more):
    return pyogrio.read_dataframe(f"OAPIF:{url}", layer=layer, **more)


def test_every_collection_is_a_layer_with_its_count_and_extent(town):
    _, url = town
    names = [name for name, _ in pyogrio.list_layers(f"OAPIF:{url}")]
    assert names == ["town.grids", "town.buildings", "town.boundary"]
    facts = pyogrio.read_info(f"OAPIF:{url}", layer="town.buildings")
    assert facts["features"] == COUNT
    assert facts["layer_metadata"]["TITLE"] == "Buildings of Town"
    assert facts["layer_metadata"]["TEMPORAL_INTERVAL_MIN"] == "2026-01-01T00:00:00Z"
    shapes = read(url, "town.buildings").geometry
    west, south, east, north = facts["total_bounds"]
    assert (
        shapely.box(west, south, east, north).buffer(1e-9).covers(shapely.box(*shapes.total_bounds))
    )


def test_fields_have_the_types_of_their_schema_even_where_no_feature_tells_them(town):
    _, url = town
    facts = pyogrio.read_info(f"OAPIF:{url}", layer="town.grids")
    types = dict(zip(facts["fields"].tolist(), facts["ogr_types"], strict=True))
    assert types == {
        "id": "OFTString", "grid_id": "OFTString", "community": "OFTString", "kind": "OFTString",
        "in_band": "OFTInteger", "households": "OFTInteger", "population": "OFTInteger",
        "colour": "OFTInteger", "owner_name": "OFTString", "owner_phone": "OFTString",
        "version": "OFTInteger", "valid_from": "OFTDateTime", "valid_to": "OFTDateTime",
    }  # fmt: skip
    grids = read(url, "town.grids")
    assert grids["households"].tolist() == list(range(100, 100 + len(grids)))
    assert np.isnan(grids["population"][0])
    assert grids["in_band"].dtype == bool
    assert set(grids["valid_from"].astype(str)) == {"2026-06-01 00:00:00+00:00"}


def test_all_pages_are_read_and_every_feature_comes_once(town):
    site, url = town
    buildings = read(url, "town.buildings")
    assert buildings["building_id"].tolist() == site.ids
    assert buildings["grid_id"].tolist() == site.grid_of


@pytest.mark.parametrize("crs", [f"EPSG:{EPSG}", "EPSG:3857", "EPSG:4490", "OGC:CRS84"])
def test_shapes_are_where_they_are_in_every_crs_to_the_centimetre(town, crs):
    site, url = town
    buildings = read(url, "town.buildings", CRS=crs)
    moved = buildings.geometry.set_crs(crs, allow_override=True).to_crs(EPSG)
    apart_m = shapely.hausdorff_distance(moved.values, site.shapes_m)
    assert apart_m.max() < 0.02


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("building_id = 'B00042'", lambda b, _: b == "B00042"),
        ("id = 'B00042'", lambda b, _: b == "B00042"),
        ("building_id LIKE 'B000%7'", lambda b, _: b.startswith("B000") and b.endswith("7")),
        ("building_id ILIKE 'b0004_'", lambda b, _: b.startswith("B0004")),
        ("grid_id = 'T-001' OR grid_id = 'T-002'", lambda _, g: g in ("T-001", "T-002")),
        ("grid_id IN ('T-003') AND building_id > 'B00100'",
         lambda b, g: g == "T-003" and b > "B00100"),
        ("NOT (grid_id <> 'T-004')", lambda _, g: g == "T-004"),
        ("version = 2 AND grid_id = 'T-005'", lambda _, g: g == "T-005"),
        ("valid_to IS NULL AND grid_id = 'T-006'", lambda _, g: g == "T-006"),
        ("valid_from > '2026/06/02 00:00:00'", lambda _b, _g: False),
        # a day alone, which GDAL hands on as 2026-06-01T
        ("valid_from >= '2026-06-01' AND grid_id = 'T-007'", lambda _, g: g == "T-007"),
        ("valid_from > '2026-06-02'", lambda _b, _g: False),
        ("building_id = 'it''s \"quoted\" & 100%'", lambda _b, _g: False),
    ],
)  # fmt: skip
def test_attribute_filters_find_what_they_say(town, where, found):
    site, url = town
    wanted = [b for b, g in zip(site.ids, site.grid_of, strict=True) if found(b, g)]
    assert read(url, "town.buildings", where=where)["building_id"].tolist() == wanted


def test_a_filter_is_asked_of_the_service_and_not_of_all_features(town, monkeypatch, capfd):
    _, url = town
    pyogrio.set_gdal_config_options({"CPL_DEBUG": "ON"})
    try:
        read(url, "town.grids", where="in_band = 1 AND households >= 110 AND grid_id LIKE 'T-%'")
    finally:
        pyogrio.set_gdal_config_options({"CPL_DEBUG": None})
    said = capfd.readouterr().err
    assert "filter=((in_band" in said
    assert "client side" not in said


def test_a_box_finds_what_meets_it_in_its_crs(town):
    site, url = town
    west, south = 536_000.0, 3_318_000.0
    box = (west, south, west + 205, south + 95)
    wanted = [
        b for b, s in zip(site.ids, site.shapes_m, strict=True) if s.intersects(shapely.box(*box))
    ]
    assert len(wanted) == 5 * 3  # the sixth column begins at 210 m, the fourth row at 130 m
    found = read(url, "town.buildings", CRS=f"EPSG:{EPSG}", bbox=box)
    assert sorted(found["building_id"]) == sorted(wanted)
