"""Every route of the service, with every role, every token and none: who may, and who may not."""

from __future__ import annotations

import re
from itertools import product

import pytest
from service_client import publish_blocks, running
from service_people import (
    OURS,
    ROLES,
    ROOT,
    SCOPES,
    add_token,
    add_user,
    bearer,
    new_token,
    sign_in,
)

from gridgeo.service import Settings
from gridgeo.service.access import Needs, Role, needs_of
from gridgeo.service.open_route import OpenRoute
from gridgeo.store import NewJob, Store

ANYBODY = "anybody"
# By hand: who may call each route, and what scope a token must bear. A route that is not here
# fails the test, and so does an entry without a route.
TABLE = {
    "GET /": ANYBODY,
    "GET /locate": ANYBODY,
    "GET /find": ANYBODY,
    "GET /openapi.json": ANYBODY,
    "GET /api": ANYBODY,
    "GET /static/service.css": ANYBODY,
    "GET /static/icon.svg": ANYBODY,
    "GET /health": ANYBODY,
    "GET /ready": ANYBODY,
    # heeds a token of its own, see test_service_metrics
    "GET /metrics": ANYBODY,
    "GET /conformance": ANYBODY,
    "GET /collections": ANYBODY,
    "GET /collections/{collectionId}": ANYBODY,
    "GET /collections/{collectionId}/queryables": ANYBODY,
    "GET /collections/{collectionId}/schema": ANYBODY,
    "GET /collections/{collectionId}/feature-schema": ANYBODY,
    "GET /collections/{collectionId}/items": ANYBODY,
    "GET /collections/{collectionId}/items/{featureId:path}": ANYBODY,
    "GET /tileMatrixSets/WebMercatorQuad": ANYBODY,
    "GET /collections/{collectionId}/tiles": ANYBODY,
    "GET /collections/{collectionId}/tiles/tilejson.json": ANYBODY,
    "GET /collections/{collectionId}/tiles/WebMercatorQuad": ANYBODY,
    "GET /collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": (
        ANYBODY
    ),
    "GET /collections/{collectionId}/tiles/{z}/{x}/{y}.mvt": ANYBODY,
    "GET /sites/{slug}": ANYBODY,
    "GET /sites/{slug}/{name:path}": ANYBODY,
    "GET /sign-in": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-out": ANYBODY,
    "GET /sign-in/provider": ANYBODY,
    "GET /sign-in/provider/return": ANYBODY,
    "GET /join/{secret}": ANYBODY,
    "POST /join/{secret}": ANYBODY,
    "GET /password/{secret}": ANYBODY,
    "POST /password/{secret}": ANYBODY,
    "POST /sessions": ANYBODY,
    "GET /communities": ("viewer", "read"),
    "POST /communities": ("planner", "write"),
    "GET /communities/{slug}": ("viewer", "read"),
    "PATCH /communities/{slug}": ("planner", "write"),
    "GET /communities/{slug}/building-sets": ("viewer", "read"),
    "GET /building-sets/{row_id}": ("viewer", "read"),
    "GET /building-sets/{row_id}/file": ("viewer", "read"),
    "GET /communities/{slug}/plans": ("viewer", "read"),
    "GET /plans/{row_id}": ("viewer", "read"),
    "GET /plans/{row_id}/file": ("viewer", "read"),
    "GET /communities/{slug}/publications": ("viewer", "read"),
    "GET /publications/{row_id}": ("viewer", "read"),
    "POST /publications/{row_id}/withdrawal": ("planner", "write"),
    "GET /communities/{slug}/workers": ("viewer", "read"),
    "POST /communities/{slug}/workers": ("planner", "write"),
    "GET /workers/{row_id}": ("viewer", "read"),
    "PATCH /workers/{row_id}": ("planner", "write"),
    "POST /communities/{slug}/uploads": ("planner", "write"),
    "GET /communities/{slug}/jobs": ("viewer", "read"),
    "POST /communities/{slug}/jobs": ("planner", "write"),
    "GET /jobs/{row_id}": ("viewer", "read"),
    "POST /jobs/{row_id}/cancellation": ("planner", "write"),
    "GET /jobs/{row_id}/events": ("viewer", "read"),
    "DELETE /sessions/current": ("viewer", "read"),
    "GET /users/me": ("viewer", "read"),
    "PUT /users/me/password": ("viewer", "admin"),
    "GET /users": ("admin", "admin"),
    "GET /users/{row_id}": ("admin", "admin"),
    "PATCH /users/{row_id}": ("admin", "admin"),
    "POST /users/{row_id}/password-links": ("admin", "admin"),
    "GET /invitations": ("admin", "admin"),
    "POST /invitations": ("admin", "admin"),
    "DELETE /invitations/{row_id}": ("admin", "admin"),
    "GET /tokens": ("viewer", "read"),
    "POST /tokens": ("viewer", "admin"),
    "DELETE /tokens/{row_id}": ("viewer", "admin"),
    "GET /audit-log": ("admin", "admin"),
}
GUARDED = [name for name, who in TABLE.items() if who != ANYBODY]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorisation")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks")
    store.close()
    with running(Settings(data=folder / "data", sign_in_attempts=10_000)) as client:
        yield client


@pytest.fixture(scope="module")
def words(client):
    """What stands in for the words of a path: rows that are there."""
    with client.store.write(ROOT) as unit:
        community = unit.communities.by_slug("blocks")
        worker = unit.workers.add(community.id, code="W1", name="Li")
        job = unit.jobs.add(NewJob("check", {}, community_id=community.id))
        unit.jobs.cancel(job.id)  # so that its events come to their end
        each = {
            "building-sets": unit.building_sets.page()[0].id,
            "plans": unit.plans.page()[0].id,
            "publications": unit.publications.page()[0].id,
            "workers": worker.id,
            "jobs": job.id,
        }
    return {**each, "users": "none", "invitations": "none", "tokens": "none"}


