"""Sign-in by form and by JSON: cookies, wrong passwords, how often, and the way out."""

from __future__ import annotations

import pytest
from service_client import running
from service_people import OURS, PASSWORD, add_user, bearer, log_of, new_token, sign_in

from gridgeo.service import Settings, create_app
from gridgeo.service import sign_in as signing
from gridgeo.service.problems import NotSignedInError, TooManyError

FEW = 3


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path, sign_in_attempts=FEW)) as client:
        add_user(client.store, "ann", "viewer")
        yield client


def form(client, name="ann", password=PASSWORD, **headers):
    said = {"name": name, "password": password}
    return client.post("/sign-in", data=said, headers={**OURS, **headers})


def me(client):
    return client.get("/users/me")


def test_a_form_signs_in_and_the_cookie_is_for_this_site_and_not_for_scripts(client):
    answer = form(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "http://testserver/?f=html")
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "path=/;" in flags + ";"
    assert "max-age=43200" in flags
    assert "secure" not in flags
    assert me(client).json()["name"] == "ann"
    assert "Signed in as <strong>ann</strong>" in client.get("/sign-in").text


@pytest.mark.parametrize("said", [{"base_url": "https://a.example"}, {"secure_cookies": True}])
def test_over_https_cookie_and_pages_are_for_https_alone(tmp_path, client, said):
    with running(Settings(data=tmp_path / "https", **said)) as there:
        add_user(there.store, "ann", "viewer")
        answer = sign_in(there, "ann")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "strict-transport-security" not in sign_in(client, "ann").headers


def test_json_signs_in_and_no_secret_is_told(client):
    answer = sign_in(client, " ANN ")
    assert answer.status_code == 201
    assert set(answer.json()) == {
        "id", "name", "full_name", "role", "disabled_at", "created_at", "revision"
    }  # fmt: skip
    assert me(client).json() == answer.json()
    secret = client.jar[signing.COOKIE]
    with client.store.read() as unit:
        assert all(secret not in str(vars(row)) for row in unit.sessions.page())


def test_an_unknown_name_goes_the_same_way_as_a_wrong_password(client, monkeypatch):
    tried = []
    real = signing.hasher()

    class Watched:
        hash = real.hash

        def verify_and_update(self, password, kept):
            tried.append(kept.split("$")[1:4])
            return real.verify_and_update(password, kept)

    monkeypatch.setattr(signing, "hasher", Watched)
    bodies = []
    for name, password in (("ann", "wrong"), ("nobody", PASSWORD), ("no body", PASSWORD)):
        answer = sign_in(client, name, password)
        assert answer.status_code == 401
        bodies.append({**answer.json(), "request_id": ""})
    assert bodies[0] == bodies[1] == bodies[2]
    # argon2 ran each time, with the same parameters
    assert len(tried) == 3
    assert tried[0] == tried[1] == tried[2]
    assert tried[0][0] == "argon2id"


def test_a_user_without_a_password_cannot_sign_in_by_one(client):
    with client.store.write(signing.stores.Actor("root")) as unit:
        unit.users.add(name="oda", role="viewer", subject="https://id.example oda")
    for password in ("", "None", PASSWORD):
        assert sign_in(client, "oda", password).status_code == 401


def attempt(client, name, password, address):
    settings = client.app.state.settings
    return signing.check_password(client.store, settings, name, password, address)


def test_a_stranger_who_fails_under_a_name_shuts_out_their_own_address_alone(client):
    for _ in range(FEW):
        with pytest.raises(NotSignedInError):
            attempt(client, "ann", "wrong", "192.0.2.1")
    with pytest.raises(TooManyError):
        attempt(client, "ann", PASSWORD, "192.0.2.1")
    assert attempt(client, "ann", PASSWORD, "192.0.2.2").name == "ann"


def test_too_many_failures_under_a_name_shut_it_from_every_address(client):
    for k in range(FEW * signing.NAME_TIMES):
        with pytest.raises(NotSignedInError):
            attempt(client, ("Ann", "ａｎｎ", " ann")[k % 3], "wrong", f"192.0.2.{k}")
    answer = sign_in(client, "ann")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    page = form(client)
    assert (page.status_code, page.headers["retry-after"]) == (429, "600")
    assert "Wait ten minutes" in page.text


def test_too_many_failures_from_an_address_shut_it_whatever_the_name(client):
    for name in ("a", "b", "c"):
        assert sign_in(client, name, "wrong").status_code == 401
    assert sign_in(client, "ann").status_code == 429


def test_a_sign_in_that_goes_well_is_no_failure_and_takes_none_back(client):
    for _ in range(FEW - 1):
        sign_in(client, "ann", "wrong")
    add_user(client.store, "ben", "viewer")
    assert sign_in(client, "ben").status_code == 201
    assert sign_in(client, "ann").status_code == 201
    with client.store.read() as unit:
        left = [row.subject.partition(":")[0] for row in unit.sign_in_attempts.page()]
    # the failures still count against the name, and the address they came from
    assert sorted(left) == ["address"] * (FEW - 1) + ["name"] * (FEW - 1)


