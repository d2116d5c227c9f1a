"""No class stands in /conformance without a test of what it asks for, and none is left out."""

from __future__ import annotations

import json
from urllib.parse import quote

import mapbox_vector_tile
import pytest
import shapely
from made_sites import SPRING, SUMMER, made_site, publish_site
from service_client import running

from gridgeo.service import Settings
from gridgeo.store import Store

SPEC = "http://www.opengis.net/spec/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CRS = "http://www.opengis.net/def/crs/EPSG/0/4326"
GRIDS = "/collections/town.grids"
VALID = "INTERVAL(valid_from,'..')"  # from 1 June 2026 on

# Of the four grids in a square, T-001 in the south-west, so many are found. {x} {y} is the middle
# of T-001, {x0} {y0} its south-west corner, {x2} {y2} the middle of the grid across.
FILTERS = {
    "cql2-text": [("grid_id = 'T-001'", 1), ('"grid_id" <> \'T-001\'', 3)],
    "basic-cql2": [
        ("households >= 101 AND NOT (colour = 3) OR grid_id IS NULL", 2), ("in_band = TRUE", 2),
        ("population IS NOT NULL", 3), ("TRUE", 4), ("valid_from > DATE('2026-06-01')", 0),
        ("valid_from <= TIMESTAMP('2026-06-01T00:00:00Z')", 4), ("households < 100.5", 1),
    ],
    "advanced-comparison-operators": [
        ("grid_id LIKE 'T-00_'", 4), ("grid_id NOT LIKE '%3'", 3), ("colour BETWEEN 1 AND 2", 2),
        ("colour NOT BETWEEN 1 AND 2", 2), ("grid_id IN ('T-001','T-009')", 1),
        ("colour NOT IN (1,2)", 2),
    ],
    "case-insensitive-comparison": [
        ("CASEI(owner_name) = CASEI('OWNER 1')", 1), ("CASEI(owner_name) LIKE CASEI('oWN%')", 4),
        ("CASEI(owner_name) IN (CASEI('OWNER 1'),CASEI('owner 2'))", 2),
        ("owner_name = 'OWNER 1'", 0),
    ],
    "accent-insensitive-comparison": [
        ("ACCENTI(owner_name) = ACCENTI('Öwnér 1')", 1), ("owner_name = 'Öwnér 1'", 0),
        ("ACCENTI(CASEI(owner_name)) LIKE ACCENTI(CASEI('ÖWN%'))", 4),
    ],
    "basic-spatial-functions": [
        ("S_INTERSECTS(geometry,POINT({x} {y}))", 1),
        ("S_INTERSECTS(geometry,BBOX({x0},{y0},{x},{y}))", 1),
        ("S_INTERSECTS(geometry,BBOX(0,0,1,1))", 0),
    ],
    "basic-spatial-functions-plus": [
        ("S_INTERSECTS(geometry,LINESTRING({x} {y},{x2} {y}))", 2),
        ("S_INTERSECTS(geometry,POLYGON(({x} {y},{x2} {y},{x2} {y2},{x} {y})))", 4),
        ("S_INTERSECTS(geometry,MULTIPOINT(({x} {y}),({x2} {y2})))", 2),
        ("S_INTERSECTS(geometry,MULTILINESTRING(({x} {y},{x} {y2}),(0 0,1 1)))", 2),
        ("S_INTERSECTS(geometry,MULTIPOLYGON((({x} {y},{x2} {y},{x2} {y2},{x} {y}))))", 4),
        ("S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT({x} {y}),LINESTRING(0 0,1 1)))", 1),
    ],
    "spatial-functions": [
        ("S_CONTAINS(geometry,POINT({x} {y}))", 1), ("S_DISJOINT(geometry,POINT({x} {y}))", 3),
        ("S_WITHIN(geometry,BBOX({x0s},{y0s},{x2},{y2}))", 1),
        ("S_CROSSES(geometry,LINESTRING({x} {y},{x2} {y}))", 2),
        ("S_OVERLAPS(geometry,BBOX({x},{y},{x2},{y2}))", 4), ("S_EQUALS(geometry,{shape})", 1),
        ("S_TOUCHES(geometry,{shape})", 3),
    ],
    "temporal-functions": [
        ("T_AFTER(valid_from,DATE('2026-05-31'))", 4),
        ("T_BEFORE(valid_from,DATE('2026-06-01'))", 0),
        ("T_DISJOINT(valid_from,INTERVAL('..','2026-05-31'))", 4),
        ("T_EQUALS(valid_from,TIMESTAMP('2026-06-01T00:00:00Z'))", 4),
        ("T_INTERSECTS(valid_from,INTERVAL('2026-01-01','2026-12-31'))", 4),
        (f"T_CONTAINS({VALID},INTERVAL('2026-07-01','2026-08-01'))", 4),
        (f"T_DURING({VALID},INTERVAL('2026-01-01','..'))", 0),
        (f"T_DURING(INTERVAL('2026-07-01','2026-08-01'),{VALID})", 4),
        (f"T_FINISHEDBY({VALID},INTERVAL('2026-07-01','..'))", 4),
        (f"T_FINISHES({VALID},INTERVAL('2026-01-01','..'))", 4),
        (f"T_MEETS(INTERVAL('2026-01-01T00:00:00Z','2026-06-01T00:00:00Z'),{VALID})", 4),
        (f"T_METBY({VALID},INTERVAL('2026-01-01T00:00:00Z','2026-06-01T00:00:00Z'))", 4),
        (f"T_OVERLAPS(INTERVAL('2026-01-01','2026-07-01'),{VALID})", 4),
        (f"T_OVERLAPPEDBY({VALID},INTERVAL('2026-01-01','2026-07-01'))", 4),
        (f"T_STARTS(INTERVAL('2026-06-01T00:00:00Z','2026-07-01T00:00:00Z'),{VALID})", 4),
        (f"T_STARTEDBY({VALID},INTERVAL('2026-06-01T00:00:00Z','2026-07-01T00:00:00Z'))", 4),
    ],
    "property-property": [
        ("colour = colour", 4), ("colour < version", 2), ("version = 2", 4), ("2 > colour", 2),
        ("owner_name = grid_id", 0), ("'x' = 'x'", 4), ("colour IN (version,0)", 2),
        ("S_EQUALS(geometry,geometry)", 4), ("T_EQUALS(valid_from,valid_from)", 4),
        ("colour BETWEEN version AND households", 2),
    ],
    "arithmetic": [
        ("households - 100 = colour", 4), ("households * 2 + 1 = 203", 1),
        ("households / 4 = 25", 1),
        ("households % 2 = 0", 2), ("households DIV 2 = 50", 2), ("2 ^ colour = 4", 1),
        ("households > 50 + 51 + (1 - 0.5)", 2),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classes")
    store = Store.open(folder / "data")
    publish_site(store, made_site(folder / "site", 60), moments=(SPRING, SUMMER))
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


def found(client, words: str) -> list[str]:
    answer = client.get(f"{GRIDS}/items?limit=99&{words}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["features"]]


def places(client) -> dict[str, str]:
    """Words for places about T-001, in degrees."""
    shape = shapely.from_geojson(json.dumps(client.get(f"{GRIDS}/items/T-001").json()["geometry"]))
    (x0, y0, x1, y1), middle = shape.bounds, shape.centroid
    wide, high = x1 - x0, y1 - y0
    told = {"x": middle.x, "y": middle.y, "x0": x0, "y0": y0,
            "x0s": x0 - wide, "y0s": y0 - high,
            "x2": middle.x + wide, "y2": middle.y + high}  # fmt: skip
    return {name: f"{value:.9f}" for name, value in told.items()} | {"shape": shape.wkt}


def follow(client, path: str, rel: str):
    (link,) = [one for one in client.get(path).json()["links"] if one["rel"] == rel]
    answer = client.get(link["href"], headers={"accept": link["type"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == link["type"].partition(";")[0]
    return answer


def is_json(client) -> bool:
    return all(client.get(path).json()["links"] for path in ("/", "/conformance", "/collections"))


def is_html(client) -> bool:
    paths = "/", "/conformance", "/collections", GRIDS, f"{GRIDS}/items", f"{GRIDS}/items/T-001"
    takes = {"accept": "text/html"}
    return all("<h1>" in client.get(path, headers=takes).text for path in paths)


def is_openapi(client) -> bool:
    return follow(client, "/", "service-desc").json()["openapi"].startswith("3.0.")


def is_told(client) -> bool:
    return bool(follow(client, "/", "conformance").json()["conformsTo"])


def has_landing_page(client) -> bool:
    told = client.get("/").json()
    return {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} == {
        one["rel"] for one in told["links"]
    } and "title" in told


def is_core(client) -> bool:
    box = ",".join(map(str, client.get(GRIDS).json()["extent"]["spatial"]["bbox"][0]))
    every = found(client, f"bbox={box}&datetime=2026-06-02T00:00:00Z")
    assert len(every) == 4
    assert client.get(f"{GRIDS}/items?nothing=1").status_code == 400
    assert client.get(f"{GRIDS}/items?bbox=1").status_code == 400
    return client.get(f"{GRIDS}/items/T-001").json()["type"] == "Feature"


def is_geojson(client) -> bool:
    answer = client.get(f"{GRIDS}/items")
    told = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    return told["type"] == "FeatureCollection" and told["numberReturned"] == len(told["features"])


def is_in_crs(client) -> bool:
    plain = client.get(f"{GRIDS}/items/T-001").json()["geometry"]["coordinates"][0][0]
    answer = client.get(f"{GRIDS}/items/T-001?crs={quote(CRS)}")
    assert answer.headers["content-crs"] == f"<{CRS}>"
    return answer.json()["geometry"]["coordinates"][0][0] == plain[::-1]


def has_queryables(client) -> bool:
    told = follow(client, GRIDS, f"{REL}queryables").json()
    return told["type"] == "object" and "owner_name" in told["properties"]


def has_queryable_parameters(client) -> bool:
    return found(client, "owner_name=Owner%202") == ["T-003"]


def is_filtered(client) -> bool:
    assert client.get(f"{GRIDS}/items?filter=nothing%3D1").status_code == 400
    assert client.get(f"{GRIDS}/items?filter=TRUE&filter-lang=sql").status_code == 400
    return found(client, "filter=colour%3D1&filter-lang=cql2-text") == ["T-002"]


def is_filtered_in_crs(client) -> bool:
    at = places(client)
    text = quote(f"S_INTERSECTS(geometry,POINT({at['y']} {at['x']}))")
    return found(client, f"filter={text}&filter-crs={quote(CRS)}") == ["T-001"]


def is_filtered_in_json(client) -> bool:
    above = {"op": ">", "args": [{"property": "colour"}, 1]}
    like = {"op": "like", "args": [{"property": "grid_id"}, "%3"]}
    tree = {"op": "and", "args": [above, like]}
    return found(client, f"filter-lang=cql2-json&filter={quote(json.dumps(tree))}") == ["T-003"]


def has_schema(client) -> bool:
    told = follow(client, GRIDS, f"{REL}schema").json()
    properties = client.get(f"{GRIDS}/items/T-001").json()["properties"]
    assert all(one["readOnly"] for one in told["properties"].values())
    return set(properties) <= set(told["properties"])


def has_roles(client) -> bool:
    told = follow(client, GRIDS, f"{REL}schema").json()["properties"].values()
    roles = sorted(one["x-ogc-role"] for one in told if "x-ogc-role" in one)
    return roles == ["id", "primary-geometry", "primary-interval-end", "primary-interval-start"]


def has_tilesets(client) -> bool:
    (one,) = follow(client, GRIDS, f"{REL}tilesets-vector").json()["tilesets"]
    return {"dataType", "crs", "tileMatrixSetURI", "links"} <= set(one)


def has_tileset(client) -> bool:
    told = client.get(f"{GRIDS}/tiles/WebMercatorQuad").json()
    assert told["dataType"] == "vector"
    for limits in told["tileMatrixSetLimits"]:
        row, column = limits["minTileRow"], limits["maxTileCol"]
        path = f"{GRIDS}/tiles/WebMercatorQuad/{limits['tileMatrix']}/{row}/{column}"
        assert client.get(path).status_code == 200
    return follow(client, f"{GRIDS}/tiles/WebMercatorQuad", f"{REL}tiling-scheme").json()["id"] == (
        "WebMercatorQuad"
    )


def has_tiles(client) -> bool:
    told = client.get(f"{GRIDS}/tiles/WebMercatorQuad").json()
    limits = told["tileMatrixSetLimits"][14]
    (link,) = [one for one in told["links"] if one["rel"] == "item"]
    address = link["href"].format(
        tileMatrix="14", tileRow=limits["minTileRow"], tileCol=limits["minTileCol"]
    )
    answer = client.get(address)
    assert answer.headers["content-type"] == link["type"]
    assert client.get(f"{GRIDS}/tiles/WebMercatorQuad/99/0/0").status_code == 404
    return bool(mapbox_vector_tile.decode(answer.content)["grids"]["features"])


MEETS = {
    "ogcapi-common-1/1.0/conf/core": is_told,
    "ogcapi-common-1/1.0/conf/landing-page": has_landing_page,
    "ogcapi-common-1/1.0/conf/oas30": is_openapi,
    "ogcapi-common-1/1.0/conf/html": is_html,
    "ogcapi-common-1/1.0/conf/json": is_json,
    "ogcapi-features-1/1.0/conf/core": is_core,
    "ogcapi-features-1/1.0/conf/oas30": is_openapi,
    "ogcapi-features-1/1.0/conf/html": is_html,
    "ogcapi-features-1/1.0/conf/geojson": is_geojson,
    "ogcapi-features-2/1.0/conf/crs": is_in_crs,
    "ogcapi-features-3/1.0/conf/queryables": has_queryables,
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": has_queryable_parameters,
    "ogcapi-features-3/1.0/conf/filter": is_filtered,
    "ogcapi-features-3/1.0/conf/features-filter": is_filtered_in_crs,
    "ogcapi-features-5/1.0/conf/schemas": has_schema,
    "ogcapi-features-5/1.0/conf/core-roles-features": has_roles,
    "ogcapi-features-5/1.0/conf/returnables-and-receivables": has_schema,
    "ogcapi-features-5/1.0/conf/queryables": has_queryables,
    "ogcapi-tiles-1/1.0/conf/core": has_tiles,
    "ogcapi-tiles-1/1.0/conf/tileset": has_tileset,
    "ogcapi-tiles-1/1.0/conf/tilesets-list": has_tilesets,
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": has_tilesets,
    "ogcapi-tiles-1/1.0/conf/mvt": has_tiles,
    "cql2/1.0/conf/cql2-json": is_filtered_in_json,
}


def test_what_is_claimed_is_what_is_tested(client):
    claimed = set(client.get("/conformance").json()["conformsTo"])
    assert claimed == {SPEC + name for name in (*MEETS, *(f"cql2/1.0/conf/{k}" for k in FILTERS))}


@pytest.mark.parametrize("name", MEETS)
def test_a_class_that_is_claimed_is_met(client, name):
    assert MEETS[name](client)


@pytest.mark.parametrize(
    ("text", "count"), [(text, count) for each in FILTERS.values() for text, count in each]
)
def test_a_filter_of_every_class_of_cql2_finds_what_it_means(client, text, count):
    said = text.format(**places(client))
    assert len(found(client, f"filter={quote(said)}")) == count
