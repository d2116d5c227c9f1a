"""The short way to an answer leads to the same answer as the long one."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from service_client import publish_blocks, running

from gridgeo.service import Settings
from gridgeo.service.open_route import open_router
from gridgeo.service.shortcut import Shortcut
from gridgeo.store import Store

ITEMS = "/collections/blocks.buildings/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
PLACES = ["lon=103.8&lat=1.3", "lat=1.3&lon=103.8", "lon=+103.8&lat=1.3", "lon=1e1&lat=1",
          "lon=181&lat=1", "lon=&lat=", "q=B", "", "lon=103.8&lat=1.3&x=1", "lon=-0.0&lat=90",
          "lon=1&lat=90.1"]  # fmt: skip
WORDS = ["", "limit=5&offset=5", "limit=0", "limit=100", "limit=101", "bbox=-180,-90,180,90",
         "bbox=0,0,0.1,0.1", "bbox=1,2,3", "f=html", "f=xml", "filter=grid_id='G-001'",
         "grid_id=G-001", f"crs={EPSG}/3857", "limit=2&limit=3", "datetime=2020-01-01",
         "version=1", "limit=000000000000000000001"]  # fmt: skip
PATHS = [
    "/health",
    *(f"/locate?{words}" for words in PLACES),
    *(f"{ITEMS}?{words}" for words in WORDS),
    *("/locate/", f"{ITEMS}/", "/collections/a%2Fb/items", "/collections/none.grids/items"),
    *("/collections//items", "/collections/blocks.grids/items%0A", "//locate", "/LOCATE"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks")
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


def told(answer) -> tuple:
    """What is told, but for the moment it was made at, which may change how short it packs."""
    body = answer.text.replace(answer.headers["x-request-id"], "ID")
    body = re.sub(r'"timeStamp":"[^"]+"', "", body)
    passing = ("x-request-id", "content-length")
    headers = {k: v for k, v in answer.headers.items() if k not in passing}
    return answer.status_code, headers, body


@pytest.mark.parametrize("path", PATHS)
def test_both_ways_lead_to_one_answer(client, path, monkeypatch):
    short = told(client.get(path))
    monkeypatch.setattr(Shortcut, "_find", lambda *_: (None, {}))
    monkeypatch.setattr("gridgeo.service.routes.features._is_quick", lambda *_: False)
    client.app.state.public._kept.clear()
    assert told(client.get(path)) == short


def test_other_methods_are_answered_as_ever(client):
    for path in ("/locate?lon=1&lat=1", ITEMS):
        assert client.request("DELETE", path).status_code == 405
        head = client.request("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag" if path == ITEMS else "content-length"]


def test_only_open_routes_may_be_short():
    guarded = FastAPI()

    @guarded.get("/guarded")
    def nothing() -> None:
        """Nothing."""

    with pytest.raises(ValueError, match="not all are open routes"):
        Shortcut(guarded, routes=guarded.routes, paths=["/guarded"])
    router = open_router(tags=[])
    with pytest.raises(ValueError, match="not all are open routes"):
        Shortcut(guarded, routes=router.routes, paths=["/not-there"])


def test_what_is_kept_is_not_more_than_there_is_room_for(client, monkeypatch):
    """Long questions count as well as long answers."""
    monkeypatch.setattr("gridgeo.service.public.answers._ROOM_BYTES", 200_000)
    public = client.app.state.public
    public._kept.clear()
    public._bytes = 0
    for number in range(300):
        client.get(f"{ITEMS}?limit=1&bbox=-180,-90,180,{number / 1000}{'0' * 500}")
        assert public._bytes <= 200_000
    assert 0 < len(public._kept) < 100


def test_made_up_hosts_do_not_share_an_answer(client):
    one = client.get(ITEMS, headers={"host": "one.example"}).json()
    two = client.get(ITEMS, headers={"host": "two.example"}).json()
    assert one["links"][0]["href"].startswith("http://one.example/")
    assert two["links"][0]["href"].startswith("http://two.example/")


def test_communities_are_found_by_a_tree_where_they_are_many(client, monkeypatch):
    """The boxes of a few are looked through one by one."""
    one = client.get("/collections/blocks.grids").json()["extent"]["spatial"]["bbox"][0]
    inside = f"/locate?lon={(one[0] + one[2]) / 2}&lat={(one[1] + one[3]) / 2}"
    few = client.get(inside).json()
    assert few["matches"]
    monkeypatch.setattr("gridgeo.service.routes.locate._FEW", 0)
    assert client.get(inside).json() == few
    assert client.get("/locate?lon=0&lat=0").json() == {"matches": []}
