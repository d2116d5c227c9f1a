"""On the tiles of each provider: asked for where the community lies, credited, and only shown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from screens import SIZES
from shapely.geometry import Point, box

from gridgeo.datum import Datum, from_wgs84
from maps import BASEMAPS, BuildingShape, GridShape, Sheet, Worker, basemap, render_web

pytestmark = pytest.mark.browser

# A grid in Beijing and a house in it, WGS 84; in the middle stands the label of the grid.
WEST, SOUTH, SIDE = 116.39, 39.91, 0.006
HOME = (WEST + SIDE * 0.3, SOUTH + SIDE * 0.3)
# One transparent pixel.
TILE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


def sheet() -> Sheet:
    ground = box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    grid = GridShape("G-1", "", ground, None, None, None, True, "", worker=Worker("Lin Mei", "1"))
    return Sheet("T", (grid,), (BuildingShape("B1", "Court 1", "G-1", Point(HOME)),), (), ())


def drawn_by(name: str, key: str = "k3y") -> tuple[str, Datum]:
    base = basemap(name, key, datum="BD-09" if "baidu" in name else "WGS 84")
    datum = Datum(base.datum)
    return render_web(sheet(), basemap=base, shift=lambda at: from_wgs84(at, datum)), datum


@dataclass(frozen=True)
class Asked:
    """The place of a tile as its address says it."""

    layer: str
    x: int
    y: int
    z: int


def asked(url: str) -> Asked:
    """Read the address of a tile by the words of its provider."""
    parts = urlsplit(url)
    said = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    plain = re.fullmatch(r"/(\d+)/(\d+)/(\d+)\.png", parts.path)
    if plain:
        z, x, y = map(int, plain.groups())
        return Asked("", x, y, z)
    if "tilematrix" in said:
        at = (said["tilecol"], said["tilerow"], said["tilematrix"])
    else:
        at = (said["x"], said["y"], said["z"])
    return Asked(said.get("layer", said.get("style", "")), *map(int, at))


def tile_of(lon: float, lat: float, z: int, name: str) -> tuple[float, float]:
    """Where a place of the provider's datum lies, in tiles from its first, by its own formula."""
    if name == "baidu":
        # the metres that Baidu's own interface gives for a place, of 2**(18 - z) a pixel
        x_m, y_m = baidu_metres(lon, lat)
        side_m = 256 * 2 ** (18 - z)
        return x_m / side_m, y_m / side_m
    n = 2**z
    x = (lon + 180) / 360 * n
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    # Tencent counts rows from the south
    return (x, n - y) if name == "tencent" else (x, y)


def baidu_metres(lon: float, lat: float) -> tuple[float, float]:
    """Baidu's polynomial for latitudes of 30 to 45 degrees, as its scripts have it."""
    terms = (51751.86112841131, 3796837.749470245, 992013.7397791013, -1221952.21711287,
             1340652.697009075, -620943.6990984312, 144416.9293806241)  # fmt: skip
    t = lat / 37.5
    y = sum(term * t**power for power, term in enumerate(terms))
    return 0.00220636496208 + 111320.7020209128 * lon, y


def open_on_tiles(open_offline, page: str, hosts: list[str], **size: int):
    """Open a page whose tiles a made-up server gives; return it and what that was asked for."""
    opened = open_offline("<!DOCTYPE html><link rel=icon href=data:,>", **size)
    seen: list[str] = []

    def give(route) -> None:
        seen.append(route.request.url)
        route.fulfill(body=TILE, content_type="image/png")

    for host in hosts:
        opened.page.route(f"{host}/**", give)
    Path(urlsplit(opened.page.url).path).write_text(page, encoding="utf-8")
    opened.page.goto(opened.page.url)
    opened.page.locator("img.leaflet-tile-loaded").nth(3).wait_for(state="attached")
    return opened, seen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BASEMAPS)
def test_tiles_are_asked_for_where_the_community_lies(open_offline, name, size):
    page, datum = drawn_by(name)
    base = basemap(name, "k3y")
    width, height = SIZES[size]
    opened, seen = open_on_tiles(open_offline, page, list(base.hosts()), width=width, height=height)
    (lon, lat) = from_wgs84(np.array([HOME]), datum)[0]
    tiles = [asked(url) for url in seen]
    zooms = {tile.z for tile in tiles}
    assert max(zooms) <= base.max_zoom
    assert max(zooms) >= 15
    layers = {tile.layer for tile in tiles}
    assert len(layers) == (2 if base.names_url else 1)
    for z in zooms:
        x, y = tile_of(lon, lat, z, name)
        for layer in layers:
            here = {(tile.x, tile.y) for tile in tiles if tile.z == z and tile.layer == layer}
            assert (math.floor(x), math.floor(y)) in here
            # and none far away: a screen and a rim of tiles around it
            reach = 2 + max(width, height) / 256
            assert all(abs(a - x) < reach and abs(b - y) < reach for a, b in here)
    if base.needs_key:
        assert all("tk=k3y" in url for url in seen)
    else:
        assert not any("k3y" in url for url in seen)
    credit = opened.page.locator(".gg-tiles")
    assert credit.inner_text() == base.attribution
    assert credit.get_attribute("href") == base.terms
    assert credit.is_visible()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", *base.hosts()))] == []