def routes_of(client):
    return {
        f"{method} {route.path}": route for route in client.app.routes for method in route.methods
    }


def called_at(name, words):
    method, _, path = name.partition(" ")
    kind = path.split("/")[1]
    path = path.replace("{row_id}", words.get(kind, "none")).replace("{slug}", "blocks")
    path = path.replace("{collectionId}", "blocks.grids").replace("{featureId:path}", "G-001")
    path = path.replace("{tileMatrix}/{tileRow}/{tileCol}", "0/0/0")
    path = path.replace("{z}/{x}/{y}", "0/0/0").replace("{name:path}", "index.html")
    return method, re.sub(r"\{\w+(:path)?\}", "none", path)


def called(client, name, words, headers):
    method, path = called_at(name, words)
    # a body that no route takes: who may is told so, and nothing is changed
    body = {} if method in ("GET", "DELETE") else {"json": {"strange": 1}}
    if path == "/locate":
        path += "?lon=0&lat=0"
    if path.endswith("/uploads"):
        body = {"content": b""}
    return client.request(method, path, headers=headers, **body)


def expected(name, role, scopes):
    """By the table: 401, 403, or None for anything else."""
    who = TABLE[name]
    if who == ANYBODY:
        return None
    if role is None:
        return 401
    if ROLES.index(role) < ROLES.index(who[0]):
        return 403
    return None if scopes is None or who[1] in scopes else 403


def allowed(status, wanted, name):
    if wanted is None:
        assert status not in (401, 403), name
        assert status < 500, name
    else:
        assert status == wanted, name


def test_every_route_stands_in_the_table_and_every_entry_is_a_route(client):
    assert set(routes_of(client)) == set(TABLE)


def test_every_route_is_open_or_asks_for_exactly_one_thing(client):
    for name, route in routes_of(client).items():
        asked = needs_of(route)
        if isinstance(route, OpenRoute):
            assert route.methods == {"GET"}, name
            assert route.dependencies == [], name
            assert TABLE[name] == ANYBODY
            continue
        assert len(asked) == 1, name
        assert isinstance(asked[0], Needs)
        who = ANYBODY if asked[0].role is Role.PUBLIC else (
            asked[0].role.name.lower(), asked[0].scope
        )  # fmt: skip
        assert who == TABLE[name]


def test_an_open_route_with_a_role_cannot_be_made():
    from gridgeo.service.access import needs
    from gridgeo.service.open_route import open_router

    router = open_router(tags=["x"])
    with pytest.raises(TypeError, match="asks for no role"):
        router.get("/x", dependencies=[needs(Role.VIEWER)])(lambda request: None)


def test_without_a_sign_in_only_what_is_open_is_answered(client, words):
    nobody = client.another()
    for name, who in TABLE.items():
        if name == "GET /metrics":  # asks for its own token where strangers might come
            continue
        answer = called(nobody, name, words, {})
        if who == ANYBODY and "POST" in name:
            # nobody said which page this comes from; it gets no further than its own checks
            assert answer.status_code in (403, 404, 422), name
        else:
            allowed(answer.status_code, expected(name, None, None), name)


def test_who_may_not_hears_so_before_anything_is_read_of_what_they_sent(client, words):
    low = new_token(client.store, "reads-only", "viewer", "read")
    kind = {"content-type": "application/json"}
    writes = [name for name in GUARDED if name.split()[0] in ("POST", "PUT", "PATCH")]
    assert writes
    for name in writes:
        method, path = called_at(name, words)
        for who, status in (({}, 401), (low, 403)):
            answer = client.another().request(method, path, content=b"{", headers={**kind, **who})
            assert answer.status_code == status, name


@pytest.mark.parametrize("role", ROLES)
def test_by_cookie_each_role_may_what_the_table_says(client, words, role):
    add_user(client.store, f"{role}-by-cookie", role)
    for name in GUARDED:
        browser = client.another()
        sign_in(browser, f"{role}-by-cookie")
        answer = called(browser, name, words, OURS)
        allowed(answer.status_code, expected(name, role, None), name)


@pytest.mark.parametrize(("role", "scope"), list(product(ROLES, SCOPES)))
def test_by_token_each_role_may_what_its_scope_says_too(client, words, role, scope):
    user = add_user(client.store, f"{role}-{scope}", role)
    token = bearer(add_token(client.store, user, scope))
    for name in GUARDED:
        answer = called(client.another(), name, words, token)
        allowed(answer.status_code, expected(name, role, (scope,)), name)


def test_a_token_without_a_scope_may_nothing(client, words):
    user = add_user(client.store, "scopeless", "admin")
    token = bearer(add_token(client.store, user))
    for name in GUARDED:
        assert called(client.another(), name, words, token).status_code == 403, name


def test_what_a_token_or_cookie_opens_open_routes_answer_all_alike(client, words):
    token = new_token(client.store, "anybody-else", "admin")
    for name, who in TABLE.items():
        if who != ANYBODY or not name.startswith("GET") or "sign-in" in name:
            continue
        if name in ("GET /metrics", "GET /ready"):
            continue
        plain, known = (called(client.another(), name, words, one) for one in ({}, token))
        assert (plain.status_code, plain.content) == (known.status_code, known.content), name
