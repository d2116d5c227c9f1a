"""Before any route: other sites' pages, bodies too large, HEAD, OPTIONS, what is not there."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from service_client import publish_blocks, running
from service_people import OURS, PASSWORD, add_user, invited, new_token, sign_in

from gridgeo.service import Settings
from gridgeo.service.observe import CSP, HEADERS
from gridgeo.store import Store

NEW = {"slug": "new", "name": "New"}
MOST_KB = 4


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks")
    store.close()
    with running(Settings(data=folder / "data", max_body_kb=MOST_KB, max_upload_mb=1)) as client:
        add_user(client.store, "pia", "planner")
        yield client


@pytest.fixture(scope="module")
def planner(client):
    return new_token(client.store, "pia-by-token", "planner")


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://[bad"},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    {"sec-fetch-site": "same-site"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_write_by_cookie_that_is_not_from_a_page_of_ours_is_not_done(client, headers):
    browser = client.another()
    sign_in(browser, "pia")
    answer = browser.post("/communities", json=NEW, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]
    # a program, which says nothing of pages, is told what it lacks
    assert ("header Origin" in answer.json()["detail"]) is (not headers)
    assert browser.get("/communities/new").status_code == 404
    assert browser.get("/users/me", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [OURS, {"sec-fetch-site": "same-origin"},
                                     {"sec-fetch-site": "none"}])  # fmt: skip
def test_a_write_by_cookie_from_a_page_of_ours_is_done(client, headers):
    browser = client.another()
    sign_in(browser, "pia")
    # it gets as far as the store, where the slug is taken
    said = {"slug": "blocks", "name": "New"}
    assert browser.post("/communities", json=said, headers=headers).status_code == 409


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_token_may_write_from_anywhere(client, planner, headers):
    said = {"slug": "blocks", "name": "New"}
    answer = client.another().post("/communities", json=said, headers={**planner, **headers})
    assert answer.status_code == 409


@pytest.mark.parametrize("headers", [one for one in FOREIGN if one])
def test_another_site_cannot_sign_a_browser_in_or_out_or_up(client, headers):
    browser = client.another()
    said = {"name": "pia", "password": PASSWORD}
    path = invited(client.store)
    for way in (
        browser.post("/sessions", json=said, headers=headers),
        browser.post("/sign-in", data=said, headers=headers),
        browser.post("/sign-out", headers=headers),
        browser.post(path, data=said, headers=headers),
    ):
        assert way.status_code == 403
        assert "set-cookie" not in way.headers
    # a body that a form of another site could send is no JSON here
    text = {"content-type": "text/plain"}
    told = browser.post("/sessions", content=b'{"name":"pia","password":"x"}', headers=text)
    assert told.status_code == 415


def test_the_address_in_the_settings_is_ours_too(tmp_path):
    with running(Settings(data=tmp_path, base_url="https://grids.example")) as client:
        add_user(client.store, "pia", "planner")
        secret = sign_in(client, "pia").headers["set-cookie"].partition(";")[0]
        headers = {"cookie": secret, "origin": "https://grids.example"}
        assert client.post("/communities", json=NEW, headers=headers).status_code == 201


def raw(client, method, path, headers, pieces):
    """Send a request as a server would hand it on, piece by piece; how many were taken."""
    taken = []

    async def send_all():
        async def receive():
            if not pieces:
                await asyncio.sleep(3600)
            taken.append(len(pieces[0]))
            body = pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(pieces)}

        told = {}

        async def send(message):
            told.setdefault(message["type"], message)

        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": b"name=a.csv", "root_path": "",
            "scheme": "http", "server": ("testserver", 80), "client": ("127.0.0.1", 1),
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        await client.app(scope, receive, send)
        return told["http.response.start"]["status"], told["http.response.body"]["body"]

    return *client.portal.call(send_all), taken


@pytest.mark.parametrize("path", ["/communities", "/sessions", "/sign-in", "/join/x"])
def test_a_body_too_large_is_refused_by_its_length_before_it_is_read(client, planner, path):
    headers = {**planner, "content-type": "application/json", "host": "testserver", **OURS}
    status, body, taken = raw(
        client, "POST", path, {**headers, "content-length": str(MOST_KB * 1024 + 1)}, [b"x"] * 9
    )
    assert (status, taken) == (413, [])
    assert b"urn:gridgeo:problem:too-large" in body


@pytest.mark.parametrize("path", ["/communities", "/sessions"])
def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_much(client, planner, path):
    headers = {**planner, "content-type": "application/json", "host": "testserver"}
    status, body, taken = raw(client, "POST", path, headers, [b"x" * 1024] * 20)
    assert (status, len(taken)) == (413, MOST_KB + 1)
    assert b"4 KB" in body


def test_a_form_without_a_length_is_bounded_too(client):
    headers = {"content-type": "application/x-www-form-urlencoded", "host": "testserver", **OURS}
    status, _, taken = raw(client, "POST", "/sign-in", headers, [b"name=" + b"x" * 1024] * 20)
    assert (status, len(taken)) == (413, MOST_KB)


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("-1", 400), ("1e3", 400), ("9" * 5000, 413), ("٣", 400)]
)
def test_a_length_that_is_none_is_refused(client, planner, length, status):
    headers = {**planner, "host": "testserver", "content-length": length}
    told, _, taken = raw(client, "POST", "/communities", headers, [b"{}"])
    assert (told, taken) == (status, [])


def test_a_body_of_just_the_limit_is_taken(client, planner):
    text = b'{"slug":"blocks","name":"x"}'
    room = MOST_KB * 1024
    headers = {**planner, "content-type": "application/json"}
    for more, status in ((0, 409), (1, 413)):
        body = text + b" " * (room - len(text) + more)
        assert client.post("/communities", content=body, headers=headers).status_code == status


def paths(client):
    return ["/", "/collections?f=html", "/collections/blocks.grids/items", "/locate?lon=0&lat=0",
            "/openapi.json", "/sites/blocks/", "/sign-in", "/collections/none.grids", "/nothing",
            "/communities", "/users/me"]  # fmt: skip


def test_head_answers_as_get_without_a_body(client, planner):
    for path in paths(client):
        for headers in ({}, planner):
            got = client.another().request("GET", path, headers=headers)
            head = client.another().request("HEAD", path, headers=headers)
            assert head.content == b""
            assert head.status_code == got.status_code
            differ = (
                {"x-request-id", "content-length"} if got.status_code >= 400 else {"x-request-id"}
            )
            told, said = ({k: v for k, v in answer.headers.items() if k not in differ}
                          for answer in (head, got))  # fmt: skip
            assert told == said


def test_head_of_what_is_only_written_is_not_allowed(client):
    assert client.request("HEAD", "/sessions").status_code == 405


def test_pages_of_other_sites_may_read_what_is_public_and_nothing_else(client, planner):
    asked = {"origin": "https://other.example", "access-control-request-method": "GET"}
    for path in paths(client):
        answer = client.request("OPTIONS", path, headers=asked)
        public = path not in ("/sign-in", "/communities", "/users/me", "/nothing")
        assert answer.status_code == (404 if path == "/nothing" else 204)
        assert (answer.headers.get("access-control-allow-origin") == "*") is public, path
        assert "access-control-allow-credentials" not in answer.headers
        got = client.another().get(path, headers={**planner, **asked})
        assert (got.headers.get("access-control-allow-origin") == "*") is public, path
    assert client.request("OPTIONS", "/users/x").headers["allow"] == "GET, HEAD, OPTIONS, PATCH"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/communities", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/communities/blocks", "GET, HEAD, OPTIONS, PATCH"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("GET", "/sessions", "OPTIONS, POST"),
        ("TRACE", "/", "GET, HEAD, OPTIONS"),
        ("BREW", "/communities", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_method_that_is_none_is_told_with_those_that_are(client, method, path, allow):
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 405


@pytest.mark.parametrize("path", ["/nothing", "/communities/blocks/none", "/.git/config", "/%00"])
def test_what_is_not_there_is_a_problem(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:gridgeo:problem:not-found"


def test_every_answer_bears_the_headers_that_guard_it_even_a_fault_of_ours(client):
    def fault(_request):
        raise RuntimeError("a secret of the program")

    app = client.app
    kept, app.state.find_actor = app.state.find_actor, fault
    try:
        broken = client.get("/communities", headers={"authorization": "Bearer x"})
    finally:
        app.state.find_actor = kept
    assert broken.status_code == 500
    assert "secret" not in broken.text
    assert broken.json()["request_id"] == broken.headers["x-request-id"]
    for answer in (broken, *(client.get(path) for path in paths(client))):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value or name == "content-security-policy"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script" not in CSP
    assert isinstance(broken, httpx.Response)
