"""Whatever a stranger asks of the public side, it answers, and says no in words."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_sites import SPRING, MadeSite, made_site, publish_site
from service_client import running
from small_stores import ANN

from gridgeo.service import Settings
from gridgeo.service.public import answers
from gridgeo.service.public.axes import CRS84
from gridgeo.service.public.drawing import drawing
from gridgeo.service.public.layers import Life, boundary_of, read_grids
from gridgeo.service.public.select import features_text
from gridgeo.service.public.tiles import tile
from gridgeo.store import Store

ODD = ["a/b", "/a", "a//b/", "100%", "a%2Fb", "a?b=c&d", "#1", "阳光 3栋", "é\u0301", "a+b c",
"'; --",
       '<b>"x"</b>', "x" * 400, ".hidden", "a\\b", "{z}", "~", "a;b", "\u202e1", "😀"]  # fmt: skip


def rename(site: MadeSite, ids: list[str]) -> None:
    """Give the buildings of a folder other ids."""
    for name, key in (("buildings.geojson", "features"), ("directory.json", "buildings")):
        told = json.loads((site.folder / name).read_text(encoding="utf-8"))
        for one, new in zip(told[key], ids, strict=True):
            (one["properties"] if key == "features" else one)["building_id"] = new
        (site.folder / name).write_text(json.dumps(told), encoding="utf-8")


def without(site: MadeSite, kind: str) -> None:
    path = site.folder / f"{kind}.geojson"
    path.write_text('{"type":"FeatureCollection","features":[]}', encoding="utf-8")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers")
    store = Store.open(folder / "data")
    odd = made_site(folder / "odd", len(ODD))
    rename(odd, ODD)
    publish_site(store, odd, slug="odd")
    bare = made_site(folder / "bare", 4)
    without(bare, "buildings")
    publish_site(store, bare, slug="bare", name="Bare <script>alert(1)</script>")
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


ITEMS = "/collections/odd.buildings/items"


def test_a_feature_of_any_name_is_reached_by_its_links_and_by_its_page(client):
    told = client.get(f"{ITEMS}?limit=100").json()
    assert sorted(one["id"] for one in told["features"]) == sorted(ODD)
    for name in ODD:
        one = client.get(f"{ITEMS}/{quote(name, safe='')}")
        assert one.json()["id"] == name
        for link in one.json()["links"]:
            assert client.get(link["href"]).status_code == 200, link
        page = client.get(f"{ITEMS}/{quote(name, safe='')}?f=html")
        assert page.status_code == 200
        assert "<b>" not in page.text
    hrefs = [
        part.partition('"')[0]
        for part in client.get(f"{ITEMS}?f=html&limit=100").text.split('href="')
    ]
    inner = [
        href.replace("&#39;", "'").replace("&amp;", "&") for href in hrefs if "/items/" in href
    ]
    assert len(inner) >= len(ODD)
    for href in inner:
        assert client.get(href).status_code == 200, href


def test_a_feature_of_any_name_is_found_by_filter_parameter_and_address(client):
    for name in ODD:
        text = "building_id = '{}'".format(name.replace("\\", "\\\\").replace("'", "''"))
        tree = {"op": "=", "args": [{"property": "building_id"}, name]}
        for words in ({"filter": text}, {"building_id": name},
                      {"filter": json.dumps(tree), "filter-lang": "cql2-json"}):  # fmt: skip
            found = client.get(f"{ITEMS}?{urlencode(words)}").json()
            assert [one["id"] for one in found["features"]] == [name], words
        if any(sign.isalnum() for sign in name):
            match = client.get(f"/locate?{urlencode({'q': name[:200]})}").json()["matches"][0]
            assert match["building"]["building_id"][:200] == name[:200]


@pytest.mark.parametrize(
    "path",
    ["/collections/odd", "/collections/.buildings", "/collections/odd.",
    "/collections/odd.grids%00",
     "/collections/..%2f..%2fetc", f"/collections/{'a' * 5000}.grids",
     f"{ITEMS}/{'x' * 5000}", f"{ITEMS}/%00", f"{ITEMS}/%ff%fe", f"{ITEMS}/a%252Fb%252F",
     "/collections/odd.grids/tiles/٣/0/0.mvt", "/collections/odd.grids/tiles/1e1/0/0.mvt",
     f"/collections/odd.grids/tiles/{'9' * 400}/0/0.mvt", "/sites/odd/..%2findex.html"],
)  # fmt: skip
def test_what_is_not_there_is_not_found_however_it_is_written(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 6_000


def test_a_collection_without_features_is_empty_and_no_fault(client):
    told = client.get("/collections/bare.buildings/items").json()
    assert (told["numberMatched"], told["features"]) == (0, [])
    for words in ("bbox=0,0,1,1", "filter=building_id='x'", "f=html", "offset=5", "grid_id=x",
                  "filter=S_INTERSECTS(geometry,POINT(0%200))"):  # fmt: skip
        assert client.get(f"/collections/bare.buildings/items?{words}").status_code == 200, words
    assert client.get("/collections/bare.buildings/tiles/0/0/0.mvt").content == b""
    assert client.get("/collections/bare.buildings/items/x").status_code == 404


def test_names_of_communities_are_shown_as_text_on_every_page(client):
    for path in ("/", "/collections", "/collections/bare.grids", "/collections/bare.grids/items",
                 "/collections/bare.grids/queryables",
                 "/collections/bare.grids/tiles"):  # fmt: skip
        page = client.get(f"{path}?f=html")
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "script" not in page.headers["content-security-policy"]


def test_a_host_of_any_name_does_no_harm(client):
    for host in ('"><script>', "a b", "x" * 500, "\xe9vil", "evil.example"):
        answer = client.get("/collections?f=html", headers={"host": host.encode("latin-1")})
        assert answer.status_code < 500
        assert "<script" not in answer.text
        assert (
            client.get("/collections", headers={"host": host.encode("latin-1")}).status_code < 500
        )


EXTREME = [
    "0",
    "-0",
    "1e308",
    "-1e308",
    "1e-320",
    "180",
    "-180",
    "181",
    "90",
    "-90",
    "114.38",
    "29.98",
]
WORDS = ["f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "version",
"from-version", "filter",
         "filter-lang", "filter-crs", "building_id", "grid_id", "valid_to"]  # fmt: skip
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
VALUES = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(EXTREME), min_size=3, max_size=6).map(",".join),
    st.sampled_from(["json", "html", "1", "10000", f"{EPSG}3857", f"{EPSG}4547", f"{EPSG}4326",
    "cql2-json",
                     "../2026-01-01", "2026-01-01/..", "a/b", "TRUE",
                     "grid_id='T-001'", '{"op":"="}',
                     "S_INTERSECTS(geometry,BBOX(0,0,1,1))", "S_WITHIN(geometry,POINT(1 1))"]),
)  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=400)
@given(words=st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4), one=st.booleans())
def test_no_query_is_a_fault_of_the_service(client, words, one):
    path = f"{ITEMS}/%23" if one else ITEMS
    answer = client.get(f"{path}?{urlencode(words)}")
    assert answer.status_code in (200, 400, 404), (words, answer.text)
    if answer.status_code != 200:
        assert answer.json()["detail"]


@pytest.mark.parametrize("crs", ["", f"{EPSG}3857", f"{EPSG}4547", f"{EPSG}4326", f"{EPSG}4490"])
def test_a_box_as_large_as_can_be_holds_everything_and_one_far_away_nothing(client, crs):
    more = f"&limit=100&bbox-crs={crs}" if crs else "&limit=100"
    whole = "-1e300,-1e300,1e300,1e300"
    assert client.get(f"{ITEMS}?bbox={whole}{more}").json()["numberMatched"] == len(ODD)
    far = "0,0,0.5,0.5"
    assert client.get(f"{ITEMS}?bbox={far}{more}").json()["numberMatched"] == 0


COORDINATES = st.sampled_from([*map(float, EXTREME), 536_010.0, 3_318_010.0, 1e7])


@settings(derandomize=True, deadline=None, max_examples=200)
@given(xy=st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=5),
       code=st.sampled_from([None, 3857, 4547, 4326, 4490]),
       word=st.sampled_from(["S_INTERSECTS", "S_WITHIN", "S_EQUALS", "S_DISJOINT",
       "S_CROSSES"]))  # fmt: skip
def test_no_shape_in_a_filter_is_a_fault_of_the_service(client, xy, code, word):
    places = ", ".join(f"{x!r} {y!r}" for x, y in xy)
    first = f"{xy[0][0]!r} {xy[0][1]!r}"
    shape = {1: f"POINT({first})", 2: f"LINESTRING({places})"}.get(
        len(xy), f"POLYGON(({places}, {first}))"
    )
    crs = {} if code is None else {"filter-crs": f"{EPSG}{code}"}
    answer = client.get(f"{ITEMS}?{urlencode({'filter': f'{word}(geometry, {shape})', **crs})}")
    assert answer.status_code in (200, 400), answer.text


def test_what_is_withdrawn_is_gone_for_everybody(tmp_path):
    store = Store.open(tmp_path / "data")
    (key,) = publish_site(store, made_site(tmp_path / "site", 9), moments=(SPRING,))
    store.close()
    with running(Settings(data=tmp_path / "data")) as client:
        place = "/locate?q=1"
        assert client.get(place).json()["matches"]
        with client.store.write(ANN) as unit:
            unit.publications.withdraw(key, reason="a fault in it")
        # before the next look at the store what was not read yet says that it is gone
        catalogue = client.app.state.public.catalogue
        catalogue._kept.clear()
        client.app.state.public._kept.clear()
        for path in (
            "/collections/town.grids/items",
            "/sites/town/",
            "/collections/town.grids/tiles/0/0/0.mvt",
        ):
            assert client.get(path).status_code == 404
        assert client.get(place).json() == {"matches": []}
        catalogue.refresh()
        assert client.get("/collections").json()["collections"] == []
        assert client.get("/collections/town.grids").status_code == 404
        assert client.get("/?f=html").status_code == 200
        assert client.get(place).json() == {"matches": []}


def test_answers_kept_are_bounded_whatever_is_asked(client, monkeypatch):
    monkeypatch.setattr(answers, "_ROOM_BYTES", 300_000)
    public = client.app.state.public
    for k in range(300):
        client.get(f"{ITEMS}?offset={k}&limit=3&bbox=0,0,180,{k / 10}")
    kept = sum(answers._size(key, one) for key, one in public._kept.items())
    assert public._bytes == kept <= 300_000
    assert client.get(f"{ITEMS}?offset=0&limit=3").status_code == 200


def test_the_table_and_the_features_of_a_grid_tell_the_same_owner(client):
    # a formula sign is taken off again where no spreadsheet reads it
    told = client.get("/sites/odd/grids.csv").text.lstrip("\ufeff")
    owners = {row["grid_id"]: row["owner_name"] for row in csv.DictReader(told.splitlines())}
    for one in client.get("/collections/odd.grids/items").json()["features"]:
        assert one["properties"]["owner_name"] == owners[one["id"]]
        assert shapely.from_geojson(json.dumps(one["geometry"])).is_valid


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)],  # two triangles that meet in a point
        [(0, 0), (1, 0), (1, 1), (1, 2), (1, 1), (0, 1), (0, 0)],  # a spike
        [(0, 0), (4, 0), (4, 4), (3, 4), (3, -1), (2, -1), (2, 4), (0, 4), (0, 0)],  # a loop
        [(0, 0), (1, 0), (0, 0), (0, 0)],  # no area at all
    ],
)
def test_a_grid_whose_corners_cross_after_rounding_is_no_fault_of_the_service(ring):
    rings = ring, [(1, 0), (2, 0), (2, 1), (1, 1), (1, 0)]
    told = [
        {"properties": {"grid_id": f"g{k}", "community": "c"},
         "geometry": {"type": "Polygon", "coordinates": [[(114 + x / 1e4, 30 + y / 1e4)
                                                          for x, y in one]]}}
        for k, one in enumerate(rings)
    ]  # fmt: skip
    files = {"grids.geojson": json.dumps({"features": told}).encode(), "grids.csv": b"grid_id\n"}
    grids = read_grids(files.__getitem__, Life(1, datetime(2026, 1, 1, tzinfo=UTC)))
    assert shapely.is_valid(grids.shapes).all()
    (ground,) = boundary_of(grids, "c").shapes
    assert ground.is_valid
    assert ground.area > 0
    features = [json.loads(text) for text in features_text(grids, [0, 1], CRS84)]
    picture = drawing(features)
    assert picture is not None
    assert len(picture.shapes) == 2
    assert tile(grids, 0, 0, 0)
