"""OWSLib, and what QGIS asks for: a running service tells them what they look for."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import httpx
import pytest
import shapely
from made_sites import EPSG, SPRING, SUMMER, made_site, publish_site
from owslib.ogcapi.features import Features
from real_service import serving

from gridgeo.crs import to_lonlat
from gridgeo.store import Store

COUNT = 1100
URI = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    site = made_site(folder / "site", COUNT)
    store = Store.open(folder / "data")
    publish_site(store, site, moments=(SPRING, SUMMER))
    store.close()
    with serving(folder / "data") as url:
        yield site, url


@pytest.fixture
def owslib(town):
    _, url = town
    return Features(f"{url}/")


def ids(answer) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def test_owslib_finds_the_document_the_conformance_and_the_collections(owslib):
    assert owslib.api()["openapi"].startswith("3.0")
    assert (
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in owslib.conformance()["conformsTo"]
    )
    assert owslib.feature_collections() == ["town.grids", "town.buildings", "town.boundary"]
    assert owslib.collection("town.grids")["storageCrs"].endswith("CRS84")


def test_owslib_finds_what_can_be_filtered(owslib):
    told = owslib.collection_queryables("town.buildings")["properties"]
    assert set(told) == {"geometry", "building_id", "grid_id", "version", "valid_from", "valid_to"}


def test_owslib_reads_items_by_box_time_property_and_filter(town, owslib):
    site, _ = town
    first = to_lonlat(site.shapes_m[:1], f"EPSG:{EPSG}")[0]
    box = list(first.bounds)
    assert ids(owslib.collection_items("town.buildings", bbox=box)) == ["B00000"]
    then = owslib.collection_items("town.grids", datetime_="2026-03-01T00:00:00Z", limit=1)
    assert then["features"][0]["properties"]["version"] == 1
    assert ids(owslib.collection_items("town.grids", grid_id="T-002")) == ["T-002"]
    found = owslib.collection_items(
        "town.buildings", filter="building_id LIKE 'B0000_' AND grid_id = 'T-001'", limit=100
    )
    assert ids(found) == [f"B0000{k}" for k in range(5)]
    tree = {"op": "=", "args": [{"property": "building_id"}, "B00007"]}
    assert ids(owslib.collection_items("town.buildings", filter=json.dumps(tree),
                                       **{"filter-lang": "cql2-json"})) == ["B00007"]  # fmt: skip
    assert owslib.collection_item("town.grids", "T-003")["id"] == "T-003"


# What follows is what QGIS 3.4x asks for, in its order (src/providers/wfs/oapif).

LANDING = {"accept": "application/json"}
API = {"accept": "application/vnd.oai.openapi+json;version=3.0, "
                 "application/openapi+json;version=3.0, application/json"}  # fmt: skip
ITEMS = {"accept": "application/geo+json, application/json"}
SCHEMA = {"accept": "application/schema+json"}


def got(url: str, headers: dict[str, str]):
    answer = httpx.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_qgis_finds_page_sizes_in_the_api_and_all_that_it_needs_in_the_conformance(town):
    _, url = town
    links = got(url, LANDING).json()["links"]
    by_rel = {(link["rel"], link["type"]): link["href"] for link in links}
    api = got(by_rel["service-desc", "application/vnd.oai.openapi+json;version=3.0"], API)
    assert api.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    limit = api.json()["components"]["parameters"]["limit"]["schema"]
    assert limit["maximum"] >= 1000
    assert 1 <= limit["default"] <= limit["maximum"]
    classes = got(by_rel["conformance", "application/json"], LANDING).json()["conformsTo"]
    spec = "http://www.opengis.net/spec/"
    wanted = [
        "ogcapi-features-2/1.0/conf/crs", "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter", "ogcapi-features-5/1.0/conf/schemas",
        "cql2/1.0/conf/cql2-text", "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/advanced-comparison-operators",
        "cql2/1.0/conf/case-insensitive-comparison",
    ]  # fmt: skip
    assert {spec + name for name in wanted} <= set(classes)


def test_qgis_learns_fields_and_types_from_schema_and_queryables(town):
    _, url = town
    told = got(f"{url}/collections/town.grids", LANDING).json()
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    schema = next(
        link["href"] for link in told["links"]
        if (link["rel"], link["type"]) == (f"{rel}schema", "application/schema+json")
    )  # fmt: skip
    for href in (schema, f"{url}/collections/town.grids/queryables"):
        properties = got(href, SCHEMA).json()["properties"]
        assert properties["households"]["type"] == "integer"
        assert properties["valid_to"] == properties["valid_to"] | {
            "type": "string", "format": "date-time"
        }  # fmt: skip
        assert properties["geometry"]["format"].startswith("geometry-")


def test_qgis_reads_pages_until_there_is_no_next(town):
    site, url = town
    href = f"{url}/collections/town.buildings/items?limit=1000"
    seen: list[str] = []
    while href:
        told = got(href, ITEMS).json()
        assert told["numberMatched"] == COUNT
        seen += ids(told)
        href = next((k["href"] for k in told["links"] if k["rel"] == "next"), None)
    assert seen == site.ids


@pytest.mark.parametrize("code", [3857, EPSG, 4326, 4490])
def test_qgis_asks_for_a_box_and_an_answer_in_the_crs_of_the_layer(town, code):
    _, url = town
    plain = got(f"{url}/collections/town.buildings/items/B00000", ITEMS).json()["geometry"]
    words = {"limit": 10, "crs": f"{URI}{code}"}
    one = got(f"{url}/collections/town.buildings/items?{urlencode(words)}", ITEMS)
    assert one.headers["content-crs"] == f"<{URI}{code}>"
    shape = shapely.from_geojson(json.dumps(one.json()["features"][0]["geometry"]))
    # QGIS turns a box itself where a CRS has its northing first
    box = ",".join(map(repr, shape.bounds))
    words = {"limit": 1000, "crs": f"{URI}{code}", "bbox": box, "bbox-crs": f"{URI}{code}"}
    found = got(f"{url}/collections/town.buildings/items?{urlencode(words)}", ITEMS).json()
    assert ids(found) == ["B00000"]
    first = plain["coordinates"][0][0]
    if code == 4326:
        assert found["features"][0]["geometry"]["coordinates"][0][0] == first[::-1]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('("grid_id" = \'T-001\')', ["T-001"]),
        ('(NOT (("grid_id" <> \'T-002\')))', ["T-002"]),
        ("(CASEI(\"owner_name\") LIKE CASEI('OWNER 1'))", ["T-002"]),
        ('(households IN (100,101))', ["T-001", "T-002"]),
        ('((households >= 100) AND (households <= 101))', ["T-001", "T-002"]),
        ("(( - (households)) = -100)", ["T-001"]),
        ("((households % 2) = 0) AND (colour = 2) AND (households < 104)", ["T-003"]),
        ("(\"valid_from\" >= TIMESTAMP('2026-06-01T00:00:00.000Z')) AND (colour = 3)"
         " AND (households = 103)", ["T-004"]),
        ("(\"valid_from\" >= DATE('2026-06-02'))", []),
        ("(\"valid_to\" IS NULL) AND (\"in_band\" = FALSE) AND (households < 101)", ["T-001"]),
        ("(\"owner_name\" = 'a \\\\ b')", []),
    ],
)  # fmt: skip
def test_qgis_filters_on_the_server_with_cql2(town, said, found):
    _, url = town
    words = urlencode({"limit": 1000, "filter": said, "filter-lang": "cql2-text"}, quote_via=quote)
    assert ids(got(f"{url}/collections/town.grids/items?{words}", ITEMS).json()) == found


def test_qgis_filters_by_shape_in_the_crs_of_the_layer(town):
    _, url = town
    y0, x0, y1, x1 = 3_318_000, 536_000, 3_318_039, 536_039  # northing first, as EPSG has it
    words = urlencode({"filter": f"S_INTERSECTS(geometry,BBOX({y0},{x0},{y1},{x1}))",
                       "filter-lang": "cql2-text", "filter-crs": f"{URI}{EPSG}"})  # fmt: skip
    assert ids(got(f"{url}/collections/town.buildings/items?{words}", ITEMS).json()) == ["B00000"]
