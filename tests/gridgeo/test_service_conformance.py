"""Each class in /conformance is met: OGC API - Features Parts 1, 2, 3 and 5, claim by claim."""

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import quote

import pytest
import shapely
from made_sites import SPRING, SUMMER, made_site, publish_site
from service_client import running

from gridgeo.service import Settings
from gridgeo.service.public.layers import Life, read_buildings
from gridgeo.service.public.select import features_text
from gridgeo.store import Store

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
ITEMS = "/collections/town.buildings/items"
KINDS = ("grids", "buildings", "boundary")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    store = Store.open(folder / "data")
    publish_site(store, made_site(folder / "site", 60), moments=(SPRING, SUMMER))
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def links(told, rel: str) -> list[dict]:
    return [link for link in told["links"] if link["rel"] == rel]


# Part 1: core


def test_the_landing_page_has_the_links_of_the_standard(client):
    told = client.get("/").json()
    assert links(told, "service-desc")[0]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    for rel in ("self", "service-doc", "conformance", "data"):
        for link in links(told, rel):
            answer = client.get(link["href"], headers={"accept": link["type"]})
            assert answer.headers["content-type"].startswith(link["type"].partition(";")[0])


def test_conformance_names_each_class_once(client):
    classes = client.get("/conformance").json()["conformsTo"]
    assert len(classes) == len(set(classes))
    assert {
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "oas30", "geojson", "html")
    } <= set(classes)
    # what is not met is not claimed
    assert not [name for name in classes if name.endswith(("/functions", "/array-functions"))]


def test_a_collection_is_told_alike_in_the_list_and_alone(client):
    listed = {one["id"]: one for one in client.get("/collections").json()["collections"]}
    assert list(listed) == [f"town.{kind}" for kind in KINDS]
    for name, one in listed.items():
        assert client.get(f"/collections/{name}").json() == one
        assert one["itemType"] == "feature"
        assert {link["type"] for link in links(one, "items")} == {
            "application/geo+json",
            "text/html",
        }
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        shapes = client.get(f"/collections/{name}/items?limit=1000").json()["features"]
        for feature in shapes:
            x0, y0, x1, y1 = shapely.from_geojson(json.dumps(feature["geometry"])).bounds
            assert west <= x0 <= x1 <= east
            assert south <= y0 <= y1 <= north
        begin, end = one["extent"]["temporal"]["interval"][0]
        assert (begin, end) == ("2026-01-01T00:00:00Z", None)


def test_limit_bounds_a_page_and_beyond_the_most_is_the_most(client):
    assert len(ids(client.get(ITEMS))) == 10
    assert len(ids(client.get(f"{ITEMS}?limit=7"))) == 7
    assert len(ids(client.get(f"{ITEMS}?limit=1000000"))) == 60
    assert len(ids(client.get(f"{ITEMS}?limit={'9' * 90}"))) == 60


@pytest.mark.parametrize("name", ["0", "-1", "1.5", "x", "", "1e3", "٣"])
def test_a_limit_that_is_no_number_is_refused(client, name):
    assert client.get(f"{ITEMS}?limit={name}").status_code == 400


def test_a_box_keeps_what_meets_it_whatever_its_heights(client):
    one = client.get(f"{ITEMS}/B00000").json()
    x0, y0, x1, y1 = shapely.from_geojson(json.dumps(one["geometry"])).bounds
    assert ids(client.get(f"{ITEMS}?bbox={x0},{y0},{x1},{y1}")) == ["B00000"]
    assert ids(client.get(f"{ITEMS}?bbox={x0},{y0},-9,{x1},{y1},9")) == ["B00000"]
    assert len(ids(client.get(f"{ITEMS}?limit=99&bbox=-180,-90,180,90"))) == 60
    # across the date line: east of here, round the earth, to west of here
    assert ids(client.get(f"{ITEMS}?bbox={x1 + 1},-90,{x0 - 1},90")) == []
    assert len(ids(client.get(f"{ITEMS}?limit=99&bbox=100,-90,-100,90"))) == 60


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (None, {2}), ("2026-03-01T00:00:00Z", {1}), ("2026-03-01", {1}), ("2025-12-31", set()),
        ("2026-01-01T00:00:00Z", {1}), ("2026-06-01T00:00:00Z", {2}), ("2026-05-31", {1}),
        ("2026-05-31T23:59:59Z/2026-06-01T00:00:00Z", {1, 2}), ("2026-03-01/2026-04-01", {1}),
        ("../2026-03-01T00:00:00Z", {1}), ("/2026-03-01", {1}), ("2026-07-01/..", {2}),
        ("2026-07-01/", {2}), ("2026-03-01T08:00:00%2B08:00", {1}), ("2026-03-01t00:00:00z", {1}),
        ("../2020-01-01", set()), ("2026-06-01T07:59:59.5%2B08:00", {1}),
    ],
)  # fmt: skip
def test_time_picks_the_versions_valid_then(client, asked, versions):
    words = "" if asked is None else f"&datetime={asked}"
    told = client.get(f"/collections/town.boundary/items?limit=99{words}").json()
    assert {one["properties"]["version"] for one in told["features"]} == versions


