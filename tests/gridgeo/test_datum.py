"""GCJ-02 and BD-09: forward as published, back exactly, and nothing outside China."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgeo.datum import Datum, from_wgs84, in_china, to_wgs84

M_PER_DEG = 111_320.0
DISTORTED = [Datum.GCJ02, Datum.BD09]

INSIDE = {
    "Beijing": (116.4, 39.9), "Shanghai": (121.5, 31.2), "Shenzhen": (114.05, 22.55),
    "Urumqi": (87.6, 43.8), "Lhasa": (91.1, 29.65), "Harbin": (126.6, 45.8),
    "Kunming": (102.7, 25.0), "Sanya": (109.5, 18.25), "Kashgar": (76.0, 39.5),
    "Mohe": (122.5, 53.0), "Dandong": (124.38, 40.12), "Xiamen": (118.1, 24.45),
    "Tacheng": (82.98, 46.75), "Fuyuan": (134.3, 48.36), "Manzhouli": (117.4, 49.6),
    "Zhoushan": (122.2, 30.0), "Dongxing": (107.97, 21.54), "Rongcheng": (122.45, 37.15),
}  # fmt: skip
OUTSIDE = {
    "Singapore": (103.8, 1.35), "Seoul": (127.0, 37.55), "Tokyo": (139.7, 35.7),
    "Hanoi": (105.85, 21.03), "Ulaanbaatar": (106.9, 47.9), "Delhi": (77.2, 28.6),
    "Vladivostok": (131.9, 43.1), "Almaty": (76.9, 43.25), "Taipei": (121.5, 25.05),
    "Pyongyang": (125.75, 39.03), "Bangkok": (100.5, 13.75), "Khabarovsk": (135.07, 48.48),
    "Vaduz": (9.52, 47.14), "New York": (-74.0, 40.7),
}  # fmt: skip


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # the test values of googollee/eviltransform: Shanghai, Shenzhen, Beijing
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        # Beijing railway station as caijun/geoChina has it, to five decimals
        ((116.42079, 39.90105), (116.42703, 39.90245)),
    ],
)
def test_gcj02_is_where_others_have_it(wgs84, gcj02) -> None:
    moved = from_wgs84(np.array([wgs84]), Datum.GCJ02)[0]
    assert np.abs(moved - gcj02).max() < 1e-5


def test_bd09_is_what_the_published_step_back_leads_home_from() -> None:
    # the way from BD-09 to GCJ-02 as Artoria2e5/PRCoords has it, good to about 1e-7 degrees
    places = np.array([INSIDE[name] for name in ("Beijing", "Shanghai", "Kunming", "Urumqi")])
    x, y = (from_wgs84(places, Datum.BD09) - (0.0065, 0.0060)).T
    radius = np.hypot(x, y) - 0.00002 * np.sin(np.radians(y) * 3000)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(np.radians(x) * 3000)
    gcj02 = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    assert np.abs(gcj02 - from_wgs84(places, Datum.GCJ02)).max() < 1e-5


@pytest.mark.parametrize("datum", DISTORTED)
@given(lon=st.floats(74, 134), lat=st.floats(18, 53))
def test_there_and_back_is_less_than_a_millimetre_off(datum, lon, lat) -> None:
    there = np.array([[lon, lat]])
    moved = from_wgs84(there, datum)
    if in_china(there).all() and in_china(moved).all():
        assert np.abs(to_wgs84(moved, datum) - there).max() * M_PER_DEG < 1e-4


@pytest.mark.parametrize("datum", DISTORTED)
def test_cities_are_moved_by_hundreds_of_metres(datum) -> None:
    cities = np.array([INSIDE[name] for name in ("Beijing", "Shanghai", "Shenzhen", "Kunming")])
    away_m = np.hypot(*((from_wgs84(cities, datum) - cities) * M_PER_DEG).T)
    assert (away_m > 200).all()
    assert (away_m < 2000).all()


@pytest.mark.parametrize("datum", list(Datum))
def test_outside_china_nothing_is_moved(datum) -> None:
    places = np.array(list(OUTSIDE.values()))
    assert (from_wgs84(places, datum) == places).all()
    assert (to_wgs84(places, datum) == places).all()


def test_wgs84_itself_is_not_moved() -> None:
    places = np.array(list(INSIDE.values()))
    assert (from_wgs84(places, Datum.WGS84) == places).all()


def test_the_outline_holds_the_cities_of_china_and_no_others() -> None:
    assert [name for name, place in INSIDE.items() if not in_china(np.array([place]))[0]] == []
    assert [name for name, place in OUTSIDE.items() if in_china(np.array([place]))[0]] == []


def test_a_place_that_is_nowhere_stays_nowhere() -> None:
    nowhere = np.array([[np.inf, np.inf], [np.nan, 1.0]])
    assert np.array_equal(to_wgs84(nowhere, Datum.GCJ02), nowhere, equal_nan=True)
