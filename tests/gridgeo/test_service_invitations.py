"""Links that make an account: once, in time, withdrawn; and the one of the first start."""

from __future__ import annotations

import threading

import pytest
from service_client import running
from service_people import (
    OURS,
    PASSWORD,
    ROOT,
    add_user,
    invited,
    log_of,
    new_token,
    sign_in,
)

from gridgeo.service import Settings
from gridgeo.service.serving import first_link
from gridgeo.store import Store


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path)) as client:
        yield client


def joining(client, path, name="ann", password=PASSWORD, full_name="Ann Lee"):
    said = {"name": name, "password": password, "full_name": full_name}
    return client.post(path, data=said, headers=OURS)


def test_a_link_makes_an_account_of_its_role_and_signs_in(client):
    path = invited(client.store, "planner")
    assert "<strong>planner</strong>" in client.get(path).text
    answer = joining(client, path, name="Ann")
    assert answer.status_code == 303
    told = client.get("/users/me").json()
    assert (told["name"], told["full_name"], told["role"]) == ("ann", "Ann Lee", "planner")
    assert sign_in(client.another(), "ann").status_code == 201


def test_a_program_that_says_nothing_of_pages_can_take_a_link(client):
    said = {"name": "ann", "password": PASSWORD}
    assert client.post(invited(client.store, "admin"), data=said).status_code == 303
    assert sign_in(client.another(), "ann").json()["role"] == "admin"


def test_a_link_works_once_and_only_once(client):
    path = invited(client.store)
    assert joining(client, path).status_code == 303
    again = joining(client.another(), path, name="ben")
    assert again.status_code == client.another().get(path).status_code == 410
    assert "used before" in again.text
    with client.store.read() as unit:
        assert unit.users.count() == 1


def test_two_who_use_a_link_at_once_make_one_account(client):
    path = invited(client.store, "admin")
    told = []
    each = [
        threading.Thread(
            target=lambda k=k: told.append(joining(client.another(), path, name=f"u{k}"))
        )
        for k in range(4)
    ]
    for one in each:
        one.start()
    for one in each:
        one.join()
    assert sorted(answer.status_code for answer in told) == [303, 410, 410, 410]
    with client.store.read() as unit:
        assert unit.users.count() == 1


@pytest.mark.parametrize("path", ["/join/none", "/join/%00", "/join/" + "x" * 3000])
def test_a_link_that_is_none_is_not_found(client, path):
    assert client.get(path).status_code in (404, 422)
    assert joining(client, path).status_code in (404, 422)


def test_an_expired_link_is_gone(client):
    path = invited(client.store, hours=-1)
    assert client.get(path).status_code == joining(client, path).status_code == 410


@pytest.mark.parametrize(
    ("more", "status"),
    [({"password": "short"}, 422), ({"name": "two words"}, 422), ({"name": ""}, 422),
     ({"full_name": "a\nb"}, 422), ({"name": "taken"}, 409)],
)  # fmt: skip
def test_what_does_not_do_is_told_and_the_link_still_works(client, more, status):
    add_user(client.store, "taken", "viewer")
    path = invited(client.store)
    answer = joining(client, path, **more)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "<form" in answer.text
    assert more.get("password", PASSWORD) not in answer.text
    assert joining(client, path).status_code == 303


def test_what_was_typed_comes_back_escaped(client):
    answer = joining(client, invited(client.store), name='"><script>x', password="short")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_admin_invites_lists_and_withdraws(client):
    admin = new_token(client.store, "root", "admin")
    made = client.post("/invitations", json={"role": "worker", "hours": 2}, headers=admin)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    told = made.json()
    path = told.pop("link").removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    listed = client.get("/invitations", headers=admin).json()["items"]
    assert listed == [told]
    withdrawn = client.request("DELETE", f"/invitations/{told['id']}", headers=admin)
    assert withdrawn.status_code == 204
    assert client.get(path).status_code == joining(client, path).status_code == 410
    used = invited(client.store)
    joining(client.another(), used)
    last = client.get("/invitations", headers=admin).json()["items"][-1]
    assert last["used_at"] is not None
    assert client.request("DELETE", f"/invitations/{last['id']}", headers=admin).status_code == 410


def test_the_secret_of_a_link_is_kept_nowhere_and_told_once(client):
    admin = new_token(client.store, "root", "admin")
    once = {**admin, "idempotency-key": "k1"}
    made = client.post("/invitations", json={}, headers=once)
    secret = made.json()["link"].rpartition("/")[2]
    again = client.post("/invitations", json={}, headers=once)
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    assert len(client.get("/invitations", headers=admin).json()["items"]) == 1
    with client.store.read() as unit:
        kept = [*unit.idempotency_keys.page(), *unit.audit_log.page(), *unit.invitations.page()]
    assert kept
    assert all(secret not in str(vars(row)) for row in kept)


def test_the_first_link_is_there_only_while_there_is_no_admin(tmp_path):
    store = Store.open(tmp_path)
    add_user(store, "pia", "planner")
    first = first_link(store)
    second = first_link(store)
    with running(Settings(data=tmp_path)) as client:
        # of two starts the later link holds
        assert client.get(f"/join/{first}").status_code == 410
        assert joining(client, f"/join/{second}").status_code == 303
        assert client.get("/users/me").json()["role"] == "admin"
        assert first_link(store) == ""
        assert log_of(store, "invitations")[-1].actor == "first start"
    with store.write(ROOT) as unit:
        # an admin who is shut out is none; the store lets nobody do that to the last one
        user = unit.users.by_name("ann")
        user.disabled_at = user.created_at
    assert first_link(store) != ""
    store.close()