@pytest.mark.parametrize(
    "asked",
    ["", "..", "../..", "/", "2026", "2026-13-01", "2026-02-30", "2026-03-01T00:00:00", "now",
     "2026-03-01/2026-01-01", "2026-03-01/x", "a/b/c", "2026-03-01T25:00:00Z"],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(client, asked):
    assert client.get(f"{ITEMS}?datetime={asked}").status_code == 400


def test_counts_stamps_and_links_of_a_page_are_right(client):
    told = client.get(f"{ITEMS}?limit=25&offset=25").json()
    assert (told["numberMatched"], told["numberReturned"]) == (60, 25)
    assert datetime.fromisoformat(told["timeStamp"]).tzinfo is not None
    assert [link["type"] for link in links(told, "self")] == ["application/geo+json"]
    assert [link["type"] for link in links(told, "alternate")] == ["text/html"]
    assert [one["id"] for one in client.get(links(told, "self")[0]["href"]).json()["features"]] == [
        one["id"] for one in told["features"]
    ]
    following = client.get(links(told, "next")[0]["href"]).json()
    assert following["features"][0]["id"] == "B00050"
    assert not links(following, "next")


def test_links_stand_in_the_header_too(client):
    said = client.get(f"{ITEMS}?limit=5").headers["link"]
    assert 'rel="next"' in said
    assert 'rel="self"' in said
    href = said.split('>; rel="next"')[0].rpartition("<")[2]
    assert ids(client.get(href))[0] == "B00005"


def test_links_that_no_proxy_would_read_in_a_header_stand_in_the_body_alone(client):
    text = " OR ".join(f"building_id = 'B{k:05d}'" for k in range(60))
    answer = client.get(f"{ITEMS}?limit=5&filter={quote(text)}")
    assert sum(len(k) + len(v) + 4 for k, v in answer.headers.items()) < 4096
    assert "link" not in answer.headers
    assert ids(client.get(links(answer.json(), "next")[0]["href"]))[0] == "B00005"


@pytest.mark.parametrize(
    "path",
    ["/", "/conformance", "/collections", "/collections/town.grids", "/api", "/openapi.json",
     "/collections/town.grids/queryables", "/collections/town.grids/schema",
     "/collections/town.grids/items", "/collections/town.grids/items/T-001",
     "/collections/town.grids/tiles", "/collections/town.grids/tiles/WebMercatorQuad",
     "/collections/town.grids/tiles/0/0/0.mvt", "/tileMatrixSets/WebMercatorQuad"],
)  # fmt: skip
def test_a_parameter_that_is_unknown_is_refused_everywhere(client, path):
    assert client.get(path).status_code == 200
    answer = client.get(f"{path}?hello=1")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hello" in answer.json()["detail"]


def test_head_is_get_without_a_body(client):
    for path in ("/", "/collections", ITEMS, f"{ITEMS}/B00001", "/openapi.json"):
        whole, head = client.get(path), client.request("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]
        assert head.headers["etag"] == whole.headers["etag"]


# Part 1: oas30, geojson, html


def test_the_document_tells_every_parameter_as_it_is_read(client):
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/collections/{collectionId}/items"]["get"]
    told = {}
    shared = document["components"]["parameters"]
    for said in operation["parameters"]:
        one = shared[said["$ref"].rpartition("/")[2]] if "$ref" in said else said
        told[one["name"]] = one
    for name in ("limit", "bbox", "datetime"):
        assert (told[name]["in"], told[name]["style"], told[name]["explode"]) == (
            "query",
            "form",
            False,
        )
        assert told[name]["required"] is False
    for kind in KINDS:
        properties = client.get(f"/collections/town.{kind}/queryables").json()["properties"]
        for name, fact in properties.items():
            if name != "geometry":
                assert told[name]["schema"]["type"] == fact["type"]
    assert "application/geo+json" in operation["responses"]["200"]["content"]
    assert "400" in operation["responses"]


def test_every_answer_comes_as_json_and_as_a_page_that_links_to_each_other(client):
    for path in ("/", "/conformance", "/collections", "/collections/town.grids", ITEMS,
                 f"{ITEMS}/B00000", "/collections/town.grids/tiles"):  # fmt: skip
        told = client.get(path).json()
        alternate = links(told, "alternate")[0]["href"]
        page = client.get(path, headers={"accept": "text/html"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert client.get(alternate).text == page.text
        assert page.headers["vary"].partition(",")[0] == "Accept"
        assert client.get(f"{path}?f=html").text == page.text


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "json"), ("*/*", "json"), ("", "json"), ("application/json", "json"),
        ("text/html", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/html;q=0.5, application/geo+json", "json"),
        ("application/geo+json;q=0.1, text/html", "html"),
        ("application/*, text/html", "json"), ("text/*", "html"),
        ("TEXT/HTML;Q=0.9, */*;q=0.1", "html"),
        ("application/json;q=0, text/html;q=0.1", "html"),
        ("application/vnd.oai.openapi+json;version=3.0", "json"),
        ("text/html;level=1;q=0.3, application/json;q=0.2", "html"), ("*/*, text/html;q=0", "json"),
        ("application/xml", 406), ("image/png", 406), ("text/html;q=0", 406), (",,;;q=,", 406),
    ],
)  # fmt: skip
def test_the_form_is_what_the_client_would_rather_have(client, accept, form):
    answer = client.get(ITEMS, headers={} if accept is None else {"accept": accept})
    if form == 406:
        assert answer.status_code == 406
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert ("html" in answer.headers["content-type"]) == (form == "html")


@pytest.mark.parametrize("form", ["xml", "", "JSON", "a" * 5_000])
def test_a_form_that_is_unknown_is_refused(client, form):
    assert client.get(f"{ITEMS}?f={form}").status_code == 400


def test_what_comes_as_json_alone_is_refused_in_another_form(client):
    for path in ("/openapi.json", "/tileMatrixSets/WebMercatorQuad"):
        assert client.get(f"{path}?f=json").status_code == 200
        assert client.get(f"{path}?f=html").status_code == 400


def test_a_page_of_features_shows_no_column_that_tells_nothing(client):
    page = client.get("/collections/town.grids/items?f=html").text
    assert '<th scope="col">valid_from</th>' in page
    assert '<th scope="col">valid_to</th>' not in page  # all are valid without an end
    ended = client.get("/collections/town.grids/items?f=html&version=1").text
    assert '<th scope="col">valid_to</th>' in ended


# Part 2: crs


def test_collections_name_their_crss_and_the_one_they_are_kept_in(client):
    for one in client.get("/collections").json()["collections"]:
        assert one["crs"][0] == CRS84
        assert one["storageCrs"] in one["crs"]
        assert {f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}4490", f"{EPSG}4547"} <= set(one["crs"])


def test_every_crs_is_answered_in_and_told_in_the_header_in_every_form(client):
    for uri in client.get("/collections/town.grids").json()["crs"]:
        for form in ("json", "html"):
            answer = client.get(f"/collections/town.grids/items?f={form}&crs={quote(uri, safe='')}")
            assert answer.headers["content-crs"] == f"<{uri}>"
        answer = client.get(f"/collections/town.grids/items/T-001?crs={quote(uri, safe='')}")
        assert answer.headers["content-crs"] == f"<{uri}>"
    assert client.get(ITEMS).headers["content-crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "uri", ["http://example.org/x", f"{EPSG}2056", "EPSG:99999999999", "", "4326"]
)
def test_a_crs_that_is_not_the_collections_is_refused(client, name, uri):
    asked = f"{ITEMS}?bbox=0,0,1,1&{name}={quote(uri, safe='')}"
    assert client.get(asked).status_code == 400


def test_numbers_of_a_shape_have_no_more_decimals_than_they_need(client):
    # GEOS says 114.3745908 as 114.37459079999999
    west, south = 114.3745908, 29.9866287
    ring = [[west, south], [west + 1e-3, south], [west, south + 1e-3], [west, south]]
    told = {"geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"building_id": "one", "grid_id": "g"}}  # fmt: skip
    content = json.dumps({"features": [told]}).encode()
    layer = read_buildings({"buildings.geojson": content}.__getitem__, Life(1, SPRING))
    (text,) = features_text(layer, [0], CRS84)
    assert json.loads(text)["geometry"]["coordinates"][0][0] == [west, south]
    for uri, most in ((CRS84, 7), (f"{EPSG}4326", 7), (f"{EPSG}3857", 3)):
        (text,) = features_text(layer, [0], uri)
        assert max(map(len, re.findall(r"\d\.(\d+)", text))) <= most


# Part 3: queryables, filter


def test_queryables_are_a_schema_and_linked_from_the_collection(client):
    for kind in KINDS:
        told = client.get(f"/collections/town.{kind}").json()
        (link,) = links(told, f"{REL}queryables")
        answer = client.get(link["href"], headers={"accept": "application/schema+json"})
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == link["href"]
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)


def test_queryables_are_parameters_that_a_feature_must_equal(client):
    grids = "/collections/town.grids/items?limit=99"
    assert ids(client.get(f"{grids}&grid_id=T-002")) == ["T-002"]
    assert ids(client.get(f"{grids}&households=101")) == ["T-002"]
    assert ids(client.get(f"{grids}&in_band=false")) == ["T-001", "T-004"]
    assert ids(client.get(f"{grids}&owner_name=Owner%202&colour=2")) == ["T-003"]
    assert ids(client.get(f"{grids}&owner_name=Owner%202&colour=1")) == []
    assert ids(client.get(f"{grids}&version=1&grid_id=T-001")) == ["T-001"]
    assert len(ids(client.get(f"{grids}&valid_from=2026-06-01T00:00:00Z"))) == 4
    assert ids(client.get(f"{grids}&valid_from=2026-01-01T00:00:00Z")) == []
    for wrong in ("households=x", "in_band=perhaps", "valid_from=x", "geometry=x", "building_id=x"):
        assert client.get(f"{grids}&{wrong}").status_code == 400, wrong


def test_a_filter_goes_together_with_everything_else_asked(client):
    text = quote("building_id > 'B00010'")
    every = ids(client.get(f"{ITEMS}?limit=99&filter={text}"))
    assert every == [f"B{k:05d}" for k in range(11, 60)]
    assert ids(client.get(f"{ITEMS}?filter={text}&grid_id=T-001&limit=99")) == [
        one for one in every if one in ids(client.get(f"{ITEMS}?grid_id=T-001&limit=99"))
    ]
    assert ids(client.get(f"{ITEMS}?filter={text}&datetime=2020-01-01")) == []
    page = client.get(f"{ITEMS}?filter={text}&limit=5").json()
    assert page["numberMatched"] == 49
    following = links(page, "next")[0]["href"]
    assert ids(client.get(following)) == every[5:10]


def test_the_standards_own_tests_of_filters_come_out_as_they_should(client):
    # /conf/filter/filter-param, expression-construction, filter-crs-wgs84
    everything = ids(client.get(f"{ITEMS}?limit=99"))
    assert ids(client.get(f"{ITEMS}?filter=building_id%20IS%20NULL")) == []
    bad = "THIS IS NOT A FILTER", "this_is_not_a_queryable IS NULL"
    for text in bad:
        for words in ("", "&filter-lang=cql2-text"):
            assert client.get(f"{ITEMS}?filter={quote(text)}{words}").status_code == 400
    box = client.get("/collections/town.buildings").json()["extent"]["spatial"]["bbox"][0]
    text = f"S_INTERSECTS(geometry,BBOX({','.join(map(str, box))}))"
    assert ids(client.get(f"{ITEMS}?limit=99&filter={quote(text)}")) == everything
    text = "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))"
    assert client.get(f"{ITEMS}?filter={quote(text)}").status_code == 400
    assert client.get(f"{ITEMS}?filter-lang=sql&filter=TRUE").status_code == 400


# Part 5: schemas


def test_schemas_tell_every_property_of_every_feature(client):
    for kind in KINDS:
        told = client.get(f"/collections/town.{kind}").json()
        (link,) = links(told, f"{REL}schema")
        answer = client.get(link["href"], headers={"accept": link["type"]})
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        assert schema["$id"] == link["href"]
        roles = [one.get("x-ogc-role") for one in schema["properties"].values()]
        for role in ("id", "primary-geometry", "primary-interval-start", "primary-interval-end"):
            assert roles.count(role) == 1
        assert "type" not in schema["properties"]["geometry"]
        seen = sorted(one["x-ogc-propertySeq"] for one in schema["properties"].values())
        assert seen == list(range(1, len(seen) + 1))
        for feature in client.get(f"/collections/town.{kind}/items").json()["features"]:
            assert set(feature["properties"]) <= set(schema["properties"])
            for name, value in feature["properties"].items():
                kinds = {"string": str, "integer": int, "boolean": bool}
                assert value is None or isinstance(value, kinds[schema["properties"][name]["type"]])
