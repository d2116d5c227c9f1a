"""The audit log over the API: each write tells who, what, before, after; and no secret."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from service_client import publish_blocks, running
from service_people import OURS, PASSWORD, add_user, invited, new_token, sign_in

from gridgeo.service import Settings
from gridgeo.store import NewJob, Store


@pytest.fixture
def client(tmp_path):
    store = Store.open(tmp_path / "data")
    publish_blocks(store, tmp_path / "blocks")
    store.close()
    with running(Settings(data=tmp_path / "data")) as client:
        yield client


@pytest.fixture
def admin(client):
    return new_token(client.store, "root", "admin")


def newest(client, admin, **asked):
    words = "&".join(f"{name}={value}" for name, value in asked.items())
    return client.get(f"/audit-log?limit=500&{words}", headers=admin).json()["items"]


def test_every_write_tells_who_what_before_and_after(client, admin):
    pia = new_token(client.store, "pia", "planner")
    person = client.get("/users/me", headers=pia).json()
    with client.store.write(sa_actor()) as unit:
        community = unit.communities.by_slug("blocks").id
        job = unit.jobs.add(NewJob("check", {}, community_id=community)).id
        publication = unit.publications.page()[0].id
    new, worker = {"slug": "new", "name": "New"}, {"code": "W1", "name": "Li"}
    # (method, path, body) of a write, and (action, kind, before, after) of what is told of it
    writes = [
        ("POST", "/communities", new, ("add", "communities", None, new)),
        ("PATCH", "/communities/new", {"name": "Newer"},
         ("change", "communities", {"name": "New"}, {"name": "Newer"})),
        ("POST", "/communities/new/workers", worker, ("add", "workers", None, worker)),
        ("POST", "/communities/blocks/uploads?name=a.csv", b"a,b",
         ("add", "uploads", None, {"name": "a.csv", "user_id": person["id"]})),
        ("POST", f"/jobs/{job}/cancellation", None,
         ("change", "jobs", {"state": "queued"}, {"state": "cancelled"})),
        ("POST", f"/publications/{publication}/withdrawal", {"reason": "a slip"},
         ("change", "publications", {"withdrawn_reason": ""}, {"withdrawn_reason": "a slip"})),
        ("POST", "/tokens", {"name": "for QGIS"},
         ("add", "tokens", None, {"name": "for QGIS", "scopes": ["read"]})),
    ]  # fmt: skip
    for method, path, body, (action, kind, before, after) in writes:
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = client.request(method, path, headers=pia, **sent)
        assert answer.status_code < 300, (path, answer.text)
        (entry,) = newest(client, admin, kind=kind, actor_id=person["id"])[:1]
        assert (entry["actor"], entry["actor_id"]) == ("pia", person["id"])
        assert (entry["action"], entry["kind"]) == (action, kind)
        assert entry["request_id"] == answer.headers["x-request-id"]
        for said, wanted in ((entry["before"], before), (entry["after"], after)):
            assert (said is None) is (wanted is None)
            assert {name: said[name] for name in wanted or {}} == (wanted or {})


def sa_actor():
    from gridgeo.store import Actor

    return Actor("office")


def test_what_an_admin_does_to_people_is_told(client, admin):
    pia = add_user(client.store, "pia", "viewer")
    for said in ({"role": "planner"}, {"disabled": True}, {"disabled": False}):
        done = client.request("PATCH", f"/users/{pia}", json=said, headers=admin)
        assert done.status_code == 200
    told = newest(client, admin, kind="users", resource_id=pia)
    assert [entry["action"] for entry in told] == ["change", "change", "change", "add"]
    assert (told[2]["before"], told[2]["after"]) == ({"role": "viewer"}, {"role": "planner"})
    assert told[1]["before"] == told[0]["after"] == {"disabled_at": None}
    assert {entry["actor"] for entry in told[:3]} == {"root"}


def test_sign_ins_and_outs_and_failures_are_told(client, admin):
    ann = add_user(client.store, "ann", "viewer")
    each = [
        sign_in(client, "ann", "wrong"),
        sign_in(client, "ann"),
        client.request("DELETE", "/sessions/current", headers=OURS),
    ]
    told = newest(client, admin, actor_id=ann)
    assert [(entry["action"], entry["kind"]) for entry in told] == [
        ("remove", "sessions"), ("add", "sessions"), ("sign-in failed", "users")
    ]  # fmt: skip
    assert told[-1]["after"] == {"address": "127.0.0.1"}
    # each is found in the request log by its id
    assert [entry["request_id"] for entry in reversed(told)] == [
        answer.headers["x-request-id"] for answer in each
    ]


def test_what_forms_do_is_told_with_the_request(client, admin):
    path = invited(client.store)
    said = {"name": "ben", "password": PASSWORD, "full_name": ""}
    joined = client.post(path, data=said, headers=OURS)
    out = client.post("/sign-out", headers=OURS)
    back = client.post("/sign-in", data=said, headers=OURS)
    ids = [answer.headers["x-request-id"] for answer in (joined, out, back)]
    told = [entry for entry in newest(client, admin) if entry["actor"] == "ben"]
    assert {entry["request_id"] for entry in told} == set(ids)


def test_a_write_that_fails_leaves_no_trace(client, admin):
    before = newest(client, admin)
    new = {"slug": "blocks", "name": "Taken"}
    assert client.post("/communities", json=new, headers=admin).status_code == 409
    stale = {**admin, "if-match": '"r9"'}
    said = {"name": "x"}
    answer = client.request("PATCH", "/communities/blocks", json=said, headers=stale)
    assert answer.status_code == 412
    assert newest(client, admin) == before


def test_the_log_has_no_way_to_be_changed(client, admin):
    entry = newest(client, admin)[0]["id"]
    for method in ("DELETE", "PATCH", "PUT", "POST"):
        for path in ("/audit-log", f"/audit-log/{entry}"):
            status = client.request(method, path, headers=admin, json={}).status_code
            assert status in (404, 405)
    table = "audit_log"
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET actor = 'x'"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), \
                client.store.engine.begin() as connection:  # fmt: skip
            connection.execute(sa.text(statement))


def test_no_secret_stands_in_the_log(client, admin):
    secrets = [PASSWORD, "another horse altogether", admin["authorization"].split("_")[1]]
    path = invited(client.store)
    secrets.append(path.rpartition("/")[2])
    said = {"name": "ann", "password": PASSWORD}
    client.post(path, data=said, headers=OURS)
    secrets.append(client.jar["gridgeo_session"])
    secrets.append(client.post("/tokens", json={"name": "t"}, headers=OURS).json()["token"])
    made = client.another().post("/invitations", json={}, headers=admin).json()
    secrets.append(made["link"].rpartition("/")[2])
    body = {"old": PASSWORD, "new": secrets[1]}
    done = client.request("PUT", "/users/me/password", json=body, headers=OURS)
    assert done.status_code == 204
    told = json.dumps(newest(client.another(), admin))
    assert "(not kept)" in told
    for secret in secrets:
        assert secret not in told
    assert "argon2" not in told
