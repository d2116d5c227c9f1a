"""A password that was forgotten: an admin's link sets a new one, once, and opens nothing else."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from service_client import running
from service_people import (
    OURS,
    PASSWORD,
    ROOT,
    add_token,
    add_user,
    bearer,
    log_of,
    new_token,
    sign_in,
)

from gridgeo.service import Settings
from gridgeo.store.tables import now

NEW = "another horse altogether"


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path)) as client:
        yield client


@pytest.fixture
def admin(client):
    return new_token(client.store, "root", "admin")


@pytest.fixture
def ann(client):
    return add_user(client.store, "ann", "planner")


def linked(client, admin, user_id, **said):
    answer = client.another().post(f"/users/{user_id}/password-links", json=said, headers=admin)
    assert answer.status_code == 201, answer.text
    return answer.json()


def path_of(told):
    return told["link"].removeprefix("http://testserver")


def renew(client, path, password=NEW):
    return client.another().post(path, data={"password": password}, headers=OURS)


def test_a_link_sets_a_new_password_ends_every_session_and_signs_in(client, admin, ann):
    sign_in(client, "ann")
    path = path_of(linked(client, admin, ann))
    assert "<strong>ann</strong>" in client.another().get(path).text
    there = client.another()
    answer = there.post(path, data={"password": NEW}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "http://testserver/?f=html")
    assert there.get("/users/me").json()["name"] == "ann"
    assert client.get("/users/me").status_code == 401
    assert sign_in(client.another(), "ann").status_code == 401
    assert sign_in(client.another(), "ann", NEW).status_code == 201


def test_a_link_works_once_and_a_newer_one_takes_its_place(client, admin, ann):
    old, path = (path_of(linked(client, admin, ann)) for _ in range(2))
    assert renew(client, old).status_code == client.another().get(old).status_code == 410
    assert renew(client, path).status_code == 303
    again = renew(client, path, "a third horse by now")
    assert again.status_code == 410
    assert "used before" in again.text
    assert sign_in(client, "ann", NEW).status_code == 201


def test_two_who_use_a_link_at_once_set_one_password(client, admin, ann):
    path, told = path_of(linked(client, admin, ann)), []
    each = [
        threading.Thread(target=lambda k=k: told.append(renew(client, path, NEW + k).status_code))
        for k in "ab"
    ]
    for one in each:
        one.start()
    for one in each:
        one.join()
    assert sorted(told) == [303, 410]


def test_a_password_that_is_too_short_leaves_the_link_as_it_was(client, admin, ann):
    path = path_of(linked(client, admin, ann))
    answer = renew(client, path, "short")
    assert answer.status_code == 422
    assert "12 to 200" in answer.text
    assert renew(client, path).status_code == 303


def test_a_page_of_another_site_sets_no_password(client, admin, ann):
    path = path_of(linked(client, admin, ann))
    foreign = {"origin": "https://evil.example"}
    for headers in (foreign, {}):
        answer = client.another().post(path, data={"password": NEW}, headers=headers)
        assert answer.status_code == 403
    assert sign_in(client, "ann").status_code == 201


def test_a_link_is_no_token_and_a_token_no_link(client, admin, ann):
    secret = path_of(linked(client, admin, ann)).rpartition("/")[2]
    for path in ("/users/me", "/communities", "/tokens"):
        assert client.another().get(path, headers=bearer(secret)).status_code == 403
    whole = add_token(client.store, ann, "read", "write", "admin")
    assert client.another().get(f"/password/{whole}").status_code == 404
    assert renew(client, f"/password/{whole}").status_code == 404
    mine = {"name": "x", "scopes": ["password"]}
    assert client.another().post("/tokens", json=mine, headers=admin).status_code == 422


def test_a_link_ends_by_itself_and_an_admin_may_withdraw_it(client, admin, ann):
    told = linked(client, admin, ann)
    away = client.another().request("DELETE", f"/tokens/{told['id']}", headers=admin)
    assert away.status_code == 204
    assert renew(client, path_of(told)).status_code == 410
    with client.store.write(ROOT) as unit:
        late = unit.tokens.add(
            ann, name="x", scopes=["password"], expires_at=now() - timedelta(seconds=1)
        )[1]
    assert renew(client, f"/password/{late}").status_code == 410
    for hours in (0, 24 * 31, "72"):
        answer = client.another().post(
            f"/users/{ann}/password-links", json={"hours": hours}, headers=admin
        )
        assert answer.status_code == 422


def test_who_is_shut_out_gets_no_link_and_comes_in_by_none(client, admin, ann):
    path = path_of(linked(client, admin, ann))
    client.request("PATCH", f"/users/{ann}", json={"disabled": True}, headers=admin)
    assert renew(client, path).status_code == 410
    answer = client.another().post(f"/users/{ann}/password-links", json={}, headers=admin)
    assert answer.status_code == 409
    answer = client.another().post("/users/nobody/password-links", json={}, headers=admin)
    assert answer.status_code == 404


def test_the_log_tells_who_made_the_link_and_who_used_it_and_no_secret(client, admin, ann):
    path = path_of(linked(client, admin, ann))
    answer = renew(client, path)
    made = [entry for entry in log_of(client.store, "tokens") if entry.action == "add"]
    assert (made[0].actor, made[0].after["user_id"]) == ("root", ann)
    changed = next(entry for entry in log_of(client.store, "users") if entry.action == "change")
    assert (changed.actor, changed.after) == ("ann", {"password_hash": "(not kept)"})
    assert changed.request_id == answer.headers["x-request-id"]
    secret = path.rpartition("/")[2]
    kept = [str(vars(row)) for kind in ("tokens", "users") for row in log_of(client.store, kind)]
    assert all(secret not in row and NEW not in row and PASSWORD not in row for row in kept)
