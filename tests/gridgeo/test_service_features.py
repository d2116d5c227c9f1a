"""OGC API - Features over published grids: what clients are told, and how much of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

import mapbox_vector_tile
import pytest
import shapely
from service_client import publish_blocks, running

from gridgeo.crs import from_lonlat
from gridgeo.service import Settings
from gridgeo.store import Store

TWO = [datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
GRIDS = "/collections/blocks.grids"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks", moments=TWO)
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def filtered(client, text: str) -> list[str]:
    return ids(client.get(f"{GRIDS}/items?limit=100&filter={quote(text)}"))


def test_the_landing_page_leads_to_everything(client):
    told = client.get("/").json()
    rels = {link["rel"]: link["href"] for link in told["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(rels)
    for href in rels.values():
        assert client.get(href).status_code == 200


def test_every_link_of_a_collection_leads_somewhere(client):
    for one in client.get("/collections").json()["collections"]:
        for link in one["links"]:
            if not link.get("templated"):
                assert client.get(link["href"]).status_code == 200, link


def test_items_are_those_valid_now_unless_a_time_is_asked_for(client):
    now = client.get(f"{GRIDS}/items").json()
    assert {one["properties"]["version"] for one in now["features"]} == {2}
    then = client.get(f"{GRIDS}/items?datetime=2025-06-01T00:00:00Z").json()
    assert {one["properties"]["version"] for one in then["features"]} == {1}
    assert {one["properties"]["valid_to"] for one in then["features"]} == {"2026-01-01T00:00:00Z"}
    both = client.get(f"{GRIDS}/items?limit=100&datetime=2025-06-01T00:00:00Z/..").json()
    assert {one["properties"]["version"] for one in both["features"]} == {1, 2}
    assert ids(client.get(f"{GRIDS}/items?datetime=../2024-12-31")) == []
    first = client.get(f"{GRIDS}/items?version=1").json()
    assert {one["properties"]["version"] for one in first["features"]} == {1}


def test_pages_follow_each_other_and_tell_each_feature_once(client):
    href, seen = "/collections/blocks.buildings/items?limit=5", []
    while href:
        told = client.get(href).json()
        assert told["numberReturned"] == len(told["features"]) <= 5
        seen += [one["id"] for one in told["features"]]
        href = next((k["href"] for k in told["links"] if k["rel"] == "next"), None)
    assert told["numberMatched"] == len(seen) == len(set(seen)) == 12
    back = next(link["href"] for link in told["links"] if link["rel"] == "prev")
    assert ids(client.get(back)) == seen[5:10]


def test_a_box_finds_what_it_meets_in_any_crs(client):
    one = client.get(f"{GRIDS}/items/G-001").json()
    centre = shapely.from_geojson(json.dumps(one["geometry"])).centroid
    x, y = centre.x, centre.y
    assert ids(client.get(f"{GRIDS}/items?bbox={x},{y},{x},{y}")) == ["G-001"]
    epsg = "http://www.opengis.net/def/crs/EPSG/0/"
    there = f"bbox={y},{x},{y},{x}&bbox-crs={epsg}4326"
    assert ids(client.get(f"{GRIDS}/items?{there}")) == ["G-001"]
    moved = from_lonlat(shapely.points([[x, y]]), "EPSG:3414")[0]
    # SVY21 names its northing first
    box = ",".join(map(str, (moved.y, moved.x, moved.y + 0.1, moved.x + 0.1)))
    assert ids(client.get(f"{GRIDS}/items?bbox={box}&bbox-crs={epsg}3414")) == ["G-001"]


def test_shapes_come_in_the_axis_order_of_their_crs(client):
    uri = "http://www.opengis.net/def/crs/EPSG/0/4326"
    plain = client.get(f"{GRIDS}/items/G-001").json()["geometry"]["coordinates"][0][0]
    answer = client.get(f"{GRIDS}/items/G-001?crs={uri}")
    assert answer.headers["content-crs"] == f"<{uri}>"
    assert answer.json()["geometry"]["coordinates"][0][0] == plain[::-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("grid_id = 'G-001'", ["G-001"]),
        ("grid_id LIKE 'G-00%' AND owner_name IS NOT NULL", ["G-001", "G-002"]),
        ("owner_name = '' OR owner_phone = ''", []),  # who is not there has no name
        ("NOT (grid_id IN ('G-001', 'G-002'))", None),
        ("CASEI(owner_name) = CASEI('ANN LEE')", ["G-001"]),
        ("version BETWEEN 2 AND 3 AND grid_id = 'G-002'", ["G-002"]),
        # no counts were published: what is said of them is unknown, and so is its contrary
        ("households > 0", []),
        ("NOT (households > 0)", []),
        ("households > 0 OR grid_id = 'G-001'", ["G-001"]),
        ("households IS NULL AND grid_id = 'G-001'", ["G-001"]),
    ],
)  # fmt: skip
def test_filters_hold_as_cql2_has_it(client, text, found):
    if found is None:
        every = ids(client.get(f"{GRIDS}/items?limit=100"))
        found = [one for one in every if one not in ("G-001", "G-002")]
    assert filtered(client, text) == found


def test_a_filter_in_json_and_one_in_text_find_the_same(client):
    tree = {"op": "=", "args": [{"property": "grid_id"}, "G-002"]}
    said = f"filter-lang=cql2-json&filter={quote(json.dumps(tree))}"
    assert ids(client.get(f"{GRIDS}/items?{said}")) == ["G-002"]


def test_shapes_in_a_filter_are_read_in_its_crs(client):
    one = client.get(f"{GRIDS}/items/G-001").json()
    centre = shapely.from_geojson(json.dumps(one["geometry"])).centroid
    text = quote(f"S_INTERSECTS(geometry, POINT({centre.x} {centre.y}))")
    assert ids(client.get(f"{GRIDS}/items?filter={text}")) == ["G-001"]
    text = quote(f"S_INTERSECTS(geometry, POINT({centre.y} {centre.x}))")
    uri = "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert ids(client.get(f"{GRIDS}/items?filter={text}&filter-crs={uri}")) == ["G-001"]


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,2,1,1", "foo=1", "offset=-1",
     "crs=http://example.org/x", "datetime=yesterday", "datetime=2026-01-01/2025-01-01",
     "filter=grid_id%20=", "filter=secret='x'", "filter-lang=sql", "filter=area(geometry)>1",
     "filter=grid_id>5", "f=xml", "limit=1&limit=2", "datetime=../..", "version=0"],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_as_a_problem(client, asked):
    answer = client.get(f"{GRIDS}/items?{asked}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/collections/none.grids", "/collections/blocks.secret", f"{GRIDS}/items/none",
     f"{GRIDS}/tiles/0/1/0.mvt", f"{GRIDS}/tiles/x/y/z.mvt", "/sites/blocks/../../etc/passwd",
     "/sites/none/", "/sites/blocks/none.html"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_an_answer_that_has_not_changed_is_not_sent_again(client):
    first = client.get(f"{GRIDS}/items")
    again = client.get(f"{GRIDS}/items", headers={"if-none-match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{GRIDS}/items").headers["etag"] == first.headers["etag"]
    assert client.get(f"{GRIDS}/items?limit=1").headers["etag"] != first.headers["etag"]


def test_what_is_long_is_sent_packed_to_who_takes_it(client):
    plain = client.get(f"{GRIDS}/items", headers={"accept-encoding": "gzip;q=0, br"})
    assert "content-encoding" not in plain.headers
    packed = client.get(f"{GRIDS}/items", headers={"accept-encoding": "br, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json()["features"] == plain.json()["features"]
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        again = {"if-none-match": answer.headers["etag"], "accept-encoding": "gzip"}
        assert client.get(f"{GRIDS}/items", headers=again).status_code == 304
    # other bytes have no tag that says they are the same ones
    for path in ("/openapi.json", "/collections"):
        whole, less = (client.get(path, headers={"accept-encoding": said}).headers["etag"]
                       for said in ("identity", "gzip"))  # fmt: skip
        assert less == f"W/{whole}"


def test_what_is_short_or_packed_already_is_sent_as_it_is(client):
    takes = {"accept-encoding": "gzip"}
    for path in ("/conformance?f=html", f"{GRIDS}/tiles/0/0/0.mvt", "/sites/blocks/index.html"):
        answer = client.get(path, headers=takes)
        is_long = len(answer.content) >= 1400
        assert ("content-encoding" in answer.headers) == is_long
        assert ("Accept-Encoding" in answer.headers.get("vary", "")) == is_long


@pytest.mark.parametrize(
    "path",
    ["/collections", "/conformance", GRIDS, f"{GRIDS}/items", f"{GRIDS}/queryables", "/locate"],
)
def test_a_slash_too_much_leads_to_the_address_meant(client, path):
    asked = "?f=html&f2=%E4%B8%AD"
    answer = client.get(f"{path}/{asked}")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://testserver{path}{asked}"
    assert client.get("/nothing/").status_code == 404
    assert client.get(f"{GRIDS}/nothing/").status_code == 404


def test_what_leads_elsewhere_knows_the_address_behind_a_proxy(tmp_path):
    with running(Settings(data=tmp_path, base_url="https://example.org/grids/")) as client:
        answer = client.get("/collections/")
        assert answer.headers["location"] == "https://example.org/grids/collections"
        document = client.get("/openapi.json").json()
        assert document["servers"] == [{"url": "https://example.org/grids"}]
        link = client.get("/collections").json()["links"][0]["href"]
        assert link.startswith("https://example.org/grids/collections")


def test_a_parameter_said_twice_is_refused(client):
    for path in ("/locate?lon=1&lat=2&lat=3", "/collections?f=json&f=json", "/find?q=a&q=b",
                 f"{GRIDS}/items?limit=1&limit=2"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 400
        assert "stands twice" in answer.json()["detail"]


def test_pages_escape_what_they_show(client):
    answer = client.get(f"{GRIDS}/items?f=html")
    assert answer.headers["content-type"].startswith("text/html")
    assert "&lt;b&gt;Bo&lt;/b&gt;" in answer.text
    assert "<b>Bo" not in answer.text
    assert "script" not in answer.headers["content-security-policy"]
    accepted = client.get(f"{GRIDS}/items", headers={"accept": "text/html"})
    assert accepted.text == answer.text


def test_tiles_hold_the_grids_where_they_are(client):
    one = client.get(f"{GRIDS}/items/G-001").json()
    centre = shapely.from_geojson(json.dumps(one["geometry"])).centroid
    tile = mapbox_vector_tile.decode(client.get(f"{GRIDS}/tiles/0/0/0.mvt").content)
    assert {f["properties"]["grid_id"] for f in tile["grids"]["features"]} >= set()
    moved = from_lonlat(shapely.points([[centre.x, centre.y]]), "EPSG:3857")[0]
    side = 2 * 20037508.342789244 / 2**16
    column, row = int((moved.x + side * 2**15) // side), int((side * 2**15 - moved.y) // side)
    content = client.get(f"{GRIDS}/tiles/16/{column}/{row}.mvt").content
    inner = (moved.x + side * 2**15) / side % 1 * 4096, (moved.y + side * 2**15) / side % 1 * 4096
    held = [
        feature["properties"]["grid_id"]
        for feature in mapbox_vector_tile.decode(content)["grids"]["features"]
        if shapely.from_geojson(json.dumps(feature["geometry"])).contains(shapely.Point(inner))
    ]
    assert held == ["G-001"]


def test_a_place_and_an_address_lead_to_the_grid_and_its_owner(client):
    one = client.get(f"{GRIDS}/items/G-001").json()
    centre = shapely.from_geojson(json.dumps(one["geometry"])).centroid
    (match,) = client.get(f"/locate?lon={centre.x}&lat={centre.y}").json()["matches"]
    assert (match["grid_id"], match["owner"]["name"]) == ("G-001", "Ann Lee")
    assert client.get(match["page"]).status_code == 200
    assert client.get("/locate?lon=0&lat=0").json() == {"matches": []}
    building = client.get("/collections/blocks.buildings/items?limit=1").json()["features"][0]
    found = client.get(f"/locate?q={quote(building['id'].lower())}").json()["matches"]
    assert found[0]["building"]["building_id"] == building["id"]
    assert found[0]["grid_id"] == building["properties"]["grid_id"]
    for asked in ("", "?lon=1", "?lon=nan&lat=1", "?lon=181&lat=0", "?q=", "?q=a&lon=1"):
        assert client.get(f"/locate{asked}").status_code == 400


def test_the_document_is_openapi_30_and_names_every_open_route(client):
    told = client.get("/openapi.json")
    assert told.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = told.json()
    assert document["openapi"].startswith("3.0")
    assert "/collections/{collectionId}/items" in document["paths"]
    assert '"null"' not in told.text
