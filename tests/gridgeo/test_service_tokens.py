"""Tokens: what each may, how long, revoked, told once; none makes a mightier one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from service_client import running
from service_people import OURS, add_token, add_user, bearer, new_token, sign_in

from gridgeo.service import Settings

NEW = {"slug": "blocks", "name": "Blocks"}


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path)) as client:
        yield client


def made(client, headers, **said):
    return client.post("/tokens", json={"name": "for QGIS", **said}, headers=headers)


def test_a_token_acts_for_its_user_within_its_scopes(client):
    pia = add_user(client.store, "pia", "planner")
    reads = bearer(add_token(client.store, pia, "read"))
    writes = bearer(add_token(client.store, pia, "write"))
    assert client.get("/communities", headers=reads).status_code == 200
    refused = client.post("/communities", json=NEW, headers=reads)
    assert refused.status_code == 403
    assert "'write'" in refused.json()["detail"]
    assert client.post("/communities", json=NEW, headers=writes).status_code == 201
    # a scope is no role
    vic = bearer(add_token(client.store, add_user(client.store, "vic", "viewer"), "write"))
    assert client.post("/communities", json=NEW, headers=vic).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer gg_made-up"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Basic dXNlcjpwYXNz"}, 401),
        ({"authorization": "Bearer \xff\xfe"}, 401),
        ({}, 401),
    ],
)
def test_what_is_no_token_is_refused_and_told_how_one_is_sent(client, headers, status):
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = client.get("/communities", headers=raw)
    assert answer.status_code == status
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_bad_token_is_not_mended_by_a_good_cookie(client):
    add_user(client.store, "ann", "viewer")
    sign_in(client, "ann")
    assert client.get("/users/me").status_code == 200
    assert client.get("/users/me", headers=bearer("gg_none")).status_code == 401


def test_a_token_expires(client):
    ann = add_user(client.store, "ann", "viewer")
    old = bearer(add_token(client.store, ann, "read", days=-0.001))
    assert client.get("/users/me", headers=old).status_code == 401


def test_a_token_is_told_once_and_then_never_again(client):
    add_user(client.store, "ann", "viewer")
    sign_in(client, "ann")
    answer = made(client, OURS, days=30)
    told = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    secret = told.pop("token")
    days = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < days < timedelta(days=30)
    listed = client.get("/tokens")
    assert listed.json()["items"] == [told]
    assert told["scopes"] == ["read"]
    with client.store.read() as unit:
        kept = [*unit.tokens.page(), *unit.audit_log.page()]
    assert all(secret not in str(vars(row)) for row in kept)
    assert client.another().get("/users/me", headers=bearer(secret)).status_code == 200


def test_a_revoked_token_is_worthless_and_only_its_owner_or_an_admin_revokes(client):
    ann = add_user(client.store, "ann", "viewer")
    reads = bearer(add_token(client.store, ann, "read"))
    row = client.get("/tokens", headers=reads).json()["items"][0]["id"]
    for name, role, status in (("ben", "planner", 404), ("cy", "admin", 204)):
        other = new_token(client.store, name, role)
        answer = client.request("DELETE", f"/tokens/{row}", headers=other)
        assert answer.status_code == status
        there = client.get("/users/me", headers=reads).status_code
        assert there == (200 if status == 404 else 401)
    # another's token and one that is not there are told alike
    one, none = (
        client.request(
            "DELETE", f"/tokens/{row_id}", headers=new_token(client.store, name, "viewer")
        )
        for row_id, name in ((row, "di"), ("no-such-token", "eve"))
    )
    assert one.json()["detail"] == none.json()["detail"]


def test_a_token_makes_no_mightier_one(client):
    ann = add_user(client.store, "ann", "planner")
    keeps = bearer(add_token(client.store, ann, "admin", "read", days=2))
    assert made(client, keeps, scopes=["read"], days=1).status_code == 201
    assert made(client, keeps, scopes=["read", "write"], days=1).status_code == 403
    # nor one that outlives it, and so itself again and again
    assert made(client, keeps, scopes=["read"], days=3).status_code == 403
    for scopes in (("read",), ("write",), ("read", "write")):
        lesser = bearer(add_token(client.store, ann, *scopes))
        assert made(client, lesser, scopes=["read"]).status_code == 403


@pytest.mark.parametrize(
    "said",
    [{"scopes": []}, {"scopes": ["root"]}, {"days": 0}, {"days": 367}, {"name": " "},
     {"name": "a\0"}, {"user_id": "another"}],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(client, said):
    assert made(client, new_token(client.store, "ann", "viewer"), **said).status_code == 422


def test_the_last_use_is_noted_once_in_a_while_and_is_no_event(client):
    ann = add_user(client.store, "ann", "viewer")
    reads = bearer(add_token(client.store, ann, "read"))
    stamps = set()
    for _ in range(3):
        client.get("/users/me", headers=reads)
        stamps.add(client.get("/tokens", headers=reads).json()["items"][0]["last_used_at"])
    assert len(stamps) == 1
    assert None not in stamps
    with client.store.read() as unit:
        assert [entry.action for entry in unit.audit_log.newest(kind="tokens")] == ["add"]


def test_signing_out_with_a_token_ends_no_session_of_its_user(client):
    ann = add_user(client.store, "ann", "viewer")
    sign_in(client, "ann")
    token = bearer(add_token(client.store, ann, "read"))
    assert client.another().request("DELETE", "/sessions/current", headers=token).status_code == 204
    assert client.get("/users/me").status_code == 200
