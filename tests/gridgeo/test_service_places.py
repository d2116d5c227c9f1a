"""My grid, my worker: by place, and by what people call a building, however they spell it."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_sites import EPSG, SPRING, made_site, publish_site
from service_client import publish_blocks, running

from gridgeo.crs import to_lonlat
from gridgeo.intake.building_names import parts_of
from gridgeo.service import Settings
from gridgeo.service.public.directory import MOST_FOUND, Directory
from gridgeo.store import Store

NAMES = {
    "RV-001": ("桂园3栋", ""), "RV-002": ("桂园13栋", "阳光路3号"), "RV-003": ("桂园30栋",
    "阳光路12号"),
    "RV-004": ("松园3号楼", "阳光路112号"), "RV-005": ("桂园3栋2单元",
    ""), "RV-006": ("Willow Court 1", ""),
    "RV-007": ("Willow Court 12", "1 River Road"), "RV-008": ("Block 12 3", ""), "RV-009": ("", ""),
    "RV-010": ("第10幢", "阳光路12号"),
}  # fmt: skip


@pytest.fixture(scope="module")
def directory() -> Directory:
    buildings = [
        {"building_id": key, "grid_id": "G", "name": name, "address": address}
        for key, (name, address) in NAMES.items()
    ]
    return Directory.of(json.dumps({"grids": [], "buildings": buildings}).encode())


def found(directory: Directory, text: str) -> list[str]:
    return [building["building_id"][-2:] for _, building in directory.look_up(text)]


@pytest.mark.parametrize(
    "text",
    [
        "桂园3栋",
        "桂园3幢",
        "桂园 3 号楼",
        "桂园３號樓",
        "桂园03#",
        "桂园3",
        "桂园3座",
        "RV-001",
        "rv-1",
    ],
)
def test_a_building_is_found_however_its_number_is_marked(directory, text):
    assert found(directory, text)[0] == "01"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # a number is a whole number: 3 is not 13, and 12 not 112
        ("3栋", ["01", "04"]), ("3幢", ["01", "04"]), ("13", ["02"]), ("10号楼", ["10"]),
        ("阳光路12号", ["10", "03"]), ("阳光路3", ["02"]), ("12 3", ["08"]),
        # the exact one comes before longer ones, the shortest before others
        ("willow court 1", ["06", "07"]), ("WILLOW", ["06", "07"]), ("court 12", ["07"]),
        ("12 court willow", ["07"]), ("1 river", ["07"]), ("桂园", ["01", "05", "02", "03"]),
        # what comes after a name leads to it all the same
        ("桂园3栋501室", ["01"]), ("阳光路12号3单元502", ["03", "10"]), ("桂园13栋2单元", ["02"]),
    ],
)  # fmt: skip
def test_the_nearest_come_first(directory, text, first):
    assert found(directory, text)[: len(first)] == first


@pytest.mark.parametrize(
    "text", ["", " ", "!!!", "#", "松园4栋", "zzz", "桂园99栋", "\x00", "()[.*"]
)
def test_what_no_building_is_called_finds_none(directory, text):
    assert found(directory, text) == []


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=250))
def test_any_text_is_looked_up_and_only_what_holds_it_is_found(directory_text):
    buildings = [
        {"building_id": f"B{k}", "grid_id": "G", "name": name, "address": address}
        for k, (name, address) in enumerate(NAMES.values())
    ]
    directory = Directory.of(json.dumps({"grids": [], "buildings": buildings}).encode())
    got = directory.look_up(directory_text)
    assert len(got) <= MOST_FOUND
    assert [distance for distance, _ in got] == sorted(distance for distance, _ in got)


def test_words_and_numbers_of_a_name_come_without_marks():
    assert parts_of("桂园０3 号楼") == ("桂园", "3")
    assert parts_of("Willow Court 012, No. 7#") == ("willow", "court", "12", "no", "7")
    assert parts_of("第3幢") == ("3",)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    site = made_site(folder / "site", 100)
    store = Store.open(folder / "data")
    publish_site(store, site, moments=(SPRING,))
    publish_blocks(store, folder / "blocks")
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield site, client


def test_every_building_stands_in_the_grid_that_its_place_leads_to(served):
    site, client = served
    centres = shapely.centroid(to_lonlat(site.shapes_m, f"EPSG:{EPSG}"))
    for place, grid_id in zip(centres, site.grid_of, strict=True):
        (match,) = client.get(f"/locate?lon={place.x:.7f}&lat={place.y:.7f}").json()["matches"]
        assert (match["grid_id"], match["slug"]) == (grid_id, "town")


def test_an_address_is_looked_for_in_all_communities_or_in_one(served):
    _, client = served
    match = client.get(f"/locate?q={quote('桂园７号楼')}").json()["matches"][0]
    assert match["building"] == {"building_id": "B00006", "name": "桂园7栋", "address": ""}
    assert (match["grid_id"], match["owner"]["name"]) == ("T-002", "Owner 1")
    assert client.get(f"/locate?q={quote('桂园7')}&community=blocks").json() == {"matches": []}
    found = client.get(f"/locate?q={quote('桂园7')}&community=town").json()["matches"]
    assert found[0] == match
    assert client.get("/locate?q=a&community=none").status_code == 400


@pytest.mark.parametrize(
    "asked",
    ["lon=1", "lat=1", "lon=181&lat=0", "lon=0&lat=91", "lon=nan&lat=0", "lon=inf&lat=0",
    "lon=1e400&lat=0",
     "lon=x&lat=0", "q=", "q=%20", "q=" + "a" * 201, "q=a&lon=1&lat=1", "lon=1&lat=1&z=1",
     "lon=&lat=",
     "lon=0x10&lat=0", "lon=1_0&lat=0", "lon=%D9%A1&lat=0"],
)  # fmt: skip
def test_what_is_no_place_and_no_address_is_refused(served, asked):
    _, client = served
    answer = client.get(f"/locate?{asked}")
    assert answer.status_code == 400, asked
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "place", ["lon=180&lat=90", "lon=-180&lat=-90", "lon=0&lat=0", "lon=%2B0.5&lat=-0"]
)
def test_a_place_where_nothing_is_published_is_no_fault(served, place):
    _, client = served
    assert client.get(f"/locate?{place}").json() == {"matches": []}


def test_a_page_of_finds_does_not_say_that_it_has_found_all_where_it_has_not(served):
    _, client = served
    many = client.get(f"/find?q={quote('桂园')}").text
    assert many.count("<li><strong>") == 20
    assert "The 20 nearest to 桂园. If yours is not among them" in many
    few = client.get(f"/find?q={quote('桂园42栋')}").text
    assert f"{few.count('<li><strong>')} found for 桂园42栋" in few
