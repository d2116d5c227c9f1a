"""Basemaps are known with their datum, attribution and key; what cannot be shown is refused."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from maps import (
    BASEMAPS,
    DATUMS,
    Basemap,
    BasemapError,
    BuildingShape,
    GridShape,
    LineShape,
    Sheet,
    basemap,
    grids_geojson,
    render_web,
)

OWN = "https://tiles.example.org:8443/{z}/{x}/{y}.png"


def sheet() -> Sheet:
    grid = GridShape("G-1", "", box(113, 30, 113.01, 30.01), 1, 310, 1200, True, "")
    home = BuildingShape("B1", "", "G-1", Point(113.005, 30.005))
    street = LineShape("street", "Mill", LineString([(113, 30), (113.01, 30.01)]))
    return Sheet("T", (grid,), (home,), (street,), ())


def east(lonlat):
    return lonlat + np.array([0.005, 0.0])


@pytest.mark.parametrize("name", BASEMAPS)
def test_a_known_basemap_is_whole(name):
    base = basemap(name, "K&ey")
    assert isinstance(base, Basemap)
    for sign in ("{x}", "{z}"):
        assert sign in base.url
    assert ("{y}" in base.url) != ("{-y}" in base.url)
    assert base.attribution
    assert base.datum in DATUMS
    assert 15 <= base.max_zoom <= 22
    assert "{key}" not in base.url + base.names_url
    assert base.needs_key == ("K%26ey" in base.url)
    assert all(host.startswith("https://") and host.count("/") == 2 for host in base.hosts())
    with pytest.raises(FrozenInstanceError):
        base.url = "x"


def test_datums_are_those_of_the_providers():
    datums = {name: basemap(name, "K").datum for name in BASEMAPS}
    assert {name for name, datum in datums.items() if datum == "GCJ-02"} == {
        "amap",
        "amap-img",
        "tencent",
    }
    assert {name for name, datum in datums.items() if datum == "BD-09"} == {"baidu"}


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("tianditu", None, "'tianditu' needs the key"),
        ("tianditu", "  ", "'tianditu' needs the key"),
        ("google", None, "no basemap 'google'; there are amap"),
        ("https://tiles.example.org/{z}/{x}.png", None, "lacks {y}"),
        ("https://tiles.example.org/", None, "lacks {z} and {x} and {y}"),
        ("ftp://tiles.example.org/{z}/{x}/{y}.png", None, "is no address of tiles"),
        ("https://a;script-src *//{z}/{x}/{y}.png", None, "is no address of tiles"),
        ("https://tiles.example.org'/{z}/{x}/{y}.png", None, "is no address of tiles"),
        ("https://{s}.example.org/{z}/{x}/{y}.png", None, "is no address of tiles"),
        ("https://t.example.org/{style}/{z}/{x}/{y}.png", None, "has {style}, which nothing fills"),
        ("https://t.example.org/{z}/{x}/{y}.png?k={key}", None, "needs the key"),
    ],
)
def test_what_cannot_be_used_is_refused_and_said(name, key, said):
    with pytest.raises(BasemapError) as raised:
        basemap(name, key)
    assert said in str(raised.value)


def test_a_datum_that_no_basemap_has_is_refused():
    with pytest.raises(BasemapError, match="no datum 'NAD 83'"):
        basemap(OWN, datum="NAD 83")


@pytest.mark.parametrize(("said", "meant"), [("gcj02", "GCJ-02"), ("BD_09", "BD-09")])
def test_the_datum_of_own_tiles_may_be_written_in_several_ways(said, meant):
    assert basemap(OWN, datum=said).datum == meant


def test_the_page_allows_pictures_of_that_host_only():
    page = render_web(sheet(), basemap=basemap(OWN, attribution="Us"))
    head = page.split("<script", 1)[0]
    assert "img-src data: https://tiles.example.org:8443;" in head
    assert "connect-src" not in head
    assert "default-src 'none'" in head
    assert '"by":"Us"' in page
    assert "tiles.example.org" not in render_web(sheet())


def test_a_shifted_basemap_needs_a_shift():
    with pytest.raises(BasemapError, match="amap is drawn in GCJ-02"):
        render_web(sheet(), basemap=basemap("amap"))


def test_the_display_copy_is_shifted_and_the_data_never():
    data = sheet()
    before = grids_geojson(data)
    page = render_web(data, basemap=basemap("amap"), shift=east)
    assert '"bounds":[113.005,30.0,113.015,30.01]' in page
    assert "[113.01,30.0]" not in page
    assert grids_geojson(data) == before
    assert data == sheet()


def test_a_basemap_in_wgs84_shifts_nothing():
    page = render_web(sheet(), basemap=basemap("osm"), shift=east)
    assert '"bounds":[113.0,30.0,113.01,30.01]' in page


def test_a_moved_sheet_moves_everything_it_draws():
    moved = sheet().moved(east)
    assert moved.grids[0].polygon.bounds == pytest.approx((113.005, 30, 113.015, 30.01))
    assert moved.buildings[0].shape.x == pytest.approx(113.01)
    assert moved.lines[0].line.coords[0] == pytest.approx((113.005, 30))
    assert replace(moved.grids[0], polygon=sheet().grids[0].polygon) == sheet().grids[0]