def test_many_tries_at_once_are_not_more_than_one_by_one(client):
    async def all_at_once():
        import asyncio

        import httpx

        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as web:
            said = {"name": "ann", "password": "wrong"}
            each = [web.post("/sessions", json=said) for _ in range(FEW + 5)]
            return [answer.status_code for answer in await asyncio.gather(*each)]

    told = client.portal.call(all_at_once)
    assert sorted(told) == [401] * FEW + [429] * 5


def test_addresses_of_one_network_of_version_6_are_one():
    one, two, far = (signing._subjects("a", at)[1] for at in ("2001:db8::1", "2001:db8::2:1",
                                                               "2001:db8:0:1::1"))  # fmt: skip
    assert one == two != far
    assert signing._subjects("a", "10.0.0.1")[1] != signing._subjects("a", "10.0.0.2")[1]


def test_what_was_typed_for_an_unknown_name_is_kept_nowhere(client):
    sign_in(client, "my-password-by-mistake", "x")
    form(client, "my-password-by-mistake", "x")
    with client.store.read() as unit:
        kept = [str(vars(row)) for row in (*unit.audit_log.page(), *unit.sign_in_attempts.page())]
    assert any("sign-in failed" in row for row in kept)
    assert all("by-mistake" not in row for row in kept)


def test_a_wrong_password_of_a_form_comes_back_as_the_page(client):
    answer = form(client, password="wrong")
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert "wrong" not in answer.text.replace("is wrong", "")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("said", [{}, {"name": "ann"}, {"name": "a\0b", "password": "\0"}])
def test_a_form_that_lacks_a_part_is_a_wrong_one(client, said):
    assert client.post("/sign-in", data=said, headers=OURS).status_code == 401


def test_signing_out_ends_the_session_itself_and_not_the_cookie_alone(client):
    for way in ("json", "form"):
        form(client)
        kept = client.jar[signing.COOKIE]
        if way == "json":
            assert client.request("DELETE", "/sessions/current", headers=OURS).status_code == 204
        else:
            assert client.post("/sign-out", headers=OURS).status_code == 303
        assert signing.COOKIE not in client.jar
        stolen = client.another()
        stolen.jar.set(signing.COOKIE, kept)
        assert me(stolen).status_code == 401


def test_a_new_password_ends_every_session_and_the_old_one(client):
    here, there = client.another(), client.another()
    sign_in(here, "ann")
    sign_in(there, "ann")
    said = {"old": PASSWORD, "new": "another horse altogether"}
    assert here.request("PUT", "/users/me/password", json=said, headers=OURS).status_code == 204
    assert me(here).status_code == me(there).status_code == 401
    assert sign_in(client, "ann").status_code == 401
    assert sign_in(client, "ann", said["new"]).status_code == 201
    changes = [entry for entry in log_of(client.store, "users") if entry.action == "change"]
    assert changes[0].after == {"password_hash": "(not kept)"}


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("wrong", "another horse altogether", 401), (PASSWORD, "short", 422), (PASSWORD, "", 422)],
)
def test_a_password_changes_by_the_old_one_alone_and_not_to_a_short_one(client, old, new, status):
    sign_in(client, "ann")
    said = {"old": old, "new": new}
    assert (
        client.request("PUT", "/users/me/password", json=said, headers=OURS).status_code == status
    )
    assert me(client).status_code == 200


def test_who_is_shut_out_is_out_at_once_and_in_again_with_a_new_sign_in(client):
    admin = new_token(client.store, "root", "admin")
    user_id = sign_in(client, "ann").json()["id"]
    token = bearer(client.post("/tokens", json={"name": "mine"}, headers=OURS).json()["token"])
    for disabled, status in ((True, 401), (False, 200)):
        said = {"disabled": disabled}
        done = client.another().request("PATCH", f"/users/{user_id}", json=said, headers=admin)
        assert done.status_code == 200
        # the session is gone for good, the token waits
        assert me(client).status_code == 401
        assert client.another().get("/users/me", headers=token).status_code == status
        assert sign_in(client.another(), "ann").status_code == (401 if disabled else 201)


def test_a_session_ends_by_itself(tmp_path):
    with running(Settings(data=tmp_path, session_hours=1e-9)) as client:
        add_user(client.store, "ann", "viewer")
        told = sign_in(client, "ann")
        assert told.status_code == 201
        # a browser drops it; who keeps it is nobody all the same
        kept = told.headers["set-cookie"].partition("=")[2].partition(";")[0]
        cookie = {"cookie": f"{signing.COOKIE}={kept}"}
        assert client.another().get("/users/me", headers=cookie).status_code == 401
        with client.store.read() as unit:
            assert unit.sessions.count() == 1


def test_the_last_admin_stays_one(client):
    admin = new_token(client.store, "root", "admin")
    user_id = client.get("/users/me", headers=admin).json()["id"]
    for said in ({"role": "viewer"}, {"disabled": True}):
        answer = client.request("PATCH", f"/users/{user_id}", json=said, headers=admin)
        assert answer.status_code == 409


def test_an_application_tries_few_passwords_at_once(tmp_path):
    app = create_app(Settings(data=tmp_path))
    assert app.state.passwords.total_tokens == signing.PASSWORDS_AT_ONCE <= 4
    app.state.store.close()
