"""Sign-in by OpenID Connect, against a provider that this test runs."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider import CLIENT, SECRET, provider
from pydantic import ValidationError
from service_client import running
from service_people import add_user, log_of, new_token, sign_in

from gridgeo.service import Settings
from gridgeo.service.oidc import Way
from gridgeo.service.routes.provider import _COOKIE

BACK = "/sign-in/provider/return"


@pytest.fixture
def house():
    with provider() as house:
        yield house


@pytest.fixture
def client(tmp_path, house):
    settings = Settings(
        data=tmp_path, oidc_issuer=house.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_role="worker",
    )  # fmt: skip
    with running(settings) as client:
        yield client


def begun(client):
    """Where the provider sends the browser back to, after the person has said yes."""
    away = client.get("/sign-in/provider")
    assert away.status_code == 303, away.text
    back = httpx.get(away.headers["location"])
    assert back.status_code == 303
    return back.headers["location"].removeprefix("http://testserver")


def come(client):
    return client.get(begun(client))


def users(client):
    with client.store.read() as unit:
        return list(unit.users.page())


def refused(client, answer, status=401):
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert client.get("/users/me").status_code == 401
    assert users(client) == []


def test_who_comes_first_gets_an_account_of_the_role_in_the_settings(client, house):
    house.person = {"sub": "u-1", "preferred_username": "Pia Lee", "name": "Pia\nLee",
                    "email": "pia@example.org"}  # fmt: skip
    answer = come(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "http://testserver/?f=html")
    told = client.get("/users/me").json()
    assert (told["name"], told["full_name"], told["role"]) == ("pia-lee", "Pia Lee", "worker")
    (user,) = users(client)
    assert (user.subject, user.email) == (f"{house.issuer} u-1", "pia@example.org")
    assert user.password_hash is None
    assert [entry.action for entry in log_of(client.store, "users")] == ["add"]


def test_who_comes_again_is_the_same_person_whatever_they_are_called_now(client, house):
    come(client)
    first = client.get("/users/me").json()
    house.person |= {"preferred_username": "another", "email": "another@example.org"}
    other = client.another()
    come(other)
    assert other.get("/users/me").json() == first
    assert len(users(client)) == 1


@pytest.mark.parametrize("name", ["ROOT", "ｒoot", "ro\u200bot", "\u202eroot"])
def test_who_has_the_name_of_an_account_here_does_not_get_into_it(client, house, name):
    admin = add_user(client.store, "root", "admin")
    house.person = {"sub": "evil", "preferred_username": name, "email": "root"}
    come(client)
    told = client.get("/users/me").json()
    assert (told["name"], told["role"]) == ("root-2", "worker")
    assert told["id"] != admin
    # nor does a password open what has none
    assert sign_in(client.another(), "root-2").status_code == 401


def test_who_is_shut_out_does_not_come_in(client):
    come(client)
    admin = new_token(client.store, "root", "admin")
    person = client.get("/users/me").json()["id"]
    said = {"disabled": True}
    client.another().request("PATCH", f"/users/{person}", json=said, headers=admin)
    answer = come(client.another())
    assert answer.status_code == 401
    assert "shut out" in answer.text


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": None},
        {"aud": [CLIENT, "another"]},  # for two, and not said for whom of them
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_lets_nobody_in(client, house, claims):
    house.claims = claims
    refused(client, come(client))


def test_a_token_for_two_that_says_it_is_for_us_holds(client, house):
    house.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert come(client).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_signature_of_the_provider_lets_nobody_in(client, house, algorithm):
    house.algorithm = algorithm
    refused(client, come(client))


def test_a_key_that_the_provider_does_not_tell_lets_nobody_in(client, house):
    told = house.told_keys
    house.turn_keys()
    house.told_keys = told
    refused(client, come(client))
    house.kid = "k1"  # the name of a key of theirs, and the signature of another
    house.key = type(house.key).generate_key(2048, {"kid": "k1"})
    refused(client, come(client))


def test_when_the_provider_changes_its_keys_they_are_read_again(client, house):
    come(client)
    client.app.state.provider._keys_read_s -= 60
    house.turn_keys()
    assert come(client.another()).status_code == 303
    assert house.asked.count("/keys") == 2
    assert house.asked.count("/.well-known/openid-configuration") == 1


def test_an_answer_for_another_browser_lets_nobody_in(client):
    path = begun(client)
    for other in (client.another(), client.another()):
        refused(other, other.get(path))
    other = client.another()
    begun(other)  # it has begun one of its own
    refused(other, other.get(path))
    # the browser that began is let in, and its answer serves once
    assert client.get(path).status_code == 303
    again = client.get(path)
    assert again.status_code == 401


@pytest.mark.parametrize(
    "said", ["", "?state=x", "?code=x", "?code=x&state=", "?error=access_denied&state=x"]
)
def test_an_answer_that_nobody_asked_for_lets_nobody_in(client, said):
    refused(client, client.get(f"{BACK}{said}"))
    for cookie in ("made-up", "e30=", "W10=", "bnVsbA==", "%ff"):
        client.jar.set(_COOKIE, cookie)
        refused(client, client.get(f"{BACK}{said}"))


def test_a_refusal_of_the_provider_is_told(client):
    away = client.get("/sign-in/provider").headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    answer = client.get(f"{BACK}?state={state}&error=%3Cb%3Eaccess_denied")
    refused(client, answer)
    assert "&lt;b&gt;access_denied" in answer.text


def test_a_code_is_worth_nothing_without_what_the_browser_keeps(client, house):
    path = begun(client)
    way = Way.read(client.jar[_COOKIE].strip('"'))
    forged = Way(way.state, way.nonce, "v" * 43)
    client.jar.set(_COOKIE, str(forged), domain="testserver.local", path="/sign-in/provider")
    client.jar = httpx.Cookies({_COOKIE: str(forged)})
    refused(client, client.get(path))
    assert house.asked.count("/token") == 1


def test_an_answer_of_another_provider_is_refused_before_its_code_is_used(client, house):
    path = begun(client).replace("iss=http%3A%2F%2F127", "iss=http%3A%2F%2F128")
    refused(client, client.get(path))
    assert "/token" not in house.asked


def test_what_the_browser_keeps_is_for_this_door_alone(client):
    away = client.get("/sign-in/provider")
    flags = away.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=lax", "path=/sign-in/provider", "max-age=600"):
        assert flag in flags
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
    assert asked["tenant"] == ["a"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43
    other = parse_qs(urlsplit(client.get("/sign-in/provider").headers["location"]).query)
    assert asked["state"] != other["state"]
    answer = client.get(BACK)
    assert f'{_COOKIE}=""' in answer.headers["set-cookie"]


def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(client, house):
    house.facts = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come(client).status_code == 303


@pytest.mark.parametrize(
    "facts", [{"issuer": "https://evil.example"}, {"jwks_uri": None}, {"token_endpoint": 7}]
)
def test_a_provider_that_is_another_or_tells_too_little_is_away(client, house, facts):
    house.facts = facts
    refused(client, client.get("/sign-in/provider"), 502)


def test_a_provider_that_is_away_does_not_shut_the_other_door(client, house):
    house.away = True
    answer = client.get("/sign-in/provider")
    refused(client, answer, 502)
    assert "does not answer" in answer.text
    add_user(client.store, "ann", "viewer")
    assert sign_in(client, "ann").status_code == 201


def test_without_a_provider_there_is_no_such_door(tmp_path):
    with running(Settings(data=tmp_path)) as client:
        for path in ("/sign-in/provider", BACK):
            assert client.get(path).status_code == 404
        assert "provider" not in client.get("/sign-in").text


def test_with_a_provider_the_page_leads_to_it(client):
    assert '/sign-in/provider"' in client.get("/sign-in").text


@pytest.mark.parametrize(
    "said",
    [
        {"oidc_issuer": "http://id.example.org", "oidc_client_id": "x"},
        {"oidc_issuer": "id.example.org", "oidc_client_id": "x"},
        {"oidc_issuer": "https://id.example.org"},
        {"oidc_role": "admin"},
    ],
)
def test_settings_of_a_provider_that_cannot_be_safe_are_refused(said):
    with pytest.raises(ValidationError):
        Settings(**said)