@pytest.mark.parametrize("name", BASEMAPS)
def test_the_tile_under_the_house_is_the_one_with_its_place(open_offline, name):
    """The picture of a tile stands where the page draws what lies in it."""
    page, datum = drawn_by(name)
    opened, _ = open_on_tiles(open_offline, page, list(basemap(name, "k3y").hosts()))
    (lon, lat) = from_wgs84(np.array([HOME]), datum)[0]
    at = opened.screen(lon, lat)
    boxes = opened.page.evaluate(
        "[...document.querySelectorAll('img.leaflet-tile')].map(tile => {"
        " const r = tile.getBoundingClientRect(); return [tile.src, r.left, r.top, r.width]; })"
    )
    under = [
        (asked(src), (at[0] - left) / wide, (at[1] - top) / wide)
        for src, left, top, wide in boxes
        if left <= at[0] < left + wide and top <= at[1] < top + wide
    ]
    assert under
    for tile, east, south in under:
        x, y = tile_of(lon, lat, tile.z, name)
        assert x == pytest.approx(tile.x + east, abs=0.01)
        counted_north = name in {"tencent", "baidu"}
        assert y == pytest.approx(tile.y + (1 - south if counted_north else south), abs=0.01)


@pytest.mark.parametrize("name", BASEMAPS)
def test_what_is_drawn_is_shifted_to_the_datum_and_found_there(open_offline, name):
    page, datum = drawn_by(name)
    opened, _ = open_on_tiles(open_offline, page, list(basemap(name, "k3y").hosts()))
    ring = opened.page.evaluate(
        "geo_json_grids.getLayers()[0].getLatLngs()[0].map(at => [at.lng, at.lat])"
    )
    corners = np.array([[x, y] for x in (WEST, WEST + SIDE) for y in (SOUTH, SOUTH + SIDE)])
    drawn = from_wgs84(corners, datum)
    moved_m = np.hypot(*((drawn - corners) * [85_300, 111_000]).T)
    assert (moved_m > 300).all() if datum is not Datum.WGS84 else (moved_m == 0).all()
    for corner in drawn:
        assert np.abs(np.array(ring) - corner).max(axis=1).min() < 1e-6
    # a real mouse finds the house and the grid where they are drawn
    house = from_wgs84(np.array([HOME]), datum)[0]
    opened.page.mouse.click(*opened.screen(*house))
    assert "Court 1" in opened.page.locator(".gg-card").inner_text()
    opened.page.keyboard.press("Escape")
    beside = from_wgs84(np.array([[WEST + SIDE * 0.8, SOUTH + SIDE * 0.2]]), datum)[0]
    opened.page.mouse.click(*opened.screen(*beside))
    assert opened.page.locator(".gg-card h2").inner_text() == "G-1"
    opened.page.keyboard.press("Escape")


@pytest.mark.parametrize("name", ["osm", "amap", "baidu"])
def test_where_am_i_is_found_on_every_datum(open_offline, name):
    page, datum = drawn_by(name)
    place = {"longitude": WEST + SIDE * 0.02, "latitude": SOUTH + SIDE / 2, "accuracy": 5}
    opened, _ = open_on_tiles(
        open_offline, page, list(basemap(name).hosts()),
        geolocation=place, permissions=["geolocation"],
    )  # fmt: skip
    opened.page.locator("#gg-where").click()
    opened.page.locator("#gg-where:enabled").wait_for()
    assert opened.page.locator("#gg-where-said").inner_text() == "You are in grid G-1."
    drawn = opened.page.evaluate(
        "(() => { let at; map_sheet.eachLayer(l => { if (l instanceof L.Circle) at = l.getLatLng();"
        " }); return [at.lng, at.lat]; })()"
    )
    expected = from_wgs84(np.array([[place["longitude"], place["latitude"]]]), datum)[0]
    # within a metre, see shift_terms
    assert np.abs(np.array(drawn) - expected).max() < 1e-5


def test_baidus_plane_is_the_one_of_its_own_scripts_and_turns_back(open_offline):
    page, _ = drawn_by("baidu")
    opened, _ = open_on_tiles(open_offline, page, list(basemap("baidu").hosts()))
    x, y = opened.page.evaluate(
        "(() => { const p = L.CRS.BD09.project(L.latLng(39.915, 116.404)); return [p.x, p.y]; })()"
    )
    # Tian'anmen, as the interface's documentation tells it
    assert (x, y) == pytest.approx((12958175.0, 4825923.77), abs=0.05)
    assert (x, y) == pytest.approx(baidu_metres(116.404, 39.915), abs=0.05)
    back = opened.page.evaluate(
        "[5, 18, 31, 45, 53].map(lat => L.CRS.BD09.unproject(L.CRS.BD09.project("
        "L.latLng(lat, 100 + lat / 3))).lat - lat)"
    )
    assert np.abs(back).max() < 1e-9


def test_paper_leaves_the_tiles_out(open_offline):
    page, _ = drawn_by("osm")
    opened, _ = open_on_tiles(open_offline, page, list(basemap("osm").hosts()))
    opened.page.emulate_media(media="print")
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not opened.page.locator("img.leaflet-tile").first.is_visible()
    assert not opened.page.locator(".gg-tiles").is_visible()
    assert opened.page.locator(".leaflet-overlay-pane svg path").count() == 1
