"""Vector tiles: right where they are, bounded in size, and read by GDAL by one address."""

from __future__ import annotations

import json
import math

import httpx
import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from made_sites import EPSG, SPRING, SUMMER, made_site, publish_site
from served import serving

from gridgeo.crs import from_lonlat, lonlat_of, to_lonlat
from gridgeo.service.public.layers import Life, read_buildings
from gridgeo.service.public.tiles import MOST_FEATURES, tile
from gridgeo.store import Store

COUNT = 400


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    site = made_site(folder / "site", COUNT)
    store = Store.open(folder / "data")
    publish_site(store, site, moments=(SPRING, SUMMER))
    store.close()
    with serving(folder / "run", folder / "data", "--jobs", "0") as served:
        yield site, served.base


def place(site, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that the first building is in."""
    centre = shapely.get_coordinates(shapely.centroid(site.shapes_m[:1]))
    lon, lat = lonlat_of(centre, f"EPSG:{EPSG}")[0]
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**zoom), int(y * 2**zoom)


def test_gdal_reads_a_tile_by_its_address_and_finds_the_buildings_where_they_are(town):
    site, url = town
    column, row = place(site, 17)
    found = pyogrio.read_dataframe(
        f"MVT:{url}/collections/town.buildings/tiles/17/{column}/{row}.mvt"
    )
    assert "B00000" in set(found["building_id"])
    moved = found.to_crs(EPSG)
    # a tile of zoom 17 is some 300 m wide, in 4096 parts
    side_m = 40_075_016 / 2**17
    west, south, east, north = (
        side_m * column - 20_037_508, 20_037_508 - side_m * (row + 1),
        side_m * (column + 1) - 20_037_508, 20_037_508 - side_m * row,
    )  # fmt: skip
    # GDAL cuts shapes at the edge of the tile
    whole = found.geometry.within(shapely.box(west, south, east, north).buffer(-1))
    known = dict(zip(site.ids, site.shapes_m, strict=True))
    assert whole.sum() > 5
    for building, shape in zip(moved["building_id"][whole], moved.geometry[whole], strict=True):
        assert shapely.hausdorff_distance(shape, known[building]) < 0.15


def test_gdal_follows_the_tilesets_of_a_collection_without_the_internet(town):
    site, url = town
    west, south, east, north = shapely.total_bounds(
        from_lonlat(to_lonlat(site.shapes_m, f"EPSG:{EPSG}"), "EPSG:3857")
    )
    # GDAL 3.12 takes the degrees of a collection's extent for metres, unless it is told better
    box = {"MINX": west, "MINY": south, "MAXX": east, "MAXY": north}
    source = f"OGCAPI:{url}/collections/town.grids"
    grids = pyogrio.read_dataframe(source, layer="Zoom level 14", **box)
    assert set(grids["grid_id"]) == {f"T-{k:03d}" for k in range(1, 17)}


def test_tilejson_leads_to_the_tiles_and_hands_on_what_was_asked(town):
    site, url = town
    told = httpx.get(f"{url}/collections/town.buildings/tiles/tilejson.json?version=1").json()
    (template,) = told["tiles"]
    column, row = place(site, 16)
    address = template.replace("{z}", "16").replace("{x}", str(column)).replace("{y}", str(row))
    content = httpx.get(address).content
    layer = mapbox_vector_tile.decode(content)["buildings"]
    assert {one["properties"]["version"] for one in layer["features"]} == {1}
    assert told["vector_layers"][0]["id"] == "buildings"
    assert set(layer["features"][0]["properties"]) <= set(told["vector_layers"][0]["fields"])
    west, south, east, north = told["bounds"]
    assert west < east
    assert south < north


def test_both_addresses_of_a_tile_give_the_same_bytes(town):
    site, url = town
    column, row = place(site, 15)
    one = httpx.get(f"{url}/collections/town.grids/tiles/15/{column}/{row}.mvt")
    other = httpx.get(f"{url}/collections/town.grids/tiles/WebMercatorQuad/15/{row}/{column}")
    assert one.content == other.content
    assert one.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert one.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(("zoom", "x", "y"), [(0, 0, 1), (23, 0, 0), (3, 8, 0), (2, -1, 0)])
def test_there_is_no_tile_outside_of_the_scheme(town, zoom, x, y):
    _, url = town
    for path in (f"tiles/{zoom}/{x}/{y}.mvt", f"tiles/WebMercatorQuad/{zoom}/{y}/{x}"):
        assert httpx.get(f"{url}/collections/town.grids/{path}").status_code == 404


def test_a_tile_without_features_is_empty_and_no_fault(town):
    _, url = town
    answer = httpx.get(f"{url}/collections/town.grids/tiles/10/0/0.mvt")
    assert (answer.status_code, answer.content) == (200, b"")


def test_tiles_of_a_hundred_thousand_buildings_are_bounded_at_every_zoom(tmp_path):
    site = made_site(tmp_path / "site", 100_000)
    files = {path.name: path.read_bytes() for path in site.folder.iterdir()}
    layer = read_buildings(files.__getitem__, Life(1, SPRING))
    seen = {}
    for zoom in (0, 8, 10, 12, 13, 14, 16):
        content = tile(layer, zoom, *place(site, zoom))
        features = mapbox_vector_tile.decode(content)["buildings"]["features"]
        seen[zoom] = len(features)
        assert 0 < len(features) <= MOST_FEATURES
        assert len(content) < 700_000
    assert seen[0] < 5
    # near enough, all are there that lie in the tile: it is 600 m wide, a building every 40 m
    assert seen[16] > 100
    assert tile(layer, 12, *place(site, 12)) == tile(layer, 12, *place(site, 12))


@pytest.mark.parametrize("zoom", [10, 12, 14, 16, 18])
def test_neighbours_in_a_tile_have_neither_crack_nor_overlap(zoom):
    # two buildings with a party wall that bends a little at every step
    unit = 360 / 2**zoom / 4096  # of the tile, in degrees
    sway = np.random.default_rng(7).normal(size=400)
    bends = [(114 + unit * x, 30 + unit * k) for k, x in enumerate(sway.tolist())]
    west, east = 114 - 99 * unit, 114 + 99 * unit
    top = bends[-1][1]
    back = bends[::-1]
    # of one the ring begins in the middle of the wall
    sides = [[(west, 30), *bends, (west, top)], [*back[200:], (east, 30), (east, top), *back[:200]]]
    features = [
        {"properties": {"building_id": f"{k}", "grid_id": "g"},
         "geometry": shapely.geometry.mapping(shapely.Polygon(ring))}
        for k, ring in enumerate(sides)
    ]  # fmt: skip
    content = json.dumps({"features": features}).encode()
    layer = read_buildings({"buildings.geojson": content}.__getitem__, Life(1, SPRING))
    column = int((114 + 180) / 360 * 2**zoom)
    row = int((1 - math.asinh(math.tan(math.radians(30 + 200 * unit))) / math.pi) / 2 * 2**zoom)
    told = mapbox_vector_tile.decode(tile(layer, zoom, column, row))["buildings"]["features"]
    one, other = (shapely.geometry.shape(feature["geometry"]) for feature in told)
    both = shapely.union(one, other)
    assert one.is_valid
    assert other.is_valid
    assert one.area + other.area == both.area
    assert both.geom_type == "Polygon"
    assert not both.interiors


@pytest.mark.parametrize("zoom", [0, 10, 14, 18])
def test_an_area_with_a_spike_is_shown_without_it(zoom):
    # what is left of a narrow point when its corners are rounded
    ring = [[114, 30], [114.001, 30], [114.001, 30.001], [114.001, 30.002], [114.001, 30.001],
            [114, 30.001], [114, 30]]  # fmt: skip
    told = {"geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"building_id": "one", "grid_id": "g"}}  # fmt: skip
    content = json.dumps({"features": [told]}).encode()
    layer = read_buildings({"buildings.geojson": content}.__getitem__, Life(1, SPRING))
    column = int((114.0005 + 180) / 360 * 2**zoom)
    row = int((1 - math.asinh(math.tan(math.radians(30.0005))) / math.pi) / 2 * 2**zoom)
    (feature,) = mapbox_vector_tile.decode(tile(layer, zoom, column, row))["buildings"]["features"]
    assert feature["geometry"]["type"] == "Polygon"


def test_what_is_too_small_for_a_tile_is_a_dot_and_not_gone():
    corners = [[114, 30], [114.0001, 30], [114.0001, 30.0001], [114, 30]]
    feature = {
        "properties": {"building_id": "one", "grid_id": "g"},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    content = json.dumps({"features": [feature]}).encode()
    layer = read_buildings({"buildings.geojson": content}.__getitem__, Life(1, SPRING))
    column, row = int((114 + 180) / 360 * 16), 6
    (feature,) = mapbox_vector_tile.decode(tile(layer, 4, column, row))["buildings"]["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["building_id"] == "one"
    assert np.ptp(np.array(feature["geometry"]["coordinates"][0]), axis=0).tolist() == [1, 1]
